"""What disturbances of a run have in common: number, keys, id; and a row in the events when they begin."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, Generic, TypeVar

import simpy

from ewsim.scenario.spec.disturbance import DisturbanceSpec
from ewsim.units import to_us
from ewsim.world import World

S = TypeVar("S", bound=DisturbanceSpec)


class DisturbanceEntry(Generic[S]):
    """An entry of `disturbances` in one run.

    Parameters
    ----------
    index
        The disturbance's number in the scenario, to which its draws belong.
    spec
        Its keys, its paths from the current folder.
    """

    def __init__(self, index: int, spec: S) -> None:
        self.index, self.spec, self.name = index, spec, spec.name(index)


class AnnouncedEntry(DisturbanceEntry[S], ABC):
    """An entry that tells the world all of itself at once, and is written down when it begins."""

    def start(self, world: World) -> None:
        """Do to the world what it does, and write down when it begins."""
        detail = self.begin(world)
        world.env.process(self._run(world, detail))

    @abstractmethod
    def begin(self, world: World) -> str:
        """Do to the world what it does; what the event says."""

    def _run(self, world: World, detail: str) -> Generator[simpy.Event, Any, None]:
        yield world.env.timeout(to_us(self.spec.at_s) - world.env.now)
        world.log("disturbance", "began", detail=detail, inject=self.name)
