"""How fast an operator's SMS centre, its pagers and its 2G cells are, as integer microseconds.

Assumptions: 3G and 5G page as 4G does; calls surge and decay at once with ordinary messages and pages,
in steps of a minute; within a minute calls are in balance (`blocking_beside`); several surges add up.

References
----------
.. [1] A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
   automatic telephone exchanges", Post Office Electrical Engineers' Journal 10 (1917), 189-197.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.units import GSM, NEVER, RATS, to_us
from ewsim.world import Surge

#: Paging occasions a radio frame of 10 ms by nB (TS 36.304, 7.1).
OCCASIONS = {"4T": 4.0, "2T": 2.0, "T": 1.0, **{f"T/{n}": 1 / n for n in (2, 4, 8, 16, 32)}}
FRAMES_PER_S = 100
#: A 51-frame multiframe of 2G, with its paging blocks of four phones each (TS 45.002) [s].
MULTIFRAME_S = 51 * 0.12 / 26
PHONES_2G_PAGE = 4

#: A surge changes in steps of this length, this many of its decay times long.
SURGE_STEP_US = 60_000_000
SURGE_DECAYS = 10
#: The most that ordinary traffic takes of a centre or of the paging capacity; the rest is the alert's.
MOST_TAKEN: Final = 0.99


class DrainTiming(NamedTuple):
    """What a drain needs to know.

    `part_us`: the centre's time for one part; `blocking`: probability that a 2G cell has no
    channel left, by how many its messages hold; `page_us`: how long a page takes, by technology. These
    have a row for each step of the surge: row 0 is before `surge_us`, and the last is for ever. By
    technology (`units.RATS`): `records` (phones paged at once), `radio_us` (one part). `alert_us` is -1
    where a phone's return is not reported; `retry_us` is the ladder.
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
        """The row of `part_us`, `blocking` and `page_us` that holds at a moment."""
        if time_us < self.surge_us:
            return 0
        return min(1 + (time_us - self.surge_us) // SURGE_STEP_US, self.part_us.size - 1)


def drain_timing(
    spec: LocationBasedSmsSpec,
    parts: int,
    operator: str = "",
    surges: Sequence[Surge] = (),
    horizon_us: int = NEVER,
) -> DrainTiming:
    """The timing of one operator.

    Parameters
    ----------
    spec
        The channel.
    parts
        SMS parts of the text.
    operator
        Its name in `operator_rates_per_s`.
    surges
        Those of the world, beside the channel's own.
    horizon_us
        After this nothing happens [us].
    """
    rate = spec.operator_rates_per_s.get(operator, spec.rate_per_s)
    begins_us, swells = _surges(spec, operator, surges, horizon_us)
    load, calls = spec.background_load_share, spec.sdcch_load_erlang
    ordinary = np.full(swells[0][1].size, load)
    factor, paged = np.ones_like(ordinary), np.zeros_like(ordinary)
    for surge, swell in swells:
        ordinary = ordinary + swell * (surge.smsc_share - load)
        factor = factor + swell * (surge.calls_factor - 1)
        paged = paged + swell * surge.paging_share
    own = np.zeros_like(ordinary) if spec.priority_module else np.clip(ordinary, 0, MOST_TAKEN)
    records, page = paging(spec)
    free = 1 - np.minimum(paged, MOST_TAKEN)
    radio = np.full(len(RATS), to_us(spec.radio_4g_s), dtype=np.int64)
    radio[GSM] = to_us(spec.radio_2g_s)
    return DrainTiming(
        surge_us=begins_us,
        part_us=np.maximum(np.rint(1e6 / (rate * (1 - own))), 1).astype(np.int64),
        blocking=blocking_beside(calls * np.maximum(factor, 0), spec.sdcch_count),
        core_us=to_us(spec.core_routing_s),
        records=records,
        page_us=np.rint(page / free[:, None]).astype(np.int64),
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


_NO_SURGE: Final = Surge(NEVER, 1, 1.0, 0.0)


def _surges(
    spec: LocationBasedSmsSpec, operator: str, surges: Sequence[Surge], horizon_us: int
) -> tuple[int, list[tuple[Surge, NDArray[np.float64]]]]:
    """When the first surge sets in, and how much of each is there in each step, 0 to 1.

    Steps: before it, each minute of it, and for ever.
    """
    every = [surge for surge in surges if not surge.operators or operator in surge.operators]
    if (own := spec.surge) is not None:
        share = own.background_load_share
        every.insert(0, Surge(to_us(own.at_s), to_us(own.decay_s), own.calls_factor, share))
    every = [surge for surge in every if surge.at_us <= horizon_us]
    if not every:
        return NEVER, [(_NO_SURGE, np.zeros(1))]
    begins_us = min(surge.at_us for surge in every)
    ends_us = min(max(s.at_us + SURGE_DECAYS * s.decay_us for s in every), horizon_us + SURGE_STEP_US)
    steps = max(-(-(ends_us - begins_us) // SURGE_STEP_US), 1)
    middle = begins_us + (np.arange(steps) + 0.5) * SURGE_STEP_US
    return begins_us, [(s, np.concatenate([[0.0], s.swell(middle), [0.0]])) for s in every]


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
