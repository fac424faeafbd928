"""Systems, levels, SIMs and batteries of phones, and what they make of a broadcast."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ewsim.channels.base import for_people
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import CbMessage
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.disturbances.spec import PowerLossSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.engine.reference import run as reference
from ewsim.engine.simulation import Setup, simulate
from ewsim.ledger import CAUSE_CODE
from ewsim.population.people import CB_LEVELS, NO_SIM, ROAMS, ROAMS_SILENT, WIFI_ONLY, Handsets
from ewsim.population.phones import drained, equip
from ewsim.scenario.spec import HandsetSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US, to_us

MANY = 20_000
WORLD = benchmark_world.setup(MANY, 60, 1, disturbances=())


def equipped(**keys) -> Handsets:
    spec = HandsetSpec.model_validate({"level_enabled_shares": {}, **keys})
    return equip(spec, WORLD.population.handsets, ("A", "B"), Streams(1))


def test_a_scenario_that_says_nothing_leaves_the_phones_as_they_are() -> None:
    before, after = WORLD.population.handsets, equipped()
    for f in dataclasses.fields(Handsets):
        np.testing.assert_array_equal(getattr(after, f.name), getattr(before, f.name))


def test_capability_follows_the_system_and_the_operators_profile() -> None:
    systems = {"old": {"share": 1, "cb_capable_share": 0.2}, "new": {"share": 3, "cb_capable_share": 1.0}}
    got = equipped(systems=systems)
    assert got.cb_capable.mean() == pytest.approx(0.25 * 0.2 + 0.75, abs=0.01)
    without = equipped(systems=systems, operator_profile_shares={"B": 0.0})
    assert not without.cb_capable[without.operator == 1].any()
    np.testing.assert_array_equal(
        without.cb_capable[without.operator == 0], got.cb_capable[got.operator == 0]
    )


def test_levels_are_switched_off_one_by_one_and_nested() -> None:
    shares = {"level_2": 0.95, "level_3": 0.9, "amber": 0.6}
    got = equipped(level_enabled_shares=shares)
    on = {level: (got.channels >> CB_LEVELS.index(level)) & 1 == 1 for level in CB_LEVELS}
    for level, share in shares.items():
        assert on[level].mean() == pytest.approx(share, abs=0.01)
    assert on["level_1"].all()
    assert not (on["amber"] & ~on["level_3"]).any()
    assert not (on["level_3"] & ~on["level_2"]).any()


def test_sims_have_their_shares_and_exclude_each_other() -> None:
    got = equipped(roaming_share=0.2, roaming_received_share=0.75, no_sim_share=0.1, wifi_only_share=0.05)
    shares = {code: (got.sim == code).mean() for code in (ROAMS, ROAMS_SILENT, NO_SIM, WIFI_ONLY)}
    assert list(shares.values()) == pytest.approx([0.15, 0.05, 0.1, 0.05], abs=0.01)
    assert (got.on_from_us[got.sim == WIFI_ONLY] == NEVER).all()


def test_a_second_sim_is_a_row_of_the_same_phone_with_another_operator() -> None:
    got = equipped(dual_sim_share=0.4)
    two = np.flatnonzero(got.second >= 0)
    assert two.size == pytest.approx(0.4 * MANY, rel=0.05)
    other = got.second[two]
    np.testing.assert_array_equal(np.sort(other), np.arange(MANY, len(got)))
    np.testing.assert_array_equal(got.owner[two], got.owner[other])
    assert (got.operator[two] != got.operator[other]).all()
    assert (got.second[MANY:] == -1).all()


@pytest.mark.parametrize("once", [True, False])
def test_a_phone_with_two_sims_has_what_either_got_and_shows_one_text_once(once: bool) -> None:
    count = 4  # rows 2 and 3 are second SIMs of rows 0 and 1
    handsets = dataclasses.replace(
        equipped(),
        **{f.name: getattr(WORLD.population.handsets, f.name)[:count] for f in dataclasses.fields(Handsets)},
    )
    handsets = dataclasses.replace(handsets, second=np.array([2, 3, -1, -1], dtype=np.int32))
    people = WORLD.population.people
    people = dataclasses.replace(people, handset=np.array([0, 1], dtype=np.int32))
    population = dataclasses.replace(WORLD.population, people=people, handsets=handsets)
    shown = np.array([50, NEVER, 20, 70], dtype=np.int64)
    one = (shown < NEVER).astype(np.int16)
    cause = np.where(shown < NEVER, 0, CAUSE_CODE["radio_loss"]).astype(np.int8)
    got = for_people(population, shown - 20, shown - 10, shown, one, one, cause, same_text_once=once)
    assert got.displayed_us.tolist() == [20, 70]
    assert got.received_us.tolist() == [10, 60]
    assert got.copies.tolist() == [2, 1]
    assert got.displays.tolist() == [1 if once else 2, 1]
    assert got.cause.tolist() == [0, 0]


def broadcast(world: Setup) -> CellBroadcast:
    everywhere = np.ones(len(world.network.cells), dtype=np.bool_)
    message = CbMessage(4371, 0x4010, 2, 167, "level_2", to_us(1200))
    return CellBroadcast(CellBroadcastSpec(), message, everywhere)


def test_each_kind_of_sim_has_its_cause_and_a_phone_without_one_hears() -> None:
    handsets = equipped(roaming_share=0.4, roaming_received_share=0.5, no_sim_share=0.2, wifi_only_share=0.1)
    world = dataclasses.replace(WORLD, population=dataclasses.replace(WORLD.population, handsets=handsets))
    got = simulate(world, [broadcast(world)], Streams(1)).outcomes["cell_broadcast"]
    reached = got.displayed_us < NEVER
    assert not reached[np.isin(handsets.sim, (ROAMS_SILENT, WIFI_ONLY))].any()
    assert reached[handsets.sim == NO_SIM].mean() == pytest.approx(
        reached[handsets.sim == 0].mean(), abs=0.02
    )
    assert (got.cause[handsets.sim == WIFI_ONLY] == CAUSE_CODE["device_off"]).all()
    silent = got.cause[handsets.sim == ROAMS_SILENT]
    assert (silent == CAUSE_CODE["roaming_not_supported"]).mean() > 0.8


# --- batteries ----------------------------------------------------------------------------------


def test_a_phone_goes_off_when_its_battery_is_empty_unless_the_grid_is_back_before() -> None:
    """Against every window of every phone, one by one."""
    windows = np.array([(0, 0, 3600), (0, 10_000, 90_000), (3, -7200, 86_400)], dtype=np.int64) * [1, US, US]
    life_s, few = 20_000.0, np.arange(2000)
    handsets = WORLD.population.handsets
    cells = WORLD.network.cells
    got = drained(WORLD.population, cells.site, windows, life_s, Streams(2))
    charge = 0.2 + 0.8 * Streams(2).uniform("phones.charge", handsets.owner[few])
    for h in few:
        site = cells.site[WORLD.population.camping.cell[h, 0]]
        ends = [
            begins + charge[h] * life_s * US
            for s, begins, ends in windows
            if s == site and begins + charge[h] * life_s * US < ends
        ]
        assert got.on_to_us[h] == pytest.approx(min(ends, default=NEVER), abs=1)
    assert (got.on_to_us < NEVER).sum() > 100


def test_both_engines_have_the_same_phones_off() -> None:
    lost = PowerLossSpec(kind="power_loss", at_s=-600, where=WhereSpec(share=0.6))
    world = benchmark_world.setup(2000, 60, 4, disturbances=(lost,), movers_share=0.2)
    world = dataclasses.replace(world, battery_life_s=1500.0)
    fast = simulate(world, [broadcast(world)], Streams(4)).outcomes["cell_broadcast"]
    slow = reference.simulate(world, [broadcast(world)], Streams(4))
    np.testing.assert_array_equal(fast.received_us, slow.cb_received_us)
    for_ever = dataclasses.replace(world, battery_life_s=None)
    more = simulate(for_ever, [broadcast(world)], Streams(4)).outcomes["cell_broadcast"]
    assert (fast.received_us < NEVER).sum() < (more.received_us < NEVER).sum()
    assert (fast.cause == CAUSE_CODE["device_off"]).sum() > (more.cause == CAUSE_CODE["device_off"]).sum()
