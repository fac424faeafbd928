"""How well people were protected: gaps between groups, in time or not, lost connectivity."""

from collections.abc import Iterator, Mapping
from typing import Any

from ewsim.metrics.words import CHANNELS, duration, percent, source_in_words
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
        ("Kind", "Group", "is behind", "Points", "95 % range", "People it costs"),
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
        "The range is chance between people; a range that includes 0 is not a finding. People of one place "
        "share masts, so the true range is wider.",
    )
    figures = make_table("In time, twice, out of reach", ("", "People", "Figure"), _figures(found))
    return [*_response_tables(found.get("funnel")), *([gaps] if gaps.rows else []), figures]


def false_table(summary: Mapping[str, Any]) -> PageTable | None:
    """Who saw a false message, and its correction; None where there was none."""
    found = summary.get("false_alerts")
    if found is None:
        return None
    times = found["time_to_correction_s"]
    rows = [("Saw it", found["people"], ""), ("Then saw its correction", found["corrected"], "")]
    for what, late in (
        ("Time to the correction: half of those waited this or less", times["p50"]),
        ("Time to the correction: 95 % of those waited this or less", times["p95"]),
    ):
        if late is not None:
            rows.append((what, "", duration(late)))
    return make_table(
        "A false message, of all people",
        ("", "People", "Figure"),
        rows,
        "Nobody is reached by a false message; trust that is lost is not modelled.",
    )


def _response_tables(found: Mapping[str, Any] | None) -> Iterator[PageTable]:
    """What people did, and from whom they knew; nothing where the scenario does not ask."""
    if found is None:
        return
    head = ("Stage", "People", "Share of everybody", "Half of everybody", "90 % of everybody")
    yield make_table(
        "What people did with the alert (illustrative)",
        head,
        (
            (
                name.capitalize(),
                row["people"],
                percent(row["share"]),
                *(t if t is None else duration(t) for t in row["time_to_share_s"].values()),
            )
            for name, row in found["stages"].items()
        ),
        "Most numbers behind this table are assumptions. People who heard of it from others "
        "count as noticed and understood, although nothing was shown to them.",
    )
    known = sum(found["first_source"].values())
    yield make_table(
        "From whom people first knew",
        ("Source", "People", "Share of those who knew"),
        (
            (source_in_words(name), people, percent(people / known) if known else None)
            for name, people in found["first_source"].items()
        ),
    )


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
