"""`ewsim scenario`: what a newcomer starts with works, and nothing of theirs is overwritten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ewsim.cap.validate import validate
from ewsim.cli import run as ewsim

ROOT = Path(__file__).parents[2]


def test_a_new_scenario_checks_and_runs(tmp_path, capsys):
    file = tmp_path / "my island.yaml"
    assert ewsim(["scenario", "new", str(file)]) == 0
    assert ewsim(["scenario", "check", str(file)]) == 0
    message = file.with_suffix(".xml").read_bytes()
    report = validate(message, "my island.xml")
    assert not [f for a in [report] for f in a.findings if f.severity == "error"]
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


def test_check_lists_faults_as_json(tmp_path, capsys):
    file = tmp_path / "s.yaml"
    file.write_text("format: ewsim.scenario/1\nname: s\nalert: {path: none.xml}\nhorizon: 5\n")
    assert ewsim(["scenario", "check", str(file), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {(f["line"], "horizon_s" in f["fix"]) for f in found} == {(3, False), (4, True)}


def test_the_schema_is_the_committed_one(capsys):
    assert ewsim(["scenario", "schema"]) == 0
    committed = ROOT / "docs" / "schema" / "scenario.schema.json"
    assert capsys.readouterr().out == committed.read_text(encoding="utf-8")


def test_help_answers_at_once():
    program = (
        "import sys; from ewsim.cli import run; run(['--help']); "
        "print([m for m in ('numpy', 'numba', 'pandas', 'lxml', 'simpy', 'pydantic') "
        "if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.strip() == "[]", "no heavy import for the help"
    assert "run" in done.stdout
