"""Gaps, warning in time, proxies and lost connectivity: by hand, and as properties."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import HORIZON_S, make_ledger, make_result, summary_of

import ewsim
from ewsim.ledger import Ledger
from ewsim.metrics.accuracy import fit_to_area
from ewsim.metrics.causes import by_cause
from ewsim.metrics.combination import channels_together
from ewsim.metrics.protection import proxies
from ewsim.metrics.protection.connectivity import camped_counts, down_s, lost_person_hours
from ewsim.metrics.protection.gaps import between_groups, difference, widest, wilson
from ewsim.metrics.protection.warned import warned_in_time
from ewsim.metrics.reach import group_counts, reach_curves
from ewsim.report.sections.protection import tables_of
from ewsim.units import NEVER


def shuffled(ledger: Ledger, seed: int) -> Ledger:
    """The same people in another order."""
    order = np.random.default_rng(seed).permutation(len(ledger.people))
    outcomes = {
        name: dataclasses.replace(
            outcome,
            chain=None,
            **{
                f.name: getattr(outcome, f.name)[order]
                for f in dataclasses.fields(outcome)
                if f.name != "chain"
            },
        )
        for name, outcome in ledger.outcomes.items()
    }
    people = ledger.people.iloc[order].reset_index(drop=True)
    return Ledger(people, outcomes, ledger.events, ledger.cause[order])


def figures(ledger: Ledger, cells: int) -> dict:
    return summary_of(ledger, cells, horizon_s=HORIZON_S)


@settings(max_examples=5)
@given(seed=st.integers(0, 2**31), people=st.integers(1, 300), reach=st.floats(0, 1), area=st.floats(0, 1))
def test_causes_add_up_reach_never_falls_and_order_changes_nothing(seed, people, reach, area):
    shares = {"cell_broadcast": reach, "siren": 0.3}
    ledger, cells = make_ledger(people=people, seed=seed, reach=shares, in_area_share=area, sites=8)
    ledger.people["hazard_arrival_s"] = np.where(np.arange(people) % 3 == 0, np.nan, 300.0)
    one = figures(ledger, len(cells))
    assert one["reach"]["people"] + by_cause(ledger)["people"].sum() == one["in_area"]
    for curve in reach_curves(ledger).values():
        assert (np.diff(curve.people) >= 0).all()
        assert (np.diff(curve.time_us) > 0).all()
    together = channels_together(ledger)
    assert sum(together["shapley_share"].values()) == pytest.approx(one["reach"]["share"])
    assert figures(shuffled(ledger, seed), len(cells)) == one


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31), people=st.integers(60, 300))
def test_identical_groups_have_no_gap(seed, people):
    ledger, _ = make_ledger(people=people, seed=seed, sites=8)
    half = dataclasses.replace(ledger, people=ledger.people.assign(side="a"))
    other = ledger.people.assign(side="b")
    twice = Ledger(
        pd.concat([half.people, other], ignore_index=True).astype({"side": "category"}),
        {
            name: dataclasses.replace(
                outcome,
                chain=None,
                **{
                    f.name: np.tile(getattr(outcome, f.name), 2)
                    for f in dataclasses.fields(outcome)
                    if f.name != "chain"
                },
            )
            for name, outcome in ledger.outcomes.items()
        },
        ledger.events,
        np.tile(ledger.cause, 2),
    )
    (row,) = between_groups(twice, "side").to_dict("records")
    if not row["suppressed"]:
        assert row["gap"] == 0
        assert row["people"] == 0
        assert row["low"] <= 0 <= row["high"]


def test_a_run_compared_with_itself_is_zero_everywhere():
    run = make_result(people=500)
    (found,) = ewsim.compare(run, run).document["pairs"]
    assert [found[k] for k in ("won_people", "lost_people", "net_people")] == [0, 0, 0]
    assert not found["won_by_cause"]
    assert not found["missed_otherwise"]
    assert not found["sooner"]["people"]
    assert not found["later"]["people"]
    for rows in (found["by_place"], *found["by_group"].values()):
        assert all(r["won_people"] == r["lost_people"] == 0 for r in rows)


def test_intervals_are_newcombes():
    # Newcombe 1998, table II, case (a) 56/70 - 48/80, method 10
    assert difference(56 / 70, 70, 48 / 80, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference(10 / 10, 10, 0 / 20, 20) == pytest.approx((0.6791, 1.0), abs=5e-5)
    assert wilson(0.0, 0.0) == (0.0, 1.0)


def test_gaps_by_hand_and_small_groups_are_suppressed():
    ledger, _ = make_ledger(people=2000)
    table = between_groups(ledger, "age_band")
    small = table[table["suppressed"]]
    assert "75+" in set(small["group"]) | set(small["other"])
    assert small[["share", "gap", "people"]].isna().all(axis=None)
    inside = ledger.people["in_area"].to_numpy()
    row = table.iloc[0]
    theirs = [
        ledger.cause[inside & (ledger.people["age_band"] == row[name]).to_numpy()]
        for name in ("group", "other")
    ]
    shares = [(cause == 0).mean() for cause in theirs]
    assert row["gap"] == pytest.approx(shares[0] - shares[1])
    assert row["people"] == pytest.approx((shares[1] - shares[0]) * 25 * theirs[0].size)
    assert table["gap"].dropna().is_monotonic_increasing
    assert between_groups(ledger, "age_band", modelled=False).empty
    assert widest(group_counts(make_ledger(people=20)[0], "sex")) is None


def test_warned_in_time_counts_the_time_that_people_need():
    ledger, _ = make_ledger(people=300)
    assert warned_in_time(ledger) is None
    ledger.people["hazard_arrival_s"] = 150.0
    inside, weight = ledger.people["in_area"].to_numpy(), 25
    reached_s = np.where(ledger.reached_us < NEVER, ledger.reached_us / 1e6, np.inf)
    for need_s in (0.0, 120.0, 1e6):
        found = warned_in_time(ledger, need_s)
        assert found["in_time"] == weight * (inside & (reached_s + need_s <= 150) & (reached_s < 150)).sum()
        assert found["share"] == found["in_time"] / found["people"]
    lead = 150 - reached_s[inside & np.isfinite(reached_s)]
    assert found["lead_time_s"]["p10"] == pytest.approx(np.quantile(lead, 0.1, method="inverted_cdf"))
    assert found["lead_time_s"]["p10"] < 0 < found["lead_time_s"]["p90"]
    proxy = proxies.sendai(fit_to_area(ledger), None, warned_in_time(ledger))
    assert proxy["g6_share"] == warned_in_time(ledger)["share"]


def test_silence_and_costs():
    assert proxies.silence_s([480, 2760], 1e4) == (2280, True)  # Hawaii 2018: 08:07 to 08:45
    assert proxies.silence_s([480], 1000) == (520, False)
    assert proxies.per_extra_person(5000, 1000, 200) == 20
    assert proxies.per_extra_person(5000, 1000, 0) is None
    assert proxies.annual_cost(21_000, 15, 0.03) == pytest.approx(1759.10, abs=0.005)
    assert proxies.annual_cost(15_000, 15, 0.0, 10) == 1010


def test_lost_connectivity_is_the_time_that_cells_are_off():
    ledger, cells = make_ledger(people=500)
    off = down_s(ledger.events, len(cells), HORIZON_S)
    site = cells["site_id"].str[1:].astype(int)
    expected = np.where(site % 8 == 0, 1700.0, np.where(site % 4 == 0, HORIZON_S - 300.0, 0.0))
    np.testing.assert_allclose(off, expected)
    found = lost_person_hours(camped_counts(ledger), ledger.events, len(cells), HORIZON_S)
    who = ledger.people["in_area"]
    hours = off[ledger.people["camped_cell"][who]] * 25 / 3600
    assert found["person_hours"] == pytest.approx(hours.sum())
    assert found["affected"] == 25 * (hours > 0).sum()
    assert found["share"] == pytest.approx(hours.sum() / (25 * who.sum()))


def test_the_report_says_it_in_tables():
    result = make_result(people=600, sites=8)
    result.ledger.people["hazard_arrival_s"] = 300.0
    gaps, figures = tables_of(result.summary())
    assert gaps.rows[0][0] in ("Sex", "Age [years]", "Disability", "Language", "Settlement", "Network")
    assert any(row[0].startswith("Warned before the hazard") for row in figures.rows)
