"""Deployable cells as part of a network: sites and cells after all others, off until they arrive.

They are built in so that people can camp on them, and kept out of everything that is about the network as
it stands: coverage, targeting of the other cells, what hazards and outages hit (`Network.built`).

Assumptions: a deployable sends on the coverage layer of each technology, all around; its cells belong to
the tracking area of the nearest cell of their operator; its own satellite or fibre link leads to the core
(to the core site of the nearest site, where core sites can fail), and it has power of its own.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from ewsim.network.signal.radio import COVERAGE_LAYER
from ewsim.network.topology import CORE, Cells, Deployable, Network, Sites
from ewsim.units import RATS


def with_deployables(network: Network, units: Sequence[Deployable]) -> Network:
    """A network with deployable cells at its end, in the order of the units."""
    if not units:
        return network
    sites, cells, count = network.sites, network.cells, len(network.sites)
    x = np.array([unit.x_m for unit in units])
    y = np.array([unit.y_m for unit in units])
    _, near = cKDTree(np.column_stack([sites.x_m, sites.y_m])).query(np.column_stack([x, y]))
    none = np.zeros(len(units))
    more = replace(
        sites,
        name=(*sites.name, *(unit.name for unit in units)),
        x_m=np.append(sites.x_m, x),
        y_m=np.append(sites.y_m, y),
        height_m=np.append(sites.height_m, [unit.height_m for unit in units]),
        parent=np.append(sites.parent, np.full(len(units), CORE, dtype=np.int32)),
        feeder=np.append(sites.feeder, np.full(len(units), -1, dtype=np.int32)),
        battery_s=np.append(sites.battery_s, none),
        generator_s=np.append(sites.generator_s, none),
        battery_stated=None,
        generator_stated=None,
    )
    core = network.core
    if network.core_names:
        core = np.append(core, _core_of(network)[near]).astype(np.int32)
    made = [
        (count + n, operator, rat)
        for n, unit in enumerate(units)
        for operator in unit.operators
        for rat in unit.rats
    ]
    site, operator, rat = np.array(made, dtype=np.int64).reshape(-1, 3).T
    layer = np.array([COVERAGE_LAYER[r] for r in rat.tolist()]).reshape(-1, 2)
    power = np.array([units[s - count].power_db for s in site.tolist()])
    joined = Cells(
        name=(*cells.name, *(f"{more.name[s]} {network.operators[o]} {RATS[r]}" for s, o, r in made)),
        site=np.append(cells.site, site).astype(np.int32),
        operator=np.append(cells.operator, operator).astype(np.int16),
        rat=np.append(cells.rat, rat).astype(np.int8),
        azimuth_deg=np.append(cells.azimuth_deg, np.full(site.size, np.nan)),
        frequency_mhz=np.append(cells.frequency_mhz, layer[:, 0]),
        eirp_dbm=np.append(cells.eirp_dbm, layer[:, 1] + power),
        tracking_area=np.append(cells.tracking_area, _areas(network, more, site, operator)).astype(np.int32),
    )
    return replace(network, sites=more, cells=joined, core=core, fixed=network, deployables=tuple(units))


def _core_of(network: Network) -> np.ndarray:
    """The core site to which each site's way leads, shape (sites,)."""
    parent, found = network.sites.parent.astype(np.int64), np.arange(len(network.sites))
    while (on := parent[found] >= 0).any():
        found[on] = parent[found[on]]
    return network.core[found]


def _areas(network: Network, sites: Sites, site: np.ndarray, operator: np.ndarray) -> np.ndarray:
    """The tracking area of the nearest cell of each operator, shape (new cells,)."""
    cells, found = network.cells, np.zeros(site.size, dtype=np.int64)
    for one in np.unique(operator):
        mine, theirs = np.flatnonzero(operator == one), np.flatnonzero(cells.operator == one)
        places = np.column_stack([network.sites.x_m, network.sites.y_m])[cells.site[theirs]]
        wanted = np.column_stack([sites.x_m[site[mine]], sites.y_m[site[mine]]])
        found[mine] = cells.tracking_area[theirs[cKDTree(places).query(wanted)[1]]]
    return found
