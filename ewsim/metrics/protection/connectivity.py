"""Loss of connectivity in person-hours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.ledger import Ledger
from ewsim.metrics.infrastructure import cell_changes
from ewsim.metrics.reach import in_area, share, weights


def down_s(ledger: Ledger, cell_count: int, horizon_s: float) -> NDArray[np.float64]:
    """How long each cell does not serve between the decision and the end of the run [s].

    Parameters
    ----------
    ledger
        What happened.
    cell_count
        Number of cells of the network.
    horizon_s
        The end of the run [s].
    """
    out = np.zeros(cell_count)
    since = np.full(cell_count, np.nan)
    changes = cell_changes(ledger.events)
    columns = (changes[name].tolist() for name in ("cell_id", "time_s", "serves"))
    for cell, time_s, serves in zip(*columns, strict=True):
        if serves and not np.isnan(since[cell]):
            out[cell] += max(time_s, 0.0) - since[cell]
            since[cell] = np.nan
        elif not serves and np.isnan(since[cell]):
            since[cell] = max(time_s, 0.0)
    off = ~np.isnan(since)
    out[off] += np.maximum(horizon_s - since[off], 0.0)
    return out


def lost_person_hours(ledger: Ledger, cell_count: int, horizon_s: float) -> dict[str, Any]:
    """Person-hours during which the cell of a phone was off, of people in the alert area.

    Returns `people` (in the area, whose phone camped on a cell at the decision), `affected` (of them,
    whose cell was off at some time), `person_hours` (that those cells were off) and `share` (of all
    person-hours of `people`).

    Parameters
    ----------
    ledger
        What happened to whom.
    cell_count
        Number of cells of the network.
    horizon_s
        The end of the run [s].

    Notes
    -----
    An upper bound: a phone whose cell is off may find another one, and people move. Phones whose cell was
    off at the decision already, and which found no other, are not among `people`.
    """
    camped = ledger.people["camped_cell"].to_numpy(np.int64)
    who = in_area(ledger) & (camped >= 0)
    weight = weights(ledger)[who]
    lost_s = down_s(ledger, cell_count, horizon_s)[camped[who]]
    people = int(weight.sum())
    return {
        "people": people,
        "affected": int(weight[lost_s > 0].sum()),
        "person_hours": float((weight * lost_s).sum() / 3600),
        "share": float((weight * lost_s).sum() / horizon_s * share(1, people)) if people else 0.0,
    }
