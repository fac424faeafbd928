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
            {"kind": "cyclone", "decided_at": "2026-01-01T12:00:00Z", "track": [{"time_s": 1}]},
            {"kind": "backhaul_cut", "at_s": 5, "restoration": {"stages": [{"at_s": 9, "share": 1}]}},
        ],
        "population": {
            "day": {"hour": 0.5},
            "flows": [{"share": 1}],
            "arrivals": [{"start_s": 60, "end_s": 90}],
        },
        "channels": {"location_based_sms": {"surge": {}, "start_delay_s": 7}, "cell_broadcast": None},
    }
    moved = decided_earlier(data)
    cut, cyclone, staged = moved["disturbances"]
    assert (cut["at_s"], cut["restored_at_s"]) == (-3600, 3700)
    assert cyclone == {**data["disturbances"][1], "at_s": 3600}
    assert staged["restoration"]["stages"] == [{"at_s": 3609, "share": 1}]
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


def test_a_time_that_is_missing_is_still_missed(tmp_path):
    (tmp_path / "a.xml").write_bytes(ISLAND.with_suffix(".xml").read_bytes())
    lines = "warn_earlier_s: 60\ndisturbances: [{kind: power_loss}]\n"
    file = tmp_path / "s.yaml"
    file.write_text(f"format: ewsim.scenario/1\nname: s\nalert: {{path: a.xml}}\n{lines}", encoding="utf-8")
    with pytest.raises(ScenarioError, match="at_s"):
        load_scenario(file)
