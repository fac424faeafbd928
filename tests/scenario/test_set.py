"""`--set` in the planner's words: units, shares, and items by what they are called."""

from pathlib import Path

import pytest

import ewsim
from ewsim.errors import ScenarioError
from ewsim.scenario.load import load_arms, load_scenario
from ewsim.scenario.words import number_meant

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("horizon_s", "8h", 28800),
        ("horizon_s", "30 min", 1800),
        ("horizon_s", "1h30min", 5400),
        ("horizon_s", "1 H 30 Min", 5400),
        ("at_s", "-2h", -7200),
        ("at_s", "1.5h", 5400),
        ("radius_m", "5km", 5000),
        ("share", "55%", 0.55),
        ("ownership_share", "0.5 %", 0.005),
        ("horizon_s", "8x", None),
        ("horizon_s", "5km", None),
        ("horizon_s", "h", None),
        ("rate_per_s", "1h", None),
        ("max_wind_m_s", "1h", None),
        ("people_count", "55%", None),
        ("title", "8h", None),
        ("horizon_s", "1h" * 1000, None),
    ],
)
def test_a_text_with_units_is_a_number_of_the_unit_of_its_key(name, text, number):
    found = number_meant(name, text)
    assert found == (None if number is None else pytest.approx(number))


def test_units_work_in_values_of_any_depth():
    cut = "disturbances=[{kind: power_loss, at_s: -30min, where: {share: 40%}}]"
    shares = "population.handsets.operator_profile_shares={Blue: 90%}"
    spec = load_scenario(ISLAND, sets=[cut, shares, "network.power.battery_median_s=8h"]).spec
    assert (spec.disturbances[0].at_s, spec.disturbances[0].where.share) == (-1800, 0.4)
    assert spec.population.handsets.operator_profile_shares["Blue"] == 0.9
    assert spec.network.power.battery_median_s == 28800


def test_items_are_chosen_by_what_they_are_called():
    sets = [
        "network.operators.Green.share=55%",
        "disturbances.backhaul_cut.at_s=1h",
        "disturbances.0.id=first",
    ]
    spec = load_scenario(ISLAND, sets=[*sets, "disturbances.first.at_s=5"]).spec
    assert spec.network.operators[1].share == 0.55
    assert [d.at_s for d in spec.disturbances][:3] == [5, 3600, 3600]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "disturbances.power_loss.at_s=1",
            "2 items are called 'power_loss'. Choose one by its number: 0, 1.",
        ),
        ("disturbances.wind.at_s=1", "no item 'wind' in this list. It has 4, from 0 on (0: power_loss"),
        ("disturbances.backhaul_cut.at_s=soon", "disturbances.2.at_s: at_s must be a number"),
        ("disturbances.9=null", "no item 9"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(change, said):
    with pytest.raises(ScenarioError) as error:
        load_scenario(ISLAND, sets=[change])
    assert said in str(error.value)


def test_an_arm_without_the_item_is_named():
    with pytest.raises(ScenarioError, match="in this list of the arm no_outage"):
        list(load_arms(ISLAND, sets=["disturbances.backhaul_cut.at_s=1h"]))


def test_python_takes_a_file_with_an_arm_and_changes():
    result = ewsim.run_scenario(
        str(ISLAND), arm="cb_only", set={"population.people_count": 1000, "horizon_s": "30min", "title": "8h"}
    )
    assert (result.identity.arm, result.horizon_s, result.scenario.title) == ("cb_only", 1800, "8h")
    for wrong in ({"scenario": 3}, {"scenario": ISLAND, "set": ["a=1"]}):
        with pytest.raises(TypeError):
            ewsim.run_scenario(**wrong)
    with pytest.raises(TypeError, match="load_scenario"):
        ewsim.run_scenario(load_scenario(ISLAND), arm="cb_only")
