"""Greedy against exact: the ratio, the guarantee, and small cases by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.experiments.optimise.cover import GUARANTEE, Cover


def cover(places, weight=None, steps=1):
    """Places by the points that they cover, all the time."""
    points = [np.array(sorted(own), dtype=np.int64) for own in places]
    count = 1 + max((int(own.max()) for own in points if own.size), default=0)
    worth = np.ones((count, steps)) if weight is None else np.asarray(weight, dtype=float).reshape(count, -1)
    first = np.zeros(len(points), dtype=np.int64)
    return Cover(worth, points, first, np.full(len(points), worth.shape[1]))


def random_cover(seed, places=12, points=30, steps=4):
    luck = np.random.default_rng(seed)
    own = [np.flatnonzero(luck.random(points) < luck.uniform(0.05, 0.4)) for _ in range(places)]
    first = luck.integers(0, steps, places)
    return Cover(luck.random((points, steps)), own, first, luck.integers(first, steps + 1))


def hard_cover(seed):
    """Places of one size over points of one weight, where a first choice in the middle costs most."""
    luck = np.random.default_rng(seed)
    return cover([set(luck.choice(24, 8, replace=False).tolist()) for _ in range(14)])


def best_of_all(problem, count):
    return max(problem.value(some) for some in combinations(range(len(problem.points)), count))


def test_the_classic_trap_and_the_exact_answer():
    # The middle place looks best, and the two halves together are.
    problem = cover([{1, 2, 3, 4}, {0, 1, 2}, {3, 4, 5}])
    assert problem.greedy(2) == [(0, 4.0), (1, 1.0)]
    assert problem.exact(2) == ([1, 2], True)
    assert 5 / problem.value([1, 2]) >= GUARANTEE


def test_a_place_that_comes_later_covers_less():
    problem = Cover(np.ones((1, 4)), [np.array([0]), np.array([0])], np.array([2, 1]), np.array([4, 3]))
    assert problem.greedy(2) == [(0, 2.0), (1, 1.0)]
    assert problem.value([0, 1]) == 3


def test_nothing_to_win_is_chosen_by_nobody():
    problem = cover([{0}, {0}, set()])
    assert problem.greedy(3) == [(0, 1.0)]
    assert cover([set()]).exact(1) == ([], True)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_lazy_greedy_chooses_as_the_plain_one_does(seed, count):
    problem, chosen = random_cover(seed), []
    for place, gain in problem.greedy(count):
        now = problem.value(chosen)
        gains = [problem.value([*chosen, other]) - now for other in range(len(problem.points))]
        assert gain == pytest.approx(max(gains))
        assert gains[place] == pytest.approx(gain)
        chosen.append(place)


def test_greedy_is_never_below_its_guarantee_and_exact_is_the_best(capsys):
    ratios = []
    for seed in range(25):
        problem, count = (hard_cover if seed % 2 else random_cover)(seed), 2 + seed % 3
        places, proved = problem.exact(count)
        assert proved
        best = problem.value(places)
        assert best == pytest.approx(best_of_all(problem, count))
        ratios.append(sum(gain for _, gain in problem.greedy(count)) / best)
    with capsys.disabled():
        least, mean = min(ratios), np.mean(ratios)
        print(f"\ngreedy over exact: least {least:.4f}, mean {mean:.4f}; 1 - 1/e {GUARANTEE:.4f}")
    assert GUARANTEE <= min(ratios) <= max(ratios) <= 1 + 1e-9
