"""Location-based SMS the slow way: a SimPy process a message, queues that are real queues.

The other half of the slow oracle (see `engine.reference`), which moves the phones.
"""

import math
from collections.abc import Generator
from typing import Any, TypeAlias

import simpy

from ewsim.channels.location_based_sms.channel import LocationBasedSms, from_abroad
from ewsim.channels.location_based_sms.timing import DrainTiming
from ewsim.engine.reference.phones import Phones
from ewsim.engine.simulation import Setup
from ewsim.streams import words
from ewsim.units import GSM, RATS

Process: TypeAlias = Generator[simpy.Event, Any, Any]


def binomial(u: float, n: int, p: float) -> int:
    """The smallest k whose binomial distribution function exceeds u.

    Parameters
    ----------
    u
        The draw, in [0, 1) [1].
    n
        Trials.
    p
        Probability of success of each [1].
    """
    below = 0.0
    for k in range(n):
        below += math.comb(n, k) * p**k * (1 - p) ** (n - k)
        if u < below:
            return k
    return n


class Messages:
    """All messages, each its own process."""

    def __init__(self, phones: Phones, channel: LocationBasedSms, setup: Setup) -> None:
        self.phones, self.sms, self.handsets = phones, channel, setup.population.handsets
        self.world, self.env = phones.world, phones.world.env
        self.streams = phones.world.streams
        self.operator_of = setup.network.cells.operator.tolist()
        records = channel.timing(self.world, 0).records
        self.pagers = [
            [simpy.Resource(self.env, int(records[rat])) for rat in range(len(RATS))]
            for _ in range(setup.network.tracking_area_count)
        ]
        owner = self.handsets.owner
        self.weight = setup.population.people.weight[owner].tolist()
        self.in_vain = channel.undeliverable(self.streams, self.handsets.number).tolist()
        self.held: list[list[int]] = [[] for _ in self.operator_of]  # by 2G cell: until when
        channel.when_listed.append(lambda operator: self.env.process(self._submit(operator)) and None)

    def _listed(self, operator: int) -> list[int]:
        """The handsets that an operator's register has on its cells of the area."""
        env, spec, phones = self.env, self.sms.spec, self.phones
        detach_us = round(spec.periodic_update_s * 1e6) + 240_000_000
        ages = self.sms.location_age_us(self.streams, self.handsets.number).tolist()
        left_out = self.sms.left_out(self.streams, self.handsets).tolist()
        refused = self.sms.refused(self.streams, self.handsets.number).tolist()
        abroad = from_abroad(self.handsets).tolist()
        listed = []
        for h, history in enumerate(phones.history):
            if not history or left_out[h]:
                continue
            gone = phones.left[h] <= env.now and env.now - phones.left[h] > detach_us
            known = [cell for since, cell in history if since <= env.now - ages[h]]
            cell = known[-1] if known else history[0][1]
            if gone or self.operator_of[cell] != operator or not self.sms.targeted[cell]:
                continue
            home = operator == phones.operator[h] and not abroad[h]
            if home or not refused[h]:
                listed.append(h)
        return listed

    def _submit(self, operator: int) -> Process:
        """The list of an operator, submitted at the rate its centre takes."""
        env, timing = self.env, self.sms.timing(self.world, operator)
        listed = self._listed(operator)
        order = dict(zip(listed, self.streams.uniform("sms.order", listed).tolist(), strict=True))
        centre = simpy.Resource(env)
        deadline = env.now + timing.validity_us
        for h in sorted(listed, key=lambda h: order[h]):
            env.process(self._message(h, centre, timing, deadline))
            yield env.timeout(self._part_us(timing) * timing.parts * self.weight[h])

    def _part_us(self, timing: DrainTiming) -> int:
        return int(timing.part_us[timing.step(self.env.now)])

    def _message(self, h: int, centre: simpy.Resource, timing: DrainTiming, deadline: int) -> Process:
        """One message: the centre's queue, the core, the air; again what did not arrive."""
        env, missing, attempt = self.env, timing.parts, 0
        while True:
            with centre.request() as turn:
                yield turn
                if env.now > deadline:
                    return
                yield env.timeout(self._part_us(timing) * missing * self.weight[h])
            yield env.timeout(timing.core_us)
            absent, ended, got, word = yield from self._attempt(h, attempt, missing, timing)
            missing -= got
            if not missing:
                if not self.in_vain[h]:
                    self.phones.sms_received[h] = env.now
                return
            due = None
            if attempt < timing.retry_us.size:
                due = ended + timing.report_us + int(timing.retry_us[attempt])
            if absent and timing.alert_us >= 0:
                due = yield from self._return(h, ended + timing.report_us, due, word, timing)
            if due is None or due > deadline:
                return
            yield env.timeout(max(due - env.now, 0))
            attempt += 1

    def _return(self, h: int, known: int, due: int | None, word: int, timing: DrainTiming) -> Process:
        """Wait for an absent phone, or until the next try is due; when that is then."""
        env = self.env
        back = self.phones.attached.setdefault(h, env.event())
        yield back if due is None else back | env.timeout(due - env.now)
        if back.triggered:
            alerted = max(env.now, known) + (word * 2 * timing.alert_us >> 32)
            due = alerted if due is None else min(due, alerted)
        return due

    def _attempt(self, h: int, attempt: int, missing: int, timing: DrainTiming) -> Process:
        """Pages until one is answered; gives (absent, when it ended, parts got, a word)."""
        env, phones = self.env, self.phones
        for number in range(timing.tries):
            paged_at = env.now
            luck = [int(word) for word in words(self.streams.key("sms.attempt"), h, number, attempt)]
            cell = phones.camped[h]
            if cell < 0:
                return True, paged_at, 0, luck[2]
            rat = phones.rat[cell]
            page = self.pagers[phones.area[cell]][rat].request()
            yield page | env.timeout(timing.discard_us)
            heard = page.triggered
            if heard:
                takes_us = int(timing.page_us[timing.step(env.now), rat])
                env.process(self._release(page, takes_us * self.weight[h]))
                yield env.timeout(takes_us)
            else:
                page.cancel()
            if heard:
                yield env.timeout(luck[2] * timing.paging_cycle_us >> 32)
                if rat == GSM:
                    paged_at = env.now
                    cell = phones.camped[h]
                    heard = cell >= 0 and phones.rat[cell] == GSM
                    heard = heard and self._seize(cell, missing * self.weight[h], timing, luck[3])
                if heard:
                    yield env.timeout(missing * int(timing.radio_us[rat]))
                    u = ((luck[0] >> 5) * 67108864 + (luck[1] >> 6)) * 2.0**-53
                    lost = binomial(u, missing, 1 - timing.success_share)
                    return False, env.now, missing - lost, 0
            if number + 1 < timing.tries:
                yield env.timeout(max(paged_at + timing.repeat_us - env.now, 0))
        return False, paged_at, 0, 0

    def _release(self, page: Any, after_us: int) -> Process:
        """Give a pager's place free when it has named all phones that one stands for."""
        yield self.env.timeout(after_us)
        page.resource.release(page)

    def _seize(self, cell: int, parts: int, timing: DrainTiming, word: int) -> bool:
        """Take a channel of a 2G cell, if messages and calls leave one."""
        now = self.env.now
        held = self.held[cell] = [until for until in self.held[cell] if until > now]
        if (word + 0.5) * 2.0**-32 < timing.blocking[timing.step(now)][len(held)]:
            return False
        held.append(now + parts * int(timing.radio_us[GSM]))
        return True
