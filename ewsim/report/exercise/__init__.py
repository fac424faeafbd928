"""An exercise pack: books, inject matrix, maps, messages, quiz, evaluation sheet, after-action report."""

from __future__ import annotations

from ewsim.report.brief.page import where_missed
from ewsim.report.exercise import book, documents, matrix, quiz
from ewsim.report.exercise.record import Lesson
from ewsim.report.replay import page as replay
from ewsim.report.speech import ENGLISH


def files(lesson: Lesson) -> dict[str, bytes]:
    """Every file of the pack, by its path: `staff/` has the answers, `participants/` has none."""
    title = book.title_of(lesson.result)
    injects, questions = matrix.injects_of(lesson), quiz.questions_of(lesson)
    before = book.svg_file(book.before_figure(lesson.result))
    made = {
        "staff/book.html": book.staff_book(lesson, questions, injects),
        "staff/injects.xlsx": matrix.as_workbook(injects, title),
        "staff/injects.csv": matrix.as_csv(injects),
        "staff/evaluation.docx": documents.evaluation_sheet(lesson),
        "staff/after_action.docx": documents.after_action(lesson, injects),
        "staff/map_after.svg": book.svg_file(where_missed(lesson.result, ENGLISH)[0]),
        "staff/replay.html": replay.render(lesson.result).encode(),
        "participants/book.html": book.participants_book(lesson),
        "participants/quiz.html": quiz.page(lesson, title),
        "participants/map_before.svg": before,
    }
    for number, file in enumerate(lesson.files, 1):
        made[f"participants/files/alert_{number:02d}.xml"] = file.text.encode()
    return made
