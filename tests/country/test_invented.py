"""Invented countries: ground as asked for, roads that join, files that a scenario reads back."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from ewsim.cli import cli
from ewsim.country.build import build_country
from ewsim.country.drafting.invented import files, invent
from ewsim.geography import terrain
from ewsim.geography.land import read_land
from ewsim.geography.plane import LocalFrame, contains
from ewsim.geography.terrain import TERRAIN
from ewsim.network.rollout.siting import PLANNING_MARGIN_DB
from ewsim.network.signal import radio
from ewsim.network.tables.reader import read_rows
from ewsim.scenario.load import load_scenario
from ewsim.scenario.presets import PRESETS, as_yaml, preset, validated
from ewsim.scenario.spec import IslandSpec
from ewsim.settlement.pattern import Settlements, demand, settle
from ewsim.settlement.places import read_places
from ewsim.settlement.roads import join
from ewsim.streams import Streams
from ewsim.units import RATS

FRAME = LocalFrame(14.6, -61.0)
SMALL = ("small_island_state", "archipelago")


@pytest.fixture(scope="module", params=SMALL)
def country(request):
    spec = validated(preset(request.param, 1))
    return spec, invent(spec, Path)


@pytest.mark.parametrize("shape", ["island", "archipelago", "coast", "inland"])
def test_the_land_has_its_area_and_its_terrain_its_shares(shape):
    spec = IslandSpec(shape=shape, area_km2=5_000, mountain_share=0.2, hill_share=0.3, island_count=9)
    land, ground = terrain.draw(spec, FRAME, Streams(3))
    assert land.area == pytest.approx(5e9)
    assert land.is_valid
    parts = shapely.get_parts(land)
    assert {"archipelago": 2 <= len(parts) <= 9, "island": True}.get(shape, len(parts) == 1)
    ids = np.arange(20_000)
    x0, y0, x1, y1 = land.bounds
    x = x0 + (x1 - x0) * Streams(1).uniform("test.x", ids)
    y = y0 + (y1 - y0) * Streams(1).uniform("test.y", ids)
    dry = contains(land, x, y)
    found = np.bincount(ground.at(x[dry], y[dry]), minlength=len(TERRAIN)) / dry.sum()
    assert found == pytest.approx([0.5, 0.3, 0.2], abs=0.06)
    assert ground.coastal == (shape != "inland")


def test_a_seed_is_a_coast():
    one, _ = terrain.draw(IslandSpec(), FRAME, Streams(1))
    same, _ = terrain.draw(IslandSpec(), FRAME, Streams(1, 5))
    other, _ = terrain.draw(IslandSpec(), FRAME, Streams(2))
    assert one.equals(same)
    assert not one.equals(other)


def test_few_settle_in_the_mountains():
    spec = validated(preset("mountainous", 1)).population
    land, ground = terrain.draw(spec.island, FRAME, Streams(1))
    made = settle(spec, None, land, FRAME, Streams(1), ground)
    assert (ground.at(made.x_m, made.y_m) == 2).mean() < 0.15 < 0.5 == spec.island.mountain_share


def three_towns(x, y):
    many = np.zeros(len(x), dtype=np.int8)
    return Settlements(
        tuple("abc"[: len(x)]),
        np.array(x, float),
        np.array(y, float),
        np.full(len(x), 100),
        np.full(len(x), 500.0),
        many,
        np.arange(len(x), dtype=np.int32),
    )


def test_a_road_takes_the_straight_way_over_plain_ground_and_spares_the_long_side():
    land = shapely.box(0, 0, 40_000, 40_000)
    built = join(three_towns([5_000, 20_000, 35_000], [20_000, 20_000, 20_000]), land, None)
    assert sorted((r.a, r.b) for r in built) == [(0, 1), (1, 2)]
    assert [r.line.length for r in built] == pytest.approx([15_000, 15_000], rel=0.01)


def test_roads_do_not_cross_water():
    islands = shapely.union(shapely.box(0, 0, 10_000, 20_000), shapely.box(20_000, 0, 40_000, 20_000))
    built = join(three_towns([5_000, 25_000, 38_000], [9_000, 9_000, 9_000]), islands, None)
    assert [(r.a, r.b) for r in built] == [(1, 2)]


def test_roads_join_every_place_of_an_island(country):
    _, made = country
    group = list(range(len(made.settlements.name)))

    def top(n):
        while group[n] != n:
            n = group[n]
        return n

    for road in made.roads:
        group[top(road.a)] = top(road.b)
    tops = {top(n) for n in group}
    parts = list(shapely.get_parts(made.land))
    with_places = {
        min(range(len(parts)), key=lambda i: parts[i].distance(shapely.Point(x, y)))
        for x, y in zip(made.settlements.x_m[: len(group)], made.settlements.y_m[: len(group)], strict=True)
    }
    assert len(tops) <= len(with_places)


def test_schools_and_hospitals_stand_where_people_live(country):
    _, made = country
    points, people = made.points, made.settlements.people.sum()
    assert contains(made.land, points.x_m, points.y_m).all()
    assert (points.kind == 0).sum() == pytest.approx(people / 1_500, rel=0.2)
    assert (points.kind == 1).sum() >= people // 100_000
    assert (points.kind[1:] >= points.kind[:-1]).all()


def test_every_target_of_a_preset_is_met_within_a_point_link_by_link(country):
    spec, made = country
    people = demand(made.settlements, made.land, Streams(spec.seed))
    cells, targets = made.network.cells, spec.network.synthesis.coverage_targets
    base = {"small_island_state": ("2G", "3G"), "archipelago": ("2G", "3G")}[spec.name]
    for operator in range(len(made.network.operators)):
        covered = {rat: np.zeros(len(people), dtype=bool) for rat in RATS}
        for cell in np.flatnonzero((cells.operator == operator) & (cells.frequency_mhz < 1000)):
            many = np.full(len(people), cell)
            covered[RATS[cells.rat[cell]]] |= (
                radio.level_db(made.network, many, people.x_m, people.y_m) >= PLANNING_MARGIN_DB
            )
        old = np.logical_or.reduce([covered[rat] for rat in base])
        share = old @ people.people / people.people.sum()
        assert share == pytest.approx(spec.network.synthesis.coverage_target, abs=0.01)
        urban = people.region == 0
        for rat, target in targets.items():
            for where, want in ((urban, target.urban_target), (~urban, target.rural_target)):
                got = covered[rat][where] @ people.people[where] / people.people[where].sum()
                assert got == pytest.approx(want, abs=0.01)


SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.heavy) for seed in (2, 7))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", PRESETS)
def test_every_operator_of_every_preset_meets_its_targets_within_a_point(name, seed):
    made = invent(validated(preset(name, seed)), Path)
    pattern = re.compile(r"give ([\d.]+)% .*\(target ([\d.]+)%\)")
    said = [found for note in made.network.notes if (found := pattern.search(note))]
    assert len(said) >= 2 * len(made.network.operators)
    for found in said:
        assert float(found[1]) == pytest.approx(float(found[2]), abs=1.0), found.string


def test_the_files_are_read_back_as_the_country_that_was_made(country, tmp_path):
    _, made = country
    for name, content in files(made).items():
        (tmp_path / name).write_bytes(content)
    table = read_rows(tmp_path / "sites.csv")
    assert set(table.sites) == set(made.network.sites.name)
    assert not table.faults
    assert (table.columns.backhaul >= 0).all()
    assert (table.columns.power >= 0).all()
    assert not table.of_cells
    places = read_places(tmp_path / "places.csv")
    again = LocalFrame.around(places.lat_deg, places.lon_deg)
    land = read_land(tmp_path / "land.geojson", again)
    assert land.area == pytest.approx(made.land.area, rel=0.01)
    spec = validated({**preset("archipelago", 1), "population": {"rural_share": 0}})
    back = settle(spec.population, places, land, again, Streams(1))
    assert back.name == made.settlements.name
    assert (back.people == made.settlements.people).all()
    assert (back.kind == made.settlements.kind).mean() > 0.99
    lat, lon = again.to_latlon(back.x_m, back.y_m)
    was_lat, was_lon = made.frame.to_latlon(made.settlements.x_m, made.settlements.y_m)
    assert np.abs(lat - was_lat).max() < 1e-6
    assert np.abs(lon - was_lon).max() < 1e-6


def test_the_scenario_that_is_written_runs_on_the_network_that_was_made(tmp_path):
    made = invent(validated(preset("archipelago", 1)), Path).network
    CliRunner().invoke(cli, ["network", "make", "archipelago", "-o", str(tmp_path / "a")])
    back = build_country(load_scenario(tmp_path / "a/scenario.yaml")).network

    def hung(network):
        name = [*network.sites.name, "core"]
        return {name[at]: name[on] for at, on in enumerate(network.sites.parent.tolist())}

    assert hung(back) == hung(made)

    def supply(network):
        s = network.sites
        seconds = zip(np.rint(s.battery_s).tolist(), np.rint(s.generator_s).tolist(), strict=True)
        return dict(zip(s.name, seconds, strict=True))

    assert supply(back) == supply(made)

    def cells(network):
        c = network.cells
        return sorted(
            (network.sites.name[s], o, r, f, round(float(np.nan_to_num(a, nan=-1)), 3), round(e, 2))
            for s, o, r, f, a, e in zip(
                c.site.tolist(),
                c.operator.tolist(),
                c.rat.tolist(),
                c.frequency_mhz.tolist(),
                c.azimuth_deg.tolist(),
                c.eirp_dbm.tolist(),
                strict=True,
            )
        )

    for one, other in zip(cells(back), cells(made), strict=True):
        assert one[:5] == other[:5]
        assert one[5] == pytest.approx(other[5], abs=0.02)

    def areas(network):
        c = network.cells
        groups = {}
        for s, o, r, t in zip(
            c.site.tolist(), c.operator.tolist(), c.rat.tolist(), c.tracking_area.tolist(), strict=True
        ):
            groups.setdefault(t, set()).add((network.sites.name[s], o, r))
        return {frozenset(group) for group in groups.values()}

    assert areas(back) == areas(made)


def test_links_lead_to_the_core_and_fibre_stands_on_rings(country, tmp_path):
    _, made = country
    links = json.loads(files(made)["backhaul.geojson"])["features"]
    rings = [f for f in links if f["properties"]["kind"] == "fibre_ring"]
    assert rings
    assert all(f["geometry"]["coordinates"][0] == f["geometry"]["coordinates"][-1] for f in rings)
    hops = [f for f in links if f["properties"]["kind"] == "microwave"]
    assert len(hops) == (made.hung.parent >= 0).sum()
    satellite = made.hung.kind == 2
    assert (made.hung.parent[satellite] == -1).all()


def test_the_same_seed_gives_the_same_bytes():
    spec = validated(preset("small_island_state", 4))
    assert files(invent(spec, Path)) == files(invent(spec, Path))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_scenario_that_survives_being_written(name):
    data = preset(name, 3)
    from ruamel.yaml import YAML

    assert YAML(typ="safe").load(as_yaml(data)) == data
    assert validated(data).seed == 3
