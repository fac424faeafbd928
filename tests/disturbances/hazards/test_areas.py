"""Floods, tsunamis and fires: areas with times from a scenario, GeoJSON or a raster, and what they break."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from ewsim.disturbances import timeline
from ewsim.disturbances.hazards.footprint import footprint_of
from ewsim.disturbances.hazards.outlines import stages_of
from ewsim.disturbances.hazards.spec import FloodSpec, TsunamiSpec, WildfireSpec
from ewsim.disturbances.hazards.strike import Strike
from ewsim.engine import benchmark_world
from ewsim.errors import DataError
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import Element, World

MODELS = {"flood": FloodSpec, "tsunami": TsunamiSpec, "wildfire": WildfireSpec}
LAT, LON = (
    np.array([10.5, 10.5, 10.5]),
    np.array([20.5, 21.5, 40.0]),
)  # in the square, in the next, in neither


def square(lon):
    return {
        "type": "Polygon",
        "coordinates": [[[lon, 10], [lon + 1, 10], [lon + 1, 11], [lon, 11], [lon, 10]]],
    }


def hazard(tmp_path, kind, features, **keys):
    """A hazard of a GeoJSON file of (geometry, properties)."""
    file = tmp_path / "hazard.geojson"
    rows = [{"type": "Feature", "properties": p, "geometry": g} for g, p in features]
    text = ",\n".join(json.dumps(row) for row in rows)
    file.write_text('{"type": "FeatureCollection", "features": [\n' + text + "\n]}", encoding="utf-8")
    return MODELS[kind].model_validate({"kind": kind, "path": str(file), **keys})


def test_a_flood_rises_and_goes(tmp_path):
    stages = [
        (square(20), {"from_s": 3600, "depth_m": 0.5, "until_s": 7200}),
        (square(20), {"arrival_h": 1.5, "depth_m": 2, "until_h": 4}),
        (square(21), {"arrival_min": 90, "height_m": 1}),
    ]
    footprint = footprint_of(hazard(tmp_path, "flood", stages, at_s=100))
    found = footprint.at(LAT, LON)["depth_m"]
    assert found.times_s[:, 0].tolist() == [3700, 5500, 7300, 14_500]
    assert found.values.tolist() == [[0.5, 0, 0], [2, 1, 0], [2, 1, 0], [0, 1, 0]]
    assert footprint.arrives_s(LAT, LON).tolist() == [3700, 5500, np.inf]
    assert found.reached_s(1.5).tolist() == [5500, np.inf, np.inf]


def test_dates_count_from_the_decision(tmp_path):
    stages = [(square(20), {"time": "2030-01-01T01:00:00+01:00", "depth_m": 1})]
    decided = datetime(2029, 12, 31, 23, tzinfo=UTC)
    found = footprint_of(hazard(tmp_path, "flood", stages, decided_at=decided))
    assert found.arrives_s(LAT, LON)[0] == 3600


def test_a_scenario_can_write_the_areas_out():
    ring = [[10, 20], [10, 21], [11, 21], [11, 20]]
    areas = [{"area": {"polygons": [ring]}, "from_s": 60}]
    spec = WildfireSpec.model_validate({"kind": "wildfire", "areas": areas})
    assert footprint_of(spec).arrives_s(LAT, LON).tolist() == [60, np.inf, np.inf]


def test_behind_a_coast_a_tsunami_floods_the_ground_of_hills_and_mader(tmp_path):
    """Hills and Mader 1997: 10 m of water flood 0.06 10**(4/3) / 0.03**2 = 1,436 m of built-up ground."""
    coast = {"type": "LineString", "coordinates": [[20, 10], [21, 10]]}
    found = footprint_of(hazard(tmp_path, "tsunami", [(coast, {"arrival_s": 900, "height_m": 10})]))
    far = np.array([0, 718, 1430, 1450]) / 111_195
    depth = found.at(10 + far, np.full(4, 20.5))["depth_m"].peak
    assert depth == pytest.approx([10, 5, 0.04, 0], abs=0.03)
    times = found.at(np.array([10.0]), np.array([20.5]))["depth_m"].times_s
    assert times[:, 0].tolist() == [900, 900 + 6 * 3600]  # it goes by itself; a flood stays


def test_a_raster_of_depths(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    file = tmp_path / "depth.tif"
    shape = {"width": 2, "height": 1, "count": 1, "dtype": "float32", "nodata": -1, "crs": "EPSG:4326"}
    with rasterio.open(file, "w", transform=rasterio.Affine(1, 0, 20, 0, -1, 11), **shape) as out:
        out.write(np.array([[1.5, -1]], dtype="float32"), 1)
    spec = FloodSpec.model_validate({"kind": "flood", "path": str(file), "from_s": 60, "until_s": 120})
    found = footprint_of(spec).at(LAT, LON)["depth_m"]
    assert found.values.tolist() == [[1.5, 0, 0], [0, 0, 0]]
    with pytest.raises(DataError, match=r"a raster has no times.*Give from_s beside its path"):
        footprint_of(FloodSpec.model_validate({"kind": "flood", "path": str(file)}))


@pytest.mark.parametrize(
    ("geometry", "properties", "said"),
    [
        (square(20), {"depth_m": 1}, "feature 2: it has no time. Give one of from_s, arrival_s"),
        (square(20), {"from_s": 0}, "feature 2: it has no depth. Give one of depth_m"),
        (square(20), {"from_s": "soon", "depth_m": 1}, "feature 2: from_s 'soon' is not a time."),
        (square(20), {"from_s": True, "depth_m": 1}, "feature 2: from_s 'True' is not a time."),
        (square(20), {"from_s": 9, "until_s": 9, "depth_m": 1}, "feature 2: it ends before it begins."),
        (square(20), {"from_s": 0, "depth_m": -999}, "feature 2: depth_m '-999' is not a depth."),
        (square(20), {"time": "2030-01-01", "depth_m": 1}, "is not a date and time with a zone"),
        (square(20), {"time": "2030-01-01T00:00:00Z", "depth_m": 1}, "Give decided_at in the scenario."),
        (
            {"type": "Point", "coordinates": [20, 10]},
            {"from_s": 0, "depth_m": 1},
            "it is a Point, not an area",
        ),
        (None, {"from_s": 0}, ""),
    ],
)
def test_every_fault_of_a_file_has_its_line(tmp_path, geometry, properties, said):
    good = (square(20), {"from_s": 0, "depth_m": 1})
    spec = hazard(tmp_path, "flood", [good, (geometry, properties)])
    if not said:  # a feature without geometry is allowed (RFC 7946, 3.2)
        assert footprint_of(spec).begins_s == 0
        return
    with pytest.raises(DataError) as error:
        footprint_of(spec)
    assert said in str(error.value)
    assert error.value.diagnostics[0].line == 3


@pytest.mark.parametrize("text", ["", "no", "[]", "{}", '{"type": "FeatureCollection", "features": []}'])
def test_a_file_without_areas_is_refused(tmp_path, text):
    file = tmp_path / "x.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        footprint_of(FloodSpec.model_validate({"kind": "flood", "path": str(file)}))


@pytest.fixture(scope="module")
def network():
    return benchmark_world.setup(10, 120).network


def everywhere(network, kind, **keys):
    lat, lon = (float(v) for v in network.frame.to_latlon(0.0, 0.0))
    stage = {"area": {"circles": [{"centre": [lat, lon], "radius_m": 200_000}]}, "from_s": 60}
    stage |= {} if kind == "wildfire" else {"depth_m": 1.0, "until_s": 600}
    return MODELS[kind].model_validate({"kind": kind, "areas": [stage], **keys})


def test_water_takes_equipment_supplies_and_roads(network):
    spec = everywhere(network, "flood", restoration={"access_delay_s": 3600})
    losses = Strike(0, spec).losses(network, Streams(3))
    assert {loss.at_us for loss in losses} == {60 * US}
    share = {c: sum(loss.component == c for loss in losses) / len(network.sites) for c in spec.measures}
    assert share["shelter"] == pytest.approx(0.5, abs=0.25)
    assert share["road"] > 0.9
    roads = [loss.back_us for loss in losses if loss.component == "road"]
    assert set(roads) == {(600 + 3600 + 1) * US}  # passable when work begins
    world = World(network, Streams(3), 7200 * US)
    timeline.start(world, [spec])
    world.run()
    assert world.works(Element("road", losses[0].element.number))
    said = [row[7] for row in world.events if row[1] == "hazard"]
    assert said[0] == "flood: water 0.1 m deep reaches the first site"


def test_water_that_stays_keeps_crews_away(network):
    spec = everywhere(network, "flood")
    stays = spec.model_copy(update={"areas": (spec.areas[0].model_copy(update={"until_s": None}),)})
    assert all(loss.back_us > 1e9 * US for loss in Strike(0, stays).losses(network, Streams(3)))


def test_a_deeper_flood_and_a_larger_share_break_the_same_and_more(network):
    def failed(spec):
        return {(loss.component, loss.element) for loss in Strike(0, spec).losses(network, Streams(3))}

    flood = everywhere(network, "flood")
    deeper = flood.model_copy(update={"areas": (flood.areas[0].model_copy(update={"depth_m": 2.0}),)})
    assert failed(flood) < failed(deeper)
    fire = everywhere(network, "wildfire", fragility={"feeder": 0.3})
    worse = everywhere(network, "wildfire", fragility={"feeder": 0.9, "tower": 0.3})
    assert failed(fire) < failed(worse)


def test_a_fault_of_a_feature_points_at_its_property_or_its_position(tmp_path):
    path = tmp_path / "f.geojson"
    path.write_text(
        """{"type": "FeatureCollection", "features": [
  {"type": "Feature", "properties": {"name": "a, \\"b\\"",
      "from_s": "soon", "depth_m": -1},
   "geometry": {"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}},
  {"type": "Feature", "properties": {"depth_m": 3}, "geometry": {"type": "MultiPolygon", "coordinates": [[
      [[0,0],
       [1,0], [1, 100],[0,0]]]]}},
  {"geometry": {"type": "Polygon", "coordinates": [[[0,0],[1,0],["x",1],[0,0]]]},
   "type": "Feature", "properties": {"depth_m": 3}},
  {"type": "Feature", "properties": {"from_s": 5, "until_s": 4, "depth_m": 1},
   "geometry": {"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}}]}"""
    )
    with pytest.raises(DataError) as error:
        stages_of(FloodSpec.model_validate({"kind": "flood", "path": str(path)}))
    found = [(d.line, d.column, d.message.partition(": ")[2].split()[0]) for d in error.value.diagnostics]
    assert found == [(3, 17, "from_s"), (3, 36, "depth_m"), (7, 15, "its"), (8, 65, "its"), (10, 62, "it")]


KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>{}<Polygon><outerBoundaryIs>
<LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Document></kml>"""


@pytest.mark.parametrize(
    ("times", "found"),
    [
        (
            "<TimeSpan><begin>2024-10-10T06:00:00Z</begin><end>2024-10-10T18:00:00Z</end></TimeSpan>",
            (21_600, 64_800),
        ),
        ("<TimeStamp><when>2024-10-10T06:00:00+02:00</when></TimeStamp>", (14_400, np.inf)),
    ],
)
def test_the_times_of_a_kml_keep_their_zone(tmp_path, times, found):
    pytest.importorskip("pyogrio")
    (tmp_path / "front.kml").write_text(KML.format(times))
    keys = {"path": str(tmp_path / "front.kml"), "decided_at": "2024-10-10T00:00:00Z"}
    (stage,) = stages_of(WildfireSpec.model_validate({"kind": "wildfire", **keys}))
    assert (stage.from_s, stage.until_s) == found


@pytest.mark.parametrize(("offset", "hours"), [(100, 6), (108, 4)])  # GDAL: UTC, and two hours east of it
def test_the_times_of_a_geopackage_keep_their_zone(tmp_path, offset, hours):
    pyogrio = pytest.importorskip("pyogrio")
    path, when = tmp_path / "front.gpkg", np.array(["2024-10-10T06:00:00"], dtype="datetime64[ms]")
    shapes = np.array([shapely.to_wkb(shapely.box(0, 0, 1, 1))], dtype=object)
    layer = {"driver": "GPKG", "geometry_type": "Polygon", "crs": "EPSG:4326"}
    zones = {"arrival": np.array([offset])}
    pyogrio.raw.write(str(path), shapes, [when], np.array(["arrival"]), gdal_tz_offsets=zones, **layer)
    keys = {"path": str(path), "decided_at": "2024-10-10T00:00:00Z"}
    (stage,) = stages_of(WildfireSpec.model_validate({"kind": "wildfire", **keys}))
    assert stage.from_s == hours * 3600
