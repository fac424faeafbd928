"""From the tables of a result's folder back to the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.errors import ShapelyError

from ewsim.errors import DataError, EwsimError
from ewsim.ledger import EVENT_COLUMNS, RESPONSE_COLUMNS, Chain, ChannelOutcome, Ledger, Response, cause_names
from ewsim.result import folder
from ewsim.result.partitions import StoredTable, index_of, stored_tables
from ewsim.units import NEVER, US

#: What reading a changed folder raises.
NONSENSE = (
    *(ArithmeticError, LookupError, TypeError, ValueError, AttributeError, OSError, ShapelyError),
    EwsimError,  # the people do not add up
)
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
_NO_PEOPLE = "has no people.parquet: the run kept figures, and not who was reached"
_FIGURES = ("recall_share", "overshoot_share", "false_alert_share", "overshoot_p50_m", "overshoot_p95_m")
_OUTCOME_TIMES = ("sent", "received", "displayed")


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """The ledger in a folder, which is read when it is asked for: whole, or a part of the people at a time.

    `tables` are `people` and `events`; a run may have no people. `cell_count` is how many cells there are.
    `document` is its `run.json`, None before there is one.
    """

    path: Path
    tables: Mapping[str, StoredTable]
    cell_count: int
    document: Mapping[str, Any] | None = None

    @classmethod
    def at(cls, path: Path, cell_count: int, document: Mapping[str, Any] | None = None) -> StoredLedger:
        """The ledger of a folder.

        Parameters
        ----------
        path
            The folder, with `people.parquet` or its parts, and `events.parquet`.
        cell_count
            How many cells there are, which events may name.
        document
            Its `run.json`; None before there is one.
        """
        given = {"tables": index_of(path)} if document is None else document
        return cls(path, stored_tables(path, given), cell_count, document)

    def events(self) -> pd.DataFrame:
        """The events table."""
        with self.reading():
            return events_of(self.tables["events"].frame(), self.cell_count)

    def parts(self) -> Iterator[Ledger]:
        """The people of one part after the other, each with all events; raises DataError."""
        people, events = self._people(), self.events()
        for frame in people.frames():
            with self.reading():
                part = ledger_of(frame, events, self.cell_count)
            yield part

    def read(self) -> Ledger:
        """The whole ledger; raises DataError."""
        people, events = self._people(), self.events()
        with self.reading():
            return ledger_of(people.frame(), events, self.cell_count)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What a folder that was changed raises is a DataError that names it."""
        try:
            yield
        except DataError:
            raise
        except NONSENSE as error:
            raise folder.fault(self.path, f"is damaged or was changed: {error}") from error

    def _people(self) -> StoredTable:
        if "people" not in self.tables:
            raise folder.fault(self.path, _NO_PEOPLE, "Run the scenario again and keep the people.")
        return self.tables["people"]


class LedgerField:
    """The field `ledger` of a result: a ledger, or a stored one that is read and checked when first used."""

    def __get__(self, result: Any, owner: type) -> Ledger:
        if result is None:
            raise AttributeError("only a finished run has a ledger")
        held = result.__dict__["ledger"]
        if isinstance(held, StoredLedger):
            result.__dict__["ledger"] = held.read()
            try:
                result.summary()
            except BaseException:
                result.__dict__["ledger"] = held
                raise
        ledger: Ledger = result.__dict__["ledger"]
        return ledger

    def __set__(self, result: Any, ledger: Ledger | StoredLedger) -> None:
        result.__dict__["ledger"] = ledger
        result.__dict__["stored"] = ledger if isinstance(ledger, StoredLedger) else None


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
    weight = people["weight"]
    if weight.dtype.kind not in "iu" or not weight.between(1, np.iinfo(np.int32).max).all():
        raise ValueError("people.parquet has weights that are not whole numbers from 1 on")
    camped = people["camped_cell"]
    if camped.dtype.kind not in "iu" or not camped.between(-1, cell_count - 1).all():
        raise ValueError("people.parquet names cells that cells.csv does not have")
    columns = list(people.columns)
    names = [c.removesuffix("_displayed_s") for c in columns if c.endswith("_displayed_s")]
    outcomes = {name: _outcome(people, name) for name in names}
    theirs = {c for c in columns if c.startswith(tuple(f"{name}_" for name in names))}
    own = [c for c in columns if c not in theirs | {"reached_s", "cause", *RESPONSE_COLUMNS}]
    return Ledger(people[own], outcomes, events, _codes(people["cause"]), _response(people))


def events_of(events: pd.DataFrame, cell_count: int) -> pd.DataFrame:
    """The events table, its columns in order; raises ValueError where it names cells that there are not."""
    if "inject" not in events:
        events = events.assign(inject="")  # results of version 0.1 and earlier
    events = events[list(EVENT_COLUMNS)]
    if not events["cell_id"].between(-1, cell_count - 1).all():
        raise ValueError("events.parquet names cells that cells.csv does not have")
    return events


def _response(people: pd.DataFrame) -> Response | None:
    """What people did, where the table has it."""
    if "noticed_s" not in people:
        return None
    noticed, understood, acted = (_to_us(people[f"{name}_s"]) for name in ("noticed", "understood", "acted"))
    origin = pd.Categorical(people["noticed_from"])
    if ((noticed > understood) | (understood > acted) | ((origin.codes < 0) != (noticed >= NEVER))).any():
        raise ValueError("people.parquet has people who understood before they noticed, or acted before that")
    sources = tuple(map(str, origin.categories))
    return Response(noticed, understood, acted, origin.codes.astype(np.int8), sources)


def check_words(document: Mapping[str, Any], horizon_s: float) -> None:
    """Hold the words of `run.json` against the scenario; raises ValueError."""
    words = {**document["alert"], **{n: document["identity"][n] for n in ("name", "version")}}
    wrong = [name for name, value in words.items() if not isinstance(value, str)]
    wrong += [] if document["horizon_s"] == horizon_s else ["horizon_s"]
    if wrong:
        raise ValueError(f"run.json has another {wrong[0]} than its scenario")
    datetime.fromisoformat(words["sent"])


def check_figures(document: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    """Hold the figures of `run.json` against those that the tables give; raises ValueError."""
    json.dumps(figures, allow_nan=False)
    said = document["summary"]
    counted = ("population", "handsets", "in_area", "causes", "time_to_share_s", "latency_s")
    wrong = [n for n in counted if said[n] != figures[n]]
    if wrong:
        raise ValueError(f"run.json has another {wrong[0]} than its tables and its scenario")


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
        copies=_counts(people[f"{name}_copies"]),
        displays=_counts(people[f"{name}_displays"]),
        cause=_codes(people[f"{name}_cause"]),
        chain=chain,
    )


def _counts(column: pd.Series) -> Any:
    if column.dtype.kind not in "iu" or not column.between(0, np.iinfo(np.int16).max).all():
        raise ValueError(f"people.parquet has numbers in {column.name} that are not counts")
    return column.to_numpy(np.int16)


def _to_us(times_s: pd.Series) -> Any:
    """Seconds, NaN: never, to integer microseconds; exact below 285 years."""
    values = times_s.to_numpy(np.float64)
    happened = ~np.isnan(values)
    if (np.abs(values[happened]) > NEVER / US / 2).any():
        raise ValueError(f"people.parquet has times in {times_s.name} that no run has")
    out = np.full(values.size, NEVER, dtype=np.int64)
    out[happened] = np.rint(values[happened] * US).astype(np.int64)
    return out


def _codes(causes: pd.Series) -> Any:
    column = pd.Categorical(causes)
    known = pd.Index(cause_names()).get_indexer(column.categories)
    if column.isna().any() or (known < 0).any():
        raise ValueError("a cause that is not in the closed list")
    return known[column.codes].astype(np.int8)


def targeting_of(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the choice of cells does; results of earlier versions and hand-made ones say nothing."""
    if document is None:
        return None

    def figures(of: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: None if of[name] is None else float(of[name]) for name in _FIGURES}
        return {"cell_count": int(of["cell_count"]), **known, "area_ratio": float(of["area_ratio"])}

    each = {name: figures(of) for name, of in document["by_operator"].items()}
    return {**figures(document), "by_operator": each}


def geometry_of(geojson: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON geometry that can be drawn."""
    shapely.geometry.shape(geojson)
    return geojson
