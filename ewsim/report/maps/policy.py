"""One alert under several policies: its area, the chosen cells, and the ground over and missed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.metrics.words import percent
from ewsim.network.topology import Network
from ewsim.report import style
from ewsim.report.maps.axes import Bounds, fill_m
from ewsim.report.maps.network import Panel, bounds_km
from ewsim.targeting.fit import Fit

_INSIDE, _OVER, _UNDER = "#a9d3ee", "#f6c667", style.VERMILLION


def _panel(
    network: Network,
    area: BaseGeometry,
    name: str,
    targeted: NDArray[np.bool_],
    footprints: NDArray[np.object_],
    fit: Fit,
) -> Panel:
    """The map of one policy: its alert area, and the ground that each of its cells serves [m]."""
    ground = shapely.union_all(footprints[targeted]) if targeted.any() else shapely.Polygon()

    def overlay(ax: Axes) -> Sequence[Artist]:
        on_map: dict[str, float] = {"linewidth": 0, "zorder": 2}
        fill_m(ax, ground.intersection(area), facecolor=_INSIDE, alpha=0.8, **on_map)
        fill_m(ax, ground.difference(area), facecolor=_OVER, alpha=0.55, **on_map)
        missed = area.difference(ground)
        if network.land is not None:
            missed = missed.intersection(network.land)
        fill_m(ax, missed, facecolor="none", edgecolor=_UNDER, hatch="////", linewidth=0.6, zorder=3)
        fill_m(ax, area, facecolor="none", edgecolor=style.INK, linewidth=1.4, linestyle="--", zorder=7)
        return [
            Line2D([], [], color=style.INK, linestyle="--", label="alert area"),
            Patch(facecolor=_INSIDE, label="covered in the area"),
            Patch(facecolor=_OVER, label="overshoot"),
            Patch(facecolor="none", edgecolor=_UNDER, hatch="////", label="undershoot (land)"),
            *_masts(ax, network, targeted),
        ]

    recall = "nobody in the area" if np.isnan(fit.recall) else f"recall {percent(fit.recall)}"
    over = "none" if np.isnan(fit.overshoot_share) else percent(fit.overshoot_share)
    title = f"{name}: {fit.cell_count:,} cells, {recall}, overshoot {over}"
    return Panel(title, overlay, links=False, sites=False, bounds_km=_around(network, area, ground))


def panels(
    network: Network,
    area: BaseGeometry,
    chosen: Sequence[tuple[str, NDArray[np.bool_], NDArray[np.object_], Fit]],
) -> list[Panel]:
    """The maps of several policies, all of the same ground.

    Parameters
    ----------
    network
        The network, with its land.
    area
        The alert area [m].
    chosen
        For each policy: its name, whether each cell is chosen, shape (cells,), the ground that each
        cell serves [m], shape (cells,), and how well the choice fits.
    """
    made = [_panel(network, area, *one) for one in chosen]
    boxes = np.array([one.bounds_km for one in made])
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    same = (west, south, east, north)
    return [Panel(one.title, one.overlay, links=False, sites=False, bounds_km=same) for one in made]


def _masts(ax: Axes, network: Network, targeted: NDArray[np.bool_]) -> list[Artist]:
    sites = network.sites
    on = np.zeros(len(sites), dtype=np.bool_)
    on[network.cells.site[targeted]] = True
    handles: list[Artist] = []
    for mask, marker, face, name in (
        (~on, "o", "white", "site, not chosen"),
        (on, "^", style.BLUE, "site with chosen cells"),
    ):
        look: dict[str, Any] = {
            "linestyle": "none",
            "marker": marker,
            "markerfacecolor": face,
            "markeredgecolor": style.GREY if face == "white" else "white",
            "markeredgewidth": 0.4,
        }
        line = Line2D(sites.x_m[mask] / 1000, sites.y_m[mask] / 1000, zorder=6, **look)
        line.set_markersize(3.2)
        line.set_rasterized(bool(mask.sum() > 1500))
        ax.add_line(line)
        handles.append(Line2D([], [], markersize=5, label=name, **look))
    return handles


def _around(network: Network, area: BaseGeometry, ground: BaseGeometry) -> Bounds:
    """The area and the chosen ground with a margin, as far as the country is near."""
    both = area if ground.is_empty else shapely.union(area, ground)
    west, south, east, north = (v / 1000 for v in both.bounds)
    margin = 0.05 * max(east - west, north - south) + 0.5
    country = bounds_km(network)
    room = 0.15 * max(country[2] - country[0], country[3] - country[1])
    return (
        max(west - margin, country[0] - room),
        max(south - margin, country[1] - room),
        min(east + margin, country[2] + room),
        min(north + margin, country[3] + room),
    )
