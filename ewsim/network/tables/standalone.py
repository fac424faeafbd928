"""A network from its table alone, without a scenario.

Every network code (or operator's name) of the table is an operator, with its share of the cells.
Without a table of people the sites themselves say where people live: many near each other in towns,
few in the country (assumption: a site serves 4,000 people).
"""

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.errors import count_of
from ewsim.geography.land import read_land
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.network.tables import assembly
from ewsim.network.tables.formats import Rows
from ewsim.network.tables.identities import codes_of, keep_near, must_be_home
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

    Raises
    ------
    DataError
        Every fault of the table or the coastline, with its place.
    """
    return open_table(read_rows(path), land)[0]


def open_table(
    table: Rows, land: Path | None = None, max_offshore_m: float = 30_000.0
) -> tuple[Network, NDArray[np.int64]]:
    """The network of rows that were read, and the row of `table.columns` of each cell.

    Parameters
    ----------
    table
        The rows; those abroad are removed, notes are added.
    land
        Coastline; None: rows far from the rest are left out, and everything around the others is land.
    max_offshore_m
        Rows further off the land are dropped [m].
    """
    frame, shore = ground_of_table(table, land, max_offshore_m)
    x, y = frame.to_xy(table.columns.lat_deg, table.columns.lon_deg)
    spec = NetworkSpec(operators=operators(table), max_offshore_m=max_offshore_m)
    return assembly.assemble(table, spec, frame, shore, Streams(1).country(), demand_of(x, y))


def ground_of_table(
    table: Rows, land: Path | None = None, max_offshore_m: float = 30_000.0
) -> tuple[LocalFrame, BaseGeometry]:
    """The plane around the rows of the country, and its land [m]; rows abroad are removed from the table.

    Parameters
    ----------
    table, land
        As for `open_table`.
    max_offshore_m
        Rows further off the land are dropped [m].
    """
    if land is None:
        _, far = drop_outliers(table)
        left = (
            f"; {count_of(int(far.sum()), 'rows far from the rest are')} left out as abroad"
            if far.any()
            else ""
        )
        table.notes.append(f"{NO_COASTLINE}: the ground around all sites is taken as land{left}.")
    else:
        table.land_file = str(land)
        frame = LocalFrame.around(*middle(table.columns.lat_deg, table.columns.lon_deg))
        keep_near(table, max_offshore_m, frame, read_land(land, frame))
    lat, lon = table.columns.lat_deg, table.columns.lon_deg
    frame = LocalFrame.around(*middle(lat, lon))
    return frame, all_around(frame, lat, lon) if land is None else read_land(land, frame)


def drop_outliers(table: Rows) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Remove rows that are so far from the rest that they look foreign.

    Returns how far each row was from the middle [m], and which were removed; raises DataError where
    latitude and longitude are swapped by the country code.
    """
    must_be_home(table)
    lat, lon = table.columns.lat_deg, table.columns.lon_deg
    away = np.hypot(*LocalFrame.around(*middle(lat, lon)).to_xy(lat, lon))
    far = away > max(OUTLIER * float(np.quantile(away, 0.9)), OUTLIER_M)
    table.columns = table.columns.of(~far)
    return away, far


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


def all_around(frame: LocalFrame, lat: FloatArray, lon: FloatArray) -> BaseGeometry:
    """A box around points, as land where there is no coastline [m].

    Parameters
    ----------
    frame
        The plane.
    lat, lon
        The points [degree], shape (points,).
    """
    x, y = frame.to_xy(lat, lon)
    box: BaseGeometry = shapely.box(
        x.min() - AROUND_M, y.min() - AROUND_M, x.max() + AROUND_M, y.max() + AROUND_M
    )
    return box
