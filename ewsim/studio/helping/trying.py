"""Measures of `ewsim advise` and the scenario's own arms, run beside the scenario as it stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ewsim import pipeline
from ewsim.country.build import Country
from ewsim.errors import DataError
from ewsim.experiments import crew
from ewsim.experiments.advice import advise
from ewsim.experiments.comparison import compared_run
from ewsim.metrics.comparison.pairs import sides_of
from ewsim.metrics.comparison.runs import ComparedRun, counted, differences_of_people
from ewsim.metrics.replications import interval
from ewsim.pipeline import Finished
from ewsim.report.replay.scene import Backdrop
from ewsim.scenario.variants import applied, overlay, parse_change
from ewsim.studio.watch.answer import Watcher
from ewsim.studio.work import Version
from ewsim.units import NEVER

#: Processes for what may take minutes; the page goes on meanwhile.
_WORKERS = 2
#: Pairs of runs for a range.
RUNS = 30


@dataclass(frozen=True, slots=True)
class Variant:
    """A change to try: the name of a measure with its changes as `--set` takes them, or of an arm."""

    name: str
    sets: tuple[str, ...] = ()
    arm: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """The scenario as it stands and a variant, both built: what a range is worked out from."""

    first: Country
    second: Country


def measures_of(version: Version) -> dict[str, Any]:
    """What `ewsim advise --json` says of a version, worked out in a process of its own."""
    ((_, document),) = crew.each_done(version, _advised, [0], _WORKERS, here=False)
    return document


def _advised(version: Version, _call: int) -> dict[str, Any]:
    with version.written() as path:
        return dict(advise(path).document)


def beside(pair: Pair, name: str, before: Finished | None = None) -> dict[str, Any]:
    """A variant beside the scenario, person by person: its film, and who is won and lost in each square.

    Parameters
    ----------
    pair
        The scenario and the variant.
    name
        What the variant is called.
    before
        The run of the scenario, where it is known.

    Raises
    ------
    DataError
        It has other people.
    """
    before, after = before or pipeline.run(pair.first), pipeline.run(pair.second)
    first = compared_run(pair.first, before, name)
    second = compared_run(pair.second, after, name)
    if why := differences_of_people(first, second):
        raise DataError.at(name, f"cannot be laid beside the scenario: {why}.", "Try another.")
    watcher = Watcher()
    scene = watcher.answer(pair.second, after).scene
    assert watcher.backdrop is not None
    return {"name": name, "scene": scene, **_won_and_lost(first, second, watcher.backdrop)}


def _won_and_lost(first: ComparedRun, second: ComparedRun, backdrop: Backdrop) -> dict[str, Any]:
    """People of the area who are reached before and after, won and lost, in all and in each square."""
    inside, weight = counted(first)
    sides = sides_of(first, second)
    made = backdrop.squares
    square = made.of_person[inside]
    won, lost = (
        np.bincount(square[who], weight[inside][who], len(made.people)).astype(np.int64)
        for who in (sides.won, sides.lost)
    )
    some = np.flatnonzero(won + lost)
    return {
        "in_area": int(weight[inside].sum()),
        "before": sides.people(sides.before_us < NEVER),
        "after": sides.people(sides.after_us < NEVER),
        "won": sides.people(sides.won),
        "lost": sides.people(sides.lost),
        "squares": {
            "side": float(made.side_km),
            "column": made.column[some].tolist(),
            "row": made.row[some].tolist(),
            "won": won[some].tolist(),
            "lost": lost[some].tolist(),
        },
    }


def range_of(pair: Pair, heard: Callable[[int], None], runs: int) -> Mapping[str, Any]:
    """People won net over pairs of runs, each with its own faults and luck: mean, low, high.

    Parameters
    ----------
    pair
        What `beside` built.
    heard
        Called with how many pairs are done.
    runs
        How many pairs.
    """
    net = [0] * runs
    for done, (number, people) in enumerate(crew.each_done(pair, _net, range(runs), _WORKERS, here=False), 1):
        net[number] = people
        heard(done)
    return interval(pd.DataFrame({"net": net}))["net"]


def _net(pair: Pair, replication: int) -> int:
    first, second = (
        compared_run(country, pipeline.run(country, replication)) for country in (pair.first, pair.second)
    )
    sides = sides_of(first, second)
    return sides.people(sides.won) - sides.people(sides.lost)


def taken_over(scenario: dict[str, Any], variant: Variant) -> dict[str, Any]:
    """The data of the scenario with a variant in it."""
    data = scenario
    if variant.arm is not None:
        data = overlay(data, data.get("arms", {}).get(variant.arm) or {})
    for text in variant.sets:
        data, _ = applied(data, parse_change(text), None)
    return data


def titles_of_arms(scenario: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The arms of a scenario, each with its title."""
    arms = scenario.get("arms")
    rows: Sequence[tuple[Any, Any]] = list(arms.items()) if isinstance(arms, Mapping) else []
    return [
        (str(name), str((over.get("title") if isinstance(over, Mapping) else None) or name))
        for name, over in rows
    ]
