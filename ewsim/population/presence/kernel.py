"""Compiled loops over presence: they make its rows, and say where handsets were at a moment.

`presence` is a `windows.Presence`, `camping` a `people.Camping`, `outages` a `windows.CellWindows`.
Loops over all handsets take a span of them, for a thread of ours (`kernels.in_spans`).
They make no arrays, and `_nrt=False` counts no references to arrays, which would take ten times the loop.
"""

import numpy as np

from ewsim.kernels import kernel
from ewsim.units import NEVER

# --- the rows of presence ---------------------------------------------------------------------


@kernel(inline="always")
def _state(cell, t, down_first, down_from, down_to):
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


@kernel(inline="always")
def _place(h, move, move_first, move_row):
    """Whether a handset has its first candidates before a move, and its row in them or the later."""
    if move == move_first[h] or move_row[move - 1] < 0:
        return True, np.int64(h)
    return False, np.int64(move_row[move - 1])


@kernel(inline="always")
def _at(home, row, k, first, later):
    return first[row, k] if home else later[row, k]


@kernel(inline="always")
def _next(home, row, t, end, cells, later, down_first, down_from, down_to):
    """The candidate (index, -1: none) a handset uses at t, and until when."""
    until = end
    for k in range(cells.shape[1]):
        cell = _at(home, row, k, cells, later)
        if cell < 0:  # deployable cells come after the others, however few those are
            continue
        serves, change = _state(cell, t, down_first, down_from, down_to)
        until = min(until, change)
        if serves:
            return k, until
    return -1, until


@kernel(nogil=True, _nrt=False)
def count_rows(first, camping, outages, start, end, span):
    """Put the number of rows of each handset h into `first[h + 1]`.

    Parameters
    ----------
    first
        Takes the numbers, shape (handsets + 1,).
    camping
        The candidates of each handset.
    outages
        When cells are down.
    start, end
        The span of the run [us].
    span
        Its handsets, from the first to the one after the last.
    """
    cells, move_first, move_us, move_row, later = camping[0], camping[2], camping[3], camping[4], camping[5]
    down_first, down_from, down_to = outages
    for h in range(span[0], span[1]):
        move, last = move_first[h], move_first[h + 1]
        if cells[h, 0] >= 0 and move == last and down_first[cells[h, 0]] == down_first[cells[h, 0] + 1]:
            first[h + 1] = 1  # the usual case: the cell it prefers never fails
            continue
        n = 0
        t = start
        while t < end:
            while move < last and move_us[move] <= t:
                move += 1
            stop = end if move == last else min(end, move_us[move])
            home, row = _place(h, move, move_first, move_row)
            k, t = _next(home, row, t, stop, cells, later, down_first, down_from, down_to)
            if k >= 0:
                n += 1
        first[h + 1] = n


@kernel(nogil=True, _nrt=False)
def fill_rows(presence, camping, outages, start, end, span):
    """Write the rows that `count_rows` has counted.

    Parameters
    ----------
    presence
        Takes the rows.
    camping, outages, start, end, span
        As in `count_rows`: times [us].
    """
    first, cell, level, since, until, _, _ = presence
    cells, levels, move_first, move_us, move_row, later, later_levels = camping[:7]
    down_first, down_from, down_to = outages
    for h in range(span[0], span[1]):
        n = first[h]
        move, last = move_first[h], move_first[h + 1]
        if cells[h, 0] >= 0 and move == last and down_first[cells[h, 0]] == down_first[cells[h, 0] + 1]:
            cell[n], level[n], since[n], until[n] = cells[h, 0], levels[h, 0], start, end
            continue
        t = start
        while t < end:
            while move < last and move_us[move] <= t:
                move += 1
            stop = end if move == last else min(end, move_us[move])
            home, row = _place(h, move, move_first, move_row)
            k, stop = _next(home, row, t, stop, cells, later, down_first, down_from, down_to)
            if k >= 0:
                cell[n] = _at(home, row, k, cells, later)
                level[n] = _at(home, row, k, levels, later_levels)
                since[n], until[n] = t, stop
                n += 1
            t = stop


# --- where a handset was ----------------------------------------------------------------------


@kernel(inline="always")
def camped_row(h, t, presence):
    """The row of presence a handset has at t, -1 when it cannot be reached.

    Parameters
    ----------
    h
        The handset.
    t
        The moment [us].
    presence
        Where handsets camp.
    """
    if t < presence.on_from_us[h] or t >= presence.on_to_us[h]:
        return -1
    for i in range(presence.first[h], presence.first[h + 1]):
        if presence.from_us[i] <= t < presence.to_us[i]:
            return i
    return -1


@kernel(inline="always")
def returns_us(h, t, presence):
    """When a handset that camps nowhere at t camps again [us], NEVER: not in this run.

    Parameters
    ----------
    h, t, presence
        As in `camped_row`: the moment [us].
    """
    for i in range(presence.first[h], presence.first[h + 1]):
        begin = max(presence.from_us[i], presence.on_from_us[h])
        if begin > t and begin < min(presence.to_us[i], presence.on_to_us[h]):
            return begin
    return NEVER


@kernel(nogil=True)
def reachable_us(who, at, presence):
    """From when each of `who` camps somewhere at its moment `at` or later [us], NEVER: not.

    Parameters
    ----------
    who
        Handsets, shape (some,).
    at
        The moment of each [us], shape (some,).
    presence
        Where handsets camp.
    """
    found = np.empty(who.size, np.int64)
    for i in range(who.size):
        found[i] = at[i]
        if camped_row(who[i], at[i], presence) < 0:
            found[i] = returns_us(who[i], at[i], presence)
    return found


@kernel(nogil=True, _nrt=False)
def fill_register_rows(rows, at, age, detach, presence, span):
    """Write the rows of handsets, as `windows.register_rows` gives them.

    Parameters
    ----------
    rows
        Takes the row of each handset, shape (handsets,).
    at
        When the register is read [us].
    age
        How old the location of each handset is [us], shape (handsets,).
    detach
        A handset silent for longer is struck off [us].
    presence
        Where handsets camp.
    span
        Its handsets, from the first to the one after the last.
    """
    first, _, _, since, until, on_from, on_to = presence
    for h in range(span[0], span[1]):
        latest = True
        for i in range(first[h + 1] - 1, first[h] - 1, -1):
            begin = max(since[i], on_from[h])
            end = min(until[i], on_to[h])
            if begin >= end or begin > at:
                continue
            if latest and at - min(end, at) > detach:
                break
            latest = False
            rows[h] = i
            if begin <= at - age[h]:
                break


@kernel
def rows_at(who, at, presence):
    """The row of presence of each of `who` at its moment `at` [us], -1: nowhere or off.

    Parameters
    ----------
    who, at, presence
        As in `reachable_us`: the moments [us], shape (some,).
    """
    rows = np.empty(who.size, np.int64)
    for i in range(who.size):
        rows[i] = camped_row(who[i], at[i], presence)
    return rows


@kernel
def camped_between(who, begin, end, presence):
    """Whether each of `who` was on and camped anywhere between its `begin` and `end` [us].

    Parameters
    ----------
    who
        Handsets, shape (some,).
    begin, end
        The span of each [us], shape (some,).
    presence
        Where handsets camp.
    """
    found = np.zeros(who.size, np.bool_)
    for i in range(who.size):
        h = who[i]
        since, until = max(begin[i], presence.on_from_us[h]), min(end[i], presence.on_to_us[h])
        for row in range(presence.first[h], presence.first[h + 1]):
            if max(presence.from_us[row], since) < min(presence.to_us[row], until):
                found[i] = True
                break
    return found
