"""What hostile and human failure does to the world: it closes ways to operators, and captures phones."""

from ewsim.disturbances.entry import AnnouncedEntry
from ewsim.disturbances.hostile.spec import (
    CentreCutSpec,
    FalseAlertSpec,
    FalseStationSpec,
    OperatorRefusesSpec,
)
from ewsim.targeting import shape_of
from ewsim.units import NEVER, to_us
from ewsim.world import Capture, Gate, World


class CentreCut(AnnouncedEntry[CentreCutSpec]):
    """The link to centres is down, until it is restored or a spare one takes over."""

    def begin(self, world: World) -> str:
        """Close the way."""
        spec = self.spec
        ends = NEVER if spec.restored_at_s is None else to_us(spec.restored_at_s)
        if spec.spare_link_after_s is not None:
            ends = min(ends, to_us(spec.at_s + spec.spare_link_after_s))
        world.gates.append(Gate(to_us(spec.at_s), ends, "centre_cut", spec.operators))
        return spec.kind


class OperatorRefuses(AnnouncedEntry[OperatorRefusesSpec]):
    """Operators do not take the alert."""

    def begin(self, world: World) -> str:
        """Close the way."""
        spec = self.spec
        ends = NEVER if spec.restored_at_s is None else to_us(spec.restored_at_s)
        world.gates.append(Gate(to_us(spec.at_s), ends, "operator_refused", spec.operators))
        return f"{spec.kind}: {', '.join(spec.operators)}"


class FalseAlert(AnnouncedEntry[FalseAlertSpec]):
    """A false message; the channel broadcasts it. An altered alert keeps the right one waiting."""

    def begin(self, world: World) -> str:
        """Hold the right alert back, where this is what became of it."""
        spec = self.spec
        if spec.how == "altered_area":
            waits_s = spec.resend_s if spec.caught_share == 1 else spec.corrected_after_s
            ends = NEVER if waits_s is None else to_us(spec.at_s + waits_s)
            world.gates.append(Gate(to_us(spec.at_s), ends, "alert_altered"))
        return f"{spec.kind}: {spec.how.replace('_', ' ')}"


class FalseStation(AnnouncedEntry[FalseStationSpec]):
    """A station holds phones of an area."""

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
