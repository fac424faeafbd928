"""The questions of `ewsim scenario new --national-test`: options, and prompts on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich_click as click

from ewsim.cli.numbers import Finite, Whole

if TYPE_CHECKING:
    from ewsim.scenario.starting.prediction import Answers
    from ewsim.scenario.starting.starter import Start

_SHARE = Finite(min=0, max=1)
_LEVEL = click.Choice(["1", "2", "3", "4", "test"])
_OF = click.Choice(["phones", "smartphones", "people"])
#: Each question: key, type, words. These have no default: one must know them.
ASKED: tuple[tuple[str, Any, str], ...] = (
    ("people", Whole(1_000, 2_000_000_000), "People in the country."),
    ("area_km2", Finite(min=2, max=20_000_000), "Land [km2]."),
    ("urban_share", _SHARE, "Share of people in towns and cities."),
    (
        "when",
        click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
        "Local time of the test, 2026-09-10T11:00.",
    ),
    ("ownership", Finite(min=0, max=1, min_open=True), "Share of people old enough with a phone."),
    ("capable", _SHARE, "Share of phones (or people) that can show the warning."),
    ("capable_of", _OF, "What --capable is a share of."),
    ("level", _LEVEL, "Level of the message; nobody can switch level 1 off."),
    ("operators", str, "Operators: NAME:SHARE:4G+5G, with commas."),
)
#: These have a default.
DEFAULTED: tuple[tuple[str, Any, str], ...] = (
    ("opt_out", _SHARE, "Share of phones with the level switched off; asked unless level is 1."),
    ("of_age", click.Choice(["0", "10", "18"]), "Age from which --ownership counts [10]."),
    ("generations", str, "Phones by generation: 2G:0.1,4G:0.6,5G:0.3 [of a run]."),
    ("coverage", _SHARE, "Share of people whom the networks cover outdoors [0.98]."),
    ("gateway", click.Choice(["direct", "wea"]), "Way to the operators; wea: an aggregator [direct]."),
    ("channels", str, "Names with commas: cell_broadcast,siren [cell_broadcast]."),
    ("sure", _SHARE, "Uncertainty of --capable, for two more arms [0.05]."),
)


def of_national_test(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the questions."""
    net_of = click.option(
        "--capable-net-of",
        multiple=True,
        type=click.Choice(["off", "opt_out"]),
        help="What --capable already leaves out: phones that are off, phones that opted out.",
    )
    command = net_of(command)
    for key, kind, words in reversed(ASKED + DEFAULTED):
        command = click.option(f"--{key.replace('_', '-')}", key, type=kind, help=words)(command)
    return command


def start_of(given: dict[str, Any]) -> Start:
    """What a new scenario begins with; a terminal asks where nothing is given, Enter takes the default."""
    from ewsim.scenario.starting.starter import Start, hazards

    if not given and sys.stdin.isatty() and sys.stdout.isatty():
        plain = Start()
        given = {
            "people": click.prompt("People", default=plain.people, type=Whole(1_000, 100_000_000)),
            "area_km2": click.prompt(
                "Land [km2]", default=plain.area_km2, type=Finite(min=2, max=20_000_000)
            ),
            "operators": click.prompt("Operators", default=plain.operators),
            "channels": click.prompt("Channels", default=plain.channels),
            "hazard": click.prompt("Hazard", default=plain.hazard, type=click.Choice(list(hazards()))),
            "authoring_min": click.prompt(
                "Minutes to write and approve the message", default=5.0, type=Finite(min=0, max=1440)
            ),
        }
    return Start(**given)


def answers(given: dict[str, Any]) -> Answers:
    """All answers: those that are given, and on a terminal those that are asked for.

    Raises
    ------
    UsageError
        Answers are missing and nobody can be asked.
    """
    from ewsim.errors import UsageError
    from ewsim.scenario.starting.prediction import Answers

    given = dict(given)
    net_of = frozenset(given.pop("capable_net_of", ()))
    asked = sys.stdin.isatty() and sys.stdout.isatty()
    missing = [(key, kind, words) for key, kind, words in ASKED if key not in given]
    level = given.get("level")
    if "opt_out" not in given and "opt_out" not in net_of and level != "1" and (level or asked):
        missing.append(DEFAULTED[0])
    if missing and not asked:
        names = ", ".join(f"--{key.replace('_', '-')}" for key, _, _ in missing)
        raise UsageError(f"A national test needs {names}; on a terminal ewsim asks for them.")
    for key, kind, words in missing:
        if key != "opt_out" or given["level"] != "1":
            given[key] = click.prompt(words, type=kind)
    if "of_age" in given:
        given["of_age"] = int(given["of_age"])
    return Answers(**given, net_of=net_of)
