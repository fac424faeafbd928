"""A shard: some of the people of a country, and what they must know of everybody else.

Nearly all of a person is a pure function of the person's number, so a shard is made alone. What depends
on others is counted beforehand: how many there are of each combination of groups (the stated shares are
kept over the whole country), how many phones and second SIMs earlier shards have (a phone's luck belongs
to its number), and how many of them each flow takes (destinations are drawn in turn).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people have each combination of groups, for `handsets.calibrated`; None: count those here.

    `ownership` counts everyone of 10 and over, `smartphone` and `on` the owners of phones.
    """

    ownership: FloatArray | None = None
    smartphone: FloatArray | None = None
    on: FloatArray | None = None


NOT_KNOWN = Sizes()


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows `begin` to `end` of the people who are there at the decision; whoever arrives is of the `last`.

    `phones` and `second_sims` are those of earlier shards, `all_phones` the first SIMs of everyone.
    `flowed` says how many of earlier shards each flow takes.
    """

    begin: int
    end: int
    last: bool
    sizes: Sizes = field(default_factory=Sizes)
    phones: int = 0
    all_phones: int = 0
    second_sims: int = 0
    flowed: tuple[int, ...] = ()

    def numbers(self, first_sims: int, count: int) -> NDArray[np.int32]:
        """The numbers of this shard's handsets in the whole country: second SIMs come after all others."""
        row = np.arange(count)
        second = self.all_phones + self.second_sims + row - first_sims
        return np.where(row < first_sims, self.phones + row, second).astype(np.int32)
