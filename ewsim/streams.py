"""Random numbers as a pure function of who asks for what.

`uniform(seed, replication, purpose, ids, k)` is Philox4x32-10 [1]_ with the key (seed, replication)
and the counter (id low, id high, purpose, k): no state, so a draw does not depend on order, chunk,
worker or shard; two arms of a comparison share people, faults and luck; and a new purpose disturbs
no other.

References
----------
.. [1] J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
   doi:10.1145/2063384.2063405. Its known-answer vectors are a test.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import uint32, uint64
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from ewsim.kernels import kernel

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint32(0x9E3779B9)
_W1 = np.uint32(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)
_TO_UNIT = 2.0**-53


@kernel(inline="always")
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: four 32-bit words from a counter and a key.

    Parameters
    ----------
    c0, c1, c2, c3
        The 128-bit counter as four uint32.
    k0, k1
        The 64-bit key as two uint32.
    """
    for _ in range(10):
        p0 = uint64(_M0) * uint64(c0)
        p1 = uint64(_M1) * uint64(c2)
        c0, c1, c2, c3 = (
            uint32(p1 >> _S32) ^ uint32(c1) ^ uint32(k0),
            uint32(p1 & _LOW),
            uint32(p0 >> _S32) ^ uint32(c3) ^ uint32(k1),
            uint32(p0 & _LOW),
        )
        k0 = uint32(k0 + _W0)
        k1 = uint32(k1 + _W1)
    return uint32(c0), uint32(c1), uint32(c2), uint32(c3)


class DrawKey(NamedTuple):
    """What a kernel needs to draw for one purpose: `Streams.key` makes it."""

    seed: int
    replication: int
    purpose: int


@kernel(inline="always")
def words(key, low, high, k):
    """Four 32-bit words, for kernels.

    Parameters
    ----------
    key
        From `Streams.key`: the seed, the replication and the purpose.
    low, high
        The two halves of the number of a person or thing.
    k
        The k-th draw of this purpose.
    """
    return philox(
        uint32(low), uint32(high), uint32(key.purpose), uint32(k), uint32(key.seed), uint32(key.replication)
    )


@kernel(inline="always")
def draw(key, ident, k):
    """One double in (0, 1), 53 bits, for kernels.

    Parameters
    ----------
    key
        From `Streams.key`: the seed, the replication and the purpose.
    ident
        The number of the person or thing.
    k
        The k-th draw of this purpose for it.
    """
    a, b, _, _ = words(key, uint64(ident) & _LOW, uint64(ident) >> _S32, k)
    return ((uint64(a) >> uint64(5)) * 67108864.0 + (uint64(b) >> uint64(6)) + 0.5) * _TO_UNIT


@kernel
def _fill(out, key, ids, k):  # without threads: a million draws take 4 ms, and to wake one may take 20
    for i in range(ids.size):
        out[i] = draw(key, ids[i], k)


def purpose_code(name: str) -> int:
    """The 32-bit counter word of a purpose; CRC-32 of its name, so names need no registry."""
    return zlib.crc32(name.encode("utf-8"))


@dataclass(frozen=True, slots=True)
class Streams:
    """All randomness of one replication.

    Parameters
    ----------
    seed
        0 .. 2**32-1.
    replication
        0 .. 2**32-1. The country (network, people) is drawn with replication 0 whatever the
        replication, so that replications share it; faults and luck use their own.
    first
        Added to ids [1]: rows of a shard of people begin at this number of the whole country. Kernels
        that draw with `key` get numbers of the whole.
    """

    seed: int
    replication: int = 0
    first: int = 0

    def key(self, purpose: str) -> DrawKey:
        """What kernels draw with, for one purpose."""
        return DrawKey(self.seed, self.replication, purpose_code(purpose))

    def uniform(self, purpose: str, ids: ArrayLike, k: int = 0) -> NDArray[np.float64]:
        """Doubles in (0, 1), one for each id.

        Parameters
        ----------
        purpose
            What is drawn; each purpose has its own numbers.
        ids
            What each draw is for: numbers of persons or things, shape (n,).
        k
            The k-th draw of this purpose for each id.
        """
        who = np.ascontiguousarray(ids, dtype=np.int64).ravel()
        out = np.empty(who.size)
        _fill(out, self.key(purpose), who + self.first if self.first else who, k)
        return out

    def normal(self, purpose: str, ids: ArrayLike, k: int = 0) -> NDArray[np.float64]:
        """Standard normal deviates by inversion, one for each id.

        Parameters
        ----------
        purpose, ids, k
            As in `uniform`: what is drawn, for whom, shape (n,), and which draw of it.
        """
        return np.asarray(ndtri(self.uniform(purpose, ids, k)))

    def exponential(self, purpose: str, ids: ArrayLike, k: int = 0) -> NDArray[np.float64]:
        """Unit exponential deviates by inversion, one for each id.

        Parameters
        ----------
        purpose, ids, k
            As in `uniform`: what is drawn, for whom, shape (n,), and which draw of it.
        """
        return -np.log1p(-self.uniform(purpose, ids, k))

    def lognormal(
        self, purpose: str, ids: ArrayLike, median: float, sigma: float, k: int = 0
    ) -> NDArray[np.float64]:
        """Lognormal deviates, one for each id.

        Parameters
        ----------
        purpose, ids
            As in `uniform`: what is drawn, and for whom, shape (n,).
        median
            The median, in the unit of what is drawn [any].
        sigma
            The standard deviation of the natural logarithm [1].
        k
            The k-th draw of this purpose for each id.
        """
        return np.asarray(median * np.exp(sigma * self.normal(purpose, ids, k)))

    def choice(self, purpose: str, ids: ArrayLike, shares: ArrayLike, k: int = 0) -> NDArray[np.int64]:
        """An index into `shares` for each id, with probability proportional to the share.

        Parameters
        ----------
        purpose, ids
            As in `uniform`: what is drawn, and for whom, shape (n,).
        shares
            Weights of the choices, shape (choices,).
        k
            The k-th draw of this purpose for each id.
        """
        edges = np.cumsum(np.asarray(shares, dtype=np.float64))
        u = self.uniform(purpose, ids, k) * edges[-1]
        index = np.searchsorted(edges, u, side="right")
        return np.asarray(np.minimum(index, edges.size - 1), dtype=np.int64)

    def country(self) -> Streams:
        """The streams of the country: the same seed, replication 0."""
        return Streams(self.seed, 0, self.first)

    def from_row(self, first: int) -> Streams:
        """The same streams for rows that begin at a number of the whole."""
        return Streams(self.seed, self.replication, first)
