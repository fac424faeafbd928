"""The share of customers without mains in imagined disasters: read, between days, and beyond them."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit, ndtr

from ewsim.disturbances.outlook.classes import ACCESS, ISLAND, NO_DAMAGE
from ewsim.disturbances.outlook.law import Disasters, FloatArray

#: How far a reported share of customers is from that of the area of the sites (log-odds); with totals that
#: change twice as far. About 5 points, assumption.
AREA_SPREAD = 0.25
#: Further spread for a day without a report (log-odds, at one day from the next report). Assumption.
_GAP_SPREAD = 0.2
#: Share of customers without mains, of those in the area that was hit: log-odds. Assumption.
_OF_HIT = (0.9, 1.5)
#: Peak share of customers without mains in the way of each access (log-odds): a ruined island has no mains
#: anywhere. Assumption.
_PEAKS = ((1.0, 2.0), (0.0, 1.7), (0.0, 1.7), (2.5, 1.5))
#: Share of the people in the area where the hazard did damage, unless it is known (normal scores); more
#: where the mains alone went, as the area is then the one that was cut. Assumption.
_HIT, _HIT_BY_CUT = (0.3, 1.2), 2.0
#: A smaller share of customers is taken as this.
_LEAST = 1e-4
#: A peak is looked for from this day on [day].
_PEAK_DAY = 0.3


def access_given_mains(odds: ArrayLike, day: FloatArray, share: FloatArray) -> FloatArray:
    """How probable each way of access is, now that the return of mains is seen; shape (4,).

    Mains and sites wait for the same roads. The peak, and the time until half of the customers are back,
    are compared with what is usual; where half are not back yet, that counts too.

    Parameters
    ----------
    odds
        The same before [share], shape (4,).
    day, share
        Customers without mains by day [day, share], shape (reports,).
    """
    share = np.maximum(share, _LEAST)
    top = int(np.argmax(share))
    peak = float(share[top])
    half_days, reached = max(float(day[-1] - max(day[top], 0)), 0.1), False
    below = np.flatnonzero(share[top:] <= peak / 2)
    if below.size:
        at = top + int(below[0])
        before = np.sqrt(share[at - 1])
        part = (before - np.sqrt(peak / 2)) / max(before - np.sqrt(share[at]), 1e-9)
        half_days = max(float(day[at - 1] + part * (day[at] - day[at - 1]) - max(day[top], 0)), 0.1)
        reached = True
    usual = np.array([_usual_half(i, peak) for i in range(len(ACCESS))])
    spread = np.array([way.half[1] for way in ACCESS])
    late = (np.log(half_days) - np.log(usual)) / spread
    likely = np.exp(-0.5 * late**2) / spread / np.sqrt(2 * np.pi) if reached else ndtr(-late)
    middle, wide = np.array(_PEAKS).T
    height = logit(np.clip(peak, 0.02, 0.98))
    likely = likely * np.exp(-0.5 * ((height - middle) / wide) ** 2) / wide
    weight = np.asarray(odds) * np.maximum(likely, 1e-9)
    return np.asarray(weight / weight.sum())


def _usual_half(access: int, peak: float) -> float:
    """Days until half have mains again: longer where more lost them, except in a blackout."""
    days = ACCESS[access].half[0]
    return days if access in (NO_DAMAGE, ISLAND) else days * float(max(peak, 0.05) / 0.5) ** 0.5


def half_times(of: Disasters, peak: FloatArray) -> FloatArray:
    """Days until half of the customers have mains again, shape (draws,)."""
    pairs = np.array([way.half for way in ACCESS])[of.access]
    fixed = (of.access == NO_DAMAGE) | (of.access == ISLAND)
    days = pairs[:, 0] * np.where(fixed, 1.0, (np.maximum(peak, 0.05) / 0.5) ** 0.5)
    return np.asarray(days * np.exp(pairs[:, 1] * of.half_scatter))


def _steepness(of: Disasters) -> FloatArray:
    """What nobody has to rebuild comes back late and then at once (2), the rest at a rate (1); (draws, 1)."""
    return np.where(of.access == NO_DAMAGE, 2.0, 1.0)[:, None]


def unseen(of: Disasters, days: ArrayLike, hit_share: float | None) -> tuple[FloatArray, FloatArray]:
    """Customers without mains where none are reported, shape (draws, days), and the peak, shape (draws,).

    Parameters
    ----------
    of
        The disasters.
    days
        Days since the hazard has passed [day], shape (days,).
    hit_share
        Share of the people in the area where the hazard did damage [share]; None: unknown.
    """
    if hit_share is None:
        middle = np.where(of.access == NO_DAMAGE, _HIT_BY_CUT, _HIT[0])
        hit = np.where(of.access == ISLAND, 1.0, ndtr(middle + _HIT[1] * of.customers_gap))
    else:
        hit = np.full(of.peak.size, hit_share)
    of_hit = np.array([(6.0, 0.0) if i == NO_DAMAGE else _OF_HIT for i in range(len(ACCESS))])
    of_hit[ISLAND] = 2.5, 1.0
    middle, spread = of_hit[of.access].T
    peak = hit * expit(middle + spread * of.peak)
    half = half_times(of, peak)
    day = np.asarray(days, dtype=np.float64)[None, :]
    return peak[:, None] * 0.5 ** ((day / half[:, None]) ** _steepness(of)), peak


def seen(
    of: Disasters, days: ArrayLike, day: FloatArray, share: FloatArray, area_spread: float = AREA_SPREAD
) -> tuple[FloatArray, FloatArray]:
    """Customers without mains where some are reported, shape (draws, days), and the peak, shape (draws,).

    Between reports the square root is a straight line, which lies between a line and a constant rate.
    Before the first report mains go, and after the last they return, at the rate of each disaster; or, if
    they returned already, at the rate that was seen.

    Parameters
    ----------
    of
        The disasters.
    days
        Days that are wanted [day], shape (days,).
    day, share
        The reports [day, share], shape (reports,).
    area_spread
        How far the reports are from the area of the sites (log-odds) [1].
    """
    wanted = np.asarray(days, dtype=np.float64)
    share = np.maximum(share, _LEAST)
    top = int(np.argmax(share))
    peak = np.full(of.peak.size, share[top])
    half = half_times(of, peak)
    fell = share[-1] < 0.9 * share[top]
    seen_days = float(day[-1] - max(day[top], 0))
    if fell:
        rate = np.log(share[top] / share[-1]) / np.log(2) / max(seen_days, 0.1)
        after = np.exp(0.5 * of.half_scatter) / rate
    else:
        after = np.maximum(half, seen_days * np.exp(0.5 * np.abs(of.half_scatter)))
    inside = np.interp(wanted, day, np.sqrt(share)) ** 2
    early = np.maximum(day[0] - wanted, 0)[None, :]
    late = np.maximum(wanted - day[-1], 0)[None, :]
    fall = (late / after[:, None]) ** (1.0 if fell else _steepness(of))
    path = inside[None, :] * 0.5**fall * 2 ** np.minimum(early / half[:, None], 60)
    start = max(day[0] - _PEAK_DAY, 0)
    peak = np.maximum(peak, share[0] * 2 ** np.minimum(start / half, 60))
    gap = np.min(np.abs(wanted[:, None] - day[None, :]), axis=1)
    away = area_spread * of.customers_scatter[:, None]
    unsure = np.minimum(_GAP_SPREAD * np.sqrt(gap), 0.6)[None, :] * of.customers_gap[:, None]

    def moved(values: FloatArray, by: FloatArray) -> FloatArray:
        return np.asarray(expit(logit(np.clip(values, _LEAST, 1 - _LEAST)) + by))

    return moved(path, away + unsure), moved(peak, away[:, 0])
