"""Where people are when the decision falls, and where they go during the run.

A person moves at most once. Without hours of the day everyone is at home and a share goes to work.
With them (`day`) workers and pupils leave and return at drawn hours; who is away at the decision
stands at work or school. Assumptions: work places stand closer together than homes, in the own
place or one of the nearest larger ones; a school stands in the middle of the own place; a journey
takes no time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geo import FloatArray
from ewsim.population.settlement import Settlements
from ewsim.scenario.spec import DaySpec, PopulationSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US

#: Assumption: work places stand closer together than homes: their radius, as a share.
WORK_RADIUS_SHARE = 0.5
#: Assumption: schools stand in the middle of a place: their radius, as a share.
SCHOOL_RADIUS_SHARE = 0.3
#: Assumption: a mover works in the own place or in one of so many nearest larger ones, alike.
WORK_PLACES = 3

_NIGHT = (22.0, 6.0)
#: Age bands of workers (18 to 64) and pupils (10 to 17; of the youngest half are 5 or older).
_WORKERS, _PUPILS, _YOUNGEST = (2, 3, 4), 1, 0

Positions = tuple[FloatArray, FloatArray, FloatArray, FloatArray, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class _Away:
    """Who spends part of the day elsewhere: at which hours, in which settlement."""

    leave_h: FloatArray
    back_h: FloatArray
    x_m: FloatArray
    y_m: FloatArray


class Moves:
    """Positions of people, a chunk at a time."""

    def __init__(
        self,
        spec: PopulationSpec,
        settlements: Settlements,
        land: BaseGeometry,
        streams: Streams,
        horizon_us: int,
    ) -> None:
        self.spec, self.settlements, self.land = spec, settlements, land
        self.streams, self.horizon_us = streams, horizon_us
        self.work_places = work_places(settlements)

    def indoors_share(self) -> float:
        """The share of people indoors at the decision."""
        day = self.spec.day
        if day is not None and (day.hour >= _NIGHT[0] or day.hour < _NIGHT[1]):
            return day.night_indoors_share
        return self.spec.indoors_share

    def of(
        self,
        ids: NDArray[np.int64],
        home: NDArray[np.int64],
        x: FloatArray,
        y: FloatArray,
        age_band: NDArray[np.int8],
    ) -> Positions:
        """(x, y) at the decision, (x, y) later, and when they change [us] (NEVER: stay)."""
        if self.spec.day is not None:
            return self._by_hour(self.spec.day, ids, home, x, y, age_band)
        moves_us = np.full(ids.size, NEVER, dtype=np.int64)
        later_x, later_y = x.copy(), y.copy()
        who = np.flatnonzero(self.streams.uniform("population.moves", ids) < self.spec.movers_share)
        at = self.streams.uniform("population.move_time", ids[who]) * self.horizon_us
        moves_us[who] = np.rint(at).astype(np.int64)
        later_x[who], later_y[who] = self._work(ids[who], home[who])
        return x, y, later_x, later_y, moves_us

    def _work(
        self, ids: NDArray[np.int64], home: NDArray[np.int64]
    ) -> tuple[FloatArray, FloatArray]:
        choice = self.streams.uniform("population.work_choice", ids) * (1 + WORK_PLACES)
        work = self.work_places[home, choice.astype(np.int64)]
        return self.settlements.place(
            work, self.land, self.streams, "population.work", ids, WORK_RADIUS_SHARE
        )

    def _by_hour(
        self,
        day: DaySpec,
        ids: NDArray[np.int64],
        home: NDArray[np.int64],
        x: FloatArray,
        y: FloatArray,
        age_band: NDArray[np.int8],
    ) -> Positions:
        """At home, at work or at school at the hour of the decision, and the next change."""
        luck = self.streams.uniform("population.away", ids)
        works = np.flatnonzero(np.isin(age_band, _WORKERS) & (luck < day.work_share))
        school_age = (age_band == _PUPILS) | (
            (age_band == _YOUNGEST) & (self.streams.uniform("population.away", ids, 1) < 0.5)
        )
        learns = np.flatnonzero(school_age & (luck < day.school_share))
        out = x.copy(), y.copy(), x.copy(), y.copy(), np.full(ids.size, NEVER, dtype=np.int64)
        zone = self.settlements.zone[home[learns]].astype(np.int64)
        school = self.settlements.place(
            zone, self.land, self.streams, "population.school", ids[learns], SCHOOL_RADIUS_SHARE
        )
        work = self._work(ids[works], home[works])
        for who, (there_x, there_y), back in (
            (works, work, day.return_hour),
            (learns, school, day.school_return_hour),
        ):
            leave_h = day.leave_hour + day.spread_hours * self.streams.normal(
                "population.leave", ids[who]
            )
            back_h = back + day.spread_hours * self.streams.normal("population.leave", ids[who], 1)
            self._place(
                day.hour, out, who, _Away(leave_h, np.maximum(back_h, leave_h), there_x, there_y)
            )
        return out

    def _place(self, hour: float, out: Positions, who: NDArray[np.int64], away: _Away) -> None:
        x, y, later_x, later_y, moves_us = out
        gone = (away.leave_h <= hour) & (hour < away.back_h)
        wait_h = np.where(gone, away.back_h, away.leave_h) - hour
        at_us = np.rint(np.minimum(wait_h, 1e6) * 3600 * US).astype(np.int64)
        travels = (wait_h >= 0) & (at_us <= self.horizon_us)
        x[who[gone]], y[who[gone]] = away.x_m[gone], away.y_m[gone]
        later_x[who[gone & ~travels]] = away.x_m[gone & ~travels]
        later_y[who[gone & ~travels]] = away.y_m[gone & ~travels]
        leaves = travels & ~gone
        later_x[who[leaves]], later_y[who[leaves]] = away.x_m[leaves], away.y_m[leaves]
        moves_us[who[travels]] = at_us[travels]


def work_places(settlements: Settlements) -> NDArray[np.int64]:
    """For each settlement its own place and the nearest larger ones, shape (n, 1 + WORK_PLACES).

    Where fewer are larger among the 32 nearest, the own place (for a hamlet: its zone) stands in.
    """
    places = len(settlements.name)
    size = settlements.people
    if settlements.edge_m is not None:  # a zone is as large as all of its small areas
        size = np.bincount(settlements.zone, settlements.people, places).astype(np.int64)
    points = np.column_stack([settlements.x_m[:places], settlements.y_m[:places]])
    reach = min(32, places)
    own = settlements.zone.astype(np.int64)
    if settlements.edge_m is not None:
        # Everybody of a zone works in the same places.
        return _larger(points, points, size[:places], size[:places], np.arange(places), reach)[own]
    everyone = np.column_stack([settlements.x_m, settlements.y_m])
    return _larger(points, everyone, size[:places], size, own, reach)


def _larger(
    points: FloatArray,
    of: FloatArray,
    size: NDArray[np.int64],
    own_size: NDArray[np.int64],
    own: NDArray[np.int64],
    reach: int,
) -> NDArray[np.int64]:
    _, near = cKDTree(points).query(of, k=range(1, reach + 1))
    near = np.asarray(near)
    larger = size[near] > own_size[:, None]
    nearest_larger_first = np.argsort(~larger, axis=1, kind="stable")[:, :WORK_PLACES]
    chosen = np.take_along_axis(near, nearest_larger_first, axis=1)
    is_larger = np.take_along_axis(larger, nearest_larger_first, axis=1)
    table = np.tile(own[:, None], (1, 1 + WORK_PLACES))
    table[:, 1 : 1 + chosen.shape[1]] = np.where(is_larger, chosen, own[:, None])
    return table
