"""Every shipped scenario and arm runs, adds up, and gives what it gave before.

Two records are pinned: the summary in `baseline.json`, and a hash of every column of the ledger
in `ledger_hashes.json`. They change only with a change of results, which docs/changelog.md marks
[RESULTS]. To renew both:

    EWSIM_RENEW=1 pytest -n 0 -m "heavy or not heavy" tests/scenarios/test_shipped.py
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path

import pytest

from ewsim import pipeline
from ewsim.country.build import CheckedParts, build_country
from ewsim.experiments.replications import run_scenario
from ewsim.scenario import document
from ewsim.scenario.load import load_scenario

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
BASELINE = Path(__file__).with_name("baseline.json")
HASHES = Path(__file__).with_name("ledger_hashes.json")
RENEW = bool(os.environ.get("EWSIM_RENEW"))

#: Changes that make a scenario small; the shipped sizes run in the documentation's tests.
SMALL = {
    "dam_break": ["population.weight=20"],
    "island_cyclone": ["population.people_count=20000"],
    "puerto_rico_maria": ["population.weight=100"],
}
SCENARIOS = {path.stem: path for path in sorted((ROOT / "scenarios").glob("*.yaml"))}
RUNS = [
    (name, arm)
    for name, path in SCENARIOS.items()
    for arm in (None, *(document.read(path).data.get("arms") or {}))
]


def run(name, arm=None, *more):
    sets = [*SMALL.get(name, []), *more]
    return run_scenario(load_scenario(SCENARIOS[name], sets=sets, arm=arm))


def pinned(result):
    summary = result.summary()
    keys = (
        "population",
        "handsets",
        "in_area",
        "reach",
        "time_to_share_s",
        "latency_s",
        "accuracy",
        "causes",
    )
    return {key: summary[key] for key in keys}


@cache
def parts(name):
    """Ground and people of a scenario, which its arms have in common."""
    return CheckedParts()


@cache
def small(name, arm):
    loaded = load_scenario(SCENARIOS[name], sets=SMALL[name], arm=arm)
    country = build_country(loaded, parts(name))
    return pipeline.result_of(country, pipeline.run(country))


def column_hash(column):
    """The values of one column, whatever type carries them."""
    if column.dtype.kind in "biuf":
        data = column.to_numpy().astype({"b": "u1", "f": "<f8"}.get(column.dtype.kind, "<i8"))
        return hashlib.sha256(data.tobytes()).hexdigest()[:16]
    return hashlib.sha256("\0".join(column.astype(str)).encode()).hexdigest()[:16]


def ledger_hashes(result):
    """One hash for each column of the people, the events and the cells."""
    tables = {"people": result.people, "events": result.events, "cells": result.cells}
    return {
        f"{table}.{name}": column_hash(frame[name])
        for table, frame in tables.items()
        for name in frame.columns
    }


def pin(path, key, found):
    """Compare with the pinned record, or renew it."""
    pinned_before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if RENEW:
        text = json.dumps({**pinned_before, key: found}, indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")
        return
    assert json.loads(json.dumps(found)) == pinned_before[key]


@pytest.mark.parametrize(("name", "arm"), RUNS)
def test_a_shipped_scenario_gives_what_it_gave_before(name, arm):
    found = pinned(small(name, arm))
    assert sum(found["causes"].values()) + found["reach"]["people"] == found["in_area"]
    pin(BASELINE, f"{name} {arm or ''}".strip(), found)


@pytest.mark.parametrize(("name", "arm"), RUNS)
def test_every_column_of_the_ledger_is_what_it_was_before(name, arm):
    pin(HASHES, f"{name} {arm or ''} small".replace("  ", " "), ledger_hashes(small(name, arm)))


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "arm"), RUNS)
def test_every_column_is_what_it_was_before_at_the_shipped_size(name, arm):
    result = run_scenario(load_scenario(SCENARIOS[name], arm=arm))
    pin(HASHES, f"{name} {arm or ''}".strip(), ledger_hashes(result))


def test_every_shipped_scenario_has_been_made_small():
    assert set(SMALL) == set(SCENARIOS)


# --- on real input ------------------------------------------------------------------------------

CELLS = SHARED / "data" / "puerto_rico" / "cells.csv"
ALERT = SHARED / "cap" / "corpus" / "valid" / "willglynn_oasiscap__ipaws-5e6dd964023f1930ef638846.xml"
#: The island, for a message that was meant for elsewhere.
OVER_THE_ISLAND = "alert.area_override={circles: [{centre: [18.22, -66.45], radius_m: 160000}]}"

real = pytest.mark.skipif(not CELLS.exists(), reason="the real cells are not here (../shared)")


@real
def test_a_real_alert_over_real_cells_and_places():
    """2,626 crowd-sourced cells, 2.3 million people in named places, a message really sent.

    Its sender kept it off cell broadcast; the scenario still sends it.
    """
    result = run(
        "puerto_rico_maria",
        None,
        f"network.path={CELLS}",
        f"alert.path={ALERT}",
        "alert.require=parse",
        OVER_THE_ISLAND,
        "channels.cell_broadcast.duration_s=3600",
        "channels.cell_broadcast.message_identifier=4371",
    )
    summary = result.summary()
    assert any("BLOCKCHANNEL=CMAS" in note for note in result.notes)
    assert summary["in_area"] == summary["population"] == 3_300_000
    assert sum(summary["causes"].values()) + summary["reach"]["people"] == summary["in_area"]
    assert 0 < summary["reach"]["share"] < 0.8
    assert any("2,626 rows" in note for note in result.notes)
    assert any("alert.area_override" in note for note in result.notes)
    assert summary["causes"]["site_down_power"] + summary["causes"]["site_down_backhaul"] > 0


@real
def test_the_storm_is_what_silences_the_real_cells():
    changes = [f"network.path={CELLS}", "channels.location_based_sms={text: headline}"]
    storm, calm = (run("puerto_rico_maria", None, *changes), run("puerto_rico_maria", "no_outage", *changes))
    before, after = calm.summary(), storm.summary()
    assert after["in_area"] == before["in_area"]
    assert after["reach"]["people"] < before["reach"]["people"]
    reached = calm.people["reached_s"].notna()
    lost = reached & storm.people["reached_s"].isna()
    blamed = set(storm.people.loc[lost, "cause"].astype(str))
    # Whoever was reached on the whole network and is not now: a site is to blame, or what the
    # next best cell can give.
    assert {"site_down_power", "site_down_backhaul", "site_destroyed"} <= blamed
