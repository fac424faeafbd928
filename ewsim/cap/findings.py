"""Rules with stable names, what they found in a document, and the collector between.

A rule is declared once, beside the check that holds it, and stands in `RULES` from then on; the
documentation's page of rules, SARIF's table and the samples are made from that table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ewsim.errors import Diagnostic, Severity

if TYPE_CHECKING:
    from ewsim.cap.xml.document import Document
    from ewsim.cap.xml.node import Node

Layer = Literal["well_formed", "schema", "spec", "profiles", "signature", "deliverable", "thread"]
#: Faults of one rule that are named in one message.
MOST_OF_A_RULE: Final = 100

#: Those of one file, in the order they are judged; `thread` is between files.
LAYERS: Final[tuple[Layer, ...]] = ("well_formed", "schema", "spec", "profiles", "signature", "deliverable")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a document must or should be.

    `requires` is the sentence a reader can check; `section` the clause of CAP 1.2 (or the other
    document it names). `lenient`: real feeds break it so often that `--lenient` makes it a warning.
    `stops`: a reader cannot take the message past it, so the simulator refuses it.
    """

    id: str
    layer: Layer
    severity: Severity
    section: str
    requires: str
    fix: str
    lenient: bool = False
    stops: bool = False


_MORE: Final = f" It is number {MOST_OF_A_RULE} of its rule in this message; more are not listed."

RULES: Final[dict[str, Rule]] = {}
_OFFSET: Final = itemgetter(0)


def rule(
    name: str,
    layer: Layer,
    severity: Severity,
    section: str,
    requires: str,
    fix: str,
    *,
    lenient: bool = False,
    stops: bool = False,
) -> Rule:
    """Declare a rule; its name stays the same for ever."""
    made = Rule(name, layer, severity, section, requires, fix, lenient, stops)
    if RULES.setdefault(name, made) != made:
        raise ValueError(f"rule {name} is declared twice")
    return made


class Finding(NamedTuple):
    """One fault in one document.

    `line` and `column` count from 1, 0 is not known; the column counts characters. `alert` is the
    number of the message in a feed or envelope, from 1; 0 is the file itself. `rule` is the id of
    a rule in `RULES` or in a profile; `message` says what was found, `requires` what the rule asks.
    """

    rule: str
    severity: Severity
    layer: Layer
    line: int
    column: int
    xpath: str
    section: str
    message: str
    fix: str
    alert: int = 0
    requires: str = ""

    def diagnostic(self, file: str) -> Diagnostic:
        """The same, as every other room of the house says it."""
        return Diagnostic(file, self.line, self.column, self.message, self.fix, self.severity, self.rule)


def sentence(text: str) -> str:
    """A message as a sentence: a capital, and a full stop where nothing ends it."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def finding(rule: Rule, message: str, fix: str = "", line: int = 0, column: int = 0) -> Finding:
    """A fault of a file that is no document, so has no elements to point at."""
    return Finding(
        rule.id,
        rule.severity,
        rule.layer,
        line,
        column,
        "",
        rule.section,
        sentence(message),
        fix or rule.fix,
        requires=rule.requires,
    )


class Mark(NamedTuple):
    """A fault before its line and column are looked up."""

    rule: Rule
    node: Node | None
    message: str
    fix: str
    offset: int | None


@dataclass(slots=True)
class Effort:
    """What may still be spent on judging shapes that take long, in all messages of one file.

    `crossing` are points of rings that cross themselves, `nested` pairs of polygons of one area.
    """

    crossing: int = 50_000
    nested: int = 300_000


@dataclass(slots=True)
class Marks:
    """Collects faults; a line and a column are only worked out for those that are found.

    `unreadable`: a reader cannot take the message, though no rule that says so is broken.
    """

    items: list[Mark] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    unreadable: bool = False
    effort: Effort = field(default_factory=Effort)

    def add(
        self, rule: Rule, node: Node | None, message: str, fix: str = "", offset: int | None = None
    ) -> None:
        """Note a fault at an element, or at a character of its text (`offset`, from 0)."""
        count = self.counts.get(rule.id, 0)
        if count < MOST_OF_A_RULE:
            self.counts[rule.id] = count + 1
            self.items.append(Mark(rule, node, message, fix or rule.fix, offset))

    def extend(self, others: Marks) -> None:
        """Note the faults that were collected apart."""
        for mark in others.items:
            self.add(mark.rule, mark.node, mark.message, mark.fix, mark.offset)

    def full(self, rule: Rule) -> bool:
        """Whether enough faults of one rule are noted; more would hide the others."""
        return self.counts.get(rule.id, 0) >= MOST_OF_A_RULE

    def stopping(self) -> bool:
        """Whether any of them keeps a reader from taking the message."""
        return self.unreadable or any(mark.rule.stops for mark in self.items)

    def findings(self, document: Document, *, lenient: bool = False, alert: int = 0) -> Iterator[Finding]:
        """What was found, with places, in the order of the file."""
        placed = [(document.offset(mark.node, mark.offset), mark) for mark in self.items]
        placed.sort(key=_OFFSET)
        last = {mark.rule.id: mark for _, mark in placed if self.full(mark.rule)}
        for offset, mark in placed:
            line, column = document.line_and_column(offset)
            rule = mark.rule
            more = _MORE if last.get(rule.id) is mark else ""
            soften = lenient and rule.lenient and rule.severity == "error"
            yield Finding(
                rule.id,
                "warning" if soften else rule.severity,
                rule.layer,
                line,
                column,
                document.xpath(mark.node),
                rule.section,
                sentence(mark.message) + more,
                mark.fix,
                alert,
                rule.requires,
            )
