"""A table of places: names, positions and people, with the columns of GeoNames.

Needed are `name`, `latitude`, `longitude` and `population`; other columns are not read. Places
without people are left out.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.errors import DataError, Diagnostic
from ewsim.geo import FloatArray

COLUMNS = ("name", "latitude", "longitude", "population")

_BYTES_MAX = 64 * 2**20
_FAULTS_MAX = 50
_PEOPLE_MAX = 100_000_000


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of a table of places; arrays of one length, degrees (WGS 84).

    `file` and `line` say where each came from.
    """

    file: str
    line: NDArray[np.int64]
    name: tuple[str, ...]
    lat_deg: FloatArray
    lon_deg: FloatArray
    people: NDArray[np.int64]


def read_places(path: Path) -> Places:
    """Places with people, from a table in UTF-8 with a header line, commas, semicolons or tabs.

    Raises
    ------
    DataError
        Every fault of the table, with its line.
    """
    file = str(path)
    header_line, header, rows = _table(path, file)
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise _error(
            file, header_line, 1, f"the table has no column {', '.join(missing)}.",
            f"Give it a header line with {', '.join(COLUMNS)}.",
        )  # fmt: skip
    at = {column: header.index(column) for column in COLUMNS}
    faults: list[Diagnostic] = []
    found: list[tuple[int, str, float, float, int]] = []
    for line, row in rows:
        if len(row) != len(header):
            message = f"the row has {len(row)} values, the header {len(header)}."
            faults.append(_fault(file, line, 1, message, "Quote values with separators."))
            continue
        values = {column: row[at[column]].strip() for column in COLUMNS}
        wrong = list(_row_faults(file, line, values, at))
        if not wrong and float(values["population"]) > 0:
            found.append(
                (
                    line,
                    values["name"],
                    float(values["latitude"]),
                    float(values["longitude"]),
                    int(float(values["population"])),
                )
            )
        faults += wrong
    if not faults and not found:
        faults.append(_fault(file, header_line, 1, "no place has people.", "Fill in population."))
    if faults:
        raise DataError(_shortened(file, faults))
    return Places(
        file,
        np.array([f[0] for f in found], dtype=np.int64),
        _distinct([f[1] for f in found]),
        np.array([f[2] for f in found]),
        np.array([f[3] for f in found]),
        np.array([f[4] for f in found], dtype=np.int64),
    )


def _table(path: Path, file: str) -> tuple[int, list[str], Iterator[tuple[int, list[str]]]]:
    """The header and the rows after it, with line numbers; raises what makes it unreadable."""
    try:
        if path.stat().st_size > _BYTES_MAX:
            raise _error(
                file, 0, 0, f"the table is larger than {_BYTES_MAX // 2**20} MB.",
                "Keep the places of one country.",
            )  # fmt: skip
        raw = path.read_bytes()
    except OSError as error:
        raise _error(
            file, 0, 0, f"the table cannot be read: {error.strerror or error}.", "Check the path."
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _error(file, line, 1, "the table is not UTF-8.", "Save it as UTF-8.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _error(file, line, 1, "the table has a NUL character.", "Save it as plain text.")
    if not text.strip():
        raise _error(file, 0, 0, "the table is empty.", f"Give it {', '.join(COLUMNS)}.")
    first = next(line for line in text.splitlines() if line.strip())
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows = _numbered(reader, file)
    header_line, header = next(rows)
    return header_line, [name.strip().casefold() for name in header], rows


def _numbered(reader: csv._reader, file: str) -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    """Rows that are not blank, with the line each begins on."""
    begin = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _error(
                file, begin, 1, f"the row cannot be read: {error}.", "Mend its quotation marks."
            ) from None
        if any(value.strip() for value in row):
            yield begin, row
        begin = reader.line_num + 1


def _row_faults(
    file: str, line: int, values: dict[str, str], at: dict[str, int]
) -> Iterator[Diagnostic]:
    if not values["name"]:
        yield _fault(file, line, at["name"] + 1, "the place has no name.", "Name it.")
    for column, limit in (("latitude", 90.0), ("longitude", 180.0)):
        if not abs(_number(values[column])) <= limit:
            yield _fault(
                file, line, at[column] + 1, f"{column} {values[column]!r} is not a {column}.",
                f"Write degrees with a point, -{limit:.0f} to {limit:.0f}.",
            )  # fmt: skip
    people = _number(values["population"] or "0")
    values["population"] = values["population"] or "0"
    if not (0 <= people <= _PEOPLE_MAX and people == math.floor(people)):
        yield _fault(
            file, line, at["population"] + 1,
            f"population {values['population']!r} is not a number of people.",
            "Write a whole number without separators, 0 or more.",
        )  # fmt: skip


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Names, the second and further of one name numbered."""
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(distinct)


def _shortened(file: str, faults: list[Diagnostic]) -> list[Diagnostic]:
    if len(faults) <= _FAULTS_MAX:
        return faults
    more = len(faults) - _FAULTS_MAX
    return [*faults[:_FAULTS_MAX], _fault(file, 0, 0, f"... and {more} more faults.", "")]


def _fault(file: str, line: int, column: int, message: str, fix: str) -> Diagnostic:
    return Diagnostic(file, line, column, message, fix)


def _error(file: str, line: int, column: int, message: str, fix: str) -> DataError:
    return DataError([_fault(file, line, column, message, fix)])
