"""Kernels against formulas that have one right answer.

Each formula is worked out here anew, without the kernels' own functions: distributions of waiting
times by convolving their parts on a grid, queues and losses by their textbook recursions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.cb_plan import CBCH_SLOT_US
from ewsim.channels.reception import (
    LOSS_AT_THRESHOLD,
    LOSS_SLOPE_PER_DB,
    RatTiming,
    completion,
)
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, RATS, US
from ewsim.validation.rows import Row

FloatArray = NDArray[np.float64]

#: Phones a distribution is drawn for.
DRAWS = 20_000
_STEP_S = 0.001


def rows(*, only: str | None = None) -> Iterator[Row]:
    """Every comparison, those with a word in their id or authority."""
    for row in chain.from_iterable(check() for check in CHECKS):
        if only is None or only.lower() in f"{row.id} {row.authority}".lower():
            yield row


# --- time to first complete reception -------------------------------------------------------------


def transmissions_cdf(segments: int, loss: float, most: int) -> FloatArray:
    """P(complete after k transmissions), k = 0 .. most: each segment heard once or more."""
    k = np.arange(most + 1)
    m, r = k // segments, k % segments
    return np.asarray((1 - loss ** (m + 1)) ** r * (1 - loss**m) ** (segments - r))


def waiting_quantiles(
    uniforms_s: tuple[float, ...], unit_s: float, constant_s: float, segments: int, loss: float
) -> dict[int, float]:
    """50, 90 and 99 % of a sum of uniform waits [s] and (k - 1) units, on a grid of 1 ms."""
    density = np.array([1.0])
    for width in uniforms_s:
        density = np.convolve(density, np.full(max(round(width / _STEP_S), 1), 1.0))
        density /= density.sum()
    need = np.diff(transmissions_cdf(segments, loss, segments * 60), prepend=0.0)
    shift = round(unit_s / _STEP_S)
    whole = np.zeros(density.size + shift * need.size)
    for k in np.flatnonzero(need > 1e-12):
        at = (k - 1) * shift
        whole[at : at + density.size] += need[k] * density
    cumulated = np.cumsum(whole)
    return {
        q: float(np.searchsorted(cumulated, q / 100) * _STEP_S) + constant_s for q in (50, 90, 99)
    }


def _drawn(
    rat: int, segments: int, unit_us: int, airtime_us: int, paging_us: int, loss: float
) -> FloatArray:
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
        (Streams(1).uniform("validate.reception", np.arange(DRAWS), k) * 2**32).astype(np.uint32)
        for k in range(4)
    ]
    times = [
        completion(0, True, 0, level, rat, tuple(w[i] for w in words), timing) for i in range(DRAWS)
    ]
    return np.array(times) / US


def _reception() -> Iterator[Row]:
    for segments in (1, 2, 3, 7):
        exact = waiting_quantiles((1.28, 0.08, 0.64), 0.64, 0.0, segments, 0.01)
        drawn = _drawn(LTE, segments, 640_000, 0, 1_280_000, 0.01)
        yield from _quantiles(
            f"lte_{segments}", f"4G, {segments} segments, without pause", exact, drawn, 0.05
        )
    slot_s = CBCH_SLOT_US / US
    for pages in (1, 4, 15):
        loss = 1 - (1 - 0.01) ** 4  # four blocks a page
        exact = waiting_quantiles((slot_s,), slot_s, slot_s / 2, pages, loss)
        drawn = _drawn(GSM, pages, CBCH_SLOT_US, CBCH_SLOT_US // 2, 0, loss)
        yield from _quantiles(f"gsm_{pages}", f"2G, {pages} pages, 1 % of blocks lost", exact,
                              drawn, 0.3)  # fmt: skip


def _quantiles(
    name: str, what: str, exact: dict[int, float], drawn: FloatArray, tolerance: float
) -> Iterator[Row]:
    for q, value in exact.items():
        # The interval of a sample quantile, from the order statistics around it.
        width = 1.96 * np.sqrt(q / 100 * (1 - q / 100) / DRAWS) * 100
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


CHECKS: tuple[Callable[[], Iterator[Row]], ...] = (_reception,)
