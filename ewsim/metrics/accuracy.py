"""How well the displays fit: who inside was missed, who outside was alarmed, who saw what is false."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ewsim.ledger import Ledger
from ewsim.metrics.latency import steps
from ewsim.metrics.reach import Spread, displayed_us, in_area, share, spread, weights
from ewsim.units import NEVER


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counts of people, and distances.

    Undershoot is over everyone in the area, overshoot over everyone to whom it was displayed.
    `overshoot_p50_m` and `_p95_m`: how far outside the area those are to whom it was displayed
    there [m], None where there is nobody.
    """

    in_area: int
    displayed_inside: int
    displayed_outside: int
    overshoot_p50_m: float | None
    overshoot_p95_m: float | None

    @property
    def recall_share(self) -> float:
        """People in the area to whom it was displayed, as a share of all in it."""
        return float(share(self.displayed_inside, self.in_area))

    @property
    def undershoot_share(self) -> float:
        """People in the area not displayed, as a share of all in it."""
        return float(share(self.in_area - self.displayed_inside, self.in_area))

    @property
    def overshoot_share(self) -> float:
        """People displayed outside the area, as a share of all displayed."""
        return float(share(self.displayed_outside, self.displayed_inside + self.displayed_outside))


def fit_to_area(ledger: Ledger) -> Accuracy:
    """How well the displays fit the alert area."""
    return fit_of(fit_counts(ledger))


def fit_counts(ledger: Ledger) -> dict[str, Any]:
    """The counts of `fit_to_area`."""
    inside, weight = in_area(ledger), weights(ledger)
    displayed = displayed_us(ledger) < NEVER
    outside = ~inside & displayed
    # results of earlier versions have no distances
    away_m = ledger.people.get("overshoot_m", pd.Series(np.nan, ledger.people.index)).to_numpy()
    known = outside & ~np.isnan(away_m)
    return {
        "in_area": int(weight[inside].sum()),
        "displayed_inside": int(weight[inside & displayed].sum()),
        "displayed_outside": int(weight[outside].sum()),
        "away_m": spread(away_m[known], weight[known]),
    }


def fit_of(found: Mapping[str, Any]) -> Accuracy:
    """What `fit_to_area` says, from `fit_counts`."""
    away: Spread = found["away_m"]
    p50, p95 = steps(away.values, away.people, (50, 95))
    counts = {name: found[name] for name in ("in_area", "displayed_inside", "displayed_outside")}
    return Accuracy(**counts, overshoot_p50_m=p50, overshoot_p95_m=p95)


def false_counts(ledger: Ledger) -> dict[str, Any] | None:
    """The counts of `false_alerts`; None where no message was false."""
    people = ledger.people
    if "false_alert_s" not in people:
        return None
    weight = weights(ledger)
    seen, corrected = (people[name].to_numpy(np.float64) for name in ("false_alert_s", "corrected_s"))
    both = ~np.isnan(corrected)
    return {
        "people": int(weight[~np.isnan(seen)].sum()),
        "corrected": int(weight[both].sum()),
        "after_s": spread(corrected[both] - seen[both], weight[both]),
    }


def false_alerts(found: Mapping[str, Any]) -> dict[str, Any]:
    """People who saw a false message, wherever they are, and their correction.

    `time_to_correction_s`: from the false message to its correction, over those who had both.
    """
    after: Spread = found["after_s"]
    half, most = steps(after.values, after.people, (50, 95))
    counts = {name: found[name] for name in ("people", "corrected")}
    return {**counts, "time_to_correction_s": {"p50": half, "p95": most}}
