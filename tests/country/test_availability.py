"""Planned coverage and availability: two words, two numbers, and each agrees with what a run does."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ewsim import pipeline
from ewsim.country.availability import (
    INCOMPLETE,
    default_phones,
    incomplete_table,
    network_rows,
    signal_outdoors,
)
from ewsim.country.build import build_country
from ewsim.country.survey import network_figures, open_survey
from ewsim.network.signal import radio
from ewsim.result.record import Result
from ewsim.scenario.load import load_scenario
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams

ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier>
<sender>s@example.org</sender><sent>2026-01-01T00:00:00+00:00</sent><status>Actual</status>
<msgType>Alert</msgType><scope>Public</scope><info><language>en</language>
<category>Met</category><event>Flood</event><urgency>Immediate</urgency>
<severity>Extreme</severity><certainty>Observed</certainty><headline>Flood</headline>
<area><areaDesc>all</areaDesc><circle>10,10 400</circle></area></info></alert>
"""
SCENARIO = """format: ewsim.scenario/1
name: valley
horizon_s: 600
alert: {path: alert.xml}
network:
  operators:
    - {name: North, share: 0.6, rats: [2G, 4G]}
    - {name: South, share: 0.4, rats: [4G, 5G]}
  synthesis: {coverage_target: 0.9}
population:
  people_count: 60000
  weight: 4
  island: {centre: [10, 10], area_km2: 900}
  settlement_count: 9
  movers_share: 0
  handsets: {on_share: 1, rat_shares: {4G: 0.7, 5G: 0.3}}
channels: {cell_broadcast: {}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("valley")
    (path / "alert.xml").write_text(ALERT)
    (path / "valley.yaml").write_text(SCENARIO)
    return path


@pytest.fixture(scope="module")
def country(folder):
    return build_country(load_scenario(folder / "valley.yaml"))


@pytest.fixture(scope="module")
def result(country):
    return pipeline.result_of(country, pipeline.run(country))


def row(rows, operator="any", rat="any"):
    return next(r for r in rows if (r["operator"], r["rat"]) == (operator, rat))


def test_a_run_and_a_survey_agree_on_both_words(folder, result):
    surveyed, warnings = network_figures(open_survey(folder / "valley.yaml"))
    assert not warnings
    assert [(r["operator"], r["rat"]) for r in surveyed] == [
        (r["operator"], r["rat"]) for r in result.network
    ]
    for ours, theirs in zip(surveyed, result.network, strict=True):
        assert (ours["operator"], ours["rat"]) == (theirs["operator"], theirs["rat"])
        assert ours["outdoors_share"] == theirs["outdoors_share"]
        assert ours["indoors_share"] == theirs["indoors_share"]
        assert ours["people_per_site"] == theirs["people_per_site"]
        # A run counts the plan at the places of 2,000 people.
        error = 4 * np.sqrt(0.25 / 2000)
        assert ours["planned_coverage_share"] == pytest.approx(theirs["planned_coverage_share"], abs=error)


def test_what_is_not_available_is_what_the_causes_say(country, result):
    owners = result.people[result.people["operator"] != "none"]
    share = owners.groupby("cause", observed=True)["weight"].sum() / owners["weight"].sum()
    whole = row(result.network)
    assert share["no_coverage"] == pytest.approx(1 - whole["outdoors_share"], abs=0.001)
    indoors = country.population.people.indoors.mean()
    behind_walls = indoors * (whole["outdoors_share"] - whole["indoors_share"])
    assert share["no_coverage_indoors"] == pytest.approx(behind_walls, abs=0.005)
    assert share["no_coverage_indoors"] > 0.02


def test_planned_coverage_is_the_median_signal_at_the_planning_threshold(country):
    network, people = country.network, country.population.people
    some = np.arange(0, len(people), 17)
    best = np.full(some.size, -np.inf)
    for cell in np.flatnonzero(network.cells.operator == 0):
        at = np.full(some.size, cell)
        best = np.maximum(best, radio.level_db(network, at, people.x_m[some], people.y_m[some]))
    plan = row(network_rows(network, country.population), "North")["planned_coverage_share"]
    assert plan == pytest.approx((best >= 0).mean(), abs=0.04)


def test_sites_are_counted_once_and_share_the_people(country):
    rows = network_rows(country.network, country.population)
    for number, name in enumerate(country.network.operators):
        sites = np.unique(country.network.cells.site[country.network.cells.operator == number]).size
        assert row(rows, name)["sites"] == sites
        assert row(rows, name)["people_per_site"] == pytest.approx(60_000 / sites, abs=1)
    assert row(rows)["people_per_site"] is None


def test_a_result_keeps_its_network_on_disk_and_shows_it(result, tmp_path):
    result.save(tmp_path / "run")
    assert Result.load(tmp_path / "run").network == result.network
    assert (
        json.loads((tmp_path / "run" / "run.json").read_text())["summary"]["network"][0]["operator"] == "any"
    )
    assert "who can camp outdoors and indoors" in result.text()


def test_a_table_that_leaves_many_without_a_signal_is_probably_incomplete(country):
    without, people = signal_outdoors(country.population)
    assert without / people <= INCOMPLETE
    assert incomplete_table(country.population) == ()
    cells = country.network.cells
    some = np.isin(cells.site, np.unique(cells.site)[:6])
    names = [name for name, kept in zip(cells.name, some, strict=True) if kept]
    columns = {
        column: getattr(cells, column)[some]
        for column in cells.__dataclass_fields__
        if isinstance(getattr(cells, column), np.ndarray)
    }
    network = replace(country.network, cells=replace(cells, name=tuple(names), **columns))
    here = country.population.people
    demand = Demand(here.x_m, here.y_m, here.weight.astype(float), np.full(len(here), 100.0))
    poor = default_phones(network, demand, Streams(1))
    without, people = signal_outdoors(poor)
    assert without / people > INCOMPLETE
    assert "probably incomplete" in " ".join(incomplete_table(poor))
