"""What variants of a scenario have in common is built once, whatever their disturbances name."""

from pathlib import Path

import numpy as np
import pytest

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


TABLE = """site_id,lat,lon,operator,radio_type,backhaul_type,power_source,battery_s
a,15.50,-45.00,Blue,LTE,fibre,grid,7200
b,15.52,-45.02,Blue,LTE,microwave,grid,
c,15.47,-45.01,Green,LTE,,,
d,15.53,-44.99,Green,LTE,microwave,generator,
e,15.49,-44.97,Blue,LTE,,solar,900
"""


@pytest.mark.parametrize("given", ["synthesised", "a table", "a table with links"])
def test_other_backup_builds_no_new_ground_and_the_same_network_as_alone(given, tmp_path):
    sets = list(SMALL)
    if given != "synthesised":
        (tmp_path / "sites.csv").write_text(TABLE)
        sets.append(f"network.path={tmp_path / 'sites.csv'}")
    if given == "a table with links":
        (tmp_path / "links.csv").write_text("from,to\ncore,a\na,b\nb,c\nb,d\nd,e\n")
        sets.append(f"network.backhaul={tmp_path / 'links.csv'}")
    power = [
        "network.power.battery_median_s=8h",
        "network.power.generator_share=0.9",
        "network.power.relay.battery_factor=9",
    ]
    parts = CheckedParts()
    first = build_country(load_scenario(ISLAND, sets), parts)
    other = load_scenario(ISLAND, [*sets, *power])
    shared, alone = build_country(other, parts), build_country(other)
    assert shared.population.people is first.population.people
    assert shared.network.cells is first.network.cells
    assert shared.network.notes == alone.network.notes
    assert not np.array_equal(shared.network.sites.battery_s, first.network.sites.battery_s)
    for column in ("battery_s", "generator_s", "parent"):
        same = getattr(shared.network.sites, column), getattr(alone.network.sites, column)
        np.testing.assert_array_equal(*same)
    again = build_country(load_scenario(ISLAND, sets), parts)
    np.testing.assert_array_equal(again.network.sites.battery_s, first.network.sites.battery_s)
