"""Substations above the feeders of the grid.

Assumption: a substation is above feeders that lie next to each other, as many on each.
"""

from dataclasses import replace

import numpy as np

from ewsim.network.topology import Network
from ewsim.settlement.placing import districts


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
