"""Tables of text (CSV) that somebody else wrote: read as a stream, every fault at its place.

UTF-8 with or without a byte order mark, gzip or plain, commas, semicolons or tabs, any line ends.
The column of a fault counts the values of its row, from 1.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ewsim.errors import DataError, Diagnostic, Severity
from ewsim.geography.plane import FloatArray

#: Faults that are told one by one; the rest is counted.
FAULTS_MAX = 50

_LINE_MAX = 2**20
#: What people give for a table, told by its first octets, and what to do.
_NO_TEXT = (
    ("a workbook or a ZIP archive", (b"PK\x03\x04",), "Save the sheet as CSV, UTF-8."),
    ("an old workbook", (b"\xd0\xcf\x11\xe0",), "Save the sheet as CSV, UTF-8."),
    ("UTF-16", (b"\xff\xfe", b"\xfe\xff"), "Save it as CSV, UTF-8."),
)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


@dataclass(slots=True)
class Faults:
    """What is wrong with one file, in the order found."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)
    more: int = 0

    def add(self, line: int, column: int, message: str, fix: str, severity: Severity = "error") -> None:
        """Note a fault, or with another severity what is only odd."""
        if len(self.found) < FAULTS_MAX:
            self.found.append(Diagnostic(self.file, line, column, message, fix, severity))
        else:
            self.more += 1

    def __bool__(self) -> bool:
        return bool(self.found)

    def error(self) -> DataError:
        """All of them as an error."""
        return DataError(self.told())

    def told(self) -> list[Diagnostic]:
        """All of them by their line, and how many are not told one by one."""
        found = sorted(self.found, key=lambda d: (d.line, d.column))
        if self.more:
            severity = found[0].severity
            found.append(Diagnostic(self.file, 0, 0, f"... and {self.more:,} more like these.", "", severity))
        return found

    def fail(self, line: int, column: int, message: str, fix: str) -> DataError:
        """Note a fault that ends the reading; everything noted so far as an error."""
        self.add(line, column, message, fix)
        return self.error()


def rows(path: Path, faults: Faults, octets_max: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that are not blank, each with the line it begins on.

    Lines that are no text are noted as faults and left out.

    Raises
    ------
    DataError
        Nothing (more) can be read.
    """
    lines = _lines(path, faults, octets_max)
    blank = []
    for line in lines:
        if line.strip():
            break
        blank.append(line)
    else:
        if faults:
            raise faults.error()
        raise faults.fail(0, 0, "the table is empty.", "Give it a header line and rows.")
    separator = max(",;\t", key=line.count)
    text = _chain(blank, line, lines)
    reader = csv.reader(text, delimiter=separator, strict=True)
    begin, found = 1, False
    while True:
        try:
            row = next(reader)
        except StopIteration:
            if found:
                return
            if faults:
                raise faults.error() from None
            fix = "Give it a header line and rows."
            raise faults.fail(0, 0, "the table is empty.", fix) from None
        except csv.Error as error:
            message = f"the row cannot be read: {error}."
            raise faults.fail(begin, 1, message, "Mend its quotation marks.") from None
        if any(value.strip() for value in row):
            found = True
            yield begin, row
        begin = reader.line_num + 1


def headed(
    path: Path, faults: Faults, octets_max: int, wanted: Sequence[str] = ()
) -> tuple[list[str], int, Iterator[tuple[int, list[str]]]]:
    """A table's header in lower case, its line, and the rows below that are as long as it.

    Rows of another length are noted as faults and left out.

    Raises
    ------
    DataError
        Nothing can be read, or the header lacks a wanted column.
    """
    lines = rows(path, faults, octets_max)
    header_line, first = next(lines, (0, [""]))
    header = [name.strip().casefold() for name in first]
    if header_line:
        missing(header, wanted, header_line, faults)
        twice(header, header, header_line, faults)
    if faults:
        raise faults.error()
    return header, header_line, _as_long(lines, len(header), faults)


def _as_long(
    lines: Iterator[tuple[int, list[str]]], length: int, faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    for line, row in lines:
        if len(row) == length:
            yield line, row
        else:
            message = f"the row has {len(row)} values, the header {length}."
            faults.add(line, 1, message, "Quote values with separators.")


def _chain(blank: list[str], first: str, rest: Iterator[str]) -> Iterator[str]:
    yield from blank
    yield first
    yield from rest


def _lines(path: Path, faults: Faults, octets_max: int) -> Iterator[str]:
    """Lines of text; one that is none is noted and comes as a blank one, so that lines count."""
    number, octets = 0, 0
    try:
        with path.open("rb") as raw:
            begin = raw.peek(4)[:4]
            for what, magics, fix in _NO_TEXT:
                if begin.startswith(magics):
                    raise faults.fail(0, 0, f"the table is {what}, not text.", fix)
            packed = begin[:2] == b"\x1f\x8b"
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            # A wrong octet becomes a lone surrogate, which tells its line.
            text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
            while line := text.readline(_LINE_MAX):
                number += 1
                octets += len(line)
                if octets > octets_max or len(line) == _LINE_MAX:
                    what = f"the table is larger than {octets_max / 1e6:,.0f} MB."
                    if octets <= octets_max:
                        what = f"the line is longer than {_LINE_MAX:,} characters."
                    fix = "Keep the rows of one country, one row a line."
                    raise faults.fail(number, 1, what, fix)
                if "\0" in line:
                    faults.add(number, 1, "the line has a NUL character.", "Save it as plain text.")
                    line = "\n"
                elif not line.isascii() and any("\udc80" <= c <= "\udcff" for c in line):
                    faults.add(number, 1, "the line is not UTF-8.", "Save the table as UTF-8.")
                    line = "\n"
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise faults.fail(
            0, 0, f"the table cannot be unpacked: {error}.", "Pack it again with gzip."
        ) from None
    except OSError as error:
        raise faults.fail(
            0, 0, f"the table cannot be read: {error.strerror or error}.", "Check the path."
        ) from None


def numbers(texts: list[str]) -> FloatArray:
    """Numbers, NaN for everything else; 1_000 is none, though Python has it so."""
    if "_" not in "".join(texts):
        try:
            return np.array([text or "nan" for text in texts], dtype=np.float64)
        except ValueError:
            pass
    return np.array([number(text) for text in texts])


def number(text: str) -> float:
    """A number, NaN for everything else."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def why_no_number(text: str) -> str:
    """What a value is that should have been a number, for a fault's message."""
    if not text:
        return "is missing"
    if _DECIMAL_COMMA.fullmatch(text):
        return f"{text!r} has a decimal comma"
    return f"{text!r} is not a number"


def missing(header: Sequence[str], wanted: Sequence[str], line: int, faults: Faults) -> None:
    """Note columns that are wanted and not there, and what is there instead."""
    absent = [column for column in wanted if column not in header]
    if not absent:
        return
    found = ", ".join(repr(name[:40]) for name in header[:20])
    fix = f"Give it a header line with {', '.join(wanted)}."
    if len(header) == 1:
        names = set(wanted)
        other = next((s for s in ("|", ":", " ") if names & set(header[0].split(s))), "")
        if other:
            fix = f"Separate values with commas, semicolons or tabs, not {other!r}."
    faults.add(line, 1, f"the table has no column {', '.join(absent)}; it has {found}.", fix)


def twice(header: Sequence[str], known: Iterable[str], line: int, faults: Faults) -> None:
    """Note columns of these names that are there more than once: nobody says which is meant."""
    for name in sorted(set(known) & set(header) - {""}):
        first = header.index(name)
        if name in header[first + 1 :]:
            again = header.index(name, first + 1) + 1
            what = f"the column {name[:40]!r} is there twice, as {first + 1} and {again}."
            faults.add(line, again, what, "Remove one of them, or rename it.")


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names, the second and further of one name numbered."""
    seen: Counter[str] = Counter()
    taken = []
    for name in names:
        seen[name] += 1
        taken.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(taken)
