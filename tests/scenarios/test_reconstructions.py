"""The reconstructions say on their page what they give, and replay what was published."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ewsim.country.survey import open_network
from ewsim.disturbances import timeline
from ewsim.disturbances.hazards.spec import CycloneSpec
from ewsim.disturbances.hazards.strike import Strike
from ewsim.experiments.replications import run_scenario
from ewsim.metrics.protection import signal
from ewsim.scenario.load import load_scenario
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import World

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scenarios" / "reconstructions"
PAGE = (ROOT / "docs" / "guides" / "reconstructions.md").read_text(encoding="utf-8")
DAY = 86_400


@cache
def run(name, arm=None):
    return run_scenario(load_scenario(FOLDER / f"{name}.yaml", arm=arm), replications=1, workers=1)


def reached(name, arm=None):
    return run(name, arm).summary()["reach"]["people"]


def sites_off(result, days):
    """The share of sites of which no cell serves, at days after the decision."""
    cells = signal.serving_at(result.events, len(result.cells), np.array(days) * DAY)
    site = result.cells["site_id"].astype("category").cat.codes.to_numpy()
    return [1 - np.unique(site[serves]).size / (site.max() + 1) for serves in cells]


def has_signal(result, day):
    series = signal.series_of(result.squares, result.cells, result.events, np.array([day * DAY]))
    return series.people(series.signal[0]) / series.squares.people.sum()


def said(words, *numbers):
    """Each number stands on the page after these words."""
    found = re.search(re.escape(words) + r"(.*?)(?=\n\* |\Z)", PAGE, re.DOTALL)
    assert found, words
    for number in numbers:
        assert number in found[1], (words, number)


def thousands(people):
    return f"{round(people, -3):,}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.stem)
def test_each_is_a_valid_scenario_with_its_sources_and_arms(path):
    text = path.read_text(encoding="utf-8")
    assert "# Sources" in text
    assert f"| `{path.stem}` |" in PAGE
    load_scenario(path)


@pytest.mark.heavy
def test_maria_replays_the_reports_and_the_track_comes_near():
    reported, track = run("maria", "reported"), run("maria")
    days = [d - 7200 / DAY for d in (1.2, 6, 15, 28)]
    published = [0.952, 0.912, 0.846, 0.712]
    assert sites_off(reported, days) == pytest.approx(published, abs=0.002)
    found = sites_off(track, days)
    assert found == pytest.approx(published, abs=0.1)
    rows = ("after 1.2 days", "after 6 days", "after 15 days", "after 28 days")
    for words, share in zip(rows, found, strict=True):
        assert re.search(rf"Maria, (sites off )?{words} \|[^|]*\| {share:.0%} ".replace("%", " %"), PAGE)
    assert (
        f"{has_signal(reported, 28.9):.0%} (arm `reported`), {has_signal(track, 28.9):.0%}".replace("%", " %")
        in PAGE
    )


@pytest.mark.heavy
def test_ida_replays_its_causes_and_failures_that_lie_together_cost_more():
    events = run("ida").events
    off = events[(events["element"] == "site") & (events["time_s"] <= 0)]
    last = off.sort_values("time_s", kind="stable").drop_duplicates("site_id", keep="last")
    causes = last.loc[last["kind"] == "seen_off", "detail"].value_counts(normalize=True)
    assert causes[["power", "transport", "damage"]].tolist() == pytest.approx([0.62, 0.30, 0.08], abs=0.01)
    assert sites_off(run("ida"), [0, 1, 2]) == pytest.approx([0.521, 0.381, 0.285], abs=0.005)
    people = [reached("ida", arm) for arm in (None, "site_by_site", "no_outage")]
    assert people == sorted(people)
    said("**Ida.**", *map(thousands, people))


@pytest.mark.heavy
def test_tohoku_comes_near_what_was_reported():
    found = sites_off(run("tohoku"), [1.1, 3.1, 5, 16.9])
    assert found == pytest.approx([0.61, 0.255, 0.18, 0.063], abs=0.17)
    assert f"| {found[0]:.0%} |".replace("%", " %") in PAGE
    assert "| " + ", ".join(f"{100 * share:.0f}" for share in found[1:]) + " % |" in PAGE


@pytest.mark.heavy
def test_calls_hold_texts_back_in_tohoku_and_not_the_broadcast():
    late = [run("tohoku", arm).summary()["latency_s"]["p50"] for arm in (None, "texts")]
    sets = ["disturbances.calls.calls_factor=1", "disturbances.calls.background_load_share=0.2"]
    sets += ["disturbances.calls.paging_load_share=0"]
    calm = run_scenario(load_scenario(FOLDER / "tohoku.yaml", arm="texts", sets=sets)).summary()["latency_s"]
    assert late[0] < calm["p50"] < late[1] / 2
    said(
        "**Tohoku.**",
        f"{late[0]:.0f} seconds",
        f"{late[1] / 60:.0f} minutes",
        f"after {calm['p50'] / 60:.0f}:",
    )


@pytest.mark.heavy
def test_nothing_leaves_tonga_without_the_cable_until_the_satellites():
    assert reached("tonga") == 0
    assert [has_signal(run("tonga"), day) > 0 for day in (0, 4, 5)] == [False, False, True]
    said(
        "**Tonga.**",
        *(thousands(reached("tonga", a)) for a in ("terminals_ready", "sirens", "centre_at_home")),
    )


@pytest.mark.heavy
def test_the_correction_in_hawaii_waits_for_people_and_not_for_the_network():
    half = {arm: run("hawaii", arm).summary()["time_to_share_s"]["0.5"] / 60 for arm in (None, "prepared")}
    assert half[None] > 38
    assert half["prepared"] == pytest.approx(half[None] - 37, abs=0.5)
    false = run("hawaii").summary()["false_alerts"]
    assert false["time_to_correction_s"]["p50"] / 60 == pytest.approx(38, abs=1)
    assert run("hawaii", "two_persons").summary()["false_alerts"]["people"] == 0
    said("**Hawaii.**", f"{half[None]:.0f} minutes", thousands(false["people"]))


@pytest.mark.heavy
def test_in_valencia_the_alert_came_after_the_water_and_the_draft_before_it():
    counts = {}
    for arm in (None, "first_draft"):
        people = run("valencia", arm).people
        hit = people["hazard_arrival_s"].notna() & people["in_area"]
        before = hit & (people["reached_s"] <= people["hazard_arrival_s"])
        after = hit & people["reached_s"].notna() & ~before
        counts[arm] = [int(people["weight"][mask].sum()) for mask in (hit, before, after)]
    assert counts[None][1] == 0
    said("**Valencia.**", *(f"{n:,}" for n in (counts[None][0], counts[None][2], counts["first_draft"][1])))


# --- on real input ------------------------------------------------------------------------------

REAL = ROOT.parent / "shared" / "data" / "puerto_rico"


@pytest.mark.heavy
@pytest.mark.skipif(not REAL.exists(), reason="the real cells are not here (../shared)")
def test_marias_track_over_real_cells_comes_near_the_first_reports_and_fells_few_masts():
    network = open_network(REAL / "cells.csv", REAL / "land.geojson")
    storm = CycloneSpec.model_validate(
        {
            "kind": "cyclone",
            "path": str(REAL / "maria-hurdat2.txt"),
            "decided_at": "2017-09-20T10:15:00Z",
            "restoration": {
                "access_delay_s": 30 * DAY,
                "feeder_mean_s": 90 * DAY,
                "link_mean_s": 85 * DAY,
                "site_mean_s": 85 * DAY,
            },
        }
    )
    fallen = [loss for loss in Strike(0, storm).losses(network, Streams(1)) if loss.component == "tower"]
    assert 0.05 < len(fallen) / len(network.sites) < 0.12
    found = []
    for run_number in range(3):
        world = World(network, Streams(1, run_number), 2 * DAY * US, timeline.starts_us([storm]))
        timeline.start(world, [storm], PowerSpec())
        world.run()
        found.append(sum(root is not None for root in world.off) / len(network.sites))
    assert found == pytest.approx([0.954] * 3, abs=0.05)  # FCC, 22 September 2017
