"""Reads outages that somebody saw: a table (CSV, XLSX, Parquet, points), or outlines with properties.

A row is an outage with begin and end of a site, a feeder, an area or the country; or the share of sites that
were off at a time. Which of the two it is, its columns say.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias, get_args

from shapely.geometry.base import BaseGeometry

from ewsim.disturbances.observed.columns import CAUSES, NOT_KNOWN, SHARES, ColumnPlaces, places_of
from ewsim.disturbances.observed.mask import is_mask, times_of_mask
from ewsim.disturbances.observed.spec import ObservedCause, OutageTableSpec
from ewsim.disturbances.outlook.values import counted, moment_of, one_event, share_of
from ewsim.geography.faults import Faults
from ewsim.geography.features import AREAS, Feature, read_shapes
from ewsim.geography.formats import what_is
from ewsim.geography.table import HeadedTable, number, why_no_number
from ewsim.scenario.spec.base import LONGEST_S

_OCTETS_MAX = 50_000_000
_ROWS_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Observation:
    """A row: which sites, and a share of them that is off; everywhere where nothing is named.

    An outage lasts from `from_s` until `until_s` (inf where no end is given); a row of a series stands for
    the one moment `from_s`, and its `until_s` is NaN. Times are seconds after the decision.
    """

    line: int
    column: int
    site: str
    feeder: str
    area: str
    operator: str
    shape: BaseGeometry | None
    from_s: float
    until_s: float
    share: float
    cause: ObservedCause

    @property
    def is_moment(self) -> bool:
        """Whether it is a row of a series."""
        return math.isnan(self.until_s)

    @property
    def subject(self) -> tuple[object, ...]:
        """What it is of; rows of one subject belong together."""
        place = None if self.shape is None else (self.line, self.column)
        return self.site, self.feeder, self.area.casefold(), self.operator, place


#: The good rows, all rows for the names in them, and what is wrong.
_Rows: TypeAlias = tuple[tuple[Observation, ...], tuple[Observation, ...], Faults]


class _Record(NamedTuple):
    """A row as text by column, with its place and shape."""

    line: int
    texts: Sequence[str]
    shape: BaseGeometry | None = None
    feature: Feature | None = None  # where the file is no table


def read_observations(spec: OutageTableSpec) -> tuple[Observation, ...]:
    """The rows of an outage table, whose path starts at the current folder; raises every fault at once."""
    rows, _, faults = rows_and_faults(spec)
    if faults:
        raise faults.error()
    return rows


def rows_and_faults(spec: OutageTableSpec) -> _Rows:
    """The rows of an outage table with what is wrong; raises where it is no such table."""
    path = Path(spec.path)
    rows, every, faults = _read(spec, path.stat().st_mtime_ns if path.is_file() else 0)
    return rows, every, Faults(faults.file, list(faults.found), faults.more)


@lru_cache(maxsize=4)
def _read(spec: OutageTableSpec, changed: int) -> _Rows:  # noqa: ARG001 - a changed file
    path = Path(spec.path)
    if is_mask(spec):
        mask = (Observation(1, 1, "", "", "", "", None, *times_of_mask(spec), 1.0, spec.cause),)
        return mask, mask, Faults(spec.path)
    faults, header, records = _open(path)
    if spec.from_s is not None or spec.until_s is not None:
        what = "from_s and until_s are of a raster mask; this file has its own times."
        faults.add(1, 1, what, "Leave them out.")
    columns = places_of(header, faults)
    found: list[Observation] = []
    every: list[Observation] = []
    events: dict[str, int] = {}
    for count, record in enumerate(records):
        if count >= _ROWS_MAX:
            what = f"the table has more than {_ROWS_MAX:,} rows."
            raise faults.fail(record.line, 1, what, "Keep the event's rows only.")
        row = _Row(record, columns, spec, faults)
        event = row.text("event")
        events.setdefault(event, record.line)
        if (spec.event is not None and event.casefold() != spec.event.casefold()) or not row.of_sites():
            continue
        every.append(row.observation())
        found += every[-1:] if row.good else []
    one_event(events, spec.event, columns.at["event"], "event", faults)
    found = _one_area(found, every, spec, faults)
    _overlaps(found, faults)
    if not faults and not found:
        faults.add(1, 1, "the table has no outage.", "Give at least one row.")
    return tuple(found), tuple(every), faults


def _open(path: Path) -> tuple[Faults, list[str], Iterator[_Record]]:
    """The header in small letters and the rows of a table, or of outlines with their properties."""
    faults = Faults(str(path))
    if what_is(path).read_as in ("features", "geojson"):
        found = read_shapes(path, faults)
        if not found.placed:
            fix = "Give outlines of where sites are off, with their times as properties."
            raise faults.fail(0, 0, "the file is not a FeatureCollection.", fix)
        keys = found.keys()
        rows = (
            _Record(
                row.line or row.number,
                [row.text(key) for key in keys],
                row.shape if row.shape.geom_type in AREAS else None,
                row,
            )
            for row in found.rows
        )
        return faults, [key.casefold() for key in keys], rows
    table = HeadedTable(path, _OCTETS_MAX)
    return table.faults, table.header, (_Record(line, row) for line, row in table)


class _Row:
    """One row while it is read; what is wrong is noted at its place."""

    def __init__(self, record: _Record, columns: ColumnPlaces, spec: OutageTableSpec, faults: Faults) -> None:
        self.record, self.columns, self.spec, self.faults = record, columns, spec, faults
        self.good = True

    def text(self, key: str) -> str:
        return self._text(self.columns.at.get(key, -1))

    def _text(self, at: int) -> str:
        text = self.record.texts[at].strip() if 0 <= at < len(self.record.texts) else ""
        return "" if text.casefold() in NOT_KNOWN else text

    def _wrong(self, at: int, what: str, fix: str) -> None:
        name, place = self.columns.names[at], (self.record.line, at + 1)
        if self.record.feature is not None:
            place = self.record.feature.place(Path(self.faults.file), name)
        self.faults.add(*place, f"{name} {what}", fix)
        self.good = False

    @property
    def _column(self) -> int:
        """Of the feature, 0 in a table."""
        return 0 if self.record.feature is None else self.record.feature.column or 1

    def of_sites(self) -> bool:
        """Whether a long table means sites with this row, and not customers."""
        name = re.sub(r"[^a-z0-9]+", "_", self.text("series").casefold())
        return not name or name == "sites" or name in SHARES

    def observation(self) -> Observation:
        """The row; `good` says whether more than its names can be used."""
        columns, moment = self.columns, self.columns.start[0] < 0
        start, end = columns.time if moment else columns.start, columns.end
        from_s = self._seconds(*start)
        until_s = math.nan if moment else math.inf
        if not moment and self._text(end[0]):
            until_s = self._seconds(*end)
        if until_s <= from_s:
            said = self._text(end[0])[:40]
            self._wrong(end[0], f"({said}) is not after {columns.names[start[0]]}.", "Give a later end.")
        share = self._share(needed=moment)
        cause = self._cause()
        self.good = self._names_one(moment=moment) and self.good
        subject = next((key for key in ("site", "feeder", "area") if self.text(key)), "")
        return Observation(
            line=self.record.line,
            column=self._column or max(self.columns.at.get(subject, 0), 0) + 1,
            site=self.text("site"),
            feeder=self.text("feeder"),
            area=self.text("area"),
            operator=self.text("operator"),
            shape=self.record.shape,
            from_s=from_s,
            until_s=until_s,
            share=share,
            cause=cause,
        )

    def _names_one(self, *, moment: bool) -> bool:
        """Whether the row says which sites it means, once; a series without areas is of the country."""
        given = [key for key in ("site", "feeder", "area") if self.text(key)]
        column = self._column or 1
        if len(given) > 1:
            what = f"the row names a {given[0]} and a {given[1]}."
            self.faults.add(self.record.line, column, what, "Leave one of them empty.")
        elif not given and self.record.shape is None:
            wanted = [key for key in ("site", "feeder", "area") if self.columns.at[key] >= 0]
            if moment and not wanted:
                return True
            what = "the row names no site, feeder or area."
            if self.columns.at["area"] < 0 and not wanted:
                what = "the table has no column of sites, feeders or areas."
            self.faults.add(self.record.line, column, what, "Say what was off.")
        elif given == ["area"] and self.spec.districts is None and self.record.shape is None and not moment:
            what = f"is {self.text('area')[:40]!r}, and nothing says where that is."
            self._wrong(self.columns.at["area"], what, "Give outlines with districts in the scenario.")
        else:
            return True
        return False

    def _seconds(self, at: int, one: float) -> float:
        """A time [s after the decision]; NaN and a fault where it is none."""
        text, spec = self._text(at), self.spec
        value = number(text)
        if one and math.isfinite(value) and abs(value * one) <= LONGEST_S:
            return value * one + spec.at_s
        name = self.columns.names[at]
        if one:
            what = f"{why_no_number(text)}." if math.isnan(value) else f"is {text!r}."
            self._wrong(at, what, "Give a number.")
            return math.nan
        when = moment_of(text)
        if isinstance(when, str):
            fix = ""
            if math.isfinite(value) and "not a date" in when:
                when, fix = (
                    when.partition(" Write")[0],
                    f"Name the column {name}_s or {name}_h for seconds or hours.",
                )
            self._wrong(at, when, fix)
            return math.nan
        if spec.decided_at is None:
            fix = "Give decided_at beside path in the scenario."
            self._wrong(at, f"is {text!r}, and nothing says when the decision is.", fix)
            return math.nan
        when = when if when.tzinfo else when.replace(tzinfo=spec.decided_at.tzinfo)
        since_s = (when - spec.decided_at).total_seconds()
        if abs(since_s) > LONGEST_S:
            fix = "Correct the date, or decided_at in the scenario."
            self._wrong(at, f"is {text!r}, more than 31 years from the decision.", fix)
            return math.nan
        return since_s + spec.at_s

    def _share(self, *, needed: bool) -> float:
        role = next((role for role in ("share", "percent", "out") if self.text(role)), None)
        if role is None:
            if needed:
                at = next(
                    self.columns.at[role] for role in ("share", "percent", "out") if role in self.columns.at
                )
                self._wrong(at, "is missing.", "Write a share (0.68), a percentage (68 %), or a count.")
            return 1.0
        text, whole = self.text(role), None
        if role == "out":
            total = counted(self.text("total"))
            whole = total if isinstance(total, float) else math.nan
            if not whole > 0:
                self._wrong(self.columns.at["out"], f"is {text!r}, without a total.", "Give sites_total too.")
                return 1.0
        if role == "percent" and not text.endswith("%"):
            text += " %"
        share = share_of(text, whole)
        if isinstance(share, str):
            self._wrong(self.columns.at[role], share, "")
        else:
            return share
        return 1.0

    def _cause(self) -> ObservedCause:
        text = self.text("cause")
        cause = CAUSES.get(text.casefold()) if text else self.spec.cause
        if cause is None:
            allowed = ", ".join(get_args(ObservedCause))
            self._wrong(self.columns.at["cause"], f"is {text[:40]!r}.", f"Write one of {allowed}.")
        return cause or "unknown"


def _one_area(
    found: list[Observation], every: list[Observation], spec: OutageTableSpec, faults: Faults
) -> list[Observation]:
    """Rows of a series whose one area nothing places: it is the country; several are a fault."""
    placed = spec.districts is not None
    unplaced = [row for row in reversed(every) if row.area and row.is_moment and row.shape is None]
    areas = {} if placed else {row.area.casefold(): row for row in unplaced}
    if len(areas) > 1:
        *_, second, first = areas.values()
        both = f"{first.area[:40]!r} and {second.area[:40]!r}"
        what = f"the table has the areas {both}, and nothing says where."
        faults.add(second.line, second.column, what, "Give outlines with districts in the scenario.")
    return [replace(row, area="") if row.is_moment and not placed else row for row in found]


def _overlaps(found: Sequence[Observation], faults: Faults) -> None:
    """Note outages of one site or area that overlap, and shares that do not fit together."""
    last: dict[object, Observation] = {}
    together: dict[object, float] = {}
    for row in sorted(found, key=lambda row: (row.from_s, row.line)):
        key = (row.subject, row.cause if row.is_moment else "")
        before = last.get(key)
        name = row.site or row.feeder or row.area or "the country"
        last[key] = row
        if not row.is_moment:
            if before is not None and row.from_s < before.until_s:
                what = f"this outage of {name} overlaps with that in line {before.line}."
                faults.add(row.line, row.column, what, "Correct the times, or write one row for both.")
                last[key] = max(before, row, key=lambda one: one.until_s)
        elif before is not None and before.from_s == row.from_s:
            what = f"{name} has this time in line {before.line} too."
            faults.add(row.line, row.column, what, "Keep one row for each time.")
        else:
            at = row.subject, row.from_s
            less = together.get(at, 0.0)
            together[at] = less + row.share
            if together[at] > 1.0001 >= less:
                what = f"the shares of {name} by cause add up to {together[at]:.2f} at this time."
                faults.add(row.line, row.column, what, "Give shares of all sites, one for each cause.")
