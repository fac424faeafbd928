"""What channels do together: who was reached by which, what each adds, and its fair part.

Everything is exact and comes from one run: the reach of any set of channels is the people whom at
least one of them reached.

References
----------
.. [1] L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II,
   Annals of Mathematics Studies 28 (1953), 307-317.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.ledger import Ledger
from ewsim.metrics.reach import in_area, share, weights
from ewsim.units import NEVER

#: A set of channels is a number whose bits are the channels in their order.
Sets = Mapping[int, int]


def set_counts(ledger: Ledger) -> dict[int, int]:
    """People in the area by the exact set of channels that reached them."""
    inside, weight = in_area(ledger), weights(ledger)
    reached_by = np.zeros(len(ledger.people), dtype=np.int64)
    for bit, outcome in enumerate(ledger.outcomes.values()):
        reached_by |= (outcome.displayed_us < NEVER).astype(np.int64) << bit
    kinds, index = np.unique(reached_by[inside], return_inverse=True)
    people = np.zeros(kinds.size, dtype=np.int64)
    np.add.at(people, index, weight[inside])
    return dict(zip(kinds.tolist(), people.tolist(), strict=True))


def _reach(found: Sets, wanted: int) -> int:
    return sum(people for kind, people in found.items() if kind & wanted)


def reached_by(ledger: Ledger) -> pd.DataFrame:
    """People in the area by exactly which channels reached them, most people first.

    Columns: channels (a tuple of names, empty for nobody), people, share (of the area).
    """
    return _exactly(set_counts(ledger), list(ledger.outcomes))


def _exactly(found: Sets, names: Sequence[str]) -> pd.DataFrame:
    rows = [
        (tuple(n for bit, n in enumerate(names) if kind >> bit & 1), people) for kind, people in found.items()
    ]
    table = pd.DataFrame(rows, columns=["channels", "people"])
    table["share"] = share(table["people"].to_numpy(np.int64), sum(found.values()))
    return table.sort_values("people", ascending=False, kind="stable").reset_index(drop=True)


def shapley(ledger: Ledger) -> dict[str, Fraction]:
    """Each channel's part of the people reached [people]; together they are everyone reached.

    The mean, over all orders of the channels, of what a channel adds to those before it [1]_. A
    person reached by k channels is then a k-th of a person to each of them.
    """
    return _fair_parts(set_counts(ledger), list(ledger.outcomes))


def _fair_parts(found: Sets, names: Sequence[str]) -> dict[str, Fraction]:
    parts = dict.fromkeys(names, Fraction(0))
    for kind, people in found.items():
        for bit, name in enumerate(parts):
            if kind >> bit & 1:
                parts[name] += Fraction(people, kind.bit_count())
    return parts


def channels_together(ledger: Ledger) -> dict[str, Any]:
    """The key `combination` of `ewsim run --json`; counts are people in the area.

    `by_count`: people by how many channels reached them. By channel: `only` (reached by no other),
    `without` (reach of all the others), `shapley_share` (of the area; they add up to reach).
    `exactly`: people by the exact set of channels.
    """
    return together_of(set_counts(ledger), list(ledger.outcomes))


def together_of(counts: Sets, names: Sequence[str]) -> dict[str, Any]:
    """What `channels_together` says, from `set_counts`."""
    found = dict(sorted(counts.items()))
    whole = sum(found.values())
    by_count = dict.fromkeys(range(len(names) + 1), 0)
    for kind, people in found.items():
        by_count[kind.bit_count()] += people
    return {
        "by_count": {str(count): people for count, people in by_count.items()},
        "only": {name: found.get(1 << bit, 0) for bit, name in enumerate(names)},
        "without": {name: _reach(found, ~(1 << bit)) for bit, name in enumerate(names)},
        "shapley_share": {
            name: float(part / whole) if whole else 0.0 for name, part in _fair_parts(found, names).items()
        },
        "exactly": [
            {"channels": list(row["channels"]), "people": int(row["people"])}
            for row in _exactly(found, names).to_dict("records")
        ],
    }


def repeats(ledger: Ledger) -> pd.DataFrame:
    """By channel, people in the area who received the alert, and who more than once.

    Columns: channel, received, displayed, copies_over_1 (received more than once, repetitions that the phone
    suppressed included), displays_over_1 (shown more than once).
    """
    columns = ["received", "displayed", "copies_over_1", "displays_over_1"]
    rows = [(name, *row.tolist()) for name, row in repeat_counts(ledger).items()]
    return pd.DataFrame(rows, columns=["channel", *columns])


def repeat_counts(ledger: Ledger) -> dict[str, NDArray[np.int64]]:
    """The counts of `repeats` by channel, in the order of its columns."""
    inside, weight = in_area(ledger), weights(ledger)

    def people(*rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.array([weight[inside & those].sum() for those in rows], dtype=np.int64)

    return {
        name: people(
            outcome.received_us < NEVER,
            outcome.displayed_us < NEVER,
            outcome.copies > 1,
            outcome.displays > 1,
        )
        for name, outcome in ledger.outcomes.items()
    }
