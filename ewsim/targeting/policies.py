"""From the alert area to the cells that broadcast it.

The policies are those that cell broadcast centres use and the literature compares [1]_: they trade
people missed at the edge (undershoot) against people alerted beyond it (overshoot).

References
----------
.. [1] D. Gonzales et al., "Geotargeting Performance of Wireless Emergency Alerts in Imminent Threat
   Scenarios", RAND for DHS S&T, 2016.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray, contains
from ewsim.network.topology import Network
from ewsim.scenario.spec import CellChoiceSpec, TargetingSpec
from ewsim.settlement.demand import Demand
from ewsim.targeting.fit import Camped
from ewsim.targeting.footprints import cell_footprints
from ewsim.targeting.standing import PeopleByCell, Standing, under

#: Assumption: an admin area is meant where the two share this part of the smaller one; less is a
#: border drawn twice.
TOUCHED_SHARE = 1e-3


@dataclass(frozen=True, slots=True)
class PolicyInputs:
    """What some policies need besides the network: people, and admin areas [m].

    `camped` is which cell each of them is on, where that is known; `standing` is what was found out before,
    of the same people.
    """

    demand: Demand | None = None
    admin_areas: Sequence[BaseGeometry] = field(default=())
    camped: Camped | None = None
    standing: Standing | None = None


NO_INPUTS = PolicyInputs()


def broadcast_cells(
    network: Network, area: BaseGeometry, spec: TargetingSpec, inputs: PolicyInputs = NO_INPUTS
) -> NDArray[np.bool_]:
    """Which cells carry the alert, one for each cell of the network.

    Each operator's centre chooses by itself, by `spec.by_operator` where it is named there.

    Parameters
    ----------
    network
        The cells.
    area
        The alert area [m].
    spec
        The policy, and those of single operators.
    inputs
        What some policies need besides.
    """
    targeted = chosen_cells(network, area, spec, inputs)
    for name, own in spec.by_operator.items():
        if name in network.operators:
            theirs = network.cells.operator == network.operators.index(name)
            targeted[theirs] = chosen_cells(network, area, own, inputs)[theirs]
    return targeted


def chosen_cells(
    network: Network, area: BaseGeometry, spec: CellChoiceSpec, inputs: PolicyInputs = NO_INPUTS
) -> NDArray[np.bool_]:
    """Which cells one policy chooses, one for each cell of the network.

    Parameters
    ----------
    network
        The cells.
    area
        The alert area [m]; `spec.buffer_m` widens it first.
    spec
        The policy.
    inputs
        `county` needs admin areas, `population` and `greedy` need people.

    Notes
    -----
    `county`: the mast stands in an admin area that the alert area touches; a mast in none belongs
    to the nearest. `site_in`: the mast stands in the area. `centroid_in`: the centroid of the
    footprint lies in it. `intersect`: the footprint touches it. `overlap`: at least
    `overlap_share` of the footprint lies in it. `population`: at least that share of the people
    under the footprint (of its ground, where nobody lives) is in it. `greedy`: people covered in
    the area, less `overshoot_weight` times those outside, are most, each person under the cell they
    camp on, and for cells without such people under the strongest cell of an operator and
    technology; no footprint is read.
    `tracking_areas`: `intersect`, and all other cells of those tracking areas.
    """
    if spec.buffer_m:
        area = area.buffer(spec.buffer_m)
    cells, sites = network.cells, network.sites
    if spec.policy == "county":
        return _in_admin_areas(network, area, inputs.admin_areas)[cells.site]
    if spec.policy == "site_in":
        return contains(area, sites.x_m, sites.y_m)[cells.site]
    where = cell_footprints(network, spec.footprint)
    if spec.policy == "centroid_in":
        centroid = shapely.centroid(where)
        return contains(area, shapely.get_x(centroid), shapely.get_y(centroid))
    shapely.prepare(area)
    touched: NDArray[np.bool_] = shapely.intersects(area, where)
    near = np.flatnonzero(touched)
    if spec.policy in ("overlap", "population"):
        part = np.ones(near.size)
        edge = np.flatnonzero(~shapely.contains_properly(area, where[near]))
        inside = shapely.area(shapely.intersection(area, where[near[edge]]))
        part[edge] = inside / np.maximum(shapely.area(where[near[edge]]), 1e-9)
        if spec.policy == "population":
            part = _people_share(network, area, spec.footprint, inputs, near, part)
        touched[near] = part >= spec.overlap_share
    elif spec.policy == "greedy":
        touched = _best(network, area, spec.overshoot_weight, inputs)
    elif spec.policy == "tracking_areas":
        touched = np.isin(cells.tracking_area, np.unique(cells.tracking_area[touched]))
    return touched


def _best(network: Network, area: BaseGeometry, price: float, inputs: PolicyInputs) -> NDArray[np.bool_]:
    """The best choice for people who camp on one cell each; elsewhere for those who might.

    Each point has one cell of an operator and technology, the strongest; so every cell counts by itself.
    """
    count, demand = len(network.cells), _people(inputs)
    strongest = (inputs.standing or Standing(network, demand)).strongest
    layer, point = np.nonzero(strongest >= 0)
    value = np.where(contains(area, demand.x_m, demand.y_m), 1.0, -price) * demand.people
    might = np.bincount(strongest[layer, point], value[point], count)
    if inputs.camped is None:
        return might > 1e-9
    by_cell = PeopleByCell.of(inputs.camped, count) if inputs.standing is None else inputs.standing.by_cell
    inside = by_cell.inside(area)
    each = inside - price * (by_cell.people - inside)
    return np.where(by_cell.rows[:-1] > 0, each[:-1], might) > 1e-9


def _people_share(
    network: Network,
    area: BaseGeometry,
    kind: str,
    inputs: PolicyInputs,
    near: NDArray[np.int64],
    otherwise: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The share of the people under each of some footprints who are in the area; `otherwise` without any."""
    demand, where = _people(inputs), cell_footprints(network, kind)
    number = np.arange(near.size)
    if inputs.standing is None:
        footprint, point = under(where[near], demand)
    else:
        footprint, point = inputs.standing.under(kind)
        number = near
    weight = demand.people[point]
    inside = contains(area, demand.x_m, demand.y_m)[point]
    all_of_them = np.bincount(footprint, weight, where.size)[number]
    in_area = np.bincount(footprint, weight * inside, where.size)[number]
    lived_in = all_of_them > 0
    return np.where(lived_in, in_area / np.where(lived_in, all_of_them, 1.0), otherwise)


def _in_admin_areas(network: Network, area: BaseGeometry, admin: Sequence[BaseGeometry]) -> NDArray[np.bool_]:
    """Which sites stand in the admin areas that the alert area touches."""
    if not admin:
        raise ValueError("the policy county needs admin areas")
    shapes = np.array(admin, dtype=np.object_)
    shared = shapely.area(shapely.intersection(area, shapes))
    smaller = np.minimum(shapely.area(shapes), max(area.area, 1e-9))
    meant = shared > TOUCHED_SHARE * smaller
    points = _points(network.sites.x_m, network.sites.y_m)
    tree = shapely.STRtree(shapes)
    site, owner = tree.query(points, predicate="intersects")
    hit = np.zeros(len(points), dtype=np.bool_)
    hit[site[meant[owner]]] = True
    at_sea = np.setdiff1d(np.arange(len(points)), site)
    if at_sea.size:
        hit[at_sea] = meant[tree.nearest(points[at_sea])]
    return hit


def _points(x_m: FloatArray, y_m: FloatArray) -> NDArray[np.object_]:
    return np.asarray(shapely.points(x_m, y_m), dtype=np.object_)


def _people(inputs: PolicyInputs) -> Demand:
    if inputs.demand is None:
        raise ValueError("the policies population and greedy need people")
    return inputs.demand
