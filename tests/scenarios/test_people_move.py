"""The demonstration's morning: a ferry, commuters, an evacuation, and everybody accounted for."""

from pathlib import Path

import numpy as np
import pytest

from ewsim.country.build import build_country
from ewsim.errors import ScenarioError
from ewsim.experiments.replications import run_scenario
from ewsim.result.record import Result
from ewsim.scenario.load import load_scenario

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


@pytest.fixture(scope="module")
def loaded():
    return load_scenario(ISLAND, ["population.weight=5"], "people_move")


@pytest.fixture(scope="module")
def result(loaded):
    return run_scenario(loaded)


def test_who_arrives_is_found_by_the_broadcast_and_not_by_the_list(result):
    people = result.people
    late = people["arrived_s"] > 120  # the lists are drawn up within the first two minutes
    assert people.loc[late, "weight"].sum() == 4_000
    counts = people[late & people["in_area"]]
    assert len(counts) == late.sum()  # the pier is in the area
    assert counts["cell_broadcast_displayed_s"].notna().mean() > 0.15
    assert not counts["location_based_sms_displayed_s"].notna().any()
    assert (counts["location_based_sms_cause"] == "not_arrived").any()
    gone = counts["arrived_s"] > 5_600  # the broadcast lasts 5,400 s from the first minutes
    assert not counts.loc[gone, "reached_s"].notna().any()
    assert (counts.loc[gone, "cause"] == "not_arrived").mean() > 0.5
    assert any("4,000 people arrive during the run" in note for note in result.notes)


def test_reached_and_causes_are_everybody_who_was_there(result):
    summary = result.summary()
    assert sum(summary["causes"].values()) + summary["reach"]["people"] == summary["in_area"]
    assert summary["population"] == 254_000


def test_people_move_twice_and_more(loaded):
    people = build_country(loaded).population.people
    moves = np.bincount(np.diff(people.journeys.first))
    assert moves[1] > 5_000
    assert moves[2] > 200  # to work and on to safety; off the ferry, to town and on


def test_a_saved_run_says_the_same(result, tmp_path):
    result.save(tmp_path / "run")
    again = Result.load(tmp_path / "run").summary()
    assert again["latency_s"] == result.summary()["latency_s"]
    assert again["causes"] == result.summary()["causes"]


def test_people_who_would_go_into_the_sea_are_told_of_at_their_line(tmp_path):
    text = ISLAND.read_text(encoding="utf-8")
    (tmp_path / "island_cyclone.xml").write_bytes(ISLAND.with_suffix(".xml").read_bytes())
    file = tmp_path / "s.yaml"
    for wrong in ("[[15.612, -45.022]]", "{centre: [15.6, -44.95]", "{centre: [15.4, -45.0]"):
        pair = wrong[wrong.rindex("[") + 1 : wrong.index("]")]
        swapped = ", ".join(reversed(pair.split(", ")))
        file.write_text(text.replace(wrong, wrong.replace(pair, swapped)), encoding="utf-8")
        with pytest.raises(ScenarioError) as caught:
            build_country(load_scenario(file, ["population.weight=50"], "people_move"))
        (found,) = caught.value.diagnostics
        assert swapped in file.read_text(encoding="utf-8").splitlines()[found.line - 1]
        assert (found.file, found.column > 1) == (str(file), True)
        assert "land" in found.message
