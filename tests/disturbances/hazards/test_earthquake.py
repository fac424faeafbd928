"""Earthquakes: a published relation, and ShakeMap files as contours, stations and grid."""

import json
from pathlib import Path

import numpy as np
import pytest

from ewsim.disturbances.hazards.doubts import untouched
from ewsim.disturbances.hazards.footprint import footprint_of
from ewsim.disturbances.hazards.shaking import acceleration_g, intensity_of
from ewsim.disturbances.hazards.spec import EarthquakeSpec
from ewsim.disturbances.hazards.strike import Strike
from ewsim.engine import benchmark_world
from ewsim.errors import DataError
from ewsim.streams import Streams

SHARED = Path(__file__).parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are absent")


def quake(**keys):
    return EarthquakeSpec.model_validate({"kind": "earthquake", **keys})


def felt(spec, lat, lon):
    return footprint_of(spec).at(np.atleast_1d(lat).astype(float), np.atleast_1d(lon).astype(float))


def test_intensity_is_that_of_allen_wald_and_worden():
    """M 6.5 at 20 km: 2.085 + 1.428 * 6.5 - 1.402 ln sqrt(20**2 + (2.042 e**1.5 - 0.209)**2) = 7.04."""
    assert intensity_of(6.5, np.array([20_000.0]))[0] == pytest.approx(7.039, abs=0.001)
    assert intensity_of(6.5, np.array([200_000.0]))[0] == pytest.approx(4.046, abs=0.001)


def test_acceleration_is_that_of_worden():
    """MMI 6 is 113 cm/s2 by -1.60 + 3.70 log10; MMI 3 is 6.1 cm/s2 by 1.78 + 1.55 log10."""
    assert acceleration_g(np.array([6.0, 3.0, 0.0])) * 980.665 == pytest.approx([113.25, 6.124, 0], rel=1e-3)


def test_the_shaking_arrives_with_the_shear_waves():
    spec = quake(epicentre=[18, -73], magnitude=7, hypocentre_depth_m=1000, at_s=100, s_wave_m_s=3500)
    at_one_degree = felt(spec, 19.0, -73.0)["mmi"].times_s[0, 0]
    assert at_one_degree == pytest.approx(100 + 111_195 / 3500, rel=1e-3)


@needs_data
def test_the_relation_predicts_reported_intensities_within_its_own_error():
    """Haiti 2021 (M 7.2), 206 intensities of the USGS: the relation's own error is 0.82 to 1.19."""
    file = SHARED / "haiti" / "intensities-2021.json"
    rows = json.loads(file.read_text(encoding="utf-8"))["features"]
    rows = [r for r in rows if isinstance(r["properties"]["intensity"], float)]
    mmi = np.array([r["properties"]["intensity"] for r in rows])
    lon, lat = np.array([r["geometry"]["coordinates"][:2] for r in rows]).T
    spec = quake(epicentre=[18.408, -73.475], magnitude=7.2)
    error = mmi - felt(spec, lat, lon)["mmi"].peak
    assert len(error) > 200
    assert abs(error.mean()) < 0.5
    assert error.std() < 1.19
    own = mmi - felt(quake(epicentre=[18.408, -73.475], path=str(file)), lat, lon)["mmi"].peak
    assert abs(own.mean()) < 0.05
    assert own.std() < error.std()


@needs_data
def test_a_shakemaps_contours_need_not_be_closed():
    spec = quake(path=str(SHARED / "shakemap" / "cont_mmi.json"))
    found = felt(spec, [44.63, 45.5, 60.0], [-110.891, -111.0, -111.0])["mmi"]
    assert found.peak == pytest.approx([8, 5, 2.75], abs=0.3)
    assert found.times_s[0, 0] == pytest.approx(10_000 / 3500)  # the epicentre is in its metadata


def contours(tmp_path, *rows, **more):
    file = tmp_path / "cont.json"
    features = [
        {
            "type": "Feature",
            "properties": {"value": value, "units": units},
            "geometry": {
                "type": "LineString",
                "coordinates": [[lon - r, lat], [lon, lat + r], [lon + r, lat]],
            },
        }
        for value, units, (lat, lon), r in rows
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return str(file)


def test_between_open_contours_intensity_changes_evenly(tmp_path):
    path = contours(tmp_path, (8, "mmi", (10, 20), 1), (6, "mmi", (10, 20), 2))
    found = felt(quake(path=path, epicentre=[10, 20]), [11.0, 11.5, 12.0, 14.0], [20.0] * 4)["mmi"]
    assert found.peak == pytest.approx([8, 7, 6, 5], abs=0.02)


@pytest.mark.parametrize(
    ("value", "units", "said"),
    [
        (8, "pctg", "feature 1: its units are 'pctg', not mmi."),
        ("VIII", "mmi", "feature 1: its value 'VIII' is not an intensity."),
        (-1, "mmi", "not an intensity"),
        (None, "mmi", "not an intensity"),
    ],
)
def test_contours_of_something_else_are_refused(tmp_path, value, units, said):
    with pytest.raises(DataError, match=said):
        footprint_of(quake(path=contours(tmp_path, (value, units, (10, 20), 1))))


def stations(tmp_path, *intensities, **more):
    file = tmp_path / "stations.json"
    features = [
        {
            "type": "Feature",
            "properties": {"intensity": value},
            "geometry": {"type": "Point", "coordinates": [20 + n / 10, 10]},
        }
        for n, value in enumerate(intensities)
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return str(file)


def test_stations_without_an_intensity_are_left_out_and_the_epicentre_is_needed(tmp_path):
    path = stations(tmp_path, 8.0, "null", None, 6.0, 5.0)
    with pytest.raises(DataError, match="does not say where the epicentre is"):
        footprint_of(quake(path=path))
    found = felt(quake(path=path, epicentre=[10, 20]), [10, 10], [20, 20.4])["mmi"].peak
    assert found == pytest.approx([8, 5], abs=0.5)
    with pytest.raises(DataError, match="no station has an intensity"):
        footprint_of(quake(path=stations(tmp_path, None), epicentre=[10, 20]))
    with pytest.raises(DataError, match="feature 1: its intensity 'strong' is none"):
        footprint_of(quake(path=stations(tmp_path, "strong"), epicentre=[10, 20]))


GRID = """<?xml version="1.0"?>
<shakemap_grid event_id="x" xmlns="http://earthquake.usgs.gov/eqcenter/shakemap">
<event event_id="x" magnitude="7" depth="10" lat="10.0" lon="20.0" event_timestamp=""/>
<grid_field index="1" name="LON" units="dd"/>
<grid_field index="2" name="LAT" units="dd"/>
<grid_field index="3" name="PGA" units="pctg"/>
<grid_field index="4" name="MMI" units="intensity"/>
<grid_data>
20.0 10.0 40.0 8.0
20.1 10.0 30.0 7.5
20.0 10.1 28.0 7.0
</grid_data>
</shakemap_grid>
"""


def test_a_grid_is_read_as_it_is(tmp_path):
    file = tmp_path / "grid.xml"
    file.write_text(GRID, encoding="utf-8")
    found = felt(quake(path=str(file)), [10.0, 10.0, 10.09, 15], [20.0, 20.09, 20.0, 20])["mmi"]
    assert found.peak.tolist() == [8, 7.5, 7, 0]
    assert found.times_s[0, 0] == pytest.approx(10_000 / 3500)
    for before, after, said in (
        ("7.5", "strong", "grid.xml:10:1: a row of the grid is not numbers"),
        ("30.0 7.5", "30.0", "grid.xml:10:1: the row has 3 values, the grid 4 fields"),
        ('name="MMI"', 'name="PGV"', "the grid has no field MMI"),
        ("30.0 7.5", "30.0 75", "grid.xml:10:1: the row's place or intensity cannot be: MMI 75."),
        ("30.0 7.5", "30.0 nan", "grid.xml:10:1: the row's place or intensity cannot be: MMI nan."),
        ("</grid_data>\n</shakemap_grid>\n", "", "grid.xml:11:1: the grid has 3 rows and no end."),
        ("<grid_data>", '<grid_specification nlon="2" nlat="2"/><grid_data>', "the grid has 3 rows, not 4."),
        ('lat="10.0"', 'lat="1.0.0"', "does not say where the epicentre is"),
        ("20.0 10.0 40.0 8.0\n20.1 10.0 30.0 7.5\n20.0 10.1 28.0 7.0\n", "", "the grid has no rows"),
    ):
        file.write_text(GRID.replace(before, after), encoding="utf-8")
        with pytest.raises(DataError) as error:
            footprint_of(quake(path=str(file), label=said))
        assert said in str(error.value)


def test_a_grid_may_write_its_attributes_in_any_order(tmp_path):
    file = tmp_path / "grid.xml"
    words = GRID.replace('index="1" name="LON"', "name='LON' index = '1'")
    words = words.replace('lat="10.0" lon="20.0"', "lon='20' lat='10'")
    file.write_text(words, encoding="utf-8")
    found = felt(quake(path=str(file)), [10.0, 10.0], [20.0, 20.09])["mmi"]
    assert found.peak.tolist() == [8, 7.5]
    assert found.times_s[0, 0] == pytest.approx(10_000 / 3500)


def test_a_stronger_earthquake_breaks_the_same_and_more():
    network = benchmark_world.setup(10, 120).network
    centre = [float(v) for v in network.frame.to_latlon(0.0, 0.0)]

    def failed(magnitude):
        spec = quake(epicentre=centre, magnitude=magnitude)
        return {(loss.component, loss.element) for loss in Strike(0, spec).losses(network, Streams(3))}

    weak, strong = failed(6.0), failed(7.5)
    assert weak < strong
    assert {"feeder", "shelter", "road"} <= {component for component, _ in strong}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"magnitude": 7.2}, []),
        ({"magnitude": 9.1}, ["magnitude"]),
        ({"magnitude": 4.0}, ["magnitude"]),
        ({"magnitude": 7.0, "hypocentre_depth_m": 120_000}, ["hypocentre_depth_m"]),
    ],
)
def test_an_earthquake_beyond_what_the_relation_was_fitted_to_is_said(keys, said):
    network = benchmark_world.setup(10, 30).network
    lat, lon = network.frame.to_latlon(np.zeros(1), np.zeros(1))
    spec = EarthquakeSpec.model_validate(
        {"kind": "earthquake", "epicentre": [float(lat[0]), float(lon[0])], **keys}
    )
    notes = [note for note in untouched(spec, network, 3600) if "relation" in note.message]
    assert [note.keys[0] for note in notes] == said
