"""Closed forms of diffusion and action against values worked out independently (RK4, Monte Carlo)."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from tree import ROOT, blocks

from ewsim.response import curves
from ewsim.response.telling import _poisson
from ewsim.streams import Streams
from ewsim.validation import diffusion

ANCHORS = Path(__file__).parents[3] / "shared/reference/anchors.csv"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (curves.diffusion(30, 0.02, 0.05), 0.671860),
        (curves.diffusion_time(0.9, 0.02, 0.05), 49.732001),
        (curves.diffusion(30, 0.03, 0.02, 0.9), 0.601288),
        (curves.diffusion_time(0.5 * 0.9, 0.03, 0.02, 0.9), 19.906488),
        (curves.diffusion_time(0.5, 0.03, 0.02, 0.9), 22.887756),
        (curves.informal_share(0.02, 0.05), 0.498895),
        (curves.informal_share(0.03, 0.02, 0.9), 0.216661),
        (curves.final_share(0.6, 0.5), 0.721080),
        (curves.final_share(0.05, 2), 0.813193),
        (curves.household(0.34, 0.8, 3), 0.638003),
        (curves.talk_only(60, 0.1, 0.05), 0.690568),
        (curves.together(20, (0.8, 0.5), (0.1, 0.03)), 0.761275),
        (curves.weibull_fit(40, 180)[0], 0.0364814),
        (curves.weibull_fit(40, 180)[1], 0.798194),
        (curves.weibull(60, *curves.weibull_fit(40, 180)), 0.616353),
        (curves.rayleigh_scale(1.17741), 1.0),
    ],
)
def test_golden_values(found, expected):
    assert found == pytest.approx(expected, abs=2e-6)


def test_people_who_are_alerted_and_then_act_follow_the_sum_of_both_times():
    """Golden value G8: the alert exponential with 0.05, then acting with 0.1, at time 30."""
    step = 0.01
    middle = np.arange(step / 2, 30, step)
    alerted = np.diff([curves.diffusion(t, 0.05, 0.0) for t in np.arange(0, 30 + step / 2, step)])
    acted = sum(n * curves.weibull(30 - t, 0.1, 1) for n, t in zip(alerted, middle, strict=True))
    assert acted == pytest.approx(0.603527, abs=2e-6)


def test_the_density_of_rayleigh_taken_as_a_rate_leaves_more_than_a_third_without_the_alert():
    """Golden value G10: a trap of published code, which is why the Rayleigh curve here is a share."""
    scale = 30.0

    def rayleigh(time):
        return curves.weibull(time, 1 / (2 * scale**2), 2)

    assert curves.rayleigh_scale(1.17741 * scale) == pytest.approx(scale, rel=1e-5)
    assert 1 - math.exp(-rayleigh(60)) == pytest.approx(0.578807, abs=1e-6)
    assert 1 - math.exp(-rayleigh(math.inf)) == pytest.approx(0.632121, abs=1e-6)
    assert rayleigh(math.inf) == 1.0


def test_a_share_above_the_ceiling_is_not_attained():
    assert curves.diffusion_time(0.9, 0.03, 0.02, 0.9) is None
    assert curves.informal_share(0.02, 0.0) == 0
    assert curves.final_share(1.0, 2.0) == 1.0
    assert curves.final_share(0.4, 0.0) == 0.4


def test_diffusion_solves_its_equation():
    p, q, m, n, dt = 0.03, 0.04, 0.85, 0.0, 0.01
    for _ in range(4000):
        k1 = (p + q * n) * (m - n)
        k2 = (p + q * (n + dt / 2 * k1)) * (m - n - dt / 2 * k1)
        n += dt * k2
    assert n == pytest.approx(curves.diffusion(40, p, q, m), abs=1e-6)


@pytest.mark.parametrize("mean", [0.5, 4.0, 100.0])
def test_poisson_numbers(mean):
    found = _poisson(mean, Streams(2).uniform("x", np.arange(20_000)))
    assert found.mean() == pytest.approx(mean, rel=0.02)
    assert found.var() == pytest.approx(mean, rel=0.04)
    assert (found == 0).mean() == pytest.approx(math.exp(-mean), abs=0.01)


@pytest.mark.skipif(not ANCHORS.exists(), reason="the folder of field data is absent")
def test_the_quartiles_of_informal_first_alerts_are_those_of_the_field_data():
    rows = csv.DictReader(ANCHORS.read_text(encoding="utf-8").splitlines())
    shares = [
        float(row["value"])
        for row in rows
        if row["metric"] == "first_source_informal" and row["id"].startswith("first_")
    ]
    assert len(shares) == 21
    for share, (ratio, published, _) in zip(
        np.quantile(shares, [0.25, 0.5, 0.75], method="weibull"), diffusion._QUARTILES, strict=True
    ):
        assert share == pytest.approx(published, abs=0.01)
        assert curves.informal_share(1, ratio) == pytest.approx(published, abs=0.005)


def test_the_block_of_the_guide_runs(capsys):
    for _, body in blocks(ROOT / "docs/guides/response.md", "python"):
        exec(compile(body, "response.md", "exec"), {})
    assert capsys.readouterr().out.split() == ["49.7", "0.937"]
