"""Two runs of the same people: whom the second wins and loses, and why.

People are compared one by one, never the totals of two runs: a channel more can make a cause grow
and yet win people. `won` are people whom only the second run reached, `lost` those whom only the first
did; their difference is the difference in reach.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import Ledger, cause_names
from ewsim.metrics.comparison.runs import ComparedRun, changes, counted
from ewsim.metrics.latency import percentiles
from ewsim.metrics.reach import GROUPS, SMALLEST_GROUP, Curve, curve, in_area, share, time_to_share
from ewsim.metrics.summary import SHARES
from ewsim.units import NEVER

Int64Array = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sides:
    """Two runs over the people whom a comparison counts; arrays of shape (people,)."""

    before_us: Int64Array
    after_us: Int64Array
    cause_before: NDArray[np.int8]
    cause_after: NDArray[np.int8]
    weight: Int64Array

    @property
    def won(self) -> BoolArray:
        """Whom only the second run reached."""
        return (self.before_us >= NEVER) & (self.after_us < NEVER)

    @property
    def lost(self) -> BoolArray:
        """Whom only the first run reached."""
        return (self.before_us < NEVER) & (self.after_us >= NEVER)

    def people(self, who: BoolArray) -> int:
        """How many people some rows are."""
        return int(self.weight[who].sum())


def figures_of(run: ComparedRun, first: ComparedRun) -> tuple[dict[str, Any], Curve]:
    """A run over the people of the first: its reach, times and causes; and its curve."""
    inside, weight = counted(first)
    whole = curve(run.ledger.reached_us[inside], weight[inside])
    people = int(whole.people[-1]) if whole.people.size else 0
    reached = {
        name: int(weight[inside & (outcome.displayed_us < NEVER)].sum())
        for name, outcome in run.ledger.outcomes.items()
    }
    names = cause_names()
    missed = np.zeros(len(names), dtype=np.int64)
    np.add.at(missed, run.ledger.cause[inside], weight[inside])
    by_cause = sorted(zip(names[1:], missed[1:].tolist(), strict=True), key=lambda row: -row[1])
    return {
        "name": run.name,
        "title": run.title,
        "horizon_s": run.horizon_s,
        "reach": {
            "people": people,
            "share": float(share(people, whole.whole)),
            "by_channel": {name: float(share(n, whole.whole)) for name, n in reached.items()},
        },
        "time_to_share_s": {f"{s:g}": time_to_share(whole, s) for s in SHARES},
        "causes": {cause: people for cause, people in by_cause if people},
    }, whole


def sides_of(first: ComparedRun, run: ComparedRun) -> Sides:
    """A run beside the first, over the people whom the first counts."""
    inside, weight = counted(first)
    return Sides(
        first.ledger.reached_us[inside],
        run.ledger.reached_us[inside],
        first.ledger.cause[inside],
        run.ledger.cause[inside],
        weight[inside],
    )


def pair_of(first: ComparedRun, run: ComparedRun) -> dict[str, Any]:
    """What a run changes, beside the first: a row of `ewsim.comparison/1`."""
    inside, _ = counted(first)
    sides = sides_of(first, run)
    won, lost = sides.people(sides.won), sides.people(sides.lost)
    whole = int(sides.weight.sum())
    both = (sides.before_us < NEVER) & (sides.after_us < NEVER)
    same = set(first.not_modelled) & set(run.not_modelled)
    people = first.ledger.people[inside]
    return {
        "name": run.name,
        "won_people": won,
        "lost_people": lost,
        "net_people": won - lost,
        "net_share": float(share(won - lost, whole)),
        "won_by_cause": _by_cause(sides, sides.cause_before, sides.won),
        "lost_by_cause": _by_cause(sides, sides.cause_after, sides.lost),
        "missed_otherwise": _otherwise(sides),
        "sooner": _moved(sides, both & (sides.after_us < sides.before_us)),
        "later": _moved(sides, both & (sides.after_us > sides.before_us)),
        "by_place": by_column(sides, people["zone"]),
        "by_group": {name: by_column(sides, people[name]) for name in GROUPS if name not in same},
        "not_modelled": [name for name in GROUPS if name in same],
        "changes": changes(first.scenario, run.scenario),
        "area": _area(first, run),
    }


def by_column(sides: Sides, column: pd.Series) -> list[dict[str, Any]]:
    """Won and lost by the groups of a column: group, people, share before and after, won, lost.

    Shares of groups of fewer than `SMALLEST_GROUP` simulated people are None.
    """
    values = pd.Categorical(column)
    known = values.codes >= 0
    codes, kinds = values.codes[known], len(values.categories)
    weight = sides.weight[known]

    def count(who: BoolArray) -> list[int]:
        total = np.zeros(kinds, dtype=np.int64)
        np.add.at(total, codes, weight * who[known])
        return list(total.tolist())

    rows = np.bincount(codes, minlength=kinds)
    everyone = count(np.ones(values.codes.size, dtype=np.bool_))
    before, after = count(sides.before_us < NEVER), count(sides.after_us < NEVER)
    won, lost = count(sides.won), count(sides.lost)
    table = []
    for code, name in enumerate(values.categories):
        if people := everyone[code]:
            small = bool(rows[code] < SMALLEST_GROUP)
            table.append(
                {
                    "group": str(name),
                    "people": people,
                    "before_share": None if small else before[code] / people,
                    "after_share": None if small else after[code] / people,
                    "won_people": won[code],
                    "lost_people": lost[code],
                }
            )
    return table


def _by_cause(sides: Sides, cause: NDArray[np.int8], who: BoolArray) -> dict[str, int]:
    names = cause_names()
    people = np.zeros(len(names), dtype=np.int64)
    np.add.at(people, cause[who], sides.weight[who])
    found = [(names[code], int(people[code])) for code in np.argsort(-people, kind="stable")]
    return {name: count for name, count in found if count}


def _otherwise(sides: Sides) -> list[dict[str, Any]]:
    """People missed in both runs, but for another reason: before, after, people."""
    who = (sides.cause_before > 0) & (sides.cause_after > 0) & (sides.cause_before != sides.cause_after)
    names, many = cause_names(), len(cause_names())
    kind = sides.cause_before[who].astype(np.int64) * many + sides.cause_after[who]
    people = np.bincount(kind, weights=sides.weight[who], minlength=many * many).astype(np.int64)
    order = [int(k) for k in np.argsort(-people, kind="stable") if people[k]]
    return [{"before": names[k // many], "after": names[k % many], "people": int(people[k])} for k in order]


def _moved(sides: Sides, who: BoolArray) -> dict[str, Any]:
    """People whom both runs reached, at another time; the median of how much."""
    by_us = np.abs(sides.after_us[who] - sides.before_us[who])
    return {"people": sides.people(who), "median_s": percentiles(by_us, sides.weight[who])[0]}


def _area(first: ComparedRun, run: ComparedRun) -> dict[str, int]:
    """People whom only one of the two runs has in its alert area."""
    (before, weight), after = counted(first), in_area(run.ledger)
    return {
        "only_before_people": int(weight[before & ~after].sum()),
        "only_after_people": int(weight[after & ~before].sum()),
    }


# --- over replications ----------------------------------------------------------------------------


class Short(NamedTuple):
    """What is kept of one replication: who was reached (packed bits), and times to shares [s]."""

    reached: NDArray[np.uint8]
    time_to_share_s: tuple[float | None, ...]


def short_of(ledger: Ledger, inside: BoolArray, weight: Int64Array) -> Short:
    """One replication over the people whom a comparison counts.

    Parameters
    ----------
    ledger
        What happened to whom.
    inside
        Who counts, shape (people,).
    weight
        People that each row stands for, shape (people,).
    """
    times = ledger.reached_us[inside]
    found = curve(times, weight[inside])
    return Short(np.packbits(times < NEVER), tuple(time_to_share(found, s) for s in SHARES))


def paired_row(before: Short, after: Short, weight: Int64Array) -> dict[str, float | None]:
    """The differences of two runs with the same luck.

    Parameters
    ----------
    before, after
        The two runs.
    weight
        People that each counted row stands for, shape (rows,).
    """
    one, other = (np.unpackbits(run.reached, count=weight.size).astype(bool) for run in (before, after))
    won, lost = int(weight[other & ~one].sum()), int(weight[one & ~other].sum())
    times = zip(SHARES, before.time_to_share_s, after.time_to_share_s, strict=True)
    return {
        "net_people": won - lost,
        "net_share": float(share(won - lost, int(weight.sum()))),
        "won_people": won,
        "lost_people": lost,
        **{f"time_to_{s:g}_s": None if a is None or b is None else b - a for s, a, b in times},
    }


def headline_rows(before: pd.DataFrame, after: pd.DataFrame, whole: int) -> list[Mapping[str, Any]]:
    """The differences of two finished runs of the same replications, from their headlines.

    Who was won and lost in each replication is not kept on disk, so only the difference is known.

    Parameters
    ----------
    before, after
        `Result.replications` of the two runs, of one length.
    whole
        Everyone in the area.
    """
    net = (after["reach_people"] - before["reach_people"]).to_numpy()
    rows = {"net_people": net, "net_share": net / max(whole, 1)}
    for name in [f"time_to_{s:g}_s" for s in SHARES]:
        rows[name] = (after[name] - before[name]).to_numpy()
    return [dict(row) for row in pd.DataFrame(rows).to_dict("records")]  # type: ignore[arg-type]
