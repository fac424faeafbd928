"""Formulas of path loss and shadowing written for tests: whole models, and what they are compared with.

Okumura-Hata above 1,500 MHz is COST 231's: COST Action 231, "Digital mobile radio towards future
generation systems", EUR 18957, 1999.
"""

import numba
import numpy as np

from ewsim.network.signal import propagation, shadowing
from ewsim.network.signal.propagation import ENVIRONMENTS, UE_HEIGHT_M


def model_db(environment, frequency_mhz, distance_m, height_m, *, line_of_sight):
    """One model of TR 38.901 table 7.4.1-1 by its name, also at distances for which it is not valid."""
    links = np.broadcast_arrays(*(np.asarray(v, float) for v in (frequency_mhz, distance_m, height_m)))
    rows = np.empty((1, propagation.WIDTH))
    out = np.empty(links[0].size)
    for i, (f, d, h) in enumerate(zip(*(v.ravel().tolist() for v in links), strict=True)):
        propagation.coefficients(ENVIRONMENTS.index(environment), f, h, rows[0])
        out[i], _ = propagation.formula_db(rows, 0, d, line_of_sight)
    return out.reshape(links[0].shape)


def free_space_db(frequency_mhz, distance_m):
    constant = 20 * np.log10(4e6 * np.pi / 299_792_458.0)
    return 20 * np.log10(distance_m) + 20 * np.log10(frequency_mhz) + constant


def hata_db(frequency_mhz, distance_m, height_m, area="suburban"):
    """Okumura-Hata, COST 231 above 1,500 MHz, the exponent of P.529 beyond 20 km.

    `area`: metropolitan (COST 231 only: 3 dB more), urban, suburban or open.
    """
    f, hb = np.asarray(frequency_mhz, float), np.maximum(height_m, 30.0)
    km = np.maximum(distance_m, 1.0) / 1000
    log_d = np.log10(km)
    beyond = np.log10(np.maximum(km, 20.0) / 20.0) ** 0.8
    b = 1 + (0.14 + 1.87e-4 * f + 1.07e-3 * hb) * beyond
    log_d = np.sign(log_d) * np.abs(log_d) ** np.where(km > 20, b, 1.0)
    mobile = (1.1 * np.log10(f) - 0.7) * UE_HEIGHT_M - (1.56 * np.log10(f) - 0.8)
    base = np.where(f <= 1500, 69.55 + 26.16 * np.log10(f), 46.3 + 33.9 * np.log10(f))
    loss = base - 13.82 * np.log10(hb) - mobile + (44.9 - 6.55 * np.log10(hb)) * log_d
    if area == "suburban":
        return loss - 2 * np.log10(f / 28) ** 2 - 5.4
    if area == "open":
        return loss - 4.78 * np.log10(f) ** 2 + 18.33 * np.log10(f) - 40.94
    return loss + np.where(f > 1500, 3.0, 0.0) if area == "metropolitan" else loss


def los_share(environment, distance_m):
    """Probability of line of sight at ground distances [m]."""
    code, d = ENVIRONMENTS.index(environment), np.asarray(distance_m, float)
    return np.reshape([propagation.line_of_sight_share(code, v) for v in d.ravel().tolist()], d.shape)


def shadows(streams, mast_count, mast, x, y, environment):
    """Shadow of masts at places, pairwise, and the luck that decides line of sight."""
    return _shadows(shadowing.fields(streams, mast_count), ENVIRONMENTS.index(environment), mast, x, y)


@numba.njit
def _shadows(fields, environment, mast, x, y):
    out, seen = np.empty(x.size), np.empty(x.size)
    for i in range(x.size):
        common, _ = shadowing.field(fields, 0, environment, x[i], y[i])
        own, seen[i] = shadowing.field(fields, mast[i] + 1, environment, x[i], y[i])
        out[i] = np.sqrt(shadowing.COMMON) * common + np.sqrt(1 - shadowing.COMMON) * own
    return out, seen
