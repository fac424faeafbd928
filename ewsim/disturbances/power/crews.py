"""Crews that go from site to site while the grid is out, and the fleet of portable generators.

Who called first comes first; of calls at one moment, the site on which most others hang. A crew does
not go where the road is cut, and places a portable generator only while the fleet has one. A
portable one goes back to the fleet when the grid is back at its site.

Assumptions: every visit takes the same time, wherever the crew comes from; a road that is cut while
a crew is on its way does not stop it; crews work day and night.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import simpy

from ewsim.scenario.spec import PowerSpec
from ewsim.units import to_us
from ewsim.world import Element, World


class Job(NamedTuple):
    """A call, in the order of service: when [us], less the sites behind, the site; and what for."""

    called_us: int
    rank: int
    site: int
    portable: bool


class Crews:
    """The crews of one run; they set out when the grid is first lost.

    Parameters
    ----------
    world
        The state of this replication.
    power
        How many crews and portable generators there are, and how fast they are.
    serve
        Called with a job, and whether its work is done (False: it is no longer needed).
    """

    def __init__(self, world: World, power: PowerSpec, serve: Callable[[Job, bool], None]) -> None:
        sites = len(world.network.built.sites)
        self._world, self._serve = world, serve
        self._count = math.ceil(power.refuelling.crews_share * sites)
        self._fleet = round(power.portable.share * sites)
        self._first_us, self._visit_us = (
            to_us(power.refuelling.first_arrival_s),
            to_us(power.refuelling.visit_s),
        )
        self._jobs = simpy.PriorityStore(world.env)
        self._without_fleet: list[Job] = []
        self._behind_cut: defaultdict[int, list[Job]] = defaultdict(list)
        self._alerted = False
        self._rank = [-behind for behind in world.sites_behind()]
        if self._count:
            world.when_changed["mains"].append(self._set_out)
            world.when_changed["road"].append(self._road)

    def call(self, site: int, *, portable: bool) -> bool:
        """Ask for a crew at a site, to place a portable generator or for its own; whether one will come."""
        if not self._count:
            return False
        self._jobs.put(Job(self._world.env.now, self._rank[site], site, portable))
        return True

    def returned(self) -> None:
        """A portable generator is back in the fleet."""
        self._fleet += 1
        if self._without_fleet:
            self._jobs.put(heapq.heappop(self._without_fleet))

    def _set_out(self, _: int, on: bool) -> None:
        if not on and not self._alerted:
            self._alerted = True
            for _ in range(self._count):
                self._world.env.process(self._rounds())

    def _road(self, site: int, is_open: bool) -> None:
        if is_open:
            for job in self._behind_cut.pop(site, ()):
                self._jobs.put(job)

    def _rounds(self) -> Generator[simpy.Event, Any, None]:
        """One crew, from call to call."""
        env = self._world.env
        yield env.timeout(self._first_us)
        while True:
            job: Job = yield self._jobs.get()
            if job.portable and self._world.works(Element("mains", job.site)):
                self._serve(job, False)
            elif not self._world.works(Element("road", job.site)):
                self._behind_cut[job.site].append(job)
            elif job.portable and not self._fleet:
                heapq.heappush(self._without_fleet, job)
            else:
                self._fleet -= job.portable
                yield env.timeout(self._visit_us)
                self._serve(job, True)
