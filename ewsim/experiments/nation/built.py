"""A country whose people are made a shard at a time: what stands before them, and what must be refused."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.country.build import CheckedParts, Country
from ewsim.country.disturbed import check_disturbances, disturbances_of, hazards_reach, misplaced_notes
from ewsim.country.ground import BuiltGround
from ewsim.country.message import AcceptedAlert
from ewsim.country.people import camped_on_brought, origin_of
from ewsim.country.targets import listed_on, needs_people, targets_of, with_brought
from ewsim.errors import KeyFault, ScenarioError
from ewsim.kinds import kinds_of
from ewsim.network.topology import Network
from ewsim.population.build import Census, build_population, counted
from ewsim.population.movement import arrivals
from ewsim.population.shard import Shard
from ewsim.scenario.doubts import doubtful
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec import DisturbanceSpec, Scenario
from ewsim.targeting.fit import Outside
from ewsim.units import to_us

#: Channels that deliver to a shard as they deliver to everybody.
_CHANNELS = ("cell_broadcast", "location_based_sms", "satellite", "siren")


@dataclass(frozen=True, slots=True)
class Nation:
    """A scenario's country and alert without its people, as `Country` has them."""

    loaded: LoadedScenario
    message: AcceptedAlert
    ground: BuiltGround
    network: Network
    area: BaseGeometry
    targeted: NDArray[np.bool_]
    notes: tuple[str, ...]
    idle: bool
    disturbances: tuple[DisturbanceSpec, ...]

    @property
    def rows(self) -> int:
        """Rows of people who are there at the decision."""
        return -(-int(self.ground.settlements.people.sum()) // self.loaded.spec.population.weight)

    def country(self, shard: Shard) -> Country:
        """The country with the people of a shard alone."""
        loaded, ground = self.loaded, self.ground
        population = build_population(origin_of(loaded, ground), shard)
        return Country(
            loaded,
            self.message,
            self.network,
            camped_on_brought(loaded, ground, population, self.network),
            self.area,
            Outside(self.area, population.people.x_m, population.people.y_m),
            self.targeted,
            arrivals.counted(population.people, self.area, to_us(loaded.spec.horizon_s)),
            self.notes,
            idle=self.idle,
            disturbances=self.disturbances,
            hazard_us=hazards_reach(loaded, ground, population),
        )

    def census(self, shard: Shard) -> Census:
        """What others must know of a shard."""
        return counted(origin_of(self.loaded, self.ground), shard)


def nation_of(loaded: LoadedScenario) -> Nation:
    """The country of a scenario without its people.

    Raises
    ------
    ScenarioError
        Something in it needs everybody at once; or any other fault of the scenario.
    """
    if faults := [loaded.placed(fault) for fault in needs_everybody(loaded.spec)]:
        raise ScenarioError(faults)
    parts = CheckedParts()
    message = parts.message(loaded)
    ground = parts.ground(loaded, "")
    idle = check_disturbances(loaded, ground.network)
    notes = (*idle, *misplaced_notes(loaded, ground, idle), *doubtful(loaded))
    targets = targets_of(loaded, message.alert, ground, None)
    network = with_brought(loaded, ground.network)
    return Nation(
        loaded,
        message,
        ground,
        network,
        targets.area,
        listed_on(loaded, network, targets),
        (*notes, *targets.notes),
        bool(idle),
        disturbances_of(loaded),
    )


def needs_everybody(spec: Scenario) -> Iterator[KeyFault]:
    """What of a scenario cannot be worked out a shard at a time, each with what to write."""
    whole = "Leave it out, or run without --shards."
    for name in kinds_of("channel"):
        if getattr(spec.channels, name, None) is not None and name not in _CHANNELS:
            what = f"{name} has an order over everybody, which --shards does not keep."
            yield KeyFault(("channels", name), what, whole)
    siren = getattr(spec.channels, "siren", None)
    if siren is not None and siren.positions is None:
        what = "a grid of sirens stands where most people live, and --shards knows only some of them."
        yield KeyFault(("channels", "siren"), what, "Give their positions, or run without --shards.")
    if needs_people(spec.targeting):
        what = "cells are chosen by all the people on them, and --shards knows only some of them."
        yield KeyFault(("targeting",), what, "Write another policy, or run without --shards.")
    if spec.response is not None and spec.response.telling.informed_count != 0:
        what = "people who tell others are one web over the whole country, which --shards would cut."
        yield KeyFault(("response",), what, "Write telling: {informed_count: 0}, or run without --shards.")
