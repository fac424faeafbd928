"""From the decision to the operators' centres: people, then gateways.

Stages: the authority waits, then writes and approves; a gateway checks the message and releases it;
each operator gets it at once (`push`), or finds it when it next looks (`poll`); the operator's own
gateway and queue pass it on to its broadcast centre. What follows is each channel's own.

Assumptions: the gateway takes a lognormal time, one draw for each message (sigma 0.5). An operator's
gateway and queue take an exponential time, one draw for each operator and message, for that is what a
queue or an inner poll gives, and it has one parameter: with `wea` (through an aggregator) 8 s on
average, fitted to the 13 s end-to-end median of San Diego 2019 (Minson et al. 2020); with `direct` (a
national broadcast centre) 1 s, not fitted. An operator looks by its own clock. A later message never
overtakes an earlier one at an operator.
"""

from collections.abc import Generator
from typing import Any, TypeAlias

import simpy

from ewsim.scenario.spec import AlertSpec
from ewsim.units import to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]

#: Mean time [s] from the release to an operator's broadcast centre, by gateway.
OPERATOR_DELAY_MEAN_S = {"direct": 1.0, "wea": 8.0}
#: Assumption: spread of the gateway's time, the standard deviation of its logarithm.
GATEWAY_SIGMA = 0.5

#: What an event of the release carries: when [us] the message passed each of these.
MILESTONES = ("authoring", "approved", "released")


def start(world: World, alert: AlertSpec) -> None:
    """Start the authority's process."""
    world.env.process(_authority(world, alert))


def follow(world: World, alert: AlertSpec, number: int, at_us: int) -> simpy.Event:
    """The release of a later message, which the authority sends off at a moment [us].

    Parameters
    ----------
    world
        The world, whose clock runs.
    alert
        The way to the centres.
    number
        Which of the later messages, from 1 on; each has its own luck at the gateway.
    at_us
        When the authority sends it off [us].
    """
    released = world.env.event()
    world.env.process(_later(world, alert, number, at_us, released))
    return released


def look(world: World, alert: AlertSpec, operator: int, number: int = 0) -> Process:
    """Until an operator finds a released message: at once, or when it next looks.

    Parameters
    ----------
    world
        The world, whose clock runs.
    alert
        The way to the operators.
    operator
        Its number in the network.
    number
        Which message: 0 the alert, then the later ones.
    """
    if alert.collection == "poll":
        phase = float(world.streams.uniform("chain.poll", [operator], number)[0])
        yield world.env.timeout(to_us(phase * alert.poll_interval_s))
    yield from _passed(world, operator, number)


def _passed(world: World, operator: int, number: int) -> Process:
    """Until no way to an operator is closed; while it waits for the alert, the world says why."""
    name = world.network.operators[operator]
    while True:
        now = world.env.now
        shut = [
            gate
            for gate in world.gates
            if gate.from_us <= now < gate.until_us and (not gate.operators or name in gate.operators)
        ]
        if not shut:
            if number == 0:
                world.withheld.pop(operator, None)
            return
        last = max(shut, key=lambda gate: gate.until_us)
        if number == 0:
            world.withheld[operator] = last.cause
        yield world.env.timeout(last.until_us - now)


def at_operator(world: World, alert: AlertSpec, operator: int, number: int = 0) -> Process:
    """Until an operator's broadcast centre has a released message: it looks, then its queue.

    Parameters
    ----------
    world, alert, operator, number
        As in `look`.
    """
    yield from look(world, alert, operator, number)
    mean_s = alert.operator_delay_mean_s
    if mean_s is None:
        mean_s = OPERATOR_DELAY_MEAN_S[alert.gateway]
    takes = float(world.streams.exponential("chain.operator", [operator], number)[0])
    yield world.env.timeout(to_us(mean_s * takes))


def _authority(world: World, alert: AlertSpec) -> Process:
    env = world.env
    yield env.timeout(-env.now)
    world.log("authority", "decided")
    yield env.timeout(to_us(alert.decision_delay_s))
    authoring = env.now
    world.log("authority", "authoring")
    yield env.timeout(to_us(alert.authoring_delay_s))
    world.log("authority", "approved")
    yield from _gateway(world, alert, 0, authoring, world.alert_released)


def _later(world: World, alert: AlertSpec, number: int, at_us: int, released: simpy.Event) -> Process:
    yield world.env.timeout(at_us - world.env.now)
    world.log("authority", "followed_up", detail=f"action {number}")
    yield from _gateway(world, alert, number, world.env.now, released)


def _gateway(world: World, alert: AlertSpec, number: int, authoring: int, released: simpy.Event) -> Process:
    approved = world.env.now
    takes = world.streams.lognormal("chain.gateway", [number], alert.gateway_median_s, GATEWAY_SIGMA)
    yield world.env.timeout(to_us(float(takes[0])))
    world.log("gateway", "released", detail=alert.gateway)
    released.succeed((authoring, approved, world.env.now))
