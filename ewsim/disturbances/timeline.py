"""The disturbances of a scenario, started in its order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ewsim.disturbances.power.supplies import Supplies
from ewsim.kinds import kinds_of
from ewsim.scenario.spec import DisturbanceSpec, PowerSpec
from ewsim.units import to_us
from ewsim.world import World


class Disturbance(Protocol):
    """What a kind of disturbance makes from its number in the scenario and its keys."""

    def start(self, world: World) -> None:
        """Start its processes."""


def starts_us(disturbances: Sequence[DisturbanceSpec]) -> int:
    """When the clock must start so that all of them happen in it [us]: 0 or earlier."""
    return min([0, *(to_us(d.at_s) for d in disturbances)])


def start(world: World, disturbances: Sequence[DisturbanceSpec], power: PowerSpec | None = None) -> None:
    """Start the sites' own supplies, then every disturbance, in the scenario's order.

    Parameters
    ----------
    world
        The state of this replication.
    disturbances
        The scenario's.
    power
        How much of the sites' supplies works; None: all of it, for its nominal time.
    """
    Supplies(world, power)
    kinds = kinds_of("disturbance")
    for index, spec in enumerate(disturbances):
        disturbance: Disturbance = kinds[spec.kind].make(index, spec)
        disturbance.start(world)
