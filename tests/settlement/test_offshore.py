"""People far off the land: swapped, of another country, or on land that is elsewhere."""

import numpy as np
import pytest
import shapely

from ewsim.errors import DataError
from ewsim.geography.plane import LocalFrame
from ewsim.settlement.offshore import must_be_near, must_meet
from ewsim.settlement.places import Places

FRAME = LocalFrame(4.0, -56.0)
LAND = shapely.box(-200_000, -200_000, 200_000, 200_000)
TOWNS = ((5.0, -55.0), (4.5, -56.5), (3.5, -57.0))


def places(*at):
    lat, lon = np.array(at, dtype=float).T
    people = np.full(len(at), 10)
    return Places("p.csv", np.arange(2, len(at) + 2), tuple("abcdef"[: len(at)]), lat, lon, people)


def faults(found):
    with pytest.raises(DataError) as caught:
        must_be_near(LAND, found, FRAME)
    return [str(fault) for fault in caught.value.diagnostics]


def test_places_on_the_land_are_fine():
    must_be_near(LAND, places(*TOWNS), FRAME)


def test_swapped_places_are_one_fault():
    (said,) = faults(places(*(town[::-1] for town in TOWNS)))
    assert said.startswith("p.csv:2:1: 3 of 3 places lie more than 30 km off the land, and would not with")


def test_one_swapped_place_among_others_is_a_fault_of_its_own():
    (said,) = faults(places(*TOWNS, TOWNS[0][::-1]))
    assert said.startswith("p.csv:5:1: d lies")


def test_places_that_are_nowhere_near_either_way_are_named_one_by_one():
    assert len(faults(places((50, 10), (51, 170), (52, 12)))) == 3


@pytest.mark.parametrize("shift_m", [0, 20_000, 40_000])
def test_a_file_whose_people_are_all_elsewhere_is_refused(shift_m):
    x_m = np.array([200_000.0, 300_000.0]) + shift_m
    if shift_m < 30_000:
        must_meet(LAND, x_m, np.zeros(2), "people.tif")
        return
    with pytest.raises(DataError, match=r"people\.tif: nobody in it lives within 30 km of the land"):
        must_meet(LAND, x_m, np.zeros(2), "people.tif")
