"""Shadowing as a property of places: who stands at one place has the same obstacles.

The shadow of a mast at a place is a standard normal value, half of its variance common to all masts
(obstacles around the phone) and half the mast's own (TR 36.814 table B.1.2.1-1: correlation 0.5
between sites, 1 between the sectors of one). The same draw decides whether the mast is seen.

Each field is constant on the squares of a lattice, which begins at a random place for each mast. So
two places d apart along an axis share a square with probability 1 - d/side, and that is their
correlation. The side is 1.7 times the decorrelation distance of TR 38.901 table 7.5-6; the
correlation, averaged over directions, is within 0.2 of the exponential law of its 7.4.4 (a test
holds it). Assumption: that is near enough. It takes one draw for each link, and a value depends on
nothing but place and mast.
"""

from math import floor, log, sqrt
from typing import Final, NamedTuple

import numpy as np
from numba import uint32
from numpy.typing import NDArray

from ewsim.kernels import kernel
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

#: Side of the lattice by environment [m].
SIDES_M = 1.7 * np.array(DECORRELATION_M)
_PURPOSE: Final = purpose_code("network.shadowing")
_UNIT = 2.0**-32


class Fields(NamedTuple):
    """The fields of a country: row 0 of `offset` is the common one, row m + 1 that of mast m.

    `offset` is where each lattice begins, in sides, shape (masts + 1, 2). `first` is the number of the
    first person, whose buildings are drawn by number.
    """

    offset: NDArray[np.float64]
    seed: int
    first: int


def fields(streams: Streams, mast_count: int) -> Fields:
    """The fields of shadowing of a country."""
    ids = np.arange(2 * (mast_count + 1))
    offset = streams.country().from_row(0).uniform("network.shadowing.offset", ids).reshape(-1, 2)
    return Fields(offset, streams.seed, streams.first)


@kernel
def normal_of(p: float) -> float:
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
def field(fields: Fields, number: int, environment: int, x_m: float, y_m: float) -> tuple[float, float]:
    """One field's normal value and uniform value at a place.

    Parameters
    ----------
    fields
        The fields of the country.
    number
        0 for the common field, m + 1 for that of mast m.
    environment
        An index into `propagation.ENVIRONMENTS`.
    x_m, y_m
        The place [m].

    Returns
    -------
    tuple
        A normal value: times sigma it is a gain [dB]. A uniform value: the mast is seen where it is
        below the probability of line of sight.
    """
    side_m = SIDES_M[environment]
    column = np.int64(floor(x_m / side_m + fields.offset[number, 0]))
    row = np.int64(floor(y_m / side_m + fields.offset[number, 1]))
    a, b, _, _ = philox(
        uint32(column & 0xFFFFFFFF),
        uint32(row & 0xFFFFFFFF),
        uint32(_PURPOSE),
        uint32(number),
        uint32(fields.seed),
        uint32(0),
    )
    return normal_of((a + 0.5) * _UNIT), (b + 0.5) * _UNIT
