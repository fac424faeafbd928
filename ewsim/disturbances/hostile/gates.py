"""What hostile and human failure does to the world: it closes ways to operators, and captures phones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any

import simpy

from ewsim.disturbances.hostile.spec import (
    CentreCutSpec,
    FalseAlertSpec,
    FalseStationSpec,
    OperatorRefusesSpec,
)
from ewsim.scenario.spec.disturbance import DisturbanceSpec
from ewsim.targeting import shape_of
from ewsim.units import NEVER, to_us
from ewsim.world import Capture, Gate, World


class _Hostile(ABC):
    """What all have in common: an id, and a row in the events when they begin."""

    spec: DisturbanceSpec

    def __init__(self, index: int, spec: Any) -> None:
        self.index, self.spec, self.name = index, spec, spec.name(index)

    def start(self, world: World) -> None:
        """Close or capture what it does, and write down when it begins."""
        detail = self.begin(world)
        world.env.process(self._run(world, detail))

    @abstractmethod
    def begin(self, world: World) -> str:
        """Do to the world what it does; what the event says."""

    def _run(self, world: World, detail: str) -> Generator[simpy.Event, Any, None]:
        yield world.env.timeout(to_us(self.spec.at_s) - world.env.now)
        world.log("disturbance", "began", detail=detail, inject=self.name)


class CentreCut(_Hostile):
    """The link to centres is down, until it is restored or a spare one takes over."""

    spec: CentreCutSpec

    def begin(self, world: World) -> str:
        """Close the way."""
        spec = self.spec
        ends = NEVER if spec.restored_at_s is None else to_us(spec.restored_at_s)
        if spec.spare_link_after_s is not None:
            ends = min(ends, to_us(spec.at_s + spec.spare_link_after_s))
        world.gates.append(Gate(to_us(spec.at_s), ends, "centre_cut", spec.operators))
        return spec.kind


class OperatorRefuses(_Hostile):
    """Operators do not take the alert."""

    spec: OperatorRefusesSpec

    def begin(self, world: World) -> str:
        """Close the way."""
        spec = self.spec
        ends = NEVER if spec.restored_at_s is None else to_us(spec.restored_at_s)
        world.gates.append(Gate(to_us(spec.at_s), ends, "operator_refused", spec.operators))
        return f"{spec.kind}: {', '.join(spec.operators)}"


class FalseAlert(_Hostile):
    """A false message; the channel broadcasts it. An altered alert keeps the right one waiting."""

    spec: FalseAlertSpec

    def begin(self, world: World) -> str:
        """Hold the right alert back, where this is what became of it."""
        spec = self.spec
        if spec.how == "altered_area":
            waits_s = spec.resend_s if spec.caught_share == 1 else spec.corrected_after_s
            ends = NEVER if waits_s is None else to_us(spec.at_s + waits_s)
            world.gates.append(Gate(to_us(spec.at_s), ends, "alert_altered"))
        return f"{spec.kind}: {spec.how.replace('_', ' ')}"


class FalseStation(_Hostile):
    """A station holds phones of an area."""

    spec: FalseStationSpec

    def begin(self, world: World) -> str:
        """Capture the phones."""
        spec = self.spec
        shape = shape_of(spec.area, world.network.frame)
        from_us, until_us = to_us(spec.at_s), to_us(spec.at_s + spec.lasts_s)
        shows = 1 - spec.comparing_share if spec.shows_message else 0.0
        world.captures.append(
            Capture(self.name, self.index, from_us, until_us, shape, spec.captured_share, shows)
        )
        return spec.kind
