"""Where handsets were at a moment, read from their presence: kernels that channels share."""

from __future__ import annotations

import numpy as np
from numba import prange

from ewsim.kernels import kernel
from ewsim.units import NEVER


@kernel(inline="always")
def camped_row(h, t, first, since, until, on_from, on_to):  # type: ignore[no-untyped-def]
    """The row of presence a handset has at t, -1 when it cannot be reached."""
    if t < on_from[h] or t >= on_to[h]:
        return -1
    for i in range(first[h], first[h + 1]):
        if since[i] <= t < until[i]:
            return i
    return -1


@kernel(inline="always")
def returns_us(h, t, first, since, until, on_from, on_to):  # type: ignore[no-untyped-def]
    """When a handset that camps nowhere at t camps again [us], NEVER: not in this run."""
    for i in range(first[h], first[h + 1]):
        begin = max(since[i], on_from[h])
        if begin > t and begin < min(until[i], on_to[h]):
            return begin
    return NEVER


@kernel(parallel=True)
def reachable_us(who, at, first, since, until, on_from, on_to):  # type: ignore[no-untyped-def]
    """From when each of `who` camps somewhere at its moment `at` or later [us], NEVER: not."""
    found = np.empty(who.size, np.int64)
    for i in prange(who.size):
        row = camped_row(who[i], at[i], first, since, until, on_from, on_to)
        found[i] = at[i]
        if row < 0:
            found[i] = returns_us(who[i], at[i], first, since, until, on_from, on_to)
    return found


@kernel(parallel=True)
def register_rows(  # type: ignore[no-untyped-def]
    at, age, detach, first, since, until, on_from, on_to
):
    """For each handset the row of presence that the location register holds at `at[h]`, -1: none.

    The register knows the cell of `age[h]` ago, or the first it attached to since; a phone that
    has been off or without signal for longer than `detach` before `at[h]` has been struck off.
    """
    rows = np.full(age.size, -1, np.int64)
    for h in prange(age.size):
        if at[h] == NEVER:
            continue
        moment = at[h] - age[h]
        latest = True
        for i in range(first[h + 1] - 1, first[h] - 1, -1):
            begin = max(since[i], on_from[h])
            end = min(until[i], on_to[h])
            if begin >= end or begin > at[h]:
                continue
            if latest and at[h] - min(end, at[h]) > detach:
                break
            latest = False
            rows[h] = i
            if begin <= moment:
                break
    return rows


@kernel
def rows_at(who, at, first, since, until, on_from, on_to):  # type: ignore[no-untyped-def]
    """The row of presence of each of `who` at its moment `at` [us], -1: nowhere or off."""
    rows = np.empty(who.size, np.int64)
    for i in range(who.size):
        rows[i] = camped_row(who[i], at[i], first, since, until, on_from, on_to)
    return rows


@kernel
def any_row(who, begin, end, first, since, until):  # type: ignore[no-untyped-def]
    """Whether each of `who` camped anywhere between its `begin` and `end` [us]."""
    found = np.zeros(who.size, np.bool_)
    for i in range(who.size):
        for row in range(first[who[i]], first[who[i] + 1]):
            if max(since[row], begin[i]) < min(until[row], end[i]):
                found[i] = True
                break
    return found
