"""The phones of the slow oracle: off or on, camped on the first cell that serves, on the move."""

from collections.abc import Callable, Generator
from itertools import pairwise
from typing import Any, TypeAlias

import simpy

from ewsim.engine.simulation import Setup
from ewsim.units import NEVER
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]


class Phones:
    """All handsets, each its own process: where each camps, and what it has received."""

    def __init__(self, setup: Setup, world: World) -> None:
        self.world, self.env = world, world.env
        self.streams = world.streams
        people, handsets = setup.population.people, setup.population.handsets
        camping = setup.population.camping
        count, cells = len(handsets), len(setup.network.cells)
        self.rows = camping.cell.tolist()
        self.levels = camping.level_db.tolist()
        self.moves = [
            list(zip(camping.move_us[begin:end].tolist(), camping.move_row[begin:end].tolist(), strict=True))
            for begin, end in pairwise(camping.move_first.tolist())
        ]  # by handset: (when, row)
        self.later_rows = camping.later_cell.tolist()
        self.later_levels = camping.later_level_db.tolist()
        self.people, self.owner = people, handsets.owner.tolist()
        self.indoors = people.indoors[handsets.owner].tolist()
        self.on = [
            [span] for span in zip(handsets.on_from_us.tolist(), handsets.on_to_us.tolist(), strict=True)
        ]  # by handset: (from, to)
        for handset, empty, charged in setup.population.empty.tolist():
            since, until = self.on[handset].pop()
            self.on[handset] += [(since, min(empty, until)), (max(charged, since), until)]
        self.operator = handsets.operator.tolist()
        self.rat = setup.network.cells.rat.tolist()
        self.area = setup.network.cells.tracking_area.tolist()

        self.cb_received = [NEVER] * count
        self.cb_displayed = [NEVER] * count
        self.cb_silent = [False] * count  # has the message, is outside the fence
        self.cb_copies = [0] * count
        self.cb_displays = [0] * count
        self.sms_received = [NEVER] * count
        self.camped = [-1] * count  # where each is now
        self.history: list[list[tuple[int, int]]] = [[] for _ in range(count)]  # (from, cell)
        self.left: list[int] = [NEVER] * count  # since when it has no signal
        self.attached: dict[int, simpy.Event] = {}  # to be fired when an absent one camps again

        self.changed = [self.env.event() for _ in range(cells)]  # serves or not
        world.when_cell_down.append(self._cell_changed)
        world.when_cell_up.append(self._cell_changed)
        #: Processes of a phone's stay on a cell, from its number, the cell and the level [dB].
        self.when_camped: list[Callable[[int, int, float], Process | None]] = []

    def start(self) -> None:
        """Start a process for every handset."""
        for handset in range(len(self.owner)):
            self.env.process(self._handset(handset))

    def place_m(self, h: int) -> tuple[float, float]:
        """Where a phone's owner is now [m]."""
        people, owner, journeys = self.people, self.owner[h], self.people.journeys
        place = first = float(people.x_m[owner]), float(people.y_m[owner])
        for move in range(journeys.first[owner], journeys.first[owner + 1]):
            if journeys.at_us[move] > self.env.now:
                break
            stop = journeys.stop[move]
            place = first if stop < 0 else (float(journeys.x_m[stop]), float(journeys.y_m[stop]))
        return place

    # --- camping --------------------------------------------------------------------------------

    def _cell_changed(self, cell: int) -> None:
        event, self.changed[cell] = self.changed[cell], self.env.event()
        event.succeed()

    def _handset(self, h: int) -> Process:
        """A phone's day: off or not there yet, on, perhaps empty and charged again."""
        for since, until in self.on[h]:
            if since < NEVER and until > max(since, self.env.now):
                yield from self._on(h, since, until)

    def _on(self, h: int, since: int, until: int) -> Process:
        """A phone that is on camps on the first cell that serves, and moves."""
        env = self.env
        if since > env.now:
            yield env.timeout(since - env.now)
        off = env.timeout(until - env.now) if until < NEVER else None
        while off is None or not off.processed:
            row, levels = self.rows[h], self.levels[h]
            wait: list[simpy.Event] = [] if off is None else [off]
            for at, later in self.moves[h]:
                if at > env.now:
                    wait.append(env.timeout(at - env.now))
                    break
                row = self.rows[h] if later < 0 else self.later_rows[later]
                levels = self.levels[h] if later < 0 else self.later_levels[later]
            listeners = []
            self.camped[h] = -1
            for cell, level in zip(row, levels, strict=True):
                if cell < 0:
                    continue
                wait.append(self.changed[cell])
                if self.world.cell_serves(cell):
                    self.camped[h] = cell
                    if h in self.attached:
                        self.attached.pop(h).succeed()
                    if self.history[h] and self.history[h][-1][0] == env.now:
                        self.history[h].pop()  # a stay of no length
                    self.history[h].append((env.now, cell))
                    self.left[h] = NEVER
                    stays = [begin(h, cell, level) for begin in self.when_camped]
                    listeners = [env.process(stay) for stay in stays if stay is not None]
                    break
            if self.camped[h] < 0 and self.left[h] == NEVER:
                self.left[h] = env.now
            if not wait:
                return
            yield env.any_of(wait)
            for listener in listeners:
                if listener.is_alive:
                    listener.interrupt()
        self.camped[h] = -1
        self.left[h] = min(self.left[h], env.now)
