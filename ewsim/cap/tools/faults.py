"""Faults to plant in a good message: each changes one thing, and the validator must name it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from ewsim.cap.findings import Finding
from ewsim.cap.validator import validate


@dataclass(frozen=True, slots=True)
class ExerciseFault:
    """One change of a text: the first match of `find` becomes `put`; `rule` is what it breaks.

    `effect` is what comes of it on the way to the phone.
    """

    rule: str
    title: str
    effect: str
    find: str
    put: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A message with one fault, and every finding that the good message does not have."""

    fault: ExerciseFault
    text: str
    findings: tuple[Finding, ...] = field(compare=False)


FAULTS: Final = (
    ExerciseFault(
        "STRUCT-MISSING",
        "A required element was left out.",
        "A required fact is unknown: a gateway refuses the message.",
        r"\s*<status>[^<]*</status>",
        "",
    ),
    ExerciseFault(
        "STRUCT-ORDER",
        "Two elements changed places.",
        "A gateway that checks the schema refuses the message; a lenient one does not notice.",
        r"(<urgency>[^<]*</urgency>)(\s*)(<severity>[^<]*</severity>)",
        r"\3\2\1",
    ),
    ExerciseFault(
        "STRUCT-REPEATED",
        "An element that is allowed once is there twice.",
        "A gateway that checks the schema refuses the message; another takes one of the two.",
        r"(\s*<event>[^<]*</event>)",
        r"\1\1",
    ),
    ExerciseFault(
        "STRUCT-UNKNOWN",
        "An element that CAP does not know was added.",
        "A gateway that checks the schema refuses the message; what it says is lost otherwise.",
        r"(\s*)(<scope>)",
        r"\1<priority>High</priority>\1\2",
    ),
    ExerciseFault(
        "STRUCT-WORD",
        "A value is not one of CAP's.",
        "The level of the alert cannot be derived: a gateway refuses the message.",
        r"<severity>[^<]*</severity>",
        "<severity>Catastrophic</severity>",
    ),
    ExerciseFault(
        "STRUCT-DATETIME",
        "A time has the letter Z instead of an offset.",
        "A strict gateway refuses the message, though everybody can read the time.",
        r"(<sent>[^<]*T\d\d:\d\d:\d\d)[+-]\d\d:\d\d",
        r"\1Z",
    ),
    ExerciseFault(
        "EMPTY-REQUIRED",
        "A required element is empty.",
        "The schema lets it pass; people see an area without a name.",
        r"<areaDesc>[^<]+</areaDesc>",
        "<areaDesc></areaDesc>",
    ),
    ExerciseFault(
        "ID-CHARS",
        "The identifier has a space in it.",
        "No update or cancel can refer to the message: references are split at spaces.",
        r"<identifier>([^<])",
        r"<identifier>\1 ",
    ),
    ExerciseFault(
        "SENDER-CHARS",
        "The sender has a comma in it.",
        "No update or cancel can refer to the message: references are split at commas.",
        r"<sender>([^<@]+)@",
        r"<sender>\1,@",
    ),
    ExerciseFault(
        "SCOPE-RESTRICTION",
        "The scope is restricted, and the message does not say to whom.",
        "It is not for the public: cell broadcast must not send it.",
        r"<scope>Public</scope>",
        "<scope>Restricted</scope>",
    ),
    ExerciseFault(
        "SCOPE-ADDRESSES",
        "The message is private, and has no address.",
        "It is not for the public, and it has no recipient.",
        r"<scope>Public</scope>",
        "<scope>Private</scope>",
    ),
    ExerciseFault(
        "REF-FORMAT",
        "A reference lacks its time.",
        "The broadcast centre cannot find the message it is about.",
        r"(\s*)(<info>)",
        r"\1<references>warnings@example.org,earlier.1</references>\1\2",
    ),
    ExerciseFault(
        "REF-REQUIRED",
        "An update does not say what it updates.",
        "The broadcast centre does not know what to replace: both messages stay on air.",
        r"<msgType>Alert</msgType>",
        "<msgType>Update</msgType>",
    ),
    ExerciseFault(
        "TIME-EXPIRED",
        "The message ends before it begins.",
        "The broadcast ends before it begins: phones never show it.",
        r"<expires>\d{4}",
        "<expires>2001",
    ),
    ExerciseFault(
        "EXPIRES-MISSING",
        "Nobody knows when it ends.",
        "Each system ends the broadcast when it likes, some never begin it.",
        r"\s*<expires>[^<]*</expires>",
        "",
    ),
    ExerciseFault(
        "POLY-CLOSED",
        "The ring is open: its last point is not its first.",
        "A gateway refuses the area, or closes the ring in the wrong place.",
        r"(<polygon>[^<]*)\s[^\s<]+</polygon>",
        r"\1</polygon>",
    ),
    ExerciseFault(
        "POLY-SYNTAX",
        "A point of the polygon has a semicolon.",
        "The area cannot be read: no cell is chosen.",
        r"(<polygon>-?[0-9.]+),",
        r"\1;",
    ),
    ExerciseFault(
        "POLY-RANGE",
        "A latitude is beyond the pole.",
        "The area is nowhere on Earth: no cell is chosen.",
        r"<polygon>-?[0-9.]+,",
        "<polygon>95.0,",
    ),
    ExerciseFault(
        "CIRCLE-RANGE",
        "A circle lies beyond the pole.",
        "A part of the area is nowhere on Earth: a gateway refuses it.",
        r"(\s*)(</area>)",
        r"\1  <circle>95.0,10.0 5</circle>\1\2",
    ),
    ExerciseFault(
        "CEILING-ALONE",
        "A ceiling without an altitude.",
        "Nothing on the phone; who draws the area in three dimensions has no floor.",
        r"(\s*)(</area>)",
        r"\1  <ceiling>300</ceiling>\1\2",
    ),
    ExerciseFault(
        "WEB-ABSOLUTE",
        "The web address is only half of one.",
        "People who tap the link get nowhere.",
        r"(\s*)(<area>)",
        r"\1<web>alerts/today.html</web>\1\2",
    ),
    ExerciseFault(
        "TEXT-MARKUP",
        "The text has HTML in it.",
        "Phones show the markup as it stands, and it takes room.",
        r"(<description>)([^<]*)",
        r"\1&lt;b&gt;\2&lt;/b&gt;",
    ),
    ExerciseFault(
        "XML-DOCTYPE",
        "A document type declaration was added.",
        "A careful reader refuses the file: such a declaration can read local files.",
        r"(<alert )",
        r"<!DOCTYPE alert>\n\1",
    ),
    ExerciseFault(
        "XML-SYNTAX",
        "An end tag is wrong.",
        "Nobody can read the file: it is not XML.",
        r"</headline>",
        "</headlin>",
    ),
)


def plant(text: str, fault: ExerciseFault, file: str = "alert.xml") -> Planted | None:
    """Put one fault into a good message; None where it has no place or nothing new is found.

    Parameters
    ----------
    text
        The good message.
    fault
        The fault.
    file
        What messages call it.
    """
    wrong, made = re.subn(fault.find, fault.put, text, count=1)
    if not made:
        return None
    good = {_what(f) for f in validate(text.encode(), file).findings}
    new = [f for f in validate(wrong.encode(), file).findings if _what(f) not in good]
    found = tuple(f for f in new if f.rule == fault.rule or f.severity != "info")
    return Planted(fault, wrong, found) if any(f.rule == fault.rule for f in found) else None


def _what(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.xpath, finding.message
