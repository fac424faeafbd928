"""Coverage and gaps as maps: the newest technology heard, and cold spots with their people."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ewsim.country.gaps import Gaps
from ewsim.metrics.words import count
from ewsim.report import style
from ewsim.report.maps.axes import Bounds, classes, fill_m
from ewsim.report.maps.network import Draw, Panel
from ewsim.units import RATS

#: No signal, then each technology: from pale to strong, so that they differ without colour too.
_COLOURS = ("#f3d9cc", "#e4e4e4", "#bcd7e8", "#6fa8d0", "#1f5f8b")
#: Cold spots that get a number on the map.
_NUMBERED = 8


def panels(gaps: Gaps) -> list[Panel]:
    """Two maps: technologies, and cold spots."""
    without = gaps.people_without
    spare = f" with {gaps.margin_db:g} dB to spare" if gaps.margin_db else ""
    maybe = ", or data missing (volunteers' table)" if gaps.network.crowd_sourced else ""
    cold = f"Outside planned coverage{spare}{maybe}: {count(round(without))} people"
    cold += f", {len(gaps.spots):,} cold spot{'s' if len(gaps.spots) != 1 else ''}"
    return [
        Panel(f"Planned coverage{spare}: newest technology, any operator", _coverage(gaps), links=False),
        Panel(cold, _cold(gaps), links=False, sites=False),
    ]


def _extent(gaps: Gaps) -> Bounds:
    grid = gaps.grid
    rows, columns = grid.land.shape
    return (
        grid.west_m / 1000,
        (grid.west_m + columns * grid.step_m) / 1000,
        grid.south_m / 1000,
        (grid.south_m + rows * grid.step_m) / 1000,
    )


def _coverage(gaps: Gaps) -> Draw:
    def overlay(ax: Axes) -> Sequence[Artist]:
        heard = (gaps.on_grid.level_db >= 0).any(axis=0)
        newest = np.where(heard, np.arange(1, len(RATS) + 1)[:, None], 0).max(axis=0)
        raster = gaps.grid.raster(newest.astype(np.float32), np.nan)
        classes(ax, raster, _extent(gaps), _COLOURS)
        _shore(ax, gaps)
        there = np.unique(newest)
        names = ("outside", *RATS)
        return [Patch(facecolor=_COLOURS[k], edgecolor=style.GREY, label=names[k]) for k in there]

    return overlay


def _cold(gaps: Gaps) -> Draw:
    def overlay(ax: Axes) -> Sequence[Artist]:
        people = np.zeros(1 + max(int(gaps.spot.max(initial=0)), len(gaps.spots)))
        people[1 : 1 + len(gaps.spots)] = [spot.people for spot in gaps.spots]
        # Index 1: outside, where nobody lives; 2 to 4: cold spots of hundreds, thousands, more.
        kind = np.where(
            gaps.spot == 0, 0, 1 + np.searchsorted([0.5, 1000, 10_000], people, "right")[gaps.spot]
        )
        colours = ("#f7f7f5", "#d9d9d9", "#f6c667", "#e08a3c", "#a63603")
        classes(ax, gaps.grid.raster(kind.astype(np.float32), np.nan), _extent(gaps), colours)
        _shore(ax, gaps)
        for spot in gaps.spots[:_NUMBERED]:
            ax.annotate(
                str(spot.number),
                (spot.x_m / 1000, spot.y_m / 1000),
                ha="center",
                va="center",
                fontsize=7.5,
                zorder=8,
                clip_on=True,
                bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "linewidth": 0.6},
            )
        names = (
            "planned coverage",
            "outside; nobody lives there",
            "under 1,000 people",
            "under 10,000",
            "more",
        )
        shown = np.unique(kind)
        handles: list[Artist] = [
            Patch(facecolor=colours[k], edgecolor=style.GREY, label=names[k]) for k in shown
        ]
        return [*handles, *_points(ax, gaps)]

    return overlay


def _shore(ax: Axes, gaps: Gaps) -> None:
    if gaps.network.land is not None:
        land = gaps.network.land.simplify(gaps.grid.step_m / 4)
        fill_m(ax, land, facecolor="none", edgecolor=style.GREY, linewidth=0.7, zorder=4)


def _points(ax: Axes, gaps: Gaps) -> list[Artist]:
    if gaps.points is None or gaps.on_points is None:
        return []
    x, y = gaps.network.frame.to_xy(gaps.points.lat_deg, gaps.points.lon_deg)
    covered = gaps.on_points.covered()
    handles: list[Artist] = []
    for mask, marker, colour, name in (
        (covered, "+", style.GREEN, "point of interest in planned coverage"),
        (~covered, "x", style.VERMILLION, "point of interest outside"),
    ):
        if mask.any():
            look: dict[str, Any] = {"linestyle": "none", "marker": marker, "color": colour, "markersize": 5}
            ax.add_line(Line2D(x[mask] / 1000, y[mask] / 1000, zorder=7, **look))
            label = f"{name} ({mask.sum():,})"
            handles.append(Line2D([], [], label=label, **look))
    return handles
