"""A result's folder: written beside and then renamed, so there is a whole one or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyarrow import csv
from shapely.errors import ShapelyError

from ewsim.errors import DataError, Diagnostic, RunError
from ewsim.ledger import EVENT_COLUMNS, Chain, ChannelOutcome, Ledger, cause_names
from ewsim.result.record import AlertSummary, Assumption, Identity, PageWriter, Result
from ewsim.scenario.model import scenario_model
from ewsim.units import NEVER, US

_FORMAT = "ewsim.result/1"
_CELL_TYPES = {
    **dict.fromkeys(("cell_id", "site_id", "operator", "rat"), pa.string()),
    **dict.fromkeys(("lat", "lon", "azimuth_deg"), pa.float64()),
    "tracking_area": pa.int64(),
    "targeted": pa.bool_(),
}
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
_FIGURES = ("recall_share", "overshoot_share", "false_alert_share", "overshoot_p50_m", "overshoot_p95_m")
_OUTCOME_TIMES = ("sent", "received", "displayed")


# --- writing --------------------------------------------------------------------------------------


def check(path: Path, *, force: bool) -> None:
    """Raise RunError where a result cannot go."""
    if path.is_symlink() or path.exists():
        if not path.is_dir():
            raise RunError(f"{path} exists and is not a folder. Choose another with -o.")
        if not force:
            raise RunError(
                f"{path} exists already. Choose another folder with -o, or replace it with --force."
            )
        if any(path.iterdir()) and not (path / "run.json").is_file():
            raise RunError(
                f"{path} is not a result of ewsim, and --force replaces nothing else. "
                "Choose another folder with -o."
            )
    parent = path.absolute().parent
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise RunError(
            f"{path} cannot be written: {parent} is not a folder you may write to. "
            "Choose another folder with -o."
        )


def save(result: Result, path: Path, *, force: bool, pages: Mapping[str, PageWriter]) -> dict[str, str]:
    """Write a result's folder (see `Result.save`)."""
    check(path, force=force)
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.absolute().parent))
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _write(result, beside)
        for name, writer in pages.items():
            writer(result, beside / name)
        names = sorted(item.name for item in beside.iterdir())
        _swap(beside, path, force=force)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return {name.partition(".")[0]: str(path / name) for name in names}


def _unwritable(path: Path, error: OSError) -> RunError:
    reason = error.strerror or str(error)
    return RunError(f"{path} cannot be written: {reason}. Choose another folder with -o.")


def _swap(beside: Path, path: Path, *, force: bool) -> None:
    """Put the new folder in place; the old one goes only once the new one stands."""
    umask = os.umask(0)
    os.umask(umask)
    beside.chmod(0o777 & ~umask)
    if not path.exists():
        beside.rename(path)
        return
    check(path, force=force)
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=beside.parent))
    try:
        path.rename(old / path.name)
        try:
            beside.rename(path)
        except BaseException:
            (old / path.name).rename(path)
            raise
    finally:
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)


def _write(result: Result, folder: Path) -> None:
    _write_parquet(result.people, folder / "people.parquet")
    _write_parquet(result.events, folder / "events.parquet")
    result.cells.to_csv(folder / "cells.csv", index=False, lineterminator="\n")
    if result.replications is not None:
        result.replications.to_csv(
            folder / "replications.csv", index_label="replication", lineterminator="\n"
        )
    _write_json(result.document(), folder / "run.json")
    _write_json(result.scenario.model_dump(mode="json"), folder / "scenario.json")
    _write_json({"timing_s": result.timing_s}, folder / "timing.json")


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    # without pandas' metadata: it names versions, and column types say all that is needed
    table = table.replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=3, version="2.6")


def _write_json(document: Any, path: Path) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


# --- reading --------------------------------------------------------------------------------------


def load(path: Path) -> Result:
    """Read a result's folder (see `Result.load`)."""
    if not (path / "run.json").is_file():
        raise _fault(path, "is not a result of ewsim", "Name a folder that ewsim run -o wrote.")
    document = _read_json(path / "run.json")
    if document.get("format") != _FORMAT:
        raise _fault(
            path / "run.json",
            f"has the format {document.get('format')!r}, and this version reads {_FORMAT!r}",
            "Run the scenario again with this version.",
        )
    try:
        scenario = scenario_model().model_validate(_read_json(path / "scenario.json"))
        timing = _read_json(path / "timing.json") if (path / "timing.json").exists() else {}
        replications = path / "replications.csv"
        cells = _read_csv(path / "cells.csv", _CELL_TYPES)
        return Result(
            scenario=scenario,
            identity=Identity(**document["identity"]),
            ledger=_read_ledger(path, len(cells)),
            cells=cells,
            alert=AlertSummary(**document["alert"]),
            area=_geometry(document["area"]),
            land=None if document["land"] is None else _geometry(document["land"]),
            notes=tuple(document["notes"]),
            assumptions=tuple(Assumption(**a) for a in document["assumptions"]),
            horizon_s=float(document["horizon_s"]),
            timing_s=dict(timing.get("timing_s", {})),
            replications=_read_csv(replications, {}).drop(columns="replication").astype(float)
            if replications.exists()
            else None,
            targeting=_targeting(document["summary"].get("targeting")),
            sent={name: dict(sent) for name, sent in document["sent"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError, ShapelyError) as error:
        raise _fault(path, f"is damaged or was changed: {error}", "Run the scenario again.") from error


def _targeting(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the choice of cells does; results of earlier versions and hand-made ones say nothing."""
    if document is None:
        return None

    def figures(of: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: None if of[name] is None else float(of[name]) for name in _FIGURES}
        return {"cell_count": int(of["cell_count"]), **known, "area_ratio": float(of["area_ratio"])}

    each = {name: figures(of) for name, of in document["by_operator"].items()}
    return {**figures(document), "by_operator": each}


def _fault(path: Path, message: str, fix: str) -> DataError:
    return DataError([Diagnostic(str(path), 0, 0, message, fix)])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _fault(path, f"cannot be read: {error}", "Run the scenario again.") from error
    if not isinstance(document, dict):
        raise _fault(path, "is not a JSON object", "Run the scenario again.")
    return document


def _read_csv(path: Path, types: Mapping[str, Any]) -> pd.DataFrame:
    # by pyarrow, which reads every digit back; pandas' reader does so in new versions only
    try:
        table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types))
    except (OSError, pa.ArrowException) as error:
        raise _fault(path, f"cannot be read: {error}", "Run the scenario again.") from error
    missing = [name for name in types if name not in table.column_names]
    if missing:
        raise _fault(path, f"has no column {missing[0]!r}", "Run the scenario again.")
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise _fault(path, f"cannot be read: {error}", "Run the scenario again.") from error
    return frame


def _geometry(geojson: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON geometry that can be drawn."""
    shapely.geometry.shape(geojson)
    return geojson


def _read_ledger(path: Path, cell_count: int) -> Ledger:
    people = _read_parquet(path / "people.parquet")
    missing = [name for name in _PEOPLE_COLUMNS if name not in people.columns]
    if missing:
        raise ValueError(f"people.parquet has no column {missing[0]!r}")
    events = _read_parquet(path / "events.parquet")[list(EVENT_COLUMNS)]
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
