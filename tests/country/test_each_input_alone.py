"""A table of cells, a table of places or both without a coastline: the land is around them."""

import pytest

from ewsim.country.build import build_country
from ewsim.errors import DataError
from ewsim.scenario.load import load_scenario

CELLS = "radio,mcc,net,area,cell,lon,lat\n" + "".join(
    f"LTE,429,{1 + i % 2},9,{2000 + i},{85.1 + i % 9 / 50:.3f},{27.6 + i // 9 / 50:.3f}\n" for i in range(81)
)
PLACES = "name,latitude,longitude,population\nA,27.7,85.2,4000\nB,27.65,85.15,900\n"
CIRCLE = "{circles: [{centre: [27.7, 85.2], radius_m: 20000}]}"
ALERT = "scenarios/island_cyclone.xml"


def country(tmp_path, network="{}", population="people_count: 5000", places=PLACES):
    (tmp_path / "cells.csv").write_text(CELLS)
    (tmp_path / "places.csv").write_text(places)
    path = tmp_path / "s.yaml"
    alert = f"{{path: {__file__.rsplit('/tests/', 1)[0]}/{ALERT}, area_override: {CIRCLE}}}"
    text = f"format: ewsim.scenario/1\nname: t\nalert: {alert}\nhorizon_s: 600\n"
    path.write_text(f"{text}network: {network}\npopulation: {{{population}}}\n")
    return build_country(load_scenario(path))


OPERATORS = "operators: [{name: N, mcc_mnc: 429-1}, {name: S, mcc_mnc: 429-02}]"


@pytest.mark.parametrize(
    ("network", "population", "people"),
    [
        (f"{{path: cells.csv, {OPERATORS}}}", "people_count: 5000", 5000),
        ("{}", "places: places.csv", 4900),
        (f"{{path: cells.csv, {OPERATORS}}}", "places: places.csv", 4900),
        (f"{{path: cells.csv, {OPERATORS}}}", "points: places.csv", 4900),
    ],
)
def test_each_input_alone_is_a_country(tmp_path, network, population, people):
    made = country(tmp_path, network, population)
    assert made.population.people.weight.sum() == people
    lat, lon = made.network.frame.to_latlon(made.population.people.x_m, made.population.people.y_m)
    assert (abs(lat - 27.68) < 0.4).all()
    assert (abs(lon - 85.2) < 0.4).all()
    assert any("No coastline is given" in note for note in made.population.notes)
    if "cells" in network:
        assert len(made.network.cells) == 81


def test_people_far_from_the_cells_are_refused(tmp_path):
    places = PLACES.replace("27.7,85.2", "85.2,27.7").replace("27.65,85.15", "85.15,27.65")
    with pytest.raises(DataError, match="km from where the people of"):
        country(tmp_path, f"{{path: cells.csv, {OPERATORS}}}", "places: places.csv", places)


def test_a_stated_total_that_a_file_does_not_have_is_noted(tmp_path):
    words = "are not the 9,800 stated (people_count): each counts 2 times"
    for more, noted in (("", False), (", people_count: 4900", False), (", people_count: 9800", True)):
        notes = country(tmp_path, population=f"points: places.csv{more}").population.notes
        assert any(words in note for note in notes) == noted
