"""What delays a broadcast: each operator, peer, base station and phone by its own luck."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import Action, CbMessage, Order, Plan, single
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.engine import benchmark_world
from ewsim.engine.simulation import Run, Setup, simulate
from ewsim.streams import Streams
from ewsim.units import LTE, NEVER, to_us

FIRST = CbMessage(4371, 0x4010, 2, 167, "level_2", to_us(1200))
PRIMARY = CbMessage(4353, 0x4030, 1, 56, "level_1", to_us(1200), kind="etws_primary")
#: Without the draws that are looked at one by one below.
STILL = {"peer_queue_sigma": 0, "cell_rebuild_sigma": 0, "cell_fanout_s": 0}


@pytest.fixture(scope="module")
def world() -> Setup:
    return benchmark_world.setup(600, 180, 3, disturbances=(), movers_share=0.0, horizon_s=1800)


def run(world: Setup, keys: dict, alert: dict, *, plan: Plan | CbMessage = FIRST, luck: int = 0) -> Run:
    ready = dataclasses.replace(world, alert=world.alert.model_copy(update=alert))
    everywhere = np.ones(len(world.network.cells), dtype=np.bool_)
    what = single(plan) if isinstance(plan, CbMessage) else plan
    channel = CellBroadcast(CellBroadcastSpec(**keys), what, everywhere, alert=ready.alert)
    return simulate(ready, [channel], Streams(2, luck))


def moments(done: Run, element: str, kind: str, message: str = "") -> list[tuple[float, str, int]]:
    """When [s], which operator, which cell; of one message, if it is named."""
    rows = [row for row in done.world.events if row[1:3] == (element, kind)]
    return [(row[0] / 1e6, row[3], row[4]) for row in rows if not message or row[6] == message]


def test_each_operator_has_its_own_delay_and_each_run_its_own_luck(world):
    accepted = [moments(run(world, {}, {"gateway": "wea"}, luck=k), "cbc", "accepted") for k in range(40)]
    gaps = [abs(one[0][0] - one[1][0]) for one in accepted]
    # The difference of two exponential times is exponential with the same mean.
    assert np.mean(gaps) == pytest.approx(8.0, rel=0.35)
    assert len(set(gaps)) == 40


def test_operators_poll_by_their_own_clocks_and_sms_centres_by_the_same(world):
    alert = {"collection": "poll", "poll_interval_s": 600, "operator_delay_mean_s": 0}
    done = run(world, {}, alert)
    (released, *_), *_ = moments(done, "gateway", "released")
    waits = {operator: at - released for at, operator, _ in moments(done, "cbc", "accepted")}
    assert abs(waits["A"] - waits["B"]) > 10
    assert max(waits.values()) < 601
    ready = dataclasses.replace(world, alert=world.alert.model_copy(update=alert))
    everywhere = np.ones(len(world.network.cells), dtype=np.bool_)
    sms = LocationBasedSms(LocationBasedSmsSpec(start_delay_s=0), 1, everywhere, ready.alert)
    started = moments(simulate(ready, [sms], Streams(2)), "smsc", "lookup_started")
    for at, operator, _ in started:
        assert at - released == pytest.approx(waits[operator], abs=0.6)  # the CBC selects cells first


def test_an_own_operator_delay_takes_the_place_of_the_gateways(world):
    times = [
        moments(run(world, {}, {"operator_delay_mean_s": 60}, luck=k), "cbc", "accepted") for k in range(20)
    ]
    assert np.mean([at for one in times for at, *_ in one]) == pytest.approx(61, rel=0.35)


def test_sectors_of_a_mast_are_ready_together_and_masts_are_not(world):
    done = run(world, {**STILL, "cell_rebuild_sigma": 0.6}, {})
    site = world.network.cells.site
    by_site: dict[tuple[int, int], set[float]] = {}
    for at, _, cell in moments(done, "cell", "on_air"):
        by_site.setdefault((site[cell], world.network.cells.rat[cell]), set()).add(at)
    assert all(len(times) == 1 for times in by_site.values())
    spread = np.ptp([min(times) for times in by_site.values()])
    assert 1 < spread < 30


def test_no_town_is_always_last_in_the_fan_out(world):
    cells, keys = world.network.cells, {**STILL, "cell_fanout_s": 1.0}
    orders = []
    for luck in range(2):
        done = run(world, keys, {}, luck=luck)
        on_air = [cell for _, _, cell in moments(done, "cell", "on_air")]
        one_peer = [c for c in on_air if (cells.operator[c], cells.rat[c]) == (0, LTE)]
        orders.append([cells.site[c] for c in one_peer])
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    assert orders[0] != sorted(orders[0])


def test_an_etws_primary_notification_needs_no_segments_and_is_ready_sooner(world):
    plan = Plan((PRIMARY, FIRST), (Action((Order(0), Order(1, concurrent=True))),))
    done = run(world, STILL, {}, plan=plan)
    primary, text = (np.mean([m[0] for m in moments(done, "cell", "on_air", p.label)]) for p in plan.messages)
    assert text - primary == pytest.approx(0.7, abs=0.01)  # 1.0 and 0.3 s


def test_a_later_message_never_overtakes_an_earlier_one(world):
    update = CbMessage(4371, 0x4011, 2, 167, "level_2", to_us(1200))
    plan = Plan((FIRST, update), (Action((Order(0),)), Action((Order(1),), to_us(1))))
    for luck in range(10):
        done = run(world, {}, {"gateway": "wea", "operator_delay_mean_s": 120}, plan=plan, luck=luck)
        first, second = (moments(done, "cbc", "accepted", p.label) for p in plan.messages)
        when = {operator: at for at, operator, _ in first}
        assert all(at > when[operator] for at, operator, _ in second)


def test_each_phone_takes_its_own_time_to_show_it(world):
    def takes(keys: dict) -> np.ndarray:
        outcome = run(world, keys, {}).outcomes["cell_broadcast"]
        got = outcome.displayed_us < NEVER
        return (outcome.displayed_us - outcome.received_us)[got] / 1e6

    drawn = takes({})
    assert np.median(drawn) == pytest.approx(0.5, rel=0.1)
    assert np.std(np.log(drawn)) == pytest.approx(0.6, rel=0.1)
    assert set(takes({"display_delay_sigma": 0})) == {0.5}
