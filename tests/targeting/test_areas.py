"""The alert area: from polygons, circles and geocodes of a message, or from the scenario."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from pydantic import ValidationError

from ewsim import targeting
from ewsim.cap.alert import Alert, Area, Circle, Geocode, Info, Polygon, Position
from ewsim.errors import CapError, DataError, ScenarioError
from ewsim.geography.features import read_features
from ewsim.geography.plane import EARTH_RADIUS_M, LocalFrame
from ewsim.scenario.spec import AreaSpec, GeocodeSpec

FRAME = LocalFrame(0.0, 0.0)
SQUARE = ((0.0, 0.0), (0.0, 0.1), (0.1, 0.1), (0.1, 0.0), (0.0, 0.0))
FAR_SQUARE = tuple((lat, lon + 0.5) for lat, lon in SQUARE)


def alert(*areas, languages=("en",)):
    infos = tuple(
        Info(
            language,
            ("Met",),
            "Flood",
            "Immediate",
            "Extreme",
            "Observed",
            areas=areas,
            position=Position(9, 3),
        )
        for language in languages
    )
    return Alert(
        "1.2",
        "id",
        "warnings@example.org",
        datetime(2026, 1, 1, tzinfo=UTC),
        "Actual",
        "Alert",
        "Public",
        infos=infos,
        file="alert.xml",
        position=Position(2, 1),
    )


def polygon(points, line=20):
    return Area("somewhere", polygons=(Polygon(tuple(points), Position(line, 7)),))


def square_degree_m2(size_deg):
    return (np.radians(size_deg) * EARTH_RADIUS_M) ** 2


# --- the area -----------------------------------------------------------------------------------


def test_polygons_circles_and_areas_are_one_union():
    square = square_degree_m2(0.1)
    both = (polygon(SQUARE), polygon(FAR_SQUARE))
    assert targeting.area_of(alert(*both), FRAME).area == pytest.approx(2 * square)
    twice = alert(polygon(SQUARE), languages=("es", "en"))
    assert targeting.area_of(twice, FRAME).area == pytest.approx(square)
    disc = Area("a disc", circles=(Circle(1.0, 1.0, 3.0),))
    with_disc = targeting.area_of(alert(polygon(SQUARE), disc), FRAME)
    assert with_disc.area == pytest.approx(square + np.pi * 3_000**2, rel=1e-3)
    x, y = FRAME.to_xy(0.05, 0.05)  # latitude first
    assert with_disc.contains(shapely.Point(float(x), float(y)))


def test_geocodes_beside_a_polygon_are_not_needed():
    coded = Area("a", polygon(SQUARE).polygons, geocodes=(Geocode("UGC", "PRC001"),))
    assert targeting.area_of(alert(coded), FRAME).area > 0


def test_an_override_replaces_whatever_the_message_says():
    override = AreaSpec.model_validate({"circles": [{"centre": [0.5, 0.5], "radius_m": 2_000}]})
    nowhere = alert(Area("a", geocodes=(Geocode("SAME", "072001"),)))
    area = targeting.area_of(nowhere, FRAME, override)
    assert area.area == pytest.approx(np.pi * 2_000**2, rel=1e-3)
    open_ring = AreaSpec.model_validate({"polygons": [SQUARE[:-1]]})
    assert targeting.area_of(nowhere, FRAME, open_ring).area == pytest.approx(square_degree_m2(0.1))
    with pytest.raises(ValidationError, match="encloses nothing"):
        AreaSpec.model_validate({"polygons": [[(0, 0), (0, 1), (0, 2)]]})
    cut_out = AreaSpec.model_validate({"polygons": [SQUARE[:-1]], "holes": [SQUARE[:-1]]})
    with pytest.raises(ScenarioError, match=r"alert\.area_override: the area encloses nothing"):
        targeting.area_of(nowhere, FRAME, cut_out)


@pytest.mark.parametrize(
    ("points", "word"),
    [
        (((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), "crosses itself"),
        (((0, 0), (2, 2), (1, 0), (0, 1), (0, 0)), "crosses itself"),
        (((0, 0), (0, 1), (0, 2), (0, 0)), "on one line"),
        (((0, 0), (0, 1), (0, 0)), "three different points"),
        ((), "three different points"),
        (((0, 0), (0, 1), (91, 1), (0, 0)), "not a place"),
        (((0, 0), (0, float("nan")), (1, 1), (0, 0)), "not a place"),
    ],
)
def test_a_polygon_that_is_no_area_is_refused_at_its_place(points, word):
    with pytest.raises(CapError) as caught:
        targeting.area_of(alert(polygon(SQUARE), polygon(points, line=31)), FRAME)
    (fault,) = caught.value.diagnostics
    assert (fault.file, fault.line, fault.column) == ("alert.xml", 31, 7)
    assert word in fault.message
    assert fault.fix


def test_every_bad_polygon_is_told():
    bad = ((0, 0), (0, 1), (0, 2), (0, 0))
    with pytest.raises(CapError) as caught:
        targeting.area_of(alert(polygon(bad, 11), polygon(SQUARE), polygon(bad[:2], 13)), FRAME)
    assert [d.line for d in caught.value.diagnostics] == [11, 13]


def test_geocodes_alone_need_an_override():
    codes = (Geocode("SAME", "072001", Position(40, 5)), Geocode("UGC", "PRC001", Position(41, 5)))
    with pytest.raises(CapError, match="area_override") as caught:
        targeting.area_of(alert(Area("a", geocodes=codes)), FRAME)
    (fault,) = caught.value.diagnostics
    assert (fault.line, fault.column) == (40, 5)
    assert "SAME, UGC" in fault.message


@pytest.mark.parametrize(
    ("message", "line"),
    [(alert(Area("only words", position=Position(15, 5))), 15), (alert(), 9), (alert(languages=()), 2)],
)
def test_a_message_without_an_area_is_refused(message, line):
    with pytest.raises(CapError, match="no polygon and no circle") as caught:
        targeting.area_of(message, FRAME)
    assert caught.value.diagnostics[0].line == line


# --- holes, bridges and the antimeridian --------------------------------------------------------


def test_a_bridge_to_an_inner_ring_and_back_makes_a_hole():
    inner = [(0.04, 0.04), (0.06, 0.04), (0.06, 0.06), (0.04, 0.06), (0.04, 0.04)]
    keyhole = [(0, 0), *inner, (0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1), (0, 0)]
    turned = [(0, 0), *inner[::-1], (0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1), (0, 0)]
    expected = square_degree_m2(0.1) - square_degree_m2(0.02)
    areas, faults = [], []
    for ring in (keyhole, turned):  # one of them winds twice around the inside
        try:
            areas.append(targeting.area_of(alert(polygon(ring)), FRAME))
        except CapError as error:
            faults += error.diagnostics
    (area,), (fault,) = areas, faults
    assert area.area == pytest.approx(expected, rel=1e-6)
    assert not area.contains(shapely.Point(*map(float, FRAME.to_xy(0.05, 0.05))))
    assert "crosses itself" in fault.message


@pytest.mark.parametrize("points", [5, 7])
def test_a_star_crosses_itself(points):
    turn = np.arange(points + 1) * 2 * (2 * np.pi / points)
    star = list(zip(0.1 * np.sin(turn), 0.1 * np.cos(turn), strict=True))
    with pytest.raises(CapError, match="crosses itself"):
        targeting.area_of(alert(polygon(star)), FRAME)


def test_holes_are_taken_out_of_an_override():
    override = AreaSpec.model_validate(
        {"polygons": [SQUARE], "holes": [[(0.02, 0.02), (0.02, 0.04), (0.04, 0.04), (0.04, 0.02)]]}
    )
    area = targeting.area_of(alert(), FRAME, override)
    assert area.area == pytest.approx(square_degree_m2(0.1) - square_degree_m2(0.02))
    assert len(area.interiors) == 1
    everything = AreaSpec.model_validate({"polygons": [SQUARE], "holes": [SQUARE]})
    with pytest.raises(ScenarioError, match="encloses nothing"):
        targeting.area_of(alert(), FRAME, everything)


def test_an_area_across_the_antimeridian_is_whole():
    fiji = LocalFrame(-17.0, 179.0)
    ring = ((-17.5, 179.5), (-17.5, -179.5), (-16.5, -179.5), (-16.5, 179.5), (-17.5, 179.5))
    area = targeting.area_of(alert(polygon(ring)), fiji)
    assert area.geom_type == "Polygon"
    assert area.area == pytest.approx(square_degree_m2(1.0) * np.cos(np.radians(17)), rel=1e-3)
    on_the_line = FRAME.__class__(-17.0, 179.0).to_xy(-17.0, -180.0)
    assert area.contains(shapely.Point(*map(float, on_the_line)))


# --- geocodes -----------------------------------------------------------------------------------


def square_at(lon, lat, size=0.1, **properties):
    ring = [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def gazetteer(folder, *features, schemes=None):
    path = folder / "districts.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": list(features)}, indent=1)
    path.write_text(text, encoding="utf-8")
    schemes = schemes or {"SAME": {"property": "GEOID", "prefix": "0"}}
    rules = {name: GeocodeSpec.model_validate(rule) for name, rule in schemes.items()}
    return targeting.Gazetteer.of(read_features(path), rules)


def coded(*codes, line=40):
    placed = enumerate(codes, line)
    return Area("coded", geocodes=tuple(Geocode(n, v, Position(at, 5)) for at, (n, v) in placed))


def test_geocodes_are_looked_up_in_the_users_geojson(tmp_path):
    names = gazetteer(
        tmp_path,
        square_at(0, 0, GEOID=72001),
        square_at(1, 0, GEOID="72003"),
        square_at(2, 0, GEOID="72003"),
        square_at(3, 0, GEOID=None),
    )
    square = square_degree_m2(0.1)
    one = targeting.area_of(alert(coded(("SAME", "072001"))), FRAME, gazetteer=names)
    assert one.area == pytest.approx(square, rel=1e-3)
    both = coded(("UGC", "PRC001"), ("SAME", "072001"), ("SAME", "072003"))
    assert targeting.area_of(alert(both), FRAME, gazetteer=names).area == pytest.approx(3 * square, rel=1e-3)
    mixed = alert(polygon(FAR_SQUARE), coded(("SAME", "072001")))
    assert targeting.area_of(mixed, FRAME, gazetteer=names).area == pytest.approx(2 * square, rel=1e-3)


def test_a_hole_in_the_gazetteer_is_a_hole_in_the_area(tmp_path):
    ring = square_at(0, 0, GEOID="1")
    ring["geometry"]["coordinates"].append(
        [[0.04, 0.04], [0.06, 0.04], [0.06, 0.06], [0.04, 0.06], [0.04, 0.04]]
    )
    area = targeting.area_of(alert(coded(("SAME", "01"))), FRAME, gazetteer=gazetteer(tmp_path, ring))
    assert area.area == pytest.approx(square_degree_m2(0.1) - square_degree_m2(0.02), rel=1e-3)


def test_every_code_that_is_nowhere_is_told_at_its_place(tmp_path):
    names = gazetteer(tmp_path, square_at(0, 0, GEOID="72001"))
    message = alert(
        coded(("SAME", "072001"), ("SAME", "099999"), line=40), coded(("EMMA_ID", "FR001"), line=60)
    )
    with pytest.raises(CapError) as caught:
        targeting.area_of(message, FRAME, gazetteer=names)
    wrong, unknown = caught.value.diagnostics
    assert (wrong.line, wrong.column) == (41, 5)
    assert "'099999'" in wrong.message
    assert "'072001'" in wrong.fix
    assert unknown.line == 60
    assert "EMMA_ID" in unknown.message
    assert "alert.geocodes" in unknown.fix


def test_an_area_of_codes_beside_one_with_a_polygon_is_not_dropped():
    message = alert(polygon(SQUARE), coded(("SAME", "072001")))
    with pytest.raises(CapError, match="geocodes alone"):
        targeting.area_of(message, FRAME)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not GeoJSON"),
        ("[]", "not a FeatureCollection"),
        ('{"type": "Polygon", "coordinates": []}', "not a FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "no features"),
        ('{"type": "FeatureCollection", "features": [3]}', "not an object"),
        (json.dumps({"type": "FeatureCollection", "features": [{"geometry": None}]}), "no areas"),
        (
            json.dumps({"type": "FeatureCollection", "features": [square_at(0, 0), square_at(500_000, 4)]}),
            "feature 2: its coordinates are not degrees",
        ),
        (
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}],
                }
            ),
            "a Point, not an area",
        ),
        (
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [{"geometry": {"type": "Polygon", "coordinates": [[1]]}}],
                }
            ),
            "malformed",
        ),
    ],
)
def test_a_file_that_holds_no_areas_is_refused(tmp_path, text, words):
    path = tmp_path / "districts.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_features(path)


def test_faults_of_features_have_their_line(tmp_path):
    bad = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    text = json.dumps(
        {"type": "FeatureCollection", "features": [square_at(0, 0), bad, square_at(1, 0), bad]}, indent=1
    )
    path = tmp_path / "districts.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_features(path)
    lines = text.splitlines()
    for fault in caught.value.diagnostics:
        assert lines[fault.line - 1][fault.column - 1] == "{"
        assert '"properties": {},' in lines[fault.line + 1]
    assert len({fault.line for fault in caught.value.diagnostics}) == 2


def test_a_property_that_no_area_has_is_told_with_those_they_have(tmp_path):
    with pytest.raises(DataError, match=r"property 'NAME'.*They have: GEOID"):
        gazetteer(tmp_path, square_at(0, 0, GEOID="1"), schemes={"SAME": {"property": "NAME"}})
