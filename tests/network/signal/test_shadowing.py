"""Shadowing: its quantiles, its correlation over places and masts, and that places decide it."""

import numpy as np
import pytest
from path_loss import shadows
from scipy.special import ndtri

from ewsim.network.signal import shadowing
from ewsim.network.signal.shadowing import DECORRELATION_M, normal_of
from ewsim.streams import Streams

N = 40_000
ENVIRONMENTS = ("UMi", "UMa", "RMa")


def places(k=0):
    u = Streams(9).uniform("t.place", np.arange(2 * N), k).reshape(2, -1)
    return u * 2e6 - 1e6


def shadow(x, y, mast=0, environment="UMa", seed=1):
    return shadows(Streams(seed), 5, np.full(x.size, mast), x, y, environment)[0]


def test_quantiles_are_those_of_scipy():
    p = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 5_001), [2**-33, 1 - 2**-33]])
    assert [normal_of(v) for v in p] == pytest.approx(ndtri(p), abs=2e-6)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_over_the_country_a_mast_s_shadow_is_standard_normal(environment):
    value = shadow(*places(), environment=environment)
    assert abs(value.mean()) < 4 / np.sqrt(N)
    assert value.std() == pytest.approx(1, abs=0.02)
    assert np.quantile(value, [0.05, 0.95]) == pytest.approx([-1.645, 1.645], abs=0.05)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_correlation_falls_with_distance_about_as_the_standard_says(environment):
    decorrelation = DECORRELATION_M[ENVIRONMENTS.index(environment)]
    x, y = places()
    turn = 2 * np.pi * Streams(9).uniform("t.turn", np.arange(N))
    here = shadow(x, y, environment=environment)
    last = 1.0
    for part in (0.05, 0.25, 0.5, 1.0, 1.5, 2.5):
        d = part * decorrelation
        there = shadow(x + d * np.cos(turn), y + d * np.sin(turn), environment=environment)
        found = float(np.mean(here * there))
        assert found == pytest.approx(np.exp(-part), abs=0.2)
        assert found < last
        last = found
    assert last < 0.05


def test_two_masts_share_half_of_the_variance():
    x, y = places()
    found = np.corrcoef(shadow(x, y, 0), shadow(x, y, 3))[0, 1]
    assert found == pytest.approx(0.5, abs=0.02)


def test_the_place_decides_and_neither_order_nor_company():
    x, y = places()
    mast = np.arange(N) % 5
    whole, luck = shadows(Streams(1), 5, mast, x, y, "RMa")
    some = np.flatnonzero(np.arange(N) % 7 == 3)[::-1]
    part, part_luck = shadows(Streams(1, 4), 5, mast[some], x[some], y[some], "RMa")
    assert (part == whole[some]).all()
    assert (part_luck == luck[some]).all()
    assert luck.mean() == pytest.approx(0.5, abs=0.01)
    assert (shadow(x, y, seed=2) != shadow(x, y)).mean() > 0.99


def test_the_luck_of_line_of_sight_does_not_tell_the_shadow():
    x, y = places()
    value, luck = shadows(Streams(1), 5, np.zeros(N, dtype=np.int64), x, y, "UMa")
    assert abs(np.corrcoef(value, luck)[0, 1]) < 0.02
    assert shadowing.SIDES_M[1] == pytest.approx(85)
