"""What an exercise is made of: a run, right and wrong messages, and what each does to reach."""

from dataclasses import dataclass

from ewsim.cap.findings import Finding
from ewsim.result.record import Result


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of a file in the run: why nobody sends it, or how many people see it.

    `reached` counts the people for whom the right message is, `outside` all others; `readers` those of
    `reached` who can read a language that is sent, None where the scenario does not say what people read.
    """

    refused: str = ""
    reached: int = 0
    outside: int = 0
    readers: int | None = None


@dataclass(frozen=True, slots=True)
class LessonFile:
    """A message of an exercise.

    `title` is what is wrong with it, and `practice` what comes of that on the way to the phone; both are
    empty for the right one.
    """

    text: str
    title: str = ""
    practice: str = ""
    findings: tuple[Finding, ...] = ()
    effect: Effect = Effect()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A run of the right message, and every file in the order in which people are given it."""

    result: Result
    files: tuple[LessonFile, ...]
    seed: int

    @property
    def right(self) -> int:
        """The number of the right message, from 1."""
        return next(n for n, file in enumerate(self.files, 1) if not file.title)
