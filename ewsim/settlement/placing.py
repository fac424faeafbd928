"""Placing points on land: by density around centres, evenly, in a weighted order, apart."""

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray, contains
from ewsim.streams import Streams

_SHORE_M = 10.0  # points moved out of the sea stand so far inland
_ROUNDS = 8  # tries to find a place on land


def apportion(weights: ArrayLike, total: int) -> NDArray[np.int64]:
    """Whole numbers in proportion to the weights that add up to the total (largest remainder)."""
    share = np.asarray(weights, dtype=np.float64)
    exact = share / share.sum() * total
    whole = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return np.asarray(whole)


def to_land(x_m: FloatArray, y_m: FloatArray, land: BaseGeometry) -> tuple[FloatArray, FloatArray]:
    """Points, those in the sea moved to the nearest land (just behind the shore).

    Parameters
    ----------
    x_m, y_m
        Points [m], shape (points,).
    land
        The land [m].
    """
    wet = np.flatnonzero(~contains(land, x_m, y_m))
    if not wet.size:
        return x_m, y_m
    inner = land.buffer(-_SHORE_M)
    shore = land.representative_point() if inner.is_empty else inner
    shapely.prepare(shore)
    lines = shapely.shortest_line(shore, shapely.points(x_m[wet], y_m[wet]))
    ends = shapely.get_coordinates(lines)[::2]
    x, y = x_m.copy(), y_m.copy()
    x[wet], y[wet] = ends[:, 0], ends[:, 1]
    return x, y


def _spread(
    radius_m: FloatArray, streams: Streams, purpose: str, ids: NDArray[np.int64], k: int
) -> tuple[FloatArray, FloatArray]:
    """Offsets [m] from a centre whose density falls by e over the radius: the k-th draw."""
    u = streams.uniform(purpose, ids, 3 * k) * streams.uniform(purpose, ids, 3 * k + 1)
    r = -radius_m * np.log(u)  # r exp(-r / radius): the sum of two exponentials
    angle = 2 * np.pi * streams.uniform(purpose, ids, 3 * k + 2)
    return r * np.cos(angle), r * np.sin(angle)


def scatter(
    centre_x: FloatArray,
    centre_y: FloatArray,
    radius_m: FloatArray,
    land: BaseGeometry,
    streams: Streams,
    purpose: str,
    ids: NDArray[np.int64],
) -> tuple[FloatArray, FloatArray]:
    """Points around centres, on land: drawn again while in the sea, at last moved ashore.

    Parameters
    ----------
    centre_x, centre_y
        Centres [m], shape (ids,).
    radius_m
        The distance over which density falls by e [m], shape (ids,).
    land
        The land [m].
    streams, purpose, ids
        Random numbers, what they are for, and of whom, shape (ids,).
    """
    dx, dy = _spread(radius_m, streams, purpose, ids, 0)
    x, y = centre_x + dx, centre_y + dy
    wet = np.flatnonzero(~contains(land, x, y))
    for k in range(1, _ROUNDS):
        if not wet.size:
            break
        dx, dy = _spread(radius_m[wet], streams, purpose, ids[wet], k)
        x[wet], y[wet] = centre_x[wet] + dx, centre_y[wet] + dy
        wet = wet[~contains(land, x[wet], y[wet])]
    if wet.size:
        x[wet], y[wet] = to_land(x[wet], y[wet], land)
    return x, y


def on_land(count: int, land: BaseGeometry, streams: Streams, purpose: str) -> tuple[FloatArray, FloatArray]:
    """Points uniform on the land.

    Parameters
    ----------
    count
        Points.
    land
        The land [m].
    streams, purpose
        Random numbers, and what they are for.
    """
    streams = streams.from_row(0)  # points have numbers of their own
    x0, y0, x1, y1 = land.bounds
    share = land.area / ((x1 - x0) * (y1 - y0))
    found = np.empty((0, 2))
    begin, tried = 0, int(1.2 * count / share) + 100
    while len(found) < count:
        ids = np.arange(begin, begin + tried)
        x = x0 + (x1 - x0) * streams.uniform(purpose, ids)
        y = y0 + (y1 - y0) * streams.uniform(purpose, ids, 1)
        inside = contains(land, x, y)
        found = np.concatenate([found, np.column_stack([x[inside], y[inside]])])
        begin += tried
    return found[:count, 0], found[:count, 1]


def drawn(weights: FloatArray, streams: Streams, purpose: str) -> NDArray[np.int64]:
    """Indices in the order of drawing without replacement with the given weights.

    Parameters
    ----------
    weights
        Weight of each [1], shape (n,).
    streams, purpose
        Random numbers, and what they are for.
    """
    race = streams.exponential(purpose, np.arange(weights.size)) / np.maximum(weights, 1e-300)
    return np.argsort(race, kind="stable")


def apart(x: FloatArray, y: FloatArray, spacing_m: float, count: int) -> NDArray[np.int64]:
    """The first `count` points that keep the spacing, which shrinks until so many are found.

    Parameters
    ----------
    x, y
        Points [m], shape (points,).
    spacing_m
        The distance to keep [m].
    count
        Points to find.
    """
    while True:
        taken: dict[tuple[int, int], list[int]] = {}
        chosen: list[int] = []
        for i in range(x.size):
            column, row = int(x[i] // spacing_m), int(y[i] // spacing_m)
            near = (
                j
                for c in (column - 1, column, column + 1)
                for r in (row - 1, row, row + 1)
                for j in taken.get((c, r), ())
            )
            if all(np.hypot(x[i] - x[j], y[i] - y[j]) >= spacing_m for j in near):
                taken.setdefault((column, row), []).append(i)
                chosen.append(i)
                if len(chosen) == count:
                    return np.array(chosen, dtype=np.int64)
        spacing_m *= 0.8


def districts(x_m: FloatArray, y_m: FloatArray, weight: FloatArray, count: int) -> NDArray[np.int32]:
    """Compact districts of about equal weight: halved again and again across the longer side.

    Parameters
    ----------
    x_m, y_m
        Points [m], shape (points,).
    weight
        What each counts [1], shape (points,).
    count
        Districts.
    """
    number = np.zeros(x_m.size, dtype=np.int32)
    todo = [(np.arange(x_m.size), count)]
    done = 0
    while todo:
        members, parts = todo.pop()
        if parts <= 1 or members.size <= 1:
            number[members] = done
            done += 1
            continue
        wide = np.ptp(x_m[members]) >= np.ptp(y_m[members])
        along, across = (x_m, y_m) if wide else (y_m, x_m)
        order = members[np.lexsort((members, across[members], along[members]))]
        left = parts // 2
        reached = np.cumsum(weight[order])
        cut = int(np.searchsorted(reached, reached[-1] * left / parts)) + 1
        cut = min(max(cut, 1), order.size - 1)
        todo.append((order[cut:], parts - left))
        todo.append((order[:cut], left))
    return number
