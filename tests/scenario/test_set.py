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
        ("horizon_s", "1h30", 5400),
        ("horizon_s", "2min30", 150),
        ("horizon_s", "8 hrs", 28800),
        ("horizon_s", "30 mins", 1800),
        ("horizon_s", "1,5 h", 5400),
        ("horizon_s", "1,500 s", None),
        ("horizon_s", "10 20", None),
        ("at_s", "\u2212 30 min", None),
        ("at_s", "\u221230 min", -1800),
        ("at_s", "+30min", 1800),
        ("at_s", "--30min", None),
        ("radius_m", "10 kilometres", 10_000),
        ("share", "55 percent", 0.55),
        ("rate_per_s", "200 per second", 200),
        ("rate_per_s", "90/min", 1.5),
        ("max_wind_m_s", "90 km/h", 25),
        ("area_km2", "1200 km\u00b2", 1200),
        ("area_km2", "1200km2", 1200),
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
        "network.operators.blue.share=45 %",
    ]
    spec = load_scenario(ISLAND, sets=[*sets, "disturbances.first.at_s=5"]).spec
    assert [one.share for one in spec.network.operators] == [0.45, 0.55]
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
        ("time_of_day=night", "Write its full name: population.time_of_day."),
        ("battery_median=8h", "Write its full name: network.power.battery_median_s."),
        ("network.battery_median_s=8h", "Write its full name: network.power.battery_median_s."),
        ("cell_broadcast.repetition_period_s=60", "repetition_period_s=60: cell_broadcast: there"),
        ("cb.repetition_period_s=60", "Write its full name: channels.cell_broadcast."),
        ("people_count=5", "population.people_count or population.arrivals.N.people_count (N: the number"),
        ("channels.cb.repetition_period_s=60", "Did you mean 'cell_broadcast'?"),
        ("share=3", "there is no key 'share' here. Allowed: alert, arms"),
        ("horizon_s=half an hour", "Write seconds, 5400; with --set also 1h30, 90min, 1.5 hours."),
        ("horizon_s=10 km", "Write seconds, 5400; with --set also"),
        ("population.indoors_share=half", "Write a share of 1, 0.55; with --set also 55%."),
        ("population.indoors_share=0,55", "Write 0.55."),
        ("channels.location_based_sms.rate_per_s=1,000 a minute", "Write how many a second, 200; with"),
        ("population.people_count=250 000", "Write 250000."),
        ("population.people_count=8 hours", "not '8 hours'. Write digits alone, 250000."),
        ("channels.cell_broadcast=off", "not 'off'. To leave it out write null."),
    ],
)
def test_what_is_not_there_is_said_with_what_is(change, said):
    with pytest.raises(ScenarioError) as error:
        load_scenario(ISLAND, sets=[change])
    assert said in str(error.value)


def test_a_key_without_those_above_it_is_named_in_files_and_arms_too(tmp_path):
    text = ISLAND.read_text(encoding="utf-8").replace("island_cyclone.xml", str(ISLAND.with_suffix(".xml")))
    file = tmp_path / "s.yaml"
    file.write_text(f"{text}  at_night: {{time_of_day: night}}\nrepetition_period_s: 9\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load_scenario(file)
    said = str(error.value)
    assert "full name: population.time_of_day" in said
    assert "full name: channels.cell_broadcast.repetition_period_s" in said
    assert all(f"{file}:{text.count(chr(10)) + line}:" in said for line in (1, 2))


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
