"""Every error ewsim raises on purpose, and the finding they carry.

    EwsimError                  exit 1   a defect of ours, unless a subclass says otherwise
    ├── UsageError              exit 2   the command line makes no sense
    │   └── UnreadableError     exit 3   a file that it names is not there, or cannot be read
    ├── WireError               exit 3   octets that are no message of a protocol
    │   └── OtherMessage        exit 3   a message that is not about warnings
    ├── InputError              exit 3   bad input: carries every finding, not only the first
    │   ├── ScenarioError       exit 3   a scenario file
    │   ├── DataError           exit 3   a table or map a scenario names (sites, places, land)
    │   └── CapError            exit 4   a CAP document
    ├── RunError                exit 5   the run could not be finished (a folder cannot be written)
    └── TargetMissed            exit 6   the run finished, and a target the user stated was missed

Ctrl-C is exit 130, SIGTERM 143, SIGHUP 129 (`ewsim.interrupt`). Nothing below the command line catches these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import UnionType
from typing import ClassVar, Literal, Self

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in one file: what is wrong, where, and what to write.

    `line` and `column` count from 1; 0 means that the place is not known.
    """

    file: str
    line: int
    column: int
    message: str
    fix: str = ""
    severity: Severity = "error"
    rule: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column or 1}"
        rule = f" [{self.rule}]" if self.rule else ""
        level = "" if self.severity == "error" else f" {self.severity}:"
        fix = f" {self.fix}" if self.fix else ""
        return f"{place}:{level} {self.message}{fix}{rule}"


@dataclass(frozen=True, slots=True)
class KeyFault:
    """A fault at a key of a YAML document: what is wrong and what to write.

    `keys` is the way to it; `of_value`: its place is that of the value, not of the key; `waits`: a
    country can be built all the same, in which there may be more faults of its kind.
    """

    keys: tuple[str | int, ...]
    message: str
    fix: str = ""
    of_value: bool = False
    waits: bool = False

    def below(self, *keys: str | int) -> KeyFault:
        """The same fault, with its keys counted from further up."""
        return replace(self, keys=(*keys, *self.keys))


class EwsimError(Exception):
    """Base of every error ewsim raises on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(EwsimError):
    """The command line makes no sense."""

    exit_code = 2


class UnreadableError(UsageError):
    """Files that the command line names are not there, or cannot be read; one line for each."""

    exit_code = 3

    @classmethod
    def of(cls, name: object, error: Exception) -> Self:
        """One file, and why."""
        return cls(unreadable(name, error))


def expect(value: object, kinds: type | UnionType, what: str) -> None:
    """Refuse an argument of another type; raises TypeError.

    Parameters
    ----------
    value
        What was given.
    kinds
        What it may be. A truth is no number.
    what
        What is said of it: "run_scenario takes a scenario file".
    """
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is int):
        raise TypeError(f"{what}, not {type(value).__name__}")


def unreadable(name: object, error: Exception) -> str:
    """What is said of a file that cannot be read."""
    return f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}. Check the path."


class WireError(EwsimError):
    """Octets that are no message of a protocol, or values that no message can carry."""

    exit_code = 3


class OtherMessage(WireError):  # noqa: N818 - nothing is wrong with it
    """A message of a protocol that has nothing to do with warnings; captures are full of them."""


class InputError(EwsimError):
    """Bad input, with every finding at once."""

    exit_code = 3

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Diagnostic, ...]]]:
        """How it travels between processes: with its findings."""
        return type(self), (self.diagnostics,)

    @classmethod
    def at(cls, file: str | Path, message: str, fix: str = "", line: int = 0, column: int = 0) -> Self:
        """One finding as an error.

        Parameters
        ----------
        file
            The file.
        message, fix
            What is wrong, and what to write.
        line, column
            Where it is; zeros where the place is not known.
        """
        return cls([Diagnostic(str(file), line, column, message, fix)])


class ScenarioError(InputError):
    """A scenario file is wrong."""


class DataError(InputError):
    """A table or map that a scenario names is wrong."""


class CapError(InputError):
    """A CAP document is wrong."""

    exit_code = 4


class RunError(EwsimError):
    """The run could not be finished."""

    exit_code = 5


class TargetMissed(EwsimError):  # noqa: N818 - says what happened, as the report does
    """The run finished, and a target the user stated was missed."""

    exit_code = 6


#: What changes where a sentence is about one thing.
_SINGULAR = {"people": "person", "were": "was", "are": "is", "have": "has", "lie": "lies", "live": "lives"}
_SINGULAR |= {verb: f"{verb}s" for verb in ("keep", "look", "repeat", "send", "share", "stand", "overlap")}


def count_of(number: int, words: str) -> str:
    """A number with what it counts, in the plural, and the verb, if any: "1 row was", "1,234 rows were".

    The first word is the noun; of the others those change that are verbs.
    """
    noun, *rest = words.split(" ")
    if number == 1:
        noun = _SINGULAR.get(
            noun, re.sub("ies$", "y", noun) if noun.endswith("ies") else noun.removesuffix("s")
        )
        rest = [_SINGULAR.get(word, word) for word in rest]
    return " ".join([f"{number:,}", noun, *rest])
