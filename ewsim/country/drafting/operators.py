"""Operators out of a table of cells: shares, technologies, codes."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.errors import count_of
from ewsim.network.tables.formats import Rows
from ewsim.network.tables.identities import codes_of, infer_rats
from ewsim.network.tables.standalone import ground_of_table
from ewsim.units import RATS

#: Assumption: a network code or a technology with less than this share of the rows is a mistake of phones.
LEAST_SHARE = 0.01

_MOST_OPERATORS = 20


def operators_of(table: Rows, land: Path | None, notes: list[str]) -> list[dict[str, Any]]:
    """Operators of a table with their share of the cells, technologies and codes.

    Parameters
    ----------
    table
        The rows; those abroad are removed.
    land
        Coastline or borders.
    notes
        Where it is noted who was left out.
    """
    ground_of_table(table, land)
    infer_rats(table)
    counts = codes_of(table)
    if not counts:
        notes.append("The table names no operators: one, A, has all cells.")
        return [{"name": "A", "share": 1.0, "rats": _rats(table, np.ones(len(table), dtype=np.bool_))}]
    codes: dict[str, list[str]] = defaultdict(list)
    for code in sorted(counts, key=lambda code: (-counts[code], code)):
        codes[(table.names.get(code) or code)[:40]].append(code)
    each = Counter({name: sum(counts[code] for code in mine) for name, mine in codes.items()})
    kept = [n for n, rows in each.most_common(_MOST_OPERATORS) if rows >= LEAST_SHARE * counts.total()]
    if few := [f"{name} ({count_of(rows, 'rows')})" for name, rows in each.most_common() if name not in kept]:
        notes.append(f"Left out as mistakes of phones: {', '.join(few[:10])}{', ...' * (len(few) > 10)}.")
    total = sum(each[name] for name in kept)
    out = []
    for name in kept:
        mine = np.isin(table.columns.code, [table.codes.index(code) for code in codes[name]])
        operator: dict[str, Any] = {
            "name": name,
            "share": round(each[name] / total, 3),
            "rats": _rats(table, mine),
        }
        if table.of_cells:
            operator["mcc_mnc"] = codes[name][0]
        out.append(operator)
    return out


def _rats(table: Rows, mine: NDArray[np.bool_]) -> list[str]:
    """Technologies of some rows; all usual ones where no row says."""
    rats = table.columns.rats[mine]
    count = [int(((rats >> bit) & 1).sum()) for bit in range(len(RATS))]
    on_air = [name for name, n in zip(RATS, count, strict=True) if n and n >= LEAST_SHARE * rats.size]
    return on_air or ["2G", "3G", "4G"]
