"""Rasters of a measured or planned signal, which replace the path loss model.

A raster is a GeoTIFF in any reference system that rasterio knows, its first band the signal of the
best server outdoors [dBm]: RxLev (2G), RSCP (3G), RSRP (4G, 5G). No data, and places outside, mean
no signal. Needs the extra `geo` (rasterio).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.errors import DataError
from ewsim.files import is_file
from ewsim.geography.formats import what_is
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.units import RATS

#: A raster with more pixels is refused.
PIXELS_MAX = 400_000_000
#: Signals that make sense [dBm]: no phone hears more than it could send itself; people, shares and
#: signals without their sign lie above.
LOW_DBM, HIGH_DBM = -200.0, 0.0


@dataclass(frozen=True, slots=True)
class Raster:
    """A signal [dBm], or another value, by pixel (row, column), NaN for none.

    Column and row are a x + b y + c and d x + e y + f of a place (`inverse`) in the system `crs`,
    None for degrees (longitude, latitude).
    """

    values: NDArray[np.float32]
    inverse: tuple[float, ...]
    crs: Any = None

    def at(self, lat_deg: FloatArray, lon_deg: FloatArray) -> NDArray[np.float32]:
        """The value of the pixel that holds each place, -inf for none."""
        x, y = lon_deg, lat_deg
        if self.crs is not None:
            from rasterio.warp import transform

            x, y = (np.array(v) for v in transform("EPSG:4326", self.crs, lon_deg, lat_deg))
        a, b, c, d, e, f = self.inverse
        column, row = np.floor(a * x + b * y + c), np.floor(d * x + e * y + f)
        height, width = self.values.shape
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        found = self.values[row[inside].astype(np.int64), column[inside].astype(np.int64)]
        out = np.full(x.shape, -np.inf, dtype=np.float32)
        out[inside] = np.where(np.isnan(found), -np.inf, found)
        return out


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rasters, and which of them each operator's technology has: `column`, -1 where the model."""

    rasters: tuple[Raster, ...]
    column: NDArray[np.int32]

    def signals_dbm(self, frame: LocalFrame, x_m: FloatArray, y_m: FloatArray) -> NDArray[np.float32]:
        """Signal of every raster at places [dBm], shape (places, rasters).

        Parameters
        ----------
        frame
            The plane.
        x_m, y_m
            Places [m], shape (places,).
        """
        lat, lon = frame.to_latlon(x_m, y_m)
        return np.column_stack([raster.at(lat, lon) for raster in self.rasters])


def read_coverage(chosen: Sequence[tuple[Path, int | None, str | None]], operator_count: int) -> Coverage:
    """Rasters for operators (None: each) and technologies (None: all); later ones come on top.

    Raises
    ------
    DataError
        A raster cannot be read, or does not hold signals.
    """
    column = np.full((operator_count, len(RATS)), -1, dtype=np.int32)
    rasters = []
    for number, (path, operator, rat) in enumerate(chosen):
        rasters.append(read_signal(path))
        rows = slice(None) if operator is None else operator
        column[rows, slice(None) if rat is None else RATS.index(rat)] = number
    return Coverage(tuple(rasters), column)


def read_signal(path: Path) -> Raster:
    """The signals of a GeoTIFF.

    Raises
    ------
    DataError
        It cannot be read, has no place on the Earth, or its values are not signals.
    """
    return read_values(path, LOW_DBM, HIGH_DBM, "signals in dBm")


def read_values(path: Path, low: float, high: float, what: str) -> Raster:
    """The values of a GeoTIFF.

    Parameters
    ----------
    path
        The file.
    low, high
        Values outside are no such values [unit of `what`].
    what
        What they are, with their unit.

    Raises
    ------
    DataError
        It cannot be read, has no place on the Earth, or has other values.
    """
    kind = what_is(path)
    if kind.read_as != "raster" and is_file(path):
        fix = f"Export it as GeoTIFF of {what}."
        raise DataError.at(path, f"the file is {kind.name}, and cannot be read as a raster.", fix)
    try:
        import rasterio
        from rasterio.errors import RasterioError
    except ImportError:
        raise DataError.at(
            path,
            "reading a raster needs rasterio, which is not installed.",
            "Install it: pip install rasterio.",
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a raster without a place is refused below
            # Only GeoTIFF: other drivers may open further files, or a network.
            with rasterio.open(path, driver="GTiff") as file:
                if file.width * file.height > PIXELS_MAX:
                    raise DataError.at(path, f"it has more than {PIXELS_MAX:,} pixels.", "Cut it.")
                if file.crs is None or file.transform.is_identity:
                    fix = "Export it as GeoTIFF with its reference system."
                    raise DataError.at(path, "it has no coordinate reference system or position.", fix)
                crs = None if file.crs.to_epsg() == 4326 else file.crs
                inverse = tuple(~file.transform)[:6]
                band = file.read(1, masked=True).astype(np.float32) * file.scales[0] + file.offsets[0]
    except (RasterioError, OSError, MemoryError) as error:
        fix = f"Give a GeoTIFF of {what}."
        raise DataError.at(path, f"it cannot be read as a raster: {error}.", fix) from None
    signal = np.ma.filled(band.astype(np.float32), np.nan)
    known = signal[np.isfinite(signal)]
    if not known.size:
        raise DataError.at(path, "no pixel has a value.", "Check its no-data value.")
    if known.min() < low or known.max() > high:
        raise DataError.at(
            path,
            f"its values are {known.min():g} to {known.max():g}, not {what}.",
            f"Give {what} ({low:g} to {high:g}), and state the no-data value.",
        )
    return Raster(np.where(np.isfinite(signal), signal, np.float32(np.nan)), inverse, crs)
