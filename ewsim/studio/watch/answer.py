"""A run as the page shows it: the film of its map, and the figures beside it by moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ewsim import pipeline
from ewsim.country.build import Country
from ewsim.country.signal.squares import signal_squares
from ewsim.metrics import causes, reach, words
from ewsim.metrics.infrastructure import fuel_burnt
from ewsim.metrics.protection.signal import SignalSquares
from ewsim.pipeline import Finished
from ewsim.report.replay.scene import Backdrop, backdrop_of, make_scene, milestones, moments
from ewsim.result.record import Result
from ewsim.studio.ground import districts_of, with_districts
from ewsim.units import US


@dataclass(frozen=True, slots=True)
class Watched:
    """A run for the page: the film of its map (`report.replay.scene`), the figures beside it, and itself."""

    scene: Mapping[str, Any]
    figures: Mapping[str, Any]
    country: Country
    finished: Finished


class Watcher:
    """Runs countries and answers; what runs of one country have in common on the map is made once."""

    def __init__(self) -> None:
        self._country: Country | None = None
        #: That of the last run.
        self.backdrop: Backdrop | None = None
        self._squares: SignalSquares | None = None
        self._districts: list[list[list[float]]] | None = None

    def watch(self, country: Country) -> Watched:
        """Run a country and answer."""
        return self.answer(country, pipeline.run(country))

    def answer(self, country: Country, finished: Finished) -> Watched:
        """What the page shows of a run."""
        result = pipeline.result_of(country, finished, whole=False)
        if self._country is None or not _same_map(self._country, country):
            self.backdrop, self._districts = backdrop_of(result), None
            self._squares = signal_squares(country.network, country.population.people)
        self._country = country
        result = replace(result, squares=self._squares)
        marks = milestones(result)
        scene = make_scene(result, marks, moments(result, marks), self.backdrop)
        if self._districts is None:
            self._districts = districts_of(country, scene)
        scene = with_districts(scene, self._districts)
        return Watched(scene, figures_of(result, scene, [mark.text for mark in marks]), country, finished)


def _same_map(one: Country, other: Country) -> bool:
    """Whether two countries have the same people, masts, districts and area on the map."""
    files = [(c.loaded.spec.targeting.admin_areas, c.loaded.spec.alert.gazetteer) for c in (one, other)]
    if files[0] != files[1]:
        return False
    same = one.population.people is other.population.people and one.network is other.network
    return same and one.area == other.area and bool(np.array_equal(one.in_area, other.in_area))


def figures_of(result: Result, scene: Mapping[str, Any], marks: list[str]) -> dict[str, Any]:
    """The figures of a run that its film does not have.

    `in_area` and `reached` are people; with `causes` they add up. `channels` has for each, and for any
    together, the people reached, and when the first, half, nine in ten and the last of these were [s].

    Parameters
    ----------
    result
        The run.
    scene
        Its film.
    marks
        What happens at each of the film's milestones.
    """
    ledger, times_s = result.ledger, scene["time_s"]
    table = causes.by_cause(ledger)
    curves = reach.reach_curves(ledger)
    return {
        "in_area": curves[reach.ANY].whole,
        "reached": _last(curves[reach.ANY].people),
        "outside": int(scene["counts"]["outside"][-1]),
        "channels": [
            {"name": name, "words": words.CHANNELS.get(name, name), **_spread(curve)}
            for name, curve in curves.items()
        ],
        "causes": [
            {"name": row.cause, "words": words.CAUSES[str(row.cause)], "people": row.people}
            for row in table.itertuples(index=False)
        ],
        "milestones": [
            {"moment": moment, "time_s": times_s[moment], "words": text}
            for moment, text in zip(scene["milestones"], marks, strict=True)
        ],
        "fuel": fuel_burnt(result.events),
        "horizon_s": result.horizon_s,
        "notes": list(result.notes),
    }


def _last(people: Any) -> int:
    return int(people[-1]) if len(people) else 0


def _spread(curve: reach.Curve) -> dict[str, float | int | None]:
    """How many a curve reaches, and when the first, half, nine in ten and the last of them were [s]."""
    people = _last(curve.people)
    found: dict[str, float | int | None] = {"people": people}
    for name, part in (("first_s", 0.0), ("half_s", 0.5), ("most_s", 0.9), ("last_s", 1.0)):
        at = int(np.searchsorted(curve.people, max(part * people, 1)))
        found[name] = float(curve.time_us[at] / US) if people else None
    return found
