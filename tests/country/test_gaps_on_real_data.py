"""Coverage, gaps and policies of six real networks: what the data's own description says holds."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely

from ewsim.country import comparison, gaps_export
from ewsim.country import survey as planning
from ewsim.country.gaps import find_gaps
from ewsim.errors import DataError
from ewsim.geography.points import read_points
from ewsim.scenario.spec import CellChoiceSpec

SHARED = Path(__file__).parents[2] / "../shared/data"
COUNTRIES = {
    "puerto_rico": ("cells.csv", 2_349_459, 2),
    "dominica": ("cells.csv", None, None),
    "haiti": ("cells.csv", None, 1),
    "lesotho": ("opencellid.csv", None, 2),
    "fiji": ("cells.csv", None, None),
}


@cache
def survey(country, table):
    folder = SHARED / country
    if not folder.is_dir():
        pytest.skip("no shared data here")
    return planning.open_survey(folder / table, folder / "land.geojson", folder / "places.csv")


@pytest.mark.parametrize("country", COUNTRIES)
def test_gaps_add_up_on_a_real_network(country):
    table, people, operators = COUNTRIES[country]
    found = survey(country, table)
    gaps = find_gaps(found.network, found.demand)
    if people is not None:
        assert gaps.people == pytest.approx(people)
    if operators is not None:
        assert len(found.network.operators) == operators
    assert sum(spot.people for spot in gaps.spots) == pytest.approx(gaps.people_without)
    assert 0 < gaps.people_without < gaps.people
    dark = sum(spot.area_km2 for spot in gaps.spots)
    light = gaps.on_grid.covered().sum() * gaps.grid.pixel_km2
    empty = gaps.uninhabited_km2
    assert dark + empty + light == pytest.approx(found.network.land.area / 1e6, rel=0.02)
    assert all(spot.people > 0 for spot in gaps.spots)
    spots = list(found.network.frame.to_latlon(*np.array([[s.x_m, s.y_m] for s in gaps.spots]).T))
    assert len(spots[0]) == len(gaps.spots)
    shapes = [
        shapely.geometry.shape(f["geometry"]) for f in json.loads(gaps_export.geojson(gaps))["features"]
    ]
    assert all(shape.is_valid for shape in shapes)
    if country == "fiji":  # on both sides of the antimeridian, and no piece across it
        lon = np.concatenate([shapely.get_coordinates(s)[:, 0] for s in shapes])
        assert (lon > 177).any()
        assert (lon < -178).any()
        widest = max(p.bounds[2] - p.bounds[0] for s in shapes for p in s.geoms)
        assert widest < 5


def test_municipios_of_puerto_rico_share_the_people():
    found = survey("puerto_rico", "cells.csv")
    path = SHARED / "puerto_rico" / "municipios.geojson"
    named = planning.districts_of(path, "NAME", found)
    assert len(named.name) == 78
    gaps = find_gaps(found.network, found.demand, named)
    rows = gaps.by_district()
    assert sum(people for _, people, _ in rows) == pytest.approx(gaps.people)
    assert sum(without for _, _, without in rows) == pytest.approx(gaps.people_without)
    without = [row[2] for row in rows]
    assert without == sorted(without, reverse=True)
    san_juan = next(row for row in rows if row[0] == "San Juan")
    assert san_juan[2] < 0.01 * san_juan[1]


def test_ibizas_schools_are_covered_or_not():
    folder = SHARED / "ibiza"
    if not folder.is_dir():
        pytest.skip("no shared data here")
    found = planning.open_survey(folder / "cell-sites.csv", folder / "land.geojson")
    gaps = find_gaps(found.network, found.demand, points=read_points(folder / "points-of-interest.csv"))
    ((kind, count, without),) = gaps.points_by_kind()
    assert (kind, count) == ("school", 100)
    assert 0 <= without < 20


def test_policies_order_on_puerto_rico():
    """A flood in one municipio: whole counties reach most people beyond, masts inside miss most."""
    found = survey("puerto_rico", "cells.csv")
    path = SHARED / "puerto_rico" / "municipios.geojson"
    named = planning.districts_of(path, "NAME", found)
    west, south, east, north = dict(zip(named.name, named.shape, strict=True))["Caguas"].bounds
    area = shapely.Point((west + east) / 2, (south + north) / 2).buffer((east - west) / 5)
    policies = [
        (name, CellChoiceSpec.model_validate({"policy": name, "footprint": "best_server"}))
        for name in ("county", "site_in", "intersect", "overlap", "greedy", "tracking_areas")
    ]
    rows = comparison.compare_policies(found, area, policies, named.shape)
    by = {row.name: row.fit for row in rows}
    assert by["county"].overshoot_share > by["intersect"].overshoot_share
    assert by["tracking_areas"].overshoot_share > by["intersect"].overshoot_share
    assert by["intersect"].overshoot_share > by["overlap"].overshoot_share
    assert by["overlap"].overshoot_share > by["greedy"].overshoot_share
    assert by["intersect"].recall > 0.9
    assert by["site_in"].recall < by["intersect"].recall
    gain = {name: fit.alerted_inside - fit.alerted_outside for name, fit in by.items()}
    assert max(gain, key=gain.get) == "greedy"


def test_what_is_of_another_country_is_refused_or_told(tmp_path):
    found = survey("puerto_rico", "cells.csv")
    (tmp_path / "far.csv").write_text("poi_id,lat,lon,poi_type\na,38.9,1.4,school\n")
    with pytest.raises(DataError, match=r"every point \(1\) lies more than 30 km off the land"):
        planning.far_points(read_points(tmp_path / "far.csv"), found.network)
    rows = "poi_id,lat,lon,poi_type\na,38.9,1.4,school\nb,18.2,-66.4,school\n"
    (tmp_path / "one.csv").write_text(rows)
    (note,) = planning.far_points(read_points(tmp_path / "one.csv"), found.network)
    assert note.startswith("1 point lies")
    assert note.endswith("line 2).")
    elsewhere = shapely.Point(*found.network.frame.to_xy(14.6, -61.0)).buffer(5_000)
    with pytest.raises(DataError, match="km from the nearest site"):
        planning.must_be_near(tmp_path / "alert.xml", elsewhere, found.network)
    planning.must_be_near(tmp_path / "alert.xml", shapely.Point(0, 0), found.network)
    path = (SHARED / "puerto_rico" / "municipios.geojson").resolve()
    with pytest.raises(DataError, match="nobody lives in any"):
        planning.districts_of(path, "NAME", survey("dominica", "cells.csv"))


def test_without_a_coastline_rows_abroad_are_left_out_and_said():
    path = (SHARED / "puerto_rico" / "cells.csv").resolve()
    if not path.is_file():
        pytest.skip("no shared data here")
    found = planning.open_survey(path)
    assert "14 rows far from the rest are left out as abroad" in found.notes[0]
    x, y = found.network.sites.x_m, found.network.sites.y_m
    assert max(np.ptp(x), np.ptp(y)) < 250_000
    assert find_gaps(found.network, found.demand).grid.land.size < 200_000


def test_ibizas_people_are_counted_from_the_raster_beside_the_table():
    folder = (SHARED / "ibiza").resolve()
    if not folder.is_dir():
        pytest.skip("no shared data here")
    pytest.importorskip("rasterio")
    found = planning.open_survey(
        folder / "cell-sites.csv", folder / "land.geojson", folder / "population.tif"
    )
    gaps = find_gaps(found.network, found.demand)
    assert round(gaps.people) == 146_416
    with_margin = find_gaps(found.network, found.demand, margin_db=20.0)
    for one, less in zip(gaps.coverage(), with_margin.coverage(), strict=True):
        assert one[:2] == less[:2]
        assert less[2] <= one[2]
    assert with_margin.people_without > gaps.people_without
    # What 20 dB more is asked of is what a signal 20 dB weaker would do.
    weaker = replace(
        found.network, cells=replace(found.network.cells, eirp_dbm=found.network.cells.eirp_dbm - 20.0)
    )
    assert find_gaps(weaker, found.demand).people_without == with_margin.people_without


@pytest.mark.parametrize("footprint", ["nominal", "best_server"])
@pytest.mark.parametrize(
    ("lat", "lon", "radius_m"),
    [(18.15, -66.58, 12_000), (18.40, -66.06, 7_000), (18.02, -66.61, 3_000), (18.33, -65.80, 9_000)],
)
def test_no_policy_trades_better_than_greedy_on_puerto_rico(lat, lon, radius_m, footprint):
    found = survey("puerto_rico", "cells.csv")
    area = shapely.Point(*found.network.frame.to_xy(lat, lon)).buffer(radius_m)
    names = ("site_in", "centroid_in", "intersect", "overlap", "population", "tracking_areas")
    policies = [
        (name, CellChoiceSpec.model_validate({"policy": name, "footprint": footprint}))
        for name in ("greedy", *names)
    ]
    greedy, *others = (
        row.fit.alerted_inside - row.fit.alerted_outside
        for row in comparison.compare_policies(found, area, policies)
    )
    assert greedy > 0
    assert all(other <= greedy + 1e-6 for other in others)


def test_ibizas_raster_of_people_is_who_the_gaps_are_counted_of(tmp_path):
    folder = (SHARED / "ibiza").resolve()
    if not folder.is_dir():
        pytest.skip("no shared data here")
    pytest.importorskip("rasterio")
    alert = Path(__file__).parents[2].resolve() / "scenarios/island_cyclone.xml"
    scenario = tmp_path / "ibiza.yaml"
    scenario.write_text(f"""
format: ewsim.scenario/1
name: ibiza
alert:
  path: {alert}
  area_override: {{circles: [{{centre: [38.95, 1.4], radius_m: 9000}}]}}
network: {{path: {folder}/cell-sites.csv, land: {folder}/land.geojson}}
population: {{raster: {folder}/population.tif, weight: 20}}
""")
    found = planning.open_survey(scenario)
    gaps = find_gaps(found.network, found.demand)
    assert gaps.people == pytest.approx(146_416, rel=0.01)
    inside, without = gaps.exposed_in(found.area)
    assert 0 <= without <= inside < gaps.people
    assert sum(spot.people for spot in gaps.spots) == pytest.approx(gaps.people_without)
    # Formentera has no site in this table: dark land of 80 km2, where the raster ends before it.
    assert 70 < gaps.uninhabited_km2 < 120
