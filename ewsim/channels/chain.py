"""From the decision to the operators' centres: people, then gateways.

Assumption: the gateway takes a lognormal time, `direct` (a national broadcast centre) with median
2 s and sigma 0.6, `wea` (aggregator, gateway, centre) with median 8.5 s and sigma 0.5. The second
is fitted to the 13 s end-to-end median of San Diego 2019 (Minson et al. 2020); the first is not.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from ewsim.scenario.spec import AlertSpec
from ewsim.units import to_us
from ewsim.world import World

GATEWAYS = {"direct": (2.0, 0.6), "wea": (8.5, 0.5)}


def start(world: World, alert: AlertSpec) -> None:
    """Start the authority's process."""
    world.env.process(_authority(world, alert))


def _authority(world: World, alert: AlertSpec) -> Generator[simpy.Event, Any, None]:
    env = world.env
    yield env.timeout(-env.now)
    world.log("authority", "decided")
    yield env.timeout(to_us(alert.decision_delay_s))
    world.log("authority", "authoring")
    yield env.timeout(to_us(alert.authoring_delay_s))
    world.log("authority", "approved")
    median, sigma = GATEWAYS[alert.gateway]
    yield env.timeout(to_us(float(world.streams.lognormal("chain.gateway", [0], median, sigma)[0])))
    world.log("gateway", "released", detail=alert.gateway)
    world.alert_released.succeed()
