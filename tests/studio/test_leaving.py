"""What is taken away is what the command line writes of the saved scenario."""

import io
import zipfile

import pytest
from studios import alert_bytes

from ewsim import run_scenario
from ewsim.report import page
from ewsim.report.speech import speech_of
from ewsim.studio import actions
from ewsim.studio.leaving import making
from ewsim.studio.session import Asker


def taken(session, what, language="en"):
    """What a page gets for a press of a button."""
    session.sent.clear()
    assert actions.act(session, Asker("1"), "leave.make", {"what": what, "language": language}) == {}
    ready = [document for kind, document, to in session.sent if kind == "leave.ready" and to == ("1",)]
    assert [one["what"] for one in ready] == [what]
    return session.uploaded(ready[0]["path"].removeprefix("/out/"))


def unpacked(offered):
    with zipfile.ZipFile(io.BytesIO(offered.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_scenario_runs_elsewhere_with_the_same_numbers(session, tmp_path):
    offered = taken(session, "scenario")
    assert offered.name == "tiny.zip"
    assert unpacked(offered)["tiny/alert.xml"] == alert_bytes()
    with zipfile.ZipFile(io.BytesIO(offered.content)) as archive:
        archive.extractall(tmp_path)
    there, here = tmp_path / "tiny" / "scenario.yaml", session.work.path
    one, other = (run_scenario(path).summary() for path in (there, here))
    assert {**one, "timing_s": {}} == {**other, "timing_s": {}}


def test_the_report_is_that_of_the_saved_scenario(session):
    offered = taken(session, "report", "ar")
    assert offered.content.decode() == page.render(run_scenario(session.work.path), speech_of("ar"))


def test_replay_and_pictures(session):
    assert b"<canvas" in taken(session, "replay").content
    made = unpacked(taken(session, "pictures", "fr"))
    assert sorted(made) == ["tiny_map.png", "tiny_map.svg", "tiny_reach.png", "tiny_reach.svg"]
    assert made["tiny_map.png"].startswith(b"\x89PNG")


@pytest.mark.heavy
def test_the_pack_has_answers_for_staff_alone(session):
    made = unpacked(taken(session, "exercise"))
    assert {name.split("/")[0] for name in made} == {"staff", "participants"}
    assert any(kind == "leave.progress" and document["share"] > 0.5 for kind, document, _ in session.sent)


def test_what_is_taken_away_is_the_version_that_was_asked_for(session):
    wanted = making.Wanted(session.version, "tiny")
    before = making.scenario(wanted).content
    session.keep("x", {**session.draft(), "title": "Another"})
    assert making.scenario(wanted).content == before
    assert making.scenario(making.Wanted(session.version, "tiny")).content != before


def test_what_is_not_there_is_refused_in_a_sentence(session):
    for fields in ({"what": "../x", "language": "en"}, {"what": "report", "language": "xx"}, {}):
        assert actions.act(session, Asker("1"), "leave.make", fields)["faults"]
    seen = actions.act(session, Asker("2", role="observer"), "leave.make", {"what": "report"})
    assert "role observer" in seen["faults"][0]
