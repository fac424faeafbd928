"""What is exported of a run: layers of a map, and tables.

Texts come from files of others, so characters that a program may act on (controls, and those that turn the
direction of text) are taken out, and longitudes lie between -180 and 180.
"""

import re
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.metrics.infrastructure import cell_changes
from ewsim.metrics.protection.connectivity import down_s
from ewsim.metrics.reach import GROUPS, in_area, weights
from ewsim.result.record import Result
from ewsim.units import NEVER

#: The version of what is exported: a column that is published stays, and new ones come at the end.
FORMAT = "ewsim.export/1"

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Text without characters that a program may act on."""
    return _UNSAFE.sub("", text)


def cleaned(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its categories and texts as clean text, and longitudes between -180 and 180."""
    out = {}
    for name, column in table.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object)
        if not pd.api.types.is_numeric_dtype(column):
            column = column.map(clean, na_action="ignore")
        if name == "lon":
            column = (column + 180) % 360 - 180
        out[str(name)] = column
    return pd.DataFrame(out, index=table.index)


def wrapped(geojson: dict[str, Any]) -> BaseGeometry:
    """The polygons of a geometry in degrees, cut at the antimeridian (RFC 7946, 3.1.9)."""
    shape = shapely.make_valid(shapely.geometry.shape(geojson))
    west, east = int((shape.bounds[0] + 180) // 360), int((shape.bounds[2] + 180) // 360)
    pieces: list[Any] = []
    for turn in range(west, east + 1):
        part = shapely.intersection(shape, shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90))
        pieces += shapely.get_parts(shapely.transform(part, np.array([360.0 * turn, 0]).__rsub__)).tolist()
    flat = [one for piece in pieces for one in shapely.get_parts(piece) if one.geom_type == "Polygon"]
    whole: BaseGeometry = shapely.multipolygons(flat)
    return whole


def sites(result: Result) -> pd.DataFrame:
    """A row a site: its operators and technologies, cells, cells that broadcast, and when it failed.

    `off_s` is how long its cells were off after the decision, on average, and `first_off_s` when the first
    one went off.
    """
    cells = result.cells
    changes = cell_changes(result.events)
    first = changes[~changes["serves"].astype(bool)].groupby("cell_id")["time_s"].min()
    table = cells.assign(
        off_s=down_s(result.events, len(cells), result.horizon_s),
        first_off_s=first.reindex(range(len(cells))).to_numpy(),
    )
    grouped = table.groupby("site_id", sort=False)

    def joined(column: pd.Series) -> str:
        return " ".join(sorted(set(column.astype(str))))

    return grouped.agg(
        lat=("lat", "first"),
        lon=("lon", "first"),
        operator=("operator", joined),
        rats=("rat", joined),
        cells=("cell_id", "size"),
        targeted_cells=("targeted", "sum"),
        off_s=("off_s", "mean"),
        first_off_s=("first_off_s", "min"),
    ).reset_index()


def places(result: Result) -> pd.DataFrame:
    """A row a place: its people in the area, reached and missed, at the middle of where they are.

    `share` is empty where fewer than 30 simulated people are in the area.
    """
    ledger = result.ledger
    inside, weight = in_area(ledger), weights(ledger)
    where = ledger.people.loc[inside, ["zone", "lat", "lon"]].assign(weight=weight[inside])
    where = where.assign(lat=where["lat"] * where["weight"], lon=where["lon"] * where["weight"])
    middle = where.groupby("zone", observed=True)[["lat", "lon", "weight"]].sum()
    table = result.by_zone().set_index("group")
    at = middle[["lat", "lon"]].div(middle["weight"], axis=0)
    at.index = at.index.astype(str)
    found = table.join(at).reset_index(names="place")
    return found[["place", "lat", "lon", "people", "reached", "missed", "share", "suppressed"]]


def groups(result: Result) -> pd.DataFrame:
    """Reach by group of every kind."""
    tables = [result.by_group(column).assign(column=column) for column in GROUPS]
    names = ["column", "group", "people", "reached", "missed", "share", "gap_ratio", "suppressed", "modelled"]
    return pd.concat(tables, ignore_index=True)[names]


def tables(result: Result) -> dict[str, pd.DataFrame]:
    """Every table of a run, by name, ready to be written."""
    found: dict[str, pd.DataFrame] = {
        "people": result.people,
        "places": places(result),
        "sites": sites(result),
        "cells": result.cells,
        "groups": groups(result),
        "reach": result.reach,
        "causes": result.causes,
        "events": result.events,
    }
    return {name: cleaned(table) for name, table in found.items()}


def map_layers(result: Result, *, people: bool) -> dict[str, tuple[Any, pd.DataFrame]]:
    """Layers of a map, by name: geometries of shape (rows,), and what is said of each.

    With `people` also everybody in the area as a point.
    """
    area = pd.DataFrame({"name": [result.alert.event], "headline": [result.alert.headline]})
    layers: dict[str, tuple[Any, pd.DataFrame]] = {
        "area": (np.array([wrapped(result.area)], dtype=object), cleaned(area))
    }
    points = {"sites": sites(result), "places": places(result)}
    if people:
        ledger = result.ledger
        names = ["person_id", "weight", "lat", "lon", "zone", "cause", "reached_s"]
        extra = [name for name in ("noticed_s", "understood_s", "acted_s") if ledger.response is not None]
        points["people"] = result.people.loc[in_area(ledger), [*names, *extra]]
    for name, table in points.items():
        tidy = cleaned(table).dropna(subset=["lat", "lon"])
        layers[name] = (shapely.points(tidy["lon"], tidy["lat"]), tidy)
    return layers


def acted(result: Result) -> pd.DataFrame:
    """Who acted, in the area: person_id, weight, lat, lon, zone, acted_s; the first first."""
    did = result.ledger.response
    if did is None:
        return pd.DataFrame(columns=["person_id", "weight", "lat", "lon", "zone", "acted_s"])
    who = in_area(result.ledger) & (did.acted_us < NEVER)
    table = result.people.loc[who, ["person_id", "weight", "lat", "lon", "zone", "acted_s"]]
    return cleaned(table).sort_values(["acted_s", "person_id"], kind="stable").reset_index(drop=True)
