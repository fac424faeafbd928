"""Metrics against brute force over the people themselves, one by one, weights written out."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import summary_of

from ewsim.errors import EwsimError
from ewsim.ledger import EVENT_COLUMNS, ChannelOutcome, Ledger, cause_names, combined_cause
from ewsim.metrics import reach
from ewsim.metrics.accuracy import fit_to_area
from ewsim.metrics.causes import by_cause
from ewsim.metrics.combination import channels_together, repeats
from ewsim.metrics.latency import STAGES, latency_percentiles, stages, steps
from ewsim.metrics.replications import FEW, headline, interval, replications_frame
from ewsim.units import NEVER, US

CHANNELS = ("cell_broadcast", "location_based_sms")

# A channel's outcome for one person: a cause, or the lengths of the three stages and the displays.
missed = st.integers(1, len(cause_names()) - 1)
delivered = st.tuples(st.integers(0, 3 * US), st.integers(0, 3 * US), st.integers(0, US), st.integers(1, 3))
person = st.tuples(st.integers(1, 5), st.booleans(), st.sampled_from(["a", "b"]), *[missed | delivered] * 2)


def ledger_of(rows) -> Ledger:
    """A ledger of (weight, in area, group, outcome on each channel...) rows."""
    outcomes = {}
    for i, name in enumerate(CHANNELS, 3):
        got = [row[i] if isinstance(row[i], tuple) else None for row in rows]

        def times(stages, got=got):
            return np.array([sum(g[:stages]) if g else NEVER for g in got], dtype=np.int64)

        displays = np.array([g[3] if g else 0 for g in got], dtype=np.int16)
        outcomes[name] = ChannelOutcome(
            sent_us=times(1),
            received_us=times(2),
            displayed_us=times(3),
            copies=displays,
            displays=displays,
            cause=np.array([0 if g else row[i] for g, row in zip(got, rows, strict=True)], np.int8),
        )
    people = pd.DataFrame(
        {
            "weight": np.array([row[0] for row in rows], dtype=np.int32),
            "in_area": np.array([row[1] for row in rows], dtype=bool),
            "camped_cell": np.zeros(len(rows), dtype=np.int32),
            **{
                column: pd.Categorical([row[2] for row in rows], categories=["none", "b", "a", "c"])
                for column in reach.GROUPS
            },
            "age_band": pd.Categorical(
                [{"a": "18-34", "b": "0-9"}[row[2]] for row in rows], categories=["0-9", "18-34"]
            ),
        }
    )
    events = pd.DataFrame(columns=list(EVENT_COLUMNS))
    return Ledger(people, outcomes, events, combined_cause(outcomes, len(rows)))


rows_of_people = st.lists(person, min_size=1, max_size=25)
ledgers = rows_of_people.map(ledger_of)


def inside_expanded(ledger: Ledger, times_us) -> list[int]:
    """First displays of the people in the area, each person as often as their weight."""
    table = zip(ledger.people["weight"], ledger.people["in_area"], times_us, strict=True)
    return [int(t) for w, inside, t in table if inside for _ in range(w)]


# --- reach --------------------------------------------------------------------------------------


@given(ledgers)
def test_the_curve_counts_people_one_by_one_and_never_falls(ledger):
    for channel in (reach.ANY, *CHANNELS):
        everyone = inside_expanded(ledger, reach.displayed_us(ledger, channel))
        curve = reach.reach_curve(ledger, channel)
        assert curve.whole == len(everyone)
        assert (np.diff(curve.people) > 0).all()
        assert (np.diff(curve.time_us) > 0).all()
        for moment in {0, *everyone, *(t - 1 for t in everyone)}:
            assert curve.at(min(moment, NEVER - 1)) == sum(t <= min(moment, NEVER - 1) for t in everyone)


@given(ledgers, st.sampled_from(["0.5", "0.9", "0.95", "0.1", "0.3", "1.0"]))
def test_the_time_to_a_share_is_the_first_moment_at_which_it_is_there(ledger, wanted):
    everyone = sorted(inside_expanded(ledger, ledger.reached_us))
    needed = max(math.ceil(Fraction(wanted) * len(everyone)), 1)
    found = reach.time_to_share(reach.reach_curve(ledger), float(wanted))
    if len(everyone) < needed or everyone[needed - 1] == NEVER:
        assert found is None
    else:
        assert found == everyone[needed - 1] / US


def test_a_share_that_falls_on_a_person_is_attained_with_that_person():
    # 0.55 * 100 is 55.00000000000001 in floating point, and fifty-five people are enough
    rows = [(1, True, "a", (second * US, 0, 0, 1), 3) for second in range(1, 56)]
    curve = reach.reach_curve(ledger_of([*rows, *[(1, True, "a", 3, 3)] * 45]))
    assert reach.time_to_share(curve, 0.55) == 55.0
    assert reach.time_to_share(curve, 0.56) is None


@given(ledgers)
def test_groups_are_parts_of_the_whole(ledger):
    table = reach.by_group(ledger, "language")
    curve = reach.reach_curve(ledger)
    reached = int(curve.people[-1]) if curve.people.size else 0
    assert table["people"].sum() == curve.whole
    assert table["reached"].sum() == reached
    assert (table["reached"] + table["missed"] == table["people"]).all()
    assert list(table["group"]) == [g for g in ("b", "a") if g in set(table["group"])]
    assert table["share"][table["suppressed"]].isna().all()


@pytest.mark.parametrize("count", [29, 30])
def test_a_share_of_fewer_than_thirty_rows_is_not_given(count):
    small = [(100, True, "b", (0, 0, 0, 1) if i % 2 else 3, 3) for i in range(count)]
    large = [(1, True, "a", 3, 3)] * 40
    table = reach.by_group(ledger_of([*small, *large]), "sex").set_index("group")
    assert bool(table.loc["b", "suppressed"]) == (count < 30)
    assert math.isnan(table.loc["b", "share"]) == (count < 30)
    assert table.loc["b", "people"] == count * 100, "weights do not make a small group large"
    assert table.loc["a", "share"] == 0


# --- causes, accuracy, redundancy ---------------------------------------------------------------


@given(ledgers)
def test_causes_and_reached_add_up_to_everyone_in_the_area(ledger):
    table = by_cause(ledger)
    fit = fit_to_area(ledger)
    assert table["people"].sum() + fit.displayed_inside == fit.in_area
    assert (table["people"] > 0).all()
    assert (table["people"].diff().dropna() <= 0).all()
    assert "reached" not in set(table["cause"])
    for channel in CHANNELS:
        alone = by_cause(ledger, channel)["people"].sum()
        curve = reach.reach_curve(ledger, channel)
        assert alone + (curve.people[-1] if curve.people.size else 0) == fit.in_area


def test_a_ledger_that_contradicts_itself_is_refused():
    good = ledger_of([(1, True, "a", (1, 1, 1, 1), 3)])
    bad = Ledger(good.people, good.outcomes, good.events, np.array([5], dtype=np.int8))
    with pytest.raises(EwsimError, match="contradicts"):
        by_cause(bad)


@given(ledgers)
def test_accuracy_counts_people_one_by_one(ledger):
    fit = fit_to_area(ledger)
    table = list(zip(ledger.people["weight"], ledger.people["in_area"], ledger.reached_us, strict=True))
    inside = sum(w for w, there, t in table if there)
    outside_shown = sum(w for w, there, t in table if not there and t < NEVER)
    shown = sum(w for w, there, t in table if t < NEVER)
    assert fit.overshoot_share == (outside_shown / shown if shown else 0)
    expected = (inside - (shown - outside_shown)) / inside if inside else 0
    assert fit.undershoot_share == pytest.approx(expected)
    assert fit.recall_share == pytest.approx(1 - expected if inside else 0)


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 50)), max_size=30))
def test_overshoot_distances_are_those_of_counting_person_by_person(rows):
    plain = ledger_of([(w, False, "a", (1, 1, 1, 1) if shown else 3, 3) for w, shown, _ in rows])
    away = [float(d) if shown else np.nan for _, shown, d in rows]
    people = plain.people.assign(overshoot_m=np.array(away, dtype=np.float64))
    fit = fit_to_area(Ledger(people, plain.outcomes, plain.events, plain.cause))
    one_by_one = sorted(d for w, shown, d in rows if shown for _ in range(w))
    for share, found in ((0.5, fit.overshoot_p50_m), (0.95, fit.overshoot_p95_m)):
        if one_by_one:
            assert found == one_by_one[math.ceil(share * len(one_by_one)) - 1]
        else:
            assert found is None


@given(ledgers)
def test_how_many_channels_reached_each_person(ledger):
    found = channels_together(ledger)
    fit = fit_to_area(ledger)
    assert sum(found["by_count"].values()) == fit.in_area
    assert sum(n for count, n in found["by_count"].items() if count != "0") == fit.displayed_inside
    assert sum(found["only"].values()) == found["by_count"].get("1", 0)
    for name, outcome in ledger.outcomes.items():
        twice = [t if d > 1 else NEVER for t, d in zip(outcome.displayed_us, outcome.displays, strict=True)]
        row = repeats(ledger).set_index("channel").loc[name]
        shown = inside_expanded(ledger, outcome.displayed_us)
        assert row["displayed"] == sum(t < NEVER for t in shown)
        assert row["displays_over_1"] == sum(t < NEVER for t in inside_expanded(ledger, twice))


# --- latency ------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(-US, 5 * US), st.integers(1, 9)), min_size=1, max_size=40),
    st.lists(st.sampled_from([0.1, 1, 2.5, 25, 50, 90, 95, 97.5, 99, 100]), max_size=5),
)
def test_percentiles_are_numpys_inverted_cdf_over_everyone(rows, wanted):
    times, weight = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    found = steps(times, weight, wanted)
    everyone = sorted(np.repeat(times, weight).tolist())
    for value, p in zip(found, wanted, strict=True):
        rank = max(math.ceil(Fraction(str(p)) / 100 * len(everyone)), 1)
        assert value == everyone[rank - 1]
    if 50 in wanted:
        median = np.percentile(np.repeat(times, weight), 50, method="inverted_cdf")
        assert found[wanted.index(50)] == median


def test_nobody_has_no_latency():
    nobody = ledger_of([(1, True, "a", 3, 3), (1, False, "a", (1, 1, 1, 1), 3)])
    assert latency_percentiles(nobody) == {"p50": None, "p90": None, "p95": None, "p99": None}


def test_stages_of_one_person_add_up():
    table = stages(ledger_of([(2, True, "a", (2 * US, US, US // 2, 1), 3)]))
    mine = table[table["channel"] == "cell_broadcast"].set_index("stage")
    assert mine.loc[list(STAGES), "p50_s"].tolist() == [2.0, 1.0, 0.5, 3.5]
    assert mine["people"].tolist() == [2] * 4
    theirs = table[table["channel"] == "location_based_sms"]
    assert theirs["p50_s"].isna().all()


# --- weights ------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(rows_of_people)
def test_a_weight_is_that_many_people(rows):
    written_out = [(1, *row[1:]) for row in rows for _ in range(row[0])]
    weighted, expanded = ledger_of(rows), ledger_of(written_out)
    assert headline(weighted) == headline(expanded)
    one, other = (summary_of(ledger) for ledger in (weighted, expanded))
    # what is too small a sample to be shown depends on the rows, and rightly so
    for document in (one, other):
        del document["protection"]["gaps"]
        for groups in document["reach"]["by_group"].values():
            for group in groups.values():
                for key in ("share", "gap_ratio", "suppressed"):
                    del group[key]
    assert one == other


# --- replications -------------------------------------------------------------------------------


@given(st.lists(st.none() | st.floats(0, 1e6), min_size=1, max_size=90))
def test_the_range_lies_within_the_runs_and_around_their_mean(values):
    found = interval(pd.DataFrame({"metric": pd.Series(values, dtype=object)}))["metric"]
    known = sorted(v for v in values if v is not None)
    assert found["attained"] == len(known)
    if not known:
        assert found["median"] is found["mean"] is found["low"] is found["high"] is None
        return
    assert known[0] <= found["low"] <= found["high"] <= known[-1]
    assert found["mean"] == pytest.approx(math.fsum(known) / len(known), abs=1e-9)
    if len(known) < FEW:
        assert (found["low"], found["high"]) == (known[0], known[-1])


def test_the_range_of_many_runs_leaves_out_their_tails():
    found = interval(pd.DataFrame({"reach_people": np.arange(1001)}))["reach_people"]
    assert found == {"median": 500.0, "mean": 500.0, "low": 25.0, "high": 975.0, "attained": 1001}


def test_the_headline_names_every_channel_and_what_was_not_attained():
    row = headline(ledger_of([(3, True, "a", (US, 0, 0, 1), 4), (7, True, "b", 3, 3)]))
    assert row["reach_people"] == 3
    assert row["reach_share"] == row["reach_cell_broadcast_share"] == 0.3
    assert row["reach_location_based_sms_share"] == 0
    assert row["time_to_0.5_s"] is None
    assert row["latency_p50_s"] == 1.0
    assert row["undershoot_share"] == pytest.approx(0.7)
    causes = {name: people for name, people in row.items() if name.startswith("cause_")}
    assert sum(causes.values()) == 7


def test_a_cause_that_a_run_does_not_have_missed_nobody():
    table = replications_frame([{"reach_people": 1, "cause_a_people": 2}, {"reach_people": 3}])
    assert table["cause_a_people"].tolist() == [2, 0]
