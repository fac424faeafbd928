"""Which differences between groups a run models, one reason at a time."""

from __future__ import annotations

import pytest
import shapely

from ewsim.geography.plane import LocalFrame
from ewsim.population.differences import not_modelled
from ewsim.population.synthesis import make_people
from ewsim.scenario.model import scenario_model
from ewsim.settlement.pattern import settle
from ewsim.streams import Streams

ALL = ("age_band", "disability", "language", "poverty", "residence", "sex")
ALIKE = {"ratios": [], "ownership_share": 0.8, "child_ownership_share": 0.8}


def unlike(*, handsets=ALIKE, channels=None, table=None, **population):
    """What matters in a scenario: the columns that are not named as not modelled."""
    spec = scenario_model().model_validate(
        {
            "format": "ewsim.scenario/1",
            "name": "groups",
            "alert": {"path": "alert.xml"},
            "population": {"people_count": 3000, "settlement_count": 3, "handsets": handsets, **population},
            "channels": channels or {},
        }
    )
    land, streams = shapely.Point(0, 0).buffer(17_000), Streams(1)
    settlements = settle(spec.population, None, land, LocalFrame(14.6, -61.0), streams)
    people = make_people(spec.population, settlements, land, streams, 3_600_000_000, table)
    return set(ALL) - set(not_modelled(spec, people, table))


def test_where_nothing_treats_groups_differently_nothing_is_modelled():
    assert unlike() == set()


def test_by_default_phones_differ_between_all_groups_but_languages_and_residence():
    assert unlike(handsets={}) == {"age_band", "disability", "poverty", "sex"}


@pytest.mark.parametrize(
    ("rule", "matter"),
    [
        ({"sex": "female", "ownership_ratio": 0.9}, {"sex"}),
        ({"poverty": "poor", "smartphone_ratio": 0.9}, {"poverty"}),
        ({"age_bands": ["75+"], "on_ratio": 0.9}, {"age_band"}),
        ({"sex": "male", "disability": "sight", "ownership_ratio": 2}, {"sex", "disability"}),
        ({"settlement": "rural", "ownership_ratio": 0.9}, set()),
        ({"sex": "female", "ownership_ratio": 1}, set()),
    ],
)
def test_a_rule_matters_for_the_groups_that_it_names_if_it_changes_something(rule, matter):
    assert unlike(handsets={**ALIKE, "ratios": [rule]}) == matter


@pytest.mark.parametrize(
    "changes",
    [
        {"handsets": {**ALIKE, "child_ownership_share": 0.1}},
        {"handsets": {**ALIKE, "shared_phone_share": 0.5}},
        {"day": {"hour": 9}},
    ],
)
def test_ages_matter_where_children_or_the_day_differ(changes):
    assert unlike(**changes) == {"age_band"}


def test_visitors_matter_when_their_phones_roam():
    assert unlike(visitors_share=0.3) == {"residence"}
    assert unlike(visitors_share=0.3, handsets={**ALIKE, "visitor_roaming_share": 0}) == set()


def test_a_channel_matters_for_the_groups_that_its_kind_names():
    assert unlike(channels={"siren": {}}) == {"disability"}


def test_shares_that_differ_by_place_matter(tmp_path):
    table = tmp_path / "shares.csv"
    table.write_text("zone,poor,language_es,female\nplace_1,0.9,3,0.5\n")
    languages = [{"tag": "en", "share": 1}, {"tag": "es", "share": 1}]
    # women are half of every place, so the table says nothing new of them
    found = unlike(table=table, zone_shares="shares.csv", languages=languages, poverty_share=0.1)
    assert found == {"poverty", "language"}
