"""The counts of parts of the people, merged in any order, give the document of all to the last digit."""

import dataclasses
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import make_ledger

from ewsim.ledger import Ledger, Response
from ewsim.metrics.denominators import Languages
from ewsim.metrics.reach import Spread, merged, spread
from ewsim.metrics.summary import counts_of, summarise
from ewsim.units import NEVER, US

PEOPLE = 600


def rows_of(ledger, rows):
    """The ledger of some of the people."""

    def taken(record):
        arrays = {
            field.name: getattr(record, field.name)[rows]
            for field in dataclasses.fields(record)
            if isinstance(getattr(record, field.name), np.ndarray)
        }
        return dataclasses.replace(record, **arrays)

    outcomes = {name: dataclasses.replace(taken(one), chain=None) for name, one in ledger.outcomes.items()}
    people = ledger.people.iloc[rows].reset_index(drop=True)
    response = None if ledger.response is None else taken(ledger.response)
    return Ledger(people, outcomes, ledger.events, ledger.cause[rows], response)


def document(counts, ledger):
    said = {"scenario": "s", "seed": 1, "version": "0", "cell_count": 1000, "horizon_s": 3600.0}
    languages = Languages(("fr",), ("fr", "en"))
    return json.dumps(summarise(counts, ledger.events, **said, languages=languages), allow_nan=False)


@pytest.fixture(scope="module")
def ledger():
    """People with all that may be counted: weights, arrivals, a hazard, false messages, a response."""
    made, _ = make_ledger(people=PEOPLE)
    draw = np.random.default_rng(3)
    people = made.people.copy()
    people["weight"] = draw.integers(1, 40, PEOPLE).astype(np.int32)
    people["arrived_s"] = np.zeros(PEOPLE)
    people["hazard_arrival_s"] = np.where(draw.random(PEOPLE) < 0.5, draw.random(PEOPLE) * 900, np.nan)
    outside = ~people["in_area"] & (made.reached_us < NEVER)
    people["overshoot_m"] = np.where(outside, draw.random(PEOPLE) * 5000, np.nan)
    people["false_alert_s"] = np.where(draw.random(PEOPLE) < 0.3, draw.random(PEOPLE) * 900, np.nan)
    people["corrected_s"] = people["false_alert_s"] + 60 * draw.random(PEOPLE)
    noticed = np.where(made.reached_us < NEVER, made.reached_us + US, NEVER)
    acted = np.where(draw.random(PEOPLE) < 0.5, noticed + 60 * US, NEVER)
    acted[noticed >= NEVER] = NEVER
    origin = np.where(noticed < NEVER, draw.integers(0, 2, PEOPLE), -1).astype(np.int8)
    response = Response(noticed, noticed, acted, origin, ("cell_broadcast", "word_of_mouth"))
    return dataclasses.replace(made, people=people, response=response)


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_parts_in_any_order_make_the_whole(ledger, seed, count):
    draw = np.random.default_rng(seed)
    part = draw.integers(0, count, PEOPLE)  # a part may have nobody
    counts = [counts_of(rows_of(ledger, np.flatnonzero(part == number))) for number in range(count)]
    draw.shuffle(counts)
    assert document(merged(counts), ledger) == document(counts_of(ledger), ledger)
    one_by_one = None
    for more in counts:
        one_by_one = merged([one_by_one, pickle.loads(pickle.dumps(more))])  # as a worker sends them
    assert document(one_by_one, ledger) == document(counts_of(ledger), ledger)


def test_parts_of_a_plain_run_make_the_whole():
    plain, _ = make_ledger(people=PEOPLE)
    halves = [counts_of(rows_of(plain, rows)) for rows in np.array_split(np.arange(PEOPLE), 2)]
    assert document(merged(halves), plain) == document(counts_of(plain), plain)


def test_a_part_that_knows_fewer_groups_adds_nobody_to_them(ledger):
    first, second = (rows_of(ledger, rows) for rows in np.array_split(np.arange(PEOPLE), 2))
    some = second.people["operator"].cat.remove_unused_categories()
    second = dataclasses.replace(second, people=second.people.assign(operator=some))
    counts = merged([counts_of(first), counts_of(second)])
    assert document(counts, ledger) == document(counts_of(ledger), ledger)


def test_a_spread_has_each_value_once():
    found = spread(np.array([5, 2, 5, 2, 9]), np.array([1, 2, 3, 4, 5]))
    np.testing.assert_array_equal(found.values, [2, 5, 9])
    np.testing.assert_array_equal(found.people, [6, 4, 5])
    nobody = Spread(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    for both in ([found, nobody], [nobody, found], [None, found]):
        for one, other in zip(merged(both), found, strict=True):
            np.testing.assert_array_equal(one, other)
    assert merged([None, None]) is None
    assert isinstance(pd.Series(found.people).sum(), np.int64)
