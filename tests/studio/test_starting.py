"""Where work begins: scenarios with their files, finished runs, files that a page sends."""

import zipfile

import numpy as np
import pytest
from hatchling.builders.wheel import WheelBuilder
from studios import TINY, alert_bytes
from tree import ROOT

from ewsim import run_scenario
from ewsim.errors import DataError, EwsimError, ScenarioError
from ewsim.report.replay.scene import make_scene
from ewsim.scenario.load import load_scenario
from ewsim.scenario.presets import as_yaml
from ewsim.studio import actions, ground
from ewsim.studio.offers import Offered
from ewsim.studio.open import Wish, prepared
from ewsim.studio.session import Asker, StudioSession
from ewsim.studio.starting import beginnings

PLACES = b"name,lat,lon,population\n" + b"".join(
    f"P{i},{20 + i / 50},{-40 - i / 60},{100 * (i + 1)}\n".encode() for i in range(5)
)


@pytest.fixture
def shipped(tmp_path):
    """A scenario whose files are in other folders, with an arm that names one too."""
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "cyclone.xml").write_bytes(alert_bytes())
    (tmp_path / "my places.csv").write_bytes(PLACES)
    (tmp_path / "here").mkdir()
    people = {"places": "../my places.csv", "people_count": 600}
    data = {**TINY, "alert": {"path": "../messages/cyclone.xml"}, "population": people}
    data["arms"] = {"other": {"alert": {"path": "../messages/cyclone.xml"}}}
    path = tmp_path / "here" / "shipped.yaml"
    path.write_text(as_yaml(data))
    return path


def ask(session, name, /, **fields):
    return actions.act(session, Asker("1"), name, fields)


def test_a_scenario_is_gathered_with_what_it_names(shipped, tmp_path):
    session = StudioSession(tmp_path / "studio")
    session.choices = beginnings.startables([shipped.parent])
    assert [one.title for one in session.choices] == ["A tiny island"]
    assert ask(session, "start.choose", number=0) == {}
    assert session.version.files == {"alert.xml": alert_bytes(), "my_places.csv": PLACES}
    here, there = load_scenario(session.work.path).spec, load_scenario(shipped).spec
    assert here.alert.path == "alert.xml"
    assert here.model_copy(update={k: getattr(there, k) for k in ("alert", "population", "arms")}) == there
    assert session.version.scenario["arms"]["other"]["alert"]["path"] == "alert.xml"


@pytest.mark.heavy
def test_what_ewsim_brings_can_be_begun_with_wherever_it_is_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no checkout, no folder of scenarios
    session = prepared(Wish(folder=tmp_path / "studio"))
    shown = actions.state_of(session)["start"]["choices"]
    assert {one["group"] for one in shown} == {"scenarios", "lessons", "reconstructions", "countries"}
    assert len({one["title"] for one in shown}) == len(shown) > 20
    (night,) = (n for n, one in enumerate(shown) if one["title"] == "A warning at night")
    assert ask(session, "start.choose", number=night) == {}
    assert session.work.path.parent.name == "night"
    (island,) = (n for n, one in enumerate(session.choices) if one.preset == "archipelago")
    assert ask(session, "start.choose", number=island) == {}
    assert session.version.scenario["name"] == "archipelago"
    assert actions.state_of(session)["alert"]["area"]["circles"]
    monkeypatch.chdir(ROOT)  # its own folder of scenarios is the same one: nothing stands there twice
    assert len(prepared(Wish(folder=tmp_path / "studio")).choices) == len(shown)


@pytest.mark.heavy
def test_an_installed_ewsim_has_the_scenarios_too(tmp_path):
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(wheel).namelist())
    there = {path.relative_to(ROOT / "scenarios").as_posix() for path in (ROOT / "scenarios").rglob("*.*")}
    assert {f"ewsim/shipped/{name}" for name in there} <= names


def test_files_that_are_not_there_are_named_at_their_keys(shipped):
    (shipped.parent.parent / "my places.csv").unlink()
    (shipped.parent.parent / "messages" / "cyclone.xml").unlink()
    with pytest.raises(ScenarioError) as error:
        beginnings.gathered(shipped)
    assert {d.line > 1 for d in error.value.diagnostics} == {True}
    assert sum("cyclone.xml" in str(d) for d in error.value.diagnostics) == 2


@pytest.mark.heavy
def test_a_finished_run_begins_where_its_scenario_was(shipped, tmp_path):
    result = run_scenario(shipped)
    result.save(tmp_path / "here" / "out")
    beginning = beginnings.gathered(tmp_path / "here" / "out")
    session = StudioSession(tmp_path / "studio")
    session.begin(beginning.scenario, beginning.files)
    again = run_scenario(session.work.path)
    assert again.summary()["reach"] == result.summary()["reach"]
    (listed,) = (one for one in beginnings.startables([shipped.parent]) if one.path.is_dir())
    assert "out" in listed.title
    (tmp_path / "messages" / "cyclone.xml").unlink()
    with pytest.raises(DataError, match="ewsim studio SCENARIO"):
        beginnings.gathered(tmp_path / "here" / "out")


def test_files_of_a_page_make_a_scenario(tmp_path):
    session = StudioSession(tmp_path / "studio")
    data = {**TINY, "alert": {"path": "messages/cyclone.xml"}}
    sent = [Offered("C:\\x\\tiny.yaml", as_yaml(data).encode()), Offered("../../cyclone.xml", alert_bytes())]
    tokens = [{"upload": session.offers.add(one)} for one in sent]
    assert ask(session, "start.files", files=tokens) == {}
    assert session.loaded().spec.alert.path == "alert.xml"
    (fault,) = ask(session, "start.files", files=tokens[:1])["faults"]
    assert fault.startswith("tiny.yaml:")
    assert "Open it together with the scenario." in fault
    assert "is no scenario" in ask(session, "start.files", files=tokens[1:])["faults"][0]
    assert ask(session, "start.files", files=[{"upload": "other"}])["faults"]


@pytest.mark.heavy
def test_a_planners_files_make_a_country_and_the_readers_notes_are_shown(tmp_path):
    session = StudioSession(tmp_path / "studio")
    token = session.offers.add(Offered("scenario.yaml/../my places.csv", PLACES))
    assert ask(session, "start.country", homes=token, people=900, name="My coast") == {}
    assert session.loaded().spec.name == "my_coast"
    ((_kind, said, _),) = [one for one in session.sent if one[0] == "begun"]
    assert "900 people" in " ".join(said["notes"])
    assert actions.state_of(session)["start"]["notes"] == said["notes"]
    bad = session.offers.add(Offered("places.csv", b"name,lat,lon,population\nA,100,0,5\n"))
    (fault,) = ask(session, "start.country", homes=bad)["faults"]
    assert fault.startswith("places.csv:2")
    assert "no file" in ask(session, "start.country")["faults"][0]


def test_faults_of_ones_own_file_stand_at_its_own_lines(tmp_path, shipped):
    text = "# a comment\n\n" + as_yaml({**TINY, "alert": {"path": "messages/cyclone.xml"}, "seed": "x"})
    line = 1 + text.splitlines().index("seed: x")
    session = StudioSession(tmp_path / "studio")
    sent = [Offered("mine.yaml", text.encode()), Offered("cyclone.xml", alert_bytes())]
    tokens = [{"upload": session.offers.add(one)} for one in sent]
    (fault,) = ask(session, "start.files", files=tokens)["faults"]
    assert fault.startswith(f"mine.yaml:{line}:")
    shipped.write_text(text.replace("messages/", "../messages/"))
    with pytest.raises(ScenarioError, match=f"shipped.yaml:{line}:"):
        beginnings.gathered(shipped)


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"{", b"<alert/>", b"a: b: c", b"[" * 100])
def test_other_files_are_refused_and_nothing_is_opened(content, tmp_path):
    session = StudioSession(tmp_path / "studio")
    token = session.offers.add(Offered("x.yaml", content))
    for fault in ask(session, "start.files", files=[{"upload": token}])["faults"]:
        assert fault.startswith("x.yaml")
    assert session.work is None
    for name in ("cells", "land", "homes"):
        faults = ask(session, "start.country", **{name: token})["faults"]
        assert faults
        assert not any(str(tmp_path) in one or "Traceback" in one or "defect" in one for one in faults)


def test_a_new_island_begins_without_any_file(tmp_path):
    session = StudioSession(tmp_path / "studio")
    fields = {"people": 500, "area_km2": 60, "hazard": "flood", "name": "An island"}
    assert ask(session, "start.new", **fields) == {}
    assert session.loaded().spec.population.people_count == 500
    assert ask(session, "start.new", **{**fields, "hazard": "frogs"})["faults"]


def test_the_text_of_a_scenario_can_be_edited_and_its_faults_have_lines(session):
    text = ask(session, "work.text")["text"]
    assert ask(session, "work.edit", text=text.replace("seed: 1", "seed: 5")) == {}
    assert session.loaded().spec.seed == 5
    (fault,) = ask(session, "work.edit", text=text.replace("horizon_s: 900", "horizon_s: never"))["faults"]
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "horizon_s" in row)
    assert fault.startswith(f"scenario.yaml:{line}:")
    assert ask(session, "work.edit", text="a: [")["faults"][0].startswith("scenario.yaml:1:")
    assert session.loaded().spec.seed == 5


def test_two_who_change_the_same_state_do_not_overwrite_each_other(session):
    seen, text = session.revision, ask(session, "work.text")["text"]
    first, second = Asker("1", "Ada"), Asker("2")
    session.askers = {"1": first, "2": second}

    def edit(who, seed, revision):
        fields = {"text": text.replace("seed: 1", f"seed: {seed}")}
        return actions.act(session, who, "work.edit", fields, revision)

    assert edit(first, 2, seen) == {}
    assert edit(first, 3, seen) == {}
    (fault,) = edit(second, 4, seen)["faults"]
    assert fault.startswith("Ada has changed the scenario meanwhile.")
    assert session.loaded().spec.seed == 3
    assert edit(second, 4, session.revision) == {}


def test_the_map_before_a_run_is_that_of_the_run(session):
    scene = ground.country_scene(session.country())
    result = run_scenario(session.work.path)
    run = make_scene(result, [], np.array([0]))
    for name in ("map", "labels"):
        assert scene[name] == run[name]
    for name in ("x", "y", "outside", "people", "size"):
        assert scene["squares"][name] == run["squares"][name]
    assert scene["masts"]["names"] == run["masts"]["names"]
    actions.follow(session)
    assert session.scene == scene


def test_a_country_that_cannot_be_built_is_a_sentence(session):
    session.keep("alert.text", session.draft(), {"alert.xml": b"<alert/>"})
    with pytest.raises(EwsimError):
        session.country()
    actions.follow(session)
    kinds = [(kind, said) for kind, said, _ in session.sent if kind == "faults"]
    assert "alert.xml" in kinds[-1][1]["faults"][0]


def test_the_map_stays_where_a_version_cannot_be_built_and_a_newcomer_hears_why(tmp_path):
    session = StudioSession(tmp_path / "studio")
    session.begin(TINY, {"alert.xml": alert_bytes()}, "a test")
    ground.show_country(session)
    scene = session.scene
    waiting = []
    session.run_later = lambda key, compute, done, alone: waiting.append(compute)
    there = {"polygons": [[[21, -40], [21, -39.9], [21.1, -39.9], [21, -40]]]}
    session.keep("x", {**session.draft(), "alert": {"path": "alert.xml", "area_override": there}})
    ground.show_country(session)
    with pytest.raises(EwsimError):
        waiting[-1]()
    assert session.scene is scene
    again = StudioSession(tmp_path / "studio")
    again.resume()
    again.run_later = session.run_later
    ground.show_newcomer(again, Asker("1"))
    with pytest.raises(EwsimError):
        waiting[-1]()
    assert again.scene is None
