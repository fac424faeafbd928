"""What stands before anything runs: message, ground, people and targets as one record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.country.availability import incomplete_table
from ewsim.country.disturbed import check_disturbances, disturbances_of, hazards_reach, misplaced_notes
from ewsim.country.ground import BuiltGround, ground_of
from ewsim.country.message import AcceptedAlert, check_languages, message_of
from ewsim.country.people import camped, camped_on_brought, check_memory, people_in, people_of
from ewsim.country.targets import Targets, listed_on, targets_of, with_brought
from ewsim.disturbances.recovery.spec import DeployableSpec, RepairCrewsSpec
from ewsim.disturbances.recovery.units import deployables
from ewsim.disturbances.spec import ElementLossSpec, OutageSpec
from ewsim.files import is_file, sha256
from ewsim.network.topology import Network
from ewsim.population.people import People, Population
from ewsim.scenario.doubts import doubtful
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec import DisturbanceSpec
from ewsim.streams import Streams
from ewsim.targeting.fit import Camped, Outside, measure_fit
from ewsim.targeting.footprints import cell_footprints, outermost
from ewsim.units import RATS

if TYPE_CHECKING:
    import pandas as pd

_GROUNDS_MAX = 20


@dataclass(frozen=True, slots=True)
class Country:
    """A scenario's country and alert, ready to be run any number of times.

    `area` is the alert area [m], `outside` how far people are from it, `targeted` the cells of the warning
    area list, shape (cells,), and `in_area` the people whom the alert is for, shape (people,). `notes` are on
    the scenario itself; `idle`: one of them is that a disturbance does nothing. The files of `disturbances`
    count from the current folder; `hazard_us` is when a hazard reaches each person's home [us], None without
    hazards.
    """

    loaded: LoadedScenario
    message: AcceptedAlert
    network: Network
    population: Population
    area: BaseGeometry
    outside: Outside
    targeted: NDArray[np.bool_]
    in_area: NDArray[np.bool_]
    notes: tuple[str, ...] = ()
    idle: bool = False
    disturbances: tuple[DisturbanceSpec, ...] = ()
    hazard_us: NDArray[np.int64] | None = None


class _Brought(NamedTuple):
    """What a scenario adds to a ground on which people lived, the network with it, and the people on that."""

    ground: BuiltGround
    lived: Population
    what: object
    network: Network
    people: Population


@dataclass(frozen=True, slots=True)
class CheckedParts:
    """What the arms of a scenario have in common, by what it depends on: made once.

    `said` is what channels note. Of people only the first and the last are kept, of grounds 20, and only the
    last of what was `brought` (with whom and what it is of) and of who is how far `beyond` an area: they take
    most of the memory.
    """

    grounds: dict[str, BuiltGround] = field(default_factory=dict)
    messages: dict[str, AcceptedAlert] = field(default_factory=dict)
    targets: dict[str, Targets] = field(default_factory=dict)
    people: dict[str, Population] = field(default_factory=dict)
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)
    brought: dict[str, _Brought] = field(default_factory=dict)
    beyond: dict[str, tuple[People, BaseGeometry, Outside]] = field(default_factory=dict)

    def message(self, loaded: LoadedScenario) -> AcceptedAlert:
        """The message of a scenario, with what its channels ask of it."""
        asked = _message_key(loaded)
        found = self.messages.get(asked)
        if found is None:
            found = message_of(loaded)
            if _message_key(loaded) == asked:  # else the file was written meanwhile
                if len(self.messages) > _GROUNDS_MAX:
                    self.messages.popitem()
                self.messages[asked] = found
        check_languages(loaded, found.alert)
        return found

    def ground(self, loaded: LoadedScenario, key: str) -> BuiltGround:
        """The ground of a scenario; `key` is what it depends on beside backup at sites, as text."""
        streams = Streams(loaded.spec.seed).country()
        if key not in self.grounds:
            if len(self.grounds) > _GROUNDS_MAX:
                self.grounds.popitem()
            self.grounds[key] = ground_of(loaded, streams)
        self.grounds[key] = self.grounds[key].powered(loaded.spec.network.power, streams)
        return self.grounds[key]

    def population(self, loaded: LoadedScenario, ground: BuiltGround, key: str) -> Population:
        """The people of a scenario, where memory has room for them.

        Parameters
        ----------
        loaded
            The scenario.
        ground
            Where they live.
        key
            What they depend on, as text.
        """
        if key not in self.people:
            check_memory(loaded, ground)
            if len(self.people) > 1:
                self.people.popitem()
            self.people[key] = people_of(loaded, ground)
        return self.people[key]

    def inhabited(self, loaded: LoadedScenario) -> tuple[BuiltGround, Population]:
        """Ground and people of a run of a scenario, whatever its message is."""
        ground = self.ground(loaded, _run_ground(loaded))
        return ground, self.population(loaded, ground, people_key(loaded))

    def equipped(
        self, loaded: LoadedScenario, ground: BuiltGround, population: Population
    ) -> tuple[Network, Population]:
        """The network with what the scenario adds to it, and the people, who can camp on its deployables.

        Parameters
        ----------
        loaded
            The scenario.
        ground, population
            What it stands on, and who lives there.
        """
        what = loaded.spec.network.power.added, deployables(loaded.spec.disturbances, ground.network)
        known = self.brought.get("last")
        if known is None or known.ground is not ground or known.lived is not population or known.what != what:
            network = with_brought(loaded, ground.network)
            people = camped_on_brought(loaded, ground, population, network)
            known = self.brought["last"] = _Brought(ground, population, what, network, people)
        return known.network, known.people

    def outside_of(self, area: BaseGeometry, people: People) -> Outside:
        """How far outside an area people are."""
        known = self.beyond.get("last")
        if known is None or known[0] is not people or known[1] != area:
            known = self.beyond["last"] = people, area, Outside(area, people.x_m, people.y_m)
        return known[2]


def build_country(loaded: LoadedScenario, parts: CheckedParts | None = None) -> Country:
    """Message, ground, people and targets of a scenario; raises every fault it finds in them.

    `parts` is what was made for other arms: it is used again, and what is new is added.
    """
    parts, spec = CheckedParts() if parts is None else parts, loaded.spec
    message = parts.message(loaded)
    ground = parts.ground(loaded, _run_ground(loaded))
    idle = check_disturbances(loaded, ground.network)
    notes = (*idle, *misplaced_notes(loaded, ground, idle), *doubtful(loaded))
    ground, population = parts.inhabited(loaded)
    targets = targets_of(loaded, message.alert, ground, population)
    in_area = people_in(targets.area, population, loaded)
    network, population = parts.equipped(loaded, ground, population)
    notes = (*notes, *targets.notes)
    if spec.network.path is not None:
        notes = (*notes, *incomplete_table(population))
    return Country(
        loaded,
        message,
        network,
        population,
        targets.area,
        parts.outside_of(targets.area, population.people),
        listed_on(loaded, network, targets),
        in_area,
        notes,
        idle=bool(idle),
        disturbances=disturbances_of(loaded),
        hazard_us=hazards_reach(loaded, ground, population),
    )


def _message_key(loaded: LoadedScenario) -> str:
    """What a message depends on, as text: its file too, into which a studio writes other areas and words."""
    spec = loaded.spec.alert
    path = loaded.resolve(spec.path)
    return f"{spec.model_dump_json()} {sha256(path) if is_file(path) else None}"


def people_key(loaded: LoadedScenario) -> str:
    """What the people of a scenario and their ground depend on, as text."""
    spec = loaded.spec
    who = f"{spec.population.model_dump_json()} {spec.network.national_roaming} {spec.horizon_s}"
    return f"{_run_ground(loaded)} {who}"


def _run_ground(loaded: LoadedScenario) -> str:
    """What the ground of a run depends on, as text: the seed too, or it is built twice."""
    return f"{loaded.spec.seed} {_ground_text(loaded)}"


def ground_key(loaded: LoadedScenario) -> str:
    """What the ground of a scenario depends on, as text.

    The seed is part of it only where sites or feeders are named: arms that draw the same country with
    other seeds are held against the ground of the first, or 200 of them would take a minute.
    """
    outages = [d for d in loaded.spec.disturbances if isinstance(d, OutageSpec)]
    named = any(
        d.where.sites is not None or d.where.feeders is not None or d.where.substations is not None
        for d in outages
    ) or any(
        isinstance(d, ElementLossSpec | DeployableSpec | RepairCrewsSpec) for d in loaded.spec.disturbances
    )
    return f"{loaded.spec.seed if named else 'any'} {_ground_text(loaded)}"


def _ground_text(loaded: LoadedScenario) -> str:
    """What the ground of a scenario depends on beside the seed and backup at sites, as text."""
    where = loaded.spec.population.model_dump_json(exclude={"day", "flows", "arrivals", "handsets"})
    network = loaded.spec.network.model_dump_json(exclude={"national_roaming", "power"})
    return f"{where} {network}"


# --- what a report says of it ---------------------------------------------------------------------


def targeting_figures(country: Country) -> dict[str, Any]:
    """What the choice of cells does by itself, whatever becomes of cells, phones and time.

    The figures of `targeting.fit` for all operators together and, by name, for the people on the
    cells of each.
    """
    network, people = country.network.built, camped(country.population).about(country.area)
    chosen = country.targeted[: len(network.cells)]
    kind = country.loaded.spec.targeting.footprint
    ground = cell_footprints(network, kind)

    def figures(targeted: NDArray[np.bool_], some: Camped) -> dict[str, float | int | None]:
        spread = outermost(network, targeted) if kind == "nominal" else None
        return measure_fit(country.area, targeted, ground, some, spread).figures()

    whose = np.where(people.cell >= 0, network.cells.operator[people.cell], -1)
    each = {
        name: figures(chosen & (network.cells.operator == n), people.of(whose == n))
        for n, name in enumerate(network.operators)
    }
    return {**figures(chosen, people), "by_operator": each}


def cells_table(network: Network, targeted: NDArray[np.bool_]) -> pd.DataFrame:
    """The cells as a table; row numbers are the `cell_id` of events, sites those of `site_id`."""
    import pandas as pd  # a quarter of a second that a check need not wait

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
