"""The order of repairs: the exact answer against every order, and where greedy is led astray."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from ewsim.experiments.optimise.repairs import Repairs


def random_problem(seed: int, crews: int = 1) -> Repairs:
    """Five elements and four sites; work takes whole steps, so that every order ends on an edge of time."""
    luck = np.random.default_rng(seed)
    return Repairs(
        luck.integers(1, 4, 5).astype(float),
        [luck.choice(5, luck.integers(1, 4), replace=False).tolist() for _ in range(4)],
        [luck.choice(4, luck.integers(1, 3), replace=False).tolist() for _ in range(6)],
        luck.integers(0, 20, (6, 8)).astype(float),
        np.arange(1.0, 9.0),
        crews,
    )


def every_order(problem: Repairs, count: int) -> float:
    return max(problem.value(order) for order in permutations(range(problem.work_s.size), count))


@pytest.mark.parametrize("seed", range(6))
def test_the_exact_order_of_one_crew_is_the_best_of_every_order(seed: int) -> None:
    problem = random_problem(seed)
    for count in (2, 4):
        order, worth, solved = problem.exact(count)
        assert solved
        assert len(order) <= count
        assert worth == pytest.approx(every_order(problem, count))
        assert problem.value(order) == pytest.approx(worth)


def test_for_several_crews_it_is_a_bound() -> None:
    for seed in range(3):
        problem = random_problem(seed, crews=2)
        _, worth, _ = problem.exact(3)
        assert worth >= every_order(problem, 3) - 1e-6


def test_power_and_a_link_win_only_together() -> None:
    """One site needs two elements and has most people; greedy by single elements would never begin."""
    problem = Repairs(
        np.ones(3), [[0, 1], [2]], [[0], [1]], np.array([[9.0] * 4, [1.0] * 4]), np.arange(1.0, 5.0)
    )
    order, worth, _ = problem.exact(3)
    assert set(order[:2]) == {0, 1}
    assert worth == 9 * 3 + 2
    assert problem.exact(1)[1] == 4  # one repair: the small site


def test_nothing_to_repair_wins_nothing() -> None:
    none = Repairs(np.ones(0), [], [], np.zeros((0, 4)), np.arange(1.0, 5.0))
    assert none.exact(3) == ([], 0.0, True)
    late = Repairs(np.array([9.0]), [[0]], [[0]], np.ones((1, 4)), np.arange(1.0, 5.0))
    assert late.exact(1)[1] == 0
