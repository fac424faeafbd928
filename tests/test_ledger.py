"""The ledger: a closed list of causes, one primary cause a person, seconds at the edge."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ewsim.ledger import (
    CAUSE_CODE,
    EVENT_COLUMNS,
    REACHED,
    ChannelOutcome,
    Ledger,
    cause_names,
    causes_categorical,
    combined_cause,
    seconds,
)
from ewsim.units import NEVER, US


def outcome(displayed_us, cause):
    n = len(cause)
    displayed = np.array(displayed_us, dtype=np.int64)
    return ChannelOutcome(
        sent_us=np.zeros(n, dtype=np.int64),
        received_us=displayed,
        displayed_us=displayed,
        copies=np.arange(n, dtype=np.int16),
        displays=(displayed < NEVER).astype(np.int16),
        cause=np.array(cause, dtype=np.int8),
    )


def ledger(**outcomes):
    n = len(next(iter(outcomes.values())).cause)
    return Ledger(
        people=pd.DataFrame({"person_id": np.arange(n), "weight": 1}),
        outcomes=outcomes,
        events=pd.DataFrame(columns=list(EVENT_COLUMNS)),
        cause=combined_cause(outcomes, n),
    )


def test_the_causes_are_distinct_fit_the_code_and_begin_with_reached():
    assert len(set(cause_names())) == len(cause_names()) <= 127
    assert cause_names()[REACHED] == "reached"
    assert [CAUSE_CODE[name] for name in cause_names()] == list(range(len(cause_names())))


codes = st.integers(0, len(cause_names()) - 1)


@given(st.lists(st.tuples(codes, codes, codes), min_size=1, max_size=50))
def test_reached_by_any_channel_is_reached_else_the_first_listed_counts(rows):
    channels = {
        name: outcome([NEVER] * len(rows), column)
        for name, column in zip("abc", zip(*rows, strict=True), strict=True)
    }
    expected = [
        next(name for name in cause_names() if name in {cause_names()[code] for code in row}) for row in rows
    ]
    assert list(causes_categorical(combined_cause(channels, len(rows)))) == expected


def test_without_a_channel_nobody_is_reached_and_the_cause_says_so():
    assert [cause_names()[c] for c in combined_cause({}, 3)] == ["no_channel"] * 3


def test_reached_is_the_first_display_on_any_channel():
    run = ledger(
        cell_broadcast=outcome([5 * US, NEVER, NEVER], [0, 3, 3]),
        location_based_sms=outcome([2 * US, 9 * US, NEVER], [0, 0, CAUSE_CODE["paging_loss"]]),
    )
    assert run.reached_us.tolist() == [2 * US, 9 * US, NEVER]
    frame = run.people_frame()
    assert frame["reached_s"].tolist()[:2] == [2.0, 9.0]
    assert np.isnan(frame["reached_s"][2])
    assert frame["cause"].tolist() == ["reached", "reached", "no_coverage"]


def test_the_people_table_survives_parquet(tmp_path):
    run = ledger(cell_broadcast=outcome([1_500_000, NEVER], [0, CAUSE_CODE["opted_out"]]))
    frame = run.people_frame()
    frame.to_parquet(tmp_path / "people.parquet")
    again = pd.read_parquet(tmp_path / "people.parquet")
    pd.testing.assert_frame_equal(again, frame)
    assert again["cell_broadcast_displayed_s"].tolist()[0] == 1.5
    assert list(again["cause"].cat.categories) == list(cause_names())


def test_the_people_table_leaves_the_ledger_as_it_was():
    run = ledger(cell_broadcast=outcome([US], [0]))
    frame = run.people_frame()
    frame["weight"] = 99
    assert run.people["weight"].tolist() == [1]
    assert "reached_s" not in run.people


@given(st.lists(st.integers(-(2**40), 2**40) | st.just(NEVER), min_size=1, max_size=30))
def test_seconds_keep_every_microsecond_and_never_is_nan(times):
    array = np.array(times, dtype=np.int64)
    result = seconds(array)
    for time_us, time_s in zip(times, result, strict=True):
        assert np.isnan(time_s) if time_us == NEVER else round(time_s * US) == time_us


def test_causes_in_a_table_are_the_closed_list():
    column = causes_categorical(np.array([0, 5], dtype=np.int8))
    assert list(column) == [cause_names()[0], cause_names()[5]]
    assert list(column.categories) == list(cause_names())
