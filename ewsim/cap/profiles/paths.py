"""Paths of profiles: `parameter[CMAMtext]` leads to the <parameter> whose valueName is CMAMtext,
`polygon|circle` to what is either.
"""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Final, TypeAlias

from ewsim.cap.xml.content import PARENT
from ewsim.cap.xml.node import Node

#: Names, and in brackets (which may hold brackets and slashes) the pattern of a valueName.
_STEP: Final = re.compile(r"([A-Za-z]+(?:\|[A-Za-z]+)*)(?:\[(.+?)\](?=/|$))?(?:/|$)")
_ELEMENTS: Final = frozenset(PARENT) | {"valueName", "value"}
_PAIRS: Final = ("eventCode", "parameter", "geocode")
#: Elements, each with its value or with what is wrong there.
Found: TypeAlias = Iterator[tuple[Node, str]]


@cache
def _steps(path: str) -> tuple[tuple[tuple[str, ...], re.Pattern[str] | None], ...]:
    """The names of each step of a path, with the pattern of a valueName.

    A `ValueError` says why the text is not a path.
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
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"{pair!r} is not a regular expression ({error})") from None
        at = match.end()
    return tuple(steps)


def path_fault(path: str, start: Collection[str] = ("alert",)) -> str:
    """Why a text is not a path from the elements `start` (none: from anywhere); empty when it is."""
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
                return f"<{name}> belongs in {', not in '.join(places)}"
        above = names
    return ""


def ends(path: str) -> tuple[str, ...]:
    """The names of the elements that a path leads to."""
    steps = _steps(path)
    return steps[-1][0] if steps else ("alert",)


def find(alert: Node, node: Node, path: str) -> Found:
    """The elements that a path leads to, with their values.

    Parameters
    ----------
    alert
        The <alert>, where a path with `/` in front starts.
    node
        Where other paths start.
    path
        `eventCode[SAME]` is the value of the eventCode whose valueName is SAME: a regular
        expression, in upper or lower case.
    """
    nodes = [alert if path.startswith("/") else node]
    for names, pair in _steps(path):
        nodes = [child for parent in nodes for name in names for child in parent.every(name)]
        if pair:
            nodes = [n for n in nodes if pair.fullmatch(n.value("valueName"))]
    for each in nodes:
        yield each, each.value("value") if each.first("valueName") else each.text.strip()


def name_of(path: str, found: Node | None = None) -> str:
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
