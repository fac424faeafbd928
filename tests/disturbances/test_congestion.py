"""Congestion: texts slow down and are lost; cell broadcast does not notice."""

from __future__ import annotations

import numpy as np
import pytest

from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec, SurgeSpec
from ewsim.channels.location_based_sms.timing import drain_timing
from ewsim.disturbances.spec import CongestionSpec
from ewsim.experiments.replications import run_scenario
from ewsim.scenario.load import load_scenario
from ewsim.units import GSM, LTE, US
from ewsim.world import Surge

SETS = ["population.people_count=3000", "population.island.area_km2=60", "population.settlement_count=4"]
SETS += ["channels.location_based_sms.rate_per_s=5", "horizon_s=3600"]


@pytest.fixture(scope="module")
def runs():
    path = "scenarios/island_cyclone.yaml"
    found = {}
    for name, value in {"quiet": "[]", "busy": "[{kind: congestion, at_s: -60}]"}.items():
        found[name] = run_scenario(load_scenario(path, sets=[*SETS, f"disturbances={value}"]))
    return found


def test_cell_broadcast_is_what_it_was_and_texts_are_fewer_and_later(runs):
    quiet, busy = (runs[name].people for name in ("quiet", "busy"))
    for column in ("received_s", "displayed_s", "cause"):
        name = f"cell_broadcast_{column}"
        assert quiet[name].equals(busy[name])
    text = "location_based_sms_received_s"
    assert busy[text].notna().sum() <= quiet[text].notna().sum()
    both = quiet[text].notna() & busy[text].notna()
    assert (busy[text] - quiet[text])[both].median() > 0
    for one in runs.values():
        summary = one.summary()
        assert summary["reach"]["people"] + sum(summary["causes"].values()) == summary["in_area"]
    events = runs["busy"].events
    [row] = events[events["inject"] == "congestion_1"].to_dict("records")
    assert row["detail"] == "congestion: 12 times the ordinary calls get through"
    assert not any("no cell goes out" in note for note in runs["busy"].notes)


def test_a_surge_of_the_channel_and_one_of_the_world_are_the_same():
    own = drain_timing(LocationBasedSmsSpec(surge=SurgeSpec(at_s=60)), 1)
    world = drain_timing(LocationBasedSmsSpec(), 1, "", [Surge(60 * US, 1800 * US, 10, 0.9)])
    for one, other in zip(own, world, strict=True):
        np.testing.assert_array_equal(one, other)


def test_pages_take_longer_while_others_are_paged():
    surges = [Surge(0, 600 * US, 1, 0.2, paging_share=0.5), Surge(600 * US, 600 * US, 1, 0.2, 5.0, ("Blue",))]
    timing = drain_timing(LocationBasedSmsSpec(), 1, "Blue", surges, 3600 * US)
    before, first = timing.page_us[0], timing.page_us[timing.step(1)]
    assert first[LTE] / before[LTE] == pytest.approx(1 / (1 - 0.5 * np.exp(-30 / 600)), rel=1e-3)
    assert timing.page_us[timing.step(601 * US), GSM] / before[GSM] == pytest.approx(100, rel=1e-3)  # capped
    green = drain_timing(LocationBasedSmsSpec(), 1, "Green", surges, 3600 * US)
    assert (green.page_us < 3 * before).all()
    assert timing.part_us.size < 3600 / 60 + 4  # no step after the horizon


def test_barring_holds_calls_back():
    spec = CongestionSpec(kind="congestion", calls_factor=60, barred_share=0.95)
    assert spec.calls_factor * (1 - spec.barred_share) == pytest.approx(3)
    calls = [
        drain_timing(LocationBasedSmsSpec(), 1, "", [Surge(0, 1800 * US, factor, 0.2)]).blocking[1, 0]
        for factor in (3, 12, 60)
    ]
    assert calls == sorted(calls)
    assert calls[0] < 0.01 < 0.5 < calls[2]


def test_an_operator_that_is_not_there_is_named():
    loaded = "disturbances=[{kind: congestion, operators: [Red]}]"
    with pytest.raises(Exception, match="no operator 'Red'"):
        load_scenario("scenarios/island_cyclone.yaml", sets=[loaded])
