"""How far cells carry: path loss, antennas, thresholds, footprints.

Two environments, told by the height of the mast: urban macro (UMa) and rural macro (RMa) of 3GPP
TR 38.901 [1]_ without line of sight, up to their validity of 5 km; beyond, loss grows as in
Okumura-Hata [2]_. Never less loss than free space, and nothing beyond the radio horizon.

Assumptions: no terrain; the median without line of sight, shadowing is drawn where people are; body
loss 4 dB; people indoors lose what a low-loss building takes (TR 38.901 table 7.4.3-2).

References
----------
.. [1] 3GPP TR 38.901, "Study on channel model for frequencies from 0.5 to 100 GHz", table 7.4.1-1.
.. [2] M. Hata, "Empirical formula for propagation loss in land mobile radio services", IEEE Trans.
   Vehicular Technology 29(3), 1980, doi:10.1109/T-VT.1980.23859.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ewsim.network.topology import Network

FloatArray = NDArray[np.float64]

#: Height of a phone [m] (TR 38.901).
UE_HEIGHT_M: Final = 1.5

#: Masts at least this high stand in open country (rural macro), lower ones in built-up areas [m];
#: assumption: synthesised networks build 45 m rural, 30 m suburban, 25 m urban masts.
RURAL_HEIGHT_M: Final = 35.0

#: Least signal to camp and to decode a broadcast, by `units.RATS` [dBm]: RxLev, RSCP, RSRP, RSRP;
#: assumption: project defaults inside published ranges (-94 to -104, -95 to -115, -110 to -124).
THRESHOLD_DBM: Final = (-102.0, -110.0, -118.0, -118.0)

#: Carrier of the coverage layer [MHz] and power that the measured signal refers to [dBm] (EIRP a
#: carrier, a pilot channel, a resource element), by `units.RATS`; assumption: 900, 900, 800 and
#: 700 MHz, 46 dBm (3G: 43 dBm, pilot 10 %) and 16 dBi less 1 to 5 dB of losses.
COVERAGE_LAYER: Final = ((900.0, 57.0), (900.0, 47.0), (800.0, 32.2), (700.0, 32.0))

#: Capacity layer of 4G and 5G in cities; assumption: 1,800 MHz and 3,500 MHz with 24 dBi beams.
CAPACITY_LAYER: Final = {2: (1800.0, 30.7), 3: (3500.0, 41.9)}

#: Assumption: sectors have 65 degrees of half-power width and 30 dB front to back (3GPP).
BEAMWIDTH_DEG: Final = 65.0
FRONT_TO_BACK_DB: Final = 30.0

BODY_LOSS_DB: Final = 4.0

#: 2G timing advance ends at 35 km.
GSM_LIMIT_M: Final = 35_000.0

_VALID_M = 5000.0
_SPEED_OF_LIGHT = 299_792_458.0


# --- path loss ----------------------------------------------------------------------------------


def free_space_db(frequency_mhz: ArrayLike, distance_m: ArrayLike) -> FloatArray:
    """Free-space path loss [dB]; frequency [MHz], distance [m]."""
    constant = 20 * np.log10(4e6 * np.pi / _SPEED_OF_LIGHT)
    return np.asarray(20 * np.log10(distance_m) + 20 * np.log10(frequency_mhz) + constant)


def rma_los_db(frequency_mhz: ArrayLike, distance_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
    """Rural macro, line of sight [dB]: TR 38.901 table 7.4.1-1, buildings of 5 m."""
    f, hb = np.asarray(frequency_mhz) / 1000, np.asarray(height_m, dtype=np.float64)
    d = np.hypot(distance_m, hb - UE_HEIGHT_M)
    bend = 2 * np.pi * hb * UE_HEIGHT_M * f * 1e9 / _SPEED_OF_LIGHT

    def near(r: Any) -> Any:
        h = 5.0
        return (
            20 * np.log10(40 * np.pi * r * f / 3)
            + min(0.03 * h**1.72, 10) * np.log10(r)
            - min(0.044 * h**1.72, 14.77)
            + 0.002 * np.log10(h) * r
        )

    return np.asarray(
        np.where(d <= bend, near(d), near(bend) + 40 * np.log10(np.maximum(d, bend) / bend))
    )


def rma_nlos_db(frequency_mhz: ArrayLike, distance_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
    """Rural macro, no line of sight [dB]: TR 38.901 table 7.4.1-1, streets 20 m, buildings 5 m."""
    f, hb = np.asarray(frequency_mhz) / 1000, np.asarray(height_m, dtype=np.float64)
    d = np.hypot(distance_m, hb - UE_HEIGHT_M)
    w, h = 20.0, 5.0
    loss = (
        161.04
        - 7.1 * np.log10(w)
        + 7.5 * np.log10(h)
        - (24.37 - 3.7 * (h / hb) ** 2) * np.log10(hb)
        + (43.42 - 3.1 * np.log10(hb)) * (np.log10(d) - 3)
        + 20 * np.log10(f)
        - (3.2 * np.log10(11.75 * UE_HEIGHT_M) ** 2 - 4.97)
    )
    return np.asarray(np.maximum(loss, rma_los_db(frequency_mhz, distance_m, height_m)))


def uma_los_db(frequency_mhz: ArrayLike, distance_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
    """Urban macro, line of sight [dB]: TR 38.901 table 7.4.1-1, effective environment 1 m."""
    f, hb = np.asarray(frequency_mhz) / 1000, np.asarray(height_m, dtype=np.float64)
    d = np.hypot(distance_m, hb - UE_HEIGHT_M)
    bend = 4 * (hb - 1) * (UE_HEIGHT_M - 1) * f * 1e9 / _SPEED_OF_LIGHT
    far = 28 + 40 * np.log10(d) + 20 * np.log10(f) - 9 * np.log10(
        bend**2 + (hb - UE_HEIGHT_M) ** 2
    )  # fmt: skip
    return np.asarray(
        np.where(np.asarray(distance_m) <= bend, 28 + 22 * np.log10(d) + 20 * np.log10(f), far)
    )


def uma_nlos_db(frequency_mhz: ArrayLike, distance_m: ArrayLike, height_m: ArrayLike) -> FloatArray:
    """Urban macro, no line of sight [dB]: TR 38.901 table 7.4.1-1."""
    f, hb = np.asarray(frequency_mhz) / 1000, np.asarray(height_m, dtype=np.float64)
    d = np.hypot(distance_m, hb - UE_HEIGHT_M)
    loss = 13.54 + 39.08 * np.log10(d) + 20 * np.log10(f) - 0.6 * (UE_HEIGHT_M - 1.5)
    return np.asarray(np.maximum(loss, uma_los_db(frequency_mhz, distance_m, height_m)))


def hata_db(
    frequency_mhz: ArrayLike, distance_m: ArrayLike, height_m: ArrayLike, area: str = "suburban"
) -> FloatArray:
    """Okumura-Hata [dB], COST-231 above 1,500 MHz; area: urban, suburban or open."""
    f = np.asarray(frequency_mhz, dtype=np.float64)
    hb = np.maximum(np.asarray(height_m, dtype=np.float64), 30.0)
    log_d = np.log10(np.maximum(np.asarray(distance_m, dtype=np.float64), 1.0) / 1000)
    mobile = (1.1 * np.log10(f) - 0.7) * UE_HEIGHT_M - (1.56 * np.log10(f) - 0.8)
    slope = (44.9 - 6.55 * np.log10(hb)) * log_d
    base = np.where(f <= 1500, 69.55 + 26.16 * np.log10(f), 46.3 + 33.9 * np.log10(f))
    loss = base - 13.82 * np.log10(hb) - mobile + slope
    if area == "suburban":
        loss = loss - 2 * np.log10(f / 28) ** 2 - 5.4
    elif area == "open":
        loss = loss - 4.78 * np.log10(f) ** 2 + 18.33 * np.log10(f) - 40.94
    return np.asarray(loss)


def horizon_m(height_m: ArrayLike) -> FloatArray:
    """Radio horizon over a 4/3 Earth [m]: 4.12 (sqrt h1 + sqrt h2) km."""
    return np.asarray(4120 * (np.sqrt(height_m) + np.sqrt(UE_HEIGHT_M)))


def path_loss_db(
    frequency_mhz: ArrayLike, distance_m: ArrayLike, height_m: ArrayLike
) -> FloatArray:
    """Median path loss outdoors [dB]; infinite beyond the radio horizon.

    Parameters
    ----------
    frequency_mhz, distance_m, height_m
        Carrier [MHz], ground distance [m] and mast height [m]; shapes that broadcast.
    """
    f, d, hb = np.broadcast_arrays(
        np.asarray(frequency_mhz, dtype=np.float64),
        np.maximum(np.asarray(distance_m, dtype=np.float64), 10.0),
        np.asarray(height_m, dtype=np.float64),
    )
    near = np.minimum(d, _VALID_M)
    rural = hb >= RURAL_HEIGHT_M
    loss = np.where(rural, rma_nlos_db(f, near, hb), uma_nlos_db(f, near, hb))
    # Hata's slope carries on from where 38.901 ends; the level is kept, so that loss never falls
    # with distance. (Its slope is 44.9 - 6.55 log10 of the height, a decade.)
    slope = 44.9 - 6.55 * np.log10(np.maximum(hb, 30.0))
    loss = np.maximum(loss + slope * np.log10(d / near), free_space_db(f, d))
    return np.asarray(np.where(d > horizon_m(hb), np.inf, loss))


def entry_loss_db(frequency_mhz: ArrayLike) -> FloatArray:
    """What a low-loss building takes [dB]: TR 38.901 table 7.4.3-2, without depth indoors."""
    f = np.asarray(frequency_mhz, dtype=np.float64) / 1000
    glass, concrete = 10 ** (-(2 + 0.2 * f) / 10), 10 ** (-(5 + 4 * f) / 10)
    return np.asarray(5 - 10 * np.log10(0.3 * glass + 0.7 * concrete))


def sector_loss_db(off_axis_deg: ArrayLike) -> FloatArray:
    """Loss of a sector antenna off its boresight [dB]; NaN (omnidirectional) loses nothing."""
    off = np.mod(np.asarray(off_axis_deg, dtype=np.float64) + 180.0, 360.0) - 180.0
    loss = np.minimum(12 * (off / BEAMWIDTH_DEG) ** 2, FRONT_TO_BACK_DB)
    return np.asarray(np.where(np.isnan(off), 0.0, loss))


# --- cells --------------------------------------------------------------------------------------


def received_dbm(
    network: Network,
    cell: NDArray[np.integer[Any]],
    x_m: FloatArray,
    y_m: FloatArray,
    indoors: NDArray[np.bool_] | bool = False,
) -> FloatArray:
    """Median signal of cells at places, pairwise [dBm]; -inf beyond the horizon."""
    cells, sites = network.cells, network.sites
    site = cells.site[cell]
    dx, dy = x_m - sites.x_m[site], y_m - sites.y_m[site]
    frequency = cells.frequency_mhz[cell]
    loss = path_loss_db(frequency, np.hypot(dx, dy), sites.height_m[site])
    bearing = np.degrees(np.arctan2(dx, dy))
    loss = loss + sector_loss_db(bearing - cells.azimuth_deg[cell]) + BODY_LOSS_DB
    loss = loss + np.where(indoors, entry_loss_db(frequency), 0.0)
    return np.asarray(cells.eirp_dbm[cell] - loss)


def level_db(
    network: Network,
    cell: NDArray[np.integer[Any]],
    x_m: FloatArray,
    y_m: FloatArray,
    indoors: NDArray[np.bool_] | bool = False,
) -> FloatArray:
    """Median signal above the technology's threshold, pairwise [dB]."""
    threshold = np.asarray(THRESHOLD_DBM)[network.cells.rat[cell]]
    return np.asarray(received_dbm(network, cell, x_m, y_m, indoors) - threshold)


def reach_m(
    frequency_mhz: ArrayLike, eirp_dbm: ArrayLike, height_m: ArrayLike, rat: ArrayLike
) -> FloatArray:
    """Median radius outdoors at which a cell's signal meets the threshold [m]; bisection."""
    frequency, eirp, height, kind = np.broadcast_arrays(
        np.asarray(frequency_mhz, dtype=np.float64), np.asarray(eirp_dbm, dtype=np.float64),
        np.asarray(height_m, dtype=np.float64), np.asarray(rat),
    )  # fmt: skip
    allowed = eirp - BODY_LOSS_DB - np.asarray(THRESHOLD_DBM)[kind]
    low = np.full(frequency.shape, 10.0)
    high = np.where(kind == 0, np.minimum(horizon_m(height), GSM_LIMIT_M), horizon_m(height))
    for _ in range(40):
        middle = (low + high) / 2
        carries = path_loss_db(frequency, middle, height) <= allowed
        low, high = np.where(carries, middle, low), np.where(carries, high, middle)
    return np.asarray(low)


def footprint_radius_m(network: Network) -> FloatArray:
    """Nominal radius of every cell [m]."""
    cells = network.cells
    kinds = np.column_stack(
        [cells.frequency_mhz, cells.eirp_dbm, network.sites.height_m[cells.site], cells.rat]
    )
    kind, index = np.unique(kinds, axis=0, return_inverse=True)
    radius = reach_m(kind[:, 0], kind[:, 1], kind[:, 2], kind[:, 3].astype(np.int64))
    return np.asarray(radius[index.ravel()])


def footprints(network: Network) -> NDArray[np.object_]:
    """Nominal footprint of every cell as a polygon [m]: a disc, or for a sector a lobe.

    The lobe is the line where the median signal meets the threshold, sector loss included, but no
    less than a tenth of the radius behind the antenna.
    """
    cells, sites = network.cells, network.sites
    radius = footprint_radius_m(network)
    angles = np.arange(0, 360, 10.0)
    loss = sector_loss_db(angles[None, :] - cells.azimuth_deg[:, None])
    # 35 dB a decade: between 38.901 (39 dB) and Hata (35 dB).
    r = radius[:, None] * np.maximum(10 ** (-loss / 35), 0.1)
    x = sites.x_m[cells.site][:, None] + r * np.sin(np.radians(angles))
    y = sites.y_m[cells.site][:, None] + r * np.cos(np.radians(angles))
    return np.asarray(shapely.polygons(np.stack([x, y], axis=2)), dtype=np.object_)
