"""The entries of a feed: which alert each one carries, or which links may lead to it.

Atom (RFC 4287), RSS 2.0, RSS 1.0 (RDF) and Media RSS, as feeds of alerts write them: a link with or
without a type, an enclosure, content by reference, an alert as text in CDATA, a guid that is a link.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Final
from urllib.parse import urljoin, urlsplit

from ewsim.cap.xml.node import VERSIONS, Node

_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_LINKS: Final = ("link", "enclosure", "guid", "content")
_TEXTS: Final = ("content", "encoded", "description", "summary")
_RELATIONS: Final = ("alternate", "enclosure", "item")
_REGISTERED: Final = re.compile(r"^https?://www\.iana\.org/assignments/(link-)?relations?/")
#: Types that no alert has.
_OTHER_TYPES: Final = re.compile(
    r"text/html|application/(xhtml|atom|rss|rdf)\+xml|application/pdf|(?!text|app).*"
)
_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]*\?>")
_ALERT_TAG: Final = re.compile(r"<(?:[\w.-]+:)?alert[\s>]")
#: Links of one entry that are tried.
MOST_LINKS: Final = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry without an <alert> element: `carried` is a text that may be one, `links` the best first."""

    name: str
    carried: str
    links: tuple[str, ...]


def read_entries(root: Node, base: str) -> Iterator[Entry]:
    """The entries below a feed's root that hold no <alert> element themselves.

    Relative links are taken from `base`, where the feed was read; empty for a file.
    """
    stack = [(root, base)]
    number = 0
    while stack:
        node, base = stack.pop()
        base = _based(node, base)
        if node.name not in ("entry", "item", "contentObject"):
            stack += [(child, base) for child in reversed(node.children)]
            continue
        number += 1
        if not any(_holds_alert(child) for child in node.children):
            title = next((" ".join(c.text.split())[:60] for c in node.children if c.name == "title"), "")
            name = f"entry {number}" + (f" ({title})" if title else "")
            yield Entry(name, _carried(node), _links(node, base))


def _holds_alert(node: Node) -> bool:
    own = node.name == "alert" and node.namespace in VERSIONS
    return own or any(_holds_alert(child) for child in node.children)


def _based(node: Node, base: str) -> str:
    """The base of what is inside an element (XML Base)."""
    own = (node.attributes or {}).get(_BASE, "").strip()
    return join(base, own) if own else base


def join(base: str, link: str) -> str:
    """A link from its base; as it stands where it is no link at all."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _carried(entry: Node) -> str:
    """The first text of an entry that may be an alert; content of EDXL-DE is in base64."""
    coded = (part.text for child in entry.children for part in child.children if part.name == "contentData")
    texts = [*(child.text for child in entry.children if child.name in _TEXTS), *map(_decoded, coded)]
    found = next((t for t in texts if t.lstrip()[:1] == "<" and _ALERT_TAG.search(t)), "")
    return _DECLARATION.sub("", found, count=1)


def _decoded(text: str) -> str:
    """Text in base64; empty where it is not."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError:
        return ""


def _links(entry: Node, base: str) -> tuple[str, ...]:
    """What may lead to the alert, the likeliest first; a base is that of each element."""
    ranked = ((rank, _based(child, base), link) for child in entry.children for rank, link in _ranked(child))
    found = sorted(ranked, key=itemgetter(0))
    return tuple(dict.fromkeys(join(where, link) for _, where, link in found))[:MOST_LINKS]


def _ranked(node: Node) -> Iterator[tuple[int, str]]:
    """The link of an element and how likely it leads to an alert, 0 the most; nothing without one."""
    if node.name not in _LINKS:
        return
    attributes = node.attributes or {}
    link = attributes.get("href") or attributes.get("url") or attributes.get("src") or ""
    if not link and node.name in ("link", "guid"):
        link = node.text
    link = "".join(link.split())
    type_ = attributes.get("type", "").partition(";")[0].strip().lower()
    if not link or (node.name == "guid" and attributes.get("isPermaLink", "").strip().lower() == "false"):
        return
    relation = _REGISTERED.sub("", attributes.get("rel", "alternate").strip().lower())
    if "cap+xml" in type_:
        yield 0, link
    elif type_ and _OTHER_TYPES.fullmatch(type_):
        return
    elif relation not in _RELATIONS:
        yield 5, link
    elif node.name == "guid":
        yield 4, link
    elif type_.endswith("xml"):
        yield 1, link
    else:
        yield 2 if _names_xml(link) else 3, link


def _names_xml(link: str) -> bool:
    try:
        return urlsplit(link).path.lower().endswith((".xml", ".cap"))
    except ValueError:
        return False
