"""Shadowing as a property of places: who stands at one place has the same obstacles.

The shadow of a mast at a place is a standard normal value, half of its variance common to all masts
(obstacles around the phone) and half the mast's own (TR 36.814 table B.1.2.1-1: correlation 0.5
between sites, 1 between the sectors of one). The same draw says whether the mast is seen.

Each field is constant on the squares of a lattice that lies anywhere for each mast; so two places
d apart along an axis share a square with probability 1 - d/side, and that is their correlation.
The side is 1.7 times the decorrelation distance of TR 38.901 table 7.5-6, and the correlation,
averaged over directions, is within 0.2 of the exponential law of its 7.4.4 (a test). Assumption:
that is near enough, for one draw a link; the values are a pure function of place and mast.
"""

from __future__ import annotations

from math import floor, log, sqrt
from typing import Final

import numpy as np
from numba import uint32
from numpy.typing import NDArray

from ewsim.kernels import kernel
from ewsim.network.signal.propagation import ENVIRONMENTS
from ewsim.streams import Streams, philox, purpose_code

#: Standard deviation by environment (UMi, UMa, RMa) [dB]: TR 38.901 table 7.4.1-1, without and with
#: line of sight (rural: beyond the breakpoint), and into buildings (table 7.5-6, O2I).
SIGMA_NLOS_DB: Final = (7.82, 6.0, 8.0)
SIGMA_LOS_DB: Final = (4.0, 4.0, 6.0)
SIGMA_INDOORS_DB: Final = (7.0, 7.0, 8.0)
#: Decorrelation distance by environment without line of sight [m]: TR 38.901 table 7.5-6.
DECORRELATION_M: Final = (13.0, 50.0, 120.0)
#: Share of the variance that all masts have in common (TR 36.814 table B.1.2.1-1).
COMMON: Final = 0.5

_SIDE = 1.7
#: Side of the lattice by environment [m].
SIDES_M: Final = tuple(_SIDE * d for d in DECORRELATION_M)
PURPOSE: Final = purpose_code("network.shadowing")
_UNIT = 2.0**-32


def offsets_m(streams: Streams, count: int) -> NDArray[np.float64]:
    """Where each mast's lattice begins, in sides; row 0 is the common field; (count + 1, 2)."""
    ids = np.arange(2 * (count + 1))
    return streams.country().uniform("network.shadowing.offset", ids).reshape(-1, 2)


@kernel
def normal_of(p):  # type: ignore[no-untyped-def]
    """Standard normal quantile: Wichura's AS 241, PPND7 (1e-7)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return (
            q
            * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
            / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
        )
    r = sqrt(-log(p if q < 0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        value = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) / (
            (0.12021132975 * r + 0.73700164250) * r + 1.0
        )
    else:
        r -= 5.0
        value = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) / (
            (0.012258202635 * r + 0.24197894225) * r + 1.0
        )
    return -value if q < 0 else value


@kernel
def field(x_m, y_m, side_m, mast, offset_x, offset_y, seed):  # type: ignore[no-untyped-def]
    """A field's normal value and uniform value at a place; `mast` is 0 for the common field."""
    column = np.int64(floor(x_m / side_m + offset_x))
    row = np.int64(floor(y_m / side_m + offset_y))
    a, b, _, _ = philox(
        uint32(column & 0xFFFFFFFF),
        uint32(row & 0xFFFFFFFF),
        uint32(PURPOSE),
        uint32(mast),
        uint32(seed),
        uint32(0),
    )
    return normal_of((a + 0.5) * _UNIT), (b + 0.5) * _UNIT


@kernel
def _shadows(out, seen, x_m, y_m, mast, side_m, offset, seed):  # type: ignore[no-untyped-def]
    for i in range(out.size):
        common, _ = field(x_m[i], y_m[i], side_m, 0, offset[0, 0], offset[0, 1], seed)
        m = mast[i] + 1
        own, luck = field(x_m[i], y_m[i], side_m, m, offset[m, 0], offset[m, 1], seed)
        out[i] = sqrt(COMMON) * common + sqrt(1.0 - COMMON) * own
        seen[i] = luck


def shadows(
    streams: Streams,
    mast_count: int,
    mast: NDArray[np.int64],
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    environment: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard normal shadow of masts at places, pairwise; and the luck that decides line of sight.

    Returns
    -------
    tuple
        Normal values, times sigma a gain [dB]; uniform values: below the probability of line of
        sight, the mast is seen.
    """
    out, seen = np.empty(x_m.size), np.empty(x_m.size)
    side = SIDES_M[ENVIRONMENTS.index(environment)]
    _shadows(out, seen, x_m, y_m, mast, side, offsets_m(streams, mast_count), streams.seed)
    return out, seen
