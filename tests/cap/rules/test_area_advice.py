"""What is said of an area that is written in another way than CAP's: the advice fits the mistake."""

import pytest
from cap.samples import good_with

from ewsim.cap.broadcast.plan import plan_broadcast
from ewsim.cap.reader import parse_alert
from ewsim.cap.validator import validate

RING = "17.1,-61.9 17.1,-61.7 17.0,-61.7 17.0,-61.9 17.1,-61.9"
DISC = "17.05,-61.8 5.5"
EAST = "-17,179 -17,181.5 -18,181.5 -18,179 -17,179"


@pytest.mark.parametrize(
    ("change", "rule", "advice"),
    [
        ((RING, EAST), "POLY-RANGE", "Write -178.5 for 181.5: longitudes go from -180 to 180."),
        ((RING, EAST.replace("181.5", "360")), "POLY-RANGE", "Write 0 for 360:"),
        ((RING, EAST.replace("181.5", "-181")), "POLY-RANGE", "Write 179 for -181:"),
        ((RING, EAST.replace("181.5", "1815")), "POLY-RANGE", "Write latitude first"),
        ((RING, "121,14 121,15 122,15 121,14"), "POLY-RANGE", "Write latitude first"),
        ((DISC, "-17,183 5"), "CIRCLE-RANGE", "Write -177 for 183:"),
        ((RING, RING.replace("-", "−")), "POLY-SYNTAX", "the digits 0 to 9 and a plain minus"),
        ((RING, RING.replace("1", "١")), "POLY-SYNTAX", "the digits 0 to 9 and a plain minus"),
        ((RING, "17°N,61°W " * 4), "POLY-SYNTAX", "Write degrees as decimal numbers"),
    ],
)
def test_the_advice_is_about_the_mistake(change, rule, advice):
    found = [f for f in validate(good_with(change), "a.xml").findings if f.rule == rule]
    assert len(found) == 1
    assert advice in found[0].fix


@pytest.mark.parametrize(("radius", "millions"), [("20038", "510"), ("99999", "510"), ("3000", "28")])
def test_a_circle_is_a_cap_of_the_globe(radius, millions):
    found = validate(good_with((DISC, f"17.05,-61.8 {radius}")), "a.xml").findings
    said = next(f.message for f in found if f.rule == "AREA-LARGE")
    assert said == f"<circle> encloses {millions} million square kilometres."


def test_an_attribute_of_xml_is_named_as_it_is_written():
    found = validate(good_with(("<alert ", '<alert id="a" xml:id="b" xml:lang="en" ')), "a.xml").findings
    said = [f.message for f in found if f.rule == "STRUCT-ATTRIBUTE"]
    assert said == [f"<alert> has the attribute '{name}'." for name in ("id", "xml:id", "xml:lang")]


def test_a_place_alone_chooses_no_cells_for_check_and_plan():
    """An epicentre is a circle of radius 0; beside a polygon it changes nothing."""
    beside = good_with((DISC, "17.05,-61.8 0"))
    alone = good_with((f"<polygon>{RING}</polygon>", ""), (DISC, "17.05,-61.8 0"))
    for source, verdict, note in (
        (beside, "pass", []),
        (alone, "warn", ["a circle of radius 0 chooses no cells"]),
    ):
        report = validate(source, "a.xml")
        assert report.verdict["deliverable"] == verdict
        assert [f.rule for f in report.findings] == ["DELIVER-AREA"] * len(note)
        planned = plan_broadcast(parse_alert(source, "a.xml"))
        assert [text.split(": ")[1].rstrip(".") for text in planned.notes] == note
