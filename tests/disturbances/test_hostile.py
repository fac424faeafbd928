"""Hostile and human failure: who sees what is false, who waits in vain, and what each defence is worth."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

from ewsim.country.build import build_country
from ewsim.experiments.replications import run_scenario
from ewsim.population.presence.windows import Presence, beside, without
from ewsim.report import page
from ewsim.report.maps.ground import map_ground
from ewsim.report.replay.map import squares
from ewsim.report.speech import ENGLISH, speech_of
from ewsim.scenario.load import load_scenario
from ewsim.units import NEVER, US

PATH = "scenarios/island_cyclone.yaml"
SETS = ["population.people_count=2000", "population.island.area_km2=60", "population.settlement_count=4"]
NORTH = "{circles: [{centre: [15.52, -45.0], radius_m: 3000}]}"


def run(disturbances, *sets):
    loaded = load_scenario(PATH, sets=[*SETS, *sets, f"disturbances={disturbances}"])
    result = run_scenario(loaded)
    summary = result.summary()
    assert summary["reach"]["people"] + sum(summary["causes"].values()) == summary["in_area"]
    return result, summary


@pytest.fixture(scope="module")
def quiet():
    return run("[]")


def cb(result):
    return result.people["cell_broadcast_displayed_s"]


@pytest.mark.heavy
def test_a_cut_link_delays_and_a_spare_link_shortens_it(quiet):
    late, _ = run("[{kind: centre_cut, at_s: 0, restored_at_s: 1200}]")
    spare, _ = run("[{kind: centre_cut, at_s: 0, restored_at_s: 1200, spare_link_after_s: 300}]")
    ends = [cb(one).median() for one in (quiet[0], spare, late)]
    assert ends == sorted(ends)
    assert cb(late).min() > 1200
    assert 300 < cb(spare).min() < 1200


def test_who_waits_for_a_link_or_an_operator_is_missed_for_that():
    never, summary = run("[{kind: centre_cut, at_s: 0}]")
    assert summary["reach"]["people"] == 0
    assert summary["causes"]["centre_cut"] > 200
    assert {"no_device", "no_coverage_indoors"} <= set(summary["causes"])
    refused, summary = run("[{kind: operator_refuses, operators: [Green]}]")
    assert summary["causes"]["operator_refused"] > 100
    of = refused.people["operator"]
    missed = refused.people["cause"] == "operator_refused"
    assert set(of[missed]) == {"Green"}
    assert cb(refused)[of == "Blue"].notna().any()
    assert never.people["location_based_sms_displayed_s"].notna().sum() == 0


def test_who_saw_a_false_alert_is_counted_and_nobody_is_reached_by_it(quiet):
    result, summary = run("[{kind: false_alert, how: wrong_template, at_s: -600, corrected_after_s: 1000}]")
    false = summary["false_alerts"]
    assert false["people"] > 300
    assert 0.9 * false["people"] < false["corrected"] <= false["people"]
    assert false["time_to_correction_s"]["p50"] == pytest.approx(1000, abs=60)
    assert cb(result).equals(cb(quiet[0]))
    assert (result.people["false_alert_s"].dropna() > -600).all()
    assert "false_alerts" not in quiet[1]
    assert "A false message" in result.text()
    seen = f"{false['people']:,}"
    for say, words in ((ENGLISH, "by the end {} people see it"), (speech_of("es"), "lo han visto")):
        html = page.render(result, say)
        assert words.format(seen) in html
        assert 'id="false"' in html
    assert 'id="false"' not in page.render(quiet[0])
    land, times = map_ground(result), np.array([-3600, 0, 3600]) * US
    moments = np.frombuffer(b64decode(squares(result, land, times)["deceived"]), "<u2")
    assert {1, 0xFFFF} <= set(moments.tolist()) <= {1, 2, 0xFFFF}  # in ten minutes, later, never
    assert squares(quiet[0], land, times)["deceived"] is None
    _, early = run("[{kind: false_alert, how: expired, at_s: -3600}]")  # corrected before the decision
    assert early["false_alerts"]["time_to_correction_s"]["p50"] == pytest.approx(2280, abs=60)
    _, never = run("[{kind: false_alert, how: forged, corrected_after_s: null}]")
    assert never["false_alerts"]["corrected"] == 0


@pytest.mark.parametrize(
    ("how", "check", "other"),
    [
        ("forged", "signature", "replay"),
        ("replayed", "replay", "signature"),
        ("expired", "expiry", "two_person"),
        ("test_as_actual", "two_person", "signature"),
    ],
)
def test_a_check_stops_what_it_is_for(how, check, other):
    from ewsim.disturbances.hostile.spec import FalseAlertSpec

    def caught(*checks):
        return FalseAlertSpec(kind="false_alert", how=how, checks=checks).caught_share

    assert caught(check) == (0.9 if check == "two_person" else 1.0)
    assert caught(other) == caught() == 0.0


@pytest.mark.heavy
def test_a_signature_keeps_an_altered_area_off_the_air():
    alert = f"{{kind: false_alert, how: altered_area, at_s: 0, corrected_after_s: 900, area: {NORTH}}}"
    open_gate, without = run(f"[{alert}]")
    checked, held = run(f"[{alert[:-1]}, checks: [signature]}}]")
    assert without["false_alerts"]["people"] > 0
    assert held["false_alerts"]["people"] == 0
    assert cb(open_gate).min() > 900
    assert 120 < cb(checked).min() < 900


@pytest.mark.heavy
def test_a_false_station_holds_phones_and_keeps_them_from_the_alert(quiet):
    keys = f"kind: false_station, at_s: -60, lasts_s: 7000, area: {NORTH}"
    _, summary = run(f"[{{{keys}, corrected_after_s: 600}}]")
    assert summary["causes"]["false_station"] > 50
    assert summary["reach"]["people"] < quiet[1]["reach"]["people"]
    assert summary["false_alerts"]["people"] > 50
    assert summary["false_alerts"]["corrected"] == 0  # it holds them while the correction is on air
    _, compared = run(f"[{{{keys}, comparing_share: 1}}]")
    assert compared["false_alerts"]["people"] == 0
    _, silent = run(f"[{{{keys}, shows_message: false}}]")
    assert "false_alerts" not in silent
    assert silent["causes"]["false_station"] == summary["causes"]["false_station"]


def test_time_is_cut_out_of_a_presence():
    where = Presence(
        np.array([0, 2, 3]),
        np.array([5, 6, 7], dtype=np.int32),
        np.zeros(3, dtype=np.float32),
        np.array([0, 50, 0]),
        np.array([50, 100, 100]),
        np.full(2, -NEVER),
        np.full(2, NEVER),
    )
    cut = without(where, np.array([[0, 40, 60]]))
    rows = list(zip(cut.cell.tolist(), cut.from_us.tolist(), cut.to_us.tolist(), strict=True))
    assert cut.first.tolist() == [0, 2, 3]
    assert rows == [(5, 0, 40), (6, 60, 100), (7, 0, 100)]
    inside = without(where, np.array([[1, 40, 60], [1, 70, 200]]))
    assert inside.first.tolist() == [0, 2, 4]
    assert inside.from_us.tolist()[2:] == [0, 60]
    assert inside.to_us.tolist()[2:] == [40, 70]
    filled = beside(cut, np.array([[0, 40, 60]]))
    assert filled.first.tolist() == [0, 3, 4]
    assert filled.cell.tolist() == [5, -1, 6, 7]


def test_faults_are_named():
    for keys, says in (
        ("kind: operator_refuses, operators: [Red]", "no operator 'Red'"),
        ("kind: centre_cut, at_s: 5, restored_at_s: 5", "is not after at_s"),
        ("kind: false_alert, how: altered_area", "Give area"),
        (f"kind: false_station, at_s: 0, lasts_s: -1, area: {NORTH}", "lasts_s"),
    ):
        with pytest.raises(Exception, match=says):
            load_scenario(PATH, sets=[f"disturbances=[{{{keys}}}]"])
    sets = ["channels.cell_broadcast=null", "disturbances=[{kind: false_alert, how: forged}]"]
    with pytest.raises(Exception, match="the scenario has none"):
        load_scenario(PATH, sets=sets)
    assert build_country(load_scenario(PATH, sets=[*SETS, "disturbances=[]"])).idle is not None
