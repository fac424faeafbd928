"""Named areas of a GeoJSON file that a user brings: districts, counties, forecast zones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, Diagnostic
from ewsim.geography import plane
from ewsim.geography.plane import LocalFrame

#: A file of outlines larger than this is refused [octets].
MAX_OCTETS = 100_000_000
#: Faults that are told one by one; the rest is counted.
_FAULTS_MAX = 50

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
            raise DataError(
                [Diagnostic(self.file, 0, 0, f"no area has a property {key!r}.", f"They have: {have}.")]
            )


def read_features(path: Path) -> Features:
    """Every Polygon and MultiPolygon of a GeoJSON file with its properties.

    Raises
    ------
    DataError
        Every fault of the file, with line and column where the file tells them.
    """
    file = str(path)
    text = _text(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
        message = "the file is not GeoJSON."
        raise _error(file, message, "Export it as GeoJSON, UTF-8.", line, column) from None
    given = document.get("features") if isinstance(document, dict) else None
    if document.get("type") != "FeatureCollection" if isinstance(document, dict) else True:
        raise _error(file, "there is no FeatureCollection in it.", "Export areas as GeoJSON.")
    if not isinstance(given, list) or not given:
        raise _error(file, "the FeatureCollection has no features.", "Give at least one area.")
    places = feature_places(text, len(given))
    faults: list[Diagnostic] = []
    rows = []
    for number, (feature, place) in enumerate(zip(given, places, strict=True), 1):
        row = _feature(feature, place)
        if isinstance(row, str):
            fix = "Give each area a Polygon or MultiPolygon in degrees (WGS 84), longitude first."
            faults.append(Diagnostic(file, *place, f"feature {number}: {row}", fix))
        else:
            rows.append(row)
    if faults:
        more = len(faults) - _FAULTS_MAX
        rest = [Diagnostic(file, 0, 0, f"... and {more} more faults.")] if more > 0 else []
        raise DataError([*faults[:_FAULTS_MAX], *rest])
    return Features(file, tuple(rows))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_OCTETS:
            raise _error(str(path), "the file is larger than 100 MB.", "Simplify its outlines.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}."
        raise _error(str(path), message, "Check the path.") from None
    except UnicodeDecodeError:
        raise _error(str(path), "the file is not UTF-8.", "Export it as UTF-8.") from None


def _feature(feature: Any, place: tuple[int, int]) -> Feature | str:
    """One feature, or what is wrong with it."""
    if not isinstance(feature, dict):
        return "it is no object."
    geometry, properties = feature.get("geometry"), feature.get("properties") or {}
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        return f"it is {'nothing' if kind is None else f'a {kind!s}'[:60]}, not an area."
    if not isinstance(properties, dict):
        return "its properties are no object."
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


def feature_places(text: str, count: int) -> Iterator[tuple[int, int]]:
    """Line and column where each feature begins; zeros where they cannot be told."""
    found: list[tuple[int, int]] = []
    start = _FEATURES.search(text)
    decoder = json.JSONDecoder()
    at = start.end() if start else len(text)
    line, line_at = 1 + text.count("\n", 0, at), text.rfind("\n", 0, at)
    try:
        while len(found) < count:
            begin = _GAP.match(text, at).end()  # type: ignore[union-attr]  # matches anything
            line += text.count("\n", at, begin)
            line_at = max(line_at, text.rfind("\n", at, begin))
            found.append((line, begin - line_at))
            _, at = decoder.raw_decode(text, begin)
            line += text.count("\n", begin, at)
            line_at = max(line_at, text.rfind("\n", begin, at))
    except (ValueError, RecursionError):
        found = [(0, 0)] * count
    return iter(found)


def _error(file: str, message: str, fix: str, line: int = 0, column: int = 0) -> DataError:
    return DataError([Diagnostic(file, line, column, message, fix)])
