"""Tracks from files: archives of best tracks, and tables with a row a fix.

A table may have other columns: `maria-track.csv`'s, times in seconds and winds in m/s, or those of IBTrACS
(https://www.ncei.noaa.gov/products/international-best-track-archive), of which USA_WIND (1-minute wind
[kt]), USA_PRES or else WMO_PRES [hPa], USA_RMW and the radii [nmi] are read; its row of units, rows of spurs
and rows with neither wind nor pressure are passed over.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ewsim.disturbances.hazards.cyclone.archives import (
    ATCF_ROW,
    HURDAT2_HEADER,
    NAUTICAL_MILE_M,
    TRACK_OCTETS_MAX,
    Fix,
    b_deck,
    figure_of,
    hurdat2,
)
from ewsim.disturbances.hazards.cyclone.track import Track
from ewsim.disturbances.hazards.cyclone.wind import implausible
from ewsim.disturbances.hazards.spec import KNOT_M_S, CycloneSpec
from ewsim.files import is_file
from ewsim.geography.faults import Faults
from ewsim.geography.formats import what_is
from ewsim.geography.lines import lines_of
from ewsim.geography.table import HeadedTable, number, why_no_number

_QUADRANTS = ("ne", "se", "sw", "nw")
#: Columns of a table for each figure: (name, its unit in SI).
_WIND = {
    **dict.fromkeys(("max_wind_m_s", "wind_m_s"), 1.0),
    **dict.fromkeys(("max_wind_kt", "wind_kt", "usa_wind"), KNOT_M_S),
}
_PRESSURE = ("central_pressure_hpa", "pressure_hpa", "min_pressure_mb", "pressure_mb", "usa_pres")
_RADIUS = {
    "radius_max_wind_m": 1.0,
    **dict.fromkeys(("radius_max_wind_nm", "rmw_nm", "usa_rmw"), NAUTICAL_MILE_M),
}


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
    kind = what_is(path)
    if kind.read_as == "text" or "HURDAT2" in kind.name:
        first = next(iter(lines_of(path, faults, TRACK_OCTETS_MAX)), "")
        if HURDAT2_HEADER.match(first):
            return _track(hurdat2(path, faults, spec), spec, faults, in_knots=True)
        if ATCF_ROW.match(first):
            return _track(b_deck(path, faults), spec, faults, in_knots=True)
    fixes, in_knots = _table(path, faults, spec)
    return _track(fixes, spec, faults, in_knots=in_knots)


# --- tables ---------------------------------------------------------------------------------------


def _table(path: Path, faults: Faults, spec: CycloneSpec) -> tuple[list[tuple[int, Fix]], bool]:
    """The fixes of a table, and whether its winds are in knots."""
    table = HeadedTable(path, TRACK_OCTETS_MAX, ("lat", "lon"))
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
    radii_at = [table.column(f"r{kt}_{q}_nm", f"usa_r{kt}_{q}") for kt in (64, 50, 34) for q in _QUADRANTS]
    is_ibtracs = {"usa_wind", "usa_pres", "sid", "usa_atcf_id", "name", "track_type"} <= set(table.header)
    sort_at, *names_at = (table.column(name) for name in ("track_type", "sid", "usa_atcf_id", "name"))
    other_at = table.column("wmo_pres")
    storms: dict[str, tuple[str, ...]] = {}
    units = {**_WIND, **_RADIUS}
    found: list[tuple[int, Fix]] = []
    for line, row in table:
        cells = [cell.strip() for cell in row]
        if is_ibtracs:
            if cells[lat_at] == "degrees_north" or "spur" in cells[sort_at].casefold():
                continue
            names = tuple(cells[at] for at in names_at)
            if spec.storm is not None and spec.storm not in names:
                continue
            storms.setdefault(names[0], names)
            if not cells[pressure_at] and other_at >= 0:
                cells[pressure_at] = cells[other_at]
            if not cells[wind_at] and not cells[pressure_at]:
                continue
        lat, lon = table.degrees(line, row, lat_at, 90), table.degrees(line, row, lon_at, 360)
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
            return figure_of(line, cells[at], at + 1, faults) * units.get(table.header[at], 1.0)

        radii = [value(at) for at in radii_at]
        scale = 1.0 if radii_at[0] < 0 else NAUTICAL_MILE_M
        figures = value(wind_at), value(pressure_at), value(radius_at)
        found.append((line, (when, lat, lon, *figures, [r * scale for r in radii])))
    if len(storms) > 1:
        some = ", ".join(f"{' '.join(filter(None, names))}" for names in list(storms.values())[:5])
        raise faults.fail(1, 1, f"the table has {len(storms):,} storms.", f"Name one with storm: {some} ...")
    if not found:
        table.finish(0, "the track has no rows.", "Give at least two fixes.")
    return found, units[table.header[wind_at]] == KNOT_M_S if wind_at >= 0 else False


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
