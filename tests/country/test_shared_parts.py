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


def test_what_is_brought_is_camped_on_once_until_something_else_is_brought():
    brought = "{kind: deployable, at_s: 0, setup_s: 0, places: [[15.5, -45.0]]}"
    cut = "{kind: backhaul_cut, at_s: 60}"
    parts = CheckedParts()

    def built(*disturbances):
        return build_country(
            load_scenario(ISLAND, [*SMALL, f"disturbances=[{', '.join(disturbances)}]"]), parts
        )

    first, second, moved = built(brought), built(brought, cut), built(cut, brought.replace("15.5", "15.6"))
    assert second.network is first.network
    assert second.population is first.population
    assert first.network is not first.network.built
    assert moved.network is not first.network
    assert second.outside is first.outside
    none = built(cut)
    assert none.network is none.network.built
    assert none.targeted.size == len(none.network.cells) < first.targeted.size
