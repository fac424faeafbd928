"""Crews that repair: they drive from element to element, and what they have repaired works again.

A feeder is the grid at all of its sites; below a substation that has failed it cannot be repaired. Nobody
goes where the road to the site is cut, unless to clear it; of a feeder, substation or core site that is the
road to the site nearest to its middle.

Assumptions: crews know at once what has failed; they work day and night; a crew that is on its way learns of
what works again only when it is there.
"""

import heapq
from collections import defaultdict
from collections.abc import Generator
from functools import partial
from math import hypot
from typing import Any

import numpy as np
import simpy

from ewsim.disturbances.elements import named
from ewsim.disturbances.entry import DisturbanceEntry
from ewsim.disturbances.recovery.spec import RepairCrewsSpec
from ewsim.disturbances.recovery.units import place_m, travel_s
from ewsim.units import NEVER, to_us
from ewsim.world import Element, ElementKind, World

#: Kinds of elements that crews repair, each with its key in `RepairTimesSpec`.
REPAIRS: dict[ElementKind, str] = {
    "feeder": "feeder_s",
    "substation": "substation_s",
    "link": "link_s",
    "site": "site_s",
    "core": "core_s",
    "road": "road_s",
}


class RepairCrews(DisturbanceEntry[RepairCrewsSpec]):
    """The crews of one disturbance, as its keys say."""

    def start(self, world: World) -> None:
        """Watch what fails, and start a process for each crew."""
        self._world, self._places = world, ElementPlaces(world)
        names = {element: name for name, element in named(world.network.built).items()}
        self._names = names
        self._first = {self._places.known[name]: n for n, name in enumerate(self.spec.order)}
        self._takes_us = {
            kind: to_us(given)
            for kind, key in REPAIRS.items()
            if (given := getattr(self.spec.repair, key)) is not None
        }
        self._broken: set[Element] = set()
        self._jobs: list[tuple[int, int, str, int, Element]] = []
        self._behind: defaultdict[Element, list[Element]] = defaultdict(list)
        self._mains_out: defaultdict[int, int] = defaultdict(int)
        self._called = world.env.event()
        for kind in REPAIRS:
            world.when_changed[kind].append(partial(self._changed, kind))
        world.when_changed["mains"].append(self._mains_changed)
        for number in range(self.spec.count):
            world.env.process(self._crew(number))

    # --- what is broken ---------------------------------------------------------------------------

    def _changed(self, kind: ElementKind, number: int, works: bool) -> None:
        element = Element(kind, number)
        for waiting in self._behind.pop(element, []) if works else ():
            self._offer(waiting)
        if kind == "feeder" and works and self._mains_out[number]:
            return  # sites on it have lost their own connection
        self._note(element, works)

    def _mains_changed(self, site: int, works: bool) -> None:
        feeder = int(self._world.network.sites.feeder[site])
        self._mains_out[feeder] += -1 if works else 1
        element = Element("feeder", feeder)
        if not works:
            self._note(element, works=False)
        elif not self._mains_out[feeder] and self._world.works(element):
            self._note(element, works=True)

    def _note(self, element: Element, works: bool) -> None:
        if works:
            self._broken.discard(element)
        elif (
            element.kind in self._takes_us
            and element not in self._broken
            and (element in self._first or self.spec.rest != "none")
        ):
            self._broken.add(element)
            self._offer(element)

    def _offer(self, element: Element) -> None:
        if element in self._broken:
            place = self._first.get(element, len(self._first))
            heapq.heappush(
                self._jobs, (place, -self._places.sites(element), element.kind, element.number, element)
            )
            if not self._called.triggered:
                self._called.succeed()

    def _needs(self, element: Element) -> Element | None:
        """What has to work first: the road, or the substation above a feeder."""
        world, keepers = self._world, self._world.failing.get(element, {})
        above = next((keeper for keeper in keepers if keeper.startswith("substation ")), None)
        if above is not None:
            return Element("substation", int(above.split(" ")[1]))
        road = Element("road", self._places.near(element))
        return None if element.kind == "road" or world.works(road) else road

    def _next(self, x: float | None, y: float) -> Element | None:
        """The next element for a crew at a place; it is nobody else's then."""
        aside: list[tuple[float, tuple[int, int, str, int, Element]]] = []
        while self._jobs:
            job = heapq.heappop(self._jobs)
            element = job[-1]
            if element not in self._broken:
                continue
            if (needed := self._needs(element)) is not None:
                self._behind[needed].append(element)
                continue
            if self.spec.rest != "nearest" or x is None or element in self._first:
                break
            at_x, at_y = self._places.of(element)
            aside.append((hypot(at_x - x, at_y - y), job))
        else:
            if not aside:
                return None
            job = min(aside)[1]
            element = job[-1]
        for _, other in aside:
            if other is not job:
                heapq.heappush(self._jobs, other)
        return element

    # --- the crews --------------------------------------------------------------------------------

    def _crew(self, number: int) -> Generator[simpy.Event, Any, None]:
        spec, world, env = self.spec, self._world, self._world.env
        until = NEVER if spec.ends_s is None else to_us(spec.ends_s)
        yield env.timeout(to_us(spec.at_s) - env.now)
        if number == 0:
            world.log("crew", "sets_out", detail=f"crews: {spec.count}", inject=self.name)
        x, y = (None, 0.0) if spec.depot is None else place_m(spec.depot, world.network)
        while env.now < until:
            element = self._next(x, y)
            if element is None:
                if self._called.triggered:
                    self._called = env.event()
                yield self._called
                continue
            at_x, at_y = self._places.of(element)
            if x is not None:
                yield env.timeout(to_us(travel_s(hypot(at_x - x, at_y - y), spec.speed_m_s, by_road=True)))
            x, y = at_x, at_y
            if element in self._broken:
                yield env.timeout(to_us(spec.setup_s) + self._takes_us[element.kind])
            if element in self._broken and self._repaired(element):
                world.log("crew", "repaired", detail=self._names[element], inject=self.name)

    def _repaired(self, element: Element) -> bool:
        """The element works from now on; False: what it needs has failed meanwhile, and it waits for that."""
        needed = self._needs(element)
        if needed is not None and needed.kind == "substation":
            self._behind[needed].append(element)
            return False
        self._world.repair(element)
        if element.kind == "feeder":
            on = np.flatnonzero(self._world.network.sites.feeder == element.number)
            for site in on.tolist():
                self._world.repair(Element("mains", site))
        self._broken.discard(element)
        return True


class ElementPlaces:
    """Where elements are, and how many sites hang on them.

    Parameters
    ----------
    world
        The state of a replication.
    """

    def __init__(self, world: World) -> None:
        self._network, self._behind = world.network.built, world.sites_behind()
        self.known = named(self._network)

    def _on(self, element: Element) -> np.ndarray:
        """The sites of an element."""
        network, (kind, number) = self._network, element
        if kind == "feeder":
            return np.flatnonzero(network.sites.feeder == number)
        if kind == "substation":
            return np.flatnonzero(network.substation[network.sites.feeder] == number)
        if kind == "core":
            return np.flatnonzero((network.core == number) & (network.sites.parent < 0))
        return np.array([number])

    def of(self, element: Element) -> tuple[float, float]:
        """Where it is: the middle of its sites [m]."""
        sites, on = self._network.sites, self._on(element)
        return (float(sites.x_m[on].mean()), float(sites.y_m[on].mean())) if on.size else (0.0, 0.0)

    def near(self, element: Element) -> int:
        """The site nearest to it."""
        if element.kind in ("site", "link", "road"):
            return element.number
        x, y = self.of(element)
        return int(np.hypot(self._network.sites.x_m - x, self._network.sites.y_m - y).argmin())

    def sites(self, element: Element) -> int:
        """How many sites are without service while it fails."""
        behind = self._behind
        return sum(behind[site] for site in self._on(element).tolist())
