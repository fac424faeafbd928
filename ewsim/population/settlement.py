"""Where people live: settlements read from a table of places, or synthesised on the land.

Sizes of synthesised settlements follow Zipf's law [1]_; density falls exponentially from a centre
[2]_. Whoever lives outside settlements lives in hamlets, scattered over the land.

References
----------
.. [1] X. Gabaix, "Zipf's law for cities: an explanation", Quarterly Journal of Economics 114(3),
   1999, doi:10.1162/003355399556133.
.. [2] C. Clark, "Urban population densities", Journal of the Royal Statistical Society A 114(4),
   1951, doi:10.2307/2981088.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geo import FloatArray, contains
from ewsim.network.demand import Demand
from ewsim.population.people import SETTLEMENTS
from ewsim.scenario.spec import PopulationSpec
from ewsim.streams import Streams

URBAN, RURAL, REMOTE = range(len(SETTLEMENTS))

#: UN Degree of Urbanisation: an urban cluster has at least 5,000 people.
URBAN_PEOPLE = 5_000
#: Assumption: rural people further than this from any urban settlement are remote [m].
REMOTE_M = 10_000.0
#: Assumption: density in the middle of an urban and of any other settlement [people/km2].
CENTRE_DENSITY_PER_KM2 = (6_000.0, 600.0)
#: Assumption: people in a hamlet, and at most so many hamlets.
HAMLET_PEOPLE = 150
HAMLETS_MAX = 20_000
#: Assumption: people where neither a count nor a table of places says [people/km2].
DEFAULT_DENSITY_PER_KM2 = 100.0
#: Assumption: the coast attracts settlements four times as much as the inland, fading over [m].
COAST_PULL, COAST_M = 3.0, 3_000.0
#: Assumption: hamlets become rarer by e with this distance from a settlement [m].
HINTERLAND_M = 10_000.0

_SHORE_M = 10.0  # people moved out of the sea stand so far inland
_DEMAND_POINTS = 20_000
_GRID_M = 500.0


@dataclass(frozen=True, slots=True)
class Settlements:
    """Settlements; arrays of one length, named places first, largest first, then hamlets.

    `radius_m` is the distance over which density falls by e; `kind` indexes `people.SETTLEMENTS`;
    `zone` is the place (an index into `name`, shorter than the arrays) that a settlement is
    counted under: itself, or for a hamlet the nearest.
    """

    name: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    people: NDArray[np.int64]
    radius_m: FloatArray
    kind: NDArray[np.int8]
    zone: NDArray[np.int32]

    def __len__(self) -> int:
        return int(self.people.size)


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of a table of places, in metres."""

    name: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    people: NDArray[np.int64]


def settle(
    spec: PopulationSpec, land: BaseGeometry, streams: Streams, places: Places | None = None
) -> Settlements:
    """Everyone's settlement: `places`, or synthesised ones, and the hamlets between them.

    The total is `people_count`, else the sum of the places, else a density on the land; of it,
    `rural_share` lives in hamlets. Sizes are whole and add up exactly.
    """
    streams = streams.country()
    if spec.people_count is not None:
        total = spec.people_count
    elif places is not None:
        total = int(places.people.sum())
    else:
        total = max(1, round(land.area / 1e6 * DEFAULT_DENSITY_PER_KM2))
    rural = round(total * spec.rural_share)
    if places is None:
        places = _synthesised(spec, land, streams)
    order = np.argsort(-places.people, kind="stable")
    size = apportion(places.people[order], total - rural)
    x, y = places.x_m[order], places.y_m[order]
    hamlet_x, hamlet_y, hamlet_size = _hamlets(rural, x, y, land, streams)
    return _classified(
        tuple(places.name[i] for i in order),
        np.concatenate([x, hamlet_x]),
        np.concatenate([y, hamlet_y]),
        np.concatenate([size, hamlet_size]),
    )


def apportion(weights: ArrayLike, total: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to the weights that add up to the total (largest remainder)."""
    share = np.asarray(weights, dtype=np.float64)
    exact = share / share.sum() * total
    whole = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return np.asarray(whole)


def to_land(x_m: FloatArray, y_m: FloatArray, land: BaseGeometry) -> tuple[FloatArray, FloatArray]:
    """Points, those in the sea moved to the nearest land (just behind the shore)."""
    wet = np.flatnonzero(~contains(land, x_m, y_m))
    if not wet.size:
        return x_m, y_m
    inner = land.buffer(-_SHORE_M)
    shore = land.representative_point() if inner.is_empty else inner
    shapely.prepare(shore)
    lines = shapely.shortest_line(shore, shapely.points(x_m[wet], y_m[wet]))
    ends = shapely.get_coordinates(lines)[::2]
    x, y = x_m.copy(), y_m.copy()
    x[wet], y[wet] = ends[:, 0], ends[:, 1]
    return x, y


def spread(
    radius_m: FloatArray, streams: Streams, purpose: str, ids: NDArray[np.int64], k: int
) -> tuple[FloatArray, FloatArray]:
    """Offsets [m] from a centre whose density falls by e over the radius: the k-th draw."""
    u = streams.uniform(purpose, ids, 3 * k) * streams.uniform(purpose, ids, 3 * k + 1)
    r = -radius_m * np.log(u)  # r exp(-r / radius): the sum of two exponentials
    angle = 2 * np.pi * streams.uniform(purpose, ids, 3 * k + 2)
    return r * np.cos(angle), r * np.sin(angle)


def scatter(
    centre_x: FloatArray,
    centre_y: FloatArray,
    radius_m: FloatArray,
    land: BaseGeometry,
    streams: Streams,
    purpose: str,
    ids: NDArray[np.int64],
    rounds: int = 8,
) -> tuple[FloatArray, FloatArray]:
    """Points around centres, on land: drawn again while in the sea, at last moved ashore."""
    dx, dy = spread(radius_m, streams, purpose, ids, 0)
    x, y = centre_x + dx, centre_y + dy
    wet = np.flatnonzero(~contains(land, x, y))
    for k in range(1, rounds):
        if not wet.size:
            break
        dx, dy = spread(radius_m[wet], streams, purpose, ids[wet], k)
        x[wet], y[wet] = centre_x[wet] + dx, centre_y[wet] + dy
        wet = wet[~contains(land, x[wet], y[wet])]
    if wet.size:
        x[wet], y[wet] = to_land(x[wet], y[wet], land)
    return x, y


def demand(settlements: Settlements, land: BaseGeometry, streams: Streams) -> Demand:
    """Points where people live, for planning a network; the same whatever the replication.

    Each settlement gives one point or more, each for about as many people. The density at a point
    is that of the 1.5 km square around it.
    """
    total = int(settlements.people.sum())
    points = np.maximum(1, np.rint(settlements.people / total * _DEMAND_POINTS)).astype(np.int64)
    home = np.repeat(np.arange(len(settlements)), points)
    x, y = scatter(
        settlements.x_m[home],
        settlements.y_m[home],
        settlements.radius_m[home],
        land,
        streams.country(),
        "population.demand",
        np.arange(home.size),
    )
    people = (settlements.people / points)[home]
    x0, y0 = x.min(), y.min()
    column, row = ((x - x0) // _GRID_M).astype(int), ((y - y0) // _GRID_M).astype(int)
    grid = np.zeros((column.max() + 1, row.max() + 1))
    np.add.at(grid, (column, row), people)
    density = uniform_filter(grid, 3, mode="constant") / (_GRID_M / 1000) ** 2
    return Demand(x, y, people, np.asarray(density[column, row]))


def _synthesised(spec: PopulationSpec, land: BaseGeometry, streams: Streams) -> Places:
    count = spec.settlement_count
    x, y = _on_land(max(2_000, 20 * count), land, streams, "population.settlement")
    shapely.prepare(land.boundary)
    inland_m = shapely.distance(land.boundary, shapely.points(x, y))
    pull = 1 + COAST_PULL * np.exp(-inland_m / COAST_M)
    order = _drawn(pull, streams, "population.settlement_order")
    spacing_m = 0.7 * float(np.sqrt(land.area / count))
    chosen = order[_apart(x[order], y[order], spacing_m, count)]
    return Places(
        tuple(f"place_{rank}" for rank in range(1, count + 1)),
        x[chosen],
        y[chosen],
        apportion(np.arange(1, count + 1) ** -spec.zipf_exponent, 10**9),
    )


def _hamlets(
    people: int, near_x: FloatArray, near_y: FloatArray, land: BaseGeometry, streams: Streams
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    count = min(-(-people // HAMLET_PEOPLE), HAMLETS_MAX)
    if not count:
        return np.empty(0), np.empty(0), np.empty(0, dtype=np.int64)
    x, y = _on_land(max(2_000, 4 * count), land, streams, "population.hamlet")
    away_m, _ = cKDTree(np.column_stack([near_x, near_y])).query(np.column_stack([x, y]))
    order = _drawn(np.exp(-away_m / HINTERLAND_M), streams, "population.hamlet_order")
    chosen = order[:count]
    return x[chosen], y[chosen], apportion(np.ones(count), people)


def _classified(
    name: Sequence[str], x: FloatArray, y: FloatArray, people: NDArray[np.int64]
) -> Settlements:
    places = len(name)
    urban = np.flatnonzero(people >= URBAN_PEOPLE)
    kind = np.full(people.size, REMOTE, dtype=np.int8)
    points = np.column_stack([x, y])
    if urban.size:
        away_m, _ = cKDTree(points[urban]).query(points)
        kind[away_m <= REMOTE_M] = RURAL
    kind[urban] = URBAN
    centre = np.where(kind == URBAN, *CENTRE_DENSITY_PER_KM2)
    radius_m = 1000 * np.sqrt(np.maximum(people, 1) / (2 * np.pi * centre))
    _, nearest = cKDTree(points[:places]).query(points)
    zone = np.asarray(nearest, dtype=np.int32)
    zone[:places] = np.arange(places)
    return Settlements(tuple(name), x, y, people, radius_m, kind, zone)


def _on_land(
    count: int, land: BaseGeometry, streams: Streams, purpose: str
) -> tuple[FloatArray, FloatArray]:
    """Points uniform on the land."""
    x0, y0, x1, y1 = land.bounds
    share = land.area / ((x1 - x0) * (y1 - y0))
    found = np.empty((0, 2))
    begin, tried = 0, int(1.2 * count / share) + 100
    while len(found) < count:
        ids = np.arange(begin, begin + tried)
        x = x0 + (x1 - x0) * streams.uniform(purpose, ids)
        y = y0 + (y1 - y0) * streams.uniform(purpose, ids, 1)
        inside = contains(land, x, y)
        found = np.concatenate([found, np.column_stack([x[inside], y[inside]])])
        begin += tried
    return found[:count, 0], found[:count, 1]


def _drawn(weights: FloatArray, streams: Streams, purpose: str) -> NDArray[np.int64]:
    """Indices in the order of drawing without replacement with the given weights."""
    race = streams.exponential(purpose, np.arange(weights.size)) / np.maximum(weights, 1e-300)
    return np.argsort(race, kind="stable")


def _apart(x: FloatArray, y: FloatArray, spacing_m: float, count: int) -> NDArray[np.int64]:
    """The first `count` points that keep the spacing, which shrinks until so many are found."""
    while True:
        taken: dict[tuple[int, int], list[int]] = {}
        chosen: list[int] = []
        for i in range(x.size):
            column, row = int(x[i] // spacing_m), int(y[i] // spacing_m)
            near = (
                j
                for c in (column - 1, column, column + 1)
                for r in (row - 1, row, row + 1)
                for j in taken.get((c, r), ())
            )
            if all(np.hypot(x[i] - x[j], y[i] - y[j]) >= spacing_m for j in near):
                taken.setdefault((column, row), []).append(i)
                chosen.append(i)
                if len(chosen) == count:
                    return np.array(chosen, dtype=np.int64)
        spacing_m *= 0.8
