"""Loss of connectivity in person-hours."""

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import Ledger
from ewsim.metrics.infrastructure import cell_changes
from ewsim.metrics.reach import in_area, share, weights
from ewsim.units import US


def down_s(events: pd.DataFrame, cell_count: int, horizon_s: float) -> NDArray[np.float64]:
    """How long each cell does not serve between the decision and the end of the run [s].

    Parameters
    ----------
    events
        The events table.
    cell_count
        Number of cells of the network.
    horizon_s
        The end of the run [s].
    """
    out = np.zeros(cell_count)
    since = np.full(cell_count, np.nan)
    changes = cell_changes(events)
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


def camped_counts(ledger: Ledger) -> dict[int, int]:
    """People in the alert area by the cell on which their phone camped at the decision."""
    camped = ledger.people["camped_cell"].to_numpy(np.int64)
    who = in_area(ledger) & (camped >= 0)
    people = np.zeros(int(camped[who].max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(people, camped[who], weights(ledger)[who])
    found = np.flatnonzero(people)
    return dict(zip(found.tolist(), people[found].tolist(), strict=True))


def lost_person_hours(
    camped: Mapping[int, int], events: pd.DataFrame, cell_count: int, horizon_s: float
) -> dict[str, Any]:
    """Person-hours during which the cell of a phone was off, of people in the alert area.

    Returns `people` (in the area, whose phone camped on a cell at the decision), `affected` (of them,
    whose cell was off at some time), `person_hours` (that those cells were off) and `share` (of all
    person-hours of `people`).

    Parameters
    ----------
    camped
        What `camped_counts` gives.
    events, cell_count, horizon_s
        As in `down_s`: the horizon in [s].

    Notes
    -----
    An upper bound: a phone whose cell is off may find another one, and people move. Phones whose cell was
    off at the decision already, and which found no other, are not among `people`.
    """
    cells, weight = (np.array(list(of), dtype=np.int64) for of in (camped, camped.values()))
    lost_us = np.rint(down_s(events, cell_count, horizon_s)[cells] * US).astype(np.int64)
    lost = sum(map(operator.mul, weight.tolist(), lost_us.tolist()))  # whole numbers, however many people
    people = int(weight.sum())
    return {
        "people": people,
        "affected": int(weight[lost_us > 0].sum()),
        "person_hours": lost / US / 3600,
        "share": float(lost / US / horizon_s * share(1, people)) if people else 0.0,
    }
