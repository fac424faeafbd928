"""What a mast covers and which places it blocks, in compiled loops over the points around it.

Points are sorted into the squares of a grid, so that a loop looks at near ones only. Sums run over
points in the order of their numbers, so they do not depend on the squares.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.kernels import inner, kernel

#: Points in a square, if they were spread evenly.
_EACH: Final = 4.0
#: No square is smaller [m].
_LEAST_M: Final = 250.0


class PointGrid(NamedTuple):
    """Points by squares; s = row * columns + column has `number[begin[s] : begin[s + 1]]`."""

    x_m: FloatArray
    y_m: FloatArray
    number: NDArray[np.int64]
    begin: NDArray[np.int64]
    low_x_m: float
    low_y_m: float
    side_m: float
    columns: int
    rows: int


class ToCover(NamedTuple):
    """Points to cover, and what each counts."""

    points: PointGrid
    weight: FloatArray


class Reach(NamedTuple):
    """How far masts of each class carry.

    `reach_m` is by class and whole degree off the boresight [m], shape (classes, degrees);
    `sector_deg` the angle from one boresight to the next, 0 for an omnidirectional mast.
    """

    reach_m: FloatArray
    sector_deg: FloatArray


class Spacing(NamedTuple):
    """The distance that masts keep by class [m], and the class of each point."""

    class_m: FloatArray
    kind: NDArray[np.int64]


class Mast(NamedTuple):
    """The place of a mast [m] and its class."""

    x_m: float
    y_m: float
    kind: int


def point_grid(x_m: FloatArray, y_m: FloatArray) -> PointGrid:
    """The squares of some points."""
    if not x_m.size:
        return PointGrid(x_m, y_m, np.empty(0, np.int64), np.zeros(2, np.int64), 0.0, 0.0, 1.0, 1, 1)
    low_x, low_y = float(x_m.min()), float(y_m.min())
    wide, high = float(np.ptp(x_m)), float(np.ptp(y_m))
    side = max(float(np.sqrt(wide * high * _EACH / x_m.size)), max(wide, high) / 1000, _LEAST_M)
    columns, rows = int(wide / side) + 1, int(high / side) + 1
    column = ((x_m - low_x) / side).astype(np.int64)
    square = ((y_m - low_y) / side).astype(np.int64) * columns + column
    count = np.bincount(square, minlength=rows * columns)
    begin = np.concatenate([[0], np.cumsum(count)])
    number = np.argsort(square, kind="stable")
    return PointGrid(x_m, y_m, number, begin, low_x, low_y, side, columns, rows)


def fill(
    masts: Iterator[Mast],
    to_cover: ToCover,
    reach: Reach,
    covered: NDArray[np.bool_],
    have: float,
    goal: float,
) -> tuple[float, NDArray[np.bool_]]:
    """Use masts in turn until the goal is met.

    Parameters
    ----------
    masts
        Masts in the order of their use.
    to_cover
        Points to cover.
    reach
        How far masts carry.
    covered
        Which points are covered, shape (points,); points of the masts used are added.
    have, goal
        Weight that is covered, and that is wanted [1].

    Returns
    -------
    tuple
        The weight then covered, and which points were covered before the last mast.
    """
    new = np.empty(0, np.int64)
    while have < goal and (mast := next(masts, None)) is not None:
        gain, new = cover(mast, to_cover, reach, covered)
        have += gain
    before = covered.copy()
    before[new] = False
    return have, before


@inner
def _span(low: float, high: float, side: float, count: int) -> tuple[int, int]:
    """The columns (or rows) that a stretch from the grid's edge touches, and a bit more."""
    first = np.floor((low - 1e-3) / side)
    last = np.floor((high + 1e-3) / side)
    return int(min(max(first, 0.0), count)), int(min(max(last + 1.0, 0.0), count))


@inner
def _around(x_m: float, y_m: float, far_m: float, points: PointGrid) -> tuple[int, int, int, int]:
    """The squares that may hold points so near: left, right, bottom and top, ends excluded."""
    x, y = x_m - points.low_x_m, y_m - points.low_y_m
    left, right = _span(x - far_m, x + far_m, points.side_m, points.columns)
    bottom, top = _span(y - far_m, y + far_m, points.side_m, points.rows)
    return left, right, bottom, top


def cover(
    mast: Mast, to_cover: ToCover, reach: Reach, covered: NDArray[np.bool_]
) -> tuple[float, NDArray[np.int64]]:
    """Mark the points that a mast covers; the weight that is new, and which points are new.

    Parameters
    ----------
    mast
        Its place and class.
    to_cover, reach
        As in `fill`.
    covered
        Which points are covered, shape (points,); added to.
    """
    new = np.sort(_hits(mast, to_cover.points, reach, covered))  # a sort in the kernel compiles for a second
    return (float(np.cumsum(to_cover.weight[new])[-1]) if new.size else 0.0), new


@kernel
def _hits(mast: Mast, points: PointGrid, reach: Reach, covered: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Mark the points that a mast covers; which of them are new."""
    x, y = mast.x_m, mast.y_m
    reach_m = reach.reach_m[mast.kind]
    furthest, step = reach_m[0], reach.sector_deg[mast.kind]
    hits = np.empty(64, np.int64)
    count = 0
    left, right, bottom, top = _around(x, y, furthest, points)
    for row in range(bottom, top):
        # The squares of a row lie beside each other, and so do their points.
        first = points.begin[row * points.columns + left]
        last = points.begin[row * points.columns + right]
        for at in range(first, last):
            i = points.number[at]
            if covered[i]:
                continue
            dx, dy = points.x_m[i] - x, points.y_m[i] - y
            if abs(dx) > furthest or abs(dy) > furthest:
                continue
            off = 0.0
            if step > 0:
                off = abs((np.degrees(np.arctan2(dx, dy)) + 360.0 + step / 2) % step - step / 2)
            n = int(off)
            limit = reach_m[n]
            if step > 0:
                limit += (off - n) * (reach_m[n + 1] - limit)
            if dx * dx + dy * dy <= limit * limit:
                covered[i] = True
                if count == hits.size:
                    hits = np.concatenate((hits, np.empty(count, np.int64)))
                hits[count] = i
                count += 1
    return hits[:count]


@kernel
def block(mast: Mast, points: PointGrid, spacing: Spacing, blocked: NDArray[np.bool_]) -> None:
    """Mark the points where a mast keeps others away: as far as the denser of the two places asks.

    Parameters
    ----------
    mast
        Its place and class.
    points
        Places for masts.
    spacing
        The distance that masts keep.
    blocked
        Which points are blocked, shape (points,); added to.
    """
    widest = spacing.class_m[mast.kind]
    left, right, bottom, top = _around(mast.x_m, mast.y_m, widest, points)
    for row in range(bottom, top):
        first = points.begin[row * points.columns + left]
        last = points.begin[row * points.columns + right]
        for at in range(first, last):
            i = points.number[at]
            dx, dy = points.x_m[i] - mast.x_m, points.y_m[i] - mast.y_m
            near = min(widest, spacing.class_m[spacing.kind[i]])
            if dx * dx + dy * dy < near * near:
                blocked[i] = True
