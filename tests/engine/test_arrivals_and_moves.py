"""People who arrive, and who move more than once: the engines agree, and every cause is right."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely

from ewsim.channels.app_push.channel import AppPush
from ewsim.channels.app_push.kind import AppPushSpec
from ewsim.channels.base import Channel, Crowd
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import CbMessage
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.channels.community_relay.channel import CommunityRelay
from ewsim.channels.community_relay.kind import CommunityRelaySpec
from ewsim.channels.crowd import outcome_of
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.channels.satellite.channel import Satellite
from ewsim.channels.satellite.kind import SatelliteSpec
from ewsim.channels.siren.channel import Siren
from ewsim.channels.siren.kind import SirenSpec
from ewsim.disturbances.spec import BackhaulCutSpec, PowerLossSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.engine.reference import run as reference
from ewsim.engine.simulation import Setup, ledger, simulate
from ewsim.errors import EwsimError
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.metrics.causes import by_cause
from ewsim.metrics.latency import latency_percentiles
from ewsim.scenario.spec import GeofenceSpec
from ewsim.streams import Streams
from ewsim.targeting import Geofence
from ewsim.units import NEVER, US, to_us
from ewsim.world import World

HARD = (
    PowerLossSpec(kind="power_loss", at_s=-600, restored_at_s=1500, where=WhereSpec(share=0.4)),
    BackhaulCutSpec(kind="backhaul_cut", at_s=30, restored_at_s=400, where=WhereSpec(share=0.2)),
)
NOT_ARRIVED = CAUSE_CODE["not_arrived"]


@pytest.mark.parametrize("mode", ["per_repetition", "continuous"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_engines_agree_on_who_arrives_and_who_moves_three_times(mode: str, seed: int) -> None:
    world = benchmark_world.setup(
        3000, 60, seed, disturbances=HARD, movers_share=0.4, moves_count=3, arrivals_share=0.3
    )
    people = world.population.people
    assert people.arrives_us is not None
    fence = Geofence(GeofenceSpec(fix_error_outdoors_m=300), shapely.box(-1e3, -1e3, 5e3, 3e3))

    def channels() -> list[Channel]:
        cb, sms = benchmark_world.channels(world, mode)
        assert isinstance(cb, CellBroadcast)
        assert isinstance(sms, LocationBasedSms)
        cb.geofence = fence
        late = sms.spec.model_copy(update={"start_delay_s": 900.0})
        return [cb, LocationBasedSms(late, 1, sms.targeted)]

    done = simulate(world, channels(), Streams(seed))
    slow = reference.simulate(world, channels(), Streams(seed))
    cb, sms = done.outcomes["cell_broadcast"], done.outcomes["location_based_sms"]
    np.testing.assert_array_equal(cb.received_us, slow.cb_received_us)
    np.testing.assert_array_equal(cb.copies, slow.cb_copies)
    np.testing.assert_array_equal(cb.displayed_us, slow.cb_displayed_us)
    np.testing.assert_array_equal(sms.received_us, slow.sms_received_us)
    comes = people.arrives_us > -NEVER
    assert ((cb.received_us < NEVER) & comes).sum() > 100
    assert ((sms.received_us < NEVER) & comes).sum() > 20
    for outcome in (cb, sms):
        assert (outcome.received_us > people.arrives_us).all()
    book = ledger(world, done)
    missed = by_cause(book)
    assert missed["people"].sum() + (book.reached_us < NEVER).sum() == 3000
    assert missed.set_index("cause")["people"]["not_arrived"] > 100


def clear(arrivals_share: float = 0.5, **keys: float) -> Setup:
    """A whole network, phones all on and able; half of the people arrive within the hour."""
    world = benchmark_world.setup(2000, 60, 4, disturbances=(), arrivals_share=arrivals_share, **keys)
    handsets = world.population.handsets
    since = world.population.people.arrives_us
    handsets = dataclasses.replace(handsets, cb_capable=np.ones(2000, dtype=np.bool_), on_from_us=since)
    return dataclasses.replace(world, population=dataclasses.replace(world.population, handsets=handsets))


def run(world: Setup, channel: Channel):  # type: ignore[no-untyped-def]
    done = simulate(world, [channel], Streams(4))
    got = done.outcomes[channel.name]
    assert ((got.cause == 0) == (got.displayed_us < NEVER)).all()
    since = world.population.people.arrives_us
    assert since is not None
    assert (got.displayed_us >= since).all()
    return done, got, since


@pytest.mark.parametrize("count", [0, 4])
def test_a_broadcast_reaches_who_arrives_while_it_is_repeated_and_no_later(count: int) -> None:
    """Nobody else is to blame for the later ones, also when its number of broadcasts ends it."""
    world = clear(movers_share=0.0)
    message = CbMessage(4371, 0x4010, 2, 167, "level_2", to_us(1200), broadcast_count=count or None)
    everywhere = np.ones(len(world.network.cells), dtype=np.bool_)
    spec = CellBroadcastSpec(missed_page_share=0, connected_shares={}, repetition_period_s=60)
    done, got, since = run(world, CellBroadcast(spec, message, everywhere))
    times = {k: [r[0] for r in done.world.events if r[2] == k] for k in ("on_air", "off_air")}
    late = since >= max(times["off_air"])
    assert max(times["off_air"]) < (400 if count else 1300) * US
    assert (got.cause[late] == NOT_ARRIVED).all()
    assert late.sum() > 500
    there = since < min(times["on_air"])
    assert not (got.cause == NOT_ARRIVED)[there].any()
    between = ~late & ~there & (since < min(times["off_air"]) - 121 * US)
    reached = got.displayed_us < NEVER
    assert reached[between].mean() == pytest.approx(reached[there].mean(), abs=0.1)
    assert between.sum() > 20
    waits = (got.received_us - since)[between & reached] / US
    assert np.median(waits) < 61  # the next repetition or the one after it
    assert set(np.unique(got.cause[between])) <= {
        0,
        *(CAUSE_CODE[c] for c in ("radio_loss", "no_coverage", "after_last_broadcast")),
    }


def test_a_list_of_subscribers_knows_nobody_who_comes_after_it() -> None:
    world = clear(movers_share=0.0)
    everywhere = np.ones(len(world.network.cells), dtype=np.bool_)
    done, got, since = run(world, LocationBasedSms(LocationBasedSmsSpec(), 1, everywhere))
    lookup = min(r[0] for r in done.world.events if r[2] == "list_submitted")
    later = since > lookup
    assert later.sum() > 800
    assert (got.cause[later] == NOT_ARRIVED).all()
    assert not (got.cause[~later] == NOT_ARRIVED).any()
    before = (since > -NEVER) & ~later
    assert (got.displayed_us[before] < NEVER).any()


def test_no_other_channel_reaches_who_is_not_there() -> None:
    world = clear(movers_share=0.3)
    people = world.population.people
    people = dataclasses.replace(people, disability=np.zeros(2000, dtype=np.int8))
    x, y = people.x_m[::50], people.y_m[::50]
    everywhere = shapely.box(-1e7, -1e7, 1e7, 1e7)

    done, got, since = run(world, Siren(SirenSpec(works_share=1), x, y))
    begin = next(r[0] for r in done.world.events if r[2] == "started")
    assert ((got.cause == NOT_ARRIVED) == (since > begin)).all()

    relay = CommunityRelaySpec(covered_share=1, found_share=1, reply_median_s=600, reply_sigma=0)
    done, got, since = run(world, CommunityRelay(relay, everywhere))
    out = next(r[0] for r in done.world.events if r[2] == "started") + 600 * US
    assert ((got.cause == NOT_ARRIVED) == (since > out)).all()

    app = AppPushSpec(installed_share=1, enabled_share=1, keep_s=600)
    _, got, since = run(world, AppPush(app, everywhere))
    assert (got.cause[since > 900 * US] == NOT_ARRIVED).all()
    assert not (got.cause[since < 500 * US] == NOT_ARRIVED).any()
    waited = (since > 60 * US) & (got.displayed_us < NEVER)
    assert waited.sum() > 50  # the service keeps the message for them

    alone = world.population.camping._replace(
        cell=np.full_like(world.population.camping.cell, -1),
        later_cell=np.full_like(world.population.camping.later_cell, -1),
    )
    nowhere = dataclasses.replace(world, population=dataclasses.replace(world.population, camping=alone))
    spec = SatelliteSpec(capable_share=1, sky_view_share=1, search_s=60, duration_s=1000)
    _, got, since = run(nowhere, Satellite(spec))
    assert (got.cause[since > 1100 * US] == NOT_ARRIVED).all()
    assert (got.displayed_us[since < 500 * US] < NEVER).all()


def test_latency_of_who_arrives_counts_from_their_arrival() -> None:
    world = clear(movers_share=0.0)
    everywhere = np.ones(len(world.network.cells), dtype=np.bool_)
    message = CbMessage(4371, 0x4010, 2, 167, "level_2", to_us(3600))
    channel = CellBroadcast(CellBroadcastSpec(repetition_period_s=60), message, everywhere)
    done, got, since = run(world, channel)
    reached = got.displayed_us < NEVER
    waits_s = np.sort((got.displayed_us - np.maximum(since, 0))[reached]) / US
    found = latency_percentiles(ledger(world, done))
    assert found["p50"] == waits_s[-(-reached.sum() // 2) - 1]
    assert found["p90"] == pytest.approx(np.quantile(waits_s, 0.9), rel=0.01)
    # Counted from the decision it would be as long as people take to arrive.
    assert np.quantile(got.displayed_us[reached] / US, 0.9) > 2000 > 300 > found["p90"]


class Hasty:
    """A channel that reaches everybody at once, there or not."""

    name = "hasty"

    def start(self, world: World) -> None:
        """Nothing to start."""

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """All of them, at one second."""
        at = np.full(len(crowd.population.people), US)
        return outcome_of(at, at, np.zeros(at.size, dtype=np.int8), world.horizon_us)


def test_a_channel_that_reaches_people_before_they_arrive_is_found_out() -> None:
    world = clear()
    with pytest.raises(EwsimError, match=r"hasty has reached \d+ people before they arrived"):
        ledger(world, simulate(world, [Hasty()], Streams(1)))
