"""The squares of a country and the cells heard in each, for connectivity maps."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ewsim.geography.plane import EARTH_RADIUS_M
from ewsim.metrics.protection.signal import SignalSquares
from ewsim.network.signal.maps import Grid, cells_heard, grid_over
from ewsim.network.topology import Network
from ewsim.population.people import People

#: Squares on the land, about: a map of a page's width shows no more.
_SQUARES: Final = 4_000


def signal_squares(network: Network, people: People) -> SignalSquares:
    """The squares of a country: who is in each at the decision, and which cells are heard there."""
    land = network.land
    if land is None or land.is_empty:
        x = np.concatenate([people.x_m, network.sites.x_m])
        y = np.concatenate([people.y_m, network.sites.y_m])
        land = shapely.box(x.min() - 1000, y.min() - 1000, x.max() + 1000, y.max() + 1000)
    side = float(np.sqrt(land.area / _SQUARES))
    digit = 10.0 ** (np.floor(np.log10(side)) - 1)
    grid = grid_over(land, max(round(side / digit) * digit, 50.0))
    rows, columns = grid.land.shape
    number = np.flatnonzero(grid.land.ravel())
    x_m, y_m = grid.middles()
    first, cell = cells_heard(network, x_m, y_m)
    per_degree = np.pi / 180 * EARTH_RADIUS_M
    across = per_degree * np.cos(np.radians(network.frame.lat0_deg))
    return SignalSquares(
        west_deg=network.frame.lon0_deg + grid.west_m / across,
        south_deg=network.frame.lat0_deg + grid.south_m / per_degree,
        wide_deg=grid.step_m / across,
        high_deg=grid.step_m / per_degree,
        step_m=grid.step_m,
        rows=rows,
        columns=columns,
        number=number,
        people=_people(grid, number, people),
        first=first,
        cell=cell,
    )


def _people(grid: Grid, number: NDArray[np.int64], people: People) -> NDArray[np.int64]:
    """How many people are in each square; who is at sea counts in the nearest."""
    rows, columns = grid.land.shape
    column = np.floor((people.x_m - grid.west_m) / grid.step_m).astype(np.int64)
    row = np.floor((people.y_m - grid.south_m) / grid.step_m).astype(np.int64)
    index = np.full(rows * columns, -1, dtype=np.int64)
    index[number] = np.arange(number.size)
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    square = np.where(inside, index[np.where(inside, row * columns + column, 0)], -1)
    far = np.flatnonzero(square < 0)
    if far.size and number.size:
        tree = cKDTree(np.column_stack(grid.middles()))
        square[far] = tree.query(np.column_stack([people.x_m[far], people.y_m[far]]))[1]
    return np.bincount(square[square >= 0], people.weight[square >= 0], number.size).astype(np.int64)
