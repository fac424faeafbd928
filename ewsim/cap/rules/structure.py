"""Every structural fault of a message, found with the tables of `content`.

The verdict is that of the official schemas (the tests compare), but a schema validator stops at
the first child that is out of place; here the rest of the sequence is still judged.
"""

from bisect import bisect_right
from difflib import get_close_matches
from typing import Final

from ewsim.cap.marks import Marks
from ewsim.cap.xml.content import ALERT, PARENT, AnyText, Children, Content, Lexical, Slot, Word
from ewsim.cap.xml.node import NAMESPACES, SIGNATURE, VERSIONS, Node
from ewsim.cap.xml.values import SPACE

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_XSI_ALLOWED: Final = frozenset(
    _XSI + name for name in ("type", "schemaLocation", "noNamespaceSchemaLocation")
)
_SHOWN: Final = 60
_GLOBAL: Final = frozenset(("alert", "valueName", "value"))


def check(alert: Node, marks: Marks) -> None:
    """Compare one <alert> with the schema of its version."""
    version = VERSIONS[alert.namespace]
    signatures = [n for n, c in enumerate(alert.children) if c.namespace == SIGNATURE]
    if signatures:
        _signatures(alert, version, signatures, marks)
    _element(alert, ALERT[version], True, marks)


def _signatures(alert: Node, version: str, places: list[int], marks: Marks) -> None:
    """A signature comes after everything else; its content is not judged here."""
    last = max((n for n, c in enumerate(alert.children) if c.namespace != SIGNATURE), default=-1)
    for place in places:
        child = alert.children[place]
        if version != "1.2":
            marks.add("SIG-SCHEMA", child, f"a signature in a CAP {version} message")
            continue
        if place < last:
            marks.add("STRUCT-ORDER", child, f"<{child.name}> comes before elements of the message")
        _nested(child, marks)


def _nested(node: Node, marks: Marks) -> None:
    """Inside a signature only the elements that the schema of 1.2 declares globally are judged."""
    for child in node.children:
        if child.namespace == NAMESPACES["1.2"] and child.name in _GLOBAL:
            if child.name == "alert":
                check(child, marks)
            else:
                _element(child, AnyText(), False, marks)
        else:
            _nested(child, marks)


_XML: Final = "{http://www.w3.org/XML/1998/namespace"


def _element(node: Node, content: Content, required: bool, marks: Marks) -> None:
    if node.attributes is not None:
        for name in node.attributes:
            if name not in _XSI_ALLOWED:
                space, _, own = name.rpartition("}")
                shown = f"xml:{own}" if space == _XML else own
                marks.add("STRUCT-ATTRIBUTE", node, f"<{node.name}> has the attribute {shown!r}")
    if isinstance(content, Children):
        _sequence(node, content, marks)
    elif node.children:
        for child in node.children:
            marks.add(
                "STRUCT-UNKNOWN", child, f"<{node.name}> holds text, and here the element <{child.name}>"
            )
    elif not isinstance(content, AnyText):
        _value(node, content, marks)
    elif not node.text or node.text.isspace():
        _empty(node, required, marks)


def _empty(node: Node, required: bool, marks: Marks) -> None:
    if node.name in {"polygon", "circle"}:  # their own rules say so
        return
    if required and node.name != "value":
        marks.add("EMPTY-REQUIRED", node, f"<{node.name}> is empty")
    else:
        marks.add("EMPTY-OPTIONAL", node, f"<{node.name}> is empty")


def _value(node: Node, content: Word | Lexical, marks: Marks) -> None:
    text = node.text
    if isinstance(content, Word):
        if text not in content.words:
            _word(node, content.words, marks)
    elif not content.accepts(text) and (text or content.default is None):
        rule_ = "STRUCT-DATETIME" if content.form.startswith("a date") else "STRUCT-FORM"
        marks.add(rule_, node, f"<{node.name}> is {_show(text)}, not {content.form}", offset=0)


def _word(node: Node, words: tuple[str, ...], marks: Marks) -> None:
    if marks.full("STRUCT-WORD"):
        return
    plain = node.text.strip()
    close = [w for w in words if w.casefold() == plain.casefold()]
    close = close or get_close_matches(plain[:40], words, 1)
    fix = f"Write {close[0]}." if close else f"Write one of {', '.join(words)}."
    message = f"<{node.name}> is {_show(node.text)}, which is not an allowed value"
    marks.add("STRUCT-WORD", node, message, fix, offset=0)


def _show(text: str) -> str:
    if not text:
        return "empty"
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def _sequence(node: Node, model: Children, marks: Marks) -> None:
    """Children against a sequence of slots."""
    place, slots, sound, table = model.place, model.slots, model.sound, node.table
    namespace, last, sorted_ = node.namespace, 0, True
    for child in node.children:
        n = place.get(child.name)
        if n is None or child.namespace != namespace:
            if child.namespace != SIGNATURE or node.name != "alert":
                _unknown(child, node, model, marks)
            continue
        if n < last:
            sorted_ = False
        last = n
        quick = sound[n]
        if not quick or child.children or child.attributes or not quick(child.text):
            slot = slots[n]
            _element(child, slot.content, slot.least > 0, marks)
    if not sorted_:
        _order(node, model, marks)
    if not model.required <= table.keys():
        for n, slot in enumerate(slots):
            if slot.least and slot.name not in table:
                message = f"<{node.name}> has no <{slot.name}>"
                marks.add("STRUCT-MISSING", node, message, _where(slot, n, slots))
    if len(table) < len(node.children):
        _repeated(node, model, marks)
    if node.stray or (not node.children and node.text.strip(SPACE)):
        shown = _show(node.stray or node.text.strip())
        marks.add("STRUCT-TEXT", node, f"<{node.name}> holds the text {shown} between its elements")


def _repeated(node: Node, model: Children, marks: Marks) -> None:
    for name, twins in node.table.items():
        if len(twins) > 1 and name in model.place:
            for child in twins[model.slots[model.place[name]].most :]:
                marks.add("STRUCT-REPEATED", child, f"<{node.name}> has a second <{name}>")


def _where(slot: Slot, n: int, slots: tuple[Slot, ...]) -> str:
    after = f" after <{slots[n - 1].name}>" if n else " first"
    return f"Add <{slot.name}>{after}."


def _unknown(child: Node, parent: Node, model: Children, marks: Marks) -> None:
    if marks.full("STRUCT-UNKNOWN"):
        return
    name = child.name
    message, fix = f"<{parent.name}> holds an unknown element <{name[:_SHOWN]}>", ""
    if child.namespace != parent.namespace and name in model.place:
        message = f"<{name}> is in the namespace {child.namespace[:_SHOWN]!r}, not that of <alert>"
        fix = "Put it in the namespace of <alert>, or remove it."
    elif child.namespace == parent.namespace and name in PARENT:
        message = f"<{name}> does not belong in <{parent.name}>"
        fix = f"Move it into <{PARENT[name]}>."
    else:
        close = get_close_matches(name[:40], model.place, 1, 0.7)
        fix = f"Did you mean <{close[0]}>?" if close else ""
    marks.add("STRUCT-UNKNOWN", child, message, fix)


def _order(node: Node, model: Children, marks: Marks) -> None:
    """Name the fewest elements that, moved, give the right order."""
    slots = model.slots
    known = [
        child for child in node.children if child.name in model.place and child.namespace == node.namespace
    ]
    places = [model.place[child.name] for child in known]
    keep = _longest_sorted(places)
    sorted_places = [places[n] for n in keep]
    passed = 0
    for n, (child, place) in enumerate(zip(known, places, strict=True)):
        if passed < len(keep) and keep[passed] == n:
            passed += 1
            continue
        k = bisect_right(sorted_places, place)
        late = k < passed
        where = (
            f"before <{slots[sorted_places[k]].name}>"
            if late
            else (f"after <{slots[sorted_places[k - 1]].name}>")
        )
        marks.add(
            "STRUCT-ORDER",
            child,
            f"<{child.name}> is out of order: it belongs {where}",
            f"Move it {where}; `ewsim cap fix` does it.",
        )


def _longest_sorted(places: list[int]) -> list[int]:
    """Positions of a longest run (with gaps) that never falls."""
    tails: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for n, place in enumerate(places):
        k = bisect_right(tops, place)
        before.append(tails[k - 1] if k else -1)
        tails[k : k + 1] = [n]
        tops[k : k + 1] = [place]
    keep, n = [], tails[-1]
    while n >= 0:
        keep.append(n)
        n = before[n]
    return keep[::-1]
