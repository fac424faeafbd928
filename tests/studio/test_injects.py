"""Injects of the palette: each is an entry of the scenario; `ewsim run` has the numbers of the page."""

import copy
import json

import pytest
from studios import TINY, alert_bytes

from ewsim.errors import UsageError
from ewsim.experiments.replications import run_scenario
from ewsim.scenario.load import load_scenario
from ewsim.studio import actions, ground
from ewsim.studio.session import Asker, StudioSession
from ewsim.studio.watch import injects, moments, panel
from ewsim.studio.watch.injects import Placement, place_inject

LEAD, OPERATOR = Asker("1"), Asker("2", role="operator")
MIDDLE = (20.0, -40.0)
STORM = {
    "kind": "cyclone",
    "id": "storm",
    "at_s": 0,
    "track": [
        {"time_s": -7200, "centre": [20.6, -39.6], "max_wind_m_s": 60, "radius_max_wind_m": 20000},
        {"time_s": 7200, "centre": [19.4, -40.4], "max_wind_m_s": 50, "radius_max_wind_m": 30000},
    ],
}
#: Beside TINY: sites that live on little, so that what is lost is felt within the run.
WEAK = {
    "network": {
        **TINY["network"],
        "power": {"battery_median_s": 60, "generator_share": 0, "portable": {"share": 0}, "solar_share": 0},
    },
    "disturbances": [STORM],
}


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A session whose alert is sent; tests undo what they place."""
    session = StudioSession(tmp_path_factory.mktemp("watch"))
    session.begin({**copy.deepcopy(TINY), **copy.deepcopy(WEAK)}, {"alert.xml": alert_bytes()}, "a test")
    assert actions.act(session, LEAD, "watch.send", {}) == {}
    assert actions.act(session, LEAD, "watch.pause", {"time_s": 0}) == {}
    return session


@pytest.fixture
def session(sent):
    version = sent.version
    yield sent
    while sent.version is not version:
        sent.go(-1)
    panel.run_again(sent)


def mast(session, number=0):
    sites = session.country().network.built.sites
    lat, lon = session.country().network.frame.to_latlon(sites.x_m[number], sites.y_m[number])
    return sites.name[number], {"lat": float(lat), "lon": float(lon)}


def act(session, name, who=LEAD, **fields):
    answer = actions.act(session, who, name, fields)
    actions.follow(session)
    return answer


def figures(session):
    return panel.room_of(session).shown.figures


def of_the_file(session):
    """What `ewsim run` says of the scenario as it is saved."""
    return run_scenario(load_scenario(session.work.path)).summary()


def same_numbers(session):
    shown, run = figures(session), of_the_file(session)
    assert not panel.room_of(session).faults
    assert shown["in_area"] == run["in_area"]
    assert shown["reached"] == run["reach"]["people"]
    assert {one["name"]: one["people"] for one in shown["causes"]} == run["causes"]
    assert shown["reached"] + sum(one["people"] for one in shown["causes"]) == shown["in_area"]


PLACED = {
    "power_off": {"at_s": 5, "radius_m": 6000, **dict(zip(("lat", "lon"), MIDDLE, strict=True))},
    "link_cut": {"at_s": 3},
    "mast_lost": {"at_s": 1},
    "deployable": {"at_s": 2, "setup_s": 20, "unit": "drone"},
    "hazard": {"at_s": 20, "of": "flood", "radius_m": 5000},
}


@pytest.mark.parametrize("item", PLACED)
def test_an_item_of_the_palette_is_an_inject_that_the_command_line_runs(item, session):
    _, at = mast(session)
    before = len(session.version.scenario["disturbances"])
    answer = act(session, "watch.inject", item=item, **{**at, **PLACED[item]})
    assert answer == {"id": f"{item}_1"}
    last = session.version.scenario["disturbances"][before]
    assert (last["id"], last["at_s"]) == (f"{item}_1", PLACED[item]["at_s"])
    same_numbers(session)


def test_what_was_lost_is_restored_at_a_place_or_by_its_name(session):
    name, at = mast(session)
    assert "id" in act(session, "watch.inject", item="mast_lost", mast=name, at_s=0)
    lost = figures(session)
    assert act(session, "watch.inject", item="restored", at_s=60, **at) == {"id": "mast_lost_1"}
    assert session.version.scenario["disturbances"][-1]["restored_at_s"] == 60
    same_numbers(session)
    assert figures(session)["reached"] >= lost["reached"]
    assert act(session, "watch.inject", item="restored", at_s=30, of="mast_lost_1") == {"id": "mast_lost_1"}
    (fault,) = act(session, "watch.inject", item="restored", at_s=40, of="mast_lost_1")["faults"]
    assert "over at 30 s already" in fault


def test_a_storm_goes_where_it_is_sent_and_keeps_what_it_did(session):
    actions.act(session, LEAD, "watch.pause", {"time_s": 100})
    answer = act(
        session, "watch.inject", item="hazard", of="storm", at_s=800, lat=20.0, lon=-40.05, radius_m=1000
    )
    actions.act(session, LEAD, "watch.pause", {"time_s": 0})
    assert answer == {"id": "storm"}
    (storm,) = session.version.scenario["disturbances"]
    times = [fix["time_s"] for fix in storm["track"]]
    assert times[0] == -7200
    assert times[1:] == [pytest.approx(100, abs=5), 800, 7200]
    assert storm["track"][2]["centre"] == [20.0, -40.05]
    same_numbers(session)


def test_updates_and_the_end_of_an_alert_are_in_the_file_too(session):
    assert act(session, "watch.later", do_what="update", at_s=300, text="Go inland now") == {}
    assert act(session, "watch.later", do_what="cancel", at_s=600) == {}
    then = session.version.scenario["channels"]["cell_broadcast"]["then"]
    assert then == [{"do": "update", "at_s": 300, "text": "Go inland now"}, {"do": "cancel", "at_s": 600}]
    same_numbers(session)
    (fault,) = act(session, "watch.later", do_what="update", at_s=700)["faults"]
    assert "over at 10 min" in fault


def test_times_count_from_the_decision_where_it_is_earlier(session):
    draft = session.draft()
    draft["warn_earlier_s"] = 300
    session.keep("test.earlier", draft)
    name, _ = mast(session)
    assert act(session, "watch.inject", item="mast_lost", mast=name, at_s=100)["id"]
    assert act(session, "watch.inject", item="restored", of="mast_lost_1", at_s=200)["id"]
    spec = load_scenario(session.work.path).spec.disturbances[-1]
    assert (spec.at_s, spec.restored_at_s) == (100, 200)
    assert panel.watch_state(session)["injects"][-1]["at_s"] == 100


REFUSED = {
    "past": ({"item": "mast_lost", "at_s": -5}, "before the moment that is shown"),
    "after the run": ({"item": "mast_lost", "at_s": 900}, "ends at 15 min"),
    "off the network": ({"item": "power_off", "lat": 50, "lon": 10, "at_s": 5}, "more than 10 km"),
    "no mast there": ({"item": "mast_lost", "mast": "none", "at_s": 5}, "no mast 'none'"),
    "no mast near": ({"item": "power_off", "lat": 20.08, "lon": -40, "at_s": 5, "radius_m": 100}, "nearest"),
    "nothing to restore": ({"item": "restored", "at_s": 5}, "Nothing has failed"),
    "no such loss": ({"item": "restored", "of": "no", "at_s": 5}, "no loss 'no'"),
    "no place": ({"item": "power_off", "lat": None, "at_s": 5}, "Choose a place"),
    "no hazard": ({"item": "hazard", "of": "quake", "at_s": 5}, "no hazard 'quake'"),
    "no unit": ({"item": "deployable", "unit": "tank", "at_s": 5}, "no deployable 'tank'"),
    "too fast": ({"item": "hazard", "of": "storm", "at_s": 30, "lat": 20.0, "lon": -40.05}, "m/s"),
    "no item": ({"item": "bomb", "at_s": 5}, "not among the choices"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_a_sentence_and_nothing_is_kept(case, session):
    fields, wanted = REFUSED[case]
    _, at = mast(session)
    version = session.version
    given = {key: value for key, value in {**at, **fields}.items() if value is not None}
    (fault,) = act(session, "watch.inject", **given)["faults"]
    assert wanted in fault
    assert fault.endswith(".")
    assert session.version is version


def test_a_restoration_before_its_failure_is_a_sentence(session):
    name, _ = mast(session)
    act(session, "watch.inject", item="mast_lost", mast=name, at_s=500)
    (fault,) = act(session, "watch.inject", item="restored", of="mast_lost_1", at_s=400)["faults"]
    assert "begins at 8 min 20 s, and cannot be over at 6 min 40 s" in fault


def test_roles_place_their_part(session):
    name, at = mast(session)
    (fault,) = act(session, "watch.inject", OPERATOR, item="mast_lost", mast=name, at_s=5)["faults"]
    assert "operator" in fault
    assert act(session, "watch.inject", OPERATOR, item="deployable", at_s=5, **at)["id"]
    (fault,) = act(session, "watch.play", OPERATOR, speed=60)["faults"]
    assert "operator" in fault


def test_there_is_an_end_to_injects(session, monkeypatch):
    monkeypatch.setattr(injects, "MOST_INJECTS", 1)
    name, _ = mast(session)
    with pytest.raises(UsageError, match="the most"):
        place_inject(session.version.scenario, session.country(), Placement("mast_lost", 5, mast=name))


def test_a_run_that_fails_leaves_the_figures_and_a_sentence(session, monkeypatch):
    before = figures(session)

    def fails(country):
        raise UsageError("The models cannot do this. Do something else.")

    monkeypatch.setattr(panel.room_of(session).watcher, "watch", fails)
    name, _ = mast(session)
    assert act(session, "watch.inject", item="mast_lost", mast=name, at_s=5)["id"]
    assert panel.watch_state(session)["faults"] == ["The models cannot do this. Do something else."]
    assert figures(session) is before
    assert not panel.watch_state(session)["running"]


# --- the clock ----------------------------------------------------------------------------------------


def test_a_clock_runs_stands_and_ends():
    clock = moments.set_to(10, 60, now_s=1000)
    assert moments.shown_s(clock, 900, now_s=1001) == 70
    assert moments.shown_s(clock, 900, now_s=999) == 10
    assert moments.shown_s(clock, 900, now_s=5000) == 900
    assert moments.shown_s(moments.set_to(10, 0, now_s=1000), 900, now_s=5000) == 10
    for speed in (0.5, 601):
        with pytest.raises(UsageError, match="1 to 600"):
            moments.set_to(0, speed)


def test_nothing_runs_before_it_is_sent(tmp_path):
    session = StudioSession(tmp_path)
    assert panel.watch_state(session) == {"sent": False, "injects": []}
    session.begin(TINY, {"alert.xml": alert_bytes()}, "a test")
    (fault,) = actions.act(session, LEAD, "watch.play", {"speed": 60})["faults"]
    assert "Send the alert first" in fault
    state = panel.watch_state(session)
    assert (state["sent"], state["clock"]["speed"]) == (False, 0)


def test_the_clock_of_work_that_is_opened_again_stands_where_it_was_set(session):
    actions.act(session, Asker("1"), "watch.send", {})
    actions.act(session, Asker("1"), "watch.play", {"speed": 60, "time_s": 120})
    session.view["clock"]["at_s"] -= 3600  # an hour ago
    session.look()
    again = StudioSession(session.folder)
    again.resume()
    clock = panel.watch_state(again)["clock"]
    assert (clock["time_s"], clock["speed"], clock["restarted"]) == (120, 0, True)
    assert "restarted" not in panel.watch_state(session)["clock"]
    actions.act(again, Asker("1"), "watch.play", {"speed": 60, "time_s": 300})
    assert "restarted" not in panel.watch_state(again)["clock"]


def test_an_alert_that_is_sent_starts_the_clock_and_can_be_taken_back(session):
    actions.act(session, LEAD, "watch.send", {})
    clock = panel.watch_state(session)["clock"]
    assert (clock["time_s"], clock["speed"]) == (0, moments.FIRST_SPEED)
    actions.act(session, LEAD, "watch.plan", {})
    assert panel.watch_state(session)["sent"] is False
    assert session.scene is not None
    actions.act(session, LEAD, "watch.send", {})
    actions.act(session, LEAD, "watch.pause", {"time_s": 0})


def test_a_page_that_comes_gets_the_figures(session):
    session.sent.clear()
    actions.joined(session, Asker("9"))
    kinds = {kind: to for kind, _, to in session.sent if kind != "state"}
    assert kinds["watch.figures"] == ("9",)
    assert kinds["scene"] == ("9",)


# --- the map ------------------------------------------------------------------------------------------


def test_the_map_shows_districts_and_where_the_signal_is_lost(session):
    ring = [[-40.05, 19.95], [-39.95, 19.95], [-39.95, 20.05], [-40.05, 20.05], [-40.05, 19.95]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    outline = {"type": "Feature", "properties": {"name": "North"}, "geometry": geometry}
    scenario = session.draft()
    scenario["targeting"] = {"admin_areas": "districts.geojson"}
    scenario["network"]["power"] = {"battery_median_s": 60, "generator_share": 0, "portable": {"share": 0}}
    outlines = json.dumps({"type": "FeatureCollection", "features": [outline]}).encode()
    session.keep("test", scenario, {"districts.geojson": outlines})
    quiet = ground.country_scene(session.country())
    assert quiet["map"]["districts"]
    actions.act(session, Asker("1"), "watch.send", {})
    place = {"item": "power_off", "lat": 20, "lon": -40, "radius_m": 9000, "at_s": 60}
    assert actions.act(session, Asker("1"), "watch.inject", place)["id"] == "power_off_1"
    scene = [document for kind, document, _ in session.sent if kind == "scene"][-1]
    assert scene["map"]["districts"] == quiet["map"]["districts"]
    assert scene["signal"]["people"][0] == 0 < scene["signal"]["people"][-1]
