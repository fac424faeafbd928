"""The simulator's door: which messages a scenario takes, and what it says of those it refuses."""

from pathlib import Path

import pytest
from cap.samples import GOOD, good_with

from ewsim.cap.acceptance import MOST_NOTES, REQUIRES, accept, scenario_alert, scenario_policy, signature_of
from ewsim.cap.broadcast.plan import plan_broadcast
from ewsim.cap.validator import validate
from ewsim.errors import CapError, InputError, ScenarioError
from ewsim.scenario.load import load_scenario

ROOT = Path(__file__).parents[2]

# What is wrong, and the strictest level that still takes it; None: nobody can take it.
MESSAGES = {
    "nothing": ([], "deliverable"),
    "a warning": ([("10:00:00-00:00</sent>", "10:00:00+00:00</sent>")], "deliverable"),
    "a draft": ([("Actual", "Draft")], "spec"),
    "private": (
        [("<scope>Public</scope>", "<scope>Private</scope><addresses>a@b.example</addresses>")],
        "spec",
    ),
    "a relative link": ([("https://met.example/alerts/1", "alerts/1")], "schema"),
    "a space in the identifier": ([("EX-2026", "EX 2026")], "schema"),
    "an unknown element": ([("<headline>", "<color>red</color><headline>")], "parse"),
    "a time in Z": ([("10:00:00-00:00</sent>", "10:00:00Z</sent>")], "parse"),
    "an open ring": ([(" 17.1,-61.9</polygon>", "</polygon>")], None),
    "no time of sending": ([("<sent>2026-11-20T10:00:00-00:00</sent>", "")], None),
    "no XML": ([("</alert>", "")], None),
}


@pytest.mark.parametrize("require", REQUIRES)
@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_taken_up_to_its_level(name, require, tmp_path):
    changes, level = MESSAGES[name]
    path = tmp_path / "a.xml"
    path.write_bytes(good_with(*changes))
    if level is not None and REQUIRES.index(require) <= REQUIRES.index(level):
        alert, _ = accept(path, require)
        assert alert.infos[0].event == "Cyclone"
        return
    with pytest.raises(CapError) as caught:
        accept(path, require)
    assert caught.value.exit_code == 4
    reported = [d for d in caught.value.diagnostics if d.rule]
    found = validate(path.read_bytes(), str(path)).diagnostics()
    assert set(reported) <= set(found)
    assert {d for d in found if d.severity != "info"} <= set(reported)
    hints = [d.fix for d in caught.value.diagnostics if not d.rule]
    if level is None:
        assert hints == []
    else:
        assert hints == [f"Fix the message, or set alert.require: {level} to let it pass."]


def test_what_is_let_pass_is_told(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes(good_with(("EX-2026", "EX 2026"), ("-00:00</expires>", "+00:00</expires>")))
    _, passed = accept(path, "parse")
    assert [d.rule for d in passed] == ["ID-CHARS", "DT-UTC"]
    assert passed[0].line == 3


def test_a_profile_is_held_from_spec_on(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text(GOOD)
    accept(path, "schema", ["ipaws"])
    with pytest.raises(CapError, match="IPAWS-CODE"):
        accept(path, "spec", ["ipaws"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("trusted_with_ca", None),
        ("trusted_with_ca_ecdsa", None),
        ("unsigned", "is not signed"),
        ("broken", "SIGNATURE-BROKEN"),
        ("broken_wrapped", "SIGNATURE-SCOPE"),
        ("intact_stranger", "SIGNATURE-UNTRUSTED"),
        ("expired", "SIGNATURE-EXPIRED"),
    ],
)
def test_with_certificates_the_message_must_be_signed_by_one_of_them(name, says):
    folder = ROOT / "cap_samples" / "signed"
    path, trust = folder / f"{name}.xml", [folder / "ca.pem"]
    for require in ("parse", "spec"):
        if says is None:
            assert accept(path, require, trust=trust)[0].signed
            continue
        with pytest.raises(CapError, match=says):
            accept(path, require, trust=trust)
    if not name.startswith("broken"):
        accept(path)
    else:
        with pytest.raises(CapError):
            accept(path)


def test_certificates_lie_beside_the_scenario(tmp_path):
    folder = ROOT / "cap_samples" / "signed"
    (tmp_path / "ca.pem").write_bytes((folder / "ca.pem").read_bytes())
    signed = (folder / "trusted_with_ca.xml").read_bytes()
    assert scenario_alert(scenario(tmp_path, signed, "  trust: [ca.pem]\n"))[1] == ()
    with pytest.raises(ScenarioError, match=r"s\.yaml:\d+:\d+: .*none\.pem: cannot be read"):
        scenario_alert(scenario(tmp_path, signed, "  trust: [none.pem]\n"))


def test_two_alerts_in_one_file_are_no_message(tmp_path):
    path = tmp_path / "a.xml"
    body = GOOD.partition("?>")[2]
    path.write_text(f"<feed>{body}{body}</feed>")
    with pytest.raises(CapError, match="holds 2 alerts"):
        accept(path, "parse")


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CapError, match="cannot be read"):
        accept(tmp_path / "none.xml")


def scenario(folder, source, extra=""):
    (folder / "a.xml").write_bytes(source)
    path = folder / "s.yaml"
    path.write_text(f"format: ewsim.scenario/1\nname: s\nalert:\n  path: a.xml\n{extra}")
    return load_scenario(path)


def test_notes_name_the_file_as_the_scenario_does_and_are_few(tmp_path):
    empty = "<parameter><valueName>wind</valueName><value></value></parameter>" * 20
    source = good_with(("<contact>+00 555 0100</contact>", empty))
    _, notes = scenario_alert(scenario(tmp_path, source))
    assert len(notes) == MOST_NOTES + 1
    assert notes[0].startswith("a.xml:")
    assert "[EMPTY-OPTIONAL]" in notes[0]
    assert notes[-1] == "a.xml: 10 more; see ewsim cap check."


def test_an_unknown_profile_is_a_fault_of_the_scenario(tmp_path):
    loaded = scenario(tmp_path, GOOD.encode(), "  profiles: [ipawss]\n")
    with pytest.raises(ScenarioError, match=r"s\.yaml:\d+:\d+: There is no profile 'ipawss'"):
        scenario_alert(loaded)


ONLY_EXTREME = """format: ewsim.policy/1
name: only_extreme
extends: default
otherwise: 0
remap:
  4377: 0
"""


@pytest.mark.parametrize(
    ("policy", "severity", "taken"),
    [
        ("default", "Minor", True),
        ("us", "Minor", False),
        ("us", "Severe", True),
        ("es", "Minor", False),
        ("uk", "Minor", False),
        ("uk", "Severe", True),
        ("mine.yaml", "Severe", False),
        ("mine.yaml", "Extreme", True),
    ],
)
def test_the_policy_of_the_scenario_decides_what_is_deliverable(policy, severity, taken, tmp_path):
    (tmp_path / "mine.yaml").write_text(ONLY_EXTREME)
    source = good_with(
        ("<severity>Extreme", f"<severity>{severity}"), ("<urgency>Immediate", "<urgency>Expected")
    )
    asked = f"  require: deliverable\n  policy: {policy}\n"
    loaded = scenario(tmp_path, source, asked)
    if taken:
        assert scenario_alert(loaded)[0].infos[0].severity == severity
        return
    with pytest.raises(CapError, match=r"below the threshold of policy|has no message identifier") as caught:
        scenario_alert(loaded)
    assert "set alert.require: spec" in str(caught.value)
    scenario_alert(scenario(tmp_path, source, f"  policy: {policy}\n"))


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("gb", r"s\.yaml:5:\d+: There is no policy 'gb'; there are ca, de, default,"),
        ("none.yaml", r"s\.yaml:5:\d+: there is no file 'none\.yaml'"),
        ("bad.yaml", r"bad\.yaml:3:12: otherwise must be a whole number"),
        ("old.toml", r"s\.yaml:5:\d+: .*old\.toml is TOML, and a policy is YAML: write it as .*old\.yaml"),
    ],
)
def test_a_policy_that_is_none_is_a_fault_of_the_scenario(policy, says, tmp_path):
    (tmp_path / "bad.yaml").write_text("format: ewsim.policy/1\nname: bad\notherwise: often\n")
    (tmp_path / "old.toml").write_text('format = "ewsim.policy/1"\nname = "old"\n')
    with pytest.raises((ScenarioError, InputError), match=says) as caught:
        scenario_alert(scenario(tmp_path, GOOD.encode(), f"  policy: {policy}\n"))
    assert caught.value.exit_code == 3


def test_a_policy_named_on_the_command_line_counts_from_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "country").mkdir()
    (tmp_path / "mine.yaml").write_text(ONLY_EXTREME)
    path = scenario(tmp_path / "country", GOOD.encode()).path
    monkeypatch.chdir(tmp_path)
    assert scenario_policy(load_scenario(path, ["alert.policy=mine.yaml"])).name == "only_extreme"
    assert scenario_policy(load_scenario(path, ["alert.policy=uk"])).name == "uk"


def test_a_profile_of_ones_own_lies_beside_the_scenario(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "format: ewsim.profile/1\nname: mine\nrules:\n- id: MINE-NOTE\n  severity: error\n"
        "  requires: There is a note.\n  check: present\n  path: note\n"
    )
    loaded = scenario(tmp_path, GOOD.encode(), "  profiles: [mine.yaml]\n")
    with pytest.raises(CapError, match="MINE-NOTE"):
        scenario_alert(loaded)


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_shipped_scenarios_have_messages_without_a_warning(path):
    loaded = load_scenario(path)
    for variant in (loaded, *(load_scenario(path, arm=arm) for arm in loaded.spec.arms)):
        assert scenario_alert(variant)[1] == ()


@pytest.mark.parametrize("name", ["broken", "broken_wrapped"])
def test_check_plan_show_and_scenario_agree_on_a_broken_signature(name, tmp_path):
    source = (ROOT / "cap_samples/signed" / f"{name}.xml").read_bytes()
    report = validate(source, "a.xml")
    assert (report.messages[0].signature, report.verdict["deliverable"]) == ("broken", "fail")
    assert signature_of(source, "a.xml") == "broken"
    made = plan_broadcast(report.messages[0].alert)
    assert (made.broadcast, made.action) == (False, "none")
    with pytest.raises(CapError, match=r"SIGNATURE-(BROKEN|SCOPE)"):
        scenario_alert(scenario(tmp_path, source))
