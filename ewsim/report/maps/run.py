"""The report's maps: where the network stood at the end, and where people were missed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from ewsim.metrics import infrastructure, reach
from ewsim.metrics.words import count, percent
from ewsim.report import style
from ewsim.report.maps.axes import fill, prepare
from ewsim.report.maps.ground import MapGround, PeopleSquares, map_ground, squares
from ewsim.result.record import Result
from ewsim.units import NEVER

_SITE_STATES = ("out of service", "in service, not chosen", "in service, chosen")


def _site_states(result: Result, land: MapGround) -> pd.DataFrame:
    """Sites at the end: state (index into _SITE_STATES), and how many of their cells serve."""
    changes = infrastructure.cell_changes(result.events)
    serves, _ = infrastructure.cells_at(changes, len(result.cells), result.horizon_s)
    count_of = np.bincount(land.site_of_cell, minlength=len(land.sites))
    serving = np.bincount(land.site_of_cell, weights=serves, minlength=len(land.sites))
    listed = np.bincount(land.site_of_cell, weights=result.cells["targeted"], minlength=len(land.sites))
    state = np.where(serving == 0, 0, np.where(listed > 0, 2, 1))
    return land.sites.assign(cells=count_of, serving=serving.astype(np.int64), state=state)


def maps_figure(result: Result) -> Markup:
    """Two maps of one country: the network at the end of the run, and the people."""
    land = map_ground(result)
    sites = _site_states(result, land)
    west, south, east, north = land.bounds_km
    wide = (east - west) > 1.25 * (north - south)
    upright = (north - south) / (east - west)
    height = (
        1.55 + 2 * min(style.WIDTH_IN * upright, 4.0)
        if wide
        else 1.15 + min((style.WIDTH_IN / 2 - 0.55) * upright, 6.0)
    )

    def draw(figure: Figure) -> None:
        rows, columns = (2, 1) if wide else (1, 2)
        network, people = figure.subplots(rows, columns)
        for ax, title in (
            (network, "Network at the end of the run"),
            (people, "People at the decision to warn"),
        ):
            _base(ax, land, title)
        _sites(network, sites)
        _people(people, result, squares(result, land, across=130 if wide else 80), land)

    down = int((sites["state"] == 0).sum())
    alt = (
        f"Two maps. Network: {down} of {len(sites)} sites are out of service at the end. People: "
        "squares, filled as far as their people were reached. See the text and table below."
    )
    return style.svg("maps", alt, height, draw)


def describe(result: Result) -> list[str]:
    """What the maps show, in sentences."""
    sites = _site_states(result, map_ground(result))
    state = sites["state"].to_numpy()
    ledger = result.ledger
    down, other, listed = (count(int((state == s).sum())) for s in (0, 1, 2))
    lines = [
        (
            f"At the end of the run, {down} of {count(len(sites))} sites are out of service, "
            f"{listed} are in service with cells chosen for the alert, and {other} without."
        )
    ]
    inside = ledger.people["in_area"].to_numpy(bool)
    weight = ledger.people["weight"].to_numpy(np.int64)
    outside = int(weight[~inside & (ledger.reached_us < NEVER)].sum())
    if outside:
        lines.append(f"{count(outside).capitalize()} people were reached outside the alert area.")
    lines.append(
        "On the map of people, a larger square has more people; blue rises from below as they are reached."
    )
    zones = result.by_zone()
    worst = zones[(zones["missed"] > 0) & ~zones["suppressed"]].head(3)
    if len(worst):
        named = "; ".join(
            f"{row['group']} ({row['missed']:,}, reached {percent(float(row['share']))})"
            for row in worst.to_dict("records")
        )
        lines.append(f"Most people were missed near {named}.")
    return lines


# --- drawing --------------------------------------------------------------------------------------


def _base(ax: Axes, land: MapGround, title: str) -> None:
    prepare(ax, title, land.bounds_km, land.frame, across=3)
    ax.set_facecolor("#eaf2f8" if land.land is not None else "white")
    if land.land is not None:
        fill(ax, land.land, facecolor=style.LAND, edgecolor=style.GREY, linewidth=0.7, zorder=1)
    fill(ax, land.area, facecolor="none", edgecolor=style.PURPLE, linewidth=1.6, linestyle="--", zorder=5)


_AREA = Patch(facecolor="none", edgecolor=style.PURPLE, linestyle="--", label="alert area")


def _sites(ax: Axes, sites: pd.DataFrame) -> None:
    looks = (
        ("x", style.VERMILLION, style.VERMILLION),
        ("o", "white", style.GREY),
        ("^", style.SKY, style.BLUE),
    )
    handles: list[Line2D | Patch] = [_AREA]
    size = 5.5 if len(sites) < 300 else 4 if len(sites) < 1500 else 2.5
    for state in (1, 2, 0):
        marker, fill, edge = looks[state]
        rows = sites[sites["state"] == state]
        line = Line2D(
            rows["x_km"],
            rows["y_km"],
            linestyle="none",
            marker=marker,
            markersize=size,
            markerfacecolor=fill,
            markeredgecolor=edge,
            rasterized=len(rows) > 500,
            zorder=6,
            markeredgewidth=1.2 if state == 0 else 0.7,
            label=f"{_SITE_STATES[state]} ({len(rows):,})",
        )
        ax.add_line(line)
        if len(rows):
            handles.append(_swatch(line))
    _legend(ax, handles)


def _people(ax: Axes, result: Result, made: PeopleSquares, land: MapGround) -> None:
    weight = reach.weights(result.ledger) * (result.ledger.reached_us < NEVER)
    reached = np.bincount(made.of_person, weights=weight, minlength=made.people.size)
    share = reached / np.maximum(made.people, 1)
    west, south, *_ = land.bounds_km
    side = made.size * made.side_km
    left = west + (made.column + 0.5) * made.side_km - side / 2
    foot = south + (made.row + 0.5) * made.side_km - side / 2
    handles: list[Line2D | Patch] = [_AREA]
    for outside, empty, full, place in (
        (True, "#cfcfcf", style.GREEN, "outside"),
        (False, style.ORANGE, style.BLUE, "in the area"),
    ):
        rows = made.outside == outside
        for colour, high, name in (
            (empty, side, f"{place}, {'not reached' if outside else 'missed'}"),
            (full, side * share, f"{place}, reached"),
        ):
            boxes = _boxes(left[rows], foot[rows], side[rows], high[rows])
            drawn = PolyCollection(list(boxes), facecolors=colour, linewidths=0, rasterized=True)
            drawn.set_zorder(3)
            ax.add_collection(drawn, autolim=False)
            if high[rows].any():
                handles.append(Patch(facecolor=colour, label=name))
    _legend(ax, handles)


def _boxes(
    left: NDArray[np.float64], foot: NDArray[np.float64], wide: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Corners of upright boxes, (boxes, 4, 2)."""
    x = np.stack([left, left + wide, left + wide, left], axis=1)
    y = np.stack([foot, foot, foot + high, foot + high], axis=1)
    return np.stack([x, y], axis=2)


def _swatch(line: Line2D) -> Line2D:
    """The same marker, large enough for a legend."""
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=line.get_marker(),
        markersize=6,
        markerfacecolor=line.get_markerfacecolor(),
        markeredgecolor=line.get_markeredgecolor(),
        label=str(line.get_label()),
    )


def _legend(ax: Axes, handles: list[Line2D | Patch]) -> None:
    ax.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.09),
        ncols=2,
        fontsize=7.5,
        handletextpad=0.4,
        columnspacing=1.0,
    )
