"""A run does not depend on how many work at it, nor on the order of the phones."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numba
import numpy as np
import pandas as pd
import pytest
from support import camping_of

from ewsim.engine import benchmark_world
from ewsim.engine.simulation import Setup, ledger, simulate
from ewsim.experiments.replications import run_scenario
from ewsim.ledger import Ledger
from ewsim.population.people import Handsets
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import NEVER

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


def same(one: Ledger, other: Ledger) -> None:
    pd.testing.assert_frame_equal(one.people_frame(), other.people_frame())
    pd.testing.assert_frame_equal(one.events, other.events)


def test_one_and_two_workers_leave_the_same_ledger() -> None:
    before = numba.get_num_threads()
    loaded = load_scenario(ISLAND, ["population.people_count=15000"])
    try:
        one, two = (run_scenario(loaded, replications=3, workers=n) for n in (1, 2))
    finally:
        numba.set_num_threads(before)
    same(one.ledger, two.ledger)
    assert one.replications is not None
    assert two.replications is not None
    pd.testing.assert_frame_equal(one.replications, two.replications)


def shuffled(world: Setup) -> Setup:
    """The same people with their phones in another order."""
    people, phones, camping = (getattr(world.population, name) for name in ("people", "handsets", "camping"))
    order = np.random.default_rng(4).permutation(len(phones))
    back = np.argsort(order).astype(np.int32)
    moved = Handsets(*(getattr(phones, f.name)[order] for f in dataclasses.fields(Handsets)))
    carried = dataclasses.replace(people, handset=back[people.handset])
    population = dataclasses.replace(
        world.population, people=carried, handsets=moved, camping=camping_of(camping, order)
    )
    return dataclasses.replace(world, population=population)


@pytest.mark.parametrize("mode", ["per_repetition", "continuous"])
def test_the_order_of_phones_leaves_the_same_ledger(mode: str) -> None:
    world = benchmark_world.setup(5000, 60, 6, movers_share=0.2)
    other = shuffled(world)
    ledgers = [ledger(w, simulate(w, benchmark_world.channels(w, mode), Streams(6))) for w in (world, other)]
    for outcome in ledgers[0].outcomes.values():
        assert (outcome.displayed_us < NEVER).mean() > 0.3
    same(*ledgers)
