"""Phones that compare their own position with the alert area."""

import numpy as np
import pytest
import shapely
from scipy.stats import norm

from ewsim.scenario.spec import GeofenceSpec
from ewsim.streams import Streams
from ewsim.targeting import Geofence
from ewsim.targeting.geofence import within

COUNT = 40_000
HALF_PLANE = shapely.box(-1e6, -1e6, 0, 1e6)  # its edge is x = 0


def shown(spec, x_m, *, indoors=False, seed=1, replication=0):
    """Who shows the message, and the waits, of so many phones at one distance from the edge."""
    fence = Geofence(GeofenceSpec.model_validate(spec), HALF_PLANE)
    ids = np.arange(COUNT)
    place = np.full(COUNT, float(x_m)), np.zeros(COUNT), np.full(COUNT, indoors)
    silent, wait_us = fence.judge(Streams(seed, replication), ids, *place)
    return ~silent, wait_us


@pytest.mark.parametrize("x_m", [-200, 0, 100, 161, 180, 250, 5_000])
@pytest.mark.parametrize("indoors", [False, True])
def test_the_share_that_shows_it_is_the_closed_form(x_m, indoors):
    """(1 - d) + d (n + (1 - n) P(error takes it inside)), the error normal across an edge."""
    spec = GeofenceSpec()
    none = spec.no_fix_indoors_share if indoors else spec.no_fix_outdoors_share
    sigma = spec.fix_error_indoors_m if indoors else spec.fix_error_outdoors_m
    inside = norm.cdf((spec.tolerance_m - x_m) / sigma)
    d = spec.capable_share
    expected = (1 - d) + d * (none + (1 - none) * inside)
    got, _ = shown({}, x_m, indoors=indoors)
    assert got.mean() == pytest.approx(expected, abs=4 * np.sqrt(0.25 / COUNT))


def test_without_a_position_it_is_shown_after_the_wait():
    got, wait_us = shown({"capable_share": 1, "no_fix_outdoors_share": 1, "fix_wait_s": 7}, 9_000)
    assert got.all()
    assert (wait_us == 7_000_000).all()
    got, wait_us = shown({"capable_share": 0}, 9_000)
    assert got.all()
    assert not wait_us.any()


def test_what_a_phone_can_do_is_the_same_in_every_replication_and_its_luck_is_not():
    exact = {"fix_error_outdoors_m": 0, "no_fix_outdoors_share": 0}
    first, again = (shown(exact, 9_000, replication=r)[0] for r in (0, 1))
    assert (first == again).all()
    luck = {"capable_share": 1, "no_fix_outdoors_share": 0.5}
    first, again = (shown(luck, 9_000, replication=r)[0] for r in (0, 1))
    assert (first != again).mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("distance_m", [0, 10, 1_000])
def test_within_agrees_with_the_distance_of_every_point(distance_m):
    ring = shapely.Point(0, 0).buffer(3_000).difference(shapely.Point(500, 0).buffer(1_500))
    ids = np.arange(4_000)
    x, y = (9_000 * (Streams(3).uniform("t.xy", ids, k) - 0.5) for k in (0, 1))
    brute = np.array([ring.distance(shapely.Point(a, b)) <= distance_m for a, b in zip(x, y, strict=True)])
    assert 0 < brute.sum() < ids.size
    assert (within(ring, x, y, distance_m) == brute).all()
