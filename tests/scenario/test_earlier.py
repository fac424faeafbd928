"""`warn_earlier_s`: the same day with an earlier decision."""

from pathlib import Path

import pytest

from ewsim.errors import ScenarioError
from ewsim.scenario.earlier import decided_earlier
from ewsim.scenario.load import load_scenario

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


def test_all_that_happens_comes_later_and_the_authority_stays():
    data = {
        "warn_earlier_s": 3600,
        "horizon_s": 7200,
        "alert": {"decision_delay_s": 5},
        "disturbances": [
            {"kind": "power_loss", "at_s": -7200, "restored_at_s": 100, "where": {"share": 0.5}},
            {"kind": "cyclone", "decided_at": "2026-01-01T12:00:00+00:00"},
        ],
        "population": {
            "day": {"hour": 0.5},
            "flows": [{"share": 1}],
            "arrivals": [{"start_s": 60, "end_s": 90}],
        },
        "channels": {"location_based_sms": {"surge": {}, "start_delay_s": 7}, "cell_broadcast": None},
    }
    moved = decided_earlier(data)
    cut, cyclone = moved["disturbances"]
    assert (cut["at_s"], cut["restored_at_s"]) == (-3600, 3700)
    assert (cyclone["at_s"], cyclone["decided_at"]) == (3600, "2026-01-01T11:00:00+00:00")
    people = moved["population"]
    assert people["day"]["hour"] == 23.5
    assert people["flows"] == [{"share": 1, "start_s": 3600, "end_s": 7200}]
    assert people["arrivals"] == [{"start_s": 3660, "end_s": 3690}]
    assert moved["channels"]["location_based_sms"] == {"surge": {"at_s": 3600}, "start_delay_s": 7}
    assert (moved["alert"], moved["horizon_s"], moved["warn_earlier_s"]) == (data["alert"], 7200, 0)
    assert decided_earlier(moved) == moved


def test_a_loaded_scenario_has_the_moved_times_once():
    loaded = load_scenario(ISLAND, sets=["warn_earlier_s=600"])
    assert loaded.spec.disturbances[0].at_s == -6600
    again = load_scenario(ISLAND)
    assert again.spec.disturbances[0].at_s == -7200
    assert loaded.sha256 != again.sha256


@pytest.mark.parametrize("value", ["-1", "true", "soon", "1e12", "[1]"])
def test_odd_times_are_refused(value):
    with pytest.raises(ScenarioError):
        load_scenario(ISLAND, sets=[f"warn_earlier_s={value}"])
