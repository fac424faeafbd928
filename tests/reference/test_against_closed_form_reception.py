"""Time to first complete reception, against its closed form and against brute force.

The golden values are those of the closed form evaluated with 50,000-run Monte Carlo by hand of an
independent script (seconds; period 0.64 s, loss 0.01, continuous, without upstream and display).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewsim.channels.cell_broadcast.kernel import (
    LOSS_SLOPE_PER_DB,
    completion,
    segment_loss,
    transmissions_needed,
)
from ewsim.channels.cell_broadcast.plan import CBCH_SLOT_US
from ewsim.channels.cell_broadcast.reception import RatTiming
from ewsim.engine.reference import cell_broadcast as reference
from ewsim.streams import Streams
from ewsim.units import GSM, LTE

RUNS = 20_000

#: (segments, paging cycle s): p50, p90, p99 in seconds
GOLDEN = {
    (1, 0.32): (0.52, 0.81, 0.98),
    (1, 1.28): (1.00, 1.57, 1.87),
    (1, 2.56): (1.65, 2.68, 3.08),
    (2, 0.32): (1.17, 1.46, 2.12),
    (2, 1.28): (1.65, 2.22, 2.62),
    (2, 2.56): (2.30, 3.33, 3.77),
    (3, 0.32): (1.81, 2.11, 3.45),
    (3, 1.28): (2.30, 2.88, 3.87),
    (3, 2.56): (2.95, 3.99, 4.68),
    (7, 0.32): (4.38, 4.73, 8.57),
    (7, 1.28): (4.89, 5.55, 9.05),
    (7, 2.56): (5.57, 6.69, 9.82),
}


def level_for(loss: float) -> float:
    """The signal at which segments are lost with this probability [dB]."""
    return (np.log(1 / loss - 1) - np.log(9)) / LOSS_SLOPE_PER_DB


def sample(rat: int, segments: int, unit_s: float, airtime_s: float, paging_s: float, loss: float):
    """Times to completion of phones that were there at the start, continuous mode [s]."""
    none = np.zeros(4, dtype=np.int64)
    in_us = [none + round(s * 1e6) for s in (unit_s, airtime_s, segments * unit_s, paging_s)]
    timing = RatTiming(none + segments, *in_us, none, none, none, True).table()
    ids = np.arange(RUNS)
    words = [(Streams(7).uniform("test", ids, k) * 2**32).astype(np.uint32) for k in range(4)]
    level = level_for(loss) if loss else 1000.0
    return (
        np.array(
            [completion(0, True, 0, level, rat, tuple(w[i] for w in words), timing) for i in range(RUNS)]
        )
        / 1e6
    )


@pytest.mark.parametrize(("segments", "paging_s"), list(GOLDEN))
def test_4g_latency_meets_the_published_quantiles(segments: int, paging_s: float) -> None:
    times = sample(LTE, segments, 0.64, 0.0, paging_s, 0.01)
    p50, p90, p99 = np.percentile(times, [50, 90, 99])
    expected = GOLDEN[segments, paging_s]
    assert p50 == pytest.approx(expected[0], abs=0.03)
    assert p90 == pytest.approx(expected[1], abs=0.05)
    assert p99 == pytest.approx(expected[2], abs=0.2)


@pytest.mark.parametrize(
    ("pages", "block_loss", "p50", "p99"),
    [
        (1, 0.0, 1.9, 2.8),
        (1, 0.05, 2.1, 6.3),
        (4, 0.01, 7.7, 15.8),
        (4, 0.05, 9.8, 29.1),
        (15, 0.0, 28.3, 29.2),
        (15, 0.05, 55.7, 128.6),
    ],
)
def test_2g_latency_meets_the_published_quantiles(
    pages: int, block_loss: float, p50: float, p99: float
) -> None:
    """A page is lost when any of its four blocks is."""
    slot = CBCH_SLOT_US / 1e6
    assert slot == pytest.approx(1.883, abs=0.001)
    page_loss = 1 - (1 - block_loss) ** 4
    times = sample(GSM, pages, slot, slot / 2, 0.0, page_loss)
    assert np.percentile(times, 50) == pytest.approx(p50, rel=0.03)
    assert np.percentile(times, 99) == pytest.approx(p99, rel=0.06)


def test_mean_without_loss_is_the_sum_of_its_parts() -> None:
    times = sample(LTE, 3, 0.64, 0.0, 1.28, 0.0)
    assert times.mean() == pytest.approx(1.28 / 2 + 0.04 + 0.64 / 2 + 2 * 0.64, abs=0.01)


@given(u=st.floats(1e-9, 1 - 1e-9), p=st.floats(0, 0.95), n=st.integers(1, 64))
def test_inversion_finds_what_search_finds(u: float, p: float, n: int) -> None:
    fast, slow = transmissions_needed(u, p, n), reference.transmissions_needed(u, p, n)
    if fast != slow:  # u on a step of F, where rounding decides
        m, r = divmod(min(fast, slow), n)
        step = (1 - p ** (m + 1)) ** r * (1 - p**m) ** (n - r)
        assert step == pytest.approx(u, abs=1e-12)
        assert abs(fast - slow) == 1


@pytest.mark.parametrize(("n", "p"), [(3, 0.1), (2, 0.3), (7, 0.3), (15, 0.05)])
def test_number_of_transmissions_against_a_cell_that_really_sends(n: int, p: float) -> None:
    """Segments sent in turn, each lost or not by its own coin: the same distribution of k."""
    runs = 4000
    coins = Streams(11).uniform("coin", np.arange(runs * 40 * n)).reshape(runs, 40 * n) >= p
    need = np.empty(runs)
    for i in range(runs):
        heard: set[int] = set()
        for j in range(40 * n):
            if coins[i, j]:
                heard.add(j % n)
                if len(heard) == n:
                    need[i] = j + 1
                    break
    drawn = [transmissions_needed(u, p, n) for u in Streams(12).uniform("u", np.arange(runs))]
    for k in range(n, 4 * n):
        m, r = divmod(k, n)
        closed = (1 - p ** (m + 1)) ** r * (1 - p**m) ** (n - r)
        tolerance = 4 * np.sqrt(closed * (1 - closed) / runs) + 1e-9
        assert (need <= k).mean() == pytest.approx(closed, abs=tolerance)
        assert (np.array(drawn) <= k).mean() == pytest.approx(closed, abs=tolerance)


def test_loss_is_a_tenth_at_the_threshold_and_falls_with_signal() -> None:
    assert segment_loss(0.0) == pytest.approx(0.1)
    losses = [segment_loss(level) for level in np.linspace(-10, 30, 50)]
    assert all(a > b for a, b in pairwise(losses))
    assert reference.segment_loss(3.3) == pytest.approx(segment_loss(3.3))


#: Published for 7 and 2 segments at a paging cycle of 1.28 s: (segments, loss): p50, p90, p99.
LOSSY = {(7, 0.1): (5.6, 9.5, 13.9), (7, 0.3): (9.7, 17.0, 26.2), (2, 0.3): (2.2, 4.1, 6.5)}


@pytest.mark.parametrize(("segments", "loss"), list(LOSSY))
def test_loss_stretches_4g_latency_as_published(segments: int, loss: float) -> None:
    times = sample(LTE, segments, 0.64, 0.0, 1.28, loss)
    expected = LOSSY[segments, loss]
    assert np.percentile(times, [50, 90, 99]) == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(
    ("k", "published"), [(3, 0.7290), (4, 0.8019), (5, 0.8821), (6, 0.9703), (9, 0.9970)]
)
def test_distribution_of_transmissions_has_the_published_values(k: int, published: float) -> None:
    """N = 3, p = 0.1: the share of phones that need k transmissions at most."""
    drawn = [transmissions_needed(u, 0.1, 3) for u in (np.arange(20_000) + 0.5) / 20_000]
    assert (np.array(drawn) <= k).mean() == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_once_a_repetition_a_phone_is_complete_after_b_passes_by_the_formula(passes: int) -> None:
    """(1 - p**b)**N; and each failed pass costs a whole repetition period."""
    n, p, period = 3, 0.2, 30_000_000
    none = np.zeros(4, dtype=np.int64)
    timing = RatTiming(none + n, none + 640_000, none, none + period, none, none, none, none, False).table()
    words = [(Streams(8).uniform("test", np.arange(RUNS), k) * 2**32).astype(np.uint32) for k in range(4)]
    times = np.array(
        [completion(0, True, 0, level_for(p), LTE, tuple(w[i] for w in words), timing) for i in range(RUNS)]
    )
    assert (times < passes * period).mean() == pytest.approx((1 - p**passes) ** n, abs=0.012)


def test_etws_primary_arrives_within_four_seconds() -> None:
    """TS 22.168: 4 s to phones in the notification area; one block, a paging cycle, its period."""
    for period in (0.08, 0.16, 0.32):
        times = sample(LTE, 1, period, 0.0, 2.56, 0.01)
        assert (times < 4.0).mean() > 0.999
        ideal = sample(LTE, 1, period, 0.0, 1.28, 0.0)
        assert ideal.mean() == pytest.approx(0.64 + period / 2 + 0.04, abs=0.01)
        assert ideal.max() <= 1.28 + period + 0.08
