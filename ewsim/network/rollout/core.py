"""Core sites, a submarine cable and satellite terminals of a network.

Assumptions: a site at the core's end of its link hangs on the core site of its district; core sites
reach each other by ways that do not fail; terminals are drawn.
"""

from dataclasses import replace

import numpy as np

from ewsim.network.topology import Network
from ewsim.scenario.spec import TransportSpec
from ewsim.settlement.placing import districts
from ewsim.streams import Streams


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
