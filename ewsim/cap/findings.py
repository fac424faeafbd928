"""What rules find in a file."""

from collections.abc import Callable
from typing import NamedTuple

from ewsim.cap.catalogue import RULES, Layer
from ewsim.errors import Diagnostic, Severity


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


def finding(name: str, message: str, fix: str = "", line: int = 0, column: int = 0) -> Finding:
    """A fault of a file that cannot be parsed, so there is no element to point at.

    Parameters
    ----------
    name
        The id of the rule that is broken.
    message
        What was found.
    fix
        What to do; the rule's own advice when it is empty.
    line, column
        The place, from 1; 0 is not known.
    """
    rule = RULES[name]
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
