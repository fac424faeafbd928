"""Repair crews: in what order, when, and what keeps them waiting."""

from __future__ import annotations

import pytest

from ewsim.country.disturbed import disturbances_of
from ewsim.disturbances import timeline
from ewsim.disturbances.hazards.spec import FloodSpec
from ewsim.disturbances.recovery.spec import RepairCrewsSpec
from ewsim.disturbances.spec import (
    BackhaulCutSpec,
    ElementLossSpec,
    PowerLossSpec,
    RoadCutSpec,
    SiteDestroyedSpec,
    WhereSpec,
)
from ewsim.engine import benchmark_world
from ewsim.network.additions import with_substations
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import Element, World
from tests.country.test_disturbed import scenario

NETWORK = with_substations(benchmark_world.setup(10, 60).network, 2)
#: Nobody has far to go.
TIMES = {"feeder_s": 50, "link_s": 20, "site_s": 100, "substation_s": 30, "core_s": None}
LEAF = next(s for s in range(len(NETWORK.sites)) if s not in NETWORK.sites.parent)
NAME = NETWORK.sites.name[LEAF]


def crews(**keys):
    values = {"kind": "repair_crews", "id": "crews", "at_s": 100, "setup_s": 0, "repair": TIMES}
    return RepairCrewsSpec.model_validate({**values, "speed_m_s": 1000, **keys})


def repaired(*disturbances, horizon_s=5000):
    """What crews have repaired, in order: (when [s], what), and the world as it ended."""
    world = World(NETWORK, Streams(1), horizon_s * US)
    timeline.start(world, disturbances)
    world.run()
    rows = [(row[0] / US, row[7]) for row in world.events if row[1:3] == ("crew", "repaired")]
    return rows, world


def lost(*elements):
    return ElementLossSpec(kind="element_loss", at_s=0, elements=elements)


def test_a_destroyed_site_and_its_link_work_again_after_their_time():
    names = (NAME, f"link {NAME}")
    rows, world = repaired(lost(*names), crews(order=names))
    assert rows == [(200, NAME), (220, f"link {NAME}")]
    assert world.root[LEAF] is None


def test_the_order_is_the_planners_and_the_rest_by_the_sites_that_hang_on_it():
    behind = World(NETWORK, Streams(1), US).sites_behind()
    site = behind.index(max(behind))
    big, leaf = f"link {NETWORK.sites.name[site]}", f"link {NAME}"
    assert [what for _, what in repaired(lost(leaf, big), crews())[0]] == [big, leaf]
    assert [what for _, what in repaired(lost(leaf, big), crews(order=[leaf]))[0]] == [leaf, big]
    assert [what for _, what in repaired(lost(leaf, big), crews(order=[leaf], rest="none"))[0]] == [leaf]


def test_two_crews_share_the_work():
    names = tuple(f"link {name}" for name in NETWORK.sites.name[:6])
    one, two = (repaired(lost(*names), crews(count=count))[0] for count in (1, 2))
    assert sorted(what for _, what in one) == sorted(what for _, what in two)
    assert max(at for at, _ in two) < max(at for at, _ in one)


def test_crews_that_go_to_the_nearest_drive_less():
    names = tuple(f"link {name}" for name in NETWORK.sites.name[:12])
    first = NETWORK.sites.name[0]
    ends = {
        rest: repaired(lost(*names), crews(rest=rest, speed_m_s=5, depot=first), horizon_s=100_000)[0][-1][0]
        for rest in ("nearest", "most_sites")
    }
    assert ends["nearest"] < ends["most_sites"]


@pytest.mark.parametrize("by", ["element", "sites"])
def test_a_feeder_comes_back_at_all_its_sites(by):
    feeder = NETWORK.feeder_names[0]
    loss = (
        lost(feeder)
        if by == "element"
        else PowerLossSpec(kind="power_loss", at_s=0, where=WhereSpec(feeders=(feeder,)))
    )
    rows, world = repaired(loss, crews())
    assert rows == [(150, feeder)]
    assert not any(world.failing.get(Element("mains", site)) for site in range(len(NETWORK.sites)))


def test_feeders_wait_for_their_substation():
    rows, world = repaired(lost("substation_1"), crews())
    assert rows == [(130, "substation_1")]
    feeders = len([n for n in NETWORK.feeder_names if NETWORK.substation[NETWORK.feeder_names.index(n)] == 0])
    grid = [row for row in world.events if row[1:3] == ("feeder", "grid_back")]
    assert len(grid) == feeders
    rows, world = repaired(lost("substation_1"), crews(repair={**TIMES, "substation_s": None}))
    assert rows == []
    assert not world.works(Element("substation", 0))


def test_nobody_goes_where_the_road_is_cut_until_it_is_open_or_cleared():
    wrong = (
        SiteDestroyedSpec(kind="site_destroyed", at_s=0, where=WhereSpec(sites=(NAME,))),
        RoadCutSpec(kind="road_cut", at_s=0, restored_at_s=1000, where=WhereSpec(sites=(NAME,))),
    )
    assert repaired(*wrong, crews())[0] == [(1100, NAME)]
    rows = repaired(*wrong, crews(repair={**TIMES, "road_s": 60}))[0]
    assert rows == [(160, f"road {NAME}"), (260, NAME)]


def test_what_fails_again_is_repaired_again_and_what_works_meanwhile_needs_nobody():
    twice = [BackhaulCutSpec(kind="backhaul_cut", at_s=at, where=WhereSpec(sites=(NAME,))) for at in (0, 500)]
    assert [at for at, _ in repaired(*twice, crews())[0]] == [120, 520]
    early = BackhaulCutSpec(kind="backhaul_cut", at_s=0, restored_at_s=90, where=WhereSpec(sites=(NAME,)))
    assert repaired(early, crews())[0] == []
    assert repaired(*twice, crews(ends_s=400))[0][-1][0] == 120


def test_a_hazard_leaves_to_crews_what_they_repair(tmp_path):
    area = "{circles: [{centre: [15.5, -45], radius_m: 9}]}"
    flood = f"{{kind: flood, areas: [{{from_s: 0, depth_m: 2, area: {area}}}]"
    crew = "  - {kind: repair_crews, at_s: 60, repair: {site_s: null}}"
    file = scenario(tmp_path, f"  - {flood}}}\n{crew}\n  - {flood}, id: b, restoration: {{}}}}")
    left, _, stated = disturbances_of(load_scenario(file))
    assert isinstance(left, FloodSpec)
    assert isinstance(stated, FloodSpec)
    assert left.restoration.link_mean_s == left.restoration.feeder_mean_s == float("inf")
    assert left.restoration.site_mean_s == stated.restoration.site_mean_s == 2_160_000
    assert stated.restoration.link_mean_s == 690_000
