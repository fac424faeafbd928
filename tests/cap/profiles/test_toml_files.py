"""Profiles and policies that users write: every fault at its line, whatever stands in the file."""

from __future__ import annotations

import re
import string

import pytest
from cap.samples import GOOD
from hypothesis import given
from hypothesis import strategies as st

from ewsim.cap.broadcast.policy import _faults as policy_faults
from ewsim.cap.broadcast.policy import read_policy
from ewsim.cap.marks import Marks
from ewsim.cap.profiles.checks import apply, find, path_fault
from ewsim.cap.profiles.files import _profile, read_profile
from ewsim.cap.toml_file import TomlFile
from ewsim.cap.xml.document import read_document
from ewsim.errors import InputError, UsageError

PROFILE = """\
format = "ewsim.profile/1"
name = "mine"

[[rule]]
id = "MINE-ONE"
severity = "error"
requires = "There is a note."
check = "present"
path = "note"

[[rule]]
id = "MINE-TWO"
severity = "warning"
requires = "The contact is short."
check = "length"
path = "contact"
at = "/info"
max = 20
"""
POLICY = """\
format = "ewsim.policy/1"
name = "mine"
extends = "de"
text = ["headline"]
otherwise = 4396

[remap]
4371 = 4372

[names]
4372 = "Red"
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("ewsim.profile/1", "ewsim.profile/2", 1, "format is"),
        ('name = "mine"', 'name = ""', 2, "name is missing"),
        ("MINE-ONE", "one", 5, "id must be like"),
        ("MINE-ONE", "DT-UTC", 5, "rule of CAP itself"),
        ("MINE-TWO", "MINE-ONE", 12, "rule 1 has the same id"),
        ('"error"', '"fatal"', 6, "severity must be"),
        ('"present"', '"there"', 8, "check must be one of"),
        ('path = "note"', 'path = "nota"', 9, "CAP has no element <nota>; did you mean note?"),
        ('path = "note"', 'path = "parameter[(]"', 9, "no regular expression"),
        ('path = "note"', "path = 5", 9, "path must be text"),
        ('path = "note"', 'path = "note|nota"', 9, "CAP has no element <nota>; did you mean note?"),
        ('at = "/info"\n', "", 16, "path: <contact> stands in <info>, not in <alert>"),
        ('path = "note"', 'path = "sent|info/expires"', 9, "stands in <info>, not in <sent>"),
        ('at = "/info"', 'at = "/info"\nwhen = { status = "x" }', 18, "<status> stands in <alert>"),
        ('at = "/info"', 'unless = { "(" = "x" }', 17, "unless: (: '(' is not name"),
        ('at = "/info"', "unless = { status = '(' }", 17, "unless: status: '(' is no regular"),
        ('"length"', '"keeps"\npattern = "DT-UTX"', 16, "pattern matches the id of no rule"),
        ('"length"', '"keeps"', 11, "pattern is missing"),
        ('at = "/info"', 'at = "/infos"', 17, "did you mean info?"),
        ("max = 20", "max = '20'", 18, "max must be a number"),
        ("max = 20", "most = 20", 18, "the key 'most' is not known"),
        ("max = 20", "max = ", 18, "This is no TOML"),
    ],
)
def test_a_fault_of_a_profile_is_told_at_its_line(old, new, line, says, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(PROFILE.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_profile(str(path))
    assert any((d.line, says in d.message) == (line, True) for d in caught.value.diagnostics), str(
        caught.value
    )


WRONG = """\
format = "ewsim.profile/1"
name = "wrong"
colour = 3

[recognise]
code = "x"
  "info/paramter[x]" = "("

[[rule]]
id = "WRONG-ONE"
severity = "fatal"
requires = "x"
check = "some"
path = "info/status"
pattern = "x"

  [rule.when]
  status = "Actual"
  "info/eventt" = "x"

[[rule]]   # the second
id = "WRONG-TWO"
severity = "error"
requires = "x"
check = "count"
path = "info"
when.severity = "Minor"
unless = { msgType = "Ack", "/scope" = 5 }
min = "one"
"""


def test_all_faults_of_a_profile_are_told_at_once_each_at_its_line_and_column(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG)
    with pytest.raises(InputError) as caught:
        read_profile(str(path))
    told = [(d.line, d.column, d.message.split(": ")[-1][:30]) for d in caught.value.diagnostics]
    assert told == [
        (3, 1, "The key 'colour' is not known;"),
        (7, 3, "CAP has no element <paramter>;"),
        (7, 3, "'(' is no regular expression ("),
        (11, 1, "severity must be error, warnin"),
        (14, 1, "<status> stands in <alert>, no"),
        (19, 3, "CAP has no element <eventt>; d"),
        (27, 6, "<severity> stands in <info>, n"),
        (28, 29, "5 is not text."),
        (29, 1, "min must be a number."),
    ]
    assert str(caught.value).count(f"{path}:") == len(told)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("ewsim.policy/1", "ewsim.policy", 1, "format is"),
        ('["headline"]', '["body"]', 4, "text names 'body'"),
        ("4396\n", "70000\n", 5, "otherwise must be"),
        ("4371 = 4372", "x = 4372", 8, "no message identifier"),
        ("4371 = 4372", "4371 = 'x'", 8, "has the value"),
        ('"Red"', "5", 11, "has the value 5"),
        ('"Red"', '"Red"\n[codes]\n"SAME=(" = 4379', 13, "[codes] 'SAME=(' is no regular"),
        ('"Red"', '"Red"\n[codes]\n"SAME=CAE" = "amber"', 13, "has the value 'amber'"),
    ],
)
def test_a_fault_of_a_policy_is_told_at_its_line(old, new, line, says, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(POLICY)
    assert read_policy(str(path)).level(4372) == "Red"
    path.write_text(POLICY.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_policy(str(path))
    assert any((d.line, says in d.message) == (line, True) for d in caught.value.diagnostics), str(
        caught.value
    )


def test_policies_extend_files_beside_them_and_never_themselves(tmp_path):
    (tmp_path / "a.toml").write_text(POLICY.replace('"de"', '"b.toml"'))
    (tmp_path / "b.toml").write_text(POLICY.replace('"Red"', '"Crimson"').replace("4396", "0"))
    assert read_policy(str(tmp_path / "a.toml")).names[4378] == "DE-Alert severe danger"
    (tmp_path / "b.toml").write_text(POLICY.replace('"de"', '"../' + tmp_path.name + '/a.toml"'))
    with pytest.raises(UsageError, match="extend each other"):
        read_policy(str(tmp_path / "a.toml"))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "big.toml").write_text("# " + "x" * 1_000_001)
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    for name in ("none.toml", "big.toml", "latin.toml"):
        for read in (read_profile, read_policy):
            with pytest.raises(UsageError, match=name):
                read(str(tmp_path / name))


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


@given(st.dictionaries(st.sampled_from(KEYS), ANY, max_size=4), ANY)
def test_no_rule_of_a_profile_does_more_than_be_refused_or_work(row, recognise):
    data = {"format": "ewsim.profile/1", "name": "m", "recognise": recognise, "rule": [SANE | row]}
    try:
        profile = _profile(TomlFile("m.toml", "", data))
    except InputError:
        return
    node = read_document(GOOD.encode(), "a").root
    told = [message for each in profile.checks for _, message in apply(each, node, Marks())]
    assert all(message.endswith(".") for message in told)


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
    "codes",
    "remap",
    "names",
    "x",
)


@given(st.dictionaries(st.sampled_from(POLICY_KEYS), ANY))
def test_no_policy_does_more_than_tell_its_faults(data):
    assert all(fault.message for fault in policy_faults(data))


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
def test_what_is_no_path_is_told_why(path):
    assert re.search("is not name|no element", path_fault(path))
