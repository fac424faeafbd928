"""The tree of sites against scipy's, ties and all."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from ewsim.network.signal import nearest


def query(tree, x, y, k):
    near = nearest.room_for(k)
    found = nearest.query(tree, x, y, near)
    return near.number[:found], near.away2[:found]


@given(st.integers(0, 10_000), st.integers(1, 300), st.integers(1, 12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_nearest_are_those_of_brute_force_in_order(seed, count, k, whole):
    rng = np.random.default_rng(seed)
    # Whole numbers make many equal distances, and sites on one place.
    xy = rng.integers(0, 12, (count, 2)) * 100.0 if whole else rng.normal(0, 1e4, (count, 2))
    tree = nearest.build(xy[:, 0], xy[:, 1])
    for x, y in rng.normal(600, 900, (8, 2)).round(-2 if whole else 9):
        number, away2 = query(tree, x, y, k)
        d2 = (xy[:, 0] - x) ** 2 + (xy[:, 1] - y) ** 2
        expected = np.lexsort((np.arange(count), d2))[: min(k, count)]
        assert number.tolist() == expected.tolist()
        assert away2.tolist() == d2[expected].tolist()


def test_a_large_tree_agrees_with_scipy():
    rng = np.random.default_rng(3)
    xy = rng.uniform(0, 1e6, (20_000, 2))
    tree = nearest.build(xy[:, 0], xy[:, 1])
    at = rng.uniform(-1e5, 1.1e6, (300, 2))
    _, expected = cKDTree(xy).query(at, k=8)
    for place, row in zip(at, expected, strict=True):
        assert query(tree, *place, 8)[0].tolist() == row.tolist()


def test_no_sites_no_neighbours():
    assert query(nearest.build(np.empty(0), np.empty(0)), 0.0, 0.0, 3)[0].size == 0
