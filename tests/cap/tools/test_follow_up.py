"""Updates and cancels take over the area, the languages and the state of the message they are about."""

import re
from datetime import UTC, datetime

import pytest
from cap.samples import GOOD, good_with

from ewsim.cap.reader import parse_alert
from ewsim.cap.tools import templates
from ewsim.cap.tools.follow_up import earlier
from ewsim.cap.tools.threads import sort_threads
from ewsim.cap.validator import validate
from ewsim.errors import UsageError

SENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
REFERENCE = "warnings@met.example,EX-2026-001,2026-11-20T10:00:00-00:00"
INFO = GOOD[GOOD.index("  <info>") : GOOD.index("</info>") + 8]
KINDS = [kind for kind in templates.kinds() if templates.is_follow_up(kind)]


def in_language(tag):
    return INFO.replace("en-GB", tag).replace("North coast", f"North coast in {tag}")


def follow(kind, *sources, **more):
    made = [parse_alert(source, "a.xml") for source in sources]
    more = {"references": [REFERENCE], "before": earlier(made), **more}
    return templates.new(kind, sent=SENT, identifier="a.2", **more)


def elements(source, name):
    return re.findall(f"<{name}>(.*?)</{name}>", source.decode())


@pytest.mark.parametrize("kind", KINDS)
def test_every_shape_code_and_height_of_the_area_is_taken_over(kind):
    made = follow(kind, good_with())
    first, second = parse_alert(good_with(), "a.xml"), parse_alert(made, "b.xml")
    plain = re.compile(r"Position\(.*?\)")
    assert plain.sub("", str(second.areas)) == plain.sub("", str(first.areas))
    assert (second.sender, second.infos[0].sender_name) == ("warnings@met.example", "Island Met Service")
    assert [f.rule for f in validate(made, "b.xml").findings if f.severity != "info"] == []
    assert sort_threads([first, second]).findings == ()


def test_each_language_keeps_its_own_area_and_name():
    source = good_with((INFO, in_language("en-GB") + in_language("es-MX") + in_language("ar")))
    made = follow("cancel", source)
    assert elements(made, "language") == ["en-GB", "es-MX", "ar"]
    assert elements(made, "areaDesc") == [f"North coast in {tag}" for tag in ("en-GB", "es-MX", "ar")]
    assert elements(made, "headline")[1].startswith("Fin del aviso")


def test_a_language_that_is_not_in_the_template_is_left_out_and_known():
    source = good_with((INFO, in_language("en-GB") + in_language("fi-FI") + in_language("zh-TW")))
    assert elements(follow("cancel", source), "language") == ["en-GB"]
    assert templates.unwritten("cancel", ["en-GB", "fi-FI", "zh-TW"]) == ("fi-FI", "zh-TW")
    with pytest.raises(UsageError, match="The template cancel is not in fi-FI; it is in en-US"):
        follow("cancel", good_with((INFO, in_language("fi-FI"))))
    assert elements(follow("cancel", good_with((INFO, in_language("de-AT")))), "event") == ["Entwarnung"]


def test_an_update_is_of_the_same_danger():
    made = follow("update", good_with())
    assert elements(made, "event") == ["Cyclone"]
    assert elements(made, "responseType") == ["Shelter"]
    assert elements(follow("cancel", good_with()), "responseType") == ["AllClear"]


def test_an_exercise_that_not_everybody_may_see_stays_one():
    restricted = "<scope>Restricted</scope><restriction>Staff</restriction>"
    codes = "<code>c1</code><code>c2</code><note>Drill</note>"
    head = f'{restricted}<addresses>"Civil Defence" x@y</addresses>{codes}'
    source = good_with((">Actual<", ">Exercise<"), ("<scope>Public</scope>", head))
    made = follow("update", source.replace(b"  <info>", b"<incidents>a b</incidents>  <info>"))
    alert = parse_alert(made, "b.xml")
    assert (alert.status, alert.scope, alert.restriction, alert.note) == (
        "Exercise",
        "Restricted",
        "Staff",
        "Drill",
    )
    assert (alert.addresses, alert.codes, alert.incidents) == (
        ("Civil Defence", "x@y"),
        ("c1", "c2"),
        ("a", "b"),
    )
    assert not validate(made, "b.xml").failed


def test_areas_of_several_messages_add_up_without_repeats():
    other = good_with(("North coast", "South coast"), ("17.1,-61.9 17.1,-61.7", "17.2,-61.9 17.1,-61.7"))
    other = other.replace(b"17.0,-61.9 17.1,-61.9", b"17.0,-61.9 17.2,-61.9")
    assert elements(follow("cancel", good_with(), other, good_with()), "areaDesc") == [
        "North coast",
        "South coast",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_area_it_is_refused(kind):
    area = GOOD[GOOD.index("    <area>") : GOOD.index("</area>") + 8]
    for sources in ((), (good_with((area, "")),)):
        with pytest.raises(UsageError, match="takes its area from the message it is about"):
            follow(kind, *sources)
        assert elements(follow(kind, *sources, where=templates.ISLAND), "areaDesc") == ["Example Bay"]


def test_small_numbers_are_written_as_cap_reads_them():
    source = good_with(("17.05,-61.8 5.5", "0.00001,-0.0000001 0.0005"))
    (circle,) = elements(follow("cancel", source), "circle")
    assert circle == "0.00001,-0.0000001 0.0005"
