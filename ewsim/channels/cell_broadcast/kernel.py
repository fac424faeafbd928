"""When a phone has a cell broadcast complete: the closed form, and the compiled loop over phones.

A cell sends N segments (pages on 2G and 3G) cyclically; each is lost to a phone with probability p,
independently. After k transmissions, m = k // N, r = k % N::

    F(k) = P(complete) = (1 - p**(m+1))**r * (1 - p**m)**(N - r),   F(k < N) = 0

So the number of transmissions a phone needs is one draw, and everything else is arithmetic. Times
are integer microseconds.

Modes. `per_repetition`: the cell pages for a whole paging cycle before its first burst, sends the N
segments once at each repetition and is silent between; phones there at the start hear the first
segment. `continuous`: it sends without pause; a phone that is paged starts after a uniform part of
its paging cycle. In both, a phone that comes later reads the schedule (on 4G and 5G, up to 80 ms)
and starts with the next segment it can hear. On another cell it starts again (TS 36.331 5.2.2.4).

A phone may attend late: on 2G and 3G because it is in a call, on 4G and 5G because it missed the
page; it then comes to the broadcast after an exponential time, as if it had just arrived.

A copy is shown unless its serial number was shown within the zone of its geographical scope in the
24 hours before, as Android does it (`CellBroadcastHandler.isDuplicate`).

Assumption: p is logistic in the signal above the camping threshold, 0.1 at the threshold and
a = 1.2 per dB; the signal of a phone in a place does not change during the run.
"""

import numpy as np
from numba import uint32, uint64

from ewsim.kernels import inner, kernel
from ewsim.streams import words
from ewsim.units import LTE

LOSS_SLOPE_PER_DB = 1.2
LOSS_AT_THRESHOLD = 0.1
_LOSS_OFFSET_DB = float(np.log(1 / LOSS_AT_THRESHOLD - 1) / LOSS_SLOPE_PER_DB)

#: Bits of `CbReception.seen`.
SEEN_CAMPED, SEEN_TARGETED, SEEN_ON_AIR, SEEN_IN_TIME, SEEN_LATE = 1, 2, 4, 8, 16

#: A signal at which nothing is lost [dB].
NO_LOSS_DB = 1000.0

#: Longest reading of the broadcast schedule, SIB1 every 80 ms (TS 36.331 5.2.1.2) [us].
SIB1_US = 80_000

#: How long a phone remembers what it has shown (Android: `message_expiration_time`) [us].
MEMORY_US = 86_400_000_000

#: Above this loss nothing is ever complete; transmissions are counted up to here.
HOPELESS_LOSS, HOPELESS_COUNT = 1 - 1e-6, 1 << 24


@kernel(inline="always")
def segment_loss(level_db):
    """Probability that a segment is lost at a signal so far above the threshold [dB]."""
    return 1.0 / (1.0 + np.exp(LOSS_SLOPE_PER_DB * (level_db + _LOSS_OFFSET_DB)))


@kernel
def transmissions_needed(u, p, n):
    """The smallest k with F(k) >= u, by inversion.

    Parameters
    ----------
    u
        The draw, in (0, 1).
    p
        Probability that a segment is lost, in [0, 1).
    n
        Segments of the message.
    """
    if p > HOPELESS_LOSS:
        return HOPELESS_COUNT
    if u <= (1.0 - p) ** n:
        return n
    # Whole cycles: the smallest b with (1 - p**b)**n >= u; then the place inside the last cycle.
    b = max(2, int(np.ceil(np.log1p(-(u ** (1.0 / n))) / np.log(p))))
    while (1.0 - p**b) ** n < u:
        b += 1
    while b > 2 and (1.0 - p ** (b - 1)) ** n >= u:
        b -= 1
    before, after = 1.0 - p ** (b - 1), 1.0 - p**b
    for r in range(1, n):
        if after**r * before ** (n - r) >= u:
            return (b - 1) * n + r
    return b * n


@kernel(inline="always")
def _part(word, span):
    """A uniform integer in [0, span) from a 32-bit word."""
    return np.int64((uint64(word) * uint64(span)) >> uint64(32))


@kernel(inline="always")
def _late_us(word, late, mean_us):
    """An exponential time, by inversion of the part of a word below the chance `late`."""
    return np.int64(-np.log((np.float64(word) + 0.5) / late) * mean_us)


@kernel
def completion(start, paged, listen, level_db, rat, luck, timing):
    """When a phone that stays has the message complete [us].

    Parameters
    ----------
    start
        The cell is on air from here [us].
    paged
        Whether the phone was on the cell at the start.
    listen
        The phone is on the cell from here [us].
    level_db
        Signal above the threshold [dB].
    rat
        Technology of the cell, an index of `RATS`.
    luck
        The four 32-bit words of its draw.
    timing
        A row for each technology, as `RatTiming.table`.
    """
    row = timing[rat]
    n, unit, late = row.segments, row.unit_us, row.late
    k = transmissions_needed((np.float64(luck[0]) + 0.5) * 2.0**-32, segment_loss(level_db), n)
    page = np.int64(0)
    if luck[1] < late and (paged or rat < LTE):
        paged = False
        listen += _late_us(luck[1], late, row.late_mean_us)
    elif paged and row.paging_us > 0:
        page = (np.int64(luck[1]) - late) * row.paging_us // ((np.int64(1) << 32) - late)
    if rat >= LTE and (row.continuous or not paged):
        listen += _part(luck[2], SIB1_US)
    if row.continuous:
        return listen + page + _part(luck[3], unit) + (k - 1) * unit + row.airtime_us
    first, period, index = start + row.offset_us, row.period_us, np.int64(0)
    if not paged:
        burst = max((listen - first) // period, 0)
        within = min(max(-((first + burst * period - listen) // unit), 0), n)
        index = burst * n + within
    last = index + k - 1
    return first + (last // n) * period + (last % n) * unit + row.airtime_us


@inner
def _missed(start, paged, listen, stop, level_db, rat, luck, timing):
    """Bits for a message that was not complete in time: would it have been without mishap?"""
    seen = 0
    prompt = (luck[0], uint32(0xFFFFFFFF), luck[2], luck[3])
    if luck[1] < timing[rat].late and completion(start, paged, listen, level_db, rat, prompt, timing) < stop:
        seen |= SEEN_LATE
    if completion(start, paged, listen, NO_LOSS_DB, rat, luck, timing) < stop:
        seen |= SEEN_IN_TIME
    return seen


@inner
def _shown_in(zones, when, count, zone, t):
    """Room for a further zone, and whether a copy at t is shown there; for phones that roam."""
    z = np.int64(0)
    while z < count and zones[z] != zone:
        z += 1
    if z < count and t - when[z] < MEMORY_US:
        return zones, when, count, False
    if z == zones.size:
        more_zones, more_when = np.empty(2 * z, np.int64), np.empty(2 * z, np.int64)
        for old in range(z):  # a slice would compile its errors' words for seconds
            more_zones[old], more_when[old] = zones[old], when[old]
        zones, when = more_zones, more_when
    zones[z], when[z] = zone, t
    return zones, when, max(count, z + 1), True


@kernel(nogil=True)
def receive(out, listeners, presence, windows, cells, tried_us, timing, message, key, span):
    """Fill `out` with what each handset received of one message.

    Parameters
    ----------
    out
        A `CbReception`, which is filled.
    listeners
        Number, and whether it shows the message, of each handset.
    presence
        Where handsets camp.
    windows
        First window of each cell; from and to of each window [us].
    cells
        A `CellTable`.
    tried_us
        When each operator's sending began and ended [us], shape (operators, 2).
    timing
        A row for each technology, as `RatTiming.table`.
    message
        Its number in the plan.
    key
        Key of the draws.
    span
        Its handsets, from the first to the one after the last.
    """
    window, received, copies, displays, seen = out
    number, eligible = listeners
    first, cell, level, since, until, on_from, on_to = presence
    window_first, window_from, window_to = windows
    targeted, rat_of, operator_of, zone_of = cells
    for h in range(span[0], span[1]):
        entry = 0
        # What the phone has shown: the one zone at hand, an array only where there are more.
        zone_shown, when_shown, zones = np.int64(-1), np.int64(0), np.int64(0)
        more_zones = more_when = window_from[:0]
        for i in range(first[h], first[h + 1]):
            here = cell[i]
            a, b = max(since[i], on_from[h]), min(until[i], on_to[h])
            owner = operator_of[here]
            if a < min(b, tried_us[owner, 1]) and b > tried_us[owner, 0]:
                seen[h] |= SEEN_CAMPED
                if targeted[here]:
                    seen[h] |= SEEN_TARGETED
            for w in range(window_first[here], window_first[here + 1]):
                start = window_from[w]
                listen, stop = max(a, start), min(b, window_to[w])
                if listen >= stop:
                    continue
                seen[h] |= SEEN_ON_AIR
                if not eligible[h]:
                    continue
                luck = words(key, number[h], message, entry)
                entry += 1
                rat, level_db = rat_of[here], np.float64(level[i])
                t = completion(start, a < start, listen, level_db, rat, luck, timing)
                if t >= stop:
                    seen[h] |= _missed(start, a < start, listen, stop, level_db, rat, luck, timing)
                    continue
                if copies[h] == 0:
                    window[h], received[h] = w, t
                copies[h] += 1
                zone = zone_of[here]
                if zones == 0 or (zones == 1 and zone == zone_shown):
                    if zones == 0 or t - when_shown >= MEMORY_US:
                        displays[h] += 1
                        when_shown = t
                    zone_shown, zones = zone, np.int64(1)
                    continue
                if zones == 1:
                    more_zones, more_when = np.empty(4, np.int64), np.empty(4, np.int64)
                    more_zones[0], more_when[0] = zone_shown, when_shown
                more_zones, more_when, zones, shown = _shown_in(more_zones, more_when, zones, zone, t)
                displays[h] += shown
