"""The state of cells over time, against replaying every event of every cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ewsim.ledger import EVENT_COLUMNS
from ewsim.metrics.infrastructure import cell_changes, cells_at, fuel_burnt, timeline

CELLS = 3
DOWN = ("down_power", "down_backhaul", "destroyed")
kinds = st.sampled_from([*DOWN, "restored", "on_air", "off_air", "rejected"])
histories = st.lists(
    st.tuples(st.integers(-5, 20), st.sampled_from(["cell", "peer"]), kinds, st.integers(0, 2)), max_size=25
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


def events(rows) -> pd.DataFrame:
    return pd.DataFrame(
        [(float(t), element, kind, "A", cell, cell, "", "", "") for t, element, kind, cell in rows],
        columns=list(EVENT_COLUMNS),
    )


def replay(rows, until: float) -> tuple[list[bool], list[bool]]:
    """Whether each cell serves and is on air, by what it logged last up to a moment."""
    serves, on_air = [True] * CELLS, [False] * CELLS
    for t, element, kind, cell in rows:
        if t <= until and element == "cell":
            if kind in DOWN:
                serves[cell] = on_air[cell] = False
            elif kind == "restored":
                serves[cell] = True
            elif kind in ("on_air", "off_air"):
                on_air[cell] = kind == "on_air"
    return serves, on_air


@given(histories, st.integers(-6, 21))
def test_the_state_at_any_moment_is_that_of_the_replayed_events(rows, moment):
    found = cells_at(cell_changes(events(rows)), CELLS, moment)
    assert tuple(part.tolist() for part in found) == replay(rows, moment)


@given(histories)
def test_ever_on_air_is_on_air_after_some_event(rows):
    expected = np.zeros(CELLS, dtype=bool)
    for count in range(len(rows) + 1):
        expected |= replay(rows[:count], np.inf)[1]
    changes = cell_changes(events(rows))
    assert set(changes.loc[changes["on_air"].astype(bool), "cell_id"]) == set(np.flatnonzero(expected))


@given(histories)
def test_the_timeline_counts_every_event_once_and_begins_with_the_first(rows):
    table = timeline(events(rows))
    assert table["count"].sum() == len(rows)
    assert table["first_s"].is_monotonic_increasing
    for row in table.itertuples():
        times = [t for t, element, kind, _ in rows if (element, kind) == (row.element, row.kind)]
        assert (row[4], row.first_s, row.last_s) == (len(times), min(times), max(times))
        assert row.median_s == np.median(times)


def test_the_fuel_that_generators_burnt_is_read_from_the_last_event():
    burnt = [(9.0, "generator", "fuel_burnt", "", -1, -1, "", "288 l, 777 kg CO2", "")]
    table = pd.DataFrame(burnt, columns=list(EVENT_COLUMNS))
    assert fuel_burnt(table) == {"litres": 288, "co2_kg": 777}
    assert fuel_burnt(table.iloc[:0]) is None
