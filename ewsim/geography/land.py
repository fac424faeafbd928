"""The coastline, read from GeoJSON. (Invented ones: `ewsim.geography.terrain`.)"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, Diagnostic
from ewsim.geography import plane
from ewsim.geography.features import MAX_OCTETS, feature_places
from ewsim.geography.plane import LocalFrame
from ewsim.geography.table import FAULTS_MAX


def read_land_degrees(path: Path) -> BaseGeometry:
    """The union of all areas in a GeoJSON file, (longitude, latitude) in degrees, as written."""
    try:
        if path.stat().st_size > MAX_OCTETS:
            raise DataError([_fault(path, "the coastline is larger than 100 MB.", "Simplify it.")])
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text)
    except OSError as error:
        raise DataError(
            [_fault(path, f"the coastline cannot be read: {error.strerror}.", "Check the path.")]
        ) from error
    except (ValueError, RecursionError) as error:
        place = (getattr(error, "lineno", 0), getattr(error, "colno", 0))
        raise DataError(
            [_fault(path, "the coastline is not GeoJSON.", "Export it as GeoJSON, UTF-8.", place)]
        ) from error
    shapes, faults = [], []
    for part, place in _placed(document, text):
        try:
            shapes += [shapely.geometry.shape(g) for g in _geometries(part)]
        except (KeyError, TypeError, ValueError, AttributeError, shapely.GEOSException):
            faults.append(_fault(path, "a geometry is malformed.", "Export it again as GeoJSON.", place))
    if faults:
        raise DataError(faults[:FAULTS_MAX])
    if not shapes:
        raise DataError([_fault(path, "there is no Polygon or MultiPolygon in it.", "Give areas of land.")])
    x0, y0, x1, y1 = shapely.total_bounds(shapes).tolist()
    if not (-180.001 <= x0 <= x1 <= 180.001 and -90.001 <= y0 <= y1 <= 90.001):
        raise DataError(
            [
                _fault(
                    path,
                    "its coordinates are not degrees.",
                    "Reproject it to WGS 84 (EPSG:4326), longitude first.",
                )
            ]
        )
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


def _placed(document: Any, text: str) -> Iterator[tuple[Any, tuple[int, int]]]:
    """Each feature with its line and column; a document that is no collection is one."""
    features = document.get("features") if isinstance(document, dict) else None
    if isinstance(features, list):
        yield from zip(features, feature_places(text, len(features)), strict=True)
    else:
        yield document, (1, 1)


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


def _fault(path: Path, message: str, fix: str, place: tuple[int, int] = (0, 0)) -> Diagnostic:
    return Diagnostic(str(path), *place, message, fix)
