"""Two cases of a planner that the models were not fitted to; the files lie beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from ewsim.experiments.replications import run_scenario
from ewsim.scenario.load import load_scenario

CASES = Path(__file__).parents[3] / "shared" / "cases" / "numbers"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="needs ../shared/cases/numbers")


@pytest.mark.heavy
@pytest.mark.parametrize(("arm", "lowest"), [("t999", 0.89), ("t98", 0.87)])
def test_a_country_with_land_reaches_what_its_city_was_fitted_to(arm, lowest):
    """91 % of adults were published; the land took 6 to 8 points when nobody planned for indoors."""
    loaded = load_scenario(CASES / "denmark_with_land.yaml", sets=["population.weight=25"], arm=arm)
    result = run_scenario(loaded)
    people = result.ledger.people_frame()
    adults = people[people["in_area"] & ~people["age_band"].isin(["0-9", "10-17"])]
    assert lowest <= adults["reached_s"].notna().mean() <= 0.93
    everybody = result.network[0]
    assert everybody["outdoors_share"] > 0.99
    assert everybody["indoors_share"] > 0.95


def test_no_link_is_blamed_where_none_was_cut():
    sets = ["population.people_count=20000", "channels.location_based_sms=null"]
    people = run_scenario(load_scenario(CASES / "no_link_cut.yaml", sets=sets)).ledger.people_frame()
    causes = set(people.loc[people["in_area"], "cause"])
    assert "site_down_backhaul" not in causes
    assert causes & {"site_down_power", "relay_down_power"}
