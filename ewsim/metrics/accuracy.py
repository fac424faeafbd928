"""How well the displays fit the alert area: who inside was missed, who outside was alarmed."""

from __future__ import annotations

from dataclasses import dataclass

from ewsim.ledger import Ledger
from ewsim.metrics.reach import displayed_us, in_area, share, weights
from ewsim.units import NEVER


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counts of people.

    Undershoot is over everyone in the area, overshoot over everyone to whom it was displayed.
    """

    in_area: int
    displayed_inside: int
    displayed_outside: int

    @property
    def undershoot_share(self) -> float:
        """People in the area not displayed, as a share of all in it."""
        return float(share(self.in_area - self.displayed_inside, self.in_area))

    @property
    def overshoot_share(self) -> float:
        """People displayed outside the area, as a share of all displayed."""
        return float(share(self.displayed_outside, self.displayed_inside + self.displayed_outside))


def accuracy(ledger: Ledger) -> Accuracy:
    """How well the displays fit the alert area."""
    inside, weight = in_area(ledger), weights(ledger)
    displayed = displayed_us(ledger) < NEVER
    return Accuracy(
        in_area=int(weight[inside].sum()),
        displayed_inside=int(weight[inside & displayed].sum()),
        displayed_outside=int(weight[~inside & displayed].sum()),
    )
