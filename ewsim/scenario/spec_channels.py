"""What a scenario may say about targeting and the channels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ewsim.scenario.spec_base import DurationS, Model, PagingCycleS, PositiveS, Share, SiPeriodS


class TargetingSpec(Model):
    """Which cells carry the alert."""

    policy: Literal["site_in", "centroid_in", "intersect", "overlap", "tracking_areas"] = Field(
        "intersect",
        description="site in the area; centroid of the footprint in it; footprint touches it; "
        "share of the footprint in it; whole tracking areas that it touches",
    )
    overlap_share: Share = Field(0.1, description="threshold of the policy `overlap`")
    buffer_m: float = Field(0, ge=0, le=100_000, description="widen the area first [m]")


class CellBroadcastSpec(Model):
    """Cell broadcast, 3GPP TS 23.041."""

    message_identifier: int | None = Field(
        None, ge=0, le=65535, description="absent: from severity, urgency and certainty"
    )
    message_code: int = Field(1, ge=0, le=1023)
    update_number: int = Field(0, ge=0, le=15)
    geographical_scope: Literal["cell_immediate", "plmn", "tracking_area", "cell"] = Field(
        "plmn", description="within which the serial number is one message to a phone"
    )
    repetition_period_s: float = Field(
        30, ge=1, le=4096, description="assumption: one broadcast every [s] (2 to 600)"
    )
    duration_s: PositiveS | Literal["until_expiry"] = Field(
        1200.0, description="assumption: how long it is broadcast [s] (UK 2023: 22 min)"
    )
    broadcast_mode: Literal["per_repetition", "continuous"] = Field(
        "per_repetition",
        description="assumption: the cell sends all segments once a repetition, or without pause",
    )
    language: str | None = Field(None, description="absent: the first <info> of the message")
    text: Literal["headline", "description", "instruction", "full"] = Field(
        "full",
        description="what of the <info> is broadcast; full: headline, description and "
        "instruction, cut at 15 pages",
    )
    segment_octets: int = Field(
        140, ge=40, le=372, description="assumption: 4G and 5G octets a segment (40 to 263)"
    )
    si_period_s: SiPeriodS = Field(
        0.64, description="period of SIB12 or SIB8 [s] (rf64: IT-alert log)"
    )
    paging_cycle_s: PagingCycleS = Field(1.28, description="default paging cycle [s] (rf128)")
    cbc_processing_s: DurationS = Field(0.5, description="assumption: geo-selection, encoding [s]")
    cbc_per_cell_s: DurationS = Field(20e-6, description="assumption: the same, each cell [s]")
    peer_round_trip_s: DurationS = Field(
        0.02, description="assumption: CBC to each MME, AMF, RNC or BSC, one after another [s]"
    )
    cell_fanout_s: DurationS = Field(
        0.002, description="assumption: peer to each base station, one after another [s]"
    )
    cell_rebuild_s: DurationS = Field(
        1.0, description="assumption: base station rebuilds its system information and pages [s]"
    )
    reload_delay_s: DurationS = Field(
        5.0, description="assumption: from a cell's return to its reload by the CBC [s]"
    )
    display_delay_s: DurationS = Field(0.3, description="assumption: phone decodes and shows [s]")


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


class ChannelsSpec(Model):
    """The channels that carry the alert; null switches one off."""

    cell_broadcast: CellBroadcastSpec | None = CellBroadcastSpec()
    location_based_sms: LocationBasedSmsSpec | None = None
