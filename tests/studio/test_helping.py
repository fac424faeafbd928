"""What would help: measures as `ewsim advise` has them, one laid beside the scenario, its range."""

import pytest
from studios import TINY, alert_bytes

from ewsim import pipeline
from ewsim.experiments.advice import advise
from ewsim.experiments.comparison import compare_variants
from ewsim.report.speech import speech_of
from ewsim.scenario.load import load_scenario
from ewsim.studio import actions
from ewsim.studio.helping import doing, trying
from ewsim.studio.session import Asker, StudioSession

ARMS = {
    "dark": {
        "title": "No power",
        "disturbances": [
            {
                "kind": "site_destroyed",
                "at_s": -3600,
                "where": {"area": {"circles": [{"centre": [20.0, -40.0], "radius_m": 2500}]}},
            }
        ],
    },
    "more": {"title": "More people", "population": {"people_count": 700}},
}


@pytest.fixture
def helped(tmp_path):
    made = StudioSession(tmp_path / "studio")
    made.begin({**TINY, "arms": ARMS}, {"alert.xml": alert_bytes()}, "a test")
    return made


def ask(session, name, /, **fields):
    return actions.act(session, Asker("1"), name, fields)


def news(session, kind):
    return [document for k, document, _ in session.sent if k == kind]


def test_an_arm_lies_beside_the_scenario_person_by_person(helped):
    assert ask(helped, "help.beside", of="arms", name="dark") == {}
    (found,) = news(helped, "help.beside")
    first = load_scenario(helped.work.path)
    whole = compare_variants(first, [load_scenario(helped.work.path, (), "dark")]).document
    (pair,) = whole["pairs"]
    assert (found["won"], found["lost"]) == (pair["won_people"], pair["lost_people"])
    assert [found["before"], found["after"]] == [run["reach"]["people"] for run in whole["runs"]]
    squares = found["squares"]
    assert (sum(squares["won"]), sum(squares["lost"])) == (found["won"], found["lost"])
    assert found["lost"] > 0
    assert found["scene"]["time_s"]
    assert actions.state_of(helped)["help"]["busy"] == ""


def test_a_run_that_was_watched_is_not_run_again(helped, monkeypatch):
    ask(helped, "watch.send")
    runs, run = [], pipeline.run
    monkeypatch.setattr(pipeline, "run", lambda country: runs.append(country) or run(country))
    ask(helped, "help.beside", of="arms", name="dark")
    assert [country.loaded.arm for country in runs] == ["dark"]
    (found,) = news(helped, "help.beside")
    assert found["lost"] > 0
    assert found["scene"]["signal"]["people"][-1] > 0  # of whom the masts took the signal


@pytest.mark.heavy
def test_a_range_is_that_of_the_comparison(helped):

    pair = trying.Pair(helped.country(), helped.variant((), "dark"))
    heard = []
    found = trying.range_of(pair, heard.append, runs=3)
    assert heard == [1, 2, 3]
    (row,) = compare_variants(
        load_scenario(helped.work.path), [load_scenario(helped.work.path, (), "dark")], replications=3
    ).document["pairs"]
    assert {name: found[name] for name in ("mean", "low", "high")} == {
        name: row["replications"]["net_people"][name] for name in ("mean", "low", "high")
    }


def test_other_people_are_refused_in_a_sentence(helped):
    assert ask(helped, "help.beside", of="arms", name="more") == {}
    (fault,) = news(helped, "faults")
    assert fault["of"] == "help.beside"
    assert "700 people" in fault["faults"][0]
    assert actions.state_of(helped)["help"]["busy"] == ""
    assert ask(helped, "help.beside", of="arms", name="none")["faults"]
    assert ask(helped, "help.beside", of="measures", name="roaming")["faults"]
    assert ask(helped, "help.range")["faults"]


@pytest.mark.heavy
def test_measures_are_those_of_advise_and_one_can_be_taken(helped):
    before = helped.version
    assert ask(helped, "help.measures") == {}
    shown = actions.state_of(helped)["help"]
    expected = advise(helped.work.path).document
    assert shown["measures"] == expected["measures"]
    said = ask(helped, "help.words", language="ar")["texts"]
    assert {one["words"] for one in shown["measures"]} <= said.keys()
    assert said["The scenario has it already."] == speech_of("ar")("The scenario has it already.")
    row = shown["measures"][0]
    assert ask(helped, "help.beside", of="measures", name=row["name"]) == {}
    assert news(helped, "help.beside")[-1]["won"] == row["won_people"]
    assert ask(helped, "help.take", of="measures", name=row["name"]) == {}
    taken = load_scenario(helped.work.path).spec
    wanted = trying.Variant(row["name"], tuple(row["sets"]))
    with before.written() as path:
        assert taken == load_scenario(path, wanted.sets).spec
    # another version has no measures yet, and undo has the scenario of before
    assert actions.state_of(helped)["help"]["measures"] is None
    assert ask(helped, "work.undo") == {}
    assert helped.version == before


def test_an_arm_is_taken_over(helped):
    assert ask(helped, "help.take", of="arms", name="dark") == {}
    assert helped.version.scenario["disturbances"] == ARMS["dark"]["disturbances"]
    assert doing.room_of(helped).shown is None


def test_what_is_worked_out_for_an_older_version_is_not_shown(helped):
    waiting = []
    helped.run_later = lambda key, compute, done, alone: waiting.append((compute, done))
    ask(helped, "help.beside", of="arms", name="dark")
    assert actions.state_of(helped)["help"]["busy"] == "beside"
    helped.keep("x", {**helped.draft(), "title": "Another"})
    compute, done = waiting[0]
    done(compute())
    assert not news(helped, "help.beside")
    assert actions.state_of(helped)["help"]["busy"] == ""
