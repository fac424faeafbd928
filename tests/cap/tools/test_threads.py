"""Threads: references, order, duplicates, stale updates, and what is in force."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewsim.cap.alert import Alert, Info, Position
from ewsim.cap.tools.threads import sort_threads

T0 = datetime(2026, 5, 1, 10, tzinfo=UTC)


def at(minutes):
    return T0 + timedelta(minutes=minutes)


def message(name, minute, msg_type="Alert", refers=(), *, expires=120, **more):
    info = Info("en-US", ("Met",), "Flood", "Immediate", "Severe", "Likely", expires=at(minute + expires))
    references = tuple(f"s@x,{n},{at(m).isoformat()}" for n, m in refers)
    values = {"sender": "s@x", "status": "Actual", "scope": "Public", "file": f"{name}.xml", **more}
    return Alert(
        "1.2", name, sent=at(minute), msg_type=msg_type, references=references, infos=(info,), **values
    )


ALERT = message("a", 0)
UPDATE = message("b", 30, "Update", [("a", 0)])
CANCEL = message("c", 60, "Cancel", [("b", 30)])


def rules(found):
    return [f.rule for f in found.findings]


def states(found):
    return {m.alert.file: m.state for t in found.threads for m in t.members}


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (-1, ("not yet sent", "not yet sent", "not yet sent")),
        (0, ("in force", "not yet sent", "not yet sent")),
        (30, ("replaced", "in force", "not yet sent")),
        (60, ("replaced", "cancelled", "ended")),
        (1000, ("replaced", "cancelled", "ended")),
    ],
)
def test_the_life_of_a_thread(minute, expected):
    found = sort_threads([CANCEL, ALERT, UPDATE], at(minute))
    assert tuple(states(found).values()) == expected
    assert len(found.threads) == 1
    assert rules(found) == []


def test_expiry():
    assert states(sort_threads([ALERT], at(119))) == {"a.xml": "in force"}
    assert states(sort_threads([ALERT], at(120))) == {"a.xml": "expired"}


def test_a_missing_message_is_named():
    found = sort_threads([UPDATE])
    assert rules(found) == ["THREAD-UNRESOLVED"]
    assert "'s@x,a,2026-05-01T10:00:00+00:00'" in found.findings[0].message


def test_the_same_moment_in_another_offset_is_the_same_reference():
    other = message("b", 30, "Update")
    refers = ("s@x,a,2026-05-01T12:00:00+02:00",)
    other = type(other)(**{**{f: getattr(other, f) for f in other.__slots__}, "references": refers})
    assert rules(sort_threads([ALERT, other])) == []


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        ([ALERT, message("a", 0, file="copy.xml")], "THREAD-DUPLICATE"),
        ([ALERT, message("a", 5)], "THREAD-IDENTIFIER"),
        ([ALERT, message("b", 5, "Cancel")], "THREAD-NO-REFERENCE"),
        ([message("a", 0, "Update", [("a", 0)])], "THREAD-SELF"),
        ([ALERT, message("b", -5, "Update", [("a", 0)])], "THREAD-ORDER"),
        ([ALERT, UPDATE, message("d", 40, "Update", [("a", 0)])], "THREAD-STALE"),
        ([ALERT, UPDATE, CANCEL, message("d", 70, "Update", [("b", 30)])], "THREAD-STALE"),
        ([ALERT, message("d", 500, "Cancel", [("a", 0)])], "THREAD-LATE"),
    ],
)
def test_faults(messages, rule):
    assert rules(sort_threads(messages)) == [rule]


@pytest.mark.parametrize(("kind", "does"), [("Cancel", "cancels"), ("Update", "replaces")])
def test_another_sender_has_no_say_without_a_word(kind, does):
    other = message("b", 30, kind, [("a", 0)], sender="stranger@y")
    found = sort_threads([ALERT, other])
    assert rules(found) == ["THREAD-SENDER"]
    assert found.findings[0].severity == "warning"
    assert f"'stranger@y' {does} 'a', a message of 's@x'" in found.findings[0].message
    assert rules(sort_threads([ALERT, message("k", 1, "Ack", [("a", 0)], sender="stranger@y")])) == []
    assert rules(sort_threads([ALERT, message("b", 30, kind, [("a", 0)], sender="S@X")])) == []


@pytest.mark.parametrize("kind", ["Cancel", "Update"])
@pytest.mark.parametrize("status", ["Exercise", "Test", "Draft"])
def test_an_exercise_ends_no_actual_message(kind, status):
    found = sort_threads([ALERT, message("b", 30, kind, [("a", 0)], status=status)])
    assert rules(found) == ["THREAD-STATUS"]
    assert states(found)["a.xml"] == "in force"


def test_two_messages_of_one_moment_that_refer_to_each_other_end_neither():
    found = sort_threads([message("a", 0, "Update", [("b", 0)]), message("b", 0, "Update", [("a", 0)])])
    assert rules(found) == ["THREAD-ORDER", "THREAD-ORDER"]
    assert set(states(found).values()) == {"in force"}


@given(st.permutations([0, 1, 2, 3]))
def test_messages_of_one_second_stand_after_those_they_refer_to(order):
    """Whatever their names, the order of files, and how their offsets are written."""
    chain = [
        message("z", 0),
        message("y", 0, "Update", [("z", 0)]),
        message("x", 0, "Cancel", [("y", 0)]),
        message("a", 0),
    ]
    found = sort_threads([chain[n] for n in order])
    assert [m.alert.identifier for t in found.threads for m in t.members] == ["a", "z", "y", "x"]
    assert rules(found) == []
    assert states(found) == {"a.xml": "in force", "z.xml": "replaced", "y.xml": "cancelled", "x.xml": "ended"}


def test_messages_of_one_second_that_refer_to_each_other_are_all_there():
    found = sort_threads([message("a", 0, "Update", [("b", 0)]), message("b", 0, "Update", [("a", 0)])])
    assert [len(t.members) for t in found.threads] == [2]


def test_no_message_is_no_thread():
    found = sort_threads([])
    assert (found.threads, found.findings, found.at.tzinfo) == ((), (), UTC)


def test_an_update_that_names_the_whole_thread_is_not_stale():
    whole = message("d", 40, "Update", [("a", 0), ("b", 30)])
    found = sort_threads([ALERT, UPDATE, whole], at(41))
    assert rules(found) == []
    assert [a.identifier for t in found.threads for a in t.in_force] == ["d"]


def test_exercises_and_answers_are_never_in_force():
    found = sort_threads([message("a", 0, status="Exercise"), message("k", 1, "Ack", [("a", 0)])])
    assert list(states(found).values()) == ["not actual", "answer"]


@given(st.permutations([ALERT, UPDATE, CANCEL, message("z", 10)]))
def test_the_order_of_files_changes_nothing(messages):
    assert sort_threads(messages, at(45)) == sort_threads([ALERT, UPDATE, CANCEL, message("z", 10)], at(45))


def test_of_very_many_references_the_first_are_looked_at_and_the_rest_is_said():
    many = message("b", 30, "Update", [("a", 0), *((f"x{n}", 0) for n in range(1_500))])
    found = sort_threads([ALERT, many])
    assert rules(found).count("THREAD-UNRESOLVED") == 999
    assert "after the first 1,000" in found.findings[0].message
    assert states(found)["a.xml"] == "replaced"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, "THREAD-DUPLICATE"),
        ({"file": "z.xml", "signed": True, "position": Position(7, 3)}, "THREAD-DUPLICATE"),
        ({"note": "other"}, "THREAD-IDENTIFIER"),
        ({"infos": (replace(ALERT.infos[0], headline="Another"),)}, "THREAD-IDENTIFIER"),
        ({"infos": (replace(ALERT.infos[0], position=Position(9, 9)),)}, "THREAD-DUPLICATE"),
    ],
)
def test_two_messages_of_one_identity_are_one_only_when_they_say_the_same(change, rule):
    found = sort_threads([ALERT, replace(ALERT, **change)], at(10))
    assert rules(found) == [rule]
    assert ("another content" in found.findings[0].message) == (rule == "THREAD-IDENTIFIER")
