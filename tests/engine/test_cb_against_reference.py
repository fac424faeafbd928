"""Cell broadcast's procedures, draw by draw against one SimPy process a phone and message."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest
import shapely

from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import Action, CbMessage, Order, Plan
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.disturbances.spec import BackhaulCutSpec, PowerLossSpec, SiteDestroyedSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.engine.reference import run as reference
from ewsim.engine.simulation import Setup, simulate
from ewsim.ledger import CAUSE_CODE
from ewsim.scenario.spec import GeofenceSpec
from ewsim.streams import Streams
from ewsim.targeting import Geofence
from ewsim.units import NEVER, to_us

HARD = (
    PowerLossSpec(kind="power_loss", at_s=-600, restored_at_s=1500, where=WhereSpec(share=0.3)),
    BackhaulCutSpec(kind="backhaul_cut", at_s=30, restored_at_s=400, where=WhereSpec(share=0.3)),
    SiteDestroyedSpec(kind="site_destroyed", at_s=200, restored_at_s=800, where=WhereSpec(share=0.2)),
)

LONG = to_us(1200)
FIRST = CbMessage(4371, 0x4010, 2, 167, "level_2", LONG)
OTHER_LANGUAGE = CbMessage(4384, 0x4010, 5, 416, "level_2", LONG)
UPDATE = CbMessage(4371, 0x4011, 3, 250, "level_2", LONG)
ALL_CLEAR = CbMessage(4371, 0x4020, 1, 84, "level_2", LONG, kind="all_clear")
PRIMARY = CbMessage(4353, 0x4030, 1, 56, "level_1", LONG, kind="etws_primary")
COUNTED = dataclasses.replace(FIRST, broadcast_count=4, duration_us=to_us(120))

ALONE = Plan((FIRST,), (Action((Order(0),)),))
BOTH = Plan((FIRST, OTHER_LANGUAGE), (Action((Order(0), Order(1, concurrent=True))),))
EVERYTHING = Plan(
    (PRIMARY, FIRST, OTHER_LANGUAGE, UPDATE, ALL_CLEAR),
    (
        Action((Order(0), Order(1, concurrent=True), Order(2, concurrent=True))),
        Action((Order(3),), to_us(420)),
        Action((Order(3, writes=False), Order(4)), to_us(900)),
    ),
)

CASES = {
    "several languages": (BOTH, {}),
    "update, cancel, all-clear, primary": (EVERYTHING, {}),
    "a number of broadcasts": (Plan((COUNTED,), (Action((Order(0),)),)), {}),
    "broadcast once": (
        Plan((dataclasses.replace(FIRST, broadcast_count=1),), ALONE.actions),
        {"repetition_period_s": 0},
    ),
    "cells that fail, refuse and lie": (
        BOTH,
        {"failing_cell_share": 0.5, "supported_cell_share": 0.8, "silent_cell_share": 0.1},
    ),
    "redundant peers": (BOTH, {"peers_per_cell": 3}),
    "an operator that carries one": (BOTH, {"single_message_operators": ("A",)}),
    "a message an area": (ALONE, {"geographical_scope": "tracking_area"}),
    "a message a cell": (BOTH, {"geographical_scope": "cell"}),
    "many late": (ALONE, {"missed_page_share": 0.5, "connected_shares": {"2G": 0.3, "3G": 0.6}}),
}


def run(world: Setup, plan: Plan, keys: dict, seed: int = 1):
    spec = CellBroadcastSpec.model_validate(keys)
    targeted = (world.network.cells.site % 8 != 7).astype(np.bool_)
    channel = CellBroadcast(spec, plan, targeted, alert=world.alert)
    return simulate(world, [channel], Streams(seed))


def slowly(world: Setup, plan: Plan, keys: dict, seed: int = 1):
    spec = CellBroadcastSpec.model_validate(keys)
    targeted = (world.network.cells.site % 8 != 7).astype(np.bool_)
    return reference.simulate(world, [CellBroadcast(spec, plan, targeted, alert=world.alert)], Streams(seed))


@pytest.fixture(scope="module")
def world() -> Setup:
    return benchmark_world.setup(1500, 60, 3, disturbances=HARD, movers_share=0.3, horizon_s=1800)


@pytest.mark.parametrize("mode", ["per_repetition", "continuous"])
@pytest.mark.parametrize("case", CASES)
def test_every_phone_hears_every_message_at_the_same_microsecond(world: Setup, case: str, mode: str) -> None:
    plan, keys = CASES[case]
    keys = {"broadcast_mode": mode, **keys}
    fast = run(world, plan, keys).outcomes["cell_broadcast"]
    slow = slowly(world, plan, keys)
    assert (fast.received_us < NEVER).mean() > 0.3
    np.testing.assert_array_equal(fast.received_us, slow.cb_received_us)
    np.testing.assert_array_equal(fast.copies, slow.cb_copies)
    shown = fast.displayed_us < NEVER
    np.testing.assert_array_equal(fast.displays[shown], slow.cb_displays[shown])


def test_a_geofencing_trigger_asks_those_who_kept_silent_again(world: Setup) -> None:
    """Whoever has walked into the area since is shown the stored message."""
    trigger = CbMessage(4400, 0x4050, 1, 84, "level_1", LONG, kind="trigger")
    plan = Plan((FIRST, trigger), (Action((Order(0),)), Action((Order(1, concurrent=True),), to_us(900))))
    targeted = np.ones(len(world.network.cells), dtype=np.bool_)
    fence = Geofence(GeofenceSpec(), shapely.box(-1000, -1000, 5000, 3000))

    def channel(what: Plan) -> list:
        return [CellBroadcast(CellBroadcastSpec(), what, targeted, fence, world.alert)]

    fast = simulate(world, channel(plan), Streams(2)).outcomes["cell_broadcast"]
    slow = reference.simulate(world, channel(plan), Streams(2))
    np.testing.assert_array_equal(fast.displayed_us, slow.cb_displayed_us)
    without = simulate(world, channel(ALONE), Streams(2)).outcomes["cell_broadcast"]
    later = (fast.displayed_us < NEVER) & (without.displayed_us >= NEVER)
    assert later.sum() > 10
    assert (fast.displayed_us[later] > to_us(900)).all()


def kinds(done) -> Counter:
    return Counter((row[1], row[2], row[7]) for row in done.world.events if row[1] == "cell")


def test_a_wider_scope_never_shows_more_copies() -> None:
    world = benchmark_world.setup(3000, 240, 3, disturbances=HARD, movers_share=0.5, horizon_s=1800)
    shown = {
        scope: run(world, ALONE, {"geographical_scope": scope}).outcomes["cell_broadcast"].displays
        for scope in ("plmn", "tracking_area", "cell")
    }
    assert (shown["plmn"] <= 1).all()
    assert (shown["plmn"] <= shown["tracking_area"]).all()
    assert (shown["tracking_area"] <= shown["cell"]).all()
    assert shown["plmn"].sum() < shown["tracking_area"].sum() < shown["cell"].sum()


def test_a_base_station_ignores_what_a_second_peer_writes(world: Setup) -> None:
    quiet = dataclasses.replace(world, disturbances=())
    once, thrice = (run(quiet, ALONE, {"peers_per_cell": n}) for n in (1, 3))
    # The first peer's write counts; the others change nothing but the events.
    np.testing.assert_array_equal(
        once.outcomes["cell_broadcast"].copies, thrice.outcomes["cell_broadcast"].copies
    )
    written = kinds(thrice)["cell", "on_air", ""]
    assert written == kinds(once)["cell", "on_air", ""] > 0
    assert kinds(thrice)["cell", "duplicate_ignored", ""] == 2 * written


def test_what_cells_refuse_is_told_with_its_cause(world: Setup) -> None:
    done = run(world, BOTH, {"single_message_operators": ("A",), "supported_cell_share": 0.8})
    counts = kinds(done)
    assert counts["cell", "rejected", "not operational"] > 0
    assert counts["cell", "rejected", "warning broadcast not supported"] > 0
    assert counts["cell", "rejected", "concurrent messages not supported"] > 0
    full = kinds(run(world, BOTH, {"concurrent_message_count": 1}))
    assert full["cell", "rejected", "cell memory exceeded"] > 0


def test_accepted_confirmed_and_broadcasting_are_three_numbers(world: Setup) -> None:
    """The peer says yes to all; cells refuse some; some of the rest only say that they send."""
    quiet = dataclasses.replace(world, disturbances=())
    keys = {"supported_cell_share": 0.7, "silent_cell_share": 0.3}
    done = run(quiet, ALONE, keys)
    rows = [row for row in done.world.events if row[1:3] == ("peer", "confirmed")]
    confirmed, written = (sum(int(row[7].split()[i]) for row in rows) for i in (0, 2))
    targeted = int((world.network.cells.site % 8 != 7).sum())
    on_air = kinds(done)["cell", "on_air", ""]
    assert written == targeted
    assert 0 < on_air < confirmed < written
    assert confirmed == written - kinds(done)["cell", "rejected", "warning broadcast not supported"]
    causes = done.outcomes["cell_broadcast"].cause
    assert (causes == CAUSE_CODE["operator_failure"]).mean() > 0.2


def test_a_cell_whose_broadcast_fails_is_loaded_again(world: Setup) -> None:
    quiet = dataclasses.replace(world, disturbances=())
    counts = kinds(run(quiet, ALONE, {"failing_cell_share": 1.0}))
    failed = counts["cell", "failure_indicated", ""]
    assert failed == counts["cell", "off_air", "failed"] > 0
    # All but those that failed in their last seconds come back.
    assert failed - 3 <= counts["cell", "reloaded", ""] <= failed


def test_each_cell_sends_its_number_of_broadcasts(world: Setup) -> None:
    """TS 29.168: so many, one a repetition period, whenever the cell began."""
    quiet = dataclasses.replace(world, disturbances=())
    windows = run(quiet, *CASES["a number of broadcasts"]).world
    on = {row[4]: row[0] for row in windows.events if row[2] == "on_air"}
    off = {row[4]: row[0] for row in windows.events if row[2] == "off_air"}
    lasted = {(off[cell] - on[cell]) / 1e6 for cell in on}
    # 4 x 30 s; on 2G the period is a whole number of slots of 1.883 s.
    assert lasted == {120.0, 4 * 16 * (8 * 51 * 120_000 // 26) / 1e6}


def test_an_update_takes_the_place_of_the_old_and_a_stop_ends_it(world: Setup) -> None:
    quiet = dataclasses.replace(world, disturbances=())
    done = run(quiet, EVERYTHING, {})
    sending: dict[int, set[str]] = {}
    seen: Counter = Counter()
    for row in sorted(done.world.events, key=lambda row: (row[0], row[2] == "on_air")):
        if row[2] == "on_air":
            sending.setdefault(row[4], set()).add(row[6])
        if row[2] == "off_air":
            sending[row[4]].discard(row[6])
            seen[row[6], row[7]] += 1
        assert len(sending.get(row[4], ())) <= 3
    cells = int((world.network.cells.site % 8 != 7).sum())
    assert seen[FIRST.label, "replaced"] == seen[OTHER_LANGUAGE.label, "replaced"] == cells
    assert seen[UPDATE.label, "stopped"] == cells
    assert {m for messages in sending.values() for m in messages} == {ALL_CLEAR.label}


def test_an_all_clear_does_not_count_as_a_warning(world: Setup) -> None:
    only = Plan(
        (dataclasses.replace(FIRST, level="amber"), ALL_CLEAR),
        (Action((Order(0),)), Action((Order(0, writes=False), Order(1)), to_us(60))),
    )
    some = dataclasses.replace(
        world.population.handsets, channels=np.full(len(world.population.handsets), 0b10, dtype=np.uint16)
    )
    people = dataclasses.replace(world.population, handsets=some)
    done = run(dataclasses.replace(world, population=people), only, {})
    assert (done.outcomes["cell_broadcast"].displayed_us >= NEVER).all()
    reported = [row[7] for row in done.world.events if row[1:3] == ("phones", "received")]
    assert str(reported[0]).startswith("0 phones")
    assert int(str(reported[1]).split()[0]) > 500
