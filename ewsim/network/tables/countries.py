"""Where a country code is at home, to tell swapped coordinates.

`countries.csv` has the mobile country codes of ITU-T E.212 with the middle of each country to about a
degree, which is enough for that. 229 of its 236 codes were held against two public lists
(github.com/pbakondy/mcc-mnc-list for the codes, github.com/mledoze/countries for the middles): the country is
the same, and all middles but some 14 differ by less than 150 km or a third of the country's width. Those 14,
mostly islands and countries whose people live at one end, were judged by eye.
"""

import csv
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from ewsim.geography.plane import EARTH_RADIUS_M, FloatArray

#: Assumption: of two ways to read coordinates one is right where the middle of the country is nearer by this
#: factor.
NEARER = 2.0


@cache
def by_code() -> dict[str, tuple[str, float, float]]:
    """Name, latitude and longitude [degree] of the country of each mobile country code."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {
            row["mcc"]: (row["country"], float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)
        }


def fits(codes: Counter[str], lat_deg: FloatArray, lon_deg: FloatArray) -> tuple[str, bool | None]:
    """The country of most rows, and whether they lie there as written; None: it may be either.

    False means that they lie there with latitude and longitude swapped.

    Parameters
    ----------
    codes
        Rows by network code.
    lat_deg, lon_deg
        Their positions as written [degree], shape (rows,).
    """
    by_country = Counter[str]()
    for code, count in codes.items():
        by_country[code.partition("-")[0]] += count
    known = [mcc for mcc, _ in by_country.most_common() if mcc in by_code()]
    if not known:
        return "", None
    name, lat, lon = by_code()[known[0]]
    here, there = float(np.median(lat_deg)), float(np.median(lon_deg))
    written, swapped = _away_m(here, there, lat, lon), _away_m(there, here, lat, lon)
    if max(written, swapped) < NEARER * min(written, swapped):
        return name, None
    return name, written < swapped


def _away_m(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """The way along the Earth between two points; a latitude beyond a pole is as far as it gets."""
    if abs(lat) > 90:
        return np.pi * EARTH_RADIUS_M
    a, b, turn = np.radians([lat, to_lat, to_lon - lon])
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    return float(2 * EARTH_RADIUS_M * np.arcsin(min(1.0, np.sqrt(half))))
