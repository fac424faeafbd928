"""Files of outlines with the place of every feature: districts, counties, forecast zones, coastlines."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.errors import GeometryTypeError, ShapelyError
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, count_of
from ewsim.files import is_file
from ewsim.geography import plane, projections
from ewsim.geography.faults import Faults
from ewsim.geography.formats import Format, what_is
from ewsim.geography.lines import place_in
from ewsim.geography.plane import LocalFrame
from ewsim.geography.projections import Projection
from ewsim.geography.vector import read_geoparquet, read_vector

#: A file of outlines larger than this is refused [octets].
MAX_OCTETS = 200_000_000
AREAS = ("Polygon", "MultiPolygon")
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_GAP = re.compile(r"[\s,]*")
_AGAIN = "Export it again as GeoJSON, in degrees (WGS 84), longitude first."


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its properties, and its shape as (longitude, latitude) in degrees, as written.

    `number` counts the features of the file from 1; `line` and `column` are 0 where there are none.
    """

    properties: dict[str, Any]
    shape: BaseGeometry
    line: int = 0
    column: int = 0
    number: int = 1

    def text(self, key: str) -> str:
        """A property as text; empty where it is absent or null."""
        value = self.properties.get(key)
        return "" if value is None else str(value).strip()

    def place(self, path: Path, key: str) -> tuple[int, int]:
        """Line and column of a property's value in the file that it was read from, or of the feature."""
        name = next((name for name in self.properties if name.casefold() == key.casefold()), None)
        keys = () if name is None else ("properties", name)
        return place_in(path, (self.line, self.column), keys)

    def within(self, frame: LocalFrame) -> BaseGeometry:
        """The shape in the frame's metres, each ring unwrapped and made valid by itself."""
        return plane.union(frame.geometry(part) for part in shapely.get_parts(self.shape))


@dataclass(frozen=True, slots=True)
class Features:
    """The features of one file, in its order; `without_shape` are those that have properties only.

    `placed` is whether the file is a list of features, and no bare shape.
    """

    file: str
    rows: tuple[Feature, ...] = field(default=())
    without_shape: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    placed: bool = True

    def keys(self) -> list[str]:
        """The properties that any of them has."""
        return sorted({key for row in self.rows for key in row.properties})

    def require(self, key: str) -> None:
        """Raise unless at least one area has this property."""
        if not any(row.text(key) for row in self.rows):
            have = ", ".join(self.keys()[:20]) or "none"
            raise DataError.at(self.file, f"no area has a property {key!r}.", f"They have: {have}.")


def read_features(path: Path) -> Features:
    """Every Polygon and MultiPolygon of a file of outlines with its properties.

    Raises
    ------
    DataError
        Every fault of the file, with line and column where they are known.
    """
    faults = Faults(str(path))
    found = read_shapes(path, faults)
    must_be_placed(found, faults)
    for row in found.rows:
        kind = row.shape.geom_type
        if kind not in AREAS or row.shape.is_empty:
            what = f"feature {row.number}: it is {'empty' if kind in AREAS else f'a {kind}'}, not an area."
            fix = "Give each area a Polygon or MultiPolygon in degrees (WGS 84), longitude first."
            faults.add(row.line, row.column, what, fix)
    if faults:
        raise faults.error()
    if not found.rows:
        raise DataError.at(path, "the FeatureCollection has no areas.", "Give at least one area.")
    return found


def must_be_placed(found: Features, faults: Faults) -> None:
    """Raise unless the file is a list of features with at least one, or faults were found."""
    if not found.placed:
        raise DataError.at(found.file, "the file is not a FeatureCollection.", "Export areas as GeoJSON.")
    if not faults and not found.rows and not found.without_shape:
        raise DataError.at(found.file, "the FeatureCollection has no features.", "Give at least one area.")


def read_shapes(path: Path, faults: Faults, octets_max: float = MAX_OCTETS) -> Features:
    """Every feature of a file with a shape of whatever kind, and what has none.

    A feature without geometry is allowed (RFC 7946, 3.2): it is left out and counted.

    Parameters
    ----------
    path
        The file.
    faults
        Where features that are malformed are noted; they are left out.
    octets_max
        A larger file is refused [octets].

    Raises
    ------
    DataError
        The file cannot be read at all.
    """
    kind = what_is(path)
    if kind.read_as in ("features", "parquet"):
        return _of_vector(path, kind, faults, octets_max)
    if kind.read_as != "geojson" and is_file(path):
        name = "a table of text" if kind.read_as == "text" else kind.name
        fix = kind.fix or "Give outlines as GeoJSON, Shapefile, GeoPackage or KML."
        raise DataError.at(path, f"the file is {name}, not GeoJSON or other outlines.", fix)
    document, placed = _geojson(path, octets_max)
    bare = len(placed) == 1 and placed[0][0] is document
    crs = projections.named(path, document)
    rows, empty = [], []
    for number, (feature, place) in enumerate(placed, 1):
        where = "" if bare else f"feature {number}: "
        is_feature = isinstance(feature, dict) and ("geometry" in feature or not bare)
        geometry = feature.get("geometry") if is_feature else feature
        properties = (feature.get("properties") or {}) if is_feature else {}
        if not isinstance(feature, dict):
            faults.add(*place, f"{where}it is not an object.", _AGAIN)
        elif not isinstance(properties, dict):
            faults.add(*place, f"{where}its properties are not an object.", _AGAIN)
        elif geometry is None or (isinstance(geometry, dict) and geometry.get("coordinates") == []):
            empty.append(properties)
        elif isinstance(shape := shape_of(geometry, crs), str):
            keys = ("geometry",) if "geometry" in feature else ()
            at = place_in(path, place, (*keys, "coordinates", *_wrong_position(geometry)))
            faults.add(*at, f"{where}{shape}", _AGAIN)
        else:
            rows.append(Feature(properties, shape, *place, number))
    return _found(path, rows, empty, crs, placed=not bare)


def _of_vector(path: Path, kind: Format, faults: Faults, octets_max: float) -> Features:
    """The features of a Shapefile, GeoPackage, KML or GeoParquet."""
    if path.stat().st_size > octets_max:
        raise DataError.at(path, f"the file is larger than {octets_max / 1e6:.0f} MB.", "Simplify it.")
    found, crs = read_geoparquet(path) if kind.read_as == "parquet" else read_vector(path, kind)
    rows, empty = [], []
    for number, (properties, shape) in enumerate(found, 1):
        if shape is None or shape.is_empty:
            empty.append(properties)
            continue
        degrees = in_degrees(shape, crs)
        if isinstance(degrees, str):
            faults.add(0, 0, f"feature {number}: {degrees}", _AGAIN)
        else:
            rows.append(Feature(properties, degrees, 0, 0, number))
    return _found(path, rows, empty, crs, placed=True)


def _found(
    path: Path, rows: list[Feature], empty: list[dict[str, Any]], crs: Projection | None, *, placed: bool
) -> Features:
    """What was read, with its notes."""
    notes = [f"{count_of(len(empty), 'features without geometry were')} left out."] if empty else []
    if crs is not None:
        notes.append(f"Coordinates were converted from {crs} to degrees.")
    return Features(str(path), tuple(rows), tuple(empty), tuple(notes), placed)


def shape_of(geometry: Any, crs: Projection | None = None) -> BaseGeometry | str:
    """A GeoJSON geometry as a shape in degrees, or what is wrong with it.

    With `crs` its coordinates are of that reference system.
    """
    try:
        with np.errstate(invalid="ignore"):  # NaN is looked for below
            shape = shapely.geometry.shape(geometry)
    except OverflowError:
        return "a coordinate is too large a number."
    except GeometryTypeError:
        return f"GeoJSON has no geometry {geometry.get('type')!s:.40}."
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, ShapelyError):
        return "its geometry is malformed."
    return in_degrees(shape, crs)


def in_degrees(shape: BaseGeometry, crs: Projection | None = None) -> BaseGeometry | str:
    """A shape in degrees, or what is wrong with its coordinates."""
    points = shapely.get_coordinates(shape)
    if not np.isfinite(points).all():
        return "a coordinate is not a finite number."
    if crs is not None:
        shape = crs.to_degrees(shape)
        points = shapely.get_coordinates(shape)
    return not_degrees(points) or shape


def not_degrees(points: plane.FloatArray) -> str:
    """What is wrong with coordinates that are no degrees, shape (points, 2); else nothing."""
    if not len(points):
        return ""
    if not np.isfinite(points).all():
        return "its coordinates lie outside the reference system."
    x, y = np.abs(points).max(axis=0)
    if x <= 360.001 and y <= 90.001:
        return ""
    if x <= 90.001 and y <= 180.001:
        return "its coordinates have latitude before longitude."
    return "its coordinates are not degrees of longitude and latitude."


def _geojson(path: Path, octets_max: float = MAX_OCTETS) -> tuple[Any, list[tuple[Any, tuple[int, int]]]]:
    """A GeoJSON document, and each of its features with its line and column.

    A document without a list of features is its only feature, at line 1.
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


def _wrong_position(geometry: Any) -> tuple[int, ...]:
    """The way to the first position that is no longitude and latitude; nothing where each is."""
    node = geometry.get("coordinates") if isinstance(geometry, dict) else None
    todo: list[tuple[tuple[int, ...], Any]] = [((), node)]
    while todo:
        keys, node = todo.pop()
        if isinstance(node, list) and node and all(isinstance(one, list) for one in node):
            todo += [((*keys, n), one) for n, one in reversed(list(enumerate(node)))]
            continue
        limits = (360.001, 90.001)
        pair = node[:2] if isinstance(node, list) else []
        good = len(pair) == 2 and all(
            isinstance(one, int | float) and abs(one) <= most for one, most in zip(pair, limits, strict=True)
        )
        if keys and not good:
            return keys
    return ()
