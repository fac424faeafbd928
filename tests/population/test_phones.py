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
from ewsim.population.people import CB_LEVELS, NO_SIM, ROAMS, ROAMS_SILENT, WIFI_ONLY, Handsets, Population
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


BATTERIES = HandsetSpec(
    battery_life_s=20_000, charge_s=5000, charging_points_share=0.3, charging_points_from_s=60_000
)
GRID_OUT = np.array(
    [(0, 0, 3600), (0, 4000, 30_000), (0, 30_100, 90_000), (0, 95_000, 99_000), (3, -7200, 100_001)]
) * [1, US, US]


def emptied(windows, spec: HandsetSpec = BATTERIES) -> Population:
    cells = WORLD.network.cells
    return drained(WORLD.population, cells.site, windows, spec, Streams(2), 100_000 * US)


def is_empty(population: Population, moment_us: int) -> np.ndarray:
    empty = population.handsets.on_to_us <= moment_us
    rows = population.empty
    empty[rows[(rows[:, 1] <= moment_us) & (rows[:, 2] > moment_us), 0]] = True
    return empty


def test_phones_run_empty_without_a_supply_and_come_on_when_they_are_charged() -> None:
    """Against a clock that looks at a phone every ten seconds."""
    got = emptied(GRID_OUT)
    cells, owner = WORLD.network.cells, WORLD.population.handsets.owner
    site = cells.site[WORLD.population.camping.cell[:, 0]]
    usual = 0.2 + 0.8 * Streams(2).uniform("phones.charge", owner)
    elsewhere = Streams(2).uniform("phones.charging_point", owner) < 0.3
    step, times = 10, range(-8000, 100_000, 10)
    some = np.concatenate([np.flatnonzero(site == which)[:60] for which in (0, 3, 5)])
    level, off = usual[some].copy(), np.zeros(some.size, dtype=np.bool_)
    turns = 0
    for now in times:
        out = np.zeros(some.size, dtype=np.bool_)
        for where, begins, ends in GRID_OUT:
            out |= (site[some] == where) & (begins <= now * US) & (now * US < ends)
        out &= ~(elsewhere[some] & (now >= 60_000))
        level = np.clip(level + np.where(out, -step / 20_000, step / 5000), 0, usual[some])
        turned = np.where(off, level < 0.05, level <= 1e-9)
        turns += np.count_nonzero(turned != off)
        off = turned
        if now % 1000 == 0:  # a step of the clock before or after
            sure = is_empty(got, (now - 20) * US)[some] == is_empty(got, (now + 20) * US)[some]
            np.testing.assert_array_equal(off[sure], is_empty(got, now * US)[some][sure])
    assert turns > 100
    assert not is_empty(got, 99_000 * US)[(site == 3) & elsewhere].any()
    assert not got.empty[np.isin(site[got.empty[:, 0]], (0, 3), invert=True)].size


def test_more_hours_without_the_grid_never_leave_a_phone_on_for_longer() -> None:
    fewer, later = emptied(GRID_OUT[[1, 3]]), emptied(GRID_OUT)
    slower = emptied(GRID_OUT, BATTERIES.model_copy(update={"charge_s": 14_400.0}))
    for moment in range(0, 100_000 * US, 3000 * US):
        for less, more in ((fewer, later), (later, slower)):
            assert (is_empty(less, moment) <= is_empty(more, moment)).all()
    assert is_empty(later, 10_000 * US).sum() > is_empty(fewer, 10_000 * US).sum() > 0


def test_without_a_loss_of_the_grid_or_a_battery_life_phones_stay_as_they_are() -> None:
    assert emptied(GRID_OUT[:0]) is WORLD.population
    assert emptied(GRID_OUT, HandsetSpec(battery_life_s=None)) is WORLD.population


@pytest.mark.parametrize("restored_at_s", [None, 500])
def test_both_engines_have_the_same_phones_off(restored_at_s: float | None) -> None:
    lost = PowerLossSpec(
        kind="power_loss", at_s=-600, restored_at_s=restored_at_s, where=WhereSpec(share=0.6)
    )
    world = benchmark_world.setup(2000, 60, 4, disturbances=(lost,), movers_share=0.2)
    spec = HandsetSpec(battery_life_s=1500, charge_s=4000, charging_points_share=0)
    world = dataclasses.replace(world, phones=spec)
    run = simulate(world, [broadcast(world)], Streams(4))
    fast = run.outcomes["cell_broadcast"]
    slow = reference.simulate(world, [broadcast(world)], Streams(4))
    np.testing.assert_array_equal(fast.received_us, slow.cb_received_us)
    for_ever = dataclasses.replace(world, phones=None)
    other = simulate(for_ever, [broadcast(world)], Streams(4)).outcomes["cell_broadcast"]
    assert (fast.received_us > other.received_us).sum() > 50
    assert bool(len(run.crowd.population.empty)) == (restored_at_s is not None)
    missed = [(got.cause == CAUSE_CODE["device_off"]).sum() for got in (other, fast)]
    assert missed[1] > missed[0] if restored_at_s is None else missed[1] == missed[0]
