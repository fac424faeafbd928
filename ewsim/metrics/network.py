"""A network in figures: its sites, what they are planned to cover, and who can use it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ewsim.metrics import words

#: Each row's columns, in the order of `cells`.
HEAD = (
    "Operator",
    "Technology",
    "Sites",
    "People a site",
    "Planned coverage",
    "Available outdoors",
    "Available indoors",
)

#: What the columns mean, and what real operators have (docs/background/radio.md).
MEANING = """\
Planned coverage: people at places where the median signal outdoors meets the planning threshold; of any \
operator: of one at least.
Availability, outdoors and indoors: people with a phone who can camp on a network that it may use, as drawn \
for this country. Of a technology: people for whom it is the newest that they can use.
Published for one operator: 1,700 to 5,400 people a site in high-income countries, 6,000 to 14,000 in \
low-income ones."""

_COUNTS = ("sites", "people_per_site")
_SHARES = ("planned_coverage_share", "outdoors_share", "indoors_share")


def typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row from a file: its names as text, its counts and shares as numbers or None."""
    names = {name: str(row[name]) for name in ("operator", "rat")}
    counts = {name: None if row[name] is None else int(row[name]) for name in _COUNTS}
    return {**names, **counts, **{name: None if row[name] is None else float(row[name]) for name in _SHARES}}


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A row as text, one for each column of `HEAD`; empty where it has no figure."""
    return (
        row["operator"],
        row["rat"],
        *("" if row[name] is None else f"{row[name]:,}" for name in _COUNTS),
        *("" if row[name] is None else _percent(row[name]) for name in _SHARES),
    )


def _percent(share: float) -> str:
    """A share to a tenth of a percent, never rounded to nobody or everybody."""
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return "over 99.9 %" if 0.9995 <= share < 1 else f"{100 * share:.1f} %"


def lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rows under their head as lines of a terminal."""
    head = ("Operator", "Tech.", "Sites", "People/site", "Planned", "Outdoors", "Indoors")
    return words.aligned([head, *map(cells, rows)], left=2)
