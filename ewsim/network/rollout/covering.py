"""What a mast covers and which places it takes, in compiled loops over the points around it.

Points lie in squares of a grid, so that a loop looks at near ones only. Sums run over points in the
order of their numbers, whatever the squares are.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.kernels import kernel

#: Points that a square holds on average, were they spread evenly.
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


@kernel
def _span(low, high, side, count):  # type: ignore[no-untyped-def]
    """The columns (or rows) that a stretch from the grid's edge on touches, and a bit more."""
    first = np.floor((low - 1e-3) / side)
    last = np.floor((high + 1e-3) / side)
    return int(min(max(first, 0.0), count)), int(min(max(last + 1.0, 0.0), count))


@kernel
def _around(x, y, far, points):  # type: ignore[no-untyped-def]
    """The squares that may hold points so near: left, right, bottom and top, the ends excluded."""
    left, right = _span(x - far - points.low_x_m, x + far - points.low_x_m, points.side_m, points.columns)
    bottom, top = _span(y - far - points.low_y_m, y + far - points.low_y_m, points.side_m, points.rows)
    return left, right, bottom, top


@kernel
def cover(x, y, kind, points, weight, covered, reach, sector_deg):  # type: ignore[no-untyped-def]
    """Mark the points that a mast covers; the weight that is new, and which points they are."""
    furthest = reach[kind, 0]
    step = sector_deg[kind]
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
            limit = reach[kind, n]
            if step > 0:
                limit += (off - n) * (reach[kind, n + 1] - limit)
            if dx * dx + dy * dy <= limit * limit:
                covered[i] = True
                if count == hits.size:
                    hits = np.concatenate((hits, np.empty(count, np.int64)))
                hits[count] = i
                count += 1
    new = np.sort(hits[:count])
    gain = 0.0
    for i in new:
        gain += weight[i]
    return gain, new


@kernel
def fill(  # type: ignore[no-untyped-def]
    xs, ys, kinds, points, weight, have, goal, covered, reach, sector_deg
):
    """Use masts in turn until the goal is met.

    How many, what is then covered, and which points were before the last.
    """
    count, new = 0, np.empty(0, np.int64)
    while count < xs.size and have < goal:
        gain, new = cover(xs[count], ys[count], kinds[count], points, weight, covered, reach, sector_deg)
        have += gain
        count += 1
    before = covered.copy()
    before[new] = False
    return count, have, before


@kernel
def block(x, y, points, kind, spacing, widest, blocked):  # type: ignore[no-untyped-def]
    """A mast keeps others away as far as the denser of the two places asks for."""
    left, right, bottom, top = _around(x, y, widest, points)
    for row in range(bottom, top):
        first = points.begin[row * points.columns + left]
        last = points.begin[row * points.columns + right]
        for at in range(first, last):
            i = points.number[at]
            dx, dy = points.x_m[i] - x, points.y_m[i] - y
            near = min(widest, spacing[kind[i]])
            if dx * dx + dy * dy < near * near:
                blocked[i] = True
