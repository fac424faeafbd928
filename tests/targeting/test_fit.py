"""How well a choice of cells fits an area, and in which order the policies do."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from masts import chosen, masts, random_masts

from ewsim import targeting
from ewsim.network.signal import radio
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams
from ewsim.targeting.fit import NEAR_M, Camped, Outside, measure_fit
from ewsim.targeting.footprints import cell_footprints, outermost


def camped(network, count=4_000, half=30_000.0):
    """People anywhere, each on the strongest cell of their place."""
    ids = np.arange(count)
    x, y = (half * (2 * Streams(5).uniform("t.xy", ids, k) - 1) for k in (0, 1))
    cells = np.arange(len(network.cells))
    level = np.stack([radio.level_db(network, np.full(count, c), x, y) for c in cells])
    best = np.argmax(level, axis=0)
    best[level.max(axis=0) < 0] = -1
    return Camped(x, y, 1 + 9 * Streams(5).uniform("t.weight", ids), best)


def test_the_fit_is_what_counting_person_by_person_gives():
    network = random_masts(4, 120)
    people, area = camped(network, 2_000), shapely.Point(3_000, 0).buffer(9_000)
    targeted, where = chosen(network, area, "intersect"), cell_footprints(network)
    got = measure_fit(area, targeted, where, people)
    inside = alerted_in = alerted_out = near = alerted_near = 0.0
    away = []
    for x, y, w, c in zip(people.x_m, people.y_m, people.weight, people.cell, strict=True):
        if c < 0:
            continue
        distance = area.distance(shapely.Point(x, y))
        if distance == 0:
            inside += w
            alerted_in += w * targeted[c]
        else:
            near += w * (distance <= NEAR_M)
            alerted_near += w * (distance <= NEAR_M) * targeted[c]
            alerted_out += w * targeted[c]
            if targeted[c]:
                away.append((distance, w))
    assert got.recall == pytest.approx(alerted_in / inside)
    assert got.overshoot_share == pytest.approx(alerted_out / (alerted_in + alerted_out))
    assert got.false_alert_share == pytest.approx(alerted_near / near)
    away.sort()
    half = sum(w for _, w in away) / 2
    below = sum(w for d, w in away if d < got.overshoot_p50_m)
    assert below <= half <= below + sum(w for d, w in away if d == got.overshoot_p50_m)
    assert got.overshoot_p95_m > got.overshoot_p50_m
    assert got.area_ratio == pytest.approx(shapely.union_all(where[targeted]).area / area.area)


@pytest.mark.parametrize("seed", [4, 5])
def test_the_outermost_footprints_have_the_ground_of_all(seed):
    network = random_masts(seed, 60)
    rng = np.random.default_rng(seed)
    eirp = network.cells.eirp_dbm + rng.choice([0.0, 6.0], len(network.cells))
    twice = np.repeat(np.arange(len(network.cells)), 2)  # two layers a sector, of other reach
    cells = replace(
        network.cells,
        **{
            name: getattr(network.cells, name)[twice]
            for name in ("site", "operator", "rat", "azimuth_deg", "frequency_mhz", "tracking_area")
        },
        name=tuple(map(str, twice.tolist())),
        eirp_dbm=eirp[twice] - rng.choice([0.0, 3.0], twice.size),
    )
    network = replace(network, cells=cells)
    targeted = rng.random(twice.size) < 0.6
    some, where = outermost(network, targeted), cell_footprints(network)
    assert some.sum() < 0.8 * targeted.sum()
    assert not (some & ~targeted).any()
    every = shapely.union_all(where[targeted])
    assert shapely.union_all(where[some]).area == pytest.approx(every.area, rel=1e-9)


def test_nobody_alerted_is_no_overshoot_and_no_division_by_zero():
    network = masts([0], [0])
    area = shapely.Point(60_000, 0).buffer(100)
    got = measure_fit(area, np.zeros(3, dtype=bool), cell_footprints(network), camped(network, 50))
    assert (got.cell_count, got.alerted_outside, got.area_ratio) == (0, 0, 0)
    assert np.isnan([got.recall, got.overshoot_share, got.overshoot_p50_m]).all()


def hexagons_with_people(rho):
    """Omnidirectional masts on a hexagonal grid, and people who camp on the nearest."""
    line = np.arange(-12, 13)
    i, j = (v.ravel() for v in np.meshgrid(line, line))
    x, y = np.sqrt(3) * rho * (i + j / 2), 1.5 * rho * j
    network = masts(x, y, (float("nan"),), tracking_area=(i // 5) * 100 + j // 5 + 2_000)
    ids = np.arange(60_000)
    px, py = (9 * rho * (2 * Streams(6).uniform("t.xy", ids, k) - 1) for k in (0, 1))
    nearest = shapely.STRtree(shapely.points(x, y)).nearest(shapely.points(px, py))
    weight = np.ones(ids.size)
    return network, Camped(px, py, weight, nearest), Demand(px, py, weight, weight)


def test_policies_order_as_the_literature_says():
    """One alert, a disc twice as wide as a cell, over hexagonal cells.

    Touching misses nobody (no undershoot from the selection); a threshold on the overlap trades one
    for the other; the mast inside misses people at the edge; whole tracking areas and whole
    counties overshoot most; greedy is the best trade.
    """
    reach = float(radio.footprint_radius_m(masts([0], [0], (float("nan"),)))[0])
    rho = 0.4 * reach
    network, people, demand = hexagons_with_people(rho)
    counties = [
        shapely.box(k * 8 * rho, m * 8 * rho, (k + 1) * 8 * rho, (m + 1) * 8 * rho)
        for k in (-1, 0)
        for m in (-1, 0)
    ]
    ground = targeting.PolicyInputs(demand, counties)
    area = shapely.Point(0.3 * rho, 0.5 * rho).buffer(2 * rho, quad_segs=32)
    where = cell_footprints(network, "best_server")

    def run(policy, **values):
        hit = chosen(network, area, policy, ground, footprint="best_server", **values)
        return measure_fit(area, hit, where, people)

    touch = run("intersect")
    assert touch.recall == 1.0
    for wider in (run("tracking_areas"), run("county"), run("intersect", buffer_m=rho)):
        assert wider.recall == 1.0
        assert wider.overshoot_share > touch.overshoot_share
        assert wider.overshoot_p95_m >= touch.overshoot_p95_m
    thresholds = [run("overlap", overlap_share=s) for s in (0.05, 0.2, 0.5, 0.8)]
    for loose, tight in zip([touch, *thresholds], [*thresholds, None], strict=True):
        if tight is not None:
            assert tight.recall <= loose.recall
            assert tight.overshoot_share <= loose.overshoot_share
            assert tight.area_ratio <= loose.area_ratio
    assert thresholds[-1].recall < thresholds[0].recall
    sites = run("site_in")
    assert sites.recall < 1.0
    assert sites.overshoot_share < touch.overshoot_share
    assert sites.area_ratio == pytest.approx(1, abs=0.35)
    value = lambda f: f.alerted_inside - f.alerted_outside  # noqa: E731
    best = value(run("greedy"))
    others = [touch, sites, run("centroid_in"), run("population", overlap_share=0.3), *thresholds]
    assert all(value(other) <= best for other in others)
    # What the ring leaves over, people spread evenly: overshoot / all = 1 - area / chosen ground.
    assert touch.overshoot_share == pytest.approx(1 - 1 / touch.area_ratio, abs=0.02)


def test_a_distance_is_worked_out_once_and_is_that_of_the_point():
    area = shapely.Point(0, 0).buffer(1_000)
    x, y = (20_000 * (2 * Streams(9).uniform("t.far", np.arange(300), k) - 1) for k in (0, 1))
    outside = Outside(area, x, y)
    first, second = np.arange(0, 200), np.arange(100, 300)
    for who in (first, second, first):
        assert (
            outside.distance_m(who).tolist()
            == shapely.distance(area, shapely.points(x[who], y[who])).tolist()
        )
    assert outside.distance_m(np.arange(0)).size == 0
