"""The report's charts; each is a pure function of a result and has a table beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, PercentFormatter

from ewsim.metrics import causes, infrastructure, latency, reach
from ewsim.metrics.words import CAUSES, duration, percent
from ewsim.report import style
from ewsim.result.record import Result
from ewsim.units import US, to_us

#: Which part of the way each cause belongs to, so that a reader sees who could mend it.
FAMILIES = {
    "People and their phones": (
        "no_device",
        "device_off",
        "network_generation_unsupported",
        "handset_unsupported",
        "opted_out",
        "roaming_not_supported",
        "in_call_or_busy",
        "outside_polygon_filtered",
        "duplicate_suppressed_wrongly",
        "not_arrived",
        "displayed_not_noticed",
        "not_understood_language",
        "not_accessible_format",
    ),
    "Network: not covered or out of service": (
        "no_coverage",
        "site_down_power",
        "site_down_backhaul",
        "site_destroyed",
    ),
    "Sending the alert": (
        "not_in_location_register",
        "cell_not_targeted",
        "operator_failure",
        "smsc_queue_expired",
        "paging_loss",
        "radio_loss",
        "after_last_broadcast",
        "no_channel",
    ),
}
_FAMILY_LOOK = ((style.SKY, "///"), (style.ORANGE, "xx"), (style.PURPLE, "..."))


def family(cause: str) -> str:
    """Which part of the way a cause belongs to."""
    return next(name for name, members in FAMILIES.items() if cause in members)


def reach_figure(result: Result) -> Markup:
    """Reach over time, by any channel and by each."""
    curves = reach.reach_curves(result.ledger)
    unit = style.time_unit(result.horizon_s)
    grid_s = np.linspace(0, result.horizon_s, 721)
    grid_us = np.round(grid_s * US).astype(np.int64)

    def draw(figure: Figure) -> None:
        ax = figure.add_subplot()
        ends = []
        for index, (name, curve) in enumerate(curves.items()):
            line = style.ANY_LINE if name == reach.ANY else style.channel_line(index - 1)
            if name == reach.ANY and len(curves) == 2:
                continue  # one channel: the same curve twice
            shares = reach.share(curve.at(grid_us), curve.whole)
            ax.plot(
                grid_s / unit.seconds,
                shares,
                drawstyle="steps-post",
                color=line.colour,
                linestyle=line.dashes,
                linewidth=2 if name == reach.ANY else 1.6,
                marker=line.marker or None,
                markevery=(40 + 15 * index, 90),
                markersize=5,
                label=f"{style.channel_name(name)}: {percent(float(shares[-1]))}",
            )
            ends.append(shares[-1])
        ax.set_ylim(0, 1.02)
        ax.set_xlim(0, result.horizon_s / unit.seconds)
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.set_yticks([0, 0.25, 0.5, 0.75, 0.9, 1.0])
        ax.set_xlabel(f"Time since the decision to warn [{unit.name}]")
        ax.set_ylabel("Reached, of everyone in the area")
        # below the curves when they end high, above them when they end low
        low = max(ends, default=0) < 0.5
        ax.legend(loc="upper left" if low else "lower right", frameon=True, framealpha=0.9)

    final = curves[reach.ANY]
    people = int(final.people[-1]) if final.people.size else 0
    alt = (
        f"Curves of the share of people in the alert area reached over {duration(result.horizon_s)}"
        f". At the end {percent(float(reach.share(people, final.whole)))} are reached."
    )
    return style.svg("reach", alt, 3.2, draw)


def causes_figure(result: Result) -> Markup:
    """People missed by cause."""
    table = causes.by_cause(result.ledger)

    def draw(figure: Figure) -> None:
        ax = figure.add_subplot()
        looks = dict(zip(FAMILIES, _FAMILY_LOOK, strict=True))
        positions = np.arange(len(table))[::-1]
        for position, cause, people, share in zip(
            positions, table["cause"], table["people"], table["share"], strict=True
        ):
            colour, hatch = looks[family(cause)]
            ax.barh(position, people, color=colour, hatch=hatch, edgecolor=style.INK, height=0.7)
            ax.annotate(
                f"{people:,} ({percent(share)})",
                (people, position),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        ax.set_yticks(positions, [_wrapped(CAUSES[c]) for c in table["cause"]])
        ax.set_xlim(0, table["people"].max() * 1.25)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        ax.set_xlabel("People in the alert area")
        ax.grid(axis="y", visible=False)
        present = {family(c) for c in table["cause"]}
        handles = [
            Patch(facecolor=colour, hatch=hatch, edgecolor=style.INK, label=name)
            for name, (colour, hatch) in looks.items()
            if name in present
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)

    first = ", ".join(
        f"{CAUSES[c]}: {n:,}" for c, n in zip(table["cause"][:3], table["people"][:3], strict=True)
    )
    alt = f"Bars of the people missed by cause. The largest: {first}."
    return style.svg("causes", alt, 0.9 + 0.36 * max(len(table), 2), draw)


def _wrapped(text: str, width: int = 46) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def latency_figure(result: Result) -> Markup:
    """When the alert was shown, and how long each stage took."""
    stages = latency.stages(result.ledger)
    stages = stages[stages["people"] > 0]
    channels = list(dict.fromkeys(stages["channel"]))
    order = {name: i for i, name in enumerate(result.ledger.outcomes)}

    def draw(figure: Figure) -> None:
        rows = len(stages) + len(channels)
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[1.7, 0.24 * rows])
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
                facecolor=(*_rgb(line.colour), 0.25),
                hatch=line.hatch,
                edgecolor=line.colour,
                linestyle=line.dashes,
                label=style.channel_name(name),
            )
        top.set_ylabel("People in the area")
        top.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        top.legend(loc="upper left")
        _stage_bars(bottom, stages, channels, order)
        bottom.set_xscale("log")
        bottom.set_xlim(edges[0], edges[-1])
        marks = [m for m in (0.1, 1, 10, 60, 600, 3600, 6 * 3600, 86400) if m <= edges[-1]]
        bottom.set_xticks(marks, [_mark(m) for m in marks])
        bottom.set_xticks([], minor=True)
        bottom.set_xlabel("Time (each step to the right takes longer by about a factor of ten)")

    alt = "Above, when the alert was shown, by channel; below, how long each stage took: see table."
    return style.svg("latency", alt, 2.4 + 0.24 * (len(stages) + len(channels)), draw)


_STAGE_WORDS = {"displayed": "shown", "peered": "peers", "written": "cells"}


def stage_name(stage: str) -> str:
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
            labels.append((position, f"{style.channel_name(name)}: {stage_name(row['stage'])}"))
            position += 1
        position += 0.6
    ax.set_yticks([p for p, _ in labels], [text for _, text in labels], fontsize=8)
    ax.invert_yaxis()


def _rgb(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def _mark(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"


def groups_figure(result: Result, tables: dict[str, pd.DataFrame]) -> Markup:
    """Reach by group: a point a group, one line for everyone."""
    known = {name: table[~table["suppressed"]] for name, table in tables.items()}
    known = {name: table for name, table in known.items() if len(table) > 1}
    rows = sum(len(table) for table in known.values())
    overall = result.summary()["reach"]["share"]

    def draw(figure: Figure) -> None:
        ax = figure.add_subplot()
        labels, position = [], 0.0
        for table in known.values():
            shares = table["share"].to_numpy()
            places = position + np.arange(len(table))
            ax.hlines(places, shares, overall, color=style.GREY, linewidth=1)
            behind = shares < overall - 0.02
            ax.plot(shares[~behind], places[~behind], "o", color=style.BLUE, markersize=6)
            ax.plot(shares[behind], places[behind], "D", color=style.VERMILLION, markersize=6)
            for share, place, group in zip(shares, places, table["group"], strict=True):
                ax.annotate(
                    percent(float(share)),
                    (share, place),
                    xytext=(8, 0),
                    fontsize=7.5,
                    textcoords="offset points",
                    va="center",
                )
                labels.append((place, _short(str(group))))
            position += len(table) + 0.8
        ax.axvline(overall, color=style.BLACK, linewidth=1.2)
        ax.annotate(
            f"everyone {percent(overall)}",
            (overall, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
        ax.set_yticks([p for p, _ in labels], [text for _, text in labels], fontsize=8)
        place = 0.0
        for name, table in known.items():
            ax.annotate(
                GROUP_NAMES[name],
                (0, place + (len(table) - 1) / 2),
                xycoords=("axes fraction", "data"),
                xytext=(-118, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=8.5,
                fontweight="bold",
            )
            place += len(table) + 0.8
        ax.set_ylim(position, -1)
        ax.set_xlim(0, 1.06)
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.set_xlabel("Reached, of the people of the group in the area")

    alt = f"Points of the share reached in each group, and a line at {percent(overall)} for everyone."
    return style.svg("groups", alt, 1.0 + 0.19 * (rows + len(known)), draw)


GROUP_NAMES = {
    "sex": "Sex",
    "age_band": "Age [years]",
    "disability": "Disability",
    "language": "Language",
    "settlement": "Settlement",
    "poverty": "Poverty",
    "residence": "Residence",
    "operator": "Operator",
    "rat": "Serving cell",
}


def _short(text: str, most: int = 22) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def cells_figure(result: Result) -> Markup:
    """How many cells served, and how many were on air, over time."""
    changes = infrastructure.cell_changes(result.events)
    unit = style.time_unit(result.horizon_s)
    start_s = min(0.0, float(changes["time_s"].min()) if len(changes) else 0.0)
    times, serving, on_air = infrastructure.cell_counts(changes, len(result.cells), start_s)

    def draw(figure: Figure) -> None:
        ax = figure.add_subplot()
        end = np.append(times, result.horizon_s) / unit.seconds
        for values, colour, dashes, name in (
            (serving, style.BLACK, "-", "in service"),
            (on_air, style.BLUE, "--", "on air with the alert"),
        ):
            ax.plot(
                end,
                np.append(values, values[-1]),
                drawstyle="steps-post",
                color=colour,
                linestyle=dashes,
                linewidth=1.6,
                label=name,
            )
        if start_s < 0:
            ax.axvline(0, color=style.GREY, linewidth=1)
            ax.annotate(
                "decision",
                (0, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
        ax.set_ylim(0, len(result.cells) * 1.05 or 1)
        ax.set_xlim(start_s / unit.seconds, result.horizon_s / unit.seconds)
        ax.set_xlabel(f"Time since the decision to warn [{unit.name}]")
        ax.set_ylabel("Cells")
        ax.legend(loc="center right", frameon=True, framealpha=0.9)

    alt = (
        f"Cells in service and cells on air over time. At the end {int(serving[-1]):,} of "
        f"{len(result.cells):,} serve."
    )
    return style.svg("cells", alt, 2.5, draw)


def curve_table(result: Result) -> pd.DataFrame:
    """Reach at round moments up to the horizon, people by channel, exact."""
    marks = [0, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400]
    moments = [float(m) for m in marks if m < result.horizon_s] + [result.horizon_s]
    table = pd.DataFrame({"time_s": moments})
    at = np.array([to_us(m) for m in moments], dtype=np.int64)
    for name, curve in reach.reach_curves(result.ledger).items():
        table[name] = curve.at(at)
    return table
