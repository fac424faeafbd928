"""What stands before anybody lives there: land, settlements and the network."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from ewsim.geography.land import read_land
from ewsim.geography.plane import LocalFrame
from ewsim.geography.terrain import draw
from ewsim.network.additions import completed
from ewsim.network.rollout.synthesis import synthesise
from ewsim.network.tables import assembly
from ewsim.network.topology import Network
from ewsim.scenario.load import LoadedScenario
from ewsim.settlement import pattern
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams


@dataclass(frozen=True, slots=True)
class BuiltGround:
    """Land and what is built on it, in the metres of `frame`; `demand` is where people live."""

    frame: LocalFrame
    land: BaseGeometry
    settlements: pattern.Settlements
    demand: Demand
    network: Network


def ground_of(loaded: LoadedScenario, streams: Streams) -> BuiltGround:
    """Land, settlements and network of a scenario, read or invented; raises their faults."""
    spec = loaded.spec
    frame, places = pattern.frame_and_places(spec, loaded.resolve)
    if spec.network.land is not None:
        land, terrain = read_land(loaded.resolve(spec.network.land), frame), None
    else:
        land, terrain = draw(spec.population.island, frame, streams)
    settlements = pattern.settle(spec.population, places, land, frame, streams, terrain)
    demand = pattern.demand(settlements, land, streams)
    if spec.network.path is not None:
        path = loaded.resolve(spec.network.path)
        network = assembly.read_network(path, spec.network, frame, land, streams, demand)
    else:
        network = synthesise(spec.network, streams, frame, land, demand)
    network = completed(network, spec.network, loaded.resolve, demand, streams)
    return BuiltGround(frame, land, settlements, demand, network)
