"""How long each site runs without the grid in one run: what is built, and this run's luck.

Assumptions: a battery works or not, and one that works lasts its nominal time by a lognormal factor
(age, charge, load, cold); a generator starts or not, whatever the battery does, and then runs for
its nominal time; sites are independent of each other. A site with `OFF_GRID_S` or more of its own has
no grid to lose.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ewsim.network.topology import OFF_GRID_S, Sites
from ewsim.scenario.spec import PowerSpec
from ewsim.streams import Streams


def autonomy_s(sites: Sites, power: PowerSpec, streams: Streams) -> NDArray[np.float64]:
    """How long each site runs without the grid [s], drawn for this replication, shape (sites,).

    Parameters
    ----------
    sites
        With the nominal running times of their batteries and generators.
    power
        How many batteries work, how long they last, and how many generators start.
    streams
        This replication's randomness.
    """
    ids = np.arange(len(sites))
    works = streams.uniform("network.battery_works", ids) < power.battery_works_share
    lasts = streams.lognormal("network.battery", ids, 1.0, power.battery_sigma)
    starts = streams.uniform("network.generator_starts", ids) < power.generator_starts_share
    drawn = np.where(works, sites.battery_s * lasts, 0.0) + np.where(starts, sites.generator_s, 0.0)
    nominal = sites.battery_s + sites.generator_s
    return np.asarray(np.where(nominal >= OFF_GRID_S, nominal, drawn), dtype=np.float64)
