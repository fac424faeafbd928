"""What a site has for the time without the grid: more where others hang on it.

A relay is a site that another hangs on. Of these an aggregation site has at least
`AGGREGATION_PEOPLE` people or `AGGREGATION_SITES` sites behind it, and a trunk site
`TRUNK_PEOPLE` people. Sweden asks for 4 h of a small node, and for 8 h, 12 h and 24 h as more
connections hang on it [1]_; the factors of `network.power` are these steps over 4 h.

Assumptions: the people behind a site are those who live nearest to it or to a site that hangs on it;
the limits of 8,000 and 30,000 people are those of Sweden's classes of connections; five sites behind
a site are as many. A site with a role never has less than one without.

References
----------
.. [1] PTSFS 2015:2, rules on the reliability of electronic communications, in force 2016.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ewsim.geography.plane import FloatArray
from ewsim.network.topology import Network
from ewsim.scenario.spec import BackupSpec, PowerSpec
from ewsim.scenario.spec.power import AddedPowerSpec
from ewsim.settlement.demand import Demand

AGGREGATION_PEOPLE = 8_000
AGGREGATION_SITES = 5
TRUNK_PEOPLE = 30_000


@dataclass(frozen=True, slots=True)
class Backup:
    """Nominal running time of batteries and generators [s], 0 without one; by site."""

    battery_s: FloatArray
    generator_s: FloatArray


def backup_of(parent: NDArray[np.int32], people: FloatArray, power: PowerSpec, luck: FloatArray) -> Backup:
    """Batteries and generators of sites, by what hangs on them.

    Parameters
    ----------
    parent
        The next site towards the core, negative for the core itself, shape (sites,).
    people
        Who lives nearest to each site [people], shape (sites,).
    power
        Running times [s], and shares with a generator.
    luck
        Which sites have a generator: uniform draws [1], shape (sites,).
    """
    behind, reach = np.zeros(parent.size, dtype=np.int64), np.array(people, dtype=np.float64)
    for site in _from_the_ends(parent):
        if parent[site] >= 0:
            behind[parent[site]] += behind[site] + 1
            reach[parent[site]] += reach[site]
    relay = behind > 0
    aggregation = relay & ((reach >= AGGREGATION_PEOPLE) | (behind >= AGGREGATION_SITES))
    trunk = relay & (reach >= TRUNK_PEOPLE)
    factor, share = np.ones(parent.size), np.full(parent.size, power.generator_share)
    roles: tuple[tuple[NDArray[np.bool_], BackupSpec], ...] = (
        (relay, power.relay),
        (aggregation, power.aggregation),
        (trunk, power.trunk),
    )
    for those, backup in roles:
        factor[those] = np.maximum(factor[those], backup.battery_factor)
        share[those] = np.maximum(share[those], backup.generator_share)
    return Backup(power.battery_median_s * factor, np.where(luck < share, power.generator_s, 0.0))


def nearest_people(x_m: FloatArray, y_m: FloatArray, demand: Demand) -> FloatArray:
    """How many people live nearest to each site, shape (sites,).

    Parameters
    ----------
    x_m, y_m
        Positions of the sites [m], shape (sites,).
    demand
        Where people live.
    """
    _, nearest = cKDTree(np.column_stack([x_m, y_m])).query(np.column_stack([demand.x_m, demand.y_m]))
    return np.asarray(np.bincount(np.asarray(nearest), demand.people, x_m.size), dtype=np.float64)


def _from_the_ends(parent: NDArray[np.int32]) -> list[int]:
    """The sites, each before the one that it hangs on."""
    hops = np.zeros(parent.size, dtype=np.int64)
    at = parent.astype(np.int64)
    while (at >= 0).any():
        hops[at >= 0] += 1
        at = np.where(at >= 0, parent[at], -1)
    return [int(site) for site in np.argsort(-hops, kind="stable")]


def with_added_power(network: Network, given: Sequence[AddedPowerSpec]) -> Network:
    """A network whose named sites have more battery and generator; names that it does not have are passed."""
    row = {name: number for number, name in enumerate(network.sites.name)}
    battery, generator = network.sites.battery_s.copy(), network.sites.generator_s.copy()
    for one in given:
        at = [row[name] for name in one.sites if name in row]
        battery[at] += one.battery_s
        generator[at] += one.generator_s
    fixed = None if network.fixed is None else with_added_power(network.fixed, given)
    return replace(
        network, sites=replace(network.sites, battery_s=battery, generator_s=generator), fixed=fixed
    )
