"""What a scenario adds to a network: backhaul links and rasters of the signal."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.network.coverage import read_coverage
from ewsim.network.rollout.backup import backup_of, nearest_people
from ewsim.network.rollout.core import with_core
from ewsim.network.rollout.grid import with_substations
from ewsim.network.rollout.links import with_links
from ewsim.network.topology import Network
from ewsim.scenario.spec import NetworkSpec, PowerSpec
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams


def completed(
    network: Network, spec: NetworkSpec, resolve: Callable[[str], Path], demand: Demand, streams: Streams
) -> Network:
    """A network with the links and the rasters of the signal that the scenario brings.

    Parameters
    ----------
    network
        The network.
    spec
        Names the files.
    resolve
        The path of a file that the scenario names.
    demand
        Where people live: who hangs on a site decides on its batteries and generator.
    streams
        Random numbers; the network is the same in every replication.

    Raises
    ------
    DataError
        A file cannot be used.
    """
    network = with_substations(network, spec.synthesis.substation_count)
    if spec.backhaul is not None:
        network = with_links(network, resolve(spec.backhaul))
        network = with_power(network, spec.power, demand, streams)
    network = with_core(network, spec.transport, streams)
    if not spec.coverage:
        return network
    chosen = [
        (resolve(one.path), None if one.operator is None else network.operators.index(one.operator), one.rat)
        for one in spec.coverage
    ]
    coverage = read_coverage(chosen, len(network.operators))
    note = f"The signal of {len(chosen)} rasters replaces the radio model where they are."
    return replace(network, coverage=coverage, notes=(*network.notes, note))


def with_power(network: Network, power: PowerSpec, demand: Demand, streams: Streams) -> Network:
    """A network whose sites have the backup that a scenario says, where no table states it.

    Parameters
    ----------
    network
        The network.
    power
        Running times [s], and shares with a generator.
    demand
        Where people live: who hangs on a site decides on its batteries and generator.
    streams
        Random numbers; the network is the same in every replication.
    """
    sites = network.sites
    luck = streams.country().uniform("network.generator", np.arange(len(sites)))
    now = backup_of(sites.parent, nearest_people(sites.x_m, sites.y_m, demand), power, luck)
    sites = replace(
        sites,
        battery_s=_kept(sites.battery_stated, sites.battery_s, now.battery_s),
        generator_s=_kept(sites.generator_stated, sites.generator_s, now.generator_s),
    )
    return replace(network, sites=sites)


def _kept(
    stated: NDArray[np.bool_] | None, stated_s: NDArray[np.float64], drawn_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What is stated, and elsewhere what is drawn [s]."""
    return drawn_s if stated is None else np.where(stated, stated_s, drawn_s)
