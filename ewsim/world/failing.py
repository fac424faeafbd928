"""The world of one replication: conditions, and elements that fail and return."""

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.world.elements import AWAY, Element
from ewsim.world.state import Conditions


class World(Conditions):
    """The state of one replication; what needs an element fails and returns with it."""

    def fail(self, element: Element, by: str) -> None:
        """An element fails now, or goes on failing when what made it fail first is over.

        Parameters
        ----------
        element
            What fails.
        by
            What made it fail, and later says `restore`: the id of a disturbance, and after a space
            what of it.
        """
        self._fail(element, by, by.partition(" ")[0])

    def _fail(self, element: Element, keeper: str, by: str) -> None:
        keepers = self.failing.setdefault(element, {})
        keepers.setdefault(keeper, by)
        if len(keepers) == 1:
            self._changed(element, by, works=False)

    def restore(self, element: Element, by: str) -> None:
        """What made an element fail is over now; it works when nothing else keeps it down.

        Parameters
        ----------
        element
            What may work again.
        by
            What had made it fail.
        """
        keepers = self.failing.get(element)
        inject = keepers.pop(by, None) if keepers else None
        if inject is not None and not keepers:
            self._changed(element, inject, works=True)

    def opened(self, site: int) -> simpy.Event:
        """Fires when the road to a site is open again."""
        event = self.env.event()
        self._road_opens.setdefault(site, []).append(event)
        return event

    def repair(self, element: Element) -> None:
        """An element works again now, whatever had made it fail."""
        if self.failing.get(element):
            inject = self.blamed(element)
            del self.failing[element]
            self._changed(element, inject, works=True)

    def _changed(self, element: Element, by: str, *, works: bool) -> None:
        kind, number = element
        if kind == "site":
            self.log("site", "rebuilt" if works else "destroyed", site=number, inject=by)
            self.set_site(number, standing=works)
        elif kind == "link":
            self.log("link", "restored" if works else "cut", site=number, inject=by)
            self.set_site(number, linked=works)
        elif kind == "road":
            self.log("road", "open" if works else "cut", site=number, inject=by)
            for waiting in self._road_opens.pop(number, []) if works else ():
                waiting.succeed()
        elif kind == "mains":
            self._mains_changed(number, works)
        elif kind in ("core", "cable", "satellite"):
            self._node_changed(kind, number, by, works)
        elif kind == "feeder":
            name, on = self.network.feeder_names[number], np.flatnonzero(self.network.sites.feeder == number)
            detail = f"{name}: {on.size} sites"
            self.log("feeder", "grid_back" if works else "grid_lost", detail=detail, inject=by)
            self._pass_on([Element("mains", site) for site in on.tolist()], element, by, works=works)
        else:
            name, on = self.network.substation_names[number], np.flatnonzero(self._substation == number)
            detail = f"{name}: {on.size} feeders"
            self.log("substation", "grid_back" if works else "grid_lost", detail=detail, inject=by)
            self._pass_on([Element("feeder", feeder) for feeder in on.tolist()], element, by, works=works)
        for hook in self.when_changed[kind]:
            hook(number, works)

    def _pass_on(self, elements: list[Element], needed: Element, by: str, *, works: bool) -> None:
        """What needs an element fails and returns with it."""
        keeper = f"{needed.kind} {needed.number}"
        for element in elements:
            if works:
                self.restore(element, keeper)
            else:
                self._fail(element, keeper, by)

    def _node_changed(self, kind: str, number: int, by: str, works: bool) -> None:
        """A node of the core, or the satellite, has failed or works again."""
        if kind == "satellite":
            self.log("satellite", "restored" if works else "lost", inject=by)
            for members in self._ways.groups:
                self._connect(members)
            return
        node = len(self.network.sites) + number + (len(self.network.core_names) if kind == "cable" else 0)
        self.log("core", "restored" if works else "lost", detail=self._names[node], inject=by)
        if works:
            self.failed[node].pop("link", None)
        else:
            self.failed[node]["link"] = (self.env.now, by)
        self._follow(node)

    def _mains_changed(self, site: int, on: bool) -> None:
        if on:
            self._off_grid.end(site, self.env.now)
        else:
            self._off_grid.begin(site, self.env.now)

    def deploy(self, site: int, by: str, *, on: bool) -> bool:
        """A deployable is in service now, or no longer; whether that is new.

        Parameters
        ----------
        site
            Its number among the sites.
        by
            The id of the disturbance that brings it.
        on
            Whether it is there and works.
        """
        if on != (AWAY in self.failed[site]):
            return False
        self.brought[site] = by
        if on:
            del self.failed[site][AWAY]
        else:
            self.failed[site][AWAY] = (self.env.now, by)
        self._follow(site)
        return True

    def bridge(self, site: int, by: str, *, on: bool) -> bool:
        """A terminal takes over a site's way to the core now, or no longer; whether that is new.

        Parameters
        ----------
        site
            The site.
        by
            The id of the disturbance that brings the terminal.
        on
            Whether it is there and works.
        """
        there = self._bridges.setdefault(site, set())
        if on == (by in there):
            return False
        if on:
            there.add(by)
        else:
            there.discard(by)
        if not there:
            del self._bridges[site]
        self._follow(site)
        return True

    def grid_windows(self) -> NDArray[np.int64]:
        """When the grid was out at each site: rows (site, from, to) [us], sorted, none touching.

        A site that is off the grid at the horizon is so to one microsecond after it.
        """
        return self._off_grid.merged(self.horizon_us + 1)
