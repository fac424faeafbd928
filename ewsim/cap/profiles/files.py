"""Profiles: what a country or a service asks of a message, written as data.

A profile is a YAML file, ours (`data/`) or the user's; docs/guides/cap_profiles.md explains the
keys. Each rule looks at some elements (`at`), perhaps only under conditions (`when`, `unless`),
follows a `path` from there and makes one `check` of what it finds.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

from ewsim.cap.marks import Marks
from ewsim.cap.profiles.checks import apply
from ewsim.cap.profiles.paths import find
from ewsim.cap.profiles.spec import SORT, ProfileSpec, faults
from ewsim.cap.xml.node import Node
from ewsim.cap.yaml_files import Shelf
from ewsim.scenario.faults import model_of

_SHELF: Final = Shelf(SORT, "ewsim.cap.profiles", "data", words=("auto",))


@cache
def profiles() -> tuple[str, ...]:
    """The names of the profiles that come with the program; `core` adds nothing to CAP itself."""
    return _SHELF.names()


def check(alert: Node, names: Sequence[str], marks: Marks) -> dict[str, str]:
    """Check a message against profiles.

    Parameters
    ----------
    alert
        The <alert>.
    names
        Names or paths of profiles; `auto` means the shipped ones that the message follows.
    marks
        Has what the rules of CAP itself found, and gets what the profiles find.

    Returns
    -------
    The verdict (`pass`, `warn`, `fail`) of each profile, by its name.
    """
    chosen: dict[str, ProfileSpec] = {}
    for name in names:
        found = recognised(alert) if name == "auto" else (name,)
        chosen |= {p.name: p for p in map(read_profile, found)}
    verdicts: dict[str, str] = {}
    for profile in chosen.values():
        worst = "pass"
        for rule in profile.rules:
            for node, text in apply(rule, alert, marks):
                marks.add(rule.rule, node, text)
                if rule.severity == "error":
                    worst = "fail"
                elif rule.severity == "warning" and worst == "pass":
                    worst = "warn"
        verdicts[profile.name] = worst
    return verdicts


def recognised(alert: Node) -> tuple[str, ...]:
    """The shipped profiles that a message says or shows it follows; `core` when there is none."""
    found = [name for name in profiles() if _recognises(read_profile(name), alert)]
    return tuple(found) or ("core",)


def _recognises(profile: ProfileSpec, alert: Node) -> bool:
    return any(
        pattern.search(value)
        for path, pattern in profile.recognise.items()
        for _, value in find(alert, alert, path)
    )


def read_profile(name: str) -> ProfileSpec:
    """A profile by its name, or from a YAML file by its path; every fault of the file at once."""
    return _shipped(name) if name in profiles() else _read(name)


@cache
def _shipped(name: str) -> ProfileSpec:
    return _read(name)


def _read(name: str) -> ProfileSpec:
    document = _SHELF.document(name)
    return model_of(ProfileSpec, document, faults(document.data))
