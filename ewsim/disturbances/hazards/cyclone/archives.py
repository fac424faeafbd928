"""Archives of best tracks as text: HURDAT2, and the b-decks of ATCF.

HURDAT2 (https://www.nhc.noaa.gov/data/hurdat/hurdat2-format-atl-1851-2021.pdf): a header with the
storm's identifier, name and number of rows; rows with date, time (UTC), record identifier, status,
latitude (N or S), longitude (W or E), largest 1-minute wind [kt], pressure [hPa], the radii of 34, 50 and
64 kt by quadrant [nmi], and since 2021 the radius of the largest wind [nmi]. -999 and -99 are missing; a row
with neither wind nor pressure, as in old and early ones, is passed over.
A b-deck (https://science.nrlmry.navy.mil/atcf/docs/database/new/abrdeck.html), as of the JTWC for the south,
has a row for each radius of a moment, degrees in tenths, and 0 for what is missing.
"""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ewsim.disturbances.hazards.spec import KNOT_M_S, CycloneSpec
from ewsim.geography.faults import Faults
from ewsim.geography.lines import lines_of
from ewsim.geography.table import number

NAUTICAL_MILE_M = 1852.0
HURDAT2_HEADER = re.compile(r"\s*([A-Z]{2}\d{6})\s*,\s*([^,]*),\s*(\d+)\s*,?\s*$")
ATCF_ROW = re.compile(r"[A-Z]{2},\s*\w{2},\s*\d{10}\s*,")
_DEGREES = re.compile(r"(\d{1,4}(?:\.\d*)?)([NSEW])")
TRACK_OCTETS_MAX = 50_000_000
_MISSING = (-999.0, -99.0)

#: A fix: time [s] or date, latitude, longitude, wind [m/s], pressure [hPa], radius [m], twelve radii [m].
Fix = tuple[float | datetime, float, float, float, float, float, list[float]]


def hurdat2(path: Path, faults: Faults, spec: CycloneSpec) -> list[tuple[int, Fix]]:
    """The fixes of one storm of a HURDAT2 file, each with its line.

    Parameters
    ----------
    path
        The file.
    faults
        Where faults are noted.
    spec
        The cyclone's keys, which may name the storm.
    """
    storms: dict[str, list[tuple[int, Fix]]] = {}
    wanted, due, header = spec.storm, 0, 0
    current: list[tuple[int, Fix]] | None = None
    for line, text in enumerate(lines_of(path, faults, TRACK_OCTETS_MAX), 1):
        if not text.strip():
            continue
        if (head := HURDAT2_HEADER.match(text)) is not None:
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
    figures = [figure_of(line, text, 7 + at, faults) for at, text in enumerate(values[6:])]
    figures += [math.nan] * (15 - len(figures))
    if len(faults.found) + faults.more > before:
        return None
    wind, pressure = figures[0] * KNOT_M_S, figures[1]
    by_wind = np.array(figures[2:14]).reshape(3, 4)[::-1].ravel() * NAUTICAL_MILE_M
    radius = figures[14] * NAUTICAL_MILE_M if figures[14] > 0 else math.nan
    return when, lat, lon, wind if wind > 0 else math.nan, pressure, radius, by_wind.tolist()


def _degrees(
    line: int, values: Sequence[str], at: int, signs: str, faults: Faults, *, tenths: bool = False
) -> float:
    text, limit = values[at], 90 if signs == "NS" else 180
    found = _DEGREES.fullmatch(text)
    value = (number(found[1]) if found else math.nan) / (10 if tenths else 1)
    if found is None or found[2] not in signs or not value <= (limit if limit == 90 else 360):
        what = f"{text!r} is not a {'latitude' if limit == 90 else 'longitude'}."
        faults.add(line, at + 1, what, f"Write it like {'180N and 659W' if tenths else '18.0N and 65.9W'}.")
        return math.nan
    return -value if found[2] in "SW" else value


def figure_of(line: int, text: str, column: int, faults: Faults) -> float:
    """A wind, pressure or radius; NaN where it is missing.

    Parameters
    ----------
    line, text, column
        The value and its place.
    faults
        Where faults are noted.
    """
    value = number(text) if text else math.nan
    if value in _MISSING or not text:
        return math.nan
    if not 0 <= value <= 2000:
        what = f"{text!r} is not a wind, pressure or radius."
        faults.add(line, column, what, "Write a number from 0 on, or -999 where it is not known.")
        return math.nan
    return value


def b_deck(path: Path, faults: Faults) -> list[tuple[int, Fix]]:
    """The fixes of a b-deck, which has the best track of one storm, each with its line."""
    found: dict[datetime, tuple[int, Fix]] = {}
    storm = ""
    for line, text in enumerate(lines_of(path, faults, TRACK_OCTETS_MAX), 1):
        values = [value.strip() for value in text.split(",")]
        if not text.strip():
            continue
        if len(values) < 9 or not ATCF_ROW.match(text):
            faults.add(line, 1, "the row is not one of a b-deck.", "Copy the rows as they are.")
            continue
        if values[4] != "BEST":
            what = f"the row is of {values[4][:10]!r}, a forecast or a fix, not of the best track."
            raise faults.fail(
                line, 5, what, "Give the storm's b-deck (bAL092021.dat, say), whose rows have BEST."
            )
        storm = storm or values[0] + values[1]
        if values[0] + values[1] != storm:
            raise faults.fail(line, 1, f"the file has {storm} and {values[0]}{values[1]}.", "Give one storm.")
        when = _hour(line, values, faults)
        if when is None:
            continue
        values += [""] * 20
        if when not in found:
            before = len(faults.found) + faults.more
            lat = _degrees(line, values, 6, "NS", faults, tenths=True)
            lon = _degrees(line, values, 7, "EW", faults, tenths=True)
            figures = (figure_of(line, values[at], at + 1, faults) or math.nan for at in (8, 9, 19))
            wind, pressure, radius = figures
            if len(faults.found) + faults.more > before or (math.isnan(wind) and math.isnan(pressure)):
                continue
            radii = [math.nan] * 12
            found[when] = line, (when, lat, lon, wind * KNOT_M_S, pressure, radius * NAUTICAL_MILE_M, radii)
        at = {"64": 0, "50": 4, "34": 8}.get(values[11])
        if at is not None and values[12] in ("AAA", "NEQ"):
            miles = [figure_of(line, values[n], n + 1, faults) for n in range(13, 17)]
            miles = miles[:1] * 4 if values[12] == "AAA" else miles
            found[when][1][6][at : at + 4] = [NAUTICAL_MILE_M * one for one in miles]
    for _, fix in found.values():  # a moment with radii of 34 kt only has none of more, as best tracks say it
        if not all(map(math.isnan, fix[6])):
            fix[6][:] = [0.0 if math.isnan(radius) else radius for radius in fix[6]]
    return list(found.values())


def _hour(line: int, values: Sequence[str], faults: Faults) -> datetime | None:
    try:
        minutes = timedelta(minutes=number(values[3] or "0"))
        return datetime.strptime(values[2], "%Y%m%d%H").replace(tzinfo=UTC) + minutes
    except (ValueError, OverflowError):
        faults.add(line, 3, f"{values[2]} is not an hour.", "Write it like 2024031006 (UTC).")
        return None
