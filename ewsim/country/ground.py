"""What stands before anybody lives there: land, settlements and the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError
from ewsim.geography.land import read_land
from ewsim.geography.plane import LocalFrame
from ewsim.geography.terrain import draw
from ewsim.network.additions import completed, with_power
from ewsim.network.rollout.synthesis import synthesise
from ewsim.network.tables import assembly
from ewsim.network.tables.formats import Rows
from ewsim.network.tables.reader import read_rows
from ewsim.network.tables.standalone import NO_COASTLINE, all_around, drop_outliers, middle
from ewsim.network.topology import Network
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec import PowerSpec, Scenario
from ewsim.settlement import pattern
from ewsim.settlement.demand import Demand
from ewsim.settlement.homes import Homes
from ewsim.settlement.places import Places
from ewsim.streams import Streams

#: Assumption: cells further than this from everybody's home are those of another country [m].
ELSEWHERE_M = 100_000.0


@dataclass(frozen=True, slots=True)
class BuiltGround:
    """Land and what is built on it, in the metres of `frame`; `demand` is where people live.

    `power` is what the backup of the network's sites follows.
    """

    frame: LocalFrame
    land: BaseGeometry
    settlements: pattern.Settlements
    demand: Demand
    network: Network
    power: PowerSpec

    def powered(self, power: PowerSpec, streams: Streams) -> BuiltGround:
        """The same with other backup at the sites."""
        if power == self.power:
            return self
        return replace(self, power=power, network=with_power(self.network, power, self.demand, streams))


def ground_of(loaded: LoadedScenario, streams: Streams) -> BuiltGround:
    """Land, settlements and network of a scenario, read or invented; raises their faults."""
    spec = loaded.spec
    table = None if spec.network.path is None else read_rows(loaded.resolve(spec.network.path))
    frame, places = pattern.frame_and_places(spec, loaded.resolve)
    terrain, notes = None, list[str]()
    if spec.network.land is not None:
        shore = loaded.resolve(spec.network.land)
        land = read_land(shore, frame, notes)
        if table is not None:
            table.land_file = str(shore)
    elif table is None and (places is None or "island" in spec.population.model_fields_set):
        land, terrain = draw(spec.population.island, frame, streams)
    else:
        frame, land = _around_data(frame, table, places)
        notes.append(f"{NO_COASTLINE}: the ground around the cells and the people is taken as land.")
    settlements = pattern.settle(spec.population, places, land, frame, streams, terrain)
    settlements = replace(settlements, notes=(*settlements.notes, *notes, *_on_people(spec, settlements)))
    demand = pattern.demand(settlements, land, streams)
    if table is not None:
        network = assembly.assemble(table, spec.network, frame, land, streams, demand)[0]
    else:
        network = synthesise(spec.network, streams, frame, land, demand)
    network = completed(network, spec.network, loaded.resolve, demand, streams)
    return BuiltGround(frame, land, settlements, demand, network, spec.network.power)


def _on_people(spec: Scenario, settlements: pattern.Settlements) -> Iterator[str]:
    """What nobody counted, and how few stand for all."""
    people = spec.population
    if settlements.edge_m is None and people.places is None:
        yield "The settlements are synthesised; no real place is meant."
        if people.people_count is None:
            total = int(settlements.people.sum())
            yield f"No people_count and no places: {total} people by an assumed density."
    if people.weight > 1:
        yield f"Each simulated person stands for {people.weight} people."


def _around_data(
    frame: LocalFrame, table: Rows | None, places: Places | Homes | None
) -> tuple[LocalFrame, BaseGeometry]:
    """The plane, and a box around the cells (those far from the rest aside) and everybody's home [m]."""
    lat, lon = np.empty(0), np.empty(0)
    if table is not None:
        drop_outliers(table)
        lat, lon = table.columns.lat_deg, table.columns.lon_deg
        frame = frame if places is not None else LocalFrame.around(*middle(lat, lon))
    if places is not None:
        home_lat, home_lon = places.lat_lon()
        if table is not None:
            cells, homes = all_around(frame, lat, lon), all_around(frame, home_lat, home_lon)
            if (away_m := cells.distance(homes)) > ELSEWHERE_M:
                what = f"the cells lie {away_m / 1000:,.0f} km from where the people of {places.file} live."
                fix = "Check latitude and longitude of both, and that they are of one country."
                raise DataError.at(table.file, what, fix, int(table.columns.line[0]), 1)
        lat, lon = np.concatenate([lat, home_lat]), np.concatenate([lon, home_lon])
    return frame, all_around(frame, lat, lon)
