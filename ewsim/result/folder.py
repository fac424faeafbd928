"""A folder of tables and documents: written beside and then renamed, so there is a whole one or none.

What the tables and documents say is the business of `record`.
"""

import errno
import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from ewsim import files
from ewsim.errors import DataError, RunError

# --- writing --------------------------------------------------------------------------------------


def check_output(path: Path, *, force: bool = False, mark: str = "run.json") -> None:
    """Refuse a folder that `write` would refuse, before the run; raises RunError.

    Parameters
    ----------
    path
        The folder.
    force
        Whether an older one is replaced.
    mark
        The file by which an older one is known to be ours.
    """
    try:
        files.remove_leftovers(path)
        taken = path.is_symlink() or path.exists()
        (path / "replications.parquet").exists()  # names in it may be too long, too
    except (OSError, ValueError) as error:
        raise RunError(f"no folder can have this name: {error}. Choose another with -o.") from None
    if taken:
        if not path.is_dir():
            raise RunError(f"{path} exists and is not a folder. Choose another with -o.")
        if not force:
            raise RunError(
                f"{path} exists already. Choose another folder with -o, or replace it with --force "
                "(force=True in Python)."
            )
        if any(path.iterdir()) and not (path / mark).is_file():
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


def write(path: Path, fill: Callable[[Path], None], *, force: bool, mark: str = "run.json") -> dict[str, str]:
    """Write a folder, whole or not at all; return the paths of its files by name.

    Parameters
    ----------
    path
        The folder.
    fill
        Writes the files into the folder that it is given.
    force
        Whether an older result is replaced.
    mark
        The file by which an older result is known.

    Raises
    ------
    RunError
        The folder exists, or it cannot be written.
    """
    check_output(path, force=force, mark=mark)
    place = path.resolve() if path.is_symlink() else path.absolute()  # a link stays
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with files.beside(place) as part:
            part.mkdir()
            fill(part)
            names = sorted(item.name for item in part.iterdir())
            check_output(path, force=force, mark=mark)
            if place.exists():
                files.swap(part, place)
            else:
                part.rename(place)
    except OSError as error:
        raise unwritable(path, error) from error
    return {name.partition(".")[0]: str(path / name) for name in names}


def unwritable(path: Path, error: OSError) -> RunError:
    """That a folder cannot be written, why, and what to do."""
    # pyarrow says where in its own code a disk was full, and not in the system's words
    reason = os.strerror(error.errno) if error.errno else str(error)
    room = "Make room, or choose" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "Choose"
    return RunError(f"{path} cannot be written: {reason}. {room} another folder with -o.")


#: Rows of a table that are written together, and may be read alone [1].
GROUP_ROWS = 1 << 20


def write_parquet(frame: pd.DataFrame, path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write a table; the same table gives the same bytes.

    Parameters
    ----------
    frame
        The table.
    path
        The file.
    metadata
        What the file says of itself.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False)
    # without pandas' metadata: it names versions, and column types say all that is needed
    table = table.replace_schema_metadata(metadata)
    pq.write_table(
        table, path, compression="zstd", compression_level=3, version="2.6", row_group_size=GROUP_ROWS
    )


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table of text; names of others are no formulas there."""
    named = {
        str(name): column.map(files.spreadsheet_text, na_action="ignore")
        for name, column in frame.items()
        if pd.api.types.is_string_dtype(column)
    }
    frame.assign(**named).to_csv(path, index=False, lineterminator="\n")


def write_json(document: Any, path: Path) -> None:
    """Write a document as JSON."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


#: A larger document is no sweep of ours.
_SWEEP_MAX_BYTES = 20_000_000

# --- reading --------------------------------------------------------------------------------------


def fault(path: Path, message: str, fix: str = "Run the scenario again.") -> DataError:
    """What is wrong with a folder, or with a file of it.

    Parameters
    ----------
    path
        The folder or file.
    message
        What is wrong, without a full stop.
    fix
        What to do.
    """
    return DataError.at(path, f"{message}.", fix)


def digests(of: Iterable[Path]) -> dict[str, str]:
    """The SHA-256 of files by their names."""
    return {file.name: files.sha256(file) for file in of}


def check_digests(path: Path, document: Mapping[str, Any]) -> None:
    """Raise ValueError where a file is not as the run wrote it; results of version 0.1 do not say."""
    if document.get("sha256") not in (None, own_digest(document)):
        raise ValueError("run.json is not as the run wrote it")
    for name, digest in document.get("files", {}).items():
        if files.sha256(path / Path(name).name) != digest:
            raise ValueError(f"{name} is not as the run wrote it")


def own_digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a JSON document without its key `sha256`, whatever its layout."""
    plain = json.loads(json.dumps({name: value for name, value in document.items() if name != "sha256"}))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; raises DataError."""
    try:
        document = json.loads(
            path.read_text(encoding="utf-8"), parse_constant=_no_number, parse_float=_finite
        )
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise fault(path, f"is damaged or was changed: {error}") from error
    if not isinstance(document, dict):
        raise fault(path, "is damaged or was changed: it is not a JSON object")
    return document


def check_format(path: Path, document: Mapping[str, Any], *known: str) -> None:
    """Refuse a document of another format; raises DataError.

    Parameters
    ----------
    path
        The file.
    document
        What stands in it.
    known
        The formats that this version reads, the newest first.
    """
    form = str(document.get("format"))
    if form in known:
        return
    if not re.fullmatch(r"ewsim\.result/\d{1,4}", form):
        raise fault(path, f"is damaged or was changed: its format is {form[:40]!r}")
    identity = document.get("identity")
    version = identity.get("version") if isinstance(identity, Mapping) else None
    writer = f" (written by ewsim {str(version)[:40]})" if version else ""
    found = f"has the format {form!r}{writer}, and this version reads {known[0]!r}"
    raise fault(path, found, "Run the scenario again with this version.")


def read_csv(path: Path, types: Mapping[str, Any]) -> pd.DataFrame:
    """A table of text, with the types of some columns; raises DataError."""
    # by pyarrow, which reads every digit back; pandas' reader does so in new versions only
    with reading(path):
        table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types))
    missing = [name for name in types if name not in table.column_names]
    if missing:
        raise fault(path, f"has no column {missing[0]!r}")
    frame: pd.DataFrame = table.to_pandas()
    for name, column in frame.items():
        if pd.api.types.is_string_dtype(column):
            frame[name] = column.map(files.text_of_spreadsheet)
    return _plausible(frame, path)


def read_parquet(path: Path) -> pd.DataFrame:
    """A Parquet table; raises DataError."""
    with reading(path):
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return _plausible(frame, path)


def read_groups(path: Path) -> Iterator[pd.DataFrame]:
    """The rows of a Parquet table, one of its row groups after the other; raises DataError."""
    with reading(path), pq.ParquetFile(path) as file:
        # a file without rows has no groups, and its columns count
        for group in [[n] for n in range(file.num_row_groups)] or [[]]:
            yield _plausible(file.read_row_groups(group).to_pandas(), path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What reading a file raises is a DataError that names it."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise fault(path, f"cannot be read: {error}") from error


def sweep_beside(path: Path, sha256: str, version: str) -> dict[str, Any] | None:
    """The finished sweep over the assumptions of a scenario in a folder beside a run's; None without one.

    Parameters
    ----------
    path
        The folder of the run.
    sha256, version
        Of the scenario, and of ewsim: a sweep of anything else says nothing of this run.
    """
    for file in sorted(path.absolute().parent.glob("*/sweep.json")):
        try:
            document = read_json(file) if file.stat().st_size < _SWEEP_MAX_BYTES else {}
        except (DataError, OSError):  # what it is, is not this run's business
            continue
        same = (document.get("scenario_sha256"), document.get("version")) == (sha256, version)
        if same and document.get("assumptions") is True and document.get("format") == "ewsim.sweep/1":
            return document
    return None


def _plausible(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    for name, column in frame.select_dtypes("number").items():
        if np.isinf(column.to_numpy(np.float64)).any():
            raise fault(path, f"is damaged or was changed: {name} has an infinite number")
    for name, most in (
        ("lat", 90),
        ("lon", 540),
        ("time_s", 1e12),
    ):  # lon: beyond 180 where the map crosses the antimeridian
        if name in frame and not pd.to_numeric(frame[name], "coerce").between(-most, most).all():
            raise fault(path, f"is damaged or was changed: {name} has values out of range")
    return frame


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)
