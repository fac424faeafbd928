"""Scenarios on real cells and real places: two named operators, roaming, masts shared or not."""

from pathlib import Path

import numpy as np
import pytest

from ewsim.country.build import build_country
from ewsim.experiments.replications import run_scenario
from ewsim.scenario.load import load_scenario

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
pytestmark = [
    pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

LESOTHO = f"""
format: ewsim.scenario/1
name: lesotho
title: A warning for all of Lesotho over its two named operators
seed: 3
horizon_s: 3600
alert:
  path: {ROOT / "scenarios" / "island_cyclone.xml"}
  area_override: {{circles: [{{centre: [-29.58, 28.24], radius_m: 170000}}]}}
network:
  path: {DATA / "lesotho/opencellid.csv"}
  land: {DATA / "lesotho/land.geojson"}
  operators:
    - {{name: Vodacom, share: 0.55, rats: [2G, 3G, 4G]}}
    - {{name: Econet, share: 0.45, rats: [2G, 3G, 4G]}}
population:
  places: {DATA / "lesotho/places.csv"}
  people_count: 2000000
  weight: 200
channels:
  cell_broadcast: {{text: headline, duration_s: 1800}}
disturbances: []
"""


def country(tmp_path, *sets):
    path = tmp_path / "lesotho.yaml"
    path.write_text(LESOTHO)
    return load_scenario(path, sets=sets)


def covered(loaded):
    built = build_country(loaded)
    camping, handsets = built.population.camping, built.population.handsets
    weight = built.population.people.weight[handsets.owner]
    return built, float(np.average(camping.cell[:, 0] >= 0, weights=weight))


def test_a_warning_over_lesotho_s_two_operators(tmp_path):
    result = run_scenario(country(tmp_path))
    summary = result.summary()
    assert summary["population"] == 2_000_000
    assert summary["in_area"] > 0.99 * 2_000_000
    assert summary["reach"]["people"] + sum(summary["causes"].values()) == summary["in_area"]
    assert 0.1 < summary["reach"]["share"] < 0.9
    cells = result.cells
    assert set(cells["operator"]) == {"Vodacom", "Econet"}
    counts = cells["rat"].value_counts().to_dict()
    assert counts["3G"] > counts["2G"] > counts["4G"]  # 1,050 UMTS, 754 GSM, 132 LTE
    assert any("1,936 rows" in note for note in result.notes)
    assert any("18 rows more than 30 km off the land" in note for note in result.notes)


def test_national_roaming_gives_a_signal_to_more_people(tmp_path):
    built, alone = covered(country(tmp_path))
    _, together = covered(country(tmp_path, "network.national_roaming=true"))
    assert alone + 0.01 < together < 1
    own = built.network.cells.operator[built.population.camping.cell]
    on = built.population.camping.cell >= 0
    assert (own == built.population.handsets.operator[:, None])[on].all()


def test_masts_that_are_not_shared_are_more(tmp_path):
    shared, _ = covered(country(tmp_path))
    apart, _ = covered(country(tmp_path, "network.site_sharing=false"))
    assert len(apart.network.cells) == len(shared.network.cells)
    assert len(apart.network.sites) > len(shared.network.sites)
    cells = apart.network.cells
    operators = [np.unique(cells.operator[cells.site == s]).size for s in range(50)]
    assert set(operators) == {1}


def test_a_raster_of_the_signal_replaces_the_model(tmp_path):
    rasterio = pytest.importorskip("rasterio", reason="the extra geo is not installed")
    path = tmp_path / "no_signal.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=1,
        width=2,
        count=1,
        dtype="float32",
        nodata=-9999,
        crs="EPSG:4326",
        transform=rasterio.transform.from_origin(27, -28.5, 1.25, 2.5),
    ) as file:
        file.write(np.array([[-9999, -60]], dtype=np.float32), 1)
    built, share = covered(country(tmp_path, f"network.coverage=[{{path: {path}}}]"))
    x = built.population.people.x_m[built.population.handsets.owner]
    lon = built.network.frame.to_latlon(x, 0 * x)[1]
    on = built.population.camping.cell[:, 0] >= 0
    assert not on[lon < 28.25].any()  # no data: no signal
    assert on[lon > 28.25].mean() > share
    assert any("rasters replaces the radio model" in note for note in built.network.notes)
