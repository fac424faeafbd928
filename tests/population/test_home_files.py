"""Rasters, zones and points: everyone is counted, where the file says, and faults are told."""

import json

import numpy as np
import pytest
import shapely

from ewsim.errors import DataError
from ewsim.population.home_files import read_points, read_raster, read_zones
from ewsim.population.homes import settled
from ewsim.population.settlement import demand, frame_and_places, settle
from ewsim.population.synthesis import make_people
from ewsim.scenario.spec import PopulationSpec, Scenario
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
            {"type": "Feature", "properties": p, "geometry": shapely.geometry.mapping(g)}
            for p, g in features
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
        zones_file(tmp_path / "z.geojson", ({"name": "A", "population": 8_000}, a),
                   ({"name": "B", "population": 32_000}, b))
    )  # fmt: skip
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
    homes = read_points(table)
    _, people = make(homes)
    assert len(people) == 8
    lat, lon = homes.frame().to_latlon(people.x_m, people.y_m)
    assert {(round(a, 6), round(b, 6)) for a, b in zip(lat, lon, strict=True)} == {
        (-18.0, 178.0), (-17.0, -179.9)
    }  # fmt: skip
    assert np.ptp(people.x_m) < 300_000  # across the antimeridian


def test_small_areas_get_their_expected_people_up_to_rounding(tmp_path):
    table = tmp_path / "p.csv"
    lines = [f"10,{10 + i / 1000},{0.3 + (i % 7)}" for i in range(900)]
    table.write_text("lat,lon,people\n" + "\n".join(lines) + "\n")
    homes = read_points(table)
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
    table.write_text(
        "lat,lon,people\n" + "".join(f"{a + 0.004},{b + 0.004},{n}\n" for a, b, n in rows)
    )
    homes = read_points(table)
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
)  # fmt: skip
def test_a_wrong_table_of_points_says_where(tmp_path, text, line, words):
    table = tmp_path / "p.csv"
    table.write_text("﻿" + text if text.startswith("lat|") else text)
    with pytest.raises(DataError) as caught:
        read_points(table)
    fault = caught.value.diagnostics[0]
    assert (fault.file, fault.line) == (str(table), line)
    assert words in fault.message
    assert fault.fix


def test_wrong_zones_are_told_all_at_once(tmp_path):
    square = shapely.box(0, 0, 1, 1)
    path = zones_file(
        tmp_path / "z.geojson",
        ({"name": "A"}, square), ({"name": "B", "population": "many"}, square),
        ({"name": "C", "population": 5}, shapely.Point(0, 0)),
    )  # fmt: skip
    with pytest.raises(DataError) as caught:
        read_zones(path)
    assert [d.message.split(":")[0] for d in caught.value.diagnostics[:2]] == [
        "feature 1 (A)", "feature 2 (B)"
    ]  # fmt: skip
    assert "has no area" in caught.value.diagnostics[2].message
    metres = zones_file(
        tmp_path / "m.geojson", ({"population": 9}, shapely.box(3e5, 2e6, 4e5, 3e6))
    )
    with pytest.raises(DataError, match="not degrees"):
        read_zones(metres)
    for text in ("{", "[]", '{"features": [3]}', '{"features": []}'):
        path.write_text(text)
        with pytest.raises(DataError):
            read_zones(path)


def test_only_one_file_says_where_people_live():
    with pytest.raises(ValueError, match="give one of places, raster"):
        PopulationSpec.model_validate({"places": "a.csv", "raster": "b.tif"})


def write_tif(path, values, **profile):
    rasterio = pytest.importorskip("rasterio")
    values = np.atleast_3d(np.asarray(values, dtype=np.float32)).transpose(2, 0, 1)
    options = {
        "driver": "GTiff", "width": values.shape[2], "height": values.shape[1],
        "count": values.shape[0], "dtype": "float32", "crs": "EPSG:4326",
        "transform": (0.01, 0, 10.0, 0, -0.01, 50.0), "nodata": -99999.0, **profile,
    }  # fmt: skip
    options["transform"] = rasterio.Affine(*options["transform"])
    with rasterio.open(path, "w", **options) as out:
        out.write(values)
    return path


def test_a_raster_has_nobody_where_it_has_no_data_and_people_stand_in_their_pixels(tmp_path):
    values = np.array([[100.0, -99999.0, np.nan], [0.0, 50.5, -200.0]])
    homes = read_raster(write_tif(tmp_path / "p.tif", values))
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
    homes = read_raster(write_tif(tmp_path / "utm.tif", [[7.0]], **place))
    assert homes.corner[0, 0] == pytest.approx([15.0, 45.153], abs=0.01)
    x, _ = homes.frame().to_xy(homes.corner[0, :, 1], homes.corner[0, :, 0])
    assert x[1] - x[0] == pytest.approx(1000, rel=0.01)


def test_rasters_that_cannot_be_people_are_refused(tmp_path):
    for values, profile, words in (
        ([[0.0, 0.0]], {}, "nobody lives in it"),
        ([[5e6]], {}, "too many"),
        ([[5.0]], {"crs": None}, "no CRS"),
        ([[5.0]], {"transform": (1, 0, 9e5, 0, -1, 9e5)}, "degrees"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=words):
            read_raster(write_tif(tmp_path / "bad.tif", values, **profile))
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(DataError, match="cannot be read"):
        read_raster(tmp_path / "text.tif")
    # A virtual raster could name files elsewhere: it is not opened.
    (tmp_path / "v.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"></VRTDataset>')
    with pytest.raises(DataError, match="cannot be read"):
        read_raster(tmp_path / "v.tif")


def test_the_plane_lies_around_the_file(tmp_path):
    (tmp_path / "p.csv").write_text("lat,lon\n-17,179\n-16,-179\n")
    scenario = Scenario.model_validate(
        {"format": "ewsim.scenario/1", "name": "s", "alert": {"path": "a.xml"},
         "population": {"points": "p.csv"}}
    )  # fmt: skip
    frame, homes = frame_and_places(scenario, lambda name: tmp_path / name)
    assert (frame.lat0_deg, frame.lon0_deg) == (-16.5, -180.0)
    assert homes.people.tolist() == [1.0, 1.0]
