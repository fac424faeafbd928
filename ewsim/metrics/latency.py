"""How long it took, over those who were reached: read it next to reach, never alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import ChannelOutcome, Ledger
from ewsim.metrics.reach import Spread, ascending, displayed_us, in_area, share, spread, weights
from ewsim.units import NEVER, US

PERCENTILES = (50, 90, 95, 99)

#: Stages of one delivery, in order: from the decision to the display.
STAGES = ("decision_to_sent", "sent_to_received", "received_to_displayed", "decision_to_displayed")

Int64Array = NDArray[np.int64]


def percentiles(times_us: Int64Array, weight: Int64Array) -> list[float | None]:
    """The `PERCENTILES` [s] of times over people, as `steps` gives them."""
    return [None if t is None else t / US for t in steps(times_us, weight, PERCENTILES)]


def steps(values: NDArray[Any], weight: Int64Array, wanted: Sequence[float]) -> list[float | None]:
    """Percentiles of values over people: the first value that this share of people does not exceed.

    The inverse of the empirical distribution (definition 1 of Hyndman and Fan 1996,
    doi:10.1080/00031305.1996.10473566), so always a value that occurred. None where there is nobody.

    Parameters
    ----------
    values
        One value for each row, shape (rows,).
    weight
        People that each row stands for, shape (rows,).
    wanted
        The percentiles, 0 to 100 [%].
    """
    values, cumulated = ascending(values, weight)
    if not cumulated.size or cumulated[-1] == 0:
        return [None for _ in wanted]
    total = int(cumulated[-1])
    # integers, so that a percentile that falls on a step is found there whatever the rounding
    needed = [max(-(-total * round(p * 1000) // 100_000), 1) for p in wanted]
    index = np.searchsorted(cumulated, needed, side="left")
    return [float(value) for value in values[index]]


def latency_percentiles(ledger: Ledger) -> dict[str, float | None]:
    """Decision to first display [s], over the people in the alert area who were reached.

    For whoever arrives during the run it counts from their arrival.
    """
    return latency_of(latencies(ledger))


def latencies(ledger: Ledger) -> Spread:
    """From being there to the first display [us], of the people in the area who were reached."""
    times = displayed_us(ledger)
    rows = in_area(ledger) & (times < NEVER)
    return spread((times - ledger.there_us)[rows], weights(ledger)[rows])


def latency_of(found: Spread) -> dict[str, float | None]:
    """The percentiles of `latencies` [s]."""
    return {f"p{p}": value for p, value in zip(PERCENTILES, percentiles(*found), strict=True)}


def lead_times(ledger: Ledger) -> dict[str, Any] | None:
    """The people in the area whom a hazard reaches, and those warned before; None without a hazard.

    `lead_time_s` is from the first display to the hazard's arrival, over the people reached before it.
    """
    found = lead_counts(ledger)
    return None if found is None else lead_times_of(found)


def lead_counts(ledger: Ledger) -> dict[str, Any] | None:
    """The counts of `lead_times`."""
    if "hazard_arrival_s" not in ledger.people:
        return None
    arrives_s = ledger.people["hazard_arrival_s"].to_numpy(np.float64)
    hit, weight, reached = in_area(ledger) & ~np.isnan(arrives_s), weights(ledger), ledger.reached_us
    arrives = np.full(arrives_s.size, NEVER, dtype=np.int64)
    arrives[hit] = np.rint(arrives_s[hit] * US).astype(np.int64)
    before = hit & (reached < arrives)
    return {
        "people": int(weight[hit].sum()),
        "there_at_decision": int(weight[hit & (arrives <= 0)].sum()),
        "reached_before": int(weight[before].sum()),
        "lead_us": spread(arrives[before] - reached[before], weight[before]),
    }


def lead_times_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """What `lead_times` says, from `lead_counts`."""
    p50, p90, *_ = percentiles(*found["lead_us"])
    counts = {name: found[name] for name in ("people", "there_at_decision", "reached_before")}
    return {
        **counts,
        "reached_before_share": float(share(found["reached_before"], found["people"])),
        "lead_time_s": {"p50": p50, "p90": p90},
    }


def stage_times(ledger: Ledger, channel: str) -> tuple[Mapping[str, Int64Array], Int64Array]:
    """What each stage of a channel took [us] for each person in the area it reached; weights."""
    outcome = ledger.outcomes[channel]
    rows = in_area(ledger) & (outcome.displayed_us < NEVER)
    sent, received, displayed = (
        times[rows] for times in (outcome.sent_us, outcome.received_us, outcome.displayed_us)
    )
    times = dict(zip(STAGES, (sent, received - sent, displayed - received, displayed), strict=True))
    return {**_upstream(outcome, rows, sent), **times}, weights(ledger)[rows]


def _upstream(outcome: ChannelOutcome, rows: NDArray[np.bool_], sent: Int64Array) -> dict[str, Any]:
    """The parts of `decision_to_sent`, where the channel knows them."""
    if outcome.chain is None:
        return {}
    marks = {m: outcome.chain.at_us(m)[rows] for m in outcome.chain.milestones}
    parts, before, since = {}, "decision", np.zeros(sent.size, dtype=np.int64)
    for name, moment in (*marks.items(), ("sent", sent)):
        parts[f"{before}_to_{name}"] = moment - since
        before, since = name, moment
    return parts


def stages(ledger: Ledger) -> pd.DataFrame:
    """Percentiles [s] of every stage of every channel.

    Columns: channel, stage, people, p50_s, p90_s, p95_s, p99_s.
    """
    rows = []
    for channel in ledger.outcomes:
        times, weight = stage_times(ledger, channel)
        for stage, values in times.items():
            found = percentiles(values, weight)
            rows.append((channel, stage, int(weight.sum()), *found))
    names = [f"p{p}_s" for p in PERCENTILES]
    table = pd.DataFrame(rows, columns=["channel", "stage", "people", *names])
    return table.astype(dict.fromkeys(names, float))
