"""Areas and points off the country get a note with their place, whatever key holds them."""

import re
from typing import get_args

import pytest
from pydantic import BaseModel

from ewsim.country.build import build_country
from ewsim.country.checking import check_country
from ewsim.country.disturbed import _holds_points
from ewsim.disturbances.hazards.spec import HazardSpec
from ewsim.errors import ScenarioError
from ewsim.scenario.load import load_scenario
from ewsim.scenario.model import scenario_model
from ewsim.scenario.spec import AreaSpec, IslandSpec
from tests.country.test_disturbed import HEAD, scenario

HERE, SWAPPED, AWAY = "[15.53, -45.0]", "[-45.0, 15.53]", "[50.0, 10.0]"
DISC = "{circles: [{centre: CENTRE, radius_m: 9000}]}"
ON_THE_ISLAND = DISC.replace("CENTRE", HERE)

#: For every key that holds coordinates, a part of a scenario that has it.
KEYS = {
    "flows.origin": f"flows: [{{origin: {DISC}, destination: {ON_THE_ISLAND}, share: 1}}]",
    "flows.destination": f"flows: [{{origin: {ON_THE_ISLAND}, destination: {DISC}, share: 1}}]",
    "arrivals.entry_points": "arrivals: [{people_count: 9, entry_points: [CENTRE]}]",
    "arrivals.entry": f"arrivals: [{{people_count: 9, entry: {DISC}}}]",
    "arrivals.destination": f"arrivals: [{{people_count: 9, destination: {DISC}}}]",
    "siren.positions": f"channels: {{cell_broadcast: {{}}, siren: {{positions: [{HERE}, CENTRE]}}}}",
    "where.area": f"disturbances: [{{kind: power_loss, at_s: 0, where: {{area: {DISC}}}}}]",
    "disturbances.places": "disturbances: [{kind: deployable, at_s: 0, places: [CENTRE]}]",
    "disturbances.depot": "disturbances: [{kind: repair_crews, at_s: 0, depot: CENTRE}]",
    "disturbances.area": f"disturbances: [{{kind: false_station, at_s: 0, area: {DISC}}}]",
    "alert.area_override": DISC,
}


def written(folder, key, centre):
    """A scenario with the part in it, from its seventh line on where it has a line of its own."""
    part = KEYS[key].replace("CENTRE", centre)
    file = scenario(folder, "")
    text = HEAD
    if key == "alert.area_override":
        text = text.replace("authoring_delay_s: 60", f"authoring_delay_s: 60, area_override: {part}")
    elif key.partition(".")[0] in ("flows", "arrivals"):
        text = text.replace("settlement_count: 3", f"settlement_count: 3, {part}")
    else:
        text += part + "\n"
    file.write_text(text)
    return file


def every_key(model, name=""):
    """The keys of a model that hold coordinates, each with the name of what holds it."""
    for key, field in model.model_fields.items():
        if _holds_points(field.annotation) or holds(field.annotation, AreaSpec):
            yield f"{name}.{key}"
        else:
            for below in models(field.annotation):
                if not issubclass(below, HazardSpec | IslandSpec):  # these are anywhere on the Earth
                    yield from every_key(below, key)


def holds(annotation, wanted):
    return annotation is wanted or any(holds(inner, wanted) for inner in get_args(annotation))


def models(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models(inner)


def test_every_key_that_holds_coordinates_has_a_case():
    assert set(every_key(scenario_model())) == set(KEYS)


@pytest.mark.parametrize(
    ("key", "centre", "hint"),
    [*((key, SWAPPED, "swapped|latitude first") for key in KEYS), ("siren.positions", AWAY, "Check")],
)
def test_a_place_off_the_country_is_a_note_or_a_fault_at_its_line(tmp_path, key, centre, hint):
    file = written(tmp_path, key, centre)
    line = file.read_text()[: file.read_text().index(centre)].count("\n") + 1
    try:
        (said,) = check_country(load_scenario(file)).notes
    except ScenarioError as error:  # people would go into the sea, or nobody is warned
        said = str(error).removeprefix(f"{file.parent}/")
    assert said.startswith(f"{file.name}:{line}:")
    assert re.search(hint, said, re.IGNORECASE)


def test_run_notes_what_check_notes_and_places_in_the_country_get_none(tmp_path):
    file = written(tmp_path, "siren.positions", SWAPPED)
    loaded = load_scenario(file)
    assert set(check_country(loaded).notes) <= set(build_country(loaded).notes)
    for key in KEYS:
        assert not check_country(load_scenario(written(tmp_path, key, HERE))).notes


def test_each_part_of_an_area_is_looked_at(tmp_path):
    two = f"{{circles: [{{centre: {HERE}, radius_m: 9000}}, {{centre: {SWAPPED}, radius_m: 9000}}]}}"
    file = scenario(tmp_path, f"  - {{kind: power_loss, at_s: 0, where: {{area: {two}}}}}")
    (note,) = check_country(load_scenario(file)).notes
    column = file.read_text().splitlines()[6].index(f"{{centre: {SWAPPED}") + 1
    assert note.startswith(f"s.yaml:7:{column}: warning: this circle is more than 10 km")
