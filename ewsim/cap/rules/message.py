"""Rules of <alert>: who says what to whom, and which messages it speaks of (CAP 1.2, 3.2.1)."""

import re
from datetime import datetime
from typing import Final, cast

from ewsim.cap.marks import Marks
from ewsim.cap.xml import values
from ewsim.cap.xml.node import VERSIONS, Node, Table

_FORBIDDEN: Final = re.compile(r"[\s,<&]")
_ABOUT_OTHERS: Final = frozenset(("Update", "Cancel", "Ack", "Error"))


def check(alert: Node, marks: Marks) -> None:
    """Judge the elements of <alert> itself."""
    version, table = VERSIONS[alert.namespace], alert.table
    for name, rule_ in (("identifier", "ID-CHARS"), ("sender", "SENDER-CHARS")):
        for node in table.get(name, ()):
            _name(node, rule_, marks)
    for node in table.get("sent", ()):
        time(node, version, marks)
    message_type = alert.value("msgType")
    _scope(alert.value("scope"), table, marks)
    for name in ("addresses", "incidents"):
        for node in table.get(name, ()):
            if node.text.count('"') % 2:
                marks.add("LIST-QUOTES", node, f"<{name}> has a quote that is not closed", offset=0)
    references = table.get("references", ())
    for node in references:
        _references(node, alert, version, marks)
    if message_type in _ABOUT_OTHERS and not any(node.text.strip() for node in references):
        where = table["msgType"][0]
        marks.add("REF-REQUIRED", where, f"this {message_type} does not say what it is about")
    if not alert.value("note"):
        if message_type == "Error":
            marks.add("NOTE-EXPECTED", table["msgType"][0], "this Error has no <note>")
        if alert.value("status") == "Exercise":
            marks.add("NOTE-EXPECTED", table["status"][0], "this Exercise has no <note>")
    if "info" not in table and message_type in {"Alert", "Update"}:
        marks.add("INFO-MISSING", alert, f"this {message_type} has no <info>")
    for node in table.get("password", ()):
        marks.add("PASSWORD", node, "the message holds a <password>")


def _name(node: Node, rule_: str, marks: Marks) -> None:
    match = _FORBIDDEN.search(node.text)
    if match:
        what = "white space" if match[0].isspace() else repr(match[0])
        marks.add(rule_, node, f"<{node.name}> holds {what}", offset=match.start())


def _scope(scope: str, table: Table, marks: Marks) -> None:
    restriction = [node for node in table.get("restriction", ()) if node.text.strip()]
    if scope == "Restricted" and not restriction:
        where = table["scope"][0]
        marks.add("SCOPE-RESTRICTION", where, "the scope is Restricted, and <restriction> is missing")
    if scope and scope != "Restricted":
        for node in restriction:
            marks.add("SCOPE-UNUSED", node, f"<restriction> in a message whose scope is {scope}")
    if scope == "Private" and not any(node.text.strip() for node in table.get("addresses", ())):
        marks.add("SCOPE-ADDRESSES", table["scope"][0], "the scope is Private, and <addresses> is missing")


def time(node: Node, version: str, marks: Marks) -> datetime | None:
    """The moment of a time, judged beyond its form.

    Parameters
    ----------
    node
        The element that holds it.
    version
        That of CAP: 1.2 demands more.
    marks
        Gets what is found.
    """
    found = moment(node)
    if found is None:
        if values.is_date_time(node.text):
            marks.add("TIME-READ", node, f"<{node.name}> is in a year beyond 9999", offset=0)
        elif node.text.strip() or node.name == "sent":
            marks.unreadable = True  # the schema's rules have said why
        return None
    text = node.text.strip()
    if text.endswith("+00:00"):
        marks.add("DT-UTC", node, f"<{node.name}> ends in +00:00", offset=node.text.index(text))
    elif version != "1.2" and text[-6] not in "+-":
        what = "Z" if text.endswith("Z") else "no offset"
        marks.add("DT-OFFSET", node, f"<{node.name}> has {what}", offset=node.text.index(text))
    return found


def moment(node: Node | None) -> datetime | None:
    """The moment of a time, read once; None without one."""
    if node is None:
        return None
    if node.meaning is None:
        node.meaning = values.read_time(node.text)
    return cast("datetime | None", node.meaning)


def _references(node: Node, alert: Node, version: str, marks: Marks) -> None:
    text, offset = node.text, 0
    seen: set[str] = set()
    own = (alert.value("sender"), alert.value("identifier"))
    sent = moment(alert.first("sent"))
    for item in text.split():
        offset = text.index(item, offset)
        if item in seen:
            message = f"the reference {item[:80]!r} is there twice"
            marks.add("REF-REPEATED", node, message, offset=offset)
        seen.add(item)
        if version == "1.0":
            identifier, slash, sender = item.partition("/")
            named, sound, when = (sender, identifier), bool(slash and identifier and sender), None
        else:
            parts = item.split(",")
            when = values.read_time(parts[2]) if len(parts) == 3 else None
            named, sound = (parts[0], parts[1] if len(parts) > 1 else ""), when is not None
            sound = sound and bool(named[0] and named[1])
        if not sound:
            form = "identifier/sender" if version == "1.0" else "sender,identifier,sent"
            marks.add("REF-FORMAT", node, f"the reference {item[:80]!r} is not {form}", offset=offset)
            if marks.full("REF-FORMAT"):
                return
        elif named == own and (when is None or when == sent):
            marks.add("REF-SELF", node, "the message refers to itself", offset=offset)
        elif when is not None and sent is not None and when > sent:
            message = f"the reference {item[:80]!r} names a message that was sent later"
            marks.add("REF-LATER", node, message, offset=offset)
        offset += len(item)
