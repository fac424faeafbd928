"""Where every handset camped, and when: the crowd's side of a run, for all channels.

A handset camps on the first of its candidate cells (`population.people.Camping`) that serves. It
changes when that cell fails, when one it prefers returns, and when its owner moves. Between those
moments nothing changes for it, so its whole day is a short list of (cell, from, to), found exactly
and without a step in time.

Assumption: re-selection takes no time, and a phone returns at once to a cell it prefers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.kernels import in_spans
from ewsim.population.journeys import ranges
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
    in_spans(lambda span: kernel.count_rows(first, camping, outages, start_us, end_us, span), count)
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
    in_spans(lambda span: kernel.fill_rows(presence, camping, outages, start_us, end_us, span), count)
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
        in_spans(
            lambda span: kernel.fill_register_rows(rows, at_us, age_us, detach_us, presence, span), rows.size
        )
    return rows


def last_begun(
    windows: NDArray[np.int64], number: NDArray[np.integer], moment_us: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The last window of each number that has begun by its moment, -1: none.

    Parameters
    ----------
    windows
        Rows (number, from, to, ...) sorted [us], shape (n, >= 3).
    number
        Whose window, negative: nobody's, shape (some,).
    moment_us
        The moment of each [us], shape (some,).
    """
    if not len(windows):
        return np.full(number.size, -1, dtype=np.int64)
    begin, span = int(windows[:, 1].min()), int(np.ptp(windows[:, 1:3])) + 1
    moment = np.clip(moment_us - begin, -1, span - 1)
    keys = windows[:, 0] * span + (windows[:, 1] - begin)
    last = np.searchsorted(keys, number * span + moment, side="right") - 1
    theirs = (number >= 0) & (windows[np.clip(last, 0, None), 0] == number) & (last >= 0)
    return np.where(theirs, last, -1)


def without(presence: Presence, spans: NDArray[np.int64]) -> Presence:
    """The presence less spans of handsets: rows (handset, from, to) sorted [us], none overlapping."""
    nth = np.arange(len(spans)) - np.searchsorted(spans[:, 0], spans[:, 0])
    for n in range(int(nth.max(initial=-1)) + 1):
        presence = _less(presence, spans[nth == n])
    return presence


def _less(presence: Presence, spans: NDArray[np.int64]) -> Presence:
    """The presence less one span of each of some handsets."""
    count = presence.first.size - 1
    owner = np.repeat(np.arange(count), np.diff(presence.first))
    gone = np.full((count, 2), NEVER)
    gone[spans[:, 0]] = spans[:, 1:]
    begin, end = gone[owner].T
    from_us, to_us = presence.from_us, presence.to_us
    hit = (from_us < end) & (to_us > begin)
    before, after = hit & (from_us < begin), hit & (to_us > end)
    rows = np.concatenate([np.flatnonzero(part) for part in (~hit, before, after)])
    since = np.concatenate([from_us[~hit], from_us[before], end[after]])
    until = np.concatenate([to_us[~hit], begin[before], to_us[after]])
    return _sorted(presence, owner[rows], rows, since, until)


def beside(presence: Presence, spans: NDArray[np.int64]) -> Presence:
    """The presence with rows of no cell (-1) for spans of handsets in which they camp nowhere.

    Parameters
    ----------
    presence
        Where handsets camp.
    spans
        Rows (handset, from, to) sorted [us], shape (n, 3).
    """
    if not len(spans):
        return presence
    owner = np.repeat(np.arange(presence.first.size - 1), np.diff(presence.first))
    more = presence._replace(
        cell=np.append(presence.cell, np.int32(-1)), level_db=np.append(presence.level_db, np.float32(0))
    )
    rows = np.append(np.arange(owner.size), np.full(len(spans), owner.size))
    since, until = np.append(presence.from_us, spans[:, 1]), np.append(presence.to_us, spans[:, 2])
    return _sorted(more, np.append(owner, spans[:, 0]), rows, since, until)


def _sorted(
    presence: Presence,
    owner: NDArray[np.int64],
    rows: NDArray[np.int64],
    since: NDArray[np.int64],
    until: NDArray[np.int64],
) -> Presence:
    """Rows of a presence with other times, by owner and time."""
    order = np.lexsort([since, owner])
    rows, count = rows[order], presence.first.size
    return presence._replace(
        first=np.searchsorted(owner[order], np.arange(count)).astype(np.int64),
        cell=presence.cell[rows],
        level_db=presence.level_db[rows],
        from_us=since[order],
        to_us=until[order],
    )


def presence_of_some(presence: Presence, who: NDArray[np.int64]) -> Presence:
    """The presence of some handsets, in the order of `who`."""
    first, row = ranges(presence.first, who)
    return Presence(
        first,
        presence.cell[row],
        presence.level_db[row],
        presence.from_us[row],
        presence.to_us[row],
        presence.on_from_us[who],
        presence.on_to_us[who],
    )


def joined(parts: Sequence[Presence]) -> Presence:
    """The presence of several groups of handsets, one after the other."""
    size = np.concatenate([np.diff(part.first) for part in parts])
    first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    columns = zip(*(part[1:] for part in parts), strict=True)
    return Presence(first, *(np.concatenate(column) for column in columns))
