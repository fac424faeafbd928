"""The SMS centre's drain, against closed forms and hand-worked cases."""

from __future__ import annotations

import numpy as np
import pytest

from ewsim.channels.location_based_sms.drain import SmsDelivery, SubscriberList, drain_list, empty_delivery
from ewsim.channels.location_based_sms.kernel import ABSENT, NEVER_TRIED, NOT_FAILED, PAGE_LOST, RADIO_FAILED
from ewsim.channels.location_based_sms.timing import DrainTiming
from ewsim.population.presence.windows import Presence, register_rows
from ewsim.streams import DrawKey
from ewsim.units import NEVER, US

HOUR = 3600 * US


def timing(**changes) -> DrainTiming:
    values = {
        "surge_us": NEVER,
        "part_us": np.array([2000]),
        "blocking": np.zeros((1, 13)),
        "core_us": 0,
        "records": np.ones(4, np.int64),
        "page_us": np.ones((1, 4), np.int64),
        "paging_cycle_us": 1,
        "discard_us": 3 * US,
        "repeat_us": 6 * US,
        "tries": 1,
        "radio_us": np.zeros(4, np.int64),
        "parts": 1,
        "success_share": 1.0,
        "report_us": 6 * US,
        "retry_us": np.array([60 * US, 300 * US], np.int64),
        "validity_us": HOUR,
        "alert_us": -1,
    }
    for name in ("page_us", "part_us"):
        if isinstance(changes.get(name), int):
            changes[name] = np.full(values[name].shape, changes[name])
    values |= changes
    values["page_us"] = np.repeat(values["page_us"][:1], values["part_us"].size, axis=0)
    return DrainTiming(**values)


def run(n: int, t: DrainTiming, stays=None, horizon_us: int = HOUR, seed: int = 1) -> SmsDelivery:
    """n phones on cell 0 for ever, or as `stays` (handset: (from, to)) says; one tracking area."""
    stays = stays or {}
    where = Presence(
        np.arange(n + 1, dtype=np.int64),
        np.zeros(n, np.int32),
        np.zeros(n, np.float32),
        np.array([stays.get(h, (0, NEVER))[0] for h in range(n)], np.int64),
        np.array([stays.get(h, (0, NEVER))[1] for h in range(n)], np.int64),
        np.full(n, -NEVER),
        np.full(n, NEVER),
    )
    out = empty_delivery(n)
    listed = SubscriberList(np.arange(n), np.arange(n, dtype=np.int32), np.ones(n, np.int64), 0)
    area, rat = np.zeros(1, np.int32), np.full(1, 2, np.int8)
    drain_list(out, listed, where, area, rat, t, horizon_us, DrawKey(seed, 0, 99))
    return out


def test_half_a_million_at_500_a_second_take_a_thousand_seconds() -> None:
    """The published Australian design rate: 500 k people at 500 SMS/s is 16.7 minutes."""
    out = run(500_000, timing())
    last = out.received_us.max() / US
    assert last == pytest.approx(500_000 / 500, abs=0.01)
    assert (np.diff(np.sort(out.received_us)) >= 1999).all()


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_parts_multiply_the_drain(parts: int) -> None:
    assert run(1000, timing(parts=parts)).received_us.max() == pytest.approx(1000 * 2000 * parts, abs=10)


def test_the_pager_is_the_bottleneck_when_it_is_slower() -> None:
    """75 pages a second against 500 messages a second, nothing discarded: it drains at 75."""
    out = run(3000, timing(page_us=US // 75, discard_us=HOUR))
    assert out.received_us.max() / US == pytest.approx(3000 / 75, rel=0.01)


def test_a_full_page_queue_discards_and_the_ladder_tries_again() -> None:
    """The first pass takes what the pager serves in the list's time and the discard time."""
    t = timing(page_us=20_000, retry_us=np.array([], np.int64))
    out = run(5000, t)
    taken = (out.failure == NOT_FAILED).sum()
    assert taken == pytest.approx((5000 * 0.002 + 3) / 0.02, rel=0.01)
    assert (out.failure == PAGE_LOST).sum() == 5000 - taken
    again = run(5000, timing(page_us=20_000))
    assert (again.failure == NOT_FAILED).sum() > taken


def test_success_after_each_attempt_is_geometric() -> None:
    out = run(40_000, timing(part_us=1, success_share=0.7, retry_us=np.full(3, 60 * US)))
    for k in range(4):
        share = (out.received_us < NEVER)[out.attempts == k + 1].sum() / 40_000
        expected = 0.7 * 0.3**k
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected / 40_000))
    assert (out.failure == RADIO_FAILED).mean() == pytest.approx(0.3**4, abs=0.003)


def test_an_absent_phone_gets_it_at_the_first_retry_after_its_return() -> None:
    out = run(1, timing(), {0: (100 * US, NEVER)})
    # Tried at 2 ms; known to have failed 6 s later; retries after 60 s and 300 s of each.
    first = 2000
    second = first + 66 * US + 2000
    third = second + 306 * US + 2000
    assert second < 100 * US < third
    assert out.received_us[0] == pytest.approx(third, abs=2)
    assert out.attempts[0] == 3
    gone = run(1, timing(), {0: (HOUR, NEVER)})
    assert gone.failure[0] == ABSENT
    assert gone.received_us[0] == NEVER


def test_validity_ends_the_queue() -> None:
    out = run(1000, timing(part_us=US, validity_us=100 * US))
    assert (out.received_us < NEVER).sum() == pytest.approx(101, abs=1)
    assert (out.failure == NEVER_TRIED).sum() == pytest.approx(899, abs=1)


def test_nothing_is_delivered_after_the_horizon() -> None:
    out = run(1000, timing(part_us=US), horizon_us=50 * US)
    assert out.received_us[out.received_us < NEVER].max() <= 50 * US


def test_register_knows_the_old_place_and_strikes_off_the_long_absent() -> None:
    # One phone: cell row 0 until t=100 s, row 1 since.
    where = Presence(
        np.array([0, 2]),
        np.zeros(2, np.int32),
        np.zeros(2, np.float32),
        np.array([0, 100 * US]),
        np.array([100 * US, 200 * US]),
        np.array([-NEVER]),
        np.array([NEVER]),
    )

    def row(at_s: float, age_s: float, detach_s: float = 3000) -> int:
        age_us = np.array([age_s * US], np.int64)
        return int(register_rows(int(at_s * US), age_us, int(detach_s * US), where)[0])

    assert row(150, 10) == 1
    assert row(150, 60) == 0
    assert row(150, 1000) == 0  # older than its first attachment: that one
    assert row(250, 10) == 1  # 50 s without signal: still known
    assert row(250, 10, detach_s=49) == -1


def test_an_alert_on_return_comes_before_the_ladder() -> None:
    """Absent until 100 s: the ladder would try at 66 s and then only at 372 s."""
    out = run(1, timing(alert_us=10 * US), {0: (100 * US, NEVER)})
    assert 100 * US < out.received_us[0] < 121 * US
    off = run(1, timing(), {0: (100 * US, NEVER)})
    assert off.received_us[0] > 370 * US


def test_an_alert_serves_who_returns_after_the_whole_ladder() -> None:
    t = timing(alert_us=10 * US, retry_us=np.array([], np.int64))
    assert run(1, t, {0: (1000 * US, NEVER)}).received_us[0] == pytest.approx(1010 * US, abs=11e6)
    assert run(1, timing(retry_us=t.retry_us), {0: (1000 * US, NEVER)}).failure[0] == ABSENT


def test_parts_fail_on_their_own_and_only_missing_ones_are_sent_again() -> None:
    """After k attempts all of P parts are there with probability (1 - (1-s)^k)^P."""
    out = run(40_000, timing(part_us=1, parts=3, success_share=0.6, retry_us=np.full(3, 60 * US)))
    for k in (1, 2, 3, 4):
        share = ((out.received_us < NEVER) & (out.attempts <= k)).mean()
        expected = (1 - 0.4**k) ** 3
        assert share == pytest.approx(expected, abs=4 * np.sqrt(expected / 40_000))


def test_a_second_page_saves_what_the_first_queue_lost() -> None:
    t = timing(page_us=20_000, retry_us=np.array([], np.int64))
    one = (run(5000, t).failure == NOT_FAILED).sum()
    three = (run(5000, timing(page_us=20_000, retry_us=t.retry_us, tries=3)).received_us < NEVER).sum()
    # Two more chances, 6 s and 12 s later: the pager works that much longer.
    assert three == pytest.approx(one + 12 / 0.02, rel=0.02)


def test_a_surge_slows_the_centre_while_it_lasts() -> None:
    """Half the rate from 2 s to 62 s: 1,000 messages by 2 s, 15,000 by 62 s, then 500/s again."""
    t = timing(part_us=np.array([2000, 4000, 2000]), surge_us=2 * US, blocking=np.zeros((3, 13)))
    times = np.sort(run(20_000, t).received_us)
    assert (times <= 2 * US).sum() == pytest.approx(1000, abs=2)
    assert (times <= 62 * US).sum() == pytest.approx(16_000, abs=3)
    assert times[-1] == pytest.approx(70 * US, abs=0.1 * US)
