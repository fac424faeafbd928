"""`ewsim scenario new --national-test`: what an authority says becomes a scenario that agrees with a sum."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ewsim.cap.validator import validate
from ewsim.cli import run as ewsim
from ewsim.errors import UsageError
from ewsim.scenario.load import load_arms
from ewsim.scenario.presets import validated
from ewsim.scenario.starting.prediction import AVAILABLE, Answers, national_test, write_national_test

SAID = Answers(
    people=20_000,
    area_km2=140,
    urban_share=0.9,
    when=datetime(2026, 9, 10, 11, tzinfo=UTC),
    ownership=0.9,
    capable=0.8,
    capable_of="phones",
    level="2",
    operators="A:0.6:2G+4G+5G,B:0.4:2G+4G",
    opt_out=0.07,
    generations="2G:0.05,3G:0.05,4G:0.6,5G:0.3",
)
OPTIONS = (
    "--people 20000 --area-km2 140 --urban-share 0.9 --when 2026-09-10T11:00 --ownership 0.9 --capable 0.8 "
    "--capable-of phones --level 2 --opt-out 0.07 --operators A:0.6:2G+4G+5G,B:0.4:2G+4G"
)
WORDS = tuple(OPTIONS.split())


def handsets(said):
    return validated(national_test("t", said)[0]).population.handsets


def test_the_run_agrees_with_the_sum_by_hand(tmp_path, capsys):
    file = tmp_path / "my test.yaml"
    write_national_test(file, SAID)
    by_hand = 0.9 * 0.97 * 0.8 * 0.93 * AVAILABLE
    assert national_test("t", SAID)[1] == pytest.approx(by_hand)
    assert [loaded.arm for loaded in load_arms(file)] == [None, "capable_low", "capable_high"]
    report = validate(file.with_suffix(".xml").read_bytes(), "my test.xml")
    assert [f for f in report.findings if f.severity != "info"] == []
    assert ewsim(["run", str(file), "--json"]) == 0
    reach = json.loads(capsys.readouterr().out)["reach"]
    assert reach["of_phone_age"]["share"] == pytest.approx(by_hand, abs=0.02)


def test_the_capable_share_of_phones_is_split_by_generation():
    spec = handsets(SAID)
    all_phones = 0.05 * spec.cb_capable_2g_share + 0.05 * spec.cb_received_3g_share
    assert all_phones + 0.9 * spec.cb_capable_share == pytest.approx(0.8, abs=1e-3)
    assert handsets(replace(SAID, capable_of="smartphones")).cb_capable_share == 0.8
    people = handsets(replace(SAID, capable=0.72, capable_of="people"))
    assert people.cb_capable_share == spec.cb_capable_share


def test_what_the_capable_share_leaves_out_counts_once():
    spec = handsets(replace(SAID, net_of=frozenset(("off", "opt_out"))))
    assert (spec.on_share, spec.switch_on_share, spec.enabled_share) == (1, 0, 1)
    assert handsets(SAID).enabled_share == pytest.approx(0.93)
    assert handsets(replace(SAID, level="1")).enabled_share == 1
    assert handsets(replace(SAID, level="test")).test_enabled_share == pytest.approx(0.93)


def test_night_and_weekend_are_as_the_date_says():
    night = national_test("t", replace(SAID, when=datetime(2026, 9, 12, 3, tzinfo=UTC)))[0]["population"]
    assert night["handsets"]["on_share"] == 0.88
    assert night["day"] == {"hour": 3.0, "work_share": 0.2, "school_share": 0.0}


def test_a_large_country_keeps_its_density():
    people = national_test("t", replace(SAID, people=60_000_000, area_km2=300_000))[0]["population"]
    assert people["people_count"] / people["weight"] <= 60_000
    assert people["people_count"] / people["island"]["area_km2"] == pytest.approx(200)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"capable": 0.95, "capable_of": "people"}, "95% of people cannot have a capable phone if 90%"),
        ({"capable": 1.0}, "2G and 3G phones give"),
        ({"generations": "2G:1"}, "2G and 3G phones give"),
        ({"generations": "6G:1"}, "is not a share"),
        ({"operators": "A:4G"}, "NAME:SHARE:4G+5G"),
        ({"operators": "A:1:4G,A:1:5G"}, "a name twice"),
    ],
)
def test_what_cannot_be_true_is_refused(change, words):
    with pytest.raises(UsageError) as error:
        national_test("t", replace(SAID, **change))
    assert words in str(error.value)


def test_without_a_terminal_what_is_missing_is_named(tmp_path, capsys):
    file = str(tmp_path / "t.yaml")
    assert ewsim(["scenario", "new", file, "--national-test", *WORDS[4:]]) == 2
    assert "needs --people, --area-km2;" in capsys.readouterr().err
    assert ewsim(["scenario", "new", file, *WORDS]) == 2
    assert "belong to --national-test" in capsys.readouterr().err
    assert ewsim(["scenario", "new", file, "--national-test", *WORDS]) == 0
    assert "By hand" in capsys.readouterr().err
    assert ewsim(["scenario", "check", file]) == 0
