"""People that do not fit into memory are refused before they are placed, with a weight that fits."""

import re
from pathlib import Path

import pytest

from ewsim.country import people
from ewsim.country.build import build_country
from ewsim.country.checking import check_country
from ewsim.errors import RunError
from ewsim.scenario.load import load_scenario

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


def island(*sets):
    return load_scenario(ISLAND, sets=("population.people_count=20000", *sets))


@pytest.mark.parametrize("call", [build_country, check_country])
def test_run_and_check_refuse_alike_and_name_a_weight_that_fits(monkeypatch, call):
    monkeypatch.setattr(people, "free_octets", lambda: 1e6)
    with pytest.raises(RunError, match=r"20,000 people at population\.weight 1 need") as refused:
        call(island())
    weight = int(re.search(r"weight: (\d+)", str(refused.value))[1])
    assert 20_000 / weight * people.OCTETS_A_ROW <= 1e6
    check_country(island(f"population.weight={weight}"))


def test_memory_without_end_is_never_found():
    assert 0 < people.free_octets() < 1e15
