"""Places as people say them: their names on a map, and parts of a country."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.metrics.reach import in_area, weights
from ewsim.report.maps.ground import MapGround
from ewsim.report.speech import Speech
from ewsim.result.record import Result

#: Within this part of a country's spread around its middle nobody names a side.
_MIDDLE = 0.35
#: Letters of a name on a map.
_LONGEST = 24
_INVENTED = re.compile(r"place_(\d+)")
_SIDES = {
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


def place_table(result: Result, land: MapGround, say: Speech) -> pd.DataFrame:
    """Every place with people: its code, name, short name for a figure, centre [km], and people in the area.

    A place of an invented country has no name: it is called by its rank and its side of the country.

    Parameters
    ----------
    result, land
        A run, and its geography.
    say
        The language.
    """
    ledger = result.ledger
    zone = pd.Categorical(ledger.people["zone"])
    codes, weight = np.asarray(zone.codes), weights(ledger)
    known = codes >= 0
    size = len(zone.categories)

    def total(of: NDArray[Any]) -> NDArray[np.float64]:
        found = np.bincount(codes[known], weights=(of * weight)[known], minlength=size)
        return found.astype(np.float64)

    people = total(np.ones(codes.size))
    urban = total((ledger.people["settlement"] == "urban").to_numpy())
    table = pd.DataFrame({"zone": [str(name) for name in zone.categories], "people": people})
    for axis, at in (("x_km", land.people_x_km), ("y_km", land.people_y_km)):
        table[axis] = total(at) / np.maximum(people, 1)
    table["inside"] = total(in_area(ledger)).astype(np.int64)
    town = urban * 2 >= people
    points = table[["x_km", "y_km"]].to_numpy()
    sides = [say(side(points[[i]], points)) for i in range(size)]
    named = [_named(*row, say) for row in zip(table["zone"], town, sides, strict=True)]
    table["short"] = [say.in_figure(short) for short, _ in named]
    table["name"] = [name for _, name in named]
    return table[people > 0].sort_values("inside", ascending=False, kind="stable").reset_index(drop=True)


def _named(zone: str, town: bool, where: str, say: Speech) -> tuple[str, str]:
    found = _INVENTED.fullmatch(zone)
    if found is None:
        plain = "".join(character for character in zone if character.isprintable())
        return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…", zone
    short = say("Town {n}", n=found[1]) if town else say("Village {n}", n=found[1])
    return short, f"{short} ({where})"


def side(some: NDArray[np.float64], all_points: NDArray[np.float64]) -> str:
    """On which side of all points some of them lie: "north-east"; "centre" where on none. (n, 2) [km]."""
    low, high = all_points.min(axis=0), all_points.max(axis=0)
    off = (some.mean(axis=0) - (low + high) / 2) / np.maximum((high - low) / 2, 1e-9)
    east, north = (int(np.sign(part)) if abs(part) > _MIDDLE else 0 for part in off)
    return _SIDES[east, north]
