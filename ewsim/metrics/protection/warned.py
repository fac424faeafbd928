"""Warned in time: the first alert of each person against the moment at which the hazard comes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.ledger import Ledger
from ewsim.metrics.latency import steps
from ewsim.metrics.reach import Spread, in_area, share, spread, weights
from ewsim.units import NEVER, US, to_us

#: Percentiles of the lead time that are given.
PERCENTILES = (10, 50, 90)


def arrival_us(ledger: Ledger) -> NDArray[np.int64]:
    """When a hazard reaches each person in the area [us]; NEVER: none does, or they are not in it."""
    out = np.full(len(ledger.people), NEVER, dtype=np.int64)
    if "hazard_arrival_s" in ledger.people:
        arrives_s = ledger.people["hazard_arrival_s"].to_numpy(np.float64)
        hit = in_area(ledger) & ~np.isnan(arrives_s)
        out[hit] = np.rint(arrives_s[hit] * US).astype(np.int64)
    return out


def warned_in_time(
    ledger: Ledger, need_s: float = 0.0, first_us: NDArray[np.int64] | None = None
) -> dict[str, Any] | None:
    """People whom a hazard reaches, and those warned so long before it; None where it reaches nobody.

    Returns `people` (in the area, whom it reaches), `need_s`, `in_time` (the first alert came `need_s` or
    more before the hazard), `share` (of `people`), and `lead_time_s`: percentiles of the hazard's arrival
    less the first alert over all of them who were alerted, too late ones with a minus.

    Parameters
    ----------
    ledger
        What happened to whom.
    need_s
        The time that people need to protect themselves [s].
    first_us
        When each was warned [us], NEVER where not, shape (people,); None: the first display.
    """
    found = warned_counts(ledger, need_s, first_us)
    return None if found is None else warned_of(found, need_s)


def warned_counts(
    ledger: Ledger, need_s: float = 0.0, first_us: NDArray[np.int64] | None = None
) -> dict[str, Any] | None:
    """The counts of `warned_in_time`.

    Parameters
    ----------
    ledger, need_s, first_us
        As there: what happened, the time that people need [s], and when each was warned [us], shape
        (people,).
    """
    arrives, weight = arrival_us(ledger), weights(ledger)
    hit = arrives < NEVER
    if not hit.any():
        return None
    first = ledger.reached_us if first_us is None else first_us
    warned = hit & (first < NEVER)
    lead = arrives[warned] - first[warned]
    return {
        "people": int(weight[hit].sum()),
        # at the same moment is too late
        "in_time": int(weight[warned][lead >= max(to_us(need_s), 1)].sum()),
        "lead_us": spread(lead, weight[warned]),
    }


def warned_of(counts: Mapping[str, Any], need_s: float = 0.0) -> dict[str, Any]:
    """What `warned_in_time` says, from `warned_counts` with the same need [s]."""
    lead: Spread = counts["lead_us"]
    found = steps(lead.values, lead.people, PERCENTILES)
    return {
        "people": counts["people"],
        "need_s": need_s,
        "in_time": counts["in_time"],
        "share": float(share(counts["in_time"], counts["people"])),
        "lead_time_s": {
            f"p{p}": None if value is None else value / US
            for p, value in zip(PERCENTILES, found, strict=True)
        },
    }
