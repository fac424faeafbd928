"""Satellites as a kind of channel: its keys and how it is made."""

from pydantic import Field

from ewsim.kinds import Kind, lazily
from ewsim.scenario.spec.base import DurationS, Model, PositiveS, Share


class SatelliteSpec(Model):
    """A satellite sends the warning straight to phones that find no cell."""

    start_delay_s: DurationS = Field(
        5, description="assumption: from the released alert to the satellite's broadcast [s] (range 1 to 60)"
    )
    capable_share: Share = Field(
        0.2, description="assumption: smartphones that can use the satellites (range 0.05 to 0.6)"
    )
    sky_view_share: Share = Field(
        0.9, description="assumption: people outdoors with enough sky; nobody indoors (range 0.7 to 0.98)"
    )
    search_s: DurationS = Field(
        60,
        description="assumption: a phone without a cell turns to the satellite after [s] (range 10 to 300)",
    )
    period_s: PositiveS = Field(
        60,
        description="assumption: the warning is sent again every [s] (a test in 2024: seconds) (range 5 "
        "to 300)",
    )
    duration_s: PositiveS = Field(
        7200, description="assumption: how long it is sent [s] (range 30 min to 6 h)"
    )


KIND = Kind(
    "satellite", "channel", "satellite", SatelliteSpec, lazily("ewsim.channels.satellite.channel:make")
)
