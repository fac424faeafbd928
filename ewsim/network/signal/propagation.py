"""Median path loss between a mast and a phone: 3GPP TR 38.901 near, Okumura-Hata beyond.

The height of the mast selects one of three environments of TR 38.901 table 7.4.1-1 [1]_: urban
micro (UMi, street canyon), urban macro (UMa) or rural macro (RMa), each with and without line of
sight. They hold up to 5 km (rural with line of sight 10 km). Beyond, loss grows with the slope of
Okumura-Hata [2]_, and from 20 km with the exponent of ITU-R P.529 [3]_. Loss is never less than that
of free space, and nothing is heard beyond the radio horizon.

Every model is a row of coefficients for one carrier and height, and one logarithm for each link:
loss is A + B log10 d (+ C d). The same compiled functions serve arrays here and the loop that camps.

Assumptions: no terrain; phones at 1.5 m; rural buildings of 5 m and streets of 20 m, effective
environment height 1 m (the defaults of the table).

References
----------
.. [1] 3GPP TR 38.901, "Study on channel model for frequencies from 0.5 to 100 GHz", 7.4.1 to 7.4.3.
.. [2] M. Hata, "Empirical formula for propagation loss in land mobile radio services", IEEE Trans.
   Vehicular Technology 29(3), 1980, doi:10.1109/T-VT.1980.23859.
.. [3] Recommendation ITU-R P.529-3 (1999), annex 1, Hata's formula to 100 km.
"""

from math import exp, inf, log10, pi, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ewsim.kernels import kernel

FloatArray = NDArray[np.float64]

#: Height of a phone [m] (TR 38.901).
UE_HEIGHT_M: Final = 1.5

#: Environments; the index is the code used in kernels.
ENVIRONMENTS: Final = ("UMi", "UMa", "RMa")
UMI, UMA, RMA = range(3)

#: Masts at least this high stand in open country (rural macro), lower ones in built-up areas [m];
#: assumption: synthesised networks build 45 m rural, 30 m suburban, 25 m urban masts.
RURAL_HEIGHT_M: Final = 35.0
#: Masts below this stand below the roofs (urban micro) [m]; assumption: TR 38.901 has 10 and 25 m.
MICRO_HEIGHT_M: Final = 15.0

_VALID_M = 5000.0
_VALID_RMA_LOS_M = 10_000.0
_HATA_M = 20_000.0
_LIGHT = 299_792_458.0
#: Coefficients of a row, by place.
_ENV, _A_NLOS, _B_NLOS, _A_NEAR, _B_NEAR, _C_NEAR, _A_FAR, _BEND = range(8)
_DH2, _SLOPE, _BEYOND, _SPACE, HORIZON = range(8, 13)
WIDTH: Final = 13

#: No line of sight, with a type: compiled functions would be compiled again for the word False itself.
UNSEEN: Final = np.bool_(False)


@kernel
def environment_of(height_m: float) -> int:
    """The environment of a mast."""
    return RMA if height_m >= RURAL_HEIGHT_M else UMA if height_m >= MICRO_HEIGHT_M else UMI


@kernel
def coefficients(environment: int, frequency_mhz: float, height_m: float, row: FloatArray) -> None:
    """Fill a row of coefficients.

    Parameters
    ----------
    environment
        An index into ENVIRONMENTS.
    frequency_mhz, height_m
        Carrier [MHz] and height of the mast [m].
    row
        The coefficients [dB and others], shape (WIDTH,).
    """
    f, hb, hu = frequency_mhz / 1000.0, height_m, UE_HEIGHT_M
    lf, lh = log10(f), log10(hb)
    row[_ENV] = environment
    row[_C_NEAR] = 0.0
    if environment == RMA:
        h, w = 5.0, 20.0
        bend = 2 * pi * hb * hu * f * 1e9 / _LIGHT
        near = 20 * log10(40 * pi * f / 3) - min(0.044 * h**1.72, 14.77)
        slope, linear = 20 + min(0.03 * h**1.72, 10.0), 0.002 * log10(h)
        row[_A_NEAR], row[_B_NEAR], row[_C_NEAR] = near, slope, linear
        row[_A_FAR] = near + slope * log10(bend) + linear * bend - 40 * log10(bend)
        row[_B_NLOS] = 43.42 - 3.1 * lh
        row[_A_NLOS] = (
            161.04
            - 7.1 * log10(w)
            + 7.5 * log10(h)
            - (24.37 - 3.7 * (h / hb) ** 2) * lh
            - 3 * row[_B_NLOS]
            + 20 * lf
            - (3.2 * log10(11.75 * hu) ** 2 - 4.97)
        )
    else:
        bend = 4 * max(hb - 1, 0.1) * (hu - 1) * f * 1e9 / _LIGHT
        span = log10(bend**2 + (hb - hu) ** 2)
        if environment == UMA:
            row[_A_NEAR], row[_B_NEAR] = 28 + 20 * lf, 22.0
            row[_A_FAR] = 28 + 20 * lf - 9 * span
            row[_A_NLOS], row[_B_NLOS] = 13.54 + 20 * lf - 0.6 * (hu - 1.5), 39.08
        else:
            row[_A_NEAR], row[_B_NEAR] = 32.4 + 20 * lf, 21.0
            row[_A_FAR] = 32.4 + 20 * lf - 9.5 * span
            row[_A_NLOS], row[_B_NLOS] = 22.4 + 21.3 * lf - 0.3 * (hu - 1.5), 35.3
    row[_BEND] = bend
    row[_DH2] = (hb - hu) ** 2
    effective = max(hb, 30.0)  # Hata's masts are 30 m and higher
    row[_SLOPE] = 44.9 - 6.55 * log10(effective)
    row[_BEYOND] = 0.14 + 1.87e-4 * frequency_mhz + 1.07e-3 * effective
    row[_SPACE] = 20 * log10(4e6 * pi / _LIGHT) + 20 * log10(frequency_mhz)
    row[HORIZON] = 4120 * (sqrt(hb) + sqrt(hu))


@kernel
def formula_db(rows: FloatArray, r: int, distance_m: float, line_of_sight: bool) -> tuple[float, float]:
    """Loss by TR 38.901's formula [dB], at any distance, and the logarithm of the distance.

    Parameters
    ----------
    rows, r
        Coefficients [dB and others], shape (rows, WIDTH), and the row of the link.
    distance_m
        Ground distance [m].
    line_of_sight
        Whether the mast is seen.
    """
    d3 = sqrt(distance_m * distance_m + rows[r, _DH2])
    log_d = log10(d3)
    if distance_m <= rows[r, _BEND]:
        loss = rows[r, _A_NEAR] + rows[r, _B_NEAR] * log_d + rows[r, _C_NEAR] * d3
    else:
        loss = rows[r, _A_FAR] + 40.0 * log_d
    if not line_of_sight:
        loss = max(loss, rows[r, _A_NLOS] + rows[r, _B_NLOS] * log_d)
    return loss, log_d


@kernel
def loss_db(rows: FloatArray, r: int, distance_m: float, line_of_sight: bool) -> float:
    """Median loss [dB], also beyond the distance for which the formula is valid.

    Parameters
    ----------
    rows, r, distance_m, line_of_sight
        As in `formula_db`: rows of shape (rows, WIDTH), distance [m].
    """
    d = max(distance_m, 10.0)
    if d > rows[r, HORIZON]:
        return inf
    near = _VALID_RMA_LOS_M if line_of_sight and rows[r, _ENV] == RMA else _VALID_M
    loss: float
    log_d: float
    space: float = rows[r, _SPACE]
    if d <= near:
        loss, log_d = formula_db(rows, r, d, line_of_sight)
        return max(loss, space + 20.0 * log_d)
    # Hata's slope carries on from where 38.901 ends; the level is kept, so that loss never falls
    # with distance.
    log_km = log10(d / 1000.0)
    grown = log_km
    if d > _HATA_M:
        grown = log_km ** (1.0 + rows[r, _BEYOND] * log10(d / _HATA_M) ** 0.8)
    loss, _ = formula_db(rows, r, near, line_of_sight)
    loss += rows[r, _SLOPE] * (grown - log10(near / 1000.0))
    return max(loss, space + 20.0 * (log_km + 3.0))


@kernel
def floors_db(rows: FloatArray) -> FloatArray:
    """The least loss without line of sight [dB] from step**2 metres on, shape (rows, steps).

    Loss never falls with distance, so a signal that is too weak after this loss needs no formula.
    """
    furthest = 0.0
    for r in range(len(rows)):
        furthest = max(furthest, rows[r, HORIZON])
    steps = int(sqrt(furthest)) + 1
    floors = np.empty((len(rows), steps))
    for r in range(len(rows)):
        for step in range(steps):
            floors[r, step] = loss_db(rows, r, float(step * step), UNSEEN) - 1e-6
    return floors


@kernel
def line_of_sight_share(environment: int, distance_m: float) -> float:
    """Probability of line of sight to a phone at 1.5 m: TR 38.901 table 7.4.2-1."""
    d = distance_m
    if environment == RMA:
        return 1.0 if d <= 10 else exp(-(d - 10.0) / 1000.0)
    if d <= 18:
        return 1.0
    fade = 63.0 if environment == UMA else 36.0
    return 18.0 / d + exp(-d / fade) * (1.0 - 18.0 / d)


# --- arrays -------------------------------------------------------------------------------------


@kernel
def _losses(
    frequency_mhz: FloatArray, distance_m: FloatArray, height_m: FloatArray, line_of_sight: bool
) -> FloatArray:
    out = np.empty(distance_m.size)
    rows = np.empty((1, WIDTH))
    f = h = -1.0
    several = frequency_mhz.size > 1
    for i in range(out.size):
        at = i if several else 0
        if frequency_mhz[at] != f or height_m[at] != h:
            f, h = frequency_mhz[at], height_m[at]
            coefficients(environment_of(h), f, h, rows[0])
        out[i] = loss_db(rows, np.int64(0), distance_m[i], line_of_sight)
    return out


def coefficient_rows(frequency_mhz: FloatArray, height_m: FloatArray) -> FloatArray:
    """Coefficients of pairs of a carrier [MHz] and a mast height [m], shape (pairs, WIDTH)."""
    rows = np.empty((frequency_mhz.size, WIDTH))
    for f, h, row in zip(frequency_mhz.tolist(), height_m.tolist(), rows, strict=True):
        coefficients(environment_of(h), f, h, row)
    return rows


def path_loss_db(
    frequency_mhz: ArrayLike, distance_m: ArrayLike, height_m: ArrayLike, *, line_of_sight: bool = False
) -> FloatArray:
    """Median path loss outdoors [dB]; infinite beyond the radio horizon.

    Parameters
    ----------
    frequency_mhz, distance_m, height_m
        Carrier [MHz], ground distance [m] and mast height [m], shape (any,), broadcast together.
    line_of_sight
        Whether the mast is seen; a plan assumes that it is not.
    """
    f, d, h = _floats(frequency_mhz), _floats(distance_m), _floats(height_m)
    if f.size > 1 or h.size > 1 or f.ndim > d.ndim or h.ndim > d.ndim:
        f, d, h = np.broadcast_arrays(f, d, h)
    return np.reshape(_losses(f.ravel(), d.ravel(), h.ravel(), line_of_sight), d.shape)


def horizon_m(height_m: ArrayLike) -> FloatArray:
    """Radio horizon over a 4/3 Earth [m]: 4.12 (sqrt h1 + sqrt h2) km."""
    return np.asarray(4120 * (np.sqrt(height_m) + np.sqrt(UE_HEIGHT_M)))


def entry_loss_db(frequency_mhz: ArrayLike, *, high: bool = False) -> FloatArray:
    """Loss of a building's shell [dB]: TR 38.901 table 7.4.3-2, low-loss or high-loss."""
    f = _floats(frequency_mhz) / 1000
    concrete = 10 ** (-(5 + 4 * f) / 10)
    if high:
        return np.asarray(5 - 10 * np.log10(0.7 * 10 ** (-(23 + 0.3 * f) / 10) + 0.3 * concrete))
    return np.asarray(5 - 10 * np.log10(0.3 * 10 ** (-(2 + 0.2 * f) / 10) + 0.7 * concrete))


def _floats(values: Any) -> FloatArray:
    return np.asarray(values, dtype=np.float64)
