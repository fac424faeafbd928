"""GeoJSON files with the place of every feature, and named areas: districts, counties, forecast zones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography import plane
from ewsim.geography.faults import Faults
from ewsim.geography.plane import LocalFrame

#: A file of outlines larger than this is refused [octets].
MAX_OCTETS = 100_000_000
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_GAP = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Feature:
    """One area: its properties, and its shape as (longitude, latitude) in degrees, as written."""

    properties: dict[str, Any]
    shape: BaseGeometry
    line: int = 0
    column: int = 0

    def text(self, key: str) -> str:
        """A property as text; empty where it is absent or null."""
        value = self.properties.get(key)
        return "" if value is None else str(value).strip()

    def within(self, frame: LocalFrame) -> BaseGeometry:
        """The shape in the frame's metres, each ring unwrapped and made valid by itself."""
        return plane.union(frame.geometry(part) for part in shapely.get_parts(self.shape))


@dataclass(frozen=True, slots=True)
class Features:
    """The areas of one file, in its order."""

    file: str
    rows: tuple[Feature, ...] = field(default=())

    def keys(self) -> list[str]:
        """The properties that any of them has."""
        return sorted({key for row in self.rows for key in row.properties})

    def require(self, key: str) -> None:
        """Raise unless at least one area has this property."""
        if not any(row.text(key) for row in self.rows):
            have = ", ".join(self.keys()[:20]) or "none"
            raise DataError.at(self.file, f"no area has a property {key!r}.", f"They have: {have}.")


def read_features(path: Path) -> Features:
    """Every Polygon and MultiPolygon of a GeoJSON file with its properties.

    Raises
    ------
    DataError
        Every fault of the file, with line and column where they are known.
    """
    document, placed = read_geojson(path)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise DataError.at(path, "the file is not a FeatureCollection.", "Export areas as GeoJSON.")
    if not document.get("features") or not isinstance(document["features"], list):
        raise DataError.at(path, "the FeatureCollection has no features.", "Give at least one area.")
    faults = Faults(str(path))
    rows = []
    for number, (feature, place) in enumerate(placed, 1):
        row = _feature(feature, place)
        if isinstance(row, str):
            fix = "Give each area a Polygon or MultiPolygon in degrees (WGS 84), longitude first."
            faults.add(*place, f"feature {number}: {row}", fix)
        else:
            rows.append(row)
    if faults:
        raise faults.error()
    return Features(str(path), tuple(rows))


def read_geojson(path: Path, octets_max: float = MAX_OCTETS) -> tuple[Any, list[tuple[Any, tuple[int, int]]]]:
    """A GeoJSON document, and each of its features with its line and column.

    A document without a list of features is its only feature, at line 1.

    Raises
    ------
    DataError
        The file cannot be read, or is not GeoJSON.
    """
    try:
        if path.stat().st_size > octets_max:
            raise DataError.at(path, f"the file is larger than {octets_max / 1e6:.0f} MB.", "Simplify it.")
        text = path.read_text(encoding="utf-8-sig")
        document = json.loads(text)
    except OSError as error:
        raise DataError.at(path, f"the file cannot be read: {error.strerror}.", "Check the path.") from None
    except UnicodeDecodeError:
        raise DataError.at(path, "the file is not UTF-8.", "Export it as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        place = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        raise DataError.at(path, "the file is not GeoJSON.", "Export it as GeoJSON, UTF-8.", *place) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        return document, [(document, (1, 1))]
    return document, list(zip(features, _places(text, len(features)), strict=True))


def _feature(feature: Any, place: tuple[int, int]) -> Feature | str:
    """One feature, or what is wrong with it."""
    if not isinstance(feature, dict):
        return "it is not an object."
    geometry, properties = feature.get("geometry"), feature.get("properties") or {}
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        return f"it is {'empty' if kind is None else f'a {kind!s}'[:60]}, not an area."
    if not isinstance(properties, dict):
        return "its properties are not an object."
    try:
        shape = shapely.geometry.shape(geometry)
        points = shapely.get_coordinates(shape)
    except (KeyError, TypeError, ValueError, AttributeError, shapely.GEOSException):
        return "its geometry is malformed."
    if not len(points):
        return "its geometry is empty."
    if not (np.isfinite(points).all() and (np.abs(points) <= (180.001, 90.001)).all()):
        return "its coordinates are not degrees of longitude and latitude."
    return Feature(properties, shape, *place)


def _places(text: str, count: int) -> list[tuple[int, int]]:
    """Line and column where each feature begins; zeros where they are not known."""
    found: list[tuple[int, int]] = []
    start = _FEATURES.search(text)
    decoder = json.JSONDecoder()
    at = start.end() if start else len(text)
    line, line_at = 1 + text.count("\n", 0, at), text.rfind("\n", 0, at)
    try:
        while len(found) < count:
            gap = _GAP.match(text, at)
            begin = gap.end() if gap else at
            line += text.count("\n", at, begin)
            line_at = max(line_at, text.rfind("\n", at, begin))
            found.append((line, begin - line_at))
            _, at = decoder.raw_decode(text, begin)
            line += text.count("\n", begin, at)
            line_at = max(line_at, text.rfind("\n", begin, at))
    except (ValueError, RecursionError):
        return [(0, 0)] * count
    return found
