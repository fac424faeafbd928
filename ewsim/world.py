"""Everything that changes during one replication: the clock, what is up, what was written down.

A site serves when it stands, has power, and every link and relay on its way to the core does.
When a site's service changes, its cells change, and so does every site that hangs on it.

Assumptions: a cell without backhaul stops serving (its phones look for another); a relay site
without power cuts those behind it; a restored site serves at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.network.topology import Network
from ewsim.streams import Streams

#: One row of the ledger's events, time in microseconds.
EventRow: TypeAlias = tuple[int, str, str, str, int, int, str, str]

DOWN_KINDS = ("down_power", "down_backhaul", "destroyed")


class World:
    """The state of one replication.

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
        self.env = simpy.Environment(initial_time=start_us)
        self.events: list[EventRow] = []
        #: Fires when the operators' centres may have the alert.
        self.alert_released = self.env.event()
        #: Called with a cell number when it stops or starts to serve.
        self.when_cell_down: list[Callable[[int], None]] = []
        self.when_cell_up: list[Callable[[int], None]] = []

        sites = len(network.sites)
        self.powered = [True] * sites
        self.standing = [True] * sites
        self.linked = [True] * sites
        self.service = [""] * sites  # "" serves, else the kind of DOWN_KINDS
        self.children: list[list[int]] = [[] for _ in range(sites)]
        for site, parent in enumerate(network.sites.parent.tolist()):
            if parent >= 0:
                self.children[parent].append(site)
        self.cells_of: list[list[int]] = [[] for _ in range(sites)]
        for cell, site in enumerate(network.cells.site.tolist()):
            self.cells_of[site].append(cell)
        self._site_of = network.cells.site.tolist()
        self._parent = network.sites.parent.tolist()
        self._operator_of = [network.operators[o] for o in network.cells.operator.tolist()]
        self._down_since: dict[int, tuple[int, str]] = {}
        self._down: list[tuple[int, int, int, int]] = []

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
        detail: str = "",
        at_us: int | None = None,
    ) -> None:
        """Write one row of the events table, now or at a moment that was worked out since."""
        if cell >= 0:
            operator, site = self._operator_of[cell], self._site_of[cell]
        time_us = self.env.now if at_us is None else at_us
        self.events.append((time_us, element, kind, operator, cell, site, message, detail))

    # --- what is up -----------------------------------------------------------------------------

    def cell_serves(self, cell: int) -> bool:
        """Whether a cell serves now."""
        return not self.service[self._site_of[cell]]

    def set_site(
        self,
        site: int,
        *,
        powered: bool | None = None,
        standing: bool | None = None,
        linked: bool | None = None,
    ) -> None:
        """Change a site's condition now; its cells and the sites behind it follow."""
        if powered is not None:
            self.powered[site] = powered
        if standing is not None:
            self.standing[site] = standing
        if linked is not None:
            self.linked[site] = linked
        self._follow(site)

    def _follow(self, first: int) -> None:
        todo = [first]
        while todo:
            site = todo.pop()
            before, after = self.service[site], self._judge(site)
            if before == after:
                continue
            self.service[site] = after
            for cell in self.cells_of[site]:
                self._cell_changed(cell, before, after)
            if bool(before) != bool(after):
                todo.extend(reversed(self.children[site]))

    def _judge(self, site: int) -> str:
        if not self.standing[site]:
            return "destroyed"
        if not self.powered[site]:
            return "down_power"
        parent = self._parent[site]
        if not self.linked[site] or (parent >= 0 and self.service[parent]):
            return "down_backhaul"
        return ""

    def _cell_changed(self, cell: int, before: str, after: str) -> None:
        now = self.env.now
        if before:
            since, kind = self._down_since.pop(cell)
            self._down.append((cell, since, now, DOWN_KINDS.index(kind)))
        if after:
            self._down_since[cell] = (now, after)
            self.log("cell", after, cell=cell)
            if not before:
                for hook in self.when_cell_down:
                    hook(cell)
        else:
            self.log("cell", "restored", cell=cell)
            for hook in self.when_cell_up:
                hook(cell)

    def down_windows(self) -> NDArray[np.int64]:
        """Every time a cell did not serve: rows (cell, from, to, index into DOWN_KINDS), sorted.

        A cell that is still down at the horizon is down to one microsecond after it.
        """
        end = self.horizon_us + 1
        rows = self._down + [
            (cell, since, end, DOWN_KINDS.index(kind))
            for cell, (since, kind) in sorted(self._down_since.items())
        ]
        rows = [row for row in rows if row[2] > row[1]]
        rows.sort()
        return np.array(rows, dtype=np.int64).reshape(-1, 4)

    def run(self) -> None:
        """Run every process to the horizon."""
        self.env.run(until=self.horizon_us)
