"""The clock takes events in SimPy's own order, whatever is due at once and whatever waits."""

from __future__ import annotations

import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.world.clock import WorldClock

_DELAYS = st.lists(st.integers(0, 3), min_size=1, max_size=4)
_PLANS = st.lists(_DELAYS, min_size=1, max_size=6)


def _story(env: simpy.Environment, plans: list[list[int]], seed: int) -> list[tuple[int, int, str]]:
    """Processes that wait, start others, fire events for others and interrupt each other."""
    story: list[tuple[int, int, str]] = []
    gates = [env.event() for _ in plans]
    running: list[simpy.Process] = []

    def child(number):
        story.append((env.now, number, "child"))
        yield env.timeout(0)
        story.append((env.now, number, "child ends"))

    def process(number, delays):
        for turn, delay in enumerate(delays):
            try:
                yield env.timeout(delay)
                story.append((env.now, number, "waited"))
            except simpy.Interrupt:
                story.append((env.now, number, "interrupted"))
            env.process(child(number))
            other = (number + seed + turn) % len(plans)
            if turn == 1 and not gates[other].triggered:
                gates[other].succeed()
            if turn == 2 and running[other].is_alive and running[other] is not env.active_process:
                running[other].interrupt()
        try:
            yield gates[number] | env.timeout(5)
        except simpy.Interrupt:
            story.append((env.now, number, "interrupted at the end"))
        story.append((env.now, number, "ends"))

    running += [env.process(process(number, delays)) for number, delays in enumerate(plans)]
    env.run(until=40)
    assert env.now == 40
    return story


@settings(max_examples=40)
@given(_PLANS, st.integers(0, 5))
def test_events_come_in_the_order_of_simpy(plans, seed):
    assert _story(WorldClock(-3), plans, seed) == _story(simpy.Environment(-3), plans, seed)


def test_the_next_moment_is_now_while_something_is_due_at_once():
    env = WorldClock(7)
    assert env.peek() == float("inf")
    env.timeout(2)
    assert env.peek() == 9
    env.event().succeed()
    assert env.peek() == 7
