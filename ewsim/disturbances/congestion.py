"""Congestion: people call and write because of what happened, and the network throttles them.

Cell broadcast has channels of its own and is received by phones that are idle, so a surge leaves it as it is
(3GPP TS 23.041, 3); texts share the message centre, the paging and the signalling channels of 2G with
everybody else.

Assumptions: the surge is the same in every cell of an operator; whom barring keeps away takes no channel
and no page; barring does not touch phones that are paged (TS 36.331 5.3.3.2: access for terminating calls
has a timer of its own).
"""

from ewsim.disturbances.entry import AnnouncedEntry
from ewsim.disturbances.spec import CongestionSpec
from ewsim.units import to_us
from ewsim.world import Surge, World


class Congestion(AnnouncedEntry[CongestionSpec]):
    """A surge of the world, from its keys."""

    def begin(self, world: World) -> str:
        """Tell the world of the surge."""
        spec = self.spec
        admitted = spec.calls_factor * (1 - spec.barred_share)
        world.surges.append(
            Surge(
                to_us(spec.at_s),
                to_us(spec.decay_s),
                admitted,
                spec.background_load_share,
                spec.paging_load_share,
                spec.operators,
            )
        )
        return f"{spec.kind}: {admitted:g} times the ordinary calls get through"
