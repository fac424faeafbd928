"""The people of a scenario with their phones, and those whom the alert is for."""

import math
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.country.ground import BuiltGround
from ewsim.errors import RunError
from ewsim.geography.plane import near
from ewsim.network.topology import Network
from ewsim.population.build import Origin, build_population
from ewsim.population.camping.deployed import with_deployable_cells
from ewsim.population.movement.arrivals import counted
from ewsim.population.people import Population
from ewsim.scenario.load import LoadedScenario
from ewsim.streams import Streams
from ewsim.targeting.fit import Camped
from ewsim.units import to_us

#: What a row of people takes at the peak of a run [octets]: 350 measured, with two channels, 1 to 3 million
#: rows and no journeys; assumption: a fifth more with them.
OCTETS_A_ROW = 420


def origin_of(loaded: LoadedScenario, ground: BuiltGround) -> Origin:
    """What the people of a scenario are made from."""
    return Origin(
        loaded.spec,
        ground.land,
        ground.settlements,
        ground.demand,
        ground.network,
        Streams(loaded.spec.seed).country(),
        loaded.resolve,
        loaded.fault,
    )


def people_of(loaded: LoadedScenario, ground: BuiltGround) -> Population:
    """People and phones on the ground."""
    return build_population(origin_of(loaded, ground))


def camped_on_brought(
    loaded: LoadedScenario, ground: BuiltGround, population: Population, network: Network
) -> Population:
    """The people of a scenario, who can camp on its deployable cells too.

    Parameters
    ----------
    loaded
        The scenario.
    ground
        Where they live.
    population
        They and their phones, on the network as built.
    network
        The network with deployables.
    """
    roaming = loaded.spec.network.national_roaming
    streams = Streams(loaded.spec.seed).country()
    return with_deployable_cells(population, network, streams, roaming, ground.demand)


def people_in(area: BaseGeometry, population: Population, loaded: LoadedScenario) -> NDArray[np.bool_]:
    """Whom the alert is for: people who are in its area at any time of the run, shape (people,).

    Parameters
    ----------
    area
        The alert area [m].
    population
        The people.
    loaded
        The scenario, for its horizon and the place of a fault.

    Raises
    ------
    ScenarioError
        Nobody is.
    """
    inside = counted(population.people, area, to_us(loaded.spec.horizon_s))
    if not inside.any():
        raise loaded.fault(
            "alert",
            "nobody lives in the alert area",
            "Check the area's coordinates (latitude, longitude), and where the scenario has its people.",
        )
    return inside


def perhaps_empty(area: BaseGeometry, ground: BuiltGround) -> bool:
    """Whether perhaps nobody is ever in an alert area: none of the points that stand for homes is."""
    return not near(area, ground.demand.x_m, ground.demand.y_m, 0.0)


def camped(population: Population) -> Camped:
    """Everyone with the cell they prefer."""
    people = population.people
    cell = np.where(people.handset >= 0, population.camping.cell[np.maximum(people.handset, 0), 0], -1)
    weight = people.weight.astype(np.float64)
    return Camped(people.x_m, people.y_m, weight, cell.astype(np.int64))


# --- whether they fit into memory ----------------------------------------------------------------


def check_memory(loaded: LoadedScenario, ground: BuiltGround) -> None:
    """Refuse people that the memory cannot hold; raises RunError with the weight that fits."""
    people, weight = people_there(loaded, ground), loaded.spec.population.weight
    free, need = free_octets(), -(-people // weight) * OCTETS_A_ROW
    if need <= free:
        return
    fits = math.ceil(people * OCTETS_A_ROW / max(free, OCTETS_A_ROW))
    shards = min(2 * math.ceil(need / max(free, need / 1000)), 10_000)
    digits = 10 ** max(len(str(fits)) - 2, 0)
    raise RunError(
        f"{loaded.path}: {people:,} people at population.weight {weight} need about {need / 1e9:.1f} GB of "
        f"memory, and {free / 1e9:.1f} GB are free. Write population.weight: {-(-fits // digits) * digits}, "
        f"so that one row stands for as many people; or make them one part after another: --shards {shards}."
    )


def people_there(loaded: LoadedScenario, ground: BuiltGround) -> int:
    """How many people a run has: those who live there and those who arrive."""
    home = float(ground.settlements.people.sum())
    come = (a.people_count if a.share is None else a.share * home for a in loaded.spec.population.arrivals)
    return int(home + sum(count or 0 for count in come))


def free_octets() -> float:
    """Memory that this process can still have: of the machine, its control group and its own limit."""
    found = [math.inf]
    with suppress(OSError, ValueError, KeyError):
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) * 1024)
    with suppress(OSError, ValueError, KeyError):
        group = Path("/sys/fs/cgroup")
        pages = dict(line.split() for line in (group / "memory.stat").read_text("ascii").splitlines())
        found.append(int((group / "memory.max").read_text("ascii")) - int(pages["anon"]))
    if sys.platform != "win32":
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        if most != resource.RLIM_INFINITY:
            with suppress(OSError, ValueError):
                mapped = int(Path("/proc/self/statm").read_text("ascii").split()[0])
                found.append(most - mapped * resource.getpagesize())
    return max(min(found), 0)
