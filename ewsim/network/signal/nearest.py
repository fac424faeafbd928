"""The nearest sites of a place, inside compiled loops: a k-d tree in flat arrays.

Points are halved at the median along the longer side, down to leaves of a few. A query keeps the k
nearest in order (of equals the lower number first) and skips what cannot be nearer.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.kernels import kernel

_LEAF: Final = 8
#: Levels of a tree of 2**32 points.
_DEEP: Final = 32


class Tree(NamedTuple):
    """Points in the order of the tree, by number and place; the axis and value of each node."""

    number: NDArray[np.int32]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    axis: NDArray[np.int8]
    value: NDArray[np.float64]


class Near(NamedTuple):
    """The nearest points that a query found, shape (k,), and its scratch space.

    `away2` is the square of the distance [m2].
    """

    number: NDArray[np.int32]
    away2: NDArray[np.float64]
    stack: NDArray[np.int64]
    bounds: NDArray[np.float64]


def build(x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> Tree:
    """The tree of some points."""
    xy = np.column_stack([x_m, y_m]).astype(np.float64)
    order = np.arange(len(xy))
    nodes = 1
    while nodes * _LEAF < len(xy):
        nodes *= 2
    axis, value = np.zeros(2 * nodes, dtype=np.int8), np.zeros(2 * nodes)
    low, size, node = np.zeros(1, np.int64), np.array([len(xy)]), 1
    while node < nodes:  # a level of the tree at once
        here, of = xy[order], np.repeat(np.arange(node), size)
        spread = np.maximum.reduceat(here, low) - np.minimum.reduceat(here, low)
        along = (spread[:, 1] > spread[:, 0]).astype(np.int8)
        order = order[np.lexsort((here[np.arange(len(xy)), along[of]], of))]
        half = size // 2
        axis[node : 2 * node], value[node : 2 * node] = along, xy[order[low + half], along]
        low = np.column_stack([low, low + half]).ravel()
        size, node = np.column_stack([half, size - half]).ravel(), 2 * node
    return Tree(order.astype(np.int32), xy[order, 0].copy(), xy[order, 1].copy(), axis, value)


@kernel
def room_for(count: int) -> Near:
    """Room for so many nearest points, for any number of queries."""
    return Near(np.empty(count, np.int32), np.empty(count), np.empty((3, _DEEP), np.int64), np.empty(_DEEP))


@kernel
def query(tree: Tree, x_m: float, y_m: float, near: Near) -> int:
    """Fill `near` with the points nearest to a place, nearest first; how many there are.

    Parameters
    ----------
    tree
        The points.
    x_m, y_m
        The place [m].
    near
        As `room_for` made it.
    """
    number, away2, bounds = near.number, near.away2, near.bounds
    k, found, worst = number.size, 0, np.inf
    nodes, lows, highs = near.stack[0], near.stack[1], near.stack[2]
    nodes[0], lows[0], highs[0], bounds[0] = 1, 0, tree.number.size, 0.0
    top = 1
    while top:
        top -= 1
        if bounds[top] > worst:
            continue
        node, low, high = nodes[top], lows[top], highs[top]
        while high - low > _LEAF:
            half = low + (high - low) // 2
            off = (y_m if tree.axis[node] else x_m) - tree.value[node]
            left = off < 0
            if off * off <= worst:
                bounds[top], nodes[top] = off * off, 2 * node + left
                lows[top], highs[top] = (half, high) if left else (low, half)
                top += 1
            node = 2 * node + 1 - left
            low, high = (low, half) if left else (half, high)
        for i in range(low, high):
            dx, dy = tree.x_m[i] - x_m, tree.y_m[i] - y_m
            d2 = dx * dx + dy * dy
            if d2 > worst:
                continue
            who = tree.number[i]
            at = found if found < k else k - 1
            if found == k and d2 == worst and who > number[at]:
                continue
            while at > 0 and (away2[at - 1] > d2 or (away2[at - 1] == d2 and number[at - 1] > who)):
                away2[at], number[at] = away2[at - 1], number[at - 1]
                at -= 1
            away2[at], number[at] = d2, who
            if found < k:
                found += 1
            if found == k:
                worst = away2[k - 1]
    return found
