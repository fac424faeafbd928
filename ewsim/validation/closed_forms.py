"""Kernels against formulas that have one right answer.

Each formula is worked out here again, without the kernels' own functions: distributions of waiting
times by convolving their parts on a grid, queues and losses by their textbook recursions.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.cell_broadcast.kernel import LOSS_AT_THRESHOLD, LOSS_SLOPE_PER_DB, completion
from ewsim.channels.cell_broadcast.plan import CBCH_SLOT_US
from ewsim.channels.cell_broadcast.reception import RatTiming
from ewsim.channels.location_based_sms.kernel import seize
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.channels.location_based_sms.timing import blocking_beside, drain_timing
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, RATS, US
from ewsim.validation import diffusion, hazards
from ewsim.validation.rows import Row

FloatArray = NDArray[np.float64]

#: Phones a distribution is drawn for.
_DRAWS = 20_000
_STEP_S = 0.001


def rows(*, only: str | None = None) -> Iterator[Row]:
    """Every comparison, those or those with this word in their id or authority."""
    for row in chain.from_iterable(check() for check in CHECKS):
        if only is None or only.lower() in f"{row.id} {row.authority}".lower():
            yield row


# --- time to first complete reception -------------------------------------------------------------


def _transmissions_cdf(segments: int, loss: float, most: int) -> FloatArray:
    """P(complete after k transmissions), k = 0 .. most: each segment heard once or more."""
    k = np.arange(most + 1)
    m, r = k // segments, k % segments
    return np.asarray((1 - loss ** (m + 1)) ** r * (1 - loss**m) ** (segments - r))


def _waiting_quantiles(
    uniforms_s: tuple[float, ...], unit_s: float, constant_s: float, segments: int, loss: float
) -> dict[int, float]:
    """50, 90 and 99 % of a sum of uniform waits [s] and (k - 1) units, on a grid of 1 ms."""
    density = np.array([1.0])
    for width in uniforms_s:
        density = np.convolve(density, np.full(max(round(width / _STEP_S), 1), 1.0))
        density /= density.sum()
    need = np.diff(_transmissions_cdf(segments, loss, segments * 60), prepend=0.0)
    shift = round(unit_s / _STEP_S)
    whole = np.zeros(density.size + shift * need.size)
    for k in np.flatnonzero(need > 1e-12):
        at = (k - 1) * shift
        whole[at : at + density.size] += need[k] * density
    cumulated = np.cumsum(whole)
    return {q: float(np.searchsorted(cumulated, q / 100) * _STEP_S) + constant_s for q in (50, 90, 99)}


def _drawn(rat: int, segments: int, unit_us: int, airtime_us: int, paging_us: int, loss: float) -> FloatArray:
    """Times of the kernel [s], for phones that were there when a cell began, without pause."""
    none = np.zeros(len(RATS), dtype=np.int64)
    timing = RatTiming(
        segments=none + segments,
        unit_us=none + unit_us,
        airtime_us=none + airtime_us,
        period_us=none + unit_us * segments,
        paging_us=none + paging_us,
        offset_us=none,
        late=none,
        late_mean_us=none,
        continuous=True,
    ).table()
    level = (np.log(1 / loss - 1) - np.log(1 / LOSS_AT_THRESHOLD - 1)) / LOSS_SLOPE_PER_DB
    words = [
        (Streams(1).uniform("validate.reception", np.arange(_DRAWS), k) * 2**32).astype(np.uint32)
        for k in range(4)
    ]
    times = [completion(0, True, 0, level, rat, tuple(w[i] for w in words), timing) for i in range(_DRAWS)]
    return np.array(times) / US


def _reception() -> Iterator[Row]:
    for segments in (1, 2, 3, 7):
        exact = _waiting_quantiles((1.28, 0.08, 0.64), 0.64, 0.0, segments, 0.01)
        drawn = _drawn(LTE, segments, 640_000, 0, 1_280_000, 0.01)
        yield from _quantiles(
            f"lte_{segments}",
            f"4G, {segments} segment{'s' * (segments > 1)}, without pause",
            exact,
            drawn,
            0.05,
        )
    slot_s = CBCH_SLOT_US / US
    for pages in (1, 4, 15):
        loss = 1 - (1 - 0.01) ** 4  # four blocks a page
        exact = _waiting_quantiles((slot_s,), slot_s, slot_s / 2, pages, loss)
        drawn = _drawn(GSM, pages, CBCH_SLOT_US, CBCH_SLOT_US // 2, 0, loss)
        yield from _quantiles(f"gsm_{pages}", f"2G, pages: {pages}, 1 % of blocks lost", exact, drawn, 0.3)


def _quantiles(
    name: str, what: str, exact: dict[int, float], drawn: FloatArray, tolerance: float
) -> Iterator[Row]:
    for q, value in exact.items():
        # The interval of a sample quantile, from the order statistics around it.
        width = 1.96 * np.sqrt(q / 100 * (1 - q / 100) / _DRAWS) * 100
        low, high = np.percentile(drawn, [max(q - width, 0), min(q + width, 100)])
        yield Row(
            id=f"reception_{name}_p{q}",
            authority="TS 36.331, TS 23.041: closed form",
            metric=f"{what}: {q} % have it within",
            unit="s",
            published=value,
            simulated=float(np.percentile(drawn, q)),
            low=float(low),
            high=float(high),
            tolerance=tolerance * (1 if q < 99 else 4),
            kind="closed_form",
        )


# --- queues ---------------------------------------------------------------------------------------


def _erlang_b(load: float, servers: int) -> float:
    """Calls lost where all servers are busy, by the recursion over servers (Erlang 1917)."""
    lost = 1.0
    for n in range(1, servers + 1):
        lost = load * lost / (n + load * lost)
    return lost


def _signalling_channels() -> Iterator[Row]:
    """Twelve 2G channels that messages hold for four seconds, as the drain seizes them."""
    hold, servers = 4 * US, 12
    ids = np.arange(_DRAWS * 2)
    gaps = Streams(1).exponential("validate.arrival", ids)
    luck = Streams(1).uniform("validate.luck", ids)
    (beside,) = blocking_beside(np.zeros(1), servers)
    for per_s in (2, 3, 4, 6):
        held = np.full(servers, -NEVER)
        at = np.cumsum(gaps * US / per_s).astype(np.int64)
        refused = [not seize(held, t, hold, beside, u) for t, u in zip(at, luck, strict=True)]
        share = float(np.mean(refused))
        # Arrivals are not independent while channels are full; batches of a hundred nearly are.
        batches = np.array(refused, dtype=np.float64).reshape(-1, 100).mean(axis=1)
        width = 1.96 * float(batches.std(ddof=1)) / np.sqrt(batches.size)
        yield Row(
            id=f"erlang_b_{per_s}",
            authority="Erlang B",
            metric=f"2G, {per_s} messages a second on 12 channels: refused",
            unit="share",
            published=_erlang_b(4 * per_s, servers),
            simulated=share,
            low=share - width,
            high=share + width,
            tolerance=0.01,
            kind="closed_form",
        )


def _drain_time() -> Iterator[Row]:
    """N messages at so many a second, one after another."""
    for people, rate in ((5_000, 100.0), (50_000, 500.0), (500_000, 500.0)):
        spec = LocationBasedSmsSpec(rate_per_s=rate, background_load_share=0)
        minutes = people * float(drain_timing(spec, 1).part_us[0]) / US / 60
        yield Row(
            id=f"drain_{people}",
            authority="N / rate",
            metric=f"SMS centre, {people:,} messages at {rate:.0f}/s",
            unit="min",
            published=people / rate / 60,
            simulated=minutes,
            low=minutes,
            high=minutes,
            tolerance=0.01,
            kind="closed_form",
        )


CHECKS: tuple[Callable[[], Iterator[Row]], ...] = (
    _reception,
    _signalling_channels,
    _drain_time,
    hazards.wind_profile,
    hazards.best_track,
    hazards.intensities,
    diffusion.against_formulas,
)
