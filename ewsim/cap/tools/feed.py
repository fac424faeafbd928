"""Feeds of alerts: read an Atom or RSS feed from a file or a URL, keep a folder of its alerts.

What a URL leads to is fetched within limits (`fetch`); a file's links stay in its own folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin

from ewsim.cap.reader import FEEDS, no_alert
from ewsim.cap.tools.fetch import CAP_TYPE, Limits, fetch_url
from ewsim.cap.xml.document import XmlDocument, read_document
from ewsim.cap.xml.markup import Span, spans
from ewsim.cap.xml.node import Node
from ewsim.errors import CapError, Diagnostic, RunError, UsageError


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a feed: where it came from and its bytes, or why there are none."""

    place: str
    source: bytes | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one alert in the folder."""

    path: Path
    state: Literal["new", "known", "changed"]


def read_feed(place: str, limits: Limits | None = None) -> tuple[Item, ...]:
    """The alerts of a feed: those inside it, and those it links to.

    Parameters
    ----------
    place
        A URL (http, https) or a file. Links of a file lead into its own folder or to a URL.

    Raises
    ------
    UsageError
        A file that cannot be opened.
    CapError
        The feed itself cannot be read; a single alert that cannot be is an `Item` with a problem.
    """
    limits = limits or Limits()
    deadline = time.monotonic() + limits.seconds
    remote = _is_url(place)
    source = fetch_url(place, limits, deadline) if remote else _read_file(Path(place), limits, named=True)
    document = read_document(source, place)
    if document.alerts and document.alerts[0] is document.root:
        return (Item(place, source),)
    if not document.alerts and document.root.name not in FEEDS:
        raise CapError([no_alert(document).diagnostic(place)])
    items = _parts(document, source, place)
    links = list(dict.fromkeys(_links(document.root)))
    wanted = links[: max(limits.alerts - len(items), 0)]
    for link in wanted:
        items += _follow(link, place, remote, limits, deadline)
    left = len(links) - len(wanted) + max(len(document.alerts) - limits.alerts, 0)
    if left > 0:
        more = "alert is" if left == 1 else "alerts are"
        beyond = Item(place, None, f"{left} more {more} beyond the limit of {limits.alerts}")
        return (*items[: limits.alerts], beyond)
    return tuple(items[: limits.alerts])


def _follow(link: str, feed: str, remote: bool, limits: Limits, deadline: float) -> list[Item]:
    """What a link leads to: an alert, or the alerts of an envelope; or why there is none."""
    place = link
    try:
        if remote or _is_url(link):
            place = urljoin(feed, link) if remote else link
            source = fetch_url(place, limits, deadline)
        else:
            folder = Path(feed).parent
            path = (folder / link).resolve()
            if not path.is_relative_to(folder.resolve()):
                return [Item(link, None, "it leads out of the feed's folder")]
            place = str(folder / path.relative_to(folder.resolve()))
            source = _read_file(Path(place), limits)
        document = read_document(source, place)
    except CapError as error:
        found = error.diagnostics[0]
    else:
        if document.alerts:
            return _parts(document, source, place)
        found = no_alert(document).diagnostic(place)
    where = f"line {found.line}: " if found.line else ""
    return [Item(place, None, f"{where}{found.message}")]


def _parts(document: XmlDocument, source: bytes, place: str) -> list[Item]:
    """Each alert of a file as a document of its own."""
    if document.alerts == (document.root,):
        return [Item(place, source)]
    if not document.alerts:
        return []
    elements = list(_parsed(document.text.encode()).iter("*"))
    places = spans(document.text)
    return [
        Item(f"{place}#{n}", _cut(document.text, places[a.index], elements[a.index]))
        for n, a in enumerate(document.alerts, 1)
    ]


def _cut(text: str, span: Span, element: Any) -> bytes:
    """An alert of a feed as it is written, so that signatures hold; with the feed's names if it
    needs them."""
    from lxml import etree

    whole = etree.tostring(element, encoding="utf-8", with_tail=False)
    own = text[span.start : span.end].encode()
    try:
        alone = _canonical(own) == _canonical(whole)
    except etree.LxmlError:
        alone = False
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + (own if alone else whole)


def _canonical(source: bytes) -> bytes:
    from lxml import etree

    made: bytes = etree.tostring(_parsed(source), method="c14n", exclusive=True)
    return made


def _parsed(source: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True)
    return etree.fromstring(source, parser)


def _is_url(place: str) -> bool:
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", place) is not None


def _read_file(path: Path, limits: Limits, *, named: bool = False) -> bytes:
    """A file; when it was `named` by the user and is not there, the command was wrong."""
    try:
        with path.open("rb") as file:
            source = file.read(limits.octets + 1)
    except (OSError, ValueError) as error:
        if named:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{path} cannot be read: {reason}.") from None
        reason = getattr(error, "strerror", None) or error
        raise CapError([Diagnostic(str(path), 0, 0, f"it cannot be read: {reason}")]) from None
    if len(source) > limits.octets:
        raise CapError([Diagnostic(str(path), 0, 0, f"it is larger than {limits.octets} bytes")])
    return source


def _links(root: Node) -> Iterator[str]:
    """What the entries of an Atom feed or the items of an RSS feed lead to; CAP's type first."""
    stack = [root]
    entries: list[Node] = []
    while stack:
        node = stack.pop()
        if node.name in ("entry", "item"):
            entries.append(node)
        else:
            stack += reversed(node.children)
    for entry in entries:
        if any(_holds_alert(child) for child in entry.children):
            continue
        found = [
            (child.attributes or {}, child.text.strip())
            for child in entry.children
            if child.name in ("link", "enclosure")
        ]
        typed = [a.get("href") or a.get("url") for a, _ in found if a.get("type") == CAP_TYPE]
        other = [
            a.get("href") or text
            for a, text in found
            if a.get("rel", "alternate") == "alternate" and a.get("type") != "text/html"
        ]
        link = next((link for link in (*typed, *other) if link), None)
        if link:
            yield link


def _holds_alert(node: Node) -> bool:
    return node.name == "alert" or any(_holds_alert(child) for child in node.children)


# --- the folder -----------------------------------------------------------------------------------


def keep(source: bytes, folder: Path) -> Kept:
    """Write one alert into a folder under a name made of its identifier; whole or not at all.

    Raises
    ------
    CapError
        It is no alert.
    RunError
        The folder cannot be written.
    """
    document = read_document(source, "alert")
    if not document.alerts:
        raise CapError([no_alert(document).diagnostic("alert")])
    node = document.alerts[0]
    path = folder / _file_name(node.value("sender"), node.value("identifier"), node.value("sent"))
    try:
        before = path.read_bytes() if path.exists() else None
        if before == source:
            return Kept(path, "known")
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(source)
        part.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise RunError(f"{path} cannot be written: {reason}.") from None
    return Kept(path, "new" if before is None else "changed")


def _file_name(sender: str, identifier: str, sent: str) -> str:
    """A name for a message that any file system takes: letters, digits, - _ . and a short hash."""
    digest = hashlib.sha256(f"{sender}\0{identifier}\0{sent}".encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", identifier).strip("-")[:80] or "alert"
    return f"{plain}.{digest}.xml"
