"""What every site has of its own when the grid is out: battery, generator, solar panels.

A generator starts at once and charges the battery; the battery takes over when the generator stops,
and the site is down when that is empty. Crews fill tanks, repair generators and place portable ones
(`ewsim.disturbances.power.crews`). Batteries charge again when the grid is back, so that a second
cut finds them part full; a tank keeps what is left in it.

Assumptions: a battery works or not, and one that works lasts its nominal time by a lognormal factor
(age, charge, load, cold); a generator starts or not, whatever the battery does, and fails at a
constant rate while it runs [1]_; a crew is called when the tank is half empty, when the generator
fails, and at once where there is none; solar panels carry a share of the load, day and night
together; sites are independent of each other; a site is up at once when it has power. A site with
`OFF_GRID_S` or more of its own has no grid to lose.

References
----------
.. [1] J. Marqusee and D. Jenket, "Reliability of emergency and standby diesel generators", Applied
   Energy 268, 2020, doi:10.1016/j.apenergy.2020.114918.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.disturbances.power.crews import Crews, Job
from ewsim.network.topology import OFF_GRID_S, Network
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US, to_us
from ewsim.world import World

#: All works, for its nominal time, and nobody comes.
WITHOUT_LUCK = PowerSpec.model_validate(
    {
        "battery_sigma": 0,
        "battery_works_share": 1,
        "generator_starts_share": 1,
        "generator_failures_per_day": 0,
        "refuelling": {"crews_share": 0},
        "portable": {"share": 0},
    }
)

#: Diesel fuel: 10.21 kg CO2 a US gallon (EPA, Emission Factors for Greenhouse Gas Inventories) [kg/l].
CO2_KG_PER_LITRE = 10.21 / 3.785412

_GRID_BACK, _SERVED = "the grid is back", "a crew has been here"


def battery_s(network: Network, power: PowerSpec, streams: Streams) -> NDArray[np.float64]:
    """How long each site's battery lasts when it is full [s], drawn for this replication, shape (sites,).

    Parameters
    ----------
    network
        With the nominal running times of its batteries.
    power
        How many batteries work, and how long they last.
    streams
        This replication's randomness.
    """
    ids = np.arange(len(network.sites))
    works = streams.uniform("network.battery_works", ids) < power.battery_works_share
    lasts = streams.lognormal("network.battery", ids, 1.0, power.battery_sigma)
    aged = streams.uniform("network.battery_aged", ids) < power.battery_aged_share
    solar = streams.country().uniform("network.solar", ids) < power.solar_share
    load = np.where(solar, 1 - power.solar_cover_share, 1.0)
    full = network.sites.battery_s * lasts * np.where(aged, power.battery_aged_factor, 1.0)
    with np.errstate(divide="ignore"):
        drawn = np.where(works, np.where(load > 0, full / load, np.inf), 0.0)
    return np.asarray(np.minimum(drawn, OFF_GRID_S), dtype=np.float64)


@dataclass(slots=True)
class _Supply:
    """What one site has now; times in microseconds.

    `battery` of `full`; `charged` is when it was last looked at with power there. `tank` holds `fuel`,
    0 without a generator; it `works`, and runs on for `life` before it fails. `portable`: it is one
    of the fleet. `called`: a crew is to come. `runs_since`: when its generator last began.
    """

    full: int
    battery: int
    tank: int
    fuel: int
    works: bool
    charged: int = 0
    life: int = 0
    starts: int = 0
    portable: bool = False
    called: bool = False
    runs_since: int | None = None
    process: simpy.Process | None = None


class Supplies:
    """The sites' own power; it starts with the world, which says when a site loses the grid.

    Parameters
    ----------
    world
        The state of this replication.
    power
        How much of the sites' supplies works, and who comes; None: all of it, for its nominal time.
    """

    def __init__(self, world: World, power: PowerSpec | None) -> None:
        power = WITHOUT_LUCK if power is None else power
        network = world.network.built
        sites = network.sites
        full = [to_us(time) for time in battery_s(network, power, world.streams).tolist()]
        tank = [to_us(time) for time in sites.generator_s.tolist()]
        self._world, self._power = world, power
        given = np.isin(sites.name, power.independent_sites)
        self._own = (given | (sites.battery_s + sites.generator_s >= OFF_GRID_S)).tolist()
        self._site = [_Supply(f, f, t, t, t > 0) for f, t in zip(full, tank, strict=True)]
        self._recharge_us = to_us(power.recharge_s)
        self._crews = Crews(world, power, self._serve)
        self._ran_us = 0
        world.when_changed["mains"].append(self._mains)
        world.at_end.append(self._report)

    def _mains(self, site: int, on: bool) -> None:
        """The grid is lost or back at a site."""
        if self._own[site]:
            return
        supply = self._site[site]
        if not on:
            supply.process = self._world.env.process(self._run(site, supply))
            return
        if supply.process is not None and supply.process.is_alive:
            supply.process.interrupt(_GRID_BACK)
        self._world.set_site(site, powered=True)

    # --- off the grid -----------------------------------------------------------------------------

    def _run(self, site: int, supply: _Supply) -> Generator[simpy.Event, Any, None]:
        """A site from the loss of the grid to its return."""
        env = self._world.env
        self._charge(supply)
        self._start(site, supply)
        while True:
            began = env.now
            running = supply.works and supply.fuel > 0
            try:
                if running:
                    supply.runs_since = began
                    self._world.set_site(site, powered=True)
                    yield env.timeout(self._until(supply))
                elif supply.battery > 0:
                    yield env.timeout(supply.battery)
                else:
                    self._world.set_site(site, powered=False)
                    yield env.event()
                word = ""
            except simpy.Interrupt as interrupt:
                word = interrupt.cause
            took = env.now - began
            if running:
                self._ran(site, supply, took)
            elif supply.battery > 0:
                supply.battery -= took
            if word == _GRID_BACK:
                break
        supply.charged = env.now
        if supply.portable:
            supply.portable, supply.tank, supply.fuel, supply.works = False, 0, 0, False
            self._crews.returned()

    def _start(self, site: int, supply: _Supply) -> None:
        """The generator starts, or not; without one, a portable one is asked for."""
        if not supply.tank:
            self._call(site, supply)
            return
        ids, streams = [site], self._world.streams
        if supply.works:
            luck = streams.uniform("network.generator_starts", ids, k=supply.starts)[0]
            supply.works = bool(luck < self._power.generator_starts_share)
        supply.starts += 1
        self._new_life(site, supply)
        if not supply.works:
            self._call(site, supply)

    def _new_life(self, site: int, supply: _Supply) -> None:
        rate = self._power.generator_failures_per_day
        supply.life = NEVER
        if rate > 0:
            unit = self._world.streams.exponential("network.generator_fails", [site], k=supply.starts)[0]
            supply.life = min(NEVER, to_us(float(unit) * 86_400 / rate))

    def _until(self, supply: _Supply) -> int:
        """How long the generator runs before something happens [us]."""
        half = supply.fuel - supply.tank // 2
        return min(supply.fuel, supply.life, half if half > 0 else supply.fuel)

    def _ran(self, site: int, supply: _Supply, took: int) -> None:
        """A generator has run: fuel is burnt, the battery is charged, and it may have stopped."""
        self._ran_us += took
        supply.runs_since = None
        supply.fuel -= took
        supply.life -= took
        supply.battery = min(supply.full, supply.battery + took * supply.full // self._recharge_us)
        if supply.life <= 0:
            supply.works = False
            self._world.log("generator", "failed", site=site)
        elif supply.fuel <= 0:
            self._world.log("generator", "ran_dry", site=site)
        if not supply.works or supply.fuel <= supply.tank // 2:
            self._call(site, supply)

    def _charge(self, supply: _Supply) -> None:
        """What the grid has put into the battery since it came back."""
        if supply.battery < supply.full:
            gained = (self._world.env.now - supply.charged) * supply.full // self._recharge_us
            supply.battery = min(supply.full, supply.battery + gained)

    # --- help -------------------------------------------------------------------------------------

    def _call(self, site: int, supply: _Supply) -> None:
        if not supply.called:
            supply.called = self._crews.call(site, portable=not supply.tank)

    def _serve(self, job: Job, done: bool) -> None:
        """A crew has done its work at a site: its generator works and its tank is full."""
        supply = self._site[job.site]
        supply.called = False
        off_grid = supply.process is not None and supply.process.is_alive
        if done and job.portable and not off_grid:
            self._crews.returned()
        if not done or (job.portable and not off_grid):
            return
        if job.portable:
            supply.portable, supply.tank = True, to_us(self._power.portable.fuel_s)
        supply.works, supply.fuel = True, supply.tank
        supply.starts += 1
        self._new_life(job.site, supply)
        self._world.log("generator", "placed" if job.portable else "refuelled", site=job.site)
        if off_grid and supply.process is not None:
            supply.process.interrupt(_SERVED)

    def _report(self) -> None:
        """What keeping the sites alive has burnt, as the last event."""
        now = self._world.env.now
        ran = self._ran_us + sum(now - s.runs_since for s in self._site if s.runs_since is not None)
        litres = ran / US / 3600 * self._power.generator_litres_per_hour
        if litres > 0:
            kg = litres * CO2_KG_PER_LITRE
            self._world.log("generator", "fuel_burnt", detail=f"{litres:.0f} l, {kg:.0f} kg CO2")
