"""Duplicate and contradictory rows: faults, at their place."""

import numpy as np
from numpy.typing import NDArray

from ewsim.network.tables.formats import LAST_2G_CID, Rows
from ewsim.units import GSM

#: Rows of one site are at one place up to this [deg].
_SAME_DEG = 1e-3


def mark(rows: Rows, column: dict[str, int]) -> NDArray[np.bool_]:
    """Which rows neither repeat nor contradict an earlier row; the others are noted as faults."""
    c = rows.columns
    keep = np.ones(len(c), dtype=np.bool_)
    if not len(c):
        return keep
    turn = np.nan_to_num(c.azimuth_deg, nan=-999.0)
    layer = np.nan_to_num(c.frequency_mhz, nan=-1.0)
    key = (c.cid, c.lac, c.rats, c.code) if rows.of_cells else (layer, turn, c.rats, c.code, c.site)
    for at, first in _repeats(key):
        keep[at] = False
        what = (
            f"the cell {rows.codes[c.code[at]]}-{c.lac[at]}-{c.cid[at]} is"
            if rows.of_cells
            else f"the site {rows.sites[c.site[at]]!r} is"
        )
        fix = "Keep one of them, or give each its own id."
        place = column["cid" if rows.of_cells else "site_id"] + 1
        rows.faults.add(int(c.line[at]), place, f"{what} already on line {c.line[first]}.", fix)
    if not rows.of_cells:
        _one_place(rows, column, keep)
        for name in ("battery_s", "generator_s"):
            _one_supply(rows, column, name, keep)
    return keep


def drop_again(rows: Rows, column: dict[str, int]) -> None:
    """Leave out, with a note, cells whose identity is that of a 2G cell, under another technology.

    LAC and CI name one cell of an operator (3GPP TS 23.003, 4.3.1): the same pair as a 3G or 4G cell is
    a phone's mistake about its technology.
    """
    c = rows.columns
    small = np.flatnonzero((c.cid <= LAST_2G_CID) & (c.lac <= LAST_2G_CID) & (c.rats > 0))
    key = (c.code[small].astype(np.int64) << 32) + (c.lac[small] << 16) + c.cid[small]
    is_2g = c.rats[small] == 1 << GSM
    known, first = np.unique(key[is_2g], return_index=True)
    if not known.size:
        return
    at = np.minimum(np.searchsorted(known, key), known.size - 1)
    found = (known[at] == key) & ~is_2g
    again, twin = np.zeros(len(c), dtype=np.bool_), np.zeros(len(c), dtype=np.int64)
    again[small[found]] = True
    twin[small[found]] = small[is_2g][first[at[found]]]
    for row in np.flatnonzero(again).tolist():
        what = f"the cell {rows.codes[c.code[row]]}-{c.lac[row]}-{c.cid[row]} is a 2G cell "
        what += f"on line {c.line[twin[row]]}."
        rows.odd.add(int(c.line[row]), column["cid"] + 1, what, "The row is left out.", "warning")
    if again.any():
        rows.left_out["with the identity of a 2G cell under another technology"] += int(again.sum())
        rows.left_out_deg = np.concatenate(
            [rows.left_out_deg, np.column_stack([c.lat_deg, c.lon_deg])[again]]
        )
        rows.columns = c.of(~again)


def _one_place(rows: Rows, column: dict[str, int], keep: NDArray[np.bool_]) -> None:
    """A site is at one place."""
    c = rows.columns
    home = _first_of_site(c.site, np.arange(len(c)))
    off = np.abs(c.lat_deg - c.lat_deg[home]) > _SAME_DEG
    off |= np.abs(c.lon_deg - c.lon_deg[home]) > _SAME_DEG
    for at in np.flatnonzero(off & keep).tolist():
        keep[at] = False
        what = f"the site {rows.sites[c.site[at]]!r} is elsewhere on line {c.line[home[at]]}."
        fix = "Give one position, or each its own id."
        rows.faults.add(int(c.line[at]), column["site_id"] + 1, what, fix)


def _one_supply(rows: Rows, column: dict[str, int], name: str, keep: NDArray[np.bool_]) -> None:
    """A site has one battery and one generator."""
    c = rows.columns
    value = getattr(c, name)
    given = np.flatnonzero(~np.isnan(value) & keep)
    home = _first_of_site(c.site, given)
    other = value[given] != value[home]
    for at, there in zip(given[other].tolist(), home[other].tolist(), strict=True):
        keep[at] = False
        what = (
            f"the site {rows.sites[c.site[at]]!r} has {name} {value[there]:g} on line "
            f"{c.line[there]}, here {value[at]:g}."
        )
        fix = "Give every row of a site the same."
        rows.faults.add(int(c.line[at]), column[name] + 1, what, fix)


def _first_of_site(site: NDArray[np.int32], some: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of some rows the first of them that is of its site."""
    _, first, of = np.unique(site[some], return_index=True, return_inverse=True)
    return np.asarray(some[first[of.ravel()]])


def _repeats(key: tuple[NDArray[np.generic], ...]) -> list[tuple[int, int]]:
    """(Row, the first row with its key) for every row that is not the first."""
    order = np.lexsort(key)
    same = np.ones(order.size - 1, dtype=np.bool_)
    for part in key:
        same &= part[order[1:]] == part[order[:-1]]
    run = np.concatenate([[0], np.cumsum(~same)])
    start = np.concatenate([[0], np.flatnonzero(~same) + 1])
    again = np.flatnonzero(np.concatenate([[False], same]))
    return sorted(zip(order[again].tolist(), order[start[run[again]]].tolist(), strict=True))
