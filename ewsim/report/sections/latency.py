"""How long it took."""

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ewsim.metrics import latency
from ewsim.report import style
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, make_table
from ewsim.result.record import Result
from ewsim.units import US


def figure(result: Result, say: Speech = ENGLISH) -> Markup:
    """When the alert was shown, and how long each stage took."""
    stages = latency.stages(result.ledger)
    stages = stages[stages["people"] > 0]
    channels = list(dict.fromkeys(stages["channel"]))
    order = {name: i for i, name in enumerate(result.ledger.outcomes)}

    def draw(canvas: Figure) -> None:
        rows = len(stages) + len(channels)
        top, bottom = canvas.subplots(2, 1, sharex=True, height_ratios=[1.3, 0.19 * rows])
        edges = np.geomspace(0.1, max(result.horizon_s, 1.0), 61)
        for name in channels:
            line = style.channel_line(order[name])
            times, weight = latency.stage_times(result.ledger, name)
            shown = np.clip(times["decision_to_displayed"] / US, edges[0], edges[-1])
            counts, _ = np.histogram(shown, edges, weights=weight)
            top.stairs(
                counts,
                edges,
                fill=True,
                facecolor=to_rgba(line.colour, 0.25),
                hatch=line.hatch,
                edgecolor=line.colour,
                linestyle=line.dashes,
                label=style.channel_name(name),
            )
        top.set_ylabel("People in the area")
        top.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        top.legend(loc="upper left", fontsize=7)
        _stage_bars(bottom, stages, channels, order)
        bottom.set_xscale("log")
        bottom.set_xlim(edges[0], edges[-1])
        marks = [m for m in (0.1, 1, 10, 60, 600, 3600, 12 * 3600) if m <= edges[-1]]
        bottom.set_xticks(marks, [_mark(m) for m in marks])
        bottom.set_xticks([], minor=True)
        bottom.set_xlabel("Time (each step: about ten times longer)")

    alt = "Above, when the alert was shown, by channel; below, how long each stage took: see table."
    return style.svg("latency", alt, 1.9 + 0.19 * (len(stages) + len(channels)), draw, style.HALF_IN, say)


_STAGE_WORDS = {"displayed": "shown", "peered": "peers", "written": "cells"}


def _stage_name(stage: str) -> str:
    """A stage of `metrics.latency.stages` in words."""
    before, _, after = stage.partition("_to_")
    return f"{_STAGE_WORDS.get(before, before)} to {_STAGE_WORDS.get(after, after)}"


def _stage_bars(ax: Axes, stages: pd.DataFrame, channels: list[str], order: dict[str, int]) -> None:
    labels, position = [], 0.0
    for name in channels:
        line = style.channel_line(order[name])
        for row in stages[stages["channel"] == name].to_dict("records"):
            p50, p90, p99 = (max(row[f"p{p}_s"], 0.1) for p in (50, 90, 99))
            ax.plot([p50, p99], [position] * 2, color=line.colour, linewidth=1.2)
            ax.plot([p50, p90], [position] * 2, color=line.colour, linewidth=5, alpha=0.6)
            ax.plot([p50], [position], line.marker, color=line.colour, markersize=6)
            labels.append((position, _stage_name(row["stage"])))
            position += 1
        position += 0.6
    ax.set_yticks([p for p, _ in labels], [text for _, text in labels], fontsize=7)
    ax.invert_yaxis()


def _mark(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"


def latency_table(result: Result) -> PageTable:
    """Percentiles of every stage of every channel."""
    return make_table(
        "How long each stage took, for the people in the area that the channel reached [s]",
        ("Channel", "Stage", "People", "50 %", "90 %", "95 %", "99 %"),
        (
            (
                style.channel_name(row["channel"]),
                _stage_name(row["stage"]),
                row["people"],
                *(row[f"p{p}_s"] for p in (50, 90, 95, 99)),
            )
            for row in result.latency.to_dict("records")
        ),
        "The percentages are of people: 50 % of them waited this long or less. Each stage stands "
        "alone, so its values do not add up to those of the whole way.",
    )
