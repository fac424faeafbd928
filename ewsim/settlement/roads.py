"""Roads between settlements: the cheapest ways over the ground, enough to join all, and some more.

Every point of a grid belongs to the settlement from which it is reached most cheaply; where two
such realms meet, the cheapest crossing is the way between the two settlements (Mehlhorn's
construction [1]_). Of these ways a minimum spanning tree is built, and those that spare a long
detour. Roads do not cross water: each island has its own. Assumption: a way over hills costs 1.6
times, over mountains 5 times that over plains.

References
----------
.. [1] K. Mehlhorn, "A faster approximation algorithm for the Steiner problem in graphs",
   Information Processing Letters 27(3), 1988, doi:10.1016/0020-0190(88)90066-X.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree, shortest_path
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray, contains
from ewsim.geography.terrain import Terrain
from ewsim.settlement.pattern import Settlements

#: Assumption: cost of a metre of road by `terrain.TERRAIN`.
TERRAIN_COST = np.array([1.0, 1.6, 5.0])
#: Assumption: a way is built as well when the roads there are make it this much longer.
DETOUR = 2.0

_POINTS = 160


@dataclass(frozen=True, slots=True)
class Road:
    """A road between two settlements (their numbers), and where it runs [m]."""

    a: int
    b: int
    line: BaseGeometry


def join(settlements: Settlements, land: BaseGeometry, terrain: Terrain | None) -> list[Road]:
    """Roads that join the named settlements of each piece of land.

    Parameters
    ----------
    settlements
        Where people live.
    land
        The land [m].
    terrain
        Hills and mountains cost more; None: everything is plain.
    """
    count = len(settlements.name)
    x0, y0, x1, y1 = land.bounds
    step = max(x1 - x0, y1 - y0) / _POINTS
    xs, ys = np.arange(x0, x1 + step, step), np.arange(y0, y1 + step, step)
    x, y = (v.ravel() for v in np.meshgrid(xs, ys))
    at = np.clip(np.rint((settlements.y_m[:count] - y0) / step), 0, ys.size - 1).astype(
        np.int64
    ) * xs.size + np.clip(np.rint((settlements.x_m[:count] - x0) / step), 0, xs.size - 1).astype(np.int64)
    dry = contains(land, x, y)
    dry[at] = True
    cost = np.ones(x.size) if terrain is None else TERRAIN_COST[terrain.at(x, y)]
    here, there, length = _edges(ys.size, xs.size, cost, dry, step)
    graph = coo_array((length, (here, there)), shape=(x.size, x.size)).tocsr()
    away, before, source = dijkstra(
        graph, directed=False, indices=np.unique(at), return_predecessors=True, min_only=True
    )
    owner = np.full(x.size, -1)
    owner[at[::-1]] = np.arange(count)[::-1]  # of two on one point the larger
    realm = np.where(source >= 0, owner[np.maximum(source, 0)], -1)
    ways = _ways(realm, away, here, there, length)
    built = []
    for a, b, u, v in _chosen(count, ways):
        path = [*_back(u, before)[::-1], *_back(v, before)]
        points = np.column_stack([x[path], y[path]])
        points[0] = settlements.x_m[a], settlements.y_m[a]
        points[-1] = settlements.x_m[b], settlements.y_m[b]
        built.append(Road(a, b, shapely.LineString(points).simplify(0.6 * step)))
    return built


def _edges(
    rows: int, columns: int, cost: FloatArray, dry: NDArray[np.bool_], step: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:
    """Pairs of neighbours on dry ground, eight around, and what the way between them costs."""
    grid = np.arange(rows * columns).reshape(rows, columns)
    pairs = [
        (grid[:, :-1], grid[:, 1:], 1.0),
        (grid[:-1], grid[1:], 1.0),
        (grid[:-1, :-1], grid[1:, 1:], np.sqrt(2)),
        (grid[:-1, 1:], grid[1:, :-1], np.sqrt(2)),
    ]
    here = np.concatenate([a.ravel() for a, _, _ in pairs])
    there = np.concatenate([b.ravel() for _, b, _ in pairs])
    far = np.concatenate([np.full(a.size, d) for a, _, d in pairs])
    kept = dry[here] & dry[there]
    here, there = here[kept], there[kept]
    return here, there, far[kept] * step * (cost[here] + cost[there]) / 2


def _ways(
    realm: NDArray[np.int64],
    away: FloatArray,
    here: NDArray[np.int64],
    there: NDArray[np.int64],
    length: FloatArray,
) -> NDArray[np.float64]:
    """The cheapest way between each two realms that touch: (a, b, from, to, cost), a < b."""
    a, b = realm[here], realm[there]
    meet = np.flatnonzero((a >= 0) & (b >= 0) & (a != b))
    u, v = here[meet], there[meet]
    swap = realm[u] > realm[v]
    u, v = np.where(swap, v, u), np.where(swap, u, v)
    cost = away[u] + length[meet] + away[v]
    order = np.lexsort((cost, realm[v], realm[u]))
    rows = np.column_stack([realm[u], realm[v], u, v, cost])[order]
    first = np.ones(len(rows), dtype=np.bool_)
    first[1:] = (np.diff(rows[:, :2], axis=0) != 0).any(axis=1)
    return np.asarray(rows[first])


def _chosen(count: int, ways: NDArray[np.float64]) -> list[tuple[int, int, int, int]]:
    """The ways of the tree, and those that spare a detour."""
    a, b = ways[:, 0].astype(np.int64), ways[:, 1].astype(np.int64)
    graph = coo_array((ways[:, 4], (a, b)), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(graph)
    by_tree = shortest_path(tree, directed=False)
    kept = (by_tree[a, b] <= ways[:, 4] * (1 + 1e-9)) | (by_tree[a, b] > DETOUR * ways[:, 4])
    return [(int(r[0]), int(r[1]), int(r[2]), int(r[3])) for r in ways[kept]]


def _back(node: int, before: NDArray[np.int32]) -> list[int]:
    """The points from one back to its settlement."""
    path = [node]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return path
