"""The slow oracle: the same model with one SimPy process a handset and an event a transmission.

It shares the infrastructure's processes (they are SimPy already) and the draws, and nothing of the
kernels: phones react to cells that fail, return, go on air and transmit; messages stand in real
queues. Cell broadcast agrees with `engine.simulation` handset by handset; location-based SMS does
too but for messages that reach a queue in the same microsecond, whose order is the event list's.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
import simpy
from numpy.typing import NDArray

from ewsim.channels import chain
from ewsim.channels.base import Channel
from ewsim.channels.cell_broadcast import CellBroadcast
from ewsim.channels.location_based_sms import LocationBasedSms
from ewsim.channels.reception import LOSS_AT_THRESHOLD, LOSS_SLOPE_PER_DB, SIB1_US
from ewsim.disturbances import outages
from ewsim.engine.reference_sms import Messages
from ewsim.engine.simulation import Setup
from ewsim.streams import Streams, philox, purpose_code
from ewsim.units import NEVER
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Heard:
    """What each handset received: arrays of one length [us], NEVER where nothing."""

    cb_received_us: NDArray[np.int64]
    cb_displayed_us: NDArray[np.int64]
    cb_copies: NDArray[np.int16]
    sms_received_us: NDArray[np.int64]


def simulate(setup: Setup, channels: Sequence[Channel], streams: Streams) -> Heard:
    """Run one replication the slow way."""
    world = World(setup.network, streams, setup.horizon_us, outages.starts_us(setup.disturbances))
    chain.start(world, setup.alert)
    for channel in channels:
        channel.start(world)
    outages.start(world, setup.disturbances)
    crowd = _Crowd(setup, world, channels)
    world.run()
    return Heard(
        np.array(crowd.cb_received, dtype=np.int64),
        np.array(crowd.cb_displayed, dtype=np.int64),
        np.array(crowd.cb_copies, dtype=np.int16),
        np.array(crowd.sms_received, dtype=np.int64),
    )


def transmissions_needed(u: float, p: float, n: int) -> int:
    """The smallest k with F(k) >= u, tried one after another (see `channels.reception`)."""
    k = n
    while True:
        m, r = divmod(k, n)
        if (1 - p ** (m + 1)) ** r * (1 - p**m) ** (n - r) >= u:
            return k
        k += 1


def segment_loss(level_db: float) -> float:
    """Probability of losing a segment: logistic, LOSS_AT_THRESHOLD at 0 dB."""
    odds = LOSS_AT_THRESHOLD / (1 - LOSS_AT_THRESHOLD) * math.exp(-LOSS_SLOPE_PER_DB * level_db)
    return odds / (1 + odds)


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
        self.moved_row = camping.moved_row.tolist()
        self.later_rows = camping.later_cell.tolist()
        self.later_levels = camping.later_level_db.tolist()
        self.moves = people.moves_us[handsets.owner].tolist()
        self.people, self.owner = people, handsets.owner.tolist()
        self.indoors = people.indoors[handsets.owner].tolist()
        self.on_from = handsets.on_from_us.tolist()
        self.on_to = handsets.on_to_us.tolist()
        self.operator = handsets.operator.tolist()
        self.rat = setup.network.cells.rat.tolist()
        self.area = setup.network.cells.tracking_area.tolist()

        self.cb_received = [NEVER] * count
        self.cb_displayed = [NEVER] * count
        self.cb_copies = [0] * count
        self.cb_entries = [0] * count
        self.sms_received = [NEVER] * count
        self.camped = [-1] * count  # where each is now
        self.history: list[list[tuple[int, int]]] = [[] for _ in range(count)]  # (from, cell)
        self.left: list[int] = [NEVER] * count  # since when it has no signal
        self.attached: dict[int, simpy.Event] = {}  # to be fired when an absent one camps again

        self.changed = [self.env.event() for _ in range(cells)]  # serves or not
        world.when_cell_down.append(self._cell_changed)
        world.when_cell_up.append(self._cell_changed)
        self.cb: CellBroadcast | None = None
        for channel in channels:
            if isinstance(channel, CellBroadcast):
                self._follow_broadcast(channel, cells, handsets)
            elif isinstance(channel, LocationBasedSms):
                Messages(self, channel, setup)
        for handset in range(count):
            self.env.process(self._handset(handset))

    # --- camping --------------------------------------------------------------------------------

    def _cell_changed(self, cell: int) -> None:
        event, self.changed[cell] = self.changed[cell], self.env.event()
        event.succeed()

    def _handset(self, h: int) -> Process:
        """A phone's day: off, on, camps on the first of its cells that serves, moves."""
        env = self.env
        if self.on_from[h] >= NEVER:
            return
        if self.on_from[h] > env.now:
            yield env.timeout(self.on_from[h] - env.now)
        off = env.timeout(self.on_to[h] - env.now) if self.on_to[h] < NEVER else None
        moving = self.moved_row[h] >= 0
        while off is None or not off.processed:
            moved = moving and env.now >= self.moves[h]
            row = self.later_rows[self.moved_row[h]] if moved else self.rows[h]
            levels = self.later_levels[self.moved_row[h]] if moved else self.levels[h]
            wait: list[simpy.Event] = [] if off is None else [off]
            if moving and not moved:
                wait.append(env.timeout(self.moves[h] - env.now))
            listener = None
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
                    if self.cb is not None and self.eligible[h]:
                        listener = env.process(self._listen(h, cell, level))
                    break
            if self.camped[h] < 0 and self.left[h] == NEVER:
                self.left[h] = env.now
            if not wait:
                return
            yield env.any_of(wait)
            if listener is not None and listener.is_alive:
                listener.interrupt()
        self.camped[h] = -1
        self.left[h] = min(self.left[h], env.now)

    # --- cell broadcast -------------------------------------------------------------------------

    def _follow_broadcast(self, channel: CellBroadcast, cells: int, handsets: Any) -> None:
        self.cb = channel
        self.timing = channel.timing
        self.eligible = channel.eligible(handsets).tolist()
        self.on_air = [False] * cells
        self.air_changed = [self.env.event() for _ in range(cells)]
        self.transmission = [self.env.event() for _ in range(cells)]
        self.window = [0] * cells
        channel.when_on_air.append(self._goes_on_air)
        channel.when_off_air.append(self._goes_off_air)

    def _goes_on_air(self, cell: int) -> None:
        self.on_air[cell] = True
        self.window[cell] += 1
        self._air(cell)
        if not self.timing.continuous:
            self.env.process(self._transmit(cell, self.window[cell]))

    def _goes_off_air(self, cell: int) -> None:
        self.on_air[cell] = False
        self._air(cell)

    def _air(self, cell: int) -> None:
        event, self.air_changed[cell] = self.air_changed[cell], self.env.event()
        event.succeed()

    def _transmit(self, cell: int, window: int) -> Process:
        """A cell on air: every segment of every burst is an event."""
        rat = self.rat[cell]
        segments, unit = int(self.timing.segments[rat]), int(self.timing.unit_us[rat])
        pause = int(self.timing.period_us[rat]) - (segments - 1) * unit
        yield self.env.timeout(0)  # phones that were there have begun to listen
        while True:
            for segment in range(segments):
                if not self.on_air[cell] or self.window[cell] != window:
                    return
                event, self.transmission[cell] = self.transmission[cell], self.env.event()
                event.succeed()
                yield self.env.timeout(unit if segment < segments - 1 else pause)

    def _listen(self, h: int, cell: int, level_db: float) -> Process:
        """A phone's stay on a cell, as far as broadcasts go; interrupted when it leaves."""
        try:
            while True:
                there_first = not self.on_air[cell]
                if there_first:
                    yield self.air_changed[cell]
                window = self.window[cell]
                words = philox(
                    np.uint32(h), np.uint32(0), np.uint32(purpose_code("cb.reception")),
                    np.uint32(self.cb_entries[h]),
                    np.uint32(self.streams.seed), np.uint32(self.streams.replication),
                )  # fmt: skip
                self.cb_entries[h] += 1
                yield from self._receive(cell, there_first, level_db, [int(w) for w in words])
                if self.on_air[cell] and self.window[cell] == window:
                    self.cb_copies[h] += 1
                    if self.cb_copies[h] == 1:
                        self.cb_received[h] = self.env.now
                        self.env.process(self._show(h))
                while self.on_air[cell] and self.window[cell] == window:
                    yield self.air_changed[cell]
        except simpy.Interrupt:
            return

    def _show(self, h: int) -> Process:
        """A phone that has the message: asks where it is, if it can, and shows it or does not."""
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
                    return
        yield self.env.timeout(round(self.cb.spec.display_delay_s * 1e6))
        self.cb_displayed[h] = self.env.now

    def _place(self, h: int) -> tuple[float, float]:
        """Where a phone's owner is now [m]."""
        people, owner = self.people, self.owner[h]
        if self.env.now >= self.moves[h]:
            return float(people.later_x_m[owner]), float(people.later_y_m[owner])
        return float(people.x_m[owner]), float(people.y_m[owner])

    def _receive(self, cell: int, paged: bool, level_db: float, words: list[int]) -> Process:
        """Hear transmissions until the message is complete, or the cell falls silent."""
        env, timing, rat = self.env, self.timing, self.rat[cell]
        u = (words[0] + 0.5) / 2**32
        missing = transmissions_needed(u, segment_loss(level_db), int(timing.segments[rat]))
        window = self.window[cell]
        if not paged or timing.continuous:
            yield env.timeout(words[2] * SIB1_US >> 32)
        if timing.continuous:
            if paged:
                yield env.timeout(words[1] * max(int(timing.paging_us[rat]), 1) >> 32)
            yield env.timeout(words[3] * int(timing.unit_us[rat]) >> 32)
            for _ in range(missing - 1):
                yield env.timeout(int(timing.unit_us[rat]))
        else:
            while missing:
                if not self.on_air[cell] or self.window[cell] != window:
                    return
                heard = self.transmission[cell]
                yield heard | self.air_changed[cell]
                missing -= heard.processed
        yield env.timeout(int(timing.airtime_us[rat]))
