"""Rules of <info>: language, words, times, texts (CAP 1.2, 3.2.2)."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ewsim.cap.marks import Marks
from ewsim.cap.rules import message as rules_message
from ewsim.cap.rules.languages import closest, is_known, script_of
from ewsim.cap.xml.node import VERSIONS, Node, Table

HEADLINE_CHARACTERS: Final = 160
_TEXTS: Final = ("event", "headline", "description", "instruction", "audience", "contact")
_MARKUP: Final = re.compile(r"</?[A-Za-z][^<>]{0,200}>|&(?:[A-Za-z]{2,8}|#[0-9]{1,6});")
#: Replacement characters, controls of ISO 6429 (often Windows-1252 read as Latin 1), overrides of
#: direction, characters for private use.
_LOST: Final = re.compile("[\x80-\x9f\ufffd\u202d\u202e\ue000-\uf8ff]")
_LOST_AS: Final = {
    "\ufffd": "U+FFFD, which marks a lost character",
    "\u202d": "U+202D, which turns what follows from left to right",
    "\u202e": "U+202E, which turns what follows from right to left",
}
_ABSOLUTE: Final = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:\S")


def check(info: Node, sent: datetime | None, marks: Marks, *, first: bool = True) -> None:
    """Judge one <info>.

    Parameters
    ----------
    info
        The <info>.
    sent
        When the message was sent, where that can be read.
    marks
        Gets what is found.
    first
        Whether the message is an Alert: an Update often keeps the times of the message before it.
    """
    version, table = VERSIONS[info.namespace], info.table
    _language(info, table, marks)
    _times(info, table, sent, marks, first=first)
    texts = [node for name in _TEXTS for node in table.get(name, ())]
    said = "".join([node.text for node in texts])
    if not said.isascii() or "<" in said or "&" in said:  # which is rare
        _texts(texts, marks)
    for node in table.get("headline", ()):
        length = len(node.text.strip())
        if length > HEADLINE_CHARACTERS:
            marks.add("HEADLINE-LENGTH", node, f"<headline> has {length} characters", offset=0)
    for node in table.get("web", ()):
        if node.text.strip() and not _ABSOLUTE.match(node.text):
            shown = node.text.strip()[:60]
            marks.add("WEB-ABSOLUTE", node, f"<web> is {shown!r}, not an absolute URI", offset=0)
    if version == "1.0":
        for node in table.get("certainty", ()):
            if node.text == "Very Likely":
                marks.add("VERY-LIKELY", node, "<certainty> is Very Likely", offset=0)
        for name in ("eventCode", "parameter"):
            pairs(table.get(name, ()), marks)


def _texts(nodes: Sequence[Node], marks: Marks) -> None:
    """Judge texts that hold more than letters, digits and marks of ASCII."""
    for node in nodes:
        text, name = node.text, node.name
        if match := _LOST.search(text):
            what = _LOST_AS.get(match[0], f"U+{ord(match[0]):04X}, which shows nothing")
            marks.add("TEXT-UNREADABLE", node, f"<{name}> holds {what}", offset=match.start())
        if match := _MARKUP.search(text):
            message = f"<{name}> holds markup: {match[0][:40]!r}"
            marks.add("TEXT-MARKUP", node, message, offset=match.start())


def pairs(nodes: Sequence[Node], marks: Marks) -> None:
    """Judge the name=value of CAP 1.0."""
    for node in nodes:
        if "=" not in node.text:
            shown = node.text.strip()[:60]
            marks.add("PAIR-FORM", node, f"<{node.name}> is {shown!r}, not name=value", offset=0)


def _language(info: Node, table: Table, marks: Marks) -> None:
    nodes = table.get("language")
    tag = nodes[0].text.strip() if nodes else ""
    if nodes and tag:
        if not is_known(tag):
            near = closest(tag)
            fix = f"Did you mean {near}?" if near else ""
            message = f"<language> is {tag[:40]!r}, and ISO 639 knows no such language"
            marks.add("LANG-KNOWN", nodes[0], message, fix, offset=0)
        return
    script = script_of("".join([node.text for name in _TEXTS[:4] for node in table.get(name, ())]))
    if script:
        message = f"<info> has no <language>, so it counts as en-US, and its text is in {script}"
        marks.add("LANG-MISSING", nodes[0] if nodes else info, message)


def _times(info: Node, table: Table, sent: datetime | None, marks: Marks, *, first: bool) -> None:
    version = VERSIONS[info.namespace]
    moments: dict[str, datetime] = {}
    for name in ("effective", "onset", "expires"):
        for node in table.get(name, ()):
            moment = rules_message.time(node, version, marks)
            if moment is not None:
                moments[name] = moment
    effective, expires = moments.get("effective"), moments.get("expires")
    if first and effective is not None and sent is not None and effective < sent:
        marks.add("TIME-EFFECTIVE", table["effective"][0], "<effective> is before <sent>", offset=0)
    if expires is None:
        if "expires" not in table or not table["expires"][0].text.strip():
            marks.add("EXPIRES-MISSING", info, "<info> does not say when it expires")
        return
    where = table["expires"][0]
    if sent is not None and expires <= sent:
        message = f"<expires> is not later than <sent>, {sent.isoformat()}: it has expired when it is sent"
        marks.add("TIME-EXPIRED", where, message, offset=0)
    elif effective is not None and expires <= effective:
        marks.add("TIME-EXPIRED", where, "<expires> is not later than <effective>", offset=0)
    onset = moments.get("onset")
    if onset is not None and expires < onset:
        marks.add("TIME-ONSET", where, "<expires> is before <onset>", offset=0)


def duplicates(infos: Sequence[Node], marks: Marks) -> None:
    """Name every <info> that repeats an earlier one word for word."""
    number: dict[Node, int] = {}
    for info, first in repeated(infos, ("language", "headline")):
        number = number or {each: n for n, each in enumerate(infos, 1)}
        message = f"<info> number {number[info]} repeats number {number[first]}"
        marks.add("INFO-DUPLICATE", info, message)


def repeated(nodes: Sequence[Node], telling: tuple[str, ...]) -> Iterator[tuple[Node, Node]]:
    """Each element that says the same as an earlier one, and that one.

    Only those that agree in the `telling` children are compared word for word.
    """
    if len(nodes) < 2:
        return
    alike: dict[object, list[Node]] = {}
    for node in nodes:
        alike.setdefault(tuple(node.value(name) for name in telling), []).append(node)
    for twins in alike.values():
        seen: dict[object, Node] = {}
        for node in twins if len(twins) > 1 else ():
            first = seen.setdefault(content(node), node)
            if first is not node:
                yield node, first


def content(node: Node) -> object:
    """All that an element says, for comparing it with another."""
    if not node.children:
        return (node.name, node.text.strip())
    return (node.name, tuple(content(child) for child in node.children))
