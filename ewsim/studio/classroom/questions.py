"""Questions of a lesson: written by whoever leads, or taken from the exercise of the scenario."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ewsim.errors import UsageError
from ewsim.experiments.lesson import make_lesson
from ewsim.report.exercise import matrix, quiz
from ewsim.report.speech import Speech
from ewsim.studio.work import Version

#: Questions of a lesson, answers to choose from, and characters of a question and of an answer.
MOST_QUESTIONS, MOST_CHOICES, MOST_WORDS, MOST_ANSWER = 40, 6, 600, 300
#: Answers that are kept of one question.
MOST_ANSWERS = 300


@dataclass(slots=True)
class LessonQuestion:
    """A question: its words, answers to choose from (none: a free text), what is expected, and when [s].

    `state` is "waiting", "due" (its time has come while another is open), "open" (people answer) or "closed"
    (everybody sees the answers' counts).
    """

    words: str
    choices: list[str] = field(default_factory=list)
    expected: str = ""
    at_s: float = 0.0
    state: str = "waiting"
    answers: dict[str, str] = field(default_factory=dict)  # by name


def read(rows: object) -> list[LessonQuestion]:
    """Questions as a saved view has them; those that cannot be read are left out."""
    found = []
    for row in rows if isinstance(rows, Sequence) else ():
        try:
            found.append(LessonQuestion(**row))
        except TypeError:
            continue
    return found[:MOST_QUESTIONS]


def written(questions: Sequence[LessonQuestion]) -> list[dict[str, Any]]:
    """Questions as the view keeps them."""
    return [asdict(one) for one in questions]


def of_exercise(version: Version, say: Speech) -> list[LessonQuestion]:
    """What the exercise of a scenario asks: a question for each inject, and those on the whole run.

    Parameters
    ----------
    version
        The work.
    say
        Says texts in the reader's language.
    """
    with version.written() as path:
        lesson = make_lesson(path, count=0)
    made = [
        LessonQuestion(f"{one.words} {say('What do you do?')}"[:MOST_WORDS], [], one.expected, one.time_s)
        for one in matrix.injects_of(lesson, say)
        if one.name not in ("start", "decision", "end") and one.time_s >= 0
    ]
    end_s = float(lesson.result.horizon_s)
    made += [
        LessonQuestion(one.words, list(one.answers), one.answers[one.right], end_s)
        for one in quiz.questions_of(lesson, say)[len(lesson.files) :]
    ]
    return made[:MOST_QUESTIONS]


def answer(asked: LessonQuestion, name: str, text: str) -> None:
    """Keep somebody's answer; raises UsageError where there can be none.

    Parameters
    ----------
    asked
        The question.
    name
        Who answers.
    text
        The answer.
    """
    if asked.state != "open":
        raise UsageError("This question is closed.")
    if asked.choices and text not in asked.choices:
        raise UsageError("This is not among the answers. Choose one.")
    if name not in asked.answers and len(asked.answers) >= MOST_ANSWERS:
        raise UsageError("There are too many answers. Ask whoever leads.")
    asked.answers[name] = text


def shown(number: int, asked: LessonQuestion) -> Mapping[str, Any]:
    """What everybody sees of a question.

    Parameters
    ----------
    number
        Its place in the lesson [1].
    asked
        The question.
    """
    seen: dict[str, Any] = {
        "number": number,
        "words": asked.words,
        "choices": asked.choices,
        "state": asked.state,
        "answered": len(asked.answers),
    }
    if asked.state == "closed":
        seen["expected"] = asked.expected
        seen["counts"] = [sum(text == one for text in asked.answers.values()) for one in asked.choices]
    return seen
