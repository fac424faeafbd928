"""Demand: the points where people live, which networks are planned for."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

#: What kind of region a point lies in; the index is the code in `Demand.region`.
REGIONS = ("urban", "rural", "remote")
#: Without a stated region, from this density on a point is urban [people/km2] (UN Degree of
#: Urbanisation: urban clusters).
URBAN_DENSITY_PER_KM2 = 300.0
#: Side of the squares that density is counted in [m], and how many are looked at as one array.
_GRID_M, _DENSE = 500.0, 50_000_000


@dataclass(frozen=True, slots=True)
class Demand:
    """Points with people; arrays of one length.

    `x_m`, `y_m` [m]; `people` living around the point; `density_per_km2` [1/km2] there; `region`
    indexes REGIONS (by density where not given).
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    people: NDArray[np.float64]
    density_per_km2: NDArray[np.float64]
    region: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))

    def __post_init__(self) -> None:
        if self.region.size != self.x_m.size:
            rural = np.asarray(self.density_per_km2) < URBAN_DENSITY_PER_KM2
            object.__setattr__(self, "region", rural.astype(np.int8))

    def __len__(self) -> int:
        return self.x_m.size


def density_per_km2(
    x_m: NDArray[np.float64], y_m: NDArray[np.float64], people: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The density of the 1.5 km square around each point [people/km2].

    Parameters
    ----------
    x_m, y_m
        Points [m], shape (points,).
    people
        People who live there [1], shape (points,).
    """
    column = ((x_m - x_m.min()) // _GRID_M).astype(int)
    row = ((y_m - y_m.min()) // _GRID_M).astype(int)
    height = int(row.max()) + 2
    if (int(column.max()) + 1) * height < _DENSE:
        grid = np.zeros((column.max() + 1, height - 1))
        np.add.at(grid, (column, row), people)
        around = uniform_filter(grid, 3, mode="constant")[column, row]
    else:  # a country with land in several oceans
        square, number = np.unique(column * height + row, return_inverse=True)
        counted = np.append(np.bincount(number, people), 0.0)
        around = np.zeros(x_m.size)
        for step in (a * height + b for a in (-1, 0, 1) for b in (-1, 0, 1)):
            at = np.searchsorted(square, wanted := square[number] + step)
            around += counted[np.where(np.append(square, -1)[at] == wanted, at, square.size)] / 9
    return np.asarray(around / (_GRID_M / 1000) ** 2)


_NONE = np.empty(0)
#: No points.
NOWHERE = Demand(_NONE, _NONE, _NONE, _NONE)
