"""The demonstration shows the order of groups that surveys publish, and most of the gap by age.

Published: NL-Alert test of June 2020, 95 % of people of 18 to 34 and 73 % of people of 75 and over
(Rijksoverheid). Outages take a part of everybody, so the gap is compared on a whole network; the
ratio of the oldest to the young is compared in both.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ewsim import load_scenario, run_scenario

DEMO = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
PUBLISHED_GAP = 0.95 - 0.73
PUBLISHED_RATIO = 0.73 / 0.95


def run(arm):
    return run_scenario(load_scenario(DEMO, arm=arm, sets=["population.weight=5"]))


@pytest.fixture(scope="module")
def whole():
    return run("no_outage")


def shares(result, column):
    table = result.by_group(column).set_index("group")["share"]
    return table.to_dict()


def test_the_gap_by_age_is_at_least_half_of_the_published_one(whole):
    age = shares(whole, "age_band")
    assert age["18-34"] > age["50-64"] > age["65-74"] > age["75+"]
    assert PUBLISHED_GAP / 2 <= age["18-34"] - age["75+"] <= 1.5 * PUBLISHED_GAP


def test_outages_leave_the_ratio_of_ages():
    age = shares(run(None), "age_band")
    assert age["75+"] / age["18-34"] == pytest.approx(PUBLISHED_RATIO, abs=0.08)


def test_the_poor_women_the_country_and_disabled_people_are_behind(whole):
    for column, behind, ahead in (
        ("poverty", "poor", "not_poor"),
        ("sex", "female", "male"),
        ("settlement", "rural", "urban"),
        ("disability", "hearing", "none"),
        ("disability", "sight", "none"),
        ("disability", "mobility", "none"),
    ):
        share = shares(whole, column)
        assert share[behind] < share[ahead] - 0.01, column


def test_languages_are_not_modelled_and_those_who_cannot_read_are_counted(whole):
    assert whole.not_modelled == ("language", "residence")
    assert whole.by_group("language")["share"].isna().all()
    people = whole.people
    french = people[people["in_area"] & (people["language"] == "fr")]
    found = whole.summary()["not_reading"]
    assert found["languages"] == ["en", "fr"]
    assert found["people"] == 0
    assert found["sent"]["languages"] == ["en"], "both channels send the first text alone"
    assert found["sent"]["people"] == french["weight"].sum()
