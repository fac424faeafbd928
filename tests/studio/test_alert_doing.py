"""What pages do to the alert: changes of the scenario and its message, and cells counted for a drawing."""

import base64
import json
import re

import numpy as np
import pytest

from ewsim import run_scenario, targeting
from ewsim.cap.reader import parse_alert
from ewsim.country.people import camped
from ewsim.studio import actions
from ewsim.studio.alert import area as areas
from ewsim.studio.alert import doing
from ewsim.studio.offers import Offered
from ewsim.studio.watch import panel as watched
from ewsim.targeting.fit import measure_fit
from ewsim.targeting.footprints import cell_footprints

SQUARE = {"polygons": [[[19.99, -40.02], [20.02, -40.02], [20.02, -39.99], [19.99, -39.99]]], "circles": []}


@pytest.fixture
def do(session):
    """Does an action as whoever leads; its answer."""

    def done(name, **fields):
        return actions.act(session, actions.Asker("page"), f"alert.{name}", fields)

    return done


def alert_of(session):
    return parse_alert(session.version.files["alert.xml"], "alert.xml")


def test_a_drawing_becomes_the_area_of_the_message_and_undo_takes_it_back(session, do):
    before, area = session.version.files["alert.xml"], session.country().area
    assert do("area", **SQUARE) == {}
    assert areas.of_message(alert_of(session)).as_json() == SQUARE
    state = actions.state_of(session)["alert"]
    assert state["area"] == SQUARE
    assert state["plan"]["texts"][0]["pages"] >= 1
    frame = session.country().network.frame
    drawn = areas.of_message(alert_of(session)).shape(frame)
    assert session.country().area.equals(drawn)
    assert not session.country().area.equals(area)
    session.go(-1)
    assert session.version.files["alert.xml"] == before
    assert session.country().area.equals(area)


def test_faults_of_a_drawing_keep_the_state(session, do):
    revision = session.revision
    for wrong in ({}, {"polygons": [[[0, 0], [1, 1], [1, 0], [0, 1]]]}, {"circles": [{"centre": [95, 0]}]}):
        assert all(said.endswith(".") for said in do("area", **wrong)["faults"])
    assert session.revision == revision


def test_an_area_of_the_scenario_gives_way_unless_it_has_holes(session, do):
    scenario = session.draft()
    hole = [[20.0, -40.01], [20.01, -40.01], [20.01, -40.0]]
    scenario["alert"]["area_override"] = {"polygons": SQUARE["polygons"], "holes": [hole]}
    session.keep("test", scenario)
    do("area", circles=[{"centre": [20.0, -40.0], "radius_m": 4000}])
    kept = session.version.scenario["alert"]["area_override"]
    assert kept["holes"] == [hole]
    assert kept["circles"][0]["radius_m"] == 4000
    scenario["alert"]["area_override"] = {"polygons": SQUARE["polygons"]}
    session.keep("test", scenario)
    do("area", **SQUARE)
    assert "area_override" not in session.version.scenario["alert"]


def counted(session, do, **fields):
    session.sent.clear()
    assert do("cells", **fields) == {}
    ((kind, found, to),) = [news for news in session.sent if news[0] == "alert.cells"]
    assert (kind, to) == ("alert.cells", ("page",))
    return found


def test_cells_and_people_of_each_policy_are_those_of_a_run(session, do):
    found = counted(session, do, number=7, **SQUARE)
    assert (found["number"], found["faults"]) == (7, [])
    do("area", **SQUARE)
    country, (ground, population) = session.country(), session.inhabited()
    area, network = country.area, country.network
    inputs = targeting.PolicyInputs(ground.demand, [], camped(population))
    assert [row["policy"] for row in found["rows"]][:2] == ["", "site_in"]
    for row in found["rows"]:
        rule = session.loaded().spec.targeting.model_copy(
            update={"policy": row["policy"] or session.loaded().spec.targeting.policy}
        )
        wanted = targeting.chosen_cells(network, area, rule, inputs)
        bits = np.unpackbits(np.frombuffer(base64.b64decode(row["chosen"]), np.uint8), bitorder="little")
        assert bits[: wanted.size].astype(bool).tolist() == wanted.tolist(), row["policy"]
        fit = measure_fit(area, wanted, cell_footprints(network), camped(population))
        assert (row["cells"], row["inside"], row["outside"], row["with_signal"]) == (
            fit.cell_count,
            fit.alerted_inside,
            fit.alerted_outside,
            fit.in_area,
        )
        if row["undershoot_share"] is not None:
            assert row["undershoot_share"] == pytest.approx(1 - fit.recall)
    assert (
        found["rows"][0]["chosen"]
        == base64.b64encode(np.packbits(country.targeted, bitorder="little").tobytes()).decode()
    )
    assert counted(session, do, as_it_is=True)["rows"] == found["rows"]


def test_the_country_is_found_out_once_until_it_is_another(session, do):
    counted(session, do, **SQUARE)
    first = doing._choosing[session]
    do("area", **SQUARE)
    do("policy", policy="site_in")
    counted(session, do, as_it_is=True)
    assert doing._choosing[session] is first
    session.keep("test", session.draft() | {"seed": 2})
    counted(session, do, as_it_is=True)
    assert doing._choosing[session] is not first


def test_an_area_off_the_network_is_said_and_counts_nobody(session, do):
    found = counted(session, do, circles=[{"centre": [-40.0, 20.0], "radius_m": 1000}])
    assert "exchanged" in found["faults"][0]
    assert {row["cells"] for row in found["rows"] if row["policy"] != "greedy"} == {0}


def test_a_policy_is_chosen(session, do):
    assert do("policy", policy="overlap", overlap_share=0.01) == {}
    assert session.loaded().spec.targeting.overlap_share == 0.01
    assert do("policy", policy="nearest")["faults"]
    assert session.country().loaded.spec.targeting.policy == "overlap"


def test_texts_are_previewed_and_then_kept(session, do):
    rows = actions.state_of(session)["alert"]["message"]["texts"]
    rows[0]["description"] = "غادروا الآن"
    shown = do("preview", texts=rows)
    assert shown["plan"]["texts"][0]["alphabet"] == "ucs2"
    assert alert_of(session).infos[0].description != "غادروا الآن"
    assert do("text", texts=rows) == {}
    state = actions.state_of(session)["alert"]
    assert state["message"]["texts"][0]["description"] == "غادروا الآن"
    assert state["plan"] == shown["plan"]
    assert do("text", texts=[])["faults"]


def test_a_file_is_opened_byte_for_byte(session, do):
    source = session.version.files["alert.xml"].replace(b"20.0", b"20.01")
    token = session.offers.add(Offered("mine.xml", source))
    assert do("open", upload=token) == {}
    assert session.version.files["alert.xml"] == source
    for content in (b"<kml/>", b"", b"\xff\xfe\x00"):
        token = session.offers.add(Offered("../x.kml", content))
        assert do("open", upload=token)["faults"]
    assert do("open", upload="no such")["faults"]
    assert session.version.files["alert.xml"] == source


def test_an_area_that_no_cell_serves_or_that_crosses_itself_is_refused_before_it_is_kept(session, do):
    source, revision = session.version.files["alert.xml"], session.revision
    ring = b"20.0,-40.0 20.1,-39.9 20.1,-40.0 20.0,-39.9 20.0,-40.0"
    crossing = re.sub(b"<circle>.*</circle>", b"<polygon>" + ring + b"</polygon>", source)
    far = source.replace(b"20,-40 3", b"20,40 3")
    assert far != source != crossing
    for wrong, said in ((crossing, "crosses itself"), (far, "No cell of the network")):
        token = session.offers.add(Offered("mine.xml", wrong))
        assert said in do("open", upload=token)["faults"][0]
    elsewhere = {"circles": [{"centre": [-20, 40], "radius_m": 3000}]}
    assert "No cell of the network" in do("area", **elsewhere)["faults"][0]
    assert (session.version.files["alert.xml"], session.revision) == (source, revision)


def test_a_broken_message_can_be_replaced(session, do):
    session.keep("test", session.draft(), {"alert.xml": b"<alert"})
    state = actions.state_of(session)["alert"]
    assert state["message"] is None
    assert state["findings"]
    assert "start from a template" in do("area", **SQUARE)["faults"][0]
    assert do("template", kind="flood", languages=[{"tag": "en"}]) == {}
    assert actions.state_of(session)["alert"]["area"]["circles"]
    assert session.country().in_area.any()


def test_a_template_keeps_the_area(session, do):
    do("area", **SQUARE)
    assert do("template", kind="flood", languages=[{"tag": "en"}, {"tag": "ar"}]) == {}
    state = actions.state_of(session)["alert"]
    assert state["area"] == SQUARE
    assert [text["language"] for text in state["message"]["texts"]] == ["en-US", "ar"]


def test_what_follows_is_an_action_of_the_scenario(session, do):
    assert do("follow_up", do="cancel", at_s=800) == {}
    assert do("follow_up", do="update", at_s=300, text="Stay inside.") == {}
    then = session.loaded().spec.channels.given()["cell_broadcast"].then
    assert [(one.do, one.at_s, one.text) for one in then] == [
        ("update", 300, "Stay inside."),
        ("cancel", 800, None),
    ]
    assert do("follow_up", do="cancel", at_s=901)["faults"]
    assert do("no_follow_up", number=0) == {}
    assert [one["do"] for one in actions.state_of(session)["alert"]["then"]] == ["cancel"]
    taken = do("take", kind="cancel")
    assert taken["plan"]["action"] == "stop"
    content = session.uploaded(taken["path"].rpartition("/")[2]).content
    assert alert_of(session).identifier.encode() in content


def test_an_outline_of_thousands_of_corners_is_looked_at_and_not_changed(session, do):
    angle = np.linspace(0, 2 * np.pi, 4001)
    ring = " ".join(f"{20 + 0.02 * np.sin(a):.6f},{-40 + 0.02 * np.cos(a):.6f}" for a in angle[:-1])
    source = session.version.files["alert.xml"].decode()
    circle = source[source.index("<circle>") : source.index("</circle>") + 9]
    closed = f"<polygon>{ring} {ring.split()[0]}</polygon>"
    token = session.offers.add(Offered("large.xml", source.replace(circle, closed).encode()))
    assert do("open", upload=token) == {}
    state = actions.state_of(session)["alert"]
    assert (state["editable"], state["corners"]) == (False, 4000)
    assert len(state["area"]["polygons"][0]) == 1000
    found = counted(session, do, as_it_is=True)
    assert found["area_km2"] > 13
    assert do("area", **SQUARE) == {}
    assert actions.state_of(session)["alert"]["editable"]


def test_places_of_the_cells_are_sent_once_asked_for(session, do):
    session.sent.clear()
    do("masts")
    ((_, found, _),) = [news for news in session.sent if news[0] == "alert.masts"]
    network = session.country().network
    assert len(found["site"]) == len(found["azimuth"]) == len(network.cells)
    assert len(found["lat"]) == len(network.sites)


def test_admin_areas_give_the_policy_county_a_row(session, do):
    ring = [[-41, 19], [-40, 19], [-40, 21], [-41, 21], [-41, 19]]
    west = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    scenario = session.draft()
    scenario["targeting"] = {"admin_areas": "areas.geojson"}
    content = json.dumps({"type": "FeatureCollection", "features": [west]}).encode()
    session.keep("test", scenario, {"areas.geojson": content})
    rows = {row["policy"]: row for row in counted(session, do, **SQUARE)["rows"]}
    assert rows["county"]["cells"] > 0
    assert do("policy", policy="county") == {}


def test_a_change_says_which_parts_of_an_opened_file_it_does_not_keep(session, do):
    sign = b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    own = b'<n:note xmlns:n="urn:own"><n:part/></n:note>'
    plain = session.version.files["alert.xml"]
    full = plain.replace(b"</alert>", b"<!-- by hand -->" + own + sign + b"</alert>")
    name = session.offer("signed.xml", full).rpartition("/")[2]
    assert do("open", upload=name) == {}
    parts = {"of": ["signature", "extensions", "comments"], "gone": False}
    assert actions.state_of(session)["alert"]["not_kept"] == parts
    do("area", **SQUARE)
    do("policy", policy="greedy")
    assert actions.state_of(session)["alert"]["not_kept"] == {**parts, "gone": True}
    again = type(session)(session.folder)
    again.resume()
    assert actions.state_of(again)["alert"]["not_kept"] == {**parts, "gone": True}
    session.go(-1)
    session.go(-1)
    assert actions.state_of(session)["alert"]["not_kept"] == parts
    do("template", kind="flood", languages=[{"tag": "en"}])
    assert actions.state_of(session)["alert"]["not_kept"] == {"of": [], "gone": False}


def test_what_an_edit_does_not_keep_is_found_where_it_is(session):
    source = session.version.files["alert.xml"]
    for added, found in ((b"", []), (b"<![CDATA[<!-- words -->]]>", []), (b"<!-- one -->", ["comments"])):
        changed = source.replace(b"<description>", b"<description>" + added, 1)
        assert doing.messages.unwritten(changed) == found, added
    alert = source[source.index(b"<alert") :]
    assert doing.messages.unwritten(b"<wrap>" + alert + b"</wrap>") == ["envelope"]
    assert doing.messages.unwritten(b"no XML") == []


def test_each_run_is_of_the_message_as_it_is_now(session, do):
    """The country stays built; a message of the same name with another area and other words does not."""
    actions.act(session, actions.Asker("page"), "watch.send", {})
    for change in (lambda: do("area", **SQUARE), lambda: session.go(-1)):
        change()
        actions.follow(session)
        shown = watched.room_of(session).shown.figures
        reach = run_scenario(session.work.path).summary()["reach"]
        assert shown["reached"] == reach["people"]
        assert shown["reached"] / shown["in_area"] == pytest.approx(reach["share"])
    do("text", texts=[{"of": 0, "language": "en-US", "event": "Flood", "headline": "Go now"}])
    assert session.country().message.alert.infos[0].headline == "Go now"
