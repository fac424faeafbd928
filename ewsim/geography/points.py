"""Points of interest: schools, hospitals and the like, from a table in the ITU and Giga schema."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.geography import table
from ewsim.geography.plane import FloatArray
from ewsim.geography.table import Faults

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
    faults = Faults(str(path))
    header, header_line, lines = table.headed(path, faults, _OCTETS_MAX, COLUMNS)
    at = {column: header.index(column) for column in COLUMNS}
    found: list[tuple[int, str, str, float, float]] = []
    seen: dict[str, int] = {}
    for line, row in lines:
        name, lat, lon, kind = (row[at[column]].strip() for column in COLUMNS)
        good = True
        for column, value, limit in (("lat", lat, 90), ("lon", lon, 180)):
            number = table.number(value)
            if not abs(number) <= limit:
                what = f"{value!r} is not degrees" if np.isfinite(number) else table.why_no_number(value)
                fix = f"Write degrees with a point, -{limit} to {limit}."
                faults.add(line, at[column] + 1, f"{column} {what}.", fix)
                good = False
        if name in seen:
            what = f"poi_id {name!r} is that of line {seen[name]} too."
            faults.add(line, at["poi_id"] + 1, what, "Remove one, or give it another.")
            good = False
        if name:
            seen[name] = line
        if good:
            found.append((line, name, kind.casefold() or "point", float(lat), float(lon)))
    if not faults and not found:
        faults.add(header_line, 1, "the table has no rows.", "Give it at least one point.")
    if faults:
        raise faults.error()
    return Points(
        str(path),
        np.array([f[0] for f in found], dtype=np.int64),
        tuple(f[1] or f"line {f[0]}" for f in found),
        tuple(f[2] for f in found),
        np.array([f[3] for f in found]),
        np.array([f[4] for f in found]),
    )
