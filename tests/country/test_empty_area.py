"""An alert area that touches the network and has no people is refused by check as by run."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from ewsim import run_scenario
from ewsim.country.checking import check_country
from ewsim.errors import CapError, ScenarioError
from ewsim.scenario.load import load_scenario
from ewsim.scenario.starting.starter import alert_text

SCENARIO = """\
format: ewsim.scenario/1
name: small
horizon_s: 600
alert: {path: alert.xml}
targeting: {buffer_m: 50000}
population:
  people_count: 2000
  island: {area_km2: 50}
  settlement_count: 3
  movers_share: 0
"""


def written(folder, lat):
    sent = datetime(2026, 1, 1, tzinfo=UTC)
    (folder / "alert.xml").write_text(alert_text("small", "Here", (lat, -61.0), 0.5, sent))
    (folder / "s.yaml").write_text(SCENARIO)
    return load_scenario(folder / "s.yaml")


def test_check_refuses_what_run_refuses(tmp_path):
    loaded = written(tmp_path, 14.75)
    said = []
    for refuse in (check_country, run_scenario):
        with pytest.raises(ScenarioError) as error:
            refuse(loaded)
        said.append(str(error.value))
    assert said[0] == said[1]
    assert "s.yaml:4:" in said[0]
    assert "nobody lives in the alert area" in said[0]


def test_check_refuses_a_small_area_between_homes_and_a_place_as_run_does(tmp_path):
    """A circle of ten metres in the middle of the people, and one of no radius."""
    said = []
    for radius, kind in (("0.01", ScenarioError), ("0", CapError)):
        loaded = written(tmp_path, 14.5)
        path = tmp_path / "alert.xml"
        circle = re.compile("<circle>([^ ]*) [^<]*</circle>")
        text, count = circle.subn(rf"<circle>\1 {radius}</circle>", path.read_text())
        assert count == 1
        path.write_text(text)
        for refuse in (check_country, run_scenario):
            with pytest.raises(kind) as error:
                refuse(loaded)
            said.append(str(error.value))
    assert said[0] == said[1]
    assert "nobody lives in the alert area" in said[0]
    assert said[2] == said[3]
    assert "the circle has a radius of 0: it is a place" in said[2]
