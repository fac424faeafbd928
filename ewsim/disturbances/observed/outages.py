"""Sites go off and on again as an outage table says.

The table says what was off, and nothing follows from it: a site that hangs on another that is off stays on,
unless the table has it too, so that the shares of the table are those of the run. Phones charge as if the
grid were there; name a power_loss beside it where they should not.
"""

from collections.abc import Generator
from typing import Any

import simpy

from ewsim.disturbances.entry import DisturbanceEntry
from ewsim.disturbances.observed.reading import read_observations
from ewsim.disturbances.observed.spans import ObservedSpan, matched, spans_of
from ewsim.disturbances.observed.spec import OutageTableSpec
from ewsim.units import to_us
from ewsim.world import World

#: What of a site failed, by the cause of the table.
_WHAT = {"power": "power", "transport": "link", "damage": "damage", "unknown": "outage"}


class ObservedOutages(DisturbanceEntry[OutageTableSpec]):
    """An outage table as a disturbance of one run."""

    @property
    def begins_us(self) -> int:
        """When the first outage begins [us]."""
        return to_us(min(row.from_s for row in read_observations(self.spec)))

    def start(self, world: World) -> None:
        """Start the process that takes each site off and on at its times."""
        rows = matched(self.spec, world.network.built)
        spans = spans_of(rows, self.spec, world.network.built, world.streams)
        world.env.process(self._run(world, spans))

    def _run(self, world: World, spans: list[ObservedSpan]) -> Generator[simpy.Event, Any, None]:
        goes_on = {(span.site, span.from_us) for span in spans}  # at once, by another cause
        turns = [(span.from_us, 1, span.site, span.cause) for span in spans]
        turns += [(s.until_us, 0, s.site, "") for s in spans if (s.site, s.until_us) not in goes_on]
        if turns:
            world.log("disturbance", "began", detail=self.spec.kind, inject=self.name, at_us=min(turns)[0])
        for at_us, off, site, cause in sorted(turns):
            if at_us > world.horizon_us:
                return
            if at_us > world.env.now:
                yield world.env.timeout(at_us - world.env.now)
            seen = "seen_off" if off else "seen_on"
            world.log("site", seen, site=site, detail=cause, inject=self.name)
            world.observe(site, _WHAT.get(cause, ""), self.name, off=bool(off))
        world.log("disturbance", "over", detail=self.spec.kind, inject=self.name)
