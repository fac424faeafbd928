"""Device-based geofencing: the phone compares its own position with the alert area.

Cells broadcast wider than the alert area; a phone that can (WEA 3.0, Android since 11) asks for its
position when it has the message, shows it inside the area and keeps silent outside. Without a
position it shows the message: it fails open [1]_. Phones that cannot show all they receive.

Assumptions: the position is asked for once, at the first complete reception, and is at hand at
once where there is one; its error is a Gaussian east and north (a Rayleigh distance); whoever walks
into the area later is not asked again.

References
----------
.. [1] Android Open Source Project, CellBroadcastService, `CellBroadcastHandler`. FCC 47 CFR 10.450:
   no more than 0.1 mile of overshoot, for phones that can.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray, contains
from ewsim.scenario.spec import GeofenceSpec
from ewsim.streams import Streams
from ewsim.units import to_us


@dataclass(frozen=True, slots=True)
class Geofence:
    """The fence that comes with a message.

    Parameters
    ----------
    area
        The alert area [m]; a position counts as inside up to `spec.tolerance_m` beyond it.
    """

    spec: GeofenceSpec
    area: BaseGeometry

    def judge(
        self,
        streams: Streams,
        handset: NDArray[np.int64],
        x_m: FloatArray,
        y_m: FloatArray,
        indoors: NDArray[np.bool_],
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Who keeps silent, and how long the others wait for a position [us].

        Parameters
        ----------
        streams
            The draws of this replication.
        handset
            Numbers of the handsets, which their draws belong to, shape (handsets,).
        x_m, y_m, indoors
            Where each truly is when it has the message [m], and whether it is indoors, shape (handsets,).

        Notes
        -----
        At a distance from the fence a phone shows the message with probability (1 - d) + d (n +
        (1 - n) q): d can, n have no position, q the chance that the error puts it inside.
        """
        spec = self.spec
        # What a phone can do belongs to the country; luck with a position to the replication.
        can = streams.country().uniform("geofence.capable", handset) < spec.capable_share
        none_share = np.where(indoors, spec.no_fix_indoors_share, spec.no_fix_outdoors_share)
        without = streams.uniform("geofence.no_fix", handset) < none_share
        sigma_m = np.where(indoors, spec.fix_error_indoors_m, spec.fix_error_outdoors_m)
        east = x_m + sigma_m * streams.normal("geofence.error", handset, 0)
        north = y_m + sigma_m * streams.normal("geofence.error", handset, 1)
        silent = can & ~without & ~within(self.area, east, north, spec.tolerance_m)
        return silent, np.where(can & without, to_us(spec.fix_wait_s), 0)


def within(area: BaseGeometry, x_m: FloatArray, y_m: FloatArray, distance_m: float) -> NDArray[np.bool_]:
    """Which points lie in an area or close to it.

    Parameters
    ----------
    area
        The area [m].
    x_m, y_m
        The points [m], shape (points,).
    distance_m
        The farthest that a point may be off the area [m].
    """
    near = contains(shapely.box(*_grown(area.bounds, distance_m)), x_m, y_m)
    inside = contains(area, x_m, y_m)
    edge = np.flatnonzero(near & ~inside)
    inside[edge] = shapely.dwithin(area, shapely.points(x_m[edge], y_m[edge]), distance_m)
    return inside


def _grown(bounds: tuple[float, ...], distance_m: float) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    margin = distance_m + 1.0  # a box has no closed border
    return west - margin, south - margin, east + margin, north + margin
