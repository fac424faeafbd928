"""Elements that a scenario names: what each name stands for, and their loss at a time."""

from collections.abc import Generator
from typing import Any

import simpy

from ewsim.disturbances.entry import DisturbanceEntry
from ewsim.disturbances.spec import ElementLossSpec
from ewsim.network.topology import Network
from ewsim.units import to_us
from ewsim.world import Element, ElementKind, World


def named(network: Network) -> dict[str, Element]:
    """Every element of a network by its name; of two with one name the first in this order counts."""
    found: dict[str, Element] = {}
    kinds: tuple[tuple[ElementKind, str, tuple[str, ...]], ...] = (
        ("feeder", "", network.feeder_names),
        ("substation", "", network.substation_names),
        ("core", "", network.core_names),
        ("cable", "", ("cable",) if network.cable else ()),
        ("satellite", "", ("satellite",) if network.satellite_sites.size else ()),
        ("site", "", network.sites.name),
        ("link", "link ", network.sites.name),
        ("road", "road ", network.sites.name),
    )
    for kind, before, names in kinds:
        for number, name in enumerate(names):
            found.setdefault(before + name, Element(kind, number))
    return found


class ElementLoss(DisturbanceEntry[ElementLossSpec]):
    """Elements fail at a time, and perhaps return."""

    def start(self, world: World) -> None:
        """Start the process that makes them fail at its time and restores them at its time."""
        world.env.process(self._run(world))

    def _run(self, world: World) -> Generator[simpy.Event, Any, None]:
        spec, known = self.spec, named(world.network.built)
        yield world.env.timeout(to_us(spec.at_s) - world.env.now)
        world.log("disturbance", "began", detail=spec.kind, inject=self.name)
        for name in spec.elements:
            world.fail(known[name], self.name)
        if spec.restored_at_s is None:
            return
        yield world.env.timeout(to_us(spec.restored_at_s) - world.env.now)
        for name in spec.elements:
            world.restore(known[name], self.name)
        world.log("disturbance", "over", detail=spec.kind, inject=self.name)
