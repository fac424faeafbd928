"""The share of sites off of one imagined disaster, as a function of time.

A site is off if it lies in the ruined zone, if it has no mains and no power of its own, or if its
link is cut:

    off = 1 - (1 - X) (1 - P) (1 - T)
    P = a G^k g(t) B(t) r(t)         power
    T = t0 G^k G B(t) exp(-w / tau_t)    transport
    X = e q exp(-w / tau_e)          ruined zone

with g the share of customers without mains, G its peak, B the share of batteries that are flat, r what
portable power leaves, and w the days since crews could work. `a`, `t0` and their times are fitted
(`ewsim.disturbances.outlook.fit`). All else is assumption with a source in `docs/guides/outage_outlook.md`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtr

from ewsim.disturbances.outlook.classes import (
    ACCESS,
    ISLAND,
    NO_DAMAGE,
    SHUTOFF_LONGER,
    TSUNAMI_REPAIR_DAYS,
    HazardName,
)
from ewsim.streams import Streams

FloatArray = NDArray[np.float64]

#: Disasters imagined for one forecast.
DRAWS = 4096
#: Odds of a site to be off grow with customer-hours to the power 1.38 (393 county-storms, Florida 2017-24):
#: where few customers are off, their cuts are short and batteries last.
SEVERITY_POWER = 0.38
#: Sites off for want of power that portable power never reaches, of those without mains. Assumption.
LEFT_SHARE = 0.08
#: Sites off in the ruined zone the morning after. Bay county in Michael: 0.78; worst counties of Harvey:
#: 0.74 to 0.95; Puerto Rico in Maria: 0.95 (FCC).
RUINED_OFF_SHARE = 0.85
#: Median battery of a site [day] and spread of sites (ln): 3 to 4 h (`docs/guides/outage_outlook.md`).
BATTERY_DAYS, BATTERY_SPREAD = 0.17, 0.8
#: Portable power and link crews start in the first morning [day]. Assumption.
CREWS_START_DAYS = 0.9
#: Without damage, links and sites that do not come back by themselves are started by hand: mean time [day].
#: Assumption.
RESTART_DAYS = 1.5
#: Shares stay this far from 0 and 1.
EDGE = 0.001


@dataclass(frozen=True, slots=True)
class SiteLaw:
    """The four fitted numbers: `a` and `t0` [share], `tau_r` and `tau_t` [day]."""

    power_off_share: float
    transport_off_share: float
    power_days: float
    transport_days: float


#: Spread between disasters: of log-odds for `a`, of logarithms for the rest. The ranges of past disasters
#: (0.25 to 0.75, 0.15 to 0.30, 1.5 to 4.5 d, 2 to 11 d), read as 80 % bands. Assumption.
SPREADS = SiteLaw(0.85, 0.4, 0.5, 0.6)
#: What the fit gives to all seven disasters (a test fits again).
FITTED = SiteLaw(0.65, 0.245, 2.26, 8.4)


@dataclass(frozen=True, slots=True)
class Disasters:
    """Imagined disasters, one an element; all arrays have the shape (draws,).

    `extreme_of_mains`: the ruined zone is not known, and grows with the mains that were lost.
    """

    access: NDArray[np.int64]
    power_off: FloatArray
    transport_off: FloatArray
    power_days: FloatArray
    transport_days: FloatArray
    left: FloatArray
    extreme: FloatArray
    extreme_of_mains: bool
    repair_days: FloatArray
    delay_days: FloatArray
    battery_days: FloatArray
    cut_before_days: FloatArray
    half_scatter: FloatArray
    customers_scatter: FloatArray
    customers_gap: FloatArray
    peak: FloatArray


def _normal(purpose: str, draws: int) -> FloatArray:
    """Standard normal numbers, one a disaster; of a single disaster the middle."""
    return np.zeros(1) if draws == 1 else Streams(0).normal(f"outlook.{purpose}", np.arange(draws))


def imagine(
    law: SiteLaw,
    access_shares: ArrayLike,
    hazard: HazardName | None = None,
    passable_day: float | None = None,
    extreme_zone_share: float | None = None,
    draws: int = DRAWS,
) -> Disasters:
    """Draw disasters that agree with what is known of the damage.

    Parameters
    ----------
    law
        The fitted numbers.
    access_shares
        How probable each way of access is [share], shape (4,).
    hazard
        What struck, where it is known.
    passable_day
        When roads are passable [day], where it is known.
    extreme_zone_share
        Share of the sites in the ruined zone [share], where it is known.
    draws
        How many; a single one has the median of everything.
    """

    def normal(purpose: str) -> FloatArray:
        return _normal(purpose, draws)

    order = (np.arange(draws) + 0.5) / draws
    shuffled = np.argsort(normal("access"), kind="stable")
    access = np.empty(draws, dtype=np.int64)
    access[shuffled] = np.minimum(
        np.searchsorted(np.cumsum(access_shares), order), np.flatnonzero(access_shares)[-1]
    )

    def of_access(key: str) -> tuple[FloatArray, FloatArray]:
        pairs = np.array([getattr(way, key) for way in ACCESS])[access]
        return pairs[:, 0], pairs[:, 1]

    median, spread = of_access("delay")
    if passable_day is None:
        delay = median * np.exp(spread * normal("delay"))
    else:
        delay = passable_day * np.exp(0.15 * normal("delay"))
    median, spread = of_access("extreme")
    if extreme_zone_share is None:
        extreme = np.where(median > 0, expit(logit(np.maximum(median, EDGE)) + spread * normal("extreme")), 0)
    else:
        known = np.clip(extreme_zone_share, EDGE, 1 - EDGE)
        extreme = expit(logit(known) + 0.5 * normal("extreme")) * (extreme_zone_share > 0)
    median, spread = of_access("repair")
    if hazard == "tsunami":
        median = np.maximum(median, TSUNAMI_REPAIR_DAYS)
    ruined_days = median * np.exp(spread * normal("repair"))
    island = access == ISLAND
    transport = law.transport_off_share * np.array([way.transport_factor for way in ACCESS])[access]
    usual = np.where(access == NO_DAMAGE, RESTART_DAYS, law.transport_days)
    transport_days = usual * np.exp(SPREADS.transport_days * normal("transport_days"))
    slow = ACCESS[ISLAND].repair[0] * np.exp(0.4 * normal("transport_days"))
    return Disasters(
        access=access,
        power_off=expit(logit(law.power_off_share) + SPREADS.power_off_share * normal("power_off")),
        transport_off=np.minimum(
            transport * np.exp(SPREADS.transport_off_share * normal("transport_off")), 0.9
        ),
        power_days=law.power_days * np.exp(SPREADS.power_days * normal("power_days")),
        transport_days=np.where(island, slow, transport_days),
        left=expit(logit(LEFT_SHARE) + 0.8 * normal("left")),
        extreme=extreme * expit(logit(RUINED_OFF_SHARE) + 0.8 * normal("ruined_off")),
        extreme_of_mains=extreme_zone_share is None,
        repair_days=ruined_days,
        delay_days=delay,
        battery_days=BATTERY_DAYS * np.exp(0.5 * normal("battery")),
        cut_before_days=np.where(access == NO_DAMAGE, 0.0, 0.24 * ndtr(normal("cut_before"))),
        half_scatter=normal("half") + SHUTOFF_LONGER * (hazard == "shutoff"),
        customers_scatter=normal("customers"),
        customers_gap=normal("gap"),
        peak=normal("peak"),
    )


def sites_off(of: Disasters, days: ArrayLike, customers: FloatArray, peak: FloatArray) -> FloatArray:
    """The share of sites off, shape (draws, days).

    Parameters
    ----------
    of
        The disasters.
    days
        Days since the hazard has passed [day], shape (days,).
    customers
        Share of customers without mains [share], shape (draws, days).
    peak
        Its highest value [share], shape (draws,).
    """
    day = np.asarray(days, dtype=np.float64)[None, :]

    def each(values: FloatArray) -> FloatArray:
        return values[:, None]

    top = each(peak)
    since_cut = np.maximum(day + each(of.cut_before_days), 1e-3)
    flat = ndtr(np.log(since_cut / each(of.battery_days)) / BATTERY_SPREAD)
    severity = np.where(each(of.access == NO_DAMAGE), 1.0, top**SEVERITY_POWER)
    portable = np.maximum(day - CREWS_START_DAYS - each(of.delay_days), 0)
    # On a ruined island crews rebuild from the start, at their own slow rate; only portable power waits.
    waiting = np.where(of.access == ISLAND, 0.0, of.delay_days)
    crews = np.maximum(day - CREWS_START_DAYS - each(waiting), 0)
    remains = each(of.left) + (1 - each(of.left)) * np.exp(-portable / each(of.power_days))
    power = each(of.power_off) * severity * customers * flat * remains
    transport = each(of.transport_off) * severity * top * flat * np.exp(-crews / each(of.transport_days))
    zone = each(of.extreme) * (top * severity if of.extreme_of_mains else 1.0)
    ruined = zone * np.exp(-crews / each(of.repair_days))
    off = 1 - (1 - ruined) * (1 - power) * (1 - transport)
    return np.asarray(np.clip(off, EDGE, 1 - EDGE))
