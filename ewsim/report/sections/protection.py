"""How well people were protected: gaps between groups, in time or not, lost connectivity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ewsim.metrics.words import CHANNELS, duration, percent
from ewsim.report.sections.groups import label
from ewsim.report.table import PageTable, make_table


def tables_of(summary: Mapping[str, Any]) -> list[PageTable]:
    """The widest gap of each kind of group, and the other figures of `protection`; none without people."""
    found = summary["protection"]
    if not summary["in_area"]:
        return []
    wide = sorted(
        ((name, gap) for name, gap in found["gaps"].items() if gap is not None),
        key=lambda item: item[1]["gap"],
    )
    gaps = make_table(
        "Gaps between groups: the widest of each kind",
        ("Kind", "Group", "is behind", "Percentage points", "95 % range", "People it costs"),
        (
            (
                label(name),
                gap["group"].replace("_", " "),
                gap["other"].replace("_", " "),
                f"{gap['gap'] * 100:.1f}",
                f"{gap['low'] * 100:.1f} to {gap['high'] * 100:.1f}",
                gap["people"],
            )
            for name, gap in wide
        ),
        "The range is chance between people; a range that includes 0 is no finding. People of one place "
        "share masts, so the true range is wider.",
    )
    figures = make_table("In time, twice, out of reach", ("", "People", "Figure"), _figures(found))
    return [*([gaps] if gaps.rows else []), figures]


def _figures(found: Mapping[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    warned = found["warned"]
    if warned is not None:
        lead = warned["lead_time_s"]
        yield (
            "Warned before the hazard came, of those it reaches",
            warned["in_time"],
            percent(warned["share"]),
        )
        if lead["p50"] is not None:
            yield "Lead time: half of those warned had this or less", None, _lead(lead["p50"])
            yield "Lead time: a tenth of those warned had this or less", None, _lead(lead["p10"])
    for name, row in found["repeats"].items():
        if row["displays_over_1"]:
            yield f"Shown more than once by {CHANNELS.get(name, name)}", row["displays_over_1"], ""
    lost = found["connectivity"]
    yield (
        "Their mast was off for some time, of those who had signal",
        lost["affected"],
        f"{lost['person_hours']:,.0f} person-hours",
    )
    proxies = found["sendai"]
    yield "Proxy of Sendai G-3: covered, of 100,000 people", None, f"{proxies['g3_per_100000']:,.0f}"
    if proxies["g6_share"] is not None:
        yield "Proxy of Sendai G-6: protected, of those at risk", None, percent(proxies["g6_share"])


def _lead(seconds: float) -> str:
    return f"{duration(-seconds)} too late" if seconds < 0 else duration(seconds)
