"""What a scenario adds to a network: backhaul links and rasters of the signal."""

from __future__ import annotations

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
from ewsim.scenario.spec import NetworkSpec
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
        drawn = network.sites
        network = with_links(network, resolve(spec.backhaul))
        people = nearest_people(drawn.x_m, drawn.y_m, demand)
        luck = streams.country().uniform("network.generator", np.arange(len(drawn)))
        now = backup_of(network.sites.parent, people, spec.power, luck)
        sites = replace(
            network.sites,  # what a table states stays
            battery_s=_kept(drawn.battery_stated, drawn.battery_s, now.battery_s),
            generator_s=_kept(drawn.generator_stated, drawn.generator_s, now.generator_s),
        )
        network = replace(network, sites=sites)
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


def _kept(
    stated: NDArray[np.bool_] | None, stated_s: NDArray[np.float64], drawn_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What is stated, and elsewhere what is drawn [s]."""
    return drawn_s if stated is None else np.where(stated, stated_s, drawn_s)
