"""The country of a planner's data, out of outlines of many countries."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import shapely

from ewsim.errors import DataError
from ewsim.geography.faults import Faults
from ewsim.geography.features import Feature, read_shapes
from ewsim.geography.plane import FloatArray, LocalFrame, contains

#: Properties of outlines that name the country: Natural Earth, geoBoundaries, GADM.
COUNTRY_KEYS = ("adm0_a3", "shapegroup", "gid_0", "iso_a3", "iso3", "admin")


def own_country(path: Path, lat: FloatArray, lon: FloatArray) -> tuple[bytes, str] | None:
    """The outlines of the country where most of the data lie, and a note; None: the file has one only.

    Parameters
    ----------
    path
        The outlines.
    lat, lon
        Where the data lie [degree], shape (data,).

    Raises
    ------
    DataError
        The file's faults; or none of the data lies in it.
    """
    faults = Faults(str(path))
    found = read_shapes(path, faults)
    if faults:
        raise faults.error()
    by_country: dict[str, list[Feature]] = defaultdict(list)
    for row in found.rows:
        by_country[_country_of(row)].append(row)
    if len(by_country) < 2 or "" in by_country:
        return None
    frame = LocalFrame.around(float(np.median(lat)), float(np.median(lon)))
    x, y = frame.to_xy(lat, lon)
    count = {
        name: sum(_inside(row, frame, x, y, lat, lon) for row in rows) for name, rows in by_country.items()
    }
    own = max(count, key=lambda name: (count[name], name))
    if not count[own]:
        fix = "Give the outline of the country; longitude comes first in it."
        raise DataError.at(path, "no cell and nobody's home lies in any of its areas.", fix)
    features = [
        {
            "type": "Feature",
            "properties": {"country": own},
            "geometry": json.loads(shapely.to_geojson(row.shape)),
        }
        for row in by_country[own]
    ]
    document = json.dumps({"type": "FeatureCollection", "features": features})
    what = f"Of {len(by_country):,} countries in {path.name}, {own} holds the most of the data"
    return document.encode(), f"{what} ({count[own]:,} of {lat.size:,}): land.geojson has its outline."


def _country_of(row: Feature) -> str:
    said = {key.casefold(): value for key, value in row.properties.items()}
    return next((str(said[k]).strip() for k in COUNTRY_KEYS if said.get(k) not in (None, "", "-99")), "")


def _inside(
    row: Feature, frame: LocalFrame, x: FloatArray, y: FloatArray, lat: FloatArray, lon: FloatArray
) -> int:
    west, south, east, north = row.shape.bounds
    near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return int(contains(row.within(frame), x[near], y[near]).sum()) if near.any() else 0
