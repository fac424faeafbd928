"""A summary as plain text for a terminal: the answer in sentences, then every figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from ewsim.metrics.words import CAUSES, CHANNELS, answer, duration, percent

#: No line is longer, so that nothing breaks in a narrow window.
WIDTH = 90

#: Replicated metrics that are shown, and what they are called.
_REPLICATED = {
    "reach_share": "reached",
    "time_to_0.5_s": "time to 50 %",
    "time_to_0.9_s": "time to 90 %",
    "overshoot_share": "displayed outside the area",
}


def text(summary: Mapping[str, Any], title: str = "") -> str:
    """The summary of a run as lines of at most `WIDTH` characters."""
    arm = f", arm {summary['arm']}" if summary.get("arm") else ""
    head = f"{title or summary['scenario']} ({summary['scenario']}{arm}, seed {summary['seed']})"
    lines = [*wrap(head, WIDTH), ""]
    for sentence in answer(summary):
        lines += wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="  ")
    if summary["in_area"]:
        for caption, rows in _tables(summary):
            if rows:
                lines += ["", caption, *_aligned(rows)]
    return "\n".join(lines)


def _tables(summary: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    reach, whole = summary["reach"], summary["in_area"]
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
    together = summary.get("combination")
    if together and len(together["only"]) > 1:
        yield (
            "Reached by one channel alone, and each channel's part of reach (Shapley)",
            [
                (CHANNELS.get(name, name), f"{only:,}", percent(together["shapley_share"][name]))
                for name, only in together["only"].items()
            ],
        )
    yield (
        "Time from the decision until this share of them had the alert",
        [(percent(float(s)), duration(t), "") for s, t in summary["time_to_share_s"].items()],
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
        f"Missed: {whole - reach['people']:,} people who ...",
        [(CAUSES[cause], f"{n:,}", percent(n / whole)) for cause, n in causes],
    )
    overshoot = summary["accuracy"]["overshoot_share"]
    yield ("Of all who saw the alert", [("were outside the alert area", percent(overshoot), "")])
    if "replications" in summary:
        yield _replications(summary["replications"])


def _replications(runs: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    rows = []
    for metric, name in _REPLICATED.items():
        found = runs.get(metric)
        if not found:
            continue
        say = percent if metric.endswith("share") else duration
        note = ""
        if found["attained"]:
            note = f"{say(found['low'])} to {say(found['high'])}"
        if found["attained"] < runs["count"]:
            note += f" (attained in {found['attained']})"
        rows.append((name, say(found["mean"]), note))
    return f"Over {runs['count']} runs with their own luck: mean, and the range of 95 %", rows


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Columns: names to the left, values to the right."""
    names, values, notes = (max(len(row[i]) for row in rows) for i in range(3))
    return [
        f"  {name:<{names}}  {value:>{values}}  {note:>{notes}}".rstrip()
        for name, value, note in rows
    ]
