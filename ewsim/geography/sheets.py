"""Rows of text from tables that are not text: workbooks, Parquet, and features at points."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from itertools import chain
from pathlib import Path
from typing import Any

from ewsim.geography.faults import Faults
from ewsim.geography.features import Feature, read_shapes
from ewsim.geography.formats import Format
from ewsim.geography.vector import plain

_CSV = "Save the sheet as CSV, UTF-8"
#: What reading a damaged workbook may raise.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError),
    *(SyntaxError, RuntimeError, OSError, EOFError),
)
Row = tuple[int, list[str]]


def rows_of(path: Path, kind: Format, faults: Faults, octets_max: int) -> Iterator[Row]:
    """The rows of a table, the header first, each with its row number or line.

    Parameters
    ----------
    path
        The file.
    kind
        What it is: a workbook, Parquet, or features.
    faults
        Where faults are noted.
    octets_max
        A larger file is refused [octets].
    """
    if path.stat().st_size > octets_max:
        raise faults.fail(0, 0, f"the table is larger than {octets_max / 1e6:,.0f} MB.", "Keep one country.")
    if kind.read_as == "workbook":
        return _workbook(path, faults)
    if kind.read_as == "parquet":
        return _parquet(path, faults, octets_max)
    return _points(path, faults, octets_max)


def _workbook(path: Path, faults: Faults) -> Iterator[Row]:
    try:
        import openpyxl
    except ImportError:
        fix = f"Install it: pip install 'ewsim[office]'. Or: {_CSV}."
        raise faults.fail(0, 0, "the table is a workbook, and reading it needs openpyxl.", fix) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        found = {}
        for sheet in book.worksheets:
            rows = _sheet(sheet)
            first = next(rows, None)
            if first is not None:
                found[sheet.title] = chain([first], rows)
        if len(found) != 1:
            listed = ", ".join(repr(name[:40]) for name in list(found)[:10])
            what = f"the workbook has several sheets with rows: {listed}." if found else "the table is empty."
            fix = f"Keep one sheet, or: {_CSV}." if found else "Give it a header line and rows."
            raise faults.fail(0, 0, what, fix)
        yield from next(iter(found.values()))
    except _BROKEN as error:
        what = f"the workbook cannot be read: {str(error)[:200]}."
        raise faults.fail(0, 0, what, f"{_CSV}.") from None


def _sheet(sheet: Any) -> Iterator[Row]:
    """Rows that are not blank, as long as the first of them or longer."""
    width = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        row = [_text(_day_alone(cell)) for cell in cells]
        while row and not row[-1] and len(row) > width:
            row.pop()
        if any(row):
            width = width or len(row)
            yield number, row + [""] * (width - len(row))


def _day_alone(cell: Any) -> Any:
    """The value of a cell; a date that is shown without a time is a date alone, as elsewhere."""
    value = cell.value
    alone = isinstance(value, datetime) and value.time() == time() and "h" not in cell.number_format.lower()
    return value.date() if alone else value


def _parquet(path: Path, faults: Faults, octets_max: int) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        if b"geo" in (file.schema_arrow.metadata or {}):
            yield from _points(path, faults, octets_max)
            return
        names = [str(name) for name in file.schema_arrow.names]
        yield 1, names
        line = 1
        for batch in file.iter_batches(50_000):
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                line += 1
                yield line, [_text(value) for value in values]
    except (pa.ArrowException, ValueError, LookupError, OSError) as error:
        what = f"the table cannot be read as Parquet: {str(error)[:200]}."
        raise faults.fail(0, 0, what, "Write it again, or save it as CSV.") from None


def _points(path: Path, faults: Faults, octets_max: int) -> Iterator[Row]:
    """Features at points: their properties, with latitude and longitude unless they have them."""
    found = read_shapes(path, faults, octets_max)
    if not found.placed:
        fix = "Give a table (CSV) with a header line, or a FeatureCollection of points."
        raise Faults(str(path)).fail(0, 0, "the file is JSON, not a table.", fix)
    keys = found.keys()
    folded = {key.casefold() for key in keys}
    placed = not (folded & {"lat", "latitude"} and folded & {"lon", "longitude", "lng", "long"})
    yield 1, [*keys, *(("lat", "lon") if placed else ())]
    for row in found.rows:
        place = _point(row) if placed else []
        if placed and not place:
            what = f"feature {row.number} is a {row.shape.geom_type}, not a point."
            faults.add(row.line, row.column, what, "Give each row of the table a point.")
            continue
        yield row.line or row.number, [*(_text(row.properties.get(key)) for key in keys), *place]
    for _ in found.without_shape:
        faults.add(0, 0, "a feature has no geometry.", "Give each row of the table a point.")


def _point(row: Feature) -> list[str]:
    parts = list(getattr(row.shape, "geoms", [row.shape]))
    if len(parts) != 1 or parts[0].geom_type != "Point" or parts[0].is_empty:
        return []
    return [repr(parts[0].y), repr(parts[0].x)]


def _text(value: Any) -> str:
    """A value as a table of text has it: nothing where it is missing, whole numbers without a point."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
