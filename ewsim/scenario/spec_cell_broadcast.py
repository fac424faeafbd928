"""What a scenario may say about cell broadcast."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ewsim.scenario.spec_base import DurationS, Model, PagingCycleS, PositiveS, SiPeriodS


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
