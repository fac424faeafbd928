"""A network from its table alone, without a scenario.

Every network code (or operator's name) of the table is an operator, with its share of the cells.
Without a table of people the sites themselves say where people live: many near each other in towns,
few in the country (assumption: a site serves 4,000 people).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geography.land import read_land
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.network.tables import assembly
from ewsim.network.tables.formats import Rows
from ewsim.network.tables.identities import codes_of
from ewsim.network.tables.reader import read_rows
from ewsim.network.topology import Network
from ewsim.scenario.spec import NetworkSpec, OperatorSpec
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams
from ewsim.units import RATS

#: Assumption: without a coastline, rows this many times further from the middle than nine tenths of
#: the rows are, and at least 100 km, are abroad.
OUTLIER, OUTLIER_M = 4.0, 100_000.0
#: How the note about it begins.
NO_COASTLINE = "No coastline is given"
#: Assumption: without a coastline, ground this far around the sites is land [m].
AROUND_M = 5_000.0
#: Assumption: people a site serves, where nobody says where people live.
PEOPLE_PER_SITE = 4000.0


def open_network(path: Path, land: Path | None = None) -> Network:
    """The network of a table, every operator on the air with all its technologies.

    Without a coastline, rows far from the rest are left out and everything around the others is
    land.

    Raises
    ------
    DataError
        Every fault of the table or the coastline, with its place.
    """
    table = read_rows(path)
    if land is None:
        c = table.columns
        frame = LocalFrame.around(*middle(c.lat_deg, c.lon_deg))
        _, far = far_from_the_rest(frame, c.lat_deg, c.lon_deg)
        left = f"; {far.sum():,} rows far from the rest are left out as abroad" if far.any() else ""
        table.notes.append(f"{NO_COASTLINE}: the ground around all sites is taken as land{left}.")
        table.columns = c.of(~far)
    return open_table(table, land)[0]


def open_table(
    table: Rows, land: Path | None = None, max_offshore_m: float = 30_000.0
) -> tuple[Network, NDArray[np.int64]]:
    """The network of rows that were read, and the row of `table.columns` of each cell.

    Without a coastline, everything around the rows is land.

    Parameters
    ----------
    table
        The rows; notes are added.
    land
        Coastline; None: everything around the rows is land.
    max_offshore_m
        Rows further off the land are dropped [m].
    """
    lat, lon = table.columns.lat_deg, table.columns.lon_deg
    frame = LocalFrame.around(*middle(lat, lon))
    shore = read_land(land, frame) if land is not None else _all_around(frame, lat, lon)
    x, y = frame.to_xy(lat, lon)
    spec = NetworkSpec(operators=operators(table), max_offshore_m=max_offshore_m)
    return assembly.assemble(table, spec, frame, shore, Streams(1).country(), demand_of(x, y))


def operators(table: Rows) -> tuple[OperatorSpec, ...]:
    """Every operator of a table, the most cells first; one, A, where the table names none."""
    counts = codes_of(table)
    order = sorted(counts, key=lambda code: (-counts[code], code))
    return tuple(
        OperatorSpec(name=(table.names.get(code) or code)[:40], share=counts[code], rats=RATS)
        for code in order
    ) or (OperatorSpec(name="A", rats=RATS),)


def demand_of(x_m: FloatArray, y_m: FloatArray) -> Demand:
    """People where sites are: as many around each, denser where sites are near each other."""
    points = np.unique(np.column_stack([x_m, y_m]), axis=0)
    near = min(4, len(points))
    away, _ = cKDTree(points).query(points, k=near)
    radius_km = np.maximum(np.reshape(away, (len(points), -1))[:, -1], 200.0) / 1000
    density = near * PEOPLE_PER_SITE / (np.pi * radius_km**2)
    people = np.full(len(points), PEOPLE_PER_SITE)
    return Demand(points[:, 0], points[:, 1], people, density)


def middle(lat: FloatArray, lon: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rows in the middle nine tenths both ways, so that outliers do not move the plane."""
    frame = LocalFrame.around(lat, lon)
    x, y = frame.to_xy(lat, lon)
    kept = np.ones(lat.size, dtype=np.bool_)
    for values in (x, y):
        low, high = np.quantile(values, [0.05, 0.95])
        kept &= (values >= low) & (values <= high)
    return (lat[kept], lon[kept]) if kept.any() else (lat, lon)


def far_from_the_rest(
    frame: LocalFrame, lat: FloatArray, lon: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """How far each row is from the middle [m], and which are so far that they look foreign.

    Parameters
    ----------
    frame
        The plane around the middle of the rows.
    lat, lon
        Positions [degree], shape (rows,).
    """
    away = np.hypot(*frame.to_xy(lat, lon))
    return away, away > max(OUTLIER * float(np.quantile(away, 0.9)), OUTLIER_M)


def _all_around(frame: LocalFrame, lat: FloatArray, lon: FloatArray) -> BaseGeometry:
    x, y = frame.to_xy(lat, lon)
    box: BaseGeometry = shapely.box(
        x.min() - AROUND_M, y.min() - AROUND_M, x.max() + AROUND_M, y.max() + AROUND_M
    )
    return box
