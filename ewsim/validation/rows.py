"""One comparison, and the table of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["closed_form", "calibrated", "predicted"]


@dataclass(frozen=True, slots=True)
class Row:
    """One published or exact number, and the model's number.

    95 % of single runs lie between `low` and `high`; both equal `simulated` where nothing is random.
    A row is `ok` when the simulated mean is within `tolerance` of the published number. For a
    published bound (`at_most`, `at_least`), the mean is not beyond it by more than the tolerance. The
    number of one event (`one_event`) lies among 95 % of single runs, widened by the tolerance.
    """

    id: str
    authority: str
    metric: str
    unit: str
    published: float
    simulated: float
    low: float
    high: float
    tolerance: float
    kind: Kind
    bound: Literal["", "at_most", "at_least", "one_event"] = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the model is within the tolerance of the row."""
        excess = self.simulated - self.published
        if self.bound == "at_most":
            return excess <= self.tolerance
        if self.bound == "at_least":
            return excess >= -self.tolerance
        if self.bound == "one_event":
            return self.low - self.tolerance <= self.published <= self.high + self.tolerance
        return abs(excess) <= self.tolerance


def document(rows: Sequence[Row]) -> dict[str, Any]:
    """The document of `ewsim validate --json`."""
    return {
        "format": "ewsim.validate/1",
        "rows": [{**asdict(row), "difference": row.simulated - row.published, "ok": row.ok} for row in rows],
    }


_BOUND = {"": "", "at_most": "≤ ", "at_least": "≥ ", "one_event": ""}
_HEAD = (
    "What",
    "Authority",
    "Published",
    "Simulated",
    "95 % of runs",
    "Difference",
    "Allowed",
    "Kind",
    "Verdict",
)


def cells(row: Row) -> tuple[str, ...]:
    """A row as text, one cell a column of the table."""
    percent = row.unit == "share"

    def number(value: float, sign: str = "") -> str:
        if percent:
            return f"{value * 100:{sign}.1f}"
        size = abs(value)
        digits = 0 if size >= 1000 else 2 if size >= 0.005 or size == 0 else 4
        return f"{value:{sign}.{digits}f}"

    unit = " %" if percent else f" {row.unit}" if row.unit else ""
    exact = row.low == row.high
    return (
        row.metric,
        row.authority,
        f"{_BOUND[row.bound]}{number(row.published)}{unit}",
        f"{number(row.simulated)}{unit}",
        "exact" if exact else f"{number(row.low)} to {number(row.high)}",
        number(row.simulated - row.published, "+"),
        number(row.tolerance),
        row.kind.replace("_", " "),
        "ok" if row.ok else "MISSED",
    )


def text(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines = [_HEAD, *map(cells, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEAD))]
    body = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    missed = sum(not row.ok for row in rows)
    notes = [f"{row.metric}: {row.note}" for row in rows if row.note and not row.ok]
    verdict = f"{len(rows) - missed} of {len(rows)} rows within their tolerance."
    return "\n".join([body[0], "-" * len(body[0]), *body[1:], "", *notes, verdict])


def markdown(rows: Sequence[Row]) -> str:
    """The table for a page."""
    lines = [_HEAD, ("---",) * len(_HEAD), *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
