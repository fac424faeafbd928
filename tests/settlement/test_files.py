"""Rasters, zones and points: everyone is counted, where the file says, and faults are reported."""

import json
import tracemalloc

import numpy as np
import pytest
import shapely
from peak import run_measured

from ewsim.errors import DataError, ScenarioError
from ewsim.population.synthesis import make_people
from ewsim.scenario.load import load_scenario
from ewsim.scenario.model import scenario_model
from ewsim.scenario.spec import PopulationSpec
from ewsim.settlement.homes import settled
from ewsim.settlement.pattern import demand, frame_and_places, settle
from ewsim.settlement.rasters import people_at_points, people_of_raster
from ewsim.settlement.zones import read_zone_people, read_zones
from ewsim.streams import Streams

LAND = shapely.box(-1e7, -1e7, 1e7, 1e7)


def make(homes, **values):
    spec = PopulationSpec.model_validate(values)
    made = settle(spec, homes, LAND, homes.frame(), Streams(1))
    return made, make_people(spec, made, LAND, Streams(1), 10**9)


def zones_file(path, *features):
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": p, "geometry": shapely.geometry.mapping(g)} for p, g in features
        ],
    }
    path.write_text(json.dumps(document))
    return path


def ring(x0, y0, x1, y1):
    """A box with a hole in its middle third."""
    dx, dy = (x1 - x0) / 3, (y1 - y0) / 3
    return shapely.box(x0, y0, x1, y1).difference(shapely.box(x0 + dx, y0 + dy, x1 - dx, y1 - dy))


def test_people_of_zones_are_in_their_zone_evenly_and_not_in_its_holes(tmp_path):
    a, b = ring(10, 10, 10.3, 10.3), shapely.box(10.3, 10, 10.4, 10.3)
    homes = read_zones(
        zones_file(
            tmp_path / "z.geojson",
            ({"name": "A", "population": 8_000}, a),
            ({"name": "B", "population": 32_000}, b),
        )
    )
    made, people = make(homes)
    assert made.name == ("A", "B")
    assert np.bincount(people.zone).tolist() == [8_000, 32_000]
    lat, lon = homes.frame().to_latlon(people.x_m, people.y_m)
    for zone, area in enumerate((a, b)):
        mine = people.zone == zone
        assert shapely.contains_xy(area.buffer(1e-9), lon[mine], lat[mine]).all()
    south = (lat[people.zone == 1] < 10.15).mean()
    assert south == pytest.approx(0.5, abs=0.02)
    points = demand(made, LAND, Streams(1))
    assert points.people.sum() == pytest.approx(40_000)


def test_points_stand_where_they_are_and_count_as_given(tmp_path):
    table = tmp_path / "p.csv"
    table.write_text("lat;lon;population\n-18;178;3\n-18.5;179.5;0\n-17;-179.9;5\n")
    homes = people_at_points(table)
    _, people = make(homes)
    assert len(people) == 8
    lat, lon = homes.frame().to_latlon(people.x_m, people.y_m)
    assert {(round(a, 6), round(b, 6)) for a, b in zip(lat, lon, strict=True)} == {
        (-18.0, 178.0),
        (-17.0, -179.9),
    }
    assert np.ptp(people.x_m) < 300_000  # across the antimeridian


def test_small_areas_get_their_expected_people_up_to_rounding(tmp_path):
    table = tmp_path / "p.csv"
    lines = [f"10,{10 + i / 1000},{0.3 + (i % 7)}" for i in range(900)]
    table.write_text("lat,lon,people\n" + "\n".join(lines) + "\n")
    homes = people_at_points(table)
    whole = settled(homes, None, homes.frame(), Streams(5))
    assert whole.people.sum() == round(homes.people.sum())
    assert whole.people.max() <= 7
    doubled = settled(homes, 2 * int(whole.people.sum()), homes.frame(), Streams(5))
    assert doubled.people.sum() == 2 * whole.people.sum()


def test_urban_is_what_the_degree_of_urbanisation_says(tmp_path):
    # 3 x 3 squares of 1 km with 600 people each (5,400), one apart with 4,000, one with 50.
    step = 1 / 111.195
    rows = [(i * step, j * step, 600) for i in range(3) for j in range(3)]
    rows += [(0.1, 0.1, 4_000), (0.1, 0.0, 50), (0.9, 0.9, 10)]
    table = tmp_path / "p.csv"
    table.write_text("lat,lon,people\n" + "".join(f"{a + 0.004},{b + 0.004},{n}\n" for a, b, n in rows))
    homes = people_at_points(table)
    whole = settled(homes, None, homes.frame(), Streams(1))
    kind = dict(zip(whole.people.tolist(), whole.kind.tolist(), strict=True))
    assert kind == {600: 0, 4_000: 1, 50: 1, 10: 2}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("lat,lon,people\n10,20,5\n95,20,5\n", 3, "lat '95' is not between"),
        ('lat,lon,people\n"10,5",20,5\n', 2, "decimal comma"),
        ("lat,lon,people\n10,20,-5\n", 2, "not a number of people"),
        ("lat,lon,people\n10,20\n", 2, "the row has 2 values"),
        ("x,y\n1,2\n", 1, "no column lat, lon"),
        ("lat|lon\n1|2\n", 1, "no column"),
        ("", 0, "empty"),
        ("lat,lon,people\n10,20,0\n", 1, "no point has people"),
    ],
)
def test_a_wrong_table_of_points_says_where(tmp_path, text, line, words):
    table = tmp_path / "p.csv"
    table.write_text("﻿" + text if text.startswith("lat|") else text)
    with pytest.raises(DataError) as caught:
        people_at_points(table)
    fault = caught.value.diagnostics[0]
    assert (fault.file, fault.line) == (str(table), line)
    assert words in fault.message
    assert fault.fix


def test_wrong_zones_are_told_all_at_once(tmp_path):
    square = shapely.box(0, 0, 1, 1)
    path = zones_file(
        tmp_path / "z.geojson",
        ({"name": "A"}, square),
        ({"name": "B", "population": "many"}, square),
        ({"name": "C", "population": 5}, shapely.Point(0, 0)),
    )
    with pytest.raises(DataError) as caught:
        read_zones(path)
    assert [d.message for d in caught.value.diagnostics[:2]] == [
        "feature 1 (A) has no number of people (population or people).",
        "feature 2 (B): population 'many' is not a number of people.",
    ]
    assert "has no area" in caught.value.diagnostics[2].message
    metres = zones_file(tmp_path / "m.geojson", ({"population": 9}, shapely.box(3e5, 2e6, 4e5, 3e6)))
    with pytest.raises(DataError, match="not degrees"):
        read_zones(metres)
    for text in ("{", "[]", '{"features": [3]}', '{"features": []}'):
        path.write_text(text)
        with pytest.raises(DataError):
            read_zones(path)


def test_zones_without_geometry_and_zones_that_overlap_are_counted(tmp_path):
    path = zones_file(
        tmp_path / "z.geojson",
        ({"name": "A", "population": 100}, shapely.box(0, 0, 1, 1)),
        ({"name": "B", "population": 60}, shapely.box(0.5, 0, 1.5, 1)),
        ({"name": "C", "population": 9}, shapely.box(1.5, 0, 2.501, 1)),
        ({"name": "D", "population": 9}, shapely.box(2.5, 0, 3.5, 1)),
    )
    document = json.loads(path.read_text())
    document["features"].append({"type": "Feature", "properties": {"population": 7}, "geometry": None})
    path.write_text(json.dumps(document))
    homes = read_zones(path)
    assert homes.people.sum() == pytest.approx(178)
    assert homes.notes[1] == "1 zone without geometry was left out with 7 people."
    assert "1 pair of zones overlaps" in homes.notes[2]
    assert "up to 30 of them: A and B." in homes.notes[2]


@pytest.mark.parametrize("name", ["population_2020", "fji_general_2020", "hrsl_fji_pop", "Pop"])
def test_the_column_of_people_has_many_names(tmp_path, name):
    table = tmp_path / "p.csv"
    table.write_text(f"longitude,latitude,{name}\n178,-18,3.2\n178.1,-18,2.1\n")
    assert people_at_points(table).people.sum() == pytest.approx(5.3)


@pytest.mark.parametrize("header", ["residents", "fji_women_2020", "npl_general_2020,npl_general_2015"])
def test_numbers_that_may_be_people_are_asked_for(tmp_path, header):
    table = tmp_path / "p.csv"
    table.write_text(f"id,lat,lon,note,{header}\n1,-18,178,a,3.2{',1' * header.count(',')}\n")
    with pytest.raises(DataError, match=header.split(",")[0]) as caught:
        people_at_points(table)
    assert "Call the one with people population" in caught.value.diagnostics[0].fix


def test_points_without_numbers_are_a_person_each(tmp_path):
    table = tmp_path / "p.csv"
    table.write_text("id,lat,lon,note\n1,-18,178,a\n2,-18,178.1,b\n")
    homes = people_at_points(table)
    assert homes.people.tolist() == [1, 1]
    assert "each point is one person" in homes.notes[1]


# --- outlines from one file, people from another --------------------------------------------------


def outlines(path, *codes, key="code"):
    """Boxes of a tenth of a degree beside each other, a feature a line."""
    features = [
        {
            "type": "Feature",
            "properties": {key: code, "name": f"Zone {i}"},
            "geometry": shapely.geometry.mapping(shapely.box(10 + i / 10, 10, 10.1 + i / 10, 10.1)),
        }
        for i, code in enumerate(codes)
    ]
    lines = ",\n".join(json.dumps(feature) for feature in features)
    path.write_text('{"type": "FeatureCollection", "features": [\n' + lines + "\n]}\n")
    return path


def test_people_of_a_table_live_in_the_outlines_with_their_identifier(tmp_path):
    table = tmp_path / "census.csv"
    table.write_text("district;CODE;population\nwest;101;300\neast;A-7;1200\n")
    shapes = outlines(tmp_path / "o.geojson", "A-7", 101, "lake")
    homes = read_zones(shapes, read_zone_people(table, "code"))
    assert "1 of 3 outlines have no row in census.csv and so nobody: lake." in homes.notes
    made, people = make(homes)
    assert dict(zip(made.name, np.bincount(people.zone), strict=True)) == {"Zone 0": 1200, "Zone 1": 300}
    _, lon = homes.frame().to_latlon(people.x_m, people.y_m)
    assert ((lon < 10.1) == (people.zone == 0)).all()


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("code,population\n1,5\n1,6\n", 3, 1, "already on line 2"),
        ("code,population\n1,many\n", 2, 2, "is not a number"),
        ('code,population\n1,"1,5"\n', 2, 2, "decimal comma"),
        ("code,population\n1,-5\n", 2, 2, "not a number of people"),
        ("code,population\n,5\n", 2, 1, "code is missing"),
        ("code,area\n1,5\n", 1, 1, "no column population"),
        ("zone,population\n1,5\n", 1, 1, "no column code"),
        ("code,population\n1\n", 2, 1, "1 value"),
        ("code,population\n", 1, 1, "no zones"),
    ],
)
def test_a_wrong_table_of_zones_says_where(tmp_path, text, line, column, words):
    table = tmp_path / "census.csv"
    table.write_text(text)
    with pytest.raises(DataError) as caught:
        read_zone_people(table, "code")
    found = caught.value.diagnostics[0]
    assert (found.file, found.line, found.column) == (str(table), line, column)
    assert words in found.message
    assert found.fix


def test_identifiers_without_outline_are_told_with_the_property_that_has_them(tmp_path):
    table = tmp_path / "census.csv"
    table.write_text("population,code\n5,Zone 0\n6,Zone 1\n7,Zone 9\n")
    shapes = outlines(tmp_path / "o.geojson", "a", "b", "b")
    with pytest.raises(DataError) as caught:
        read_zones(shapes, read_zone_people(table, "code"))
    twice, *lost = caught.value.diagnostics
    assert (twice.file, twice.line) == (str(shapes), 4)
    assert "'b' is also that of feature 2" in twice.message
    assert [(d.file, d.line, d.column) for d in lost] == [(str(table), n, 2) for n in (2, 3, 4)]
    assert "'Zone 9' has no outline" in lost[2].message
    assert "Of 3 identifiers the outlines have, by property: name 2, code 0." in lost[0].fix


def test_wrong_zones_stand_at_their_line(tmp_path):
    shapes = outlines(tmp_path / "o.geojson", "a", "b")
    with pytest.raises(DataError) as caught:
        read_zones(shapes)
    assert [(d.line, d.column) for d in caught.value.diagnostics] == [(2, 1), (3, 1)]


def test_a_scenario_joins_its_zones_and_says_when_a_file_is_not_there(tmp_path):
    outlines(tmp_path / "o.geojson", "x", "y", key="zone")
    (tmp_path / "p.csv").write_text("zone,population\nx,40\ny,2\n")
    population = {"zones": "o.geojson", "zone_people": "p.csv"}
    scenario = scenario_model().model_validate(
        {"format": "ewsim.scenario/1", "name": "s", "alert": {"path": "a.xml"}, "population": population}
    )
    _, homes = frame_and_places(scenario, lambda name: tmp_path / name)
    assert homes.people.sum() == 42
    with pytest.raises(ValueError, match="zone_people needs zones"):
        PopulationSpec.model_validate({"zone_people": "p.csv"})
    file = tmp_path / "s.yaml"
    file.write_text(
        "format: ewsim.scenario/1\nname: s\nalert: {path: s.yaml}\npopulation:\n"
        "  zones: o.geojson\n  zone_people: nowhere.csv\n"
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    found = caught.value.diagnostics[0]
    assert (found.line, found.message) == (6, "there is no file 'nowhere.csv'.")


def test_only_one_file_says_where_people_live():
    with pytest.raises(ValueError, match="give one of places, raster"):
        PopulationSpec.model_validate({"places": "a.csv", "raster": "b.tif"})


def write_tif(path, values, **profile):
    rasterio = pytest.importorskip("rasterio")
    values = np.atleast_3d(np.asarray(values, dtype=np.float32)).transpose(2, 0, 1)
    options = {
        "driver": "GTiff",
        "width": values.shape[2],
        "height": values.shape[1],
        "count": values.shape[0],
        "dtype": "float32",
        "crs": "EPSG:4326",
        "transform": (0.01, 0, 10.0, 0, -0.01, 50.0),
        "nodata": -99999.0,
        **profile,
    }
    options["transform"] = rasterio.Affine(*options["transform"])
    with rasterio.open(path, "w", **options) as out:
        out.write(values)
    return path


def test_a_raster_has_nobody_where_it_has_no_data_and_people_stand_in_their_pixels(tmp_path):
    values = np.array([[100.0, -99999.0, np.nan], [0.0, 50.5, -200.0]])
    homes = people_of_raster(write_tif(tmp_path / "p.tif", values))
    assert homes.people.tolist() == [100.0, 50.5]
    assert "3 pixels have no data" in homes.notes[0]
    _, people = make(homes, people_count=301)
    lat, lon = homes.frame().to_latlon(people.x_m, people.y_m)
    first = (lat > 49.99) & (lat < 50) & (lon > 10) & (lon < 10.01)
    second = (lat > 49.98) & (lat < 49.99) & (lon > 10.01) & (lon < 10.02)
    assert (first | second).all()
    assert first.sum() == pytest.approx(200, abs=1)


def test_a_raster_in_metres_is_brought_to_degrees(tmp_path):
    place = {"crs": "EPSG:32633", "transform": (1000, 0, 500_000, 0, -1000, 5_000_000)}
    homes = people_of_raster(write_tif(tmp_path / "utm.tif", [[7.0]], **place))
    assert homes.corner[0, 0] == pytest.approx([15.0, 45.153], abs=0.01)
    x, _ = homes.frame().to_xy(homes.corner[0, :, 1], homes.corner[0, :, 0])
    assert x[1] - x[0] == pytest.approx(1000, rel=0.01)


MOLLWEIDE_R_M = 6_378_137.0  # PROJ's moll is the sphere of the ellipsoid's equator


def from_mollweide(x, y):
    """Longitude and latitude [degree] by the formulas of the projection (Snyder 1987, 31)."""
    theta = np.arcsin(y / (np.sqrt(2) * MOLLWEIDE_R_M))
    lat = np.arcsin((2 * theta + np.sin(2 * theta)) / np.pi)
    lon = np.pi * x / (2 * np.sqrt(2) * MOLLWEIDE_R_M * np.cos(theta))
    return np.degrees(lon), np.degrees(lat)


@pytest.mark.parametrize("side_m", [100, 1000])
def test_a_grid_as_the_ghsl_writes_it_keeps_its_people_and_their_places(tmp_path, side_m):
    """GHS-POP: Mollweide (ESRI:54009), people a pixel as fractions, -200 where there is no data."""
    rng = np.random.default_rng(3)
    values = np.where(rng.random((60, 80)) < 0.3, rng.gamma(0.5, 40.0, (60, 80)), 0.0)
    values[:5] = -200.0
    left, top = -6_100_000.0, 1_800_000.0  # the Caribbean
    profile = {"crs": "ESRI:54009", "nodata": -200.0, "transform": (side_m, 0, left, 0, -side_m, top)}
    homes = people_of_raster(write_tif(tmp_path / "ghs_pop.tif", values, **profile))
    lived_in = values[values > 0].astype(np.float32)
    assert homes.people.tolist() == lived_in.tolist()
    assert "400 pixels have no data" in homes.notes[0]
    row, column = np.nonzero(values > 0)
    for at, (down, right) in enumerate(((0, 0), (0, 1), (1, 0))):
        lon, lat = from_mollweide(left + side_m * (column + right), top - side_m * (row + down))
        assert homes.corner[:, at] == pytest.approx(np.column_stack([lon, lat]), abs=1e-9)
    made, people = make(homes)
    assert made.people.sum() == len(people) == round(float(lived_in.sum(dtype=np.float64)))
    lat, lon = homes.frame().to_latlon(people.x_m, people.y_m)
    assert lat.max() <= from_mollweide(left, top - 5 * side_m)[1] + 1e-6


def test_a_raster_is_the_same_in_blocks_of_any_size(tmp_path, monkeypatch):
    values = np.random.default_rng(1).random((70, 40)) * 9 - 4
    tiled = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    place = {"crs": "ESRI:54009", "transform": (1000, 0, 5e6, 0, -1000, 3e6)}
    for name, profile in (("strips", {}), ("tiles", tiled)):
        path = write_tif(tmp_path / f"{name}.tif", values, **profile, **place)
        whole = people_of_raster(path)
        monkeypatch.setattr("ewsim.settlement.rasters._BLOCK_PIXELS", 40 * 7)
        parts = people_of_raster(path)
        monkeypatch.undo()
        assert (parts.people == whole.people).all()
        assert (parts.corner == whole.corner).all()
        assert parts.notes == whole.notes


def test_a_large_raster_takes_the_memory_of_its_inhabited_pixels(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    path, side = tmp_path / "large.tif", 6_000
    options = {
        "driver": "GTiff",
        "width": side,
        "height": side,
        "count": 1,
        "dtype": "float64",
        "crs": "ESRI:54009",
        "transform": rasterio.Affine(100, 0, 1e6, 0, -100, 4e6),
        "nodata": -200.0,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "deflate",
        "sparse_ok": True,
    }
    with rasterio.open(path, "w", **options) as out:
        for at in (0, 2_816, 5_632):
            window = rasterio.windows.Window(at, at, 256, 256)
            out.write(np.full((256, 256), 2.5), 1, window=window)
    tracemalloc.start()
    try:
        homes = people_of_raster(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert homes.people.sum() == 2.5 * 3 * 256**2
    assert f"{side**2 - 3 * 256**2:,} pixels have no data" in homes.notes[0]
    assert peak < side**2 * 8 / 3  # the whole of it would take 288 MB


def test_a_raster_s_scale_and_offset_count(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    path = write_tif(tmp_path / "scaled.tif", [[300, 0, -99999]], dtype="int32", nodata=-99999)
    with rasterio.open(path, "r+") as out:
        out.scales, out.offsets = (0.01,), (0.5,)
    homes = people_of_raster(path)
    assert homes.people.tolist() == pytest.approx([3.5, 0.5])
    assert "multiplied by 0.01 and 0.5 is added" in homes.notes[1]


@pytest.mark.parametrize(("dtype", "value"), [("uint16", 65535), ("int16", 32767), ("float32", 3.4e38)])
def test_no_data_without_a_tag_is_nobody(tmp_path, dtype, value):
    path = write_tif(tmp_path / "untagged.tif", [[3, 4, value], [value, 5, 0]], dtype=dtype, nodata=None)
    homes = people_of_raster(path)
    assert homes.people.tolist() == [3, 4, 5]
    assert "2 pixels have no data" in homes.notes[0]


def test_a_value_that_people_may_be_is_people(tmp_path):
    path = write_tif(tmp_path / "dense.tif", [[200, 230, 255, 255]], dtype="uint8", nodata=None)
    assert people_of_raster(path).people.sum() == 940


def test_many_pixels_are_joined_to_rectangles_of_their_neighbours(tmp_path, monkeypatch):
    values = np.zeros((40, 50), dtype=np.float32)
    values[:20, :30], values[35, 45] = np.arange(600).reshape(20, 30) % 7 + 1, 9
    path = write_tif(tmp_path / "many.tif", values)
    monkeypatch.setattr("ewsim.settlement.rasters._BAND", 2)
    monkeypatch.setattr("ewsim.settlement.rasters._JOINED_MAX", 100)  # 601 pixels: squares of 3
    homes = people_of_raster(path)
    assert homes.people.sum() == values.sum()
    assert len(homes.people) == 7 * 10 + 1
    west, north, east = homes.corner[:, 0, 0], homes.corner[:, 0, 1], homes.corner[:, 1, 0]
    assert np.rint((east - west) * 100).astype(int).tolist() == [3] * 70 + [1]
    first = values[:3, :3].sum()
    assert homes.people[(np.abs(west - 10) < 1e-9) & (np.abs(north - 50) < 1e-9)] == first
    assert "joined to 71 rectangles" in homes.notes[1]


@pytest.mark.heavy
def test_a_national_raster_is_placed_in_bounded_memory_and_time(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    side, draw = 6_300, np.random.default_rng(1)
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "float32"}
    profile |= {"transform": rasterio.Affine(1 / 1200, 0, 80, 0, -1 / 1200, 30), "crs": "EPSG:4326"}
    path = tmp_path / "nation.tif"
    with rasterio.open(path, "w", tiled=True, **profile) as out:
        for top in range(0, side, 256):
            rows = min(256, side - top)
            values = draw.exponential(1.5, (rows, side)) * (draw.random((rows, side)) < 0.5)
            out.write(values.astype(np.float32), 1, window=rasterio.windows.Window(0, top, side, rows))
    program = (
        "import pathlib, sys, time; from ewsim.settlement import pattern, rasters; import shapely; "
        "from ewsim.scenario.spec import PopulationSpec; from ewsim.streams import Streams; "
        "began = time.monotonic(); homes = rasters.people_of_raster(pathlib.Path(sys.argv[1])); "
        "land = shapely.box(-3e5, -3e5, 3e5, 3e5); "
        "pattern.settle(PopulationSpec(), homes, land, homes.frame(), Streams(1)); "
        "print(time.monotonic() - began)"
    )
    done, peak = run_measured(program, path, timeout=300)
    assert float(done.stdout) < 20
    assert peak < 1_500  # MB


def test_a_raster_in_one_piece_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ewsim.settlement.rasters._STRIP_MAX", 100)
    path = write_tif(tmp_path / "strip.tif", np.ones((30, 30)), blockysize=30)
    with pytest.raises(DataError, match="in one piece"):
        people_of_raster(path)


def test_rasters_that_cannot_be_people_are_refused(tmp_path):
    for values, profile, words in (
        ([[0.0, 0.0]], {}, "nobody lives in it"),
        ([[5e6]], {}, "too many"),
        ([[5.0]], {"crs": None}, "no CRS"),
        ([[5.0]], {"transform": (1, 0, 9e5, 0, -1, 9e5)}, "degrees"),
    ):
        with pytest.raises(DataError, match=words):
            people_of_raster(write_tif(tmp_path / "bad.tif", values, **profile))
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(DataError, match="not a GeoTIFF"):
        people_of_raster(tmp_path / "text.tif")
    # A virtual raster could name files elsewhere: it is not opened.
    (tmp_path / "v.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    with pytest.raises(DataError, match="not a GeoTIFF"):
        people_of_raster(tmp_path / "v.tif")


def test_the_plane_lies_around_the_file(tmp_path):
    (tmp_path / "p.csv").write_text("lat,lon\n-17,179\n-16,-179\n")
    scenario = scenario_model().model_validate(
        {
            "format": "ewsim.scenario/1",
            "name": "s",
            "alert": {"path": "a.xml"},
            "population": {"points": "p.csv"},
        }
    )
    frame, homes = frame_and_places(scenario, lambda name: tmp_path / name)
    assert (frame.lat0_deg, frame.lon0_deg) == (-16.5, -180.0)
    assert homes.people.tolist() == [1.0, 1.0]
