"""Ibiza: a WorldPop raster says where people live."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from ewsim.geography.land import read_land
from ewsim.geography.plane import contains
from ewsim.scenario.load import load_scenario
from ewsim.settlement.rasters import people_of_raster

DATA = Path(__file__).parents[3] / "shared" / "data" / "ibiza"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data of Ibiza are not here")

SCENARIO = """
format: ewsim.scenario/1
name: ibiza
alert: {path: alert.xml}
network:
  path: cell-sites.csv
  land: land.geojson
  operators: [{name: A, rats: [2G, 3G, 4G, 5G]}]
population: {raster: population.tif}
"""


@pytest.fixture(scope="module")
def raster():
    pytest.importorskip("rasterio")
    return people_of_raster(DATA / "population.tif")


def test_the_raster_has_the_people_its_readme_says(raster):
    assert round(raster.people.sum()) == 146_416
    assert raster.people.min() > 0


def test_people_live_on_the_island(raster):
    frame = raster.frame()
    land = read_land(DATA / "land.geojson", frame).buffer(3_000)  # the outline is coarse
    x, y = frame.to_xy(raster.corner[:, 0, 1], raster.corner[:, 0, 0])
    inside = contains(land, x, y)
    assert raster.people[inside].sum() / raster.people.sum() > 0.95


def test_a_scenario_runs_on_the_raster_and_counts_everyone(tmp_path, raster):
    from ewsim import run_scenario
    from ewsim.scenario.starting.starter import alert_text

    for name in ("cell-sites.csv", "land.geojson", "population.tif"):
        shutil.copy(DATA / name, tmp_path / name)
    from datetime import UTC, datetime

    sent = datetime(2026, 1, 1, tzinfo=UTC)
    (tmp_path / "alert.xml").write_text(alert_text("ibiza", "Town", (38.95, 1.43), 12, sent))
    (tmp_path / "s.yaml").write_text(SCENARIO)
    result = run_scenario(load_scenario(tmp_path / "s.yaml"))
    people = result.ledger.people
    assert people["weight"].sum() == 146_416
    assert set(people["settlement"].unique()) == {"urban", "rural"}
    assert people["zone"].nunique() == 24
    inside = people["in_area"].to_numpy()
    reached = result.ledger.cause[inside] == 0
    assert 0 < reached.mean() < 1
    assert any("146,416 people in" in note for note in result.notes)
    assert np.isfinite(people["lat"]).all()
