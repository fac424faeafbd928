"""When a phone has a cell broadcast complete: the closed form, and the kernel that applies it.

A cell sends N segments (pages on 2G and 3G) cyclically; each is lost to a phone with probability p,
independently. After k transmissions, m = k // N, r = k % N::

    F(k) = P(complete) = (1 - p**(m+1))**r * (1 - p**m)**(N - r),   F(k < N) = 0

So the number of transmissions a phone needs is one draw, and everything else is arithmetic. Times
are integer microseconds.

Modes. `per_repetition`: the cell pages for a whole paging cycle before its first burst, sends the N
segments once at each repetition and is silent between; phones there at the start hear the first
segment. `continuous`: it sends without pause; a phone that is paged starts after a uniform part of
its paging cycle. In both, a phone that comes later reads the schedule (up to 80 ms) and starts with
the next segment it can hear. On another cell it starts afresh (TS 36.331 5.2.2.4).

Assumption: p is logistic in the signal above the camping threshold, 0.1 at the threshold and
a = 1.2 per dB; the signal of a phone in a place does not change during the run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange, uint32, uint64
from numpy.typing import NDArray

from ewsim.channels.presence import Presence
from ewsim.streams import philox
from ewsim.units import NEVER

LOSS_SLOPE_PER_DB = 1.2
LOSS_AT_THRESHOLD = 0.1
_LOSS_OFFSET_DB = float(np.log(1 / LOSS_AT_THRESHOLD - 1) / LOSS_SLOPE_PER_DB)

#: Bits of `CbReception.seen`.
SEEN_CAMPED, SEEN_TARGETED, SEEN_ON_AIR, SEEN_IN_TIME = 1, 2, 4, 8

#: A signal at which nothing is lost [dB].
NO_LOSS_DB = 1000.0

#: Longest reading of the broadcast schedule, SIB1 every 80 ms (TS 36.331 5.2.1.2) [us].
SIB1_US = 80_000


@dataclass(frozen=True, slots=True)
class RatTiming:
    """How each technology sends the message; arrays indexed like `units.RATS`.

    `segments` N, `unit_us` from one segment to the next, `airtime_us` of the last one,
    `period_us` from one burst to the next (`unit_us * segments` when continuous), `paging_us` the
    paging cycle a phone waits in (0 where the mode pages ahead).
    """

    segments: NDArray[np.int64]
    unit_us: NDArray[np.int64]
    airtime_us: NDArray[np.int64]
    period_us: NDArray[np.int64]
    paging_us: NDArray[np.int64]
    continuous: bool


@dataclass(frozen=True, slots=True)
class CbReception:
    """What the radio gave each handset; arrays of one length.

    `on_air_us`: start of the window it was first received in; `received_us`; `copies` complete
    copies, one at most for each stay on a cell with the message; `displays` how many of them the
    phone shows; `seen` bits: camped while its operator tried, on a targeted cell, on a cell with
    the message on air, and there long enough to have it without losses.
    """

    on_air_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    copies: NDArray[np.int16]
    displays: NDArray[np.int16]
    seen: NDArray[np.uint8]


@njit(cache=True, inline="always")
def segment_loss(level_db):  # type: ignore[no-untyped-def]
    """Probability that a segment is lost at a signal so far above the threshold [dB]."""
    return 1.0 / (1.0 + np.exp(LOSS_SLOPE_PER_DB * (level_db + _LOSS_OFFSET_DB)))


@njit(cache=True)
def transmissions_needed(u, p, n):  # type: ignore[no-untyped-def]
    """The smallest k with F(k) >= u, by inversion: u in (0, 1), loss p in [0, 1), n segments."""
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


@njit(cache=True, inline="always")
def _part(word, span):  # type: ignore[no-untyped-def]
    """A uniform integer in [0, span) from a 32-bit word."""
    return np.int64((uint64(word) * uint64(span)) >> uint64(32))


@njit(cache=True)
def completion(  # type: ignore[no-untyped-def]
    start, paged, listen, level_db, rat, words, segments, unit, airtime, period, paging, continuous
):
    """When a phone that stays has the message complete [us].

    `start`: the cell's first transmission; `listen`: the phone is on the cell from here;
    `paged`: it was there at the start.
    """
    n = segments[rat]
    u = (np.float64(words[0]) + 0.5) * 2.0**-32
    k = transmissions_needed(u, segment_loss(level_db), n)
    if continuous:
        first = listen + _part(words[2], SIB1_US) + _part(words[3], unit[rat])
        if paged:
            first += _part(words[1], max(paging[rat], 1))
        return first + (k - 1) * unit[rat] + airtime[rat]
    index = 0
    if not paged:
        ready = listen + _part(words[2], SIB1_US)
        burst = max((ready - start) // period[rat], 0)
        within = min(max(-((start + burst * period[rat] - ready) // unit[rat]), 0), n)
        index = burst * n + within
    last = index + k - 1
    return start + (last // n) * period[rat] + (last % n) * unit[rat] + airtime[rat]


@njit(cache=True, parallel=True)
def _receive(  # type: ignore[no-untyped-def]
    on_air, received, copies, displays, seen,
    eligible, on_from, on_to, first, cell, level, since, until,
    window_first, window_from, window_to, targeted, rat, zone, period_from, period_to, operator_of,
    segments, unit, airtime, period, paging, continuous, seed, replication, purpose,
):  # fmt: skip
    nothing = np.empty(0, np.int64)
    for h in prange(eligible.size):
        entry = 0
        shown = 0
        zones = nothing
        for i in range(first[h], first[h + 1]):
            here = cell[i]
            a, b = max(since[i], on_from[h]), min(until[i], on_to[h])
            owner = operator_of[here]
            if a < min(b, period_to[owner]) and b > period_from[owner]:
                seen[h] |= SEEN_CAMPED
                if targeted[here]:
                    seen[h] |= SEEN_TARGETED
            for w in range(window_first[here], window_first[here + 1]):
                listen, stop = max(a, window_from[w]), min(b, window_to[w])
                if listen >= stop:
                    continue
                seen[h] |= SEEN_ON_AIR
                if not eligible[h]:
                    continue
                words = philox(
                    uint32(h), uint32(0), uint32(purpose), uint32(entry),
                    uint32(seed), uint32(replication),
                )  # fmt: skip
                entry += 1
                t = completion(
                    window_from[w], a < window_from[w], listen, level[i], rat[here], words,
                    segments, unit, airtime, period, paging, continuous,
                )  # fmt: skip
                if t >= stop:
                    # Would it have been in time without a loss?
                    t = completion(
                        window_from[w], a < window_from[w], listen, NO_LOSS_DB, rat[here], words,
                        segments, unit, airtime, period, paging, continuous,
                    )  # fmt: skip
                    if t < stop:
                        seen[h] |= SEEN_IN_TIME
                    continue
                if copies[h] == 0:
                    on_air[h], received[h] = window_from[w], t
                copies[h] += 1
                new = True
                for z in range(shown):
                    new = new and zones[z] != zone[here]
                if new:
                    if shown == zones.size:
                        grown = np.empty(2 * shown + 2, np.int64)
                        grown[:shown] = zones
                        zones = grown
                    zones[shown] = zone[here]
                    shown += 1
        displays[h] = shown


def receive(
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
) -> CbReception:
    """Broadcast reception of every handset.

    Parameters
    ----------
    eligible
        Handsets that can show the message, shape (handsets,); the others are only looked at for
        the causes.
    windows
        On-air windows, rows (cell, from, to) sorted [us].
    zone
        For each cell, the number of the zone within which the serial number is one message.
    period_us
        For each operator, rows (from, to): when it tried to broadcast [us].
    """
    count = eligible.size
    out = CbReception(
        np.full(count, NEVER, dtype=np.int64),
        np.full(count, NEVER, dtype=np.int64),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.uint8),
    )
    window_first = np.searchsorted(windows[:, 0], np.arange(targeted.size + 1))
    _receive(
        out.on_air_us, out.received_us, out.copies, out.displays, out.seen,
        eligible, on_from_us, on_to_us,
        presence.first, presence.cell, presence.level_db, presence.from_us, presence.to_us,
        window_first,
        np.ascontiguousarray(windows[:, 1]), np.ascontiguousarray(windows[:, 2]),
        targeted, rat, zone,
        np.ascontiguousarray(period_us[:, 0]), np.ascontiguousarray(period_us[:, 1]), operator,
        timing.segments, timing.unit_us, timing.airtime_us, timing.period_us, timing.paging_us,
        timing.continuous, seed, replication, purpose,
    )  # fmt: skip
    return out
