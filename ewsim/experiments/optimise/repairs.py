"""In which order to repair, as a problem of scheduling that scipy's MILP solves exactly for small cases.

A site is back when all is repaired that failed on its way; who can camp on one of several sites is served by
the first. Unlike places, this is not submodular: a link and a feeder may win only together.

Assumptions: driving takes no time; work begins at once and is not shared between crews; batteries do not
bridge. Time runs in steps, and what is done within a step counts from its beginning. For one crew the answer
is the best order of this problem; for several it is a bound, because only the sum of their work is limited.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array


@dataclass(frozen=True, slots=True)
class Repairs:
    """Elements with their work, what each site needs, and who waits for which sites.

    `work_s` by element [s]; `needs` the elements of each site; `sites` those that serve each group of people;
    `lost` what the groups lose by step, shape (groups, steps); `ends_s` the end of each step after the crews
    have set out [s], shape (steps,).
    """

    work_s: NDArray[np.float64]
    needs: Sequence[Sequence[int]]
    sites: Sequence[Sequence[int]]
    lost: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    crews: int = 1

    def value(self, order: Sequence[int]) -> float:
        """What an order wins: the next free crew takes the next element."""
        done = np.full(self.work_s.size, np.inf)
        free = [0.0] * self.crews
        for element in order:
            done[element] = heapq.heappop(free) + self.work_s[element]
            heapq.heappush(free, done[element])
        back = np.array([done[list(needed)].max(initial=0.0) for needed in self.needs])
        served = np.array([back[list(sites)].min(initial=np.inf) for sites in self.sites])
        return float((self.lost * (served[:, None] <= self.ends_s + 1e-9)).sum())

    def exact(self, count: int, limit_s: float = 30.0) -> tuple[list[int], float, bool]:
        """The best order of so many elements, what it wins, and whether that is proved within the time."""
        elements, steps, groups = self.work_s.size, self.ends_s.size, len(self.sites)
        if not elements or not groups:
            return [], 0.0, True
        # Columns: element done by a step, then site back by a step, then group served in a step.
        total = (elements + len(self.needs) + groups) * steps
        step = np.arange(steps)

        def column(thing: int) -> NDArray[np.int64]:
            return thing * steps + step

        below = [  # what stays done: x[e, t] <= x[e, t + 1]
            _rows([(column(e)[:-1], 1.0), (column(e)[1:], -1.0)], total) for e in range(elements)
        ]
        below += [  # a site needs all of its elements
            _rows([(column(elements + s), 1.0), (column(e), -1.0)], total)
            for s, needed in enumerate(self.needs)
            for e in needed
        ]
        below += [  # a group needs one of its sites
            _rows(
                [
                    (column(elements + len(self.needs) + g), 1.0),
                    *((column(elements + s), -1.0) for s in mine),
                ],
                total,
            )
            for g, mine in enumerate(self.sites)
        ]
        work = _rows([(column(e), float(self.work_s[e])) for e in range(elements)], total)
        last = _rows([(column(e)[-1:], 1.0) for e in range(elements)], total)
        upper = np.ones(total)
        for e in range(elements):  # no crew is quicker than the work
            upper[column(e)] = self.work_s[e] <= self.ends_s + 1e-9
        found = milp(
            -np.append(np.zeros(total - groups * steps), self.lost.ravel()),
            constraints=[
                *(LinearConstraint(rows, ub=0) for rows in below),
                LinearConstraint(work, ub=self.crews * self.ends_s),
                LinearConstraint(last, ub=count),
            ],
            bounds=Bounds(0, upper),
            integrality=np.append(np.ones(elements * steps), np.zeros(total - elements * steps)),
            options={"time_limit": limit_s, "mip_rel_gap": 0.0},
        )
        if found.x is None:
            return [], 0.0, False
        done = found.x[: elements * steps].reshape(elements, steps) > 0.5
        order = sorted(np.flatnonzero(done.any(axis=1)).tolist(), key=lambda e: int(done[e].argmax()))
        return order, -float(found.fun), found.status == 0


def _rows(parts: Sequence[tuple[NDArray[np.int64], float]], width: int) -> csr_array:
    """Rows of a constraint, one for each place of the columns: each part has its columns and their factor."""
    row = np.concatenate([np.arange(columns.size) for columns, _ in parts])
    column = np.concatenate([columns for columns, _ in parts])
    factor = np.concatenate([np.full(columns.size, value) for columns, value in parts])
    return coo_array((factor, (row, column)), shape=(parts[0][0].size, width)).tocsr()
