"""An operator's list of subscribers and what its SMS centre did with it: arrays around the drain.

The model and its assumptions are in `ewsim.channels.location_based_sms.kernel`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.location_based_sms import kernel
from ewsim.channels.location_based_sms.kernel import COUNTS, NEVER_TRIED, NOT_LISTED
from ewsim.channels.location_based_sms.timing import DrainTiming
from ewsim.population.presence.windows import Presence
from ewsim.streams import DrawKey
from ewsim.units import GSM, NEVER, RATS


class SubscriberList(NamedTuple):
    """Handsets in the order of submission, which begins at `submit_us`.

    `number` is what the draws of each belong to, `weight` how many phones it stands for.
    """

    handset: NDArray[np.int64]
    number: NDArray[np.int32]
    weight: NDArray[np.int64]
    submit_us: int


class FirstStays(NamedTuple):
    """Where each on a list first camped while it was on, -1: nowhere; and whether it went on."""

    from_us: NDArray[np.int64]
    to_us: NDArray[np.int64]
    cell: NDArray[np.int32]
    more: NDArray[np.bool_]


class PagedCells(NamedTuple):
    """By cell: its tracking area, its technology, and its row among 2G cells, -1 for others."""

    tracking_area: NDArray[np.int32]
    rat: NDArray[np.int8]
    gsm_row: NDArray[np.int64]


class Servers(NamedTuple):
    """When paging places are free, which is next in turn, and when messages leave 2G channels.

    The first two have a row for each tracking area and technology, the last for each 2G cell.
    """

    page_free_us: NDArray[np.int64]
    next_page: NDArray[np.int64]
    held_until_us: NDArray[np.int64]


class SmsDelivery(NamedTuple):
    """What the centre did for each handset; arrays of one length.

    `taken_us`: the centre first took it up; `received_us`: all parts delivered; `attempts`;
    `failure`: why not, as `kernel.NOT_FAILED`, `NOT_LISTED` ...
    """

    taken_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    attempts: NDArray[np.int16]
    failure: NDArray[np.int8]


class Enlisted(NamedTuple):
    """By operator the handsets it writes to, in the order of submission; why it does not write to the others
    (`delivery.failure`); and the people of the lists by tracking area, shape (tracking areas,).
    """

    lists: dict[int, NDArray[np.int64]]
    delivery: SmsDelivery
    heads: NDArray[np.int64]


def empty_delivery(count: int, failure: int = NOT_LISTED) -> SmsDelivery:
    """Nothing delivered yet, and why not."""
    return SmsDelivery(
        np.full(count, NEVER, dtype=np.int64),
        np.full(count, NEVER, dtype=np.int64),
        np.zeros(count, dtype=np.int16),
        np.full(count, failure, dtype=np.int8),
    )


def drain_list(
    delivery: SmsDelivery,
    listed: SubscriberList,
    presence: Presence,
    tracking_area: NDArray[np.int32],
    rat: NDArray[np.int8],
    timing: DrainTiming,
    horizon_us: int,
    key: DrawKey,
) -> NDArray[np.int64]:
    """Drain one operator's list into `delivery`; what was counted, as `kernel.COUNTS`.

    Parameters
    ----------
    delivery
        Arrays of all handsets; only those on the list are written.
    listed
        The list.
    presence
        Where all handsets camped, and when.
    tracking_area, rat
        Of each cell, shape (cells,).
    timing
        How fast the operator's part is.
    horizon_us
        The end of the run [us].
    key
        The draws of this replication.

    Notes
    -----
    Assumption: the pages of a phone that has gone to another operator's cells since the lookup
    queue behind those of its own list only.
    """
    size = listed.handset.size
    gsm = rat == GSM
    pagers = (int(tracking_area.max(initial=-1)) + 1) * len(RATS)
    servers = Servers(
        np.full((pagers, int(timing.records.max())), -NEVER),
        np.zeros(pagers, dtype=np.int64),
        np.full((max(int(gsm.sum()), 1), timing.blocking.shape[1] - 1), -NEVER),
    )
    stays = FirstStays(
        np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int32), np.empty(size, np.bool_)
    )
    kernel.fill_stays(stays, listed.handset, presence)
    cells = PagedCells(tracking_area, rat, np.where(gsm, np.cumsum(gsm) - 1, -1))
    out, counts = empty_delivery(size, NEVER_TRIED), np.zeros(len(COUNTS), dtype=np.int64)
    kernel.drain(out, counts, listed, stays, presence, cells, servers, timing, horizon_us, key)
    who = listed.handset
    delivery.taken_us[who], delivery.received_us[who] = out.taken_us, out.received_us
    delivery.attempts[who], delivery.failure[who] = out.attempts, out.failure
    return counts
