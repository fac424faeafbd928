"""A hazard strikes: elements fail at their times, and work again when they have been repaired.

Assumption: repairs begin when the hazard has left all sites and roads are passable; each element
waits an exponential time of its own, so the order of repair is luck.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.disturbances.entry import DisturbanceEntry
from ewsim.disturbances.hazards import fragility
from ewsim.disturbances.hazards.exposure import Exposure
from ewsim.disturbances.hazards.footprint import Footprint, footprint_of
from ewsim.disturbances.hazards.spec import HazardSpec
from ewsim.disturbances.hazards.words import COMPONENTS, MEASURES
from ewsim.errors import count_of
from ewsim.network.topology import Network
from ewsim.streams import Streams
from ewsim.units import US, to_us
from ewsim.world import Element, World

#: Later than the end of any run [s].
_LONGEST_S = 1e12
Process: TypeAlias = Generator[simpy.Event, Any, None]
_MEAN_S = {
    "site": "site_mean_s",
    "feeder": "feeder_mean_s",
    "mains": "feeder_mean_s",
    "substation": "feeder_mean_s",
    "link": "link_mean_s",
    "road": "",  # passable when work begins
}


@dataclass(frozen=True, slots=True)
class Loss:
    """An element fails at one time and works again at another [us]; `component` says why."""

    at_us: int
    back_us: int | None
    element: Element
    component: str


class Strike(DisturbanceEntry[HazardSpec]):
    """A hazard as a disturbance of one run."""

    @property
    def footprint(self) -> Footprint:
        """Where, when and how strong it is."""
        return footprint_of(self.spec)

    @property
    def begins_us(self) -> int:
        """When it can first break anything [us]."""
        return to_us(self.footprint.begins_s)

    def exposures(self, network: Network) -> dict[str, Exposure]:
        """Each measure at the sites."""
        sites = network.sites
        return self.footprint.at(*network.frame.to_latlon(sites.x_m, sites.y_m))

    def losses(self, network: Network, streams: Streams) -> list[Loss]:
        """Everything that fails, in order of time."""
        spec, footprint, exposures = self.spec, self.footprint, self.exposures(network)
        left_s = max(self._left_s(exposures[footprint.measure]), footprint.begins_s)
        found: list[Loss] = []
        for failure in fragility.failures(spec.fragility, spec.measures, exposures, network, streams):
            back = self._back_us(failure, left_s, streams)
            for n, (number, at_s) in enumerate(zip(failure.number.tolist(), failure.at_s, strict=True)):
                element, when = Element(failure.kind, number), None if back is None else int(back[n])
                found.append(Loss(to_us(at_s), when, element, failure.component))
        return sorted(found, key=lambda loss: (loss.at_us, loss.component, loss.element.number))

    def _back_us(
        self, failure: fragility.Failure, left_s: float, streams: Streams
    ) -> NDArray[np.int64] | None:
        plan = self.spec.restoration
        if plan is None:
            return None
        drawn = failure.number if failure.together is None else failure.together
        waits = streams.exponential(f"hazard.repair.{failure.component}", drawn)
        begins = np.maximum(failure.at_s, left_s) + plan.access_delay_s
        mean_s = float(getattr(plan, _MEAN_S[failure.kind], 0.0))
        back_s = np.minimum(begins + 1 + waits * mean_s, _LONGEST_S)
        return np.asarray(np.rint(back_s * US), dtype=np.int64)

    def _left_s(self, exposure: Exposure) -> float:
        """When it has left every site [s], inf where it stays."""
        level = min(self.footprint.arrival, self.footprint.calm)
        stays = self.footprint.stays and bool((exposure.values[-1:] >= level).any())
        return np.inf if stays else exposure.left_s(level)

    def start(self, world: World) -> None:
        """Start the process that makes each fail at its time and work again at its time."""
        world.env.process(self._run(world, self.losses(world.network.built, world.streams)))

    def _run(self, world: World, losses: list[Loss]) -> Process:
        turns = [(max(loss.at_us, world.start_us), 0, n) for n, loss in enumerate(losses)]
        turns += [(loss.back_us, 1, n) for n, loss in enumerate(losses) if loss.back_us is not None]
        self._log(world, losses)
        for at_us, back, n in sorted(turns):
            if at_us > world.horizon_us:
                return
            if at_us > world.env.now:
                yield world.env.timeout(at_us - world.env.now)
            change = world.restore if back else world.fail
            change(losses[n].element, f"{self.name} {losses[n].component}")

    def _log(self, world: World, losses: list[Loss]) -> None:
        """Write down in words when it comes, is strongest and leaves, and what fails."""
        name = self.spec.label or self.spec.kind
        measure, level = self.footprint.measure, self.footprint.arrival
        exposure = self.exposures(world.network.built)[measure]
        reached = exposure.reached_s(level)
        level_words, arrival_words, most_words = MEASURES[measure]
        rows: list[tuple[float, str, str]] = []
        if np.isfinite(reached).any():
            peak, top = exposure.peak, float(exposure.peak.max())
            some = f"{int(np.isfinite(reached).sum()):,} of {count_of(reached.size, 'sites')}"
            first = f"{name}: {arrival_words.format(level_words.format(level))}"
            most = f"{name}: {most_words.format(top)}; it reaches {some} in all"
            at_s = exposure.reached_s(np.where(peak == top, top, np.inf)).min()
            rows.append((float(reached.min()), "arrives", first))
            rows.append((float(at_s), "strongest", most))
            rows.append((self._left_s(exposure), "leaves", f"{name}: it has left every site"))
        parts: dict[str, list[int]] = {}
        for loss in (loss for loss in losses if loss.at_us <= world.horizon_us):
            parts.setdefault(loss.component, []).append(loss.at_us)
        for component, times in parts.items():
            words = COMPONENTS[component][len(times) > 1]
            hours = (times[-1] - times[0]) / (3600 * US)
            spread = f" over the next {hours:.1f} h" if hours >= 0.05 else ""
            rows.append((times[0] / US, "breaks", f"{name}: {len(times):,} {words}{spread}"))
        for at_s, moment, detail in sorted(rows):
            if at_s * US <= world.horizon_us:
                at_us = max(to_us(at_s), world.start_us)
                world.log("hazard", moment, detail=detail, inject=self.name, at_us=at_us)
