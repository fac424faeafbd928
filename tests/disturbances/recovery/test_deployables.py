"""Deployable cells: when they serve, what they leave alone, and whom they reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ewsim import pipeline
from ewsim.country.build import CheckedParts, build_country
from ewsim.disturbances import timeline
from ewsim.disturbances.recovery.spec import DeployableSpec
from ewsim.disturbances.recovery.units import cells_of
from ewsim.disturbances.spec import BackhaulCutSpec, RoadCutSpec, SiteDestroyedSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.ledger import REACHED
from ewsim.metrics.infrastructure import cell_changes, cells_at
from ewsim.network.deployed import with_deployables
from ewsim.network.topology import CORE
from ewsim.population.camping.deployed import with_deployable_cells
from ewsim.scenario.load import load_scenario
from ewsim.settlement.demand import NOWHERE
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, US
from ewsim.world import World

BENCH = benchmark_world.setup(300, 60, movers_share=0.2, disturbances=())
PLACE = tuple(float(v[0]) for v in BENCH.network.frame.to_latlon(np.array([0.0]), np.array([0.0])))
ISLAND = Path(__file__).parents[3] / "scenarios" / "island_cyclone.xml"


def unit(**keys):
    return DeployableSpec.model_validate(
        {"kind": "deployable", "id": "cow", "at_s": 100, "setup_s": 50, "places": [PLACE], **keys}
    )


def spans(spec, *others, horizon_s=2000):
    """When the first cell of the first unit is in service [s], and the deployables' events."""
    network = with_deployables(BENCH.network, list(cells_of(spec, 0, BENCH.network)))
    world = World(network, Streams(1), horizon_s * US)
    timeline.start(world, [spec, *others])
    world.run()
    first = len(BENCH.network.cells)
    away = [(a, b) for c, a, b, _ in world.down_windows().tolist() if c == first]
    edges = [0, *(t / US for span in away for t in span)]
    logged = [(row[0] / US, row[2], row[8]) for row in world.events if row[1] == "deployable"]
    return [edge for edge in edges[2:] if edge < horizon_s], logged


def test_it_serves_when_it_is_set_up_and_stays():
    served, logged = spans(unit())
    assert served == [150]
    assert logged == [(100, "arrives", "cow"), (150, "in_service", "cow")]


def test_the_way_from_the_depot_takes_its_time():
    lat, lon = PLACE
    served, logged = spans(unit(depot=[lat + 0.1, lon], speed_m_s=100))
    assert logged[0][:2] == (100, "sets_out")
    assert served[0] == pytest.approx(150 + 1.3 * 11_119.5 / 100, abs=0.5)  # 0.1 degrees of latitude
    over_sea, _ = spans(unit(type="ship", depot=[lat + 0.1, lon], speed_m_s=100))
    assert over_sea[0] == pytest.approx(150 + 11_119.5 / 100, abs=0.5)


def test_it_is_out_of_service_while_it_is_supplied_and_leaves_in_the_end():
    assert spans(unit(autonomy_s=300, resupply_s=60, leaves_s=700))[0] == [150, 450, 510, 700]
    assert spans(unit(autonomy_s=300, resupplied=False))[0] == [150, 450]
    assert spans(unit(autonomy_s=300, resupply_s=0))[0] == [150]


def test_it_waits_until_the_road_is_open_unless_it_comes_another_way():
    cut = RoadCutSpec(kind="road_cut", at_s=0, restored_at_s=900)
    served, logged = spans(unit(), cut)
    assert served == [950]
    assert logged[0][1] == "waits"
    assert spans(unit(type="haps", setup_s=50), cut)[0] == [150]


def test_disasters_do_not_hit_what_is_not_there_yet():
    everything = SiteDestroyedSpec(kind="site_destroyed", at_s=0)
    assert spans(unit(), everything)[0] == [150]


def test_a_satellite_terminal_carries_a_site_and_those_behind_it():
    behind = next(s for s, parent in enumerate(BENCH.network.sites.parent) if parent != CORE)
    relay = int(BENCH.network.sites.parent[behind])
    name = BENCH.network.sites.name[relay]
    spec = unit(type="satellite_terminal", places=[], sites=[name], leaves_s=1000)
    world = World(BENCH.network, Streams(1), 2000 * US)
    cut = BackhaulCutSpec(kind="backhaul_cut", at_s=10, where=WhereSpec(sites=(name,)))
    timeline.start(world, [spec, cut])
    world.run()
    for site in (relay, behind):
        cell = world.cells_of[site][0]
        windows = [(a / US, b / US) for c, a, b, _ in world.down_windows().tolist() if c == cell]
        assert windows == [(10, 150), (1000, 2000 + 1 / US)]


def test_its_cells_come_last_and_take_nobody_from_others():
    spec = unit(range_m=3000, rats=["4G", "2G"])
    network = with_deployables(BENCH.network, list(cells_of(spec, 0, BENCH.network)))
    with_it = with_deployable_cells(BENCH.population, network, Streams(1), False, NOWHERE)
    before, after = BENCH.population.camping, with_it.camping
    width, built = before.cell.shape[1], len(BENCH.network.cells)
    assert (after.cell[:, :width] == before.cell).all()
    assert (after.later_cell[:, :width] == before.later_cell).all()
    heard = (after.cell[:, width:] >= built).any(axis=1)
    people = BENCH.population.people
    away = np.hypot(people.x_m, people.y_m)[BENCH.population.handsets.owner]
    assert heard.any()
    assert away[heard].max() <= 3000
    own = network.cells.operator[np.maximum(after.cell[:, width], 0)] == BENCH.population.handsets.operator
    assert own[heard].all()
    assert {int(rat) for rat in network.cells.rat[built:]} <= {GSM, LTE}


def test_a_platform_in_the_stratosphere_serves_its_footprint_and_not_below_ten_degrees():
    place = unit(type="haps", range_m=400_000)
    network = with_deployables(BENCH.network, list(cells_of(place, 0, BENCH.network)))
    people = replace(BENCH.population.people, x_m=np.linspace(0, 200_000, 300), y_m=np.zeros(300))
    everyone = replace(BENCH.population, people=people)
    found = with_deployable_cells(everyone, network, Streams(1), False, NOWHERE).camping
    first, handsets = BENCH.population.camping.cell.shape[1], BENCH.population.handsets
    heard = (found.cell[:, first:] >= 0).any(axis=1) & ((handsets.rats & 0b101) > 0)
    edge_m = people.x_m[handsets.owner][heard].max()
    assert 112_000 < edge_m <= 20_000 / np.tan(np.radians(10)) < 114_000


SCENARIO = """\
format: ewsim.scenario/1
name: s
horizon_s: 3600
alert: {path: s.xml}
network: {operators: [{name: A}]}
population: {people_count: 3000, island: {centre: [15.5, -45.0], area_km2: 200}, settlement_count: 3}
channels: {cell_broadcast: {duration_s: 3600}}
disturbances:
  - {kind: site_destroyed, at_s: -60}
arms:
  helped:
    disturbances:
      - {kind: site_destroyed, at_s: -60}
      - {id: help, kind: deployable, type: ship, at_s: 600, setup_s: 0,
         places: [[15.5, -45.0], [15.55, -45.0]]}
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s")
    (folder / "s.xml").write_bytes(ISLAND.read_bytes())
    (folder / "s.yaml").write_text(SCENARIO)
    parts, found = CheckedParts(), {}
    for arm in (None, "helped"):
        country = build_country(load_scenario(folder / "s.yaml", [], arm), parts)
        found[arm] = country, pipeline.run(country)
    return found


def test_people_who_camp_on_one_are_warned_and_the_sum_holds(runs):
    (plain, before), (country, after) = runs[None], runs["helped"]
    assert not (before.ledger.cause == REACHED).any()
    got = after.ledger.outcomes["cell_broadcast"].displayed_us < NEVER
    assert got.sum() > 500
    assert after.ledger.outcomes["cell_broadcast"].displayed_us[got].min() > 600 * US
    assert (plain.in_area == country.in_area).all()
    assert set(np.unique(after.ledger.cause[~got & country.in_area])) & {REACHED} == set()


def test_what_is_planned_and_targeted_is_as_without_it(runs):
    (plain, before), (country, after) = runs[None], runs["helped"]
    one, other = (pipeline.result_of(c, f) for c, f in ((plain, before), (country, after)))
    assert one.network == other.network
    assert one.targeting == other.targeting
    assert len(other.cells) > len(one.cells)


def test_the_events_say_when_it_is_there_and_by_which_inject(runs):
    country, after = runs["helped"]
    events, built = after.ledger.events, len(country.network.built.cells)
    rows = events[events["element"] == "deployable"]
    assert set(rows["inject"]) == {"help"}
    said = (
        rows[rows["kind"] == "camped_on"]["detail"]
        .astype(str)
        .str.extract(r": ([\d,]+) people, room for 3,000")
    )
    camped = said[0].str.replace(",", "").astype(int)
    got = after.ledger.outcomes["cell_broadcast"].displayed_us < NEVER
    assert got.sum() <= camped.sum() <= 2 * len(got)
    changes = cell_changes(events)
    for moment, there in ((599, False), (601, True)):
        serves, _ = cells_at(changes, len(country.network.cells), moment)
        assert (serves[built:] == there).all()
