"""Sirens, app, satellite, relay: each against its rule worked out person by person."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from support import camping_of, first_moves

from ewsim.channels.app_push.channel import AppPush
from ewsim.channels.app_push.kind import AppPushSpec
from ewsim.channels.base import Channel
from ewsim.channels.community_relay.channel import CommunityRelay
from ewsim.channels.community_relay.kind import CommunityRelaySpec
from ewsim.channels.satellite.channel import Satellite
from ewsim.channels.satellite.kind import SatelliteSpec
from ewsim.channels.siren.channel import RATED_AT_M, SOUND_M_PER_S, Siren, grid, radius_m
from ewsim.channels.siren.kind import SirenSpec
from ewsim.disturbances.spec import SiteDestroyedSpec, WhereSpec
from ewsim.engine import benchmark_world, simulation
from ewsim.engine.simulation import Run, Setup
from ewsim.ledger import CAUSE_CODE, cause_names
from ewsim.metrics.causes import by_cause
from ewsim.streams import Streams
from ewsim.units import NEVER, US

EVERYWHERE = shapely.box(-1e7, -1e7, 1e7, 1e7)
HALF = shapely.box(-1e7, -1e7, 5000, 1e7)


@pytest.fixture(scope="module")
def world() -> Setup:
    """Some 2,000 people in three places; half indoors, some hear badly, outages and movers."""
    setup = benchmark_world.setup(2000, 60, 3, movers_share=0.2)
    people = setup.population.people
    ids = np.arange(len(people))
    draw = Streams(11)
    people = dataclasses.replace(
        people,
        indoors=draw.uniform("indoors", ids) < 0.5,
        disability=(draw.uniform("hearing", ids) < 0.1).astype(np.int8),
        zone=(ids % 3).astype(np.int32),
        zone_names=("a", "b", "c"),
    )
    return dataclasses.replace(setup, population=dataclasses.replace(setup.population, people=people))


def run(setup: Setup, channel: Channel) -> Run:
    return simulation.simulate(setup, [channel], Streams(5))


def begin_us(done: Run) -> int:
    return next(row[0] for row in done.world.events if row[1:3] == ("channel", "started"))


def test_the_radius_is_the_guides_own_example() -> None:
    """CPG 1-17: 100 dB at 100 feet is 70 dB, the edge of the range, at 800 feet."""
    spec = SirenSpec(level_db=100, doubling_loss_db=10, outdoor_level_db=70)
    assert radius_m(spec, indoors=False) == pytest.approx(8 * RATED_AT_M)
    assert radius_m(spec, indoors=True) == pytest.approx(2 * RATED_AT_M)  # two doublings less


def test_a_siren_is_heard_within_its_radius_at_the_speed_of_sound(world: Setup) -> None:
    spec, x, y = SirenSpec(works_share=1), np.array([2000.0, 9000.0]), np.array([2000.0, 3000.0])
    done = run(world, Siren(spec, x, y))
    got, people, begin = done.outcomes["siren"], world.population.people, begin_us(done)
    at, later_x, later_y = first_moves(people)
    for i in range(len(people)):
        px, py = (later_x[i], later_y[i]) if at[i] <= begin else (people.x_m[i], people.y_m[i])
        away = min(np.hypot(x - px, y - py))
        heard = away <= radius_m(spec, indoors=bool(people.indoors[i]))
        if heard and people.disability[i]:
            assert cause_names()[got.cause[i]] == "not_accessible_format"
        elif heard:
            assert got.displayed_us[i] == pytest.approx(begin + away / SOUND_M_PER_S * US, abs=1)
        else:
            assert cause_names()[got.cause[i]] == "no_channel"
    assert 50 < (got.displayed_us < NEVER).sum() < 1950


def test_sirens_that_do_not_work_are_not_heard(world: Setup) -> None:
    outcome = run(world, Siren(SirenSpec(works_share=0), np.zeros(1), np.zeros(1))).outcomes
    assert (outcome["siren"].cause == CAUSE_CODE["no_channel"]).all()


def test_the_grid_has_a_siren_where_people_live(world: Setup) -> None:
    x, _ = grid(world.population.people, HALF, 2000, 1)
    assert x.max() <= 5000
    people = world.population.people
    inside = people.x_m <= 5000
    places = zip(people.x_m[inside], people.y_m[inside], strict=True)
    squares = {(int(a // 2000), int(b // 2000)) for a, b in places}
    assert x.size == len(squares)
    assert grid(people, HALF, 2000, 10_000)[0].size == 0


def test_the_app_rings_when_its_phone_is_connected_and_inside(world: Setup) -> None:
    spec = AppPushSpec(installed_share=0.5, enabled_share=0.8, rate_per_s=50, keep_s=900)
    done = run(world, AppPush(spec, HALF))
    got, crowd = done.outcomes["app_push"], done.crowd
    handsets, where, people = crowd.population.handsets, crowd.presence, crowd.population.people
    ids = np.arange(len(handsets))
    draw = Streams(5)
    has = draw.uniform("app.installed", ids) < 0.5
    users = ids[has & (draw.uniform("app.enabled", ids) < 0.8)]
    moves_us, later_x, _ = first_moves(people)
    turn = {h: n for n, h in enumerate(sorted(users, key=lambda h: draw.uniform("app.order", h)[0]))}
    for h in ids:
        shown = NEVER
        if h in turn:
            sent = begin_us(done) + round(turn[h] * US / 50)
            stays = [
                max(sent, where.from_us[i], handsets.on_from_us[h])
                for i in range(where.first[h], where.first[h + 1])
                if max(sent, where.from_us[i], handsets.on_from_us[h])
                < min(where.to_us[i], handsets.on_to_us[h])
            ]
            if stays and min(stays) <= sent + 900 * US:
                late = draw.lognormal("app.latency", h, spec.latency_median_s, spec.latency_sigma)
                at = min(stays) + round(late[0] * US)
                x = later_x[h] if moves_us[h] <= at else people.x_m[h]
                shown = at if x <= 5000 and at <= world.horizon_us else NEVER
        assert got.displayed_us[h] == shown
    assert (got.displayed_us < NEVER).sum() > 200
    assert {cause_names()[c] for c in np.unique(got.cause)} >= {"opted_out", "outside_polygon_filtered"}


def test_a_satellite_reaches_who_is_outdoors_without_a_cell_for_long_enough(world: Setup) -> None:
    spec = SatelliteSpec(capable_share=1, sky_view_share=1, search_s=100, period_s=50)
    lost = SiteDestroyedSpec(kind="site_destroyed", at_s=400, restored_at_s=2500, where=WhereSpec(share=0.8))
    world = dataclasses.replace(world, disturbances=(*world.disturbances, lost))
    done = run(world, Satellite(spec))
    begin = begin_us(done)
    got, crowd = done.outcomes["satellite"], done.crowd
    handsets, where, people = crowd.population.handsets, crowd.presence, crowd.population.people
    for h in range(len(handsets)):
        marks = [handsets.on_from_us[h]]
        for i in range(where.first[h], where.first[h + 1]):
            marks += [where.from_us[i], max(where.to_us[i], handsets.on_from_us[h])]
        marks.append(min(handsets.on_to_us[h], world.horizon_us + 1))
        wait = Streams(5).uniform("satellite.wait", h)[0] * 50 * US
        heard = [
            at
            for since, until in zip(marks[::2], marks[1::2], strict=True)
            if (at := max(begin, since + 100 * US) + round(wait)) < until
        ]
        expected = NEVER if people.indoors[h] or not heard else heard[0]
        assert got.displayed_us[h] == expected
    assert 50 < (got.displayed_us < NEVER).sum() < 1500


def test_volunteers_tell_a_place_at_their_pace(world: Setup) -> None:
    spec = CommunityRelaySpec(
        covered_share=1,
        found_share=1,
        reply_sigma=0,
        reply_median_s=100,
        people_each_volunteer_count=222,
        told_per_s=0.1,
    )
    done = run(world, CommunityRelay(spec, EVERYWHERE))
    got, zone = done.outcomes["community_relay"], world.population.people.zone
    for place in range(3):  # some 667 people, 3 volunteers: 0.3 a second
        times = np.sort(got.displayed_us[zone == place])
        out = begin_us(done) + 100 * US
        steps = (times[times < NEVER] - out) / US * 0.3
        np.testing.assert_allclose(steps, np.arange(1, steps.size + 1), atol=1e-5)
    half = run(world, CommunityRelay(CommunityRelaySpec(covered_share=1), HALF)).outcomes
    heard = half["community_relay"].displayed_us < NEVER
    assert not (heard & (world.population.people.x_m > 5000)).any()


def test_causes_add_up_for_every_channel_and_for_all(world: Setup) -> None:
    channels: list[Channel] = [
        *benchmark_world.channels(world),
        Siren(SirenSpec(), np.array([2000.0]), np.array([2000.0])),
        AppPush(AppPushSpec(installed_share=0.5), EVERYWHERE),
        Satellite(SatelliteSpec()),
        CommunityRelay(CommunityRelaySpec(), EVERYWHERE),
    ]
    done = simulation.simulate(world, channels, Streams(5))
    ledger = simulation.ledger(world, done)
    for name in (None, *ledger.outcomes):
        missed = by_cause(ledger, name)["people"].sum()
        times = ledger.reached_us if name is None else ledger.outcomes[name].displayed_us
        assert missed + (times < NEVER).sum() == 2000


def test_a_run_that_ends_before_the_alert_reaches_nobody(world: Setup) -> None:
    short = dataclasses.replace(
        world, horizon_us=US, alert=world.alert.model_copy(update={"decision_delay_s": 100.0})
    )
    for channel in (
        Siren(SirenSpec(), np.zeros(1), np.zeros(1)),
        AppPush(AppPushSpec(installed_share=1), EVERYWHERE),
        Satellite(SatelliteSpec()),
        CommunityRelay(CommunityRelaySpec(), EVERYWHERE),
        benchmark_world.channels(world)[1],
    ):
        outcome = run(short, channel).outcomes[channel.name]
        assert (outcome.displayed_us >= NEVER).all()
        assert (outcome.cause > 0).all()


def test_the_order_of_phones_in_memory_changes_nothing(world: Setup) -> None:
    phones, camping = world.population.handsets, world.population.camping
    order = np.argsort(Streams(4).uniform("shuffle", np.arange(len(phones))))
    fields = {f.name: getattr(phones, f.name)[order] for f in dataclasses.fields(phones)}
    population = dataclasses.replace(
        world.population,
        people=dataclasses.replace(world.population.people, handset=np.argsort(order).astype(np.int32)),
        handsets=type(phones)(**fields),
        camping=camping_of(camping, order),
    )
    shuffled = dataclasses.replace(world, population=population)
    for channel in (
        lambda: AppPush(AppPushSpec(installed_share=0.5), HALF),
        lambda: Satellite(SatelliteSpec(capable_share=1, search_s=1)),
    ):
        one, other = (run(setup, channel()).outcomes for setup in (world, shuffled))
        for name, outcome in one.items():
            np.testing.assert_array_equal(outcome.displayed_us, other[name].displayed_us)
            np.testing.assert_array_equal(outcome.cause, other[name].cause)
