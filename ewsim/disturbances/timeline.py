"""The disturbances of a scenario, started in its order."""

from collections.abc import Sequence
from typing import Protocol

from ewsim.disturbances.power.supplies import Supplies
from ewsim.kinds import kinds_of
from ewsim.scenario.spec import DisturbanceSpec, PowerSpec
from ewsim.units import to_us
from ewsim.world import World


class Disturbance(Protocol):
    """What a kind of disturbance makes from its number in the scenario and its keys.

    It may also have `begins_us`, its first moment [us], where that is not the `at_s` of its keys.
    """

    def start(self, world: World) -> None:
        """Start its processes."""


def starts_us(disturbances: Sequence[DisturbanceSpec]) -> int:
    """When the clock must start so that all of them happen in it [us]: 0 or earlier."""
    pairs = zip(disturbances, _made(disturbances), strict=True)
    return min([0, *(getattr(made, "begins_us", to_us(spec.at_s)) for spec, made in pairs)])


def _made(disturbances: Sequence[DisturbanceSpec]) -> list[Disturbance]:
    """Each as its kind makes it, new for a run."""
    kinds = kinds_of("disturbance")
    return [kinds[spec.kind].make(index, spec) for index, spec in enumerate(disturbances)]


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
    for disturbance in _made(disturbances):
        disturbance.start(world)
