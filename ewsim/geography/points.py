"""Points of interest: schools, hospitals and the like, from a table in the ITU and Giga schema."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.geography.table import HeadedTable

#: Columns that a table must have; the others of the schema are not read.
COLUMNS = ("poi_id", "lat", "lon", "poi_type")

_OCTETS_MAX = 200_000_000


@dataclass(frozen=True, slots=True)
class Points:
    """Points; arrays of one length, degrees (WGS 84). `kind` is the poi_type, in small letters."""

    file: str
    line: NDArray[np.int64]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    lat_deg: FloatArray
    lon_deg: FloatArray

    def __len__(self) -> int:
        return len(self.name)


def read_points(path: Path) -> Points:
    """Points of a table in UTF-8 with a header line, commas, semicolons or tabs.

    Raises
    ------
    DataError
        Every fault of the table, with its line.
    """
    table = HeadedTable(path, _OCTETS_MAX, COLUMNS)
    name_at, lat_at, lon_at, kind_at = (table.column(name) for name in COLUMNS)
    found: list[tuple[int, str, str, float, float]] = []
    seen: dict[str, int] = {}
    for line, row in table:
        lat, lon = table.degrees(line, row, lat_at, 90), table.degrees(line, row, lon_at, 180)
        name, kind = row[name_at].strip(), row[kind_at].strip()
        if name in seen:
            what = f"poi_id {name!r} is already on line {seen[name]}."
            table.faults.add(line, name_at + 1, what, "Remove one, or give it another.")
        if name:
            seen[name] = line
        found.append((line, name, kind.casefold() or "point", lat, lon))
    table.finish(len(found), "the table has no rows.", "Give it at least one point.")
    return Points(
        str(path),
        np.array([f[0] for f in found], dtype=np.int64),
        tuple(f[1] or f"line {f[0]}" for f in found),
        tuple(f[2] for f in found),
        np.array([f[3] for f in found]),
        np.array([f[4] for f in found]),
    )
