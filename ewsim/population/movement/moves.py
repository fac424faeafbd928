"""Where people are when the decision falls, and where they go during the run.

Without hours of the day everyone is at home and a share goes to work, once. With them (`day`)
workers and pupils leave and return at drawn hours, every day of the run at the same; who is away at
the decision stands at work or school. Assumptions: work places stand closer together than homes, in
the own place or one of the nearest larger ones; a school stands in the middle of the own place;
every day is a working day.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray
from ewsim.population.journeys import BACK, Moves
from ewsim.scenario.spec import DaySpec, PopulationSpec
from ewsim.settlement.pattern import Settlements
from ewsim.streams import Streams
from ewsim.units import US

#: Assumption: work places stand closer together than homes: their radius, as a share.
WORK_RADIUS_SHARE = 0.5
#: Assumption: schools stand in the middle of a place: their radius, as a share.
SCHOOL_RADIUS_SHARE = 0.3
#: Assumption: a mover works in the own place or in one of so many nearest larger ones, with equal chance.
WORK_PLACES = 3

_NIGHT = (22.0, 6.0)
#: Age bands of workers (18 to 64) and pupils (10 to 17; of the youngest half are 5 or older).
_WORKERS, _PUPILS, _YOUNGEST = (2, 3, 4), 1, 0

_DAY_H = 24.0


class Days:
    """Positions of people and their moves, a chunk at a time."""

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
    ) -> tuple[FloatArray, FloatArray, list[Moves]]:
        """(x, y) at the decision, and where and when people go from there.

        Parameters
        ----------
        ids
            Numbers of the people, shape (people,).
        home
            The settlement of each, shape (people,).
        x, y
            Where each lives [m], shape (people,).
        age_band
            The age band of each, shape (people,).
        """
        if self.spec.day is not None:
            return self._by_hour(self.spec.day, ids, home, x, y, age_band)
        who = np.flatnonzero(self.streams.uniform("population.moves", ids) < self.spec.movers_share)
        at = self.streams.uniform("population.move_time", ids[who]) * self.horizon_us
        there = self._work(ids[who], home[who])
        return x, y, [Moves.away(ids[who], np.rint(at).astype(np.int64), *there)]

    def _work(self, ids: NDArray[np.int64], home: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
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
    ) -> tuple[FloatArray, FloatArray, list[Moves]]:
        """At home, at work or at school at the hour of the decision, and all changes from then."""
        luck = self.streams.uniform("population.away", ids)
        works = np.flatnonzero(np.isin(age_band, _WORKERS) & (luck < day.work_share))
        school_age = (age_band == _PUPILS) | (
            (age_band == _YOUNGEST) & (self.streams.uniform("population.away", ids, 1) < 0.5)
        )
        learns = np.flatnonzero(school_age & (luck < day.school_share))
        zone = self.settlements.zone[home[learns]].astype(np.int64)
        school = self.settlements.place(
            zone, self.land, self.streams, "population.school", ids[learns], SCHOOL_RADIUS_SHARE
        )
        work = self._work(ids[works], home[works])
        x, y, moves = x.copy(), y.copy(), []
        for who, (there_x, there_y), back in (
            (works, work, day.return_hour),
            (learns, school, day.school_return_hour),
        ):
            leave_h = day.leave_hour + day.spread_hours * self.streams.normal("population.leave", ids[who])
            back_h = back + day.spread_hours * self.streams.normal("population.leave", ids[who], 1)
            away = (leave_h <= day.hour) & (day.hour < back_h)
            # Who is away has the home for a stop, the others have their work or school.
            stop_x = np.where(away, x[who], there_x)
            stop_y = np.where(away, y[who], there_y)
            x[who[away]], y[who[away]] = there_x[away], there_y[away]
            moves += self._changes(day.hour, ids[who], leave_h, back_h, away, stop_x, stop_y)
        return x, y, moves

    def _changes(
        self,
        hour: float,
        ids: NDArray[np.int64],
        leave_h: FloatArray,
        back_h: FloatArray,
        away: NDArray[np.bool_],
        stop_x: FloatArray,
        stop_y: FloatArray,
    ) -> list[Moves]:
        """Every leaving and returning within the run, of those who are away long enough to go."""
        at, kind = [], []
        for number in range(int(self.horizon_us / (3600 * US) // _DAY_H) + 2):
            for begin_h, leaves in ((leave_h, True), (back_h, False)):
                wait_h = begin_h + number * _DAY_H - hour
                at.append(np.rint(np.minimum(wait_h, 1e6) * 3600 * US).astype(np.int64))
                kind.append(np.full(ids.size, leaves))
        at_us, leaving = np.stack(at), np.stack(kind)
        takes_place = (at_us >= 0) & (at_us <= self.horizon_us) & (leave_h < back_h)
        turn, who = np.nonzero(takes_place)
        moving = takes_place.any(axis=0)
        own = np.cumsum(moving) - 1
        stop = np.where(leaving[turn, who] != away[who], own[who], BACK).astype(np.int32)
        return [Moves(ids[who], at_us[turn, who], stop, stop_x[moving], stop_y[moving])]


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
