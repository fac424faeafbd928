"""The report: one HTML file that opens, reads and prints without a network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pandas as pd
from markupsafe import Markup

from ewsim.metrics import combination, infrastructure, reach, redundancy, words
from ewsim.report import figures, style
from ewsim.report.maps import run as maps
from ewsim.result.record import Result

#: A number with its unit, or a time in words.
_FIGURE = re.compile(r"\d[\d,.]*( (%|s|min|h))?( \d+ (s|min))?")

#: Places in the table of places.
_ZONES = 15


class Table(NamedTuple):
    """A table of a page; cells are text already. Columns in `numeric` are set to the right."""

    caption: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numeric: frozenset[int]
    note: str = ""


def write(result: Result, path: Path | str) -> None:
    """Write a result's report.

    Parameters
    ----------
    result
        A finished run.
    path
        The HTML file; the file holds everything it needs.
    """
    Path(path).write_text(render(result), encoding="utf-8", newline="\n")


def render(result: Result) -> str:
    """The report as HTML; the same result gives the same text."""
    summary = result.summary()
    groups = {name: result.by_group(name) for name in reach.GROUPS}
    anybody = summary["reach"]["people"] > 0
    missed = summary["causes"]
    return (
        environment()
        .get_template("report.html")
        .render(
            result=result,
            summary=summary,
            title=result.scenario.title or result.identity.name,
            answer=words.answer(summary),
            figures_key=words.key_figures(summary),
            reach_svg=figures.reach_figure(result),
            reach_table=_reach_table(result),
            times_table=_times_table(summary),
            causes_svg=figures.causes_figure(result) if missed else None,
            causes_table=_causes_table(summary),
            channel_tables=_channel_tables(result),
            maps_svg=maps.maps_figure(result),
            maps_text=maps.describe(result),
            zones_table=_zones_table(result),
            groups_svg=figures.groups_figure(result, groups) if summary["in_area"] else None,
            groups_tables=[_groups_table(n, t) for n, t in groups.items() if len(t)],
            smallest_group=reach.SMALLEST_GROUP,
            latency_svg=figures.latency_figure(result) if anybody else None,
            latency_table=_latency_table(result),
            cells_svg=figures.cells_figure(result),
            timeline_table=_timeline_table(result),
            replications_table=_replications_table(summary),
            assumptions_table=_assumptions_table(result),
            message=_message(result),
            percent=words.percent,
            km=words.kilometres,
            duration=words.duration,
            css=asset("report.css"),
        )
    )


@cache
def environment() -> jinja2.Environment:
    """Templates; everything put into them is escaped unless it is markup of ours."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("ewsim.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def asset(name: str) -> Markup:
    """A style sheet or script of ours, as it stands."""
    loader = environment().loader
    assert loader is not None
    return Markup(loader.get_source(environment(), name)[0])  # noqa: S704 - a file of the package


# --- tables ---------------------------------------------------------------------------------------


def table(caption: str, columns: Iterable[str], rows: Iterable[Iterable[Any]], note: str = "") -> Table:
    """A table of values: numbers with their thousands apart, None and NaN as a dash."""
    names, values = tuple(columns), [tuple(row) for row in rows]
    numeric = frozenset(i for i in range(len(names)) if values and all(_is_figure(row[i]) for row in values))
    return Table(caption, names, [tuple(map(_cell, row)) for row in values], numeric, note)


def _is_figure(value: Any) -> bool:
    """Whether a value is read by its digits: a number, or a number with its unit."""
    if not isinstance(value, str):
        return isinstance(value, int | float | None)
    return value in ("", "–", "too few", "not attained") or bool(_FIGURE.fullmatch(value))


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


def _share(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{value * 100:.2f} %"


def _reach_table(result: Result) -> Table:
    frame = figures.curve_table(result)
    channels = [c for c in frame.columns if c != "time_s"]
    return table(
        "People in the alert area reached by then",
        ("Time [s]", "", *(style.channel_name(c) for c in channels), "Share, any channel"),
        (
            (
                row["time_s"],
                words.duration(row["time_s"]),
                *(int(row[c]) for c in channels),
                _share(row["any"] / max(result.summary()["in_area"], 1)),
            )
            for row in frame.to_dict("records")
        ),
    )


def _times_table(summary: dict[str, Any]) -> Table:
    return table(
        "Time until a share of everyone in the area was reached",
        ("Share", "Time [s]", ""),
        (
            (
                words.percent(float(share)),
                "not attained" if t is None else f"{t:,.3f}",
                "" if t is None else words.duration(t),
            )
            for share, t in summary["time_to_share_s"].items()
        ),
    )


def _causes_table(summary: dict[str, Any]) -> Table:
    whole = max(summary["in_area"], 1)
    rows = [
        (f"People who {words.CAUSES[c]}", c, figures.family(c), n, _share(n / whole))
        for c, n in summary["causes"].items()
    ]
    reached = summary["reach"]["people"]
    rows.append(("Reached", "reached", "", reached, _share(reached / whole)))
    rows.append(("Everyone in the alert area", "", "", summary["in_area"], _share(1.0)))
    return table(
        "Everyone in the alert area: reached, or missed for one primary cause",
        ("What", "Cause code", "Part", "People", "Share"),
        rows,
        "The rows add up exactly to everyone in the alert area.",
    )


#: Combinations of channels that are listed.
_SETS = 16


def _channel_tables(result: Result) -> list[Table]:
    if not result.ledger.outcomes:
        return []
    added = redundancy.marginal_reach(result.ledger).merge(redundancy.duplicates(result.ledger))
    whole = max(result.summary()["in_area"], 1)
    fair = combination.shapley(result.ledger)
    tables = [
        table(
            "What each channel did",
            ("Channel", "Reached", "By it alone", "Part of reach", "Received again", "Shown again"),
            (
                (
                    style.channel_name(row["channel"]),
                    row["people"],
                    row["only"],
                    _share(float(fair[row["channel"]] / whole)),
                    row["copies_over_1"],
                    row["displays_over_1"],
                )
                for row in added.to_dict("records")
            ),
            "The parts add up to the share reached: a person whom two channels reached counts half "
            "for each (Shapley). Phones suppress repetitions of a message they have shown.",
        )
    ]
    if len(result.ledger.outcomes) > 1:
        sets = combination.reached_by(result.ledger)
        tables.append(
            table(
                "Who was reached by which channels",
                ("By exactly", "People", "Share"),
                (
                    (
                        " + ".join(style.channel_name(c) for c in row["channels"]) or "None",
                        int(row["people"]),
                        _share(row["share"]),
                    )
                    for row in sets.head(_SETS).to_dict("records")
                ),
                f"{len(sets) - _SETS} rarer combinations are in run.json, under combination."
                if len(sets) > _SETS
                else "",
            )
        )
        each = redundancy.channels_each(result.ledger)
        tables.append(
            table(
                "By how many channels people were reached",
                ("Channels", "People", "Share"),
                (
                    (str(row["channels"]), int(row["people"]), _share(row["share"]))
                    for row in each.to_dict("records")
                ),
            )
        )
    return tables


def _zones_table(result: Result) -> Table:
    zones = result.by_zone()
    more = len(zones) - _ZONES
    return table(
        "Places with most people missed",
        ("Place", "People", "Reached", "Missed", "Share reached"),
        (
            (row["group"], row["people"], row["reached"], row["missed"], _share(row["share"]))
            for row in zones.head(_ZONES).to_dict("records")
        ),
        f"{more} further places are in people.parquet, column zone." if more > 0 else "",
    )


def _groups_table(name: str, groups: pd.DataFrame) -> Table:
    return table(
        figures.GROUP_NAMES[name],
        ("Group", "People", "Reached", "Missed", "Share reached", "Ratio to everyone"),
        (
            (
                row["group"],
                row["people"],
                row["reached"],
                row["missed"],
                "too few" if row["suppressed"] else _share(row["share"]),
                "too few" if row["suppressed"] else f"{row['gap_ratio']:.3f}",
            )
            for row in groups.to_dict("records")
        ),
    )


def _latency_table(result: Result) -> Table:
    return table(
        "How long each stage took, over the people in the area whom the channel reached [s]",
        ("Channel", "Stage", "People", "50 %", "90 %", "95 %", "99 %"),
        (
            (
                style.channel_name(row["channel"]),
                figures.stage_name(row["stage"]),
                row["people"],
                *(row[f"p{p}_s"] for p in (50, 90, 95, 99)),
            )
            for row in result.latency.to_dict("records")
        ),
        "Percentiles of each stage on its own: they do not add up to the percentile of the whole.",
    )


def _timeline_table(result: Result) -> Table:
    frame = infrastructure.timeline(result.events)
    return table(
        "What the infrastructure did, by who and what",
        ("Element", "What", "Operator", "Times", "First [s]", "Median [s]", "Last [s]"),
        (
            (
                row["element"],
                str(row["kind"]).replace("_", " "),
                row["operator"] or "–",
                row["count"],
                row["first_s"],
                row["median_s"],
                row["last_s"],
            )
            for row in frame.to_dict("records")
        ),
        "Seconds since the decision to warn; negative before it. Every single event is in events.parquet.",
    )


def _replications_table(summary: dict[str, Any]) -> Table | None:
    runs = summary.get("replications")
    if not runs:
        return None
    return table(
        f"Over {runs['count']} runs with the same people and network, and their own luck",
        ("Metric", "Mean", "Low", "High", "Runs that attained it"),
        (
            (name, row["mean"], row["low"], row["high"], row["attained"])
            for name, row in runs.items()
            if name != "count"
        ),
        "Low and high hold 95 % of the runs. All else in this report is the first run. The range "
        "is of luck only, not of what the assumptions might get wrong.",
    )


def _assumptions_table(result: Result) -> Table:
    return table(
        "Values without a published source",
        ("Key in the scenario", "Value", "What it stands for"),
        ((a.key, _plain(a.value), a.text) for a in result.assumptions),
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _message(result: Result) -> list[tuple[str, str]]:
    alert = result.alert
    rows = [
        ("Event", alert.event),
        ("Headline", alert.headline),
        ("Sender", alert.sender),
        ("Sent", alert.sent),
        ("Identifier", alert.identifier),
        ("Severity, urgency, certainty", f"{alert.severity}, {alert.urgency}, {alert.certainty}"),
        ("Language of the first text", alert.language),
    ]
    if alert.cb_pages is not None:
        rows += [
            ("Cell broadcast: message identifier", str(alert.cb_message_identifier)),
            ("Cell broadcast: level", alert.cb_level or "not told"),
            ("Cell broadcast: serial number", str(alert.cb_serial_number)),
            ("Cell broadcast: pages", f"{alert.cb_pages} ({alert.cb_alphabet})"),
            ("Cell broadcast: text", alert.cb_text or ""),
        ]
    if alert.sms_parts is not None:
        rows += [
            ("Location-based SMS: parts", str(alert.sms_parts)),
            ("Location-based SMS: text", alert.sms_text or ""),
        ]
    return rows
