"""Places as people say them: their names, or for those of an invented country their rank and their side."""

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import Ledger
from ewsim.metrics.reach import in_area, weights

FloatArray = NDArray[np.float64]

#: Within this part of a country's spread around its middle nobody names a side.
_MIDDLE = 0.35
_INVENTED = re.compile(r"place_(\d+)")
#: Sides of a country by the signs of east and north.
SIDES = {
    (0, 0): "centre",
    (0, 1): "north",
    (1, 1): "north-east",
    (1, 0): "east",
    (1, -1): "south-east",
    (0, -1): "south",
    (-1, -1): "south-west",
    (-1, 0): "west",
    (-1, 1): "north-west",
}


def place_table(ledger: Ledger, x: FloatArray, y: FloatArray) -> pd.DataFrame:
    """Every place with people: zone, people, inside (the alert area), its centre x and y, short and name.

    Parameters
    ----------
    ledger
        What happened to whom.
    x, y
        Where people are, east and north, shape (people,) [any].
    """
    zone = pd.Categorical(ledger.people["zone"])
    codes, weight = np.asarray(zone.codes), weights(ledger)
    known = codes >= 0
    size = len(zone.categories)

    def total(of: NDArray[Any]) -> FloatArray:
        found = np.bincount(codes[known], weights=(of * weight)[known], minlength=size)
        return found.astype(np.float64)

    people = total(np.ones(codes.size))
    town = total((ledger.people["settlement"] == "urban").to_numpy()) * 2 >= people
    table = pd.DataFrame({"zone": [str(name) for name in zone.categories], "people": people})
    table["x"], table["y"] = (total(at) / np.maximum(people, 1) for at in (x, y))
    table["inside"] = total(in_area(ledger)).astype(np.int64)
    points = table[["x", "y"]].to_numpy()
    named = [
        _named(name, of, points, i) for i, (name, of) in enumerate(zip(table["zone"], town, strict=True))
    ]
    table["short"] = [short for short, _ in named]
    table["name"] = [name for _, name in named]
    return table[people > 0].sort_values("inside", ascending=False, kind="stable").reset_index(drop=True)


def place_names(ledger: Ledger) -> dict[str, str]:
    """What each place is called, by its zone."""
    lat, lon = (ledger.people[name].to_numpy(np.float64) for name in ("lat", "lon"))
    east = (lon - (lon[0] if lon.size else 0) + 180) % 360  # over the date line too
    table = place_table(ledger, east, lat)
    return dict(zip(table["zone"], table["name"], strict=True))


def _named(zone: str, town: bool, points: FloatArray, number: int) -> tuple[str, str]:
    found = _INVENTED.fullmatch(zone)
    if found is None:
        return zone, zone
    short = f"{'Town' if town else 'Village'} {found[1]}"
    return short, f"{short} ({side(points[[number]], points)})"


def side(some: FloatArray, all_points: FloatArray) -> str:
    """On which side of all points some of them lie: "north-east"; "centre" where on none. (n, 2) [any]."""
    low, high = all_points.min(axis=0), all_points.max(axis=0)
    off = (some.mean(axis=0) - (low + high) / 2) / np.maximum((high - low) / 2, 1e-9)
    east, north = (int(np.sign(part)) if abs(part) > _MIDDLE else 0 for part in off)
    return SIDES[east, north]
