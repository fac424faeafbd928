"""When a phone has a cell broadcast complete: the closed form, and the kernel that applies it.

A cell sends N segments (pages on 2G and 3G) cyclically; each is lost to a phone with probability p,
independently. After k transmissions, m = k // N, r = k % N::

    F(k) = P(complete) = (1 - p**(m+1))**r * (1 - p**m)**(N - r),   F(k < N) = 0

So the number of transmissions a phone needs is one draw, and everything else is arithmetic. Times
are integer microseconds.

Modes. `per_repetition`: the cell pages for a whole paging cycle before its first burst, sends the N
segments once at each repetition and is silent between; phones there at the start hear the first
segment. `continuous`: it sends without pause; a phone that is paged starts after a uniform part of
its paging cycle. In both, a phone that comes later reads the schedule (on 4G and 5G, up to 80 ms)
and starts with the next segment it can hear. On another cell it starts afresh (TS 36.331 5.2.2.4).

A phone may attend late: on 2G and 3G because it is in a call, on 4G and 5G because it missed the
page; it then comes to the broadcast after an exponential time, as if it had just arrived.

A copy is shown unless its serial number was shown within the zone of its geographical scope in the
24 hours before, as Android does it (`CellBroadcastHandler.isDuplicate`).

Assumption: p is logistic in the signal above the camping threshold, 0.1 at the threshold and
a = 1.2 per dB; the signal of a phone in a place does not change during the run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import prange, uint32, uint64
from numpy.typing import NDArray

from ewsim.kernels import kernel
from ewsim.population.presence.windows import Presence
from ewsim.streams import philox
from ewsim.units import LTE, NEVER

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

# Columns of `RatTiming.table`.
_N, _UNIT, _AIRTIME, _PERIOD, _PAGING, _OFFSET, _LATE, _LATE_MEAN, _CONTINUOUS = range(9)


@dataclass(frozen=True, slots=True)
class RatTiming:
    """How each technology sends a message; arrays indexed like `units.RATS`.

    `segments` N, `unit_us` from one segment to the next, `airtime_us` of the last one,
    `period_us` from one burst to the next (`unit_us * segments` when continuous), `paging_us` the
    paging cycle a phone waits in (0 where the mode pages ahead), `offset_us` from the beginning to
    the first burst (other messages go before). `late` is the chance that a phone attends late, in
    2**-32, `late_mean_us` how late on average.
    """

    segments: NDArray[np.int64]
    unit_us: NDArray[np.int64]
    airtime_us: NDArray[np.int64]
    period_us: NDArray[np.int64]
    paging_us: NDArray[np.int64]
    offset_us: NDArray[np.int64]
    late: NDArray[np.int64]
    late_mean_us: NDArray[np.int64]
    continuous: bool

    def table(self) -> NDArray[np.int64]:
        """All of it as one array for the kernel, shape (technologies, columns)."""
        columns = [
            self.segments,
            self.unit_us,
            self.airtime_us,
            self.period_us,
            self.paging_us,
            self.offset_us,
            self.late,
            self.late_mean_us,
            np.full_like(self.segments, self.continuous),
        ]
        return np.ascontiguousarray(np.column_stack(columns))


@dataclass(frozen=True, slots=True)
class CbReception:
    """What the radio gave each handset; arrays of one length.

    `window`: the row of the window it was first received in, -1 for none; `received_us`; `copies`
    complete copies, one at most for each stay on a cell with the message; `displays` how many of
    them the phone shows; `seen` bits: camped while its operator tried, on a targeted cell, on a
    cell with the message on air, there long enough to have it without losses, and long enough had
    it not been late (in a call, or the page missed).
    """

    window: NDArray[np.int32]
    received_us: NDArray[np.int64]
    copies: NDArray[np.int16]
    displays: NDArray[np.int16]
    seen: NDArray[np.uint8]


@kernel(inline="always")
def segment_loss(level_db):  # type: ignore[no-untyped-def]
    """Probability that a segment is lost at a signal so far above the threshold [dB]."""
    return 1.0 / (1.0 + np.exp(LOSS_SLOPE_PER_DB * (level_db + _LOSS_OFFSET_DB)))


@kernel
def transmissions_needed(u, p, n):  # type: ignore[no-untyped-def]
    """The smallest k with F(k) >= u, by inversion: u in (0, 1), loss p in [0, 1), n segments."""
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
def _part(word, span):  # type: ignore[no-untyped-def]
    """A uniform integer in [0, span) from a 32-bit word."""
    return np.int64((uint64(word) * uint64(span)) >> uint64(32))


@kernel(inline="always")
def _late_us(word, late, mean_us):  # type: ignore[no-untyped-def]
    """An exponential time, by inversion of the part of a word below the chance `late`."""
    return np.int64(-np.log((np.float64(word) + 0.5) / late) * mean_us)


@kernel
def completion(start, paged, listen, level_db, rat, words, timing):  # type: ignore[no-untyped-def]
    """When a phone that stays has the message complete [us].

    `start`: the cell is on air from here; `listen`: the phone is on the cell from here; `paged`:
    it was there at the start; `timing`: as `RatTiming.table`.
    """
    row = timing[rat]
    n, unit = row[_N], row[_UNIT]
    k = transmissions_needed((np.float64(words[0]) + 0.5) * 2.0**-32, segment_loss(level_db), n)
    page = np.int64(0)
    if words[1] < row[_LATE] and (paged or rat < LTE):
        paged = False
        listen += _late_us(words[1], row[_LATE], row[_LATE_MEAN])
    elif paged and row[_PAGING] > 0:
        late = row[_LATE]
        page = (np.int64(words[1]) - late) * row[_PAGING] // ((np.int64(1) << 32) - late)
    if rat >= LTE and not (paged and row[_CONTINUOUS] == 0):
        listen += _part(words[2], SIB1_US)
    if row[_CONTINUOUS]:
        return listen + page + _part(words[3], unit) + (k - 1) * unit + row[_AIRTIME]
    first, period, index = start + row[_OFFSET], row[_PERIOD], np.int64(0)
    if not paged:
        burst = max((listen - first) // period, 0)
        within = min(max(-((first + burst * period - listen) // unit), 0), n)
        index = burst * n + within
    last = index + k - 1
    return first + (last // n) * period + (last % n) * unit + row[_AIRTIME]


@kernel
def _missed(start, paged, listen, stop, level_db, rat, words, timing):  # type: ignore[no-untyped-def]
    """Bits for a message that was not complete in time: would it have been without mishap?"""
    seen = 0
    prompt = (words[0], uint32(0xFFFFFFFF), words[2], words[3])
    late = words[1] < timing[rat, _LATE]
    if late and completion(start, paged, listen, level_db, rat, prompt, timing) < stop:
        seen |= SEEN_LATE
    if completion(start, paged, listen, NO_LOSS_DB, rat, words, timing) < stop:
        seen |= SEEN_IN_TIME
    return seen


@kernel
def _shown_again(zones, when, count, zone, t):  # type: ignore[no-untyped-def]
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


@kernel(parallel=True)
def _receive(  # type: ignore[no-untyped-def]
    window,
    received,
    copies,
    displays,
    seen,
    number,
    eligible,
    on_from,
    on_to,
    first,
    cell,
    level,
    since,
    until,
    window_first,
    window_from,
    window_to,
    targeted,
    rat,
    zone,
    period_from,
    period_to,
    operator_of,
    timing,
    seed,
    replication,
    purpose,
    message,
):
    for h in prange(eligible.size):
        entry = 0
        # What the phone has shown: the one zone at hand, an array only where there are more.
        zone_shown, when_shown, zones = np.int64(-1), np.int64(0), np.int64(0)
        more_zones = more_when = window_from[:0]
        for i in range(first[h], first[h + 1]):
            here = cell[i]
            a, b = max(since[i], on_from[h]), min(until[i], on_to[h])
            owner = operator_of[here]
            if a < min(b, period_to[owner]) and b > period_from[owner]:
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
                words = philox(
                    uint32(number[h]),
                    uint32(message),
                    uint32(purpose),
                    uint32(entry),
                    uint32(seed),
                    uint32(replication),
                )
                entry += 1
                level_db = np.float64(level[i])
                t = completion(start, a < start, listen, level_db, rat[here], words, timing)
                if t >= stop:
                    seen[h] |= _missed(start, a < start, listen, stop, level_db, rat[here], words, timing)
                    continue
                if copies[h] == 0:
                    window[h], received[h] = w, t
                copies[h] += 1
                if zones == 0 or (zones == 1 and zone[here] == zone_shown):
                    if zones == 0 or t - when_shown >= MEMORY_US:
                        displays[h] += 1
                        when_shown = t
                    zone_shown, zones = zone[here], np.int64(1)
                    continue
                if zones == 1:
                    more_zones, more_when = np.empty(4, np.int64), np.empty(4, np.int64)
                    more_zones[0], more_when[0] = zone_shown, when_shown
                more_zones, more_when, zones, again = _shown_again(
                    more_zones, more_when, zones, zone[here], t
                )
                displays[h] += again


def receive(
    number: NDArray[np.int32],
    eligible: NDArray[np.bool_],
    on_from_us: NDArray[np.int64],
    on_to_us: NDArray[np.int64],
    presence: Presence,
    windows: NDArray[np.int64],
    targeted: NDArray[np.bool_],
    rat: NDArray[np.int8],
    operator: NDArray[np.int16],
    zone: NDArray[np.int64],
    period_us: NDArray[np.int64],
    timing: RatTiming,
    seed: int,
    replication: int,
    purpose: int,
    message: int = 0,
) -> CbReception:
    """Reception of one message by every handset.

    Parameters
    ----------
    number
        What each handset's draws belong to.
    eligible
        Handsets that can show the message, shape (handsets,); the others are only looked at for
        the causes.
    windows
        On-air windows, rows (cell, from, to) sorted [us].
    zone
        For each cell, the number of the zone within which the serial number is one message.
    period_us
        For each operator, rows (from, to): when it tried to broadcast [us].
    message
        The message's number; each has its own luck.
    """
    count = eligible.size
    out = CbReception(
        np.full(count, -1, dtype=np.int32),
        np.full(count, NEVER, dtype=np.int64),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.uint8),
    )
    window_first = np.searchsorted(windows[:, 0], np.arange(targeted.size + 1))
    _receive(
        out.window,
        out.received_us,
        out.copies,
        out.displays,
        out.seen,
        number,
        eligible,
        on_from_us,
        on_to_us,
        presence.first,
        presence.cell,
        presence.level_db,
        presence.from_us,
        presence.to_us,
        window_first,
        np.ascontiguousarray(windows[:, 1]),
        np.ascontiguousarray(windows[:, 2]),
        targeted,
        rat,
        zone,
        np.ascontiguousarray(period_us[:, 0]),
        np.ascontiguousarray(period_us[:, 1]),
        operator,
        timing.table(),
        seed,
        replication,
        purpose,
        message,
    )
    return out
