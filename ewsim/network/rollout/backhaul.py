"""Backhaul, power and tracking areas of any set of sites.

Assumptions (no operator publishes these): sites where most people are have fibre to the core; every
other site has a microwave link to the nearest site that is nearer to fibre, in chains of at most
four; a grid feeder serves neighbouring sites.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ewsim.geography.plane import FloatArray
from ewsim.network.rollout.backup import backup_of, nearest_people
from ewsim.network.topology import CORE, Sites
from ewsim.scenario.spec import NetworkSpec
from ewsim.settlement.demand import Demand
from ewsim.settlement.placing import districts
from ewsim.streams import Streams
from ewsim.units import LTE

#: Assumption: people within this distance count for a site's rank [m].
CATCHMENT_M = 5000.0
#: Assumption: microwave hops in a chain.
MAX_HOPS = 4
#: Assumption: no microwave hop is longer; a site without a neighbour this near uses a satellite [m].
MAX_HOP_M = 60_000.0

#: Kinds of backhaul, the index is the code in `BackhaulAndPower.kind`.
BACKHAUL = ("fibre", "microwave", "satellite")
FIBRE, MICROWAVE, SATELLITE = range(3)


@dataclass(frozen=True, slots=True)
class BackhaulAndPower:
    """Arrays by site, as in `topology.Sites`, and the names of the feeders.

    `kind` indexes BACKHAUL; `people` live nearest to the site. `battery_stated` and
    `generator_stated` are as in `topology.Sites`.
    """

    parent: NDArray[np.int32]
    kind: NDArray[np.int8]
    feeder: NDArray[np.int32]
    feeder_names: tuple[str, ...]
    battery_s: FloatArray
    generator_s: FloatArray
    people: FloatArray
    ways: NDArray[np.int32]
    battery_stated: NDArray[np.bool_] | None = None
    generator_stated: NDArray[np.bool_] | None = None

    def sites(self, name: tuple[str, ...], x_m: FloatArray, y_m: FloatArray, height_m: FloatArray) -> Sites:
        """The masts with this backhaul and power.

        Parameters
        ----------
        name
            One a mast.
        x_m, y_m
            Positions [m], shape (sites,).
        height_m
            Heights above ground [m], shape (sites,).
        """
        built = self.parent, self.feeder, self.battery_s, self.generator_s
        return Sites(name, x_m, y_m, height_m, *built, self.battery_stated, self.generator_stated, self.ways)


def backhaul_and_power(
    x_m: FloatArray, y_m: FloatArray, demand: Demand, spec: NetworkSpec, streams: Streams
) -> BackhaulAndPower:
    """Backhaul and power of sites.

    Parameters
    ----------
    x_m, y_m
        Positions of the sites [m], shape (sites,).
    demand
        Where people live; sites with the most people around have fibre.
    spec
        Share of fibre, feeders, batteries and generators.
    streams
        Random numbers.
    """
    streams = streams.country()
    ids = np.arange(x_m.size)
    count = min(spec.synthesis.feeder_count, max(1, x_m.size))
    width = len(str(count))
    parent, kind = _backhaul(x_m, y_m, demand, spec.synthesis.fibre_share)
    ways = rings(x_m, y_m, np.flatnonzero(kind == FIBRE), parent, spec.transport.ring_site_count)
    people = nearest_people(x_m, y_m, demand)
    backup = backup_of(parent, people, spec.power, streams.uniform("network.generator", ids))
    return BackhaulAndPower(
        parent=parent,
        kind=kind,
        feeder=districts(x_m, y_m, np.ones(x_m.size), count),
        feeder_names=tuple(f"feeder_{i + 1:0{width}d}" for i in range(count)),
        battery_s=backup.battery_s,
        generator_s=backup.generator_s,
        people=people,
        ways=ways,
    )


def _backhaul(
    x_m: FloatArray, y_m: FloatArray, demand: Demand, fibre_share: float
) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Each site's next site towards the core, and the kind of that link.

    No circles, and every chain ends at the core. Sites with fibre stand on protected rings: the
    loss of one's own link takes it and the chains behind it, and no other site of the ring
    (assumption), unless `network.transport.ring_site_count` lays them on rings of their own.
    """
    points = np.column_stack([x_m, y_m])
    count = len(points)
    near = cKDTree(np.column_stack([demand.x_m, demand.y_m])).query_ball_point(points, CATCHMENT_M)
    people = np.array([demand.people[rows].sum() for rows in near])
    fibre = np.zeros(count, dtype=np.bool_)
    fibre[np.argsort(-people, kind="stable")[: max(1, round(fibre_share * count))]] = True
    parent = np.full(count, CORE, dtype=np.int32)
    hubs = np.flatnonzero(fibre)
    nearest_hub, hub_at = cKDTree(points[hubs]).query(points)
    away, hub = np.asarray(nearest_hub), np.asarray(hub_at)
    hops = np.zeros(count, dtype=np.int64)
    near_m, near_at = cKDTree(points).query(points, k=range(1, min(17, count + 1)))
    hop_m, neighbours = np.asarray(near_m), np.asarray(near_at)
    kind = np.where(fibre, FIBRE, MICROWAVE).astype(np.int8)
    for site in np.lexsort((np.arange(count), away)):
        if fibre[site]:
            continue
        towards = [
            n
            for n, far in zip(neighbours[site], hop_m[site], strict=True)
            if n != site and (away[n] < away[site] or fibre[n]) and hops[n] < MAX_HOPS and far <= MAX_HOP_M
        ]
        if not towards and away[site] > MAX_HOP_M:
            kind[site] = SATELLITE
            continue
        parent[site] = towards[0] if towards else hubs[hub[site]]
        hops[site] = hops[parent[site]] + 1
    return parent, kind


def rings(
    x_m: FloatArray, y_m: FloatArray, hubs: NDArray[np.int64], parent: NDArray[np.int32], ring_sites: int
) -> NDArray[np.int32]:
    """Lay the sites with fibre on rings: the links that close them; `parent` is changed.

    A ring begins and ends at the core. Its sites stand in it by their direction from their middle, and each
    reaches the core by the half of the ring on which it stands.

    Parameters
    ----------
    x_m, y_m
        Positions of the sites [m], shape (sites,).
    hubs
        The numbers of the sites with fibre, shape (hubs,).
    parent
        Each site's next one towards the core, shape (sites,).
    ring_sites
        Sites on one ring; 0: there are no rings.
    """
    ways = []
    if ring_sites:
        ring = districts(x_m[hubs], y_m[hubs], np.ones(hubs.size), -(-hubs.size // ring_sites))
        for number in range(int(ring.max()) + 1):
            mine = hubs[ring == number]
            angle = np.arctan2(y_m[mine] - y_m[mine].mean(), x_m[mine] - x_m[mine].mean())
            mine = mine[np.argsort(angle, kind="stable")]
            if mine.size > 1:
                middle = mine.size // 2
                parent[mine[1:middle]] = mine[: middle - 1]
                parent[mine[middle:-1]] = mine[middle + 1 :]
                ways.append((mine[middle - 1], mine[middle]))
    return np.array(ways, dtype=np.int32).reshape(-1, 2)


def tracking_areas(
    site_x_m: FloatArray,
    site_y_m: FloatArray,
    site: NDArray[np.int32],
    operator: NDArray[np.int16],
    rat: NDArray[np.int8],
    cells_each: int,
) -> tuple[NDArray[np.int32], int]:
    """Tracking area of every cell, and how many there are.

    An operator's 2G and 3G cells share location areas, its 4G and 5G cells tracking areas; an area
    is a compact group of whole sites.

    Parameters
    ----------
    site_x_m, site_y_m
        Positions of the sites [m], shape (sites,).
    site, operator, rat
        Site, operator and technology of the cells, shape (cells,).
    cells_each
        Cells that an area has about.
    """
    area = np.zeros(site.size, dtype=np.int32)
    total = 0
    modern = rat >= LTE
    for number in np.unique(operator).tolist():
        for generation in (False, True):
            mine = np.flatnonzero((operator == number) & (modern == generation))
            if not mine.size:
                continue
            used, at, cells = np.unique(site[mine], return_inverse=True, return_counts=True)
            parts = max(1, round(mine.size / cells_each))
            district = districts(site_x_m[used], site_y_m[used], cells.astype(np.float64), parts)
            area[mine] = total + district[at]
            total += int(district.max()) + 1
    return area, total
