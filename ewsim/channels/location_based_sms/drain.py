"""How an operator's SMS centre drains a list of subscribers: one exact pass.

The centre is one server, first come first served: the list is submitted at the rate it takes, and
retries join when they are due. After the core, a page waits for a paging occasion of its tracking
area and technology (as many servers as one page names phones); a page that waits longer than the
discard time is lost, and the core pages again. A 2G phone that was paged asks for a signalling
channel (SDCCH), which messages hold and calls share; where none is left it is paged again. The
missing parts of a message go in one session and fail each on its own. An attempt that fails is
repeated after the next wait of the ladder, or when an absent phone returns, until the validity
period ends. All times are integer microseconds; ties go to the lower order in the list.

First attempts are in order by construction, so only what comes back needs a heap: retries at the
centre, and behind it second pages and the channels of 2G, which stay in the order of time.

A weighted phone takes the centre, the pager and the channel for as long as all that it stands for,
and is served itself as one of them. Weights are alike but for remainders, for which a pager's
places are taken in turn all the same.

Assumptions: calls on 2G are in balance (`queueing.blocking_beside`); an absent phone is paged in
vain without a load on the pager; receipts load nothing; the centre takes as long for a part that
fails as for one that arrives.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numba import uint32, uint64
from numpy.typing import NDArray

from ewsim.channels.location_based_sms.timing import SURGE_STEP_US, DrainTiming
from ewsim.kernels import kernel
from ewsim.population.presence.whereabouts import camped_row, returns_us
from ewsim.population.presence.windows import Presence
from ewsim.streams import philox
from ewsim.units import GSM, NEVER, RATS

#: Why the last attempt failed, or none was made (`SmsDelivery.failure`).
(
    NOT_FAILED,
    NOT_LISTED,
    NOT_MEANT,
    OPTED_OUT,
    NO_SUBSCRIPTION,
    ROAMER_REFUSED,
    NEVER_TRIED,
    ABSENT,
    PAGE_LOST,
    RADIO_FAILED,
    NO_CHANNEL_FREE,
    UNDELIVERABLE,
) = range(12)

#: What a drain counts (`SmsDelivery.counts`, a row an operator).
COUNTS = ("pages", "pages_discarded", "channels_refused", "alerts", "parts_delivered")
PAGES, DISCARDED, REFUSED, ALERTS, DELIVERED = range(len(COUNTS))


@kernel(inline="always")
def _step(t, surge, steps):  # type: ignore[no-untyped-def]
    """The row of a surge's tables that holds at t (`DrainTiming.step`)."""
    if t < surge:
        return 0
    return min(1 + (t - surge) // SURGE_STEP_US, steps - 1)


@kernel
def seize(held_until, t, hold, blocking, u):  # type: ignore[no-untyped-def]
    """Take a channel of a 2G cell at t for `hold`; False where messages and calls leave none.

    `held_until`: when each channel's message ends; `blocking`: by how many messages hold one, the
    probability that calls hold the rest; `u`: a draw.
    """
    busy, free = 0, -1
    for i in range(held_until.size):
        if held_until[i] > t:
            busy += 1
        else:
            free = i
    if u < blocking[busy]:
        return False
    held_until[free] = t + hold
    return True


@kernel(inline="always")
def _arrived(parts, success, luck):  # type: ignore[no-untyped-def]
    """How many of so many parts arrive: a binomial number, inverted from the top."""
    if success <= 0.0:
        return 0
    got = parts
    share = success**parts
    below = share
    while luck >= below and got > 0:
        got -= 1
        share *= (got + 1) / (parts - got) * (1.0 - success) / success
        below += share
    return got


@kernel(nogil=True)
def _stays(listed, first, cell, since, until, on_from, on_to):  # type: ignore[no-untyped-def]
    """The first stay of each on the list, in its order: (from, to, cell, whether there are more).

    Beside each other in memory, for that is where the pass over the list spends its time.
    """
    begin = np.empty(listed.size, np.int64)
    end = np.empty(listed.size, np.int64)
    where = np.empty(listed.size, np.int32)
    more = np.empty(listed.size, np.bool_)
    for i in range(listed.size):
        h = listed[i]
        row = first[h]
        more[i] = first[h + 1] > row + 1
        begin[i], end[i], where[i] = 0, 0, -1
        if first[h + 1] > row:
            begin[i] = max(since[row], on_from[h])
            end[i] = min(until[row], on_to[h])
            where[i] = cell[row]
    return begin, end, where, more


@kernel(nogil=True)
def _drain(  # type: ignore[no-untyped-def]
    taken,
    received,
    attempts,
    failure,
    counts,
    page_free,
    page_next,
    held_until,
    listed,
    weight,
    submit,
    horizon,
    stay_from,
    stay_to,
    stay_cell,
    more,
    first,
    cell,
    since,
    until,
    on_from,
    on_to,
    area,
    rat,
    gsm_row,
    surge,
    part_us,
    blocking,
    core,
    records,
    page_us,
    cycle,
    discard,
    repeat,
    most,
    radio,
    parts,
    success,
    report,
    ladder,
    validity,
    alert_us,
    phone,
    seed,
    replication,
    purpose,
):
    deadline = submit + validity
    missing = np.full(listed.size, parts, np.int64)
    retries = [(np.int64(0), np.int64(0))]  # (due, order)
    retries.clear()
    later = [(np.int64(0), np.int64(0), np.int64(0))]  # (time, order, 2 * page's number + asks)
    later.clear()
    free = submit
    position, due_next = np.int64(0), np.int64(submit)
    steps = part_us.size
    while True:
        # Who is next at the centre, and when would its page come out?
        fresh = position < listed.size and (len(retries) == 0 or due_next <= retries[0][0])
        served, order = NEVER, np.int64(-1)
        if fresh or len(retries) > 0:
            if fresh:
                due, order = due_next, position
            else:
                due, order = retries[0]
            begin = max(free, due)
            if begin > deadline or begin > horizon:
                position = np.int64(listed.size)  # the rest would begin later still
                retries.clear()
                continue
            served = begin + part_us[_step(begin, surge, steps)] * missing[order] * weight[order]
        # Pages and channels that are due before it come first.
        number, asks = np.int64(0), False
        if len(later) > 0 and later[0][0] <= served + core:
            t, order, code = heapq.heappop(later)
            number, asks = code >> 1, (code & 1) == 1
        elif served == NEVER:
            break
        else:
            if fresh:
                due_next += part_us[_step(due_next, surge, steps)] * parts * weight[position]
                position += 1
            else:
                heapq.heappop(retries)
            free = served
            if attempts[order] == 0:
                taken[order] = begin
            attempts[order] += 1
            t = served + core
        h, attempt = listed[order], attempts[order] - 1
        here = stay_cell[order] if stay_from[order] <= t < stay_to[order] else -1
        if here < 0 and more[order]:
            row = camped_row(h, t, first, since, until, on_from, on_to)
            here = cell[row] if row >= 0 else -1
        w0, w1, w2, w3 = philox(
            uint32(phone[h]),
            uint32(number),
            uint32(purpose),
            uint32(attempt),
            uint32(seed),
            uint32(replication),
        )
        begins = NEVER
        failed = ABSENT
        ended = t
        if asks:
            serving = gsm_row[here] if here >= 0 else -1
            failed = PAGE_LOST
            if serving >= 0:
                failed = NO_CHANNEL_FREE
                hold = missing[order] * radio[GSM] * weight[order]
                u = (np.float64(w3) + 0.5) * 2.0**-32
                if seize(held_until[serving], t, hold, blocking[_step(t, surge, steps)], u):
                    begins = t  # type: ignore[assignment]
                else:
                    counts[REFUSED] += weight[order]
        elif here >= 0:
            technology = rat[here]
            pager = area[here] * len(RATS) + technology
            server = page_next[pager]
            start = max(t, page_free[pager, server])
            counts[PAGES] += weight[order]
            if start - t >= discard:
                failed = PAGE_LOST
                counts[DISCARDED] += weight[order]
            else:
                page_free[pager, server] = start + page_us[technology] * weight[order]
                page_next[pager] = server + 1 if server + 1 < records[technology] else 0
                wait = np.int64((uint64(w2) * uint64(cycle)) >> uint64(32))
                answers = start + page_us[technology] + wait
                if technology == GSM:
                    heapq.heappush(later, (answers, order, 2 * number + 1))
                    continue
                begins = answers
        if begins < NEVER:
            luck = ((uint64(w0) >> uint64(5)) * 67108864.0 + (uint64(w1) >> uint64(6))) * 2.0**-53
            ended = begins + missing[order] * radio[rat[here]]
            got = _arrived(missing[order], success, luck)
            missing[order] -= got
            counts[DELIVERED] += got * weight[order]
            if missing[order] == 0:
                if ended <= horizon:
                    received[order] = ended
                    failure[order] = NOT_FAILED
                continue
            failed = RADIO_FAILED
        elif failed != ABSENT and number + 1 < most:
            heapq.heappush(later, (t + repeat, order, 2 * (number + 1)))
            continue
        failure[order] = failed
        again = NEVER
        if attempt < ladder.size:
            again = ended + report + ladder[attempt]
        if failed == ABSENT and alert_us >= 0:
            back = returns_us(h, t, first, since, until, on_from, on_to)
            if back < NEVER:
                told = max(back, ended + report)
                told += np.int64((uint64(w2) * uint64(2 * alert_us)) >> uint64(32))
                if told < again:
                    again = told
                    counts[ALERTS] += weight[order]
        if again <= deadline:
            heapq.heappush(retries, (again, np.int64(order)))  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class SmsDelivery:
    """What the centre did for each handset; arrays of one length.

    `taken_us`: the centre first took it up; `received_us`: all parts delivered; `attempts`;
    `failure`: why not, as NOT_FAILED, NOT_LISTED ... above.
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
    phone: NDArray[np.int32] | None = None,
    weight: NDArray[np.int32] | None = None,
) -> NDArray[np.int64]:
    """Drain one operator's list, handsets in the order of submission, into `delivery`.

    `phone` is what each handset's draws belong to, absent: its row; `weight` how many phones it
    stands for, absent: one. Returns what was counted, as `COUNTS`. Assumption: the pages of a phone
    that has gone to another operator's cells since the lookup queue behind those of its own list
    only.
    """
    failure = np.full(listed.size, NEVER_TRIED, dtype=np.int8)
    attempts = np.zeros(listed.size, dtype=np.int16)
    taken, received = (np.full(listed.size, NEVER, dtype=np.int64) for _ in range(2))
    where = (presence.first, presence.cell, presence.from_us, presence.to_us, on_from_us, on_to_us)
    counts = np.zeros(len(COUNTS), dtype=np.int64)
    pagers = tracking_area_count * len(RATS)
    gsm = rat == GSM
    gsm_row = np.where(gsm, np.cumsum(gsm) - 1, -1)
    _drain(
        taken,
        received,
        attempts,
        failure,
        counts,
        np.full((pagers, int(timing.records.max())), -NEVER),
        np.zeros(pagers, dtype=np.int64),
        np.full((max(int(gsm.sum()), 1), timing.blocking.shape[1] - 1), -NEVER),
        listed,
        np.ones(listed.size, np.int64) if weight is None else weight[listed].astype(np.int64),
        submit_us,
        horizon_us,
        *_stays(listed, *where),
        *where,
        tracking_area,
        rat,
        gsm_row,
        timing.surge_us,
        timing.part_us,
        timing.blocking,
        timing.core_us,
        timing.records,
        timing.page_us,
        timing.paging_cycle_us,
        timing.discard_us,
        timing.repeat_us,
        timing.tries,
        timing.radio_us,
        timing.parts,
        timing.success_share,
        timing.report_us,
        timing.retry_us,
        timing.validity_us,
        timing.alert_us,
        np.arange(on_from_us.size, dtype=np.int32) if phone is None else phone,
        seed,
        replication,
        purpose,
    )
    delivery.taken_us[listed], delivery.received_us[listed] = taken, received
    delivery.attempts[listed], delivery.failure[listed] = attempts, failure
    return counts
