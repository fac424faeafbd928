"""Planned coverage of a network by operator and technology, and who is outside it.

Cold spots are pieces of land outside the planned coverage of every operator and technology, with the people
who live there. A piece too large to be visited is cut by district, and then into parts of about equal size.
Districts are the user's, or the whole country.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray, contains
from ewsim.geography.points import Points
from ewsim.network.signal.maps import Grid, Signals, grid_over, signals
from ewsim.network.topology import Network
from ewsim.settlement.demand import Demand
from ewsim.settlement.homes import URBAN_DENSITY_PER_KM2
from ewsim.settlement.placing import districts as compact_parts
from ewsim.units import RATS

#: Assumption: the largest cold spot that a crew can visit in a day or two [km2].
SPOT_KM2 = 400.0


@dataclass(frozen=True, slots=True)
class Districts:
    """Named areas [m]; what lies in none belongs to the nearest."""

    name: tuple[str, ...]
    shape: Sequence[BaseGeometry]

    def of(self, x_m: FloatArray, y_m: FloatArray) -> NDArray[np.int64]:
        """The district of each point."""
        tree = shapely.STRtree(np.array(self.shape, dtype=np.object_))
        points = np.asarray(shapely.points(x_m, y_m), dtype=np.object_)
        out = np.full(points.size, -1, dtype=np.int64)
        point, district = tree.query(points, predicate="intersects")
        out[point[::-1]] = district[::-1]  # of several the first
        at_sea = np.flatnonzero(out < 0)
        if at_sea.size:
            out[at_sea] = tree.nearest(points[at_sea])
        return out


@dataclass(frozen=True, slots=True)
class ColdSpot:
    """A piece of land outside planned coverage: people there, the largest district's name, its place."""

    number: int
    district: str
    people: float
    area_km2: float
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a network covers and what not.

    `on_grid` and `on_people` are the signals at the grid's pixels on land and where people live;
    `district` is each point of `demand`'s. `spots` are cold spots, most people first; nobody lives on
    other ground outside. `spot` is for each pixel the number of its spot, 0 in planned coverage, and more
    than there are spots where nobody lives. `on_points`, `nearest_site_m` are of the points of interest;
    `margin_db` is what a signal has to spare to count.
    """

    network: Network
    grid: Grid
    demand: Demand
    districts: Districts
    on_grid: Signals
    on_people: Signals
    district: NDArray[np.int64]
    spots: tuple[ColdSpot, ...]
    spot: NDArray[np.int32]
    points: Points | None = None
    on_points: Signals | None = None
    nearest_site_m: FloatArray | None = None
    margin_db: float = 0.0

    @property
    def people(self) -> float:
        """Everyone."""
        return float(self.demand.people.sum())

    @property
    def people_without(self) -> float:
        """People outside planned coverage."""
        return float(self.demand.people[~self.on_people.covered()].sum())

    @property
    def uninhabited_km2(self) -> float:
        """Land outside planned coverage where nobody lives [km2]: no cold spot."""
        return float((self.spot > len(self.spots)).sum() * self.grid.pixel_km2)

    def coverage(self) -> list[tuple[str, str, float, float]]:
        """Operator, technology, shares of the people and of the land covered; `any` for all."""
        rows = []
        people, land = self.demand.people, max(int(self.grid.land.sum()), 1)
        names: list[tuple[str, int | None]] = [("any", None)]
        names += [(name, number) for number, name in enumerate(self.network.operators)]
        for name, operator in names:
            for kind, rat in [("any", None), *((r, k) for k, r in enumerate(RATS))]:
                if not self._has(operator, rat):
                    continue
                covered = self.on_people.covered(operator, rat)
                ground = self.on_grid.covered(operator, rat)
                rows.append((name, kind, float(people[covered].sum() / people.sum()), ground.sum() / land))
        return rows

    def _has(self, operator: int | None, rat: int | None) -> bool:
        cells = self.network.cells
        mine = np.ones(len(cells), dtype=np.bool_) if operator is None else cells.operator == operator
        return bool((mine if rat is None else mine & (cells.rat == rat)).any())

    def by_district(self) -> list[tuple[str, float, float]]:
        """Districts with their people and those outside planned coverage, most of these first."""
        count = len(self.districts.name)
        without = ~self.on_people.covered()
        people = np.bincount(self.district, self.demand.people, count)
        exposed = np.bincount(self.district, self.demand.people * without, count)
        rows = zip(self.districts.name, people.tolist(), exposed.tolist(), strict=True)
        return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))

    def exposed_in(self, area: BaseGeometry) -> tuple[float, float]:
        """People in a hazard's area [m], and of them those outside planned coverage."""
        inside = contains(area, self.demand.x_m, self.demand.y_m)
        people = self.demand.people[inside]
        return float(people.sum()), float(people[~self.on_people.covered()[inside]].sum())

    def points_by_kind(self) -> list[tuple[str, int, int]]:
        """Kinds of points of interest, how many there are, and how many lie outside planned coverage."""
        if self.points is None or self.on_points is None:
            return []
        kind = np.array(self.points.kind)
        covered = self.on_points.covered()
        return [
            (str(k), int((kind == k).sum()), int(((kind == k) & ~covered).sum())) for k in np.unique(kind)
        ]

    def doubt(self) -> str:
        """What of the gaps may be missing data, where the table of cells is of volunteers; else nothing.

        Estimated from the table's own density: people outside planned coverage who live as densely as where
        operators build first, and the sites that the gaps would have at the density of the covered ground.
        """
        without = self.people_without
        if not self.network.crowd_sourced or without < 0.5:
            return ""
        people, dark = self.demand.people, ~self.on_people.covered()
        dense = float(people[dark & (self.demand.density_per_km2 >= URBAN_DENSITY_PER_KM2)].sum())
        for_site = (self.people - without) / max(len(self.network.sites), 1)
        sites = f"{without / for_site:,.0f}" if for_site else "any number of"
        return (
            "Volunteers made the table of cells, so a gap may be a place that none of them visited. "
            f"{dense:,.0f} of the {without:,.0f} people outside planned coverage ({dense / without:.0%}) "
            f"live where there are {URBAN_DENSITY_PER_KM2:.0f} or more on a km2, and operators build there "
            f"first: probably data are missing. With as many people a site as elsewhere ({for_site:,.0f}) "
            f"the gaps would have {sites} sites more; the table has {len(self.network.sites):,}."
        )


def find_gaps(
    network: Network,
    demand: Demand,
    districts: Districts | None = None,
    points: Points | None = None,
    step_m: float | None = None,
    margin_db: float = 0.0,
) -> Gaps:
    """Coverage and gaps of a network over its land.

    `margin_db` above the threshold of its technology is what counts as a signal [dB].

    Parameters
    ----------
    network
        The network.
    demand
        Where people live.
    districts
        Areas to report by; None: the whole country.
    points
        Schools, hospitals and other points of interest.
    step_m
        Size of a pixel [m]; None: about 60,000 pixels on the land.
    margin_db
        What a signal must have above the threshold to count [dB].
    """
    land = network.land
    if land is None or land.is_empty:
        land = shapely.box(
            demand.x_m.min() - 1000, demand.y_m.min() - 1000, demand.x_m.max() + 1000, demand.y_m.max() + 1000
        )
    districts = districts or Districts(("whole country",), (land,))
    grid = grid_over(land, step_m)
    on_grid = signals(network, *grid.middles(), margin_db=margin_db)
    on_people = signals(network, demand.x_m, demand.y_m, margin_db)
    district = districts.of(demand.x_m, demand.y_m)
    without = ~on_people.covered()
    spots, spot = _cold_spots(grid, ~on_grid.covered(), demand, without, districts)
    on_points, nearest = None, None
    if points is not None:
        x, y = network.frame.to_xy(points.lat_deg, points.lon_deg)
        on_points = signals(network, x, y, margin_db)
        masts = np.column_stack([network.sites.x_m, network.sites.y_m])
        nearest = np.asarray(cKDTree(masts).query(np.column_stack([x, y]))[0])
    return Gaps(
        network,
        grid,
        demand,
        districts,
        on_grid,
        on_people,
        district,
        spots,
        spot,
        points,
        on_points,
        nearest,
        margin_db,
    )


def _cut(
    of_pixel: NDArray[np.int64], count: int, grid: Grid, district: NDArray[np.int64]
) -> tuple[NDArray[np.int64], int]:
    """Pieces, those too large to be visited cut by district, then into parts; and how many there are."""
    x, y = grid.middles()
    part = np.zeros((of_pixel.size, 2), dtype=np.int64)
    most = max(1, int(SPOT_KM2 / grid.pixel_km2))
    for piece in 1 + np.flatnonzero(np.bincount(of_pixel, minlength=count + 1)[1:] > most):
        inside = np.flatnonzero(of_pixel == piece)
        part[inside, 0] = 1 + district[inside]
        for one in np.unique(district[inside]):
            mine = inside[district[inside] == one]
            part[mine, 1] = compact_parts(x[mine], y[mine], np.ones(mine.size), -(-mine.size // most))
    _, numbered = np.unique(np.column_stack([of_pixel, part]), axis=0, return_inverse=True)
    numbered = numbered.ravel() + (0 if (of_pixel == 0).any() else 1)  # 0 is land with a signal
    return numbered, int(numbered.max())


def _cold_spots(
    grid: Grid, dark: NDArray[np.bool_], demand: Demand, without: NDArray[np.bool_], districts: Districts
) -> tuple[tuple[ColdSpot, ...], NDArray[np.int32]]:
    """Pieces of dark land that hang together and have people: those outside coverage who are nearest."""
    mask = grid.mask(dark)
    label, count = ndimage.label(mask, structure=np.ones((3, 3)))
    of_pixel = np.asarray(label[grid.land], dtype=np.int64)
    if not count:
        return (), of_pixel.astype(np.int32)
    x, y = grid.middles()
    of_pixel, count = _cut(of_pixel, count, grid, districts.of(x, y))
    pixels = np.bincount(of_pixel, minlength=count + 1)
    middle_x = np.bincount(of_pixel, x, count + 1) / np.maximum(pixels, 1)
    middle_y = np.bincount(of_pixel, y, count + 1) / np.maximum(pixels, 1)
    who = np.flatnonzero(without)
    inside = np.flatnonzero(of_pixel > 0)
    people = np.zeros(count + 1)
    if who.size:
        tree = cKDTree(np.column_stack([x[inside], y[inside]]))
        _, near = tree.query(np.column_stack([demand.x_m[who], demand.y_m[who]]))
        people += np.bincount(of_pixel[inside[near]], demand.people[who], count + 1)
    # A spot's place is its pixel nearest to its middle, which itself may lie outside it.
    off = np.hypot(x - middle_x[of_pixel], y - middle_y[of_pixel])[inside]
    first = np.lexsort((off, of_pixel[inside]))
    _, at = np.unique(of_pixel[inside][first], return_index=True)
    place = inside[first[at]]  # of spots 1, 2 ...
    # A district is where the most pixels lie.
    district = districts.of(x[inside], y[inside])
    votes = np.zeros((count + 1, len(districts.name)), dtype=np.int64)
    np.add.at(votes, (of_pixel[inside], district), 1)
    order = 1 + np.lexsort((-pixels[1:], -people[1:]))
    rank = np.zeros(count + 1, dtype=np.int32)
    rank[order] = np.arange(1, count + 1)
    spots = tuple(
        ColdSpot(
            number + 1,
            districts.name[int(votes[k].argmax())],
            float(people[k]),
            float(pixels[k] * grid.pixel_km2),
            float(x[place[k - 1]]),
            float(y[place[k - 1]]),
        )
        for number, k in enumerate(order.tolist())
        if round(people[k]) >= 1
    )
    return spots, rank[of_pixel]
