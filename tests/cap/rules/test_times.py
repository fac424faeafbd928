"""Every time of a message against the time it was sent, and what `plan` makes of it."""

from datetime import datetime

import pytest
from cap.samples import good_with

from ewsim.cap.broadcast.plan import plan_broadcast
from ewsim.cap.reader import parse_alert
from ewsim.cap.validator import validate

SENT = "<sent>2026-11-20T10:00:00-00:00"
EXPIRES = "<expires>2026-11-20T22:00:00-00:00"
EFFECTIVE = "<effective>2026-11-20T10:00:00-00:00"
ONSET = "<onset>2026-11-20T12:00:00-00:00"
PUBLIC = "</msgType>\n  <scope>Public</scope>"
REFERS = "  <references>warnings@met.example,EX-0,2026-11-20T06:00:00-00:00</references>"
UPDATE = (f"Alert{PUBLIC}", f"Update{PUBLIC}\n{REFERS}")
LATE = {"TIME-EXPIRED"}


def found(*changes):
    return {f.rule for f in validate(good_with(*changes), "a.xml").findings}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], set()),
        ([(SENT, "<sent>2026-11-20T12:00:00+02:00")], set()),  # the same moment
        # the event has begun before: normal
        ([(ONSET, "<onset>2026-11-20T03:00:00-00:00")], set()),
        ([(EXPIRES, "<expires>2026-11-20T12:30:00+02:00")], {"TIME-ONSET"}),
        ([(EXPIRES, "<expires>2026-11-20T12:00:00+02:00")], LATE | {"TIME-ONSET"}),
        ([(SENT, "<sent>2026-11-21T10:00:00-00:00")], LATE | {"TIME-EFFECTIVE"}),
        ([(EFFECTIVE, "<effective>2026-11-20T23:00:00-00:00")], {"TIME-EXPIRED"}),
        ([(EFFECTIVE, "<effective>2026-11-20T09:59:00-00:00")], {"TIME-EFFECTIVE"}),
        ([(EFFECTIVE, "<effective>2026-11-20T09:59:00-00:00"), UPDATE], set()),
    ],
)
def test_times_are_compared_as_moments(changes, expected):
    assert found(*changes) == expected


def test_one_that_has_expired_when_sent_is_not_broadcast():
    late = (SENT, "<sent>2026-11-21T10:00:00-00:00")
    plan = plan_broadcast(parse_alert(good_with(late), "a.xml"))
    assert not plan.broadcast
    assert "before it was sent" in plan.reasons[0]
    early = datetime.fromisoformat("2026-11-20T11:00:00+00:00")
    assert not plan_broadcast(parse_alert(good_with(late), "a.xml"), at=early).broadcast
    assert plan_broadcast(parse_alert(good_with(), "a.xml"), at=early).broadcast


def test_a_language_that_has_expired_is_not_sent_and_the_others_are():
    """One <info> may end earlier than the others."""
    start, end = good_with().decode().index("  <info>"), good_with().decode().index("</alert>")
    info = good_with().decode()[start:end]
    other = info.replace("en-GB", "fr").replace(EXPIRES, "<expires>2026-11-20T09:00:00-00:00")
    source = good_with(("</alert>", f"{other}</alert>"))
    plan = plan_broadcast(parse_alert(source, "a.xml"))
    assert (plan.broadcast, [text.language for text in plan.texts]) == (True, ["en-GB"])
    assert plan.notes[0] == "In fr nothing is sent: it expired on 2026-11-20T09:00:00+00:00."
    report = validate(source, "a.xml")
    assert report.verdict["deliverable"] == "warn"
    assert plan.notes[0] in [f.message for f in report.findings if f.rule == "DELIVER-EXPIRED"]
    later = datetime.fromisoformat("2026-11-21T11:00:00+00:00")
    assert not plan_broadcast(parse_alert(source, "a.xml"), at=later).broadcast
