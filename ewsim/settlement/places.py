"""A table of places: names, positions and people, with the columns of GeoNames.

It needs `name`, `latitude`, `longitude` and `population`. A place whose `class` is `hamlet` is counted
under the nearest other place. Of a table with feature classes, as GeoNames' dumps have them, only
populated places (class P) count: countries, regions and districts hold the same people again. Places
without people are left out.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ewsim.errors import count_of
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.geography.table import HeadedTable, distinct, number

COLUMNS = ("name", "latitude", "longitude", "population")
#: Other names of these columns.
ALIASES = {
    "name": ("nameascii", "place", "city"),
    "latitude": ("lat", "lat_deg"),
    "longitude": ("lon", "lng", "long", "lon_deg"),
    "population": ("people", "pop", "pop_max"),
}
CLASS, CODE = ("feature class", "feature_class", "fclass", "fcl"), ("feature code", "feature_code", "fcode")

#: The class of places that are counted under another.
HAMLET = "hamlet"
#: Codes of populated places that count with another or no longer: sections, historical, abandoned, destroyed
#: (https://www.geonames.org/export/codes.html).
NO_PLACE = ("PPLX", "PPLH", "PPLQ", "PPLW", "PPLCH")

#: Assumption: places of one name nearer than this are one place [m].
ONE_PLACE_M = 1000.0
#: Assumption: people in the middle of a town [people/km2]; a town reaches as far as its density falls by e.
TOWN_DENSITY_PER_KM2 = 6_000.0
#: A place of less than this share of a larger one's people is not worth a note.
NESTED_SHARE = 0.02

_OCTETS_MAX = 2_000_000_000
_PEOPLE_MAX = 100_000_000
_LISTED_MAX = 5


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of a table of places; arrays of one length, degrees (WGS 84).

    `file` and `line` are where each is from; a `hamlet` is counted under the nearest other place. `notes`
    say what was left out, and what may count twice.
    """

    file: str
    line: NDArray[np.int64]
    name: tuple[str, ...]
    lat_deg: FloatArray
    lon_deg: FloatArray
    people: NDArray[np.int64]
    hamlet: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.hamlet.size != self.people.size:
            object.__setattr__(self, "hamlet", np.zeros(self.people.size, dtype=np.bool_))

    def lat_lon(self) -> tuple[FloatArray, FloatArray]:
        """Latitude and longitude of all of them [degree]."""
        return self.lat_deg, self.lon_deg

    def of(self, rows: NDArray[np.int64]) -> Places:
        """Some of them."""
        parts = (getattr(self, name)[rows] for name in ("lat_deg", "lon_deg", "people", "hamlet"))
        return Places(self.file, self.line[rows], tuple(self.name[i] for i in rows), *parts)


def read_places(path: Path) -> Places:
    """Places with people, from a table with a header line, or from a dump of GeoNames.

    Raises
    ------
    DataError
        Every fault of the table, with its line.
    """
    table = HeadedTable(path, _OCTETS_MAX)
    at = {name: table.column(name, *ALIASES[name]) for name in COLUMNS}
    if -1 in at.values():
        table.must_have([name for name in COLUMNS if at[name] < 0])
        raise table.faults.error()
    name_at, lat_at, lon_at, people_at = at.values()
    kind_at, class_at, code_at = table.column("class"), table.column(*CLASS), table.column(*CODE)
    found: list[tuple[int, str, float, float, int, bool]] = []
    other: Counter[str] = Counter()
    other_people: Counter[str] = Counter()
    for line, row in table:
        why = _no_place(row, class_at, code_at)
        if why:
            other[why] += 1
            said = number(row[people_at])
            other_people[why] += int(said) if 0 <= said <= 1e10 else 0
            continue
        name = row[name_at].strip()
        if not name:
            table.faults.add(line, name_at + 1, "the place has no name.", "Name it.")
        lat, lon = table.degrees(line, row, lat_at, 90), table.degrees(line, row, lon_at, 180)
        text = row[people_at].strip() or "0"
        people = table.people(line, text, people_at, _PEOPLE_MAX)
        if people % 1 > 0:
            what = f"population {text!r} is not a whole number."
            table.faults.add(line, people_at + 1, what, "Write a whole number, 0 or more.")
        if people > 0:
            hamlet = kind_at >= 0 and row[kind_at].strip().casefold() == HAMLET
            found.append((line, name, lat, lon, int(people), hamlet))
    table.finish(len(found), "no place has people.", "Fill in population.")
    fix = "Leave the class of at least one empty."
    table.finish(sum(not f[5] for f in found), "every place is a hamlet.", fix)
    notes = [
        f"Left out: {count_of(count, 'rows')} {why} with {count_of(other_people[why], 'people')}."
        for why, count in sorted(other.items())
    ]
    places = Places(
        str(path),
        np.array([f[0] for f in found], dtype=np.int64),
        tuple(f[1] for f in found),
        np.array([f[2] for f in found]),
        np.array([f[3] for f in found]),
        np.array([f[4] for f in found], dtype=np.int64),
        np.array([f[5] for f in found], dtype=np.bool_),
    )
    return _once(places, notes)


def _no_place(row: list[str], class_at: int, code_at: int) -> str:
    """Why a row of a gazetteer does not count as a place; nothing for one that does."""
    kind = row[class_at].strip().upper() if class_at >= 0 else ""
    code = row[code_at].strip().upper() if code_at >= 0 else ""
    if kind not in ("", "P"):
        return f"of feature class {kind[:20]}, no populated places,"
    return f"of feature code {code}, part of another place or no longer lived in," if code in NO_PLACE else ""


def _once(places: Places, notes: list[str]) -> Places:
    """The places without those that are there again; notes on places inside larger ones."""
    frame = LocalFrame.around(places.lat_deg, places.lon_deg)
    x, y = frame.to_xy(places.lat_deg, places.lon_deg)
    x /= 1.0 + frame.stretch(places.lat_deg)  # true distances near each place, wherever it is
    points = np.column_stack([x, y])
    order = np.lexsort((places.line, -places.people))  # the largest of a name is kept
    key = [name.casefold() for name in places.name]
    by_name: dict[str, list[int]] = {}
    again: list[tuple[int, int]] = []
    for one in order.tolist():
        kept = by_name.setdefault(key[one], [])
        twin = next((k for k in kept if math.dist(points[one], points[k]) <= ONE_PLACE_M), -1)
        if twin >= 0:
            again.append((one, twin))
        else:
            kept.append(one)
    if again:
        listed = [
            f"{places.name[a]} on line {places.line[a]} is line {places.line[b]}"
            for a, b in again[:_LISTED_MAX]
        ]
        lost = int(sum(places.people[a] for a, _ in again))
        what = f"Places that are there twice count once ({len(again):,}, {lost:,} people fewer)"
        notes.append(f"{what}: {_listed(listed, len(again))}.")
    dropped = np.zeros(places.people.size, dtype=np.bool_)
    dropped[[a for a, _ in again]] = True
    rows = np.flatnonzero(~dropped)
    once = places.of(rows)
    notes += _nested(once, points[rows])
    return replace(once, name=distinct(once.name), notes=tuple(notes))


def _nested(places: Places, points: FloatArray) -> list[str]:
    """A note on places inside larger ones, whose people may count twice."""
    radius_m = 1000 * np.sqrt(places.people / (2 * np.pi * TOWN_DENSITY_PER_KM2))
    tree, found = cKDTree(points), []
    large = np.flatnonzero(radius_m > ONE_PLACE_M / 2)
    inside = tree.query_ball_point(points[large], radius_m[large])
    for town, near in zip(large.tolist(), inside, strict=True):
        found += [
            (int(places.people[i]), i, town)
            for i in near
            if NESTED_SHARE * places.people[town] <= places.people[i] < places.people[town]
        ]
    if not found:
        return []
    found.sort(reverse=True)
    listed = [
        f"{places.name[i]} ({n:,}) lies {math.dist(points[i], points[town]) / 1000:.1f} km from "
        f"{places.name[town]} ({places.people[town]:,})"
        for n, i, town in found[:_LISTED_MAX]
    ]
    smaller = list({i for _, i, _ in found})
    what = f"Places inside larger ones ({len(smaller):,}): if they are parts of these, "
    what += f"{int(places.people[smaller].sum()):,} people count twice, and the rows should be removed"
    return [f"{what}: {_listed(listed, len(found))}."]


def _listed(some: list[str], count: int) -> str:
    return "; ".join(some) + (f"; and {count - len(some):,} more" if count > len(some) else "")
