"""Profiles as data: every rule of every profile can be broken, real messages are recognised."""

import re
from pathlib import Path

import pytest
from cap.samples import GOOD

from ewsim.cap.marks import Marks
from ewsim.cap.profiles import files as profiles
from ewsim.cap.validator import validate
from ewsim.cap.xml.document import read_document
from ewsim.errors import InputError, UsageError

CORPUS = Path(__file__).parents[3] / "../shared/cap/corpus"
SAMPLES = Path(__file__).parents[3] / "cap_samples/good"
#: A good message of each profile.
OF_PROFILE = {
    "ipaws": "IPAWS-CODE",
    "wea": "WEA-24H",
    "cap-cp": "CAPCP-CODE",
    "cap-au": "CAPAU-CODE",
    "uk": "UK-SIMPLE",
    "eu-alert": "EUALERT-LEVEL",
    "meteoalarm": "METEOALARM-TYPE",
    "wmo": "WMO-OID",
}


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
    assert profile.rules or name == "core"


def test_rule_ids_are_unique_over_all_profiles():
    ids = [c.id for n in profiles.profiles() for c in profiles.read_profile(n).rules]
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
    [("x" * 1395, False), ("x" * 1396, True), ("ж" * 615, False), ("ж" * 616, True), ("x" * 615 + "ж", True)],
)
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
        in found(alert(msg_type="Cancel", info="<effective>2026-05-01T10:00:00+02:00</effective>"), "cap-au")[
            1
        ]
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
        ("valid/willglynn_oasiscap__ipaws-*", "ipaws"),
        ("valid/willglynn_oasiscap__ipaws-5ea321f3*", "wea"),
        ("valid/*canada.xml", "cap-cp"),
        ("invalid/google_cap-library__canada_errors.xml", "cap-cp"),  # it has lost its code
        ("valid/*australia.xml", "cap-au"),
        ("invalid/google_cap-library__no_entries.atom_entry1.xml", "cap-au"),
        ("valid/sahana_eden__Flood.xml", "wmo"),
        ("*/alphagov_emergency-alerts-api__*W*", "uk"),
        ("invalid/alphagov_emergency-alerts-api__INVALID_AREA*", "uk"),
        ("invalid/nijel_hass-cap-alerts__test_cap_parser.py_L2*", "meteoalarm"),
    ],
)
def test_real_messages_are_recognised(pattern, name):
    files = sorted(CORPUS.glob(pattern))
    assert files
    for path in files:
        for node in read_document(path.read_bytes(), str(path)).alerts:
            assert name in profiles.recognised(node), path.name


@pytest.mark.parametrize("name", [name for name in profiles.profiles() if name != "core"])
def test_auto_recognises_what_a_profile_is_for_and_not_a_plain_message(name):
    found = read_document((SAMPLES / f"{OF_PROFILE[name]}.xml").read_bytes(), "a").root
    assert name in profiles.recognised(found)
    plain = read_document((SAMPLES / "REF-SELF.xml").read_bytes(), "a").root
    assert profiles.recognised(plain) == ("core",)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_real_ipaws_messages_follow_their_profile():
    for path in sorted(CORPUS.glob("valid/willglynn_oasiscap__ipaws-*")):
        verdicts, rules = found(read_document(path.read_bytes(), "a").root, "ipaws", "wea")
        assert "fail" not in verdicts.values(), (path.name, rules)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_the_uk_profile_judges_as_the_public_tests_of_the_service_do():
    judged = {}
    for path in sorted(CORPUS.glob("*/alphagov_*")):
        report = validate(path.read_bytes(), path.name, profiles=("uk",))
        judged[path.stem.split("__")[1]] = (path.parent.name, report.failed)
    assert len(judged) == 16
    assert {failed for where, failed in judged.values() if where == "invalid"} == {True}
    assert {failed for where, failed in judged.values() if where == "valid"} == {False}


MINOR = pair("parameter", "profile:CAP-CP:0.4:MinorChange", "text")


@pytest.mark.parametrize(
    ("msg_type", "infos", "rules"),
    [
        ("Update", [MINOR, MINOR], set()),
        ("Update", ["", ""], set()),
        ("Update", [MINOR, ""], {"CAPCP-MINOR-EVERY"}),
        ("Alert", [MINOR, MINOR], {"CAPCP-MINOR-UPDATE"}),
        ("Update", [MINOR, MINOR.replace("text", "typo")], {"CAPCP-MINOR-CHANGE"}),
        ("Update", [MINOR.replace("MinorChange", "AutoTranslated")], {"CAPCP-AUTO-TRANSLATED"}),
        ("Update", [MINOR.replace("MinorChange", "AutoTranslated").replace("text", "no")], set()),
    ],
)
def test_what_cap_cp_asks_of_minor_changes_and_machine_translations(msg_type, infos, rules):
    text = "".join(f"<info>{inside}</info>" for inside in infos)
    source = f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><msgType>{msg_type}</msgType>
    {text}</alert>"""
    _, broken = found(read_document(source.encode(), "a").root, "cap-cp")
    assert {rule for rule in broken if "MINOR" in rule or "AUTO" in rule} == rules


@pytest.mark.parametrize(
    ("level", "severity", "rules"),
    [
        ("2; yellow; Moderate", "Moderate", set()),
        ("2;yellow;Moderate", "Moderate", set()),
        ("2; yellow; Moderate", "Minor", {"METEOALARM-YELLOW"}),
        ("4; red; Extreme", "Severe", {"METEOALARM-RED"}),
        ("4; orange; Extreme", "Extreme", {"METEOALARM-LEVEL-AGREES"}),
        ("orange", "Severe", {"METEOALARM-LEVEL"}),
    ],
)
def test_meteoalarms_level_agrees_with_itself_and_with_the_severity(level, severity, rules):
    node = alert(info=pair("parameter", "awareness_level", level))
    node.first("info").first("severity").text = severity
    _, broken = found(node, "meteoalarm")
    names = ("LEVEL", "GREEN", "YELLOW", "ORANGE", "RED")
    assert {rule for rule in broken if rule.split("-")[1] in names} == rules


@pytest.mark.parametrize(
    ("inside", "reported"),
    [
        ("", True),
        (pair("parameter", "BLOCKCHANNEL", "EAS"), False),
        (pair("parameter", "BLOCKCHANNEL", "CMAS"), True),
        (pair("parameter", "EAS-ORG", "CIV"), False),
    ],
)
def test_an_alert_for_eas_names_its_originator_unless_the_channel_is_blocked(inside, reported):
    assert ("IPAWS-EAS-ORG" in found(alert(info=inside), "ipaws")[1]) == reported


@pytest.mark.parametrize(
    "place", ["<effective>2026-05-01T10:00:00+02:00</effective>", "<onset>2026-05-01T10:00:00+02:00</onset>"]
)
def test_ipaws_tells_that_it_ignores_effective_and_onset(place):
    assert "IPAWS-TIMES-IGNORED" not in found(alert(), "ipaws")[1]
    marks = Marks()
    assert profiles.check(alert(info=place), ("ipaws",), marks)
    assert [m.rule.severity for m in marks.items if m.rule.id == "IPAWS-TIMES-IGNORED"] == ["info"]


@pytest.mark.parametrize(
    ("name", "value", "reported"),
    [
        ("http://www.iso.org/iso/country_codes.html", "AU-NSW", set()),
        ("ISO 3166-2", "AU_SA", {"CAPAU-ISO3166"}),
        ("http://www.psma.com.au/?product=postcode-boundaries", "800", {"CAPAU-POSTCODE"}),
        ("http://www.psma.com.au/?product=g-naf", "GAACT714845933", set()),
        ("SAME", "072127", {"CAPAU-GEOCODE"}),
    ],
)
def test_the_places_that_cap_au_knows(name, value, reported):
    _, rules = found(alert(area=pair("geocode", name, value)), "cap-au")
    assert set(rules) & {"CAPAU-GEOCODE", "CAPAU-ISO3166", "CAPAU-POSTCODE"} == reported


def test_a_profile_makes_an_error_of_what_cap_only_warns_of(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "format: ewsim.profile/1\nname: own\nrules:\n- id: OWN-UTC\n  severity: error\n"
        '  requires: "UTC is -00:00."\n  check: keeps\n  path: sent\n  pattern: DT-UTC\n'
    )
    source = GOOD.replace("-00:00</sent>", "+00:00</sent>").replace("-00:00</expires>", "+00:00</expires>")
    report = validate(source.encode(), "a.xml", profiles=(str(own),))
    reported = [f for f in report.findings if f.rule == "OWN-UTC"]
    assert len(reported) == 1
    assert (reported[0].line, "(DT-UTC)" in reported[0].message) == (5, True)
    assert report.verdict["profiles"] == "fail"
    assert not any(f.rule == "OWN-UTC" for f in validate(GOOD.encode(), "a", profiles=(str(own),)).findings)


def test_own_profile_by_path(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "format: ewsim.profile/1\nname: own\nrules:\n- id: OWN-CONTACT\n  severity: warning\n"
        "  requires: A contact.\n  at: /info\n  check: present\n  path: contact\n"
    )
    assert found(alert(), str(own)) == ({"own": "warn"}, ["OWN-CONTACT"])
    assert found(alert(info="<contact>112</contact>"), str(own)) == ({"own": "pass"}, [])


def test_a_bad_profile_tells_every_fault(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: x\ncolour: 1\nrules:\n- id: low\n  check: some\n  when: {a: '('}\n")
    with pytest.raises(InputError) as caught:
        profiles.read_profile(str(bad))
    text = str(caught.value)
    for part in (
        "'colour'",
        "'format' is missing",
        "id is 'low'",
        "'severity' is missing",
        "'requires' is missing",
        "'path' is missing",
        "has no pattern",
        "not a regular expression",
    ):
        assert re.search(part, text), part
    with pytest.raises(UsageError, match="There is no profile 'nope'"):
        profiles.read_profile("nope")
