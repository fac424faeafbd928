"""An exercise pack: books, inject matrix, maps, messages, quiz, evaluation sheet, after-action report."""

from ewsim.report.brief.page import make_brief
from ewsim.report.exercise import book, documents, matrix, quiz
from ewsim.report.exercise.record import Lesson
from ewsim.report.replay import page as replay
from ewsim.report.speech import ENGLISH, Speech


def files(lesson: Lesson, say: Speech = ENGLISH) -> dict[str, bytes]:
    """Every file of the pack, by its path: `staff/` has the answers, `participants/` has none."""
    result, title = lesson.result, book.title_of(lesson.result)
    injects, questions = matrix.injects_of(lesson, say), quiz.questions_of(lesson, say)
    brief, before = make_brief(result, say), book.before_figure(result, say)
    made = {
        "staff/book.html": book.staff_book(lesson, brief, before, questions, injects, say),
        "staff/injects.xlsx": matrix.as_workbook(injects, title, say),
        "staff/injects.csv": matrix.as_csv(injects, say),
        "staff/evaluation.docx": documents.evaluation_sheet(lesson, say),
        "staff/after_action.docx": documents.after_action(lesson, brief["answer"], injects, say),
        "staff/map_after.svg": book.svg_file(brief["people_map"]),
        "staff/replay.html": replay.render(result, say=say).encode(),
        "participants/book.html": book.participants_book(lesson, before, say),
        "participants/quiz.html": quiz.page(questions, title, say),
        "participants/map_before.svg": book.svg_file(before),
    }
    for number, file in enumerate(lesson.files, 1):
        made[f"participants/files/alert_{number:02d}.xml"] = file.text.encode()
    return made
