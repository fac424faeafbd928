"""Networks that somebody measured or wrote down: from a table of cells or sites to a `Network`.

Assumptions: rows within 100 m of each other stand on one mast; cells of one technology and operator
at one site point evenly around when the table does not say where; masts are as high as where a
network is synthesised for the same density of people; carriers and powers are those of a coverage
layer; backhaul and power are drawn, since no public table has them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geo import FloatArray, LocalFrame
from ewsim.network.demand import Demand
from ewsim.network.formats import Row, Rows, read_rows
from ewsim.network.identities import fault, infer_rats, keep_near, match_operators
from ewsim.network.infrastructure import infrastructure, tracking_areas
from ewsim.network.radio import COVERAGE_LAYER
from ewsim.network.synthesis import CLASSES
from ewsim.network.table import distinct
from ewsim.network.topology import Cells, Network, Sites
from ewsim.scenario.spec import NetworkSpec
from ewsim.streams import Streams
from ewsim.units import LTE, RATS

#: Assumption: rows this near each other stand on one mast [m].
ONE_SITE_M = 100.0


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of one operator, not yet on a mast."""

    row: Row
    x_m: float
    y_m: float
    operator: int
    rat: int


def read_network(
    path: Path,
    spec: NetworkSpec,
    frame: LocalFrame,
    land: BaseGeometry,
    streams: Streams,
    demand: Demand,
) -> Network:
    """The network of a cells or sites table.

    Parameters
    ----------
    land
        Coastline [m]; rows further than `spec.max_offshore_m` off it are dropped.
    demand
        Where people live, for heights, backhaul and power.

    Raises
    ------
    DataError
        Every fault of the table, with its place.
    """
    return network_of(read_rows(path), spec, frame, land, streams, demand)


def network_of(
    table: Rows,
    spec: NetworkSpec,
    frame: LocalFrame,
    land: BaseGeometry,
    streams: Streams,
    demand: Demand,
) -> Network:
    """The network of rows that were read; as `read_network`."""
    notes = table.notes
    infer_rats(table)
    keep_near(table, spec, frame, land)
    owner = match_operators(table, spec)
    cells = _cells(table, spec, frame, owner)
    name, site_of = _sites(cells, of_cells=table.of_cells)
    count = len(name)
    site = np.array(site_of, dtype=np.int32)
    x, y = np.array([c.x_m for c in cells]), np.array([c.y_m for c in cells])
    cells_at = np.bincount(site, minlength=count)
    site_x = np.bincount(site, x, count) / cells_at
    site_y = np.bincount(site, y, count) / cells_at
    operator = np.array([c.operator for c in cells], dtype=np.int16)
    rat = np.array([c.rat for c in cells], dtype=np.int8)
    if table.of_cells:
        key = np.column_stack([operator, rat >= LTE, [c.row.lac for c in cells]])
        areas, at = np.unique(key, axis=0, return_inverse=True)
        area = at.ravel().astype(np.int32)
        area_count = len(areas)
    else:
        each = spec.synthesis.cells_per_tracking_area
        area, area_count = tracking_areas(site_x, site_y, site, operator, rat, each)
        notes.append(f"Tracking areas of about {each} cells are assumed: the table has none.")
    hung = infrastructure(site_x, site_y, demand, spec, streams)
    layer = np.array(COVERAGE_LAYER)[rat]
    height = _heights(cells, site, site_x, site_y, demand, notes)
    azimuth = _azimuths(cells, site, notes)
    notes.append(
        "Carriers, powers, backhaul, feeders and batteries are assumed: the table's own, if any, "
        "are not read."
    )
    notes.append(f"{len(cells):,} cells stand on {count:,} sites.")
    return Network(
        frame=frame,
        operators=tuple(o.name for o in spec.operators),
        sites=Sites(
            name, site_x, site_y, height, hung.parent, hung.feeder, hung.battery_s, hung.generator_s
        ),
        cells=Cells(
            name=_cell_names(cells, site, name, spec, of_cells=table.of_cells),
            site=site,
            operator=operator,
            rat=rat,
            azimuth_deg=azimuth,
            frequency_mhz=layer[:, 0],
            eirp_dbm=layer[:, 1],
            tracking_area=area,
        ),
        feeder_names=hung.feeder_names,
        tracking_area_count=area_count,
        land=land,
        notes=tuple(notes),
    )


def _cells(table: Rows, spec: NetworkSpec, frame: LocalFrame, owner: dict[str, int]) -> list[_Cell]:
    """Each row's cells, by place: one, or for a site of every operator several."""
    everyone = range(len(spec.operators))
    on_air = [tuple(RATS.index(name) for name in o.rats) for o in spec.operators]
    x, y = frame.to_xy([r.lat_deg for r in table.rows], [r.lon_deg for r in table.rows])
    cells, off_air = [], Counter[str]()
    for at, row in enumerate(table.rows):
        if row.code and row.code not in owner:
            continue
        for number in [owner[row.code]] if row.code else everyone:
            for rat in row.rats or on_air[number]:
                if rat in on_air[number]:
                    cells.append(_Cell(row, float(x[at]), float(y[at]), number, rat))
                else:
                    off_air[f"{RATS[rat]} of operator {spec.operators[number].name}"] += 1
    for what, count in sorted(off_air.items()):
        table.notes.append(f"{count:,} cells {what} were dropped: not among its rats.")
    served = {cell.operator for cell in cells}
    idle = [o.name for i, o in enumerate(spec.operators) if i not in served]
    if idle:
        raise fault(
            table, 0, f"operator {', '.join(idle)} has no cell of its technologies in the table.",
            "Add the table's technologies to its rats.",
        )  # fmt: skip
    cells.sort(key=lambda c: (c.x_m, c.y_m, c.row.site, c.operator, c.rat, c.row.lac, c.row.cid))
    return cells


def _sites(cells: list[_Cell], *, of_cells: bool) -> tuple[tuple[str, ...], list[int]]:
    """Names of the sites, and the site of every cell."""
    if not of_cells:
        ids = list(dict.fromkeys(cell.row.site for cell in cells))
        number = {name: i for i, name in enumerate(ids)}
        return tuple(ids), [number[cell.row.site] for cell in cells]
    places = np.array(list(dict.fromkeys((c.x_m, c.y_m) for c in cells)))
    near = cKDTree(places).query_ball_point(places, ONE_SITE_M)
    of_place = np.full(len(places), -1)
    count = 0
    for at, others in enumerate(near):  # from west to east, whatever the order of the table
        if of_place[at] < 0:
            free = [i for i in others if of_place[i] < 0]
            of_place[free] = count
            count += 1
    index = {tuple(place): int(of_place[i]) for i, place in enumerate(places.tolist())}
    width = len(str(count))
    names = tuple(f"site_{i + 1:0{width}d}" for i in range(count))
    return names, [index[c.x_m, c.y_m] for c in cells]


def _heights(
    cells: list[_Cell],
    site: NDArray[np.int32],
    x_m: FloatArray,
    y_m: FloatArray,
    demand: Demand,
    notes: list[str],
) -> FloatArray:
    """Height of every mast [m]: the highest given for it, else by the density around."""
    given = np.full(x_m.size, math.nan)
    np.fmax.at(given, site, np.array([cell.row.height_m for cell in cells]))
    _, nearest = cKDTree(np.column_stack([demand.x_m, demand.y_m])).query(
        np.column_stack([x_m, y_m])
    )
    least = np.array([c[0] for c in CLASSES])
    kind = np.argmax(demand.density_per_km2[nearest][:, None] >= least, axis=1)
    unknown = np.isnan(given)
    if unknown.any():
        notes.append(f"The height of {unknown.sum():,} masts is assumed from the density around.")
    return np.asarray(np.where(unknown, np.array([c[2] for c in CLASSES])[kind], given))


def _azimuths(cells: list[_Cell], site: NDArray[np.int32], notes: list[str]) -> FloatArray:
    """Boresights [deg]: as given; NaN for a cell alone; else even steps around, north first."""
    alike: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
    azimuth: FloatArray = np.array([cell.row.azimuth_deg for cell in cells]) % 360.0
    for at, cell in enumerate(cells):
        if math.isnan(azimuth[at]):
            alike[int(site[at]), cell.operator, cell.rat].append(at)
    groups = [group for group in alike.values() if len(group) > 1]
    for group in groups:
        group.sort(key=lambda at: (cells[at].row.lac, cells[at].row.cid))
        azimuth[group] = np.arange(len(group)) * 360.0 / len(group)
    if alike:
        alone = sum(len(group) == 1 for group in alike.values())
        notes.append(
            f"Directions are assumed: {alone:,} cells alone at their site send all around, "
            f"{sum(map(len, groups)):,} that share one point evenly around."
        )
    return azimuth


def _cell_names(
    cells: list[_Cell],
    site: NDArray[np.int32],
    names: tuple[str, ...],
    spec: NetworkSpec,
    *,
    of_cells: bool,
) -> tuple[str, ...]:
    if of_cells:
        return distinct(f"{c.row.code}-{c.row.lac}-{c.row.cid}" for c in cells)
    return distinct(
        f"{names[at]}_{spec.operators[c.operator].name}_{RATS[c.rat]}"
        for at, c in zip(site, cells, strict=True)
    )
