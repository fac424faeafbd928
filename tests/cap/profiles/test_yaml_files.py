"""Profiles and policies that users write: every fault at its line, whatever stands in the file."""

from __future__ import annotations

import re
import string

import pytest
from cap.samples import GOOD
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ewsim.cap.broadcast.policy import PolicySpec, read_policy
from ewsim.cap.marks import Marks
from ewsim.cap.profiles.checks import apply
from ewsim.cap.profiles.files import read_profile
from ewsim.cap.profiles.paths import find, path_fault
from ewsim.cap.profiles.spec import ProfileSpec, RuleSpec, faults
from ewsim.cap.xml.document import read_document
from ewsim.errors import InputError, UsageError
from ewsim.scenario.faults import faults_of

PROFILE = """\
format: ewsim.profile/1
name: mine

rules:
  - id: MINE-ONE
    severity: error
    requires: There is a note.
    check: present
    path: note

  - id: MINE-TWO
    severity: warning
    requires: The contact is short.
    check: length
    path: contact
    at: /info
    max: 20
"""
POLICY = """\
format: ewsim.policy/1
name: mine
extends: de
text: [headline]
otherwise: 4396

remap:
  4371: 4372

names:
  4372: Red
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("ewsim.profile/1", "ewsim.profile/2", 1, "this file needs a newer ewsim"),
        ("ewsim.profile/1", "ewsim.policy/1", 1, "format is 'ewsim.policy/1', which is not an allowed value"),
        ("name: mine", 'name: ""', 2, "name is empty"),
        ("name: mine", "name: 5", 2, "name must be text"),
        ("MINE-ONE", "one", 5, "id is 'one'. Write capitals, digits and dashes"),
        ("MINE-ONE", "DT-UTC", 5, "rule of CAP itself"),
        ("MINE-TWO", "MINE-ONE", 11, "rule 1 has the id MINE-ONE too"),
        ("severity: error", "severity: fatal", 6, "severity is 'fatal', which is not an allowed value"),
        ("    severity: error\n", "", 5, "the key 'severity' is missing"),
        ("check: present", "check: there", 8, "check is 'there', which is not an allowed value"),
        ("path: note", "path: nota", 9, "CAP has no element <nota>. Did you mean note?"),
        ("path: note", "path: parameter[(]", 9, "not a regular expression"),
        ("path: note", "path: 5", 9, "path must be text"),
        ("path: note", "path: note|nota", 9, "CAP has no element <nota>. Did you mean note?"),
        ("    at: /info\n", "", 15, "path: <contact> belongs in <info>, not in <alert>"),
        ("path: note", "path: sent|info/expires", 9, "belongs in <info>, not in <sent>"),
        ("at: /info", "at: /info\n    when: {status: x}", 17, "<status> belongs in <alert>"),
        ("at: /info", 'unless: {"(": x}', 16, "(: '(' is not name"),
        ("at: /info", "unless: {status: '('}", 16, "'(': it is not a regular"),
        ("check: length", "check: keeps\n    pattern: DT-UTX", 15, "matches the id of no rule"),
        ("check: length", "check: keeps", 11, "the check keeps has no pattern"),
        ("    max: 20\n", "", 14, "the check length has no limit"),
        ("at: /info", "at: /infos", 16, "Did you mean info?"),
        ("max: 20", "max: '20'", 17, "max must be a number, not '20'"),
        ("max: 20", "max: true", 17, "max must be a number"),
        ("max: 20", "most: 20", 17, "there is no key 'most'"),
        ("max: 20", "max: [", 18, "bracket is not closed"),
    ],
)
def test_a_fault_of_a_profile_is_reported_at_its_line(old, new, line, says, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(PROFILE.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_profile(str(path))
    assert any((d.line, says in f"{d.message} {d.fix}") == (line, True) for d in caught.value.diagnostics), (
        str(caught.value)
    )


WRONG = """\
format: ewsim.profile/1
name: wrong
colour: 3

recognise:
  code: x
  "info/paramter[x]": "("

rules:
  - id: WRONG-ONE
    severity: fatal
    requires: x
    check: some
    path: info/status
    pattern: x
    when:
      status: Actual
      "info/eventt": x

  - id: WRONG-TWO   # the second
    severity: error
    requires: x
    check: count
    path: info
    when: {severity: Minor}
    unless: {msgType: Ack, "/scope": 5}
    min: one
"""


def test_all_faults_of_a_profile_are_reported_at_once_each_at_its_line_and_column(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG)
    with pytest.raises(InputError) as caught:
        read_profile(str(path))
    reported = [(d.line, d.column, d.message.split(": ")[-1][:30]) for d in caught.value.diagnostics]
    assert reported == [
        (3, 1, "there is no key 'colour' here."),
        (7, 3, "CAP has no element <paramter>."),
        (7, 23, "it is not a regular expression"),
        (11, 15, "severity is 'fatal', which is "),
        (14, 5, "<status> belongs in <alert>, n"),
        (18, 7, "CAP has no element <eventt>."),
        (25, 12, "<severity> belongs in <info>, "),
        (26, 38, "a pattern is text; put it in q"),
        (27, 10, "min must be a number, not 'one"),
    ]
    assert str(caught.value).count(f"{path}:") == len(reported)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("ewsim.policy/1", "ewsim.policy", 1, "format is"),
        ("[headline]", "[body]", 4, "item 0 is 'body', which is not an allowed value"),
        ("4396\n", "70000\n", 5, "otherwise must be at most 65535"),
        ("4396\n", "'4396'\n", 5, "otherwise must be a whole number, not '4396'"),
        ("4371: 4372", "x: 4372", 8, "a message identifier is a whole number"),
        ("4371: 4372", "70000: 4372", 8, "at most 65535"),
        ("4371: 4372", "4371: x", 8, "4371 must be a whole number, not 'x'"),
        ("4372: Red", "4372: 5", 11, "4372 must be text, not 5"),
        ("4372: Red", "4372: Red\ncodes:\n  SAME=(: 4379", 13, "not a regular expression"),
        ("4372: Red", "4372: Red\ncodes:\n  SAME=CAE: amber", 13, "must be a whole number, not 'amber'"),
    ],
)
def test_a_fault_of_a_policy_is_reported_at_its_line(old, new, line, says, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(POLICY)
    assert read_policy(str(path)).level(4372) == "Red"
    path.write_text(POLICY.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_policy(str(path))
    assert any((d.line, says in d.message) == (line, True) for d in caught.value.diagnostics), str(
        caught.value
    )


def test_policies_extend_files_beside_them_and_never_themselves(tmp_path):
    (tmp_path / "a.yaml").write_text(POLICY.replace("extends: de", "extends: b.yaml"))
    (tmp_path / "b.yaml").write_text(POLICY.replace("Red", "Crimson").replace("4396", "0"))
    assert read_policy(str(tmp_path / "a.yaml")).names[4378] == "DE-Alert severe threat"
    (tmp_path / "b.yaml").write_text(POLICY.replace("extends: de", f"extends: ../{tmp_path.name}/a.yaml"))
    with pytest.raises(UsageError, match="extend each other"):
        read_policy(str(tmp_path / "a.yaml"))


@pytest.mark.parametrize("read", [read_profile, read_policy])
def test_a_file_that_cannot_be_read_is_named(read, tmp_path):
    (tmp_path / "big.yaml").write_text("# " + "x" * 1_000_001)
    (tmp_path / "latin.yaml").write_bytes(b"name: '\xe9'")
    with pytest.raises(UsageError, match=r"none\.yaml: cannot be read"):
        read(str(tmp_path / "none.yaml"))
    for name in ("big.yaml", "latin.yaml"):
        with pytest.raises(InputError, match=name):
            read(str(tmp_path / name))


@pytest.mark.parametrize(("read", "noun"), [(read_profile, "profile"), (read_policy, "policy")])
def test_a_toml_file_is_refused_with_what_to_write(read, noun, tmp_path):
    old = tmp_path / "mine.toml"
    old.write_text('format = "ewsim.profile/1"')
    with pytest.raises(UsageError) as caught:
        read(str(old))
    said = str(caught.value)
    assert said.startswith(f"{old} is TOML, and a {noun} is YAML: write it as {tmp_path / 'mine.yaml'}")
    assert f"`format: ewsim.{noun}/1`" in said


TEXT = st.text(st.sampled_from(string.ascii_letters + "[]()/|.*+?{}-\\ 19"), max_size=12)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "id",
    "severity",
    "section",
    "requires",
    "fix",
    "at",
    "when",
    "unless",
    "check",
    "path",
    "pattern",
    "min",
    "max",
)
SANE = {"id": "MINE-A", "severity": "error", "requires": "x", "check": "some", "path": "note", "pattern": "x"}


def test_the_keys_are_those_of_the_models():
    assert set(KEYS) == set(RuleSpec.model_fields)
    assert {*POLICY_KEYS} - {"x"} == set(PolicySpec.model_fields)


def made(model, data):
    """A model of some data, or None when its faults have words."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        said = [fault.message for fault in faults_of(error, model, data)]
    assert all(said)
    return None


@given(st.dictionaries(st.sampled_from(KEYS), ANY, max_size=4), ANY)
def test_a_rule_of_a_profile_is_refused_or_works(row, recognise):
    data = {"format": "ewsim.profile/1", "name": "m", "recognise": recognise, "rules": [SANE | row]}
    found = list(faults(data))
    assert all(fault.message for fault in found)
    profile = made(ProfileSpec, data)
    if found or profile is None:
        return
    node = read_document(GOOD.encode(), "a").root
    reported = [message for each in profile.rules for _, message in apply(each, node, Marks())]
    assert all(message.endswith(".") for message in reported)


POLICY_KEYS = (
    "format",
    "name",
    "title",
    "source",
    "extends",
    "text",
    "text_parameters",
    "status",
    "scope",
    "otherwise",
    "threshold",
    "characters",
    "templates",
    "blocked",
    "codes",
    "remap",
    "names",
    "x",
)


@given(st.dictionaries(st.sampled_from(POLICY_KEYS), ANY))
def test_a_policy_is_read_or_its_faults_are_reported(data):
    made(PolicySpec, data)


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/", 1),
        ("info", 1),
        ("/info/area/geocode[ISO3166-[0-9]]", 1),
        ("info/area/geocode[a/b]", 0),
        ("info/eventCode[LOCAL]", 1),
        ("info/area/polygon|circle", 2),
        ("info/onset|web", 2),
    ],
)
def test_paths_lead_to_elements(path, count):
    node = read_document(GOOD.encode(), "a").root
    assert path_fault(path) == ""
    assert len(list(find(node, node, path))) == count


@pytest.mark.parametrize("path", ["a b", "info//area", "parameter[x", "[x]"])
def test_what_is_not_a_path_is_explained(path):
    assert re.search("is not name|no element", path_fault(path))
