"""How an operator's SMS centre drains a list of subscribers: one exact pass.

The centre is one server, first come first served: the list is submitted at the rate it takes, and
retries join when they are due. After the core, a page waits in its tracking area's queue, one
server each; a page that waits longer than the discard time is lost. A message that fails is tried
again after the next wait of the ladder, until the ladder or the validity period ends. All times
are integer microseconds; ties go to the lower order in the list.

First attempts are in order by construction, so only retries need a heap.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numba import njit, prange, uint32, uint64
from numpy.typing import NDArray

from ewsim.channels.presence import Presence
from ewsim.streams import philox
from ewsim.units import NEVER

#: Why the last attempt failed, or none was made (`SmsDelivery.failure`).
NOT_FAILED, NOT_LISTED, NEVER_TRIED, ABSENT, PAGE_LOST, RADIO_FAILED = range(6)


@dataclass(frozen=True, slots=True)
class DrainTiming:
    """Integer microseconds, and the share of attempts that succeed.

    `service_us` is the centre's time for one message with all its parts; `radio_us` is by
    technology (`units.RATS`), for one part; `retry_us` the ladder.
    """

    service_us: int
    core_us: int
    page_us: int
    paging_cycle_us: int
    discard_us: int
    radio_us: NDArray[np.int64]
    parts: int
    success_share: float
    report_us: int
    retry_us: NDArray[np.int64]
    validity_us: int


@njit(cache=True, inline="always")
def _camped(h, t, first, since, until, on_from, on_to):  # type: ignore[no-untyped-def]
    """The row of presence a handset has at t, -1 when it cannot be reached."""
    if t < on_from[h] or t >= on_to[h]:
        return -1
    for i in range(first[h], first[h + 1]):
        if since[i] <= t < until[i]:
            return i
    return -1


@njit(cache=True, nogil=True)
def _drain(  # type: ignore[no-untyped-def]
    taken, received, attempts, failure, area_free,
    listed, submit, horizon, first, cell, since, until, on_from, on_to, area, rat,
    service, core, page, cycle, discard, radio, parts, success, report, ladder, validity,
    seed, replication, purpose,
):  # fmt: skip
    deadline = submit + validity
    queue = [(np.int64(0), np.int64(0))]
    queue.clear()
    free = submit
    position = 0
    while position < listed.size or len(queue) > 0:
        due = submit + position * service
        if position < listed.size and (len(queue) == 0 or due <= queue[0][0]):
            order = position
            position += 1
        else:
            due, order = heapq.heappop(queue)  # type: ignore[assignment]
        h = listed[order]
        begin = max(free, due)
        if begin > deadline or begin > horizon:
            continue
        free = begin + service
        if attempts[h] == 0:
            taken[h] = begin
        attempt = attempts[h]
        attempts[h] += 1
        t = free + core
        row = _camped(h, t, first, since, until, on_from, on_to)
        delivered = NEVER
        if row < 0:
            failure[h] = ABSENT
        else:
            serving = cell[row]
            start = max(area_free[area[serving]], t)
            if start - t >= discard:
                failure[h] = PAGE_LOST
            else:
                area_free[area[serving]] = start + page
                w0, w1, w2, _ = philox(
                    uint32(h), uint32(0), uint32(purpose), uint32(attempt),
                    uint32(seed), uint32(replication),
                )  # fmt: skip
                luck = (
                    (uint64(w0) >> uint64(5)) * 67108864.0 + (uint64(w1) >> uint64(6))
                ) * 2.0**-53
                if luck < success:
                    wait = np.int64((uint64(w2) * uint64(cycle)) >> uint64(32))
                    delivered = start + page + wait + parts * radio[rat[serving]]
                else:
                    failure[h] = RADIO_FAILED
        if delivered <= horizon:
            received[h] = delivered
            failure[h] = NOT_FAILED
        elif delivered == NEVER and attempt < ladder.size:
            again = free + report + ladder[attempt]
            if again <= deadline:
                heapq.heappush(queue, (again, np.int64(order)))


@dataclass(frozen=True, slots=True)
class SmsDelivery:
    """What the centre did for each handset; arrays of one length.

    `taken_us`: the centre first took it up; `received_us`: all parts delivered; `attempts`;
    `failure`: why not, as NOT_FAILED, NOT_LISTED, NEVER_TRIED, ABSENT, PAGE_LOST, RADIO_FAILED.
    """

    taken_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    attempts: NDArray[np.int16]
    failure: NDArray[np.int8]


def empty_delivery(handset_count: int) -> SmsDelivery:
    """Nobody on any list yet."""
    return SmsDelivery(
        np.full(handset_count, NEVER, dtype=np.int64),
        np.full(handset_count, NEVER, dtype=np.int64),
        np.zeros(handset_count, dtype=np.int16),
        np.full(handset_count, NOT_LISTED, dtype=np.int8),
    )


def drain(
    delivery: SmsDelivery,
    listed: NDArray[np.int64],
    submit_us: int,
    horizon_us: int,
    presence: Presence,
    on_from_us: NDArray[np.int64],
    on_to_us: NDArray[np.int64],
    tracking_area: NDArray[np.int32],
    rat: NDArray[np.int8],
    tracking_area_count: int,
    timing: DrainTiming,
    seed: int,
    replication: int,
    purpose: int,
) -> None:
    """Drain one operator's list, handsets in the order of submission, into `delivery`.

    Assumption: a roaming phone's pages queue behind those of its own operator only.
    """
    delivery.failure[listed] = NEVER_TRIED
    _drain(
        delivery.taken_us, delivery.received_us, delivery.attempts, delivery.failure,
        np.zeros(tracking_area_count, dtype=np.int64),
        listed, submit_us, horizon_us,
        presence.first, presence.cell, presence.from_us, presence.to_us, on_from_us, on_to_us,
        tracking_area, rat,
        timing.service_us, timing.core_us, timing.page_us, timing.paging_cycle_us,
        timing.discard_us, timing.radio_us, timing.parts, timing.success_share, timing.report_us,
        timing.retry_us, timing.validity_us,
        seed, replication, purpose,
    )  # fmt: skip


@njit(cache=True, parallel=True)
def register_rows(  # type: ignore[no-untyped-def]
    at, age, detach, first, since, until, on_from, on_to
):
    """For each handset the row of presence that the location register holds at `at[h]`, -1: none.

    The register knows the cell of `age[h]` ago, or the first it attached to since; a phone that
    has been off or without signal for longer than `detach` before `at[h]` has been struck off.
    """
    rows = np.full(age.size, -1, np.int64)
    for h in prange(age.size):
        if at[h] == NEVER:
            continue
        moment = at[h] - age[h]
        latest = True
        for i in range(first[h + 1] - 1, first[h] - 1, -1):
            begin = max(since[i], on_from[h])
            end = min(until[i], on_to[h])
            if begin >= end or begin > at[h]:
                continue
            if latest and at[h] - min(end, at[h]) > detach:
                break
            latest = False
            rows[h] = i
            if begin <= moment:
                break
    return rows


@njit(cache=True)
def rows_at(who, at, first, since, until, on_from, on_to):  # type: ignore[no-untyped-def]
    """The row of presence of each of `who` at its moment `at` [us], -1: nowhere or off."""
    rows = np.empty(who.size, np.int64)
    for i in range(who.size):
        rows[i] = _camped(who[i], at[i], first, since, until, on_from, on_to)
    return rows


@njit(cache=True)
def any_row(who, begin, end, first, since, until):  # type: ignore[no-untyped-def]
    """Whether each of `who` camped anywhere between its `begin` and `end` [us]."""
    found = np.zeros(who.size, np.bool_)
    for i in range(who.size):
        for row in range(first[who[i]], first[who[i] + 1]):
            if max(since[row], begin[i]) < min(until[row], end[i]):
                found[i] = True
                break
    return found
