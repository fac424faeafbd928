"""A run as files of a map or as tables: GeoJSON, KML, KMZ, GeoPackage, CSV, Parquet."""

import io
import json
import math
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from ewsim.errors import UsageError
from ewsim.report.exports import layers
from ewsim.result import folder
from ewsim.result.record import Result

#: The formats that are one file, and those that are a folder of tables.
FILES = ("geojson", "kml", "kmz", "gpkg")
FOLDERS = ("csv", "parquet")
#: What each column of a Parquet file is in, by the end of its name.
_UNITS = {"_s": "second since the decision to warn", "lat": "degree", "lon": "degree", "_m": "metre"}
_LEVELS = ("fff5f5f5", "ff5b9bf5", "ff2f6bd0", "ff1f3f9f")


def map_file(result: Result, form: str, *, people: bool = False) -> bytes:
    """A run as one file of a map.

    Parameters
    ----------
    result
        The run.
    form
        One of FILES.
    people
        Whether everybody in the area is a point of their own.

    Raises
    ------
    UsageError
        The format needs a package that is not installed.
    """
    found = layers.map_layers(result, people=people)
    if form == "geojson":
        return _geojson(result, found)
    if form == "gpkg":
        return _geopackage(found)
    kml = _kml(result, found)
    return kml if form == "kml" else _zipped(kml)


def _about(result: Result) -> dict[str, Any]:
    """What says which run it is."""
    who = result.identity
    known = {"format": layers.FORMAT, "scenario": who.name, "arm": who.arm or "", "version": who.version}
    return {**{k: layers.clean(str(v)) for k, v in known.items()}, "seed": who.seed}


def _values(row: dict[str, Any]) -> dict[str, Any]:
    """The values of a row as JSON has them: missing ones are null."""

    def plain(value: Any) -> Any:
        if isinstance(value, np.generic):
            value = value.item()
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return {name: plain(value) for name, value in row.items()}


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in table.to_dict("records"):
        yield _values({str(name): value for name, value in row.items()})


def _geojson(result: Result, found: dict[str, tuple[Any, pd.DataFrame]]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"layer": name, **{k: v for k, v in row.items() if k not in ("lat", "lon")}},
            "geometry": shapely.geometry.mapping(shape),
        }
        for name, (shapes, table) in found.items()
        for shape, row in zip(shapes, _rows(table), strict=True)
    ]
    document = {"type": "FeatureCollection", "ewsim": _about(result), "features": features}
    return (json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _kml(result: Result, found: dict[str, tuple[Any, pd.DataFrame]]) -> bytes:
    """KML: a folder a layer, places in four shades by the share reached."""
    try:
        import simplekml
    except ImportError:
        raise UsageError("KML needs simplekml: pip install 'ewsim[office]'.") from None
    kml = simplekml.Kml(name=escape(layers.clean(result.scenario.title or result.identity.name)))
    kml.parsetext(parse=False)
    for name, (shapes, table) in found.items():
        part = kml.newfolder(name=name)
        key = {"area": "name", "sites": "site_id", "places": "place", "people": "person_id"}[name]
        for shape, row in zip(shapes, _rows(table), strict=True):
            label = escape(str(row[key]))
            if name == "area":
                mark = part.newmultigeometry(name=label)
                for polygon in shapely.get_parts(shape):
                    holes = [list(ring.coords) for ring in polygon.interiors]
                    mark.newpolygon(outerboundaryis=list(polygon.exterior.coords), innerboundaryis=holes)
                mark.style.polystyle.fill = 0
            else:
                mark = part.newpoint(name=label, coords=[(shape.x, shape.y)])
            if name == "places" and row["share"] is not None:
                mark.style.iconstyle.color = _LEVELS[min(int((1 - row["share"]) * 4), 3)]
            for column, value in row.items():
                if value is not None and column not in ("lat", "lon"):
                    mark.extendeddata.newdata(escape(column), escape(str(value)))
    return str(kml.kml(format=False)).encode()


def _zipped(kml: bytes) -> bytes:
    """KML in a KMZ archive; the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("doc.kml", (1980, 1, 1, 0, 0, 0)), kml, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _geopackage(found: dict[str, tuple[Any, pd.DataFrame]]) -> bytes:
    """A GeoPackage: a layer each, WGS 84."""
    try:
        import pyogrio
    except ImportError:
        raise UsageError("a GeoPackage needs pyogrio: pip install 'ewsim[geo]'.") from None
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "export.gpkg"
        for name, (shapes, table) in found.items():
            pyogrio.raw.write(
                path,
                geometry=shapely.to_wkb(shapes),
                field_data=[_field(column) for _, column in table.items()],
                fields=np.array(table.columns, dtype=object),
                layer=name,
                driver="GPKG",
                geometry_type="MultiPolygon" if name == "area" else "Point",
                crs="EPSG:4326",
                append=path.exists(),
            )
        return path.read_bytes()


def _field(column: pd.Series) -> Any:
    if column.dtype.kind == "b":
        return column.to_numpy(np.bool_)
    return column.to_numpy() if column.dtype.kind in "iuf" else column.astype(object).to_numpy()


def table_files(result: Result, form: str) -> dict[str, bytes]:
    """A run as tables, by file name; `form` is one of FOLDERS."""
    with tempfile.TemporaryDirectory() as place:
        made = {}
        for name, table in layers.tables(result).items():
            path = Path(place) / f"{name}.{form}"
            if form == "csv":
                folder.write_csv(table, path)
            else:
                _write_parquet(table, path, _about(result))
            made[path.name] = path.read_bytes()
        return made


def _write_parquet(table: pd.DataFrame, path: Path, about: dict[str, Any]) -> None:
    """A table whose columns say their unit and whose file says its format and run."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    fields = [field.with_metadata({"unit": _unit(field.name)}) for field in arrow.schema]
    schema = pa.schema(fields, metadata={f"ewsim.{k}": str(v) for k, v in about.items()})
    pq.write_table(arrow.cast(schema), path, compression="zstd", version="2.6")


def _unit(name: str) -> str:
    return next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
