"""Tracks from files: HURDAT2 best tracks, and tables with a row a fix.

HURDAT2 (https://www.nhc.noaa.gov/data/hurdat/hurdat2-format-atl-1851-2021.pdf): a header with the
storm's identifier, name and number of rows; rows with date, time (UTC), record identifier, status,
latitude (N or S), longitude (W or E), largest 1-minute wind [kt], pressure [hPa], the radii of 34, 50 and
64 kt by quadrant [nmi], and since 2021 the radius of the largest wind [nmi]. -999 and -99 are missing; a row
with neither wind nor pressure, as in old and early ones, is passed over.
A table may have other columns: `maria-track.csv`'s, or times in seconds and winds in m/s.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ewsim.disturbances.hazards.cyclone.track import Track
from ewsim.disturbances.hazards.cyclone.wind import implausible
from ewsim.disturbances.hazards.spec import KNOT_M_S, CycloneSpec
from ewsim.files import is_file
from ewsim.geography.faults import Faults
from ewsim.geography.lines import lines_of
from ewsim.geography.table import HeadedTable, number, why_no_number

NAUTICAL_MILE_M = 1852.0
_HEADER = re.compile(r"\s*([A-Z]{2}\d{6})\s*,\s*([^,]*),\s*(\d+)\s*,?\s*$")
_DEGREES = re.compile(r"(\d{1,3}(?:\.\d*)?)([NSEW])")
_OCTETS_MAX = 50_000_000
_MISSING = (-999.0, -99.0)
_QUADRANTS = ("ne", "se", "sw", "nw")
#: Columns of a table for each figure: (name, its unit in SI).
_WIND = {"max_wind_m_s": 1.0, "wind_m_s": 1.0, "max_wind_kt": KNOT_M_S, "wind_kt": KNOT_M_S}
_PRESSURE = ("central_pressure_hpa", "pressure_hpa", "min_pressure_mb", "pressure_mb")
_RADIUS = {"radius_max_wind_m": 1.0, "radius_max_wind_nm": NAUTICAL_MILE_M, "rmw_nm": NAUTICAL_MILE_M}

#: A fix: time [s] or date, latitude, longitude, wind [m/s], pressure [hPa], radius [m], twelve radii [m].
Fix = tuple[float | datetime, float, float, float, float, float, list[float]]


def read_track(path: Path, spec: CycloneSpec) -> Track:
    """The track of a file.

    Raises
    ------
    DataError
        Every fault of the file, with its line.
    """
    faults = Faults(str(path))
    if not is_file(path):
        raise faults.fail(0, 0, "there is no such file.", "Check the path.")
    with path.open("rb") as file:
        beginning = file.read(200)
    first = beginning.decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    if first and _HEADER.match(first[0]):
        return _track(_hurdat2(path, faults, spec), spec, faults, in_knots=True)
    fixes, in_knots = _table(path, faults)
    return _track(fixes, spec, faults, in_knots=in_knots)


# --- HURDAT2 --------------------------------------------------------------------------------------


def _hurdat2(path: Path, faults: Faults, spec: CycloneSpec) -> list[tuple[int, Fix]]:
    storms: dict[str, list[tuple[int, Fix]]] = {}
    wanted, due, header = spec.storm, 0, 0
    current: list[tuple[int, Fix]] | None = None
    for line, text in enumerate(lines_of(path, faults, _OCTETS_MAX), 1):
        if not text.strip():
            continue
        if (head := _HEADER.match(text)) is not None:
            _all_there(due, header, faults)
            name, due, header = head[1], int(head[3]), line
            if name in storms:
                faults.add(line, 1, f"the storm {name} is in the file twice.", "Remove one.")
            current = storms.setdefault(name, []) if wanted in (None, name) else None
            storms.setdefault(name, [])
            continue
        due -= 1
        if current is not None:
            fix = _row(line, text, faults)
            if fix is not None and not (math.isnan(fix[3]) and math.isnan(fix[4])):
                current.append((line, fix))
    _all_there(due, header, faults)
    if wanted is None and len(storms) > 1:
        some = ", ".join(list(storms)[:10])
        raise faults.fail(1, 1, f"the file has {len(storms):,} storms.", f"Name one with storm: {some} ...")
    if wanted is not None and wanted not in storms:
        some = ", ".join(list(storms)[:10])
        raise faults.fail(1, 1, f"the file has no storm {wanted!r}.", f"It has: {some}.")
    return storms[wanted or next(iter(storms))]


def _all_there(due: int, header: int, faults: Faults) -> None:
    if due and header:
        rows = "row" if abs(due) == 1 else "rows"
        more = f"{abs(due)} {rows} {'fewer' if due > 0 else 'more'}"
        faults.add(header, 1, f"the storm has {more} than its header says.", "Copy the whole storm.")


def _row(line: int, text: str, faults: Faults) -> Fix | None:
    values = [value.strip() for value in text.rstrip().rstrip(",").split(",")]
    if not 8 <= len(values) <= 21:
        message = f"the row has {len(values)} values, a row of HURDAT2 20 or 21."
        faults.add(line, 1, message, "Copy the rows as they are.")
        return None
    before = len(faults.found) + faults.more
    try:
        when: datetime | float = datetime.strptime(values[0] + values[1], "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        when = math.nan
        what = f"{values[0]}, {values[1]} is not a date and time."
        faults.add(line, 1, what, "Write them like 20170920, 1015 (UTC).")
    lat, lon = _degrees(line, values, 4, "NS", faults), _degrees(line, values, 5, "EW", faults)
    figures = [_figure(line, text, 7 + at, faults) for at, text in enumerate(values[6:])]
    figures += [math.nan] * (15 - len(figures))
    if len(faults.found) + faults.more > before:
        return None
    wind, pressure = figures[0] * KNOT_M_S, figures[1]
    by_wind = np.array(figures[2:14]).reshape(3, 4)[::-1].ravel() * NAUTICAL_MILE_M
    radius = figures[14] * NAUTICAL_MILE_M if figures[14] > 0 else math.nan
    return when, lat, lon, wind if wind > 0 else math.nan, pressure, radius, by_wind.tolist()


def _degrees(line: int, values: Sequence[str], at: int, signs: str, faults: Faults) -> float:
    text, limit = values[at], 90 if signs == "NS" else 180
    found = _DEGREES.fullmatch(text)
    value = number(found[1]) if found else math.nan
    if found is None or found[2] not in signs or not value <= (limit if limit == 90 else 360):
        what = f"{text!r} is not a {'latitude' if limit == 90 else 'longitude'}."
        faults.add(line, at + 1, what, "Write it like 18.0N and 65.9W.")
        return math.nan
    return -value if found[2] in "SW" else value


def _figure(line: int, text: str, column: int, faults: Faults) -> float:
    """A wind, pressure or radius; NaN where it is missing."""
    value = number(text) if text else math.nan
    if value in _MISSING or not text:
        return math.nan
    if not 0 <= value <= 2000:
        what = f"{text!r} is not a wind, pressure or radius."
        faults.add(line, column, what, "Write a number from 0 on, or -999 where it is not known.")
        return math.nan
    return value


# --- tables ---------------------------------------------------------------------------------------


def _table(path: Path, faults: Faults) -> tuple[list[tuple[int, Fix]], bool]:
    """The fixes of a table, and whether its winds are in knots."""
    table = HeadedTable(path, _OCTETS_MAX, ("lat", "lon"))
    table.faults = faults
    lat_at, lon_at = table.column("lat"), table.column("lon")
    seconds_at, date_at = table.column("time_s"), table.column("time", "datetime", "iso_time")
    day_at, hour_at = table.column("date"), table.column("time_utc")
    if seconds_at < 0 and date_at < 0 and (day_at < 0 or hour_at < 0):
        fix = "Add time_s (seconds), time (such as 2017-09-20T10:15Z), or date and time_utc (20170920, 1015)."
        raise faults.fail(1, 1, "the track has no times.", fix)
    wind_at = table.column(*_WIND)
    pressure_at, radius_at = table.column(*_PRESSURE), table.column(*_RADIUS)
    if wind_at < 0 and pressure_at < 0:
        fix = f"Add one of {', '.join((*_WIND, *_PRESSURE))}."
        seen = ", ".join(repr(name[:40]) for name in table.header[:20])
        raise faults.fail(1, 1, f"the track has neither winds nor pressures with a unit; it has {seen}.", fix)
    radii_at = [table.column(f"r{kt}_{q}_nm") for kt in (64, 50, 34) for q in _QUADRANTS]
    units = {**_WIND, **_RADIUS}
    found: list[tuple[int, Fix]] = []
    for line, row in table:
        cells = [cell.strip() for cell in row]
        lat, lon = table.degrees(line, row, lat_at, 90), table.degrees(line, row, lon_at, 180)
        when: float | datetime
        if seconds_at >= 0:
            when = number(cells[seconds_at])
            if not abs(when) <= 1e9:
                what = f"time_s {why_no_number(cells[seconds_at])}."
                faults.add(line, seconds_at + 1, what, "Write seconds.")
        else:
            text = cells[date_at] if date_at >= 0 else f"{cells[day_at]}T{cells[hour_at].zfill(4)}Z"
            when = _moment(line, text, max(date_at, day_at) + 1, faults)

        def value(at: int, cells: list[str] = cells, line: int = line) -> float:
            if at < 0:
                return math.nan
            return _figure(line, cells[at], at + 1, faults) * units.get(table.header[at], 1.0)

        radii = [value(at) for at in radii_at]
        scale = 1.0 if radii_at[0] < 0 else NAUTICAL_MILE_M
        figures = value(wind_at), value(pressure_at), value(radius_at)
        found.append((line, (when, lat, lon, *figures, [r * scale for r in radii])))
    if not found:
        table.finish(0, "the track has no rows.", "Give at least two fixes.")
    return found, table.header[wind_at].endswith("_kt")


def _moment(line: int, text: str, column: int, faults: Faults) -> float | datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        faults.add(line, column, f"{text!r} is not a date and time.", "Write it like 2017-09-20T10:15Z.")
        return math.nan
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


# --- both -----------------------------------------------------------------------------------------


def _track(fixes: list[tuple[int, Fix]], spec: CycloneSpec, faults: Faults, *, in_knots: bool) -> Track:
    """The fixes as a track, with faults between them noted."""
    dated = [line for line, fix in fixes if isinstance(fix[0], datetime)]
    if dated and spec.decided_at is None:
        fix = "Give decided_at in the scenario, e.g. 2017-09-20T12:15:00Z."
        faults.add(dated[0], 1, "the track has dates, and nothing says when the decision is.", fix)
    if len(fixes) < 2 and not faults:
        faults.add(fixes[0][0] if fixes else 1, 1, "the track has fewer than two fixes.", "Give more.")
    times = [_seconds(fix[0], spec) for _, fix in fixes]
    for (line, _), before, after in zip(fixes[1:], times, times[1:], strict=False):
        if after <= before:
            faults.add(line, 1, "this fix is not later than the one before.", "Put them in order of time.")
    known = {fault.line for fault in faults.found}
    for line, row in fixes:
        wind, pressure = row[3], row[4]
        if line in known:
            continue
        if math.isnan(wind) and math.isnan(pressure):
            faults.add(line, 1, "this fix has neither wind nor pressure.", "Give one, or leave the fix out.")
        elif said := implausible(wind, math.nan if in_knots else pressure, spec.environment_pressure_hpa):
            if in_knots:
                message = f"no storm has had {wind / KNOT_M_S:.0f} kt (the strongest: 185 kt, Patricia 2015)."
                said = message, "Copy the row as it is; these winds are in knots."
            faults.add(line, 1, *said)
    if faults:
        raise faults.error()
    return track_of([(time, *fix[1:]) for time, (_, fix) in zip(times, fixes, strict=True)])


def _seconds(when: float | datetime, spec: CycloneSpec) -> float:
    if isinstance(when, datetime):
        return 0.0 if spec.decided_at is None else (when - spec.decided_at).total_seconds() + spec.at_s
    return when + spec.at_s


def track_of(rows: Sequence[tuple[float, float, float, float, float, float, list[float]]]) -> Track:
    """A track from rows: time [s], latitude, longitude, wind [m/s], pressure [hPa], radius [m], radii [m]."""
    time, lat, lon, wind, pressure, radius = np.array([row[:6] for row in rows], dtype=np.float64).T
    radii = np.array([row[6] for row in rows], dtype=np.float64).reshape(-1, 3, 4)
    return Track(time, lat, lon, wind, pressure, radius, radii)


def track_of_spec(spec: CycloneSpec) -> Track:
    """The track that a scenario writes out."""
    nothing = [math.nan] * 12
    rows = []
    for fix in spec.track:
        when = fix.time if fix.time is not None else (fix.time_s or 0.0)
        known = (fix.max_wind_m_s, fix.central_pressure_hpa, fix.radius_max_wind_m)
        wind, pressure, radius = (math.nan if value is None else value for value in known)
        rows.append((_seconds(when, spec), *fix.centre, wind, pressure, radius, nothing))
    return track_of(rows)
