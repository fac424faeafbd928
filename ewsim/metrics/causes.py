"""Why people in the alert area were missed: one primary cause each, adding up to everyone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ewsim.errors import EwsimError
from ewsim.ledger import REACHED, Ledger, cause_names
from ewsim.metrics.reach import in_area, weights
from ewsim.units import NEVER


def by_cause(ledger: Ledger, channel: str | None = None) -> pd.DataFrame:
    """People in the alert area not reached, by cause, most people first.

    Columns: cause, people, share (of everyone in the area). With a channel, why that channel
    missed them.

    Raises
    ------
    EwsimError
        Somebody is counted as reached without a display, or the other way round: a defect of ours.
    """
    names = cause_names()
    outcome = None if channel is None else ledger.outcomes[channel]
    cause = ledger.cause if outcome is None else outcome.cause
    times_us = ledger.reached_us if outcome is None else outcome.displayed_us
    inside, weight = in_area(ledger), weights(ledger)
    wrong = (cause == REACHED) != (times_us < NEVER)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise EwsimError(
            f"the ledger contradicts itself: {int(wrong.sum())} people, the first in row {row}, "
            f"have the cause {names[cause[row]]!r} and a first display at {times_us[row]} us"
        )
    people = np.zeros(len(names), dtype=np.int64)
    np.add.at(people, cause[inside], weight[inside])
    whole = int(weight[inside].sum())
    missed = pd.DataFrame({"cause": names[1:], "people": people[1:]})
    missed["share"] = missed["people"] / whole if whole else 0.0
    missed = missed[missed["people"] > 0]
    return missed.sort_values("people", ascending=False, kind="stable").reset_index(drop=True)
