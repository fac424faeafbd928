"""SMS centres, pagers and 2G channels against closed forms of queueing theory.

Erlang B (A. K. Erlang 1917), M/D/1 (Pollaczek and Khinchine), M/D/c (Crommelin 1932), and the
published drain and paging figures that the model's documentation quotes.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ewsim.channels.location_based_sms.drain import SubscriberList, drain_list, empty_delivery
from ewsim.channels.location_based_sms.kernel import seize
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.channels.location_based_sms.timing import blocking_beside, drain_timing, paging
from ewsim.population.presence.windows import Presence
from ewsim.streams import DrawKey, Streams
from ewsim.units import GSM, LTE, NEVER, US


def erlang_b(load_erlang: float, servers: int) -> float:
    """How often a call is lost where no message holds a server."""
    return float(blocking_beside(np.array([load_erlang]), servers)[0, 0])


@pytest.mark.parametrize(
    ("arrivals_per_s", "blocked"), [(1, 0.0006), (2, 0.051), (3, 0.199), (4, 0.342), (6, 0.533)]
)
def test_twelve_signalling_channels_held_four_seconds(arrivals_per_s: int, blocked: float) -> None:
    assert erlang_b(4 * arrivals_per_s, 12) == pytest.approx(blocked, abs=6e-4)


def test_erlang_b_is_a_truncated_poisson_number() -> None:
    for load in (0.3, 4.0, 60.0):
        n = np.arange(13)
        expected = stats.poisson.pmf(12, load) / stats.poisson.pmf(n, load).sum()
        assert erlang_b(load, 12) == pytest.approx(expected)


@pytest.mark.parametrize(("messages", "calls"), [(8, 0), (4, 4), (2, 10), (16, 2)])
def test_messages_and_calls_share_a_cell_as_erlang_says(messages: float, calls: float) -> None:
    """Messages in the open, calls in balance: together they are blocked as one Erlang load."""
    ids = np.arange(200_000)
    streams = Streams(7)
    hold = 4 * US
    at = np.cumsum(streams.exponential("arrival", ids) * hold / messages).astype(np.int64)
    luck = streams.uniform("luck", ids)
    (blocking,) = blocking_beside(np.array([float(calls)]), 12)
    assert blocking[4] == pytest.approx(erlang_b(calls, 8))
    held = np.full(12, -NEVER)
    refused = sum(not seize(held, t, hold, blocking, u) for t, u in zip(at, luck, strict=True))
    assert refused / ids.size == pytest.approx(erlang_b(messages + calls, 12), abs=0.006)


@pytest.mark.parametrize(
    ("people", "rate_per_s", "minutes"),
    [(5_000, 100, 0.8), (50_000, 500, 1.7), (500_000, 500, 16.7), (500_000, 2000, 4.2)],
)
def test_the_drain_takes_the_published_minutes(people: int, rate_per_s: int, minutes: float) -> None:
    """N parts at so many a second, one operator, an idle centre."""
    spec = LocationBasedSmsSpec(rate_per_s=rate_per_s, background_load_share=0)
    assert people * drain_timing(spec, 1).part_us[0] / 60e6 == pytest.approx(minutes, abs=0.06)


@pytest.mark.parametrize(
    ("nb", "records", "pages_per_s"),
    [("4T", 3, 1200), ("T", 8, 800), ("T/2", 16, 800), ("T/4", 3, 75), ("T/32", 16, 50)],
)
def test_paging_capacity_of_4g(nb: str, records: int, pages_per_s: int) -> None:
    spec = LocationBasedSmsSpec.model_validate(
        {"paging_nb": nb, "paging_records_count": records, "paging_usable_share": 1}
    )
    at_once, page_us = paging(spec)
    assert 1e6 * at_once[LTE] / page_us[LTE] == pytest.approx(pages_per_s, rel=1e-3)


@pytest.mark.parametrize(("blocks", "pages_per_s"), [(9, 153), (5, 85)])
def test_paging_capacity_of_2g(blocks: int, pages_per_s: int) -> None:
    at_once, page_us = paging(LocationBasedSmsSpec(paging_blocks_2g_count=blocks, paging_usable_share=1))
    assert 1e6 * at_once[GSM] / page_us[GSM] == pytest.approx(pages_per_s, abs=0.5)


def waits(load: float, servers: int, count: int, areas: int) -> np.ndarray:
    """Waits for the pager, as multiples of its service time; areas take messages at random."""
    service_us = 100_000
    spec = LocationBasedSmsSpec(background_load_share=0, core_routing_s=0, radio_4g_s=0)
    part_us = round(service_us / (load * servers * areas))
    timing = drain_timing(spec, 1)
    changed = {
        "part_us": np.array([part_us]),
        "page_us": np.full((1, 4), service_us),
        "paging_cycle_us": 0,
        "records": np.full(4, servers),
        "discard_us": NEVER,
        "success_share": 1.0,
        "validity_us": NEVER // 2,
    }
    timing = timing._replace(**changed)
    cell = (Streams(3).uniform("area", np.arange(count)) * areas).astype(np.int32)
    where = Presence(
        np.arange(count + 1),
        cell,
        np.zeros(count, np.float32),
        np.zeros(count, np.int64),
        np.full(count, NEVER),
        np.full(count, -NEVER),
        np.full(count, NEVER),
    )
    out = empty_delivery(count)
    listed = SubscriberList(np.arange(count), np.arange(count, dtype=np.int32), np.ones(count, np.int64), 0)
    area, rat = np.arange(areas, dtype=np.int32), np.full(areas, LTE, np.int8)
    drain_list(out, listed, where, area, rat, timing, NEVER // 2, DrawKey(1, 0, 1))
    asked = out.taken_us + part_us
    return (out.received_us - asked - service_us)[count // 10 :] / service_us


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_pages_of_one_area_wait_as_in_m_d_1(load: float) -> None:
    """Pollaczek-Khinchine: the mean wait is rho / (2 (1 - rho)) services; none with 1 - rho."""
    found = waits(load, 1, 400_000, 200)
    assert found.mean() == pytest.approx(load / (2 * (1 - load)), rel=0.03)
    assert (found == 0).mean() == pytest.approx(1 - load, abs=0.01)


@pytest.mark.parametrize(("load", "servers"), [(0.7, 3), (0.9, 4)])
def test_pages_of_several_phones_wait_as_in_m_d_c(load: float, servers: int) -> None:
    """Crommelin: X(t + D) = max(X(t) - c, 0) + Poisson(load c); the mean wait by Little's law."""
    size = 400
    arrivals = stats.poisson.pmf(np.arange(size), load * servers)
    state = np.zeros(size)
    state[0] = 1
    for _ in range(3000):
        rest = np.concatenate([[state[: servers + 1].sum()], state[servers + 1 :]])
        state = np.convolve(rest, arrivals)[:size]
    queue = (np.maximum(np.arange(size) - servers, 0) * state).sum()
    assert state.sum() == pytest.approx(1)
    found = waits(load, servers, 600_000, 200)
    assert found.mean() == pytest.approx(queue / (load * servers), rel=0.04)
