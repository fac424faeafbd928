"""More outage, larger batteries and earlier repair, for cell broadcast with every cell addressed.

The signal is strong, phones are on, and none is in a call or misses its page. Otherwise there are three
exceptions, a few phones of a thousand: one that hears a whole message by luck in the next cell; one that is
switched on in the last seconds of a broadcast, of which a cell that has come back sends the last page a
little later; and one that attends late, because how late is drawn for each stay in a cell, and with more
outage it has other stays.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import CbMessage
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.disturbances.spec import BackhaulCutSpec, PowerLossSpec, WhereSpec
from ewsim.engine import benchmark_world, simulation
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, to_us

WORLD = benchmark_world.setup(200, 60, movers_share=0.0, disturbances=())
CAMPING = WORLD.population.camping
ALWAYS = replace(WORLD.population.handsets, on_from_us=np.full(200, -NEVER, dtype=np.int64))
STRONG = replace(
    WORLD.population, handsets=ALWAYS, camping=CAMPING._replace(level_db=np.full_like(CAMPING.level_db, 40.0))
)
SITES = WORLD.network.sites.name
CREWS = {"crews_share": 0.3, "first_arrival_s": 300, "visit_s": 200}
POWER = PowerSpec.model_validate({"refuelling": CREWS, "portable": {"share": 0.2}})
AT_ONCE = CellBroadcastSpec(missed_page_share=0, connected_shares={})
MESSAGE = CbMessage(4371, 0x4010, 2, 167, "level_2", to_us(1200))
EVERYWHERE = np.ones(len(WORLD.network.cells), dtype=np.bool_)

sites = st.sets(st.sampled_from(SITES), max_size=12)
times = st.tuples(st.integers(-600, 600), st.integers(1, 4000))


def reached(cut, powerless, times, battery=1.0) -> int:
    """People whom cell broadcast shows the alert."""
    begins, lasts = times
    both = {"at_s": begins, "restored_at_s": begins + lasts}
    wrong = (
        PowerLossSpec(kind="power_loss", where=WhereSpec(sites=tuple(sorted(powerless))), **both),
        BackhaulCutSpec(kind="backhaul_cut", where=WhereSpec(sites=tuple(sorted(cut))), **both),
    )
    network = WORLD.network
    stored = replace(network.sites, battery_s=network.sites.battery_s * battery)
    setup = replace(
        WORLD, population=STRONG, disturbances=wrong, network=replace(network, sites=stored), power=POWER
    )
    channel = CellBroadcast(AT_ONCE, MESSAGE, EVERYWHERE)
    done = simulation.simulate(setup, [channel], Streams(1))
    return int((done.outcomes["cell_broadcast"].displayed_us < NEVER).sum())


@settings(max_examples=5, deadline=None)
@given(sites, sites, sites, times)
@example({"S0"}, set(), {"S0", "S8"}, (0, 387))
def test_more_outage_never_raises_reach(cut, powerless, more, times):
    whole = reached((), (), times)
    some = reached(cut, powerless, times)
    assert reached(cut | more, powerless | more, times) <= some <= whole


@settings(max_examples=5, deadline=None)
@given(sites, sites, times, st.floats(1, 10))
def test_a_larger_battery_or_an_earlier_repair_never_lowers_reach(cut, powerless, times, factor):
    plain = reached(cut, powerless, times)
    assert reached(cut, powerless, times, battery=factor) >= plain
    begins, lasts = times
    assert reached(cut, powerless, (begins, max(1, lasts // 2))) >= plain
