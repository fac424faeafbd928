"""Who was reached, and by when: exact counts of people, never interpolated.

Reach is over people, not phones: the denominator is everyone in the alert area.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import Ledger, seconds
from ewsim.units import NEVER, US

#: Name of the curve over all channels.
ANY = "any"

#: Columns of the people table by which reach is compared.
GROUPS = (
    "sex",
    "age_band",
    "disability",
    "language",
    "settlement",
    "poverty",
    "residence",
    "operator",
    "rat",
)

#: Shares of a group of fewer simulated people than this are not given: they are mostly luck.
SMALLEST_GROUP = 30

Int64Array = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Curve:
    """People reached up to and including each moment; a step function, exact.

    `time_us` ascends [us]; `people` never falls; `whole` is everyone who could have been reached.
    """

    time_us: Int64Array
    people: Int64Array
    whole: int

    def at(self, time_us: Int64Array | int) -> Int64Array:
        """People reached up to and including these moments [us]."""
        index = np.searchsorted(self.time_us, time_us, side="right")
        return np.concatenate([[0], self.people])[index]

    def frame(self) -> pd.DataFrame:
        """The steps as a table: time_s, people, share."""
        return pd.DataFrame(
            {"time_s": seconds(self.time_us), "people": self.people, "share": share(self.people, self.whole)}
        )


def share(part: NDArray[np.int64] | int, whole: int) -> NDArray[np.float64]:
    """A part of a whole, 0 where the whole is nobody."""
    return np.asarray(part, dtype=np.float64) / whole if whole else np.zeros(np.shape(part))


def weights(ledger: Ledger) -> Int64Array:
    """People that each row stands for."""
    return ledger.people["weight"].to_numpy(np.int64)


def in_area(ledger: Ledger) -> NDArray[np.bool_]:
    """Whether each row is in the alert area."""
    return ledger.people["in_area"].to_numpy(np.bool_)


def displayed_us(ledger: Ledger, channel: str = ANY) -> Int64Array:
    """First display to each row on a channel, or on any [us]; NEVER where none."""
    return ledger.reached_us if channel == ANY else ledger.outcomes[channel].displayed_us


class Spread(NamedTuple):
    """Values that occurred, each once and ascending, and the people of each; both of shape (values,)."""

    values: NDArray[Any]
    people: Int64Array


def spread(values: NDArray[Any], weight: Int64Array) -> Spread:
    """The people at each value."""
    values, people = ascending(values, weight)
    last = np.append(values[1:] != values[:-1], True)[: values.size]
    return Spread(values[last], np.diff(people[last], prepend=0))


def merged(parts: Sequence[Any]) -> Any:
    """The counts of several parts of the people as those of all, exactly, in whatever order.

    Numbers and arrays add up, mappings go key by key, spreads by value; None counts nobody.
    """
    known = [part for part in parts if part is not None]
    if not known:
        return None
    if isinstance(known[0], Spread):
        return spread(*(np.concatenate(column) for column in zip(*known, strict=True)))
    if isinstance(known[0], Mapping):
        keys = dict.fromkeys(key for part in known for key in part)
        return {key: merged([part[key] for part in known if key in part]) for key in keys}
    return sum(known)


def curve(times_us: Int64Array, weight: Int64Array) -> Curve:
    """The curve of everyone given: when each was reached (NEVER: not), and how many they are."""
    return curve_of(moments(times_us, weight), int(weight.sum()))


def moments(times_us: Int64Array, weight: Int64Array) -> Spread:
    """The people of each moment, without those of NEVER."""
    reached = times_us < NEVER
    return spread(times_us[reached], weight[reached])


def curve_of(found: Spread, whole: int) -> Curve:
    """The curve of moments at which people were reached, of so many in all."""
    return Curve(found.values, np.cumsum(found.people), whole)


def ascending(values: NDArray[Any], weight: Int64Array) -> tuple[NDArray[Any], Int64Array]:
    """Values in their order, and the people up to and including each; both of shape (rows,)."""
    same = _same(weight)
    if same is not None:  # a sort without the places is twenty times as fast
        return np.sort(values), same * np.arange(1, values.size + 1, dtype=np.int64)
    order = np.argsort(values)
    return values[order], np.cumsum(weight[order])


def _same(weight: Int64Array) -> int | None:
    """The weight of every row; None where they differ."""
    return int(weight[0]) if weight.size and weight.min() == weight.max() else None


class Tally(NamedTuple):
    """Counts by group, shape (groups,): rows, people, the sum of squared weights, people reached."""

    rows: Int64Array
    people: Int64Array
    squares: Int64Array
    reached: Int64Array


def _tally(codes: NDArray[np.integer], kinds: int, weight: Int64Array, reached: NDArray[np.bool_]) -> Tally:
    """Count people by group."""
    key = (codes.astype(np.int64) + 1) * 2 + reached
    most, same = 2 * (kinds + 1), _same(weight)

    def count(of: Int64Array | None) -> Int64Array:
        return np.bincount(key, of, most).astype(np.int64).reshape(kinds + 1, 2)[1:]

    rows = count(None)
    people = rows * same if same is not None else count(weight)
    squares = people * same if same is not None else count(weight**2)
    return Tally(rows.sum(axis=1), people.sum(axis=1), squares.sum(axis=1), people[:, 1])


def reach_curve(ledger: Ledger, channel: str = ANY) -> Curve:
    """Reach over time in the alert area, by one channel or by any."""
    inside = in_area(ledger)
    return curve(displayed_us(ledger, channel)[inside], weights(ledger)[inside])


def reach_curves(ledger: Ledger) -> dict[str, Curve]:
    """Reach over time by any channel, then by each."""
    return {name: reach_curve(ledger, name) for name in (ANY, *ledger.outcomes)}


def time_to_share(reached: Curve, wanted: float) -> float | None:
    """The first moment [s] at which a share of everyone was reached; None: not attained."""
    needed = max(math.ceil(Fraction(str(wanted)) * reached.whole), 1)
    index = int(np.searchsorted(reached.people, needed, side="left"))
    return None if index == reached.people.size else float(reached.time_us[index] / US)


def reach_moments(ledger: Ledger) -> dict[str, Spread]:
    """The moments of `reach_curves`."""
    inside, weight = in_area(ledger), weights(ledger)
    return {
        name: moments(displayed_us(ledger, name)[inside], weight[inside]) for name in (ANY, *ledger.outcomes)
    }


#: Counts of the groups of a column, by name: rows, people, the sum of squared weights, people reached.
Groups = Mapping[str, Int64Array]


def group_counts(ledger: Ledger, column: str) -> dict[str, Int64Array]:
    """The groups of a column in the area, in the order of its categories."""
    inside, values = in_area(ledger), pd.Categorical(ledger.people[column])
    found = _tally(
        *(values.codes[inside], len(values.categories), weights(ledger)[inside], ledger.cause[inside] == 0)
    )
    return {str(name): row for name, row in zip(values.categories, np.column_stack(found), strict=True)}


def by_group(ledger: Ledger, column: str, *, modelled: bool = True) -> pd.DataFrame:
    """Reach in the alert area by one of `GROUPS`, in the order of its categories.

    Columns: group, people, reached, missed, share, gap_ratio (share over that of everyone in the
    area), simulated (rows), suppressed, modelled. Groups of fewer than `SMALLEST_GROUP` rows are suppressed:
    their share and ratio are NaN. Groups of nobody are left out.

    Parameters
    ----------
    ledger
        What happened to whom.
    column
        One of `GROUPS`, or another column of categories.
    modelled
        Whether the run treats these groups differently. If not, all about their reach is NaN: equal
        shares would look like a finding.
    """
    inside = in_area(ledger)
    weight, reached = weights(ledger)[inside], ledger.cause[inside] == 0
    overall = float(share(int(weight[reached].sum()), int(weight.sum())))
    return group_table(group_counts(ledger, column), overall, modelled=modelled)


def group_table(groups: Groups, overall: float, *, modelled: bool = True) -> pd.DataFrame:
    """The table of `by_group` from counts.

    Parameters
    ----------
    groups
        What `group_counts` gives.
    overall
        Reach of everyone in the area [share].
    modelled
        As in `by_group`.
    """
    counts = np.array([*groups.values()], dtype=np.int64).reshape(-1, 4)
    rows, people, _, there = counts.T
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = there / people
        ratio = shares / np.float64(overall)
    small = rows < SMALLEST_GROUP
    table = pd.DataFrame(
        {
            "group": list(groups),
            "people": people,
            "reached": there if modelled else np.nan,
            "missed": people - there if modelled else np.nan,
            "share": np.where(small | (not modelled), np.nan, shares),
            "gap_ratio": np.where(small | (not modelled), np.nan, ratio),
            "simulated": rows,
            "suppressed": small,
            "modelled": modelled,
        }
    )
    return table[table["people"] > 0].reset_index(drop=True)


def by_zone(ledger: Ledger) -> pd.DataFrame:
    """Reach by place, as `by_group`, the place with most people missed first."""
    table = by_group(ledger, "zone")
    return table.sort_values("missed", ascending=False, kind="stable").reset_index(drop=True)
