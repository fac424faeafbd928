"""The people of a scenario with their phones, and those whom the alert is for."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.country.ground import BuiltGround
from ewsim.population.build import build_population
from ewsim.population.movement.arrivals import counted
from ewsim.population.people import Population
from ewsim.scenario.load import LoadedScenario
from ewsim.streams import Streams
from ewsim.targeting.fit import Camped
from ewsim.units import to_us

#: An alert area further than this from the points that stand for homes may be empty [m].
FAR_M = 3_000.0


def people_of(loaded: LoadedScenario, ground: BuiltGround, streams: Streams) -> Population:
    """People and phones on the ground.

    Parameters
    ----------
    loaded
        The scenario.
    ground
        Where they live, and the network that their phones camp on.
    streams
        The country's randomness.
    """
    return build_population(
        loaded.spec,
        ground.land,
        ground.settlements,
        ground.demand,
        ground.network,
        streams,
        loaded.resolve,
        loaded.fault,
    )


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
            "Check the area's coordinates (latitude, longitude), or the places table.",
        )
    return inside


def perhaps_empty(area: BaseGeometry, ground: BuiltGround) -> bool:
    """Whether an alert area is so far from everybody's home that perhaps nobody is ever in it."""
    homes = shapely.multipoints(np.column_stack([ground.demand.x_m, ground.demand.y_m]))
    return float(shapely.distance(area, homes)) > FAR_M


def camped(population: Population) -> Camped:
    """Everyone with the cell they prefer."""
    people = population.people
    cell = np.where(people.handset >= 0, population.camping.cell[np.maximum(people.handset, 0), 0], -1)
    weight = people.weight.astype(np.float64)
    return Camped(people.x_m, people.y_m, weight, cell.astype(np.int64))
