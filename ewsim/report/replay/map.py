"""The map of a replay, small enough to send: squares of people, masts, coastline, alert area.

A square knows when each sixteenth of its people was reached, so it takes the same room in the file
for ten people and for ten thousand.
"""

import base64
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.kinds import outages
from ewsim.metrics import infrastructure, reach
from ewsim.metrics.words import CAUSES
from ewsim.report.maps import ground
from ewsim.report.maps.axes import nice_length_km, polygons
from ewsim.report.maps.ground import MapGround, PeopleSquares
from ewsim.result.record import Result
from ewsim.units import NEVER, US

Int64Array = NDArray[np.int64]

#: Parts in which a square fills.
LEVELS = 16

#: A moment that never comes, in arrays of moments.
_NEVER = 0xFFFF


def squares(
    result: Result, land: MapGround, times_us: Int64Array, made: PeopleSquares | None = None
) -> dict[str, Any]:
    """The people in squares of the map, separate for those inside and outside the alert area.

    `people` are counts of people, `size` how much of its place a square fills, in 255ths, `outside`
    1 for people outside the area, `level` the index of the moment at which each sixteenth of the
    square's people was reached.

    Parameters
    ----------
    result, land
        A run, and its geography.
    times_us
        The moments of the slider [us], ascending, shape (moments,).
    made
        The squares, where they are known.
    """
    ledger = result.ledger
    made = ground.squares(result, land) if made is None else made
    levels = _levels(made.of_person, reach.weights(ledger), reach.displayed_us(ledger), made.people, times_us)
    return {
        "side": _short(made.side_km),
        "x": packed(made.column, "<u2"),
        "y": packed(made.row, "<u2"),
        "outside": packed(made.outside, "<u1"),
        "people": packed(made.people, "<u4"),
        "size": packed(np.rint(made.size * 255), "<u1"),
        "level": packed(levels.ravel(), "<u2"),
        "levels": LEVELS,
        "arrival": _first_of("hazard_arrival_s", result, made.of_person, made.people.size, times_us),
        "deceived": _first_of("false_alert_s", result, made.of_person, made.people.size, times_us),
    }


def _first_of(
    column: str, result: Result, square: Int64Array, count: int, times_us: Int64Array
) -> str | None:
    """The moment at which something has come to the first people of each square; None where it never does."""
    people = result.ledger.people
    if column not in people or not people[column].notna().any():
        return None
    first_s = np.full(count, np.inf)
    np.minimum.at(first_s, square, people[column].fillna(np.inf).to_numpy(np.float64))
    moment = np.searchsorted(times_us / US, first_s, side="left")
    return packed(np.where(moment < times_us.size, moment, _NEVER), "<u2")


def _levels(
    square: Int64Array, weight: Int64Array, reached_us: Int64Array, people: Int64Array, times_us: Int64Array
) -> Int64Array:
    """(squares, LEVELS): the moment's index at which k sixteenths of a square's people are reached.

    Exact: the first moment at which reached people times 16 are at least k times its people.
    """
    some, stride = reached_us < NEVER, times_us.size + 1
    moment = np.searchsorted(times_us, reached_us[some], side="left")
    key, total = reach.ascending(square[some] * stride + moment, weight[some])
    ends = np.searchsorted(key, np.arange(people.size + 1) * stride)
    before, after = ends[:-1], ends[1:]
    base = np.concatenate([[0], total])[before]
    needed = -(-people[:, None] * np.arange(1, LEVELS + 1) // LEVELS) + base[:, None]
    index = np.searchsorted(total, needed, side="left")
    attained = (index < after[:, None]) & (index < max(total.size, 1))
    if not total.size:
        return np.full(needed.shape, _NEVER, dtype=np.int64)
    return np.where(attained, key[np.minimum(index, total.size - 1)] % stride, _NEVER)


def masts(result: Result, land: MapGround, times_us: Int64Array) -> dict[str, Any]:
    """Sites, and every change of what their cells do: 0 none serves, 1 serves, 2 on air.

    Parameters
    ----------
    result, land
        A run, and its geography.
    times_us
        The moments of the slider [us], ascending, shape (moments,).
    """
    changes = infrastructure.cell_changes(result.events)
    site = land.site_of_cell[changes["cell_id"].to_numpy(np.int64)]
    cells = np.bincount(land.site_of_cell, minlength=len(land.sites))
    first = changes.groupby("cell_id")[["serves", "on_air"]].shift()
    changed_us = np.rint(changes["time_s"].to_numpy(np.float64) * US).astype(np.int64)
    steps = pd.DataFrame({"site": site, "moment": np.searchsorted(times_us, changed_us)})
    for name, initially in (("serves", True), ("on_air", False)):
        old = first[name].astype(object).where(first[name].notna(), initially).astype(np.int64)
        steps[name] = changes[name].astype(np.int64) - old
    summed = steps.groupby(["site", "moment"], sort=True)[["serves", "on_air"]].sum()
    state = summed.groupby(level="site").cumsum().reset_index()
    serving = state["serves"].to_numpy(np.int64) + cells[state["site"].to_numpy(np.int64)]
    state["state"] = np.where(state["on_air"] > 0, 2, np.where(serving > 0, 1, 0))
    before = state.groupby("site")["state"].shift(fill_value=1)
    state = state[(state["state"] != before) & (state["moment"] < times_us.size)]
    state = state.sort_values(["moment", "site"], kind="stable")
    west, south, *_ = land.bounds_km
    return {
        **_who_and_why(result, land, state, times_us),
        "x": packed(_tens_of_m(land.sites["x_km"].to_numpy() - west), "<i4"),
        "y": packed(_tens_of_m(land.sites["y_km"].to_numpy() - south), "<i4"),
        "site": packed(state["site"].to_numpy(np.int64), "<u4"),
        "moment": packed(state["moment"].to_numpy(np.int64), "<u2"),
        "state": packed(state["state"].to_numpy(np.int64), "<u1"),
    }


def _who_and_why(
    result: Result, land: MapGround, state: pd.DataFrame, times_us: Int64Array
) -> dict[str, Any]:
    """What the story of a mast says besides its changes: name, operators, cells, and why it failed."""
    failed = outages()
    rows = result.events[(result.events["element"] == "cell") & result.events["kind"].isin(list(failed))]
    site = land.site_of_cell[rows["cell_id"].to_numpy(np.int64)]
    at = np.searchsorted(times_us, np.rint(rows["time_s"].to_numpy(np.float64) * US))
    found = pd.DataFrame({"site": site, "moment": at, "why": rows["kind"].astype(str).to_numpy()})
    known = found.drop_duplicates(["site", "moment"], keep="last")
    why = state.merge(known, on=["site", "moment"], how="left")["why"].where(state["state"].to_numpy() == 0)
    kinds = list(failed)
    code = {kind: index for index, kind in enumerate(kinds)}
    operators = result.cells["operator"].astype(str).groupby(land.site_of_cell).unique().map(", ".join)
    who, whos = pd.factorize(operators.reindex(range(len(land.sites)), fill_value=""))
    return {
        "names": land.sites["site_id"].astype(str).tolist(),
        "who": packed(who, "<u2"),
        "whos": list(whos),
        "cells": packed(np.bincount(land.site_of_cell, minlength=len(land.sites)), "<u2"),
        "why": packed(why.map(code).fillna(255).to_numpy(), "<u1"),
        "whys": [CAUSES[failed[kind]] for kind in kinds],
    }


def shapes(land: MapGround) -> dict[str, Any]:
    """The map itself: its size [km], coastline and alert area as rings, the scale bar, its frame.

    `frame` is the reference of the plane [degree] and the map's south-west corner in it [km].
    """
    west, south, east, north = land.bounds_km
    frame = land.frame

    return {
        "width": _short(east - west),
        "height": _short(north - south),
        "land": None if land.land is None else rings(land.land, west, south),
        "area": rings(land.area, west, south),
        "bar": nice_length_km(east - west),
        "frame": [frame.lat0_deg, frame.lon0_deg, _short(west), _short(south)],
    }


def rings(shape: BaseGeometry | None, west_km: float, south_km: float) -> list[list[list[float]]]:
    """The polygons of a shape [km] as rings of x and y from a map's south-west corner [km].

    Parameters
    ----------
    shape
        The shape in the plane.
    west_km, south_km
        The corner in the plane [km].
    """
    return [
        [[_short(v) for v in (ring - (west_km, south_km)).ravel()] for ring in polygon]
        for polygon in polygons(shape)
    ]


def _tens_of_m(km: NDArray[np.float64]) -> Int64Array:
    return np.rint(km * 100).astype(np.int64)


def _short(value: float) -> float:
    return round(float(value), 3)


def packed(values: NDArray[Any], kind: str) -> str:
    """Whole numbers as base64 of little-endian integers of this kind."""
    return base64.b64encode(values.astype(kind).tobytes()).decode()
