"""Cell broadcast the slow way: an event a transmission, a SimPy process a phone and message.

A half of the slow oracle (see `engine.reference`), which moves the phones.
"""

import math
from collections.abc import Generator
from typing import TypeAlias

import shapely
import simpy

from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.kernel import (
    HOPELESS_COUNT,
    HOPELESS_LOSS,
    LOSS_AT_THRESHOLD,
    LOSS_SLOPE_PER_DB,
    MEMORY_US,
    SIB1_US,
)
from ewsim.engine.reference.phones import Phones
from ewsim.population.people import Handsets
from ewsim.streams import words
from ewsim.units import LTE

Process: TypeAlias = Generator[simpy.Event, object, None]


def transmissions_needed(u: float, p: float, n: int) -> int:
    """The smallest k with F(k) >= u, tried one after another (see `channels.reception`).

    Parameters
    ----------
    u
        The draw, in (0, 1) [1].
    p
        Probability that a segment is lost [1].
    n
        Segments of the message.
    """
    if p > HOPELESS_LOSS:
        return HOPELESS_COUNT
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


class Broadcast:
    """One message: the cells that send it, and each phone's stay on a cell, as far as it goes."""

    def __init__(self, phones: Phones, channel: CellBroadcast, number: int, handsets: Handsets) -> None:
        self.phones, self.world, self.env = phones, phones.world, phones.world.env
        self.channel = channel
        self.number, self.timing = number, channel.timing[number]
        self.informs = number in channel.informing
        self.triggers = channel.plan.messages[number].kind == "trigger"
        self.phone = handsets.number.tolist()
        self.eligible = channel.eligible(handsets, number).tolist()
        self.zone = channel.zones(phones.world).tolist()
        cells = len(self.zone)
        self.on_air = [False] * cells
        self.air_changed = [self.env.event() for _ in range(cells)]
        self.transmission = [self.env.event() for _ in range(cells)]
        self.window = [0] * cells
        self.entries = [0] * len(handsets)
        self.shown: list[dict[int, int]] = [{} for _ in range(len(handsets))]  # zone: when
        phones.when_camped.append(self._stay)
        channel.infrastructure.when_on_air.append(self._goes_on_air)
        channel.infrastructure.when_off_air.append(self._goes_off_air)

    # --- cells ----------------------------------------------------------------------------------

    def _goes_on_air(self, cell: int, message: int) -> None:
        if message != self.number:
            return
        self.on_air[cell] = True
        self.window[cell] += 1
        self._air(cell)
        if not self.timing.continuous:
            self.env.process(self._transmit(cell, self.window[cell]))

    def _goes_off_air(self, cell: int, message: int) -> None:
        if message == self.number:
            self.on_air[cell] = False
            self._air(cell)

    def _air(self, cell: int) -> None:
        event, self.air_changed[cell] = self.air_changed[cell], self.env.event()
        event.succeed()

    def _transmit(self, cell: int, window: int) -> Process:
        """A cell on air: every segment of every burst is an event."""
        rat = self.phones.rat[cell]
        segments, unit = int(self.timing.segments[rat]), int(self.timing.unit_us[rat])
        pause = int(self.timing.period_us[rat]) - (segments - 1) * unit
        # Others go before; and phones that were there have begun to listen.
        yield self.env.timeout(int(self.timing.offset_us[rat]))
        while True:
            for segment in range(segments):
                if not self.on_air[cell] or self.window[cell] != window:
                    return
                event, self.transmission[cell] = self.transmission[cell], self.env.event()
                event.succeed()
                yield self.env.timeout(unit if segment < segments - 1 else pause)

    # --- phones ---------------------------------------------------------------------------------

    def _stay(self, h: int, cell: int, level_db: float) -> Process | None:
        return self._listen(h, cell, level_db) if self.eligible[h] else None

    def _listen(self, h: int, cell: int, level_db: float) -> Process:
        """A phone's stay on a cell; interrupted when it leaves."""
        key = self.world.streams.key("cb.reception")
        try:
            while True:
                there_first = not self.on_air[cell]
                if there_first:
                    yield self.air_changed[cell]
                window = self.window[cell]
                luck = words(key, self.phone[h], self.number, self.entries[h])
                self.entries[h] += 1
                yield from self._receive(h, cell, there_first, level_db, [int(word) for word in luck])
                while self.on_air[cell] and self.window[cell] == window:
                    yield self.air_changed[cell]
        except simpy.Interrupt:
            return

    def _receive(self, h: int, cell: int, paged: bool, level_db: float, luck: list[int]) -> Process:
        """Hear transmissions until the message is complete, or the cell falls silent."""
        env, timing, rat = self.env, self.timing, self.phones.rat[cell]
        u = (luck[0] + 0.5) / 2**32
        missing = transmissions_needed(u, segment_loss(level_db), int(timing.segments[rat]))
        over = self.air_changed[cell]
        waits = []
        late, cycle = int(timing.late[rat]), int(timing.paging_us[rat])
        if luck[1] < late and (paged or rat < LTE):
            paged = False
            waits.append(int(-math.log((luck[1] + 0.5) / late) * int(timing.late_mean_us[rat])))
        elif paged:
            waits.append((luck[1] - late) * cycle // (2**32 - late))
        if rat >= LTE and (timing.continuous or not paged):
            waits.append(luck[2] * SIB1_US >> 32)
        unit = int(timing.unit_us[rat])
        if timing.continuous:
            waits += [luck[3] * unit >> 32] + [unit] * (missing - 1)
            missing = 0
        for wait in waits:
            if wait:
                yield env.timeout(wait) | over
            if over.processed:
                return
        while missing:
            heard = self.transmission[cell]
            yield heard | over
            if over.processed:
                return
            missing -= heard.processed
        yield env.timeout(int(timing.airtime_us[rat])) | over
        if not over.processed:
            self._complete(h, self.zone[cell])

    def _complete(self, h: int, zone: int) -> None:
        phones, now = self.phones, self.env.now
        if self.triggers and phones.cb_silent[h] and not self.shown[h]:
            self.env.process(self._show(h, 1))
        if self.triggers:
            self.shown[h][zone] = now
        if not self.informs:
            return
        phones.cb_copies[h] += 1
        if phones.cb_copies[h] == 1:
            phones.cb_received[h] = now
            self.env.process(self._show(h, 0))
        if zone not in self.shown[h] or now - self.shown[h][zone] >= MEMORY_US:
            self.shown[h][zone] = now
            phones.cb_displays[h] += 1

    def _show(self, h: int, trigger: int) -> Process:
        """A phone that has the message: asks where it is, if it can, and shows it or does not.

        So it does again when a geofencing trigger comes, if it has kept the message to itself.
        """
        phones, fence, luck = self.phones, self.channel.geofence, self.world.streams
        if fence is not None and luck.country().uniform("geofence.capable", h)[0] < (
            fence.spec.capable_share
        ):
            spec, (x, y), indoors = fence.spec, phones.place_m(h), phones.indoors[h]
            none_share = spec.no_fix_indoors_share if indoors else spec.no_fix_outdoors_share
            if luck.uniform("geofence.no_fix", h)[0] < none_share:
                yield self.env.timeout(round(spec.fix_wait_s * 1e6))
            else:
                sigma = spec.fix_error_indoors_m if indoors else spec.fix_error_outdoors_m
                east, north = (float(luck.normal("geofence.error", h, k)[0]) for k in (0, 1))
                fix = shapely.Point(x + sigma * east, y + sigma * north)
                if not shapely.dwithin(fence.area, fix, spec.tolerance_m):
                    phones.cb_silent[h] = True
                    return
        phones.cb_silent[h] = False
        median_s, sigma = self.channel.spec.display_delay_s, self.channel.spec.display_delay_sigma
        takes_s = luck.lognormal("cb.display", self.phone[h], median_s, sigma, trigger)
        yield self.env.timeout(round(float(takes_s[0]) * 1e6))
        phones.cb_displayed[h] = self.env.now
