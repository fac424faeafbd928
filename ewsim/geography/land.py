"""The coastline, read from GeoJSON. (Invented ones: `ewsim.geography.terrain`.)"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography import plane
from ewsim.geography.faults import Faults
from ewsim.geography.features import read_geojson
from ewsim.geography.plane import LocalFrame


def read_land_degrees(path: Path) -> BaseGeometry:
    """The union of all areas in a GeoJSON file, (longitude, latitude) in degrees, as written.

    Raises
    ------
    DataError
        Every fault of the file, with line and column where they are known.
    """
    shapes, faults = [], Faults(str(path))
    for part, place in read_geojson(path)[1]:
        try:
            shapes += [shapely.geometry.shape(g) for g in _geometries(part)]
        except (KeyError, TypeError, ValueError, AttributeError, shapely.GEOSException):
            faults.add(*place, "a geometry is malformed.", "Export it again as GeoJSON.")
    if faults:
        raise DataError(faults.found)
    if not shapes:
        raise DataError.at(path, "there is no Polygon or MultiPolygon in it.", "Give areas of land.")
    x0, y0, x1, y1 = shapely.total_bounds(shapes).tolist()
    if not (-180.001 <= x0 <= x1 <= 180.001 and -90.001 <= y0 <= y1 <= 90.001):
        fix = "Reproject it to WGS 84 (EPSG:4326), longitude first."
        raise DataError.at(path, "its coordinates are not degrees.", fix)
    return shapely.geometrycollections(shapes)


def read_land(path: Path, frame: LocalFrame) -> BaseGeometry:
    """The land of a GeoJSON file in the frame's metres.

    Each ring is unwrapped and made valid by itself, so an outline across the antimeridian, which is
    no valid polygon in degrees, becomes one here.
    """
    return plane.union(frame.geometry(polygon) for polygon in _polygons(path))


def crossing_count(path: Path, frame: LocalFrame) -> int:
    """How many outlines of a GeoJSON file cross themselves on the plane, and are made valid."""
    return sum(not shapely.is_valid(frame.flat(polygon)) for polygon in _polygons(path))


def _polygons(path: Path) -> list[BaseGeometry]:
    parts = shapely.get_parts(read_land_degrees(path))
    return [polygon for part in parts for polygon in shapely.get_parts(part)]


def _geometries(document: Any) -> Iterator[Any]:
    kind = document["type"]
    if kind == "FeatureCollection":
        for feature in document["features"]:
            yield from _geometries(feature)
    elif kind == "Feature":
        if document["geometry"] is not None:
            yield from _geometries(document["geometry"])
    elif kind == "GeometryCollection":
        for geometry in document["geometries"]:
            yield from _geometries(geometry)
    elif kind in ("Polygon", "MultiPolygon"):
        yield document
