"""What a scenario may say about cell broadcast."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ewsim.scenario.spec.base import DurationS, Model, PagingCycleS, PositiveS, Rat, Share, Sigma, SiPeriodS

CbText = Literal["headline", "description", "instruction", "full", "policy"]


class CbVersionSpec(Model):
    """A further message sent beside the first, such as the same in another language."""

    language: str | None = Field(None, description="absent: that of the first message")
    text: CbText = Field("full", description="what of the <info> is broadcast")
    message_identifier: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="absent: the first message's, or its twin for additional languages "
        "(TS 23.041 9.4.1.2.2: 4383 to 4395, 4397, 4399) where the language is another",
    )


class CbActionSpec(Model):
    """What the authority does later: update, stop, cancel with an all-clear, or trigger."""

    do: Literal["update", "stop", "cancel", "geofencing_trigger"] = Field(
        description="update: every message again with the next update number, in place of the old; "
        "stop: end them; cancel: end them and send `text` as an all-clear; geofencing_trigger: "
        "phones compare their place with the area again (message identifier 4400)"
    )
    at_s: DurationS = Field(description="when the authority sends it off, after the decision [s]")
    text: str | None = Field(
        None, max_length=5000, description="new text; absent: the same, or a plain all-clear"
    )


class CellBroadcastSpec(Model):
    """Cell broadcast, 3GPP TS 23.041."""

    message_identifier: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="absent: from severity, urgency and certainty, as alert.policy has it",
    )
    message_code: int = Field(1, ge=0, le=1023)
    update_number: int = Field(0, ge=0, le=15)
    geographical_scope: Literal["cell_immediate", "plmn", "tracking_area", "cell"] = Field(
        "plmn", description="within which the serial number is one message to a phone"
    )
    repetition_period_s: float = Field(
        30,
        ge=0,
        le=131_071,
        description="assumption: one broadcast every [s] (range 2 to 600); 0: once; made as long as the "
        "messages in force take, where it is shorter",
    )
    number_of_broadcasts: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        None,
        description="how many times each cell sends it; absent: until the centre stops it after "
        "duration_s (TS 29.168: 0 with a repetition period)",
    )
    duration_s: PositiveS | Literal["until_expiry"] = Field(
        1200.0, description="assumption: how long it is broadcast [s] (UK 2023: 22 min) (range 10 min to 2 h)"
    )
    broadcast_mode: Literal["per_repetition", "continuous"] = Field(
        "per_repetition",
        description="assumption: the cell sends all segments once a repetition, or without pause (range "
        "per_repetition or continuous)",
    )
    language: str | None = Field(None, description="absent: the first <info> of the message")
    text: CbText = Field(
        "full",
        description="what of the <info> is broadcast; full: headline, description and "
        "instruction, cut at 15 pages; policy: what alert.policy says",
    )
    messages: tuple[CbVersionSpec, ...] = Field(
        (), max_length=15, description="further messages sent with it, such as other languages"
    )
    then: tuple[CbActionSpec, ...] = Field((), max_length=100, description="what the authority does later")
    etws: Literal["earthquake", "tsunami", "earthquake_and_tsunami", "other"] | None = Field(
        None,
        description="send an ETWS primary notification first, and the text as the secondary one "
        "(message identifiers 4352, 4353, 4354, 4356)",
    )
    etws_si_period_s: SiPeriodS = Field(
        0.16, description="assumption: period of SIB10 or SIB6 [s] (range 0.08 to 0.32)"
    )
    concurrent_message_count: int = Field(
        4,
        ge=1,
        le=64,
        description="assumption: messages that a cell broadcasts together at most; more are refused "
        "(range 1 to 8)",
    )
    single_message_operators: tuple[str, ...] = Field(
        (),
        description="operators whose cells broadcast one message at a time and refuse a second "
        "(as one did in the United Kingdom on 23 April 2023)",
    )
    segment_octets: int = Field(
        140, ge=40, le=372, description="assumption: 4G and 5G octets a segment (range 40 to 263)"
    )
    si_period_s: SiPeriodS = Field(0.64, description="period of SIB12 or SIB8 [s] (rf64: IT-alert log)")
    paging_cycle_s: PagingCycleS = Field(1.28, description="default paging cycle [s] (rf128)")
    start_delay_s: DurationS = Field(
        0, description="after the alert reaches the operators: 0 side by side with the others [s]"
    )
    cbc_processing_s: DurationS = Field(
        0.5, description="assumption: geo-selection, encoding [s] (range 0.1 to 5)"
    )
    cbc_per_cell_s: DurationS = Field(
        20e-6, description="assumption: the same, each cell [s] (range 0.000002 to 0.0005)"
    )
    peer_round_trip_s: DurationS = Field(
        0.02,
        description="assumption: CBC to each MME, AMF, RNC or BSC, one after another [s] (range 0.005 to "
        "0.2)",
    )
    peer_queue_s: DurationS = Field(
        0.3,
        description="assumption: a peer has other work first, median [s] (range 0.1 to 1); one lognormal "
        "draw for each peer",
    )
    peer_queue_sigma: Sigma = Field(
        0.6, description="assumption: standard deviation of its logarithm (range 0.3 to 1)"
    )
    cell_fanout_s: DurationS = Field(
        0.002,
        description="assumption: peer to each base station, one after another in an order that is drawn "
        "[s] (range 0.0002 to 0.01)",
    )
    peers_per_cell: int = Field(
        1, ge=1, le=16, description="peers that each write to a base station; it ignores duplicates"
    )
    confirmation_delay_s: DurationS = Field(
        5.0,
        description="assumption: after its last cell was written to, a peer tells the centre which have "
        "taken the message up [s] (range 1 to 30)",
    )
    supported_cell_share: Share = Field(
        1.0,
        description="assumption: cells that support warnings; the others refuse (TS 29.168) (range 0.9 to 1)",
    )
    silent_cell_share: Share = Field(
        0.0, description="assumption: cells that take a message up and never broadcast it (range 0 to 0.1)"
    )
    failing_cell_share: Share = Field(
        0.0,
        description="assumption: cells whose broadcast fails once, at a uniform moment of it; they "
        "indicate the failure and are loaded again (range 0 to 0.1)",
    )
    cell_rebuild_s: DurationS = Field(
        1.0,
        description="assumption: base station rebuilds its system information and pages, median [s] "
        "(range 0.5 to 3); one lognormal draw for each base station and message",
    )
    cell_rebuild_sigma: Sigma = Field(
        0.6, description="assumption: standard deviation of its logarithm (range 0.3 to 1)"
    )
    etws_rebuild_s: DurationS = Field(
        0.3,
        description="assumption: the same for an ETWS primary notification, which needs no segments, "
        "median [s] (range 0.1 to 0.5); with cell_rebuild_sigma",
    )
    reload_delay_s: DurationS = Field(
        5.0, description="assumption: from a cell's return to its reload by the CBC [s] (range 1 to 60)"
    )
    missed_page_share: Share = Field(
        0.15,
        description="assumption: 4G and 5G phones that come to the broadcast late: the page was missed, a "
        "call, a data session (range 0.04 to 0.18; fitted to the 85 % of AT&T's staff who had "
        "it within a minute in 2023)",
    )
    missed_page_mean_s: PositiveS = Field(
        300.0, description="assumption: how late those are on average [s], exponential (range 120 to 600)"
    )
    connected_shares: dict[Rat, Share] = Field(
        default={"2G": 0.02, "3G": 0.1},
        description="assumption: phones on 2G and 3G in a call or data session, which cannot hear "
        "broadcasts meanwhile; it differs by time of day (range 2G 0.01 to 0.05, 3G 0.05 to 0.3)",
    )
    connected_mean_s: PositiveS = Field(
        120.0,
        description="assumption: mean time until those are idle again [s], exponential (range 30 to 300)",
    )
    display_delay_s: DurationS = Field(
        0.5,
        description="assumption: phone decodes and shows, median [s] (range 0.2 to 2); one lognormal draw "
        "for each phone",
    )
    display_delay_sigma: Sigma = Field(
        0.6, description="assumption: standard deviation of its logarithm (range 0.3 to 1)"
    )

    @model_validator(mode="after")
    def _as_defined(self) -> CellBroadcastSpec:
        count, period = self.number_of_broadcasts, self.repetition_period_s
        if count == 0:
            raise ValueError(
                "number_of_broadcasts 0 would broadcast nothing, or until the centre stops it: "
                "leave it out for the second (TS 29.168)"
            )
        if count is not None and count > 1 and period == 0:
            raise ValueError("number_of_broadcasts above 1 needs a repetition_period_s above 0 (TS 29.168)")
        if 0 < period < 1:
            raise ValueError("repetition_period_s is 0 or at least 1 s (TS 29.168)")
        updates = sum(action.do == "update" for action in self.then)
        if self.update_number + updates > 15:
            raise ValueError(
                f"{updates} updates after update_number {self.update_number} leave the 4 bits of "
                "the update number (0 to 15); a 17th version would be taken for the first"
            )
        return self
