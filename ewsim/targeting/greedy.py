"""The cells that cover most people in an area for the fewest outside it: the reference policy.

Maximises, for each operator and technology by itself (a phone listens to one), the people in the
area covered by at least one chosen cell less a price for each person outside covered by one. Cells
are added while one more is worth it, the best first, then dropped while one less is better.

Where each point has one cell (the strongest) every cell counts by itself and the result is the
optimum. Where cells overlap the gain of one falls as others are chosen (the sum is submodular), and
the greedy choice is a good answer with no promise; the tests compare it with all subsets [1]_.

References
----------
.. [1] G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, "An analysis of approximations for maximizing
   submodular set functions", Mathematical Programming 14, 1978, doi:10.1007/BF01588971.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


def best_cells(
    cell: NDArray[np.integer],
    point: NDArray[np.integer],
    value: NDArray[np.float64],
    layer: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which cells to choose.

    Parameters
    ----------
    cell, point
        Pairs: this cell covers this point, shape (pairs,).
    value
        What each point is worth covered [people], negative outside the area, shape (points,).
    layer
        For each cell, the number of its operator and technology, shape (cells,).
    """
    chosen = np.zeros(layer.size, dtype=np.bool_)
    ones = np.ones(cell.size)
    covers = csr_array((ones, (cell, point)), shape=(layer.size, value.size))
    for one in np.unique(layer):
        mine = np.flatnonzero(layer == one)
        chosen[mine] = _layer(covers[mine], value)
    return chosen


def worth(covers: csr_array, chosen: NDArray[np.bool_], value: NDArray[np.float64]) -> float:
    """What a choice of cells of one layer is worth.

    Parameters
    ----------
    covers
        Which cell covers which point, shape (cells, points).
    chosen
        Which cells are chosen, shape (cells,).
    value
        What each point is worth covered [people], shape (points,).
    """
    return float(value[np.asarray(covers.T @ chosen.astype(np.float64)) > 0].sum())


def _layer(covers: csr_array, value: NDArray[np.float64]) -> NDArray[np.bool_]:
    of_point = covers.tocsc()
    open_value = value.copy()  # of points that nothing covers yet
    gain = np.asarray(covers @ open_value)
    chosen = np.zeros(gain.size, dtype=np.bool_)
    count = np.zeros(value.size, dtype=np.int64)
    while True:
        best = int(np.argmax(np.where(chosen, -np.inf, gain)))
        if chosen[best] or gain[best] <= 1e-9:
            break
        chosen[best] = True
        points = covers.indices[covers.indptr[best] : covers.indptr[best + 1]]
        count[points] += 1
        new = points[count[points] == 1]
        gain -= np.asarray(of_point[:, new] @ open_value[new])
        open_value[new] = 0.0
    dropped = True
    while dropped:
        dropped = False
        for at in np.flatnonzero(chosen):
            points = covers.indices[covers.indptr[at] : covers.indptr[at + 1]]
            if value[points[count[points] == 1]].sum() < -1e-9:
                chosen[at], dropped = False, True
                count[points] -= 1
    return chosen
