"""Questions on an exercise, and a page that grades itself without holding the answers.

The page has only check sums of the right answers (SHA-256 with a text of its own for each question). They
keep the answers from a reader of the page, not from somebody who tries every answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from ewsim.metrics.words import CAUSES, duration
from ewsim.report import templating
from ewsim.report.exercise.record import Lesson
from ewsim.streams import Streams

NOTHING = "Nothing. It can be sent."
#: Answers to each question.
_CHOICES = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers; `right` is the place of the right one, from 0."""

    words: str
    answers: tuple[str, ...]
    right: int


def questions_of(lesson: Lesson) -> list[Question]:
    """What is wrong with each file, and what the run showed."""
    streams = Streams(lesson.seed)
    titles = [file.title for file in lesson.files if file.title]
    made = []
    for number, file in enumerate(lesson.files, 1):
        right = file.title or NOTHING
        others = [t for t in (NOTHING, *titles) if t != right]
        made.append((f"What is wrong with file {number} (alert_{number:02d}.xml)?", right, others))
    made += _on_the_run(lesson)
    return [
        _question(streams, number, words, right, others) for number, (words, right, others) in enumerate(made)
    ]


def _question(streams: Streams, number: int, words: str, right: str, others: Sequence[str]) -> Question:
    """A question whose answers are in an order of chance; `NOTHING` is always among them."""
    draws = streams.uniform(f"exercise question {number}", np.arange(len(others)))
    chosen = [others[int(n)] for n in np.argsort(draws)]
    chosen = sorted(chosen, key=lambda text: text != NOTHING)[: _CHOICES - 1]
    answers = [right, *chosen]
    order = np.argsort(streams.uniform(f"exercise answers {number}", np.arange(len(answers))))
    return Question(words, tuple(answers[int(n)] for n in order), int(np.flatnonzero(order == 0)[0]))


def _on_the_run(lesson: Lesson) -> list[tuple[str, str, list[str]]]:
    summary, horizon_s = lesson.result.summary(), lesson.result.horizon_s
    made: list[tuple[str, str, list[str]]] = []
    share = summary["reach"]["share"]
    if share is not None:
        bands = [f"{low} to {low + 20} %" for low in range(0, 100, 20)]
        mine = bands[min(int(share * 5), 4)]
        after = duration(horizon_s)
        asked = f"After the exercise: how many people of the area saw the right message in {after}?"
        made.append((asked, mine, [band for band in bands if band != mine]))
    missed = {CAUSES[name]: people for name, people in summary["causes"].items() if people}
    if len(missed) > 1:
        most = max(missed, key=lambda words: missed[words])
        asked = "After the exercise: why were most of the others missed? Because"
        made.append((asked, most, [words for words in missed if words != most]))
    return made


def page(lesson: Lesson, title: str) -> bytes:
    """The page of the quiz: it grades itself, offline."""
    script = templating.asset("quiz.js")
    asked = questions_of(lesson)
    checks = [_check(number, question) for number, question in enumerate(asked)]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    made = templating.render(
        "quiz.html",
        title=title,
        questions=asked,
        checks=Markup(json.dumps(checks)),  # noqa: S704 - hexadecimal digits
        css=templating.asset("plain.css"),
        script=script,
        script_hash=f"sha256-{digest}",
    )
    return made.encode()


def _check(number: int, question: Question) -> str:
    """The check sum of a right answer, as `quiz.js` makes it."""
    return hashlib.sha256(
        f"{number}|{question.words}|{question.answers[question.right]}".encode()
    ).hexdigest()
