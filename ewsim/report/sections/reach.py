"""Who was reached, and when."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ewsim.metrics import combination, reach, words
from ewsim.report import style
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, make_table, share_text
from ewsim.result.record import Result
from ewsim.units import US, to_us


def figure(result: Result, say: Speech) -> Markup:
    """Reach over time, by any channel and by each."""
    final = reach.reach_curve(result.ledger)
    people = int(final.people[-1]) if final.people.size else 0
    share = say.percent(float(reach.share(people, final.whole)))
    alt = say("Curves of the share of people in the area reached over time. At the end {share}.", share=share)
    return style.svg("reach", alt, 2.5, drawing(result, say), style.HALF_IN)


def drawing(result: Result, say: Speech) -> Callable[[Figure], None]:
    """Draws the curves of a result on a figure."""
    curves = reach.reach_curves(result.ledger)
    drawn = []
    for index, (name, curve) in enumerate(curves.items()):
        if name == reach.ANY and len(curves) == 2:
            continue  # one channel: the same curve twice
        line = style.ANY_LINE if name == reach.ANY else style.channel_line(index - 1)
        drawn.append((say.capital(say(words.CHANNELS.get(name, name))), line, curve))

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        draw_curves(ax, drawn, result.horizon_s, say)
        ax.set_ylabel(say("Reached, of everybody in the area"))

    return draw


def draw_curves(
    ax: Axes,
    drawn: Sequence[tuple[str, style.Line, reach.Curve]],
    end_s: float,
    say: Speech = ENGLISH,
    *,
    legend: bool = True,
) -> None:
    """Draw curves of reach from the decision on, on a logarithmic axis of time; the solid one is thicker.

    Parameters
    ----------
    ax
        Where.
    drawn
        Each with its name and how it looks.
    end_s
        Where the axis ends [s].
    say
        The language.
    legend
        Whether to name the curves, with their reach at the end.
    """
    first = min((float(curve.time_us[0]) / US for _, _, curve in drawn if curve.time_us.size), default=10.0)
    start_s = min(10.0 if first >= 10 else 1.0, end_s / 2)
    grid_s = np.geomspace(start_s, end_s, 721)
    grid_us = np.round(grid_s * US).astype(np.int64)
    ends = []
    for index, (name, line, curve) in enumerate(drawn):
        shares = reach.share(curve.at(grid_us), curve.whole)
        ax.plot(
            grid_s,
            shares,
            drawstyle="steps-post",
            color=line.colour,
            linestyle=line.dashes,
            linewidth=2 if line is style.ANY_LINE else 1.6,
            marker=line.marker or None,
            markevery=(40 + 15 * index, 90),
            markersize=5,
            label=say.in_figure(f"{name}: {say.percent(float(shares[-1]))}"),
        )
        ends.append(shares[-1])
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.set_yticks([0, 0.25, 0.5, 0.75, 0.9, 1.0])
    _log_time(ax, start_s, end_s, say)
    ax.set_xlabel(say("Time since the decision to warn"))
    # below the curves when they end high, above them when they end low
    low = max(ends, default=0) < 0.5
    if legend:
        ax.legend(loc="upper left" if low else "lower right", frameon=True, framealpha=0.9)


def _log_time(ax: Axes, start_s: float, end_s: float, say: Speech) -> None:
    """Make an axis of time logarithmic, with round times and a shade over the first ten minutes."""
    ax.set_xscale("log")
    ax.set_xlim(start_s, end_s)
    if end_s > 600:
        ax.axvspan(start_s, 600, color=style.PALE, alpha=0.35, linewidth=0, zorder=0)
    marks = (1, 10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400)
    shown = [m for m in marks if start_s <= m <= end_s]
    ax.set_xticks(shown, [say.in_figure(say.duration(m)) for m in shown])
    ax.set_xticks([], minor=True)


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
