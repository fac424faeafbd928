"""The realistic samples: without a fault, in many scripts; a thread and signatures as named."""

from datetime import datetime
from pathlib import Path

import pytest

from ewsim.cap.reader import read_alert
from ewsim.cap.rules.languages import script_of
from ewsim.cap.signature.certificates import read_trust
from ewsim.cap.tools.threads import sort_threads
from ewsim.cap.validator import validate

FOLDER = Path(__file__).parents[2] / "cap_samples"
FULL = sorted((FOLDER / "full").glob("*.xml"))


@pytest.mark.parametrize("path", FULL, ids=lambda p: p.stem)
def test_a_full_sample_has_no_fault_and_says_everything_in_its_languages(path):
    report = validate(path.read_bytes(), path.name, profiles=("core", "eu-alert"))
    assert [f for f in report.findings if f.severity != "info"] == []
    infos = report.alerts[0].infos
    assert len(infos) > 1
    for info in infos:
        texts = (
            info.event,
            info.headline,
            info.description,
            info.instruction,
            info.sender_name,
            info.areas[0].description,
        )
        assert all(texts)
        assert {script_of(text * 10) for text in texts} == {script_of(info.description)}


def test_the_full_samples_are_in_seven_languages_and_five_scripts():
    infos = [info for path in FULL for info in read_alert(path).infos]
    assert {info.language[:2] for info in infos} >= {"en", "fr", "es", "ar", "bn", "am", "zh"}
    scripts = {script_of(info.description + info.instruction) for info in infos}
    assert scripts == {"", "Arabic", "Bengali", "Ethiopic", "Chinese characters"}


@pytest.mark.parametrize(
    ("at", "states"),
    [
        ("10:20", ("in force", "not yet sent", "not yet sent", "not yet sent")),
        ("11:00", ("replaced", "in force", "not yet sent", "not yet sent")),
        ("13:10", ("replaced", "cancelled", "ended", "not yet sent")),
        ("13:40", ("replaced", "cancelled", "ended", "in force")),
    ],
)
def test_the_thread_has_its_states(at, states):
    alerts = [read_alert(path) for path in sorted((FOLDER / "threads").glob("*.xml"))]
    found = sort_threads(alerts, datetime.fromisoformat(f"2026-05-01T{at}:00+02:00"))
    assert tuple(m.state for m in found.threads[0].members) == states
    assert [f.rule for f in found.findings] == ["THREAD-STALE"]


@pytest.mark.parametrize("path", sorted((FOLDER / "signed").glob("*.xml")), ids=lambda p: p.stem)
def test_a_signed_sample_is_in_the_state_of_its_name(path):
    trust = read_trust([FOLDER / "signed" / "ca.pem"])
    state = validate(path.read_bytes(), path.name, trust=trust).messages[0].signature
    assert state == path.stem.split("_")[0]
