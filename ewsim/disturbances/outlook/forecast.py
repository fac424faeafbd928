"""A forecast of sites off by day from what is known: many imagined disasters, weighted by reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import expit, logit, ndtri

from ewsim.disturbances.outlook import customers
from ewsim.disturbances.outlook.classes import (
    ISLAND,
    MAINS_ONLY,
    NAMES,
    NO_DAMAGE,
    AccessName,
    HazardName,
    PlaceName,
    access_odds,
)
from ewsim.disturbances.outlook.law import FITTED, FloatArray, SiteLaw, imagine, sites_off

Mode = Literal["hazard", "customers", "access", "nowcast"]

#: What the law leaves out: a deviation in log-odds with this standard deviation that is forgotten over
#: so many days. Chosen so that the bands hold the past disasters that were left out.
_DEVIATION, _FORGOTTEN_DAYS = 0.45, 5.0
#: Error of a report in log-odds, and what comes on top in the first hours, while batteries hide what has
#: failed and operators have not counted yet. Assumption.
_REPORT_SPREAD, _EARLY_SPREAD, _EARLY_DAYS = 0.15, 0.4, 0.5
#: Reports of none or all are taken as these [share]: some site is always on, or off.
_REPORTED = (0.002, 0.99)
#: Sites fail together: so many share a hub or a feeder. Assumption, from counties of 22 to 1,500 sites.
_TOGETHER = 4.0
#: Points that stand for the deviation, evenly in probability.
_NODES = ndtri((np.arange(7) + 0.5) / 7)
#: The ends of the 80 % band, and the median.
_BAND = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class DaySeries:
    """Shares by day, in order of days [day, share]; each of shape (reports,)."""

    day: FloatArray
    share: FloatArray

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]]) -> DaySeries:
        """From pairs of day and share."""
        ordered = np.array(sorted(pairs), dtype=np.float64).reshape(-1, 2)
        return cls(ordered[:, 0], ordered[:, 1])


def _no_days() -> DaySeries:
    return DaySeries.of(())


@dataclass(frozen=True, slots=True)
class Known:
    """What a planner knows; days count from the end of the hazard, shares are of the area of the sites."""

    hazard: HazardName | None = None
    place: PlaceName | None = None
    hit_share: float | None = None
    customers: DaySeries = field(default_factory=_no_days)
    totals_change: bool = False
    access: AccessName | None = None
    passable_day: float | None = None
    extreme_zone_share: float | None = None
    reports: DaySeries = field(default_factory=_no_days)
    sites: int | None = None

    @property
    def mode(self) -> Mode:
        """The mode of knowing."""
        if self.reports.day.size:
            return "nowcast"
        if not self.customers.day.size:
            return "hazard"
        asked = (self.access, self.passable_day, self.extreme_zone_share)
        return "customers" if all(value is None for value in asked) else "access"


@dataclass(frozen=True, slots=True)
class Outlook:
    """Sites off by day [share], with an 80 % band; each of shape (days,). A hazard alone gives no median."""

    mode: Mode
    day: FloatArray
    customers: FloatArray
    low: FloatArray
    median: FloatArray | None
    high: FloatArray
    access_shares: dict[AccessName, float]


def access_shares(known: Known) -> FloatArray:
    """How probable each way of access is [share], shape (4,)."""
    if known.access is not None:
        return np.array([float(name == known.access) for name in NAMES])
    shares = np.array(access_odds(known.hazard, known.place))
    if known.passable_day is not None and known.hazard not in MAINS_ONLY:
        shares[ISLAND] *= known.passable_day >= 7
        shares[NO_DAMAGE] *= known.passable_day < 1
        shares /= shares.sum()
    if known.customers.day.size:
        shares = customers.access_given_mains(shares, known.customers.day, known.customers.share)
    return shares


def predict(known: Known, days: Sequence[float], law: SiteLaw = FITTED) -> Outlook:
    """Sites off by day.

    Parameters
    ----------
    known
        What is known.
    days
        Days that are wanted [day], in order.
    law
        The fitted numbers.
    """
    wanted = np.asarray(days, dtype=np.float64)
    every = np.concatenate([wanted, known.reports.day])
    shares = access_shares(known)
    drawn = imagine(law, shares, known.hazard, known.passable_day, known.extreme_zone_share)
    if known.customers.day.size:
        spread = customers.AREA_SPREAD * (1 + known.totals_change)
        mains, peak = customers.seen(drawn, every, known.customers.day, known.customers.share, spread)
    else:
        mains, peak = customers.unseen(drawn, every, known.hit_share)
    off = logit(sites_off(drawn, every, mains, peak))
    weight, off, deviation = _corrected(off, every, known)
    out = wanted.size
    low, median, high = _quantiles(off[:, :out], deviation[:out], weight)
    gone = np.array([_of_weighted(mains[:, i], weight, [0.5])[0] for i in range(out)])
    chance = np.bincount(drawn.access, weight, minlength=len(NAMES))
    of_access = {name: float(share) for name, share in zip(NAMES, chance, strict=True)}
    is_point = known.mode != "hazard"
    return Outlook(known.mode, wanted, gone, low, median if is_point else None, high, of_access)


def _corrected(off: FloatArray, day: FloatArray, known: Known) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights of the disasters, their log-odds and the deviation left over, after the reports.

    The deviation from the law is a Gaussian process in time, so given the reports it has a closed form for
    each disaster, and the probability of the reports is the disaster's weight.
    """
    spread = np.full(day.size, _DEVIATION)
    if known.sites:  # the fewer the sites, the more luck; a small area stays as lucky as it was
        share = expit(np.median(off, axis=0))
        spread = np.hypot(spread, np.minimum(np.sqrt(_TOGETHER / (known.sites * share * (1 - share))), 2.0))
    between = np.outer(spread, spread) * np.exp(-np.abs(np.subtract.outer(day, day)) / _FORGOTTEN_DAYS)
    reported = np.arange(day.size - known.reports.day.size, day.size)
    if not reported.size:
        return np.full(len(off), 1 / len(off)), off, spread
    error = _REPORT_SPREAD + _EARLY_SPREAD * np.exp(-known.reports.day / _EARLY_DAYS)
    noisy = between[np.ix_(reported, reported)] + np.diag(error**2)
    missed = logit(np.clip(known.reports.share, *_REPORTED)) - off[:, reported]
    solved = np.linalg.solve(noisy, missed.T).T
    fit = -0.5 * np.sum(missed * solved, axis=1)
    weight = np.exp(fit - fit.max())
    gain = between[:, reported]
    left = np.diag(between) - np.sum(gain * np.linalg.solve(noisy, gain.T).T, axis=1)
    return weight / weight.sum(), off + solved @ gain.T, np.sqrt(np.maximum(left, 1e-6))


def _quantiles(off: FloatArray, deviation: FloatArray, weight: FloatArray) -> FloatArray:
    """The ends of the band and the median [share], shape (3, days)."""
    many = np.repeat(weight, _NODES.size)
    found = [
        _of_weighted((off[:, i, None] + deviation[i] * _NODES).ravel(), many, _BAND)
        for i in range(deviation.size)
    ]
    return np.asarray(expit(np.array(found).T))


def _of_weighted(values: FloatArray, weight: FloatArray, shares: Sequence[float]) -> FloatArray:
    """The values below which these shares of the weight are."""
    order = np.argsort(values)
    places = np.searchsorted(np.cumsum(weight[order]), np.asarray(shares) * weight.sum())
    return np.asarray(values[order][np.minimum(places, len(values) - 1)])
