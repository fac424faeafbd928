"""A table of places: names, positions and people, with the columns of GeoNames.

Needed are `name`, `latitude`, `longitude` and `population`; `class` may say `hamlet` of a place
that is counted under the nearest other; further columns are not read. Places without people are
left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.geography import table
from ewsim.geography.plane import FloatArray
from ewsim.geography.table import Faults

COLUMNS = ("name", "latitude", "longitude", "population")

#: The class of places that are counted under another.
HAMLET = "hamlet"

_OCTETS_MAX = 64_000_000
_PEOPLE_MAX = 100_000_000


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of a table of places; arrays of one length, degrees (WGS 84).

    `file` and `line` say where each came from; `hamlet`: counted under the nearest other.
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
    faults = Faults(str(path))
    header, header_line, lines = table.headed(path, faults, _OCTETS_MAX, COLUMNS)
    at = {column: header.index(column) for column in COLUMNS}
    kind_at = header.index("class") if "class" in header else -1
    found: list[tuple[int, str, float, float, int, bool]] = []
    for line, row in lines:
        values = {column: row[at[column]].strip() for column in COLUMNS}
        if _good(line, values, at, faults) and float(values["population"]) > 0:
            found.append(
                (
                    line,
                    values["name"],
                    float(values["latitude"]),
                    float(values["longitude"]),
                    int(float(values["population"])),
                    kind_at >= 0 and row[kind_at].strip().casefold() == HAMLET,
                )
            )
    if not faults and not found:
        faults.add(header_line, 1, "no place has people.", "Fill in population.")
    elif not faults and all(f[5] for f in found):
        fix = "Leave the class of at least one empty."
        faults.add(header_line, 1, "every place is a hamlet.", fix)
    if faults:
        raise faults.error()
    return Places(
        str(path),
        np.array([f[0] for f in found], dtype=np.int64),
        table.distinct(f[1] for f in found),
        np.array([f[2] for f in found]),
        np.array([f[3] for f in found]),
        np.array([f[4] for f in found], dtype=np.int64),
        np.array([f[5] for f in found], dtype=np.bool_),
    )


def _good(line: int, values: dict[str, str], at: dict[str, int], faults: Faults) -> bool:
    """Whether a row has no fault; those it has are noted."""
    wrong: list[tuple[str, str, str]] = []
    if not values["name"]:
        wrong.append(("name", "the place has no name.", "Name it."))
    for column, limit in (("latitude", 90), ("longitude", 180)):
        value = table.number(values[column])
        if not abs(value) <= limit:
            what = f"{column} {table.why_no_number(values[column])}."
            if math.isfinite(value):
                what = f"{column} {values[column]!r} is not a {column}."
            wrong.append((column, what, f"Write degrees with a point, -{limit} to {limit}."))
    values["population"] = values["population"] or "0"
    people = table.number(values["population"])
    if not (0 <= people <= _PEOPLE_MAX and people == math.floor(people)):
        what = f"population {values['population']!r} is not a number of people."
        fix = "Write a whole number without separators, 0 or more."
        wrong.append(("population", what, fix))
    for column, what, fix in wrong:
        faults.add(line, at[column] + 1, what, fix)
    return not wrong
