"""A network as a map: land, sites by operator, the links between them; and a page around it.

`figure` draws one map or several side by side; whoever has more to show (an alert area, chosen
cells) gives each panel a function that draws on its axes, in kilometres on the network's plane.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ewsim.errors import count_of
from ewsim.network.topology import CORE, Network
from ewsim.report import style, templating
from ewsim.report.maps.axes import Bounds, fill_m, in_km, prepare
from ewsim.units import RATS

#: How operators' sites look, in their order; further ones start again.
LOOKS = (("o", style.BLUE), ("^", style.VERMILLION), ("s", style.GREEN), ("D", style.EDGE))

#: Ground beyond the outline: the outline does not say whether that is the sea.
_BEYOND = "#e8eef2"
#: Room for the labels of latitudes, the tallest map, and a line of a legend [inch].
_LATITUDES_IN, _TALL_IN, _LINE_IN = 0.6, 8.0, 0.185

#: Draws on the axes of a panel, in kilometres; gives the swatches for its legend.
Draw = Callable[[Axes], Sequence[Artist]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One map: its title, and what is drawn over the network.

    `bounds_km` is west, south, east, north of what it shows, None for the whole country.
    """

    title: str
    overlay: Draw | None = None
    links: bool = True
    sites: bool = True
    bounds_km: Bounds | None = None


def figure(network: Network, panels: Sequence[Panel]) -> Figure:
    """Maps of one network side by side, or below each other where the country is wide."""
    west, south, east, north = panels[0].bounds_km or bounds_km(network)
    upright = (north - south) / (east - west)
    wide = upright < 1 / 1.25 and len(panels) > 1
    columns = min(len(panels), 3)
    if wide:
        columns = 1 if len(panels) < 3 else 2
    rows = -(-len(panels) // columns)
    width = style.WIDTH_IN * (1.0 if columns == 1 else min(columns, 3) * 0.75)
    across = width / columns - _LATITUDES_IN
    tall = min(across * upright, _TALL_IN)
    width = max(columns * (tall / upright + _LATITUDES_IN), style.WIDTH_IN * 0.7)
    made = Figure(layout="constrained")
    axes = np.ravel(made.subplots(rows, columns))
    for ax in axes[len(panels) :]:
        ax.set_axis_off()
    legends = []
    for ax, panel in zip(axes, panels, strict=False):
        handles = _base(ax, network, panel)
        if panel.sites:
            handles = [*_sites(ax, network), *handles]
        if panel.links:
            handles = [*handles, *_links(ax, network)]
        if panel.overlay is not None:
            handles = [*panel.overlay(ax), *handles]
        legends.append(handles)
    said = [[str(h.get_label()) for h in handles] for handles in legends]
    look: dict[str, Any] = {"fontsize": 7.5, "handletextpad": 0.4, "columnspacing": 1.0}
    if len(panels) > 1 and all(one == said[0] for one in said):
        abreast = min(len(said[0]), 2 * columns)
        made.legend(handles=legends[0], loc="outside lower center", ncols=abreast, **look)
        below, once = 0.0, _LINE_IN * -(-len(said[0]) // abreast) + 0.1
    else:
        for ax, handles in zip(axes, legends, strict=False):
            place = (0.5, -0.24 / tall)
            ax.legend(handles=handles, loc="upper center", bbox_to_anchor=place, ncols=2, **look)
        below, once = _LINE_IN * max(-(-len(one) // 2) for one in said) + 0.15, 0.0
    made.set_size_inches(width, rows * (tall + 0.5 + below) + once)
    return made


def overview(network: Network, source: str = "") -> list[Panel]:
    """The one map of a network by itself; `source` is the file that it is from."""
    title = f"{count_of(len(network.sites), 'sites')}, {count_of(len(network.cells), 'cells')}"
    return [Panel(f"{source}: {title}" if source else title)]


def png(network: Network, panels: Sequence[Panel] | None = None) -> bytes:
    """The maps as PNG."""
    return _saved(network, panels, format="png", dpi=160, metadata={"Software": None})


def svg(network: Network, panels: Sequence[Panel] | None = None) -> bytes:
    """The maps as SVG, text as text; the same network gives the same bytes."""
    return _saved(network, panels, format="svg", metadata={"Date": None, "Creator": None})


def _saved(network: Network, panels: Sequence[Panel] | None, **settings: Any) -> bytes:
    out = io.BytesIO()
    with style.looks("network"):
        made = figure(network, panels or overview(network))
        FigureCanvasAgg(made)
        made.savefig(out, bbox_inches="tight", pad_inches=0.08, **settings)
    return out.getvalue()


def html(network: Network, panels: Sequence[Panel] | None = None) -> bytes:
    """A page of its own, offline: the maps, a table of operators, what was assumed."""
    text = svg(network, panels).decode()
    return templating.render(
        "network.html",
        map_svg=Markup(text[text.index("<svg") :]),  # noqa: S704 - drawn by matplotlib, which escapes
        columns=("operator", "sites", *RATS),
        rows=summary(network),
        notes=network.notes,
        css=templating.asset("plain.css"),
    ).encode()


def summary(network: Network) -> list[tuple[str, list[int]]]:
    """Each operator's number of sites, and of cells by technology."""
    cells = network.cells
    return [
        (
            name,
            [
                np.unique(cells.site[cells.operator == number]).size,
                *np.bincount(cells.rat[cells.operator == number], minlength=len(RATS)).tolist(),
            ],
        )
        for number, name in enumerate(network.operators)
    ]


def bounds_km(network: Network) -> Bounds:
    """West, south, east, north of the map: all sites, and the land as far as it is not too far.

    Land further from the sites than a quarter of their extent is cut off: distant islets would
    make the map of all others small.
    """
    x, y = network.sites.x_m / 1000, network.sites.y_m / 1000
    west, south, east, north = x.min(), y.min(), x.max(), y.max()
    room = 0.25 * max(east - west, north - south) + 5.0
    if network.land is not None and not network.land.is_empty:
        land = np.array(network.land.bounds) / 1000
        west, south = max(min(west, land[0]), west - room), max(min(south, land[1]), south - room)
        east, north = min(max(east, land[2]), east + room), min(max(north, land[3]), north + room)
    margin = 0.03 * max(east - west, north - south) + 1.0
    return float(west - margin), float(south - margin), float(east + margin), float(north + margin)


# --- drawing --------------------------------------------------------------------------------------


def _base(ax: Axes, network: Network, panel: Panel) -> list[Artist]:
    west, south, east, north = bounds = panel.bounds_km or bounds_km(network)
    prepare(ax, panel.title, bounds, network.frame)
    if network.land is None:
        return []
    ax.set_facecolor(_BEYOND)
    land = network.land.simplify((east - west) / 2)  # half a thousandth of the width, in metres
    fill_m(ax, land, facecolor=style.LAND, edgecolor=style.GREY, linewidth=0.7, zorder=1)
    if in_km(network.land).covers(shapely.box(west, south, east, north)):
        return []
    return [Patch(facecolor=_BEYOND, edgecolor=style.GREY, label="sea or abroad")]


def _sites(ax: Axes, network: Network) -> list[Artist]:
    """Sites by operator; on a shared mast the marks lie over each other, later ones smaller."""
    cells, sites = network.cells, network.sites
    size = 5.0 if len(sites) < 300 else 3.5 if len(sites) < 1500 else 2.2
    handles: list[Artist] = []
    for number, name in enumerate(network.operators):
        mine = np.unique(cells.site[cells.operator == number])
        marker, colour = LOOKS[number % len(LOOKS)]
        line = Line2D(
            sites.x_m[mine] / 1000,
            sites.y_m[mine] / 1000,
            linestyle="none",
            marker=marker,
            markersize=size * 0.8**number,
            markerfacecolor=colour,
            markeredgecolor="white",
            markeredgewidth=0.3,
            rasterized=mine.size > 1500,
            zorder=6,
        )
        ax.add_line(line)
        label = f"{name}: {count_of(mine.size, 'sites')}"
        handles.append(Line2D([], [], linestyle="none", marker=marker, color=colour, label=label))
    return handles


def _links(ax: Axes, network: Network) -> list[Line2D]:
    sites = network.sites
    child = np.flatnonzero(sites.parent != CORE)
    ends = np.column_stack([child, sites.parent[child]])
    lines = np.stack([sites.x_m[ends], sites.y_m[ends]], axis=2) / 1000
    ax.add_collection(LineCollection(list(lines), colors=style.GREY, linewidths=0.5, alpha=0.7, zorder=4))
    label = "link towards the core" + (" (assumed)" if network.links_assumed else "")
    return [Line2D([], [], color=style.GREY, linewidth=0.8, label=label)]
