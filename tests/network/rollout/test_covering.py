"""Loops over near points only find what looking at every point in turn finds, sums and all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.network.rollout.covering import Mast, Reach, Spacing, ToCover, block, cover, fill, point_grid

#: Two classes of masts: three sectors, whose reach falls to a half between them, and all around.
SECTOR_DEG = np.array([120.0, 0.0])
DEGREES = np.arange(62.0)
REACH = Reach(np.array([2_000.0 - 1_000.0 * DEGREES / 61, np.full(62, 5_000.0)]), SECTOR_DEG)


def places(count, seed, wide=30_000.0, high=9_000.0):
    x, y = np.random.default_rng(seed).uniform(0, 1, (2, count))
    return (x - 0.3) * wide, (y - 0.7) * high


def looked_at_one_by_one(x, y, kind, points, covered):
    hit = []
    for i in range(points.x_m.size):
        dx, dy = points.x_m[i] - x, points.y_m[i] - y
        bearing = np.degrees(np.arctan2(dx, dy))
        step = SECTOR_DEG[kind]
        off = abs((bearing + 360 + step / 2) % step - step / 2) if step else 0.0
        reach = np.interp(off, DEGREES, REACH.reach_m[kind])
        if not covered[i] and np.hypot(dx, dy) <= reach:
            hit.append(i)
    return hit


@given(
    st.integers(0, 400),
    st.integers(0, 99),
    st.sampled_from([0, 1]),
    st.floats(-40_000, 40_000),
    st.floats(-20_000, 20_000),
)
@settings(deadline=None, max_examples=60)
def test_a_mast_covers_the_points_that_each_looked_at_alone_lies_within_reach(count, seed, kind, x, y):
    points = point_grid(*places(count, seed))
    weight = np.random.default_rng(seed).uniform(0, 9, count)
    covered = np.arange(count) % 3 == 0
    was = covered.copy()
    gain, new = cover(Mast(x, y, kind), ToCover(points, weight), REACH, covered)
    assert new.tolist() == looked_at_one_by_one(x, y, kind, points, was)
    assert (covered == was | np.isin(np.arange(count), new)).all()
    in_order = 0.0
    for i in new:
        in_order += weight[i]
    assert gain == in_order  # to the last bit: a roll-out ends where its sum says


@pytest.mark.parametrize("goal", [0.0, 300.0, 1e9])
def test_masts_are_used_in_turn_until_the_goal_is_met(goal):
    points = point_grid(*places(500, 3))
    weight = np.ones(500)
    xs, ys = places(40, 4)
    kinds = np.arange(40) % 2
    covered = np.zeros(500, dtype=bool)
    masts = map(Mast._make, zip(xs.tolist(), ys.tolist(), kinds.tolist(), strict=True))
    have, before = fill(masts, ToCover(points, weight), REACH, covered, 0.0, goal)
    count = 40 - len(list(masts))
    again = np.zeros(500, dtype=bool)
    sums = [0.0]
    for k in range(count):
        last = again.copy()
        again[looked_at_one_by_one(xs[k], ys[k], kinds[k], points, again)] = True
        sums.append(float(again.sum()))
    assert (covered == again).all()
    assert have == covered.sum()
    assert count == 40 or (sums[-1] >= goal and (count == 0 or sums[-2] < goal))
    if count:
        assert (before == last).all()


@given(st.integers(0, 300), st.integers(0, 99), st.floats(-30_000, 30_000))
@settings(deadline=None, max_examples=40)
def test_a_mast_keeps_others_as_far_as_the_denser_place_asks_for(count, seed, x):
    points = point_grid(*places(count, seed))
    kind = np.random.default_rng(seed).integers(0, 2, count)
    spacing = np.array([600.0, 4_000.0, 2_500.0])
    blocked = np.zeros(count, dtype=bool)
    block(Mast(x, 0.0, 2), points, Spacing(spacing, kind), blocked)
    away = np.hypot(points.x_m - x, points.y_m)
    assert (blocked == (away < np.minimum(2_500.0, spacing[kind]))).all()


def test_points_of_one_place_and_no_points_are_squares_too():
    assert point_grid(np.empty(0), np.empty(0)).number.size == 0
    same = point_grid(np.full(9, 5.0), np.full(9, -3.0))
    assert (same.columns, same.rows, same.number.tolist()) == (1, 1, list(range(9)))
