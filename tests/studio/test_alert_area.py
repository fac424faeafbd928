"""Areas that somebody draws: read as hostile, and each fault is a sentence that says what to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from masts import masts
from studios import alert_bytes

from ewsim.cap.reader import parse_alert
from ewsim.cap.tools.writing import write_alert
from ewsim.cap.validator import validate
from ewsim.geography.plane import LocalFrame
from ewsim.scenario.spec import AreaSpec
from ewsim.studio.alert import area as areas
from ewsim.studio.alert import message as messages
from ewsim.targeting import area_of

BOW_TIE = [[10, 10], [11, 11], [11, 10], [10, 11]]
TWO_TRIANGLES = [[0, 0], [1, 1], [2, 2], [2, 0], [1, 1], [0, 2]]  # they meet in a corner

FAULTS = {
    "nothing": ({}, "The area is empty. Draw"),
    "no list": ({"polygons": "10,10"}, "Reload the page."),
    "two corners": ({"polygons": [[[1, 1], [2, 2], [1, 1]]]}, "Polygon 1 has 2 corners. Give it"),
    "on one line": ({"polygons": [[[1, 1], [2, 2], [3, 3]]]}, "Polygon 1 encloses nothing: its corners lie"),
    "crossing": ({"polygons": [BOW_TIE]}, "its sides from corner 1 to 2 and from corner 3 to 4 meet. Move"),
    "crossing in a corner": ({"polygons": [TWO_TRIANGLES]}, "Polygon 1 crosses itself. Move a corner"),
    "exchanged": ({"polygons": [[[144.9, 13.4], [145, 13.4], [145, 13.5]]]}, "Then write 13.4, 144.9: lat"),
    "out of range": ({"polygons": [[[10, 190], [11, 10], [11, 11]]]}, "corner 1 has latitude 10 and long"),
    "text": ({"polygons": [[["10", 20], [11, 10], [11, 11]]]}, "Polygon 1, corner 1 is not a place. Write"),
    "radius": ({"circles": [{"centre": [1, 2], "radius_m": 0}]}, "Circle 1 has a radius of 0 m. Write more"),
    "no radius": ({"circles": [{"centre": [1, 2]}]}, "Circle 1 has a radius of no number."),
    "no circle": ({"circles": [7]}, "Circle 1 has no middle"),
    "round the Earth": ({"polygons": [[[1, 0], [2, 120], [1, -120]]]}, "is wider than half of the Earth"),
    "many corners": ({"polygons": [[[1, 2]] * 1001]}, "The area has 1,001 corners"),
    "many shapes": ({"circles": [{}] * 51}, "The area has 51 polygons and circles"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_a_sentence(name):
    given_, said = FAULTS[name]
    _, faults = areas.read_drawing(given_)
    assert any(said in fault for fault in faults), faults
    assert all(fault.endswith(".") or fault[-1].isdigit() for fault in faults)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["centre", "radius_m"]), inner, max_size=2)
    ),
    max_leaves=20,
)


@given(polygons=ANYTHING, circles=ANYTHING)
@settings(max_examples=25, deadline=None)
def test_whatever_a_page_sends_is_a_drawing_or_sentences(polygons, circles):
    drawing, faults = areas.read_drawing({"polygons": polygons, "circles": circles})
    assert faults or drawing.corner_count


COORDINATES = st.tuples(st.integers(-89, 89), st.integers(-179, 179)) | st.tuples(
    st.floats(-90, 90), st.floats(-180, 180)
)


@given(
    ring=st.lists(
        COORDINATES | st.sampled_from([(1, 1), (1, 2), (2, 2), (2, 1), (3, 3)]), min_size=3, max_size=7
    )
)
@settings(max_examples=25, deadline=None)
def test_what_is_let_through_is_an_area_for_everybody(ring):
    """The scenario takes it, the message takes it, and a run makes an area of it."""
    drawing, faults = areas.read_drawing({"polygons": [list(map(list, ring))]})
    if faults:
        return
    AreaSpec.model_validate(drawing.as_spec())
    alert = messages.with_area(parse_alert(alert_bytes(), "a.xml"), drawing.as_cap("Here"))
    written = write_alert(alert)
    again = parse_alert(written, "b.xml")
    assert areas.of_message(again) == drawing
    frame = LocalFrame.around(*zip(*ring, strict=True))
    assert area_of(again, frame).area == pytest.approx(drawing.shape(frame).area, rel=1e-6)
    broken = [f.rule for f in validate(written, "b.xml").findings if f.severity == "error"]
    assert not [rule for rule in broken if rule.startswith(("POLY", "CIRCLE", "STRUCT"))]


def test_a_drawing_off_the_network_says_what_may_be_wrong():
    network = masts([0.0], [0.0])
    near = areas.Drawing(circles=((0.01, 0.01, 500.0),))
    assert areas.off_network(near, network) == []
    (far,) = areas.off_network(areas.Drawing(circles=((40.0, 60.0, 500.0),)), network)
    assert "the nearest mast is" in far
    assert far.endswith(".")
    turned = masts([0.0], [0.0])
    object.__setattr__(turned, "frame", LocalFrame(10.0, 50.0))
    (swapped,) = areas.off_network(areas.Drawing(circles=((50.0, 10.0, 500.0),)), turned)
    assert "latitude comes first" in swapped


def test_a_drawing_comes_back_from_message_and_scenario():
    given_ = {"polygons": [[[1, 1], [2, 1], [2, 2]]], "circles": [{"centre": [5, 5], "radius_m": 1234}]}
    drawing, faults = areas.read_drawing(given_)
    assert not faults
    assert areas.of_scenario(AreaSpec.model_validate(drawing.as_spec())) == drawing
    closed, _ = areas.read_drawing({"polygons": [[[1, 1], [2, 1], [2, 2], [1, 1]]]})
    assert len(closed.polygons[0]) == 3
    assert areas.read_drawing(drawing.as_json()) == (drawing, [])
