"""People far off the land: a mistake in their coordinates, or in those of the land."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, count_of
from ewsim.geography.faults import Faults
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.settlement.places import Places

#: Assumption: a place further off the land than this is a mistake, not a coarse coastline [m].
OFFSHORE_M = 30_000.0
_KM = f"{OFFSHORE_M / 1000:.0f} km"


def must_meet(land: BaseGeometry, x_m: FloatArray, y_m: FloatArray, file: str) -> None:
    """Raise DataError where the box around everybody is far off that around the land.

    Parameters
    ----------
    land
        The land [m].
    x_m, y_m
        Where people live [m], shape (places,).
    file
        The file that says so.
    """
    everybody = shapely.box(x_m.min(), y_m.min(), x_m.max(), y_m.max())
    if shapely.distance(shapely.box(*land.bounds), everybody) > OFFSHORE_M:
        fix = "Check its coordinates, latitude and longitude, and its reference system; or the land."
        raise DataError.at(file, f"nobody in it lives within {_KM} of the land.", fix)


def must_be_near(land: BaseGeometry, places: Places, frame: LocalFrame) -> None:
    """Raise DataError where places are far off the land: one fault where they are swapped, else one each.

    Parameters
    ----------
    land
        The land [m].
    places
        The places.
    frame
        The plane of the land.
    """
    shapely.prepare(land)
    away_m = np.asarray(shapely.distance(land, shapely.points(*frame.to_xy(*places.lat_lon()))))
    far, could = away_m > OFFSHORE_M, np.abs(places.lon_deg) <= 90
    turned = frame.to_xy(np.where(could, places.lon_deg, 0.0), places.lat_deg)
    swapped = np.flatnonzero(far & could & shapely.dwithin(land, shapely.points(*turned), OFFSHORE_M))
    if 2 * swapped.size > away_m.size:
        what = f"{swapped.size:,} of {count_of(away_m.size, 'places')} lie more than {_KM} off the land, and "
        what += "would not with latitude and longitude swapped."
        fix = "Swap them where latitude is not what it should be."
        raise DataError.at(places.file, what, fix, int(places.line[swapped[0]]), 1)
    faults = Faults(places.file)
    for i in np.flatnonzero(far):
        what = f"{places.name[i]} lies {away_m[i] / 1000:.0f} km off the land."
        fix = "Check its latitude and longitude, or remove the row, or widen the land."
        faults.add(int(places.line[i]), 1, what, fix)
    if faults:
        raise faults.error()
