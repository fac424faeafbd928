"""Exercises: every fault can be planted, is named by the validator, and the sheet tells it."""

import json
from datetime import UTC, datetime

import pytest

from ewsim.cap import faults, templates
from ewsim.cap.validate import validate
from ewsim.cli import run
from ewsim.errors import CapError, UsageError
from ewsim.report import cap_exercise

GOOD = templates.new("flood", sent=datetime(2026, 5, 1, 10, tzinfo=UTC), identifier="lesson.1")


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda f: f.rule)
def test_every_fault_finds_a_place_in_a_template_and_is_named(fault):
    planted = faults.plant(GOOD.decode(), fault)
    assert planted is not None
    assert fault.rule in {f.rule for f in planted.findings}
    assert planted.text != GOOD.decode()


def test_the_same_seed_gives_the_same_exercise_and_another_one_another():
    one, two, three = (cap_exercise.choose(GOOD, "a", count=6, seed=s)[1] for s in (1, 1, 2))
    assert one == two
    assert [p.fault for p in one] != [p.fault for p in three]
    assert len({p.fault.rule for p in one}) == 6


def test_a_wrong_message_is_no_start():
    with pytest.raises(CapError):
        cap_exercise.choose(GOOD.replace(b"<status>Actual</status>", b""), "a", count=1, seed=1)
    with pytest.raises(UsageError, match="has a place for"):
        cap_exercise.choose(GOOD, "a", count=len(faults.FAULTS) + 1, seed=1)


def test_the_answer_sheet_agrees_with_the_validator(tmp_path, capsys):
    folder = tmp_path / "lesson"
    assert run(["exercise", "cap", "-o", str(folder), "--count", "10", "--seed", "3"]) == 0
    sheet = json.loads((folder / "answers.json").read_text())
    assert sheet["format"] == "ewsim.cap_exercise/1"
    assert len(sheet["files"]) == 10
    answers = (folder / "answers.md").read_text()
    for row in sheet["files"]:
        found = validate((folder / row["path"]).read_bytes(), row["path"]).findings
        told = {(f["rule"], f["line"], f["column"]) for f in row["findings"]}
        assert told <= {(f.rule, f.line, f.column) for f in found}
        assert row["planted"] in {f["rule"] for f in row["findings"]}
        assert row["title"] in answers
    assert not validate((folder / "good.xml").read_bytes(), "good").failed
    assert run(["exercise", "cap", "-o", str(folder)]) == 2
    assert "is there already" in capsys.readouterr().err
