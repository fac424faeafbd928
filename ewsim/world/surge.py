"""Ordinary traffic that surges after an event, and decays: what channels that share it with people feel."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Surge(NamedTuple):
    """A surge, which sets in at once and decays exponentially.

    At its peak: `calls_factor` calls on the network, of ordinary ones; `smsc_share` of a message centre and
    `paging_share` of the paging capacity taken. `operators`: theirs only; empty: every operator's.
    """

    at_us: int
    decay_us: int
    calls_factor: float
    smsc_share: float
    paging_share: float = 0.0
    operators: tuple[str, ...] = ()

    def swell(self, times_us: NDArray[np.floating]) -> NDArray[np.float64]:
        """How much of it there is at each of some moments [us], 0 to 1."""
        since = np.asarray((times_us - self.at_us) / self.decay_us, dtype=np.float64)
        return np.where(since >= 0, np.exp(-np.maximum(since, 0)), 0.0)
