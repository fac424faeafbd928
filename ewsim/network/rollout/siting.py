"""Where an operator puts masts: densest places first, until a share of people has a signal.

What a mast covers is a table of its reach by angle from the boresight (`covering`), so that the
radio model stays in `ewsim.network.signal.radio`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ewsim.kernels import kernel
from ewsim.network.rollout.covering import Mast, Reach, Spacing, ToCover, block, cover, fill, point_grid
from ewsim.network.signal import radio
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams

FloatArray = NDArray[np.float64]

#: Density classes: from [people/km2], distance between sites [m], mast height [m], sectors (one:
#: omnidirectional). Assumption, after 3GPP deployments of 500 m and 1,732 m.
CLASSES = (
    (5000.0, 600.0, 25.0, 3),
    (1500.0, 1200.0, 25.0, 3),
    (300.0, 3000.0, 30.0, 3),
    (50.0, 8000.0, 45.0, 3),
    (0.0, 15000.0, 45.0, 1),
)
#: Assumption: an operator shares a mast within this share of the distance between sites.
SHARING_REACH = 0.5
#: Assumption: the power of the last mast of a roll-out is reduced by at most this, so that the
#: target is not overshot [dB].
TRIM_DB = 30.0
#: Assumption: operators plan for this much above the least signal, so that nine places in ten at the
#: edge of a cell have one (a design target of -113 dBm against -121.8 dBm) [dB].
PLANNING_MARGIN_DB = 8.8
#: Assumption: from this density on operators also build for capacity, at the distance of the class
#: [people/km2].
CAPACITY_FROM_PER_KM2 = 300.0
#: What walls take where operators plan for people indoors [dB]: a low-loss shell 10.4 and the median
#: depth 1.5 (TR 38.901 7.4.3; ITU-R P.2109 has 14.2 at 800 MHz).
WALLS_DB = 12.0
#: A target overshot by less than this is left.
_FINE = 0.002

_FLOOR = np.array([c[0] for c in CLASSES])
_SPACING_M = np.array([c[1] for c in CLASSES])
#: The circle that a sector has to itself [degree]; 0: the whole of it, no angle counts.
_SECTOR_DEG = np.array([360.0 / c[3] if c[3] > 1 else 0.0 for c in CLASSES])
#: Loss by class and whole degree off the boresight [dB], to half of the sector's own circle.
_LOSS_DB = radio.sector_loss_db(np.minimum(np.arange(62.0), _SECTOR_DEG[:, None] / 2))

_State = tuple[int, tuple[int, ...], NDArray[np.bool_], NDArray[np.bool_]]
Layer = tuple[int, float, float]  # technology, frequency [MHz], EIRP [dBm]


@dataclass(slots=True)
class PlannedMasts:
    """PlannedMasts as they are being built; lists of one length. `built` indexes CLASSES."""

    x_m: list[float]
    y_m: list[float]
    density: list[float]
    built: list[int]

    def __len__(self) -> int:
        return len(self.x_m)


class Planner:
    """One operator's plan: which points are taken, which masts are its own.

    Parameters
    ----------
    number
        The operator.
    masts
        Those of every operator; this one adds its own, and may share those that are there.
    sharing
        Share of places where a mast of others is used when one is near enough.
    min_density_per_km2
        Nothing is built where fewer people live [people/km2].
    """

    def __init__(
        self,
        number: int,
        masts: PlannedMasts,
        demand: Demand,
        streams: Streams,
        *,
        sharing: float,
        min_density_per_km2: float,
    ) -> None:
        self.masts, self.demand = masts, demand
        self.points = point_grid(demand.x_m, demand.y_m)
        self._tree = cKDTree(np.column_stack([demand.x_m, demand.y_m]))
        self.kind = np.searchsorted(-_FLOOR, -demand.density_per_km2, side="left")
        self.spacing = Spacing(_SPACING_M, self.kind)
        ids = np.arange(len(demand))
        # Densest first; operators look at equally dense points in their own order.
        luck = streams.uniform("network.order", ids, number)
        step = np.round(np.log(np.maximum(demand.density_per_km2, 1e-3)) * 2)
        order = np.lexsort((luck, -step))
        self.order = order[demand.density_per_km2[order] >= min_density_per_km2]
        self.shares = streams.uniform("network.sharing", ids, number) < sharing
        self.blocked = np.zeros(len(demand), dtype=np.bool_)
        self.mine: list[int] = []
        self._others = np.column_stack([masts.x_m, masts.y_m]) if len(masts) else np.empty((0, 2))
        self._taken = np.zeros(len(masts), dtype=np.bool_)

    def roll_out(
        self, layers: list[Layer], where: NDArray[np.bool_], target: float, covered: NDArray[np.bool_]
    ) -> list[tuple[int, float]]:
        """Put layers on masts until a share of the people at some points is covered.

        Parameters
        ----------
        layers
            Go on air together; a point is covered by any of them.
        where
            The points whose people count, and where masts are built, shape (points,).
        target
            The share of people to cover [1].
        covered
            Which points are covered, shape (points,); added to.

        Returns
        -------
        list
            (mast, reduction of its power [dB]): own masts first, then shared and new ones.
        """
        weight = np.where(where, self.demand.people, 0.0)
        goal = target * weight.sum()
        had = float(weight[covered].sum())
        if not layers or goal <= 0 or had >= goal:
            return []
        to_cover = ToCover(self.points, weight)
        used: list[int] = []
        candidates = self._candidates(where, covered, used)
        have, before = fill(candidates, to_cover, _ranges(layers), covered, had, goal)
        less_db = 0.0
        if used and have - goal > _FINE * weight.sum():
            had = have - float(weight[covered & ~before].sum())
            less_db = self._trim(used[-1], layers, to_cover, before, covered, had, goal)
        return [*((mast, 0.0) for mast in used[:-1]), *((mast, less_db) for mast in used[-1:])]

    def _candidates(
        self, where: NDArray[np.bool_], covered: NDArray[np.bool_], used: list[int]
    ) -> Iterator[Mast]:
        """Masts to use, one by one, built when they are asked for and noted in `used`."""
        # 1. Masts it has that stand among these people, in the order they were built.
        mine = np.array(self.mine, dtype=np.int64)
        for mast in mine[self._stands(mine, where)].tolist():
            used.append(mast)
            yield self._placed(mast)
        # 2. New places that keep their distance; 3. what is left uncovered between them.
        for out in (self.blocked, covered):
            begin = _next(self.order, 0, where, out)
            while begin >= 0:
                mast = self._mast(int(self.order[begin]))
                self.mine.append(mast)
                used.append(mast)
                yield self._placed(mast)
                begin = _next(self.order, begin + 1, where, out)

    def densify(self, layers: list[Layer], covered: NDArray[np.bool_]) -> list[int]:
        """Masts for capacity: in dense places, at their distance, where they cover nobody new."""
        reach = _ranges(layers)
        left = np.flatnonzero(~covered)  # the only points that anything can be gained of
        to_cover = ToCover(point_grid(self.demand.x_m[left], self.demand.y_m[left]), np.ones(left.size))
        where = covered & (self.demand.density_per_km2 >= CAPACITY_FROM_PER_KM2)
        added: list[int] = []
        begin = _next(self.order, 0, where, self.blocked)
        while begin >= 0:
            at = int(self.order[begin])
            gained, _ = cover(self._at(at), to_cover, reach, np.zeros(left.size, dtype=np.bool_))
            if gained == 0:
                added.append(self._mast(at))
            begin = _next(self.order, begin + 1, where, self.blocked)
        self.mine += added
        return added

    def for_indoors(
        self, layers: list[Layer], built: list[tuple[int, float]], covered: NDArray[np.bool_], share: float
    ) -> tuple[list[int], float]:
        """Masts for people indoors: in covered towns, densest first, where they cover nobody new outdoors.

        Parameters
        ----------
        layers
            Go on air together.
        built
            The masts that are there, and the reduction of their power [dB].
        covered
            Which points are covered outdoors, shape (points,).
        share
            Of the people in covered towns, to have the plan's signal, margin included, behind walls [1].

        Returns
        -------
        tuple
            The masts added, and the share that was reached.
        """
        where = covered & (self.demand.density_per_km2 >= CAPACITY_FROM_PER_KM2)
        weight = np.where(where, self.demand.people, 0.0)
        total = float(weight.sum())
        if total <= 0:
            return [], 1.0
        towns, inside = ToCover(self.points, weight), np.zeros(len(self.demand), dtype=np.bool_)
        for mast, less_db in built:
            cover(self._placed(mast), towns, _ranges(layers, WALLS_DB + less_db), inside)
        have = float(weight[inside].sum())
        left = np.flatnonzero(~covered)
        outdoors = ToCover(point_grid(self.demand.x_m[left], self.demand.y_m[left]), np.ones(left.size))
        reach, through_walls = _ranges(layers), _ranges(layers, WALLS_DB)
        added: list[int] = []
        begin = _next(self.order, 0, where, inside)
        while begin >= 0 and have < share * total:
            at = int(self.order[begin])
            gained, _ = cover(self._at(at), outdoors, reach, np.zeros(left.size, dtype=np.bool_))
            if gained == 0:
                mast = self._mast(at)
                added.append(mast)
                gain, _ = cover(self._placed(mast), towns, through_walls, inside)
                have += gain
            begin = _next(self.order, begin + 1, where, inside)
        self.mine += added
        return added, have / total

    def state(self) -> _State:
        """What a roll-out changes, so that another can be tried."""
        return len(self.masts), tuple(self.mine), self.blocked.copy(), self._taken.copy()

    def restore(self, state: _State) -> None:
        """Go back to a state; masts built since are removed."""
        count, mine, blocked, taken = state
        for column in (self.masts.x_m, self.masts.y_m, self.masts.density, self.masts.built):
            del column[count:]
        self.mine = list(mine)
        self.blocked, self._taken = blocked.copy(), taken.copy()

    def _stands(self, masts: NDArray[np.int64], where: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether each mast's nearest point is one of these."""
        if not masts.size:
            return np.zeros(0, dtype=np.bool_)
        _, at = self._tree.query(np.column_stack([self.masts.x_m, self.masts.y_m])[masts])
        return where[at]

    def _at(self, at: int) -> Mast:
        """A mast at a point, of the point's class."""
        return Mast(float(self.demand.x_m[at]), float(self.demand.y_m[at]), int(self.kind[at]))

    def _placed(self, mast: int) -> Mast:
        return Mast(self.masts.x_m[mast], self.masts.y_m[mast], self.masts.built[mast])

    def _mast(self, at: int) -> int:
        """A mast for a point: one of others near enough and not yet used, or a new one."""
        masts, wanted = self.masts, self._at(at)
        mast = -1
        if self._others.size and self.shares[at]:
            away = np.hypot(self._others[:, 0] - wanted.x_m, self._others[:, 1] - wanted.y_m)
            near = int(np.argmin(away))
            if away[near] <= SHARING_REACH * _SPACING_M[wanted.kind] and not self._taken[near]:
                mast = near
                self._taken[near] = True
        if mast < 0:
            mast = len(masts)
            masts.x_m.append(wanted.x_m)
            masts.y_m.append(wanted.y_m)
            masts.density.append(float(self.demand.density_per_km2[at]))
            masts.built.append(wanted.kind)
        there = Mast(masts.x_m[mast], masts.y_m[mast], wanted.kind)
        block(there, self.points, self.spacing, self.blocked)
        self.blocked[at] = True
        return mast

    def _trim(
        self,
        mast: int,
        layers: list[Layer],
        to_cover: ToCover,
        before: NDArray[np.bool_],
        covered: NDArray[np.bool_],
        had: float,
        goal: float,
    ) -> float:
        """Reduce the power of the last mast until the goal is just met; by how much [dB]."""
        low, high = 0.0, TRIM_DB
        best = covered.copy()
        for _ in range(10):
            middle = (low + high) / 2
            trial = before.copy()
            gain, _ = cover(self._placed(mast), to_cover, _ranges(layers, middle), trial)
            if had + gain >= goal:
                low, best = middle, trial
            else:
                high = middle
        covered[:] = best
        return low


def _ranges(layers: list[Layer], less_db: float = 0.0) -> Reach:
    """The furthest reach of any of these layers, with the planning margin and less power.

    Beyond its half of the circle a sector's neighbour serves.
    """
    reach = [_reach(*layer)(_LOSS_DB + PLANNING_MARGIN_DB + less_db) for layer in layers]
    return Reach(np.asarray(np.max(reach, axis=0)), _SECTOR_DEG)


@lru_cache(maxsize=64)
def _reach(rat: int, frequency_mhz: float, eirp_dbm: float) -> Callable[[FloatArray], FloatArray]:
    """Reach by class and degree for losses [dB], between steps of a quarter of a decibel."""
    steps = np.arange(0.0, TRIM_DB + PLANNING_MARGIN_DB + WALLS_DB + 15.0, 0.25)
    height = np.array([c[2] for c in CLASSES])[:, None]
    curves = radio.reach_m(frequency_mhz, eirp_dbm - steps, height, rat)

    def at(loss_db: FloatArray) -> FloatArray:
        return np.stack([np.interp(off, steps, c) for off, c in zip(loss_db, curves, strict=True)])

    return at


@kernel
def _next(order: NDArray[np.int64], begin: int, where: NDArray[np.bool_], out: NDArray[np.bool_]) -> int:
    """The first place in an order, from `begin` on, whose point counts and is not out; -1: none."""
    for at in range(begin, order.size):
        if where[order[at]] and not out[order[at]]:
            return at
    return -1
