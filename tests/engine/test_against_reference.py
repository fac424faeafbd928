"""The arrays agree with the engine that has one SimPy process a handset."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from scipy import stats

from ewsim.disturbances.spec import BackhaulCutSpec, PowerLossSpec, SiteDestroyedSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.engine.reference import run as reference
from ewsim.engine.simulation import Setup, simulate
from ewsim.ledger import CAUSE_CODE
from ewsim.scenario.spec import GeofenceSpec
from ewsim.streams import Streams
from ewsim.targeting import Geofence
from ewsim.units import NEVER

HARD = (
    PowerLossSpec(kind="power_loss", at_s=-600, restored_at_s=1500, where=WhereSpec(share=0.4)),
    PowerLossSpec(kind="power_loss", at_s=100, restored_at_s=700, where=WhereSpec(share=0.4)),
    BackhaulCutSpec(kind="backhaul_cut", at_s=30, restored_at_s=400, where=WhereSpec(share=0.2)),
    SiteDestroyedSpec(kind="site_destroyed", at_s=3.9, where=WhereSpec(share=0.1)),
    SiteDestroyedSpec(kind="site_destroyed", at_s=200, restored_at_s=800, where=WhereSpec(share=0.1)),
)


def both(world: Setup, mode: str, seed: int, rate_per_s: float = 500):
    fast = simulate(world, benchmark_world.channels(world, mode, rate_per_s), Streams(seed))
    slow = reference.simulate(world, benchmark_world.channels(world, mode, rate_per_s), Streams(seed))
    return fast.outcomes, slow


@pytest.mark.parametrize("mode", ["per_repetition", "continuous"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_handset_hears_the_broadcast_at_the_same_microsecond(mode: str, seed: int) -> None:
    world = benchmark_world.setup(4000, 60, seed, disturbances=HARD, movers_share=0.3)
    fast, slow = both(world, mode, seed)
    cb = fast["cell_broadcast"]
    assert (cb.received_us < NEVER).mean() > 0.5
    assert (cb.copies > 1).any()
    np.testing.assert_array_equal(cb.received_us, slow.cb_received_us)
    np.testing.assert_array_equal(cb.copies, slow.cb_copies)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_sms_arrives_at_the_same_microsecond_where_no_queue_ties(seed: int) -> None:
    world = benchmark_world.setup(3000, 60, seed, disturbances=HARD, movers_share=0.3)
    fast, slow = both(world, "per_repetition", seed)
    got = fast["location_based_sms"].received_us
    assert (got < NEVER).mean() > 0.3
    np.testing.assert_array_equal(got, slow.sms_received_us)


def test_sms_times_have_the_same_distribution_over_thirty_seeds() -> None:
    """A rate at which queues tie: a tie reorders messages, the distribution stays."""
    fast_all, slow_all = [], []
    for seed in range(30):
        world = benchmark_world.setup(400, 30, seed, horizon_s=1200)
        fast, slow = both(world, "per_repetition", seed, rate_per_s=100)
        fast_all.append(fast["location_based_sms"].received_us)
        slow_all.append(slow.sms_received_us)
    a, b = np.concatenate(fast_all), np.concatenate(slow_all)
    assert abs((a < NEVER).mean() - (b < NEVER).mean()) < 0.002
    assert stats.ks_2samp(a[a < NEVER], b[b < NEVER]).pvalue > 0.05


def test_a_different_seed_gives_a_different_run() -> None:
    """The equality above is not that of two constants."""
    world = benchmark_world.setup(1000, 30, 1)
    one, _ = both(world, "per_repetition", 1)
    two, _ = both(world, "per_repetition", 2)
    for name in one:
        assert (one[name].received_us != two[name].received_us).mean() > 0.5


def test_the_order_of_outages_in_the_scenario_does_not_matter() -> None:
    cuts = HARD[2:4]
    world = benchmark_world.setup(1000, 60, 5, disturbances=cuts)
    # The draw of `where.share` belongs to a disturbance's place, so use whole-network ones here.
    whole = tuple(d.model_copy(update={"where": WhereSpec(operators=("A",))}) for d in cuts)
    forward = dataclasses.replace(world, disturbances=whole)
    backward = dataclasses.replace(world, disturbances=whole[::-1])
    a = simulate(forward, benchmark_world.channels(forward), Streams(5)).outcomes
    b = simulate(backward, benchmark_world.channels(backward), Streams(5)).outcomes
    np.testing.assert_array_equal(a["cell_broadcast"].received_us, b["cell_broadcast"].received_us)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_phone_asks_where_it_is_and_shows_the_same(seed: int) -> None:
    world = benchmark_world.setup(3000, 60, seed, disturbances=HARD, movers_share=0.3)
    fence = GeofenceSpec(fix_error_outdoors_m=300, no_fix_outdoors_share=0.2)
    area = shapely.box(-1000, -1000, 5000, 3000)

    def channels():
        cb, _ = benchmark_world.channels(world)
        cb.geofence = Geofence(fence, area)
        return [cb]

    cb = simulate(world, channels(), Streams(seed)).outcomes["cell_broadcast"]
    slow = reference.simulate(world, channels(), Streams(seed))
    np.testing.assert_array_equal(cb.received_us, slow.cb_received_us)
    np.testing.assert_array_equal(cb.displayed_us, slow.cb_displayed_us)
    filtered = cb.cause == CAUSE_CODE["outside_polygon_filtered"]
    assert 0.1 < filtered.mean() < 0.9
    assert (cb.received_us[filtered] < NEVER).all()
    assert (cb.displays[filtered] == 0).all()
