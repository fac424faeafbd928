"""The whole population of a scenario, from its settlements to where each handset can camp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from shapely.geometry.base import BaseGeometry

from ewsim.network.topology import Network
from ewsim.population.camping.choice import camp
from ewsim.population.differences import not_modelled
from ewsim.population.handsets import make_handsets, on_times, together, visitors_roam
from ewsim.population.movement.arrivals import not_before, with_arrivals
from ewsim.population.movement.flows import Fault, at_key, with_flows
from ewsim.population.people import WIFI_ONLY, Handsets, People, Population
from ewsim.population.phones import equip
from ewsim.population.synthesis import make_people
from ewsim.scenario.spec import HandsetSpec, OperatorSpec, Scenario
from ewsim.settlement.demand import Demand
from ewsim.settlement.pattern import Settlements
from ewsim.streams import Streams
from ewsim.units import NEVER, RATS, to_us


def build_population(
    spec: Scenario,
    land: BaseGeometry,
    settlements: Settlements,
    demand: Demand,
    network: Network,
    streams: Streams,
    resolve: Callable[[str], Path] = Path,
    fault: Fault = at_key,
) -> Population:
    """Everyone on the land, their handsets, and the cells those can camp on.

    Parameters
    ----------
    spec
        The scenario.
    land
        Where people can be [m].
    settlements
        Where they live.
    demand
        The same as points with a density, for the buildings there.
    network
        What their handsets camp on.
    streams
        The random numbers.
    resolve
        Finds a file that the scenario names.
    fault
        Makes the error of a key of the scenario.

    Raises
    ------
    DataError
        The table of shares by zone is wrong.
    EwsimError
        What `fault` makes of a key: people are to go into the sea.
    """
    named = spec.population.zone_shares
    table = None if named is None else resolve(named)
    horizon_us, frame = to_us(spec.horizon_s), network.frame
    people = make_people(spec.population, settlements, land, streams, horizon_us, table)
    people = with_arrivals(
        spec.population, people, settlements, frame, land, streams, horizon_us, fault, table
    )
    people = with_flows(spec.population.flows, people, frame, land, streams, fault)
    handsets, carried = make_handsets(spec.population.handsets, _operators(spec, network), people, streams)
    handsets = equip(spec.population.handsets, handsets, network.operators, streams)
    if (people.residence > 0).any():
        handsets = visitors_roam(spec.population.handsets, people, handsets, streams)
    people = together(people, handsets, carried)
    handsets = not_before(handsets, people)
    camping = camp(network, people, handsets, streams, spec.network.national_roaming, demand)
    notes = _notes(settlements, people)
    return Population(people, handsets, camping, notes, not_modelled(spec, people, table))


def switched_on(spec: HandsetSpec, population: Population, streams: Streams) -> Handsets:
    """The handsets, on or off by this replication's luck; whoever arrives has one on from then at most.

    Parameters
    ----------
    spec
        Shares of phones that are on, and that are switched on later.
    population
        Everyone, with the phones of replication 0.
    streams
        This replication's randomness.
    """
    people, handsets = population.people, population.handsets
    owner, row = np.unique(handsets.owner.astype(np.int64), return_inverse=True)
    on_from, on_to = on_times(spec, people, owner, streams)
    away = handsets.sim == WIFI_ONLY
    drawn = replace(
        handsets, on_from_us=np.where(away, NEVER, on_from[row]), on_to_us=np.where(away, NEVER, on_to[row])
    )
    return not_before(drawn, people)


def _operators(spec: Scenario, network: Network) -> tuple[OperatorSpec, ...]:
    """The network's operators, in its order, with the scenario's shares and what they have on air."""
    named = {operator.name: operator for operator in spec.network.operators}
    cells, out = network.cells, []
    for number, name in enumerate(network.operators):
        operator = named.get(name) or OperatorSpec(name=name)
        on_air = tuple(RATS[rat] for rat in np.unique(cells.rat[cells.operator == number]))
        out.append(operator.model_copy(update={"rats": on_air}) if on_air else operator)
    return tuple(out)


def _notes(settlements: Settlements, made: People) -> tuple[str, ...]:
    if made.arrives_us is None:
        return settlements.notes
    coming = int(made.weight[made.arrives_us > -NEVER].sum())
    note = f"{coming:,} people arrive during the run; maps show them from its beginning."
    return (*settlements.notes, note)
