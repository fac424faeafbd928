"""Reports for people and machines: text, JSON, SARIF 2.1.0 and JUnit."""

import json
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from ewsim.cap.catalogue import RULES, Layer
from ewsim.cap.findings import Finding
from ewsim.cap.validator import Report
from ewsim.cap.xml.text import LINE_END, NOT_XML, glimpse
from ewsim.errors import count_of
from ewsim.version import __version__

FORMAT: Final = "ewsim.cap_check/1"
_SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVEL: Final = {"error": "error", "warning": "warning", "info": "note"}
_COLOUR: Final = {"error": "31", "warning": "33", "info": "36", "pass": "32", "fail": "31"}
_NAMES: Final[dict[Layer, str]] = {
    "well_formed": "well-formed",
    "schema": "schema",
    "spec": "specification",
    "profiles": "profiles",
    "signature": "signature",
    "deliverable": "deliverable",
}
_PLACES: Final = 8  # of a mistake that is made again
_QUOTED: Final = 100  # characters of a source line that are shown
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


# --- text -----------------------------------------------------------------------------------------


def text(reports: Sequence[Report], *, colour: bool = False) -> Iterator[str]:
    """Lines for people: each finding with its source line and a caret, then the verdict."""

    def paint(words: str, code: str) -> str:
        return f"\x1b[{code}m{words}\x1b[0m" if colour and code else words

    for report in reports:
        lines = _lines(report)
        file = _plain(report.file)
        for found, again in _once(report.findings):
            place = f"{file}:{found.line}:{found.column}" if found.line else file
            level = paint(found.severity, _COLOUR[found.severity])
            number = f" (alert {found.alert})" if found.alert else ""
            yield f"{paint(place, '1')}: {level}{number}: {_plain(found.message)}"
            yield from _quote(found, lines, paint)
            section = f" {found.section}" if found.section != "-" else ""
            yield _plain(f"  {found.requires} [{found.rule}{section}]")
            yield _plain(f"  {found.fix}")
            if again:
                shown = ", ".join(f"{other.line}:{other.column}" for other in again[:_PLACES])
                more = f" and {len(again) - _PLACES} more places" if len(again) > _PLACES else ""
                yield f"  The same at {shown}{more}."
        words = ", ".join(
            f"{_NAMES[layer]} {paint(state.replace('_', ' '), _COLOUR.get(state, ''))}"
            for layer, state in report.verdict.items()
        )
        yield f"{paint(file, '1')}: {words}"


def _once(findings: Sequence[Finding]) -> Iterator[tuple[Finding, list[Finding]]]:
    """Each mistake where it is first, and where it is again: languages mostly repeat it."""
    groups: dict[object, list[Finding]] = {}
    for found in findings:
        key = found.rule, found.severity, found.alert, found.message, found.fix
        groups.setdefault(key, []).append(found)
    for first, *again in groups.values():
        yield first, again


def total(failed: Sequence[bool]) -> str:
    """The last line for several files."""
    return f"{count_of(len(failed), 'files')}, {sum(failed)} with errors"


def _lines(report: Report) -> list[str]:
    """The lines of a file that findings speak of."""
    if not any(found.line for found in report.findings):
        return []
    document = report.document
    return LINE_END.split(document.text if document is not None else glimpse(report.source))


def _quote(found: Finding, lines: list[str], paint: Any) -> Iterator[str]:
    """The source line around a finding, and a caret under its column."""
    if not 0 < found.line <= len(lines):
        return
    line = lines[found.line - 1]
    start = max(0, found.column - 1 - _QUOTED // 2) if len(line) > _QUOTED else 0
    shown = _CONTROL.sub("�", line[start : start + _QUOTED].replace("\t", " "))
    yield f"  {shown.rstrip()}"
    before = shown[: found.column - 1 - start]
    yield "  " + " " * sum(map(_width, before)) + paint("^", _COLOUR[found.severity])


def _width(character: str) -> int:
    """Columns of a terminal: two for most East Asian characters, none for marks on others."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _plain(words: str) -> str:
    """What a terminal shows as it stands: no control or direction characters of a hostile file."""
    return _CONTROL.sub("�", words)


# --- machines -------------------------------------------------------------------------------------


def as_dict(reports: Sequence[Report]) -> dict[str, Any]:
    """The document of `ewsim cap check --format json`."""
    return {
        "format": FORMAT,
        "files": [
            {
                "path": report.file,
                "verdict": dict(report.verdict),
                "findings": [_finding(found) for found in report.findings],
                "alerts": [
                    {
                        "alert": message.number,
                        "identifier": message.node.value("identifier"),
                        "verdict": dict(message.verdict),
                        "signature": message.signature,
                    }
                    for message in report.messages
                ],
            }
            for report in reports
        ],
    }


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "severity": found.severity,
        "layer": found.layer,
        "line": found.line,
        "column": found.column,
        "xpath": found.xpath,
        "section": found.section,
        "message": found.message,
        "requires": found.requires,
        "fix": found.fix,
        "alert": found.alert,
    }


def as_json(reports: Sequence[Report]) -> str:
    """JSON with the keys of `as_dict`."""
    return json.dumps(as_dict(reports), indent=2, ensure_ascii=True)


def as_sarif(reports: Sequence[Report]) -> str:
    """SARIF 2.1.0: one run, the rules it used, one result a finding."""
    used = sorted({found.rule for report in reports for found in report.findings})
    index = {name: n for n, name in enumerate(used)}
    samples = {found.rule: found for report in reports for found in report.findings}
    results = [_result(report, found, index) for report in reports for found in report.findings]
    run = {
        "tool": {
            "driver": {
                "name": "ewsim cap check",
                "version": __version__,
                "informationUri": "https://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2.html",
                "rules": [_rule(name, samples[name]) for name in used],
            }
        },
        "artifacts": [{"location": {"uri": _uri(report.file)}} for report in reports],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    document = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=True)


def _rule(name: str, sample: Finding) -> dict[str, Any]:
    known = RULES.get(name)  # a profile's rule is known by its findings only
    return {
        "id": name,
        "shortDescription": {"text": sample.requires},
        "help": {"text": known.fix if known else sample.fix},
        "defaultConfiguration": {"level": _SARIF_LEVEL[known.severity if known else sample.severity]},
        "properties": {"section": sample.section, "layer": sample.layer},
    }


def _result(report: Report, found: Finding, index: dict[str, int]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(report.file)}}
    if found.line:
        place["region"] = {"startLine": found.line, "startColumn": max(found.column, 1)}
    location: dict[str, Any] = {"physicalLocation": place}
    if found.xpath:
        location["logicalLocations"] = [{"fullyQualifiedName": found.xpath, "kind": "element"}]
    return {
        "ruleId": found.rule,
        "ruleIndex": index[found.rule],
        "level": _SARIF_LEVEL[found.severity],
        "message": {"text": f"{found.message} {found.fix}"},
        "locations": [location],
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


def as_junit(reports: Sequence[Report]) -> str:
    """JUnit XML: a suite for each file, a case for each layer; errors fail it, the rest is in the output."""
    failures = sum(state == "fail" for r in reports for state in r.verdict.values())
    skipped = sum(state == "not_checked" for r in reports for state in r.verdict.values())
    total = sum(len(report.verdict) for report in reports)
    counts = f'name="ewsim cap check" tests="{total}" failures="{failures}" skipped="{skipped}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {counts}>"]
    for report in reports:
        failed = sum(state == "fail" for state in report.verdict.values())
        name = _attribute(report.file)
        lines.append(f'  <testsuite name={name} tests="{len(report.verdict)}" failures="{failed}">')
        for layer, state in report.verdict.items():
            lines.append(f'    <testcase classname={name} name="{_NAMES[layer]}">')
            lines += _case(report, layer, state)
            lines.append("    </testcase>")
        lines.append("  </testsuite>")
    lines.append("</testsuites>")
    return "\n".join(lines)


def _case(report: Report, layer: Layer, state: str) -> Iterator[str]:
    found = [f for f in report.findings if f.layer == layer]
    said = "\n".join(str(f.diagnostic(report.file)) for f in found)
    body = escape(NOT_XML.sub("�", said))
    if state == "fail":
        errors = sum(f.severity == "error" for f in found)
        message = f"{errors} error" + ("" if errors == 1 else "s")
        yield f'      <failure message="{message}">{body}</failure>'
    elif state == "not_checked":
        yield "      <skipped/>"
    elif body:
        yield f"      <system-out>{body}</system-out>"


def _attribute(words: str) -> str:
    return quoteattr(NOT_XML.sub("�", words))
