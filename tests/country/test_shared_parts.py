"""What variants of a scenario have in common is built once, whatever their disturbances name."""

from pathlib import Path

from ewsim.country.build import CheckedParts, build_country
from ewsim.scenario.load import load_scenario

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
SMALL = ["population.people_count=300", "population.settlement_count=3"]


def test_a_disturbance_that_names_a_site_builds_no_new_ground_and_no_new_people():
    parts = CheckedParts()
    first = build_country(load_scenario(ISLAND, SMALL), parts)
    site = first.network.sites.name[0]
    named = f"disturbances=[{{kind: site_destroyed, at_s: 60, where: {{sites: [{site}]}}}}]"
    second = build_country(load_scenario(ISLAND, [*SMALL, named]), parts)
    assert second.network is first.network
    assert second.population.people is first.population.people


def test_another_seed_builds_another_ground():
    parts = CheckedParts()
    first = build_country(load_scenario(ISLAND, SMALL), parts)
    second = build_country(load_scenario(ISLAND, [*SMALL, "seed=2"]), parts)
    assert second.network is not first.network
