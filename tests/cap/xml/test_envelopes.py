"""Several alerts in one file: EDXL-DE 1.0 and 2.0, Atom, RSS; each judged by itself."""

import importlib.util
from pathlib import Path

import pytest

from ewsim.cap.validator import validate

_spec = importlib.util.spec_from_file_location("samples", Path(__file__).parents[1] / "samples.py")
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)

GOOD = samples.GOOD.split("?>\n", 1)[1]
BAD = GOOD.replace("<status>Actual", "<status>actual").replace("EX-2026-001", "EX-2026-002")

ENVELOPES = {
    "EDXL-DE 1.0": '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0">'
    "<distributionID>1</distributionID>%s</EDXLDistribution>",
    "EDXL-DE 2.0": '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:2.0">'
    "<content>%s</content></EDXLDistribution>",
    "Atom": '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>%s</feed>',
    "RSS": '<rss version="2.0"><channel><title>x</title>%s</channel></rss>',
}
EACH = {
    "EDXL-DE 1.0": "<contentObject><xmlContent><embeddedXMLContent>%s</embeddedXMLContent>"
    "</xmlContent></contentObject>",
    "EDXL-DE 2.0": "<contentObject><contentXML><embeddedXMLContent>%s</embeddedXMLContent>"
    "</contentXML></contentObject>",
    "Atom": '<entry><content type="text/xml">%s</content></entry>',
    "RSS": "<item><description>%s</description></item>",
}


def envelope(kind, *alerts):
    return (ENVELOPES[kind] % "".join(f"\n{EACH[kind] % alert}" for alert in alerts)).encode()


@pytest.mark.parametrize("kind", ENVELOPES)
def test_each_alert_of_an_envelope_is_judged_by_itself(kind):
    source = envelope(kind, GOOD, BAD, GOOD)
    report = validate(source, "many.xml")
    assert [m.verdict["schema"] for m in report.messages] == ["pass", "fail", "pass"]
    assert [m.node.value("identifier")[-1] for m in report.messages] == ["1", "2", "1"]
    assert report.verdict["schema"] == "fail"
    (found,) = [f for f in report.findings if f.rule == "STRUCT-WORD"]
    assert found.alert == 2
    line = source.decode().splitlines()[found.line - 1]
    assert line[found.column - 1 :].startswith("actual")
    assert found.xpath.endswith("/alert/status")
    assert [m.alert is not None for m in report.messages] == [True, False, True]


@pytest.mark.parametrize("kind", ENVELOPES)
def test_an_envelope_without_alerts_is_said_to_be_empty(kind):
    """No alert in force is the normal state of a feed."""
    report = validate(envelope(kind), "none.xml")
    assert [(f.rule, f.severity) for f in report.findings] == [("FEED-EMPTY", "info")]
    assert set(report.verdict.values()) == {"pass", "not_checked"}
    assert not report.failed


@pytest.mark.parametrize("entry", ["<entry><link href='a.xml'/></entry>", "<item><title>a</title></item>"])
def test_a_feed_with_entries_and_no_alert_in_it_is_not_empty(entry):
    (found,) = validate(f"<rss><channel>{entry}</channel></rss>".encode(), "links.xml").findings
    assert (found.rule, found.severity) == ("ROOT", "error")
    assert "ewsim cap feed" in found.fix


def test_an_encrypted_message_is_said_to_be_one():
    source = b'<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData/></EncryptedData>'
    (found,) = validate(source, "secret.xml").findings
    assert (found.rule, "is encrypted" in found.message, found.fix[:7]) == ("ROOT", True, "Decrypt")


def test_an_area_that_another_language_repeats_is_judged_there_too():
    start, end = GOOD.index("  <info>"), GOOD.index("</info>") + 7
    info = GOOD[start:end].replace("<language>en", "<language>es")
    both = GOOD[:end] + info + GOOD[end:]
    report = validate(both.encode(), "two.xml")
    first, second = report.messages[0].read().infos
    rings = [[ring.points for area in i.areas for ring in area.polygons] for i in (first, second)]
    assert rings[0] == rings[1] != []
    bow = both.replace("17.1,-61.7 17.0,-61.7", "17.0,-61.7 17.1,-61.7")
    assert bow != both
    crossing = [f.xpath for f in validate(bow.encode(), "two.xml").findings if f.rule == "POLY-CROSSING"]
    assert len(crossing) == bow.count("<polygon>") == 2
