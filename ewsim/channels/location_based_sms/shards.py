"""The SMS centre of a country that is made a shard of people at a time: it stays one queue.

Each shard says whom of its people a centre can take up at all before the run or the messages' validity
ends, in the order of submission, with where they camp. All of them together are drained as one list, and
each shard gets back what became of its own. So nobody's answer depends on the shards.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Crowd
from ewsim.channels.location_based_sms.drain import (
    Enlisted,
    SmsDelivery,
    SubscriberList,
    drain_list,
    empty_delivery,
)
from ewsim.channels.location_based_sms.kernel import NEVER_TRIED
from ewsim.channels.location_based_sms.log import OperatorBook, log_drained, log_head_counts
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.channels.location_based_sms.timing import DrainTiming
from ewsim.population.presence.windows import Presence, joined, presence_of_some
from ewsim.streams import Streams
from ewsim.world import World


class _Centres(Protocol):
    """What is asked of the channel when the clock has stopped."""

    spec: LocationBasedSmsSpec
    parts: int

    def enlisted(self, world: World, crowd: Crowd) -> Enlisted:
        """Whom each operator writes to."""

    def queues(self, world: World) -> dict[int, tuple[int, DrainTiming]]:
        """When each operator's list was submitted [us], and how fast its part is."""

    def order(self, streams: Streams, numbers: NDArray[np.int32]) -> NDArray[np.float64]:
        """Where handsets, by their numbers, stand in a list."""

    def refuse(
        self,
        streams: Streams,
        lists: Mapping[int, NDArray[np.int64]],
        numbers: NDArray[np.int32],
        delivery: SmsDelivery,
    ) -> None:
        """Take back the messages of phones that take none."""


class Waiting(NamedTuple):
    """Handsets that wait for an operator's centre, in the order of submission, and how many people each is.

    `people` are all of the shard on that list.
    """

    number: NDArray[np.int32]
    weight: NDArray[np.int32]
    presence: Presence
    people: int


class Listed(NamedTuple):
    """A shard's part of the lists, by operator; the people on them by tracking area, shape (areas,)."""

    waiting: dict[int, Waiting]
    heads: NDArray[np.int64]


#: What the centres did for those of a shard that waited, by operator.
Served = dict[int, SmsDelivery]


def listed(channel: _Centres, world: World, crowd: Crowd) -> Listed:
    """Whom of a shard the centres can take up.

    Parameters
    ----------
    channel
        The channel when the clock has stopped.
    world
        The world as it ended.
    crowd
        The shard's people.
    """
    handsets = crowd.population.handsets
    weight = crowd.population.people.weight[handsets.owner]
    lists, _, heads = channel.enlisted(world, crowd)
    waiting = {}
    for operator, (at_us, timing) in channel.queues(world).items():
        every = lists[operator]
        who = every[: _most_taken_up(timing, at_us, world.horizon_us)]
        people = int(weight[every].sum())
        waiting[operator] = Waiting(
            handsets.number[who], weight[who], presence_of_some(crowd.presence, who), people
        )
    return Listed(waiting, heads)


def _most_taken_up(timing: DrainTiming, submitted_us: int, horizon_us: int) -> int:
    """How many of a list the centre can take up at most: the others would begin after the end."""
    last_us = min(submitted_us + timing.validity_us, horizon_us)
    each_us = max(int(timing.part_us.min()) * timing.parts, 1)
    return max(last_us - submitted_us, 0) // each_us + 2


def serve(channel: _Centres, world: World, parts: Sequence[Listed]) -> list[Served]:
    """Drain each operator's list of all shards, and write down what the operators know.

    Parameters
    ----------
    channel
        The channel when the clock has stopped.
    world
        The world as it ended, whose events get more.
    parts
        What each shard has on the lists.
    """
    queues, cells = channel.queues(world), world.network.cells
    at = {operator: at_us for operator, (at_us, _) in queues.items()}
    log_head_counts(world, channel.spec, at, np.sum([part.heads for part in parts], axis=0))
    served: list[Served] = [{} for _ in parts]
    for operator, (at_us, timing) in queues.items():
        waiting = [part.waiting[operator] for part in parts]
        number, weight = (
            np.concatenate([getattr(one, name) for one in waiting]) for name in ("number", "weight")
        )
        order = np.lexsort((number, channel.order(world.streams, number)))
        who = order[: _most_taken_up(timing, at_us, world.horizon_us)]
        delivery = empty_delivery(number.size, NEVER_TRIED)
        counts = drain_list(
            delivery,
            SubscriberList(who, number[who], weight[who].astype(np.int64), at_us),
            joined([one.presence for one in waiting]),
            cells.tracking_area,
            cells.rat,
            timing,
            world.horizon_us,
            world.streams.key("sms.attempt"),
        )
        channel.refuse(world.streams, {operator: order}, number, delivery)
        people = sum(one.people for one in waiting)
        book = OperatorBook(operator, at_us, channel.parts, weight, people)
        log_drained(world, channel.spec, book, delivery, np.arange(number.size), counts)
        ends = np.cumsum([one.number.size for one in waiting])[:-1]
        columns = [np.split(column, ends) for column in delivery]
        for number_of_shard, theirs in enumerate(zip(*columns, strict=True)):
            served[number_of_shard][operator] = SmsDelivery(*theirs)
    return served


def delivery(channel: _Centres, world: World, crowd: Crowd, served: Served) -> SmsDelivery:
    """What the centres did for each handset of a shard.

    Parameters
    ----------
    channel, world, crowd
        As in `listed`.
    served
        Of those who waited.
    """
    lists, out, _ = channel.enlisted(world, crowd)
    for operator, who in lists.items():
        out.failure[who] = NEVER_TRIED
        head = who[: served[operator].taken_us.size]
        done = served[operator]
        out.taken_us[head], out.received_us[head] = done.taken_us, done.received_us
        out.attempts[head], out.failure[head] = done.attempts, done.failure
    channel.refuse(world.streams, lists, crowd.population.handsets.number, out)
    return out
