"""A run a shard of people at a time gives the run of everybody at once, to the byte."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.errors import ScenarioError
from ewsim.experiments.nation.built import nation_of
from ewsim.experiments.nation.running import ShardWork, run_by_shards, shards_of
from ewsim.experiments.replications import run_scenario
from ewsim.result import folder
from ewsim.scenario.load import load_scenario

ISLAND = Path(__file__).parents[3] / "scenarios" / "island_cyclone.yaml"
SMALL = ("population.people_count=1500", "horizon_s=2400", "population.settlement_count=8")
#: What makes people depend on others: shared phones, second SIMs, people who arrive, leave and roam.
TANGLED = (
    "population.handsets.shared_phone_share=0.5",
    "population.handsets.dual_sim_share=0.3",
    "population.handsets.roaming_share=0.1",
    "population.visitors_share=0.2",
    "population.movers_share=0.3",
    "network.national_roaming=true",
    "response={telling: {informed_count: 0}}",
)
#: Half an evacuation: who goes is counted when it begins, and destinations are drawn in turn.
FLOW = (
    "population.flows=[{share: 0.4, start_s: 300, end_s: 900, counted: at_start, "
    "origin: {circles: [{centre: [15.5, -45.0], radius_m: 15000}]}, "
    "destination: {circles: [{centre: [15.5, -45.0], radius_m: 8000}]}}]"
)


def written(result, into: Path) -> tuple[bytes, bytes]:
    """The tables of people and of events as they would be one file each."""
    folder.write_parquet(result.ledger.people_frame(), into / "p")
    folder.write_parquet(result.events, into / "e")
    return (into / "p").read_bytes(), (into / "e").read_bytes()


def both(changes, shards: int, into: Path, arm: str | None = None, **how) -> None:
    loaded = load_scenario(ISLAND, [*SMALL, *changes], arm)
    (into / "whole").mkdir(parents=True, exist_ok=True)
    whole = run_scenario(loaded)
    parts = run_by_shards(loaded, shards, into / f"{shards}", people=True, **how)
    assert written(parts, into / "whole") == written(whole, into / "whole")
    assert parts.notes == whole.notes
    mine, theirs = parts.summary(), whole.summary()
    for key in theirs.keys() - {"timing_s", "targeting", "network"}:
        assert mine[key] == theirs[key], key


def test_tangled_people_who_arrive_commute_and_leave_are_the_same(tmp_path):
    both(TANGLED, 3, tmp_path, arm="people_move")


def test_an_earthquake_reaches_the_people_of_a_shard_when_it_reaches_them_among_all(tmp_path, monkeypatch):
    """Squares that stand for many people do not depend on whose they are."""
    monkeypatch.setattr("ewsim.country.disturbed._SQUARES", 100)
    shakes = (
        "{kind: earthquake, at_s: 300, epicentre: [15.6, -44.9], magnitude: 7, hypocentre_depth_m: 15000}"
    )
    both([f"disturbances=[{shakes}]"], 3, tmp_path)


def test_what_needs_everybody_is_refused_with_what_to_write():
    changes = ["channels.app_push={}", "channels.siren={}", "targeting.policy=greedy", "response={}"]
    with pytest.raises(ScenarioError) as caught:
        nation_of(load_scenario(ISLAND, [*SMALL, *changes]))
    said = [str(fault) for fault in caught.value.diagnostics]
    assert len(said) == 4
    assert all("--shards" in one for one in said)


def test_nobody_shares_a_phone_across_a_border_and_work_travels_without_its_world():
    loaded = load_scenario(ISLAND, [*SMALL, *TANGLED])
    work = ShardWork(nation_of(loaded), None)
    shards = shards_of(work, 5, 1)
    assert [s.begin for s in shards[1:]] == [s.end for s in shards[:-1]]
    assert shards[0].begin == 0
    assert shards[-1].last
    assert shards[-1].end == work.nation.rows
    for shard in shards[1:]:
        people = work.nation.country(shard).population
        assert people.handsets.owner[people.people.handset[0]] == 0
        assert people.handsets.number[0] == shard.phones
    assert work.schedule.world.horizon_us
    assert "schedule" not in pickle.loads(pickle.dumps(work)).__dict__


_CHANGES = st.lists(
    st.sampled_from(
        [
            *TANGLED,
            "population.weight=7",
            "population.day={hour: 8}",
            "population.handsets.battery_life_s=1800",
            "population.handsets.no_sim_share=0.1",
            "channels.location_based_sms.rate_per_s=0.5",
            "channels.location_based_sms.undeliverable_share=0.2",
            "channels.location_based_sms.only_for=2g_3g",
            "channels.cell_broadcast=null",
            "channels.satellite={}",
            "channels.siren={positions: [[15.5, -45.0], [15.6, -45.05]]}",
            "population.arrivals=[{people_count: 300, end_s: 2000, entry_points: [[15.5, -45.0]]}]",
            FLOW,
        ]
    ),
    unique_by=lambda change: change.partition("=")[0],
    max_size=7,
)


@pytest.mark.heavy
@settings(max_examples=8, deadline=None)
@given(_CHANGES, st.integers(2, 9), st.sampled_from([None, "people_move", "no_outage"]), st.integers(0, 9))
def test_any_small_scenario_is_the_same_by_shards(tmp_path_factory, changes, shards, arm, seed):
    if arm == "people_move":
        changes = [
            c for c in changes if not c.startswith(("population.day", "population.flow", "population.arr"))
        ]
    both([*changes, f"seed={seed}"], shards, tmp_path_factory.mktemp("run"), arm=arm)


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_the_same_bytes_from_one_and_two_workers_and_from_dask(tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    both(TANGLED, 4, tmp_path / "one", workers=1)
    both(TANGLED, 4, tmp_path / "two", workers=2)
    for count in (2, 3):
        with distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as there:
            both(TANGLED, 5, tmp_path / f"dask{count}", workers=there.scheduler_address)
