"""The coastline of a GeoJSON file: whatever is wrong with it, at its line and column."""

import pytest

from ewsim.errors import DataError
from ewsim.geography.land import read_land_degrees

SQUARE = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}'
SHORT = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0]]]}'
METRES = SQUARE.replace("1", "4e5")


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
        (SHORT, [(1, 1)], "malformed"),
        ("[]", [(1, 1)], "malformed"),
        (collection(feature(SQUARE), feature(SHORT)), [(3, 3)], "malformed"),
        (collection("3", feature(SQUARE), feature(SHORT)), [(2, 3), (4, 3)], "malformed"),
        (collection(feature("null")), [(0, 0)], "no Polygon"),
        (feature(METRES), [(0, 0)], "not degrees"),
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
