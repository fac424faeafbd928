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
and is served itself as one of them. Weights differ only by rounding, so a pager's
places are taken in turn.

Assumptions: calls on 2G are in balance (`timing.blocking_beside`); an absent phone is paged in
vain without a load on the pager; receipts load nothing; the centre takes as long for a part that
fails as for one that arrives.
"""

import heapq

import numpy as np
from numba import uint64

from ewsim.channels.location_based_sms.timing import SURGE_STEP_US
from ewsim.kernels import kernel
from ewsim.population.presence.kernel import camped_row, returns_us
from ewsim.streams import words
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

#: What a drain counts.
COUNTS = ("pages", "pages_discarded", "channels_refused", "alerts", "parts_delivered")
PAGES, DISCARDED, REFUSED, ALERTS, DELIVERED = range(len(COUNTS))


@kernel(inline="always")
def _step(t, surge, steps):
    """The row of a surge's tables that holds at t (`DrainTiming.step`)."""
    if t < surge:
        return 0
    return min(1 + (t - surge) // SURGE_STEP_US, steps - 1)


@kernel
def seize(held_until, t, hold, blocking, u):
    """Take a channel of a 2G cell; False where messages and calls leave none.

    Parameters
    ----------
    held_until
        When each channel's message ends [us], shape (channels,).
    t
        Now [us].
    hold
        How long the message takes the channel [us].
    blocking
        By how many messages hold a channel, the probability that calls hold the rest.
    u
        The draw, in [0, 1).
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
def _arrived(parts, success, luck):
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


@kernel(inline="always")
def _within(word, span):
    """A uniform integer in [0, span) from a 32-bit word."""
    return np.int64((uint64(word) * uint64(span)) >> uint64(32))


@kernel(nogil=True)
def fill_stays(stays, handset, presence):
    """The first stay of each on the list, in its order.

    They lie beside each other in memory, because the pass over the list spends its time on them.

    Parameters
    ----------
    stays
        A `drain.FirstStays`, which is filled.
    handset
        Those on the list, shape (listed,).
    presence
        Where handsets camp.
    """
    begin, end, cell, more = stays
    first, where, _, since, until, on_from, on_to = presence
    for i in range(handset.size):
        h = handset[i]
        row = first[h]
        more[i] = first[h + 1] > row + 1
        begin[i], end[i], cell[i] = 0, 0, -1
        if first[h + 1] > row:
            begin[i] = max(since[row], on_from[h])
            end[i] = min(until[row], on_to[h])
            cell[i] = where[row]


@kernel(nogil=True)
def drain(out, counts, listed, stays, presence, cells, servers, timing, horizon, key):
    """Drain one list into `out` and `counts`; `drain.drain_list` makes the other arguments.

    Parameters
    ----------
    out
        A `SmsDelivery` with a row for each on the list, in its order; it is filled.
    counts
        Takes the `COUNTS`, shape (counts,).
    listed
        A `drain.SubscriberList`: handset, number, weight, time of submission [us].
    stays
        A `drain.FirstStays`.
    presence
        Where handsets camp.
    cells
        Tracking area, technology, and row among the 2G cells, of each cell.
    servers
        When each pager and each 2G channel is free [us]; they change.
    timing
        The operator's `DrainTiming`.
    horizon
        The end of the run [us].
    key
        Key of the draws.
    """
    taken, received, attempts, failure = out
    handset, phone, weight, submit = listed
    stay_from, stay_to, stay_cell, more = stays
    area, rat, gsm_row = cells
    page_free, page_next, held_until = servers
    part_us, blocking, ladder = timing.part_us, timing.blocking, timing.retry_us
    records, page_us, radio = timing.records, timing.page_us, timing.radio_us
    surge, steps = timing.surge_us, part_us.size
    missing = np.full(handset.size, timing.parts, np.int64)
    deadline = submit + timing.validity_us
    retries = [(np.int64(0), np.int64(0))]  # (due, order)
    retries.clear()
    later = [(np.int64(0), np.int64(0), np.int64(0))]  # (time, order, 2 * page's number + asks)
    later.clear()
    free = submit
    position, due_next = np.int64(0), np.int64(submit)
    while True:
        # Who is next at the centre, and when would its page come out?
        fresh = position < missing.size and (len(retries) == 0 or due_next <= retries[0][0])
        served, order = NEVER, np.int64(-1)
        if fresh or len(retries) > 0:
            if fresh:
                due, order = due_next, position
            else:
                due, order = retries[0]
            begin = max(free, due)
            if begin > deadline or begin > horizon:
                position = np.int64(missing.size)  # the rest would begin later still
                retries.clear()
                continue
            served = begin + part_us[_step(begin, surge, steps)] * missing[order] * weight[order]
        # Pages and channels that are due before it come first.
        number, asks = np.int64(0), False
        if len(later) > 0 and later[0][0] <= served + timing.core_us:
            t, order, code = heapq.heappop(later)
            number, asks = code >> 1, (code & 1) == 1
        elif served == NEVER:
            break
        else:
            if fresh:
                due_next += part_us[_step(due_next, surge, steps)] * timing.parts * weight[position]
                position += 1
            else:
                heapq.heappop(retries)
            free = served
            if attempts[order] == 0:
                taken[order] = begin
            attempts[order] += 1
            t = served + timing.core_us
        h, attempt = handset[order], attempts[order] - 1
        here = stay_cell[order] if stay_from[order] <= t < stay_to[order] else -1
        if here < 0 and more[order]:
            row = camped_row(h, t, presence)
            here = presence.cell[row] if row >= 0 else -1
        w0, w1, w2, w3 = words(key, phone[order], number, attempt)
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
            if start - t >= timing.discard_us:
                failed = PAGE_LOST
                counts[DISCARDED] += weight[order]
            else:
                takes = page_us[_step(start, surge, steps), technology]
                page_free[pager, server] = start + takes * weight[order]
                page_next[pager] = server + 1 if server + 1 < records[technology] else 0
                answers = start + takes + _within(w2, timing.paging_cycle_us)
                if technology == GSM:
                    heapq.heappush(later, (answers, order, 2 * number + 1))
                    continue
                begins = answers
        if begins < NEVER:
            luck = ((uint64(w0) >> uint64(5)) * 67108864.0 + (uint64(w1) >> uint64(6))) * 2.0**-53
            ended = begins + missing[order] * radio[rat[here]]
            got = _arrived(missing[order], timing.success_share, luck)
            missing[order] -= got
            counts[DELIVERED] += got * weight[order]
            if missing[order] == 0:
                if ended <= horizon:
                    received[order] = ended
                    failure[order] = NOT_FAILED
                continue
            failed = RADIO_FAILED
        elif failed != ABSENT and number + 1 < timing.tries:
            heapq.heappush(later, (t + timing.repeat_us, order, 2 * (number + 1)))
            continue
        failure[order] = failed
        again = NEVER
        if attempt < ladder.size:
            again = ended + timing.report_us + ladder[attempt]
        if failed == ABSENT and timing.alert_us >= 0:
            back = returns_us(h, t, presence)
            if back < NEVER:
                alerted = max(back, ended + timing.report_us) + _within(w2, 2 * timing.alert_us)
                if alerted < again:
                    again = alerted
                    counts[ALERTS] += weight[order]
        if again <= deadline:
            heapq.heappush(retries, (again, np.int64(order)))  # type: ignore[misc]
