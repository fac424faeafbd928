"""A simulated person who stands for several loads what they share as all of them do."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import shapely

from ewsim.channels.app_push.channel import AppPush
from ewsim.channels.app_push.kind import AppPushSpec
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.engine import benchmark_world
from ewsim.engine.reference import run as reference
from ewsim.engine.simulation import Setup, simulate
from ewsim.experiments.replications import run_scenario
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import NEVER, US

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


def weighted(world: Setup, weight: np.ndarray) -> Setup:
    people = dataclasses.replace(world.population.people, weight=weight.astype(np.int32))
    return dataclasses.replace(world, population=dataclasses.replace(world.population, people=people))


@pytest.mark.parametrize("weight", [3, 10])
@pytest.mark.parametrize("usable_share", [0.02, 1.0])
def test_the_engines_agree_on_weighted_messages(weight: int, usable_share: float) -> None:
    """With room on the pagers and without."""
    world = benchmark_world.setup(1500, 60, 1, movers_share=0.3)
    world = weighted(world, np.full(1500, weight))

    def channels() -> list[LocationBasedSms]:
        spec = LocationBasedSmsSpec(rate_per_s=300, paging_usable_share=usable_share)
        return [LocationBasedSms(spec, 2, np.ones(len(world.network.cells), dtype=np.bool_))]

    fast = simulate(world, channels(), Streams(1)).outcomes["location_based_sms"].received_us
    slow = reference.simulate(world, channels(), Streams(1)).sms_received_us
    assert (fast < NEVER).mean() > 0.1
    np.testing.assert_array_equal(fast, slow)


def test_a_list_and_an_app_take_as_long_as_for_everybody() -> None:
    """Unweighted 3,000 phones at 50 a second take a minute; of ten each, ten minutes."""
    world = benchmark_world.setup(3000, 60, 1, disturbances=(), movers_share=0.0)
    sms = LocationBasedSms(
        LocationBasedSmsSpec(rate_per_s=50, background_load_share=0, retry_s=(), alert_on_reattach=False),
        1,
        np.ones(len(world.network.cells), dtype=np.bool_),
    )
    app = AppPush(
        AppPushSpec(rate_per_s=50, installed_share=1, enabled_share=1), shapely.box(-1e7, -1e7, 1e7, 1e7)
    )
    for weight in (1, 10):
        heavy = weighted(world, np.full(3000, weight))
        done = simulate(heavy, [sms, app], Streams(1)).outcomes
        for name, centres in (("location_based_sms", 2), ("app_push", 1)):
            sent = done[name].sent_us[done[name].sent_us < NEVER]
            phones = sent.size * weight / centres
            assert np.ptp(sent) / US == pytest.approx(phones / 50, rel=0.05)


def test_the_demonstration_is_the_same_by_weight() -> None:
    found = {}
    for weight in (1, 10):
        sets = ["population.people_count=100000", f"population.weight={weight}"]
        found[weight] = run_scenario(load_scenario(ISLAND, sets, "sms_only")).summary()
    one, ten = found[1], found[10]
    assert ten["population"] == one["population"] == 100_000
    assert ten["reach"]["share"] == pytest.approx(one["reach"]["share"], abs=0.03)
    for share in ("p50", "p90"):
        assert ten["latency_s"][share] == pytest.approx(one["latency_s"][share], rel=0.1)
    assert one["latency_s"]["p90"] > 100  # the queue, which weights must not shorten
