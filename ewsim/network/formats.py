"""Rows of cells and sites tables, whichever columns they come with.

Cells: OpenCelliD and Mozilla Location Service exports (with or without their header), lacells
(`mcc,mnc,lac,cid,longitude,latitude,...`, no technology), and renamed copies of these. Sites: ITU
site tables (`ict_id,lat,lon,radio_type,operator_name,...`) and plain ones (`site_id,lat,lon` and
what else is known). Columns are found by name; others are not read.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from ewsim.network import table
from ewsim.network.table import Faults
from ewsim.units import GSM, LTE, NR, UMTS

#: A table larger than this is refused, packed or not [octets].
OCTETS_MAX = 2_000_000_000

#: Technology not told.
UNKNOWN = -1

#: Names of every column that is read.
NAMES = {
    "radio": ("radio", "radio_type", "rat", "technology"),
    "mcc": ("mcc",),
    "mnc": ("mnc", "net"),
    "lac": ("lac", "tac", "area"),
    "cid": ("cid", "cell", "cellid", "cell_id", "eci"),
    "lat": ("lat", "latitude", "lat_deg"),
    "lon": ("lon", "longitude", "lng", "long", "lon_deg"),
    "site_id": ("site_id", "ict_id", "site"),
    "operator": ("operator", "operator_name", "network"),
    "height_m": ("height_m", "antenna_height", "tower_height"),
    "azimuth_deg": ("azimuth_deg", "azimuth_degrees", "azimuth"),
}
CELL_COLUMNS = ("mcc", "mnc", "lac", "cid", "lat", "lon")
SITE_COLUMNS = ("site_id", "lat", "lon")

#: What tables without a header line hold, by position.
OPENCELLID = ["radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"]
LACELLS = ["mcc", "mnc", "lac", "cid", "longitude", "latitude", "altitude", "accuracy", "samples"]

RADIO = {
    **dict.fromkeys(("2g", "gsm", "gprs", "edge"), GSM),
    **dict.fromkeys(("3g", "umts", "wcdma", "hspa"), UMTS),
    **dict.fromkeys(("4g", "lte"), LTE),
    **dict.fromkeys(("5g", "nr"), NR),
}
#: Technologies without cell broadcast or location-based SMS here; their rows are left out.
OTHER_RADIO = ("cdma", "nbiot", "nb-iot", "tetra", "wimax", "wifi")

#: Cell identities that stand for "not known".
PLACEHOLDERS = (-1, 0xFFFF, 0xFFFFFFF, 0x7FFFFFFF)

#: Masts [m] and identities that make sense.
_LIMITS = {
    "mcc": (0, 999), "mnc": (0, 999), "lac": (-1, 2**24 - 1), "cid": (-1, 2**36 - 1),
    "azimuth_deg": (-360, 360), "height_m": (0, 1000),
}  # fmt: skip


@dataclass(slots=True)
class Row:
    """A cell or a site of the table; `rats` is empty when not told, numbers NaN."""

    line: int
    site: str
    code: str  # "330-110", or the operator's name, or "" for every operator
    rats: tuple[int, ...]
    lac: int
    cid: int
    lat_deg: float
    lon_deg: float
    height_m: float
    azimuth_deg: float


@dataclass(slots=True)
class Rows:
    """What a table holds; `notes` say what was left out, `names` an operator's name by its code."""

    file: str
    of_cells: bool
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def read_rows(path: Path) -> Rows:
    """Every row of a table.

    Raises
    ------
    DataError
        Every fault of the table, with its place.
    """
    faults = Faults(str(path))
    lines = table.rows(path, faults, OCTETS_MAX)
    try:
        first_line, first = next(lines)
    except StopIteration:
        raise faults.error() from None
    header = _positions(first)
    body: Iterable[tuple[int, list[str]]] = lines
    if header:
        body = chain([(first_line, first)], lines)
    else:
        header = [name.strip().casefold() for name in first]
    columns = _columns(header)
    of_cells = "cid" in columns and not ("site_id" in columns and "mcc" not in columns)
    table.missing(
        [c if c in columns else h for c, h in _named(columns, header)],
        CELL_COLUMNS if of_cells else SITE_COLUMNS, first_line, faults,
    )  # fmt: skip
    if faults:
        raise faults.error()
    reader = _Reader(Rows(str(path), of_cells), columns, faults)
    for line, row in body:
        if len(row) != len(header):
            what = f"the row has {len(row)} values, the header {len(header)}."
            fix = "Quote values that hold the separator, and write decimals with a point."
            faults.add(line, 1, what, fix)
        else:
            reader.read(line, row)
    if not faults and not reader.count:
        faults.add(first_line, 1, "the table has no rows.", "Give it one row a cell or site.")
    if faults:
        raise faults.error()
    return reader.done()


class _Reader:
    def __init__(self, into: Rows, columns: dict[str, int], faults: Faults) -> None:
        self.into, self.columns, self.faults = into, columns, faults
        self.count = 0
        self.left_out: Counter[str] = Counter()
        self.seen: dict[tuple[object, ...], int] = {}
        self.places: dict[str, tuple[int, float, float]] = {}

    def read(self, line: int, values: list[str]) -> None:
        """Take one row in, or note its faults."""
        self.count += 1
        before = len(self.faults.found) + self.faults.more
        text = {name: values[at].strip() for name, at in self.columns.items()}
        lat, lon = self._position(line, text)
        whole = {name: self._whole(line, name, text) for name in ("mcc", "mnc", "lac", "cid")}
        height = self._number(line, "height_m", text.get("height_m", ""))
        azimuth = self._number(line, "azimuth_deg", text.get("azimuth_deg", ""))
        rats = self._rats(line, text.get("radio", ""))
        code = text.get("operator", "")
        if self.into.of_cells:
            name, code = code, f"{whole['mcc']}-{whole['mnc']}"
            self.into.names.setdefault(code, name)
        elif not text["site_id"]:
            self.faults.add(line, self._at("site_id"), "the site has no site_id.", "Name it.")
        if len(self.faults.found) + self.faults.more > before:
            return
        row = Row(
            line, text.get("site_id", ""), code, rats or (), whole["lac"], whole["cid"],
            lat, lon, height if height > 0 else math.nan, azimuth,
        )  # fmt: skip
        if self._repeated(row):
            return
        if rats is None:
            self.left_out[f"of technology {text['radio']}"] += 1
        elif self.into.of_cells and row.cid in PLACEHOLDERS:
            self.left_out["with a placeholder for the cell's identity"] += 1
        else:
            self.into.rows.append(row)

    def done(self) -> Rows:
        kind = "cells" if self.into.of_cells else "sites"
        self.into.notes.append(f"{self.count:,} rows of {kind} were read from the network's table.")
        for why, count in sorted(self.left_out.items()):
            self.into.notes.append(f"{count:,} rows {why} were left out.")
        return self.into

    def _at(self, name: str) -> int:
        return self.columns[name] + 1

    def _position(self, line: int, text: dict[str, str]) -> tuple[float, float]:
        lat, lon = table.number(text["lat"]), table.number(text["lon"])
        for name, value, limit in (("lat", lat, 90), ("lon", lon, 180)):
            if abs(value) <= limit:
                continue
            if math.isfinite(value):
                what = f"{name} {text[name]!r} is not between -{limit} and {limit}."
                fix = "Write degrees (WGS 84)."
                if name == "lat" and abs(lat) <= 180 and abs(lon) <= 90:
                    fix = "Latitude and longitude look swapped."
            else:
                what = f"{name} {table.why_no_number(text[name])}."
                fix = "Write degrees with a point, e.g. 18.4655."
            self.faults.add(line, self._at(name), what, fix)
        return lat, lon

    def _number(self, line: int, name: str, text: str) -> float:
        if not text:
            return math.nan
        value, (low, high) = table.number(text), _LIMITS[name]
        if not low <= value <= high:
            what = f"{name} {table.why_no_number(text)}."
            if math.isfinite(value):
                what = f"{name} {text!r} is not between {low} and {high}."
            self.faults.add(line, self._at(name), what, "Write a number, or leave it empty.")
        return value

    def _whole(self, line: int, name: str, text: dict[str, str]) -> int:
        if not self.into.of_cells:
            return 0
        value, (low, high) = table.number(text[name]), _LIMITS[name]
        if low <= value <= high and value == int(value):
            return int(value)
        what = f"{name} {table.why_no_number(text[name])}."
        if math.isfinite(value):
            what = f"{name} {text[name]!r} is not a whole number between {low} and {high}."
        self.faults.add(line, self._at(name), what, "Write the number the network sends.")
        return 0

    def _rats(self, line: int, text: str) -> tuple[int, ...] | None:
        """Technologies told; none when not told, None for one that is left out."""
        words = [w for w in re.split(r"[\s/|;,+]+", text.casefold()) if w]
        unknown = [w for w in words if w not in RADIO and w not in OTHER_RADIO]
        if unknown:
            what = f"{unknown[0]!r} is not a technology."
            self.faults.add(line, self._at("radio"), what, "Write 2G, 3G, 4G, 5G, or leave empty.")
        known = tuple(sorted({RADIO[w] for w in words if w in RADIO}))
        return None if words and not known and not unknown else known

    def _repeated(self, row: Row) -> bool:
        """Note a row that says again what one has said, or puts a site at a second place."""
        key: tuple[object, ...] = (row.code, row.rats, row.lac, row.cid)
        what, column = f"the cell {row.code}-{row.lac}-{row.cid} is", "cid"
        if not self.into.of_cells:
            key = (row.site, row.code, row.rats, repr(row.azimuth_deg))
            what, column = f"the site {row.site!r} is", "site_id"
        first = self.seen.setdefault(key, row.line)
        if first != row.line:
            fix = "Keep one of them, or give each its own id."
            self.faults.add(row.line, self._at(column), f"{what} already on line {first}.", fix)
            return True
        if not self.into.of_cells:
            line, lat, lon = self.places.setdefault(row.site, (row.line, row.lat_deg, row.lon_deg))
            if abs(lat - row.lat_deg) > 1e-3 or abs(lon - row.lon_deg) > 1e-3:
                where = f"{what} elsewhere on line {line}."
                fix = "Give one position, or each its own id."
                self.faults.add(row.line, self._at(column), where, fix)
                return True
        return False


def _positions(first: list[str]) -> list[str]:
    """The columns of a table without a header line, told by its first row; else nothing."""
    numbers = [math.isfinite(table.number(value)) for value in first]
    radio = first[0].strip().casefold()
    if len(first) >= len(OPENCELLID) and radio in (*RADIO, *OTHER_RADIO) and all(numbers[1:5]):
        return OPENCELLID + [""] * (len(first) - len(OPENCELLID))
    return LACELLS if len(first) == len(LACELLS) and all(numbers) else []


def _columns(header: list[str]) -> dict[str, int]:
    """Where each column stands; of two names for one thing, the first in NAMES."""
    found = {}
    for column, names in NAMES.items():
        known = [header.index(name) for name in names if name in header]
        if known:
            found[column] = known[0]
    return found


def _named(columns: dict[str, int], header: list[str]) -> list[tuple[str, str]]:
    """Every column of the header as (name here, name there)."""
    here = {at: column for column, at in columns.items()}
    return [(here.get(at, name), name) for at, name in enumerate(header)]
