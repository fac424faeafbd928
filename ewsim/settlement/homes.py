"""Where people live by a raster, by zones or by points, as small areas with people.

A raster's pixel is a parallelogram, a zone is cut into triangles, a point has no extent: within
each people are spread evenly. How many live in each is drawn by systematic sampling: every area
has its expected number, rounded up or down at random, and the sum is exact.

Urban are clusters of 1 km squares with at least 300 people each and 5,000 together (UN Degree of
Urbanisation [1]_); whole zones are urban by the same two numbers.

References
----------
.. [1] Eurostat et al., "Applying the Degree of Urbanisation", 2021, doi:10.2785/706535.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.settlement.kinds import REMOTE, REMOTE_M, RURAL, URBAN, URBAN_PEOPLE
from ewsim.settlement.placing import districts
from ewsim.streams import Streams

#: UN Degree of Urbanisation: density of a square of an urban cluster [people/km2].
URBAN_DENSITY_PER_KM2 = 300.0
#: Assumption: without zones of its own a raster or a table of points is reported in so many
#: districts of about equal people.
DISTRICTS = 24

_SQUARE_M = 1000.0


@dataclass(frozen=True, slots=True)
class Homes:
    """Areas with people, in degrees; arrays of one length.

    `corner` is (longitude, latitude) of three corners, shape (n, 3, 2): the first, and the ends of
    the two edges from it. `triangle`: half of the parallelogram counts. `people` may be fractions.
    `zone` indexes `zone_names`; without names, -1. `notes` say what was left out.
    """

    file: str
    corner: FloatArray
    triangle: bool
    people: FloatArray
    zone: NDArray[np.int32]
    zone_names: tuple[str, ...]
    notes: tuple[str, ...]

    def frame(self) -> LocalFrame:
        """The plane around them."""
        return LocalFrame.around(self.corner[:, 0, 1], self.corner[:, 0, 0])

    def lat_lon(self) -> tuple[FloatArray, FloatArray]:
        """Latitude and longitude of all corners [degree]."""
        return self.corner[:, :, 1].ravel(), self.corner[:, :, 0].ravel()


@dataclass(frozen=True, slots=True)
class Settled:
    """Homes with whole people, on the plane: what `settlement.Settlements` is made of."""

    name: tuple[str, ...]
    x_m: FloatArray
    y_m: FloatArray
    edge_m: FloatArray
    people: NDArray[np.int64]
    kind: NDArray[np.int8]
    zone: NDArray[np.int32]


def scaled(homes: Homes, total: int | None) -> Iterator[str]:
    """What was done where the people of a file are not as many as stated."""
    counted = float(homes.people.sum())
    if total is not None and round(counted) != total:
        yield (
            f"The {counted:,.0f} people of {homes.file} are not the {total:,} stated (people_count): each "
            f"counts {total / counted:.2g} times."
        )


def settled(homes: Homes, total: int | None, frame: LocalFrame, streams: Streams) -> Settled:
    """Everyone's area: only those with people, the most populous of each zone first.

    Parameters
    ----------
    homes
        Areas with people.
    total
        People; None: the sum of the areas, rounded.
    frame
        The plane.
    streams
        Random numbers.
    """
    whole = round(float(homes.people.sum())) if total is None else total
    part = np.cumsum(homes.people) / homes.people.sum() * whole
    part[-1] = whole
    luck = float(streams.country().uniform("population.homes", [0])[0])
    people = np.diff(np.floor(part + luck), prepend=0.0).astype(np.int64)
    kept = np.flatnonzero(people)
    people, corner = people[kept], homes.corner[kept]
    x, y = (np.empty((kept.size, 3)) for _ in range(2))
    for at in range(3):
        x[:, at], y[:, at] = frame.to_xy(corner[:, at, 1], corner[:, at, 0])
    edge = np.column_stack([x[:, 1] - x[:, 0], y[:, 1] - y[:, 0], x[:, 2] - x[:, 0], y[:, 2] - y[:, 0]])
    share = 3 if homes.triangle else 2
    middle_x, middle_y = (
        x[:, 0] + (edge[:, 0] + edge[:, 2]) / share,
        y[:, 0] + (edge[:, 1] + edge[:, 3]) / share,
    )
    zone, names = homes.zone[kept], homes.zone_names
    if not names:
        count = min(DISTRICTS, kept.size)
        zone = districts(middle_x, middle_y, people.astype(np.float64), count)
        width = len(str(count))
        names = tuple(f"district_{i + 1:0{width}d}" for i in range(int(zone.max()) + 1))
        kind = _by_squares(middle_x, middle_y, people)
    else:
        area = np.abs(edge[:, 0] * edge[:, 3] - edge[:, 1] * edge[:, 2]) / (2 if homes.triangle else 1)
        kind = _by_zones(middle_x, middle_y, people, area, zone, len(names))
    present, number = np.unique(zone, return_inverse=True)
    order = _first_of_each(number, people)
    return Settled(
        tuple(names[i] for i in present),
        x[order, 0],
        y[order, 0],
        edge[order],
        people[order],
        kind[order],
        number[order].astype(np.int32),
    )


def _first_of_each(zone: NDArray[np.int64], people: NDArray[np.int64]) -> NDArray[np.int64]:
    """An order with the most populous area of zone 0, of zone 1 ... first, then the others."""
    by_zone = np.lexsort((-people, zone))
    first = np.ones(zone.size, dtype=np.bool_)
    first[1:] = np.diff(zone[by_zone]) != 0
    return np.concatenate([by_zone[first], np.sort(by_zone[~first])])


def _by_squares(x: FloatArray, y: FloatArray, people: NDArray[np.int64]) -> NDArray[np.int8]:
    column = ((x - x.min()) // _SQUARE_M).astype(np.int64)
    row = ((y - y.min()) // _SQUARE_M).astype(np.int64)
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    square = np.bincount(row * shape[1] + column, people, shape[0] * shape[1]).reshape(shape)
    dense = square >= URBAN_DENSITY_PER_KM2 * (_SQUARE_M / 1000) ** 2
    labels, count = ndimage.label(dense, structure=np.ones((3, 3)))
    size = np.bincount(labels.ravel(), square.ravel(), count + 1)
    urban = (size >= URBAN_PEOPLE)[labels] & dense
    return _kinds(x, y, urban[row, column])


def _by_zones(
    x: FloatArray,
    y: FloatArray,
    people: NDArray[np.int64],
    area_m2: FloatArray,
    zone: NDArray[np.int32],
    count: int,
) -> NDArray[np.int8]:
    size = np.bincount(zone, people, count)
    area_km2 = np.maximum(np.bincount(zone, area_m2, count) / 1e6, 1e-6)
    urban = (size >= URBAN_PEOPLE) & (size / area_km2 >= URBAN_DENSITY_PER_KM2)
    return _kinds(x, y, urban[zone])


def _kinds(x: FloatArray, y: FloatArray, urban: NDArray[np.bool_]) -> NDArray[np.int8]:
    kind = np.full(x.size, REMOTE, dtype=np.int8)
    points = np.column_stack([x, y])
    if urban.any():
        away, _ = cKDTree(points[urban]).query(points, distance_upper_bound=REMOTE_M)
        kind[np.isfinite(away)] = RURAL
    kind[urban] = URBAN
    return kind
