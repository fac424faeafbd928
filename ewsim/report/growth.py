"""The figure of `ewsim bench --suite growth`: processor time against size, on two logarithmic axes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from ewsim.report import style

#: What each part of the growth measures, and the time that is drawn.
_PARTS = {
    "handsets": ("delivery", "delivery_s", style.BLUE),
    "cells": ("infrastructure", "infrastructure_s", style.VERMILLION),
}


def write(document: Mapping[str, Any], path: Path) -> None:
    """Write the figure as SVG."""
    growth = document["growth"]

    def draw(canvas: Figure) -> None:
        panels = canvas.subplots(1, len(growth), squeeze=False)[0]
        for ax, (along, row) in zip(panels, growth.items(), strict=True):
            _panel(ax, along, row)

    said = "; ".join(f"in {along}: exponent {row['exponent']:.2f}" for along, row in growth.items())
    text = style.svg("growth", f"Time against size. {said}.", 2.9, draw)
    path.write_text(text, encoding="utf-8", newline="\n")


def _panel(ax: Axes, along: str, row: Mapping[str, Any]) -> None:
    what, times, colour = _PARTS[along]
    counts, seconds = row[along], row[times]
    line = [seconds[0] * count / counts[0] for count in counts]
    ax.loglog(counts, line, color=style.GREY, linestyle=":", label="in proportion")
    ax.loglog(counts, seconds, color=colour, marker="o", label=f"{what}, exponent {row['exponent']:.2f}")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(along)
    ax.set_ylabel("processor time [s]")
    ax.legend(loc="upper left", fontsize=8)
