"""SMS as a fallback for phones that cell broadcast cannot reach, and whom lists leave out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from scipy import stats
from support import camping_of

from ewsim.channels.app_push.channel import AppPush
from ewsim.channels.app_push.kind import AppPushSpec
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.engine import benchmark_world, simulation
from ewsim.engine.simulation import Run, Setup
from ewsim.ledger import CAUSE_CODE
from ewsim.metrics.causes import by_cause
from ewsim.population.people import NO_SIM, ROAMS
from ewsim.streams import Streams
from ewsim.units import NEVER, US


@pytest.fixture(scope="module")
def world() -> Setup:
    """A third of the phones stop at 3G."""
    setup = benchmark_world.setup(1500, 60, 2, disturbances=())
    handsets = setup.population.handsets
    old = np.arange(len(handsets)) % 3 == 0
    rats = np.where(old, 0b0011, 0b1111).astype(np.uint8)
    population = dataclasses.replace(setup.population, handsets=dataclasses.replace(handsets, rats=rats))
    return dataclasses.replace(setup, population=population)


def run(world: Setup, **keys: object) -> Run:
    cb, sms = benchmark_world.channels(world)
    assert isinstance(sms, LocationBasedSms)
    spec = LocationBasedSmsSpec.model_validate(keys)
    return simulation.simulate(world, [cb, LocationBasedSms(spec, 1, sms.targeted)], Streams(2))


@pytest.mark.parametrize("group", ["not_cb_capable", "2g_3g"])
def test_only_those_it_is_for_are_written_to_and_not_before_its_delay(world: Setup, group: str) -> None:
    done = run(world, only_for=group, start_delay_s=300)
    sms, handsets = done.outcomes["location_based_sms"], world.population.handsets
    meant = ~handsets.cb_capable if group == "not_cb_capable" else handsets.rats == 0b0011
    got = sms.displayed_us < NEVER
    assert got.sum() > 40
    assert not (got & ~meant).any()
    assert (sms.cause[~meant] == CAUSE_CODE["no_channel"]).all()
    released = next(row[0] for row in done.world.events if row[1:3] == ("gateway", "released"))
    assert sms.sent_us.min() >= released + 310 * US
    # The cause over all channels is cell broadcast's for those whom the SMS is not for.
    ledger = simulation.ledger(world, done)
    missed = ~got & ~meant & (done.outcomes["cell_broadcast"].cause > 0)
    assert (ledger.cause[missed] == done.outcomes["cell_broadcast"].cause[missed]).all()
    assert by_cause(ledger)["people"].sum() + (ledger.reached_us < NEVER).sum() == 1500


def test_a_channel_that_starts_later_sends_later_and_not_otherwise(world: Setup) -> None:
    (now, _), (cb, sms) = benchmark_world.channels(world), benchmark_world.channels(world)
    assert isinstance(cb, CellBroadcast)
    later = CellBroadcast(cb.spec.model_copy(update={"start_delay_s": 600.0}), cb.plan, cb.targeted)
    at_once, delayed = (
        simulation.simulate(world, [c, sms], Streams(2)).outcomes["cell_broadcast"].sent_us
        for c in (now, later)
    )
    assert delayed.min() - at_once.min() == 600 * US
    stayed = (at_once < 100 * US) & (delayed < 700 * US)
    assert stayed.sum() > 1000
    assert (delayed - at_once == 600 * US)[stayed].mean() > 0.95  # the others have moved


def test_who_has_opted_out_is_on_no_list(world: Setup) -> None:
    plain, some = run(world), run(world, opted_out_share=0.25)
    left = some.outcomes["location_based_sms"].cause == CAUSE_CODE["opted_out"]
    assert left.mean() == pytest.approx(0.25, abs=0.04)
    assert (plain.outcomes["location_based_sms"].displayed_us[left] < NEVER).any()


def test_roamers_are_served_by_the_network_they_visit(world: Setup) -> None:
    """All phones belong to operator A, half of them camp on B."""
    handsets = dataclasses.replace(world.population.handsets, operator=np.zeros(1500, dtype=np.int16))
    abroad = dataclasses.replace(world, population=dataclasses.replace(world.population, handsets=handsets))
    served = run(abroad, roamers_served_share=1).outcomes["location_based_sms"]
    home = run(world).outcomes["location_based_sms"]
    assert (served.displayed_us < NEVER).mean() == pytest.approx((home.displayed_us < NEVER).mean(), abs=0.02)
    refused = run(abroad, roamers_served_share=0).outcomes["location_based_sms"]
    visitors = world.population.handsets.operator == 1
    assert not (refused.displayed_us[visitors] < NEVER).any()
    assert (refused.cause[visitors] == CAUSE_CODE["roaming_not_supported"]).sum() > 300


def test_small_head_counts_are_not_told_and_the_list_is_deleted(world: Setup) -> None:
    details = {}
    for least in (0, 1000):
        events = run(world, suppress_below_count=least, validity_s=600).world.events
        details[least] = [row[7] for row in events if row[2] in ("head_count", "listed")]
        assert [row[2] for row in events if row[1] == "smsc"].count("list_deleted") == 2
    assert all(detail.split(": ")[-1].split()[0].isdigit() for detail in details[0])
    assert all("fewer than 1000" in detail for detail in details[1000])


def test_a_location_older_than_a_move_finds_the_old_place(world: Setup) -> None:
    """Everybody moves in the first second; all that are on the list are where they were."""
    people = world.population.people
    rows = np.flatnonzero(np.diff(people.journeys.first))
    population = world.population
    early = dataclasses.replace(
        world,
        population=dataclasses.replace(
            population,
            people=dataclasses.replace(
                people,
                journeys=dataclasses.replace(people.journeys, at_us=np.ones(rows.size, dtype=np.int64)),
            ),
            camping=population.camping._replace(move_us=np.ones(rows.size, dtype=np.int64)),
        ),
    )
    fresh = run(early, recent_location_share=1, recent_location_mean_s=1e-3)
    stale = run(early, recent_location_share=0, periodic_update_s=3600)
    new, old = (r.outcomes["location_based_sms"] for r in (fresh, stale))
    stay = np.diff(people.journeys.first) == 0
    assert ((new.cause == 0) == (old.cause == 0))[stay].all()
    assert ((new.cause == 0) != (old.cause == 0))[rows].any()


def test_sims_from_abroad_none_and_two(world: Setup) -> None:
    """A third of the phones each: from abroad, without a SIM, with two SIMs of one operator."""
    plain = world.population.handsets
    ids = np.arange(len(plain))
    two = ids[ids % 3 == 2]
    columns = {
        f.name: np.concatenate([getattr(plain, f.name), getattr(plain, f.name)[two]])
        for f in dataclasses.fields(plain)
    }
    columns["sim"][ids[ids % 3 == 0]] = ROAMS
    columns["sim"][ids[ids % 3 == 1]] = NO_SIM
    columns["second"][two] = ids.size + np.arange(two.size)
    camping = world.population.camping
    rows = np.concatenate([ids, two])
    camping = camping_of(camping, rows)
    population = dataclasses.replace(world.population, handsets=type(plain)(**columns), camping=camping)
    setup = dataclasses.replace(world, population=population)
    sms = run(setup, roamers_served_share=0).outcomes["location_based_sms"]
    assert (sms.cause[ids % 3 == 0] == CAUSE_CODE["roaming_not_supported"]).sum() > 300
    assert not (sms.displayed_us[ids % 3 < 2] < NEVER).any()
    assert (sms.cause[ids % 3 == 1] == CAUSE_CODE["not_in_location_register"]).all()
    assert (sms.copies[two] == 2).sum() > 300  # a message for each SIM
    app = AppPush(AppPushSpec(installed_share=1, enabled_share=1), shapely.box(-1e7, -1e7, 1e7, 1e7))
    pushed = simulation.simulate(setup, [app], Streams(2)).outcomes["app_push"]
    assert (pushed.copies[two] == 1).sum() > 300


def test_the_age_of_a_location_is_the_stated_mixture() -> None:
    spec = LocationBasedSmsSpec()
    channel = LocationBasedSms(spec, 1, np.ones(1, dtype=np.bool_))
    age_s = channel.location_age_us(Streams(8), np.arange(50_000, dtype=np.int32)) / US

    def share_below(t: np.ndarray) -> np.ndarray:
        recent = 1 - np.exp(-t / spec.recent_location_mean_s)
        rest = np.clip(t / spec.periodic_update_s, 0, 1)
        return spec.recent_location_share * recent + (1 - spec.recent_location_share) * rest

    assert stats.kstest(age_s, share_below).pvalue > 0.01
