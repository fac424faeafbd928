"""Ten million people made, placed and camped: how long, and in how much memory.

Each size runs in a process of its own, since memory is measured by its peak. Warm: the same work
on 20,000 people first. Boundary: people, handsets and camping; ground, settlements and network
(some 1,600 sites of the preset `least_developed`) are there before.
"""

import multiprocessing
import time
from pathlib import Path

import numpy as np
import pytest
from peak import peak_mb

from ewsim.geography import terrain
from ewsim.network.rollout import synthesis
from ewsim.population.build import Origin, build_population
from ewsim.scenario.presets import preset, validated
from ewsim.settlement import pattern
from ewsim.streams import Streams

SIZES = (100_000, 1_000_000, 10_000_000)
ROUNDS = {100_000: 5, 1_000_000: 3, 10_000_000: 1}


def country(count):
    """The preset with so many people, everyone simulated, eight of ten with a phone."""
    data = preset("least_developed", 1)
    data["population"] |= {"people_count": count, "weight": 1, "handsets": {}}
    data["network"]["synthesis"] = {"coverage_target": 0.89}
    return validated(data)


def work(count, rounds, results):
    streams = Streams(1)
    planned = country(4_000_000)
    frame, _ = pattern.frame_and_places(planned, Path)
    land, ground = terrain.draw(planned.population.island, frame, streams)

    def settle(spec):
        return pattern.settle(spec.population, None, land, frame, streams, ground)

    points = pattern.demand(settle(planned), land, streams)
    network = synthesis.synthesise(planned.network, streams, frame, land, points)
    warm, spec = country(20_000), country(count)
    build_population(Origin(warm, land, settle(warm), points, network, streams))
    homes, times = settle(spec), []
    points = pattern.demand(homes, land, streams)
    for _ in range(rounds):
        began = time.perf_counter()
        made = build_population(Origin(spec, land, homes, points, network, streams))
        times.append(time.perf_counter() - began)
        assert len(made.people) == count
    results.put((min(times), peak_mb() / 1000))


def measured(count):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    process = context.Process(target=work, args=(count, ROUNDS[count], results))
    process.start()
    found = results.get(timeout=600)
    process.join()
    return found


@pytest.mark.heavy
def test_ten_million_people_fit_into_four_gigabytes_and_cost_is_linear():
    found = {count: measured(count) for count in SIZES}
    exponent = np.polyfit(np.log(SIZES), np.log([found[n][0] for n in SIZES]), 1)[0]
    for count, (seconds, peak_gb) in found.items():
        print(f"{count:>10,} people: {seconds:.2f} s, peak {peak_gb:.2f} GB")
    print(f"exponent {exponent:.3f}")
    assert found[10_000_000][1] < 4.0
    assert exponent <= 1.05
