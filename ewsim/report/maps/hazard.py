"""Maps of when something reaches people: a hazard where they live, a false message their phones."""

from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ewsim.report import style
from ewsim.report.maps.axes import land_and_area, prepare
from ewsim.report.maps.ground import map_ground, squares
from ewsim.report.speech import ENGLISH, Speech
from ewsim.result.record import Result


class _What(NamedTuple):
    """What a map shows: the column of people with its times, and its texts."""

    column: str
    name: str
    title: str
    untouched: str
    alt: str


_HAZARD = _What(
    "hazard_arrival_s",
    "hazard",
    "When the hazard arrives",
    "people whom it does not reach",
    "Map of people by when the hazard reaches them: from {first} to {last} after the decision.",
)
_FALSE = _What(
    "false_alert_s",
    "false-message",
    "When a false message is seen",
    "people who do not see it",
    "Map of people by when they see a false message: from {first} to {last} after the decision.",
)


def figure(result: Result, say: Speech = ENGLISH) -> Markup | None:
    """Squares of people by the hazard's arrival; None where it reaches nobody."""
    return _figure(result, _HAZARD, say)


def false_figure(result: Result, say: Speech = ENGLISH) -> Markup | None:
    """Squares of people by when they first see a false message; None where nobody does."""
    return _figure(result, _FALSE, say)


def _figure(result: Result, what: _What, say: Speech) -> Markup | None:
    people = result.ledger.people
    if what.column not in people or not people[what.column].notna().any():
        return None
    unit = style.time_unit(float(people[what.column].abs().max()))
    arrival = people[what.column].to_numpy(np.float64) / unit.seconds
    land = map_ground(result)
    made = squares(result, land, across=100)
    hit = ~np.isnan(arrival)
    count = np.bincount(made.of_person[hit], minlength=made.people.size)
    total = np.bincount(made.of_person[hit], weights=arrival[hit], minlength=made.people.size)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    west, south, east, north = land.bounds_km
    left, foot = west + made.column * made.side_km, south + made.row * made.side_km
    right, top = left + made.side_km, foot + made.side_km
    boxes = np.stack(
        [np.stack([left, right, right, left], axis=1), np.stack([foot, foot, top, top], axis=1)], axis=2
    )

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        prepare(ax, what.title, land.bounds_km, land.frame)
        land_and_area(ax, land.land, land.area)
        untouched = boxes[np.isnan(mean)]
        handles = [Patch(facecolor="none", edgecolor=style.EDGE, linestyle="--", label="alert area")]
        if len(untouched):
            ax.add_collection(PolyCollection(list(untouched), facecolors=style.PALE, zorder=2), autolim=False)
            handles.append(Patch(facecolor=style.PALE, label=what.untouched))
        reached = PolyCollection(list(boxes[~np.isnan(mean)]), cmap="viridis", zorder=3, rasterized=True)
        reached.set_array(mean[~np.isnan(mean)])
        ax.add_collection(reached, autolim=False)
        canvas.colorbar(reached, ax=ax, label=f"After the decision to warn [{unit.name}]", shrink=0.8)
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=2, fontsize=7)

    first, last = (f"{v:.1f} {unit.name}" for v in (np.nanmin(mean), np.nanmax(mean)))
    alt = what.alt.format(first=first, last=last)
    upright = (north - south) / (east - west)
    return style.svg(what.name, alt, 0.7 + min(style.HALF_IN * 0.75 * upright, 4.0), draw, style.HALF_IN, say)
