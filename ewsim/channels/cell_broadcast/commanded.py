"""Cell broadcast whose centre is outside: a real one says which cells send what, and when.

The peers, the cells and the phones are those of `infrastructure` and `channel`. A cell that fails or
comes back is not loaded again here: the centre hears of it and decides.

Assumptions: a message with a number of broadcasts of 0 is on air until the centre stops it; an update
names the message that it replaces, which each cell stops before it takes the new one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.channels import chain
from ewsim.channels.base import Crowd
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.infrastructure import PEERS, Infrastructure
from ewsim.channels.cell_broadcast.plan import INFORMS, Action, CbMessage, Order, Plan, Sharing, timing_of
from ewsim.channels.cell_broadcast.reception import RatTiming
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.channels.cell_broadcast.withheld import Withheld
from ewsim.ledger import ChannelOutcome
from ewsim.scenario.spec import AlertSpec
from ewsim.targeting import Geofence
from ewsim.units import RATS
from ewsim.world import World

#: Called with a cell and whether it has failed (else it is back).
Indication = Callable[[int, bool], None]


def _ignored(_cell: int, _failed: bool) -> None:
    pass


@dataclass(slots=True)
class Command:
    """A command to peers: the event that ends it, and why cells refused it."""

    done: simpy.Event
    refused: dict[int, str] = field(default_factory=dict)


class CommandedInfrastructure(Infrastructure):
    """Peers and cells without centres."""

    def __init__(self, spec: CellBroadcastSpec, cell_count: int, alert: AlertSpec) -> None:
        super().__init__(spec, Plan((), ()), np.ones(cell_count, dtype=np.bool_), (), alert)
        self._periods_s: list[float] = []  # by message, as the centre asks
        self._cells_of: dict[tuple[int, int], set[int]] = {}  # (operator, message): cells
        self._refused: dict[tuple[int, int], str] = {}  # (cell, message): why
        self._sharing = Sharing()
        self._timings: list[RatTiming] = []  # by message
        self.when_indicated: Indication = _ignored

    def start(self, world: World) -> None:
        """Listen for cells that fail; no cell is in a list yet."""
        self._draw_faults(world)
        self.targeted[:] = False
        world.when_cell_down.append(self._cell_down)
        world.when_cell_up.append(lambda cell: self._cell_up(world, cell))

    def _indicate(self, world: World, cell: int, *, failed: bool) -> None:
        del world
        self.when_indicated(cell, failed)

    # --- what the centre asks -------------------------------------------------------------------

    def number_of(self, message_identifier: int, serial_number: int) -> int | None:
        """The number of a message that was written before; None: none was."""
        for number, message in enumerate(self.plan.messages):
            if (message.message_identifier, message.serial_number) == (message_identifier, serial_number):
                return number
        return None

    def add(self, world: World, message: CbMessage, period_s: float) -> int:
        """A message that no peer has heard of yet, with its repetition period [s]; its number.

        Parameters
        ----------
        world
            The world, whose clock stands.
        message
            The message.
        period_s
            Its repetition period [s].
        """
        self._periods_s.append(period_s)
        self.plan = Plan((*self.plan.messages, message), ())
        self._draw_rebuilds(world)
        number = len(self.plan.messages) - 1
        self._timings.append(self._timing(number, (number,)))
        self.periods_us.append(self._timings[number].period_us.tolist())
        return number

    def ask(
        self, world: World, cells: NDArray[np.int64], order: Order, replaces: int | None = None
    ) -> Command:
        """Ask the peers of these cells to write or stop a message, now.

        Parameters
        ----------
        world
            The world, whose clock stands.
        cells
            Their indices, shape (cells,).
        order
            What to do.
        replaces
            The number of the message that a new one takes the place of; None: none, or what
            `order.concurrent` says.
        """
        orders = (order,) if replaces is None else (Order(replaces, writes=False), order)
        for changed in self._sharing.take(self.plan, Action(orders, world.env.now)):
            self._timings[changed] = self._timing(changed, self._sharing.largest[changed])
            self.periods_us[changed] = self._timings[changed].period_us.tolist()
        if order.writes:
            self.targeted[cells] = True
        network, peers = world.network, []
        kind = network.cells.operator[cells].astype(np.int64) * len(RATS) + network.cells.rat[cells]
        for peer in np.unique(kind).tolist():
            theirs = cells[kind == peer]
            operator, rat = divmod(int(peer), len(RATS))
            stamp = (world.env.now,) * (len(chain.MILESTONES) + 3)
            for one in orders:
                self._enter_cells(operator, one, theirs, stamp)
                message, name = self.plan.messages[one.message].label, network.operators[operator]
                said = "accepted" if one.writes else "stopped"
                world.log("cbc", said, operator=name, message=message, detail=f"{theirs.size} cells")
                world.log("peer", "accepted", operator=name, message=message, detail=PEERS[rat])
            peers.append(world.env.process(self._peer(world, theirs, orders, stamp, 0)))
        asked = Command(world.env.all_of(peers))

        def collect(_: simpy.Event) -> None:
            why = ((cell, self._refused.get((cell, order.message))) for cell in cells.tolist())
            asked.refused.update({cell: cause for cell, cause in why if cause})

        assert asked.done.callbacks is not None
        asked.done.callbacks.append(collect)
        return asked

    def _enter_cells(
        self, operator: int, order: Order, cells: NDArray[np.int64], stamp: tuple[int, ...]
    ) -> None:
        """A message stays in force until it is stopped in every cell that has it."""
        key = (operator, order.message)
        held = self._cells_of.setdefault(key, set())
        if order.writes:
            held.update(cells.tolist())
        else:
            held.difference_update(cells.tolist())
        ends = not held and order.message in self._in_force.get(operator, {})
        if order.writes or ends:
            self._enter(operator, order, stamp)

    def _write(self, world: World, cell: int, order: Order, stamp: tuple[int, ...]) -> bool:
        """Remember why a cell refused."""
        taken = super()._write(world, cell, order, stamp)
        self._refused[cell, order.message] = "" if taken else self._refusal(world, cell, order)
        return taken

    def timings(self) -> tuple[RatTiming, ...]:
        """How each technology sends each message, with the period that the centre asks for."""
        return tuple(self._timings)

    def _timing(self, message: int, together: tuple[int, ...]) -> RatTiming:
        spec = self.spec.model_copy(update={"repetition_period_s": self._periods_s[message]})
        return timing_of(spec, self.plan, message, together)

    # --- what the centre asks about ---------------------------------------------------------------

    def broadcasts(self, world: World, cell: int, message: int) -> int:
        """How often a cell has broadcast a message that is on air; 0 where it is not.

        Parameters
        ----------
        world
            The world, whose clock stands.
        cell, message
            Their numbers.
        """
        if (cell, message) not in self._open:
            return 0
        since, _ = self._open[cell, message]
        period = self.periods_us[message][int(world.network.cells.rat[cell])]
        return 1 + int((world.env.now - since) // max(period, 1))

    def on_air(self, cell: int) -> list[int]:
        """The messages that a cell has taken and not ended."""
        return [m for m, process in self._sending.get(cell, {}).items() if process.is_alive]


class CommandedBroadcast(CellBroadcast):
    """The channel; what it sends is known when the clock has stopped.

    Parameters
    ----------
    spec
        The delays and faults of peers, cells and phones.
    cell_count
        The number of cells of the network.
    geofence
        What phones compare their position with; None: they show all they receive.
    alert
        As in the scenario.
    """

    infrastructure: CommandedInfrastructure

    def __init__(
        self, spec: CellBroadcastSpec, cell_count: int, geofence: Geofence | None, alert: AlertSpec
    ) -> None:
        super().__init__(spec, Plan((), ()), np.zeros(cell_count, dtype=np.bool_), geofence, alert)
        self.infrastructure = CommandedInfrastructure(spec, cell_count, alert)

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Receptions, displays and causes of every person."""
        self.plan, self.targeted = self.infrastructure.plan, self.infrastructure.targeted
        self.timing = self.infrastructure.timings()
        kinds: Iterable[CbMessage] = self.plan.messages
        self.informing = tuple(m for m, message in enumerate(kinds) if message.kind in INFORMS)
        if not self.informing:
            return Withheld().deliver(world, crowd)
        return super().deliver(world, crowd)
