"""Several runs of one scenario: the same country, new luck."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ewsim.ledger import Ledger
from ewsim.metrics.accuracy import fit_to_area
from ewsim.metrics.causes import by_cause
from ewsim.metrics.denominators import of_owners, of_phone_age
from ewsim.metrics.latency import latency_percentiles
from ewsim.metrics.protection.funnel import response_stages
from ewsim.metrics.reach import reach_curves, share, time_to_share
from ewsim.metrics.summary import SHARES

#: Of fewer runs than this a 2.5th percentile would lie beyond the smallest value.
FEW = 40


def headline(ledger: Ledger, own_phone_age_years: int = 10) -> dict[str, Any]:
    """One run in one row: reach, time to shares, latency, accuracy, causes; None: not attained.

    `phone_age_reach_share` is the reach of people of this age [years] and over, `owners_reach_share` that of
    people with a phone.
    """
    fit = fit_to_area(ledger)
    any_channel, *channels = reach_curves(ledger).items()
    row: dict[str, Any] = {
        "reach_people": fit.displayed_inside,
        "reach_share": float(share(fit.displayed_inside, fit.in_area)),
        **{
            f"reach_{name}_share": float(share(int(c.people[-1]) if c.people.size else 0, c.whole))
            for name, c in channels
        },
        "phone_age_reach_share": of_phone_age(ledger, own_phone_age_years)["share"],
        "owners_reach_share": of_owners(ledger)["share"],
        **{f"time_to_{s:g}_s": time_to_share(any_channel[1], s) for s in SHARES},
        **{f"latency_{name}_s": value for name, value in latency_percentiles(ledger).items()},
    }
    row["undershoot_share"] = fit.undershoot_share
    row["overshoot_share"] = fit.overshoot_share
    if (did := response_stages(ledger)) is not None:
        row |= {f"{name}_share": did["stages"][name]["share"] for name in ("noticed", "understood", "acted")}
    missed = by_cause(ledger)
    for cause, people in zip(missed["cause"], missed["people"].tolist(), strict=True):
        row[f"cause_{cause}_people"] = people
    return row


def replications_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The headlines of several runs, one row a run; a cause that a run does not have missed nobody."""
    table = pd.DataFrame(rows)
    causes = [name for name in table.columns if name.startswith("cause_")]
    table[causes] = table[causes].fillna(0)
    return table


def interval(table: pd.DataFrame) -> dict[str, dict[str, float | int | None]]:
    """Median and mean of each metric over the runs that attained it, and the range of 95 % of them.

    Returns {metric: {median, mean, low, high, attained}}: `low` and `high` are the 2.5th and 97.5th
    percentiles, of fewer than `FEW` runs the smallest and the largest value; `attained` counts the
    runs with a value, and without any the others are None. The range is that of luck only: what
    the scenario assumes is the same in all runs.
    """
    out: dict[str, dict[str, float | int | None]] = {}
    for name in table.columns:
        values = pd.to_numeric(table[name], errors="coerce").dropna().to_numpy(np.float64)
        median = mean = low = high = None
        if values.size:
            tails = (0.0, 100.0) if values.size < FEW else (2.5, 97.5)
            low, high = (float(v) for v in np.percentile(values, tails))
            median = float(np.median(values))
            mean = min(max(float(values.mean()), low), high)  # rounding must not leave the range
        known = int(values.size)
        out[str(name)] = {"median": median, "mean": mean, "low": low, "high": high, "attained": known}
    return out
