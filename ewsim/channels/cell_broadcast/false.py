"""False messages that cells broadcast, and their correction: who sees them, and when.

They use the cells, the delays and the phones of the scenario's cell broadcast, and are no alert: nobody is
reached by them.

Assumptions: a false message does not take turns with the alert or replace it, and no closed way holds
it; cells on sites in its area broadcast it; the correction goes to the same cells, with the next serial
number.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim import coding
from ewsim.channels.base import Crowd
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import Action, CbMessage, Order, Plan
from ewsim.channels.wiring import Wiring
from ewsim.geography import plane
from ewsim.scenario.spec.disturbance import FalseMessage
from ewsim.targeting import shape_of
from ewsim.units import NEVER, US, to_us
from ewsim.world import Gate, World

#: The message code of false messages; the alert has one of the scenario.
_CODE, _PAGES, _DURATION_S = 1000, 2, 1200.0


class Deceived(NamedTuple):
    """When each person saw a false message, and then its correction [us], shape (people,); NEVER: not."""

    seen_us: NDArray[np.int64]
    corrected_us: NDArray[np.int64]


class _Silent:
    """A world that writes down nothing, for its events are those of the alert, and whose ways are open."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.gates: list[Gate] = []
        self.withheld: dict[int, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def log(self, *_: Any, **__: Any) -> None:
        """Write down nothing."""


class FalseBroadcast:
    """A false message; new for each replication.

    Parameters
    ----------
    name, number
        The id and the number of its disturbance.
    message
        What is false.
    wiring
        The scenario and the country.
    """

    def __init__(self, name: str, number: int, message: FalseMessage, wiring: Wiring) -> None:
        self.name, self.number, self.message = name, number, message
        spec: Any = wiring.scenario.channels.cell_broadcast  # type: ignore[attr-defined]
        cells = wiring.targeted
        if message.area is not None:
            network = wiring.network
            shape = shape_of(message.area, network.frame)
            inside = plane.contains(shape, network.sites.x_m, network.sites.y_m)
            cells = inside[network.cells.site]
        ends_s = message.corrected_after_s
        ends = [ends for ends in (ends_s, message.stopped_after_s) if ends is not None]
        shown_s = max(min([_DURATION_S, *ends]), 1e-6)
        self._false, self._correction = (
            CellBroadcast(spec, self._plan(update, at_s, lasts_s), cells, None, wiring.scenario.alert)
            for update, at_s, lasts_s in (
                (0, message.at_s, shown_s),
                (1, message.at_s + (ends_s or 0.0), _DURATION_S),
            )
        )
        self._goes_out = False

    def _plan(self, update: int, at_s: float, lasts_s: float) -> Plan:
        identifier, octets = self.message.message_identifier, coding.warning_contents_octets(_PAGES)
        serial = coding.serial_number("plmn", (_CODE + self.number) % 1024, update)
        level, lasts_us = coding.level_of(identifier), max(to_us(lasts_s), US)
        message = CbMessage(identifier, serial, _PAGES, octets, level, lasts_us)
        return Plan((message,), (Action((Order(0),), to_us(at_s)),))

    def start(self, world: World) -> None:
        """Send it, unless it is caught; and its correction."""
        message = self.message
        luck = float(world.streams.uniform("hostile.caught", [self.number])[0])
        self._goes_out = luck >= message.caught_share
        if not message.station:
            world.log(
                "gateway",
                "false_alert_sent" if self._goes_out else "false_alert_stopped",
                at_us=to_us(message.at_s),
                inject=self.name,
            )
        if not self._goes_out:
            return
        silent: Any = _Silent(world)
        if not message.station:
            self._false.start(silent)
        if message.corrected_after_s is not None:
            at_us = to_us(message.at_s + message.corrected_after_s)
            if at_us <= world.horizon_us:
                world.log("authority", "corrected", at_us=at_us, inject=self.name)
            self._correction.start(silent)

    def deceived(self, world: World, crowd: Crowd, shown_us: NDArray[np.int64] | None) -> Deceived:
        """Who saw it, and its correction.

        Parameters
        ----------
        world, crowd
            The run's, when the clock has stopped.
        shown_us
            When a false station showed it to each person [us], shape (people,); None: there is none.
        """
        silent: Any = _Silent(world)
        never = np.full(len(crowd.population.people), NEVER, dtype=np.int64)
        if not self._goes_out:
            return Deceived(never, never)
        seen_us = never if shown_us is None else shown_us
        if not self.message.station:
            seen_us = self._false.deliver(silent, crowd).displayed_us
        if self.message.corrected_after_s is None:
            return Deceived(seen_us, never)
        corrected_us = self._correction.deliver(silent, crowd).displayed_us
        later = (seen_us < NEVER) & (corrected_us > seen_us)
        return Deceived(seen_us, np.where(later, corrected_us, never))


def false_broadcasts(wiring: Wiring) -> list[FalseBroadcast]:
    """The false messages of a scenario, new for one run."""
    if getattr(wiring.scenario.channels, "cell_broadcast", None) is None:
        return []
    every = enumerate(wiring.scenario.disturbances)
    found = ((spec.name(n), n, spec.false_message()) for n, spec in every)
    return [FalseBroadcast(name, n, message, wiring) for name, n, message in found if message is not None]
