"""The country of a planner's data, out of outlines of many countries."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography.faults import Faults
from ewsim.geography.features import Feature, read_shapes
from ewsim.geography.plane import FloatArray, LocalFrame, contains
from ewsim.network.tables.countries import by_code

#: Properties of outlines that name the country: Natural Earth, geoBoundaries, GADM.
COUNTRY_KEYS = ("adm0_a3", "shapegroup", "gid_0", "iso_a3", "iso3", "admin", "sovereignt", "iso_a2")
#: Outlines without countries that reach further than this, and further than three times the data, are cut
#: to a box this far around the data. Assumption: few countries are so wide [degree].
_WIDE_DEG, _AROUND_DEG = 60.0, 1.0


def own_country(path: Path, lat: FloatArray, lon: FloatArray) -> tuple[bytes, str] | None:
    """The outlines of the country where most of the data lie, and a note; None: the file has one only.

    Of land without countries that goes around the world it is what lies near the data.

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
    key = _key_of(found.rows)
    if key is None:
        return _near(path, found.rows, lat, lon)
    for row in found.rows:
        by_country[_said(row).get(key) or f"feature {row.number}"].append(row)
    if len(by_country) < 2:
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
    what = f"Of {len(by_country):,} countries in {path.name}, {own} holds the most of the data"
    note = f"{what} ({count[own]:,} of {lat.size:,}): land.geojson has its outline."
    return _document(own, [row.shape for row in by_country[own]]), note


def _document(country: str, shapes: Iterable[BaseGeometry]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"country": country},
            "geometry": json.loads(shapely.to_geojson(one)),
        }
        for one in shapes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _said(row: Feature) -> dict[str, str]:
    """What a feature says, without gaps."""
    texts = {key.casefold(): str(value).strip() for key, value in row.properties.items() if value is not None}
    return {key: text for key, text in texts.items() if text not in ("", "-99")}


def _key_of(rows: Sequence[Feature]) -> str | None:
    """The property that names the country of most outlines: by its own name, or by theirs."""
    said = [_said(row) for row in rows]
    for key in COUNTRY_KEYS:
        if sum(key in one for one in said) > len(said) / 2:
            return key
    known = {name.casefold() for name, _, _ in by_code().values()}
    for key in dict.fromkeys(key for one in said for key in one):
        if len(said) > 1 and sum(one.get(key, "").casefold() in known for one in said) > len(said) / 2:
            return key
    return None


def _near(path: Path, rows: Sequence[Feature], lat: FloatArray, lon: FloatArray) -> tuple[bytes, str] | None:
    """Of land that goes around the world what lies near the data; None: the land is no such land."""
    bounds = np.array([row.shape.bounds for row in rows]).reshape(-1, 4)
    wide = float(np.ptp(bounds[:, [0, 2]])) if len(bounds) else 0.0
    if wide < max(_WIDE_DEG, 3 * float(np.ptp(lon))):
        return None
    low, high = (np.quantile([lon, lat], share, axis=1) for share in (0.01, 0.99))
    box = shapely.box(*(low - _AROUND_DEG), *(high + _AROUND_DEG))
    shapes = shapely.intersection(shapely.make_valid([row.shape for row in rows]), box)
    kept = [one for one in shapes if not one.is_empty]
    if not kept:
        fix = "Longitude comes first in it."
        raise DataError.at(path, "no cell and nobody's home lies near its land.", fix)
    note = f"{path.name} goes around the world: land.geojson has what lies within"
    note += f" {_AROUND_DEG:g} degree of the data."
    return _document("", kept), note


def _inside(
    row: Feature, frame: LocalFrame, x: FloatArray, y: FloatArray, lat: FloatArray, lon: FloatArray
) -> int:
    west, south, east, north = row.shape.bounds
    near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return int(contains(row.within(frame), x[near], y[near]).sum()) if near.any() else 0
