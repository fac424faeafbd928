"""Profiles as data: every rule of every profile can be broken, real messages are recognised."""

import re
from pathlib import Path

import pytest

from ewsim.cap import profiles
from ewsim.cap.document import read_document
from ewsim.cap.findings import Marks
from ewsim.errors import InputError, UsageError

CORPUS = Path(__file__).parents[2] / "../shared/cap/corpus/valid"


def alert(inside="", info="", area="", msg_type="Alert"):
    text = f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier>
    <sender>b@example.org</sender><sent>2026-05-01T10:00:00+02:00</sent><status>Actual</status>
    <msgType>{msg_type}</msgType><scope>Public</scope>{inside}<info><category>Met</category>
    <event>Flood</event><urgency>Immediate</urgency><severity>Minor</severity>
    <certainty>Observed</certainty>{info}<area><areaDesc>x</areaDesc>{area}</area></info></alert>"""
    return read_document(text.encode(), "a").root


def pair(tag, name, value):
    return f"<{tag}><valueName>{name}</valueName><value>{value}</value></{tag}>"


def found(node, *names):
    marks = Marks()
    verdicts = profiles.check(node, names, marks)
    return verdicts, [mark.rule.id for mark in marks.items]


@pytest.mark.parametrize("name", profiles.profiles())
def test_shipped_profiles_can_be_read_and_name_their_source(name):
    profile = profiles.read_profile(name)
    assert profile.source
    assert profile.name == name
    assert profile.checks or name == "core"


def test_rule_ids_are_unique_over_all_profiles():
    ids = [c.rule.id for n in profiles.profiles() for c in profiles.read_profile(n).checks]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("length", "fails"), [(90, False), (91, True)])
def test_wea_short_text_has_ninety_characters(length, fails):
    _, rules = found(alert(info=pair("parameter", "CMAMtext", "x" * length)), "wea")
    assert ("WEA-TEXT-90" in rules) == fails


@pytest.mark.parametrize(("length", "fails"), [(360, False), (361, True)])
def test_wea_long_text_has_360_characters(length, fails):
    _, rules = found(alert(info=pair("parameter", "CMAMlongtext", "x" * length)), "wea")
    assert ("WEA-TEXT-360" in rules) == fails


def test_wea_alphabet_handling_and_blocked_channel():
    texts = pair("parameter", "CMAMtext", "日本")
    texts += pair("parameter", "WEAHandling", "Imminent Threat")
    texts += pair("parameter", "BLOCKCHANNEL", "CMAS")
    verdicts, rules = found(alert(info=texts), "wea")
    assert {"WEA-ALPHABET", "WEA-IMMINENT-SEVERITY", "WEA-BLOCKED", "WEA-EXPIRES"} <= set(rules)
    assert "WEA-IMMINENT-URGENCY" not in rules
    assert verdicts == {"wea": "fail"}


@pytest.mark.parametrize(
    ("text", "fails"),
    [("x" * 1395, False), ("x" * 1396, True), ("ж" * 615, False), ("ж" * 616, True),
     ("x" * 615 + "ж", True)],
)  # fmt: skip
def test_pages_count_in_the_alphabet_of_the_text(text, fails):
    _, rules = found(alert(info=f"<description>{text}</description>"), "uk")
    assert ("UK-LENGTH" in rules) == fails


def test_wea_more_than_a_day_is_a_warning():
    late = "<expires>2026-05-02T10:00:01+02:00</expires><senderName>a</senderName>"
    late += "<instruction>b</instruction>"
    assert found(alert(info=late), "wea") == ({"wea": "warn"}, ["WEA-24H"])
    assert found(alert(info=late.replace("01+", "00+")), "wea") == ({"wea": "pass"}, [])


def test_conditions_hold_a_rule_back():
    assert "IPAWS-REFERENCES" not in found(alert(), "ipaws")[1]
    assert "IPAWS-REFERENCES" in found(alert(msg_type="Cancel"), "ipaws")[1]
    assert (
        "CAPAU-CANCEL-EFFECTIVE"
        in found(
            alert(msg_type="Cancel", info="<effective>2026-05-01T10:00:00+02:00</effective>"),
            "cap-au",
        )[1]
    )


def test_several_profiles_each_with_its_verdict():
    verdicts, _ = found(alert(), "core", "wmo", "ipaws")
    assert verdicts == {"core": "pass", "wmo": "fail", "ipaws": "fail"}


def test_auto_is_core_when_nothing_is_recognised():
    assert found(alert(), "auto") == ({"core": "pass"}, [])


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("willglynn_oasiscap__ipaws-*", "ipaws"),
        ("*canada.xml", "cap-cp"),
        ("sahana_eden__Flood.xml", "wmo"),
    ],
)
def test_real_messages_are_recognised(pattern, name):
    files = sorted(CORPUS.glob(pattern))
    assert files
    for path in files:
        for node in read_document(path.read_bytes(), str(path)).alerts:
            assert name in profiles.recognised(node), path.name


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_real_ipaws_messages_follow_their_profile():
    for path in sorted(CORPUS.glob("willglynn_oasiscap__ipaws-*")):
        verdicts, rules = found(read_document(path.read_bytes(), "a").root, "ipaws", "wea")
        assert "fail" not in verdicts.values(), (path.name, rules)


def test_own_profile_by_path(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'format = "ewsim.profile/1"\nname = "own"\n[[rule]]\nid = "OWN-CONTACT"\n'
        'severity = "warning"\nrequires = "A contact."\nat = "/info"\ncheck = "present"\n'
        'path = "contact"\n'
    )
    assert found(alert(), str(own)) == ({"own": "warn"}, ["OWN-CONTACT"])
    assert found(alert(info="<contact>112</contact>"), str(own)) == ({"own": "pass"}, [])


def test_a_bad_profile_tells_every_fault(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text(
        'name = "x"\ncolour = 1\n[[rule]]\nid = "low"\ncheck = "some"\nwhen = {a = "("}\n'
    )
    with pytest.raises(InputError) as caught:
        profiles.read_profile(str(bad))
    text = str(caught.value)
    for part in ("'colour'", "format is None", "id must", "severity must", "requires", "path",
                 "pattern is missing", "no regular expression"):  # fmt: skip
        assert re.search(part, text), part
    with pytest.raises(UsageError, match="There is no profile 'nope'"):
        profiles.read_profile("nope")
