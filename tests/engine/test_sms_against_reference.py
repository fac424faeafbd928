"""Location-based SMS, every mechanism on, against the engine with one SimPy process a message."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.disturbances.spec import PowerLossSpec, SiteDestroyedSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.engine.reference import run as reference
from ewsim.engine.simulation import Setup, simulate
from ewsim.streams import Streams
from ewsim.units import NEVER

HARD = (
    PowerLossSpec(kind="power_loss", at_s=-600, restored_at_s=1500, where=WhereSpec(share=0.4)),
    PowerLossSpec(kind="power_loss", at_s=100, restored_at_s=700, where=WhereSpec(share=0.4)),
    SiteDestroyedSpec(kind="site_destroyed", at_s=20, restored_at_s=800, where=WhereSpec(share=0.2)),
)


def both(world: Setup, seed: int, parts: int, keys: dict) -> tuple[np.ndarray, np.ndarray]:
    targeted = (world.network.cells.site % 8 != 7).astype(np.bool_)

    def channel() -> LocationBasedSms:
        return LocationBasedSms(LocationBasedSmsSpec.model_validate(keys), parts, targeted)

    fast = simulate(world, [channel()], Streams(seed)).outcomes["location_based_sms"]
    slow = reference.simulate(world, [channel()], Streams(seed))
    return fast.received_us, slow.sms_received_us


@pytest.mark.parametrize(
    ("parts", "keys"),
    [
        (3, {"attempt_success_share": 0.7}),
        (2, {"surge": {"at_s": -300, "calls_factor": 20}, "rate_per_s": 80}),
        (1, {"paging_nb": "T/32", "paging_tries_count": 2, "rate_per_s": 900}),
        (4, {"sdcch_count": 4, "sdcch_load_erlang": 2, "paging_tries_count": 1}),
        (1, {"only_for": "not_cb_capable", "opted_out_share": 0.3, "priority_module": True}),
        (1, {"operator_rates_per_s": {"B": 3}, "validity_s": 300, "alert_on_reattach": False}),
    ],
)
def test_every_sms_arrives_at_the_same_microsecond(parts: int, keys: dict) -> None:
    world = benchmark_world.setup(1500, 60, 4, disturbances=HARD, movers_share=0.3)
    fast, slow = both(world, 4, parts, keys)
    assert (fast < NEVER).sum() > 20
    np.testing.assert_array_equal(fast, slow)


def test_crowded_channels_of_2g_have_the_same_distribution_over_thirty_seeds() -> None:
    """Queues that tie: the list's order within a tie is the event list's, the rest is the same."""
    keys = {"sdcch_count": 2, "paging_nb": "T/32", "rate_per_s": 2000, "attempt_success_share": 0.6}
    a, b = [], []
    for seed in range(30):
        world = benchmark_world.setup(300, 12, seed, horizon_s=900)
        fast, slow = both(world, seed, 2, keys)
        a.append(fast)
        b.append(slow)
    fast, slow = np.concatenate(a), np.concatenate(b)
    assert abs((fast < NEVER).mean() - (slow < NEVER).mean()) < 0.003
    assert stats.ks_2samp(fast[fast < NEVER], slow[slow < NEVER]).pvalue > 0.05
