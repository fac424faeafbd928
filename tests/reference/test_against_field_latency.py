"""The whole warning chain, against an independent sum of its stages in NumPy.

The field figures (San Diego, Oakland, AT&T) are rows of `ewsim validate`; here the stages of the
default chain are added up a second time, for three segments over 150 base stations of each of two
operators (seconds from the authority's send to the display).
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

EVENTS = 120
MESSAGE = CbMessage(4371, 0x4010, 4, 333, "level_2", to_us(1200))  # 3 segments of 140 octets
OPERATOR_MEAN_S = {"direct": 1.0, "wea": 8.0}


@pytest.fixture(scope="module")
def world() -> Setup:
    """Three hundred 4G base stations, nobody at the edge of coverage, nothing fails."""
    made = benchmark_world.setup(150, 900, 1, disturbances=(), movers_share=0.0, horizon_s=1200)
    cells = dataclasses.replace(made.network.cells, rat=np.full(len(made.network.cells), LTE, dtype=np.int8))
    near = made.population.camping._replace(level_db=made.population.camping.level_db + 15)
    handsets = dataclasses.replace(made.population.handsets, on_from_us=-made.population.handsets.on_to_us)
    return dataclasses.replace(
        made,
        network=dataclasses.replace(made.network, cells=cells),
        population=dataclasses.replace(made.population, camping=near, handsets=handsets),
    )


def events_s(world: Setup, gateway: str, events: int = EVENTS, **keys: object) -> list[np.ndarray]:
    """Displays [s] of many alerts, each with its own luck."""
    alert = world.alert.model_copy(update={"gateway": gateway})
    targeted = np.ones(len(world.network.cells), dtype=np.bool_)
    spec = CellBroadcastSpec.model_validate({"broadcast_mode": "continuous", **keys})
    got = []
    for run in range(events):
        channel = CellBroadcast(spec, single(MESSAGE), targeted, alert=alert)
        ready = dataclasses.replace(world, alert=alert)
        shown = simulate(ready, [channel], Streams(1, run)).outcomes["cell_broadcast"].displayed_us
        got.append(shown[shown < NEVER] / 1e6)
    return got


def summed_s(operator_mean_s: float, events: int = 1500, phones: int = 150) -> np.ndarray:
    """The same from the stages alone, shape (events, phones)."""
    rng = np.random.default_rng(5)

    def lognormal(median: float, *shape: int) -> np.ndarray:
        return median * np.exp(0.6 * rng.standard_normal(shape))

    event = np.arange(events)[:, None]
    operator = rng.integers(0, 2, (events, phones))
    station = rng.integers(0, 150, (events, phones))
    place = rng.random((events, 2, 150)).argsort(axis=2)  # in the fan-out
    sent = 0.5 * np.exp(0.5 * rng.standard_normal((events, 1)))  # the gateway
    sent = sent + (rng.exponential(operator_mean_s, (events, 2)))[event, operator]
    sent += 0.5 + 0.02 + lognormal(0.3, events, 2)[event, operator]  # the centre, its peer's queue
    sent += 0.002 * (place[event, operator, station] + 1)
    sent += lognormal(1.0, events, 2, 150)[event, operator, station]
    page, schedule, phase = (rng.random((events, phones)) * s for s in (1.28, 0.08, 0.64))
    return sent + page + schedule + phase + 2 * 0.64 + lognormal(0.5, events, phones)


@pytest.mark.parametrize("gateway", OPERATOR_MEAN_S)
def test_the_stages_add_up_as_in_an_independent_sum(world: Setup, gateway: str) -> None:
    found = events_s(world, gateway, missed_page_share=0)
    alone = summed_s(OPERATOR_MEAN_S[gateway])
    levels = [1, 50, 90, 99]
    expected = np.percentile(alone, levels)
    # 240 draws of an operator's delay decide the last percentiles.
    np.testing.assert_allclose(np.percentile(np.concatenate(found), levels), expected, rtol=0.12)
    within = np.mean([np.percentile(times, 75) - times.min() for times in found])
    assert within == pytest.approx((np.percentile(alone, 75, axis=1) - alone.min(axis=1)).mean(), rel=0.12)


def test_phones_that_come_late_make_the_tail(world: Setup) -> None:
    """15 % are late by 300 s on average: 12 % of all by more than a minute, 8 % by more than three."""
    times = np.concatenate(events_s(world, "direct", events=40))
    for limit_s in (60, 180):
        late = (times > limit_s).mean()
        assert late == pytest.approx(0.15 * np.exp(-(limit_s - 6) / 300), rel=0.08)
