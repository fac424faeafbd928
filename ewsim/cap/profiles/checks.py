"""What one rule of a profile asks, and whether a message answers it: paths and checks.

`parameter[CMAMtext]` is a path to the <parameter> whose valueName is CMAMtext, `polygon|circle` one
to what is either; the checks on what it leads to are the functions of the table at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Final, TypeAlias

from ewsim import coding
from ewsim.cap.findings import Rule, sentence
from ewsim.cap.marks import Marks
from ewsim.cap.xml.content import PARENT
from ewsim.cap.xml.node import Node
from ewsim.cap.xml.values import read_time

#: Names, and in brackets (which may hold brackets and slashes) the pattern of a valueName.
_STEP: Final = re.compile(r"([A-Za-z]+(?:\|[A-Za-z]+)*)(?:\[(.+?)\](?=/|$))?(?:/|$)")
_ELEMENTS: Final = frozenset(PARENT) | {"valueName", "value"}
_PAIRS: Final = ("eventCode", "parameter", "geocode")
#: Elements, each with its value or with what is wrong there.
Found: TypeAlias = Iterator[tuple[Node, str]]
#: Paths with the patterns that their values may match.
Conditions: TypeAlias = tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of a profile, ready to be applied where all of `when` and none of `unless` hold."""

    rule: Rule
    at: str
    when: Conditions
    unless: Conditions
    kind: str
    path: str
    pattern: re.Pattern[str] | None
    least: float
    most: float


@cache
def _steps(path: str) -> tuple[tuple[tuple[str, ...], re.Pattern[str] | None], ...]:
    """The names of each step of a path, with the pattern of a valueName; a `ValueError` says why
    it is none.
    """
    text, steps, at = path.strip("/"), [], 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise ValueError(f"{text[at:]!r} is not name or name[valueName]")
        names, pair = tuple(match[1].split("|")), match[2]
        for name in names:
            if name not in _ELEMENTS:
                near = get_close_matches(name, sorted(_ELEMENTS), 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ValueError(f"CAP has no element <{name}>{hint}")
        try:
            steps.append((names, re.compile(pair, re.IGNORECASE) if pair else None))
        except re.error as error:
            raise ValueError(f"{pair!r} is no regular expression ({error})") from None
        at = match.end()
    return tuple(steps)


def path_fault(path: str, start: Collection[str] = ("alert",)) -> str:
    """Why a text is no path from the elements `start` (none: from anywhere); '' when it is one."""
    try:
        steps = _steps(path)
    except ValueError as error:
        return str(error)
    above = ("alert",) if path.startswith("/") else start
    for names, _ in steps:
        for name in names:
            inside = (PARENT[name],) if name in PARENT else _PAIRS
            if not set(above) <= set(inside):
                places = (" or ".join(f"<{each}>" for each in where) for where in (inside, above))
                return f"<{name}> stands in {', not in '.join(places)}"
        above = names
    return ""


def ends(path: str) -> tuple[str, ...]:
    """The names of the elements that a path leads to."""
    steps = _steps(path)
    return steps[-1][0] if steps else ("alert",)


def find(alert: Node, node: Node, path: str) -> Found:
    """The elements a path leads to, with their values.

    `/` in front starts at the alert. `eventCode[SAME]` is the value of the eventCode whose
    valueName is SAME (a regular expression, upper and lower case alike).
    """
    nodes = [alert if path.startswith("/") else node]
    for names, pair in _steps(path):
        nodes = [child for parent in nodes for name in names for child in parent.every(name)]
        if pair:
            nodes = [n for n in nodes if pair.fullmatch(n.value("valueName"))]
    for each in nodes:
        yield each, each.value("value") if each.first("valueName") else each.text.strip()


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


def apply(check: Check, alert: Node, marks: Marks) -> Found:
    """What a rule finds in a message; `marks` has what the rules of CAP itself found."""
    for node, _ in find(alert, alert, check.at):
        place = Place(alert, node, marks)
        if all(map(place.holds, check.when)) and not any(map(place.holds, check.unless)):
            yield from CHECKS[check.kind](check, place)


def _name(path: str, found: Node | None = None) -> str:
    """What a path leads to as people say it: <category>, or <parameter> CMAMtext."""
    if found is not None:
        return f"<{found.name}> {found.value('valueName')[:80]}".rstrip()
    steps = _steps(path)
    names, pair = steps[-1] if steps else (("alert",), None)
    name = " or ".join(f"<{each}>" for each in names)
    if pair is None:
        return name
    like = "" if re.fullmatch(r"[\w .:-]+", pair.pattern) else "like "
    return f"{name} {like}{pair.pattern}"


def _list(values: Sequence[str]) -> str:
    return ", ".join(values) or "none"


def _present(check: Check, place: Place) -> Found:
    if not any(value or found.children for found, value in place.find(check.path)):
        yield place.node, f"There is no {_name(check.path)}."


def _absent(check: Check, place: Place) -> Found:
    for found, _ in place.find(check.path):
        yield found, f"There is {_name(check.path, found)}."


def _every(check: Check, place: Place) -> Found:
    assert check.pattern
    for found, value in place.find(check.path):
        if not check.pattern.fullmatch(value):
            yield found, f"{_name(check.path, found)} is {value[:80]!r}."


def _some(check: Check, place: Place) -> Found:
    assert check.pattern
    values = [value for _, value in place.find(check.path)]
    if not any(check.pattern.fullmatch(value) for value in values):
        name, shown = _name(check.path), ", ".join(repr(v[:60]) for v in values[:5])
        yield place.node, f"{name} is {shown}." if values else f"There is no {name}."


def _count(check: Check, place: Place) -> Found:
    number = sum(1 for _ in place.find(check.path))
    if not check.least <= number <= check.most:
        yield place.node, f"There {f'are {number}' if number else 'is no'} {_name(check.path)}."


def _length(check: Check, place: Place) -> Found:
    for found, value in place.find(check.path):
        if not check.least <= len(value) <= check.most:
            yield found, f"{_name(check.path, found)} has {len(value)} characters."


def _pages(check: Check, place: Place) -> Found:
    for found, value in place.find(check.path):
        cb = coding.encode_cb(value)
        if cb.truncated or len(cb.pages) > check.most:
            shown = f"{'more than ' if cb.truncated else ''}{len(cb.pages)} pages ({cb.alphabet})"
            yield found, f"{_name(check.path)} takes {shown}: it has {len(value)} characters."


def _gsm7(check: Check, place: Place) -> Found:
    for found, value in place.find(check.path):
        if forcing := coding.not_in_gsm7(value):
            shown = " ".join(f"{c} (U+{ord(c):04X})" for c in forcing[:8])
            yield (found, f"{_name(check.path, found)} holds what the GSM 7-bit alphabet lacks: {shown}.")


def _same(check: Check, place: Place) -> Found:
    infos = place.node.every("info")
    sets = [sorted(value for _, value in find(place.alert, info, check.path)) for info in infos]
    for info, values in zip(infos, sets, strict=True):
        if values != sets[0]:
            differ = f"{_list(values)}, not {_list(sets[0])}"
            yield info, f"{_name(check.path)} differs from the first <info>: {differ}."


def _hours(check: Check, place: Place) -> Found:
    sent = read_time(place.alert.value("sent"))
    for found, value in place.find(check.path):
        until = read_time(value)
        if sent and until:
            hours = (until - sent).total_seconds() / 3600
            if not check.least <= hours <= check.most:
                yield found, f"{_name(check.path, found)} is {hours:.1f} h after <sent>."


def _keeps(check: Check, place: Place) -> Found:
    assert check.pattern
    places = {id(found): found for found, _ in place.find(check.path)}
    broken = [mark for mark in place.marks.items if id(mark.node) in places]
    for mark in broken:
        if check.pattern.fullmatch(mark.rule.id):
            yield places[id(mark.node)], f"{sentence(mark.message)[:-1]} ({mark.rule.id})."


CHECKS: Final[dict[str, Callable[[Check, Place], Found]]] = {
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
