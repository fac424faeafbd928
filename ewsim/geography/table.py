"""Tables that somebody else wrote: read as a stream, every fault at its place.

Text (CSV) in UTF-8 with or without a byte order mark, gzip or plain, commas, semicolons or tabs, any line
ends; or what `ewsim.geography.sheets` reads.
The column of a fault counts the values of its row, from 1.
"""

import csv
import math
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path

import numpy as np

from ewsim.errors import count_of
from ewsim.geography import sheets
from ewsim.geography.faults import Faults
from ewsim.geography.formats import Format, what_is
from ewsim.geography.lines import lines_of
from ewsim.geography.plane import FloatArray

#: The columns of a dump of GeoNames, which has tabs, no header line and no quoting
#: (https://download.geonames.org/export/dump/readme.txt).
GEONAMES = (
    *("geonameid", "name", "asciiname", "alternatenames", "latitude", "longitude"),
    *("feature class", "feature code", "country code", "cc2"),
    *("admin1 code", "admin2 code", "admin3 code", "admin4 code"),
    *("population", "elevation", "dem", "timezone", "modification date"),
)
_THOUSANDS = re.compile(r"\d{1,3}([ ,.'_]\d{3})+")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def rows(path: Path, faults: Faults, octets_max: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that are not blank, each with the line it begins on.

    A table may be text, a workbook, Parquet, or features at points. Lines that are not text are noted as
    faults and left out.

    Parameters
    ----------
    path
        The file.
    faults
        Where faults are noted.
    octets_max
        A larger table is refused [octets].

    Raises
    ------
    DataError
        Nothing (more) can be read.
    """
    kind = _kind(path, faults)
    if kind.read_as != "text":
        yield from sheets.rows_of(path, kind, faults, octets_max)
        return
    lines = lines_of(path, faults, octets_max)
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
    plain = line.count("\t") == len(GEONAMES) - 1
    reader = csv.reader(
        chain(blank, [line], lines),
        delimiter=separator,
        strict=True,
        quoting=csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL,
    )
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
            raise faults.fail(begin, 1, message, "Close its quotation marks.") from None
        if any(value.strip() for value in row):
            found = True
            yield begin, row
        begin = reader.line_num + 1


def _kind(path: Path, faults: Faults) -> Format:
    """What a file is; raises for what cannot be read as a table."""
    kind = what_is(path)
    if kind.read_as in ("", "raster"):
        raise faults.fail(0, 0, f"the file is {kind.name}, not a table.", kind.fix)
    return kind


class HeadedTable:
    """A table with a header line, read as a stream; what is wrong is noted at its place.

    `header` is in lower case, `header_line` its line; that of a dump of GeoNames, which has none, is known.
    Iterating gives each row that is as long as the header, with its line; other rows are faults.

    Parameters
    ----------
    path
        The file.
    octets_max
        A larger table is refused [octets].
    wanted
        Columns that it must have.

    Raises
    ------
    DataError
        Nothing can be read, or the header lacks a wanted column.
    """

    def __init__(self, path: Path, octets_max: int, wanted: Sequence[str] = ()) -> None:
        self.faults = Faults(str(path))
        self._lines = rows(path, self.faults, octets_max)
        self.header_line, first = next(self._lines, (0, [""]))
        if len(first) == len(GEONAMES) and all(math.isfinite(number(first[at])) for at in (0, 4, 5)):
            self._lines = chain([(self.header_line, first)], self._lines)
            first = list(GEONAMES)
        self.header = [name.strip().casefold() for name in first]
        if self.header_line:
            self.must_have(wanted)
            twice(self.header, self.header, self.header_line, self.faults)
        if self.faults:
            raise self.faults.error()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for line, row in self._lines:
            if len(row) == len(self.header):
                yield line, row
            else:
                wrong_length(line, row, len(self.header), self.faults)

    def must_have(self, wanted: Sequence[str]) -> None:
        """Note columns that are not there."""
        missing(self.header, wanted, self.header_line, self.faults)

    def column(self, *names: str) -> int:
        """Where the first of these columns is that is there, from 0; -1 for none of them."""
        return next((self.header.index(name) for name in names if name in self.header), -1)

    def degrees(self, line: int, row: Sequence[str], at: int, limit: int) -> float:
        """The latitude or longitude of a row [degree]; NaN, and a fault, where it is not one.

        Parameters
        ----------
        line, row, at
            The row with its line, and the column, from 0.
        limit
            90 for a latitude, 180 for a longitude.
        """
        text = row[at].strip()
        value = number(text)
        if abs(value) <= limit:
            return value
        what = (
            f"{text!r} is not between -{limit} and {limit}" if math.isfinite(value) else why_no_number(text)
        )
        self.faults.add(line, at + 1, f"{self.header[at]} {what}.", "Write degrees (WGS 84), e.g. 18.4655.")
        return math.nan

    def people(self, line: int, text: str, at: int, most: float) -> float:
        """A number of people; NaN, and a fault, where it is not one.

        Parameters
        ----------
        line, text, at
            The value with its line, and the column, from 0.
        most
            More people than this are a mistake [1].
        """
        value = number(text)
        if 0 <= value <= most:
            return value
        what, fix = why_no_number(text), f"Write a number from 0 to {most:.0f}, without separators."
        if math.isfinite(value):
            what = f"{text!r} is not a number of people"
        elif _THOUSANDS.fullmatch(text):
            what, fix = f"is {text!r}", f"Write {re.sub('[^0-9]', '', text)}."
        self.faults.add(line, at + 1, f"population {what}.", fix)
        return math.nan

    def finish(self, count: int, message: str, fix: str) -> None:
        """Raise every fault; or this one, at the header, where no row could be used.

        Parameters
        ----------
        count
            Rows that can be used.
        message, fix
            What is wrong without any, and what to write.
        """
        if not self.faults and not count:
            self.faults.add(self.header_line, 1, message, fix)
        if self.faults:
            raise self.faults.error()


def wrong_length(line: int, row: Sequence[str], length: int, faults: Faults) -> None:
    """Note a row that is not as long as the header.

    Parameters
    ----------
    line, row
        The row, and its line.
    length
        Columns of the header.
    faults
        Where the fault is noted.
    """
    message = f"the row has {count_of(len(row), 'values')}, the header {length}."
    fix = "Quote values that hold the separator, and write decimals with a point."
    faults.add(line, 1, message, fix)


def numbers(texts: list[str]) -> FloatArray:
    """Numbers, NaN for everything else, also for 1_000."""
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
    """What is wrong with a value that should be a number, for a fault's message."""
    if not text:
        return "is missing"
    if _DECIMAL_COMMA.fullmatch(text):
        return f"{text!r} has a decimal comma"
    return f"{text!r} is not a number"


def missing(header: Sequence[str], wanted: Sequence[str], line: int, faults: Faults) -> None:
    """Note columns that are wanted and not there, and what is there instead.

    Parameters
    ----------
    header
        Names of the columns.
    wanted
        Columns that must be there.
    line
        The line of the header.
    faults
        Where faults are noted.
    """
    absent = [column for column in wanted if column not in header]
    if not absent:
        return
    found = ", ".join(repr(name[:40]) for name in header[:20])
    fix = f"Give it a header line with {', '.join(wanted)}."
    like = [(n, c) for n in header if (c := meant(n, absent))]
    if like:
        fix = f"Rename {', '.join(f'{n[:40]!r} to {c}' for n, c in like)}. {fix}"
    if sum(map(bool, header)) == 1:
        names = set(wanted)
        other = next((s for s in ("|", ":", " ") if names & set(header[0].split(s))), "")
        fix = f"Delete what is above the header. {fix}"
        if other:
            fix = f"Separate values with commas, semicolons or tabs, not {other!r}."
    faults.add(line, 1, f"the table has no column {', '.join(absent)}; it has {found}.", fix)


def meant(name: str, columns: Iterable[str]) -> str:
    """Which of some columns a header's name seems to mean, in several languages; empty for none."""
    bare = _bare(name)
    for column in columns:
        short = {"latitude": "lat", "longitude": "lon"}.get(column, column)
        words = [_bare(word) for word in (column, short, *_called().get(short, ()))]
        if bare and (bare in words or bare.endswith(tuple(f" {word}" for word in words))):
            return column
    return ""


@cache
def _called() -> dict[str, list[str]]:
    """How headers call what is wanted of them."""
    return tomllib.loads((resources.files("ewsim.geography") / "headers.toml").read_text("utf-8"))


def _bare(name: str) -> str:
    """A name without case, accents, signs, and what is in brackets, such as a unit."""
    letters = unicodedata.normalize("NFKD", re.sub(r"\(.*?\)|\[.*?\]", " ", name.casefold()))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", plain))


def twice(header: Sequence[str], known: Iterable[str], line: int, faults: Faults) -> None:
    """Note columns of these names that are there more than once.

    Parameters
    ----------
    header
        Names of the columns.
    known
        Names that count.
    line
        The line of the header.
    faults
        Where faults are noted.
    """
    for name in sorted(set(known) & set(header) - {""}):
        first = header.index(name)
        if name in header[first + 1 :]:
            again = header.index(name, first + 1) + 1
            what = f"the column {name[:40]!r} is there twice, as column {first + 1} and {again}."
            faults.add(line, again, what, "Remove one of them, or rename it.")


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names, the second and further of one name numbered."""
    seen: Counter[str] = Counter()
    taken = []
    for name in names:
        seen[name] += 1
        taken.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(taken)
