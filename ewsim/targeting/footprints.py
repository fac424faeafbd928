"""Where cells are heard: the ground a broadcast centre plans with.

Two kinds. `nominal`: where the median signal meets the threshold (`network.radio.footprints`);
neighbours overlap, and all of them can be heard. `best_server`: the part of it where the cell's
site is the nearest with that operator and technology, and its sector the one that points there;
neighbours meet and do not overlap. On a hexagonal grid of omnidirectional sites those are hexagons.

Assumption: the nearest site is the strongest, and a phone camps there; shadowing moves a good part
of the phones near a border across it.
"""

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from ewsim.network.signal import radio
from ewsim.network.topology import Network

#: Sectors that point this near to each other are the same one on several carriers [deg].
_SAME_SECTOR_DEG = 1.0


@lru_cache(maxsize=4)
def cell_footprints(network: Network, kind: str = "nominal") -> NDArray[np.object_]:
    """The footprint of every cell [m], shape (cells,); kept, for operators and arms that share a network."""
    found = radio.footprints(network) if kind == "nominal" else _best_server(network)
    found.flags.writeable = False
    return found


def _best_server(network: Network) -> NDArray[np.object_]:
    """The ground on which each cell is the nearest and points best."""
    cells, sites = network.cells, network.sites
    radius = radio.footprint_radius_m(network)
    out = np.empty(len(cells), dtype=np.object_)
    layer = cells.operator.astype(np.int64) * 16 + cells.rat
    for one in np.unique(layer):
        mine = np.flatnonzero(layer == one)
        x, y = sites.x_m[cells.site[mine]], sites.y_m[cells.site[mine]]
        place, at = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
        at = at.ravel()
        around = _nearest(place[:, 0], place[:, 1], 2 * float(radius[mine].max()))
        wedge = _wedges(x, y, cells.azimuth_deg[mine], at, 3 * radius[mine])
        disc = shapely.buffer(shapely.points(x, y), radius[mine], quad_segs=16)
        out[mine] = shapely.intersection(shapely.intersection(around[at], wedge), disc)
    return out


def outermost(network: Network, targeted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of the chosen cells, those whose nominal footprints cover the ground of all of them.

    Footprints of one mast and direction have one form; so the largest covers the others.
    """
    cells = network.cells
    radius = radio.footprint_radius_m(network)
    order = np.lexsort((-radius, np.nan_to_num(cells.azimuth_deg, nan=-1.0), cells.site))
    order = order[targeted[order]]
    site, azimuth = cells.site[order], np.nan_to_num(cells.azimuth_deg[order], nan=-1.0)
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = (site[1:] != site[:-1]) | (azimuth[1:] != azimuth[:-1])
    out = np.zeros(targeted.size, dtype=np.bool_)
    out[order[first]] = True
    return out


def _nearest(x: NDArray[np.float64], y: NDArray[np.float64], margin: float) -> NDArray[np.object_]:
    """The ground nearest to each point, out to a margin beyond them all (Voronoi cells)."""
    frame = shapely.box(x.min() - margin, y.min() - margin, x.max() + margin, y.max() + margin)
    if x.size == 1:
        return np.array([frame], dtype=np.object_)
    points = shapely.multipoints(np.column_stack([x, y]))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame, ordered=True))
    return np.asarray(shapely.intersection(cells, frame), dtype=np.object_)


def _wedges(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    azimuth: NDArray[np.float64],
    at: NDArray[np.int64],
    reach: NDArray[np.float64],
) -> NDArray[np.object_]:
    """The directions that each sector is nearest to, among those of its site; all, if alone."""
    out = np.array(shapely.buffer(shapely.points(x, y), reach, quad_segs=2), dtype=np.object_)
    for site in np.unique(at[~np.isnan(azimuth)]):
        mine = np.flatnonzero((at == site) & ~np.isnan(azimuth))
        angles = np.unique(np.round(np.mod(azimuth[mine], 360.0) / _SAME_SECTOR_DEG))
        angles = angles * _SAME_SECTOR_DEG % 360.0
        if angles.size < 2:
            continue
        angles.sort()
        before = (angles - np.roll(angles, 1)) % 360.0 / 2
        after = (np.roll(angles, -1) - angles) % 360.0 / 2
        for cell in mine:
            off = np.abs((angles - azimuth[cell] + 180.0) % 360.0 - 180.0)
            k = int(np.argmin(off))
            turn = np.radians(np.linspace(angles[k] - before[k], angles[k] + after[k], 13))
            arc = np.column_stack([np.sin(turn), np.cos(turn)]) * reach[cell]
            centre = np.array([[x[cell], y[cell]]])
            out[cell] = shapely.Polygon(np.vstack([centre, centre + arc]))
    return out
