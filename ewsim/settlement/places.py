"""A table of places: names, positions and people, with the columns of GeoNames.

It needs `name`, `latitude`, `longitude` and `population`. A place whose `class` is `hamlet` is counted
under the nearest other place. Other columns are not read. Places without people are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.geography.table import HeadedTable, distinct

COLUMNS = ("name", "latitude", "longitude", "population")

#: The class of places that are counted under another.
HAMLET = "hamlet"

_OCTETS_MAX = 64_000_000
_PEOPLE_MAX = 100_000_000


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of a table of places; arrays of one length, degrees (WGS 84).

    `file` and `line` are where each is from; a `hamlet` is counted under the nearest other place.
    """

    file: str
    line: NDArray[np.int64]
    name: tuple[str, ...]
    lat_deg: FloatArray
    lon_deg: FloatArray
    people: NDArray[np.int64]
    hamlet: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def __post_init__(self) -> None:
        if self.hamlet.size != self.people.size:
            object.__setattr__(self, "hamlet", np.zeros(self.people.size, dtype=np.bool_))


def read_places(path: Path) -> Places:
    """Places with people, from a table in UTF-8 with a header line, commas, semicolons or tabs.

    Raises
    ------
    DataError
        Every fault of the table, with its line.
    """
    table = HeadedTable(path, _OCTETS_MAX, COLUMNS)
    name_at, lat_at, lon_at, people_at = (table.column(name) for name in COLUMNS)
    kind_at = table.column("class")
    found: list[tuple[int, str, float, float, int, bool]] = []
    for line, row in table:
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
    return Places(
        str(path),
        np.array([f[0] for f in found], dtype=np.int64),
        distinct(f[1] for f in found),
        np.array([f[2] for f in found]),
        np.array([f[3] for f in found]),
        np.array([f[4] for f in found], dtype=np.int64),
        np.array([f[5] for f in found], dtype=np.bool_),
    )
