"""Two runs person by person: what adds up, and that a run differs from itself in nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import make_ledger

from ewsim.errors import DataError
from ewsim.metrics.comparison.pairs import paired_row, short_of
from ewsim.metrics.comparison.record import Comparison, beside, compared, paired_interval
from ewsim.metrics.comparison.runs import ComparedRun, changes, check_comparable, differences_of_people
from ewsim.metrics.comparison.verdict import _time_to_share, shares_apart, signed_time, value_text
from ewsim.metrics.reach import in_area, weights

SCENARIO = {"name": "made_up", "title": "", "horizon_s": 3600.0, "seed": 1}


def run_of(name="a", cell_broadcast=0.7, sms=0.5, *, people=600, **scenario):
    reach = {"cell_broadcast": cell_broadcast, "location_based_sms": sms}
    ledger, _ = make_ledger(people, reach=reach)
    changed = {**SCENARIO, "channels": {**reach}, **scenario}
    return ComparedRun(name, "", ledger, changed, 1, "0.1.0", name)


shares = st.floats(0, 1)


@settings(max_examples=15)
@given(shares, shares)
def test_a_run_beside_itself_is_zero_everywhere(cell_broadcast, sms):
    run = run_of("a", cell_broadcast, sms)
    pair = beside(run, replace(run, name="b")).pair
    assert pair["won_people"] == pair["lost_people"] == pair["net_people"] == pair["net_share"] == 0
    assert not pair["won_by_cause"]
    assert not pair["lost_by_cause"]
    assert not pair["missed_otherwise"]
    assert not pair["changes"]
    assert pair["sooner"] == pair["later"] == {"people": 0, "median_s": None}
    for row in [*pair["by_place"], *(row for rows in pair["by_group"].values() for row in rows)]:
        assert row["won_people"] == row["lost_people"] == 0
        assert row["before_share"] == row["after_share"]
    found = compared(run, [beside(run, replace(run, name="b"))])
    assert "exactly the people" in found.verdicts()["b"][0]


@settings(max_examples=15)
@given(shares, shares, shares, shares)
def test_people_won_and_lost_add_up_whichever_way_they_are_counted(one, two, three, four):
    first, run = run_of("a", one, two), run_of("b", three, four)
    made = beside(first, run)
    pair, whole = made.pair, compared(first, [made]).document
    before, after = (figures["reach"]["people"] for figures in whole["runs"])
    assert pair["won_people"] - pair["lost_people"] == pair["net_people"] == after - before
    for side in ("won", "lost"):
        assert sum(pair[f"{side}_by_cause"].values()) == pair[f"{side}_people"]
        for rows in (pair["by_place"], *pair["by_group"].values()):
            assert sum(row[f"{side}_people"] for row in rows) == pair[f"{side}_people"]
    for figures in whole["runs"]:
        assert figures["reach"]["people"] + sum(figures["causes"].values()) == whole["in_area"]
    back = beside(run, first).pair
    assert (back["won_people"], back["lost_people"]) == (pair["lost_people"], pair["won_people"])
    assert back["won_by_cause"] == pair["lost_by_cause"]


def test_the_order_of_rows_changes_nothing():
    first, run = run_of("a"), run_of("b", 0.4, 0.9)
    order = np.random.default_rng(1).permutation(len(first.ledger.people))

    def shuffled(one):
        outcomes = {
            name: replace(
                o,
                chain=None,
                **{
                    f: getattr(o, f)[order]
                    for f in ("sent_us", "received_us", "displayed_us", "copies", "displays", "cause")
                },
            )
            for name, o in one.ledger.outcomes.items()
        }
        ledger = replace(
            one.ledger,
            people=one.ledger.people.iloc[order].reset_index(drop=True),
            outcomes=outcomes,
            cause=one.ledger.cause[order],
        )
        return replace(one, ledger=ledger)

    assert beside(shuffled(first), shuffled(run)).pair == beside(first, run).pair


def test_a_replication_is_compared_as_the_whole_run_is():
    first, run = run_of("a"), run_of("b", 0.4, 0.9)
    inside, weight = in_area(first.ledger), weights(first.ledger)
    short = [short_of(one.ledger, inside, weight) for one in (first, run)]
    row, pair = paired_row(*short, weight[inside]), beside(first, run).pair
    assert {n: row[n] for n in ("net_people", "won_people", "lost_people", "net_share")} == {
        n: pair[n] for n in ("net_people", "won_people", "lost_people", "net_share")
    }
    alike = paired_row(short[0], short[0], weight[inside])
    assert set(alike.values()) <= {0, None}


def test_the_interval_of_the_mean_is_that_of_paired_differences():
    found = paired_interval(pd.DataFrame({"net_people": [10, 12, 14, 16]}))["net_people"]
    assert (found["low"], found["median"], found["high"]) == (10, 13, 16)
    # 13 +- t(0.975, 3) * sd / 2, with t = 3.182 and sd = 2.582
    assert found["mean_low"] == pytest.approx(13 - 3.182 * 2.582 / 2, abs=0.01)
    assert found["mean_high"] == pytest.approx(13 + 3.182 * 2.582 / 2, abs=0.01)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 2}, "seed 2"),
        ({"version": "0.0.9"}, "ewsim 0.0.9"),
        ({"sha256": "a"}, "damaged or was changed"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused_in_plain_words(change, said):
    with pytest.raises(DataError, match=said):
        check_comparable([run_of("a"), replace(run_of("b", 0.1), **change)])


def test_other_people_are_refused_with_what_differs_and_all_at_once():
    first, fewer = run_of("a"), run_of("b", people=500)
    swapped = run_of("c")
    swapped.ledger.people["sex"] = swapped.ledger.people["sex"].to_numpy()[::-1]
    with pytest.raises(DataError) as error:
        check_comparable([first, fewer, swapped])
    assert "12,500 people" in str(error.value)
    assert "differ in sex" in str(error.value)


def test_categories_in_another_order_are_the_same_people():
    first, run = run_of("a"), run_of("b", 0.1)
    sex = run.ledger.people["sex"].cat
    run.ledger.people["sex"] = sex.reorder_categories(list(sex.categories)[::-1])
    check_comparable([first, run])


def test_an_area_of_its_own_is_noted_and_the_people_of_the_first_count():
    first, run = run_of("a"), run_of("b", 0.1)
    run.ledger.people["in_area"] = ~run.ledger.people["in_area"]
    found = compared(first, [beside(first, run)])
    assert found.document["in_area"] == int(weights(first.ledger)[in_area(first.ledger)].sum())
    assert len(found.document["notes"]) == 2


def test_only_keys_that_differ_are_listed_and_names_are_no_difference():
    before = {"name": "a", "title": "A", "alert": {"x": 1, "y": [1, 2]}, "channels": {"siren": None}}
    after = {"name": "b", "title": "B", "alert": {"x": 2, "y": [1, 3]}, "channels": {"siren": {"k": 1}}}
    rows = {row["key"]: (row["before"], row["after"]) for row in changes(before, after)}
    assert rows == {"alert.x": (1, 2), "alert.y.1": (2, 3), "channels.siren": (None, {"k": 1})}
    assert [value_text("channels.siren", v) for v in rows["channels.siren"]] == ["off", "on"]
    assert value_text("disturbances", [{"kind": "power_loss"}]) == "power_loss"
    assert value_text("disturbances", []) == "none"


def test_shares_that_differ_never_read_alike():
    assert shares_apart(0.5, 0.6) == ("50 %", "60 %")
    assert shares_apart(0.501, 0.502) == ("50.1 %", "50.2 %")
    assert shares_apart(0.5, 0.5) == ("50 %", "50 %")


def test_two_times_that_read_alike_are_not_set_against_each_other():
    said = _time_to_share({"0.5": 75.2}, {"0.5": 74.6})
    assert said.endswith("has the alert 0.6 s earlier (after about 1 min 15 s)")
    assert _time_to_share({"0.5": 75.0}, {"0.5": 425.0}).endswith("later (after 7 min 5 s, not 1 min 15 s)")


def test_a_comparison_says_itself_in_a_line_and_as_a_table():
    first, run = run_of("a"), run_of("<b>", 0.1, 0.1)
    found = compared(first, [beside(first, run)])
    assert len(repr(found)) < 200
    assert "&lt;b&gt;" in found._repr_html_()
    assert max(map(len, found.text().splitlines())) <= 120


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, None, "never"),
        (None, 600.0, "after 10 min"),
        (600.0, None, "not by the end"),
        (600.0, 600.0, "same"),
        (600.0, 540.0, "-60 s"),
    ],
)
def test_a_time_that_only_one_run_has_is_said(before, after, said):
    assert signed_time(before, after).replace("1 min", "60 s") == said


def test_shares_of_one_table_have_as_many_digits_as_the_closest_needs():
    def run(name, people):
        share = people / 3000
        return {
            "name": name,
            "horizon_s": 60.0,
            "reach": {"people": people, "share": share},
            "time_to_share_s": {"0.5": None},
        }

    pairs = [{"name": n, "won_people": 0, "lost_people": 0, "net_people": 0} for n in ("b", "c")]
    document = {"runs": [run("a", 1448), run("b", 1440), run("c", 1301)], "pairs": pairs}
    rows = Comparison(document, {}).rows()
    assert [row[2] for row in rows[1:]] == ["48.3 %", "48.0 %", "43.4 %"]
    assert [row[6] for row in rows[1:]] == ["not in 1 min", "never", "never"]


def test_people_who_stand_for_more_are_refused_in_plain_words():
    run = run_of(people=300)
    people = run.ledger.people.iloc[::2].assign(weight=50).reset_index(drop=True)
    fewer = replace(run, name="b", ledger=replace(run.ledger, people=people))
    assert differences_of_people(run, fewer) == "a row of its people stands for 50, one of a for 25"
    assert differences_of_people(run, run_of(people=301)) == "it has 7,525 people, a has 7,500"
