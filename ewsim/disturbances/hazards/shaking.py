"""How strongly an earthquake shakes: intensities (MMI) from a relation or a ShakeMap, and accelerations.

A ShakeMap (USGS) comes as contours (`cont_mmi.json`), stations (`stationlist.json`) or a grid (`grid.xml`).
Between contours intensity changes evenly over triangles of their points, so lines that end at the map's
edge need not be closed. Stations give a law of distance of their own (least squares), and near a station
what it felt beyond that law.

Assumptions: no site effects but those in the file; outside of a map the intensity is half a step below
its weakest contour, or nothing; a station's own difference fades over 30 km.

References
----------
.. [1] T. I. Allen, D. J. Wald, C. B. Worden, J. Seismol. 16, 409-433 (2012), hypocentral distance.
.. [2] C. B. Worden et al., Bull. Seismol. Soc. Am. 102, 204-221 (2012), intensity from acceleration.
"""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import shapely
from scipy.spatial import QhullError, cKDTree

from ewsim.disturbances.hazards.exposure import Exposure
from ewsim.disturbances.hazards.spec import EarthquakeSpec
from ewsim.errors import DataError
from ewsim.geography.faults import Faults
from ewsim.geography.features import Feature, must_be_placed, read_shapes
from ewsim.geography.formats import what_is
from ewsim.geography.lines import lines_of
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.geography.table import number
from ewsim.network.coverage import read_values

#: From places (latitude, longitude [degree]) to their intensity (MMI).
Intensity: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]
STANDARD_GRAVITY_CM_S2 = 980.665
_NEIGHBOURS, _NEAR_M, _FADES_M = 8, 5_000.0, 30_000.0
_OCTETS_MAX = 200_000_000
_TAG = re.compile(r"<(grid_field|grid_specification|event)\b([^<>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def intensity_of(magnitude: float, distance_m: FloatArray) -> FloatArray:
    """Intensity (MMI) at hypocentral distances [m] in active crust: Allen et al. 2012 [1]_."""
    far = np.maximum(np.asarray(distance_m) / 1000, 0.1)
    near_m = -0.209 + 2.042 * math.exp(magnitude - 5)
    base = 2.085 + 1.428 * magnitude - 1.402 * np.log(np.hypot(far, near_m))
    return np.asarray(base + np.where(far > 50, 0.078 * np.log(far / 50), 0))


def acceleration_g(intensity: FloatArray) -> FloatArray:
    """Peak ground acceleration [g] of an intensity (MMI): Worden et al. 2012 [2]_, the other way round."""
    mmi = np.asarray(intensity, dtype=np.float64)
    bend = 1.78 + 1.55 * 1.57
    log_cm_s2 = np.where(mmi <= bend, (mmi - 1.78) / 1.55, (mmi + 1.60) / 3.70)
    return np.where(mmi >= 1, 10**log_cm_s2 / STANDARD_GRAVITY_CM_S2, 0.0)


def shaken_at(spec: EarthquakeSpec) -> Callable[[FloatArray, FloatArray], dict[str, Exposure]]:
    """From places [degree] to intensity and acceleration there, at the time when the shear waves arrive.

    Raises
    ------
    DataError
        Every fault of the file, with its line.
    """
    felt, centre = _relation(spec) if spec.path is None else _read(Path(spec.path), spec)

    def fields(lat_deg: FloatArray, lon_deg: FloatArray) -> dict[str, Exposure]:
        mmi = felt(lat_deg, lon_deg)
        far = np.hypot(_away_m(centre, lat_deg, lon_deg), spec.hypocentre_depth_m)
        times = (spec.at_s + far / spec.s_wave_m_s)[None]
        return {"mmi": Exposure(times, mmi[None]), "pga_g": Exposure(times, acceleration_g(mmi)[None])}

    return fields


def _relation(spec: EarthquakeSpec) -> tuple[Intensity, tuple[float, float]]:
    centre, magnitude = spec.epicentre or (0.0, 0.0), spec.magnitude or 0.0

    def felt(lat_deg: FloatArray, lon_deg: FloatArray) -> FloatArray:
        return intensity_of(magnitude, np.hypot(_away_m(centre, lat_deg, lon_deg), spec.hypocentre_depth_m))

    return felt, centre


def _away_m(centre: tuple[float, float], lat_deg: FloatArray, lon_deg: FloatArray) -> FloatArray:
    """Great-circle distance from a place [m]."""
    lat, lon, lat0, lon0 = (np.radians(v) for v in (lat_deg, lon_deg, *centre))
    half = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return np.asarray(2 * 6_371_008.8 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


# --- files ----------------------------------------------------------------------------------------


def _read(path: Path, spec: EarthquakeSpec) -> tuple[Intensity, tuple[float, float]]:
    kind = what_is(path)
    if kind.read_as == "raster":
        raster = read_values(path, 0.0, 10.5, "intensities (MMI)")
        return (lambda lat, lon: np.maximum(raster.at(lat, lon), 0.0).astype(np.float64)), _stated(path, spec)
    with path.open("rb") as file:
        beginning = file.read(4000)
    if b"<shakemap_grid" in beginning:
        return _grid(path, spec)
    faults = Faults(str(path))
    found = read_shapes(path, faults)
    must_be_placed(found, faults)
    if found.rows and all(row.shape.geom_type == "Point" for row in found.rows):
        return _stations(path, list(found.rows), spec, faults)
    return _contours(path, list(found.rows), spec, faults)


def _stated(path: Path, spec: EarthquakeSpec) -> tuple[float, float]:
    """The epicentre: that of the scenario, or of the file's metadata."""
    if spec.epicentre is not None:
        return spec.epicentre
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8-sig"))["metadata"]
        lat, lon = float(data["latitude"]), float(data["longitude"])
    except (ValueError, LookupError, TypeError, RecursionError):
        lat = lon = math.nan
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        fix = "Give epicentre: [latitude, longitude] in the scenario."
        raise DataError.at(path, "the file does not say where the epicentre is, which sets the times.", fix)
    return lat, lon


def _contours(
    path: Path, rows: list[Feature], spec: EarthquakeSpec, faults: Faults
) -> tuple[Intensity, tuple[float, float]]:
    points, levels = [], []
    for row in rows:
        # PARAMVALUE: in the ShakeMap's Shapefile (mi.shp)
        value = row.properties.get("value", row.properties.get("PARAMVALUE"))
        units = row.text("units") or "mmi"
        where = f"feature {row.number}: "
        if row.shape.geom_type not in ("LineString", "MultiLineString", "Polygon", "MultiPolygon"):
            what = f"{where}it is a {row.shape.geom_type}, among contours."
            faults.add(row.line, row.column, what, "Give contours, or stations alone.")
        elif units.casefold() != "mmi":
            what = f"{where}its units are {units[:40]!r}, not mmi."
            faults.add(*row.place(path, "units"), what, "Take the ShakeMap's cont_mmi.json.")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 12:
            what = f"{where}its value {str(value)[:40]!r} is not an intensity."
            faults.add(*row.place(path, "value"), what, "Give value, from 1 to 10 (MMI).")
        else:
            corners = shapely.get_coordinates(row.shape)
            points.append(corners)
            levels.append(np.full(len(corners), float(value)))
    if not faults and not points:
        faults.add(1, 1, "the file has no contours.", "Take the ShakeMap's cont_mmi.json.")
    if faults:
        raise faults.error()
    from scipy.interpolate import LinearNDInterpolator  # slow to import, and needed here only

    at, level = np.concatenate(points), np.concatenate(levels)
    frame = LocalFrame.around(at[:, 1], at[:, 0])
    xy = np.column_stack(frame.to_xy(at[:, 1], at[:, 0]))
    try:
        between = LinearNDInterpolator(xy, level)
    except (QhullError, ValueError):
        raise DataError.at(
            path, "the contours enclose nothing.", "Take the ShakeMap's cont_mmi.json."
        ) from None
    distinct = np.unique(level)
    outside = distinct[0] - (np.diff(distinct).min() / 2 if distinct.size > 1 else 0.5)

    def felt(lat_deg: FloatArray, lon_deg: FloatArray) -> FloatArray:
        found = between(np.column_stack(frame.to_xy(lat_deg, lon_deg)))
        return np.asarray(np.where(np.isnan(found), outside, found))

    try:
        centre = _stated(path, spec)
    except DataError:  # the middle of the strongest contour
        lon, lat = at[level == distinct[-1]].mean(axis=0)
        centre = (float(lat), float(lon))
    return felt, centre


def _stations(
    path: Path, rows: list[Feature], spec: EarthquakeSpec, faults: Faults
) -> tuple[Intensity, tuple[float, float]]:
    found = []
    for row in rows:
        value = row.properties.get("intensity")
        if value is None or value in ("null", "nan", ""):
            continue  # a station without an intensity
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 12:
            what = f"feature {row.number}: its intensity {str(value)[:40]!r} is none."
            faults.add(*row.place(path, "intensity"), what, "Give numbers from 1 to 10 (MMI), or null.")
            continue
        lon, lat = shapely.get_coordinates(row.shape)[0]
        found.append((lat, lon, float(value)))
    if not faults and not found:
        faults.add(1, 1, "no station has an intensity.", "Take the ShakeMap's stationlist.json.")
    if faults:
        raise faults.error()
    centre = _stated(path, spec)
    lat, lon, mmi = np.array(found).T

    def log_distance(lat_deg: FloatArray, lon_deg: FloatArray) -> FloatArray:
        away = np.hypot(_away_m(centre, lat_deg, lon_deg), max(spec.hypocentre_depth_m, 1000.0))
        return np.log10(away / 1000)

    log_r = log_distance(lat, lon)
    slope = 0.0
    if len(found) >= 3 and np.ptp(log_r) > 0.1:
        slope = float(np.clip(np.polyfit(log_r, mmi, 1)[0], -8, 0))
    level = float((mmi - slope * log_r).mean())
    beyond = mmi - level - slope * log_r
    frame = LocalFrame.around(lat, lon)
    near = cKDTree(np.column_stack(frame.to_xy(lat, lon)))
    count = min(_NEIGHBOURS, len(found))

    def felt(lat_deg: FloatArray, lon_deg: FloatArray) -> FloatArray:
        places = np.column_stack(frame.to_xy(lat_deg, lon_deg))
        away, which = (np.asarray(v).reshape(-1, count) for v in near.query(places, k=count))
        weight = 1 / (away**2 + _NEAR_M**2)
        own = (weight * beyond[which]).sum(axis=1) / (weight.sum(axis=1) + 1 / _FADES_M**2)
        return np.asarray(np.clip(level + slope * log_distance(lat_deg, lon_deg) + own, 0, 10.5))

    return felt, centre


def _implausible(row: dict[str, float]) -> str:
    """What of a row of a grid is no place on the Earth, or no intensity."""
    limits = {"LAT": (-90, 90), "LON": (-360, 360), "MMI": (0, 12)}
    wrong = [name for name, (low, high) in limits.items() if not low <= row.get(name, 0) <= high]
    return ", ".join(f"{name} {row[name]:g}" for name in wrong)


def _grid(path: Path, spec: EarthquakeSpec) -> tuple[Intensity, tuple[float, float]]:
    """A grid.xml: its fields by number, then a row of numbers a point; read as text, not as XML."""
    faults = Faults(str(path))
    fields: dict[str, int] = {}
    names: list[str] = []
    event: tuple[float, float] | None = None
    numbers: list[list[float]] = []
    due, rows = math.nan, 0
    inside = ended = False
    for line, text in enumerate(lines_of(path, faults, _OCTETS_MAX), 1):
        if not inside:
            for tag, words in _TAG.findall(text):
                said = {name: one or other for name, one, other in _ATTRIBUTE.findall(words)}
                if tag == "grid_field" and re.fullmatch(r"\d{1,4}", said.get("index", "")):
                    fields[said.get("name", "").upper()] = int(said["index"])
                elif tag == "grid_specification":
                    due = number(said.get("nlon", "")) * number(said.get("nlat", ""))
                elif tag == "event":
                    event = number(said.get("lat", "")), number(said.get("lon", ""))
            inside = "<grid_data>" in text
            names = sorted(fields, key=fields.__getitem__)  # columns in the order of their numbers
            text = text.partition("<grid_data>")[2]
        text, end, _ = text.partition("<")
        values = text.split()
        if values and inside:
            rows += 1
            try:
                numbers.append([float(value) for value in values])
            except ValueError:
                faults.add(line, 1, "a row of the grid is not numbers.", "Copy the file as it is.")
            else:
                if len(values) != len(names):
                    what = f"the row has {len(values)} values, the grid {len(names)} fields."
                    faults.add(line, 1, what, "Copy the file as it is.")
                elif wrong := _implausible(dict(zip(names, numbers[-1], strict=True))):
                    what = f"the row's place or intensity cannot be: {wrong}."
                    faults.add(line, 1, what, "Give degrees, and intensities from 0 to 12.")
        if inside and end:
            ended = True
            break
    if rows and (not ended or (math.isfinite(due) and rows != due)):
        what = f"the grid has {rows:,} rows" + (
            f", not {due:,.0f}." if math.isfinite(due) else " and no end."
        )
        faults.add(line, 1, what, "Copy the whole file: a part of it is missing or there twice.")
    wanted = [name for name in ("LON", "LAT", "MMI") if name not in names]
    if wanted:
        faults.add(1, 1, f"the grid has no field {', '.join(wanted)}.", "Take the ShakeMap's grid.xml.")
    elif not numbers and not faults:
        faults.add(1, 1, "the grid has no rows.", "Take the ShakeMap's grid.xml.")
    if faults:
        raise faults.error()
    lon, lat, mmi = np.array(numbers)[:, [names.index(name) for name in ("LON", "LAT", "MMI")]].T
    frame = LocalFrame.around(lat, lon)
    points = np.column_stack(frame.to_xy(lat, lon))
    near = cKDTree(points)
    spacing = _NEAR_M
    if len(points) > 1:
        spacing = float(np.median(np.asarray(near.query(points[:1000], k=2)[0])[:, 1]))

    def felt(lat_deg: FloatArray, lon_deg: FloatArray) -> FloatArray:
        away, which = near.query(np.column_stack(frame.to_xy(lat_deg, lon_deg)))
        return np.asarray(np.where(away <= 2 * spacing, mmi[which], 0.0))

    known = event is not None and abs(event[0]) <= 90 and abs(event[1]) <= 180
    return felt, spec.epicentre or (event if event is not None and known else _stated(path, spec))
