"""From a table of cells or sites to a `Network`.

Assumptions: rows within 100 m of each other stand on one mast; cells of one technology and operator
at one site point evenly around when the table does not state directions; masts are as high as where a
network is synthesised for the same density of people; carriers and powers are those of a coverage
layer; backhaul and power are drawn, unless the table states their kind, or the running times of
battery and generator.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, count_of
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.geography.table import distinct
from ewsim.network.rollout.backhaul import (
    FIBRE,
    SATELLITE,
    BackhaulAndPower,
    backhaul_and_power,
    rings,
    tracking_areas,
)
from ewsim.network.rollout.backup import backup_of
from ewsim.network.rollout.siting import CLASSES
from ewsim.network.signal.radio import COVERAGE_LAYER
from ewsim.network.tables.formats import BACKHAUL, POWER, Columns, Rows
from ewsim.network.tables.identities import infer_rats, keep_near, match_operators
from ewsim.network.topology import CORE, OFF_GRID_S, Cells, Network
from ewsim.scenario.spec import NetworkSpec
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams
from ewsim.units import LTE, RATS

#: Assumption: rows this near each other stand on one mast [m].
ONE_SITE_M = 100.0
#: The note on a table of volunteers.
CROWD_SOURCED = (
    "The table of cells is of volunteers: where none of them was, a place without coverage may be missing "
    "data. ewsim network gaps says how much."
)
#: Words of the note about a country that is too long.
FLAT = "one flat map"
#: Assumption: distances wrong by more than this share get a note.
STRETCH_MAX = 0.03
#: From the EIRP of a whole carrier to what the measured signal refers to, by `units.RATS` [dB]: the
#: carrier (2G), a pilot channel of a tenth (3G), a resource element of 600 (4G, 5G).
#: Assumption: carriers of 10 MHz.
REFERENCE_DB = (0.0, -10.0, -27.8, -27.8)


@dataclass(frozen=True, slots=True)
class _PlacedCells:
    """Cells of the scenario's operators, not yet on masts; arrays of one length."""

    row: NDArray[np.int64]  # of the table's columns
    x_m: FloatArray
    y_m: FloatArray
    operator: NDArray[np.int16]
    rat: NDArray[np.int8]

    def __len__(self) -> int:
        return int(self.row.size)


def assemble(
    table: Rows, spec: NetworkSpec, frame: LocalFrame, land: BaseGeometry, streams: Streams, demand: Demand
) -> tuple[Network, NDArray[np.int64]]:
    """The network of rows that were read, and of which row of `table.columns` each cell is.

    Parameters
    ----------
    table
        The rows; notes are added.
    spec
        Operators, power and what else the scenario says of the network.
    frame
        The plane.
    land
        Coastline [m]; rows further than `spec.max_offshore_m` off it are dropped.
    streams
        Random numbers.
    demand
        Where people live, for heights, backhaul and power.

    Raises
    ------
    DataError
        No row is of use, with the place of the first.
    """
    notes = table.notes
    infer_rats(table)
    keep_near(table, spec.max_offshore_m, frame, land)
    owner = match_operators(table, spec)
    cells = _cells(table, spec, frame, owner)
    c = table.columns.of(cells.row)
    name, site = _sites(cells, table, shared=spec.site_sharing)
    count = len(name)
    cells_at = np.bincount(site, minlength=count)
    site_x = np.bincount(site, cells.x_m, count) / cells_at
    site_y = np.bincount(site, cells.y_m, count) / cells_at
    area, area_count = _areas(cells, c, site, site_x, site_y, spec, table)
    drawn = backhaul_and_power(site_x, site_y, demand, spec, streams)
    hung = _hung(drawn, c, site, site_x, site_y, spec, streams)
    layer = np.array(COVERAGE_LAYER)[cells.rat]
    carrier = np.where(np.isnan(c.frequency_mhz), layer[:, 0], c.frequency_mhz)
    eirp = np.where(np.isnan(c.eirp_dbm), layer[:, 1], c.eirp_dbm + np.array(REFERENCE_DB)[cells.rat])
    height = _heights(c, site, site_x, site_y, demand, notes)
    azimuth = _azimuths(cells, c, site, notes)
    stated = {
        "Carrier": c.frequency_mhz >= 0,
        "Power sent": ~np.isnan(c.eirp_dbm),
        "Backhaul": c.backhaul >= 0,
        "Power supply": c.power >= 0,
        "Running time of the battery": ~np.isnan(c.battery_s) | _own_power(c.power),
        "Running time of the generator": ~np.isnan(c.generator_s) | _own_power(c.power),
    }
    for what, known in stated.items():
        if not known.all():
            part = count_of(int((~known).sum()), "cells") if known.any() else "all cells"
            notes.append(f"{what} of {part} is assumed: the table does not state it.")
    notes.append(f"{count_of(len(cells), 'cells stand')} on {count_of(count, 'sites')}.")
    if table.crowd_sourced:
        notes.append(CROWD_SOURCED)
    stretch = np.abs(frame.stretch([c.lat_deg.min(), c.lat_deg.max()])).max()
    if stretch > STRETCH_MAX:
        notes.append(
            f"From {c.lat_deg.min():.1f} to {c.lat_deg.max():.1f} degrees of latitude {FLAT} "
            f"does not fit: at its ends distances east to west are {stretch:.0%} wrong. Use the "
            "part of the country that the alert is for."
        )
    network = Network(
        frame=frame,
        operators=tuple(o.name for o in spec.operators),
        sites=hung.sites(name, site_x, site_y, height),
        cells=Cells(
            name=_cell_names(cells, c, site, name, table, spec),
            site=site,
            operator=cells.operator,
            rat=cells.rat,
            azimuth_deg=azimuth,
            frequency_mhz=carrier,
            eirp_dbm=eirp,
            tracking_area=area,
        ),
        feeder_names=hung.feeder_names,
        tracking_area_count=area_count,
        land=land,
        notes=tuple(notes),
        links_assumed=not stated["Backhaul"].any(),
        crowd_sourced=table.crowd_sourced,
    )
    return network, cells.row


def _cells(table: Rows, spec: NetworkSpec, frame: LocalFrame, owner: dict[str, int]) -> _PlacedCells:
    """Each row's cells, by place: one, or for a site of every operator several."""
    c = table.columns
    whose = np.array([owner.get(code, -1) if code else -2 for code in table.codes])[c.code]
    on_air = [tuple(RATS.index(name) for name in o.rats) for o in spec.operators]
    parts, off_air = [], Counter[str]()
    for number, operator in enumerate(spec.operators):
        mine = (whose == number) | (whose == -2)
        for rat, name in enumerate(RATS):
            stated = (c.rats >> rat) & 1 == 1
            rows = np.flatnonzero(mine & (stated | ((c.rats == 0) & (rat in on_air[number]))))
            if rat in on_air[number]:
                parts.append((rows, np.full(rows.size, number), np.full(rows.size, rat)))
            elif rows.size:
                off_air[f"{name} of operator {operator.name}"] += rows.size
    for what, count in sorted(off_air.items()):
        table.notes.append(f"Dropped: {count_of(count, 'cells')} {what}, not among its rats.")
    row, operator_of, rat_of = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    served = set(operator_of.tolist())
    idle = [o.name for i, o in enumerate(spec.operators) if i not in served]
    if idle:
        what = f"operator {', '.join(idle)} has no cell of its technologies in the table."
        raise DataError.at(table.file, what, "Add the table's technologies to its rats.")
    x, y = frame.to_xy(c.lat_deg[row], c.lon_deg[row])
    # Whatever the order of the table: by place, and names decide between equal places.
    names = np.argsort(np.argsort(np.array(table.sites or ("",)), kind="stable"))
    site = names[np.maximum(c.site[row], 0)]
    order = np.lexsort((c.cid[row], c.lac[row], rat_of, operator_of, site, y, x))
    return _PlacedCells(
        row[order], x[order], y[order], operator_of[order].astype(np.int16), rat_of[order].astype(np.int8)
    )


def _sites(cells: _PlacedCells, table: Rows, *, shared: bool) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Names of the sites, and the site of every cell.

    Sites of a table have their names; where masts are not shared, one for each operator.
    """
    group = np.zeros(len(cells), dtype=np.int64) if shared else cells.operator.astype(np.int64)
    if not table.of_cells:
        key = table.columns.site[cells.row].astype(np.int64) * (int(group.max()) + 1) + group
        _, first, at = np.unique(key, return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))  # in the order of the cells, from west to east
        stated = [table.sites[s] for s in table.columns.site[cells.row[np.sort(first)]]]
        return distinct(stated), np.asarray(rank[at.ravel()], dtype=np.int32)
    key = np.column_stack([cells.x_m, cells.y_m, group])
    places, at = np.unique(key, axis=0, return_inverse=True)
    # Operators that do not share lie far apart on the third axis.
    near = cKDTree(places * [1, 1, 10 * ONE_SITE_M]).query_ball_point(
        places * [1, 1, 10 * ONE_SITE_M], ONE_SITE_M
    )
    of_place = np.full(len(places), -1)
    count = 0
    for place, others in enumerate(near):  # from west to east, whatever the order of the table
        if of_place[place] < 0:
            free = [i for i in others if of_place[i] < 0]
            of_place[free] = count
            count += 1
    width = len(str(count))
    names = tuple(f"site_{i + 1:0{width}d}" for i in range(count))
    return names, np.asarray(of_place[at.ravel()], dtype=np.int32)


def _areas(
    cells: _PlacedCells,
    c: Columns,
    site: NDArray[np.int32],
    site_x: FloatArray,
    site_y: FloatArray,
    spec: NetworkSpec,
    table: Rows,
) -> tuple[NDArray[np.int32], int]:
    """Tracking area of every cell: as stated, else compact groups of sites."""
    stated = table.of_cells or not np.isnan(c.tracking_area).any()
    if not stated:
        each = spec.synthesis.cells_per_tracking_area
        table.notes.append(f"Tracking areas of about {each} cells are assumed: the table has none.")
        return tracking_areas(site_x, site_y, site, cells.operator, cells.rat, each)
    code = c.lac if table.of_cells else c.tracking_area.astype(np.int64)
    areas, at = np.unique(
        np.column_stack([cells.operator, cells.rat >= LTE, code]), axis=0, return_inverse=True
    )
    return at.ravel().astype(np.int32), len(areas)


def _hung(
    drawn: BackhaulAndPower,
    c: Columns,
    site: NDArray[np.int32],
    site_x: FloatArray,
    site_y: FloatArray,
    spec: NetworkSpec,
    streams: Streams,
) -> BackhaulAndPower:
    """Backhaul and power: what the table states in place of what was drawn."""
    parent = np.where(drawn.kind == FIBRE, CORE, drawn.parent)
    link, power = (np.full(parent.size, -1, dtype=np.int8) for _ in range(2))
    np.maximum.at(link, site, c.backhaul)
    np.maximum.at(power, site, c.power)
    kinds = sorted(set(BACKHAUL.values()))
    parent[np.isin(link, [kinds.index("fibre"), kinds.index("satellite")])] = CORE
    # A microwave link that was drawn as fibre: it hangs on the nearest site that has none.
    radio = (link == kinds.index("microwave")) & (parent == CORE)
    roots = np.flatnonzero((parent == CORE) & ~radio)
    if roots.size and radio.any():
        points = np.column_stack([site_x, site_y])
        _, nearest = cKDTree(points[roots]).query(points[radio])
        parent[radio] = roots[nearest]
    luck = streams.country().uniform("network.generator", np.arange(parent.size))
    hubs = np.flatnonzero((parent == CORE) & (link != kinds.index("satellite")) & (drawn.kind != SATELLITE))
    ways = rings(site_x, site_y, hubs, parent, spec.transport.ring_site_count)
    by_role = backup_of(parent, drawn.people, spec.power, luck)
    battery_s, generator_s = (np.full(parent.size, math.nan) for _ in range(2))
    np.fmax.at(battery_s, site, c.battery_s)
    np.fmax.at(generator_s, site, c.generator_s)
    battery_s[np.isnan(battery_s) & _own_power(power)] = OFF_GRID_S
    return replace(
        drawn,
        parent=parent,
        ways=ways,
        battery_s=np.where(np.isnan(battery_s), by_role.battery_s, battery_s),
        generator_s=np.where(np.isnan(generator_s), by_role.generator_s, generator_s),
        battery_stated=~np.isnan(battery_s),
        generator_stated=~np.isnan(generator_s),
    )


def _own_power(power: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Which sites are off the grid, by the power that the table states."""
    kinds = sorted(set(POWER.values()))
    return np.isin(power, [kinds.index(kind) for kind in ("off-grid", "generator")])


def _heights(
    c: Columns, site: NDArray[np.int32], x_m: FloatArray, y_m: FloatArray, demand: Demand, notes: list[str]
) -> FloatArray:
    """Height of every mast [m]: the highest given for it, else by the density around."""
    given = np.full(x_m.size, math.nan)
    np.fmax.at(given, site, c.height_m)
    _, nearest = cKDTree(np.column_stack([demand.x_m, demand.y_m])).query(np.column_stack([x_m, y_m]))
    least = np.array([c[0] for c in CLASSES])
    kind = np.argmax(demand.density_per_km2[nearest][:, None] >= least, axis=1)
    unknown = np.isnan(given)
    if unknown.any():
        notes.append(
            f"The height of {count_of(int(unknown.sum()), 'masts')} is assumed from the density around."
        )
    return np.asarray(np.where(unknown, np.array([c[2] for c in CLASSES])[kind], given))


def _azimuths(cells: _PlacedCells, c: Columns, site: NDArray[np.int32], notes: list[str]) -> FloatArray:
    """Boresights [deg]: as given; NaN for a cell alone; else even steps around, north first."""
    azimuth = np.asarray(c.azimuth_deg % 360.0)
    open_ = np.flatnonzero(np.isnan(azimuth))
    if not open_.size:
        return azimuth
    order = open_[
        np.lexsort((c.cid[open_], c.lac[open_], cells.rat[open_], cells.operator[open_], site[open_]))
    ]
    key = np.column_stack([site[order], cells.operator[order], cells.rat[order]])
    _, first, at, size = np.unique(key, axis=0, return_index=True, return_inverse=True, return_counts=True)
    at = at.ravel()
    steps = (np.arange(order.size) - first[at]) * 360.0 / size[at]
    azimuth[order] = np.where(size[at] > 1, steps, np.nan)
    alone = int((size == 1).sum())
    notes.append(
        f"Directions are assumed: {count_of(alone, 'cells')} alone at a site send all around, "
        f"{order.size - alone:,} that share one point evenly around."
    )
    return azimuth


def _cell_names(
    cells: _PlacedCells,
    c: Columns,
    site: NDArray[np.int32],
    names: tuple[str, ...],
    table: Rows,
    spec: NetworkSpec,
) -> tuple[str, ...]:
    if table.of_cells:
        stated = zip(c.code.tolist(), c.lac.tolist(), c.cid.tolist(), strict=True)
        return distinct(f"{table.codes[code]}-{lac}-{cid}" for code, lac, cid in stated)
    return distinct(
        f"{names[at]}_{spec.operators[operator].name}_{RATS[rat]}"
        for at, operator, rat in zip(site.tolist(), cells.operator.tolist(), cells.rat.tolist(), strict=True)
    )
