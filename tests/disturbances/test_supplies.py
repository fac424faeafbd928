"""What a site has for the time without the grid, how much of it works in a run, and who comes to help."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from ewsim.disturbances import timeline
from ewsim.disturbances.power.supplies import battery_s
from ewsim.disturbances.spec import PowerLossSpec, RoadCutSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.network.rollout.backup import backup_of
from ewsim.network.topology import CORE, OFF_GRID_S, Network
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import World

HOUR = 3600.0
DAY = 24 * HOUR
ALONE = {"refuelling": {"crews_share": 0}, "portable": {"share": 0}}
SURE = {"battery_sigma": 0, "battery_works_share": 1, "generator_starts_share": 1}
STEADY = {**SURE, "generator_failures_per_day": 0}


def many(count: int = 5000, battery_h: float = 4, generator_h: float = 0) -> Network:
    """Sites with the same nominal supplies and a way of their own to the core."""
    net = benchmark_world.setup(10, 60).network
    take = np.zeros(count, dtype=np.int64)
    sites = replace(
        net.sites,
        name=tuple(str(i) for i in range(count)),
        **{n: getattr(net.sites, n)[take] for n in ("x_m", "y_m", "height_m", "feeder")},
        parent=np.full(count, CORE, dtype=np.int32),
        battery_s=np.full(count, battery_h * HOUR),
        generator_s=np.full(count, generator_h * HOUR),
    )
    cells = replace(
        net.cells,
        name=sites.name,
        site=np.arange(count, dtype=np.int32),
        **{
            n: getattr(net.cells, n)[take]
            for n in ("operator", "rat", "azimuth_deg", "frequency_mhz", "eirp_dbm", "tracking_area")
        },
    )
    return replace(net, sites=sites, cells=cells)


def off(network: Network, power: dict, *cuts, days: float = 4) -> World:
    """A run of a network under disturbances; by default the grid is lost at 0 for good."""
    cuts = cuts or (PowerLossSpec(kind="power_loss", at_s=0),)
    world = World(network, Streams(3), round(days * DAY) * US)
    timeline.start(world, cuts, PowerSpec.model_validate(power))
    world.run()
    return world


def windows(world: World, site: int = 0) -> list[tuple[float, float]]:
    """When a site is off [h]."""
    return [(a / US / HOUR, b / US / HOUR) for c, a, b, _ in world.down_windows().tolist() if c == site]


def cut(*hours: float, site: str | None = None) -> PowerLossSpec:
    where = WhereSpec() if site is None else WhereSpec(sites=(site,))
    begins, ends = hours
    return PowerLossSpec(kind="power_loss", at_s=begins * HOUR, restored_at_s=ends * HOUR, where=where)


def share_off(world: World, hour: float) -> float:
    at = hour * HOUR * US
    down = world.down_windows()
    return float(((down[:, 1] <= at) & (down[:, 2] > at)).sum() / len(world.network.cells))


def test_batteries_work_as_often_and_last_as_long_as_stated() -> None:
    power = PowerSpec(battery_works_share=0.8, battery_sigma=0.5)
    runs = battery_s(many(), power, Streams(1, 5))
    assert abs((runs > 0).mean() - 0.8) < 0.03
    assert abs(np.median(runs[runs > 0]) / (4 * HOUR) - 1) < 0.05
    assert abs(np.log(runs[runs > 0]).std() - 0.5) < 0.03
    aged = battery_s(many(), power.model_copy(update={"battery_aged_share": 1.0}), Streams(1, 5))
    assert np.allclose(aged, runs / 2)


def test_the_luck_is_that_of_the_replication() -> None:
    first, again, other = (battery_s(many(200), PowerSpec(), Streams(1, r)) for r in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).mean() > 0.8


def test_everything_lasts_its_nominal_time_without_luck() -> None:
    world = off(many(3, 4, 48), {**STEADY, **ALONE})
    assert windows(world) == [(52, 96 + 1e-6 / HOUR)]
    fuel = [row for row in world.events if row[2] == "fuel_burnt"]
    assert [row[7] for row in fuel] == ["288 l, 777 kg CO2"]  # 3 sites, 48 h, 2 l/h


def test_a_site_with_its_own_power_has_no_bad_luck() -> None:
    world = off(many(200, OFF_GRID_S / HOUR), {"battery_works_share": 0, **ALONE})
    assert not len(world.down_windows())


def test_solar_panels_stretch_the_battery_or_replace_the_grid() -> None:
    half = {**STEADY, **ALONE, "solar_share": 1, "solar_cover_share": 0.5}
    assert windows(off(many(1), half))[0][0] == 8
    assert windows(off(many(1), {**half, "solar_cover_share": 1})) == []


def test_a_second_cut_finds_the_battery_part_full() -> None:
    power = {**STEADY, **ALONE, "recharge_s": 16 * HOUR}
    world = off(many(1), power, cut(0, 5), cut(9, 30))  # empty at 4 h, a quarter full at 9 h
    assert windows(world) == [(4, 5), (10, 30)]


def test_generators_start_and_fail_as_often_as_stated() -> None:
    power = {**SURE, **ALONE, "generator_starts_share": 0.7, "generator_failures_per_day": 0.5}
    world = off(many(2000, 0.001, 480), power)
    assert abs(share_off(world, 0.5) - 0.3) < 0.04
    assert abs(share_off(world, 48) - (1 - 0.7 * np.exp(-1))) < 0.04


def test_crews_keep_generators_running_and_place_portable_ones() -> None:
    power = {**STEADY, "refuelling": {"crews_share": 0.5, "first_arrival_s": 10 * HOUR, "visit_s": HOUR}}
    served = off(many(20, 4, 24), power)
    assert not len(served.down_windows())
    without = {**power, "portable": {"share": 0.25, "fuel_s": 24 * HOUR}}
    world = off(many(20), without)
    assert Counter(row[2] for row in world.events if row[1] == "generator")["placed"] == 5
    assert [windows(world, site) for site in range(5)] == [[(4, 11)]] * 5  # ten crews, the first five sites
    assert share_off(world, 90) == 0.75


def test_a_portable_generator_goes_on_when_the_grid_is_back() -> None:
    power = {
        **STEADY,
        "refuelling": {"crews_share": 0.5, "first_arrival_s": 10 * HOUR, "visit_s": HOUR},
        "portable": {"share": 0.5},
    }
    world = off(many(2), power, cut(0, 40, site="0"), cut(0, 90, site="1"))
    assert windows(world, 0) == [(4, 11)]
    assert windows(world, 1) == [(4, 41)]


def test_crews_wait_for_open_roads() -> None:
    power = {
        **STEADY,
        "refuelling": {"crews_share": 1, "first_arrival_s": 10 * HOUR, "visit_s": HOUR},
        "portable": {"share": 1},
    }
    road = RoadCutSpec(kind="road_cut", at_s=0, restored_at_s=50 * HOUR, where=WhereSpec(sites=("0",)))
    world = off(many(2), power, PowerLossSpec(kind="power_loss", at_s=0), road)
    assert windows(world, 0) == [(4, 51)]
    assert windows(world, 1) == [(4, 11)]


def test_after_three_days_without_the_grid_not_every_site_is_off() -> None:
    net = many(1000)
    power = PowerSpec()
    luck = Streams(1).uniform("network.generator", np.arange(1000))
    backup = backup_of(net.sites.parent, np.full(1000, 600.0), power, luck)
    net = replace(net, sites=replace(net.sites, battery_s=backup.battery_s, generator_s=backup.generator_s))
    world = off(net, {}, days=4)
    assert 0.4 < share_off(world, 72) < 0.8


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
