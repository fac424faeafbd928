"""What a scenario adds to a network: substations, links, backup, core sites and rasters of the signal.

Assumptions: a substation is above feeders that lie next to each other, as many on each; a site at the
core's end of its link hangs on the core site of its district; core sites reach each other by ways that
do not fail; terminals are drawn.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.network.coverage import read_coverage
from ewsim.network.rollout.backup import backup_of, nearest_people
from ewsim.network.rollout.links import with_links
from ewsim.network.topology import Network
from ewsim.scenario.spec import NetworkSpec, PowerSpec, TransportSpec
from ewsim.settlement.demand import Demand
from ewsim.settlement.placing import districts
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
    demand, streams
        As in `completed`.
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


def with_substations(network: Network, count: int) -> Network:
    """The network with so many substations, or as many as it has feeders."""
    sites, feeders = network.sites, len(network.feeder_names)
    on = np.maximum(np.bincount(sites.feeder, minlength=feeders), 1)
    x, y = (np.bincount(sites.feeder, at, feeders) / on for at in (sites.x_m, sites.y_m))
    count = min(count, feeders)
    width = len(str(count))
    return replace(
        network,
        substation_names=tuple(f"substation_{number + 1:0{width}d}" for number in range(count)),
        substation=districts(x, y, np.ones(feeders), count),
    )


def with_core(network: Network, spec: TransportSpec, streams: Streams) -> Network:
    """The network with what its sites need on the way to the broadcast centres.

    Parameters
    ----------
    network
        The network as read or synthesised.
    spec
        How many core sites, whether there is a cable, and the share of sites with a terminal.
    streams
        Random numbers; the network is the same in every replication.
    """
    sites = network.sites
    ends = np.flatnonzero(sites.parent < 0)
    luck = streams.country().uniform("network.satellite", ends)
    count = min(max(spec.core_count, int(spec.cable)), ends.size)
    if count:
        core = districts(sites.x_m, sites.y_m, (sites.parent < 0).astype(np.float64), count)
        network = replace(network, core_names=tuple(f"core_{n + 1}" for n in range(count)), core=core)
    return replace(
        network,
        cable=spec.cable,
        satellite_sites=ends[luck < spec.satellite_share],
        satellite_carries=spec.satellite_site_count,
    )
