"""Where every handset camped, and when: the crowd's side of a run, for all channels.

A handset camps on the first of its candidate cells (`population.people.Camping`) that serves. It
changes when that cell fails, when one it prefers returns, and when its owner moves. Between those
moments nothing changes for it, so its whole day is a short list of (cell, from, to), found exactly
and without a step in time.

Assumption: re-selection takes no time, and a phone returns at once to a cell it prefers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.population.people import Camping, Handsets
from ewsim.population.presence import kernel
from ewsim.units import NEVER


class Presence(NamedTuple):
    """Camping as a ragged list, rows of one handset in the order of time.

    Rows `first[h]` to `first[h + 1]` are handset h's: `cell`, `level_db` (above the threshold),
    from `from_us` up to, not including, `to_us`. Times when it camped nowhere have no row. The
    rows do not know whether the handset was on: it was from `on_from_us` until `on_to_us`, shape
    (handsets,).
    """

    first: NDArray[np.int64]
    cell: NDArray[np.int32]
    level_db: NDArray[np.float32]
    from_us: NDArray[np.int64]
    to_us: NDArray[np.int64]
    on_from_us: NDArray[np.int64]
    on_to_us: NDArray[np.int64]


class CellWindows(NamedTuple):
    """Windows of time by cell: those of cell c are `first[c]` to `first[c + 1]`, sorted [us]."""

    first: NDArray[np.int64]
    from_us: NDArray[np.int64]
    to_us: NDArray[np.int64]


def by_cell(windows: NDArray[np.int64], cell_count: int) -> CellWindows:
    """The windows of each cell, of rows (cell, from, to, ...) sorted [us], shape (n, >= 3)."""
    return CellWindows(
        np.searchsorted(windows[:, 0], np.arange(cell_count + 1)),
        np.ascontiguousarray(windows[:, 1]),
        np.ascontiguousarray(windows[:, 2]),
    )


def presence_of(
    camping: Camping,
    handsets: Handsets,
    down_windows: NDArray[np.int64],
    cell_count: int,
    start_us: int,
    horizon_us: int,
) -> Presence:
    """Camping of every handset.

    Parameters
    ----------
    camping, handsets
        The cells that each handset can camp on, and when it is on.
    down_windows
        Rows (cell, from, to, ...) sorted [us], as `World.down_windows` gives them, shape (n, >= 3).
    cell_count
        Cells of the network.
    start_us, horizon_us
        From when to when; the horizon is included [us].
    """
    outages = by_cell(down_windows, cell_count)
    count, end_us = len(camping.cell), horizon_us + 1
    first = np.zeros(count + 1, dtype=np.int64)
    kernel.count_rows(first, camping, outages, start_us, end_us)
    np.cumsum(first, out=first)
    total = int(first[-1])
    presence = Presence(
        first,
        np.empty(total, dtype=np.int32),
        np.empty(total, dtype=np.float32),
        np.empty(total, dtype=np.int64),
        np.empty(total, dtype=np.int64),
        handsets.on_from_us,
        handsets.on_to_us,
    )
    kernel.fill_rows(presence, camping, outages, start_us, end_us)
    return presence


def register_rows(
    at_us: int, age_us: NDArray[np.int64], detach_us: int, presence: Presence
) -> NDArray[np.int64]:
    """For each handset the row of presence that the location register holds, -1: none.

    The register knows the cell of an age ago, or the first that the phone attached to since. A
    phone that has been off or without signal for too long has been struck off.

    Parameters
    ----------
    at_us
        The moment [us]; NEVER: no register holds anything.
    age_us
        How old the location of each handset is [us], shape (handsets,).
    detach_us
        After how long without a phone the register strikes it off [us].
    presence
        Where handsets camped, and when.
    """
    rows = np.full(age_us.size, -1, dtype=np.int64)
    if at_us < NEVER:
        kernel.fill_register_rows(rows, at_us, age_us, detach_us, presence)
    return rows
