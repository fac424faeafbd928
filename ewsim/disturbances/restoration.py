"""When what a disturbance took comes back: at once, in stages, or one after another at random.

Stages and random restoration are nested: each feeder (or site) has its place in the order, the same in
every loss of a run, so who is back first is back first again, and a higher share never leaves out
who was in a lower one.

Assumptions: between two stages the share rises in a straight line; at random, the time from the
beginning of the work is exponential, 2.2 days for the grid (2.0 to 2.3 fitted to Ida 2021 and Tohoku 2011;
range 1 to 5) and 11 days for links and masts (5 to 90; the later weeks of Tohoku 2011).
"""

import numpy as np
from numpy.typing import NDArray

from ewsim.disturbances.spec import OutageSpec, PowerLossSpec
from ewsim.network.topology import Network
from ewsim.streams import Streams
from ewsim.units import NEVER, US, to_us

#: Mean time until something is back, where no crews are given: the grid, and links and masts [s].
POWER_TAU_S, DAMAGE_TAU_S = 2.2 * 86_400, 11 * 86_400


def back_us(
    spec: OutageSpec, sites: NDArray[np.int64], network: Network, streams: Streams
) -> NDArray[np.int64]:
    """When each site has back what a disturbance took from it [us]; NEVER: not in this run.

    Parameters
    ----------
    spec
        The disturbance.
    sites
        Their numbers, shape (n,).
    network
        The network as built.
    streams
        This replication's randomness.
    """
    last = NEVER if spec.restored_at_s is None else to_us(spec.restored_at_s)
    restoration = spec.restoration
    if restoration is None:
        return np.full(sites.size, last, dtype=np.int64)
    if restoration.by == "feeder":
        rank = streams.uniform("restoration.feeder", network.sites.feeder[sites])
    else:
        rank = streams.uniform("restoration.site", sites)
    if restoration.stages:
        shares = np.array([0.0, *(stage.share for stage in restoration.stages)])
        times_s = np.array([spec.at_s, *(stage.at_s for stage in restoration.stages)])
        back_s = np.where(rank <= shares[-1], np.interp(rank, shares, times_s), np.inf)
    else:
        tau_s = POWER_TAU_S if isinstance(spec, PowerLossSpec) else DAMAGE_TAU_S
        wait_s = -np.log1p(-rank) * (restoration.tau_s or tau_s)
        back_s = spec.at_s + restoration.begins_s + wait_s
    found = np.minimum(np.round(back_s * US), NEVER).astype(np.int64)
    return np.minimum(found, last)
