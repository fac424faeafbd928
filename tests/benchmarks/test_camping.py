"""What camping costs, beside the bare queries that it cannot do without.

Run with `pytest -m heavy tests/benchmarks/test_camping.py -s`; figures are printed.
"""

import time

import numba
import numpy as np
import pytest
from peak import forget_peak, peak_mb
from scipy.spatial import cKDTree

from ewsim.geography.plane import LocalFrame
from ewsim.network.signal import propagation
from ewsim.network.topology import CORE, Cells, Network, Sites
from ewsim.population.camping import choice
from ewsim.population.camping.choice import camp
from ewsim.population.journeys import Journeys
from ewsim.population.people import Handsets, People
from ewsim.streams import Streams
from ewsim.units import LTE, NEVER

pytestmark = pytest.mark.heavy
SPAN_M = 100_000.0


def network(site_count):
    x, y = np.random.default_rng(1).uniform(0, SPAN_M, (2, site_count))
    cells = 3 * site_count
    site = np.repeat(np.arange(site_count), 3).astype(np.int32)
    names = tuple(map(str, range(cells)))
    return Network(
        LocalFrame(0, 0),
        ("A",),
        Sites(
            names[:site_count],
            x,
            y,
            np.full(site_count, 30.0),
            np.full(site_count, CORE, np.int32),
            np.zeros(site_count, np.int32),
            np.ones(site_count),
            np.ones(site_count),
        ),
        Cells(
            names,
            site,
            np.zeros(cells, np.int16),
            np.full(cells, LTE, np.int8),
            np.tile([0.0, 120.0, 240.0], site_count),
            np.full(cells, 800.0),
            np.full(cells, 32.2),
            np.zeros(cells, np.int32),
        ),
        ("f",),
        1,
    )


def crowd(count):
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, SPAN_M, (2, count))
    zero = np.zeros(count, dtype=np.int8)
    every = np.arange(count, dtype=np.int32)
    people = People(
        weight=np.broadcast_to(np.int32(1), count),
        x_m=x,
        y_m=y,
        journeys=Journeys.of(count),
        indoors=rng.random(count) < 0.8,
        age_band=zero,
        sex=zero,
        disability=zero,
        settlement=zero,
        language=zero,
        zone=np.broadcast_to(np.int32(0), count),
        handset=every,
        languages=("en",),
        zone_names=("z",),
    )
    handsets = Handsets(
        owner=every,
        operator=np.zeros(count, np.int16),
        rats=np.full(count, 7, np.uint8),
        smartphone=zero == 0,
        cb_capable=zero == 0,
        channels=np.broadcast_to(np.uint16(255), count),
        on_from_us=np.broadcast_to(np.int64(-NEVER), count),
        on_to_us=np.broadcast_to(np.int64(NEVER), count),
    )
    return people, handsets


def best_of(times, work):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def least_seconds(rounds, *works):
    """The least processor time of each work [s]; in turns, so that all meet the same neighbours."""
    taken = [[] for _ in works]
    for _ in range(rounds):
        for times, work in zip(taken, works, strict=True):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
    return [min(times) for times in taken]


def test_serving_cells_cost_less_than_1_2_times_the_query_and_one_path_loss(capsys):
    """One thread for all; the same million places, 2,000 sites and 8 links a place."""
    net, (people, handsets) = network(2_000), crowd(1_000_000)
    sites = np.column_stack([net.sites.x_m, net.sites.y_m])
    places = np.column_stack([people.x_m, people.y_m])
    camp(net, *crowd(100), Streams(1), roaming=False)
    tree = cKDTree(sites)
    away = tree.query(places, k=choice.SITES)[0].ravel()
    numba.set_num_threads(1)
    try:
        ours, query, loss = least_seconds(
            6,
            lambda: camp(net, people, handsets, Streams(1), roaming=False),
            lambda: tree.query(places, k=choice.SITES),
            lambda: propagation.path_loss_db(800.0, away, 30.0),
        )
    finally:
        numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    with capsys.disabled():
        print(
            f"\ncamping {ours:.2f} s, query {query:.2f} s, path loss {loss:.2f} s: "
            f"ratio {ours / (query + loss):.2f}"
        )
    assert ours < 1.2 * (query + loss)


def test_ten_million_people_camp_in_less_than_four_gigabytes(capsys):
    forget_peak()
    net, (people, handsets) = network(2_000), crowd(10_000_000)
    start = time.perf_counter()
    found = camp(net, people, handsets, Streams(1), roaming=False)
    taken = time.perf_counter() - start
    peak_gb = peak_mb() / 1000
    with capsys.disabled():
        print(f"\n10,000,000 handsets camped in {taken:.1f} s, peak {peak_gb:.2f} GB")
    assert found.cell.shape == (10_000_000, choice.CANDIDATES)
    assert peak_gb < 4


def test_the_cost_is_linear_in_people(capsys):
    net = network(2_000)
    camp(net, *crowd(100), Streams(1), roaming=False)
    cost = {}
    for count in (100_000, 1_000_000):
        people, handsets = crowd(count)
        cost[count] = best_of(3, lambda p=people, h=handsets: camp(net, p, h, Streams(1), roaming=False))
    exponent = np.log10(cost[1_000_000] / cost[100_000])
    with capsys.disabled():
        print(f"\nexponent {exponent:.3f}")
    assert exponent < 1.05
