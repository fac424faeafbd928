"""Schools and hospitals of an invented country, as points.

Assumptions: a school for every 1,500 people (some 400 pupils), in settlements of at least 300, with
the children of smaller ones going to the next; a hospital for every 100,000 people, and one in
every settlement of at least 20,000.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import FloatArray
from ewsim.settlement.pattern import Settlements
from ewsim.settlement.placing import apportion, scatter
from ewsim.streams import Streams

KINDS = ("school", "hospital")

_PEOPLE_PER_SCHOOL, _SCHOOL_FROM = 1_500, 300
_PEOPLE_PER_HOSPITAL, _HOSPITAL_FROM = 100_000, 20_000


@dataclass(frozen=True, slots=True)
class PointsOfInterest:
    """Points; arrays of one length. `kind` indexes KINDS, `settlement` is the number of its own."""

    x_m: FloatArray
    y_m: FloatArray
    kind: NDArray[np.int8]
    settlement: NDArray[np.int64]


def points_of_interest(settlements: Settlements, land: BaseGeometry, streams: Streams) -> PointsOfInterest:
    """Schools first, then hospitals, in the order of the settlements.

    Parameters
    ----------
    settlements
        Where people live.
    land
        The land [m].
    streams
        Random numbers.
    """
    places = len(settlements.name)
    served = np.bincount(settlements.zone, settlements.people, places)
    schools = np.where(
        settlements.people >= _SCHOOL_FROM, np.maximum(1, settlements.people // _PEOPLE_PER_SCHOOL), 0
    ).astype(np.int64)
    # Hamlets have none: their children go to school in the place they are counted under.
    schools[:places] = np.maximum(schools[:places], np.rint(served / _PEOPLE_PER_SCHOOL))
    hospitals = np.where(settlements.people[:places] >= _HOSPITAL_FROM, 1, 0)
    wanted = max(1, round(int(settlements.people.sum()) / _PEOPLE_PER_HOSPITAL))
    spare = max(0, wanted - int(hospitals.sum()))
    hospitals = hospitals + apportion(np.maximum(settlements.people[:places], 1), spare)
    at = np.concatenate(
        [np.repeat(np.arange(len(settlements)), schools), np.repeat(np.arange(places), hospitals)]
    )
    kind = np.repeat(np.arange(2, dtype=np.int8), [schools.sum(), hospitals.sum()])
    x, y = scatter(
        settlements.x_m[at],
        settlements.y_m[at],
        0.6 * settlements.radius_m[at],
        land,
        streams.country(),
        "population.amenities",
        np.arange(at.size),
    )
    return PointsOfInterest(x, y, kind, at)
