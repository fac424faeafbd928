"""The collector of faults: rules put marks on elements, and marks become findings with places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Final, NamedTuple

from ewsim.cap.catalogue import RULES, Rule
from ewsim.cap.findings import Finding, sentence
from ewsim.cap.xml.document import XmlDocument
from ewsim.cap.xml.node import Node

#: Faults of one rule that are listed for one message.
MOST_OF_A_RULE: Final = 100
_MORE: Final = f" It is number {MOST_OF_A_RULE} of its rule in this message; more are not listed."
_OFFSET: Final = itemgetter(0)


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
        self, broken: Rule | str, node: Node | None, message: str, fix: str = "", offset: int | None = None
    ) -> None:
        """Note a fault.

        Parameters
        ----------
        broken
            The rule, or the id of one in `RULES`.
        node
            The element it is at; None for the file.
        message
            What was found.
        fix
            What to do; the rule's own advice when it is empty.
        offset
            Number of the character in the element's text, from 0; None for the element itself.
        """
        rule = RULES[broken] if isinstance(broken, str) else broken
        count = self.counts.get(rule.id, 0)
        if count < MOST_OF_A_RULE:
            self.counts[rule.id] = count + 1
            self.items.append(Mark(rule, node, message, fix or rule.fix, offset))

    def extend(self, others: Marks) -> None:
        """Note the faults that were collected apart."""
        for mark in others.items:
            self.add(mark.rule, mark.node, mark.message, mark.fix, mark.offset)

    def full(self, rule: str) -> bool:
        """Whether enough faults of one rule, by its id, are noted; more would hide the others."""
        return self.counts.get(rule, 0) >= MOST_OF_A_RULE

    def stopping(self) -> bool:
        """Whether any of them keeps a reader from taking the message."""
        return self.unreadable or any(mark.rule.stops for mark in self.items)

    def findings(self, document: XmlDocument, *, lenient: bool = False, alert: int = 0) -> Iterator[Finding]:
        """What was found, with places, in the order of the file.

        Parameters
        ----------
        document
            The file, which knows the places.
        lenient
            Whether errors of rules that real feeds often break become warnings.
        alert
            Number of the message in a feed or envelope, from 1; 0 for a file with one.
        """
        placed = [(document.offset(mark.node, mark.offset), mark) for mark in self.items]
        placed.sort(key=_OFFSET)
        many = len(placed) >= MOST_OF_A_RULE
        last = {mark.rule.id: mark for _, mark in placed if self.full(mark.rule.id)} if many else {}
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
                rule.section,
                sentence(mark.message) + more,
                mark.fix,
                alert,
                rule.requires,
                rule.stops,
                partial(document.xpath, mark.node),
            )
