"""The whole warning chain, against Monte Carlo of its stages and against field tests.

The quantiles are those of an independent Monte Carlo of the default stages, for two to three
segments over a few hundred base stations (seconds from the authority's send to the display). The
field: San Diego 2019, median about 13 s; Oakland 2019, fastest about 4 s; United States 2021,
most within two minutes.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import CbMessage, single
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.engine import benchmark_world
from ewsim.engine.simulation import Setup, simulate
from ewsim.streams import Streams
from ewsim.units import LTE, NEVER, to_us

RUNS = 120
MESSAGE = CbMessage(4371, 0x4010, 4, 333, "level_2", to_us(1200))  # 3 segments of 140 octets
#: p1, p50, p90, p99 [s]
STAGES_ALONE = {"direct": (4.0, 6.1, 8.5, 12.3), "wea": (6.6, 12.6, 20.3, 31.2)}


@pytest.fixture(scope="module")
def world() -> Setup:
    """Three hundred 4G base stations, nobody at the edge of coverage, nothing fails."""
    made = benchmark_world.setup(150, 900, 1, disturbances=(), movers_share=0.0, horizon_s=900)
    cells = dataclasses.replace(made.network.cells, rat=np.full(len(made.network.cells), LTE, dtype=np.int8))
    near = made.population.camping._replace(level_db=made.population.camping.level_db + 15)
    handsets = dataclasses.replace(made.population.handsets, on_from_us=-made.population.handsets.on_to_us)
    return dataclasses.replace(
        made,
        network=dataclasses.replace(made.network, cells=cells),
        population=dataclasses.replace(made.population, camping=near, handsets=handsets),
    )


def times_s(world: Setup, gateway: str, **keys: object) -> np.ndarray:
    """Displays [s] of many alerts, each with its own luck at the gateway."""
    world = dataclasses.replace(world, alert=world.alert.model_copy(update={"gateway": gateway}))
    targeted = np.ones(len(world.network.cells), dtype=np.bool_)
    spec = CellBroadcastSpec.model_validate(keys)
    got = []
    for run in range(RUNS):
        channel = CellBroadcast(spec, single(MESSAGE), targeted, alert=world.alert)
        shown = simulate(world, [channel], Streams(1, run)).outcomes["cell_broadcast"].displayed_us
        got.append(shown[shown < NEVER])
    return np.concatenate(got) / 1e6


@pytest.mark.parametrize("gateway", STAGES_ALONE)
def test_the_stages_add_up_to_the_quantiles_of_an_independent_sum(world: Setup, gateway: str) -> None:
    times = times_s(world, gateway, broadcast_mode="continuous", missed_page_share=0)
    found = np.percentile(times, [1, 50, 90, 99])
    assert found == pytest.approx(STAGES_ALONE[gateway], rel=0.12)


def test_wea_has_the_median_the_fastest_and_the_tail_of_the_field(world: Setup) -> None:
    times = times_s(world, "wea")
    assert np.median(times) == pytest.approx(13, abs=1.5)
    assert 3 < times.min() < 7
    assert np.percentile(times, 90) <= 60
    assert (times < 120).mean() > 0.99
    assert (times > 60).mean() > 0.002
