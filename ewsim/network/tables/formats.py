"""Rows of cells and sites tables, with the columns that people use.

Cells: OpenCelliD and Mozilla Location Service exports (with or without their header), lacells
(`mcc,mnc,lac,cid,longitude,latitude,...`, no technology), and renamed copies of these. Sites: ITU
site tables (`ict_id,lat,lon,radio_type,operator_name,...`) and plain ones (`site_id,lat,lon` and
what else is known). Columns are found by name; others are not read.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ewsim.geography import table
from ewsim.geography.faults import Faults
from ewsim.geography.plane import FloatArray
from ewsim.units import RATS

#: A table larger than this is refused, packed or not [octets].
OCTETS_MAX = 2_000_000_000

_COLUMNS = tomllib.loads((resources.files("ewsim.network.tables") / "columns.toml").read_text("utf-8"))


def _by_word(values: dict[str, list[str]]) -> dict[str, str]:
    """The value of each word for it."""
    return {word: value for value, words in values.items() for word in words}


#: Names of every column that is read.
NAMES: dict[str, list[str]] = _COLUMNS["names"]
#: All of them.
KNOWN = tuple(name for names in NAMES.values() for name in names)
CELL_COLUMNS = ("mcc", "mnc", "lac", "cid", "lat", "lon")
SITE_COLUMNS = ("site_id", "lat", "lon")
#: The columns that are written, of ITU's site tables and three more.
ITU_COLUMNS: list[str] = _COLUMNS["itu"]

#: Technologies by the words for them, as an index of `units.RATS`; rows of the others are left out.
RADIO = {word: RATS.index(rat) for word, rat in _by_word(_COLUMNS["radio"]).items()}
_OTHER_RADIO = frozenset(_COLUMNS["other_radio"])
#: Columns that tell of measurements by volunteers' phones.
CROWD = frozenset(_COLUMNS["crowd"])

_UNREAD = frozenset(_COLUMNS["unread"])
#: What to call a column that looks like one that is read.
_WRITE = {
    "operator": "operator",
    "radio": "radio",
    "height_m": "antenna_height, in metres",
    "azimuth_deg": "azimuth, in degrees",
    "frequency_mhz": "frequency_mhz",
    "eirp_dbm": "eirp_dbm",
}

#: Bits of a cell's identity by technology: CI, UTRAN cell identity, ECI, NCI; and of its LAC or TAC
#: (3GPP TS 23.003, 4.1, 4.3, 19.4.2.3, 19.6, 28.6).
CID_BITS, LAC_BITS = (16, 28, 28, 36), (16, 16, 16, 24)
#: The last LAC or TAC but one is reserved, and so is 0 (TS 23.003, 4.1, 19.4.2.3, 28.6). Assumption: the
#: last is what volunteers' phones write for "not known", like these cell identities: no cell, -1, the
#: last of 16, 28, 31, 32 and 36 bits, and for 2G also the last but one.
NO_CID = (-1, 0, 2**16 - 1, 2**28 - 1, 2**31 - 1, 2**32 - 1, 2**36 - 1)
NO_CID_2G = 2**16 - 2

#: A 2G cell identity has 16 bits; above it is a 3G one (RNC and cell, 12 + 16 bits) or a 4G one
#: (base station and sector, 20 + 8 bits) (3GPP TS 23.003).
LAST_2G_CID = 0xFFFF
#: Masts [m] and identities that make sense, from and to.
LIMITS: dict[str, list[int]] = _COLUMNS["limits"]
#: A range beyond this is wrong [m]: twice the radio horizon of a high mast.
RANGE_MAX_M = 100_000.0

#: Words for what a site's link and power are; others are not read.
BACKHAUL, POWER = (_by_word(_COLUMNS[what]) for what in ("backhaul", "power"))


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows as arrays of one length; NaN, 0 and -1 for what is not stated.

    `site` indexes `Rows.sites`, `code` `Rows.codes`; `rats` has bit r set for `units.RATS[r]`,
    0 when not stated; `backhaul` and `power` index the sorted values of BACKHAUL and POWER.
    """

    line: NDArray[np.int64]
    site: NDArray[np.int32]
    code: NDArray[np.int32]
    rats: NDArray[np.uint8]
    lac: NDArray[np.int64]
    cid: NDArray[np.int64]
    lat_deg: FloatArray
    lon_deg: FloatArray
    height_m: FloatArray
    azimuth_deg: FloatArray
    frequency_mhz: FloatArray
    eirp_dbm: FloatArray
    range_m: FloatArray
    tracking_area: FloatArray
    battery_s: FloatArray
    generator_s: FloatArray
    backhaul: NDArray[np.int8]
    power: NDArray[np.int8]

    def __len__(self) -> int:
        return int(self.line.size)

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Columns:
        """Some rows of them."""
        return Columns(*(getattr(self, name)[rows] for name in FIELDS))


FIELDS = tuple(Columns.__dataclass_fields__)
TYPES = {
    "line": np.int64,
    "site": np.int32,
    "code": np.int32,
    "rats": np.uint8,
    "lac": np.int64,
    "cid": np.int64,
    "backhaul": np.int8,
    "power": np.int8,
}


@dataclass(slots=True)
class Rows:
    """What a table holds.

    `notes` say what was left out. `names` has an operator's name by its code ("330-110", or the name
    itself; "" is every operator). `faults` are rows that cannot be used and were dropped, `odd`
    what is worth a look. `header` is whether there is a header line. `left_out_deg` is latitude and
    longitude of the rows that can be read and are left out. `crowd_sourced`: volunteers' phones measured
    the rows. `land_file` is the coastline that they are held against, for its faults.
    """

    file: str
    of_cells: bool
    columns: Columns
    sites: tuple[str, ...]
    codes: tuple[str, ...]
    names: dict[str, str]
    notes: list[str]
    faults: Faults
    odd: Faults
    count: int = 0
    header: bool = True
    left_out: Counter[str] = field(default_factory=Counter)
    left_out_deg: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    crowd_sourced: bool = False
    land_file: str = ""

    def __len__(self) -> int:
        return len(self.columns)


def positions(first: list[str]) -> list[str]:
    """The columns of a table without a header line, from its first row; else nothing."""
    opencellid: list[str] = _COLUMNS["opencellid"]
    lacells: list[str] = _COLUMNS["lacells"]
    numbers = [math.isfinite(table.number(value)) for value in first]
    radio = first[0].strip().casefold()
    if len(first) >= len(opencellid) and radio in (*RADIO, *_OTHER_RADIO) and all(numbers[1:5]):
        return opencellid + [""] * (len(first) - len(opencellid))
    return lacells if len(first) == len(lacells) and all(numbers) else []


def columns_of(header: list[str]) -> dict[str, int]:
    """Where each column stands; of two names for one thing, the first in NAMES."""
    found = {}
    for column, names in NAMES.items():
        known = [header.index(name) for name in names if name in header]
        if known:
            found[column] = known[0]
    return found


def one_place(header: list[str], line: int, faults: Faults) -> None:
    """Note two columns for the latitude or the longitude: which is ambiguous.

    Parameters
    ----------
    header, line
        Names of the columns, and the line of the header.
    faults
        Where faults are noted.
    """
    for column in ("lat", "lon"):
        there = [name for name in NAMES[column] if name in header]
        if len(there) > 1:
            what = f"the columns {' and '.join(there)} both give the position."
            faults.add(line, header.index(there[1]) + 1, what, "Remove one of them, or rename it.")


def unread(header: list[str]) -> list[str]:
    """A note of columns that are not read, with the name that would have them read; none for usual ones."""
    names = dict.fromkeys(name for name in header if name and name not in (*KNOWN, *ITU_COLUMNS, *_UNREAD))
    missing = [column for column in _WRITE if not any(name in header for name in NAMES[column])]
    like = {name: table.meant(name, missing) for name in names}
    said = [
        f"{n[:40]!r}" + (f" (if it is that, name it {_WRITE[c]})" if (c := like[n]) else "") for n in names
    ]
    more = f" and {len(said) - 10} more" if len(said) > 10 else ""
    return [f"Columns that are not read: {', '.join(said[:10])}{more}."] if said else []


def named(columns: dict[str, int], header: list[str]) -> list[tuple[str, str]]:
    """Every column of the header as (name here, name there)."""
    here = {at: column for column, at in columns.items()}
    return [(here.get(at, name), name) for at, name in enumerate(header)]


def looks_like(lat: float, lon: float) -> str:
    """What a position out of range looks like."""
    if abs(lat) <= 180 and abs(lon) <= 90:
        return "Latitude and longitude look swapped."
    if max(abs(lat), abs(lon)) > 1000:
        return (
            "These look like degrees times 1,000,000, or metres of another reference system: "
            "write degrees (WGS 84, EPSG:4326)."
        )
    return "Write degrees (WGS 84, EPSG:4326)."


def rat_bits(text: str) -> int:
    """Bits of the technologies that a value names: 0 none, -1 only others, -2 no technology."""
    words = [w for w in re.split(r"[\s/|;,+]+", text.casefold()) if w]
    if any(w not in RADIO and w not in _OTHER_RADIO for w in words):
        return -2
    bits = 0
    for word in words:
        bits |= 1 << RADIO[word] if word in RADIO else 0
    return bits if bits or not words else -1
