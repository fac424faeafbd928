"""A message with nothing unusual in it, read without a parser.

Most messages hold CAP's own elements in their order, one prefix or none, and no attributes. Their
tags, one after the other, are words of a regular language: one pattern, made from the table of
`content`, proves that they are closed, in order, as often as they may be, and all there. What is
left to judge is each text by itself. Whatever the pattern does not know is for the parser: other
namespaces, signatures, CDATA, instructions, and all that is out of order. Tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from ewsim.cap.xml.content import ALERT, Model, Slot
from ewsim.cap.xml.node import VERSIONS, Branch, Leaf, Node
from ewsim.cap.xml.values import SPACE, plain_time

#: Longer texts [characters] gain nothing here, and the parser has limits of its own.
_LONGEST: Final = 1_000_000
#: What stands before the message (a declaration, comments, a style sheet), and its start tag.
_HEAD: Final = re.compile(
    r"""(?:<\?xml\s+version\s*=\s*(?:'1\.0'|"1\.0")
      (?:\s+encoding\s*=\s*(?:'[A-Za-z][\w.-]*'|"[A-Za-z][\w.-]*"))?
      (?:\s+standalone\s*=\s*(?:'(?:yes|no)'|"(?:yes|no)"))?\s*\?>)?
    (?:\s+|<!--(?:[^-]|-[^-])*+-->|<\?xml-stylesheet\s[^?]*\?>)*+
    <(?:([A-Za-z][\w.-]{0,30}):)?alert\s+xmlns(?::([A-Za-z][\w.-]{0,30}))?\s*=\s*
    ("[^"]*"|'[^']*')\s*>""",
    re.VERBOSE | re.ASCII,
)
_COMMENT: Final = re.compile("<!--(?:[^-]|-[^-])*+-->")
_REFERENCE: Final = re.compile("&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
#: Makes 1 of the octets that XML does not allow, 0 of all others.
_CONTROL: Final = bytes(n < 32 and n not in b"\t\n\r" for n in range(256))


class _NotPlainError(Exception):
    """This is for the parser."""


class Plain(Branch):
    """An <alert> that is as its schema wants it, but perhaps for the texts of `doubtful`."""

    __slots__ = ("doubtful",)
    doubtful: list[tuple[Node, Slot]]


#: What begins with a tag of an element that holds text: its name; a quick test of the text, and
#: whether what it finds is what the text means; its slot; whether it ends as well (<x/>).
_Leaf: TypeAlias = tuple[str, Callable[[str], object], bool, Slot, bool]


@lru_cache(maxsize=16)
def _grammar(version: str, prefix: str) -> tuple[re.Pattern[str], dict[str, _Leaf]]:
    """The pattern of the tags of a version, with a prefix, and the elements that hold text."""
    leaves: dict[str, _Leaf] = {}
    pattern = _pattern(ALERT[version], prefix, leaves)
    return re.compile(f"{pattern}/{re.escape(prefix)}alert>"), leaves


def _pattern(model: Model, prefix: str, leaves: dict[str, _Leaf]) -> str:
    """The tags between those of an element; no two words begin alike, so nothing is tried twice."""
    words = []
    for slot, sound in zip(model.slots, model.sound, strict=True):
        tag = re.escape(prefix) + slot.name
        if sound is not None:
            word = f"{tag}(?:></{tag}>| ?/>)<"
            reads = sound is plain_time
            for end in (">", "/>", " />"):
                leaves[prefix + slot.name + end] = slot.name, sound, reads, slot, end != ">"
        elif isinstance(slot.content, Model):
            word = f"{tag}><{_pattern(slot.content, prefix, leaves)}/{tag}><"
        once = "" if slot.least else "?+"
        words.append(f"(?:{word}){once if slot.most == 1 else '++' if slot.least else '*+'}")
    return "".join(words)


def read(text: str) -> Plain | None:
    """The message of a text; None when it is for the parser."""
    head = _HEAD.match(text) if len(text) < _LONGEST else None
    if head is None:
        return None
    prefix, declared, namespace = head.groups("")
    version = VERSIONS.get(namespace[1:-1])
    if version is None or prefix != declared or prefix[:3].lower() == "xml":
        return None
    if b"\1" in text.encode().translate(_CONTROL) or "\ufffe" in text or "\uffff" in text:
        return None
    body = text[head.end() :]
    comments = "!" in body and "<!--" in body
    if comments:  # in the place of each a character that stands in no text, and in no tag
        body = _COMMENT.sub("\0", body)
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    # text, tag, text, tag ...: the pattern wants a > at the end of each tag, and there are no more
    parted = body.replace(">", "><")
    parts = parted.split("<")
    if len(parted) - len(body) != len(parts) // 2:
        return None
    pattern, leaves = _grammar(version, prefix and f"{prefix}:")
    if not pattern.fullmatch("<".join(parts[1::2])):
        return None
    try:
        if "&" in body:
            texts = parts[2:-1:2]  # what stands outside of the message has no references
            parts[2:-1:2] = [_meant(text) if "&" in text else text for text in texts]
        if comments:
            parts = [part.replace("\0", "") for part in parts]
        return _grow(namespace[1:-1], parts, leaves)
    except _NotPlainError:
        return None


def _meant(text: str) -> str:
    """A text with characters in the place of references to them."""
    meant, good = _REFERENCE.subn(_character, text)
    if good < text.count("&"):
        raise _NotPlainError
    return meant


def _character(reference: re.Match[str]) -> str:
    """The character that a reference stands for."""
    name, decimal, hexadecimal = reference.groups()
    if name:
        return _ENTITIES[name]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    legal = number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE
    if not legal and not 0xFFFF < number < 0x110000:
        raise _NotPlainError
    return chr(number)


def _grow(namespace: str, parts: list[str], leaves: dict[str, _Leaf]) -> Plain:
    """The elements of tags that the pattern knows."""
    root = Plain()
    root.doubtful = doubtful = []
    root.namespace, root.name, root.text, root.index = namespace, "alert", parts[0], 0
    root.attributes = root.meaning = None
    root.stray = ""
    children: list[Node] = []
    table: dict[str, list[Node]] = {}
    root.children, root.table = children, table
    above: list[tuple[list[Node], dict[str, list[Node]]]] = []
    between = [root.text]
    index = 0
    pieces = iter(parts)
    next(pieces)
    for tag in pieces:
        leaf = leaves.get(tag)
        made: Node
        if leaf is not None:
            name, sound, reads, slot, empty = leaf
            text = ""
            if not empty:
                text = next(pieces)
                next(pieces)  # its end tag
            between.append(next(pieces))
            made = Leaf()
            found = sound(text)
            if not found:
                doubtful.append((made, slot))
            made.meaning = found if reads else None
        elif tag[0] == "/":
            between.append(next(pieces))
            if above:
                children, table = above.pop()
            continue
        else:
            text = next(pieces)
            between.append(text)
            name = tag[tag.find(":") + 1 : -1]
            made = Branch()
            made.attributes = made.meaning = None
            made.stray = ""
        index += 1
        made.namespace, made.name, made.text, made.index = namespace, name, text, index
        children.append(made)
        if name in table:
            table[name].append(made)
        else:
            table[name] = [made]
        if leaf is None:
            above.append((children, table))
            made.children = children = []
            made.table = table = {}
    if "".join(between).strip(SPACE):
        raise _NotPlainError
    return root
