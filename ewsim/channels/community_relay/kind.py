"""Community relay as a kind of channel: its keys and how it is made."""

from pydantic import Field

from ewsim.kinds import Kind, lazily
from ewsim.scenario.spec.base import DurationS, Model, PositiveS, Share


class CommunityRelaySpec(Model):
    """Volunteers hear the alert by radio and tell their neighbours from door to door."""

    start_delay_s: DurationS = Field(
        60, description="assumption: from the released alert to the first radio call [s] (range 10 to 600)"
    )
    covered_share: Share = Field(
        0.5, description="assumption: places that have such a group (range 0.1 to 0.9)"
    )
    reply_median_s: PositiveS = Field(
        600,
        description="assumption: a group hears and sets out, median of a lognormal [s] (range 2 min to 60 "
        "min)",
    )
    reply_sigma: float = Field(
        0.8, ge=0, le=3, description="assumption: standard deviation of ln(that time) (range 0.4 to 1.2)"
    )
    people_each_volunteer_count: float = Field(
        200, ge=1, le=1e6, description="assumption: people of the place for each volunteer (range 50 to 1000)"
    )
    told_per_s: float = Field(
        60 / 3600,
        ge=1e-5,
        le=10,
        title="People A Volunteer Tells Per S",
        description="assumption: people a volunteer tells [1/s] (60 an hour) (range 0.005 to 0.05)",
    )
    found_share: Share = Field(
        0.9, description="assumption: people who are found at home and listen (range 0.6 to 0.98)"
    )


KIND = Kind(
    "community_relay",
    "channel",
    "community relay",
    CommunityRelaySpec,
    lazily("ewsim.channels.community_relay.channel:make"),
    notice="spoken",
)
