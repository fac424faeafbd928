"""The keys of a scenario about targeting: read, checked against each other, and obeyed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely

from ewsim.country.build import build_country
from ewsim.errors import ScenarioError
from ewsim.experiments.replications import run_scenario
from ewsim.scenario.load import load_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SMALL = ("population.people_count=4000", "network.synthesis.coverage_target=0.7")


@pytest.fixture
def island(tmp_path):
    for name in ("island_cyclone.yaml", "island_cyclone.xml"):
        shutil.copy(SCENARIOS / name, tmp_path / name)
    return tmp_path / "island_cyclone.yaml"


def districts(folder, *boxes):
    features = []
    for code, (south, west, north, east) in enumerate(boxes, 1):
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": f"D{code}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    path = folder / "districts.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def country(path, *sets):
    return build_country(load_scenario(path, sets=[*SMALL, *sets]))


def test_every_fault_between_keys_is_told(island):
    text = island.read_text()
    island.write_text(text + "\ntargeting:\n  policy: county\n  by_operator:\n    Red: {policy: site_in}\n")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(island)
    lines = island.read_text().splitlines()
    said = {d.message: lines[d.line - 1] for d in caught.value.diagnostics}
    assert "policy: county" in said["the policy county needs admin areas."]
    assert "Red" in said["there is no operator 'Red'."]
    island.write_text(text)
    with pytest.raises(ScenarioError, match="no gazetteer"):
        load_scenario(island, sets=["alert.geocodes={SAME: {property: GEOID}}"])
    with pytest.raises(ScenarioError, match=r"there is no file 'nowhere\.geojson'"):
        load_scenario(island, sets=["alert.gazetteer=nowhere.geojson"])


def test_an_operator_chooses_by_its_own_rule(island):
    plain = country(island)
    own = country(island, "targeting.by_operator={Green: {policy: site_in}}")
    sites = country(island, "targeting.policy=site_in")
    green = plain.network.cells.operator == plain.network.operators.index("Green")
    np.testing.assert_array_equal(own.targeted[green], sites.targeted[green])
    np.testing.assert_array_equal(own.targeted[~green], plain.targeted[~green])
    assert (own.targeted != plain.targeted).any()


def test_a_message_of_geocodes_and_a_county_policy_take_the_users_areas(island):
    north, south = (15.5, -45.5, 16.5, -44.5), (14.5, -45.5, 15.5, -44.5)
    path = districts(island.parent, north, south)
    message = island.parent / "island_cyclone.xml"
    text = message.read_text()
    begin, end = text.index("<polygon>"), text.index("</polygon>") + len("</polygon>")
    code = "<geocode><valueName>ZONE</valueName><value>Z-D1</value></geocode>"
    polygons = text[begin:end]
    message.write_text(text.replace(polygons, code))
    keys = (
        f"alert.gazetteer={path}",
        "alert.geocodes={ZONE: {property: code, prefix: Z-}}",
        "targeting.policy=county",
    )
    made = country(island, *keys)
    _, low, _, high = made.area.bounds
    lat, _ = made.network.frame.to_latlon([0, 0], [low, high])
    assert lat == pytest.approx([15.5, 16.5])
    site_lat, _ = made.network.frame.to_latlon(made.network.sites.x_m, made.network.sites.y_m)
    np.testing.assert_array_equal(made.targeted, (site_lat > 15.5)[made.network.cells.site])


def test_phones_that_filter_are_counted_under_their_cause(island):
    sets = ("channels.location_based_sms=", "targeting.buffer_m=8000", "disturbances=[]")
    wide = run_scenario(load_scenario(island, sets=[*SMALL, *sets]))
    fence = "targeting.geofence={capable_share: 1, no_fix_indoors_share: 0, no_fix_outdoors_share: 0}"
    cut = run_scenario(load_scenario(island, sets=[*SMALL, *sets, fence]))
    before, after = wide.summary(outputs={}), cut.summary(outputs={})
    assert after["accuracy"]["overshoot_share"] < 0.5 * before["accuracy"]["overshoot_share"]
    assert after["reach"]["people"] >= 0.97 * before["reach"]["people"]
    assert after["reach"]["people"] + sum(after["causes"].values()) == after["in_area"]
    assert after["targeting"] == before["targeting"]  # the fence is not the choice of cells


def test_a_run_tells_how_far_outside_people_were_alerted_and_what_the_cells_alone_do(island):
    sets = [*SMALL, "targeting.buffer_m=8000"]
    loaded = load_scenario(island, sets=sets)
    result, made = run_scenario(loaded), build_country(loaded)
    people = result.people
    outside = people["reached_s"].notna() & ~people["in_area"]
    assert (people["overshoot_m"].notna() == outside).all()
    x, y = made.network.frame.to_xy(people["lat"].to_numpy(), people["lon"].to_numpy())
    some = np.flatnonzero(outside)[:50]
    away = [made.area.distance(shapely.Point(x[i], y[i])) for i in some]
    assert people["overshoot_m"].to_numpy()[some] == pytest.approx(away, abs=0.01)
    fit = result.summary()["targeting"]
    assert fit["cell_count"] == made.targeted.sum() == result.cells["targeted"].sum()
    assert fit["recall_share"] > result.summary()["accuracy"]["recall_share"]
