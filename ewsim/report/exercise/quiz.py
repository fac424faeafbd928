"""Questions on an exercise, and a page that grades itself without holding the answers.

The page has only check sums of the right answers (SHA-256 with a text of its own for each question). They
keep the answers from a reader of the page, not from somebody who tries every answer.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ewsim.metrics.words import CAUSES
from ewsim.report import templating
from ewsim.report.exercise.record import Lesson
from ewsim.report.speech import Speech
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


def questions_of(lesson: Lesson, say: Speech) -> list[Question]:
    """What is wrong with each file, and what the run showed."""
    streams = Streams(lesson.seed)
    titles = [say(file.title) for file in lesson.files if file.title]
    nothing = say(NOTHING)
    made = []
    for number, file in enumerate(lesson.files, 1):
        right = say(file.title) if file.title else nothing
        others = [t for t in (nothing, *titles) if t != right]
        made.append((say("What is wrong with file {name}?", name=f"alert_{number:02d}.xml"), right, others))
    made += _on_the_run(lesson, say)
    return [
        _question(streams, number, words, right, others) for number, (words, right, others) in enumerate(made)
    ]


def _question(streams: Streams, number: int, words: str, right: str, others: Sequence[str]) -> Question:
    """A question whose answers are in an order of chance; the first of the others is among them."""
    draws = streams.uniform(f"exercise question {number}", np.arange(len(others)))
    chosen = [others[int(n)] for n in np.argsort(draws)]
    chosen = sorted(chosen, key=lambda text: text != others[0])[: _CHOICES - 1]
    answers = [right, *chosen]
    order = np.argsort(streams.uniform(f"exercise answers {number}", np.arange(len(answers))))
    return Question(words, tuple(answers[int(n)] for n in order), int(np.flatnonzero(order == 0)[0]))


def _on_the_run(lesson: Lesson, say: Speech) -> list[tuple[str, str, list[str]]]:
    summary, horizon_s = lesson.result.summary(), lesson.result.horizon_s
    made: list[tuple[str, str, list[str]]] = []
    share = summary["reach"]["share"]
    if share is not None:
        bands = [say("{low} to {high} %", low=low, high=low + 20) for low in range(0, 100, 20)]
        mine = bands[min(int(share * 5), 4)]
        asked = say(
            "After the exercise: how many people of the area saw the right message in {time}?",
            time=say.duration(horizon_s),
        )
        made.append((asked, mine, [band for band in bands if band != mine]))
    missed = {say(CAUSES[name]): people for name, people in summary["causes"].items() if people}
    if len(missed) > 1:
        most = max(missed, key=lambda words: missed[words])
        asked = say("After the exercise: why were most of the others missed? Because")
        made.append((asked, most, [words for words in missed if words != most]))
    return made


def page(asked: Sequence[Question], title: str, say: Speech) -> bytes:
    """The page of the quiz: it grades itself, offline.

    Parameters
    ----------
    asked
        The questions.
    title
        What the exercise is called.
    say
        The language.
    """
    script = templating.asset("quiz.js")
    checks = [_check(number, question) for number, question in enumerate(asked)]
    made = templating.render(
        "quiz.html",
        title=title,
        say=say,
        questions=asked,
        checks=templating.as_json(checks),
        words=templating.as_json(
            {
                "right": say("Right."),
                "wrong": say("Not right. Look again."),
                "score": say("{right} of {all} right."),
                "open": say("{n} not answered yet."),
                "none": say(
                    "This browser does not check answers in a local file. Use another one, or give your "
                    "answers to the exercise staff."
                ),
            }
        ),
        css=templating.asset("plain.css"),
        script=script,
        script_hash=templating.script_hash(script),
    )
    return made.encode()


def _check(number: int, question: Question) -> str:
    """The check sum of a right answer, as `quiz.js` makes it."""
    return hashlib.sha256(
        f"{number}|{question.words}|{question.answers[question.right]}".encode()
    ).hexdigest()
