"""Slips: the message with one is still read, and says something else."""

from datetime import UTC, datetime, timedelta

import pytest

from ewsim.cap.reader import parse_alert
from ewsim.cap.tools import templates
from ewsim.cap.tools.follow_up import Where
from ewsim.cap.tools.slips import SLIPS, slipped

WHERE = Where("A bay", ("15.2,-61.4 15.4,-61.4 15.4,-61.2 15.2,-61.2 15.2,-61.4",), ("15.3,-61.3 10",))


@pytest.fixture(scope="module")
def good():
    sent = datetime(2026, 5, 1, 10, tzinfo=UTC)
    return templates.new("flood", sent=sent, identifier="a.1", tags=("en-US", "fr-FR"), where=WHERE).decode()


@pytest.fixture(scope="module")
def wrong(good):
    return {slip.name: parse_alert(text.encode(), "alert.xml") for slip, text in slipped(good)}


def test_every_slip_has_a_place_in_a_whole_message(wrong):
    assert set(wrong) == {slip.name for slip in SLIPS}


def test_areas_move_as_they_say(wrong):
    area = wrong["lat_lon_exchanged"].infos[0].areas[0]
    assert area.polygons[0].points[0] == (-61.4, 15.2)
    assert (area.circles[0].lat, area.circles[0].lon) == (-61.3, 15.3)
    area = wrong["wrong_hemisphere"].infos[0].areas[0]
    assert area.polygons[0].points[0] == (15.2, 61.4)
    area = wrong["area_too_small"].infos[0].areas[0]
    lats = [lat for lat, _ in area.polygons[0].points]
    assert max(lats) - min(lats) == pytest.approx(0.1, abs=1e-5)
    assert area.circles[0].radius_km == 5


def test_words_and_times_change_in_every_language(wrong):
    assert {info.severity for info in wrong["severity_minor"].infos} == {"Minor"}
    assert wrong["status_exercise"].status == "Exercise"
    alert = wrong["ends_at_once"]
    assert {info.expires - alert.sent for info in alert.infos} == {timedelta(minutes=5)}
    assert [info.language for info in wrong["one_language"].infos] == ["en-US"]


def test_a_message_without_polygons_circles_and_further_languages_has_fewer_slips(good):
    alone = {slip.name: text for slip, text in slipped(good)}["one_language"]
    assert "one_language" not in {slip.name for slip, _ in slipped(alone)}
