"""From bytes to a tree of elements that know their line and column.

libxml2 checks the XML and gives the tree; it keeps no columns, so the places come from a scan of
the same text for its start tags, made only when somebody asks. Nothing is ever expanded: a
document type declaration is refused before the parser sees the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from lxml import etree

from ewsim.cap.alert import Position
from ewsim.cap.findings import Finding, finding
from ewsim.cap.text import MAX_DEPTH, MAX_ELEMENTS, XML_DOCTYPE, XML_LIMIT, decode, explain
from ewsim.errors import CapError

#: Namespace of each version of CAP.
VERSIONS: Final = {
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
}
NAMESPACES: Final = {version: namespace for namespace, version in VERSIONS.items()}
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"

_PARSER: Final = etree.XMLParser(
    encoding="utf-8",  # the text was decoded here, whatever its declaration says
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_TAG: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</[^>]*>"
    r"""|(<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>)""",
    re.DOTALL,
)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True, eq=False)
class Node:
    """One element: namespace, local name, text (all of it, when it has no children), children.

    `index` counts elements in document order; `attributes` is None for none. `stray` is text
    between the children that is not white space.
    """

    namespace: str
    name: str
    text: str
    index: int
    parent: Node | None
    children: list[Node] = field(default_factory=list)
    attributes: dict[str, str] | None = None
    stray: str = ""

    def first(self, name: str) -> Node | None:
        """The first child of the same namespace with this name."""
        for child in self.children:
            if child.name == name and child.namespace == self.namespace:
                return child
        return None

    def every(self, name: str) -> list[Node]:
        """All children of the same namespace with this name."""
        return [c for c in self.children if c.name == name and c.namespace == self.namespace]

    def table(self) -> dict[str, list[Node]]:
        """The children of the same namespace by their names."""
        found: dict[str, list[Node]] = {}
        for child in self.children:
            if child.namespace == self.namespace:
                found.setdefault(child.name, []).append(child)
        return found

    def value(self, name: str) -> str:
        """The text of the first child with this name, without white space around it; or ''."""
        child = self.first(name)
        return child.text.strip() if child is not None else ""


@dataclass(eq=False)
class Document:
    """A well-formed document without a document type declaration.

    `source` is the file as it was read (a signature is checked on it), `text` the same decoded,
    `alerts` the CAP messages in it: one, or those a feed or an envelope holds.
    """

    file: str
    source: bytes
    text: str
    root: Node
    alerts: tuple[Node, ...]

    @cached_property
    def _tags(self) -> list[tuple[int, int]]:
        """Where each start tag begins and ends in the text, in document order."""
        return [match.span() for match in _TAG.finditer(self.text) if match.lastindex]

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def at(self, offset: int) -> Position:
        """Line and column of a character of the text."""
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)

    def span(self, node: Node) -> tuple[int, int]:
        """Where a node's start tag begins and ends in the text."""
        return self._tags[node.index]

    def place(self, node: Node | None, offset: int | None = None) -> Position:
        """Line and column of an element, or of a character of its text.

        A character's place is exact unless entities or comments stand before it in the same text.
        """
        if node is None:
            return Position(1, 1)
        start, end = self._tags[node.index]
        return self.at(start if offset is None else end + offset)

    def xpath(self, node: Node | None) -> str:
        """The way to an element: local names, numbered where there are several."""
        steps: list[str] = []
        while node is not None:
            step, parent = node.name, node.parent
            if parent is not None:
                twins = [child for child in parent.children if child.name == node.name]
                if len(twins) > 1:
                    step += f"[{next(n for n, t in enumerate(twins, 1) if t is node)}]"
            steps.append(step)
            node = parent
        return "/" + "/".join(reversed(steps)) if steps else ""


def open_document(source: bytes, file: str) -> tuple[Document | None, list[Finding]]:
    """Parse a file; without a document when it cannot be read as XML, and the reasons."""
    text, problems = decode(source)
    if text is None:
        return None, problems
    if text.count("<") > 2 * MAX_ELEMENTS:
        return None, [*problems, finding(XML_LIMIT, f"more than {MAX_ELEMENTS:,} elements")]
    try:
        element = etree.fromstring(text.encode(), _PARSER)
        if element.getroottree().docinfo.internalDTD is not None:  # the second lock on this door
            return None, [
                *problems,
                finding(XML_DOCTYPE, "the file has a document type declaration"),
            ]
        root = _build(element)
    except etree.XMLSyntaxError as error:
        return None, [*problems, explain(text, error.msg or "", *error.position)]
    except _TooBigError as error:
        return None, [*problems, finding(XML_LIMIT, str(error))]
    return Document(file, source, text, root, tuple(_alerts(root))), problems


def read_document(source: bytes, file: str) -> Document:
    """A document, or a `CapError` that says why it is none."""
    document, problems = open_document(source, file)
    if document is None:
        raise CapError(problem.diagnostic(file) for problem in problems)
    return document


class _TooBigError(Exception):
    """Deeper than any message."""


def _build(root: etree._Element) -> Node:
    """The parser's tree as nodes."""
    names: dict[str, tuple[str, str]] = {}
    count = 0

    def build(element: etree._Element, parent: Node | None, depth: int) -> Node:
        nonlocal count
        tag = element.tag
        name = names.get(tag)
        if name is None:
            namespace, _, local = tag.rpartition("}")
            name = names[tag] = (namespace[1:], local)
        node = Node(name[0], name[1], element.text or "", count, parent)
        count += 1
        if element.keys():
            node.attributes = {str(name): str(value) for name, value in element.items()}
        if len(element):
            if depth >= MAX_DEPTH:
                raise _TooBigError(f"elements stand more than {MAX_DEPTH} deep in each other")
            stray = node.text
            for child in element:
                node.children.append(build(child, node, depth + 1))
                tail = child.tail
                if tail is not None and not tail.isspace():
                    stray += tail
            node.stray = stray.strip()
        return node

    return build(root, None, 1)


def _alerts(node: Node) -> Iterator[Node]:
    """The outermost CAP messages in a tree."""
    if node.name == "alert" and node.namespace in VERSIONS:
        yield node
        return
    for child in node.children:
        yield from _alerts(child)
