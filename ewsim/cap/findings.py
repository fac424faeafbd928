"""Rules with stable names, and what they find in a file.

`ewsim.cap.catalogue` has every rule; the module that checks one names it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from ewsim.errors import Diagnostic, Severity

Layer = Literal["well_formed", "schema", "spec", "profiles", "signature", "deliverable", "thread"]
#: The layers of one file, in the order they are judged; `thread` compares files.
LAYERS: Final[tuple[Layer, ...]] = ("well_formed", "schema", "spec", "profiles", "signature", "deliverable")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a message must or should be.

    `requires` is the demand in one sentence, `section` its clause in CAP 1.2 or in the document it
    names. `lenient`: many real feeds break the rule, so `--lenient` makes it a warning. `stops`: a
    message that breaks the rule cannot be read, so the simulator refuses it. An `id` never changes.
    """

    id: str
    layer: Layer
    severity: Severity
    section: str
    requires: str
    fix: str
    lenient: bool = False
    stops: bool = False


class Finding(NamedTuple):
    """One fault in one file.

    `line` and `column` count from 1, in characters; 0 is not known. `alert` is the number of the
    message in a feed or envelope, from 1; 0 is the file itself. `rule` is the id of a rule of CAP
    or of a profile. `message` says what was found, `requires` what the rule asks. `stops`: the
    message cannot be read.
    """

    rule: str
    severity: Severity
    layer: Layer
    line: int
    column: int
    section: str
    message: str
    fix: str
    alert: int = 0
    requires: str = ""
    stops: bool = False
    way: Callable[[], str] = str

    @property
    def xpath(self) -> str:
        """The way to the element, as XPath; empty without one."""
        return self.way()

    def diagnostic(self, file: str) -> Diagnostic:
        """The same in the form that all rooms share."""
        return Diagnostic(file, self.line, self.column, self.message, self.fix, self.severity, self.rule)


def sentence(text: str) -> str:
    """A message as a sentence: a capital, and a full stop where nothing ends it."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def finding(rule: Rule, message: str, fix: str = "", line: int = 0, column: int = 0) -> Finding:
    """A fault of a file that cannot be parsed, so there is no element to point at.

    Parameters
    ----------
    rule
        The rule that is broken.
    message
        What was found.
    fix
        What to do; the rule's own advice when it is empty.
    line, column
        The place, from 1; 0 is not known.
    """
    return Finding(
        rule.id,
        rule.severity,
        rule.layer,
        line,
        column,
        rule.section,
        sentence(message),
        fix or rule.fix,
        requires=rule.requires,
        stops=rule.stops,
    )
