"""Where to put deployable cells: candidate places, and what each would win."""

from dataclasses import dataclass
from math import hypot, radians, tan

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ewsim.disturbances.recovery.spec import DeployableSpec
from ewsim.disturbances.recovery.units import place_m, travel_s
from ewsim.experiments.optimise.cover import Cover
from ewsim.experiments.optimise.losses import Losses
from ewsim.geography.plane import FloatArray
from ewsim.network.rollout.siting import WALLS_DB
from ewsim.network.signal.radio import CAMPING_DBM, COVERAGE_LAYER, THRESHOLD_DBM, reach_m
from ewsim.network.topology import Network
from ewsim.population.camping.deployed import ALOFT_M, MIN_ELEVATION_DEG
from ewsim.units import LTE, to_us

#: Squares along the radius of what a deployable covers, and candidates along it.
_FINE, _COARSE = 10, 3


@dataclass(frozen=True, slots=True)
class CandidatePlaces:
    """Candidate places [m], and what each covers."""

    x_m: FloatArray
    y_m: FloatArray
    cover: Cover


def ranges_m(spec: DeployableSpec) -> tuple[float, float]:
    """How far a unit is heard outdoors and indoors, for planning [m].

    The median signal of 4G at which phones still camp, behind 12 dB of walls indoors, no further than its
    range; a platform in the stratosphere to its lowest elevation.
    """
    height, most = spec.value("height_m"), spec.value("range_m")
    if height >= ALOFT_M:
        edge = min(most, height / tan(radians(MIN_ELEVATION_DEG)))
        return edge, edge
    frequency, power = COVERAGE_LAYER[LTE]
    power += spec.value("power_db") + THRESHOLD_DBM[LTE] - CAMPING_DBM[LTE]
    reach = reach_m(frequency, np.array([power, power - WALLS_DB]), height, LTE)
    return min(most, float(reach[0])), min(most, float(reach[1]))


def square_m(spec: DeployableSpec) -> float:
    """The side of the squares whose people count together [m]."""
    return max(min(ranges_m(spec)) / _FINE, 50.0)


def candidates(lost: Losses, spec: DeployableSpec, network: Network, most: int) -> CandidatePlaces:
    """Candidate places where most is lost, and what a unit there would win.

    Assumptions: roads are open, and a unit serves from the first step of time that begins after it is set up.

    Parameters
    ----------
    lost
        What is lost without help.
    spec
        The units; its own places do not count.
    network
        The network as built, for the depot.
    most
        How many candidates at most.
    """
    outdoors_m, indoors_m = ranges_m(spec)
    side = max(indoors_m / _COARSE, 50.0)
    total = lost.weight.sum(axis=1)
    square = np.floor(np.column_stack([lost.x_m, lost.y_m])[total > 0] / side).astype(np.int64)
    _, of = np.unique(square, axis=0, return_inverse=True)
    of, worth = of.ravel(), total[total > 0]
    count = int(of.max(initial=-1)) + 1
    mass = np.bincount(of, worth, count)
    best = np.argsort(-mass, kind="stable")[:most]
    x = (np.bincount(of, worth * lost.x_m[total > 0], count) / mass)[best]
    y = (np.bincount(of, worth * lost.y_m[total > 0], count) / mass)[best]
    where = np.column_stack([x, y])
    found: list[list[NDArray[np.int64]]] = [[] for _ in range(best.size)]
    for inside, radius in ((False, outdoors_m), (True, indoors_m)):
        mine = np.flatnonzero((lost.indoors == inside) & (total > 0))
        if mine.size and best.size:
            tree = cKDTree(np.column_stack([lost.x_m, lost.y_m])[mine])
            for n, near in enumerate(tree.query_ball_point(where, radius)):
                found[n].append(mine[np.array(near, dtype=np.int64)])
    points = [np.concatenate([np.empty(0, dtype=np.int64), *parts]) for parts in found]
    arrives = np.array([arrival_us(spec, network, a, b) for a, b in where.tolist()], dtype=np.int64)
    leaves = np.iinfo(np.int64).max if spec.leaves_s is None else to_us(spec.leaves_s)
    ends = np.full(best.size, leaves)
    if not spec.resupplied:
        ends = np.minimum(ends, arrives + to_us(spec.value("autonomy_s")))
    first = np.searchsorted(lost.edges_us[:-1], arrives)
    end = np.maximum(np.searchsorted(lost.edges_us[1:], ends, side="right"), first)
    return CandidatePlaces(x, y, Cover(lost.weight, points, first, end))


def arrival_us(spec: DeployableSpec, network: Network, x_m: float, y_m: float) -> int:
    """When a unit at a place is in service, on open roads [us].

    Parameters
    ----------
    spec
        The units.
    network
        The network as built, for the depot.
    x_m, y_m
        The place [m].
    """
    takes = 0.0
    if spec.depot is not None:
        from_x, from_y = place_m(spec.depot, network)
        way_m = hypot(x_m - from_x, y_m - from_y)
        takes = travel_s(way_m, spec.value("speed_m_s"), by_road=spec.by_road)
    return to_us(spec.at_s + takes + spec.value("setup_s"))
