"""The coastline: read from GeoJSON, or an island drawn with the seed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim import geo
from ewsim.errors import DataError, Diagnostic
from ewsim.geo import LocalFrame
from ewsim.scenario.spec import IslandSpec
from ewsim.streams import Streams

#: A coastline larger than this is refused [octets].
MAX_OCTETS = 100_000_000

#: Assumption: an island's shape, octaves of its outline (a half of the amplitude each).
_OCTAVES = 6
_ROUGHNESS = 0.34


def read_land_degrees(path: Path) -> BaseGeometry:
    """The union of all areas in a GeoJSON file, (longitude, latitude) in degrees, as written."""
    try:
        if path.stat().st_size > MAX_OCTETS:
            raise DataError([_fault(path, "the coastline is larger than 100 MB.", "Simplify it.")])
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(
            [_fault(path, f"the coastline cannot be read: {error.strerror}.", "Check the path.")]
        ) from error
    except (ValueError, RecursionError) as error:
        place = (getattr(error, "lineno", 0), getattr(error, "colno", 0))
        raise DataError(
            [_fault(path, "the coastline is not GeoJSON.", "Export it as GeoJSON, UTF-8.", place)]
        ) from error
    try:
        shapes = [shapely.geometry.shape(g) for g in _geometries(document)]
    except (KeyError, TypeError, ValueError, AttributeError, shapely.GEOSException) as error:
        raise DataError(
            [_fault(path, "a geometry is malformed.", "Export it again as GeoJSON.")]
        ) from error
    if not shapes:
        raise DataError(
            [_fault(path, "there is no Polygon or MultiPolygon in it.", "Give areas of land.")]
        )
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
    parts = [
        frame.geometry(polygon)
        for part in shapely.get_parts(read_land_degrees(path))
        for polygon in shapely.get_parts(part)
    ]
    return geo.union(parts)


def island(spec: IslandSpec, frame: LocalFrame, streams: Streams) -> BaseGeometry:
    """An island of the stated area around its centre, with bays and capes.

    Assumption: the radius is one plus octaves of waves with drawn phases, each half as high as the
    last (a natural coast has no length of its own; a random outline looks enough like one).
    """
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    phase = 2 * np.pi * streams.country().uniform("land.phase", np.arange(4 * _OCTAVES))
    radius = np.ones_like(angle)
    wave = 0
    for octave in range(_OCTAVES):
        for step in range(2):
            number = 2**octave + step * max(1, 2 ** (octave - 1))
            height = _ROUGHNESS * 0.5**octave * (0.5 + phase[wave] / (2 * np.pi))
            radius += height * np.sin(number * angle + phase[wave + 1])
            wave += 2
    radius = np.maximum(radius, 0.25)
    x, y = frame.to_xy(*spec.centre)
    ring = np.column_stack([radius * np.sin(angle), 0.75 * radius * np.cos(angle)])
    outline = shapely.make_valid(shapely.Polygon(ring))
    scale = np.sqrt(spec.area_km2 * 1e6 / outline.area)
    centre = np.array([float(x), float(y)])
    return shapely.transform(outline, lambda points: points * scale + centre)


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
