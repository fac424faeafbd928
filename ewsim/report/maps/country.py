"""An invented country as maps: ground, places and roads; the network and what it hangs from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ewsim.country.drafting.invented import CLASSES, InventedCountry, rings
from ewsim.errors import count_of
from ewsim.geography.plane import contains
from ewsim.geography.terrain import TERRAIN
from ewsim.report import style
from ewsim.report.maps.axes import classes, fill_m
from ewsim.report.maps.network import Panel

#: Plain, hills and mountains, from pale to strong.
_GROUND = (style.LAND, "#dccfb4", "#a9927a")
#: Marks of cities, towns and villages: their size, and which are named.
_MARKS = {"city": 7.0, "town": 4.5, "village": 2.8}
_NAMED = 8
#: Pixels along the longer side of the ground.
_PIXELS = 400


def panels(country: InventedCountry) -> list[Panel]:
    """Two maps: where people live on what ground, and the network."""
    made = country.settlements
    title = f"{made.people.sum():,} people in {count_of(len(made.name), 'places')} and hamlets between them"
    network = (
        f"{count_of(len(country.network.sites), 'sites')}, {count_of(len(country.network.cells), 'cells')}"
    )
    return [
        Panel(title, lambda ax: _ground(ax, country), links=False, sites=False),
        Panel(network, lambda ax: _rings(ax, country)),
    ]


def _ground(ax: Axes, country: InventedCountry) -> Sequence[Artist]:
    handles: list[Artist] = []
    if country.terrain is not None:
        west, south, east, north = country.land.bounds
        step = max(east - west, north - south) / _PIXELS
        x, y = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
        kind = country.terrain.at(x.ravel(), y.ravel()).astype(np.float32)
        kind[~contains(country.land, x.ravel(), y.ravel())] = np.nan
        rows, columns = x.shape
        right, top = west + columns * step, south + rows * step
        extent = (west / 1000, right / 1000, south / 1000, top / 1000)
        classes(ax, kind.reshape(x.shape), extent, _GROUND)
        shown = np.unique(kind[np.isfinite(kind)]).astype(np.int64)
        handles += [Patch(facecolor=_GROUND[k], edgecolor=style.GREY, label=TERRAIN[k]) for k in shown]
    fill_m(ax, country.land, facecolor="none", edgecolor=style.GREY, linewidth=0.7, zorder=3)
    ways = [np.asarray(road.line.coords)[:, :2] / 1000 for road in country.roads]
    ax.add_collection(LineCollection(ways, colors="#5c5c5c", linewidths=0.7, zorder=4))
    if ways:
        handles.append(Line2D([], [], color="#5c5c5c", linewidth=0.9, label="road"))
    return [*_places(ax, country), *handles]


def _places(ax: Axes, country: InventedCountry) -> list[Artist]:
    made = country.settlements
    people = made.people[: len(made.name)]
    least = np.array([c[0] for c in CLASSES])
    kind = np.argmax(people[:, None] >= least, axis=1)
    look: dict[str, Any] = {
        "linestyle": "none",
        "marker": "o",
        "color": style.VERMILLION,
        "markeredgecolor": "white",
        "markeredgewidth": 0.4,
    }
    handles: list[Artist] = []
    for number, (_, name) in enumerate(CLASSES):
        mine = np.flatnonzero(kind == number)
        if mine.size:
            size = _MARKS[name]
            x, y = made.x_m[mine] / 1000, made.y_m[mine] / 1000
            ax.add_line(Line2D(x, y, markersize=size, zorder=6, **look))
            label = f"{name} ({mine.size:,})"
            handles.append(Line2D([], [], markersize=size, label=label, **look))
    west, east = ax.get_xlim()
    for at in range(min(_NAMED, len(made.name))):
        x, y = made.x_m[at] / 1000, made.y_m[at] / 1000
        inward = -1 if x > east - 0.15 * (east - west) else 1
        ax.annotate(
            made.name[at],
            (x, y),
            xytext=(4 * inward, 4),
            textcoords="offset points",
            ha="left" if inward > 0 else "right",
            fontsize=6.5,
            zorder=8,
            clip_on=True,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "alpha": 0.7, "linewidth": 0},
        )
    return handles


def _rings(ax: Axes, country: InventedCountry) -> Sequence[Artist]:
    sites = country.network.sites
    closed = [[*ring, ring[0]] for ring in rings(country) if len(ring) > 1]
    lines = [np.column_stack([sites.x_m[ring], sites.y_m[ring]]) / 1000 for ring in closed]
    ax.add_collection(LineCollection(lines, colors=style.BLUE, linewidths=0.8, zorder=3))
    if not lines:
        return []
    return [Line2D([], [], color=style.BLUE, linewidth=1.0, label="ring of fibre")]
