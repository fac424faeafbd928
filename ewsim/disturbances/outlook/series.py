"""Reads a planner's table of customers without mains, and of sites off, by day.

A row is a day. Times are days or hours since the hazard has passed, or dates. What is out is a share, a
percentage, or a count with its total. A long table (`series`, `share`) is read too, and one event of many.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ewsim.disturbances.outlook.forecast import DaySeries
from ewsim.disturbances.outlook.values import CUSTOMERS_MOST, DAY_MAX, Clock, counted, one_event, share_of
from ewsim.errors import Diagnostic
from ewsim.geography.faults import Faults
from ewsim.geography.table import HeadedTable, number

Who = Literal["customers", "sites"]
Role = Literal["out", "share", "percent", "total"]

_OCTETS_MAX = 20_000_000
_ROWS_MAX = 100_000
#: More reports of sites off than this are refused: a forecast learns nothing from them.
_REPORTS_MAX = 300
_TIMES = {"day": 1.0, "days": 1.0, "hour": 24.0, "hours": 24.0, "date": 0.0, "time": 0.0, "datetime": 0.0}
_NOT_KNOWN = ("", "-", "na", "n/a", "nan", "null", "none")
#: Totals that differ by more than this factor are of different areas.
_TOTAL_CHANGE = 1.1

_CUSTOMERS: dict[str, Role] = {
    **dict.fromkeys(("customers_out", "customers_without_mains", "customers_without_power", "out"), "out"),
    **dict.fromkeys(("customers_out_share", "customers_share", "share_out", "share"), "share"),
    **dict.fromkeys(("customers_out_percent", "customers_percent", "percent_out", "percent"), "percent"),
    **dict.fromkeys(
        ("customers_total", "customers_tracked", "customers_served", "customers", "total"), "total"
    ),
}
_SITES: dict[str, Role] = {
    **dict.fromkeys(("sites_out", "sites_off", "cell_sites_out"), "out"),
    **dict.fromkeys(("sites_out_share", "sites_share", "sites_off_share"), "share"),
    **dict.fromkeys(("sites_out_percent", "sites_percent", "sites_off_percent"), "percent"),
    **dict.fromkeys(("sites_total", "sites_served", "cell_sites_served", "sites"), "total"),
}
COLUMNS: dict[Who, dict[str, Role]] = {"customers": _CUSTOMERS, "sites": _SITES}
_WRITE = (
    "Write day (or hours, or date) and customers_out_share, or customers_out and customers_total; for sites "
    "off sites_out_share, or sites_out and sites_total."
)


@dataclass(slots=True)
class _Column:
    """What one of the two series is read from."""

    who: Who
    at: dict[Role, int]
    found: dict[float, tuple[float, int]] = field(default_factory=dict)
    totals: list[tuple[float, int]] = field(default_factory=list)
    has_small_percent: bool = False

    def of_role(self, row: Sequence[str], role: Role) -> str:
        at = self.at.get(role, -1)
        text = row[at].strip() if at >= 0 else ""
        return "" if text.casefold() in _NOT_KNOWN else text


@dataclass(frozen=True, slots=True)
class DayTable:
    """What a table says: customers and sites by day, the last total of sites, and what was odd."""

    customers: DaySeries
    reports: DaySeries
    sites: int | None
    totals_change: bool
    notes: tuple[Diagnostic, ...]


def read_table(
    path: Path, clock: Clock, event: str | None = None, customers_total: float | None = None
) -> DayTable:
    """Read a table.

    Parameters
    ----------
    path
        The file: CSV or another table that ewsim reads.
    clock
        How times become days.
    event
        Which event, where the table has several.
    customers_total
        Customers of the area, where the table has counts and no total [1].

    Raises
    ------
    DataError
        The table is at fault, with every fault at its place.
    """
    table = HeadedTable(path, _OCTETS_MAX)
    head = [re.sub(r"[^a-z0-9%]+", "_", name).strip("_") for name in table.header]
    odd = Faults(str(path))
    faults = table.faults
    time_at = next((i for i, name in enumerate(head) if name in _TIMES), -1)
    series_at = head.index("series") if "series" in head else -1
    event_at = head.index("event") if "event" in head else -1
    columns = {who: _Column(who, _places(head, COLUMNS[who])) for who in COLUMNS}
    if series_at >= 0:  # one column of shares for both
        columns["sites"].at |= {
            role: at for role, at in columns["customers"].at.items() if role in ("share", "percent")
        }
    usable = any(set(c.at) & {"out", "share", "percent"} for c in columns.values())
    if time_at < 0 or not usable:
        what = "no column of times" if time_at < 0 else "no column of customers or sites that are off"
        seen = ", ".join(repr(name[:40]) for name in table.header[:20])
        raise faults.fail(1, 1, f"the table has {what}; it has {seen}.", _WRITE)
    read = {time_at, series_at, event_at} | {at for c in columns.values() for at in c.at.values()}
    if unread := [table.header[i][:40] for i in range(len(head)) if i not in read]:
        odd.add(1, 1, f"not read: {', '.join(unread[:12])}.", "", "info")
    events: dict[str, int] = {}
    for count, (line, row) in enumerate(table):
        if count >= _ROWS_MAX:
            raise faults.fail(line, 1, f"the table has more than {_ROWS_MAX:,} rows.", "Give one row a day.")
        if event_at >= 0:
            name = row[event_at].strip()
            events.setdefault(name, line)
            if event is not None and name.casefold() != event.casefold():
                continue
        _take(
            row,
            line,
            (time_at, _TIMES[head[time_at]]),
            series_at,
            columns,
            (clock, customers_total),
            table,
            odd,
        )
    one_event(events, event, event_at, "--event", faults)
    if len(columns["sites"].found) > _REPORTS_MAX:
        what = (
            f"the table has {len(columns['sites'].found):,} reports of sites off; {_REPORTS_MAX} are allowed."
        )
        faults.add(1, 1, what, "Give one a day.")
    total = sum(len(c.found) for c in columns.values())
    table.finish(total, "the table has no day with a value.", _WRITE)
    change = [_total_changes(column, odd) for column in columns.values()]
    customers, sites = columns["customers"], columns["sites"]
    return DayTable(
        DaySeries.of([(day, share) for day, (share, _) in customers.found.items()]),
        DaySeries.of([(day, share) for day, (share, _) in sites.found.items()]),
        round(sites.totals[-1][0]) if sites.totals else None,
        any(change),
        tuple(odd.listed()) if odd else (),
    )


def _places(head: Sequence[str], roles: dict[str, Role]) -> dict[Role, int]:
    """Where each role is; the first name in the order of `roles` that the table has."""
    found: dict[Role, int] = {}
    for name, role in roles.items():
        if name in head and role not in found:
            found[role] = head.index(name)
    return found


def _take(
    row: Sequence[str],
    line: int,
    time: tuple[int, float],
    series_at: int,
    columns: dict[Who, _Column],
    given: tuple[Clock, float | None],
    table: HeadedTable,
    odd: Faults,
) -> None:
    """Take one row into the series that it is of."""
    (time_at, per_day), (clock, customers_total), faults = time, given, table.faults
    day = clock.days_of(row[time_at].strip(), per_day)
    if isinstance(day, str):
        faults.add(line, time_at + 1, f"{table.header[time_at]} {day}", "")
        return
    if day > DAY_MAX:
        what = f"{table.header[time_at]} is {row[time_at].strip()[:40]!r}, {day:,.6g} days after the hazard."
        faults.add(line, time_at + 1, what, f"Write at most {DAY_MAX:,.0f} days.")
        return
    chosen = list(columns.values())
    if series_at >= 0:
        name = re.sub(r"[^a-z0-9]+", "_", row[series_at].strip().casefold())
        chosen = [
            c for c in chosen if name == c.who or COLUMNS[c.who].get(name) in ("out", "share", "percent")
        ]
        if not chosen:
            what = f"series is {row[series_at].strip()[:40]!r}."
            faults.add(line, series_at + 1, what, "Write customers_without_mains or sites_out.")
            return
    if day < 0:
        odd.add(line, time_at + 1, "the row is before the hazard has passed and is left out.", "", "info")
        return
    for column in chosen:
        _value(column, row, (line, time_at), day, customers_total, table, odd)


def _value(
    column: _Column,
    row: Sequence[str],
    place: tuple[int, int],
    day: float,
    customers_total: float | None,
    table: HeadedTable,
    odd: Faults,
) -> None:
    """Take the value of one series in one row, of a line and the column of its time."""
    line, time_at = place
    role: Role | None = next((r for r in ("share", "percent", "out") if column.of_role(row, r)), None)
    if role is None:
        return
    at, text, faults = column.at[role], column.of_role(row, role), table.faults
    whole: float | None = None
    total = column.of_role(row, "total")
    if total:
        said = counted(total)
        if isinstance(said, str) or said <= 0:
            name = table.header[column.at["total"]]
            what = said if isinstance(said, str) else f"is {total!r}, not above 0. Write a count."
            faults.add(line, column.at["total"] + 1, f"{name} {what}", "")
            return
        whole = said
        column.totals.append((whole, line))
    elif role == "out" and column.who == "customers":
        whole = customers_total
    if role == "percent":
        if 0 < number(text) < 1 and not column.has_small_percent:
            column.has_small_percent = True
            what = f"{table.header[at]} is {text!r}: read as {text} %. Shares belong in a column of shares."
            odd.add(line, at + 1, what, "", "info")
        text += "" if text.endswith("%") else " %"
    most = CUSTOMERS_MOST if column.who == "customers" else 1.0
    share = share_of(text, whole if role == "out" else None, most)
    if isinstance(share, str):
        faults.add(line, at + 1, f"{table.header[at]} {share}", "")
        return
    if share > 1:
        odd.add(line, at + 1, f"{table.header[at]} is {share:.2f} of all; taken as 1.", "", "warning")
        share = 1.0
    last = next(reversed(column.found), day)
    if day < last:
        what = f"day {day:g} is below day {last:g} of line {column.found[last][1]}."
        faults.add(line, time_at + 1, what, "Put the rows in order of time, or correct the day.")
    before = column.found.setdefault(day, (share, line))
    if before[0] != share:
        what = f"day {day:g} is there twice with different {column.who}, first in line {before[1]}."
        faults.add(line, at + 1, what, "Keep one row a day, of one area.")


def _total_changes(column: _Column, odd: Faults) -> bool:
    """Whether the totals are of different areas; noted where they are."""
    if not column.totals:
        return False
    (low, low_line), (high, high_line) = min(column.totals), max(column.totals)
    if high <= _TOTAL_CHANGE * low:
        return False
    what = f"the total of {column.who} is {high:,.0f} here and {low:,.0f} in line {low_line}."
    fix = "Shares of different areas do not make one series; the band is wider for it."
    odd.add(high_line, column.at["total"] + 1, what, fix, "warning")
    return True
