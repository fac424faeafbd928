"""What a scenario may say about location-based SMS."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ewsim.scenario.spec_base import DurationS, Model, PositiveS, Share


class LocationBasedSmsSpec(Model):
    """Location-based SMS, 3GPP TS 23.040."""

    text: Literal["headline", "description", "instruction", "full"] = "headline"
    language: str | None = Field(None, description="absent: the first <info> of the message")
    start_delay_s: DurationS = Field(
        0, description="after the alert reaches the operators: 0 side by side with the others [s]"
    )
    lookup_s: DurationS = Field(10, description="assumption: subscriber list by location [s]")
    recent_location_share: Share = Field(
        0.85,
        description="assumption: locations with an exponential age; the rest uniform up to "
        "the periodic update",
    )
    recent_location_mean_s: PositiveS = Field(480, description="assumption: their mean age [s]")
    periodic_update_s: PositiveS = Field(54 * 60, description="T3412/T3512 default [s]")
    rate_per_s: float = Field(
        500, gt=0, le=100_000, description="SMS an operator's SMSC sends [1/s] (Australia: 500)"
    )
    background_load_share: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.2, description="assumption: of the SMSC taken by ordinary traffic"
    )
    core_routing_s: DurationS = Field(0.2, description="assumption: SRI-SM and MT-FSM [s]")
    paging_per_s: float = Field(
        52.5,
        gt=0,
        description="pages a tracking area takes [1/s]: 75 (T/4, 3 records) at 0.7 load; "
        "assumption",
    )
    paging_discard_s: PositiveS = Field(
        3, description="a page that waits longer is lost [s] (T_discard)"
    )
    radio_4g_s: DurationS = Field(0.3, description="assumption: after paging, 3G, 4G and 5G [s]")
    radio_2g_s: DurationS = Field(4, description="SDCCH holding time, 2G [s]")
    attempt_success_share: Share = Field(
        0.90, description="assumption: one attempt to a reachable phone succeeds"
    )
    failure_report_s: DurationS = Field(
        6, description="assumption: until the SMSC knows that an attempt failed [s]"
    )
    retry_s: tuple[PositiveS, ...] = Field(
        (60, 300, 900, 1800), description="waits before each retry [s]; assumption"
    )
    validity_s: PositiveS = Field(
        3600, description="assumption: given up after [s]; short because stale alerts harm"
    )
