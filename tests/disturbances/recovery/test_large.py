"""The time of the infrastructure: 5,000 sites, 72 hours, a storm, grid, links, crews and 20 deployables."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from ewsim.disturbances import timeline
from ewsim.disturbances.hazards.spec import CycloneSpec
from ewsim.disturbances.recovery.spec import DeployableSpec, RepairCrewsSpec
from ewsim.disturbances.recovery.units import deployables
from ewsim.disturbances.spec import BackhaulCutSpec, WhereSpec
from ewsim.engine import benchmark_world
from ewsim.network.additions import with_substations
from ewsim.network.deployed import with_deployables
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import World

HOUR = 3600


@pytest.mark.heavy
def test_the_infrastructure_of_a_large_country_takes_under_ten_seconds():
    network = benchmark_world.setup(100, 15_000).network
    feeder = (np.arange(len(network.sites)) // 25).astype(np.int32)
    sites = replace(network.sites, feeder=feeder, battery_s=np.full(feeder.size, 4.0 * HOUR))
    names = tuple(f"f{n}" for n in range(int(feeder.max()) + 1))
    network = with_substations(replace(network, sites=sites, feeder_names=names), 20)
    middle = network.frame.to_latlon(sites.x_m.mean(), sites.y_m.mean())
    lat, lon = (float(value) for value in middle)
    track = [
        {"time_s": at, "centre": [lat, lon + off], "max_wind_m_s": 50, "radius_max_wind_m": 40_000}
        for at, off in ((-12 * HOUR, 3), (12 * HOUR, -3))
    ]
    places = [(lat + 0.02 * n, lon) for n in range(-10, 10)]
    disturbances = (
        CycloneSpec.model_validate({"kind": "cyclone", "track": track, "restoration": None}),
        BackhaulCutSpec(kind="backhaul_cut", at_s=0, where=WhereSpec(share=0.1)),
        DeployableSpec(kind="deployable", at_s=6 * HOUR, places=tuple(places), depot=(lat, lon)),
        RepairCrewsSpec(kind="repair_crews", at_s=12 * HOUR, count=100, depot=(lat, lon)),
    )
    full = with_deployables(network, deployables(disturbances, network))
    assert len(network.sites) == 5000
    clock = time.process_time()
    world = World(full, Streams(1), 72 * HOUR * US, timeline.starts_us(disturbances))
    timeline.start(world, disturbances, PowerSpec())
    world.run()
    assert time.process_time() - clock < 10  # 0.6 to 0.8 s where this was written, with 320 MB
    kinds = [row[1:3] for row in world.events]
    assert kinds.count(("deployable", "in_service")) == 20
    assert kinds.count(("crew", "repaired")) > 100
