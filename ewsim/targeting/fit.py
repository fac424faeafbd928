"""How well a choice of cells fits an alert area: a table of policies without a run.

Everyone with a signal camps on one cell; who camps on a chosen cell is alerted. Phones that cannot
show a warning, outages and time are no part of it: this is what the choice alone does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray, contains

#: People outside further off than this do not count for the false alerts [m]; assumption.
NEAR_M = 10_000.0


@dataclass(frozen=True, slots=True)
class Fit:
    """What a choice of cells does. People are counted with their weights.

    `in_area`: people in the alert area with a signal; `near_outside`: those outside within 10 km.
    `overshoot_p50_m` and `_p95_m`: how far outside the area the people alerted outside are [m],
    NaN where there are none. `area_ratio`: ground under the chosen cells' footprints over the
    alert area.
    """

    cell_count: int
    in_area: float
    alerted_inside: float
    alerted_outside: float
    alerted_near_outside: float
    near_outside: float
    overshoot_p50_m: float
    overshoot_p95_m: float
    area_ratio: float

    @property
    def recall(self) -> float:
        """People alerted in the area, as a share of those in it."""
        return _share(self.alerted_inside, self.in_area)

    @property
    def overshoot_share(self) -> float:
        """People alerted outside, as a share of all alerted."""
        return _share(self.alerted_outside, self.alerted_inside + self.alerted_outside)

    @property
    def false_alert_share(self) -> float:
        """People alerted outside within 10 km of the area, as a share of those there."""
        return _share(self.alerted_near_outside, self.near_outside)

    def figures(self) -> dict[str, float | int | None]:
        """The measures by name, None where there is nothing to measure."""
        shares = {
            "recall_share": self.recall,
            "overshoot_share": self.overshoot_share,
            "false_alert_share": self.false_alert_share,
            "overshoot_p50_m": self.overshoot_p50_m,
            "overshoot_p95_m": self.overshoot_p95_m,
            "area_ratio": self.area_ratio,
        }
        known = {name: None if math.isnan(v) else v for name, v in shares.items()}
        return {"cell_count": self.cell_count, **known}


@dataclass(frozen=True, slots=True)
class Camped:
    """People with the cell they camp on, -1 for none; arrays of one length, positions in [m].

    `zones` says who is in an area, and who is in it or within NEAR_M of it, once that is known.
    """

    x_m: FloatArray
    y_m: FloatArray
    weight: FloatArray
    cell: NDArray[np.int64]
    zones: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None

    def about(self, area: BaseGeometry) -> Camped:
        """The same, who now know where they are to an area; measured once for any number of choices."""
        return replace(self, zones=_zones(area, self))

    def of(self, some: NDArray[np.bool_]) -> Camped:
        """Some of them."""
        zones = None if self.zones is None else (self.zones[0][some], self.zones[1][some])
        return Camped(self.x_m[some], self.y_m[some], self.weight[some], self.cell[some], zones)


class Outside:
    """How far people are outside an area [m]; each distance is worked out once, for any number of runs."""

    def __init__(self, area: BaseGeometry, x_m: FloatArray, y_m: FloatArray) -> None:
        self._area, self._x_m, self._y_m = area, x_m, y_m
        self._known_m = np.full(x_m.size, np.nan)

    def distance_m(self, who: NDArray[np.int64]) -> FloatArray:
        """The distance of some people, by their rows [m]; 0 inside."""
        new = who[np.isnan(self._known_m[who])]
        if new.size:
            shapely.prepare(self._area)
            self._known_m[new] = shapely.distance(self._area, shapely.points(self._x_m[new], self._y_m[new]))
        return self._known_m[who]


def measure_fit(
    area: BaseGeometry,
    targeted: NDArray[np.bool_],
    footprints: NDArray[np.object_],
    camped: Camped,
    spread: NDArray[np.bool_] | None = None,
) -> Fit:
    """How well chosen cells fit an area.

    Parameters
    ----------
    area
        The alert area itself [m], before any buffer.
    targeted, footprints
        For each cell, whether it is chosen, and the ground it serves [m], shape (cells,).
    camped
        The people, and the cell that each camps on; `about` the area already, or not yet.
    spread
        The chosen cells that have all the ground of the chosen, where they are known to be fewer,
        shape (cells,).
    """
    inside, near_area = camped.zones or _zones(area, camped)
    served = camped.cell >= 0
    alerted = np.zeros(served.size, dtype=np.bool_)
    alerted[served] = targeted[camped.cell[served]]
    outside = np.flatnonzero(served & ~inside)
    x, y = camped.x_m[outside], camped.y_m[outside]
    weight, hit = camped.weight[outside], alerted[outside]
    shapely.prepare(area)
    away_m = np.asarray(shapely.distance(area, shapely.points(x[hit], y[hit])))
    near = near_area[outside]
    p50, p95 = _quantiles(away_m, weight[hit])
    ground = shapely.union_all(footprints[targeted if spread is None else spread])
    return Fit(
        cell_count=int(targeted.sum()),
        in_area=float(camped.weight[inside & served].sum()),
        alerted_inside=float(camped.weight[inside & alerted].sum()),
        alerted_outside=float(weight[hit].sum()),
        alerted_near_outside=float(weight[hit & near].sum()),
        near_outside=float(weight[near].sum()),
        overshoot_p50_m=p50,
        overshoot_p95_m=p95,
        area_ratio=float(ground.area / area.area),
    )


def _zones(area: BaseGeometry, camped: Camped) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    around = shapely.buffer(area, NEAR_M, quad_segs=32)  # its corners are off by 3 m at most
    return contains(area, camped.x_m, camped.y_m), contains(around, camped.x_m, camped.y_m)


def _quantiles(values: FloatArray, weight: FloatArray) -> tuple[float, float]:
    if not values.size:
        return float("nan"), float("nan")
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) / weight.sum()
    at = np.searchsorted(below, [0.5, 0.95]).clip(max=values.size - 1)
    return float(values[order[at[0]]]), float(values[order[at[1]]])


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
