"""The tables of a run's folder: a Parquet file each, or a folder of parts; `run.json` is their index.

A small run has `people.parquet`, which any program opens. A run that is made a shard at a time has a
folder of this name with `part-00000.parquet` and so on; `pandas.read_parquet` and others read such a
folder like a file. The index says how many rows and which columns a table has, and the SHA-256 of each
part, so a part that is missing, changed or of another run is noticed before or when it is read.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ewsim import files
from ewsim.errors import DataError, RunError
from ewsim.result import folder

#: Tables that may have parts.
NAMES = ("people", "events")
_WHOLE = "Copy the folder of the run whole, or run the scenario again."


def write_part(into: Path, name: str, number: int, frame: pd.DataFrame) -> None:
    """Write one part of a table; every process may write its own.

    Parameters
    ----------
    into
        The folder of the run, or one beside it.
    name
        One of `NAMES`.
    number
        Where the part stands in the order of rows, from 0 [1].
    frame
        Its rows, with the columns, types and categories of all parts.
    """
    place = into / f"{name}.parquet"
    place.mkdir(parents=True, exist_ok=True)
    folder.write_parquet(frame, place / f"part-{number:05d}.parquet")


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table on disk: its parts in order, each with its path, rows and SHA-256 (None: not known)."""

    name: str
    parts: tuple[tuple[Path, int, str | None], ...]
    columns: Mapping[str, str]

    @classmethod
    def found(cls, path: Path, name: str) -> StoredTable | None:
        """The table that stands in a folder; None without one.

        Raises
        ------
        DataError
            A part cannot be read, or has other columns than the first.
        """
        place = path / f"{name}.parquet"
        parts = sorted(place.iterdir()) if place.is_dir() else [place] if place.exists() else []
        if not parts:
            return None
        read = [_footer(part) for part in parts]
        for part, (_, columns) in zip(parts, read, strict=True):
            if list(columns.items()) != list(read[0][1].items()):
                unlike = _other_columns(columns, read[0][1])
                raise folder.fault(part, f"does not go with the parts before it: {unlike}", _WHOLE)
        rows = (rows for rows, _ in read)
        return cls(name, tuple((part, n, None) for part, n in zip(parts, rows, strict=True)), read[0][1])

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(rows for _, rows, _ in self.parts)

    def index(self) -> dict[str, Any]:
        """What `run.json` says of it."""
        many = self.parts[0][0].parent.name == f"{self.name}.parquet"
        return {
            "rows": self.rows,
            "columns": dict(self.columns),
            "parts": [
                {
                    "file": f"{self.name}.parquet/{part.name}" if many else part.name,
                    "rows": rows,
                    "sha256": files.sha256(part),
                }
                for part, rows, _ in self.parts
            ],
        }

    def frames(self) -> Iterator[pd.DataFrame]:
        """A group of rows after the other (`folder.GROUP_ROWS`), in order; raises DataError."""
        for part in self._checked():
            yield from folder.read_groups(part)

    def frame(self) -> pd.DataFrame:
        """All rows; categories are those of all parts, in their order."""
        frames = [folder.read_parquet(part) for part in self._checked()]
        if len(frames) == 1:
            return frames[0]
        tables = [pa.Table.from_pandas(frame, preserve_index=False) for frame in frames]
        whole: pd.DataFrame = pa.concat_tables(tables).unify_dictionaries().to_pandas()
        return whole

    def _checked(self) -> Iterator[Path]:
        """The files of the parts, each held against the index before it is read."""
        for part, _, digest in self.parts:
            _check_digest(part, digest)
            yield part

    def copy(self, into: Path) -> None:
        """Put its files into another folder; on one file system they are linked."""
        for part in self._checked():
            own = part.parent.name == f"{self.name}.parquet"
            place = into / f"{self.name}.parquet" if own else into
            place.mkdir(exist_ok=True)
            try:
                (place / part.name).hardlink_to(part)
            except OSError:
                shutil.copyfile(part, place / part.name)


def index_of(into: Path) -> dict[str, Any]:
    """The key `tables` of `run.json`, from the files; raises RunError where parts do not go together."""
    try:
        found = [StoredTable.found(into, name) for name in NAMES]
    except DataError as error:
        raise RunError(str(error)) from error
    return {table.name: table.index() for table in found if table is not None}


def stored_tables(path: Path, document: Mapping[str, Any]) -> dict[str, StoredTable]:
    """The tables of a folder, by name, checked by what stands at the end of each file; no row is read.

    Parameters
    ----------
    path
        The folder.
    document
        Its `run.json`; results of earlier versions have no index there, and one file a table.

    Raises
    ------
    DataError
        A part is missing, or is not one of this run.
    """
    if "tables" not in document:
        tables = {}
        for name in NAMES:
            file = path / f"{name}.parquet"
            rows, columns = _footer(file)
            digest = document.get("files", {}).get(file.name)
            tables[name] = StoredTable(name, ((file, rows, digest),), columns)
        return tables
    said = document["tables"]
    if "events" not in said:
        raise ValueError("run.json has no index of events.parquet")
    return {name: _stored(path, name, said[name]) for name in NAMES if name in said}


def _stored(path: Path, name: str, said: Mapping[str, Any]) -> StoredTable:
    columns = {str(column): str(kind) for column, kind in said["columns"].items()}
    parts = []
    for one in said["parts"]:
        text = str(one["file"])
        if not re.fullmatch(rf"{name}\.parquet(/part-\d{{5}}\.parquet)?", text):
            raise ValueError(f"{text[:60]!r} is not a part of {name}.parquet")
        part = path / text
        rows, own = _footer(part)
        if list(own.items()) != list(columns.items()):
            raise folder.fault(part, f"is damaged or was changed: {_other_columns(own, columns)}", _WHOLE)
        if rows != one["rows"]:
            found = f"it has {rows:,} rows, and run.json says {one['rows']:,}"
            raise folder.fault(part, f"is damaged or was changed: {found}", _WHOLE)
        parts.append((part, rows, str(one["sha256"])))
    table = StoredTable(name, tuple(parts), columns)
    _check_no_more(path / f"{name}.parquet", [part for part, _, _ in parts])
    if table.rows != said["rows"]:
        raise ValueError(f"run.json says {said['rows']:,} rows of {name}, and its parts have {table.rows:,}")
    return table


def _check_digest(part: Path, digest: str | None) -> None:
    with folder.reading(part):
        changed = digest is not None and files.sha256(part) != digest
    if changed:
        raise folder.fault(part, f"is damaged or was changed: {part.name} is not as the run wrote it")


def _check_no_more(place: Path, known: Sequence[Path]) -> None:
    """Readers of the whole folder would take a file that is not of the run for a part."""
    for file in sorted(place.iterdir()) if place.is_dir() else ():
        if file not in known:
            raise folder.fault(file, "is not a part of this run", "Move it elsewhere.")


def _footer(file: Path) -> tuple[int, dict[str, str]]:
    """Rows and columns of a Parquet file, from its end; raises DataError."""
    if not file.is_file():
        raise folder.fault(file, "is missing", _WHOLE)
    try:
        end = pq.ParquetFile(file)
        return end.metadata.num_rows, {one.name: str(one.type) for one in end.schema_arrow}
    except (OSError, pa.ArrowException) as error:
        raise folder.fault(file, f"cannot be read: {error}") from error


def _other_columns(own: Mapping[str, str], others: Mapping[str, str]) -> str:
    """How columns differ, in words."""
    lacks = next((name for name in others if name not in own), None)
    if lacks is not None:
        return f"it has no column {lacks!r}, which the run has"
    more = next((name for name in own if name not in others), None)
    if more is not None:
        return f"it has a column {more!r}, which the run does not have"
    name = next((name for name in own if own[name] != others[name]), None)
    if name is None:
        return "it has its columns in another order"
    return f"it has {own[name]} in the column {name!r}, and the run has {others[name]}"
