"""Where people live: the settlement pattern, read from a file or synthesised on the land.

Sizes of synthesised settlements follow Zipf's law [1]_; density falls exponentially from a centre
[2]_. Whoever lives outside settlements lives in hamlets, scattered over the land.

References
----------
.. [1] X. Gabaix, "Zipf's law for cities: an explanation", Quarterly Journal of Economics 114(3),
   1999, doi:10.1162/003355399556133.
.. [2] C. Clark, "Urban population densities", Journal of the Royal Statistical Society A 114(4),
   1951, doi:10.2307/2981088.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geography.land import read_land_degrees
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.geography.terrain import Terrain
from ewsim.scenario.spec import PopulationSpec, Scenario
from ewsim.settlement import offshore, rasters
from ewsim.settlement.demand import Demand, density_per_km2
from ewsim.settlement.homes import Homes, scaled, settled
from ewsim.settlement.kinds import REMOTE, REMOTE_M, RURAL, URBAN, URBAN_PEOPLE
from ewsim.settlement.places import Places, read_places
from ewsim.settlement.placing import apart, apportion, drawn, on_land, scatter
from ewsim.settlement.zones import read_zone_people, read_zones
from ewsim.streams import Streams

#: Assumption: density in the middle of an urban and of any other settlement [people/km2].
CENTRE_DENSITY_PER_KM2 = (6_000.0, 600.0)
#: Assumption: people in a hamlet, and at most so many hamlets.
HAMLET_PEOPLE = 150
HAMLETS_MAX = 20_000
#: Assumption: people where there is neither people_count nor a file of people [people/km2].
DEFAULT_DENSITY_PER_KM2 = 100.0
#: Assumption: the coast attracts settlements four times as much as the inland, fading over [m].
COAST_PULL, COAST_M = 3.0, 3_000.0
#: Assumption: how many settlements plains, hills and mountains attract, by `terrain.TERRAIN`.
TERRAIN_PULL = (1.0, 0.4, 0.04)
#: Assumption: hamlets become rarer by e with this distance from a settlement [m].
HINTERLAND_M = 10_000.0

_DEMAND_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Settlements:
    """Settlements; arrays of one length, named places first, largest first, then hamlets.

    `radius_m` is the distance over which density falls by e; `kind` indexes `kinds.SETTLEMENTS`;
    `zone` is the place (an index into `name`, shorter than the arrays) that a settlement is
    counted under: itself, or for a hamlet the nearest. From a raster, zones or points (`edge_m` is
    not None) each is a small area: its corner and two edges [m], shape (n, 4); of the parallelogram
    half counts where `triangle`; the first of them are the most populous of each zone. `notes`
    say what was left out of a file, or did not add up.
    """

    name: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    people: NDArray[np.int64]
    radius_m: FloatArray
    kind: NDArray[np.int8]
    zone: NDArray[np.int32]
    edge_m: FloatArray | None = None
    triangle: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.people.size)

    def place(
        self,
        at: NDArray[np.int64],
        land: BaseGeometry,
        streams: Streams,
        purpose: str,
        ids: NDArray[np.int64],
        spread: float = 1.0,
    ) -> tuple[FloatArray, FloatArray]:
        """A place in the settlement of each id: by density around a centre, or even in an area.

        `spread` is taken of the radius.

        Parameters
        ----------
        at
            The settlement of each id, shape (ids,).
        land
            The land [m].
        streams, purpose, ids
            Random numbers, what they are for, and of whom, shape (ids,).
        spread
            Share of the radius to use [1].
        """
        if self.edge_m is None:
            radius = self.radius_m[at] * spread
            return scatter(self.x_m[at], self.y_m[at], radius, land, streams, purpose, ids)
        u, v = streams.uniform(purpose, ids), streams.uniform(purpose, ids, 1)
        if self.triangle:
            over = u + v > 1
            u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
        edge = self.edge_m[at]
        x = self.x_m[at] + u * edge[:, 0] + v * edge[:, 2]
        return x, self.y_m[at] + u * edge[:, 1] + v * edge[:, 3]


def frame_and_places(
    spec: Scenario, resolve: Callable[[str], Path]
) -> tuple[LocalFrame, Places | Homes | None]:
    """The plane of a scenario, around its people, land or island, and where people live by a file.

    Raises
    ------
    DataError
        The table of places or the coastline is wrong.
    """
    if spec.population.places is not None:
        places = read_places(resolve(spec.population.places))
        return LocalFrame.around(places.lat_deg, places.lon_deg), places
    for name, read in (
        (spec.population.raster, rasters.people_of_raster),
        (spec.population.zones, partial(_zones, spec.population, resolve)),
        (spec.population.points, rasters.people_at_points),
    ):
        if name is not None:
            homes = read(resolve(name))
            return homes.frame(), homes
    if spec.network.land is not None:
        shore = shapely.get_coordinates(read_land_degrees(resolve(spec.network.land)))
        return LocalFrame.around(shore[:, 1], shore[:, 0]), None
    return LocalFrame(*spec.population.island.centre), None


def _zones(spec: PopulationSpec, resolve: Callable[[str], Path], path: Path) -> Homes:
    """Zones, with their people from a table of its own where there is one."""
    if spec.zone_people is None:
        return read_zones(path)
    return read_zones(path, read_zone_people(resolve(spec.zone_people), spec.zone_key))


def settle(
    spec: PopulationSpec,
    places: Places | Homes | None,
    land: BaseGeometry,
    frame: LocalFrame,
    streams: Streams,
    terrain: Terrain | None = None,
) -> Settlements:
    """Everyone's settlement: the places, or synthesised ones, and the hamlets between them.

    The total is `people_count`, else the sum of the places, else a density on the land; the
    `rural_share` of it lives in hamlets. Sizes are whole and add up exactly. Where the terrain is known,
    settlements keep to low ground.

    Parameters
    ----------
    spec
        How many people there are, and where.
    places
        Where people live by a file; None: settlements are synthesised.
    land
        The land [m].
    frame
        The plane.
    streams
        Random numbers.
    terrain
        Where it is known, settlements keep to low ground.

    Raises
    ------
    DataError
        Places far off the land.
    """
    streams = streams.country()
    if isinstance(places, Homes):
        made = settled(places, spec.people_count, frame, streams)
        offshore.must_meet(land, made.x_m, made.y_m, places.file)
        side = np.sqrt(np.abs(made.edge_m[:, 0] * made.edge_m[:, 3] - made.edge_m[:, 1] * made.edge_m[:, 2]))
        areas = (made.name, made.x_m, made.y_m, made.people, side / 2, made.kind, made.zone, made.edge_m)
        return Settlements(*areas, places.triangle, (*places.notes, *scaled(places, spec.people_count)))
    if spec.people_count is not None:
        total = spec.people_count
    elif places is not None:
        total = int(places.people.sum())
    else:
        total = max(1, round(land.area / 1e6 * DEFAULT_DENSITY_PER_KM2))
    rural = round(total * spec.rural_share)
    if places is None:
        name = tuple(f"place_{rank}" for rank in range(1, spec.settlement_count + 1))
        x, y = _positions(spec.settlement_count, land, streams, terrain)
        weight = np.arange(1.0, spec.settlement_count + 1) ** -spec.zipf_exponent
    else:
        x, y = frame.to_xy(places.lat_deg, places.lon_deg)
        offshore.must_be_near(land, places, frame)
        order = np.lexsort((-places.people, places.hamlet))
        name = tuple(places.name[i] for i in order if not places.hamlet[i])
        x, y, weight = x[order], y[order], places.people[order].astype(np.float64)
    hamlet_x, hamlet_y, hamlet_size = _hamlets(rural, x[: len(name)], y[: len(name)], land, streams, terrain)
    everyone = _classified(
        name,
        np.concatenate([x, hamlet_x]),
        np.concatenate([y, hamlet_y]),
        np.concatenate([apportion(weight, total - rural), hamlet_size]),
    )
    if places is None:
        return everyone
    return replace(everyone, notes=(_added_up(places, total, rural), *places.notes))


def _added_up(places: Places, total: int, rural: int) -> str:
    """What was done where the places do not add up to the country."""
    counted = int(places.people.sum())
    if total == counted:
        return f"The {counted:,} people of the places are everybody, because there is no people_count."
    times = (total - rural) / counted
    each = f", each with {times:.2g} times the people that the table gives it" * (times > 1.2 or times < 0.8)
    return (
        f"The places have {counted:,} people, {counted / total:.0%} of the {total:,} stated: "
        f"{total - rural:,} live in them by their sizes{each}, {rural:,} in hamlets between."
    )


def demand(settlements: Settlements, land: BaseGeometry, streams: Streams) -> Demand:
    """Points where people live, for planning a network; the same whatever the replication.

    Each settlement gives one point or more, each for about as many people. The density at a point
    is that of the 1.5 km square around it.

    Parameters
    ----------
    settlements
        Where people live.
    land
        The land [m].
    streams
        Random numbers.
    """
    total = int(settlements.people.sum())
    if len(settlements) <= _DEMAND_POINTS:
        points = np.rint(settlements.people / total * _DEMAND_POINTS).astype(np.int64)
        points = np.maximum(1, points)
        home = np.repeat(np.arange(len(settlements)), points)
        people = (settlements.people / points)[home]
    else:  # of many small areas every so many-th person
        step = (np.arange(_DEMAND_POINTS) + 0.5) * (total / _DEMAND_POINTS)
        home = np.searchsorted(np.cumsum(settlements.people), step, side="right")
        people = np.full(_DEMAND_POINTS, total / _DEMAND_POINTS)
    ids = np.arange(home.size)
    x, y = settlements.place(home, land, streams.country(), "population.demand", ids)
    return Demand(x, y, people, density_per_km2(x, y, people), settlements.kind[home])


def _positions(
    count: int, land: BaseGeometry, streams: Streams, terrain: Terrain | None
) -> tuple[FloatArray, FloatArray]:
    """Where settlements stand, largest first: apart from each other, rather on the coast."""
    x, y = on_land(max(2_000, 20 * count), land, streams, "population.settlement")
    shapely.prepare(land.boundary)
    inland_m = shapely.distance(land.boundary, shapely.points(x, y))
    pull = _low_ground(terrain, x, y)
    if terrain is None or terrain.coastal:
        pull = pull * (1 + COAST_PULL * np.exp(-inland_m / COAST_M))
    order = drawn(pull, streams, "population.settlement_order")
    spacing_m = 0.7 * float(np.sqrt(land.area / count))
    chosen = order[apart(x[order], y[order], spacing_m, count)]
    return x[chosen], y[chosen]


def _low_ground(terrain: Terrain | None, x: FloatArray, y: FloatArray) -> FloatArray:
    return np.ones(x.size) if terrain is None else np.asarray(TERRAIN_PULL)[terrain.at(x, y)]


def _hamlets(
    people: int,
    near_x: FloatArray,
    near_y: FloatArray,
    land: BaseGeometry,
    streams: Streams,
    terrain: Terrain | None,
) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    count = min(-(-people // HAMLET_PEOPLE), HAMLETS_MAX)
    if not count:
        return np.empty(0), np.empty(0), np.empty(0, dtype=np.int64)
    x, y = on_land(max(2_000, 4 * count), land, streams, "population.hamlet")
    away_m, _ = cKDTree(np.column_stack([near_x, near_y])).query(np.column_stack([x, y]))
    pull = np.exp(-away_m / HINTERLAND_M) * _low_ground(terrain, x, y)
    order = drawn(pull, streams, "population.hamlet_order")
    chosen = order[:count]
    return x[chosen], y[chosen], apportion(np.ones(count), people)


def _classified(
    name: tuple[str, ...], x: FloatArray, y: FloatArray, people: NDArray[np.int64]
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
    return Settlements(name, x, y, people, radius_m, kind, zone)
