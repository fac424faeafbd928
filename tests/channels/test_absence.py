"""Why a phone was nowhere on the network: decided over the whole time, not at its beginning alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ewsim.channels.base import Crowd, absence
from ewsim.disturbances import timeline
from ewsim.disturbances.spec import SiteDestroyedSpec
from ewsim.engine import benchmark_world, simulation
from ewsim.ledger import cause_names
from ewsim.population.people import LACKS
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import World

BENCH = benchmark_world.setup(3, 60, movers_share=0.0, disturbances=())
NOTHING = np.full((1, BENCH.population.camping.cell.shape[1]), -1, dtype=np.int32)


def cause(lack: str, moves: list[tuple[int, bool]], until_s: int = 1000) -> str:
    """Of a phone without signal at first, whose owner goes to places with a destroyed mast or nothing."""
    camping = BENCH.population.camping
    cell = camping.cell.copy()
    cell[0] = -1
    later = np.concatenate([NOTHING, BENCH.population.camping.cell[:1]])
    handsets = BENCH.population.handsets
    count = len(moves)
    changed = camping._replace(
        cell=cell,
        lack=np.full(len(handsets), LACKS.index(lack), dtype=np.int8),
        move_first=np.array([0] + [count] * len(handsets)),
        move_us=np.array([at * US for at, _ in moves], dtype=np.int64),
        move_row=np.array([int(mast) for _, mast in moves], dtype=np.int32),
        later_cell=later,
        later_level_db=np.zeros_like(later, dtype=np.float32),
        later_lack=np.zeros(2, dtype=np.int8),
    )
    world = World(BENCH.network, Streams(1), 2000 * US)
    timeline.start(world, [SiteDestroyedSpec(kind="site_destroyed", at_s=0)])
    world.run()
    setup = replace(BENCH, population=replace(BENCH.population, camping=changed))
    crowd: Crowd = simulation.gather(setup, world)
    who, begin, end = (np.array([v], dtype=np.int64) for v in (0, 100 * US, until_s * US))
    return list(cause_names())[int(absence(crowd, who, begin, end)[0])]


@pytest.mark.parametrize(
    ("lack", "moves", "expected"),
    [
        ("no_coverage", [], "no_coverage"),
        ("no_coverage_indoors", [(300, False)], "no_coverage_indoors"),
        ("no_coverage", [(300, True)], "site_destroyed"),
        ("no_coverage", [(200, False), (300, True)], "site_destroyed"),
        ("no_coverage", [(300, True), (400, False)], "site_destroyed"),
        ("no_coverage", [(1000, True)], "no_coverage"),
        ("no_coverage", [(50, True)], "site_destroyed"),
        ("no_coverage_indoors", [(50, True), (90, False), (1500, True)], "no_coverage"),
    ],
)
def test_the_first_place_with_a_mast_says_why(lack, moves, expected):
    assert cause(lack, moves) == expected
