"""Arms of a scenario beside each other: built once, with the same people, faults and luck."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ewsim
from ewsim import pipeline
from ewsim.cli import run
from ewsim.country.build import CheckedParts, build_country
from ewsim.errors import DataError, ScenarioError, UsageError
from ewsim.experiments.comparison import compare_arms
from ewsim.report.comparison import page
from ewsim.scenario.load import load_scenario

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
SMALL = "population.people_count=8000"


@pytest.fixture(scope="module")
def found():
    ifs = ["warn_earlier_s=1h"]
    return compare_arms(ISLAND, ["no_outage", "cb_only"], ifs=ifs, sets=[SMALL], replications=3)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    here = tmp_path_factory.mktemp("runs")
    for arm in (None, "cb_only"):
        loaded = load_scenario(ISLAND, sets=[SMALL], arm=arm)
        result = ewsim.run_scenario(loaded)
        result.save(here / str(arm))
    replace(result, identity=replace(result.identity, seed=2)).save(here / "seed")
    return here


@pytest.mark.heavy
def test_what_arms_share_is_as_if_each_were_built_alone():
    parts = CheckedParts()
    for arm in (None, "national_roaming", "people_move", "every_channel"):
        loaded = load_scenario(ISLAND, sets=[SMALL], arm=arm)
        shared = build_country(loaded, parts)
        alone = pipeline.run(build_country(loaded)).ledger if arm else pipeline.run(shared).ledger
        ledger = pipeline.run(shared).ledger
        assert ledger.people.equals(alone.people)
        assert np.array_equal(ledger.reached_us, alone.reached_us)
        assert np.array_equal(ledger.cause, alone.cause)
        assert ledger.events.equals(alone.events)
    assert len(parts.grounds) == len(parts.messages) == 1
    assert len(parts.people) == 2


def test_an_outage_and_a_channel_do_what_they_must(found):
    pairs = {pair["name"]: pair for pair in found.document["pairs"]}
    assert pairs["no_outage"]["won_people"] > 0
    assert "site_down_power" in pairs["no_outage"]["won_by_cause"]
    assert pairs["cb_only"]["won_people"] == 0
    assert pairs["cb_only"]["lost_people"] > 0
    assert [c["key"] for c in pairs["no_outage"]["changes"]] == ["disturbances"]
    assert pairs["warn_earlier_s=1h"]["changes"][0]["key"] == "disturbances.0.at_s"
    for pair in pairs.values():
        luck = pair["replications"]
        assert luck["count"] == 3
        assert luck["net_people"]["low"] <= luck["net_people"]["median"] <= luck["net_people"]["high"]
    assert pairs["cb_only"]["replications"]["won_people"]["high"] == 0


def test_the_page_says_what_the_document_says(found):
    html = page.render(found)
    assert html == page.render(found)
    for pair in found.document["pairs"]:
        assert f"{pair['won_people']:,}" in html
        assert pair["changes"][0]["key"] in html
    assert "3 pairs of runs" in html


def test_an_arm_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(ScenarioError, match="cb_only"):
        compare_arms(ISLAND, ["cb_onyl"], sets=[SMALL])


def test_an_arm_against_itself_is_refused_as_what_it_is():
    with pytest.raises(UsageError, match="cb_only cannot be held against itself"):
        compare_arms(ISLAND, ["cb_only"], against="cb_only", sets=[SMALL])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ("nonsense", UsageError, "'nonsense' is not KEY=VALUE"),
        ("horizon_s=-1", ScenarioError, "^--if horizon_s=-1: "),
        ("channels.siren=", ScenarioError, "^--if channels.siren=: it changes nothing"),
        ("population.people_count=8000", ScenarioError, "changes nothing"),
    ],
)
def test_a_change_that_is_none_is_refused_in_its_own_name(change, error, words):
    with pytest.raises(error, match=words):
        compare_arms(ISLAND, ifs=[change], sets=[SMALL])


def test_a_scenario_without_arms_cannot_be_compared(tmp_path):
    (tmp_path / "a.xml").write_bytes(ISLAND.with_suffix(".xml").read_bytes())
    file = tmp_path / "s.yaml"
    file.write_text("format: ewsim.scenario/1\nname: s\nalert: {path: a.xml}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no arm to compare"):
        compare_arms(file)


def test_finished_runs_give_what_their_arms_give(found, folders, tmp_path, capsys):
    arguments = ["compare", str(folders / "None"), str(folders / "cb_only")]
    assert run([*arguments, "--json", "-o", str(tmp_path / "out")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["format"] == "ewsim.comparison/1"
    arm = next(pair for pair in found.document["pairs"] if pair["name"] == "cb_only")
    for key in ("won_people", "lost_people", "won_by_cause", "lost_by_cause", "by_place", "changes"):
        assert document["pairs"][0][key] == arm[key]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["comparison.html", "comparison.json"]
    assert run([*arguments, "-o", str(tmp_path / "out")]) == 5
    assert run([*arguments, "-o", str(tmp_path / "out"), "--force"]) == 0
    assert run(["compare", str(folders / "None"), str(folders / "None")]) == 0
    assert "exactly the people" in capsys.readouterr().out


def test_runs_of_other_people_and_broken_folders_are_refused(folders, tmp_path, capsys):
    assert run(["compare", str(folders / "None"), str(folders / "seed")]) == 3
    assert "seed 2" in capsys.readouterr().err
    assert run(["compare", str(folders / "None"), str(tmp_path)]) == 3
    assert "not a result of ewsim" in capsys.readouterr().err
    assert run(["compare", str(folders / "None"), str(folders / "gone")]) == 3
    assert run(["compare", *[str(folders / "None")] * 7]) == 2
    assert run(["compare", str(folders / "None"), str(folders / "cb_only"), "--arm", "x"]) == 2


def test_python_compares_results_and_folders(folders):
    results = [ewsim.Result.load(folders / name) for name in ("None", "cb_only")]
    assert ewsim.compare(*results).document["pairs"][0]["won_people"] == 0
    assert repr(ewsim.compare(folders / "None", results[1])).startswith("<Comparison of ")
    with pytest.raises(TypeError, match="not int"):
        ewsim.compare(results[0], 3)
    with pytest.raises(DataError, match="seed"):
        ewsim.compare(results[0], folders / "seed")


def test_a_run_with_other_times_than_its_summary_says_is_refused(folders, tmp_path, capsys):
    edited = shutil.copytree(folders / "cb_only", tmp_path / "edited")
    people = pd.read_parquet(edited / "people.parquet")
    for column in people.columns[
        people.columns.str.endswith("_displayed_s") | (people.columns == "reached_s")
    ]:
        people[column] -= 10
    people.to_parquet(edited / "people.parquet", index=False)
    assert run(["compare", str(folders / "None"), str(edited)]) == 3
    assert "damaged or was changed" in capsys.readouterr().err
