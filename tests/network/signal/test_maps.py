"""Coverage maps and gaps, against brute force and by hand."""

import dataclasses
import itertools
import json

import numpy as np
import pytest
import shapely
from masts import masts, random_masts

from ewsim.country import gaps_export, survey
from ewsim.country.gaps import Districts, find_gaps
from ewsim.errors import DataError, UsageError
from ewsim.geography.plane import LocalFrame
from ewsim.geography.points import Points, read_points
from ewsim.network.coverage import Coverage, Raster
from ewsim.network.signal import radio
from ewsim.network.signal.maps import Grid, grid_over, signals
from ewsim.report.maps.gaps import panels
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams


def replace(thing, **values):
    return dataclasses.replace(thing, **values)


def anywhere(count, half, seed=9):
    ids = np.arange(count)
    return tuple(half * (2 * Streams(seed).uniform("t.xy", ids, k) - 1) for k in (0, 1))


def people_at(x, y, people):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return Demand(x, y, np.asarray(people, dtype=float), np.ones(x.size))


def test_the_best_signal_is_that_of_every_cell_tried():
    network = random_masts(1, 80)
    cells = replace(
        network.cells,
        rat=(np.arange(240) % 4).astype(np.int8),
        operator=(np.arange(240) // 3 % 2).astype(np.int16),
    )
    network = replace(network, cells=cells, operators=("A", "B"))
    x, y = anywhere(500, 30_000.0)
    got = signals(network, x, y)
    level = np.stack([radio.level_db(network, np.full(500, c), x, y) for c in range(240)])
    for operator in range(2):
        for rat in range(4):
            mine = (cells.operator == operator) & (cells.rat == rat)
            best = level[mine].max(axis=0)
            heard = best >= 0
            np.testing.assert_array_equal(got.level_db[operator, rat] >= 0, heard)
            assert got.level_db[operator, rat][heard] == pytest.approx(best[heard], abs=1e-3)
            number = np.flatnonzero(mine)[level[mine].argmax(axis=0)]
            np.testing.assert_array_equal(got.cell[operator, rat][heard], number[heard])
        newest = np.where(got.cell[operator] >= 0, np.arange(4)[:, None], -1).max(axis=0)
        serving = got.serving()[operator]
        np.testing.assert_array_equal(serving >= 0, newest >= 0)
        assert (cells.rat[serving[serving >= 0]] == newest[newest >= 0]).all()
    assert 0 < got.covered().mean() < 1
    assert (got.covered() == (level >= 0).any(axis=0)).all()


def test_a_raster_of_the_user_replaces_the_model():
    """Two pixels, west heard and east not, whatever the mast in the east would do."""
    network = masts([3_000], [0], azimuths=(float("nan"),))
    degree = 1 / 0.1  # pixels of a tenth of a degree, the border between them at longitude 0
    raster = Raster(np.array([[-90.0, -150.0]], dtype=np.float32), (degree, 0, 1, 0, degree, 0.5))
    column = np.full((1, 4), -1, dtype=np.int32)
    column[0, 2] = 0
    network = replace(network, coverage=Coverage((raster,), column))
    got = signals(network, np.array([-9_000.0, -500.0, 2_900.0]), np.zeros(3))
    assert got.covered().tolist() == [True, True, False]
    assert got.serving().tolist() == [[0, 0, -1]]
    assert got.level_db[0, 2, :2] == pytest.approx(-90 - radio.THRESHOLD_DBM[2])


def test_pixels_make_an_area_of_their_size():
    land = shapely.Point(0, 0).buffer(10_000, quad_segs=32)
    grid = grid_over(land, 500.0)
    assert grid.land.sum() * grid.pixel_km2 == pytest.approx(land.area / 1e6, rel=0.01)
    x, y = grid.middles()
    mask = grid.mask(x > y)
    assert grid.shape_of(mask).area == pytest.approx((x > y).sum() * 500.0**2)
    assert grid.shape_of(mask).contains(shapely.Point(3_250, -3_250))
    holes = np.ones((3, 3), dtype=bool)
    holes[1, 1] = False
    ring = Grid(0.0, 0.0, 10.0, np.ones((3, 3), dtype=bool)).shape_of(holes)
    assert (ring.area, len(ring.interiors)) == (800.0, 1)
    assert 30_000 < grid_over(land).land.sum() < 130_000


def lone_mast(people, points=None, districts=None):
    """One mast in the west of a long island, and people along it."""
    network = masts([0], [0], azimuths=(float("nan"),))
    reach = float(radio.footprint_radius_m(network)[0])
    land = shapely.box(-reach / 2, -reach / 4, 4 * reach, reach / 4)
    network = replace(network, land=land)
    demand = people_at([k * reach for k, _ in people], [0] * len(people), [n for _, n in people])
    return find_gaps(network, demand, districts, points, step_m=reach / 40), reach


def test_people_beyond_the_mast_are_without_and_their_land_is_a_cold_spot():
    gaps, reach = lone_mast([(0.2, 100), (0.9, 50), (1.2, 30), (3.5, 7)])
    assert (gaps.people, gaps.people_without) == (187, 37)
    (spot,) = gaps.spots
    assert (spot.number, spot.people, spot.district) == (1, 37, "whole country")
    dark = 1.5 * reach**2 / 1e6  # beyond the disc: 3 reaches by half a reach, about
    assert spot.area_km2 == pytest.approx(dark, rel=0.05)
    assert spot.x_m > reach
    assert gaps.exposed_in(shapely.box(0.5 * reach, -1, 2 * reach, 1)) == (80, 30)
    shares = {(o, r): p for o, r, p, _ in gaps.coverage()}
    assert shares["A", "4G"] == shares["any", "any"] == pytest.approx(150 / 187)
    assert ("A", "2G") not in shares


def test_a_large_cold_spot_is_cut_by_district_and_to_a_size_to_visit(monkeypatch):
    monkeypatch.setattr("ewsim.country.gaps.SPOT_KM2", 4.0)
    _, reach = lone_mast([(0.2, 1)])
    shapes = [shapely.box(a * reach, -reach, b * reach, reach) for a, b in ((-1, 2.5), (2.5, 4.0))]
    people = [(0.2, 100), (1.3, 5), (2.45, 30), (2.55, 7), (3.9, 3)]
    gaps, _ = lone_mast(people, districts=Districts(("west", "east"), shapes))
    assert len(gaps.spots) > 2
    assert max(spot.area_km2 for spot in gaps.spots) <= 4
    assert sum(spot.people for spot in gaps.spots) == gaps.people_without == 45
    near = {spot.people: spot.district for spot in gaps.spots}
    assert min(near) >= 1
    assert (near[30], near[7]) == ("west", "east")
    assert [s.people for s in gaps.spots] == sorted((s.people for s in gaps.spots), reverse=True)
    assert set(range(len(gaps.spots) + 1)) < set(np.unique(gaps.spot))


def test_land_without_a_signal_where_nobody_lives_is_no_cold_spot():
    gaps, reach = lone_mast([(0.2, 100), (0.9, 50)])
    assert gaps.spots == ()
    assert gaps.uninhabited_km2 == pytest.approx(1.5 * reach**2 / 1e6, rel=0.05)
    kinds = [f["properties"]["kind"] for f in json.loads(gaps_export.geojson(gaps))["features"]]
    assert kinds == ["coverage", "uninhabited"]
    _, cold = panels(gaps)
    assert cold.title == "Outside planned coverage: 0 people, 0 cold spots"


def test_gaps_in_a_table_of_volunteers_may_be_missing_data():
    gaps, _ = lone_mast([(0.2, 300), (0.9, 100), (1.2, 60), (3.5, 40)])
    assert gaps.doubt() == ""
    density = np.array([900.0, 100, 500, 20])
    network = replace(gaps.network, crowd_sourced=True)
    doubted = replace(gaps, network=network, demand=replace(gaps.demand, density_per_km2=density))
    said = doubted.doubt()
    assert "60 of the 100 people outside planned coverage (60%)" in said
    assert (
        "as many people a site as elsewhere (400) the gaps would have 0 sites more; the table has 1" in said
    )


def test_districts_rank_by_the_people_without_a_signal():
    _, reach = lone_mast([(0.2, 1)])
    edges = [-1, 1.1, 2, 4.0]
    shapes = [shapely.box(a * reach, -reach, b * reach, reach) for a, b in itertools.pairwise(edges)]
    named = Districts(("west", "middle", "east"), shapes)
    people = [(0.2, 100), (1.3, 5), (2.5, 30), (3.0, 7), (4.5, 1)]  # the last is at sea
    gaps, _ = lone_mast(people, districts=named)
    assert gaps.by_district() == [("east", 38.0, 38.0), ("middle", 5.0, 5.0), ("west", 100.0, 0.0)]
    assert sum(spot.people for spot in gaps.spots) == gaps.people_without == 43
    assert gaps.spots[0].district == "east"


def test_schools_and_hospitals_are_covered_or_not():
    lat, lon = LocalFrame(0, 0).to_latlon(np.array([0.0, 1_000.0, 50_000.0]), np.zeros(3))
    points = Points("p", np.arange(3), ("a", "b", "c"), ("school", "hospital", "school"), lat, lon)
    gaps, _ = lone_mast([(0.1, 1)], points)
    assert gaps.points_by_kind() == [("hospital", 1, 0), ("school", 2, 1)]
    assert gaps.nearest_site_m == pytest.approx([0, 1_000, 50_000], abs=1)
    features = json.loads(gaps_export.geojson(gaps))["features"]
    found = [f["properties"] for f in features if f["properties"]["kind"] == "point_of_interest"]
    assert [f["covered"] for f in found] == [True, True, False]
    assert [f["rat"] for f in found] == ["4G", "4G", None]


def test_the_geojson_covers_the_same_ground_and_is_cut_at_the_antimeridian():
    gaps, _ = lone_mast([(0.2, 1), (3, 5)])
    moved = replace(gaps.network, frame=LocalFrame(-17.0, 179.99))
    gaps = replace(gaps, network=moved)
    features = json.loads(gaps_export.geojson(gaps))["features"]
    kinds = [f["properties"]["kind"] for f in features]
    assert kinds == ["coverage", "cold_spot"]
    for feature in features:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        lon = shapely.get_coordinates(shape)[:, 0]
        assert (np.abs(lon) <= 180).all()
        assert max(p.bounds[2] - p.bounds[0] for p in shape.geoms) < 1
        back = sum(moved.frame.geometry(part).area for part in shape.geoms)
        assert back / 1e6 == pytest.approx(feature["properties"]["area_km2"], rel=2e-3)
    coverage = shapely.get_coordinates(shapely.geometry.shape(features[0]["geometry"]))[:, 0]
    assert (coverage > 179).any()
    assert (coverage < -179).any()


def test_the_geotiff_holds_the_signal_at_its_place(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    gaps, _ = lone_mast([(0.2, 1)])
    path = tmp_path / "signal.tif"
    path.write_bytes(gaps_export.geotiff(gaps))
    with rasterio.open(path) as file:
        assert file.descriptions == ("A 4G",)
        assert file.crs.to_epsg() == 4326
        x, y = gaps.grid.middles()
        lat, lon = gaps.network.frame.to_latlon(x, y)
        values = np.array([v[0] for v in file.sample(zip(lon, lat, strict=True))])
    level = gaps.on_grid.level_db[0, 2]
    expected = np.where(np.isfinite(level), level, gaps_export.NO_SIGNAL_DB)
    np.testing.assert_array_equal(values, expected.astype(np.float32))


HEAD = "poi_id,lat,lon,poi_type,label\n"


def test_points_of_interest_are_read(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text(HEAD + "a,14.5,-61,School,x\n,14.6,-61.1,,\n", encoding="utf-8-sig")
    got = read_points(path)
    assert (got.name, got.kind) == (("a", "line 3"), ("school", "point"))
    assert got.lat_deg.tolist() == [14.5, 14.6]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "empty"),
        (HEAD, 1, "no rows"),
        ("poi_id,latitude,lon,poi_type\n1,2,3,4\n", 1, "no column lat"),
        (HEAD + "a,14.5,-61,school\n", 2, "4 values, the header 5"),
        (HEAD + "a,-61,14.5,school,\na,95.5,-61,school,\n", 3, "is not between"),
        (HEAD + 'a,"14,5",-61,school,\n', 2, "decimal comma"),
        (HEAD + "a,1,2,school,\na,1,2,school,\n", 3, "already on line 2"),
    ],
)
def test_every_fault_of_points_is_told_with_its_line(tmp_path, text, line, words):
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words) as caught:
        read_points(path)
    assert line in {d.line for d in caught.value.diagnostics}


def test_the_ground_of_a_single_site_without_a_coastline_is_more_than_nothing(tmp_path):
    (tmp_path / "sites.csv").write_text("site_id,lat,lon,radio_type\na,14.6,-61.0,4G\n")
    found = survey.open_survey(tmp_path / "sites.csv")
    gaps = find_gaps(found.network, found.demand)
    (_, _, people, land), *_ = gaps.coverage()
    assert people == 1.0
    assert 0.2 < land < 0.6  # a circle of 3.5 km in a square of 10 km


def test_people_beyond_the_sites_are_on_the_ground_where_no_coastline_is_given(tmp_path):
    (tmp_path / "sites.csv").write_text("site_id,lat,lon,radio_type\na,14.6,-61.0,4G\n")
    (tmp_path / "places.csv").write_text(
        "name,latitude,longitude,population\nnear,14.6,-61.0,5000\nfar,15.2,-61.0,2000\n"
    )
    found = survey.open_survey(tmp_path / "sites.csv", places=tmp_path / "places.csv")
    assert found.demand.people.sum() == pytest.approx(7000)
    assert find_gaps(found.network, found.demand).people_without > 1500


def test_a_grid_of_more_pixels_than_memory_holds_is_refused_with_the_least_step():
    land = shapely.box(0, 0, 300_000, 200_000)
    with pytest.raises(UsageError, match="take 77 m or more"):
        grid_over(land, 10.0)
    assert grid_over(land, 500.0).land.size == 240_000
