"""What a scenario adds to a network: backhaul links and rasters of the signal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ewsim.network.coverage import read_coverage
from ewsim.network.rollout.links import with_links
from ewsim.network.topology import Network
from ewsim.scenario.spec import NetworkSpec


def completed(network: Network, spec: NetworkSpec, resolve: Callable[[str], Path]) -> Network:
    """A network with the links and the rasters of the signal that the scenario brings.

    Parameters
    ----------
    network
        The network.
    spec
        Names the files.
    resolve
        The path of a file that the scenario names.

    Raises
    ------
    DataError
        A file cannot be used.
    """
    if spec.backhaul is not None:
        network = with_links(network, resolve(spec.backhaul))
    if not spec.coverage:
        return network
    chosen = [
        (resolve(one.path), None if one.operator is None else network.operators.index(one.operator), one.rat)
        for one in spec.coverage
    ]
    coverage = read_coverage(chosen, len(network.operators))
    note = f"The signal of {len(chosen)} rasters replaces the radio model where they are."
    return replace(network, coverage=coverage, notes=(*network.notes, note))
