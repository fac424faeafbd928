"""Gaps between groups: how far one group's reach is behind another's, and how sure that is.

References
----------
.. [1] R. G. Newcombe, "Interval estimation for the difference between independent proportions:
   comparison of eleven methods", Statistics in Medicine 17 (1998) 873-890, method 10.
.. [2] E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
   the American Statistical Association 22 (1927) 209-212.
"""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from ewsim.ledger import Ledger
from ewsim.metrics.reach import SMALLEST_GROUP, Groups, group_counts

#: The normal quantile of a 95 % interval.
_Z = 1.959963984540054
_COLUMNS = ("group", "other", "share", "other_share", "gap", "low", "high", "ratio", "people", "suppressed")


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share of so many independent people [2]_."""
    if not count:
        return 0.0, 1.0
    middle = share + _Z**2 / (2 * count)
    half = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    scale = 1 + _Z**2 / count
    # rounding must not leave 0..1, nor the share out
    return (min(max((middle - half) / scale, 0.0), share), max(min((middle + half) / scale, 1.0), share))


def difference(share: float, count: float, other: float, other_count: float) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares, `share` less `other` [1]_.

    Parameters
    ----------
    share
        One share [0..1].
    count
        The independent people behind it [people].
    other
        The other share [0..1].
    other_count
        The independent people behind that [people].

    Examples
    --------
    >>> low, high = difference(0.80, 70, 0.60, 80)
    >>> round(low, 3), round(high, 3)
    (0.052, 0.334)
    """
    (low, high), (other_low, other_high) = wilson(share, count), wilson(other, other_count)
    below = np.hypot(share - low, other_high - other)
    above = np.hypot(high - share, other - other_low)
    return float(share - other - below), float(share - other + above)


def between_groups(ledger: Ledger, column: str, *, modelled: bool = True) -> pd.DataFrame:
    """Every pair of groups of a column, the group that is behind first; the widest gap first.

    Columns: group, other, share and other_share (reached, of the people of each in the area), gap (share
    less other_share, at most 0), low, high (its 95 % interval), ratio (share over other_share), people (of
    the group whom the gap costs: missed, and reached at the other's share), suppressed. A pair with a group
    of fewer than `SMALLEST_GROUP` simulated people is suppressed: all its figures are NaN.

    Parameters
    ----------
    ledger
        What happened to whom.
    column
        A column of categories of the people table.
    modelled
        Whether the run treats these groups differently. If not, there are no pairs: equal shares would
        look like a finding.

    Notes
    -----
    Assumption: people are reached independently of each other, so the interval says how much chance
    between people explains. People of one place share a mast, so chance explains more than that.
    """
    return pairs_of(group_counts(ledger, column) if modelled else {})


def pairs_of(groups: Groups) -> pd.DataFrame:
    """The table of `between_groups`, from the counts of the groups."""
    labels = list(groups)
    counted = np.array([*groups.values()], dtype=np.int64).reshape(-1, 4)
    rows, people, squares, reached_people = counted.T
    table = []
    for pair in combinations(np.flatnonzero(people > 0).tolist(), 2):
        names = [labels[one] for one in pair]
        if min(rows[one] for one in pair) < SMALLEST_GROUP:
            table.append((*names, *[np.nan] * 7, True))
            continue
        shares = [reached_people[one] / people[one] for one in pair]
        counts = [int(people[one]) ** 2 / int(squares[one]) for one in pair]  # of equal weights: the rows
        if shares[0] > shares[1]:
            names, shares, counts, pair = names[::-1], shares[::-1], counts[::-1], pair[::-1]
        share, other = shares
        low, high = difference(share, counts[0], other, counts[1])
        costs = (other - share) * people[pair[0]]
        ratio = share / other if other else np.nan
        table.append((*names, share, other, share - other, low, high, ratio, costs, False))
    found = pd.DataFrame(table, columns=list(_COLUMNS))
    return found.sort_values(["gap", "group", "other"], kind="stable").reset_index(drop=True)


def widest(groups: Groups) -> dict[str, Any] | None:
    """The widest gap between two groups of a column; None where there are no two groups to compare."""
    pairs = pairs_of(groups)
    pairs = pairs[~pairs["suppressed"]]
    if pairs.empty:
        return None
    row = pairs.iloc[0]
    return {
        "group": str(row["group"]),
        "other": str(row["other"]),
        "gap": float(row["gap"]),
        "low": float(row["low"]),
        "high": float(row["high"]),
        "people": round(row["people"]),
    }
