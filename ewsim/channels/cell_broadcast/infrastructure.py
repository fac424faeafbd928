"""The machines of cell broadcast (3GPP TS 23.041): centres, peers and cells; they leave windows.

Processes: one broadcast centre (CBC) an operator and action; one peer (BSC, RNC, MME, AMF) a
generation, which writes to its base stations one after another in an order that is drawn, and a
second one where peers are redundant; one process a message on air in a cell. A peer answers the
centre at once (`accepted`); what base stations have taken up, later (`confirmed`); what is on air,
only the cells know. A cell that fails loses its messages; when it returns it sends a restart
indication and the centre loads it again with all that is in force (TS 23.041 9.2.1). Cells emit
windows on air, never an event a repetition.

Assumptions: delays as in the scenario; those that are medians are drawn in each run, a peer's queue
once for each peer, a rebuild once for each base station and message, so its sectors are ready
together; a message without a number of broadcasts ends for all cells at the same moment, its duration
after the centre accepted it; between a cell's return and its reload it is silent; a message that
replaces others takes their place when its own system information is ready.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.channels import chain
from ewsim.channels.cell_broadcast.plan import Order, Plan
from ewsim.channels.cell_broadcast.reception import RatTiming
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.scenario.spec import AlertSpec
from ewsim.units import NEVER, RATS, US, to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]

PEERS = ("BSC", "RNC", "MME", "AMF")

#: What a message passed on its way to a cell, in order; columns of `windows` after the first four.
MILESTONES = (*chain.MILESTONES, "collected", "accepted", "peered", "written")

# Why a peer or a cell refuses (TS 29.168 cause values, in words).
NOT_OPERATIONAL = "not operational"
NOT_SUPPORTED = "warning broadcast not supported"
NO_CONCURRENT = "concurrent messages not supported"
CAPACITY = "cell memory exceeded"

#: Called with a cell's and a message's number when it starts or stops to broadcast.
Hook: TypeAlias = Callable[[int, int], object]
Stamp: TypeAlias = tuple[int, ...]


class Infrastructure:
    """Centres, peers and cells with a plan; new for each replication."""

    def __init__(
        self,
        spec: CellBroadcastSpec,
        plan: Plan,
        targeted: NDArray[np.bool_],
        timing: Sequence[RatTiming],
        alert: AlertSpec,
    ) -> None:
        self.spec, self.plan, self.targeted, self.alert = spec, plan, targeted, alert
        self.periods_us = [t.period_us.tolist() for t in timing]
        self._closed: list[tuple[int, ...]] = []  # rows of `windows`
        self._open: dict[tuple[int, int], tuple[int, Stamp]] = {}  # (cell, message): since
        self._sending: dict[int, dict[int, simpy.Process]] = {}  # cell: message: process
        #: operator: message: end, and the milestones up to the centre's acceptance.
        self._in_force: dict[int, dict[int, tuple[int, Stamp]]] = {}
        self._tried: dict[tuple[int, int], list[int]] = {}  # (operator, message): from, to
        self._faulty: dict[int, float] = {}  # cell: when its broadcast fails, a share of it
        self._deaf: set[int] = set()  # cells that do not support warnings
        self._mute: set[int] = set()  # cells that say yes and broadcast nothing
        self._rebuild_us: list[NDArray[np.int64]] = []  # by message, each cell's
        self._centres: dict[tuple[int, int], simpy.Process] = {}  # by operator and action
        self.when_on_air: list[Hook] = []
        self.when_off_air: list[Hook] = []

    # --- centres and peers ----------------------------------------------------------------------

    def start(self, world: World) -> None:
        """Start a centre for every operator and action, and listen for cells that fail."""
        self._draw_faults(world)
        self._draw_rebuilds(world)
        for number, action in enumerate(self.plan.actions):
            released = (
                world.alert_released
                if action.at_us is None
                else chain.follow(world, self.alert, number, action.at_us)
            )
            for operator in range(len(world.network.operators)):
                centre = self._centre(world, operator, number, released)
                self._centres[operator, number] = world.env.process(centre)
        world.when_cell_down.append(self._cell_down)
        world.when_cell_up.append(lambda cell: self._cell_up(world, cell))

    def _draw_faults(self, world: World) -> None:
        mine = np.flatnonzero(self.targeted)
        for share, purpose, into in (
            (1 - self.spec.supported_cell_share, "cb.unsupported", self._deaf),
            (self.spec.silent_cell_share, "cb.silent", self._mute),
        ):
            if share > 0:
                into.update(mine[world.streams.uniform(purpose, mine) < share].tolist())
        if self.spec.failing_cell_share > 0:
            who = mine[world.streams.uniform("cb.fails", mine) < self.spec.failing_cell_share]
            when = world.streams.uniform("cb.fails", who, 1)
            self._faulty = dict(zip(who.tolist(), when.tolist(), strict=True))

    def _draw_rebuilds(self, world: World) -> None:
        cells, spec = world.network.cells, self.spec
        station = (cells.site.astype(np.int64) << 16) + (cells.operator.astype(np.int64) << 2) + cells.rat
        for m in range(len(self._rebuild_us), len(self.plan.messages)):
            primary = self.plan.messages[m].kind == "etws_primary"
            median_s = spec.etws_rebuild_s if primary else spec.cell_rebuild_s
            takes_s = world.streams.lognormal("cb.rebuild", station, median_s, spec.cell_rebuild_sigma, m)
            self._rebuild_us.append(np.rint(takes_s * US).astype(np.int64))

    def _centre(self, world: World, operator: int, number: int, released: simpy.Event) -> Process:
        """A CBC: takes the alert, selects cells, writes to its peers one after another."""
        env, cells, spec, action = world.env, world.network.cells, self.spec, self.plan.actions[number]
        times: Stamp = yield released
        yield from chain.at_operator(world, self.alert, operator, number)
        if number:
            yield self._centres[operator, number - 1]  # no message overtakes an earlier one
        times = (*times, env.now)
        mine = np.flatnonzero(self.targeted & (cells.operator == operator))
        mine, brought = np.split(mine, np.searchsorted(mine, [len(world.network.built.cells)]))
        name = world.network.operators[operator]
        waits_s = spec.start_delay_s if action.at_us is None else 0.0
        yield env.timeout(to_us(waits_s + spec.cbc_processing_s + spec.cbc_per_cell_s * mine.size))
        stamp = (*times, env.now)
        for order in action.orders:
            self._enter(operator, order, stamp)
            world.log(
                "cbc",
                "accepted" if order.writes else "stopped",
                operator=name,
                message=self.plan.messages[order.message].label,
                detail=f"{mine.size} cells",
            )
        for cell in filter(
            world.cell_serves, brought.tolist()
        ):  # deployables get it as cells that come back do
            for message in [m for order in action.orders for m in order.ends(self._sending.get(cell, ()))]:
                self._stop(cell, message)
            self._indicate(world, cell, failed=False)
        for rat in range(len(RATS)):
            theirs = mine[cells.rat[mine] == rat]
            for copy in range(spec.peers_per_cell if theirs.size else 0):
                yield env.timeout(to_us(spec.peer_round_trip_s))
                for order in action.orders:
                    label = self.plan.messages[order.message].label
                    world.log("peer", "accepted", operator=name, detail=PEERS[rat], message=label)
                env.process(self._peer(world, theirs, action.orders, (*stamp, env.now), copy))

    def _enter(self, operator: int, order: Order, stamp: Stamp) -> None:
        """The centre's own books: what is in force, and until when."""
        book, now = self._in_force.setdefault(operator, {}), stamp[-1]
        for message in order.ends(book):
            del book[message]
            self._tried[operator, message][1] = now
        if order.writes:
            end = now + self.plan.messages[order.message].duration_us
            book[order.message] = (end, stamp)
            self._tried.setdefault((operator, order.message), [now, end])[1] = end

    def _peer(
        self, world: World, cells: NDArray[np.int64], orders: tuple[Order, ...], stamp: Stamp, copy: int
    ) -> Process:
        """A peer: writes to its base stations, one after another; the first tells what they took up."""
        network, spec = world.network, self.spec
        sites, rat = network.cells.site[cells], int(network.cells.rat[cells[0]])
        peer = (int(network.cells.operator[cells[0]]) << 8) + (rat << 6) + copy
        queue_s = world.streams.lognormal("cb.peer", [peer], spec.peer_queue_s, spec.peer_queue_sigma)
        yield world.env.timeout(to_us(float(queue_s[0])))
        together = np.argsort(sites, kind="stable")
        stations, begin = np.unique(sites[together], return_index=True)
        at_station = np.split(cells[together], begin[1:])
        turns = np.argsort(world.streams.uniform("cb.fanout", stations, rat)).tolist()
        taken = []
        for order in orders:
            count = 0
            for station in turns:
                yield world.env.timeout(to_us(spec.cell_fanout_s))
                for cell in at_station[station].tolist():
                    if order.writes:
                        count += self._write(world, cell, order, (*stamp, world.env.now))
                    else:
                        self._stop(cell, order.message)
            taken.append(count)
        if copy > 0:
            return
        yield world.env.timeout(to_us(self.spec.confirmation_delay_s))
        for order, count in zip(orders, taken, strict=True):
            if order.writes:
                message, detail = self.plan.messages[order.message].label, f"{count} of {cells.size} cells"
                name = network.operators[int(network.cells.operator[cells[0]])]
                world.log("peer", "confirmed", operator=name, message=message, detail=detail)

    # --- cells ----------------------------------------------------------------------------------

    def _write(self, world: World, cell: int, order: Order, stamp: Stamp) -> bool:
        """A base station gets a Write-Replace-Warning; whether it takes it up."""
        sending = self._sending.setdefault(cell, {})
        label = self.plan.messages[order.message].label
        if order.message in sending and sending[order.message].is_alive:
            world.log("cell", "duplicate_ignored", cell=cell, message=label)
            return True
        cause = self._refusal(world, cell, order)
        if cause:
            world.log("cell", "rejected", cell=cell, message=label, detail=cause)
            return False
        old = [] if order.concurrent else [p for p in sending.values() if p.is_alive]
        process = self._cell(world, cell, order.message, stamp, replaces=old)
        sending[order.message] = world.env.process(process)
        return True

    def _refusal(self, world: World, cell: int, order: Order) -> str:
        if not world.cell_serves(cell):
            return NOT_OPERATIONAL
        if cell in self._deaf:
            return NOT_SUPPORTED
        others = sum(p.is_alive for p in self._sending[cell].values())
        if order.concurrent and others:
            operator = world.network.operators[int(world.network.cells.operator[cell])]
            if operator in self.spec.single_message_operators:
                return NO_CONCURRENT
            if others >= self.spec.concurrent_message_count:
                return CAPACITY
        return ""

    def _stop(self, cell: int, message: int) -> None:
        process = self._sending.get(cell, {}).get(message)
        if process is not None and process.is_alive:
            process.interrupt("stopped")

    def _cell(
        self,
        world: World,
        cell: int,
        message: int,
        stamp: Stamp,
        *,
        replaces: Sequence[simpy.Process] = (),
        reloaded: bool = False,
    ) -> Process:
        """A message in a cell: system information is rebuilt, it is on air, it ends."""
        env, key = world.env, (cell, message)
        label = self.plan.messages[message].label
        why = ""
        try:
            yield env.timeout(int(self._rebuild_us[message][cell]))
            for process in replaces:
                if process.is_alive:
                    process.interrupt("replaced")
            end = self._end_us(world, cell, message, reloaded)
            if env.now >= end:
                return
            if cell in self._mute:
                yield env.timeout(end - env.now)
                return
            self._open[key] = (env.now, stamp)
            world.log("cell", "on_air", cell=cell, message=label)
            for hook in self.when_on_air:
                hook(cell, message)
            fails = self._faulty.pop(cell, None)
            if fails is not None:
                yield env.timeout(round(fails * (end - env.now)))
                why = "failed"
            else:
                yield env.timeout(end - env.now)
        except simpy.Interrupt as stop:
            why = str(stop.cause)
        if key in self._open:
            since, stamp = self._open.pop(key)
            self._closed.append((message, cell, since, env.now, *stamp))
            world.log("cell", "off_air", cell=cell, message=label, detail=why)
            for hook in self.when_off_air:
                hook(cell, message)
        if why == "failed":
            # PWS-Failure-Indication
            world.log("cell", "failure_indicated", cell=cell, message=label)
            self._indicate(world, cell, failed=True)

    def _end_us(self, world: World, cell: int, message: int, reloaded: bool) -> int:
        """When a cell stops by itself: after its number of broadcasts, or when the message ends."""
        operator = int(world.network.cells.operator[cell])
        end, _ = self._in_force.get(operator, {}).get(message, (0, ()))
        count = self.plan.messages[message].broadcast_count
        if count is None or not end:
            return end
        period = self.periods_us[message][int(world.network.cells.rat[cell])]
        if reloaded:
            count = min(count, -(-(end - world.env.now) // period))
        return int(world.env.now + count * period)

    def _cell_down(self, cell: int) -> None:
        for process in self._sending.get(cell, {}).values():
            if process.is_alive:
                process.interrupt("cell down")

    def _cell_up(self, world: World, cell: int) -> None:
        operator = int(world.network.cells.operator[cell])
        if self.targeted[cell] and operator in self._in_force:
            self._indicate(world, cell, failed=False)

    def _indicate(self, world: World, cell: int, *, failed: bool) -> None:  # noqa: ARG002 - for those who ask
        """A cell has failed or is back; the centre loads it again."""
        world.env.process(self._reload(world, cell))

    def _reload(self, world: World, cell: int) -> Process:
        """PWS-Restart-Indication: the centre sends a returned cell what is still in force."""
        yield world.env.timeout(to_us(self.spec.reload_delay_s))
        if not world.cell_serves(cell):
            return
        book = self._in_force[int(world.network.cells.operator[cell])]
        sending = self._sending.setdefault(cell, {})
        for message, (end, stamp) in list(book.items()):
            idle = message not in sending or not sending[message].is_alive
            order = Order(message, concurrent=True)
            if idle and world.env.now < end and not self._refusal(world, cell, order):
                label = self.plan.messages[message].label
                world.log("cell", "reloaded", cell=cell, message=label)
                when = (*stamp, world.env.now, world.env.now)
                process = self._cell(world, cell, message, when, reloaded=True)
                sending[message] = world.env.process(process)

    # --- what they leave ------------------------------------------------------------------------

    def windows(self, world: World) -> NDArray[np.int64]:
        """On-air windows, rows (message, cell, from, to, *MILESTONES) sorted [us].

        Open ones end after the horizon.
        """
        end = world.horizon_us + 1
        still = [(m, c, since, end, *stamp) for (c, m), (since, stamp) in self._open.items()]
        rows = sorted(w for w in self._closed + still if w[3] > w[2])
        return np.array(rows, dtype=np.int64).reshape(-1, 4 + len(MILESTONES))

    def tried_us(self, world: World, message: int) -> NDArray[np.int64]:
        """For each operator, rows (from, to) [us]: when its centre tried to broadcast a message."""
        rows = np.full((len(world.network.operators), 2), NEVER, dtype=np.int64)
        for operator in range(len(rows)):
            if (operator, message) in self._tried:
                rows[operator] = self._tried[operator, message]
        return rows
