"""From the tables of a result's folder back to the ledger."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ewsim.ledger import EVENT_COLUMNS, Chain, ChannelOutcome, Ledger, cause_names
from ewsim.units import NEVER, US

_PEOPLE_COLUMNS = (
    "person_id",
    "weight",
    "lat",
    "lon",
    "in_area",
    "camped_cell",
    "sex",
    "age_band",
    "disability",
    "language",
    "settlement",
    "poverty",
    "residence",
    "zone",
    "operator",
    "rat",
    "reached_s",
    "cause",
)
_OUTCOME_TIMES = ("sent", "received", "displayed")


def ledger_of(people: pd.DataFrame, events: pd.DataFrame, cell_count: int) -> Ledger:
    """The ledger whose `people_frame` and `events` these are.

    Parameters
    ----------
    people, events
        The tables.
    cell_count
        How many cells there are, which events may name.

    Raises
    ------
    ValueError
        A column is missing, or a table names what there is not.
    """
    missing = [name for name in _PEOPLE_COLUMNS if name not in people.columns]
    if missing:
        raise ValueError(f"people.parquet has no column {missing[0]!r}")
    events = events[list(EVENT_COLUMNS)]
    if not events["cell_id"].between(-1, cell_count - 1).all():
        raise ValueError("events.parquet names cells that cells.csv does not have")
    columns = list(people.columns)
    names = [c.removesuffix("_displayed_s") for c in columns if c.endswith("_displayed_s")]
    outcomes = {name: _outcome(people, name) for name in names}
    theirs = {c for c in columns if c.startswith(tuple(f"{name}_" for name in names))}
    own = [c for c in columns if c not in theirs | {"reached_s", "cause"}]
    return Ledger(people[own], outcomes, events, _codes(people["cause"]))


def _outcome(people: pd.DataFrame, name: str) -> ChannelOutcome:
    sent, received, displayed = (_to_us(people[f"{name}_{t}_s"]) for t in _OUTCOME_TIMES)
    times = [c for c in people.columns if c.startswith(f"{name}_") and c.endswith("_s")]
    milestones = tuple(c[len(name) + 1 : -2] for c in times[: times.index(f"{name}_sent_s")])
    chain = None
    if milestones:
        ways = [_to_us(people[f"{name}_{milestone}_s"]) for milestone in milestones]
        chain = Chain(milestones, np.column_stack(ways), np.arange(len(people), dtype=np.int32))
    return ChannelOutcome(
        sent_us=sent,
        received_us=received,
        displayed_us=displayed,
        copies=people[f"{name}_copies"].to_numpy(np.int16),
        displays=people[f"{name}_displays"].to_numpy(np.int16),
        cause=_codes(people[f"{name}_cause"]),
        chain=chain,
    )


def _to_us(times_s: pd.Series) -> Any:
    """Seconds, NaN: never, to integer microseconds; exact below 285 years."""
    values = times_s.to_numpy(np.float64)
    happened = ~np.isnan(values)
    out = np.full(values.size, NEVER, dtype=np.int64)
    out[happened] = np.rint(values[happened] * US).astype(np.int64)
    return out


def _codes(causes: pd.Series) -> Any:
    column = pd.Categorical(causes, categories=list(cause_names()))
    if column.isna().any():
        raise ValueError("a cause that is not in the closed list")
    return column.codes.astype(np.int8)
