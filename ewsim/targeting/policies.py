"""From the alert area to the cells that broadcast it.

The policies are those that cell broadcast centres use and the literature compares [1]_: they trade
people missed at the edge (undershoot) against people alerted beyond it (overshoot).

References
----------
.. [1] D. Gonzales et al., "Geotargeting Performance of Wireless Emergency Alerts in Imminent Threat
   Scenarios", RAND for DHS S&T, 2016.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geo import contains
from ewsim.network import radio
from ewsim.network.topology import Network
from ewsim.scenario.spec import TargetingSpec


def broadcast_cells(network: Network, area: BaseGeometry, spec: TargetingSpec) -> NDArray[np.bool_]:
    """Which cells carry the alert, one for each cell of the network.

    Parameters
    ----------
    area
        The alert area [m]; `spec.buffer_m` widens it first.

    Notes
    -----
    `site_in`: the mast stands in the area. `centroid_in`: the centroid of the nominal footprint
    lies in it. `intersect`: the footprint touches it. `overlap`: at least `overlap_share` of the
    footprint lies in it. `tracking_areas`: `intersect`, and all other cells of those tracking
    areas.
    """
    if spec.buffer_m:
        area = area.buffer(spec.buffer_m)
    cells, sites = network.cells, network.sites
    if spec.policy == "site_in":
        return contains(area, sites.x_m, sites.y_m)[cells.site]
    footprints = radio.footprints(network)
    if spec.policy == "centroid_in":
        centroid = shapely.centroid(footprints)
        return contains(area, shapely.get_x(centroid), shapely.get_y(centroid))
    shapely.prepare(area)
    touched: NDArray[np.bool_] = shapely.intersects(area, footprints)
    if spec.policy == "overlap":
        near = np.flatnonzero(touched)
        inside = shapely.area(shapely.intersection(area, footprints[near]))
        touched[near] = inside >= spec.overlap_share * shapely.area(footprints[near])
    if spec.policy == "tracking_areas":
        touched = np.isin(cells.tracking_area, np.unique(cells.tracking_area[touched]))
    return touched
