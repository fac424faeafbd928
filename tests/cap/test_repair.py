"""Safe mends: each kind, nothing else, and never worse."""

from pathlib import Path

import pytest
from lxml import etree

from ewsim.cap.repair import repair
from ewsim.cap.signing import sign
from ewsim.cap.validate import validate
from ewsim.errors import CapError

CORPUS = Path(__file__).parents[2] / "../shared/cap/corpus"
GOOD = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>a.1</identifier>
  <sender>warnings@example.org</sender>
  <sent>2026-05-01T10:00:00-00:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <category>Met</category>
    <event>Flood</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <expires>2026-05-01T12:00:00-00:00</expires>
    <area>
      <areaDesc>Bay</areaDesc>
      <polygon>15.2,-61.4 15.4,-61.4 15.4,-61.2 15.2,-61.4</polygon>
    </area>
  </info>
</alert>
"""


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("10:00:00-00:00", "10:00:00Z"),
        ("10:00:00-00:00", "10:00:00+00:00"),
        ("10:00:00-00:00", "10:00:00.125-0000"),
        (" 15.2,-61.4</polygon>", "</polygon>"),
        ("<status>Actual<", "<status> actual <"),
        ("<certainty>Likely<", "<certainty>Very Likely<"),
        ("  <scope>Public</scope>\n", "  <scope>Public</scope>\n  <references/>\n"),
        ("      <areaDesc>Bay</areaDesc>\n", "      <areaDesc>Bay</areaDesc>\n      <circle/>\n"),
        (
            "    <urgency>Immediate</urgency>\n    <severity>Severe</severity>\n",
            "    <severity>Severe</severity>\n    <urgency>Immediate</urgency>\n",
        ),
    ],
)
def test_each_mend_gives_the_good_message_byte_for_byte(good, bad):
    wrong = GOOD.replace(good, bad)
    assert wrong != GOOD
    mended = repair(wrong.encode(), "a.xml")
    assert mended.after == GOOD
    assert len(mended.mends) == 1
    assert mended.mends[0].line > 1
    assert mended.diff().count("\n@@") == 1


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("10:00:00-00:00", "10:00:00"),  # whose offset?
        ("15.4,-61.4 15.4", "-61.4,15.4 15.4"),
        ("<event>Flood</event>", "<event/>"),  # required
        ("Actual", "Real"),
    ],
)
def test_what_needs_a_decision_is_left_alone(good, bad):
    wrong = GOOD.replace(good, bad, 1)
    mended = repair(wrong.encode(), "a.xml")
    assert (mended.after, mended.mends, mended.diff()) == (wrong, (), "")


def test_line_ends_stay():
    wrong = GOOD.replace("10:00:00-00:00", "10:00:00Z").replace("\n", "\r\n")
    assert repair(wrong.encode(), "a").after == GOOD.replace("\n", "\r\n")


def test_a_signed_message_says_so():
    ca = Path(__file__).parent / "test_ca"
    key, pem = (ca / "signer.key").read_bytes(), (ca / "signer.pem").read_bytes()
    wrong = GOOD.replace("-00:00<", "Z<").encode()
    assert repair(sign(wrong, "a", key=key, certificate=pem), "a").signed
    assert not repair(wrong, "a").signed


def test_no_alert_is_refused():
    with pytest.raises(CapError, match="no CAP alert"):
        repair(b"<feed/>", "a.xml")


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_mends_never_add_an_error_to_a_real_message_and_once_is_enough():
    mended_files = better = 0
    for path in sorted(CORPUS.glob("*/*.xml")):
        try:
            mended = repair(path.read_bytes(), path.name)
        except CapError:
            continue
        if not mended.mends:
            continue
        mended_files += 1
        after = mended.after.encode()
        errors = [
            {f.message for f in validate(b, path.name).findings
             if f.severity == "error" and f.layer != "signature"}
            for b in (path.read_bytes(), after)
        ]  # fmt: skip
        assert len(errors[1]) <= len(errors[0]), path.name
        better += len(errors[1]) < len(errors[0])
        assert repair(after, path.name).mends == (), path.name
        etree.fromstring(after)
    assert mended_files > 40
    assert better > 10
