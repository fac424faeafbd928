"""What the choice of cells needs to know whatever the alert area is, found out once.

While somebody drags a corner, cells are chosen several times a second. The network and the people stay;
so who lies under which footprint, which cell is the strongest at each place, and in which square of a grid
each person is, is found out when it is first asked for and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray
from ewsim.network.signal.maps import signals
from ewsim.network.topology import Network
from ewsim.settlement.demand import Demand
from ewsim.targeting.fit import Camped
from ewsim.targeting.footprints import cell_footprints

#: Squares along each side of the grid that people are sorted into.
_SIDE = 128


class Standing:
    """A network and its people; what is asked of them is found out once.

    Parameters
    ----------
    network
        The cells.
    demand
        The points where people live.
    camped
        The people with their cells, where they are known.
    """

    def __init__(self, network: Network, demand: Demand, camped: Camped | None = None) -> None:
        self.network, self.demand, self.camped = network, demand, camped
        self._under: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def under(self, footprint: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which points with people lie under which footprints of a kind: pairs (footprint, point)."""
        if footprint not in self._under:
            self._under[footprint] = under(cell_footprints(self.network, footprint), self.demand)
        return self._under[footprint]

    @cached_property
    def strongest(self) -> NDArray[np.int32]:
        """The strongest cell of each operator and technology, -1 for none, shape (layers, points)."""
        best = signals(self.network, self.demand.x_m, self.demand.y_m).cell
        return best.reshape(-1, len(self.demand))

    @cached_property
    def by_cell(self) -> PeopleByCell:
        """The people by cell and square; raises ValueError where they are not known."""
        if self.camped is None:
            raise ValueError("nobody has said where people camp")
        return PeopleByCell.of(self.camped, len(self.network.cells))


@dataclass(frozen=True, slots=True)
class PeopleByCell:
    """People by the cell they camp on, sorted into squares, so that those in an area are counted quickly.

    `rows` is how many rows of people each cell has, and `people` how many people, shape (cells + 1,): the
    last are those without a cell. The other arrays are squares, pairs of a square and a cell, and people in
    the order of their squares.
    """

    rows: NDArray[np.int64]
    people: FloatArray
    squares: NDArray[np.object_]
    in_square: NDArray[np.int64]
    pair_square: NDArray[np.int64]
    pair_cell: NDArray[np.int64]
    pair_people: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    weight: FloatArray
    cell: NDArray[np.int64]

    @classmethod
    def of(cls, camped: Camped, cell_count: int) -> PeopleByCell:
        """The people of a country on so many cells."""
        x, y = camped.x_m, camped.y_m
        cell = np.where(camped.cell >= 0, camped.cell, cell_count)
        west, south = (float(v.min()) if v.size else 0.0 for v in (x, y))
        reach = max((float(v.max()) - o for v, o in ((x, west), (y, south)) if v.size), default=0.0)
        step = max(reach / _SIDE, 1.0)
        column, row = ((v - o).astype(np.float64) // step for v, o in ((x, west), (y, south)))
        number = column.astype(np.int64) * (_SIDE + 2) + row.astype(np.int64)
        order = np.argsort(number, kind="stable")
        held, square = np.unique(number, return_inverse=True)
        left, foot = west + held // (_SIDE + 2) * step, south + held % (_SIDE + 2) * step
        pair, at = np.unique(square * (cell_count + 1) + cell, return_inverse=True)
        return cls(
            rows=np.bincount(cell, minlength=cell_count + 1),
            people=_sums(cell, camped.weight, cell_count + 1),
            # a metre wider than what is in them: rounding puts nobody outside
            squares=np.asarray(shapely.box(left - 1, foot - 1, left + step + 1, foot + step + 1)),
            in_square=np.bincount(square, minlength=held.size),
            pair_square=pair // (cell_count + 1),
            pair_cell=pair % (cell_count + 1),
            pair_people=_sums(at, camped.weight, pair.size),
            x_m=x[order],
            y_m=y[order],
            weight=camped.weight[order],
            cell=cell[order],
        )

    def inside(self, area: BaseGeometry) -> FloatArray:
        """The people of each cell who are in an area, shape (cells + 1,).

        Only people of squares on its edge are looked at one by one.
        """
        shapely.prepare(area)
        whole = shapely.contains_properly(area, self.squares)
        edge = shapely.intersects(area, self.squares) & ~whole
        some = np.flatnonzero(np.repeat(edge, self.in_square))
        some = some[shapely.contains_xy(area, self.x_m[some], self.y_m[some])]
        taken = whole[self.pair_square]
        of_whole = _sums(self.pair_cell[taken], self.pair_people[taken], self.rows.size)
        return of_whole + _sums(self.cell[some], self.weight[some], self.rows.size)


def _sums(number: NDArray[np.int64], weight: FloatArray, size: int) -> FloatArray:
    """The weights that each number has in all."""
    return np.asarray(np.bincount(number, weight, size), dtype=np.float64)


def under(where: NDArray[np.object_], demand: Demand) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which points with people lie under which footprints: pairs (footprint, point)."""
    points = np.asarray(shapely.points(demand.x_m, demand.y_m), dtype=np.object_)
    footprint, point = shapely.STRtree(points).query(where, predicate="intersects")
    return footprint.astype(np.int64), point.astype(np.int64)
