"""The reader: from a CAP file to an `Alert`, or every fault that keeps it from being one.

It refuses what nobody could act on (no XML, a missing element, an unreadable area) and accepts what
only breaks the letter of the standard; `validate` reports all of it.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from ewsim.cap.alert import Alert, Area, Circle, Geocode, Info, Polygon, Position, Resource
from ewsim.cap.findings import Finding, finding
from ewsim.cap.marks import Marks
from ewsim.cap.rules import area as rules_area
from ewsim.cap.rules import message as rules_message
from ewsim.cap.rules import structure
from ewsim.cap.xml import values
from ewsim.cap.xml.document import XmlDocument, open_document
from ewsim.cap.xml.node import SIGNATURE, VERSIONS, Node
from ewsim.cap.xml.text import MAX_OCTETS
from ewsim.errors import CapError, Diagnostic, expect

#: Roots of feeds and envelopes, and what holds an alert in them or leads to it.
FEEDS: Final = frozenset(("feed", "rss", "RDF", "EDXLDistribution"))
_ENTRIES: Final = frozenset(("entry", "item", "contentObject"))


def read_alert(path: Path) -> Alert:
    """The message in a file.

    Raises
    ------
    CapError
        The file cannot be opened, is no CAP message, or holds faults that stop a reader: all of
        them, with line and column.
    """
    return parse_alert(read_source(path), str(path))


def read_source(path: Path) -> bytes:
    """The bytes of a file, one more than allowed at most; raises `CapError` without the file."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_OCTETS + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CapError([Diagnostic(str(path), 0, 0, f"cannot be read: {reason}")]) from error


def parse_alert(source: bytes, file: str) -> Alert:
    """The one message in the bytes of a file; raises `CapError` as `read_alert` does."""
    expect(source, bytes, "parse takes the bytes of a message, as Path.read_bytes gives them")
    document, problems = open_document(source, file)
    if document is None:
        raise CapError(problem.diagnostic(file) for problem in problems)
    must_hold_alert(document)
    if len(document.alerts) > 1:
        count = f"The file holds {len(document.alerts)} alerts, and one is wanted."
        fix = "`ewsim cap feed FILE -o FOLDER` writes each into a file of its own."
        raise CapError([Diagnostic(file, 1, 1, count, fix)])
    alert, faults = _one(document, document.alerts[0])
    if alert is None:
        raise CapError(faults)
    return alert


def must_hold_alert(document: XmlDocument) -> None:
    """Raise `CapError` with the reason why there is no message in a document, where there is none."""
    if document.alerts:
        return
    none, file = no_alert(document), document.file
    fix = none.fix if none.severity == "error" else "Name a file with a message in it."
    raise CapError([Diagnostic(file, none.line, none.column, none.message, fix, rule=none.rule)])


def parse_alerts(source: bytes, file: str) -> tuple[list[Alert], list[Diagnostic]]:
    """The messages of a file, a feed or an envelope, and the faults of those that are none."""
    document, problems = open_document(source, file)
    if document is None:
        return [], [problem.diagnostic(file) for problem in problems]
    if not document.alerts:
        none = no_alert(document)
        return [], [none.diagnostic(file)] if none.severity == "error" else []
    alerts, faults = [], []
    for node in document.alerts:
        alert, wrong = _one(document, node)
        alerts += [alert] if alert is not None else []
        faults += wrong
    return alerts, faults


def _one(document: XmlDocument, node: Node) -> tuple[Alert | None, list[Diagnostic]]:
    """One message, or None and every fault that stops a reader."""
    marks = Marks()
    structure.check(node, marks)
    alert = build(document, node, marks)
    stops = [f for f in marks.findings(document) if f.stops]
    return (None if stops else alert), [f.diagnostic(document.file) for f in stops]


#: What to do about a known root that is not <alert>; CAP 1.1, 3.3.2.2, allows encryption.
_FIXES: Final = {
    "feed": "`ewsim cap feed` fetches the alerts that it links to.",
    "rss": "`ewsim cap feed` fetches the alerts that it links to.",
    "RDF": "`ewsim cap feed` fetches the alerts that it links to.",
    "EncryptedData": "Decrypt it with the key of the recipient; what comes out can be checked.",
}


def no_alert(document: XmlDocument) -> Finding:
    """Why a well-formed document holds no CAP message."""
    root = document.root
    place = document.place(root)
    if root.name in FEEDS and not _has_entries(root):
        return finding(
            "FEED-EMPTY", f"the <{root.name}> is empty: no alert is in force", "", place.line, place.column
        )
    if root.name == "alert":
        have = f"the namespace {root.namespace!r}" if root.namespace else "no namespace"
        message = f"the root <alert> has {have}, not that of a CAP version"
    elif root.name in FEEDS:
        message = f"the <{root.name}> has no CAP alert in it"
    elif root.name == "EncryptedData":
        message = "the file is encrypted: its root is <EncryptedData>, not <alert>"
    else:
        message = f"the root is <{root.name[:60]}>, not <alert>"
    fix = _FIXES.get(root.name, "")
    return finding("ROOT", message, fix, place.line, place.column)


def _has_entries(node: Node) -> bool:
    return any(child.name in _ENTRIES or _has_entries(child) for child in node.children)


def build(document: XmlDocument, node: Node, marks: Marks, *, places: bool = True) -> Alert | None:
    """An `Alert` of an <alert> element; None when `marks` then holds a fault that stops.

    Parameters
    ----------
    document
        The file, which knows the places.
    node
        The <alert>.
    marks
        Gets what is found.
    places
        Whether positions are looked up, which doubles the time.
    """
    return _AlertBuilder(document, marks, VERSIONS[node.namespace] == "1.0", places).alert(node)


def outline(info: Node) -> Info:
    """What decides whether an <info> is broadcast and with which text; not its areas and resources."""
    v10, value = VERSIONS[info.namespace] == "1.0", info.value
    return Info(
        value("language") or "en-US",
        (),
        value("event"),
        value("urgency"),
        value("severity"),
        value("certainty"),
        response_types=_texts(info, "responseType"),
        event_codes=_pairs(info, "eventCode", v10),
        expires=rules_message.moment(info.first("expires")),
        sender_name=value("senderName"),
        headline=value("headline"),
        description=value("description"),
        instruction=value("instruction"),
        parameters=_pairs(info, "parameter", v10),
    )


class _AlertBuilder:
    """Turns elements into values; a fault is noted and its value left out."""

    def __init__(self, document: XmlDocument, marks: Marks, v10: bool, places: bool) -> None:
        self.document = document
        self.marks = marks
        self.v10 = v10
        self.places = places

    def place(self, node: Node) -> Position:
        return self.document.place(node) if self.places else Position()

    def alert(self, node: Node) -> Alert | None:
        sent = self.time(node, "sent")
        infos = tuple(self.info(child) for child in node.every("info"))
        if sent is None or self.marks.stopping():
            return None
        return Alert(
            version=VERSIONS[node.namespace],
            identifier=node.value("identifier"),
            sender=node.value("sender"),
            sent=sent,
            status=node.value("status"),
            msg_type=node.value("msgType"),
            scope=node.value("scope") or "Public",
            source=_text(node, "source"),
            restriction=_text(node, "restriction"),
            addresses=values.read_list(node.value("addresses")),
            codes=_texts(node, "code"),
            note=_text(node, "note"),
            references=tuple(node.value("references").split()),
            incidents=values.read_list(node.value("incidents")),
            infos=infos,
            file=self.document.file,
            position=self.place(node),
            positions=self.positions(node) if self.places else {},
            signed=any(c.namespace == SIGNATURE and c.name == "Signature" for c in node.children),
        )

    def positions(self, alert: Node) -> dict[str, Position]:
        """Where the values of <alert> (by name) and of each <info> (`info[1]/expires`) stand."""
        found: dict[str, Position] = {}
        for child in alert.children:
            if child.name != "info":
                found.setdefault(child.name, self.document.place(child))
        for n, info in enumerate(alert.every("info"), 1):
            for child in info.children:
                found.setdefault(f"info[{n}]/{child.name}", self.document.place(child))
        return found

    def info(self, node: Node) -> Info:
        return Info(
            language=node.value("language") or "en-US",
            categories=_texts(node, "category"),
            event=node.value("event"),
            urgency=node.value("urgency"),
            severity=node.value("severity"),
            certainty=node.value("certainty"),
            response_types=_texts(node, "responseType"),
            audience=_text(node, "audience"),
            event_codes=_pairs(node, "eventCode", self.v10),
            effective=self.time(node, "effective"),
            onset=self.time(node, "onset"),
            expires=self.time(node, "expires"),
            sender_name=_text(node, "senderName"),
            headline=_text(node, "headline"),
            description=_text(node, "description"),
            instruction=_text(node, "instruction"),
            web=_text(node, "web"),
            contact=_text(node, "contact"),
            parameters=_pairs(node, "parameter", self.v10),
            resources=tuple(self.resource(child) for child in node.every("resource")),
            areas=tuple(self.area(child) for child in node.every("area")),
            position=self.place(node),
        )

    def resource(self, node: Node) -> Resource:
        size = node.value("size")
        return Resource(
            description=node.value("resourceDesc"),
            mime_type=_text(node, "mimeType"),
            size=int(size) if values.is_integer(size) and len(size) < 20 else None,
            uri=_text(node, "uri"),
            deref_uri=_text(node, "derefUri"),
            digest=_text(node, "digest"),
            position=self.place(node),
        )

    def area(self, node: Node) -> Area:
        place = self.place
        rings = [(rules_area.polygon(c, self.marks), c) for c in node.every("polygon")]
        discs = [(rules_area.circle(c, self.marks), c) for c in node.every("circle")]
        return Area(
            description=node.value("areaDesc"),
            polygons=tuple(Polygon(ring, place(child)) for ring, child in rings if ring),
            circles=tuple(Circle(*disc, place(child)) for disc, child in discs if disc),
            geocodes=tuple(Geocode(*_pair(child, self.v10), place(child)) for child in node.every("geocode")),
            altitude_ft=values.read_number(node.value("altitude")),
            ceiling_ft=values.read_number(node.value("ceiling")),
            position=place(node),
        )

    def time(self, node: Node, name: str) -> datetime | None:
        child = node.first(name)
        if child is None or not child.text.strip():
            if child is not None and name == "sent":
                self.marks.add("TIME-READ", child, "<sent> is empty")
            return None
        moment = rules_message.moment(child)
        if moment is None:
            shown = child.text.strip()[:60]
            message = f"<{name}> is {shown!r}, not a date and time"
            self.marks.add("TIME-READ", child, message, offset=0)
        return moment


def _pair(node: Node, v10: bool) -> tuple[str, str]:
    if v10:
        return values.read_pair(node.text)
    return node.value("valueName"), node.value("value")


def _pairs(node: Node, name: str, v10: bool) -> tuple[tuple[str, str], ...]:
    found = node.table.get(name)
    return tuple([_pair(child, v10) for child in found]) if found else ()


def _text(node: Node, name: str) -> str | None:
    return node.value(name) or None


def _texts(node: Node, name: str) -> tuple[str, ...]:
    found = node.table.get(name)
    return tuple([text for child in found if (text := child.text.strip())]) if found else ()
