"""How long each site runs without the grid in one run: what is built, and this run's luck.

Assumptions: a battery works or not, and one that works lasts its nominal time by a lognormal factor
(age, charge, load, cold); a generator starts or not, whatever the battery does, and then runs for
its nominal time; sites are independent of each other. Both are full for each loss of the grid, and a
site is up at once when the grid is back. A site with `OFF_GRID_S` or more of its own has
no grid to lose.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.network.topology import OFF_GRID_S, Sites
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams
from ewsim.units import to_us
from ewsim.world import World


def autonomy_s(sites: Sites, power: PowerSpec, streams: Streams) -> NDArray[np.float64]:
    """How long each site runs without the grid [s], drawn for this replication, shape (sites,).

    Parameters
    ----------
    sites
        With the nominal running times of their batteries and generators.
    power
        How many batteries work, how long they last, and how many generators start.
    streams
        This replication's randomness.
    """
    ids = np.arange(len(sites))
    works = streams.uniform("network.battery_works", ids) < power.battery_works_share
    lasts = streams.lognormal("network.battery", ids, 1.0, power.battery_sigma)
    starts = streams.uniform("network.generator_starts", ids) < power.generator_starts_share
    drawn = np.where(works, sites.battery_s * lasts, 0.0) + np.where(starts, sites.generator_s, 0.0)
    nominal = sites.battery_s + sites.generator_s
    return np.asarray(np.where(nominal >= OFF_GRID_S, nominal, drawn), dtype=np.float64)


class Supplies:
    """What every site has of its own when the grid is out; it starts with the world.

    Parameters
    ----------
    world
        The state of this replication; it says when a site loses the grid.
    power
        How much of the sites' supplies works; None: all of it, for its nominal time.
    """

    def __init__(self, world: World, power: PowerSpec | None) -> None:
        sites = world.network.sites
        runs_s = (
            sites.battery_s + sites.generator_s if power is None else autonomy_s(sites, power, world.streams)
        )
        self._world = world
        self._autonomy_us = [to_us(time) for time in runs_s.tolist()]
        self._running: dict[int, simpy.Process] = {}
        world.when_mains.append(self._mains)

    def _mains(self, site: int, on: bool) -> None:
        if not on:
            self._running[site] = self._world.env.process(self._run(site))
            return
        if self._running[site].is_alive:
            self._running[site].interrupt()
        self._world.set_site(site, powered=True)

    def _run(self, site: int) -> Generator[simpy.Event, Any, None]:
        """A site off the grid: down when its battery and generator are empty."""
        try:
            yield self._world.env.timeout(self._autonomy_us[site])
        except simpy.Interrupt:
            return
        self._world.set_site(site, powered=False)
