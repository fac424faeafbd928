"""From bytes to a tree of elements that know their line and column.

libxml2 checks the XML and gives the tree. It keeps no columns, so the places come from a scan of
the same text for its start tags (`markup`), made only when somebody asks. Nothing is ever
expanded: a document type declaration is refused before the parser sees the text.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import Final

from lxml import etree

from ewsim.cap.alert import Position
from ewsim.cap.findings import Finding, finding
from ewsim.cap.xml import markup
from ewsim.cap.xml.content import ALERT, names_of
from ewsim.cap.xml.node import NAMESPACES, NO_TABLE, VERSIONS, Node
from ewsim.cap.xml.text import LINE_END, MAX_ALERTS, MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, decode, explain
from ewsim.cap.xml.values import SPACE
from ewsim.errors import CapError

_PARSER: Final = etree.XMLParser(
    encoding="utf-8",  # the text was decoded here, whatever its declaration says
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_INDEX: Final = attrgetter("index")
_ATTRIBUTES: Final = etree.XPath("boolean(/*//*/@*)")


class _Tags(dict[str, tuple[str, str]]):
    """Namespace and name of a tag as the parser writes it; those of CAP are ready."""

    def __missing__(self, tag: str) -> tuple[str, str]:
        namespace, _, name = tag.rpartition("}")
        return namespace[1:], name


_TAGS: Final = _Tags(
    (f"{{{namespace}}}{name}", (namespace, name))
    for version, namespace in NAMESPACES.items()
    for name in names_of(ALERT[version])
)


@dataclass(eq=False)
class XmlDocument:
    """A well-formed document without a document type declaration.

    `text` is the decoded file,
    `alerts` the CAP messages in it: one, or those a feed or an envelope holds.
    """

    file: str
    text: str
    root: Node
    alerts: tuple[Node, ...]
    #: A character and its line, the last that was asked for: places are mostly asked in order.
    _last: tuple[int, int] = (0, 1)
    #: Whether carriage returns may end lines.
    _returns: bool | None = None
    #: Where start tags begin in the text, in document order, as far as somebody has asked.
    _starts: list[int] = field(default_factory=list)
    _more_starts: Iterator[int] | None = None
    _named: dict[tuple[int, str], Sequence[Node]] = field(default_factory=dict)

    def _start(self, node: Node) -> int:
        """Where the start tag of a node begins in the text."""
        starts = self._starts
        if self._more_starts is None:
            self._more_starts = markup.starts(self.text)
        if len(starts) <= node.index:
            starts += islice(self._more_starts, node.index + 1 - len(starts))
        return starts[node.index]

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins in a text with carriage returns."""
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of a character of the text."""
        if self._returns is None:
            self._returns = "\r" in self.text
        before, line = self._last
        if offset < before or self._returns:  # else counting on is quicker
            line = bisect_right(self._lines, offset)
            return line, offset - self._lines[line - 1] + 1
        line += self.text.count("\n", before, offset)
        self._last = offset, line
        return line, offset - self.text.rfind("\n", 0, offset)

    def place(self, node: Node | None, offset: int | None = None) -> Position:
        """Line and column of an element, or of a character of its text."""
        return Position(*self.line_and_column(self.offset(node, offset)))

    def offset(self, node: Node | None, offset: int | None = None) -> int:
        """Which character of the text begins an element, or is a character of the element's text.

        The latter is exact unless entities or comments stand before it in the same text.
        """
        if node is None:
            return 0
        start = self._start(node)
        return start if offset is None else markup.tag_end(self.text, start) + offset

    def xpath(self, node: Node | None) -> str:
        """The way to an element: local names, numbered where there are several."""
        if node is None:
            return ""
        here: Node = self.root
        way = "/" + here.name
        while here.index != node.index:
            # the last child that begins no later than the node holds it
            child = here.children[bisect_right(here.children, node.index, key=_INDEX) - 1]
            way += f"/{child.name}"
            twins = self._twins(here, child.name)
            if len(twins) > 1:
                way += f"[{bisect_right(twins, child.index, key=_INDEX)}]"
            here = child
        return way

    def _twins(self, parent: Node, name: str) -> Sequence[Node]:
        """The children of an element that have the same local name, in whatever namespace."""
        key = parent.index, name
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = [child for child in parent.children if child.name == name]
        return found


def open_document(source: bytes, file: str) -> tuple[XmlDocument | None, list[Finding]]:
    """Parse a file; without a document when it cannot be read as XML, and the reasons."""
    text, problems = decode(source)
    if text is None:
        return None, problems
    if len(text) > 2 * MAX_ELEMENTS and text.count("<") > 2 * MAX_ELEMENTS:
        return None, [*problems, finding("XML-LIMIT", f"more than {MAX_ELEMENTS:,} elements")]
    try:
        element = etree.fromstring(text.encode(), _PARSER)
        if element.getroottree().docinfo.internalDTD is not None:  # the second lock on this door
            return None, [*problems, finding("XML-DOCTYPE", "the file has a document type declaration")]
        root = _build(element)
    except etree.XMLSyntaxError as error:
        return None, [*problems, explain(text, error.msg or "", *error.position)]
    except _TooBigError as error:
        return None, [*problems, finding("XML-LIMIT", str(error), line=error.line, column=1)]
    alerts = tuple(islice(_alerts(root), MAX_ALERTS + 1))
    if len(alerts) > MAX_ALERTS:
        return None, [*problems, finding("XML-LIMIT", f"more than {MAX_ALERTS:,} alerts")]
    return XmlDocument(file, text, root, alerts), problems


def read_document(source: bytes, file: str) -> XmlDocument:
    """A document, or a `CapError` that says why it is none."""
    document, problems = open_document(source, file)
    if document is None:
        raise CapError(problem.diagnostic(file) for problem in problems)
    return document


class _TooBigError(Exception):
    """Deeper than any message, from this line on."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _build(root: etree._Element) -> Node:
    """The parser's tree as nodes: one pass in document order, the open elements on a stack."""
    attributes = bool(root.keys() or _ATTRIBUTES(root))  # most messages have none: asked once
    tags = _TAGS
    parent = above = Node()
    parent.namespace = parent.text = ""
    source, left = root, 1
    children: list[Node] = []
    table: dict[str, list[Node]] = {}
    tails = ""
    open_: list[tuple[Node, list[Node], dict[str, list[Node]], str, int, etree._Element]] = []
    for index, element in enumerate(root.iter()):
        made = Node()
        made.namespace, name = tags[element.tag]
        made.name = name
        made.text = element.text or ""
        made.index = index
        made.meaning = None
        made.attributes = _attributes(element) if attributes and element.keys() else None
        made.children = ()
        made.table = NO_TABLE
        made.stray = ""
        children.append(made)
        if made.namespace == parent.namespace:
            if name in table:
                table[name].append(made)
            else:
                table[name] = [made]
        tail = element.tail
        if tail:
            tails += tail
        left -= 1
        inner = len(element)
        if inner:
            if len(open_) + 1 == MAX_DEPTH:
                message = f"elements are nested more than {MAX_DEPTH} deep"
                raise _TooBigError(message, element.sourceline)  # type: ignore[arg-type]
            open_.append((parent, children, table, tails, left, source))
            parent, children, table, tails, left, source = made, [], {}, made.text, inner, element
            continue
        while not left:  # the last child of an element ends it
            parent.children, parent.table = children, table
            if tails and (tails.strip() or not tails.isascii()):  # XML's white space is ASCII
                parent.stray = _stray(parent, source)
            if not open_:
                break
            parent, children, table, tails, left, source = open_.pop()
    return above.children[0]


def _stray(node: Node, elements: Iterable[etree._Element]) -> str:
    """The text between the children of an element, without those parts that are white space."""
    tails = (element.tail or "" for element in elements)
    return "".join([node.text, *(tail for tail in tails if tail.strip(SPACE))]).strip(SPACE)


def _attributes(element: etree._Element) -> dict[str, str]:
    if len(element.keys()) > MAX_ATTRIBUTES:  # the parser looks each one up among all of them
        message = f"<{_TAGS[element.tag][1]}> has more than {MAX_ATTRIBUTES:,} attributes"
        raise _TooBigError(message, element.sourceline)  # type: ignore[arg-type]
    return {str(name): str(value) for name, value in element.items()}


def _alerts(node: Node) -> Iterator[Node]:
    """The outermost CAP messages in a tree."""
    if node.name == "alert" and node.namespace in VERSIONS:
        yield node
        return
    for child in node.children:
        yield from _alerts(child)
