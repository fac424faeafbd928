"""How far cells carry: antennas, thresholds, levels, footprints.

This is the plan: the median path loss of `ewsim.network.signal.propagation` without line of sight.
Shadowing, line of sight and buildings differ from place to place; they are drawn where people are
(`ewsim.population.camping.choice`).
"""

from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ewsim.kernels import kernel
from ewsim.network.signal.propagation import (
    UNSEEN,
    WIDTH,
    FloatArray,
    coefficients,
    environment_of,
    horizon_m,
    loss_db,
    path_loss_db,
)
from ewsim.network.topology import Network

#: Least signal that a plan counts as coverage, by `units.RATS` [dBm]: RxLev, RSCP, RSRP, RSRP.
#: 2G: reference sensitivity of a handset at 900 MHz (TS 45.005 6.2). 4G: -94 dBm over the 600
#: subcarriers of 10 MHz in band 20 (TS 36.101 table 7.3.1-1), -121.8 dBm each. Assumption: 3G as
#: the sensitive end of published ranges (-95 to -115), 5G as 4G. Service at speed needs more.
THRESHOLD_DBM: Final = (-102.0, -114.0, -121.8, -121.8)

#: Least signal at which a phone stays on a cell and reads its system information, by `units.RATS`
#: [dBm]: Qrxlevmin (TS 36.304 5.2.3.2), which networks set below reference sensitivity, for that is
#: of a full carrier of data. 4G: -128 dBm, a vendor's default; others use -124. Noise of a subcarrier
#: with a noise figure of 9 dB, and 6 dB less for system information, is -129. Assumption: 5G as 4G
#: (range -124 to -130); 2G and 3G as in the plan. Without interference this is optimistic in dense
#: towns.
CAMPING_DBM: Final = (-102.0, -114.0, -128.0, -128.0)

#: Carrier of the coverage layer [MHz] and power that the measured signal refers to [dBm] (EIRP a
#: carrier, a pilot channel, a resource element), by `units.RATS`; assumption: 900, 900, 800 and
#: 700 MHz, 46 dBm (3G: 43 dBm, pilot 10 %) and 16 dBi less 1 to 5 dB of losses.
COVERAGE_LAYER: Final = ((900.0, 57.0), (900.0, 47.0), (800.0, 32.2), (700.0, 32.0))

#: Capacity layer of 4G and 5G in cities; assumption: 1,800 MHz and 3,500 MHz with 24 dBi beams.
CAPACITY_LAYER: Final = {2: (1800.0, 30.7), 3: (3500.0, 41.9)}

#: Assumption: sectors have 65 degrees of half-power width and 30 dB front to back (3GPP).
BEAMWIDTH_DEG: Final = 65.0
FRONT_TO_BACK_DB: Final = 30.0

#: Assumption: loss of the body of whoever holds the phone [dB].
BODY_LOSS_DB: Final = 4.0

#: 2G timing advance ends at 35 km.
GSM_LIMIT_M: Final = 35_000.0


def sector_loss_db(off_axis_deg: ArrayLike) -> FloatArray:
    """Loss of a sector antenna off its boresight [dB]; NaN (omnidirectional) loses nothing."""
    off = np.mod(np.asarray(off_axis_deg, dtype=np.float64) + 180.0, 360.0) - 180.0
    loss = np.minimum(12 * (off / BEAMWIDTH_DEG) ** 2, FRONT_TO_BACK_DB)
    return np.asarray(np.where(np.isnan(off), 0.0, loss))


def level_db(
    network: Network, cell: NDArray[np.integer[Any]], x_m: FloatArray, y_m: FloatArray
) -> FloatArray:
    """Median signal outdoors above the technology's threshold [dB]; -inf beyond the horizon.

    Parameters
    ----------
    network
        The network.
    cell, x_m, y_m
        Pairs of a cell's number and a place [m], shape (pairs,).
    """
    cells, sites = network.cells, network.sites
    site = cells.site[cell]
    dx, dy = x_m - sites.x_m[site], y_m - sites.y_m[site]
    loss = path_loss_db(cells.frequency_mhz[cell], np.hypot(dx, dy), sites.height_m[site])
    bearing = np.degrees(np.arctan2(dx, dy))
    loss = loss + sector_loss_db(bearing - cells.azimuth_deg[cell]) + BODY_LOSS_DB
    threshold = np.asarray(THRESHOLD_DBM)[cells.rat[cell]]
    return np.asarray(cells.eirp_dbm[cell] - loss - threshold)


class _Budgets(NamedTuple):
    """Links to bound: carrier, height of the mast, loss that is allowed, and the furthest reach."""

    frequency_mhz: FloatArray
    height_m: FloatArray
    allowed_db: FloatArray
    limit_m: FloatArray


@kernel
def _reaches(links: _Budgets) -> FloatArray:
    """How far each link carries [m], by bisection."""
    rows, out = np.empty((1, WIDTH)), np.empty(links.height_m.size)
    for i in range(out.size):
        height = links.height_m[i]
        coefficients(environment_of(height), links.frequency_mhz[i], height, rows[0])
        low, high = 10.0, links.limit_m[i]
        for _ in range(40):
            middle = (low + high) / 2
            if loss_db(rows, np.int64(0), middle, UNSEEN) <= links.allowed_db[i]:
                low = middle
            else:
                high = middle
        out[i] = low
    return out


def reach_m(frequency_mhz: ArrayLike, eirp_dbm: ArrayLike, height_m: ArrayLike, rat: ArrayLike) -> FloatArray:
    """Median radius outdoors at which a cell's signal meets the threshold [m].

    Parameters
    ----------
    frequency_mhz, eirp_dbm, height_m
        Carrier [MHz], power [dBm] and height of the mast [m], shape (any,), broadcast together.
    rat
        The technology, an index into `units.RATS`, shape (any,).
    """
    frequency, eirp, height, kind = np.broadcast_arrays(
        np.asarray(frequency_mhz, dtype=np.float64),
        np.asarray(eirp_dbm, dtype=np.float64),
        np.asarray(height_m, dtype=np.float64),
        np.asarray(rat),
    )
    allowed = eirp - BODY_LOSS_DB - np.asarray(THRESHOLD_DBM)[kind]
    far = horizon_m(height)
    limit = np.where(kind == 0, np.minimum(far, GSM_LIMIT_M), far)
    found = _reaches(_Budgets(frequency.ravel(), height.ravel(), allowed.ravel(), limit.ravel()))
    return np.reshape(found, frequency.shape)


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
