"""The checks that a rule of a profile can make; the table at the end names them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ewsim import coding
from ewsim.cap.findings import sentence
from ewsim.cap.marks import Marks
from ewsim.cap.profiles.paths import Found, find, name_of
from ewsim.cap.profiles.spec import CheckKind, RuleSpec
from ewsim.cap.xml.node import Node
from ewsim.cap.xml.values import read_time


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule looks: an element of a message; `marks` has what CAP's own rules found in it."""

    alert: Node
    node: Node
    marks: Marks

    def find(self, path: str) -> Found:
        """The elements a path leads to from here, with their values."""
        return find(self.alert, self.node, path)

    def holds(self, condition: tuple[str, re.Pattern[str]]) -> bool:
        """Whether a value that the path leads to matches the pattern."""
        path, pattern = condition
        return any(pattern.fullmatch(value) for _, value in self.find(path))


def apply(rule: RuleSpec, alert: Node, marks: Marks) -> Found:
    """What a rule finds in a message.

    Parameters
    ----------
    rule
        A rule of a profile.
    alert
        The <alert>.
    marks
        Has what the rules of CAP itself found.
    """
    for node, _ in find(alert, alert, rule.at):
        place = Place(alert, node, marks)
        if all(map(place.holds, rule.when.items())) and not any(map(place.holds, rule.unless.items())):
            yield from CHECKS[rule.check](rule, place)


def _list(values: Sequence[str]) -> str:
    return ", ".join(values) or "none"


def _present(rule: RuleSpec, place: Place) -> Found:
    if not any(value or found.children for found, value in place.find(rule.path)):
        yield place.node, f"There is no {name_of(rule.path)}."


def _absent(rule: RuleSpec, place: Place) -> Found:
    for found, _ in place.find(rule.path):
        yield found, f"There is {name_of(rule.path, found)}."


def _every(rule: RuleSpec, place: Place) -> Found:
    assert rule.pattern
    for found, value in place.find(rule.path):
        if not rule.pattern.fullmatch(value):
            yield found, f"{name_of(rule.path, found)} is {value[:80]!r}."


def _some(rule: RuleSpec, place: Place) -> Found:
    assert rule.pattern
    values = [value for _, value in place.find(rule.path)]
    if not any(rule.pattern.fullmatch(value) for value in values):
        name, shown = name_of(rule.path), ", ".join(repr(v[:60]) for v in values[:5])
        yield place.node, f"{name} is {shown}." if values else f"There is no {name}."


def _count(rule: RuleSpec, place: Place) -> Found:
    number = sum(1 for _ in place.find(rule.path))
    if not rule.min <= number <= rule.max:
        yield place.node, f"There {f'are {number}' if number else 'is no'} {name_of(rule.path)}."


def _length(rule: RuleSpec, place: Place) -> Found:
    for found, value in place.find(rule.path):
        if not rule.min <= len(value) <= rule.max:
            yield found, f"{name_of(rule.path, found)} has {len(value)} characters."


def _pages(rule: RuleSpec, place: Place) -> Found:
    for found, value in place.find(rule.path):
        cb = coding.encode_cb(value)
        if cb.truncated or len(cb.pages) > rule.max:
            shown = f"{'more than ' if cb.truncated else ''}{len(cb.pages)} pages ({cb.alphabet})"
            yield found, f"{name_of(rule.path)} takes {shown}: it has {len(value)} characters."


def _gsm7(rule: RuleSpec, place: Place) -> Found:
    for found, value in place.find(rule.path):
        if forcing := coding.not_in_gsm7(value):
            shown = " ".join(f"{c} (U+{ord(c):04X})" for c in forcing[:8])
            yield (found, f"{name_of(rule.path, found)} holds what the GSM 7-bit alphabet lacks: {shown}.")


def _same(rule: RuleSpec, place: Place) -> Found:
    infos = place.node.every("info")
    sets = [sorted(value for _, value in find(place.alert, info, rule.path)) for info in infos]
    for info, values in zip(infos, sets, strict=True):
        if values != sets[0]:
            differ = f"{_list(values)}, not {_list(sets[0])}"
            yield info, f"{name_of(rule.path)} differs from the first <info>: {differ}."


def _hours(rule: RuleSpec, place: Place) -> Found:
    sent = read_time(place.alert.value("sent"))
    for found, value in place.find(rule.path):
        until = read_time(value)
        if sent and until:
            hours = (until - sent).total_seconds() / 3600
            if not rule.min <= hours <= rule.max:
                yield found, f"{name_of(rule.path, found)} is {hours:.1f} h after <sent>."


def _keeps(rule: RuleSpec, place: Place) -> Found:
    assert rule.pattern
    places = {id(found): found for found, _ in place.find(rule.path)}
    broken = [mark for mark in place.marks.items if id(mark.node) in places]
    for mark in broken:
        if rule.pattern.fullmatch(mark.rule.id):
            yield places[id(mark.node)], f"{sentence(mark.message)[:-1]} ({mark.rule.id})."


CHECKS: Final[dict[CheckKind, Callable[[RuleSpec, Place], Found]]] = {
    "present": _present,
    "absent": _absent,
    "every": _every,
    "some": _some,
    "count": _count,
    "length": _length,
    "pages": _pages,
    "gsm7": _gsm7,
    "same": _same,
    "hours": _hours,
    "keeps": _keeps,
}
