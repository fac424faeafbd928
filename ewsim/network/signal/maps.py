"""Where a network is heard: the best signal by operator and technology, at points or on a grid.

Assumption: the median outdoors without shadowing, so near the edge half of the phones are better
off and half worse; indoors more is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.errors import UsageError
from ewsim.geography.plane import FloatArray, contains
from ewsim.network.coverage import Coverage
from ewsim.network.signal import radio
from ewsim.network.topology import Network
from ewsim.units import RATS

#: Pixels that a grid has about, and at most along a side.
_PIXELS, _SIDE_MAX = 60_000, 2_000
#: A grid with more pixels, sea included, is refused.
PIXELS_MAX = 10_000_000
#: Pairs of a cell and a point worked on at a time.
_PAIRS = 2_000_000

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signals:
    """The best cell of each operator and technology at points.

    `level_db` is its signal above the technology's threshold [dB], -inf where none meets it, and
    `cell` its number, -1 where none; shapes (operators, technologies, points).
    """

    level_db: NDArray[np.float32]
    cell: NDArray[np.int32]

    def covered(self, operator: int | None = None, rat: int | None = None) -> NDArray[np.bool_]:
        """Whether each point has a signal: of one operator or any, of one technology or any."""
        level = self.level_db if operator is None else self.level_db[operator : operator + 1]
        level = level if rat is None else level[:, rat : rat + 1]
        return np.asarray((level >= 0).any(axis=(0, 1)))

    def serving(self) -> NDArray[np.int32]:
        """The cell that each operator's phones camp on: the newest technology heard, -1 for none.

        Shape (operators, points).
        """
        out = np.full((self.cell.shape[0], self.cell.shape[2]), -1, dtype=np.int32)
        for rat in range(self.cell.shape[1]):
            out = np.where(self.cell[:, rat] >= 0, self.cell[:, rat], out)
        return out


def signals(network: Network, x_m: FloatArray, y_m: FloatArray, margin_db: float = 0.0) -> Signals:
    """The best signals at points outdoors; from the user's rasters where the network has them.

    `margin_db` is asked for above every threshold [dB].

    Parameters
    ----------
    network
        The network.
    x_m, y_m
        Points [m], shape (points,).
    margin_db
        What a signal must have above the threshold [dB].
    """
    cells = network.cells
    shape = (len(network.operators), len(RATS), x_m.size)
    level = np.full(shape, -np.inf, dtype=np.float32)
    best = np.full(shape, -1, dtype=np.int32)
    for cell, point, above in _heard(network, x_m, y_m, margin_db):
        order = np.lexsort((cell, above))  # the strongest last; of equals the last
        cell, point, above = cell[order], point[order], above[order]
        operator, rat = cells.operator[cell], cells.rat[cell]
        better = np.flatnonzero(above > level[operator, rat, point])
        at = (operator[better], rat[better], point[better])
        level[at], best[at] = above[better], cell[better]
    if network.coverage is not None and x_m.size:
        _replace(level, best, network, network.coverage, x_m, y_m, margin_db)
    return Signals(level, best)


def cells_heard(network: Network, x_m: FloatArray, y_m: FloatArray) -> tuple[Ints, Ints]:
    """Every pair of a point and a cell that is heard there, by point: first of each point, and cells.

    Where the user's rasters replace the model, a point has the nearest cell of what it hears.

    Parameters
    ----------
    network
        The network.
    x_m, y_m
        Points [m], shape (points,).
    """
    if network.coverage is not None:
        *_, point = np.nonzero((best := signals(network, x_m, y_m).cell) >= 0)
        cell = best[best >= 0].astype(np.int64)
    else:
        found = list(_heard(network, x_m, y_m, 0.0))
        cell, point = (np.concatenate([np.zeros(0, dtype=np.int64), *(f[i] for f in found)]) for i in (0, 1))
    order = np.lexsort((cell, point))
    return np.searchsorted(point[order], np.arange(x_m.size + 1)), cell[order]


def _heard(
    network: Network, x_m: FloatArray, y_m: FloatArray, margin_db: float
) -> Iterator[tuple[Ints, Ints, FloatArray]]:
    """Cells, the points that hear them, and how far above the threshold [dB]; so many at a time."""
    cells, sites = network.cells, network.sites
    radius = radio.footprint_radius_m(network)
    tree = cKDTree(np.column_stack([x_m, y_m]))
    for cell, point in _pairs(tree, sites.x_m[cells.site], sites.y_m[cells.site], radius):
        above = radio.level_db(network, cell, x_m[point], y_m[point]) - margin_db
        heard = above >= 0
        yield cell[heard], point[heard], above[heard]


def _replace(
    level: NDArray[np.float32],
    best: NDArray[np.int32],
    network: Network,
    coverage: Coverage,
    x_m: FloatArray,
    y_m: FloatArray,
    margin_db: float,
) -> None:
    """The user's rasters instead of the model; where it heard none, the nearest cell sends."""
    cells, sites = network.cells, network.sites
    measured = coverage.signals_dbm(network.frame, x_m, y_m)
    for operator, rat in np.argwhere(coverage.column >= 0).tolist():
        mine = np.flatnonzero((cells.operator == operator) & (cells.rat == rat))
        if not mine.size:
            continue
        above = measured[:, coverage.column[operator, rat]] - radio.THRESHOLD_DBM[rat] - margin_db
        heard = above >= 0
        masts = np.column_stack([sites.x_m[cells.site[mine]], sites.y_m[cells.site[mine]]])
        lacking = np.flatnonzero(heard & (best[operator, rat] < 0))
        _, near = cKDTree(masts).query(np.column_stack([x_m[lacking], y_m[lacking]]))
        best[operator, rat, lacking] = mine[near]
        best[operator, rat, ~heard] = -1
        level[operator, rat] = np.where(heard, above, -np.inf)


def _pairs(
    tree: cKDTree, x_m: FloatArray, y_m: FloatArray, radius_m: FloatArray
) -> Iterator[tuple[Ints, Ints]]:
    """Cells with the points inside their radius, so many pairs at a time."""
    centres = np.column_stack([x_m, y_m])
    count = np.asarray(tree.query_ball_point(centres, radius_m, return_length=True))
    first = np.concatenate([[0], np.cumsum(count)])
    begin = 0
    while begin < count.size:
        end = max(int(np.searchsorted(first, first[begin] + _PAIRS, side="right")) - 1, begin + 1)
        found = tree.query_ball_point(centres[begin:end], radius_m[begin:end], return_sorted=True)
        near = np.concatenate([np.asarray(f, dtype=np.int64) for f in found])
        yield np.repeat(np.arange(begin, end), count[begin:end]), near
        begin = end


# --- on a grid ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grid:
    """Square pixels over the land; row 0 is the south.

    `west_m`, `south_m` is the corner of the first pixel, `step_m` their size [m]; `land` says which
    have their middle on land, shape (rows, columns).
    """

    west_m: float
    south_m: float
    step_m: float
    land: NDArray[np.bool_]

    def middles(self) -> tuple[FloatArray, FloatArray]:
        """Middles of the pixels on land [m], in the order of `land`'s true values."""
        row, column = np.nonzero(self.land)
        x = self.west_m + (column + 0.5) * self.step_m
        y = self.south_m + (row + 0.5) * self.step_m
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def raster(self, values: NDArray[np.float32], nothing: float) -> NDArray[np.float32]:
        """Values of the pixels on land as a raster, `nothing` at sea."""
        out = np.full(self.land.shape, nothing, dtype=np.float32)
        out[self.land] = values
        return out

    def mask(self, on_land: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which pixels are meant, of those on land, as a raster."""
        out = np.zeros(self.land.shape, dtype=np.bool_)
        out[self.land] = on_land
        return out

    def shape_of(self, mask: NDArray[np.bool_]) -> BaseGeometry:
        """The pixels that are true as an area [m], made of whole pixels."""
        padded = np.pad(mask.astype(np.int8), ((0, 0), (1, 1)))
        row, begin = np.nonzero(np.diff(padded, axis=1) == 1)
        _, end = np.nonzero(np.diff(padded, axis=1) == -1)
        runs = shapely.box(
            self.west_m + begin * self.step_m,
            self.south_m + row * self.step_m,
            self.west_m + end * self.step_m,
            self.south_m + (row + 1) * self.step_m,
        )
        return shapely.union_all(runs)

    @property
    def pixel_km2(self) -> float:
        """The area of a pixel [km2]."""
        return (self.step_m / 1000) ** 2


def grid_over(land: BaseGeometry, step_m: float | None = None) -> Grid:
    """A grid over the land; about 60,000 pixels on it where no step is given."""
    west, south, east, north = land.bounds
    width, height = east - west, north - south
    if step_m is None:
        raw = max(np.sqrt(land.area / _PIXELS), max(width, height) / _SIDE_MAX, 50.0)
        power = 10 ** np.floor(np.log10(raw))
        step_m = float(next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= raw * 0.999))
    elif width / step_m * (height / step_m) > PIXELS_MAX:
        least = np.sqrt(width * height / PIXELS_MAX)
        raise UsageError(
            f"a step of {step_m:g} m makes {width * height / step_m**2 / 1e6:,.0f} million pixels: "
            f"take {least:,.0f} m or more."
        )
    columns = max(1, int(np.ceil(width / step_m)))
    rows = max(1, int(np.ceil(height / step_m)))
    x = west + (np.arange(columns) + 0.5) * step_m
    y = south + (np.arange(rows) + 0.5) * step_m
    gx, gy = np.meshgrid(x, y)
    inside = contains(land, gx.ravel(), gy.ravel()).reshape(gx.shape)
    return Grid(float(west), float(south), float(step_m), inside)
