"""Templates: every kind in every language reads back, is complete, and has its languages."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from lxml import etree

from ewsim.cap.broadcast.policy import read_policy
from ewsim.cap.reader import parse_alert
from ewsim.cap.tools import templates
from ewsim.cap.tools.writing import cap_time
from ewsim.cap.validator import validate
from ewsim.errors import UsageError

XSD = Path(__file__).parents[3] / "../shared/cap/xsd/CAP-v1.2.xsd"
SENT = datetime(2026, 5, 1, 10, tzinfo=timezone(timedelta(hours=2)))
BEFORE = ("warnings@example.org,a.0,2026-05-01T09:00:00+02:00",)


def make(kind, tags=None, **more):
    more = {"sent": SENT, "identifier": "a.1", "references": BEFORE, "where": templates.ISLAND, **more}
    return templates.new(kind, tags=tags or templates.languages(kind), **more)


@pytest.mark.parametrize("kind", templates.kinds())
def test_every_template_reads_back_in_every_language(kind):
    alert = parse_alert(make(kind), "a")
    assert tuple(i.language for i in alert.infos) == templates.languages(kind)
    assert {"en-US", "fr-FR", "es-ES"} <= set(templates.languages(kind))
    for info in alert.infos:
        assert info.headline
        assert info.instruction
        assert info.expires > alert.sent
        assert info.areas[0].polygons


@pytest.mark.parametrize("policy", ["default", "us", "de"])
@pytest.mark.parametrize("kind", templates.kinds())
def test_every_template_passes_the_check_in_each_language_alone_and_together(kind, policy):
    tags = templates.languages(kind)
    for chosen in (*((tag,) for tag in tags), tags):
        report = validate(make(kind, chosen), kind, policy=read_policy(policy))
        assert [f for f in report.findings if f.severity != "info"] == []
        assert set(report.verdict.values()) <= {"pass", "not_checked"}


@pytest.mark.parametrize("profile", ["eu-alert", "uk"])
def test_a_template_of_an_alert_holds_the_profiles_that_ask_for_nothing_special(profile):
    kinds = set(templates.kinds()) - ({"update"} if profile == "uk" else set())
    for kind in sorted(kinds):
        tags = templates.languages(kind)[:1] if profile == "uk" else None
        report = validate(make(kind, tags), kind, profiles=(profile,))
        assert report.verdict["profiles"] == "pass", [f.rule for f in report.findings]


@pytest.mark.skipif(not XSD.exists(), reason="the official schema is not beside the project")
@pytest.mark.parametrize("kind", templates.kinds())
def test_every_template_is_valid_by_the_official_schema(kind):
    schema = etree.XMLSchema(etree.parse(XSD))
    schema.assertValid(etree.fromstring(make(kind)))


def test_utc_is_written_minus_zero():
    assert cap_time(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00-00:00"


def test_what_a_user_gives_is_escaped():
    alert = parse_alert(make("flood", sender_name="A & <B>"), "a")
    assert alert.infos[0].sender_name == "A & <B>"


@pytest.mark.parametrize(
    ("kind", "more", "says"),
    [
        ("volcano", {}, "There is no template"),
        ("flood", {"tags": ("xx",)}, "is not in xx"),
        ("cancel", {"references": ()}, "refers to an earlier message"),
        ("cancel", {"references": BEFORE}, "takes its area from the message it is about"),
        ("flood", {"sent": datetime(2026, 1, 1)}, "offset"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_made_says_why(kind, more, says):
    with pytest.raises(UsageError, match=says):
        templates.new(kind, **{"sent": SENT, "identifier": "a.1", **more})


@pytest.mark.parametrize(("asked", "made"), [("EN-us", "en-US"), ("fr", "fr-FR"), ("AR", "ar")])
def test_a_language_is_found_in_any_case_and_by_its_first_part(asked, made):
    source = templates.new("flood", sent=SENT, identifier="a", tags=[asked])
    assert f"<language>{made}</language>".encode() in source


def test_a_text_that_is_no_utf8_is_named_by_its_element():
    with pytest.raises(UsageError, match="<senderName> is not UTF-8"):
        templates.new("flood", sent=SENT, identifier="a", sender_name="\udcff")
