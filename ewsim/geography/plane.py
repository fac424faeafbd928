"""Places on the Earth: a local plane in metres, and areas in it.

Degrees (WGS 84) exist at file boundaries only; inside, x points east and y north, in metres.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias, cast

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 of WGS 84 (IUGG)

FloatArray: TypeAlias = NDArray[np.float64]

#: Points that `near` tries at a time, at first and then.
_FIRST_POINTS, _MORE_POINTS = 200, 20_000


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """An equirectangular plane around a reference point.

    Assumption: a sphere of the mean radius and one cosine of latitude for the whole plane. Within
    150 km of the reference at 20 degrees of latitude a distance is wrong by under 1 %; it costs
    2 ms a million points. Longitudes are unwrapped around the reference, so a country across the
    antimeridian is one piece.
    """

    lat0_deg: float
    lon0_deg: float

    @classmethod
    def around(cls, lat_deg: ArrayLike, lon_deg: ArrayLike) -> LocalFrame:
        """A frame around the middle of the given points (antimeridian-safe)."""
        lat = np.asarray(lat_deg, dtype=np.float64)
        lon = np.asarray(lon_deg, dtype=np.float64)
        centre = np.degrees(np.arctan2(np.sin(np.radians(lon)).mean(), np.cos(np.radians(lon)).mean()))
        unwrapped = centre + np.mod(lon - centre + 180.0, 360.0) - 180.0
        mid = (unwrapped.min() + unwrapped.max()) / 2
        return cls(float((lat.min() + lat.max()) / 2), float(np.mod(mid + 180.0, 360.0) - 180.0))

    def to_xy(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Degrees to metres east and north of the reference."""
        lat = np.asarray(lat_deg, dtype=np.float64)
        lon = np.asarray(lon_deg, dtype=np.float64)
        dlon = np.mod(lon - self.lon0_deg + 180.0, 360.0) - 180.0
        scale = np.pi / 180.0 * EARTH_RADIUS_M
        return dlon * (scale * np.cos(np.radians(self.lat0_deg))), (lat - self.lat0_deg) * scale

    def to_latlon(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Metres to degrees; longitude in [-180, 180)."""
        scale = np.pi / 180.0 * EARTH_RADIUS_M
        lat = self.lat0_deg + np.asarray(y_m, dtype=np.float64) / scale
        dlon = np.asarray(x_m, dtype=np.float64) / (scale * np.cos(np.radians(self.lat0_deg)))
        return lat, np.mod(self.lon0_deg + dlon + 180.0, 360.0) - 180.0

    def stretch(self, lat_deg: ArrayLike) -> FloatArray:
        """How much too long the plane has distances east to west at a latitude, as a share."""
        there = np.cos(np.radians(np.asarray(lat_deg, dtype=np.float64)))
        return np.asarray(np.cos(np.radians(self.lat0_deg)) / np.maximum(there, 1e-9) - 1.0)

    def geometry(self, geometry: BaseGeometry) -> BaseGeometry:
        """A shapely geometry in (lon, lat) degrees to metres, made valid.

        A polygon far away, through the meridian opposite to the reference, is not torn apart there.
        """
        if geometry.geom_type == "MultiPolygon":
            parts = [self.flat(part) for part in shapely.get_parts(geometry)]
            return _valid(cast("BaseGeometry", shapely.multipolygons(parts)))
        return _valid(self.flat(geometry))

    def flat(self, geometry: BaseGeometry) -> BaseGeometry:
        """A geometry in (lon, lat) degrees to metres, as `geometry` does, valid or not."""
        turn_m = self._turn_m(geometry)

        def move(points: FloatArray) -> FloatArray:
            x, y = self.to_xy(points[:, 1], points[:, 0])
            if turn_m:  # as written, whole turns apart
                x = x[0] + (points[:, 0] - points[0, 0]) * (turn_m / 360.0)
                middle = (x.min() + x.max()) / 2
                x = x - turn_m * np.round(middle / turn_m)
            return np.column_stack([x, y])

        return shapely.transform(geometry, move)

    def _turn_m(self, geometry: BaseGeometry) -> float:
        """A turn around the Earth [m] if unwrapping would tear a polygon apart, else 0."""
        ring = shapely.get_coordinates(shapely.get_exterior_ring(geometry))[:, 0]
        if not ring.size:
            return 0.0
        away = np.mod(ring - self.lon0_deg + 180.0, 360.0) - 180.0
        if np.abs(np.diff(away)).max() <= 180.0 or np.abs(np.diff(ring)).max() > 180.0:
            return 0.0
        return float(2 * np.pi * EARTH_RADIUS_M * np.cos(np.radians(self.lat0_deg)))

    def polygon(self, ring: Iterable[tuple[float, float]]) -> BaseGeometry:
        """A ring of (lat, lon) degrees, as CAP writes it, to an area in metres, made valid."""
        points = np.array(list(ring), dtype=np.float64)
        return self.geometry(shapely.Polygon(points[:, ::-1]))

    def circle(self, lat_deg: float, lon_deg: float, radius_m: float) -> BaseGeometry:
        """A disc as a 256-gon in metres (area 0.01 % short).

        Parameters
        ----------
        lat_deg, lon_deg
            The middle [degree].
        radius_m
            The radius [m].
        """
        x, y = self.to_xy(lat_deg, lon_deg)
        return shapely.Point(float(x), float(y)).buffer(max(radius_m, 1.0), quad_segs=64)

    def area(
        self,
        rings: Iterable[Iterable[tuple[float, float]]],
        discs: Iterable[tuple[float, float, float]] = (),
        holes: Iterable[Iterable[tuple[float, float]]] = (),
    ) -> BaseGeometry:
        """The union of rings of (lat, lon) and of discs (lat, lon, radius [m]), less the holes.

        Parameters
        ----------
        rings
            Outlines, each (latitude, longitude) pairs [degree].
        discs
            (latitude [degree], longitude [degree], radius [m]) of circles.
        holes
            Outlines to leave out [degree].
        """
        parts = [self.polygon(ring) for ring in rings] + [self.circle(*disc) for disc in discs]
        return union(parts).difference(union(self.polygon(ring) for ring in holes))


def _valid(geometry: BaseGeometry) -> BaseGeometry:
    return geometry if shapely.is_valid(geometry) else shapely.make_valid(geometry)


def union(areas: Iterable[BaseGeometry]) -> BaseGeometry:
    """One area from several."""
    return shapely.union_all(list(areas))


def contains(area: BaseGeometry, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.bool_]:
    """Which points lie inside an area; a bounding box sorts out most of them first.

    Parameters
    ----------
    area
        The area [m].
    x_m, y_m
        Points [m], shape (points,).
    """
    x = np.asarray(x_m, dtype=np.float64)
    y = np.asarray(y_m, dtype=np.float64)
    inside = np.zeros(x.shape, dtype=np.bool_)
    if area.is_empty:
        return inside
    x0, y0, x1, y1 = area.bounds
    near = np.flatnonzero((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
    shapely.prepare(area)
    inside[near] = shapely.contains_xy(area, x[near], y[near])
    return inside


def near(area: BaseGeometry, x_m: FloatArray, y_m: FloatArray, off_m: float) -> bool:
    """Whether any point lies within a distance of an area; most often one of the first does.

    Parameters
    ----------
    area
        The area, or a point [m].
    x_m, y_m
        Points [m], shape (points,).
    off_m
        The distance [m].
    """
    x0, y0, x1, y1 = area.bounds
    boxed = (x_m >= x0 - off_m) & (x_m <= x1 + off_m) & (y_m >= y0 - off_m) & (y_m <= y1 + off_m)
    x, y = x_m[boxed], y_m[boxed]
    starts = (0, *range(_FIRST_POINTS, x.size, _MORE_POINTS), x.size)
    some = (shapely.points(x[a:b], y[a:b]) for a, b in pairwise(starts))
    return any(bool(shapely.dwithin(area, points, off_m).any()) for points in some)


def to_geojson(frame: LocalFrame, area: BaseGeometry) -> dict[str, Any]:
    """An area in metres as a GeoJSON geometry in degrees."""

    def move(points: FloatArray) -> FloatArray:
        lat, lon = frame.to_latlon(points[:, 0], points[:, 1])
        return np.column_stack([lon, lat])

    return dict(shapely.geometry.mapping(shapely.transform(area, move)))
