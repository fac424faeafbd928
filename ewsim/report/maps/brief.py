"""The maps of the brief: who was missed, with names and edges of places, and where for which reason."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from ewsim.metrics import infrastructure, reach
from ewsim.report import style
from ewsim.report.maps.axes import fill, nice_length_km
from ewsim.report.maps.ground import MapGround, boxes, squares
from ewsim.report.speech import Speech
from ewsim.result.record import Result
from ewsim.units import NEVER

#: Names on a map, and places whose edges it draws, at most.
_NAMES, _EDGES = 9, 200
#: Their widths [inch].
_LARGE_IN, _SMALL_IN = 4.2, 2.2


def people_map(result: Result, land: MapGround, places: pd.DataFrame, say: Speech) -> Markup:
    """People in squares, filled as far as they were reached, with the names and edges of places.

    Parameters
    ----------
    result, land
        A run, and its geography.
    places
        What `brief.where.place_table` gives.
    say
        The language.
    """
    alt = say("Map of people in the area: squares fill as they are reached. See the table of places.")
    draw = people_drawing(result, land, places)
    return style.svg("people", alt, _height(land, _LARGE_IN, 4.4), draw, _LARGE_IN)


def people_drawing(result: Result, land: MapGround, places: pd.DataFrame) -> Callable[[Figure], None]:
    """Draws the map of people on a figure.

    Parameters
    ----------
    result, land
        A run, and its geography.
    places
        What `brief.where.place_table` gives.
    """
    made = squares(result, land, across=110)
    weight = reach.weights(result.ledger) * (result.ledger.reached_us < NEVER)
    share = np.bincount(made.of_person, weights=weight, minlength=made.people.size) / np.maximum(
        made.people, 1
    )

    def draw(figure: Figure) -> None:
        ax = base(figure, land)
        _edges(ax, result, land, len(places))
        for outside, empty, full in (
            (True, style.PALE, style.REACHED_OUTSIDE),
            (False, style.MISSED, style.REACHED),
        ):
            rows = made.outside == outside
            for colour, filled in ((empty, np.ones(share.size)), (full, share)):
                corners = boxes(land, made, made.size, filled)[rows]
                drawn = PolyCollection(list(corners), facecolors=colour, linewidths=0)
                drawn.set(zorder=3, rasterized=True)
                ax.add_collection(drawn, autolim=False)
        down = _down(result, land)
        ax.plot(
            *down.T, "x", color=style.INK, markersize=3.5, markeredgewidth=0.9, zorder=6, linestyle="none"
        )
        names(ax, places)

    return draw


def missed_maps(
    result: Result, land: MapGround, missed: Mapping[str, NDArray[np.bool_]], say: Speech
) -> list[tuple[str, Markup]]:
    """A small map for each part of the chain or group that was missed, with its words.

    Parameters
    ----------
    result, land
        A run, and its geography.
    missed
        By their words, whether each row is one of these people, shape (people,).
    say
        The language.
    """
    made, weight = squares(result, land, across=45), reach.weights(result.ledger)
    looks = (style.BLUE, style.VERMILLION, style.INK)
    found = []
    for number, (words, rows) in enumerate(missed.items()):
        people = np.bincount(made.of_person, weights=weight * rows, minlength=made.people.size)
        if not people.any():
            continue

        def draw(figure: Figure, people: NDArray[Any] = people, colour: str = looks[number % 3]) -> None:
            ax = base(figure, land)
            size = np.where(people > 0, np.clip(np.sqrt(people / people.max()), 0.3, 1), 0)
            drawn = PolyCollection(list(boxes(land, made, size)[people > 0]), facecolors=colour, linewidths=0)
            drawn.set(zorder=3, rasterized=True)
            ax.add_collection(drawn, autolim=False)

        alt = say("Small map: where {n} people were missed.", n=say.number(float(people.sum())))
        picture = style.svg(f"missed {number}", alt, _height(land, _SMALL_IN, 2.6), draw, _SMALL_IN)
        found.append((f"{words}: {say.number(float(people.sum()))}", picture))
    return found


def around_the_area(result: Result, land: MapGround) -> MapGround:
    """The geography with the bounds of the people in the alert area; as it is where nobody is in it."""
    inside = reach.in_area(result.ledger)
    if not inside.any():
        return land
    x, y = land.people_x_km[inside], land.people_y_km[inside]
    room = max(np.ptp(x), np.ptp(y), 1.0) * 0.12
    across = max(room, (np.ptp(y) - np.ptp(x)) / 2 + room)  # no narrower than high
    _, south, _, north = land.bounds_km
    low, high = max(south, y.min() - room), min(north, y.max() + room)
    return replace(land, bounds_km=(x.min() - across, low, x.max() + across, high))


def _height(land: MapGround, width_in: float, most_in: float) -> float:
    west, south, east, north = land.bounds_km
    return float(np.clip(width_in * (north - south) / (east - west), width_in / 3, most_in))


def base(figure: Figure, land: MapGround, high: float = 0.99) -> Axes:
    """Axes over the whole figure: sea, land, the alert area, a scale bar.

    Parameters
    ----------
    figure, land
        A figure, and the geography.
    high
        How much of the figure's height the axes take, from below [1].
    """
    figure.set_layout_engine(
        "none"
    )  # nothing stands outside the axes; laying out would take most of the time
    ax = figure.add_axes((0.005, 0.005, 0.99, high))
    west, south, east, north = land.bounds_km
    ax.set(aspect="equal", xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=style.PALE)
    if land.land is not None:
        ax.set_facecolor("#eaf2f8")
        fill(ax, land.land, facecolor=style.LAND, edgecolor=style.GREY, linewidth=0.7, zorder=1)
    fill(ax, land.area, facecolor="none", edgecolor=style.EDGE, linewidth=1.4, linestyle="--", zorder=5)
    length = nice_length_km(east - west)
    x, y = west + (east - west) * 0.03, south + (north - south) * 0.03
    ax.plot([x, x + length], [y, y], color=style.INK, linewidth=2.5, solid_capstyle="butt", zorder=9)
    ax.annotate(f"{length:g} km", (x, y), xytext=(0, 3), textcoords="offset points", fontsize=7, zorder=9)
    return ax


def names(ax: Axes, places: pd.DataFrame) -> None:
    """The names of the places with most people in the area, as far as they do not cover each other."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    taken: list[tuple[float, float, float]] = []
    for place in places[places["inside"] > 0].head(4 * _NAMES).itertuples():
        half, high = (east - west) * 0.0105 * (len(str(place.short)) + 1), (north - south) * 0.05
        x, y = float(place.x_km), float(place.y_km)  # type: ignore[arg-type]
        if not (west < x < east and south + high / 2 < y < north - high / 2):
            continue
        x = float(np.clip(x, west + half, east - half))
        if len(taken) == _NAMES or any(abs(x - a) < half + h and abs(y - b) < high for a, b, h in taken):
            continue
        taken.append((x, y, half))
        paper = {"facecolor": "white", "alpha": 0.9, "pad": 0.6, "linewidth": 0}
        ax.text(
            x, y, str(place.short), fontsize=6.5, ha="center", va="center", zorder=8, bbox=paper, clip_on=True
        )


def _edges(ax: Axes, result: Result, land: MapGround, places: int) -> None:
    """The edges between places: every square belongs to the place of most people in and around it."""
    if not 1 < places <= _EDGES:
        return
    made = squares(result, land, across=100)
    zone = result.ledger.people["zone"].cat.codes.to_numpy(np.int64)
    corner = np.array([made.column.min(), made.row.min()])
    shape = (int(np.ptp(made.row)) + 1, int(np.ptp(made.column)) + 1)
    place = (made.row - corner[1]) * shape[1] + made.column - corner[0]
    count, weight = int(zone.max()) + 1, reach.weights(result.ledger)
    flat = np.bincount(
        (zone * shape[0] * shape[1] + place[made.of_person])[zone >= 0],
        weights=weight[zone >= 0],
        minlength=count * shape[0] * shape[1],
    )
    # smoothed, so that a few people on the other side draw no edge of their own
    dense = gaussian_filter(flat.reshape(count, *shape), (0, 1.5, 1.5))
    grid = dense.argmax(axis=0)
    nearest = distance_transform_edt(dense.max(axis=0) <= 0, return_distances=False, return_indices=True)
    grid = grid[tuple(nearest)]
    west, south, *_ = land.bounds_km
    lines = []
    for axis in (0, 1):
        row, column = np.nonzero(np.diff(grid, axis=axis))
        start = np.stack([column + (axis == 1), row + (axis == 0)], axis=1).astype(np.float64)
        end = start + ([1, 0] if axis == 0 else [0, 1])
        lines.append(np.stack([start, end], axis=1) * made.side_km + corner * made.side_km + (west, south))
    edges = np.concatenate(lines)
    if land.land is not None:
        edges = edges[shapely.contains_xy(land.land, *edges.mean(axis=1).T)]
    ax.add_collection(LineCollection(list(edges), colors=style.GREY, linewidths=0.5, zorder=2), autolim=False)


def _down(result: Result, land: MapGround) -> NDArray[np.float64]:
    """Sites of which no cell serves at the end, (sites, 2) [km]."""
    changes = infrastructure.cell_changes(result.events)
    serves, _ = infrastructure.cells_at(changes, len(result.cells), result.horizon_s)
    serving = np.bincount(land.site_of_cell, weights=serves, minlength=len(land.sites))
    return np.asarray(land.sites.loc[serving == 0, ["x_km", "y_km"]], dtype=np.float64)
