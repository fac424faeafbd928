"""Location-based SMS (3GPP TS 23.040): subscriber lists, SMS centres, paging, retries, receipts.

Processes: one SMS centre (SMSC) an operator and one pager a tracking area; they emit the time from
which they serve, and at what rate. What each subscriber gets is worked out by `sms_drain`.

Assumptions: locations have an age (exponential, or uniform up to the periodic update), so a person
who has moved may be listed at the old place; a phone off or without signal for longer than the
periodic update and 4 minutes is struck off the register; the list is submitted in an order drawn
with the seed. Latency beyond the drain rate is uncalibrated: no percentiles of a large real alert
are published.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.channels import sms_drain
from ewsim.channels.base import Crowd, absence, for_people
from ewsim.channels.sms_drain import (
    ABSENT,
    NEVER_TRIED,
    NOT_LISTED,
    PAGE_LOST,
    DrainTiming,
    SmsDelivery,
)
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.scenario.spec import LocationBasedSmsSpec
from ewsim.streams import purpose_code
from ewsim.units import GSM, NEVER, RATS, to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]

#: The network detaches a silent phone this long after the periodic update (TS 24.301) [us].
IMPLICIT_DETACH_US = 4 * 60 * 1_000_000

#: Default paging cycle, rf128 [s].
PAGING_CYCLE_S = 1.28


def drain_timing(spec: LocationBasedSmsSpec, parts: int) -> DrainTiming:
    """A centre's and a pager's times as integer microseconds."""
    radio = np.full(len(RATS), to_us(spec.radio_4g_s), dtype=np.int64)
    radio[GSM] = to_us(spec.radio_2g_s)
    return DrainTiming(
        service_us=max(1, to_us(parts / (spec.rate_per_s * (1 - spec.background_load_share)))),
        core_us=to_us(spec.core_routing_s),
        page_us=max(1, to_us(1 / spec.paging_per_s)),
        paging_cycle_us=to_us(PAGING_CYCLE_S),
        discard_us=to_us(spec.paging_discard_s),
        radio_us=radio,
        parts=parts,
        success_share=spec.attempt_success_share,
        report_us=to_us(spec.failure_report_s),
        retry_us=np.array([to_us(s) for s in spec.retry_s], dtype=np.int64),
        validity_us=to_us(spec.validity_s),
    )


class LocationBasedSms:
    """The channel.

    Parameters
    ----------
    parts
        SMS parts of the text.
    targeted
        Cells whose registered subscribers are written to, shape (cells,).
    """

    name = "location_based_sms"

    def __init__(self, spec: LocationBasedSmsSpec, parts: int, targeted: NDArray[np.bool_]) -> None:
        self.spec = spec
        self.targeted = targeted
        self.timing = drain_timing(spec, parts)
        self._listed_us: dict[int, int] = {}  # by operator
        #: Called with an operator's number when its list is submitted.
        self.when_listed: list[Callable[[int], None]] = []

    def start(self, world: World) -> None:
        """Start an SMS centre for every operator, and the pagers of its tracking areas."""
        for operator in range(len(world.network.operators)):
            ready = world.env.event()
            world.env.process(self._centre(world, operator, ready))
            mine = self.targeted & (world.network.cells.operator == operator)
            for area in np.unique(world.network.cells.tracking_area[mine]).tolist():
                world.env.process(self._pager(world, operator, area, ready))

    def _centre(self, world: World, operator: int, ready: simpy.Event) -> Process:
        """An SMSC: waits for the list, then serves it until the horizon."""
        name = world.network.operators[operator]
        yield world.alert_released
        yield world.env.timeout(to_us(self.spec.start_delay_s))
        world.log("smsc", "lookup_started", operator=name)
        yield world.env.timeout(to_us(self.spec.lookup_s))
        self._listed_us[operator] = world.env.now
        rate = 1e6 / self.timing.service_us
        world.log("smsc", "list_submitted", operator=name, detail=f"{rate:.1f} messages/s")
        ready.succeed()
        for hook in self.when_listed:
            hook(operator)

    def _pager(self, world: World, operator: int, area: int, ready: simpy.Event) -> Process:
        """A tracking area's pager: serves from the moment the list is there."""
        yield ready
        world.log(
            "pager", "open", operator=world.network.operators[operator],
            detail=f"tracking area {area}: {1e6 / self.timing.page_us:.1f} pages/s",
        )  # fmt: skip

    # --- the crowd ------------------------------------------------------------------------------

    def location_age_us(self, world: World, handset_count: int) -> NDArray[np.int64]:
        """How old each handset's location is at the lookup [us]."""
        ids, streams = np.arange(handset_count), world.streams
        recent = streams.uniform("sms.location_kind", ids) < self.spec.recent_location_share
        age = np.where(
            recent,
            streams.exponential("sms.location_age", ids) * self.spec.recent_location_mean_s,
            streams.uniform("sms.location_age", ids) * self.spec.periodic_update_s,
        )
        return np.rint(age * 1e6).astype(np.int64)

    def subscriber_lists(self, world: World, crowd: Crowd) -> dict[int, NDArray[np.int64]]:
        """For each operator the handsets it writes to, in the order of submission."""
        handsets, presence = crowd.population.handsets, crowd.presence
        rows = sms_drain.register_rows(
            self._looked_up_us(world)[handsets.operator],
            self.location_age_us(world, len(handsets)),
            to_us(self.spec.periodic_update_s) + IMPLICIT_DETACH_US,
            presence.first, presence.from_us, presence.to_us,
            handsets.on_from_us, handsets.on_to_us,
        )  # fmt: skip
        known = np.flatnonzero(rows >= 0)
        listed = known[self.targeted[presence.cell[rows[known]]]]
        order = world.streams.uniform("sms.order", listed)
        listed = listed[np.argsort(order, kind="stable")]
        return {o: listed[handsets.operator[listed] == o] for o in sorted(self._listed_us)}

    def _looked_up_us(self, world: World) -> NDArray[np.int64]:
        """When each operator looked its subscribers up, NEVER where it did not [us]."""
        out = np.full(len(world.network.operators), NEVER, dtype=np.int64)
        out[list(self._listed_us)] = list(self._listed_us.values())
        return out

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Deliveries, displays and causes of every person."""
        handsets, cells = crowd.population.handsets, world.network.cells
        delivery = sms_drain.empty_delivery(len(handsets))
        lists = self.subscriber_lists(world, crowd)

        def drain(operator: int) -> None:
            sms_drain.drain(
                delivery, lists[operator], self._listed_us[operator], world.horizon_us,
                crowd.presence, handsets.on_from_us, handsets.on_to_us,
                cells.tracking_area, cells.rat, world.network.tracking_area_count, self.timing,
                world.streams.seed, world.streams.replication, purpose_code("sms.attempt"),
            )  # fmt: skip

        # A centre is one queue, so one thread; centres share nothing, so they run side by side.
        with ThreadPoolExecutor() as pool:
            list(pool.map(drain, lists))
        for operator, listed in lists.items():
            self._log_drained(world, operator, listed, delivery)
        missed = delivery.received_us >= NEVER
        cause = np.zeros(len(handsets), dtype=np.int8)
        who = np.flatnonzero(missed)
        cause[who] = self._causes(world, crowd, who, delivery.failure[who])
        got = (~missed).astype(np.int16)
        return for_people(
            crowd.population, delivery.taken_us, delivery.received_us, delivery.received_us,
            got, got, cause,
        )  # fmt: skip

    def _log_drained(
        self, world: World, operator: int, listed: NDArray[np.int64], delivery: SmsDelivery
    ) -> None:
        """What the centre knows in the end: its list, its receipts (one a part), its failures."""
        name = world.network.operators[operator]
        world.log("smsc", "listed", operator=name, at_us=self._listed_us[operator],
                  detail=f"{listed.size} subscribers")  # fmt: skip
        taken = delivery.taken_us[listed]
        got = delivery.received_us[listed]
        if (taken < NEVER).any():
            world.log("smsc", "first_attempts_done", operator=name,
                      at_us=int(taken[taken < NEVER].max()),
                      detail=f"{int((taken < NEVER).sum())} of {listed.size} tried")  # fmt: skip
        receipts = got[got < NEVER] + self.timing.core_us
        receipts = receipts[receipts <= world.horizon_us]
        if receipts.size:
            world.log("smsc", "last_receipt", operator=name, at_us=int(receipts.max()),
                      detail=f"{receipts.size * self.timing.parts} receipts for "
                      f"{receipts.size} messages of {self.timing.parts} parts")  # fmt: skip

    def _causes(
        self, world: World, crowd: Crowd, who: NDArray[np.int64], failure: NDArray[np.int8]
    ) -> NDArray[np.int8]:
        """Why handsets `who` were missed."""
        handsets = crowd.population.handsets
        cause = np.full(who.size, CAUSE_CODE["radio_loss"], dtype=np.int8)
        cause[failure == NEVER_TRIED] = CAUSE_CODE["smsc_queue_expired"]
        cause[failure == PAGE_LOST] = CAUSE_CODE["paging_loss"]
        begin = self._looked_up_us(world)[handsets.operator[who]]
        end = np.minimum(begin + self.timing.validity_us, world.horizon_us)
        camped = camped_between(crowd, who, begin, end)
        cause[failure == ABSENT] = CAUSE_CODE["paging_loss"]
        cause[failure == NOT_LISTED] = CAUSE_CODE["not_in_location_register"]
        away = ~camped & np.isin(failure, (ABSENT, NOT_LISTED, NEVER_TRIED))
        cause[away] = absence(crowd, who[away], begin[away], end[away])
        elsewhere = (failure == NOT_LISTED) & camped
        cause[elsewhere] = np.where(
            self._on_targeted(crowd, who[elsewhere], begin[elsewhere]),
            CAUSE_CODE["not_in_location_register"],
            CAUSE_CODE["cell_not_targeted"],
        )
        return cause

    def _on_targeted(
        self, crowd: Crowd, who: NDArray[np.int64], at_us: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether handsets `who` camped on a cell of the list at the time of the lookup."""
        handsets = crowd.population.handsets
        rows = sms_drain.rows_at(
            who, at_us, crowd.presence.first, crowd.presence.from_us, crowd.presence.to_us,
            handsets.on_from_us, handsets.on_to_us,
        )  # fmt: skip
        known = rows >= 0
        on = np.zeros(who.size, dtype=np.bool_)
        on[known] = self.targeted[crowd.presence.cell[rows[known]]]
        return on


def camped_between(
    crowd: Crowd, who: NDArray[np.int64], from_us: NDArray[np.int64], to_us: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether handsets `who` were on and camped at any moment from `from_us` to `to_us`."""
    handsets, presence = crowd.population.handsets, crowd.presence
    return np.asarray(
        sms_drain.any_row(
            who, np.maximum(from_us, handsets.on_from_us[who]),
            np.minimum(to_us, handsets.on_to_us[who]),
            presence.first, presence.from_us, presence.to_us,
        )
    )  # fmt: skip
