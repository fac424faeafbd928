"""Where every handset camped, and when: the crowd's side of a run, for all channels.

A handset camps on the first of its candidate cells (`population.people.Camping`) that serves. It
changes when that cell fails, when one it prefers returns, and when its owner moves. Between those
moments nothing changes for it, so its whole day is a short list of (cell, from, to), found exactly
and without a step in time.

Assumption: re-selection takes no time, and a phone returns at once to a cell it prefers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import prange
from numpy.typing import NDArray

from ewsim.kernels import kernel
from ewsim.population.people import Camping
from ewsim.units import NEVER


@dataclass(frozen=True, slots=True)
class Presence:
    """Camping as a ragged list, rows of one handset in the order of time.

    Rows `first[h]` to `first[h + 1]` are handset h's: `cell`, `level_db` (above the threshold),
    from `from_us` up to, not including, `to_us`. Times when it camped nowhere have no row.
    """

    first: NDArray[np.int64]
    cell: NDArray[np.int32]
    level_db: NDArray[np.float32]
    from_us: NDArray[np.int64]
    to_us: NDArray[np.int64]


def presence(
    camping: Camping, down_windows: NDArray[np.int64], cell_count: int, start_us: int, horizon_us: int
) -> Presence:
    """Camping of every handset from `start_us` to the horizon, which is included.

    Parameters
    ----------
    down_windows
        Rows (cell, from, to, ...) sorted, as `World.down_windows` gives them, shape (n, >= 3).
    """
    down_first = np.searchsorted(down_windows[:, 0], np.arange(cell_count + 1))
    arguments = (
        camping.cell,
        camping.move_first,
        camping.move_us,
        camping.move_row,
        camping.later_cell,
        down_first,
        np.ascontiguousarray(down_windows[:, 1]),
        np.ascontiguousarray(down_windows[:, 2]),
        start_us,
        horizon_us + 1,
    )
    first = np.zeros(len(camping.cell) + 1, dtype=np.int64)
    _count(first, *arguments)
    np.cumsum(first, out=first)
    total = int(first[-1])
    cell = np.empty(total, dtype=np.int32)
    level = np.empty(total, dtype=np.float32)
    since = np.empty(total, dtype=np.int64)
    until = np.empty(total, dtype=np.int64)
    _fill(first, cell, level, since, until, camping.level_db, camping.later_level_db, *arguments)
    return Presence(first, cell, level, since, until)


@kernel(inline="always")
def _state(cell, t, down_first, down_from, down_to):  # type: ignore[no-untyped-def]
    """Whether a cell serves at t, and when that next changes."""
    for i in range(down_first[cell], down_first[cell + 1]):
        if t < down_from[i]:
            return True, down_from[i]
        if t < down_to[i]:
            # Down for one cause, then at once for another, is down without a break.
            while i + 1 < down_first[cell + 1] and down_from[i + 1] == down_to[i]:
                i += 1
            return False, down_to[i]
    return True, NEVER


@kernel
def _next(row, t, end, down_first, down_from, down_to):  # type: ignore[no-untyped-def]
    """The candidate (index, -1: none) a handset uses at t, and until when."""
    until = end
    for k in range(row.size):
        if row[k] < 0:
            break
        serves, change = _state(row[k], t, down_first, down_from, down_to)
        until = min(until, change)
        if serves:
            return k, until
    return -1, until


@kernel(inline="always")
def _row(h, move, cells, move_first, move_row, later):  # type: ignore[no-untyped-def]
    """The candidates of a handset that has made its moves before `move`."""
    if move == move_first[h] or move_row[move - 1] < 0:
        return cells[h]
    return later[move_row[move - 1]]


@kernel(parallel=True)
def _count(  # type: ignore[no-untyped-def]
    first, cells, move_first, move_us, move_row, later, df, dfrom, dto, start, end
):
    for h in prange(cells.shape[0]):
        move, last = move_first[h], move_first[h + 1]
        if cells[h, 0] >= 0 and move == last and df[cells[h, 0]] == df[cells[h, 0] + 1]:
            first[h + 1] = 1  # the usual case: the cell it prefers never fails
            continue
        n = 0
        t = start
        while t < end:
            while move < last and move_us[move] <= t:
                move += 1
            stop = end if move == last else min(end, move_us[move])
            row = _row(h, move, cells, move_first, move_row, later)
            k, t = _next(row, t, stop, df, dfrom, dto)
            if k >= 0:
                n += 1
        first[h + 1] = n


@kernel(parallel=True)
def _fill(  # type: ignore[no-untyped-def]
    first,
    cell,
    level,
    since,
    until,
    levels,
    later_levels,
    cells,
    move_first,
    move_us,
    move_row,
    later,
    df,
    dfrom,
    dto,
    start,
    end,
):
    for h in prange(cells.shape[0]):
        n = first[h]
        move, last = move_first[h], move_first[h + 1]
        if cells[h, 0] >= 0 and move == last and df[cells[h, 0]] == df[cells[h, 0] + 1]:
            cell[n], level[n], since[n], until[n] = cells[h, 0], levels[h, 0], start, end
            continue
        t = start
        while t < end:
            while move < last and move_us[move] <= t:
                move += 1
            stop = end if move == last else min(end, move_us[move])
            row = _row(h, move, cells, move_first, move_row, later)
            k, stop = _next(row, t, stop, df, dfrom, dto)
            if k >= 0:
                cell[n] = row[k]
                level[n] = _row(h, move, levels, move_first, move_row, later_levels)[k]
                since[n], until[n] = t, stop
                n += 1
            t = stop
