"""Safe mends: what can be put right without asking what the author meant.

Nothing here changes what a message says: elements go into the schema's order, empty optional
elements go away, rings are closed, times get the numeric offset CAP wants, words get their case.
What needs a decision (a missing offset, swapped coordinates, a crossing ring) is left alone.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from ewsim.cap import content, values
from ewsim.cap.document import read_document
from ewsim.cap.node import SIGNATURE, VERSIONS
from ewsim.errors import CapError, Diagnostic

_PARSER: Final = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
    strip_cdata=False,
)  # fmt: skip
_TIMES: Final = ("sent", "effective", "onset", "expires")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True, slots=True)
class Repair:
    """A mended message: its text, each mend with the line it was made at, and whether signed."""

    file: str
    before: str
    after: str
    mends: tuple[Diagnostic, ...]
    signed: bool

    def diff(self) -> str:
        """The mends as a unified diff; empty when there is nothing to mend."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            self.file,
            f"{self.file} (mended)",
        )
        whole = (line if line.endswith("\n") else f"{line}\n\\ No newline\n" for line in lines)
        return "".join(whole)


def repair(source: bytes, file: str) -> Repair:
    """Mend one message, or every message of a feed or envelope.

    Raises
    ------
    CapError
        The file is no XML, or holds no alert.
    """
    document = read_document(source, file)
    if not document.alerts:
        raise CapError([Diagnostic(file, 1, 1, "There is no CAP alert in the file.")])
    tree = etree.fromstring(document.text.encode(), _PARSER)
    elements = list(tree.iter("*"))
    mends: list[Diagnostic] = []
    signed = False
    for node in document.alerts:
        element = elements[node.index]
        signed = signed or element.find(f"{{{SIGNATURE}}}Signature") is not None
        version = VERSIONS[node.namespace]
        for number, message in _mend(element, content.ALERT[version], version, elements):
            place = document.at(document.span(_nth(document.root, number))[0])
            mends.append(Diagnostic(file, place.line, place.column, message, "", "info"))
    mends.sort(key=lambda mend: (mend.line, mend.column))
    after = _serialise(document.text, tree) if mends else document.text
    return Repair(file, document.text, after, tuple(mends), signed)


def _nth(root: Any, number: int) -> Any:
    """The node with a number in document order."""
    while root.index != number:
        root = next(c for c in reversed(root.children) if c.index <= number)
    return root


def _serialise(text: str, tree: Any) -> str:
    """The tree as text, with the declaration and the line ends of the original."""
    head = text[: text.index("?>") + 2] if text.startswith("<?xml") else ""
    if head:
        head = re.sub(r"encoding\s*=\s*([\"'])[^\"']*\1", 'encoding="UTF-8"', head)
        after = re.match(r"\s*", text[text.index("?>") + 2 :])
        head += after[0] if after else ""
    body = etree.tostring(tree.getroottree(), encoding="unicode")
    tail = text[len(text.rstrip()) :]
    whole = head + body.rstrip() + tail
    if "\r\n" in text:
        whole = whole.replace("\r\n", "\n").replace("\n", "\r\n")
    return whole


def _mend(
    element: Any, model: content.Model, version: str, elements: list[Any]
) -> Iterator[tuple[int, str]]:
    """Mend an element and what is in it; the number of each mended element, and what was done."""
    number = {id(e): n for n, e in enumerate(elements)}
    stack = [(element, model)]
    while stack:
        parent, rows = stack.pop()
        for child in list(parent.iterchildren("*")):
            slot = _slot(child, parent, rows)
            if slot is None:
                continue
            if isinstance(slot.content, content.Model):
                stack.append((child, slot.content))
                continue
            said = _value(child, slot, version)
            if said:
                yield number[id(child)], f"<{slot.name}>: {said}"
            if not len(child) and not (child.text or "").strip() and slot.least == 0:
                _remove(child)
                yield number[id(child)], f"<{slot.name}>: empty, and optional: taken out"
        moved = _sort(parent, rows)
        if moved is not None:
            name = etree.QName(moved).localname
            yield number[id(moved)], f"<{name}>: put where the schema wants it"


def _slot(child: Any, parent: Any, model: content.Model) -> content.Slot | None:
    name = etree.QName(child)
    if name.namespace != etree.QName(parent).namespace or name.localname not in model.place:
        return None
    return model.slots[model.place[name.localname]]


def _value(child: Any, slot: content.Slot, version: str) -> str:
    """Mend the text of an element; what was done, or ''."""
    text = child.text or ""
    new, said = text, ""
    if isinstance(slot.content, content.Word) and text not in slot.content.words:
        folded = {word.casefold(): word for word in slot.content.words}
        if version != "1.0":
            folded["very likely"] = "Likely"
        new = folded.get(" ".join(text.split()).casefold(), text)
        said = f"{text!r} is written {new!r}"
    elif slot.name in _TIMES and version == "1.2":
        new = _time(text)
        said = f"{text.strip()!r} is written {new!r}"
    elif slot.name == "polygon":
        points = values.read_points(text)
        if points and len(points) >= 3 and points[0] != points[-1]:
            new = f"{text.rstrip()} {text.split()[0]}" + text[len(text.rstrip()) :]
            said = "the ring is closed"
    if new == text:
        return ""
    child.text = new
    return said


def _time(text: str) -> str:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return text
    day, clock, offset = match.groups()
    if offset in "Zz":
        offset = "-00:00"
    if ":" not in offset:
        offset = f"{offset[:3]}:{offset[3:]}"
    new = f"{day}T{clock}{'-00:00' if offset == '+00:00' else offset}"
    return new if values.is_date_time_12(new) else text


def _remove(child: Any) -> None:
    """Take an element out, with the white space before it, not what stands after."""
    parent, before = child.getparent(), child.getprevious()
    tail = child.tail or ""
    if child.getnext() is None:  # the last one: the parent's end tag keeps its indentation
        if before is None:
            parent.text = tail
        else:
            before.tail = tail
    elif tail.strip():
        if before is None:
            parent.text = (parent.text or "") + tail
        else:
            before.tail = (before.tail or "") + tail
    parent.remove(child)


def _sort(parent: Any, model: content.Model) -> Any | None:
    """Put children in the schema's order; the first that was out of it, or None."""
    children = list(parent.iterchildren())
    if any(not isinstance(child.tag, str) for child in children):
        return None  # a comment belongs to what stands after it: nobody knows where to
    places = [_place(child, parent, model) for child in children]
    if None in places:
        return None
    order = sorted(range(len(children)), key=lambda n: places[n] or 0)
    if order == list(range(len(children))):
        return None
    first = next(n for n in range(1, len(places)) if (places[n] or 0) < (places[n - 1] or 0))
    tails = [child.tail for child in children]
    for child in children:
        parent.remove(child)
    for tail, n in zip(tails, order, strict=True):
        children[n].tail = tail
        parent.append(children[n])
    return children[first]


def _place(child: Any, parent: Any, model: content.Model) -> int | None:
    name = etree.QName(child)
    if name.namespace == SIGNATURE:
        return len(model.slots)
    if name.namespace != etree.QName(parent).namespace:
        return None
    return model.place.get(name.localname)
