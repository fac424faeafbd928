"""The annex's map: where the network stood at the end."""

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ewsim.metrics import infrastructure
from ewsim.metrics.words import count
from ewsim.report import style
from ewsim.report.maps.axes import land_and_area, prepare
from ewsim.report.maps.ground import MapGround, map_ground
from ewsim.report.speech import ENGLISH, Speech
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


def network_map(result: Result, say: Speech = ENGLISH) -> Markup:
    """The network at the end of the run."""
    land = map_ground(result)
    sites = _site_states(result, land)
    west, south, east, north = land.bounds_km
    height = 0.8 + float(np.clip(3.1 * (north - south) / (east - west), 1.2, 4.2))

    def draw(figure: Figure) -> None:
        ax = figure.add_subplot()
        prepare(ax, "", land.bounds_km, land.frame, across=3)
        ax.set_facecolor("#eaf2f8" if land.land is not None else "white")
        land_and_area(ax, land.land, land.area)
        _sites(ax, sites)

    down = int((sites["state"] == 0).sum())
    alt = (
        f"Map of the network: {down} of {len(sites)} sites are out of service at the end. "
        "See the text and table below."
    )
    return style.svg("maps", alt, height, draw, style.HALF_IN, say)


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
    return lines


_AREA = Patch(facecolor="none", edgecolor=style.EDGE, linestyle="--", label="alert area")


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
