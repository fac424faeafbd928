"""Recovery that cannot be meant is refused with its place in the file."""

from __future__ import annotations

import pytest

from ewsim.country.checking import check_country
from ewsim.errors import InputError
from ewsim.scenario.load import load_scenario
from tests.country.test_disturbed import place, scenario

COW = "kind: deployable, at_s: 60"
CREWS = "kind: repair_crews, at_s: 60"


@pytest.mark.parametrize(
    ("keys", "at", "said"),
    [
        (f"{COW}, places: [[15.5, -45]], autonomy_s: -5", "-5", "autonomy_s"),
        (f"{COW}", "kind", "nothing says where the cow goes. Give places"),
        (f"{COW}, type: satellite_terminal", "kind", "nothing says where the satellite_terminal goes."),
        (f"{COW}, places: [[15.5, -45]], sites: [a]", "sites", "a cow takes places, not sites."),
        (f"{COW}, places: [[15.5, -45], [15.6, -45]], stock: 1", "stock", "2 places and a stock of 1."),
        (f"{COW}, places: [[15.5, -45]], leaves_s: 60", "leaves_s", "leaves_s (60) is not after at_s (60)."),
        (f"{COW}, places: [[15.5, -45]], operators: [Z]", "operators", "there is no operator 'Z'."),
        (f"{COW}, places: [[15.5, -45]], depot: port", "port", "the network has no site 'port'."),
        (f"{COW}, type: satellite_terminal, sites: [x]", "x]", "the network has no site 'x'."),
        (f"{CREWS}, order: [feeder_99]", "feeder_99", "the network has no element 'feeder_99'."),
        (f"{CREWS}, depot: garage", "garage", "the network has no site 'garage'."),
        (f"{CREWS}, ends_s: 0", "ends_s", "ends_s (0) is not after at_s (60)."),
        (f"{CREWS}, rest: none", "rest", "there is no order, and nothing follows it."),
        (f"{CREWS}, order: [feeder_01, feeder_01]", "feeder_01]", "'feeder_01' is there twice."),
    ],
)
def test_it_is_refused_where_it_stands(tmp_path, keys, at, said):
    file = scenario(tmp_path, f"  - {{{keys}}}")
    with pytest.raises(InputError) as raised:
        check_country(load_scenario(file))
    text = str(raised.value.diagnostics[0])
    assert text.startswith(f"{file}:{place(file, at)}: ")
    assert said in text


def test_a_depot_may_be_a_site(tmp_path):
    file = scenario(tmp_path, f"  - {{{COW}, places: [[15.5, -45]], depot: site_1}}")
    assert not [note for note in check_country(load_scenario(file)).notes if "depot" in note]


def test_sites_that_get_more_power_must_be_there(tmp_path):
    more = "network: {power: {added: [{sites: [site_1], battery_s: 60}, {sites: [nope]}]}}"
    file = scenario(tmp_path, f"  - {{{CREWS}}}", more)
    with pytest.raises(InputError, match=r"s.yaml:8:\d+: the network has no site 'nope'"):
        check_country(load_scenario(file))


def test_a_place_off_the_country_and_one_after_the_end_are_notes(tmp_path):
    later = "  - {kind: deployable, at_s: 900, places: [[15.5, -45]]}\n"
    file = scenario(tmp_path, later + "  - {kind: deployable, at_s: 0, places: [[-45, 15.5]]}")
    notes = check_country(load_scenario(file)).notes
    assert any("this comes 900 s after the decision" in note for note in notes)
    assert any("Latitude and longitude seem swapped" in note for note in notes)
