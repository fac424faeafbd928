"""Conditions: the clock, what is up, what was written down.

A site serves when it stands, has power, and every link and relay on its way to the core does.
When a site's service changes, its cells change, and so does every site that hangs on it. An outage
has a root: of all that fails on the way from the site to the core, what failed first. When that
works again and something else still fails, the next that failed is the root. Of failures at the
same moment the nearest to the site counts, then damage before power before the link.

Assumptions: a cell without backhaul stops serving (its phones look for another); a relay site
without power cuts those behind it; a restored site serves at once.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.kinds import outages
from ewsim.network.topology import Network
from ewsim.network.ways import Ways
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world.clock import WorldClock, collector_waits
from ewsim.world.counted import Counted
from ewsim.world.deceit import Capture, Gate
from ewsim.world.elements import AWAY, FAILURES, OF_WHAT, Element, Root
from ewsim.world.spans import Spans
from ewsim.world.surge import Surge

#: One row of the ledger's events, time in microseconds.
EventRow: TypeAlias = tuple[int, str, str, str, int, int, str, str | Counted, str]


class Conditions:
    """The clock, what is up, and what was written down.

    Parameters
    ----------
    network
        The network as built.
    streams
        This replication's randomness.
    start_us, horizon_us
        The clock runs from `start_us` (<= 0: before the decision, where disturbances began) to
        `horizon_us` [us].
    """

    def __init__(self, network: Network, streams: Streams, horizon_us: int, start_us: int = 0) -> None:
        self.network = network
        self.streams = streams
        self.start_us = start_us
        self.horizon_us = horizon_us
        self.env = WorldClock(start_us)
        self.events: list[EventRow] = []
        #: Fires when the operators' centres may have the alert.
        self.alert_released = self.env.event()
        #: Called with a cell number when it stops or starts to serve.
        self.when_cell_down: list[Callable[[int], None]] = []
        self.when_cell_up: list[Callable[[int], None]] = []

        sites = len(network.sites)
        cores, cables = len(network.core_names), int(network.cable)
        nodes = sites + cores + cables
        #: Sites, then core sites, then the cable.
        self._names = (*network.sites.name, *network.core_names, *(("cable",) * cables))
        #: What fails at each site, since when [us], and the id of the disturbance that made it fail.
        self.failed: list[dict[str, tuple[int, str]]] = [{} for _ in range(nodes)]
        #: The root of each site's outage, by what has failed; None: nothing has.
        self.root: list[Root | None] = [None] * nodes
        #: Outages of sites that somebody saw, by the id of the disturbance that says so.
        self.observed: defaultdict[int, dict[str, Root]] = defaultdict(dict)
        #: Why each site's cells are off: the first of its root and what was seen; None: they serve.
        self.off: list[Root | None] = [None] * nodes
        #: What keeps each element that has failed down, and the id of the disturbance behind it.
        self.failing: dict[Element, dict[str, str]] = {}
        #: By kind of element: called with the number of one, and whether it works, when that changes.
        self.when_changed: defaultdict[str, list[Callable[[int, bool], None]]] = defaultdict(list)
        #: Ways that are closed to operators; operators that wait for one with the alert, and the cause.
        self.gates: list[Gate] = []
        self.withheld: dict[int, str] = {}
        #: False base stations.
        self.captures: list[Capture] = []
        #: Surges of ordinary traffic.
        self.surges: list[Surge] = []
        #: Called when the clock has reached the horizon.
        self.at_end: list[Callable[[], None]] = []
        self._off_grid = Spans()
        self._road_opens: dict[int, list[simpy.Event]] = {}
        parents = network.sites.parent.astype(np.int64)
        if cores:
            parents = np.where(parents < 0, sites + network.core, parents)
        above = [sites + cores if cables else -1] * cores + [-1] * cables
        self._parent = [*parents.tolist(), *above]
        self.children: list[list[int]] = [[] for _ in range(nodes)]
        for node, parent in enumerate(self._parent):
            if parent >= 0:
                self.children[parent].append(node)
        self._ways = Ways(network, self._parent, self.children)
        #: Sites with a second way that have any way to the core.
        self._connected = self._ways.every
        self.cells_of: list[list[int]] = [[] for _ in range(nodes)]
        for cell, site in enumerate(network.cells.site.tolist()):
            self.cells_of[site].append(cell)
        self._site_of = network.cells.site.tolist()
        self._operator_of = [network.operators[o] for o in network.cells.operator.tolist()]
        self._down = Spans()
        self._outages = tuple(outages())
        self._substation = network.substation
        #: The disturbance that brought each deployable, and those that bridge a site's link.
        self.brought: dict[int, str] = {}
        self._bridges: dict[int, set[str]] = {}
        for site in range(len(network.built.sites), sites):
            self.failed[site][AWAY] = (start_us, "")
            self._settle(site)

    # --- writing down ---------------------------------------------------------------------------

    def log(
        self,
        element: str,
        kind: str,
        *,
        operator: str = "",
        cell: int = -1,
        site: int = -1,
        message: str = "",
        detail: str | Counted = "",
        inject: str = "",
        at_us: int | None = None,
    ) -> None:
        """Write one row of the events table, now or at a moment that was worked out since.

        Parameters
        ----------
        element, kind
            What the event is of, and which event.
        operator
            Its name; a cell gives its own.
        cell, site
            Their indices; a cell gives its own site.
        message
            The label of the message.
        detail
            The rest, in words.
        inject
            The id of the disturbance that it comes from.
        at_us
            When [us]; without it, now.
        """
        if cell >= 0:
            operator, site = self._operator_of[cell], self._site_of[cell]
        time_us = self.env.now if at_us is None else at_us
        self.events.append((time_us, element, kind, operator, cell, site, message, detail, inject))

    # --- what is up -----------------------------------------------------------------------------

    def cell_serves(self, cell: int) -> bool:
        """Whether a cell serves now."""
        return self.off[self._site_of[cell]] is None

    def set_site(
        self,
        site: int,
        *,
        powered: bool | None = None,
        standing: bool | None = None,
        linked: bool | None = None,
    ) -> None:
        """Change a site's condition now; its cells and the sites behind it follow.

        Parameters
        ----------
        site
            Its index.
        powered, standing, linked
            Whether it has power, is undamaged, and has its link; None leaves it.
        """
        failed = self.failed[site]
        for what, works in (("damage", standing), ("power", powered), ("link", linked)):
            if works:
                failed.pop(what, None)
            elif works is not None:
                failed.setdefault(what, (self.env.now, self.blamed(Element(OF_WHAT[what], site))))
        self._follow(site)

    def observe(self, site: int, what: str, by: str, *, off: bool) -> None:
        """Somebody saw a site go off, or on again; what hangs on it stays as it is.

        Parameters
        ----------
        site
            Its index.
        what
            What of it failed, a name of `FAILURES`.
        by
            The id of the disturbance that says so.
        off
            Whether it is off from now on.
        """
        self.observed[site].pop(by, None)
        if off:
            self.observed[site][by] = Root(self.env.now, site, what, by)
        self._show(site)

    def sites_behind(self) -> list[int]:
        """How many sites hang on each site."""
        behind = [0] * len(self.root)
        for at in self._parent:
            while at >= 0:
                behind[at] += 1
                at = self._parent[at]
        return behind

    # --- what fails -------------------------------------------------------------------------------

    def blamed(self, element: Element) -> str:
        """The id of the disturbance that made an element fail first; empty where it works."""
        return next(iter(self.failing.get(element, {}).values()), "")

    def works(self, element: Element) -> bool:
        """Whether nothing keeps an element down (what it needs may still fail)."""
        return not self.failing.get(element)

    def _follow(self, first: int) -> None:
        self._spread(first)
        if members := self._ways.around(first):
            self._connect(members)

    def _spread(self, first: int) -> None:
        todo = [first]
        while todo:
            site = todo.pop()
            if self._settle(site):
                todo.extend(reversed(self.children[site]))

    def _connect(self, members: list[int]) -> None:
        """Find the ways of sites that hang together, each site before those that hang on it."""
        self._connected.difference_update(members)
        self._connected |= self._ways.connected(
            members,
            lambda site: not {"damage", "power"} & self.failed[site].keys(),
            lambda site: "link" not in self.failed[site],
            lambda node: node < 0 or self.root[node] is None,
            satellite=self.works(Element("satellite", 0)),
            bridged=self._bridges.keys(),
        )
        for site in members:
            self._spread(site)

    def _settle(self, site: int) -> bool:
        """Find out whether a site serves now; whether that has changed, or why it does not."""
        before, after = self.root[site], self._root_of(site)
        if before == after:
            return False
        self.root[site] = after
        self._show(site)
        return True

    def _show(self, site: int) -> None:
        """Take a site's cells off or on, as its root and what was seen of it say."""
        seen = [root for root in (self.root[site], *self.observed.get(site, {}).values()) if root is not None]
        before, after = self.off[site], min(seen, key=lambda root: root.since_us, default=None)
        self.off[site] = after
        if before != after:
            for cell in self.cells_of[site]:
                self._cell_changed(cell, before, after)

    def _root_of(self, site: int) -> Root | None:
        if site in self._connected:
            return None
        found, at = self._failures(site), self._parent[site]
        if site in self._bridges and all(root.what == "link" for root in found):
            return None
        if self._ways.includes(site):
            while at >= 0:
                found, at = found + self._failures(at), self._parent[at]
        elif at >= 0 and (behind := self.root[at]) is not None:
            found.append(behind)
        return min(found, key=lambda root: root.since_us, default=None)

    def _failures(self, site: int) -> list[Root]:
        failed = self.failed[site]
        return [Root(failed[what][0], site, what, failed[what][1]) for what in FAILURES if what in failed]

    def _cell_changed(self, cell: int, before: Root | None, after: Root | None) -> None:
        now, site = self.env.now, self._site_of[cell]
        if after is None:
            self._down.end(cell, now)
            if before and before.what == AWAY:
                self.log("cell", "deployed", cell=cell, inject=self.brought[site])
            else:
                self.log("cell", "restored", cell=cell, inject=before.by if before else "")
            for hook in self.when_cell_up:
                hook(cell)
            return
        outage = after.kind(site)
        if before is None or before.kind(site) != outage:
            self._down.end(cell, now)
            self._down.begin(cell, now, -1 if outage == AWAY else self._outages.index(outage))
        if outage == AWAY:
            self.log("cell", "away", cell=cell, inject=after.by)
            for hook in self.when_cell_down:
                hook(cell)
            return
        name = self._names[after.site]
        what = after.what if after.site < len(self.network.sites) else "loss"
        detail = f"{what} of {name} since {after.since_us / US:.0f} s"
        self.log("cell", outage, cell=cell, detail=detail, inject=after.by)
        if before is None:
            for hook in self.when_cell_down:
                hook(cell)

    def down_windows(self) -> NDArray[np.int64]:
        """Every time a cell did not serve: rows (cell, from, to, index into `outages`), sorted.

        The index is -1 while a deployable is not there.

        A cell that is still down at the horizon is down to one microsecond after it.
        """
        return self._down.rows(self.horizon_us + 1)

    def run(self) -> None:
        """Run every process to the horizon."""
        with collector_waits():
            self.env.run(until=self.horizon_us)
            for hook in self.at_end:
                hook()
