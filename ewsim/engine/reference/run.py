"""The slow oracle: the same model with one SimPy process a handset and an event a transmission.

It shares the infrastructure's processes (they are SimPy already) and the draws, and nothing of the
kernels: phones react to cells that fail, return, go on air and transmit; messages stand in real
queues. Cell broadcast agrees with `engine.simulation` handset by handset; location-based SMS does
too but for messages that reach a queue in the same microsecond, whose order is the event list's.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import shapely
import simpy
from numpy.typing import NDArray

from ewsim.channels.base import Channel
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.engine.reference.cell_broadcast import Broadcast
from ewsim.engine.reference.location_based_sms import Messages
from ewsim.engine.simulation import Setup, powered, started
from ewsim.streams import Streams
from ewsim.units import NEVER
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Heard:
    """What each handset received: arrays of one length [us], NEVER where nothing."""

    cb_received_us: NDArray[np.int64]
    cb_displayed_us: NDArray[np.int64]
    cb_copies: NDArray[np.int16]
    cb_displays: NDArray[np.int16]
    sms_received_us: NDArray[np.int64]


def simulate(setup: Setup, channels: Sequence[Channel], streams: Streams) -> Heard:
    """Run one replication the slow way."""
    setup = powered(setup, streams)
    world = started(setup, channels, streams)
    crowd = _Crowd(setup, world, channels)
    world.run()
    return Heard(
        np.array(crowd.cb_received, dtype=np.int64),
        np.array(crowd.cb_displayed, dtype=np.int64),
        np.array(crowd.cb_copies, dtype=np.int16),
        np.array(crowd.cb_displays, dtype=np.int16),
        np.array(crowd.sms_received, dtype=np.int64),
    )


class _Crowd:
    """All handsets, each its own process."""

    def __init__(self, setup: Setup, world: World, channels: Sequence[Channel]) -> None:
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
        self.on_from = handsets.on_from_us.tolist()
        self.on_to = handsets.on_to_us.tolist()
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
        self.cb: CellBroadcast | None = None
        self.broadcasts: list[Broadcast] = []
        for channel in channels:
            if isinstance(channel, CellBroadcast):
                self.cb = channel
                self.broadcasts += [
                    Broadcast(self, channel, number, handsets) for number in range(len(channel.plan.messages))
                ]
            elif isinstance(channel, LocationBasedSms):
                Messages(self, channel, setup)
        for handset in range(count):
            self.env.process(self._handset(handset))

    # --- camping --------------------------------------------------------------------------------

    def _cell_changed(self, cell: int) -> None:
        event, self.changed[cell] = self.changed[cell], self.env.event()
        event.succeed()

    def _handset(self, h: int) -> Process:
        """A phone's day: off or not there yet, on, camps on the first cell that serves, moves."""
        env = self.env
        if self.on_from[h] >= NEVER or self.on_to[h] <= max(self.on_from[h], env.now):
            return
        if self.on_from[h] > env.now:
            yield env.timeout(self.on_from[h] - env.now)
        off = env.timeout(self.on_to[h] - env.now) if self.on_to[h] < NEVER else None
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
                    break
                wait.append(self.changed[cell])
                if self.world.cell_serves(cell):
                    self.camped[h] = cell
                    if h in self.attached:
                        self.attached.pop(h).succeed()
                    if self.history[h] and self.history[h][-1][0] == env.now:
                        self.history[h].pop()  # a stay of no length
                    self.history[h].append((env.now, cell))
                    self.left[h] = NEVER
                    listeners = [
                        env.process(broadcast.listen(h, cell, level))
                        for broadcast in self.broadcasts
                        if broadcast.eligible[h]
                    ]
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

    # --- cell broadcast, as far as phones show it -----------------------------------------------

    def show(self, h: int) -> Process:
        """A phone that has the message: asks where it is, if it can, and shows it or does not.

        So it does again when a geofencing trigger comes, if it has kept the message to itself.
        """
        assert self.cb is not None
        fence, luck = self.cb.geofence, self.streams
        if fence is not None and luck.country().uniform("geofence.capable", h)[0] < (
            fence.spec.capable_share
        ):
            spec, (x, y), indoors = fence.spec, self._place(h), self.indoors[h]
            none_share = spec.no_fix_indoors_share if indoors else spec.no_fix_outdoors_share
            if luck.uniform("geofence.no_fix", h)[0] < none_share:
                yield self.env.timeout(round(spec.fix_wait_s * 1e6))
            else:
                sigma = spec.fix_error_indoors_m if indoors else spec.fix_error_outdoors_m
                east, north = (float(luck.normal("geofence.error", h, k)[0]) for k in (0, 1))
                fix = shapely.Point(x + sigma * east, y + sigma * north)
                if not shapely.dwithin(fence.area, fix, spec.tolerance_m):
                    self.cb_silent[h] = True
                    return
        self.cb_silent[h] = False
        yield self.env.timeout(round(self.cb.spec.display_delay_s * 1e6))
        self.cb_displayed[h] = self.env.now

    def _place(self, h: int) -> tuple[float, float]:
        """Where a phone's owner is now [m]."""
        people, owner, journeys = self.people, self.owner[h], self.people.journeys
        place = float(people.x_m[owner]), float(people.y_m[owner])
        first = place
        for move in range(journeys.first[owner], journeys.first[owner + 1]):
            if journeys.at_us[move] > self.env.now:
                break
            stop = journeys.stop[move]
            place = first if stop < 0 else (float(journeys.x_m[stop]), float(journeys.y_m[stop]))
        return place
