"""One comparison, and the table of all of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ewsim.metrics.words import aligned

Kind = Literal["closed_form", "calibrated", "predicted"]
Bound = Literal["", "ratio", "at_most", "at_least"]


@dataclass(frozen=True, slots=True)
class Row:
    """One published or exact number, and the model's number.

    95 % of single runs lie between `low` and `high`; both equal `simulated` where nothing is random.
    The rule of a row is its `bound`; a row that was fitted (`calibrated`) has half of the tolerance.
    Without a bound the simulated mean is within the tolerance of the published number, and with
    `ratio` it differs from it by a factor of at most 1 + tolerance. A published bound (`at_most`,
    `at_least`) is not exceeded by more than the tolerance. `known` says why the model misses a row, where
    that is known: the row stays, as missed, and fails no command.
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
    bound: Bound = ""
    note: str = ""
    known: str = ""

    @property
    def allowed(self) -> float:
        """How far off the row may be: its tolerance, or half of it where it was fitted."""
        return self.tolerance / 2 if self.kind == "calibrated" else self.tolerance

    @property
    def ok(self) -> bool:
        """Whether the model agrees with the published number by the rule of the row."""
        excess = self.simulated - self.published
        if self.bound == "ratio":
            low, high = sorted((self.simulated, self.published))
            return low > 0 and high / low <= 1 + self.allowed
        if self.bound == "at_most":
            return excess <= self.allowed
        if self.bound == "at_least":
            return excess >= -self.allowed
        return abs(excess) <= self.allowed


def document(rows: Sequence[Row]) -> dict[str, Any]:
    """The document of `ewsim validate --json`."""
    return {
        "format": "ewsim.validate/1",
        "rows": [
            {**asdict(row), "difference": row.simulated - row.published, "allowed": row.allowed, "ok": row.ok}
            for row in rows
        ],
    }


_BOUND = {"at_most": "≤ ", "at_least": "≥ "}
_HEAD = (
    "What",
    "Authority",
    "Published",
    "Simulated",
    "95 % of runs",
    "Difference",
    "Rule",
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
        f"{_BOUND.get(row.bound, '')}{number(row.published)}{unit}",
        f"{number(row.simulated)}{unit}",
        "exact" if exact else f"{number(row.low)} to {number(row.high)}",
        number(row.simulated - row.published, "+"),
        _rule(row, number(row.allowed)),
        row.kind.replace("_", " "),
        "ok" if row.ok else "missed, as known" if row.known else "MISSED",
    )


def _rule(row: Row, allowed: str) -> str:
    """What the row must keep to be ok."""
    if row.bound == "ratio":
        return f"factor {1 + row.allowed:g}"
    if row.bound:
        return row.bound.replace("_", " ") + (f" + {allowed}" if row.allowed else "")
    return f"± {allowed}"


def text(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    body = aligned([_HEAD, *map(cells, rows)], left=len(_HEAD))
    missed = sum(not row.ok for row in rows)
    notes = [
        f"{row.metric}: {row.known or row.note}" for row in rows if (row.known or row.note) and not row.ok
    ]
    known = sum(bool(row.known) and not row.ok for row in rows)
    verdict = f"{len(rows) - missed} of {len(rows)} rows within their tolerance."
    if known:
        verdict += f" Known to be missed: {known}."
    return "\n".join([body[0], "-" * len(body[0]), *body[1:], "", *notes, verdict])


def markdown(rows: Sequence[Row]) -> str:
    """The table for a page."""
    lines = [_HEAD, ("---",) * len(_HEAD), *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
