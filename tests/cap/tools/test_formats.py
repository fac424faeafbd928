"""Reports for people and machines: what SARIF 2.1.0 and JUnit demand; where the caret stands."""

import importlib.util
import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from ewsim.cap.catalogue import RULES
from ewsim.cap.tools import formats
from ewsim.cap.validator import validate

_spec = importlib.util.spec_from_file_location("samples", Path(__file__).parents[1] / "samples.py")
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)
GOOD, good_with = samples.GOOD, samples.good_with

BAD = good_with(
    ("<status>Actual", "<status>actual"),
    ("17.05,-61.8 5.5", "17.05,-61.8 -1"),
    ("Winds of", "&lt;b&gt;Winds\u202e&lt;/b&gt;"),
)
FEED = f"<feed>{GOOD.split('?>', 1)[1]}{GOOD.split('?>', 1)[1]}</feed>".encode()


def reports():
    return [
        validate(source, name, profiles=("wea",))
        for name, source in (
            ("a b.xml", BAD),
            ("good.xml", GOOD.encode()),
            ("/srv/feed.xml", FEED),
            ("page.xml", b"<html>"),
            ("none.xml", b""),
            ("<x>&\"'\x07.xml", BAD),
        )
    ]


# --- SARIF 2.1.0 (OASIS Standard, 27 March 2020), the clause behind each demand -------------------

LEVELS = {"none", "note", "warning", "error"}


def demand_sarif(document):
    """The required properties and the types of what we write."""
    assert set(document) == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"  # 3.13.2
    for run in document["runs"]:  # 3.13.4
        driver = run["tool"]["driver"]  # 3.14.6, 3.18.2
        assert driver["name"]  # 3.19.8
        assert urlsplit(driver["informationUri"]).scheme == "https"  # 3.19.17
        ids = [rule["id"] for rule in driver["rules"]]  # 3.49.3
        assert len(ids) == len(set(ids))
        for rule in driver["rules"]:
            assert isinstance(rule["shortDescription"]["text"], str)  # 3.49.9, 3.12.3
            assert isinstance(rule["help"]["text"], str)  # 3.49.13
            assert rule["defaultConfiguration"]["level"] in LEVELS  # 3.50.3
        assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}  # 3.14.17
        for artifact in run["artifacts"]:
            demand_uri(artifact["location"]["uri"])
        for result in run["results"]:  # 3.14.23
            assert isinstance(result["message"]["text"], str)  # 3.27.11
            assert result["level"] in LEVELS  # 3.27.10
            assert ids[result["ruleIndex"]] == result["ruleId"]  # 3.27.6
            (location,) = result["locations"]
            physical = location["physicalLocation"]
            demand_uri(physical["artifactLocation"]["uri"])
            if region := physical.get("region"):
                assert region["startLine"] >= 1  # 3.30.5
                assert region["startColumn"] >= 1  # 3.30.6
            for logical in location.get("logicalLocations", ()):
                assert logical["fullyQualifiedName"].startswith("/")  # 3.33.5


def demand_uri(text):
    """A valid URI reference: nothing that RFC 3986 wants escaped (3.4.3)."""
    assert re.fullmatch(r"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-F]{2})+", text), text


def test_sarif_has_what_the_standard_requires():
    done = reports()
    document = json.loads(formats.as_sarif(done))
    demand_sarif(document)
    (run,) = document["runs"]
    assert len(run["results"]) == sum(len(report.findings) for report in done)
    severities = {f.rule: f.severity for report in done for f in report.findings}
    assert {"error": "error", "warning": "warning", "info": "note"}[severities["STRUCT-WORD"]] == (
        next(r["level"] for r in run["results"] if r["ruleId"] == "STRUCT-WORD")
    )


def test_sarif_of_nothing_is_sarif():
    demand_sarif(json.loads(formats.as_sarif([])))


def test_json_has_every_finding_with_every_key():
    document = json.loads(formats.as_json(reports()))
    assert [file["path"] for file in document["files"]][:3] == ["a b.xml", "good.xml", "/srv/feed.xml"]
    keys = {
        "rule",
        "severity",
        "layer",
        "requires",
        "line",
        "column",
        "xpath",
        "section",
        "message",
        "fix",
        "alert",
    }
    for file in document["files"]:
        for found in file["findings"]:
            assert set(found) == keys
            assert found["fix"] or found["rule"] in RULES
    assert {alert["alert"] for alert in document["files"][2]["alerts"]} == {1, 2}


def test_junit_is_well_formed_and_counts_right():
    done = reports()
    root = ET.fromstring(formats.as_junit(done))
    assert root.tag == "testsuites"
    assert int(root.get("tests")) == len(root.findall(".//testcase")) == 6 * len(done)
    assert int(root.get("failures")) == len(root.findall(".//failure")) > 0
    assert int(root.get("skipped")) == len(root.findall(".//skipped")) > 0
    for suite, report in zip(root, done, strict=True):
        assert int(suite.get("failures")) == len(suite.findall(".//failure"))
        assert (int(suite.get("failures")) > 0) == ("fail" in report.verdict.values())


# --- text -----------------------------------------------------------------------------------------


def test_the_caret_stands_under_the_column():
    report = validate(BAD, "a.xml")
    lines = list(formats.text([report]))
    carets = 0
    for n, line in enumerate(lines):
        match = re.match(r"a\.xml:(\d+):(\d+): ", line)
        if match:
            source, caret = lines[n + 1], lines[n + 2]
            assert set(caret.strip()) == {"^"}
            at = caret.index("^")
            whole = BAD.decode().splitlines()[int(match[1]) - 1]
            assert source[at : at + 8] == whole[int(match[2]) - 1 :][:8].replace("\u202e", "\ufffd")
            carets += 1
    assert carets == len(report.findings)


def test_colour_says_nothing_more_than_plain_text():
    done = reports()
    plain = list(formats.text(done))
    coloured = [re.sub("\x1b\\[[0-9]+m", "", line) for line in formats.text(done, colour=True)]
    assert coloured == plain
    assert "\x1b[31merror" in "\n".join(formats.text(done, colour=True))


@pytest.mark.parametrize("colour", [False, True])
def test_a_hostile_message_does_not_reach_the_terminal(colour):
    source = GOOD.replace("Actual", "Act\u202eual\x85\u2066").encode()
    out = "\n".join(formats.text([validate(source, "a\x1b[2Jb.xml")], colour=colour))
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)
    assert "\x1b[2J" not in out


def test_the_caret_counts_columns_of_a_terminal_not_characters():
    """Wide characters take two, combining marks none."""
    source = good_with(("<status>Actual", "<status>e\u0301津actual"))
    lines = list(formats.text([validate(source, "a.xml")]))
    quote, caret = lines[1:3]
    assert caret.index("^") == quote.index("e\u0301")
    source = good_with(("<status>Actual</status>", "<!-- e\u0301津 --><status>actual</status>"))
    quote, caret = list(formats.text([validate(source, "a.xml")]))[1:3]
    assert caret.index("^") == quote.index("actual") + 1 - 1


def test_a_rule_that_is_broken_very_often_says_that_not_all_is_listed():
    for count, says in ((99, False), (150, True)):
        source = good_with(("<status>", "<foo/>" * count + "<status>"))
        found = [f for f in validate(source, "a.xml").findings if f.rule == "STRUCT-UNKNOWN"]
        assert len(found) == min(count, 100)
        assert found[-1].message.endswith("more are not listed.") is says
        assert not any("not listed" in f.message for f in found[:-1])


def test_a_mistake_that_each_language_repeats_is_shown_once_with_its_other_places():
    """In the text; every place has a finding of its own in the other formats."""
    wrong = GOOD.replace("17.05,-61.8 5.5", "17.05,-61.8,30 5.5")
    one = wrong[wrong.index("<info>") : wrong.index("</info>") + len("</info>")]
    languages = "\n".join(one.replace("en-GB", tag).replace("en-US", tag) for tag in ("en", "fr", "es"))
    report = validate(wrong.replace(one, languages).encode(), "a.xml")
    places = [f"{found.line}:{found.column}" for found in report.findings if found.rule == "CIRCLE-SYNTAX"]
    assert len(places) == 3
    lines = list(formats.text([report]))
    assert sum("[CIRCLE-SYNTAX" in line for line in lines) == 1
    assert f"  The same at {places[1]}, {places[2]}." in lines
