"""A survey laid over a run: what people said after a real alert or test, and what the run gives for them.

Who answers a survey is a sample. Its share has an interval (Wilson's, 95 %), as if people answered at random
and independently; a survey whose people chose to answer is off by more than that.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ewsim.ledger import Ledger
from ewsim.metrics.denominators import of_age, owners
from ewsim.metrics.protection.gaps import wilson
from ewsim.metrics.reach import in_area, weights
from ewsim.units import NEVER


class Answered(NamedTuple):
    """A row of a survey: the people asked in a group or place, and those who got the alert."""

    column: str  # of the table of people
    value: str
    asked: int
    received: int


def laid_over(ledger: Ledger, answers: Sequence[Answered], of: str, age_years: int) -> dict[str, Any]:
    """The survey beside the run, row by row, and in all.

    Parameters
    ----------
    ledger
        What happened to whom.
    answers
        The rows of the survey; each value is one of its column.
    of
        One of `OF`.
    age_years
        The age from which people own a phone [years], for `of_phone_age`.

    Returns
    -------
    dict
        `of`, `rows` (column, value, asked, received, share, low, high, people, simulated, difference,
        inside) and `all` (asked, received, share, simulated, mean_difference, mean_absolute_difference,
        inside_count, count). `simulated` is None where the run has nobody of the group in the area.
    """
    who = in_area(ledger)
    if of == "owners":
        who = who & owners(ledger)
    elif of == "of_phone_age":
        who = who & of_age(ledger, age_years)
    weight = weights(ledger)
    reached = ledger.reached_us < NEVER
    rows = []
    for answer in answers:
        mine = who & (ledger.people[answer.column].astype(str).to_numpy() == answer.value)
        people = int(weight[mine].sum())
        simulated = int(weight[mine & reached].sum()) / people if people else None
        share = answer.received / answer.asked
        low, high = wilson(share, answer.asked)
        rows.append(
            {
                **answer._asdict(),
                "share": share,
                "low": low,
                "high": high,
                "people": people,
                "simulated": simulated,
                "difference": None if simulated is None else simulated - share,
                "inside": None if simulated is None else bool(low <= simulated <= high),
            }
        )
    return {"of": of, "rows": rows, "all": _in_all(pd.DataFrame(rows))}


def _in_all(rows: pd.DataFrame) -> dict[str, Any]:
    """The rows together, each weighed by the people asked."""
    known = rows[rows["simulated"].notna()]
    asked = known["asked"].to_numpy(np.float64)
    if not asked.sum():
        return {"asked": 0, "received": 0, "share": None, "simulated": None, "count": 0}
    off = known["difference"].to_numpy(np.float64)
    return {
        "asked": int(asked.sum()),
        "received": int(known["received"].sum()),
        "share": float(known["received"].sum() / asked.sum()),
        "simulated": float(np.average(known["simulated"].to_numpy(np.float64), weights=asked)),
        "mean_difference": float(np.average(off, weights=asked)),
        "mean_absolute_difference": float(np.average(np.abs(off), weights=asked)),
        "inside_count": int(known["inside"].sum()),
        "count": len(known),
    }
