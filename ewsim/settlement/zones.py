"""Zones with people: outlines as GeoJSON, with their people there or in a table beside it.

Statistics and outlines mostly come from two offices. A table has one row for each zone with its
identifier; outlines have the identifier as a property. An identifier without an outline is a fault,
because its people would be lost. An outline without a row has nobody; a note says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ewsim.errors import DataError
from ewsim.geography.faults import Faults
from ewsim.geography.features import read_geojson
from ewsim.geography.plane import FloatArray
from ewsim.geography.table import HeadedTable, distinct
from ewsim.settlement.homes import Homes
from ewsim.settlement.rasters import OCTETS_MAX, PEOPLE_MAX, on_earth, plausible

#: Properties that may hold the name of a zone, and its people.
ZONE_NAMES = ("name", "zone", "NAME", "admin1", "id")
ZONE_PEOPLE = ("population", "people", "POPULATION", "pop")

_LISTED_MAX = 8
_Feature = tuple[dict[str, Any], Any, int, int]  # properties, geometry, line, column


@dataclass(frozen=True, slots=True)
class ZonePeople:
    """A table of people by zone: for each identifier (people, line, column of the identifier)."""

    file: str
    key: str
    rows: Mapping[str, tuple[float, int, int]]


def read_zone_people(path: Path, key: str) -> ZonePeople:
    """A table with a column named as the key and `population` (or `people`), a row a zone.

    Raises
    ------
    DataError
        Every fault of the table, with line and column.
    """
    table = HeadedTable(path, OCTETS_MAX, (key.casefold(),))
    at, people_at = table.column(key.casefold()), table.column("population", "people")
    if people_at < 0:
        table.must_have(("population",))
        raise table.faults.error()
    rows: dict[str, tuple[float, int, int]] = {}
    for line, row in table:
        name = row[at].strip()
        if not name:
            table.faults.add(line, at + 1, f"{key} is missing.", "Give each row its zone.")
        elif name in rows:
            what = f"the zone {name[:40]!r} is already on line {rows[name][1]}."
            table.faults.add(line, at + 1, what, "Give each zone one row.")
        else:
            people = table.people(line, row[people_at].strip(), people_at, PEOPLE_MAX)
            rows[name] = (people, line, at + 1)
    table.finish(len(rows), "there are no zones in it.", "Give each zone a row.")
    return ZonePeople(str(path), key, rows)


def read_zones(path: Path, people: ZonePeople | None = None) -> Homes:
    """Zones from GeoJSON: polygons with `name` (or `zone`), and `population` (or `people`).

    Parameters
    ----------
    people
        How many live in each, by a property of the polygons; None: their `population` says.

    Raises
    ------
    DataError
        Every fault of the file, each at its feature, and of the table's identifiers.
    """
    faults = Faults(str(path))
    names: list[str] = []
    corners, persons, zone = [], [], []
    features = list(_features(path))
    notes = [] if people is None else _unmatched(features, people, faults)
    for number, (properties, geometry, line, column) in enumerate(features, 1):
        where = f"feature {number}"
        name = next((str(properties[k]) for k in ZONE_NAMES if properties.get(k)), where)
        if people is not None:
            identifier = _text(properties.get(people.key))
            count: Any = people.rows.get(identifier, (0.0, 0, 0))[0]
            name = name if name != where else identifier or where
        else:
            count = next((properties[k] for k in ZONE_PEOPLE if k in properties), None)
        good = isinstance(count, int | float) and not isinstance(count, bool)
        if not good or not 0 <= float(count) <= PEOPLE_MAX:
            what = f"{where} ({name[:40]}): population {count!r} is not a number of people."
            faults.add(line, column, what, "Give each zone its people, here or in zone_people.")
            continue
        try:
            area = shapely.make_valid(shapely.geometry.shape(geometry))
        except (KeyError, TypeError, ValueError, AttributeError, shapely.GEOSException):
            what = f"{where} ({name[:40]}): the geometry is malformed."
            faults.add(line, column, what, "Export it again.")
            continue
        triangles = _triangles(area)
        if not len(triangles):
            faults.add(line, column, f"{where} ({name[:40]}) has no area.", "Give polygons.")
            continue
        size = np.abs(shapely.area(shapely.polygons(triangles)))
        corners.append(triangles)
        persons.append(float(count) * size / size.sum())
        zone.append(np.full(len(triangles), len(names), dtype=np.int32))
        names.append(name)
    if faults:
        raise faults.error()
    if not names:
        raise DataError.at(path, "there are no zones in it.", "Give polygons with their people.")
    corner, everyone = np.concatenate(corners), np.concatenate(persons)
    plausible(path, everyone, here=False)
    on_earth(path, corner)
    notes = [f"{everyone.sum():,.0f} people in {len(names):,} zones, evenly within each.", *notes]
    return Homes(str(path), corner, True, everyone, np.concatenate(zone), distinct(names), tuple(notes))


def _unmatched(features: list[_Feature], people: ZonePeople, faults: Faults) -> list[str]:
    """Raise for identifiers without an outline; a note on outlines without a row."""
    ids = [_text(properties.get(people.key)) for properties, *_ in features]
    seen: dict[str, int] = {}
    for number, (name, (_, _, line, column)) in enumerate(zip(ids, features, strict=True), 1):
        if name in seen and name:
            what = f"feature {number}: {people.key} {name[:40]!r} is also that of feature "
            what += f"{seen[name]}."
            faults.add(line, column, what, "Put a zone's parts into one MultiPolygon.")
        seen.setdefault(name, number)
    lost = [name for name in people.rows if name not in seen]
    if lost:
        missing = Faults(people.file)
        fix = _matches(features, people)
        for name in lost:
            _, line, column = people.rows[name]
            missing.add(line, column, f"the zone {name[:40]!r} has no outline.", fix)
        raise DataError([*faults.listed(), *missing.listed()] if faults else missing.listed())
    empty = [name or f"feature {i}" for i, name in enumerate(ids, 1) if name not in people.rows]
    if not empty:
        return []
    listed = ", ".join(name[:40] for name in empty[:_LISTED_MAX])
    more = f" and {len(empty) - _LISTED_MAX:,} more" if len(empty) > _LISTED_MAX else ""
    of = f"{len(empty):,} of {len(ids):,} outlines"
    return [f"{of} have no row in {Path(people.file).name} and so nobody: {listed}{more}."]


def _matches(features: list[_Feature], people: ZonePeople) -> str:
    """How to fix identifiers without outlines: how many each property has."""
    found: Counter[str] = Counter({people.key: 0})
    values: dict[str, set[str]] = {}
    for properties, *_ in features:
        for key, value in properties.items():
            values.setdefault(str(key), set()).add(_text(value))
    for key, present in values.items():
        found[key] = len(present & people.rows.keys())
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_LISTED_MAX]
    listed = ", ".join(f"{key[:40]} {count:,}" for key, count in ranked)
    return (
        f"Of {len(people.rows):,} identifiers the outlines have, by property: {listed}. "
        "Name the right one with zone_key, or add the outline."
    )


def _text(value: Any) -> str:
    """An identifier as a table writes it; empty where there is none."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _features(path: Path) -> Iterator[_Feature]:
    document, placed = read_geojson(path, OCTETS_MAX)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        fix = "Export zones as GeoJSON features."
        raise DataError.at(path, "the file is not a FeatureCollection.", fix)
    for feature, place in placed:
        properties = feature.get("properties")
        yield properties if isinstance(properties, dict) else {}, feature.get("geometry"), *place


def _triangles(area: Any) -> FloatArray:
    """The corners of triangles that fill an area, shape (n, 3, 2)."""
    polygons = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 0]
    if not polygons:
        return np.empty((0, 3, 2))
    parts = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons))
    cut = shapely.get_parts(parts)
    return np.asarray(shapely.get_coordinates(cut).reshape(-1, 4, 2)[:, :3])
