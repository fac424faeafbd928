"""Rasters, zones and points with people, that somebody else made, read as `Homes`.

Rasters (WorldPop, GHS-POP and the like) are GeoTIFF with people a pixel, in any CRS that PROJ
knows; they need the extra `geo`. Zones are GeoJSON polygons with a number of people; points a
table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ewsim.errors import DataError, Diagnostic
from ewsim.geo import FloatArray
from ewsim.network import table
from ewsim.network.table import Faults
from ewsim.population.homes import Homes

#: Names under which a zone may say what it is called, and how many people live there.
ZONE_NAMES = ("name", "zone", "NAME", "admin1", "id")
ZONE_PEOPLE = ("population", "people", "POPULATION", "pop")

_PIXELS_MAX = 150_000_000
_OCTETS_MAX = 200_000_000
_PEOPLE_MAX = 1_000_000_000
#: More people than this in a pixel or at a point is a mistake of units.
_PEOPLE_HERE_MAX = 1_000_000.0


def read_raster(path: Path) -> Homes:
    """People a pixel from a GeoTIFF; nodata, negative and missing values have nobody.

    Raises
    ------
    DataError
        It cannot be read, has no CRS, nobody or far too many.
    """
    try:
        import rasterio
        from rasterio.errors import RasterioError
        from rasterio.warp import transform as reproject
    except ImportError:
        raise _fault(path, "rasters need the extra geo.", "pip install 'ewsim[geo]'") from None
    try:
        # Only GeoTIFF: other drivers may open further files, or a network.
        with rasterio.open(path, driver="GTiff") as source:
            if source.width * source.height > _PIXELS_MAX:
                raise _fault(path, f"the raster has more than {_PIXELS_MAX:,} pixels.", "Cut it.")
            if source.crs is None:
                raise _fault(path, "the raster has no CRS.", "Write it with its CRS.")
            values = source.read(1)
            nodata, affine, crs, bands = source.nodata, source.transform, source.crs, source.count
    except (RasterioError, ValueError, MemoryError) as error:
        raise _fault(path, f"the raster cannot be read: {error}.", "Give a GeoTIFF.") from None
    values = np.asarray(values, dtype=np.float64)
    outside = ~np.isfinite(values) | (values < 0)
    if nodata is not None and math.isfinite(nodata):
        outside |= values == nodata
    row, column = np.nonzero(~outside & (values > 0))
    people = values[row, column]
    _plausible(path, people)
    some = f"{people.sum():,.0f} people in {people.size:,} pixels"
    notes = [f"{some}; {outside.sum():,} pixels have no data."]
    if bands > 1:
        notes.append(f"The first of the raster's {bands} bands is read.")
    corner = np.empty((people.size, 3, 2))
    for at, (down, right) in enumerate(((0, 0), (0, 1), (1, 0))):
        lon = affine.a * (column + right) + affine.b * (row + down) + affine.c
        lat = affine.d * (column + right) + affine.e * (row + down) + affine.f
        if not crs.is_geographic:
            lon, lat = (np.asarray(v) for v in reproject(crs, "EPSG:4326", lon, lat))
        corner[:, at] = np.column_stack([lon, lat])
    _on_earth(path, corner)
    return Homes(
        str(path), corner, False, people, np.full(people.size, -1, np.int32), (), tuple(notes)
    )


def read_zones(path: Path) -> Homes:
    """Zones from GeoJSON: polygons with `population` (or `people`) and `name` (or `zone`).

    Raises
    ------
    DataError
        Every fault of the file, each at its feature.
    """
    faults = Faults(str(path))
    names: list[str] = []
    corners, people, zone = [], [], []
    for number, feature in enumerate(_features(path), 1):
        properties = feature.get("properties") or {}
        where = f"feature {number}"
        name = next((str(properties[k]) for k in ZONE_NAMES if properties.get(k)), where)
        count = next((properties[k] for k in ZONE_PEOPLE if k in properties), None)
        good = isinstance(count, int | float) and not isinstance(count, bool)
        if not good or not 0 <= float(count) <= _PEOPLE_MAX:  # type: ignore[arg-type]
            what = f"{where} ({name[:40]}): population {count!r} is not a number of people."
            faults.add(0, 0, what, "Give each zone its people.")
            continue
        try:
            area = shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
        except (KeyError, TypeError, ValueError, AttributeError, shapely.GEOSException):
            faults.add(
                0, 0, f"{where} ({name[:40]}): the geometry is malformed.", "Export it again."
            )
            continue
        triangles = _triangles(area)
        if not len(triangles):
            faults.add(0, 0, f"{where} ({name[:40]}) has no area.", "Give polygons.")
            continue
        size = np.abs(shapely.area(shapely.polygons(triangles)))
        corners.append(triangles)
        people.append(float(count) * size / size.sum())  # type: ignore[arg-type]
        zone.append(np.full(len(triangles), len(names), dtype=np.int32))
        names.append(name)
    if faults:
        raise faults.error()
    if not names:
        raise _fault(path, "there are no zones in it.", "Give polygons with their people.")
    corner, persons = np.concatenate(corners), np.concatenate(people)
    _plausible(path, persons, here=False)
    _on_earth(path, corner)
    note = f"{persons.sum():,.0f} people in {len(names):,} zones, evenly within each."
    return Homes(
        str(path), corner, True, persons, np.concatenate(zone), table.distinct(names), (note,)
    )


def read_points(path: Path) -> Homes:
    """Points with people from a table: lat, lon and population (absent: one each).

    Raises
    ------
    DataError
        Every fault of the table, with its line.
    """
    faults = Faults(str(path))
    header, header_line, lines = table.headed(path, faults, _OCTETS_MAX)
    lat_at, lon_at = (
        _first(header, names) for names in (("lat", "latitude"), ("lon", "longitude"))
    )
    if lat_at < 0 or lon_at < 0:
        table.missing(header, ("lat", "lon"), header_line, faults)
        raise faults.error()
    people_at = _first(header, ("population", "people"))
    found: list[tuple[float, float, float]] = []
    for line, row in lines:
        good = True
        values = []
        for at, name, limit in ((lat_at, "lat", 90.0), (lon_at, "lon", 180.0)):
            value = table.number(row[at].strip())
            values.append(value)
            if not abs(value) <= limit:
                what = f"{name} {table.why_no_number(row[at].strip())}."
                if math.isfinite(value):
                    what = f"{name} {row[at].strip()!r} is not between -{limit:g} and {limit:g}."
                faults.add(line, at + 1, what, "Write degrees (WGS 84) with a point.")
                good = False
        people = table.number(row[people_at].strip()) if people_at >= 0 else 1.0
        if not 0 <= people <= _PEOPLE_HERE_MAX:
            what = f"population {row[people_at].strip()!r} is not a number of people."
            faults.add(line, people_at + 1, what, "Write 0 to 1,000,000, without separators.")
            good = False
        if good and people > 0:
            found.append((values[1], values[0], people))
    if not faults and not found:
        faults.add(header_line, 1, "no point has people.", "Fill in population.")
    if faults:
        raise faults.error()
    points = np.array(found)
    corner = np.repeat(points[:, None, :2], 3, axis=1)
    note = f"{points[:, 2].sum():,.0f} people at {len(points):,} points."
    nowhere = np.full(len(points), -1, dtype=np.int32)
    return Homes(str(path), corner, False, points[:, 2], nowhere, (), (note,))


def _first(header: list[str], names: tuple[str, ...]) -> int:
    return next((header.index(name) for name in names if name in header), -1)


def _features(path: Path) -> Iterator[dict[str, Any]]:
    try:
        if path.stat().st_size > _OCTETS_MAX:
            raise _fault(path, "the file is larger than 200 MB.", "Simplify its outlines.")
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _fault(path, f"it cannot be read: {error.strerror}.", "Check the path.") from None
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        where = Diagnostic(str(path), line, column, "it is not GeoJSON.", "Export it in UTF-8.")
        raise DataError([where]) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise _fault(path, "it is no FeatureCollection.", "Export zones as GeoJSON features.")
    yield from features


def _triangles(area: Any) -> FloatArray:
    """The corners of triangles that fill an area, shape (n, 3, 2)."""
    polygons = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 0]
    if not polygons:
        return np.empty((0, 3, 2))
    parts = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons))
    cut = shapely.get_parts(parts)
    return np.asarray(shapely.get_coordinates(cut).reshape(-1, 4, 2)[:, :3])


def _plausible(path: Path, people: FloatArray, *, here: bool = True) -> None:
    if not people.size or people.sum() < 1:
        raise _fault(path, "nobody lives in it.", "Give people, not a density or an index.")
    if people.sum() > _PEOPLE_MAX or (here and people.max() > _PEOPLE_HERE_MAX):
        what = f"{people.sum():,.0f} people, up to {people.max():,.0f} at one place, are too many."
        raise _fault(path, what, "Give people a pixel or zone, not another unit.")


def _on_earth(path: Path, corner: NDArray[np.float64]) -> None:
    good = np.isfinite(corner).all() and np.abs(corner[..., 1]).max() <= 90.001
    if not good or np.abs(corner[..., 0]).max() > 360.001:
        fix = "Reproject it to WGS 84 (EPSG:4326), longitude first."
        raise _fault(path, "its coordinates are not degrees.", fix)


def _fault(path: Path, message: str, fix: str) -> DataError:
    return DataError([Diagnostic(str(path), 0, 0, message, fix)])
