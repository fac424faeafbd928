"""Who was reached, and when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ewsim.metrics import combination, reach, words
from ewsim.metrics.words import duration, percent
from ewsim.report import style
from ewsim.report.table import PageTable, make_table, share_text
from ewsim.result.record import Result
from ewsim.units import US, to_us


def figure(result: Result) -> Markup:
    """Reach over time, by any channel and by each."""
    curves = reach.reach_curves(result.ledger)
    drawn = []
    for index, (name, curve) in enumerate(curves.items()):
        if name == reach.ANY and len(curves) == 2:
            continue  # one channel: the same curve twice
        line = style.ANY_LINE if name == reach.ANY else style.channel_line(index - 1)
        drawn.append((style.channel_name(name), line, curve))

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        draw_curves(ax, drawn, result.horizon_s)
        ax.set_ylabel("Reached, of everyone in the area")

    final = curves[reach.ANY]
    people = int(final.people[-1]) if final.people.size else 0
    alt = (
        f"Curves of the share of people in the alert area reached over {duration(result.horizon_s)}"
        f". At the end {percent(float(reach.share(people, final.whole)))} are reached."
    )
    return style.svg("reach", alt, 3.2, draw)


def draw_curves(
    ax: Axes, drawn: Sequence[tuple[str, style.Line, reach.Curve]], end_s: float, *, legend: bool = True
) -> None:
    """Draw curves of reach from the decision on; the solid one is thicker.

    Parameters
    ----------
    ax
        Where.
    drawn
        Each with its name and how it looks.
    end_s
        Where the axis ends [s].
    legend
        Whether to name the curves, with their reach at the end.
    """
    unit = style.time_unit(end_s)
    grid_s = np.linspace(0, end_s, 721)
    grid_us = np.round(grid_s * US).astype(np.int64)
    ends = []
    for index, (name, line, curve) in enumerate(drawn):
        shares = reach.share(curve.at(grid_us), curve.whole)
        ax.plot(
            grid_s / unit.seconds,
            shares,
            drawstyle="steps-post",
            color=line.colour,
            linestyle=line.dashes,
            linewidth=2 if line is style.ANY_LINE else 1.6,
            marker=line.marker or None,
            markevery=(40 + 15 * index, 90),
            markersize=5,
            label=f"{name}: {percent(float(shares[-1]))}",
        )
        ends.append(shares[-1])
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, end_s / unit.seconds)
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.set_yticks([0, 0.25, 0.5, 0.75, 0.9, 1.0])
    ax.set_xlabel(f"Time since the decision to warn [{unit.name}]")
    # below the curves when they end high, above them when they end low
    low = max(ends, default=0) < 0.5
    if legend:
        ax.legend(loc="upper left" if low else "lower right", frameon=True, framealpha=0.9)


def reach_table(result: Result) -> PageTable:
    """Reach at round moments, by channel."""
    frame = _curve_table(result)
    channels = [c for c in frame.columns if c != "time_s"]
    return make_table(
        "People in the alert area who were reached by each time",
        ("Time", "Seconds", *(style.channel_name(c) for c in channels), "Share, any channel"),
        (
            (
                words.duration(row["time_s"]),
                f"{row['time_s']:,.10g}",
                *(int(row[c]) for c in channels),
                share_text(row["any"] / max(result.summary()["in_area"], 1)),
            )
            for row in frame.to_dict("records")
        ),
    )


def times_table(result: Result) -> PageTable:
    """The time until half, 90 % and 95 % of everyone was reached."""
    return make_table(
        "Time until this share of everyone in the area was reached",
        ("Share", "Time", "Seconds"),
        (
            (words.percent(float(share)), words.within(t, result.horizon_s), t)
            for share, t in result.summary()["time_to_share_s"].items()
        ),
    )


def _curve_table(result: Result) -> pd.DataFrame:
    """Reach at round moments up to the horizon, people by channel, exact."""
    marks = [0, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400]
    moments = [float(m) for m in marks if m < result.horizon_s] + [result.horizon_s]
    table = pd.DataFrame({"time_s": moments})
    at = np.array([to_us(m) for m in moments], dtype=np.int64)
    for name, curve in reach.reach_curves(result.ledger).items():
        table[name] = curve.at(at)
    return table


#: Combinations of channels that are listed.
_SETS = 16


def channel_tables(result: Result) -> list[PageTable]:
    """What each channel did, and what they did together."""
    if not result.ledger.outcomes:
        return []
    summary = result.summary()
    together = summary["combination"]
    whole = max(summary["in_area"], 1)
    repeats = combination.repeats(result.ledger).set_index("channel").to_dict()
    tables = [
        make_table(
            "What each channel did",
            ("Channel", "Reached", "By it alone", "Part of the reach", "Received again", "Shown again"),
            (
                (
                    style.channel_name(name),
                    repeats["displayed"][name],
                    only,
                    share_text(together["shapley_share"][name]),
                    repeats["copies_over_1"][name],
                    repeats["displays_over_1"][name],
                )
                for name, only in together["only"].items()
            ),
            "The parts add up to the share reached: a person whom two channels reached counts half "
            "for each (Shapley). A phone that gets a message again does not show it again.",
        )
    ]
    if len(result.ledger.outcomes) > 1:
        sets = together["exactly"]
        more = len(sets) - _SETS
        tables.append(
            make_table(
                "Who was reached by which channels",
                ("By exactly", "People", "Share"),
                (
                    (
                        " + ".join(style.channel_name(c) for c in row["channels"]) or "None",
                        row["people"],
                        share_text(row["people"] / whole),
                    )
                    for row in sets[:_SETS]
                ),
                f"{more} rarer combinations are in run.json, under combination." if more > 0 else "",
            )
        )
        tables.append(
            make_table(
                "By how many channels people were reached",
                ("Channels", "People", "Share"),
                ((n, people, share_text(people / whole)) for n, people in together["by_count"].items()),
            )
        )
    return tables
