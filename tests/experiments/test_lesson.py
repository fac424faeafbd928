"""An exercise pack: what wrong messages do is what a run of them does, and participants get no answers."""

import hashlib
import io
import re
from pathlib import Path

import docx
import openpyxl
import pytest

from ewsim.errors import UsageError
from ewsim.experiments.lesson import make_lesson
from ewsim.experiments.replications import run_scenario
from ewsim.files import write_folder
from ewsim.report import exercise
from ewsim.report.exercise import matrix, quiz
from ewsim.report.speech import ENGLISH, speech_of
from tests.command import called

pytestmark = pytest.mark.heavy

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
SMALL = "population.people_count=4000"


@pytest.fixture(scope="module")
def lesson():
    return make_lesson(ISLAND, sets=[SMALL], count=5, seed=1)


@pytest.fixture(scope="module")
def pack(lesson):
    return exercise.files(lesson)


def test_a_wrong_message_does_in_the_pack_what_a_run_of_it_does(lesson, tmp_path):
    number, file = next((n, f) for n, f in enumerate(lesson.files, 1) if "half as wide" in f.title)
    path = tmp_path / f"alert_{number:02d}.xml"
    path.write_text(file.text)
    own = run_scenario(ISLAND, set={"population.people_count": 4000, "alert.path": str(path)}).ledger
    intended = lesson.result.ledger.people["in_area"].to_numpy(bool)
    seen = own.people["weight"].to_numpy() * (own.reached_us < 2**62)
    assert (file.effect.reached, file.effect.outside) == (seen[intended].sum(), seen[~intended].sum())
    assert 0 < file.effect.reached < lesson.files[lesson.right - 1].effect.reached


def test_the_right_file_is_the_run_and_a_refused_one_warns_nobody(lesson):
    right = lesson.files[lesson.right - 1]
    assert right.effect.reached == lesson.result.summary()["reach"]["people"]
    assert [f.title for f in lesson.files].count("") == 1
    refused = [f for f in lesson.files if f.effect.refused]
    assert refused
    assert all(f.effect.reached == f.effect.outside == 0 for f in refused)


def test_the_seed_decides_files_and_order(lesson):
    other = make_lesson(ISLAND, sets=[SMALL], count=2, seed=2)
    assert len(other.files) == 3
    assert [f.title for f in other.files] != [f.title for f in lesson.files]


def test_participants_get_no_answers(lesson, pack):
    theirs = {name: text.decode() for name, text in pack.items() if name.startswith("participants/")}
    book = theirs["participants/book.html"]
    page = theirs["participants/quiz.html"]
    for file in lesson.files:
        assert not file.title or file.title not in book
        assert not file.practice or file.practice not in page + book
    assert not any(
        f.title and f.title in text for f in lesson.files for n, text in theirs.items() if "files/" in n
    )
    checks = re.findall(r'"([0-9a-f]{64})"', page)
    asked = quiz.questions_of(lesson, ENGLISH)
    assert len(checks) == len(asked)
    for number, (check, one) in enumerate(zip(checks, asked, strict=True)):
        sums = [hashlib.sha256(f"{number}|{one.words}|{a}".encode()).hexdigest() for a in one.answers]
        assert sums.index(check) == one.right
        assert quiz.NOTHING in one.answers or "After the exercise" in one.words


def test_the_matrix_has_every_disturbance_at_its_time(lesson, pack):
    events = lesson.result.events
    began = events[(events["element"] == "disturbance") & (events["kind"] == "began")]
    rows = matrix.injects_of(lesson, ENGLISH)
    assert [r.time_s for r in rows] == sorted(r.time_s for r in rows)
    mine = {r.name: r.time_s for r in rows}
    assert {name: mine[name] for name in began["inject"]} == dict(
        zip(began["inject"], began["time_s"], strict=True)
    )
    sheet = openpyxl.load_workbook(io.BytesIO(pack["staff/injects.xlsx"])).active
    assert [cell.value for cell in sheet[1]] == list(matrix.HEAD)
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == [r.name for r in rows]
    assert [row[9].value for row in sheet.iter_rows(min_row=2)] == [round(r.time_s) for r in rows]


def test_the_after_action_report_has_the_facts_of_the_run(lesson, pack):
    document = docx.Document(io.BytesIO(pack["staff/after_action.docx"]))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {f"{n:,}" for n in lesson.result.summary()["causes"].values()} <= cells
    assert f"{lesson.result.summary()['in_area']:,}" in cells
    sheet = docx.Document(io.BytesIO(pack["staff/evaluation.docx"]))
    assert len(sheet.tables) == len(matrix.OBJECTIVES)


def test_a_pack_is_written_whole_and_never_over_another(pack, tmp_path):
    write_folder(tmp_path / "exercise", pack)
    assert (tmp_path / "exercise" / "participants" / "files" / "alert_01.xml").is_file()
    with pytest.raises(UsageError, match="exists already"):
        write_folder(tmp_path / "exercise", pack)


def test_a_formula_in_an_inject_is_text_in_the_workbook(lesson):
    row = matrix.Inject(0.0, "=1+1", "=cmd|'x'!A1\x07", "a", "b", "c", "d", 1)
    sheet = openpyxl.load_workbook(io.BytesIO(matrix.as_workbook([row], "t", ENGLISH))).active
    assert sheet["C2"].value == "'=1+1"
    assert sheet["D2"].data_type == "s"


def test_the_command_writes_a_pack_and_names_a_fault_of_the_message(tmp_path):
    done = called("exercise", "pack", ISLAND, "-o", tmp_path / "e", "--set", SMALL, "--count", "1")
    assert done.returncode == 0
    assert (tmp_path / "e" / "staff" / "book.html").is_file()
    done = called("exercise", "pack", tmp_path / "none.yaml", "-o", tmp_path / "f")
    assert done.returncode == 3
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("tag", ["fr", "es", "ar"])
def test_a_pack_in_another_language_has_its_words_and_the_same_figures(tag, lesson, pack):
    say = speech_of(tag)
    made = exercise.files(lesson, say)
    assert made.keys() == pack.keys()
    book = made["staff/book.html"].decode()
    assert f'lang="{tag}" dir="{say.direction}"' in book
    assert say("Questions for the discussion") in book
    assert "Questions for the discussion" not in book
    ours, theirs = quiz.questions_of(lesson, ENGLISH), quiz.questions_of(lesson, say)
    assert [one.right for one in ours] == [one.right for one in theirs]
    rows = [matrix.injects_of(lesson, one) for one in (ENGLISH, say)]
    assert [r.time_s for r in rows[0]] == [r.time_s for r in rows[1]]
