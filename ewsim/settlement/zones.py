"""Zones with people: outlines as GeoJSON, with their people there or in a table beside it.

Statistics and outlines mostly come from two offices. A table has one row for each zone with its
identifier; outlines have the identifier as a property. An identifier without an outline is a fault,
because its people would be lost. An outline without a row has nobody; a note says so.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, count_of
from ewsim.geography.faults import Faults
from ewsim.geography.features import Features, must_be_placed, read_shapes
from ewsim.geography.plane import FloatArray
from ewsim.geography.table import HeadedTable, distinct, number
from ewsim.settlement.homes import Homes
from ewsim.settlement.rasters import OCTETS_MAX, PEOPLE_MAX, plausible

#: Properties, in large or small letters, that may hold the name of a zone, and its people.
ZONE_NAMES = ("name", "zone", "admin1", "id")
ZONE_PEOPLE = ("population", "people", "pop")

#: Assumption: two zones that share less of the smaller one than this only have inaccurate borders.
OVERLAP_SHARE = 0.02
#: How far a border may move for a first look, as a share of the side of a square as large as the zone.
_COARSE = 0.01
_LISTED_MAX = 8


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
    """Zones from a file of polygons with `name` (or `zone`), and `population` (or `people`).

    Zones without geometry are left out, and counted with their people.

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
    found = read_shapes(path, faults, OCTETS_MAX)
    must_be_placed(found, faults)
    notes = [] if people is None else _unmatched(found, people, faults)
    names: list[str] = []
    corners, persons, zone = [], [], []
    areas: list[BaseGeometry] = []
    for row in found.rows:
        where = f"feature {row.number}"
        name, count = _name(row.properties, where, people), _count(row.properties, people)
        if count is None:
            said = _people_of(row.properties, people)
            what = f"{where} ({name[:40]}) has no number of people (population or people)."
            if said is not None:
                what = f"{where} ({name[:40]}): population {said!r:.60} is not a number of people."
            faults.add(row.line, row.column, what, "Give each zone its people, here or in zone_people.")
            continue
        area = shapely.make_valid(row.shape)
        triangles = _triangles(area)
        if not len(triangles):
            faults.add(row.line, row.column, f"{where} ({name[:40]}) has no area.", "Give polygons.")
            continue
        size = np.abs(shapely.area(shapely.polygons(triangles)))
        corners.append(triangles)
        persons.append(count * size / size.sum())
        zone.append(np.full(len(triangles), len(names), dtype=np.int32))
        names.append(name)
        areas.append(area)
    if faults:
        raise faults.error()
    lost = [_count(properties, people) for properties in found.without_shape]
    if lost:
        some = f" with {sum(n or 0 for n in lost):,.0f} people"
        notes.insert(0, f"{count_of(len(lost), 'zones without geometry were')} left out{some}.")
    if not names:
        what = "no zone has a geometry." if lost else "there are no zones in it."
        raise DataError.at(path, what, "Give polygons with their people.")
    corner, everyone = np.concatenate(corners), np.concatenate(persons)
    plausible(path, everyone, here=False)
    notes += _overlaps(np.array(areas, dtype=np.object_), names, [float(part.sum()) for part in persons])
    notes = [f"{everyone.sum():,.0f} people in {count_of(len(names), 'zones')}, evenly within each.", *notes]
    return Homes(str(path), corner, True, everyone, np.concatenate(zone), distinct(names), tuple(notes))


def _name(properties: dict[str, Any], where: str, people: ZonePeople | None) -> str:
    folded = {key.casefold(): value for key, value in properties.items()}
    name = next((str(folded[k]) for k in ZONE_NAMES if folded.get(k)), "")
    return name or (_text(properties.get(people.key)) if people is not None else "") or where


def _people_of(properties: dict[str, Any], people: ZonePeople | None) -> Any:
    if people is not None:
        return people.rows.get(_text(properties.get(people.key)), (0.0, 0, 0))[0]
    folded = {key.casefold(): value for key, value in properties.items()}
    count = next((folded[k] for k in ZONE_PEOPLE if k in folded), None)
    # Formats such as KML write numbers as text.
    return value if isinstance(count, str) and math.isfinite(value := number(count)) else count


def _count(properties: dict[str, Any], people: ZonePeople | None) -> float | None:
    """The people of a zone; None where they are not a number of people."""
    count = _people_of(properties, people)
    if isinstance(count, bool) or not isinstance(count, int | float) or not 0 <= count <= PEOPLE_MAX:
        return None
    return float(count)


def _overlaps(areas: NDArray[np.object_], names: list[str], people: list[float]) -> list[str]:
    """A note on zones that lie on each other by more than a border's inaccuracy."""
    size = shapely.area(areas)
    # A coarse look first: exact intersections of long borders take a second a thousand.
    tolerance = _COARSE * np.sqrt(size)
    coarse = shapely.make_valid(shapely.simplify(areas, tolerance))
    one, other = shapely.STRtree(coarse).query(coarse, predicate="intersects")
    one, other = one[one < other], other[one < other]
    smaller = np.minimum(size[one], size[other])
    likely = shapely.area(shapely.intersection(coarse[one], coarse[other])) > OVERLAP_SHARE / 2 * smaller
    found = []
    for a, b, least in zip(one[likely].tolist(), other[likely].tolist(), smaller[likely], strict=True):
        share = float(shapely.intersection(areas[a], areas[b]).area / least)
        if share > OVERLAP_SHARE:
            found.append((share * min(people[a], people[b]), names[a], names[b]))
    if not found:
        return []
    found.sort(key=lambda row: -row[0])
    listed = ", ".join(f"{a[:40]} and {b[:40]}" for _, a, b in found[:_LISTED_MAX])
    more = f" and {len(found) - _LISTED_MAX:,} more pairs" if len(found) > _LISTED_MAX else ""
    twice = sum(row[0] for row in found)
    pairs = count_of(len(found), "pairs of zones overlap")
    what = f"{pairs}, where people count for both, up to {twice:,.0f} of them"
    return [f"{what}: {listed}{more}."]


def _unmatched(found: Features, people: ZonePeople, faults: Faults) -> list[str]:
    """Raise for identifiers without an outline; a note on outlines without a row."""
    ids = [_text(row.properties.get(people.key)) for row in found.rows]
    seen: dict[str, int] = {}
    for name, row in zip(ids, found.rows, strict=True):
        if name in seen and name:
            what = f"feature {row.number}: {people.key} {name[:40]!r} is also that of feature "
            what += f"{seen[name]}."
            faults.add(row.line, row.column, what, "Put a zone's parts into one MultiPolygon.")
        seen.setdefault(name, row.number)
    for properties in found.without_shape:
        seen.setdefault(_text(properties.get(people.key)), 0)
    lost = [name for name in people.rows if name not in seen]
    if lost:
        missing = Faults(people.file)
        fix = _matches(found, people)
        for name in lost:
            _, line, column = people.rows[name]
            missing.add(line, column, f"the zone {name[:40]!r} has no outline.", fix)
        raise DataError([*faults.listed(), *missing.listed()] if faults else missing.listed())
    empty = [name or f"feature {i}" for i, name in enumerate(ids, 1) if name not in people.rows]
    if not empty:
        return []
    listed = ", ".join(name[:40] for name in empty[:_LISTED_MAX])
    more = f" and {len(empty) - _LISTED_MAX:,} more" if len(empty) > _LISTED_MAX else ""
    of = f"{len(empty):,} of {count_of(len(ids), 'outlines')}"
    return [f"{of} have no row in {Path(people.file).name} and so nobody: {listed}{more}."]


def _matches(found: Features, people: ZonePeople) -> str:
    """How to fix identifiers without outlines: how many each property has."""
    counted: Counter[str] = Counter({people.key: 0})
    values: dict[str, set[str]] = {}
    for row in found.rows:
        for key, value in row.properties.items():
            values.setdefault(str(key), set()).add(_text(value))
    for key, present in values.items():
        counted[key] = len(present & people.rows.keys())
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_LISTED_MAX]
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


def _triangles(area: Any) -> FloatArray:
    """The corners of triangles that fill an area, shape (n, 3, 2)."""
    polygons = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and p.area > 0]
    if not polygons:
        return np.empty((0, 3, 2))
    parts = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons))
    cut = shapely.get_parts(parts)
    return np.asarray(shapely.get_coordinates(cut).reshape(-1, 4, 2)[:, :3])
