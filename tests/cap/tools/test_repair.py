"""Safe fixes: each kind, nothing else, and never worse."""

import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from ewsim.cap.signature.signing import sign
from ewsim.cap.tools.repair import repair_message
from ewsim.cap.validator import validate
from ewsim.errors import CapError

CORPUS = Path(__file__).parents[3] / "../shared/cap/corpus"
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
        ("<status>Actual<", "<status>Actual \n<"),
        ("<certainty>Likely<", "<certainty>Very Likely<"),
        ("  <scope>Public</scope>\n", "  <scope>Public</scope>\n  <references/>\n"),
        ("      <areaDesc>Bay</areaDesc>\n", "      <areaDesc>Bay</areaDesc>\n      <circle/>\n"),
        (
            "    <urgency>Immediate</urgency>\n    <severity>Severe</severity>\n",
            "    <severity>Severe</severity>\n    <urgency>Immediate</urgency>\n",
        ),
    ],
)
def test_each_fix_gives_the_good_message_byte_for_byte(good, bad):
    wrong = GOOD.replace(good, bad)
    assert wrong != GOOD
    fixed = repair_message(wrong.encode(), "a.xml")
    assert fixed.after == GOOD
    assert len(fixed.fixes) == 1
    assert fixed.fixes[0].line > 1
    assert fixed.diff().count("\n@@") == 1


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
    fixed = repair_message(wrong.encode(), "a.xml")
    assert (fixed.after, fixed.fixes, fixed.diff()) == (wrong, (), "")


def test_line_ends_stay():
    wrong = GOOD.replace("10:00:00-00:00", "10:00:00Z").replace("\n", "\r\n")
    assert repair_message(wrong.encode(), "a").after == GOOD.replace("\n", "\r\n")


ODD = """<?xml version='1.0'  encoding='utf-8' ?>
<!-- before -->

<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'   >
  <identifier>a&#46;1</identifier><sender >x@y.z</sender>
  <sent>2026-05-01T10:00:00{Z}</sent>
  <!-- who --> <status>Actual</status><msgType>Alert</msgType><scope>Public</scope>{empty}
  <info>
    <category>Met</category><event><![CDATA[A & B]]> caf&#xE9;\u2028&quot;</event>
    {first}{second}<certainty>Likely</certainty>{lines}
    <area><areaDesc>X</areaDesc><polygon>
      1,1 1,2
      2,2{ring}
    </polygon></area>
  </info>
</alert>
<!-- after -->"""
ORDER = ("<urgency>Immediate</urgency>", "<severity>Severe</severity>")
LINES = "\n    <web></web>\n    <contact/>"


def odd(good):
    z, ring, lines = ("-00:00", " 1,1", "") if good else ("Z", "", LINES)
    first, second = ORDER if good else ORDER[::-1]
    empty = "" if good else "<note/><references></references>"
    return ODD.format(Z=z, empty=empty, first=first, second=second, lines=lines, ring=ring)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_no_other_character_changes(end):
    wrong, right = (odd(good).replace("\n", end) for good in (False, True))
    fixed = repair_message(wrong.encode(), "a.xml")
    assert fixed.after == right
    assert len(fixed.fixes) == 7
    assert fixed.diff().count("\n@@") == 1


def test_the_diff_is_one_that_patch_takes(tmp_path):
    if shutil.which("patch") is None:
        pytest.skip("patch is not installed")
    path = tmp_path / "a.xml"
    path.write_bytes(odd(good=False).removesuffix("\n<!-- after -->").encode())
    fixed = repair_message(path.read_bytes(), "a.xml")
    assert "\\ No newline at end of file" in fixed.diff()
    subprocess.run(["patch", "-s", path], input=fixed.diff().encode(), check=True)
    assert path.read_bytes() == fixed.after.encode()


def test_a_declaration_of_another_encoding_says_utf8_once_something_is_fixed():
    wrong = GOOD.replace("UTF-8", "ISO-8859-1").replace("Flood", "Crue à")
    assert repair_message(wrong.encode("latin-1"), "a.xml").after == wrong
    wrong = wrong.replace("10:00:00-00:00", "10:00:00Z")
    after = repair_message(wrong.encode("latin-1"), "a.xml").after
    assert after == GOOD.replace("Flood", "Crue à")


def test_each_alert_of_a_feed_is_fixed_where_it_stands():
    alert = GOOD.partition("?>\n")[2]
    wrong = alert.replace("10:00:00-00:00", "10:00:00Z")
    feed = f"<feed><a>{{}}</a>\n<title>x</title><b>{{}}</b>{alert}</feed>\n"
    fixed = repair_message(feed.format(wrong, wrong).encode(), "a.xml")
    assert fixed.after == feed.format(alert, alert)
    assert len(fixed.fixes) == 2


def test_a_signed_message_says_so():
    ca = Path(__file__).parents[1] / "test_ca"
    key, pem = (ca / "signer.key").read_bytes(), (ca / "signer.pem").read_bytes()
    wrong = GOOD.replace("-00:00<", "Z<").encode()
    assert repair_message(sign(wrong, "a", key=key, certificate=pem), "a").signed
    assert not repair_message(wrong, "a").signed


def test_no_alert_is_refused():
    with pytest.raises(CapError, match="no alert is in force"):
        repair_message(b"<feed/>", "a.xml")


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_fixes_never_add_an_error_to_a_real_message_and_once_is_enough():
    changed_files = better = 0
    for path in sorted(CORPUS.glob("*/*.xml")):
        try:
            fixed = repair_message(path.read_bytes(), path.name)
        except CapError:
            continue
        if not fixed.fixes:
            continue
        changed_files += 1
        after = fixed.after.encode()
        errors = [
            {
                f.message
                for f in validate(b, path.name).findings
                if f.severity == "error" and f.layer != "signature"
            }
            for b in (path.read_bytes(), after)
        ]
        assert len(errors[1]) <= len(errors[0]), path.name
        better += len(errors[1]) < len(errors[0])
        assert repair_message(after, path.name).fixes == (), path.name
        etree.fromstring(after)
    assert changed_files > 40
    assert better > 10


@pytest.mark.parametrize("names", ["urn:oasis:names:tc:emergency:cap:1.3", ""])
def test_an_alert_of_no_version_is_named_as_such(names):
    with pytest.raises(CapError, match="not that of a CAP version"):
        repair_message(f'<alert xmlns="{names}"/>'.encode(), "a.xml")
