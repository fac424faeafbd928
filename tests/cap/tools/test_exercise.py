"""Exercises: every fault can be planted, is named by the validator, and the sheet tells it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ewsim.cap.tools import faults, templates
from ewsim.cap.validator import validate
from ewsim.cli import run
from ewsim.errors import CapError, UsageError
from ewsim.report.cap import exercise

SAMPLES = Path(__file__).parents[3] / "cap_samples"
GOOD = templates.new("flood", sent=datetime(2026, 5, 1, 10, tzinfo=UTC), identifier="lesson.1")


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda f: f.rule)
def test_every_fault_finds_a_place_in_a_template_and_is_named(fault):
    planted = faults.plant(GOOD.decode(), fault)
    assert planted is not None
    assert fault.rule in {f.rule for f in planted.findings}
    assert planted.text != GOOD.decode()


def test_the_same_seed_gives_the_same_exercise_and_another_one_another():
    one, two, three = (exercise.choose(GOOD, "a", count=6, seed=s)[1] for s in (1, 1, 2))
    assert one == two
    assert [p.fault for p in one] != [p.fault for p in three]
    assert len({p.fault.rule for p in one}) == 6


def test_a_wrong_message_is_no_start():
    with pytest.raises(CapError):
        exercise.choose(GOOD.replace(b"<status>Actual</status>", b""), "a", count=1, seed=1)
    with pytest.raises(UsageError, match="has a place for"):
        exercise.choose(GOOD, "a", count=len(faults.FAULTS) + 1, seed=1)


def test_a_message_with_a_prefix_has_no_place_and_is_told_why():
    named = re.sub(rb"<(/?)(\w)", rb"<\1cap:\2", GOOD).replace(b" xmlns=", b" xmlns:cap=")
    with pytest.raises(UsageError, match="without a prefix"):
        exercise.choose(named, "a", count=3, seed=1)


def test_the_answer_sheet_agrees_with_the_validator(tmp_path, capsys):
    folder = tmp_path / "lesson"
    assert run(["exercise", "cap", "-o", str(folder), "--count", "10", "--seed", "3"]) == 0
    sheet = json.loads((folder / "answers.json").read_text())
    assert sheet["format"] == "ewsim.cap_exercise/1"
    assert len(sheet["files"]) == 10
    answers = (folder / "answers.md").read_text()
    for row in sheet["files"]:
        found = validate((folder / row["path"]).read_bytes(), row["path"]).findings
        reported = {(f["rule"], f["line"], f["column"]) for f in row["findings"]}
        assert reported <= {(f.rule, f.line, f.column) for f in found}
        assert row["planted"] in {f["rule"] for f in row["findings"]}
        assert row["title"] in answers
        assert row["effect"] in answers
        assert all(f["requires"] and f["fix"] for f in row["findings"])
    assert not validate((folder / "good.xml").read_bytes(), "good").failed
    assert run(["exercise", "cap", "-o", str(folder)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_the_answers_show_tags_and_ask_nothing_of_a_network(tmp_path):
    folder = tmp_path / "lesson"
    assert run(["exercise", "cap", "-o", str(folder), "--count", "24"]) == 0
    text = (folder / "answers.md").read_text()
    assert re.findall(r"<[a-zA-Z/!?]", re.sub(r"`[^`]*`", "", text)) == []
    page = (folder / "answers.html").read_text()
    assert "<code>&lt;restriction&gt;</code>" in page
    assert "http" not in re.sub(r"http-equiv|Write it with https://[^<]*", "", page)
    questions = (folder / "questions.md").read_text()
    assert not any(fault.title in questions or fault.rule in questions for fault in faults.FAULTS)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([SAMPLES / "bad" / "POLY-CLOSED.xml"], 4, "[POLY-CLOSED]"),
        ([SAMPLES / "bad" / "XML-SYNTAX.xml"], 4, "[XML-SYNTAX]"),
        (["none.xml"], 3, "cannot be read"),
        (["--count", "99"], 2, "has a place for 24 faults, not 99"),
        (["--count", "0"], 2, "--count"),
        (["--seed", "x"], 2, "--seed"),
    ],
)
def test_what_cannot_be_a_lesson_is_refused_and_nothing_is_written(arguments, code, says, tmp_path, capsys):
    folder = tmp_path / "lesson"
    assert run(["exercise", "cap", *map(str, arguments), "-o", str(folder)]) == code
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", sorted((SAMPLES / "full").glob("*.xml")), ids=lambda p: p.stem)
def test_every_full_sample_can_be_a_lesson(path):
    planted = exercise.choose(path.read_bytes(), path.name, count=8, seed=1)[1]
    assert len({p.fault.rule for p in planted}) == 8
