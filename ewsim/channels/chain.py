"""From the decision to the operators' centres: people, then gateways.

Stages: the authority waits, then writes and approves; a gateway validates the message and passes it
on; the operators' centres get it at once (`push`), or find it when they next look (`poll`). What
follows is each channel's own.

Assumption: the gateway takes a lognormal time, `direct` (a national broadcast centre) with median
2 s and sigma 0.6, `wea` (aggregator, gateway, centre) with median 8.5 s and sigma 0.5. The second
is fitted to the 13 s end-to-end median of San Diego 2019 (Minson et al. 2020); the first is not.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias

import simpy

from ewsim.scenario.spec import AlertSpec
from ewsim.units import to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]

GATEWAYS = {"direct": (2.0, 0.6), "wea": (8.5, 0.5)}

#: What an event of the release carries: when [us] the message passed each of these.
MILESTONES = ("authoring", "approved", "validated", "released")


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
    env, streams = world.env, world.streams
    approved = env.now
    median, sigma = GATEWAYS[alert.gateway]
    takes_s = float(streams.lognormal("chain.gateway", [number], median, sigma)[0])
    yield env.timeout(to_us(takes_s))
    validated = env.now
    if alert.collection == "poll":
        world.log("gateway", "validated", detail=alert.gateway)
        phase = float(streams.uniform("chain.poll", [number])[0])
        yield env.timeout(to_us(phase * alert.poll_interval_s))
    world.log("gateway", "released", detail=alert.gateway)
    released.succeed((authoring, approved, validated, env.now))
