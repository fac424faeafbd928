"""How fast an operator's SMS centre, its pagers and its 2G cells are, as integer microseconds.

Assumptions: 3G and 5G page as 4G does; calls surge and decay at once with ordinary messages, in
steps of a minute; within a minute calls are in balance (`blocking_beside`).

References
----------
.. [1] A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
   automatic telephone exchanges", Post Office Electrical Engineers' Journal 10 (1917), 189-197.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.units import GSM, NEVER, RATS, to_us

#: Paging occasions a radio frame of 10 ms by nB (TS 36.304, 7.1).
OCCASIONS = {"4T": 4.0, "2T": 2.0, "T": 1.0, **{f"T/{n}": 1 / n for n in (2, 4, 8, 16, 32)}}
FRAMES_PER_S = 100
#: A 51-frame multiframe of 2G, with its paging blocks of four phones each (TS 45.002) [s].
MULTIFRAME_S = 51 * 0.12 / 26
PHONES_2G_PAGE = 4

#: A surge changes in steps of this length, this many of its decay times long.
SURGE_STEP_US = 60_000_000
SURGE_DECAYS = 10


class DrainTiming(NamedTuple):
    """What a drain needs to know.

    `part_us`: the centre's time for one part; `blocking`: probability that a 2G cell has no
    channel left, by how many its messages hold. Both have a row for each step of the surge: row 0
    is before `surge_us`, and the last is for ever. By technology (`units.RATS`): `records` (phones
    paged at once), `page_us` (how long that takes), `radio_us` (one part). `alert_us` is -1 where
    a phone's return is not reported; `retry_us` is the ladder.
    """

    surge_us: int
    part_us: NDArray[np.int64]
    blocking: NDArray[np.float64]
    core_us: int
    records: NDArray[np.int64]
    page_us: NDArray[np.int64]
    paging_cycle_us: int
    discard_us: int
    repeat_us: int
    tries: int
    radio_us: NDArray[np.int64]
    parts: int
    success_share: float
    report_us: int
    retry_us: NDArray[np.int64]
    validity_us: int
    alert_us: int

    def step(self, time_us: int) -> int:
        """The row of `part_us` and `blocking` that holds at a moment."""
        if time_us < self.surge_us:
            return 0
        return min(1 + (time_us - self.surge_us) // SURGE_STEP_US, self.part_us.size - 1)


def drain_timing(spec: LocationBasedSmsSpec, parts: int, operator: str = "") -> DrainTiming:
    """The timing of one operator.

    Parameters
    ----------
    spec
        The channel.
    parts
        SMS parts of the text.
    operator
        Its name in `operator_rates_per_s`.
    """
    rate = spec.operator_rates_per_s.get(operator, spec.rate_per_s)
    swell = _surge(spec)
    peak = spec.surge
    load, calls = spec.background_load_share, spec.sdcch_load_erlang
    ordinary = load + swell * ((peak.background_load_share if peak else load) - load)
    own = np.zeros_like(ordinary) if spec.priority_module else np.maximum(ordinary, 0)
    factor = 1 + swell * ((peak.calls_factor if peak else 1) - 1)
    records, page_us = paging(spec)
    radio = np.full(len(RATS), to_us(spec.radio_4g_s), dtype=np.int64)
    radio[GSM] = to_us(spec.radio_2g_s)
    return DrainTiming(
        surge_us=to_us(peak.at_s) if peak else NEVER,
        part_us=np.maximum(np.rint(1e6 / (rate * (1 - own))), 1).astype(np.int64),
        blocking=blocking_beside(calls * factor, spec.sdcch_count),
        core_us=to_us(spec.core_routing_s),
        records=records,
        page_us=page_us,
        paging_cycle_us=to_us(spec.paging_cycle_s),
        discard_us=to_us(spec.paging_discard_s),
        repeat_us=to_us(spec.paging_repeat_s),
        tries=spec.paging_tries_count,
        radio_us=radio,
        parts=parts,
        success_share=spec.attempt_success_share,
        report_us=to_us(spec.failure_report_s),
        retry_us=np.array([to_us(s) for s in spec.retry_s], dtype=np.int64),
        validity_us=to_us(spec.validity_s),
        alert_us=to_us(spec.reattach_alert_s) if spec.alert_on_reattach else -1,
    )


def _surge(spec: LocationBasedSmsSpec) -> NDArray[np.float64]:
    """How much of the surge is there in each step, 0 to 1: before it, and each minute of it."""
    if spec.surge is None:
        return np.zeros(1)
    decay_us = to_us(spec.surge.decay_s)
    steps = max(-(-SURGE_DECAYS * decay_us // SURGE_STEP_US), 1)
    middle = (np.arange(steps) + 0.5) * SURGE_STEP_US
    return np.concatenate([[0.0], np.exp(-middle / decay_us), [0.0]])


def paging(spec: LocationBasedSmsSpec) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By technology: phones paged at once, and the time that takes [us].

    4G: 100 nB/T occasions a second with so many records (TS 36.304, 7.1; TS 36.331). 2G: blocks of
    four TMSIs.
    """
    occasions_per_s = FRAMES_PER_S * OCCASIONS[spec.paging_nb]
    blocks_per_s = spec.paging_blocks_2g_count / MULTIFRAME_S
    records = np.full(len(RATS), spec.paging_records_count, dtype=np.int64)
    records[GSM] = PHONES_2G_PAGE
    per_s = np.full(len(RATS), occasions_per_s)
    per_s[GSM] = blocks_per_s
    page = np.maximum(np.rint(1e6 / (per_s * spec.paging_usable_share)), 1).astype(np.int64)
    return records, page


def blocking_beside(load_erlang: NDArray[np.float64], servers: int) -> NDArray[np.float64]:
    """Probability that calls hold all servers that 0, 1, ... `servers` messages leave them.

    A row for each load. Exact while calls are in balance: given m messages, calls are a truncated
    Poisson number on the rest: Erlang B [1]_. A message meets Erlang B of the whole load on the
    average over m (product form).
    """
    blocked = np.ones((load_erlang.size, servers + 1))
    for n in range(1, servers + 1):
        held = load_erlang * blocked[:, n - 1]
        blocked[:, n] = held / (n + held)
    return np.ascontiguousarray(blocked[:, ::-1])
