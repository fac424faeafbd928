"""Deployable cells in the fast engine and in the slow one: the same phones, at the same moments."""

from __future__ import annotations

import dataclasses

import numpy as np

from ewsim.disturbances.recovery.units import deployables
from ewsim.engine import benchmark_world
from ewsim.network.deployed import with_deployables
from ewsim.population.camping.deployed import with_deployable_cells
from ewsim.settlement.demand import NOWHERE
from ewsim.streams import Streams
from tests.engine.test_cb_against_reference import EVERYTHING, HARD, run, slowly
from tests.property.test_recovery_never_harms import cows


def test_phones_take_deployables_and_leave_them_at_the_same_moments():
    plain = benchmark_world.setup(300, 60, movers_share=0.3, horizon_s=1800, disturbances=())
    brought = cows([(0.0, 0.0), (3000.0, 3000.0)], -300, autonomy_s=400, resupply_s=60)
    wrong = (*HARD, *brought)
    network = with_deployables(plain.network, deployables(wrong, plain.network))
    everyone = with_deployable_cells(plain.population, network, Streams(1), False, NOWHERE)
    assert everyone.camping.cell.shape[1] > plain.population.camping.cell.shape[1]
    assert np.isin(everyone.camping.cell, np.arange(len(plain.network.cells), len(network.cells))).any()
    world = dataclasses.replace(plain, network=network, population=everyone, disturbances=wrong)
    fast, slow = run(world, EVERYTHING, {}), slowly(world, EVERYTHING, {})
    assert (fast.crowd.presence.cell >= len(plain.network.cells)).any()
    got = fast.outcomes["cell_broadcast"]
    np.testing.assert_array_equal(got.received_us, slow.cb_received_us)
    np.testing.assert_array_equal(got.copies, slow.cb_copies)
