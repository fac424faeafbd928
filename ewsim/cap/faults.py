"""Faults to plant in a good message: each changes one thing, and the validator must name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ewsim.cap.findings import Finding
from ewsim.cap.validate import validate


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of a text: the first match of `find` becomes `put`; `rule` is what it breaks."""

    rule: str
    title: str
    find: str
    put: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A message with one fault, and every finding that the good message does not have."""

    fault: Fault
    text: str
    findings: tuple[Finding, ...]


FAULTS: Final = (
    Fault("STRUCT-MISSING", "A required element was left out.", r"\s*<status>[^<]*</status>", ""),
    Fault("STRUCT-ORDER", "Two elements changed places.",
          r"(<urgency>[^<]*</urgency>)(\s*)(<severity>[^<]*</severity>)", r"\3\2\1"),
    Fault("STRUCT-REPEATED", "An element that may stand once stands twice.",
          r"(\s*<event>[^<]*</event>)", r"\1\1"),
    Fault("STRUCT-UNKNOWN", "An element that CAP does not know was added.",
          r"(\s*)(<scope>)", r"\1<priority>High</priority>\1\2"),
    Fault("STRUCT-WORD", "A word is not one of CAP's.",
          r"<severity>[^<]*</severity>", "<severity>Catastrophic</severity>"),
    Fault("STRUCT-DATETIME", "A time has the letter Z instead of an offset.",
          r"(<sent>[^<]*T\d\d:\d\d:\d\d)[+-]\d\d:\d\d", r"\1Z"),
    Fault("EMPTY-REQUIRED", "A required element is empty.",
          r"<areaDesc>[^<]+</areaDesc>", "<areaDesc></areaDesc>"),
    Fault("ID-CHARS", "The identifier has a space in it.",
          r"<identifier>([^<])", r"<identifier>\1 "),
    Fault("SENDER-CHARS", "The sender has a comma in it.", r"<sender>([^<@]+)@", r"<sender>\1,@"),
    Fault("SCOPE-RESTRICTION", "The scope is restricted, and nobody says to whom.",
          r"<scope>Public</scope>", "<scope>Restricted</scope>"),
    Fault("SCOPE-ADDRESSES", "The message is private, and has no address.",
          r"<scope>Public</scope>", "<scope>Private</scope>"),
    Fault("REF-FORMAT", "A reference lacks its time.",
          r"(\s*)(<info>)", r"\1<references>warnings@example.org,earlier.1</references>\1\2"),
    Fault("REF-REQUIRED", "An update does not say what it updates.",
          r"<msgType>Alert</msgType>", "<msgType>Update</msgType>"),
    Fault("TIME-EXPIRED", "The message ends before it begins.",
          r"<expires>\d{4}", "<expires>2001"),
    Fault("EXPIRES-MISSING", "Nobody knows when it ends.", r"\s*<expires>[^<]*</expires>", ""),
    Fault("POLY-CLOSED", "The ring is open: its last point is not its first.",
          r"(<polygon>[^<]*)\s[^\s<]+</polygon>", r"\1</polygon>"),
    Fault("POLY-SYNTAX", "A point of the polygon has a semicolon.",
          r"(<polygon>-?[0-9.]+),", r"\1;"),
    Fault("POLY-RANGE", "A latitude is beyond the pole.", r"<polygon>-?[0-9.]+,", "<polygon>95.0,"),
    Fault("CIRCLE-RANGE", "A circle lies beyond the pole.",
          r"(\s*)(</area>)", r"\1  <circle>95.0,10.0 5</circle>\1\2"),
    Fault("CEILING-ALONE", "A ceiling without an altitude.",
          r"(\s*)(</area>)", r"\1  <ceiling>300</ceiling>\1\2"),
    Fault("WEB-ABSOLUTE", "The web address is only half of one.",
          r"(\s*)(<area>)", r"\1<web>alerts/today.html</web>\1\2"),
    Fault("TEXT-MARKUP", "The text has HTML in it.",
          r"(<description>)([^<]*)", r"\1&lt;b&gt;\2&lt;/b&gt;"),
    Fault("XML-DOCTYPE", "A document type declaration was added.",
          r"(<alert )", r"<!DOCTYPE alert>\n\1"),
    Fault("XML-SYNTAX", "An end tag is wrong.", r"</headline>", "</headlin>"),
)  # fmt: skip


def plant(text: str, fault: Fault, file: str = "alert.xml") -> Planted | None:
    """Put one fault into a good message; None where it finds no place or nothing new is found."""
    wrong, made = re.subn(fault.find, fault.put, text, count=1)
    if not made:
        return None
    good = {_what(f) for f in validate(text.encode(), file).findings}
    new = [f for f in validate(wrong.encode(), file).findings if _what(f) not in good]
    found = tuple(f for f in new if f.rule == fault.rule or f.severity != "info")
    return Planted(fault, wrong, found) if any(f.rule == fault.rule for f in found) else None


def _what(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.xpath, finding.message
