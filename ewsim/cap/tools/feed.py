"""Feeds of alerts: read an Atom or RSS feed from a file or a URL, keep a folder of its alerts.

What a URL leads to is fetched within limits (`fetch`); a file's links stay in its own folder.
"""

import hashlib
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote

from ewsim.cap.reader import FEEDS, no_alert
from ewsim.cap.tools.entries import Entry, read_entries
from ewsim.cap.tools.fetch import Limits, fetch_from, fetch_url
from ewsim.cap.xml.document import XmlDocument, read_document
from ewsim.cap.xml.markup import Span, spans
from ewsim.errors import CapError, Diagnostic, RunError, UnreadableError
from ewsim.files import write_file


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a feed: where it came from and its bytes, or why there are none.

    `lost`: without bytes an alert is missing; else the entry was no alert.
    """

    place: str
    source: bytes | None
    problem: str = ""
    lost: bool = True


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
    base, source = "", b""
    if _is_url(place):
        base, source = fetch_from(place, limits, deadline)
    else:
        source = _read_file(Path(place), limits, named=True)
    document = read_document(source, place)
    if document.alerts and document.alerts[0] is document.root:
        return (Item(place, source),)
    if not document.alerts and document.root.name not in FEEDS:
        raise CapError([no_alert(document).diagnostic(place)])
    items = _parts(document, source, place)
    every = read_entries(document.root, base)
    found = {(entry.carried, entry.links) if entry.links else entry.name: entry for entry in every}
    wanted = list(found.values())[: max(limits.alerts - len(items), 0)]
    for entry in wanted:
        items += _entry(entry, place, base, limits, deadline)
    left = len(found) - len(wanted) + max(len(document.alerts) - limits.alerts, 0)
    if left > 0:
        more = "alert is" if left == 1 else "alerts are"
        beyond = Item(place, None, f"{left} more {more} beyond the limit of {limits.alerts}")
        return (*items[: limits.alerts], beyond)
    return tuple(items[: limits.alerts])


#: An entry that stands for none, as in the feeds of the National Weather Service.
_NOTICE: Final = re.compile(r"\bno (?:\w+ )?(?:alert|warning|watch|advisor)", re.IGNORECASE)


def _entry(entry: Entry, feed: str, base: str, limits: Limits, deadline: float) -> list[Item]:
    """The alerts of one entry: in its text, or where its links lead; or why there are none."""
    name = f"{feed}: {entry.name}"
    if entry.carried:
        source = entry.carried.encode()
        with suppress(CapError):
            if made := _parts(read_document(source, name), source, name):
                return made
    if _NOTICE.search(entry.name):
        return [Item(name, None, "it says that nothing is in force", lost=False)]
    problem = Item(name, None, "it holds no alert and has no link to one")
    for number, link in enumerate(entry.links):
        if base and link == base:
            note = "it leads back to the feed, so it is a notice and no alert"
            return [Item(name, None, note, lost=False)]
        found = _follow(link, feed, base, limits, deadline)
        if found[0].source is not None:
            return found
        if number == 0:
            problem = Item(f"{name}: {found[0].place}", None, found[0].problem)
    return [problem]


def _follow(link: str, feed: str, base: str, limits: Limits, deadline: float) -> list[Item]:
    """What a link leads to: an alert, or the alerts of an envelope; or why there is none."""
    place = link
    try:
        if base or _is_url(link):
            source = fetch_url(link, limits, deadline)
        else:
            folder = Path(feed).parent
            path = _resolved(folder / unquote(link.partition("#")[0]))
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


def _resolved(path: Path) -> Path:
    """Where a path leads, through symbolic links."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError) as error:  # NUL, too long, links in a circle
        raise CapError([Diagnostic(str(path), 0, 0, f"this is not a path: {error}")]) from None


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
            raise UnreadableError.of(path, error) from None
        reason = getattr(error, "strerror", None) or error
        raise CapError([Diagnostic(str(path), 0, 0, f"it cannot be read: {reason}")]) from None
    if len(source) > limits.octets:
        raise CapError([Diagnostic(str(path), 0, 0, f"it is larger than {limits.octets} bytes")])
    return source


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
        made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            write_file(path, source, force=True)
        except RunError:
            if made:  # a full disk leaves no empty folder
                folder.rmdir()
            raise
    except OSError as error:
        reason = error.strerror or error
        raise RunError(f"{path} cannot be written: {reason}.") from None
    return Kept(path, "new" if before is None else "changed")


def _file_name(sender: str, identifier: str, sent: str) -> str:
    """A name for a message that any file system takes: letters, digits, - _ . and a short hash."""
    digest = hashlib.sha256(f"{sender}\0{identifier}\0{sent}".encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", identifier).strip("-")[:80] or "alert"
    return f"{plain}.{digest}.xml"
