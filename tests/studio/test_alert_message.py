"""The message of a studio: what is typed becomes CAP, and says what the commands say of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from studios import alert_bytes

from ewsim.cap.broadcast.policy import read_policy
from ewsim.cap.reader import parse_alert
from ewsim.cap.tools.writing import write_alert
from ewsim.cli.cap.check import check
from ewsim.cli.cap.plan import plan
from ewsim.errors import CapError, UsageError
from ewsim.studio.alert import message as messages
from ewsim.studio.alert import preview

SAMPLES = Path(__file__).parents[2] / "cap_samples"
NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
TYPED = {
    "gsm": "Leave low ground now.",
    "ucs2": "غادروا المناطق المنخفضة الآن 🌊",
    "one character": "Crue soudaine – partez",
    "too long": "Go to high ground. " * 90,
    "markup": "<b>& \"quotes\" 'both' ]]>",
    "lines": "First line.\r\nSecond line.",
}


@pytest.fixture(scope="module")
def alert():
    return parse_alert(alert_bytes(), "alert.xml")


def typed(alert, text, language="en-US"):
    rows = [{"of": 0, "language": language, "event": "Flood", "headline": "Flood", "description": text}]
    found, faults = messages.edited(alert, {"texts": rows})
    assert not faults
    return found


@pytest.mark.parametrize("policy", ["default", "de", "us", "uk"])
def test_pages_alphabet_and_level_are_those_of_the_commands(policy, alert, tmp_path):
    for name, text in TYPED.items():
        source = write_alert(typed(alert, text))
        path = tmp_path / "alert.xml"
        path.write_bytes(source)
        shown = preview.judged(source, ("core",), read_policy(policy))
        out = CliRunner().invoke(plan, [str(path), "--policy", policy, "--json"]).output
        command = json.loads(out)
        del command["path"]
        assert json.loads(json.dumps(shown["plan"])) == command, name
        out = CliRunner().invoke(check, [str(path), "--policy", policy, "--format", "json"]).output
        (file,) = json.loads(out)["files"]
        assert (shown["verdict"], shown["findings"]) == (file["verdict"], file["findings"]), name


def test_findings_of_bad_messages_are_those_of_the_command(tmp_path):
    for path in sorted((SAMPLES / "bad").glob("*.xml"))[::12]:
        shown = preview.judged(path.read_bytes())
        out = CliRunner().invoke(check, [str(path), "--format", "json"]).output
        assert shown["findings"] == json.loads(out)["files"][0]["findings"], path


def test_an_edit_keeps_what_it_is_not_about(alert):
    full = max((SAMPLES / "full").rglob("*.xml"), key=lambda path: path.stat().st_size)
    before = parse_alert(full.read_bytes(), full.name)
    rows = messages.as_json(before)["texts"]
    same, faults = messages.edited(before, {"texts": rows})
    assert not faults
    assert write_alert(same) == write_alert(before)
    rows[0]["headline"] = "Another headline"
    after, _ = messages.edited(before, {"texts": rows})
    assert after.infos[0].headline == "Another headline"
    assert after.infos[0].parameters == before.infos[0].parameters
    assert after.infos[1:] == before.infos[1:]
    assert after.areas == before.areas


def test_languages_are_added_and_taken_away(alert):
    rows = messages.as_json(alert)["texts"]
    new = {
        "of": None,
        "language": "ar",
        "event": "سيول",
        "headline": "غادروا",
        "description": "",
        "instruction": "",
    }
    both, faults = messages.edited(alert, {"texts": [*rows, new]})
    assert not faults
    assert [info.language for info in both.infos] == [alert.infos[0].language, "ar"]
    assert both.infos[1].areas == alert.infos[0].areas
    only, _ = messages.edited(both, {"texts": [messages.as_json(both)["texts"][1]]})
    assert [info.language for info in only.infos] == ["ar"]


def test_words_and_hours_are_of_all_languages(alert):
    given = {"words": {"severity": "Extreme", "status": "Exercise", "category": "Geo"}, "hours": 3}
    after, faults = messages.edited(alert, given)
    assert not faults
    shown = messages.as_json(after)
    assert (shown["words"]["severity"], shown["words"]["status"], shown["hours"]) == (
        "Extreme",
        "Exercise",
        3.0,
    )
    assert after.infos[0].categories == ("Geo",)


NASTY = [None, 7, "x", [], [7], [{}], [{"language": "en", "of": 99}], [{"language": "e n"}], [{"of": 0}] * 21]


@pytest.mark.parametrize("texts", NASTY)
def test_other_texts_are_refused_with_a_sentence(texts, alert):
    _, faults = messages.edited(alert, {"texts": texts})
    assert faults
    assert all(fault.endswith(".") for fault in faults)


def test_characters_that_cap_cannot_hold_and_long_texts_are_refused(alert):
    for text, said in (
        ("a\x01", "U+0001"),
        ("\ud800", "U+D800"),
        ("x" * 5001, "5,001 characters"),
        (3, "not a text"),
    ):
        rows = [{"of": 0, "language": "en", "event": "E", "headline": text}]
        (fault,) = messages.edited(alert, {"texts": rows})[1]
        assert said in fault
    for given in ({"hours": 0}, {"hours": "6"}, {"hours": 1e9}, {"words": {"severity": "Bad"}}, {"words": 7}):
        assert messages.edited(alert, given)[1], given


def test_files_of_another_kind_are_refused_with_a_sentence():
    for name in ("wrong.xml", "../../etc/passwd", "<b>.xml"):
        for content in (b"", b"%PDF-1.7", b"\0\1\2", b"<kml/>", b"{}", b"<alert>" * 3000):
            with pytest.raises(CapError) as error:
                messages.open_message(content, name)
            assert "/" not in str(error.value).partition(":")[0]
    with pytest.raises(UsageError, match="at most 2 MB"):
        messages.open_message(b" " * 2_000_001, "large.xml")


def test_templates_take_the_area_and_the_languages(alert):
    area = alert.areas[0]
    made = messages.from_template("flood", ["en", "fr", "xx"], sent=NOW, identifier="one", area=area)
    new = parse_alert(made, "new.xml")
    assert [info.language for info in new.infos] == ["en-US", "fr-FR"]
    assert new.areas[0].circles[0].radius_km == area.circles[0].radius_km
    with pytest.raises(UsageError, match="is in"):
        messages.from_template("flood", ["xx"], sent=NOW, identifier="one")
    assert set(messages.kinds()) >= {"flood", "cyclone", "tsunami"}


def test_a_message_of_the_last_day_of_all_years_is_no_defect(alert):
    last = replace(alert, sent=datetime(9999, 12, 31, 23, tzinfo=UTC))
    (fault,) = messages.edited(last, {"hours": 6})[1]
    assert "9999" in fault


@pytest.mark.parametrize(("kind", "msg_type"), [("update", "Update"), ("cancel", "Cancel")])
def test_a_follow_up_is_about_the_message(kind, msg_type, alert):
    made = parse_alert(messages.follow_up(alert, kind, sent=NOW, identifier="two"), "two.xml")
    assert made.msg_type == msg_type
    assert alert.identifier in made.references[0]
    assert made.areas[0].circles[0].radius_km == alert.areas[0].circles[0].radius_km
