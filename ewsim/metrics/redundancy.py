"""How often the same alert arrived, and what each channel adds to the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ewsim.ledger import Ledger
from ewsim.metrics.reach import in_area, share, weights
from ewsim.units import NEVER


def duplicates(ledger: Ledger) -> pd.DataFrame:
    """By channel, over the people in the area: who received it, and who more than once.

    Columns: channel, received, copies_over_1 (received more than once, repetitions that the phone
    suppressed included), displays_over_1 (shown more than once).
    """
    inside, weight = in_area(ledger), weights(ledger)
    rows = [
        (
            name,
            int(weight[inside & (outcome.received_us < NEVER)].sum()),
            int(weight[inside & (outcome.copies > 1)].sum()),
            int(weight[inside & (outcome.displays > 1)].sum()),
        )
        for name, outcome in ledger.outcomes.items()
    ]
    return pd.DataFrame(rows, columns=["channel", "received", "copies_over_1", "displays_over_1"])


def channels_each(ledger: Ledger) -> pd.DataFrame:
    """People in the area by how many channels reached them. Columns: channels, people, share."""
    inside, weight = in_area(ledger), weights(ledger)
    by = np.zeros(len(ledger.people), dtype=np.int64)
    for outcome in ledger.outcomes.values():
        by += outcome.displayed_us < NEVER
    people = np.zeros(len(ledger.outcomes) + 1, dtype=np.int64)
    np.add.at(people, by[inside], weight[inside])
    whole = int(weight[inside].sum())
    table = pd.DataFrame({"channels": np.arange(people.size), "people": people})
    table["share"] = share(people, whole)
    return table


def marginal_reach(ledger: Ledger) -> pd.DataFrame:
    """What each channel adds: people in the area whom it alone reached.

    Columns: channel, people (reached by it), only (by no other), only_share (of the area).
    """
    inside, weight = in_area(ledger), weights(ledger)
    reached = {name: o.displayed_us < NEVER for name, o in ledger.outcomes.items()}
    whole = int(weight[inside].sum())
    rows = []
    for name, mine in reached.items():
        others = np.zeros(len(mine), dtype=np.bool_)
        for other, theirs in reached.items():
            if other != name:
                others |= theirs
        only = int(weight[inside & mine & ~others].sum())
        rows.append((name, int(weight[inside & mine].sum()), only, float(share(only, whole))))
    return pd.DataFrame(rows, columns=["channel", "people", "only", "only_share"])
