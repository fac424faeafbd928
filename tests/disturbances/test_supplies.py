"""What a site has for the time without the grid, and how much of it works in a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ewsim.disturbances.power.supplies import autonomy_s
from ewsim.engine import benchmark_world
from ewsim.network.rollout.backup import backup_of
from ewsim.network.topology import OFF_GRID_S
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams

HOUR = 3600.0


def many(count: int = 5000):
    """Sites with the same nominal supplies."""
    one = benchmark_world.setup(10, 60).network.sites
    take = np.zeros(count, dtype=np.int64)
    return replace(
        one,
        name=tuple(str(i) for i in range(count)),
        **{n: getattr(one, n)[take] for n in ("x_m", "y_m", "height_m", "parent", "feeder")},
        battery_s=np.full(count, 4 * HOUR),
        generator_s=np.where(np.arange(count) % 2 == 0, 48 * HOUR, 0.0),
    )


def test_batteries_and_generators_work_as_often_and_last_as_long_as_stated() -> None:
    sites, power = many(), PowerSpec(battery_works_share=0.8, generator_starts_share=0.7, battery_sigma=0.5)
    runs = autonomy_s(sites, power, Streams(1, 5))
    without = runs[1::2]
    assert abs((without > 0).mean() - 0.8) < 0.03
    assert abs(np.median(without[without > 0]) / (4 * HOUR) - 1) < 0.05
    assert abs(np.log(without[without > 0]).std() - 0.5) < 0.03
    assert abs((runs[::2] >= 48 * HOUR).mean() - 0.7) < 0.03
    assert (runs[::2] == 48 * HOUR).any()  # the generator starts though the battery is dead


def test_the_luck_is_that_of_the_replication() -> None:
    sites, power = many(200), PowerSpec()
    first, again, other = (autonomy_s(sites, power, Streams(1, r)) for r in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).mean() > 0.8


def test_everything_lasts_its_nominal_time_without_luck() -> None:
    power = PowerSpec(battery_works_share=1, generator_starts_share=1, battery_sigma=0)
    sites = many(200)
    assert np.allclose(autonomy_s(sites, power, Streams(1)), sites.battery_s + sites.generator_s)


def test_a_site_with_its_own_power_has_no_bad_luck() -> None:
    sites = replace(many(200), battery_s=np.full(200, OFF_GRID_S), generator_s=np.zeros(200))
    assert (autonomy_s(sites, PowerSpec(battery_works_share=0), Streams(1)) == OFF_GRID_S).all()


def test_who_carries_others_has_more() -> None:
    #        a leaf, a relay with one behind, an aggregation site with five, a trunk with 40,000 people
    parent = np.array([-1, -1, 1, -1, 3, 3, 3, 3, 3, -1, 9], dtype=np.int32)
    people = np.array([9e4, 10, 10, 10, 10, 10, 10, 10, 10, 4e4, 10])
    power = PowerSpec()
    luck = np.full(parent.size, 0.5)
    backup = backup_of(parent, people, power, luck)
    assert (backup.battery_s[[0, 1, 3, 9]] / HOUR).tolist() == [4, 8, 12, 24]
    assert (backup.battery_s[[2, 4, 10]] == 4 * HOUR).all()
    assert (backup.generator_s > 0).nonzero()[0].tolist() == [3, 9]  # shares 0.6 and 0.9, not 0.2 and 0.3
    people[1:3] = 4500
    assert backup_of(parent, people, power, luck).battery_s[1] == 12 * HOUR


def test_a_role_never_has_less_than_a_leaf() -> None:
    parent = np.array([-1, 0], dtype=np.int32)
    power = PowerSpec(generator_share=0.8)
    assert (backup_of(parent, np.ones(2), power, np.full(2, 0.7)).generator_s > 0).all()
