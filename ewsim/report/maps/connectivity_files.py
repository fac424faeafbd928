"""The disaster connectivity map as files for a GIS: GeoJSON, a raster for each moment, and a table."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from ewsim.metrics.protection import signal as connectivity
from ewsim.metrics.protection.signal import SignalSeries, SignalSquares
from ewsim.report.maps import connectivity as maps
from ewsim.result.record import Result

#: What the numbers of a raster mean; 255 is sea, or no land that is known.
STATES = ("no signal before anything failed", "signal", "lost")
_NOTHING = 255


def files(result: Result, series: SignalSeries, table: pd.DataFrame) -> dict[str, bytes]:
    """Every file by its name.

    Parameters
    ----------
    result
        The run.
    series
        The signal over time, of all operators or of some.
    table
        What `connectivity.by_hour` gives.
    """
    found = {
        "signal.png": maps.png(result, series),
        "signal.geojson": geojson(series),
        "signal.csv": table.to_csv(index=False, lineterminator="\n").encode(),
    }
    for moment, name in [(-1, "before"), *((k, _stamp(t)) for k, t in enumerate(series.time_s.tolist()))]:
        ending, content = raster(series.squares, connectivity.state_of(series, moment))
        found[f"rasters/signal_{name}.{ending}"] = content
    return found


def _stamp(time_s: float) -> str:
    """A moment in a file's name, so that names sort by time after the decision: +0006h00."""
    minutes = round(abs(time_s) / 60)
    return f"{'-' if time_s < 0 else '+'}{minutes // 60:04d}h{minutes % 60:02d}"


def geojson(series: SignalSeries) -> bytes:
    """A FeatureCollection: where there is a signal before anything failed, and what each moment has lost.

    `kind` is `signal_before`, `never`, and for each moment `lost`, with `time_s`, `people` and `area_km2`.
    """
    features = list(_features(series))
    return json.dumps({"type": "FeatureCollection", "features": features}, allow_nan=False).encode()


def _features(series: SignalSeries) -> Iterator[dict[str, Any]]:
    parts: list[tuple[str, float | None, NDArray[np.bool_]]] = [
        ("signal_before", None, series.baseline),
        ("never", None, ~series.baseline),
    ]
    parts += [("lost", float(t), mask) for t, mask in zip(series.time_s, series.lost, strict=True)]
    for kind, time_s, mask in parts:
        if not mask.any():
            continue
        yield {
            "type": "Feature",
            "properties": {
                "kind": kind,
                "time_s": time_s,
                "people": series.people(mask),
                "area_km2": round(series.km2(mask), 3),
            },
            "geometry": dict(shapely.geometry.mapping(_outline(series.squares, mask))),
        }


def _outline(squares: SignalSquares, mask: NDArray[np.bool_]) -> BaseGeometry:
    """Squares as an area in degrees, cut at the antimeridian (RFC 7946, 3.1.9)."""
    grid = np.pad(squares.raster(mask, 0).astype(np.int8), ((0, 0), (1, 1)))
    row, begin = np.nonzero(np.diff(grid, axis=1) == 1)
    _, end = np.nonzero(np.diff(grid, axis=1) == -1)
    west, east = (squares.west_deg + edge * squares.wide_deg for edge in (begin, end))
    south = squares.south_deg + row * squares.high_deg
    whole = shapely.union_all(shapely.box(west, south, east, south + squares.high_deg))
    parts = []
    for turn in (-360, 0, 360):
        part = shapely.intersection(whole, shapely.box(turn - 180, -90, turn + 180, 90))
        parts.append(translate(part, xoff=-turn))
    polygons = [p for s in parts for p in shapely.get_parts(s) if p.geom_type == "Polygon"]
    area: BaseGeometry = shapely.set_precision(shapely.multipolygons(polygons), 1e-7)
    return area


def raster(squares: SignalSquares, state: NDArray[np.int8]) -> tuple[str, bytes]:
    """One moment as GeoTIFF where rasterio is installed, else as an ASCII grid; its ending and octets.

    The plane is linear in degrees, so the squares are exact in WGS 84.
    """
    values = squares.raster(state.astype(np.uint8), _NOTHING)[::-1]  # row 0 of a file is the north
    try:
        from rasterio.io import MemoryFile
        from rasterio.transform import Affine
    except ImportError:
        head = (
            f"ncols {squares.columns}\nnrows {squares.rows}\nxllcorner {squares.west_deg:.9f}\n"
            f"yllcorner {squares.south_deg:.9f}\ndx {squares.wide_deg:.12f}\ndy {squares.high_deg:.12f}\n"
            f"NODATA_value {_NOTHING}\n"
        )
        return "asc", (head + "\n".join(" ".join(map(str, row)) for row in values.tolist()) + "\n").encode()
    north = squares.south_deg + squares.rows * squares.high_deg
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=squares.columns,
            height=squares.rows,
            count=1,
            dtype="uint8",
            crs="EPSG:4326",
            nodata=_NOTHING,
            compress="deflate",
            transform=Affine(squares.wide_deg, 0.0, squares.west_deg, 0.0, -squares.high_deg, north),
        ) as file:
            file.write(values, 1)
            file.update_tags(**{f"state_{k}": words for k, words in enumerate(STATES)})
        return "tif", bytes(memory.read())
