"""What a scenario may say about location-based SMS."""

from typing import Annotated, Literal

from pydantic import Field

from ewsim.scenario.spec.base import DurationS, Model, PagingCycleS, PositiveS, Share, TimeS

SmsRate = Annotated[float, Field(ge=0.001, le=100_000)]
LoadShare = Annotated[float, Field(ge=0, le=0.99)]

#: The longest validity period that SMS can say: 63 weeks (TS 23.040, 9.2.3.12.1) [s].
LONGEST_VALIDITY_S = 63 * 7 * 86400


class SurgeSpec(Model):
    """People call and write because of the disaster; both decay exponentially.

    Calls take signalling channels of 2G cells from the SMS, ordinary messages take the SMSC.
    """

    at_s: TimeS = Field(0, description="when it sets in, after the decision [s]; may be negative")
    calls_factor: float = Field(
        10,
        ge=1,
        le=100,
        description="assumption: calls at the peak, of ordinary ones, after throttling (Japan 2011: 60 "
        "offered, of which networks refused 70 to 95 %) (range 3 to 30)",
    )
    background_load_share: LoadShare = Field(
        0.9, description="assumption: of the SMSC taken by ordinary messages at the peak (range 0.5 to 0.98)"
    )
    decay_s: float = Field(
        1800, ge=60, le=7 * 86400, description="assumption: time to fall to 1/e [s] (range 10 min to 2 h)"
    )


class LocationBasedSmsSpec(Model):
    """Location-based SMS, 3GPP TS 23.040."""

    text: Literal["headline", "description", "instruction", "full"] = "headline"
    language: str | None = Field(None, description="absent: the first <info> of the message")
    start_delay_s: DurationS = Field(
        0, description="after the alert reaches the operators: 0 side by side with the others [s]"
    )
    only_for: Literal["everyone", "not_cb_capable", "2g_3g"] = Field(
        "everyone",
        description="whom it is for: everyone in the area, or those that cell broadcast cannot "
        "reach: phones that show no warnings, or phones without 4G and 5G (FR-Alert)",
    )
    opted_out_share: Share = Field(
        0, description="subscribers that are not written to (EECC Article 110: nobody)"
    )
    undeliverable_share: Share = Field(
        0.06,
        description="subscribers written to in vain: full memory, data only, machines (fitted to "
        "Australia 2013-14, where 94 % of location-based messages were delivered); "
        "assumption: their messages load the centre like others (range 0.02 to 0.12)",
    )
    roamers_served_share: Share = Field(
        0.9,
        description="assumption: of phones on another operator's cells, those that get it (range 0.5 to 1)",
    )
    suppress_below_count: int = Field(
        10,
        ge=0,
        le=1000,
        description="assumption: head-counts below this are not reported (privacy: range 10 to 20)",
    )
    lookup_s: DurationS = Field(10, description="assumption: subscriber list by location [s] (range 2 to 60)")
    recent_location_share: Share = Field(
        0.85,
        description="assumption: locations with an exponential age; the rest uniform up to the periodic "
        "update (range 0.6 to 0.95)",
    )
    recent_location_mean_s: PositiveS = Field(
        480, description="assumption: their mean age [s] (range 2 min to 30 min)"
    )
    periodic_update_s: PositiveS = Field(54 * 60, description="T3412/T3512 default [s]")
    rate_per_s: SmsRate = Field(500, description="SMS parts an operator's SMSC sends [1/s] (Australia: 500)")
    operator_rates_per_s: dict[str, SmsRate] = Field(
        default={}, description="rates of single operators that differ, by name [1/s]"
    )
    priority_module: bool = Field(
        False, description="the alert has its own part of the SMSC: no ordinary traffic before it"
    )
    background_load_share: LoadShare = Field(
        0.2, description="assumption: of the SMSC taken by ordinary traffic (range 0.05 to 0.6)"
    )
    surge: SurgeSpec | None = Field(
        None, description="what the disaster adds to ordinary traffic; absent: nothing"
    )
    core_routing_s: DurationS = Field(0.2, description="assumption: SRI-SM and MT-FSM [s] (range 0.05 to 1)")
    paging_nb: Literal["4T", "2T", "T", "T/2", "T/4", "T/8", "T/16", "T/32"] = Field(
        "T/4",
        description="assumption: nB, paging occasions in a paging cycle (TS 36.304) (range T/8 or T/4 or T)",
    )
    paging_cycle_s: PagingCycleS = Field(1.28, description="default paging cycle [s] (rf128)")
    paging_records_count: int = Field(
        3, ge=1, le=16, description="phones in one page (vendors' default 3; TS 36.331: 16)"
    )
    paging_blocks_2g_count: int = Field(
        9, ge=1, le=9, description="2G paging blocks in 235.4 ms, four phones each (TS 45.002)"
    )
    paging_usable_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.7, description="assumption: of the paging capacity, before pages collide (range 0.4 to 0.9)"
    )
    paging_discard_s: PositiveS = Field(3, description="a page that waits longer is lost [s] (T_discard)")
    paging_repeat_s: PositiveS = Field(
        6,
        description="assumption: the core pages again after [s] (T3413); not before the discard (range 4 "
        "to 10)",
    )
    paging_tries_count: int = Field(
        3, ge=1, le=10, description="assumption: pages in one attempt, the first included (range 1 to 4)"
    )
    radio_4g_s: DurationS = Field(
        0.3, description="assumption: a part on the air after paging, 3G, 4G and 5G [s] (range 0.1 to 1)"
    )
    radio_2g_s: DurationS = Field(4, description="a part holds an SDCCH, 2G [s]")
    sdcch_count: int = Field(
        12, ge=1, le=64, description="assumption: SDCCHs of a 2G cell, shared with calls (range 4 to 24)"
    )
    sdcch_load_erlang: float = Field(
        1,
        ge=0,
        le=100,
        description="assumption: calls and location updates on them [erlang] (range 0.3 to 4)",
    )
    attempt_success_share: Share = Field(
        0.90, description="assumption: a part sent to a reachable phone arrives (range 0.8 to 0.98)"
    )
    failure_report_s: DurationS = Field(
        6, description="assumption: until the SMSC knows that an attempt failed [s] (range 2 to 15)"
    )
    retry_s: tuple[PositiveS, ...] = Field(
        (60, 300, 900, 1800),
        description="waits before each retry [s]; assumption (range [60, 600] or [30, 60, 300, 900, 1800])",
    )
    alert_on_reattach: bool = Field(
        True,
        description="a phone that was absent and returns is tried at once (messages waiting "
        "data and alert, TS 23.040 3.2.7)",
    )
    reattach_alert_s: float = Field(
        10, ge=0, le=1000, description="assumption: mean time from its return to that try [s] (range 2 to 60)"
    )
    validity_s: float = Field(
        3600,
        gt=0,
        le=LONGEST_VALIDITY_S,
        description="assumption: given up after [s]; short because stale alerts harm (range 30 min to 24 h)",
    )
