"""What a scenario may say about channels other than cell broadcast and SMS: simple models.

They let a planner compare and combine channels. Most of their numbers are assumptions.
"""

from __future__ import annotations

from pydantic import Field

from ewsim.scenario.spec.base import DurationS, LatLon, Model, PositiveS, Share


class SirenSpec(Model):
    """Sirens in the alert area, heard as far as their sound stands out of the noise."""

    start_delay_s: DurationS = Field(
        10, description="assumption: from the released alert until they sound [s]"
    )
    positions: tuple[LatLon, ...] | None = Field(
        None, description="where they stand; absent: on a grid over the inhabited alert area"
    )
    spacing_m: float = Field(
        1500, ge=100, le=100_000, description="assumption: of the grid [m], where none are given"
    )
    people_each_count: int = Field(
        200, ge=1, description="assumption: the grid has one where so many people live at least"
    )
    level_db: float = Field(
        123, ge=60, le=150, description="assumption: sound level at 30.5 m (100 feet) [dB(C)]"
    )
    doubling_loss_db: float = Field(
        10, ge=6, le=20, description="loss each time the distance doubles [dB] (FEMA CPG 1-17)"
    )
    outdoor_level_db: float = Field(
        70, ge=0, le=120, description="heard outdoors from this level on [dB(C)] (FEMA CPG 1-17)"
    )
    wall_loss_db: float = Field(
        20, ge=0, le=60, description="assumption: what walls and windows take off indoors [dB]"
    )
    works_share: Share = Field(0.9, description="assumption: sirens that sound when told to")


class AppPushSpec(Model):
    """A warning app on smartphones, told by push messages over the internet."""

    start_delay_s: DurationS = Field(
        2, description="assumption: from the released alert to the first push message [s]"
    )
    installed_share: Share = Field(0.15, description="assumption: smartphones with the app")
    enabled_share: Share = Field(
        0.8, description="assumption: of those, with notifications and location allowed"
    )
    rate_per_s: float = Field(
        2000, ge=0.01, le=1e7, description="assumption: messages the push service sends [1/s]"
    )
    latency_median_s: PositiveS = Field(
        3, description="assumption: push service to screen, median of a lognormal [s]"
    )
    latency_sigma: float = Field(1, ge=0, le=3, description="assumption: standard deviation of ln(latency)")
    keep_s: PositiveS = Field(3600, description="assumption: kept for a phone that is not connected [s]")


class SatelliteSpec(Model):
    """A satellite sends the warning straight to phones that find no cell."""

    start_delay_s: DurationS = Field(
        5, description="assumption: from the released alert to the satellite's broadcast [s]"
    )
    capable_share: Share = Field(0.2, description="assumption: smartphones that can use the satellites")
    sky_view_share: Share = Field(
        0.9, description="assumption: people outdoors with enough sky; nobody indoors"
    )
    search_s: DurationS = Field(
        60, description="assumption: a phone without a cell turns to the satellite after [s]"
    )
    period_s: PositiveS = Field(
        60, description="assumption: the warning is sent again every [s] (a test in 2024: seconds)"
    )
    duration_s: PositiveS = Field(7200, description="assumption: how long it is sent [s]")


class CommunityRelaySpec(Model):
    """Volunteers hear the alert by radio and tell their neighbours from door to door."""

    start_delay_s: DurationS = Field(
        60, description="assumption: from the released alert to the first radio call [s]"
    )
    covered_share: Share = Field(0.5, description="assumption: places that have such a group")
    reply_median_s: PositiveS = Field(
        600, description="assumption: a group hears and sets out, median of a lognormal [s]"
    )
    reply_sigma: float = Field(0.8, ge=0, le=3, description="assumption: standard deviation of ln(that time)")
    people_each_volunteer_count: float = Field(
        200, ge=1, le=1e6, description="assumption: people of the place for each volunteer"
    )
    told_per_s: float = Field(
        60 / 3600, gt=0, le=10, description="assumption: people a volunteer tells [1/s] (60 an hour)"
    )
    found_share: Share = Field(0.9, description="assumption: people who are found at home and listen")
