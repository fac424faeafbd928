"""Power, backhaul and sites lost and restored, as the scenario's timeline says.

Assumptions: a site off the grid runs on its battery, then its generator, as long as this run's luck
lets them (`ewsim.disturbances.supplies`), again for each loss, and is down when both are empty; when
the grid is back it is up at once. Two losses of one element overlap: it is back when the last has ended.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.disturbances.spec import OutageSpec, PowerLossSpec, WhereSpec
from ewsim.disturbances.supplies import autonomy_s
from ewsim.geography import plane
from ewsim.kinds import kinds_of
from ewsim.network.topology import Network
from ewsim.scenario.spec import DisturbanceSpec, PowerSpec
from ewsim.streams import Streams
from ewsim.targeting import shape_of
from ewsim.units import to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]


@dataclass(slots=True)
class Held:
    """What the disturbances of one run share: losses that overlap count at each site.

    `autonomy_us` is how long each site runs without the grid [us]; `losses` by kind and site;
    `batteries` are the processes of sites off the grid.
    """

    autonomy_us: list[int]
    losses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    batteries: dict[int, simpy.Process] = field(default_factory=dict)


class Disturbance(Protocol):
    """What a kind of disturbance makes from its number in the scenario and its keys."""

    def start(self, world: World, held: Held) -> None:
        """Start its processes."""


def starts_us(disturbances: Sequence[DisturbanceSpec]) -> int:
    """When the clock must start so that all of them happen in it [us]: 0 or earlier."""
    return min([0, *(to_us(d.at_s) for d in disturbances)])


def matching(where: WhereSpec, network: Network, area: BaseGeometry | None = None) -> NDArray[np.bool_]:
    """Which sites meet the conditions of a disturbance, before its share is drawn, shape (sites,).

    Parameters
    ----------
    where
        The conditions; every given one must hold.
    network
        The network as built.
    area
        An area [m] to use in place of `where.area`.
    """
    sites = network.sites
    hit = np.ones(len(sites), dtype=np.bool_)
    if where.area is not None:
        shape = shape_of(where.area, network.frame) if area is None else area
        hit &= plane.contains(shape, sites.x_m, sites.y_m)
    if where.feeders is not None:
        wanted = [i for i, name in enumerate(network.feeder_names) if name in where.feeders]
        hit &= np.isin(sites.feeder, wanted)
    if where.sites is not None:
        hit &= np.isin(np.array(sites.name), where.sites)
    if where.operators is not None:
        wanted = [i for i, name in enumerate(network.operators) if name in where.operators]
        theirs = network.cells.site[np.isin(network.cells.operator, wanted)]
        hit &= np.isin(np.arange(len(sites)), theirs)
    return hit


def selected(where: WhereSpec, network: Network, streams: Streams, index: int) -> NDArray[np.int64]:
    """The sites that a disturbance hits.

    Parameters
    ----------
    where
        The conditions; every given one must hold.
    network
        The network as built.
    streams
        This replication's randomness.
    index
        The disturbance's number in the scenario, to which its draws belong.
    """
    hit = matching(where, network)
    if where.share < 1:
        luck = streams.uniform("disturbance.share", np.arange(hit.size), k=index)
        hit &= luck < where.share
    return np.flatnonzero(hit)


def grid_windows(
    disturbances: Sequence[DisturbanceSpec], network: Network, streams: Streams, horizon_us: int
) -> NDArray[np.int64]:
    """When the grid is out at each site: rows (site, from, to) [us], sorted, none overlapping.

    Parameters
    ----------
    disturbances
        The scenario's, in its order.
    network
        The network as built.
    streams
        This replication's randomness.
    horizon_us
        The end of the run [us]; a loss without an end lasts longer than that.
    """
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


def start(world: World, disturbances: Sequence[DisturbanceSpec], power: PowerSpec | None = None) -> None:
    """Start a process for every disturbance, in the scenario's order.

    Parameters
    ----------
    world
        The state of this replication.
    disturbances
        The scenario's.
    power
        How much of the sites' supplies works; None: all of it, for its nominal time.
    """
    sites = world.network.sites
    nominal_s = sites.battery_s + sites.generator_s
    runs_s = nominal_s if power is None else autonomy_s(sites, power, world.streams)
    kinds, held = kinds_of("disturbance"), Held([to_us(time) for time in runs_s.tolist()])
    for index, spec in enumerate(disturbances):
        disturbance: Disturbance = kinds[spec.kind].make(index, spec)
        disturbance.start(world, held)


# --- the kinds ------------------------------------------------------------------------------------


class Outage(ABC):
    """Something is lost at some sites, and perhaps restored.

    Parameters
    ----------
    index
        The disturbance's number in the scenario, to which its draws belong.
    spec
        Its keys.
    """

    world: World
    held: Held

    def __init__(self, index: int, spec: OutageSpec) -> None:
        self.index = index
        self.spec = spec

    def start(self, world: World, held: Held) -> None:
        """Start the process that loses it at its time and restores it at its time."""
        self.world, self.held = world, held
        world.env.process(self._run())

    def _run(self) -> Process:
        spec, env = self.spec, self.world.env
        sites = selected(spec.where, self.world.network, self.world.streams, self.index).tolist()
        count = self.held.losses[spec.kind]
        yield env.timeout(to_us(spec.at_s) - env.now)
        self.begin(sites)
        for site in sites:
            count[site] += 1
            if count[site] == 1:
                self.lose(site)
        if spec.restored_at_s is None:
            return
        yield env.timeout(to_us(spec.restored_at_s) - env.now)
        self.end(sites)
        for site in sites:
            count[site] -= 1
            if count[site] == 0:
                self.restore(site)

    def begin(self, sites: list[int]) -> None:  # noqa: B027 - most kinds have nothing to say
        """Called before any of the sites loses it."""

    def end(self, sites: list[int]) -> None:  # noqa: B027
        """Called before any of the sites has it back."""

    @abstractmethod
    def lose(self, site: int) -> None:
        """A site loses it."""

    @abstractmethod
    def restore(self, site: int) -> None:
        """A site has it back."""


class BackhaulCut(Outage):
    """Links towards the core are cut."""

    def lose(self, site: int) -> None:
        """Cut the site's link."""
        self.world.log("link", "cut", site=site)
        self.world.set_site(site, linked=False)

    def restore(self, site: int) -> None:
        """The site's link works again."""
        self.world.log("link", "restored", site=site)
        self.world.set_site(site, linked=True)


class SiteDestroyed(Outage):
    """Sites are destroyed."""

    def lose(self, site: int) -> None:
        """The site falls."""
        self.world.log("site", "destroyed", site=site)
        self.world.set_site(site, standing=False)

    def restore(self, site: int) -> None:
        """The site stands again."""
        self.world.log("site", "rebuilt", site=site)
        self.world.set_site(site, standing=True)


class PowerLoss(Outage):
    """The grid fails; sites run on battery and generator."""

    def begin(self, sites: list[int]) -> None:
        """The feeders lose the grid."""
        self._log_feeders(sites, "grid_lost")

    def end(self, sites: list[int]) -> None:
        """The feeders have the grid again."""
        self._log_feeders(sites, "grid_back")

    def lose(self, site: int) -> None:
        """The site runs on what it has stored."""
        autonomy_us = self.held.autonomy_us[site]
        self.held.batteries[site] = self.world.env.process(self._battery(site, autonomy_us))

    def restore(self, site: int) -> None:
        """The site is on the grid again."""
        if self.held.batteries[site].is_alive:
            self.held.batteries[site].interrupt()
        self.world.set_site(site, powered=True)

    def _battery(self, site: int, autonomy_us: int) -> Process:
        """A site off the grid: down when its battery and generator are empty."""
        try:
            yield self.world.env.timeout(autonomy_us)
        except simpy.Interrupt:
            return
        self.world.set_site(site, powered=False)

    def _log_feeders(self, sites: list[int], kind: str) -> None:
        network = self.world.network
        feeders = network.sites.feeder[sites]
        for feeder in np.unique(feeders).tolist():
            hit = int((feeders == feeder).sum())
            self.world.log("feeder", kind, detail=f"{network.feeder_names[feeder]}: {hit} sites")
