"""The answer in words: rounded to what can be believed, never to a falsehood, never too wide."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewsim import ledger
from ewsim.metrics import table, words


def document(**changes):
    base = {
        "scenario": "island",
        "seed": 1,
        "arm": None,
        "in_area": 1000,
        "reach": {
            "people": 700,
            "share": 0.7,
            "by_channel": {"cell_broadcast": 0.6, "location_based_sms": 0.2},
        },
        "time_to_share_s": {"0.5": 42.0, "0.9": None, "0.95": None},
        "latency_s": {"p50": 20.0, "p90": 100.0, "p95": 130.0, "p99": 4800.0},
        "accuracy": {"undershoot_share": 0.3, "overshoot_share": 0.125},
        "causes": {"device_off": 50, "site_down_power": 250},
    }
    return {**base, **changes}


def test_every_cause_but_reached_has_words():
    assert set(words.CAUSES) == set(ledger.cause_names()) - {"reached"}


@given(st.integers(0, 10**10))
def test_a_count_is_within_five_percent_and_says_when_it_is_rounded(number):
    said = words.count(number)
    value = int(said.removeprefix("about ").replace(",", ""))
    assert abs(value - number) <= 0.05 * number
    assert said.startswith("about") == (value != number)


@given(st.floats(0, 1))
def test_a_percentage_is_never_rounded_to_nobody_or_everybody(share):
    said = words.percent(share)
    assert (said == "0 %") == (share == 0)
    assert (said == "100 %") == (share == 1)


@given(st.floats(10, 1e6))
def test_a_duration_is_within_seven_percent_and_has_no_sixtieth_second(seconds):
    said = words.duration(seconds)
    parts = {unit: int(n) for n, unit in re.findall(r"(\d+) (h|min|s)\b", said)}
    assert parts.get("s", 0) < 60
    assert parts.get("min", 0) < 60
    value = parts.get("h", 0) * 3600 + parts.get("min", 0) * 60 + parts.get("s", 0)
    assert value == pytest.approx(seconds, rel=0.07)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "never"),
        (8.34, "8.3 s"),
        (130, "2 min 10 s"),
        (4800, "1 h 20 min"),
        (599.9, "10 min"),
        (3599, "1 h"),
        (-20, "20 s before the decision"),
    ],
)
def test_durations(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((None, None, None), "Fewer than half {end}."),
        ((42.0, None, None), "{half}; fewer than 90 % {end}."),
        ((42.0, 300.0, 600.0), "{half}, 90 % after 5 min, 95 % after 10 min."),
    ],
)
def test_when_people_had_it_is_said_in_a_sentence(times, said):
    half = "Half of everyone in the area had the alert 42 s after the decision to warn"
    end = "had it by the end of the 2 hours simulated"
    shares = dict(zip(("0.5", "0.9", "0.95"), times, strict=True))
    sentence = words.answer(document(time_to_share_s=shares), 7200.0)[1]
    after = "Of those reached, half had it within 20 s, 95 % within 2 min 10 s."
    assert sentence == f"{said.format(half=half, end=end)} {after}"


def test_the_table_has_every_figure_and_causes_by_size():
    text = table.text(document(), "An island under a cyclone", 7200.0)
    assert text.startswith("An island under a cyclone (island, seed 1)")
    flat = re.sub(r"\s+", " ", text)
    for line in (
        "any channel 700 70 %",
        "cell broadcast 600 60 %",
        "location-based SMS 200 20 %",
        "50 % 42 s",
        "90 % not in 2 h",
        "95 % not in 2 h",
        "99 % within 1 h 20 min",
        "were outside the alert area 12 %",
        "Missed: 300 people",
    ):
        assert line in flat, line
    table_part = text[text.index("Missed: 300") :]
    assert table_part.index("lost power") < table_part.index("switched off")


def test_the_table_of_replications_says_in_how_many_runs_a_share_was_attained():
    runs = {
        "count": 20,
        "reach_share": {"median": 0.7, "mean": 0.69, "low": 0.65, "high": 0.76, "attained": 20},
        "time_to_0.9_s": {"median": 300.0, "mean": 310.0, "low": 240.0, "high": 360.0, "attained": 3},
        "time_to_0.5_s": {"median": None, "mean": None, "low": None, "high": None, "attained": 0},
    }
    flat = re.sub(r"\s+", " ", table.text(document(replications=runs), "", 7200.0))
    assert "reached 70 % 65 % to 76 %" in flat
    assert "time to 90 % 5 min 4 min to 6 min (in 3 of the runs)" in flat
    assert "time to 50 % never (in 0 of the runs)" in flat
    assert "Over 20 runs that differ by chance it is 65 % to 76 %, half of them above 70 %." in flat
    assert "This is one run" not in flat


def test_several_runs_show_every_channel_and_every_cause():
    row = {"median": 0.6, "mean": 0.6, "low": 0.5, "high": 0.7, "attained": 20}
    people = {"median": 1200.0, "mean": 1300.0, "low": 0.0, "high": 2500.0, "attained": 20}
    runs = {
        "count": 20,
        "reach_share": row,
        "reach_cell_broadcast_share": row,
        "latency_p95_s": {**row, "median": 60.0, "low": 50.0, "high": 70.0},
        "cause_no_device_people": {**people, "median": 300.0},
        "cause_relay_down_power_people": people,
    }
    flat = re.sub(r"\s+", " ", table.text(document(replications=runs), "", 7200.0))
    assert "reached by cell broadcast 60 % 50 % to 70 %" in flat
    assert "95 % of those reached within 1 min 50 s to 1 min 10 s" in flat
    missed = flat[flat.index("Missed in 20 runs") :]
    assert "a relay mast that connects their mast lost power 1,200 0 to 2,500" in missed
    assert missed.index("a relay mast") < missed.index("they have no phone")


def test_a_single_run_says_that_it_is_one():
    assert "This is one run; run more with --replications 30." in words.answer(document(), 7200.0)[0]


def test_nobody_in_the_area_and_nobody_reached():
    assert "Nobody was in the alert area." in table.text(document(in_area=0), "", 7200.0)
    nobody = document(
        reach={"people": 0, "share": 0.0, "by_channel": {"cell_broadcast": 0.0}},
        latency_s=dict.fromkeys(("p50", "p90", "p95", "p99")),
        time_to_share_s=dict.fromkeys(("0.5", "0.9", "0.95")),
        causes={"no_coverage": 1000},
    )
    text = table.text(nobody, "", 7200.0)
    assert "was reached." in text
    assert "within" not in text


@given(
    st.dictionaries(st.sampled_from(sorted(words.CAUSES)), st.integers(1, 10**9)),
    st.text(min_size=1, max_size=300),
)
def test_no_line_is_too_wide(causes, title):
    people = 10**9
    text = table.text(
        document(
            in_area=people + sum(causes.values()),
            reach={"people": people, "share": 0.5, "by_channel": {"cell_broadcast": 0.5}},
            causes=causes,
        ),
        title,
        7200.0,
    )
    assert max(len(line) for line in text.split("\n")) <= table.WIDTH
