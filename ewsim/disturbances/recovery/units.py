"""The deployable cells of a scenario as parts of its network."""

from collections.abc import Iterator, Sequence

import numpy as np

from ewsim.disturbances.recovery.spec import DETOUR, DeployableSpec
from ewsim.network.topology import Deployable, Network
from ewsim.scenario.spec import DisturbanceSpec
from ewsim.scenario.spec.base import LatLon
from ewsim.units import GSM, LTE, RATS


def place_m(where: LatLon | str, network: Network) -> tuple[float, float]:
    """A place of a scenario, or the site of that name, on the plane [m]."""
    if isinstance(where, str):
        site = network.sites.name.index(where)
        return float(network.sites.x_m[site]), float(network.sites.y_m[site])
    x, y = network.frame.to_xy(np.array([where[0]]), np.array([where[1]]))
    return float(x[0]), float(y[0])


def travel_s(way_m: float, speed_m_s: float, *, by_road: bool) -> float:
    """How long a way takes [s].

    Parameters
    ----------
    way_m
        Its straight line [m].
    speed_m_s
        How fast [m/s].
    by_road
        Roads are longer than the straight line.
    """
    return way_m * (DETOUR if by_road else 1.0) / speed_m_s


def cells_of(spec: DeployableSpec, index: int, network: Network) -> Iterator[Deployable]:
    """The units of one disturbance that have cells of their own.

    Parameters
    ----------
    spec
        Its keys.
    index
        Its number in the scenario.
    network
        The network without deployables.
    """
    if spec.type == "satellite_terminal":
        return
    on_air = {RATS[rat] for rat in np.unique(network.cells.rat).tolist()}
    wanted = spec.rats or tuple(rat for rat in (RATS[LTE], RATS[GSM]) if rat == RATS[LTE] or rat in on_air)
    names = spec.operators or network.operators
    for number, place in enumerate(spec.places):
        x, y = place_m(place, network)
        yield Deployable(
            name=spec.unit_name(index, number),
            x_m=x,
            y_m=y,
            height_m=spec.value("height_m"),
            range_m=spec.value("range_m"),
            power_db=spec.value("power_db"),
            capacity_count=int(spec.value("capacity_count")),
            operators=tuple(network.operators.index(name) for name in names if name in network.operators),
            rats=tuple(RATS.index(rat) for rat in wanted),
        )


def deployables(disturbances: Sequence[DisturbanceSpec], network: Network) -> list[Deployable]:
    """Every deployable cell of a scenario, in its order."""
    return [
        unit
        for index, spec in enumerate(disturbances)
        if isinstance(spec, DeployableSpec)
        for unit in cells_of(spec, index, network)
    ]
