"""Location-based SMS (3GPP TS 23.040): subscriber lists, SMS centres, paging, retries, receipts.

Processes: one SMS centre (SMSC) an operator and one pager a tracking area; they emit the time from
which they serve, and at what rate. What each subscriber gets is worked out by `drain`.

Each operator writes to the phones its location register has on its own cells, so a roamer is on the
list of the network it visits, which can serve a part of them; a phone without a SIM is on none, and
each SIM of a phone gets its own message. Head-counts below a limit are not
given, and the list is deleted when the messages' validity ends.

Assumptions: locations have an age (exponential, or uniform up to the periodic update), so a person
who has moved may be listed at the old place; a phone off or without signal for longer than the
periodic update and 4 minutes is struck off the register; the list is submitted in an order drawn
with the seed; the operator knows from the equipment identity whether a phone has 4G and whether it
shows warnings. Latency beyond the drain rate is uncalibrated: no percentiles of a large real alert
are published.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.channels import chain
from ewsim.channels.base import Crowd, for_people
from ewsim.channels.location_based_sms import shards
from ewsim.channels.location_based_sms.causes import KnownLists, causes_of
from ewsim.channels.location_based_sms.drain import (
    Enlisted,
    SmsDelivery,
    SubscriberList,
    drain_list,
    empty_delivery,
)
from ewsim.channels.location_based_sms.kernel import (
    NO_SUBSCRIPTION,
    NOT_LISTED,
    NOT_MEANT,
    OPTED_OUT,
    ROAMER_REFUSED,
    UNDELIVERABLE,
)
from ewsim.channels.location_based_sms.log import OperatorBook, log_drained, log_head_counts
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.channels.location_based_sms.timing import DrainTiming, drain_timing
from ewsim.kernels import side_by_side
from ewsim.ledger import ChannelOutcome
from ewsim.population.people import NO_SIM, ROAMS, ROAMS_SILENT, Handsets
from ewsim.population.presence.windows import register_rows
from ewsim.scenario.spec import AlertSpec
from ewsim.streams import Streams
from ewsim.units import LTE, NEVER, NR, to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]

#: The network detaches a silent phone this long after the periodic update (TS 24.301) [us].
IMPLICIT_DETACH_US = 4 * 60 * 1_000_000


class LocationBasedSms:
    """The channel.

    Parameters
    ----------
    parts
        SMS parts of the text.
    targeted
        Cells whose registered subscribers are written to, shape (cells,).
    alert
        The way of the alert to the operators.
    """

    name = "location_based_sms"

    def __init__(
        self,
        spec: LocationBasedSmsSpec,
        parts: int,
        targeted: NDArray[np.bool_],
        alert: AlertSpec | None = None,
    ) -> None:
        self.spec = spec
        self.alert = alert or AlertSpec(path="")
        self.parts = parts
        self.targeted = targeted
        self._listed_us: dict[int, int] = {}  # by operator
        self._timing: dict[str, DrainTiming] = {}
        #: Called with an operator's number when its list is submitted.
        self.when_listed: list[Callable[[int], None]] = []

    def timing(self, world: World, operator: int) -> DrainTiming:
        """How fast an operator's part is."""
        name = world.network.operators[operator]
        if name not in self._timing:
            surges, horizon_us = world.surges, world.horizon_us
            self._timing[name] = drain_timing(self.spec, self.parts, name, surges, horizon_us)
        return self._timing[name]

    def start(self, world: World) -> None:
        """Start an SMS centre for every operator, and the pagers of its tracking areas."""
        for operator in range(len(world.network.operators)):
            ready = world.env.event()
            world.env.process(self._centre(world, operator, ready))
            mine = self.targeted & (world.network.cells.operator == operator)
            for area in np.unique(world.network.cells.tracking_area[mine]).tolist():
                world.env.process(self._pager(world, operator, area, ready))

    def _centre(self, world: World, operator: int, ready: simpy.Event) -> Process:
        """An SMSC: waits for the list, serves it until the horizon, deletes it when it expires."""
        name = world.network.operators[operator]
        yield world.alert_released
        yield from chain.look(world, self.alert, operator)
        yield world.env.timeout(to_us(self.spec.start_delay_s))
        world.log("smsc", "lookup_started", operator=name)
        yield world.env.timeout(to_us(self.spec.lookup_s))
        self._listed_us[operator] = world.env.now
        timing = self.timing(world, operator)
        rate = 1e6 / timing.part_us[timing.step(world.env.now)]
        world.log("smsc", "list_submitted", operator=name, detail=f"{rate:.1f} parts/s")
        ready.succeed()
        for hook in self.when_listed:
            hook(operator)
        yield world.env.timeout(timing.validity_us)
        world.log("smsc", "list_deleted", operator=name, detail="validity over")

    def _pager(self, world: World, operator: int, area: int, ready: simpy.Event) -> Process:
        """A tracking area's pager: serves from the moment the list is there."""
        yield ready
        timing = self.timing(world, operator)
        rate = 1e6 * timing.records[LTE] / timing.page_us[timing.step(world.env.now), LTE]
        world.log(
            "pager",
            "open",
            operator=world.network.operators[operator],
            detail=f"tracking area {area}: {rate:.1f} pages/s on 4G",
        )

    # --- the lists ------------------------------------------------------------------------------

    def location_age_us(self, streams: Streams, ids: NDArray[np.int32]) -> NDArray[np.int64]:
        """How old the location of handsets, by their numbers, is at the lookup [us]."""
        recent = streams.uniform("sms.location_kind", ids) < self.spec.recent_location_share
        age = np.where(
            recent,
            streams.exponential("sms.location_age", ids) * self.spec.recent_location_mean_s,
            streams.uniform("sms.location_age", ids) * self.spec.periodic_update_s,
        )
        return np.rint(age * 1e6).astype(np.int64)

    def left_out(self, streams: Streams, handsets: Handsets) -> NDArray[np.int8]:
        """Why a handset is not written to wherever it is: 0, or a reason of `kernel`."""
        why = np.where(handsets.sim == NO_SIM, NO_SUBSCRIPTION, 0).astype(np.int8)
        if self.spec.opted_out_share > 0:
            luck = streams.uniform("sms.opted_out", handsets.number)
            why[luck < self.spec.opted_out_share] = OPTED_OUT
        if self.spec.only_for == "not_cb_capable":
            why[handsets.cb_capable] = NOT_MEANT
        elif self.spec.only_for == "2g_3g":
            why[(handsets.rats & np.uint8((1 << LTE) | (1 << NR))) != 0] = NOT_MEANT
        return why

    def refused(self, streams: Streams, roamers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which handsets, by their numbers, get nothing from the network that they visit."""
        luck = streams.uniform("sms.roaming", roamers)
        return np.asarray(luck >= self.spec.roamers_served_share)

    def undeliverable(self, streams: Streams, numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which handsets, by their numbers, take no message although they are written to."""
        luck = streams.uniform("sms.undeliverable", numbers)
        return np.asarray(luck < self.spec.undeliverable_share)

    def enlisted(self, world: World, crowd: Crowd) -> Enlisted:
        """For each operator the handsets it writes to, and why the others are not written to."""
        delivery = empty_delivery(len(crowd.population.handsets))
        handsets, presence, cells = crowd.population.handsets, crowd.presence, world.network.cells
        rows = register_rows(
            min(self._listed_us.values(), default=NEVER),
            self.location_age_us(world.streams, handsets.number),
            to_us(self.spec.periodic_update_s) + IMPLICIT_DETACH_US,
            presence,
        )
        known = np.flatnonzero((rows >= 0) & (handsets.sim != NO_SIM))
        listed = known[self.targeted[presence.cell[rows[known]]]]
        serving = np.full(len(handsets), -1, dtype=np.int16)
        serving[listed] = cells.operator[presence.cell[rows[listed]]]
        roams = listed[(serving[listed] != handsets.operator[listed]) | from_abroad(handsets)[listed]]
        if roams.size:
            refused = self.refused(world.streams, handsets.number[roams])
            delivery.failure[roams[refused]] = ROAMER_REFUSED
        why = self.left_out(world.streams, handsets)
        if why.any():
            delivery.failure[why > 0] = why[why > 0]
        asks = np.isin(serving[listed], list(self._listed_us))  # others never had the alert
        listed = listed[asks & (delivery.failure[listed] == NOT_LISTED)]
        weight = crowd.population.people.weight[handsets.owner[listed]]
        heads = np.bincount(
            cells.tracking_area[presence.cell[rows[listed]]],
            weight,
            int(cells.tracking_area.max(initial=0)) + 1,
        )
        order = self.order(world.streams, handsets.number[listed])

        def in_order(operator: int) -> NDArray[np.int64]:
            mine = np.flatnonzero(serving[listed] == operator)
            return np.asarray(listed[mine[np.argsort(order[mine], kind="stable")]])

        operators = sorted(self._listed_us)
        lists = dict(zip(operators, side_by_side(in_order, operators), strict=True))
        return Enlisted(lists, delivery, heads.astype(np.int64))

    def order(self, streams: Streams, numbers: NDArray[np.int32]) -> NDArray[np.float64]:
        """Where handsets, by their numbers, stand in their operator's list: the least comes first."""
        return streams.uniform("sms.order", numbers)

    def queues(self, world: World) -> dict[int, tuple[int, DrainTiming]]:
        """By operator when its list was submitted [us], and how fast its part is."""
        return {number: (at, self.timing(world, number)) for number, at in sorted(self._listed_us.items())}

    # --- the crowd ------------------------------------------------------------------------------

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Deliveries, displays and causes of every person."""
        handsets, cells = crowd.population.handsets, world.network.cells
        weight = crowd.population.people.weight[handsets.owner]
        lists, delivery, heads = self.enlisted(world, crowd)
        log_head_counts(world, self.spec, self._listed_us, heads)

        def drain(operator: int) -> NDArray[np.int64]:
            who = lists[operator]
            listed = SubscriberList(
                who, handsets.number[who], weight[who].astype(np.int64), self._listed_us[operator]
            )
            return drain_list(
                delivery,
                listed,
                crowd.presence,
                cells.tracking_area,
                cells.rat,
                self.timing(world, operator),
                world.horizon_us,
                world.streams.key("sms.attempt"),
            )

        # A centre is one queue, so one thread; centres share nothing, so they run side by side.
        counted = side_by_side(drain, list(lists))
        self.refuse(world.streams, lists, handsets.number, delivery)
        for (operator, listed), counts in zip(lists.items(), counted, strict=True):
            people = int(weight[listed].sum())
            book = OperatorBook(operator, self._listed_us[operator], self.parts, weight[listed], people)
            log_drained(world, self.spec, book, delivery, listed, counts)
        return self.outcome(world, crowd, delivery)

    def waiting(self, world: World, crowd: Crowd) -> shards.Listed:
        """What the centres must know of a shard of people."""
        return shards.listed(self, world, crowd)

    def serve(self, world: World, parts: Sequence[shards.Listed]) -> list[shards.Served]:
        """What the centres did for each shard: one queue each over all of them."""
        return shards.serve(self, world, parts)

    def deliver_served(self, world: World, crowd: Crowd, served: shards.Served) -> ChannelOutcome:
        """As `deliver`, for a shard whom the centres have served.

        Parameters
        ----------
        world
            The world as it ended.
        crowd
            The shard's people.
        served
            Of `serve`.
        """
        return self.outcome(world, crowd, shards.delivery(self, world, crowd, served))

    def refuse(
        self,
        streams: Streams,
        lists: Mapping[int, NDArray[np.int64]],
        numbers: NDArray[np.int32],
        delivery: SmsDelivery,
    ) -> None:
        """Take back the messages of phones on the lists that take none.

        Parameters
        ----------
        streams
            The random numbers.
        lists
            Rows by operator, shape (listed,) each.
        numbers
            The number of the handset of each row, shape (rows,).
        delivery
            What the centre did for each row; it changes.
        """
        never = np.concatenate([*lists.values(), np.empty(0, dtype=np.int64)])
        never = never[self.undeliverable(streams, numbers[never])]
        delivery.received_us[never], delivery.failure[never] = NEVER, UNDELIVERABLE

    def outcome(self, world: World, crowd: Crowd, delivery: SmsDelivery) -> ChannelOutcome:
        """Deliveries, displays and causes of every person, of what the centres did.

        Parameters
        ----------
        world
            The world as it ended.
        crowd
            The people.
        delivery
            By handset.
        """
        missed = delivery.received_us >= NEVER
        cause = np.zeros(missed.size, dtype=np.int8)
        who = np.flatnonzero(missed)
        lists = KnownLists(self._listed_us, self.targeted, to_us(self.spec.validity_s))
        cause[who] = causes_of(world, crowd, who, delivery.failure[who], lists)
        got = (~missed).astype(np.int16)
        return for_people(
            crowd.population, delivery.taken_us, delivery.received_us, delivery.received_us, got, got, cause
        )


def from_abroad(handsets: Handsets) -> NDArray[np.bool_]:
    """Which handsets have a SIM from abroad."""
    return np.isin(handsets.sim, (ROAMS, ROAMS_SILENT))
