"""`ewsim scenario`: what a newcomer starts with works, and nothing of theirs is overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ewsim.cap.validator import validate
from ewsim.cli import run as ewsim
from ewsim.scenario.load import load_scenario
from tests.command import called

ROOT = Path(__file__).parents[2]


def test_a_new_scenario_checks_and_runs(tmp_path, capsys):
    file = tmp_path / "my island.yaml"
    assert ewsim(["scenario", "new", str(file)]) == 0
    assert ewsim(["scenario", "check", str(file)]) == 0
    message = file.with_suffix(".xml").read_bytes()
    report = validate(message, "my island.xml")
    assert [f for f in report.findings if f.severity != "info"] == []
    capsys.readouterr()
    small = ["--set", "population.people_count=3000"]
    assert ewsim(["run", str(file), *small, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["scenario"] == "my_island"
    assert summary["reach"]["people"] > 0


@pytest.mark.parametrize("taken", ["a.yaml", "a.xml"])
def test_neither_file_is_overwritten(tmp_path, capsys, taken):
    (tmp_path / taken).write_text("mine")
    assert ewsim(["scenario", "new", str(tmp_path / "a.yaml")]) == 2
    assert "--force" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"
    assert ewsim(["scenario", "new", str(tmp_path / "a.yaml"), "--force"]) == 0


def test_a_new_scenario_in_no_folder_leaves_nothing(tmp_path, capsys):
    assert ewsim(["scenario", "new", str(tmp_path / "none" / "a.yaml")]) == 5
    assert "cannot be written" in capsys.readouterr().err
    assert ewsim(["scenario", "new", str(tmp_path / "a.txt")]) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_list_names_scenarios_and_their_arms(capsys):
    assert ewsim(["scenario", "list", str(ROOT / "scenarios")]) == 0
    text = capsys.readouterr().out
    assert "island_cyclone.yaml: Cyclone over an island" in text
    assert "--arm no_outage" in text
    assert ewsim(["scenario", "list", str(ROOT / "scenarios"), "--json"]) == 0
    rows = {Path(row["file"]).stem: row for row in json.loads(capsys.readouterr().out)["scenarios"]}
    assert "no_outage" in rows["island_cyclone"]["arms"]
    assert ewsim(["scenario", "list", str(ROOT / "none")]) == 3
    assert "none: there is no such folder or file." in capsys.readouterr().err


def test_check_lists_faults_as_json(tmp_path, capsys):
    file = tmp_path / "s.yaml"
    file.write_text("format: ewsim.scenario/1\nname: s\nalert: {path: none.xml}\nhorizon: 5\n")
    assert ewsim(["scenario", "check", str(file), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {(f["line"], "horizon_s" in f["fix"]) for f in found} == {(3, False), (4, True)}


def offends(tmp_path, require):
    """A scenario whose message has a link that is none: an error of the specification."""
    file = tmp_path / "s.yaml"
    assert ewsim(["scenario", "new", str(file)]) == 0
    message = file.with_suffix(".xml")
    text = message.read_text(encoding="utf-8")
    message.write_text(text.replace("<area>", "<web>news</web>\n    <area>"), encoding="utf-8")
    scenario = file.read_text(encoding="utf-8")
    key = f"alert:\n  require: {require}\n"
    file.write_text(scenario.replace("alert:\n", key), encoding="utf-8")
    return file


@pytest.mark.parametrize("command", [["scenario", "check"], ["run"]])
def test_a_message_that_falls_short_is_refused_with_the_findings(tmp_path, capsys, command):
    file = offends(tmp_path, "spec")
    capsys.readouterr()
    assert ewsim([*command, str(file)]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert "s.xml:23:10: <web> is 'news', not an absolute URI." in said.err
    assert "[WEB-ABSOLUTE]" in said.err
    assert "set alert.require: schema to let it pass" in said.err


def test_what_a_scenario_lets_pass_stands_in_the_notes_of_the_run(tmp_path, capsys):
    file = offends(tmp_path, "schema")
    assert ewsim(["scenario", "check", str(file)]) == 0
    assert "[WEB-ABSOLUTE]" in capsys.readouterr().err
    small = ["--set", "population.people_count=3000", "--no-report"]
    assert ewsim(["run", str(file), *small, "-o", str(tmp_path / "out")]) == 0
    notes = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["notes"]
    assert notes[0].startswith("s.xml:23:10: <web> is 'news'")


def test_an_arms_message_is_checked_too(tmp_path, capsys):
    file = offends(tmp_path, "schema")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("arms:\n", "arms:\n  strict: {alert: {require: spec}}\n"), "utf-8")
    assert ewsim(["scenario", "check", str(file)]) == 4
    assert ewsim(["scenario", "check", str(file), "--json"]) == 4
    capsys.readouterr()
    (tmp_path / "t.yaml").write_text("name: t\n", encoding="utf-8")
    assert ewsim(["scenario", "check", str(file), str(tmp_path / "t.yaml")]) == 3
    said = capsys.readouterr().err
    assert "[WEB-ABSOLUTE]" in said
    assert "t.yaml" in said


def test_the_schema_is_the_committed_one(capsys):
    assert ewsim(["scenario", "schema"]) == 0
    committed = ROOT / "docs" / "schema" / "scenario.schema.json"
    renew = "ewsim scenario schema > docs/schema/scenario.schema.json"
    assert capsys.readouterr().out == committed.read_text(encoding="utf-8"), renew


def test_help_answers_at_once():
    program = (
        "import sys; from ewsim.cli import run; run(['--help']); "
        "print([m for m in ('numpy', 'numba', 'pandas', 'lxml', 'simpy', 'pydantic') "
        "if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.strip() == "[]", "no heavy import for the help"
    assert "run" in done.stdout


@pytest.mark.heavy
def test_a_check_loads_no_library_that_only_a_run_needs():
    program = (
        "import sys; from ewsim.cli import run; run(['scenario', 'check', sys.argv[1]]); "
        "print([m for m in ('pandas', 'pyarrow', 'matplotlib', 'cryptography') if m in sys.modules])"
    )
    demo = str(ROOT / "scenarios" / "island_cyclone.yaml")
    done = subprocess.run([sys.executable, "-c", program, demo], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.heavy
@pytest.mark.parametrize(
    "hazard", ["power_cut", "flood", "cyclone", "tsunami", "earthquake", "wildfire", "none"]
)
def test_a_new_scenario_of_every_hazard_runs_as_it_is_written(hazard, tmp_path):
    file = tmp_path / "mine.yaml"
    words = ("--people", "2000", "--hazard", hazard, "--authoring-min", "7", "--operators", "Un:1:2G+4G")
    assert called("scenario", "new", file, *words).returncode == 0
    assert called("cap", "check", file.with_suffix(".xml")).returncode == 0
    done = called("run", file, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["population"] == 2000
    assert sum(found["causes"].values()) + found["reach"]["people"] == found["in_area"] > 0
    spec = load_scenario(file).spec
    assert spec.alert.authoring_delay_s == 420
    assert [one.name for one in spec.network.operators] == ["Un"]
    assert bool(spec.disturbances) == (hazard != "none")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--hazard", "volcano"), "--hazard 'volcano' is not a hazard. There are: power_cut, flood"),
        (("--channels", "smoke"), "there is no channel 'smoke'"),
        (("--operators", "A"), "Write NAME:SHARE:4G+5G"),
        (("--ownership", "0.9"), "--ownership: these belong to --national-test"),
        (("--national-test", "--hazard", "flood"), "--hazard: a national test has no hazard"),
    ],
)
def test_an_answer_that_is_none_is_named_and_nothing_is_written(words, says, tmp_path):
    done = called("scenario", "new", tmp_path / "mine.yaml", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []
