"""What stands before anything runs: message, ground, people and targets as one record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.country.availability import incomplete_table
from ewsim.country.disturbed import check_disturbances
from ewsim.country.ground import BuiltGround, ground_of
from ewsim.country.memory import check_memory
from ewsim.country.message import AcceptedAlert, check_languages, message_of
from ewsim.country.people import camped, people_in, people_of, perhaps_empty
from ewsim.country.targets import needs_people, targets_of
from ewsim.disturbances.spec import OutageSpec
from ewsim.network.topology import Network
from ewsim.population.people import Population
from ewsim.scenario.doubts import doubtful
from ewsim.scenario.load import LoadedScenario
from ewsim.streams import Streams
from ewsim.targeting.fit import Camped, measure_fit
from ewsim.targeting.footprints import cell_footprints, outermost
from ewsim.units import RATS


@dataclass(frozen=True, slots=True)
class Country:
    """A scenario's country and alert, ready to be run any number of times.

    `area` is the alert area [m], `targeted` the cells of the warning area list, shape (cells,), and
    `in_area` the people whom the alert is for, shape (people,). `notes` are on the scenario itself; `idle`:
    one of them is that a disturbance does nothing.
    """

    loaded: LoadedScenario
    message: AcceptedAlert
    network: Network
    population: Population
    area: BaseGeometry
    targeted: NDArray[np.bool_]
    in_area: NDArray[np.bool_]
    notes: tuple[str, ...] = ()
    idle: bool = False


def build_country(loaded: LoadedScenario) -> Country:
    """Message, ground, people and targets of a scenario; raises every fault it finds in them."""
    streams = Streams(loaded.spec.seed).country()
    message = message_of(loaded)
    ground = ground_of(loaded, streams)
    idle = check_disturbances(loaded, ground.network)
    notes = (*idle, *doubtful(loaded))
    check_memory(loaded, ground)
    population = people_of(loaded, ground, streams)
    targets = targets_of(loaded, message.alert, ground, population)
    in_area = people_in(targets.area, population, loaded)
    if loaded.spec.network.path is not None:
        notes = (*notes, *incomplete_table(population))
    return Country(
        loaded,
        message,
        ground.network,
        population,
        targets.area,
        targets.targeted,
        in_area,
        notes,
        idle=bool(idle),
    )


@dataclass(frozen=True, slots=True)
class CheckedParts:
    """What the arms of a scenario have in common, by what it depends on: made once."""

    grounds: dict[str, BuiltGround] = field(default_factory=dict)
    messages: dict[str, AcceptedAlert] = field(default_factory=dict)
    targeted: set[str] = field(default_factory=set)


def check_country(loaded: LoadedScenario, parts: CheckedParts | None = None) -> tuple[str, ...]:
    """The notes of a scenario; raises what `build_country` would raise before it places any people.

    Parameters
    ----------
    loaded
        The scenario.
    parts
        What was made for other arms, which is used again; what is new is added.
    """
    parts, spec = CheckedParts() if parts is None else parts, loaded.spec
    asked = spec.alert.model_dump_json()
    if asked not in parts.messages:
        parts.messages[asked] = message_of(loaded)
    message = parts.messages[asked]
    check_languages(loaded, message.alert)
    streams, key = Streams(spec.seed).country(), ground_key(loaded)
    if key not in parts.grounds:
        parts.grounds[key] = ground_of(loaded, streams)
    ground = parts.grounds[key]
    notes = (*check_disturbances(loaded, ground.network), *doubtful(loaded))
    check_memory(loaded, ground)
    people = people_of(loaded, ground, streams) if needs_people(spec.targeting) else None
    aim = f"{asked} {key} {spec.targeting.model_dump_json()}"
    if people is not None or aim not in parts.targeted:
        area = targets_of(loaded, message.alert, ground, people).area
        if perhaps_empty(area, ground):
            people_in(area, people_of(loaded, ground, streams) if people is None else people, loaded)
        parts.targeted.add(aim)
    return (*message.notes, *notes)


def ground_key(loaded: LoadedScenario) -> str:
    """What the ground of a scenario depends on, as text.

    The seed is part of it only where sites or feeders are named: arms that draw the same country with
    other seeds are held against the ground of the first, or 200 of them would take a minute.
    """
    outages = [d for d in loaded.spec.disturbances if isinstance(d, OutageSpec)]
    named = any(d.where.sites is not None or d.where.feeders is not None for d in outages)
    seed = loaded.spec.seed if named else "any"
    where = loaded.spec.population.model_dump_json(exclude={"day", "flows", "arrivals", "handsets"})
    return f"{seed} {where} {loaded.spec.network.model_dump_json()}"


# --- what a report says of it ---------------------------------------------------------------------


def targeting_figures(country: Country) -> dict[str, Any]:
    """What the choice of cells does by itself, whatever becomes of cells, phones and time.

    The figures of `targeting.fit` for all operators together and, by name, for the people on the
    cells of each.
    """
    network, people = country.network, camped(country.population)
    kind = country.loaded.spec.targeting.footprint
    ground = cell_footprints(network, kind)

    def figures(targeted: NDArray[np.bool_], some: Camped) -> dict[str, float | int | None]:
        spread = outermost(network, targeted) if kind == "nominal" else None
        return measure_fit(country.area, targeted, ground, some, spread).figures()

    whose = np.where(people.cell >= 0, network.cells.operator[people.cell], -1)
    each = {
        name: figures(country.targeted & (network.cells.operator == n), people.of(whose == n))
        for n, name in enumerate(network.operators)
    }
    return {**figures(country.targeted, people), "by_operator": each}


def cells_table(network: Network, targeted: NDArray[np.bool_]) -> pd.DataFrame:
    """The cells as a table; row numbers are the `cell_id` of events, sites those of `site_id`."""
    cells, sites = network.cells, network.sites
    lat, lon = network.frame.to_latlon(sites.x_m, sites.y_m)
    names = np.array(sites.name)
    return pd.DataFrame(
        {
            "cell_id": list(cells.name),
            "site_id": names[cells.site],
            "operator": np.array(network.operators)[cells.operator],
            "rat": np.array(RATS)[cells.rat],
            "lat": lat[cells.site],
            "lon": lon[cells.site],
            "azimuth_deg": cells.azimuth_deg,
            "tracking_area": cells.tracking_area,
            "targeted": targeted,
        }
    )
