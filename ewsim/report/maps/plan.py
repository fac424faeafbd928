"""The map of a plan: what is lost without it, and what it chooses, by rank."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch
from numpy.typing import NDArray

from ewsim.metrics.comparison.plan import NOUNS
from ewsim.network.topology import Network
from ewsim.report import style
from ewsim.report.maps.network import Panel, svg

#: Points of loss [m] with how much, and the ranges of a unit outdoors and indoors [m].
Lost = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], tuple[float, float]]
#: No operator's colour.
_LOSS = "#8a1c4a"
_UNITS = {"hours": "person-hours without service", "people": "people not warned"}


def plan_svg(network: Network, document: Mapping[str, Any], lost: Lost | None) -> bytes:
    """The map as SVG.

    Parameters
    ----------
    network
        The network as built.
    document
        The plan, as `ewsim optimise --json` prints it.
    lost
        What is lost where; None: not counted.
    """
    title = f"{NOUNS[document['what']]}: {len(document['choices'])} chosen"
    return svg(network, [Panel(title, lambda ax: _draw(ax, network, document, lost), links=False)])


def _draw(ax: Axes, network: Network, document: Mapping[str, Any], lost: Lost | None) -> Sequence[Artist]:
    handles: list[Artist] = []
    if lost is not None and lost[2].any():
        x, y, weight, _ = lost
        some = weight > 0
        size = 2 + 34 * np.sqrt(weight[some] / weight.max())
        ax.scatter(
            x[some] / 1000,
            y[some] / 1000,
            s=size,
            color=_LOSS,
            alpha=0.35,
            linewidths=0,
            zorder=5,
            rasterized=True,
        )
        most = f"{_UNITS[document['goal']]} (up to {weight.max():,.0f} in a square)"
        handles.append(Line2D([], [], linestyle="none", marker="o", color=_LOSS, alpha=0.5, label=most))
    for row in document["choices"]:
        for place, name in zip(_places(network, row), row.get("names", [""]), strict=False):
            if lost is not None:
                for radius, line in zip(lost[3], ("-", "--"), strict=True):
                    ax.add_patch(
                        Circle(
                            place, radius / 1000, fill=False, edgecolor=style.INK, linestyle=line, zorder=7
                        )
                    )
            ax.annotate(
                str(row["rank"]) + ("" if name in ("", network.sites.name) or "site" in name else f" {name}"),
                place,
                ha="center",
                va="center",
                fontsize=8,
                fontweight="bold",
                zorder=9,
                bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": style.INK},
            )
    if document["choices"]:
        handles.append(Patch(facecolor="white", edgecolor=style.INK, label="chosen, the first wins most"))
    if lost is not None and document["choices"]:
        outdoors, indoors = (f"{radius / 1000:.1f} km" for radius in lost[3])
        handles.append(Line2D([], [], color=style.INK, label=f"range outdoors, {outdoors}"))
        handles.append(Line2D([], [], color=style.INK, linestyle="--", label=f"range indoors, {indoors}"))
    return handles


def _places(network: Network, row: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Where a choice is [km]: its place, or the middle of the sites of each element."""
    if "lat" in row:
        x, y = network.frame.to_xy(np.array([row["lat"]]), np.array([row["lon"]]))
        return [(float(x[0]) / 1000, float(y[0]) / 1000)]
    sites, found = network.sites, []
    for name in row["names"]:
        own = name.removeprefix("link ")
        on = (
            np.flatnonzero(sites.feeder == network.feeder_names.index(name))
            if name in network.feeder_names
            else np.array([sites.name.index(own)])
        )
        found.append((float(sites.x_m[on].mean()) / 1000, float(sites.y_m[on].mean()) / 1000))
    return found
