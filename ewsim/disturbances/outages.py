"""Something lost at sites and restored, as the scenario's timeline says: what its kinds share.

Two losses of one element overlap: it is back when the last has ended.
"""

from collections.abc import Generator
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.disturbances.entry import DisturbanceEntry
from ewsim.disturbances.restoration import back_us
from ewsim.disturbances.spec import OutageSpec, WhereSpec
from ewsim.geography import plane
from ewsim.network.topology import Network
from ewsim.streams import Streams
from ewsim.targeting import shape_of
from ewsim.units import NEVER, to_us
from ewsim.world import Element, World

Process: TypeAlias = Generator[simpy.Event, Any, None]


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
    if where.substations is not None:
        wanted = [i for i, name in enumerate(network.substation_names) if name in where.substations]
        hit &= np.isin(sites.feeder, np.flatnonzero(np.isin(network.substation, wanted)))
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
    where, network
        As in `matching`.
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


# --- the kinds ------------------------------------------------------------------------------------


class Outage(DisturbanceEntry[OutageSpec]):
    """Something is lost at some sites, and perhaps restored."""

    world: World
    #: The kind of element that it takes from a site.
    fails: ClassVar[Literal["site", "link", "mains", "road"]]

    def start(self, world: World) -> None:
        """Start the process that loses it at its time and restores it at its time."""
        self.world = world
        world.env.process(self._run())

    def _run(self) -> Process:
        spec, world = self.spec, self.world
        network = world.network.built
        hit = selected(spec.where, network, world.streams, self.index)
        sites, back = hit.tolist(), back_us(spec, hit, network, world.streams)
        yield world.env.timeout(to_us(spec.at_s) - world.env.now)
        world.log("disturbance", "began", detail=spec.kind, inject=self.name)
        self.begin(sites)
        for site in sites:
            world.fail(Element(self.fails, site), self.name)
        for moment in np.unique(back[back < NEVER]).tolist():
            yield world.env.timeout(moment - world.env.now)
            now = [site for site, when in zip(sites, back.tolist(), strict=True) if when == moment]
            self.end(now)
            for site in now:
                world.restore(Element(self.fails, site), self.name)
        if len(back) and back.max() < NEVER:
            world.log("disturbance", "over", detail=spec.kind, inject=self.name)

    def begin(self, sites: list[int]) -> None:
        """Called before any of the sites loses it."""

    def end(self, sites: list[int]) -> None:
        """Called before any of the sites has it back."""


class SiteDestroyed(Outage):
    """Sites are destroyed."""

    fails = "site"


class BackhaulCut(Outage):
    """Links towards the core are cut."""

    fails = "link"


class RoadCut(Outage):
    """Roads to sites are cut."""

    fails = "road"


class PowerLoss(Outage):
    """The grid fails; sites run on what they have of their own (`ewsim.disturbances.power.supplies`)."""

    fails = "mains"

    def begin(self, sites: list[int]) -> None:
        """The feeders lose the grid."""
        self._log_feeders(sites, "grid_lost")

    def end(self, sites: list[int]) -> None:
        """The feeders have the grid again."""
        self._log_feeders(sites, "grid_back")

    def _log_feeders(self, sites: list[int], kind: str) -> None:
        network = self.world.network
        feeders = network.sites.feeder[sites]
        for feeder in np.unique(feeders).tolist():
            hit = int((feeders == feeder).sum())
            self.world.log(
                "feeder", kind, detail=f"{network.feeder_names[feeder]}: {hit} sites", inject=self.name
            )
