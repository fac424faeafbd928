"""What is brought or repaired never lowers cell broadcast, with every cell addressed and luck shared.

Phones take a deployable only while none of their other cells serves, so all that they hear besides stays as
it is; exceptions are those of `test_more_outage`, which the signal and settings here leave out. Crews that
set out earlier may choose another order, and one element may come back later: held here with all losses
before the crews.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.disturbances.recovery.spec import DeployableSpec, RepairCrewsSpec
from ewsim.disturbances.recovery.units import deployables
from ewsim.disturbances.spec import BackhaulCutSpec, PowerLossSpec, SiteDestroyedSpec, WhereSpec
from ewsim.engine import simulation
from ewsim.network.deployed import with_deployables
from ewsim.population.camping.deployed import with_deployable_cells
from ewsim.settlement.demand import NOWHERE
from ewsim.streams import Streams
from ewsim.units import NEVER
from tests.property.test_more_outage import AT_ONCE, MESSAGE, POWER, SITES, STRONG, WORLD, sites

FRAME = WORLD.network.frame
EDGE_M = 8_000

places = st.lists(st.tuples(st.floats(-EDGE_M, EDGE_M), st.floats(-EDGE_M, EDGE_M)), max_size=3)
seconds = st.integers(-300, 1500)


def cows(places, at_s, **keys):
    """Units at places [m], none where there are none."""
    if not places:
        return ()
    lat, lon = FRAME.to_latlon(*np.array(places).T)
    where = list(zip(lat.tolist(), lon.tolist(), strict=True))
    values = {"kind": "deployable", "id": "cow", "at_s": at_s, "setup_s": 0, "places": where}
    return (DeployableSpec.model_validate({**values, **keys}),)


def reached(wrong, helped=(), network=WORLD.network) -> set[int]:
    """People whom cell broadcast shows the alert."""
    disturbances = (*wrong, *helped)
    network = with_deployables(network, deployables(disturbances, network))
    everyone = with_deployable_cells(STRONG, network, Streams(1), False, NOWHERE)
    level = np.full_like(everyone.camping.level_db, 40.0)
    everyone = replace(everyone, camping=everyone.camping._replace(level_db=level))
    setup = replace(WORLD, population=everyone, network=network, disturbances=disturbances, power=POWER)
    channel = CellBroadcast(AT_ONCE, MESSAGE, np.ones(len(network.cells), dtype=np.bool_))
    done = simulation.simulate(setup, [channel], Streams(1))
    return set(np.flatnonzero(done.outcomes["cell_broadcast"].displayed_us < NEVER).tolist())


def losses(cut, powerless, gone, at_s=-400):
    """What is lost for good, at one time."""
    kinds = (
        (BackhaulCutSpec, "backhaul_cut", cut),
        (PowerLossSpec, "power_loss", powerless),
        (SiteDestroyedSpec, "site_destroyed", gone),
    )
    return tuple(
        spec(kind=kind, at_s=at_s, where=WhereSpec(sites=tuple(sorted(hit))))
        for spec, kind, hit in kinds
        if hit
    )


@settings(max_examples=5, deadline=None, derandomize=True)
@given(sites, sites, places, places, seconds, st.integers(1, 900))
def test_a_deployable_more_of_them_or_earlier_ones_never_lower_reach(cut, gone, few, more, at_s, earlier):
    wrong = losses(cut, set(), gone)
    without = reached(wrong)
    some = reached(wrong, cows(few, at_s))
    assert without <= some <= reached(wrong, cows([*few, *more], at_s))
    assert some <= reached(wrong, cows(few, at_s - earlier))
    short = reached(wrong, cows(few, at_s, autonomy_s=200, resupplied=False))
    assert without <= short <= some


@settings(max_examples=4, deadline=None, derandomize=True)
@given(sites, sites, sites, st.integers(-300, 900), st.integers(1, 600))
def test_crews_and_earlier_or_quicker_ones_never_lower_reach(cut, powerless, gone, at_s, earlier):
    wrong = losses(cut, powerless, gone)
    times = {"feeder_s": 300, "link_s": 60, "site_s": 120}

    def crews(at_s, factor=1.0):
        repair = {key: factor * value for key, value in times.items()}
        values = {"kind": "repair_crews", "at_s": at_s, "setup_s": 0, "repair": repair}
        return (RepairCrewsSpec.model_validate(values),)

    without = reached(wrong)
    some = reached(wrong, crews(at_s))
    assert without <= some
    assert some <= reached(wrong, crews(max(at_s - earlier, -399)))
    assert some <= reached(wrong, crews(at_s, 0.5))


def test_reach_without_any_site_is_what_deployables_bring():
    wrong = losses(set(), set(), set(SITES))
    assert not reached(wrong)
    assert len(reached(wrong, cows([(0.0, 0.0)], -300, type="haps"))) > 100
