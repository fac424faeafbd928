"""The fit of the four numbers to past disasters, and the error of each mode with one left out in turn."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from ewsim.disturbances.outlook.classes import NAMES
from ewsim.disturbances.outlook.forecast import DaySeries, Known, predict
from ewsim.disturbances.outlook.law import SPREADS, FloatArray, SiteLaw, imagine, sites_off

#: The modes as they were tried: with customers of all days, and with those of the first day only.
Tried = Literal[
    "hazard",
    "customers",
    "customers_first_day",
    "access",
    "access_first_day",
    "nowcast",
    "nowcast_first_day",
    "nowcast_without_customers",
]
#: Customers up to this day are those of the first day [day].
FIRST_DAY = 1.0

#: Where the fit starts, and what it is pulled to: the model of `docs/guides/outage_outlook.md` at its ranges.
_START = SiteLaw(0.65, 0.25, 2.0, 8.0)
#: A typical miss of one day [share], and how many days of one disaster count.
_MISS, _DAYS_COUNTED = 0.06, 3


@dataclass(frozen=True, slots=True)
class PastEvent:
    """A past disaster: all that is known of it, and the sites off that were reported."""

    name: str
    known: Known
    reported: DaySeries


@dataclass(frozen=True, slots=True)
class Miss:
    """One reported day of a disaster that was left out, and its forecast [share]."""

    event: str
    day: float
    reported: float
    low: float
    median: float
    high: float

    @property
    def held(self) -> bool:
        """Whether the band holds the report."""
        return self.low <= self.reported <= self.high


@dataclass(frozen=True, slots=True)
class ModeError:
    """How far off a mode was: mean error and share within 10 points; days that the 80 % bands held."""

    mean_error_share: float
    within_10_points_share: float
    band_held_count: int
    day_count: int


#: The error of each mode, each disaster left out in turn; a test computes it again.
EXPECTED: dict[Tried, ModeError] = {
    "hazard": ModeError(0.149, 0.48, 25, 29),
    "customers": ModeError(0.037, 0.97, 29, 29),
    "customers_first_day": ModeError(0.116, 0.69, 28, 29),
    "access": ModeError(0.032, 0.93, 29, 29),
    "access_first_day": ModeError(0.039, 0.97, 28, 29),
    "nowcast": ModeError(0.028, 0.95, 22, 22),
    "nowcast_first_day": ModeError(0.035, 1.00, 22, 22),
    "nowcast_without_customers": ModeError(0.042, 0.86, 20, 22),
}


def past_events() -> list[PastEvent]:
    """The past disasters of `events.csv`, with all that a planner could have known."""
    text = (resources.files("ewsim.disturbances.outlook") / "events.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(text.splitlines()))
    found = []
    for name in dict.fromkeys(line["event"] for line in lines):
        mine = [line for line in lines if line["event"] == name]
        series = [
            DaySeries.of([(float(line["day"]), float(line[key])) for line in mine if line[key]])
            for key in ("customers_out_share", "sites_out_share")
        ]
        known = Known(
            hazard=cast("Any", mine[0]["hazard"]),
            place=cast("Any", mine[0]["place"]),
            access=cast("Any", mine[0]["access"]),
            extreme_zone_share=float(mine[0]["extreme_zone_share"]),
            customers=series[0],
        )
        found.append(PastEvent(name, known, series[1]))
    return found


def fit_law(events: Sequence[PastEvent]) -> SiteLaw:
    """The four numbers that fit these disasters best, pulled to their usual ranges."""
    spread = np.array([SPREADS.power_off_share, *_spreads()]) / 2

    def law_at(x: FloatArray) -> SiteLaw:
        return SiteLaw(
            float(expit(logit(_START.power_off_share) + x[0])),
            _START.transport_off_share * float(np.exp(x[1])),
            _START.power_days * float(np.exp(x[2])),
            _START.transport_days * float(np.exp(x[3])),
        )

    def loss(x: FloatArray) -> float:
        law = law_at(x)
        missed = sum(
            float(np.mean(((typical(event, law) - event.reported.share) / _MISS) ** 2))
            * min(event.reported.day.size, _DAYS_COUNTED)
            for event in events
        )
        return missed + float(np.sum((x / spread) ** 2))

    return law_at(minimize(loss, np.zeros(4), method="BFGS").x)


@cache
def _laws_without() -> list[tuple[PastEvent, SiteLaw]]:
    """Each past disaster with the numbers that fit the others."""
    events = past_events()
    return [(event, fit_law([other for other in events if other is not event])) for event in events]


def _spreads() -> tuple[float, float, float]:
    return SPREADS.transport_off_share, SPREADS.power_days, SPREADS.transport_days


def typical(event: PastEvent, law: SiteLaw) -> FloatArray:
    """Sites off on the reported days of a disaster, with the median of everything unknown."""
    known = event.known
    shares = [float(name == known.access) for name in NAMES]
    drawn = imagine(law, shares, known.hazard, None, known.extreme_zone_share, draws=1)
    mains = np.interp(event.reported.day, known.customers.day, known.customers.share)
    peak = np.array([known.customers.share.max()])
    return np.asarray(sites_off(drawn, event.reported.day, mains[None, :], peak)[0])


def left_out(mode: Tried) -> Iterator[Miss]:
    """Forecasts of every past disaster with the numbers fitted to the others.

    In a nowcast the first report corrects the later ones, which alone are counted.
    """
    for event, law in _laws_without():
        days = event.reported
        known = event.known
        if mode.endswith("_first_day"):
            day, share = known.customers.day, known.customers.share
            known = replace(known, customers=DaySeries(day[day <= FIRST_DAY], share[day <= FIRST_DAY]))
        if mode == "hazard":
            known = Known(hazard=known.hazard, place=known.place)
        elif mode.startswith("customers"):
            known = Known(customers=known.customers)
        elif mode in ("nowcast", "nowcast_first_day"):
            known = replace(known, reports=DaySeries(days.day[:1], days.share[:1]))
        elif mode == "nowcast_without_customers":
            known = Known(
                hazard=known.hazard, place=known.place, reports=DaySeries(days.day[:1], days.share[:1])
            )
        first = 1 if mode.startswith("nowcast") else 0
        if days.day.size == first:
            continue
        found = predict(known, days.day[first:].tolist(), law)
        middle = found.median if found.median is not None else (found.low + found.high) / 2
        for i, (low, median, high) in enumerate(zip(found.low, middle, found.high, strict=True), first):
            yield Miss(
                event.name, float(days.day[i]), float(days.share[i]), float(low), float(median), float(high)
            )


def error_of(misses: Sequence[Miss]) -> ModeError:
    """The error of a mode from its forecasts."""
    errors = np.array([abs(miss.median - miss.reported) for miss in misses])
    return ModeError(
        float(errors.mean()), float((errors <= 0.1).mean()), sum(m.held for m in misses), len(misses)
    )
