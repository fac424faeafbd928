"""A summary as plain text for a terminal: the answer in sentences, then all figures."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from ewsim.metrics import network
from ewsim.metrics.words import (
    CAUSES,
    CHANNELS,
    answer,
    duration,
    kilometres,
    others,
    percent,
    replicated,
    replicated_causes,
    source_in_words,
    unbroken,
    unread,
    within,
)

#: No line is longer, so that nothing breaks in a narrow window.
WIDTH = 90


def text(summary: Mapping[str, Any], title: str, horizon_s: float) -> str:
    """The summary of a run as lines of at most `WIDTH` characters.

    Parameters
    ----------
    summary
        The document of `ewsim run --json`.
    title
        The scenario's title; empty for its name.
    horizon_s
        The simulated time after the decision to warn [s].
    """
    arm = f", arm {summary['arm']}" if summary.get("arm") else ""
    head = f"{title or summary['scenario']} ({summary['scenario']}{arm}, seed {summary['seed']})"
    lines = [*wrap(head, WIDTH), ""]
    for sentence in answer(summary, horizon_s):
        found = wrap(unbroken(sentence), WIDTH, initial_indent="  ", subsequent_indent="  ")
        lines += [line.replace("\u00a0", " ") for line in found]
    if summary["in_area"]:
        for caption, rows in _tables(summary, horizon_s):
            if rows:
                lines += ["", caption, *_aligned(rows)]
    whole = [row for row in summary.get("network", ()) if row["rat"] == "any"]
    if whole:
        lines += ["", "The network: planned coverage outdoors, and who can camp outdoors and indoors"]
        lines += [f"  {line}" for line in network.lines(whole)]
    return "\n".join(lines)


def _tables(summary: Mapping[str, Any], horizon_s: float) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    reach, whole = summary["reach"], summary["in_area"]
    if "replications" in summary:
        runs = summary["replications"]
        chance = "median, and the range of 95 % of them"
        yield f"Over {runs['count']} runs that differ by chance: {chance}", replicated(runs)
        yield f"Missed in {runs['count']} runs, because: {chance}", replicated_causes(runs)
    any_channel = ("any channel", f"{reach['people']:,}", percent(reach["share"]))
    yield (
        f"Reached, of {whole:,} people in the alert area",
        [
            any_channel,
            *(
                (CHANNELS.get(name, name), f"{round(share * whole):,}", percent(share))
                for name, share in reach["by_channel"].items()
            ),
        ],
    )
    yield (
        "Reached by any channel, of these people in the area",
        [
            (f"{of['in_area']:,} {name}", f"{of['people']:,}", percent(of["share"]))
            for name, of in others(reach)
        ],
    )
    together = summary.get("combination")
    if together and len(together["only"]) > 1:
        yield (
            "Reached by this channel alone, and its part of the reach (Shapley)",
            [
                (CHANNELS.get(name, name), f"{only:,}", percent(together["shapley_share"][name]))
                for name, only in together["only"].items()
            ],
        )
    yield (
        "Time from the decision until this share of everyone in the area had the alert",
        [(percent(float(s)), within(t, horizon_s), "") for s, t in summary["time_to_share_s"].items()],
    )
    yield (
        "Time from the decision to the display, of those reached",
        [
            (f"{name[1:]} % within", duration(value), "")
            for name, value in summary["latency_s"].items()
            if value is not None
        ],
    )
    causes = sorted(summary["causes"].items(), key=lambda item: -item[1])
    yield (
        f"Missed: {whole - reach['people']:,} people, because",
        [(CAUSES[cause], f"{n:,}", percent(n / whole)) for cause, n in causes],
    )
    yield _not_reading(unread(summary), whole)
    yield ("Of all people whose phone showed the alert", _outside(summary["accuracy"]))
    if false := summary.get("false_alerts"):
        wrong, half = false["people"], false["time_to_correction_s"]["p50"]
        rows = [("saw it", f"{wrong:,}", ""), ("then had its correction", f"{false['corrected']:,}", "")]
        late = [] if half is None else [("half of them within, after they saw it", duration(half), "")]
        yield "A false message, of all people", rows + late
    did = summary.get("protection", {}).get("funnel")
    if did:
        stages = [(name, f"{row['people']:,}", percent(row["share"])) for name, row in did["stages"].items()]
        yield "What people did with the alert (illustrative)", stages
        first = [(source_in_words(n), f"{p:,}", "") for n, p in did["first_source"].items()]
        yield "From whom they first knew", first
    if summary.get("targeting"):
        yield ("How well the chosen cells fit the area, without outages", _choice(summary["targeting"]))


def _not_reading(found: Mapping[str, Any] | None, whole: int) -> tuple[str, list[tuple[str, str, str]]]:
    if not found:
        return "", []
    return (
        f"Read none of the message's languages as it is sent ({', '.join(found['languages'])}), but",
        [
            (tag, f"{of['people']:,}", percent(of["people"] / whole))
            for tag, of in found["by_language"].items()
        ],
    )


def _outside(fit: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = [("were outside the alert area", percent(fit["overshoot_share"]), "")]
    return rows + _distances(fit)


def _distances(fit: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    p50, p95 = fit.get("overshoot_p50_m"), fit.get("overshoot_p95_m")
    if p50 is None or p95 is None:
        return []
    return [
        ("half of them within this distance of it", kilometres(p50), ""),
        ("95 % of them within", kilometres(p95), ""),
    ]


def _choice(fit: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = [
        ("people in the area who would get it (recall)", fit["recall_share"]),
        ("people outside, of all who would get it (overshoot)", fit["overshoot_share"]),
    ]
    return [
        ("cells that broadcast", f"{fit['cell_count']:,}", ""),
        *((name, percent(share), "") for name, share in rows if share is not None),
        *_distances(fit),
        ("ground they cover, as a multiple of the alert area", f"{fit['area_ratio']:.2f}", ""),
        *_by_operator(fit.get("by_operator", {})),
    ]


def _by_operator(figures: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Each operator's overshoot, where there are several."""
    if len(figures) < 2:
        return []
    return [
        (
            f"overshoot of {name}",
            "nobody" if fit["overshoot_share"] is None else percent(fit["overshoot_share"]),
            f"{fit['cell_count']:,} cells",
        )
        for name, fit in figures.items()
    ]


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Columns: names on the left, values on the right."""
    names, values, notes = (max(len(row[i]) for row in rows) for i in range(3))
    return [f"  {name:<{names}}  {value:>{values}}  {note:>{notes}}".rstrip() for name, value, note in rows]
