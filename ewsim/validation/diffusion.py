"""People who tell each other, against the closed forms of diffusion and what surveys found.

Surveys: the Dutch test of 8 June 2020 (90 % of people of 12 and over had it on their phone, 94 % knew,
Rijksoverheid), and who first heard from a person in 21 disasters (LifeSim Technical Reference Manual,
appendix C: median 35 %, quartiles 21 and 46 %).

Assumption: everybody may tell everybody, as the closed forms have it.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ewsim.population.journeys import Journeys
from ewsim.population.people import People
from ewsim.response import curves
from ewsim.response.telling import WordOfMouth, passed_on
from ewsim.scenario.spec.response import TellingSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US
from ewsim.validation.rows import Kind, Row

_PEOPLE = 10_000
_RUNS = 4
_MINUTE_US = 60 * US
#: Sources reach 2 % of those who do not know each minute; people who know reach others at these rates, as
#: multiples: at each the closed form gives the share of first alerts by a person that a quartile has.
_BROADCAST = 0.02
_QUARTILES = ((0.58, 0.21, "lower quartile"), (1.24, 0.35, "median"), (2.09, 0.46, "upper quartile"))


def crowd(count: int) -> People:
    """So many people in one place, alike and always there."""
    zero = np.zeros(count, dtype=np.int8)
    return People(
        weight=np.ones(count, dtype=np.int32),
        x_m=np.zeros(count),
        y_m=np.zeros(count),
        journeys=Journeys.of(count),
        indoors=np.ones(count, dtype=np.bool_),
        age_band=zero,
        sex=zero,
        disability=zero,
        settlement=zero,
        language=zero,
        zone=np.zeros(count, dtype=np.int32),
        handset=np.arange(count, dtype=np.int32),
        languages=("en",),
        zone_names=("here",),
    )


def _heard_from(known_us: NDArray[np.int64], spec: TellingSpec, seed: int, horizon_us: int) -> WordOfMouth:
    """Who hears of it in a crowd of one place."""
    people = crowd(known_us.size)
    return passed_on(spec, known_us, people, Streams(seed), night=False, horizon_us=horizon_us)


def _diffused(contagion: float, seed: int) -> WordOfMouth:
    """Sources that broadcast, and people who go on telling others; rates a minute."""
    known = Streams(seed).exponential("validate.broadcast", np.arange(_PEOPLE)) / _BROADCAST
    mean_s = 60 / contagion
    spec = TellingSpec(informed_count=None, start_median_s=0, interval_mean_s=mean_s, same_place_share=1)
    return _heard_from(np.rint(known * _MINUTE_US).astype(np.int64), spec, seed, 500 * _MINUTE_US)


def against_formulas() -> Iterator[Row]:
    """Rogers and Sorensen's form, and a contagion in which each tells so many once."""
    runs = []
    for seed in range(1, _RUNS + 1):
        found = _diffused(0.05, seed)
        times = np.sort(found.known_us) / _MINUTE_US
        runs.append((times[_PEOPLE // 2], times[_PEOPLE * 9 // 10], found.informed.mean()))
    exact = (
        curves.diffusion_time(0.5, _BROADCAST, 0.05) or np.nan,
        curves.diffusion_time(0.9, _BROADCAST, 0.05) or np.nan,
        curves.informal_share(_BROADCAST, 0.05),
    )
    names = (
        ("half know after", "min", 0.5),
        ("90 % know after", "min", 1.0),
        ("heard from a person first", "share", 0.01),
    )
    for (metric, unit, tolerance), right, values in zip(names, exact, np.array(runs).T, strict=True):
        name = f"diffusion_{metric.replace(' ', '_').replace('%', 'percent')}"
        yield _row(name, "Rogers-Sorensen form", f"telling: {metric}", unit, right, values, tolerance)
    for first, informed in ((0.6, 0.5), (0.05, 2.0)):
        exact_share, values = curves.final_share(first, informed), _finally(first, informed)
        metric = f"telling: know in the end, {first:.0%} at first, each tells {informed:g}"
        yield _row(
            f"final_{first}_{informed}", "final size of a contagion", metric, "share", exact_share, values
        )


def rows(*, only: str | None = None) -> Iterator[Row]:
    """What surveys found, those or those with this word in their id or authority."""
    for row in _surveys():
        if only is None or only.lower() in f"{row.id} {row.authority}".lower():
            yield row


def _surveys() -> Iterator[Row]:
    values = _finally(0.90, TellingSpec().informed_count or 0.0)
    metric = "Know of the test, 90 % by their own phone"
    yield _row("nl_2020_informed", "Netherlands 2020", metric, "share", 0.94, values, 0.04, "calibrated")
    for ratio, published, name in _QUARTILES:
        shares = np.array(
            [_diffused(ratio * _BROADCAST, seed).informed.mean() for seed in range(1, _RUNS + 1)]
        )
        metric = f"First heard from a person, {name} of 21 disasters"
        row = f"informal_{name.replace(' ', '_')}"
        yield _row(row, "LifeSim App. C", metric, "share", published, shares, 0.02, "calibrated")


def _finally(first: float, informed: float) -> NDArray[np.float64]:
    """Shares that know in the end, a run each, when a share knows at first and each tells so many."""
    spec = TellingSpec(informed_count=informed)
    shares = []
    for seed in range(1, _RUNS + 1):
        at_first = Streams(seed).uniform("validate.first", np.arange(4 * _PEOPLE)) < first
        found = _heard_from(np.where(at_first, 0, NEVER), spec, seed, 10**13)
        shares.append(float((found.known_us < NEVER).mean()))
    return np.array(shares)


def _row(
    name: str,
    authority: str,
    metric: str,
    unit: str,
    exact: float,
    values: NDArray[np.float64],
    tolerance: float = 0.02,
    kind: Kind = "closed_form",
) -> Row:
    mean, spread = float(values.mean()), 1.96 * float(values.std(ddof=1))
    return Row(name, authority, metric, unit, exact, mean, mean - spread, mean + spread, tolerance, kind)
