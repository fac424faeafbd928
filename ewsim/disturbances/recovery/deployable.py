"""Deployable cells set out, wait for roads, are set up, serve, and are supplied or taken away.

Assumptions: a road is cut where that to the nearest site is (`road_cut`); whoever finds it cut waits until
it is open. A unit is supplied as soon as its autonomy ends.
"""

from collections.abc import Generator
from math import hypot
from typing import Any

import numpy as np
import simpy

from ewsim.disturbances.entry import DisturbanceEntry
from ewsim.disturbances.recovery.spec import DeployableSpec
from ewsim.disturbances.recovery.units import place_m, travel_s
from ewsim.errors import count_of
from ewsim.units import NEVER, to_us
from ewsim.world import Element, World


class Deployables(DisturbanceEntry[DeployableSpec]):
    """The units of one disturbance, as its keys say."""

    def start(self, world: World) -> None:
        """Start a process for each unit."""
        for number in range(len(self.spec.targets)):
            world.env.process(self._unit(world, number))

    def _unit(self, world: World, number: int) -> Generator[simpy.Event, Any, None]:
        spec, network, env = self.spec, world.network, world.env
        target, name = spec.targets[number], spec.unit_name(self.index, number)
        x, y = place_m(target, network)
        # A place that is a site's name is that site's own.
        near = int(np.hypot(network.built.sites.x_m - x, network.built.sites.y_m - y).argmin())
        site = near if isinstance(target, str) else network.sites.name.index(name, len(network.built.sites))
        yield env.timeout(to_us(spec.at_s) - env.now)
        if spec.depot is not None:
            from_x, from_y = place_m(spec.depot, network)
            way_m = hypot(x - from_x, y - from_y)
            takes_s = travel_s(way_m, spec.value("speed_m_s"), by_road=spec.by_road)
            self._log(world, "sets_out", name, f"{way_m / 1000:.1f} km to go")
            yield env.timeout(to_us(takes_s))
        if spec.by_road and not world.works(Element("road", near)):
            self._log(world, "waits", name, f"the road to {network.sites.name[near]} is cut")
            yield world.opened(near)
        self._log(world, "arrives", name)
        yield env.timeout(to_us(spec.value("setup_s")))
        leaves = NEVER if spec.leaves_s is None else to_us(spec.leaves_s)
        lasts, pause = to_us(spec.value("autonomy_s")), to_us(spec.value("resupply_s"))
        while env.now < leaves:
            self._serve(world, site, name, on=True)
            yield env.timeout(min(lasts, leaves - env.now))
            if env.now < leaves and spec.resupplied and not pause:
                continue
            self._serve(world, site, name, on=False)
            if not spec.resupplied:
                break
            yield env.timeout(min(pause, max(leaves - env.now, 0)))

    def _serve(self, world: World, site: int, name: str, *, on: bool) -> None:
        if isinstance(self.spec.targets[0], str):
            detail, changed = "", world.bridge(site, self.name, on=on)
        else:
            range_km = self.spec.value("range_m") / 1000
            detail = f"range {range_km:g} km, {count_of(len(world.cells_of[site]), 'cells')}"
            changed = world.deploy(site, self.name, on=on)
        if changed:
            self._log(world, "in_service" if on else "out_of_service", name, detail if on else "")

    def _log(self, world: World, stage: str, name: str, detail: str = "") -> None:
        world.log("deployable", stage, detail=f"{name}: {detail}" if detail else name, inject=self.name)
