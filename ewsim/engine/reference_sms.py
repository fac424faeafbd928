"""Location-based SMS the slow way: a SimPy process a message, queues that are real queues.

The other half of the slow oracle (see `engine.reference`), which moves the phones.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol, TypeAlias

import numpy as np
import simpy

from ewsim.channels.location_based_sms import LocationBasedSms
from ewsim.streams import philox, purpose_code
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]


class Phones(Protocol):
    """What the centre's messages meet: where each handset is and was, lists by handset."""

    world: World
    operator: list[int]
    camped: list[int]  # the cell now, -1: none
    history: list[list[tuple[int, int]]]  # (from, cell)
    left: list[int]  # since when it has no signal
    rat: list[int]  # by cell
    area: list[int]  # tracking area, by cell
    sms_received: list[int]


class Messages:
    """All messages, each its own process."""

    def __init__(self, phones: Phones, channel: LocationBasedSms, areas: int) -> None:
        self.phones, self.sms = phones, channel
        self.world, self.env = phones.world, phones.world.env
        self.streams = phones.world.streams
        self.pagers = [simpy.Resource(self.env) for _ in range(areas)]
        channel.when_listed.append(
            lambda operator: self.env.process(self._submit(operator)) and None
        )

    def _submit(self, operator: int) -> Process:
        """The list of an operator, submitted at the rate its centre takes."""
        env, timing, spec, phones = self.env, self.sms.timing, self.sms.spec, self.phones
        detach_us = round(spec.periodic_update_s * 1e6) + 240_000_000
        ages = self.sms.location_age_us(self.world, len(phones.operator)).tolist()
        listed = []
        for h, history in enumerate(phones.history):
            if phones.operator[h] != operator or not history:
                continue
            gone = phones.left[h] <= env.now and env.now - phones.left[h] > detach_us
            known = [cell for since, cell in history if since <= env.now - ages[h]]
            cell = known[-1] if known else history[0][1]
            if not gone and self.sms.targeted[cell]:
                listed.append(h)
        order = dict(zip(listed, self.streams.uniform("sms.order", listed).tolist(), strict=True))
        centre = simpy.Resource(env)
        deadline = env.now + timing.validity_us
        for h in sorted(listed, key=lambda h: order[h]):
            env.process(self._message(h, centre, deadline))
            yield env.timeout(timing.service_us)

    def _message(self, h: int, centre: simpy.Resource, deadline: int) -> Process:
        """One message: the centre's queue, the core, the page, the radio; again if it failed."""
        env, timing, phones = self.env, self.sms.timing, self.phones
        for attempt in range(timing.retry_us.size + 1):
            with centre.request() as turn:
                yield turn
                if env.now > deadline:
                    return
                yield env.timeout(timing.service_us)
            served = env.now
            yield env.timeout(timing.core_us)
            cell = phones.camped[h]
            if cell >= 0:
                with self.pagers[phones.area[cell]].request() as page:
                    yield page | env.timeout(timing.discard_us)
                    paged = page.triggered
                    if paged:
                        yield env.timeout(timing.page_us)
                words = philox(
                    np.uint32(h), np.uint32(0), np.uint32(purpose_code("sms.attempt")),
                    np.uint32(attempt),
                    np.uint32(self.streams.seed), np.uint32(self.streams.replication),
                )  # fmt: skip
                luck = ((int(words[0]) >> 5) * 67108864 + (int(words[1]) >> 6)) * 2.0**-53
                if paged and luck < timing.success_share:
                    wait = int(words[2]) * timing.paging_cycle_us >> 32
                    radio = int(timing.radio_us[phones.rat[cell]])
                    yield env.timeout(wait + timing.parts * radio)
                    phones.sms_received[h] = env.now
                    return
            if attempt == timing.retry_us.size:
                return
            due = served + timing.report_us + int(timing.retry_us[attempt])
            if due > deadline:
                return
            yield env.timeout(max(due - env.now, 0))
