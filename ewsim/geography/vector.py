"""Shapefile, GeoPackage, KML, KMZ and GeoParquet as features in degrees, with the extra `geo`."""

import json
import shlex
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography import projections
from ewsim.geography.formats import Format
from ewsim.geography.projections import Projection

#: What GDAL gives each KML feature besides its own data.
_KML_OWN = frozenset(("id", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"))
#: Its times, where it has some.
_KML_TIMES = frozenset(("timestamp", "begin", "end"))

Raw = tuple[dict[str, Any], BaseGeometry | None]


def read_vector(path: Path, kind: Format) -> tuple[list[Raw], Projection | None]:
    """Properties and shape of every feature, and the reference system; None for degrees.

    Raises
    ------
    DataError
        It cannot be read, has several layers, or the extra is not installed.
    """
    convert = f"ogr2ogr -t_srs EPSG:4326 out.geojson {shlex.quote(path.name)}"
    try:
        import pyogrio
    except ImportError:
        fix = f"Install it: pip install 'ewsim[geo]'. Or convert the file: {convert}."
        raise DataError.at(path, f"the file is {kind.name}, and reading it needs pyogrio.", fix) from None
    is_kml = kind.name in ("KML", "KMZ")
    if is_kml and b"<!ENTITY" in _kml(path, kind):
        raise DataError.at(path, "the KML defines entities of its own.", "Write it without <!ENTITY>.")
    # Only a file that was looked at: GDAL takes other texts for addresses or for connections.
    where = str(path.resolve())
    if kind.member:
        where = f"/vsizip/{{{where}}}/{kind.member}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about versions; what cannot be read is an error
            layers = [str(name) for name, shape in pyogrio.list_layers(where) if shape is not None]
            if not layers:
                raise DataError.at(path, f"the file is {kind.name} without shapes.", "Give one with shapes.")
            if len(layers) > 1 and not is_kml:
                listed = ", ".join(name[:40] for name in layers[:10])
                fix = f"Keep one: ogr2ogr one.gpkg {shlex.quote(path.name)} '{layers[0][:40]}'."
                raise DataError.at(path, f"the file has several layers: {listed}.", fix)
            read = [
                pyogrio.raw.read(where, layer=name, force_2d=True, datetime_as_string=True) for name in layers
            ]
    except (RuntimeError, ValueError, TypeError, NameError, LookupError, OSError) as error:
        what = f"the file cannot be read as {kind.name}: {_first_line(error)}."
        raise DataError.at(path, what, f"Export it again, or convert it: {convert}.") from None
    crs = read[0][0]["crs"]
    if crs is None and not is_kml:
        _must_be_degrees(path, [wkb for part in read for wkb in part[2]])
    rows = [row for part in read for row in _rows(part, _KML_OWN if is_kml else frozenset())]
    return rows, None if crs is None else projections.projection(path, str(crs))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _kml(path: Path, kind: Format) -> bytes:
    if not kind.member:
        return path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(kind.member)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, LookupError) as error:
        what = f"the file cannot be unpacked: {_first_line(error)}."
        raise DataError.at(path, what, "Pack it again.") from None


def _must_be_degrees(path: Path, shapes: list[bytes]) -> None:
    points = shapely.get_coordinates(
        shapely.from_wkb(np.array(shapes, dtype=np.object_), on_invalid="ignore")
    )
    if points.size and not (np.abs(points) <= (360.001, 90.001)).all():
        what = "its coordinates are not degrees, and it does not say of which reference system they are."
        fix = "Put the .prj beside it, or: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 out.geojson "
        fix += f"{shlex.quote(path.name)}."
        raise DataError.at(path, what, fix)


def _rows(part: tuple[Any, ...], without: frozenset[str]) -> Iterator[Raw]:
    meta, _, wkb, columns = part
    names = [str(name) for name in meta["fields"]]
    if wkb is None:
        wkb = np.full(len(columns[0]) if columns else 0, None)
    shapes = shapely.from_wkb(np.array(wkb, dtype=np.object_), on_invalid="ignore")
    for number, shape in enumerate(shapes):
        properties = {
            name: plain(column[number])
            for name, column in zip(names, columns, strict=True)
            if name not in without and not (without and name in _KML_TIMES and column[number] is None)
        }
        yield properties, shape


def read_geoparquet(path: Path) -> tuple[list[Raw], Projection | None]:
    """The same of a GeoParquet file; without the metadata of one a fault."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        stated = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
        column = stated["primary_column"] if stated else ""
        crs = stated["columns"][column].get("crs") if stated else None
        table = file.read() if stated else None
    except (pa.ArrowException, OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        what = f"the file cannot be read as Parquet: {str(error)[:200]}."
        raise DataError.at(path, what, "Write it again.") from None
    if table is None or column not in table.column_names:
        raise DataError.at(path, "the Parquet file has no shapes.", "Write it as GeoParquet.")
    wkb = np.array(table.column(column).to_pylist(), dtype=np.object_)
    try:
        shapes = shapely.from_wkb(wkb)
    except (shapely.GEOSException, TypeError) as error:
        raise DataError.at(path, f"its shapes cannot be read: {error}.", "Write them as WKB.") from None
    others = table.drop_columns([column]).to_pylist()
    code = crs.get("id", {}) if isinstance(crs, dict) else {}
    name = f"{code.get('authority', '')}:{code.get('code', '')}"
    system = None if crs is None else projections.projection(path, name)
    rows = [({k: plain(v) for k, v in row.items()}, s) for row, s in zip(others, shapes, strict=True)]
    return rows, system


def plain(value: Any) -> Any:
    """A value as JSON has it: None for what is missing, numbers of Python, else text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and value != value):
        return None
    return value if isinstance(value, bool | int | float) else str(value)
