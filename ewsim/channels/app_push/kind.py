"""A warning app as a kind of channel: its keys and how it is made."""

from pydantic import Field

from ewsim.kinds import Kind, lazily
from ewsim.scenario.spec.base import DurationS, Model, PositiveS, Share


class AppPushSpec(Model):
    """A warning app on smartphones, which push messages reach over the internet."""

    start_delay_s: DurationS = Field(
        2, description="assumption: from the released alert to the first push message [s] (range 0.5 to 10)"
    )
    installed_share: Share = Field(
        0.15, description="assumption: smartphones with the app (range 0.02 to 0.5)"
    )
    enabled_share: Share = Field(
        0.8, description="assumption: of those, with notifications and location allowed (range 0.5 to 0.95)"
    )
    rate_per_s: float = Field(
        2000,
        ge=0.01,
        le=1e7,
        description="assumption: messages the push service sends [1/s] (range 200 to 20000)",
    )
    latency_median_s: PositiveS = Field(
        3, description="assumption: push service to screen, median of a lognormal [s] (range 1 to 30)"
    )
    latency_sigma: float = Field(
        1, ge=0, le=3, description="assumption: standard deviation of ln(latency) (range 0.5 to 1.5)"
    )
    keep_s: PositiveS = Field(
        3600, description="assumption: kept for a phone that is not connected [s] (range 10 min to 24 h)"
    )


MAKE = lazily("ewsim.channels.app_push.channel:make")
KIND = Kind("app_push", "channel", "warning app", AppPushSpec, MAKE)
