"""The coastline of a GeoJSON file: whatever is wrong with it, at its line and column."""

import pytest
import shapely

from ewsim.errors import DataError
from ewsim.geography.land import land_notes, read_land_degrees
from ewsim.geography.plane import LocalFrame

SQUARE = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}'
SHORT = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}'
METRES = SQUARE.replace("1", "4e5")


#: RFC 7946, 3.1: as good as null.
EMPTY = '{"type": "Polygon", "coordinates": []}'


def feature(geometry):
    return f'{{"type": "Feature", "properties": {{}}, "geometry": {geometry}}}'


def collection(*features):
    """Each feature on a line of its own, two columns in, the first on line 2."""
    return '{"type": "FeatureCollection", "features": [\n  ' + ",\n  ".join(features) + "]}"


@pytest.mark.parametrize(
    ("text", "places", "words"),
    [
        ("{", [(1, 2)], "is not GeoJSON"),
        ('{"type":\n "Polygon",}', [(2, 12)], "is not GeoJSON"),
        (SHORT, [(1, 36)], "malformed"),
        ("[]", [(1, 1)], "not an object"),
        ('{"type": "Topology", "arcs": []}', [(1, 1)], "GeoJSON has no geometry Topology"),
        (collection(feature(SQUARE), feature(SHORT)), [(3, 88)], "malformed"),
        (collection("3", feature(SQUARE)), [(2, 3)], "not an object"),
        (collection(feature(SHORT), feature(SQUARE), feature(SHORT)), [(2, 88), (4, 88)], "malformed"),
        (collection(feature("null")), [(0, 0)], "no Polygon"),
        (feature(METRES), [(1, 96)], "not degrees"),
        (collection(feature(SQUARE), feature(SQUARE.replace("1", "NaN"))), [(3, 98)], "not a finite"),
        (collection(feature(SQUARE.replace("1", "1" + 400 * "0"))), [(2, 98)], "too large"),
        (collection(feature(SQUARE.replace("[1, 1]", "[20, 178]"))), [(2, 106)], "latitude before longitude"),
    ],
)
def test_every_fault_is_told_at_its_place(tmp_path, text, places, words):
    path = tmp_path / "land.geojson"
    path.write_text(text)
    with pytest.raises(DataError) as error:
        read_land_degrees(path)
    assert [(d.line, d.column) for d in error.value.diagnostics] == places
    assert all(words in d.message for d in error.value.diagnostics)


@pytest.mark.parametrize("text", [SQUARE, feature(SQUARE), collection(feature(SQUARE))])
def test_a_geometry_a_feature_and_a_collection_are_the_same_land(tmp_path, text):
    path = tmp_path / "land.geojson"
    path.write_text(text)
    assert read_land_degrees(path).area == 0.5


def test_features_without_geometry_are_left_out_and_counted(tmp_path):
    path = tmp_path / "land.geojson"
    path.write_text(collection(feature("null"), feature(SQUARE), feature(EMPTY)))
    assert read_land_degrees(path).area == 0.5
    assert land_notes(path, LocalFrame(0, 0)) == [f"2 features without geometry were left out: {path}."]


@pytest.mark.parametrize("code", ["urn:ogc:def:crs:EPSG::3857", "EPSG:3857", "urn:ogc:def:crs:EPSG::32631"])
@pytest.mark.parametrize("scale", ["1", "4e5"])
def test_coordinates_of_a_stated_reference_system_become_degrees(tmp_path, code, scale):
    warp = pytest.importorskip("rasterio.warp")
    member = f'{{"type": "name", "properties": {{"name": "{code}"}}}}'
    path = tmp_path / "land.geojson"
    path.write_text(feature(SQUARE.replace("1", scale)).replace('"type"', f'"crs": {member}, "type"', 1))
    (lon,), (lat,) = warp.transform("EPSG:" + code[-5:].strip(":"), "EPSG:4326", [float(scale)], [0.0])
    corner = shapely.get_coordinates(read_land_degrees(path))[1]
    assert corner.tolist() == pytest.approx([lon, lat])


@pytest.mark.parametrize("code", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326"])
def test_degrees_are_degrees(tmp_path, code):
    path = tmp_path / "land.geojson"
    path.write_text(f'{{"crs": {{"properties": {{"name": "{code}"}}}}, {SQUARE[1:]}')
    assert read_land_degrees(path).area == 0.5


@pytest.mark.parametrize("code", ["EPSG:999999", "moon", "http://localhost/EPSG/3857.gml"])
def test_an_unknown_reference_system_is_refused(tmp_path, code):
    pytest.importorskip("rasterio")
    path = tmp_path / "land.geojson"
    path.write_text(f'{{"crs": {{"properties": {{"name": "{code}"}}}}, {SQUARE[1:]}')
    with pytest.raises(DataError, match="not known"):
        read_land_degrees(path)
