"""A hundred million people, by weight: the whole run, from the command to report and replay."""

import json
import resource
from pathlib import Path

import pytest
from peak import COMMAND, run_measured

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
CHANGES = (
    "population.people_count=100000000",
    "population.weight=100",
    "population.island.area_km2=250000",
    "population.settlement_count=1500",
    "population.arrivals=[{people_count: 50000, end_s: 7200, entry_points: [[15.5, -45.0]]}]",
    "alert.area_override={circles: [{centre: [15.5, -45.0], radius_m: 150000}]}",
)


@pytest.mark.heavy
def test_a_hundred_million_people_fit_by_weight_and_all_are_accounted_for(tmp_path):
    sets = [word for change in CHANGES for word in ("--set", change)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done, peak = run_measured(COMMAND, "run", ISLAND, *sets, "-o", tmp_path / "out", "--json", timeout=900)
    assert done.returncode == 0, done.stderr
    cpu_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    found = json.loads(done.stdout)
    print(f"{found['timing_s']}\n{cpu_s:.0f} s, peak {peak / 1000:.2f} GB")
    assert found["population"] == 100_050_000
    assert sum(found["causes"].values()) + found["reach"]["people"] == found["in_area"]
    assert found["in_area"] > 20_000_000
    assert found["causes"]["not_arrived"] > 0
    assert 0.3 < found["reach"]["share"] < 0.8
    assert (tmp_path / "out" / "replay.html").is_file()
    assert peak < 4_000  # MB
