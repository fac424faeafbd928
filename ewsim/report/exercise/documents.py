"""The documents of an exercise that people fill in: evaluation sheet and after-action report, as DOCX.

Their parts follow the templates of FEMA's Homeland Security Exercise and Evaluation Program (2020).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ewsim.errors import UsageError
from ewsim.report.exercise import matrix
from ewsim.report.exercise.book import DISCUSSION, NOTHING_WRONG, causes_table, effect_words, title_of
from ewsim.report.exercise.matrix import NO_OFFICE, printable
from ewsim.report.exercise.record import Lesson
from ewsim.report.speech import Speech

if TYPE_CHECKING:
    from docx.document import Document

#: What an observer looks for, by the number of the objective.
CRITERIA = (
    (
        "The decision is made before the first loss of signal matters.",
        "The right file is sent.",
        "Every wrong file is refused, with the reason.",
    ),
    ("The places without signal are asked for.", "The number of people missed is asked for, and why."),
    ("A second way is chosen for people without signal.", "Somebody is made responsible for it."),
    ("The public is informed again when something changes.", "The end of the warning is announced."),
)

#: The scale of the Homeland Security Exercise and Evaluation Program.
RATINGS = (
    "Rating: P performed without challenges, S performed with some challenges, M performed with major "
    "challenges, U unable to be performed."
)


def evaluation_sheet(lesson: Lesson, say: Speech) -> bytes:
    """A sheet for an observer: what to look for, whether it was seen, and when."""
    document = _document(say("Evaluation sheet: {title}", title=title_of(lesson.result)), say)
    document.add_paragraph(
        say("Observer: ____________________   Place: ____________________   Date: ____________")
    )
    document.add_paragraph(say(RATINGS))
    for objective, criteria in zip(matrix.OBJECTIVES, CRITERIA, strict=True):
        document.add_heading(say(objective), level=2)
        _table(
            document,
            (say("What to look for"), say("Seen? When?"), say("Rating"), say("Notes")),
            ((say(c), "", "", "") for c in criteria),
        )
    return _bytes(document)


def after_action(
    lesson: Lesson, answer: Sequence[str], injects: Sequence[matrix.Inject], say: Speech
) -> bytes:
    """The after-action report, with the facts of the run filled in.

    Parameters
    ----------
    lesson
        The exercise.
    answer
        What the brief of its run says first.
    injects
        The rows of the matrix.
    say
        The language.
    """
    result = lesson.result
    document = _document(say("After-action report: {title}", title=title_of(result)), say)
    document.add_paragraph(
        say("Exercise held on: ____________   By: ____________________   Participants: ________")
    )
    document.add_heading(say("Overview"), level=1)
    document.add_paragraph(printable(" ".join(result.scenario.description.split())))
    document.add_heading(say("What the model says"), level=1)
    for line in answer:
        document.add_paragraph(printable(line), style="List Bullet")
    document.add_paragraph(
        say(
            "These figures come from a model: scenario {name}, seed {seed}, ewsim {version}. They say "
            "nothing about how the participants did.",
            name=printable(result.identity.name),
            seed=result.identity.seed,
            version=result.identity.version,
        )
    )
    table = causes_table(result, say)
    document.add_heading(table.caption, level=2)
    _table(document, table.columns, table.rows)
    document.add_heading(say("What happened"), level=1)
    _table(
        document,
        (say("Time"), say("What happens"), say("Expected action"), say("What was done, and when")),
        ((matrix.clock(row.time_s), row.words, row.expected, "") for row in injects),
    )
    document.add_heading(say("Messages"), level=1)
    right = lesson.files[lesson.right - 1]
    _table(
        document,
        (say("File"), say("What is wrong"), say("What sending it does"), say("Chosen by")),
        (
            (
                f"alert_{number:02d}.xml",
                say(file.title or NOTHING_WRONG),
                effect_words(file, right, say)
                if file.title
                else say("{n} people of the area see it.", n=say.number(file.effect.reached)),
                "",
            )
            for number, file in enumerate(lesson.files, 1)
        ),
    )
    document.add_heading(say("Strengths and what to improve"), level=1)
    for objective in matrix.OBJECTIVES:
        document.add_heading(say(objective), level=2)
        _table(document, (say("Strengths"), say("What to improve"), say("Why")), [("", "", "")] * 2)
    document.add_heading(say("Discussion"), level=1)
    for line in DISCUSSION:
        document.add_paragraph(say(line), style="List Number")
    document.add_heading(say("Improvement plan"), level=1)
    _table(
        document, (say("What to change"), say("Who"), say("Until when"), say("Done")), [("", "", "", "")] * 5
    )
    return _bytes(document)


def _document(title: str, say: Speech) -> Document:
    try:
        import docx
        from docx.shared import Cm
    except ImportError:
        raise UsageError(NO_OFFICE) from None
    document = docx.Document()
    for section in document.sections:
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.0)
    if say.direction == "rtl":
        from docx.oxml import OxmlElement

        document.styles["Normal"].element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    document.core_properties.title = printable(title)
    document.core_properties.author = "ewsim"
    document.add_heading(printable(title), level=0)
    return document


def _table(document: Document, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = printable(text)


def _bytes(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
