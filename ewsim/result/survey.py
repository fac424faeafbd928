"""Reads a survey for a run: a table with a row for each group or place.

Columns: `place`, or `group` and `value` (`sex`, `female`); `asked`; `received`, or `share` of those asked.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path

from ewsim.geography.table import HeadedTable, number, why_no_number
from ewsim.metrics.comparison.survey import Answered
from ewsim.metrics.reach import GROUPS
from ewsim.result.record import Result

_OCTETS_MAX = 5_000_000
_ASKED_MAX = 100_000_000
#: Names that a message lists.
_LISTED = 12


def read_survey(path: Path, result: Result) -> list[Answered]:
    """The rows of a survey, with the run's own spelling of groups and places.

    Raises
    ------
    DataError
        Every fault of the table, with its line: a place that the run does not have, more answers than
        people asked, a row that is there twice.
    """
    table = HeadedTable(path, _OCTETS_MAX, ["asked"])
    place, group, value = (table.column(name) for name in ("place", "group", "value"))
    received, share = table.column("received"), table.column("share")
    if place < 0 and (group < 0 or value < 0):
        fix = "Write a column place, or the columns group and value."
        raise table.faults.fail(table.header_line, 1, "the table does not say who was asked.", fix)
    if received < 0 and share < 0:
        fix = "Write a column received (people), or share (0.63 or 63%)."
        raise table.faults.fail(table.header_line, 1, "the table does not say who got the alert.", fix)
    reader = _Reader(table, result)
    found: list[Answered] = []
    for line, row in table:
        text = row[group].strip().casefold().replace(" ", "_") if group >= 0 else ""
        at = place if place >= 0 and text in ("", "place") else value
        who = reader.who(line, row, text or "place", at)
        asked = reader.whole(line, row, table.column("asked"), 1)
        if received >= 0:
            got = reader.whole(line, row, received, 0)
        else:
            got = None if asked is None else reader.of_share(line, row, share, asked)
        if who is None or asked is None or got is None:
            continue
        if got > asked:
            fix = "Check the two columns."
            table.faults.add(line, 1, f"{got:,} people got the alert of {asked:,} who were asked.", fix)
        elif any((one.column, one.value) == who for one in found):
            table.faults.add(line, 1, f"{who[1]!r} is there twice.", "Add the two rows up.")
        else:
            found.append(Answered(*who, asked, got))
    table.finish(len(found), "the survey has no row.", "Give at least one group or place.")
    return found


class _Reader:
    """Reads the values of a survey; what is wrong is noted at its place."""

    def __init__(self, table: HeadedTable, result: Result) -> None:
        self.table, self.result = table, result

    def who(self, line: int, row: Sequence[str], name: str, at: int) -> tuple[str, str] | None:
        """The column of the table of people, and the value there."""
        if name not in ("place", *GROUPS):
            fix = f"Groups: place, {', '.join(GROUPS)}."
            self.table.faults.add(line, self.table.column("group") + 1, f"{name!r} is not a group.", fix)
            return None
        column = "zone" if name == "place" else name
        said = row[at].strip() if at >= 0 else ""
        known = {str(one).casefold(): str(one) for one in self.result.people[column].cat.categories}
        if said.casefold() in known:
            return column, known[said.casefold()]
        near = difflib.get_close_matches(said.casefold(), list(known), n=1)
        fix = f"Did you mean {known[near[0]]!r}? " if near else ""
        fix += f"There are: {_some(list(known.values()))}."
        self.table.faults.add(line, max(at, 0) + 1, f"the run has no {name} {said[:60]!r}.", fix)
        return None

    def whole(self, line: int, row: Sequence[str], at: int, least: int) -> int | None:
        """A whole number of people."""
        found = number(row[at].strip())
        if least <= found <= _ASKED_MAX and found == int(found):
            return int(found)
        what = why_no_number(row[at].strip()) if found != found else f"is {row[at].strip()!r}"
        fix = f"Write a whole number from {least} on, without separators."
        self.table.faults.add(line, at + 1, f"{self.table.header[at]} {what}.", fix)
        return None

    def of_share(self, line: int, row: Sequence[str], at: int, asked: int) -> int | None:
        """The people behind a share of those asked."""
        text = row[at].strip()
        found = number(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
        if 0 <= found <= 1:
            return round(found * asked)
        self.table.faults.add(line, at + 1, f"share is {text[:40]!r}.", "Write 0.63, or 63%.")
        return None


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
