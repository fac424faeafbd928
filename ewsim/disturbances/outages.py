"""Power, backhaul and sites lost and restored, as the scenario's timeline says.

Assumptions: a site off the grid runs on its battery, then its generator (`Sites.battery_s`,
`generator_s`), both full when the grid fails, and is down when both are empty; when the grid is
back it is up at once. Two losses of one element overlap: it is back when the last has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.geography import plane
from ewsim.network.topology import Network
from ewsim.scenario.spec import (
    AreaSpec,
    BackhaulCutSpec,
    DisturbanceSpec,
    PowerLossSpec,
    SiteDestroyedSpec,
    WhereSpec,
)
from ewsim.streams import Streams
from ewsim.targeting import shape_of
from ewsim.units import to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]


def starts_us(disturbances: Sequence[DisturbanceSpec]) -> int:
    """When the clock must start so that all of them happen in it [us]: 0 or earlier."""
    return min([0, *(to_us(d.at_s) for d in disturbances)])


def selected(where: WhereSpec, network: Network, streams: Streams, index: int) -> NDArray[np.int64]:
    """The sites that a disturbance hits; `index` is its place in the scenario."""
    sites = network.sites
    hit = np.ones(len(sites), dtype=np.bool_)
    if where.area is not None:
        hit &= plane.contains(area_geometry(where.area, network.frame), sites.x_m, sites.y_m)
    if where.feeders is not None:
        wanted = [i for i, name in enumerate(network.feeder_names) if name in where.feeders]
        hit &= np.isin(sites.feeder, wanted)
    if where.sites is not None:
        hit &= np.isin(np.array(sites.name), where.sites)
    if where.operators is not None:
        wanted = [i for i, name in enumerate(network.operators) if name in where.operators]
        theirs = network.cells.site[np.isin(network.cells.operator, wanted)]
        hit &= np.isin(np.arange(len(sites)), theirs)
    if where.share < 1:
        luck = streams.uniform("disturbance.share", np.arange(len(sites)), k=index)
        hit &= luck < where.share
    return np.flatnonzero(hit)


def area_geometry(area: AreaSpec, frame: plane.LocalFrame) -> Any:
    """An area of a scenario as a geometry in the frame's metres."""
    return shape_of(area, frame)


def grid_windows(
    disturbances: Sequence[DisturbanceSpec], network: Network, streams: Streams, horizon_us: int
) -> NDArray[np.int64]:
    """When the grid is out at each site: rows (site, from, to) [us], sorted, none overlapping."""
    rows: list[tuple[int, int, int]] = []
    for index, loss in enumerate(disturbances):
        if isinstance(loss, PowerLossSpec):
            back = horizon_us + 1 if loss.restored_at_s is None else to_us(loss.restored_at_s)
            sites = selected(loss.where, network, streams, index).tolist()
            rows += [(site, to_us(loss.at_s), back) for site in sites]
    merged: list[tuple[int, int, int]] = []
    for site, begins, ends in sorted(rows):
        if merged and merged[-1][0] == site and begins <= merged[-1][2]:
            begins, ends = merged[-1][1], max(ends, merged.pop()[2])
        merged.append((site, begins, ends))
    return np.array(merged, dtype=np.int64).reshape(-1, 3)


def start(world: World, disturbances: Sequence[DisturbanceSpec]) -> None:
    """Start a process for every disturbance, in the scenario's order."""
    losses: dict[str, list[int]] = {
        kind: [0] * len(world.network.sites) for kind in ("power_loss", "backhaul_cut", "site_destroyed")
    }
    batteries: dict[int, simpy.Process] = {}
    for index, disturbance in enumerate(disturbances):
        sites = selected(disturbance.where, world.network, world.streams, index).tolist()
        count = losses[disturbance.kind]
        if isinstance(disturbance, PowerLossSpec):
            world.env.process(_power_loss(world, disturbance, sites, count, batteries))
        elif isinstance(disturbance, BackhaulCutSpec):

            def link(site: int, up: bool) -> None:
                world.log("link", "restored" if up else "cut", site=site)
                world.set_site(site, linked=up)

            world.env.process(_lost(world, disturbance, sites, count, link))
        else:

            def mast(site: int, up: bool) -> None:
                world.log("site", "rebuilt" if up else "destroyed", site=site)
                world.set_site(site, standing=up)

            world.env.process(_lost(world, disturbance, sites, count, mast))


def _lost(
    world: World,
    disturbance: BackhaulCutSpec | SiteDestroyedSpec,
    sites: list[int],
    count: list[int],
    change: Callable[[int, bool], None],
) -> Process:
    yield world.env.timeout(to_us(disturbance.at_s) - world.env.now)
    for site in sites:
        count[site] += 1
        if count[site] == 1:
            change(site, False)
    if disturbance.restored_at_s is None:
        return
    yield world.env.timeout(to_us(disturbance.restored_at_s) - world.env.now)
    for site in sites:
        count[site] -= 1
        if count[site] == 0:
            change(site, True)


def _power_loss(
    world: World,
    disturbance: PowerLossSpec,
    sites: list[int],
    count: list[int],
    batteries: dict[int, simpy.Process],
) -> Process:
    network = world.network
    yield world.env.timeout(to_us(disturbance.at_s) - world.env.now)
    _log_feeders(world, sites, "grid_lost")
    for site in sites:
        count[site] += 1
        if count[site] == 1:
            autonomy_s = network.sites.battery_s[site] + network.sites.generator_s[site]
            batteries[site] = world.env.process(_battery(world, site, to_us(autonomy_s)))
    if disturbance.restored_at_s is None:
        return
    yield world.env.timeout(to_us(disturbance.restored_at_s) - world.env.now)
    _log_feeders(world, sites, "grid_back")
    for site in sites:
        count[site] -= 1
        if count[site] == 0:
            if batteries[site].is_alive:
                batteries[site].interrupt()
            world.set_site(site, powered=True)


def _battery(world: World, site: int, autonomy_us: int) -> Process:
    """A site off the grid: down when its battery and generator are empty."""
    try:
        yield world.env.timeout(autonomy_us)
    except simpy.Interrupt:
        return
    world.set_site(site, powered=False)


def _log_feeders(world: World, sites: list[int], kind: str) -> None:
    feeders = world.network.sites.feeder[sites]
    for feeder in np.unique(feeders).tolist():
        hit = int((feeders == feeder).sum())
        world.log("feeder", kind, detail=f"{world.network.feeder_names[feeder]}: {hit} sites")
