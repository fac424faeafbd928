"""Coordinates of other reference systems than degrees: read where the file says which, with `geo`."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography.plane import FloatArray

#: Reference systems in degrees; they differ from WGS 84 by a few metres at most.
_DEGREES = ("CRS84", "4326", "4979", "4258", "4269", "4283", "4617", "4674", "4167", "4171", "4612")
_CODE = re.compile(r"\b(EPSG|ESRI)\b.*?(\d{4,6})$", re.IGNORECASE)
_FIX = "Convert it: ogr2ogr -t_srs EPSG:4326 degrees.geojson FILE."


@dataclass(frozen=True, slots=True)
class Projection:
    """A reference system by its name, for messages, and rasterio's object."""

    name: str
    crs: Any

    def __str__(self) -> str:
        return self.name

    def to_degrees(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape of this reference system as (longitude, latitude) [degree]."""
        from rasterio.warp import transform

        def move(points: FloatArray) -> FloatArray:
            lon, lat = transform(self.crs, "EPSG:4326", points[:, 0], points[:, 1])
            return np.column_stack([lon, lat])

        return shapely.transform(shape, move)


def named(path: Path, document: Any) -> Projection | None:
    """The reference system that a GeoJSON document names in `crs`; None for degrees.

    RFC 7946 has no such member; the format of 2008 has, and GIS still write it.
    """
    crs = document.get("crs") if isinstance(document, dict) else None
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    return projection(path, name or "an unnamed reference system")


def projection(path: Path, text: str) -> Projection | None:
    """A reference system by its code (EPSG:32645) or well-known text; None for degrees.

    Raises
    ------
    DataError
        It is not known, or rasterio is not installed.
    """
    code = _CODE.search(text)
    if text.endswith(_DEGREES) and (code or "CRS84" in text):
        return None
    name = f"{code[1].upper()}:{code[2]}" if code else text.split(",", maxsplit=1)[0][:60]
    try:
        from rasterio.crs import CRS
        from rasterio.errors import CRSError
    except ImportError:
        what = f"its coordinates are of {name}, and reading them needs rasterio."
        raise DataError.at(path, what, f"Install it: pip install 'ewsim[geo]'. Or c{_FIX[1:]}") from None
    try:
        crs = CRS.from_authority(code[1].upper(), int(code[2])) if code else CRS.from_wkt(text)
    except CRSError:
        raise DataError.at(path, f"its reference system, {name}, is not known.", _FIX) from None
    return None if crs.is_geographic else Projection(name, crs)
