"""Which k of many places cover most: greedy, and exact for small cases.

What is covered is a weight by point and step of time; a place covers its points from a step on. Covered twice
counts once, so the value is submodular, and the greedy choice is never below 1 - 1/e of the best [1]_. A gain
only falls as more is chosen, so a stale gain is a bound: only the first of the queue is worked out again
(lazy greedy [2]_). The exact choice is a maximum coverage problem for scipy's MILP (HiGHS).

References
----------
.. [1] G. Nemhauser, L. Wolsey, M. Fisher, "An analysis of approximations for maximizing submodular set
   functions", Mathematical Programming 14, 1978, doi:10.1007/BF01588971.
.. [2] M. Minoux, "Accelerated greedy algorithms for maximizing submodular set functions", 1978.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

#: What the greedy choice reaches of the best at least.
GUARANTEE = 1 - 1 / np.e


@dataclass(frozen=True, slots=True)
class Cover:
    """Places, the points that each covers, and from and until which step of time it does.

    `weight` is what there is to cover, shape (points, steps); `points` are those of each place; `first` and
    `end` its steps, shape (places,).
    """

    weight: NDArray[np.float64]
    points: Sequence[NDArray[np.int64]]
    first: NDArray[np.int64]
    end: NDArray[np.int64]

    def value(self, chosen: Sequence[int]) -> float:
        """What some places cover together."""
        left = self.weight.copy()
        return sum(self._take(left, place) for place in chosen)

    def _gain(self, left: NDArray[np.float64], place: int) -> float:
        return float(left[self.points[place], self.first[place] : self.end[place]].sum())

    def _take(self, left: NDArray[np.float64], place: int) -> float:
        gain = self._gain(left, place)
        left[self.points[place], self.first[place] : self.end[place]] = 0.0
        return gain

    def greedy(self, count: int) -> list[tuple[int, float]]:
        """The places that add most, one after another, each with what it adds; none that adds nothing."""
        left, chosen = self.weight.copy(), list[tuple[int, float]]()
        queue = [(-self._gain(left, place), place) for place in range(len(self.points))]
        heapq.heapify(queue)
        while queue and len(chosen) < count:
            _, place = heapq.heappop(queue)
            gain = self._gain(left, place)
            if queue and (-gain, place) > queue[0]:
                heapq.heappush(queue, (-gain, place))
            elif gain > 0:
                chosen.append((place, self._take(left, place)))
            else:
                break
        return chosen

    def exact(self, count: int, limit_s: float = 60.0) -> tuple[list[int], bool]:
        """The best places, and whether they are proved to be so within the time."""
        places, steps = len(self.points), self.weight.shape[1]
        by_unit: dict[int, list[int]] = {}
        for place in range(places):
            for step in range(int(self.first[place]), int(self.end[place])):
                points = self.points[place]
                for point in points[self.weight[points, step] > 0].tolist():
                    by_unit.setdefault(point * steps + step, []).append(place)
        # Units that the same places cover are one.
        worth: dict[tuple[int, ...], float] = {}
        for unit, covering in by_unit.items():
            worth[tuple(covering)] = worth.get(tuple(covering), 0.0) + float(self.weight.flat[unit])
        if not worth:
            return [], True
        sets = list(worth)
        row = np.repeat(np.arange(len(sets)), [len(one) + 1 for one in sets])
        column = np.concatenate([np.array([places + n, *one]) for n, one in enumerate(sets)])
        entry = np.concatenate([np.array([1.0] + [-1.0] * len(one)) for one in sets])
        total = places + len(sets)
        covered = coo_array((entry, (row, column)), shape=(len(sets), total)).tocsr()
        spent = np.append(np.ones(places), np.zeros(len(sets)))
        found = milp(
            -np.append(np.zeros(places), list(worth.values())),
            constraints=[LinearConstraint(covered, ub=0), LinearConstraint(spent[None, :], ub=count)],
            bounds=Bounds(0, 1),
            integrality=spent.astype(np.int64),
            options={"time_limit": limit_s, "mip_rel_gap": 0.0},
        )
        if found.x is None:
            return [], False
        return np.flatnonzero(found.x[:places] > 0.5).tolist(), found.status == 0
