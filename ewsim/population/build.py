"""The whole population of a scenario, from its settlements to where each handset can camp."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from shapely.geometry.base import BaseGeometry

from ewsim.network.topology import Network
from ewsim.population.camping.choice import camp
from ewsim.population.differences import not_modelled
from ewsim.population.handsets import make_handsets, on_times, owner_sizes, owners, together, visitors_roam
from ewsim.population.movement.arrivals import not_before, with_arrivals
from ewsim.population.movement.flows import Fault, at_key, with_flows
from ewsim.population.people import WIFI_ONLY, Handsets, People, Population
from ewsim.population.phones import equip
from ewsim.population.shard import NOT_KNOWN, Shard, Sizes
from ewsim.population.synthesis import make_people
from ewsim.scenario.spec import HandsetSpec, OperatorSpec, Scenario
from ewsim.settlement.demand import Demand
from ewsim.settlement.pattern import Settlements
from ewsim.streams import Streams
from ewsim.units import NEVER, RATS, to_us


@dataclass(frozen=True, slots=True)
class Origin:
    """What the people of a scenario are made from: where they live, what they camp on, and luck.

    `land` is where people can be [m]; `demand` are the settlements as points with a density, for the
    buildings there. `resolve` finds a file that the scenario names, `fault` makes the error of a key.
    """

    spec: Scenario
    land: BaseGeometry
    settlements: Settlements
    demand: Demand
    network: Network
    streams: Streams
    resolve: Callable[[str], Path] = Path
    fault: Fault = at_key

    @property
    def zone_table(self) -> Path | None:
        """The table of shares by zone."""
        named = self.spec.population.zone_shares
        return None if named is None else self.resolve(named)

    @property
    def operators(self) -> tuple[OperatorSpec, ...]:
        """The network's operators, in its order, with the scenario's shares and what they have on air."""
        named = {operator.name: operator for operator in self.spec.network.operators}
        cells, out = self.network.cells, []
        for number, name in enumerate(self.network.operators):
            operator = named.get(name) or OperatorSpec(name=name)
            on_air = tuple(RATS[rat] for rat in np.unique(cells.rat[cells.operator == number]))
            out.append(operator.model_copy(update={"rats": on_air}) if on_air else operator)
        return tuple(out)


def build_population(of: Origin, shard: Shard | None = None) -> Population:
    """Everyone on the land, their handsets, and the cells those can camp on; or those of a shard.

    Raises
    ------
    DataError
        The table of shares by zone is wrong.
    EwsimError
        What `Origin.fault` makes of a key: people are to go into the sea.
    """
    spec, streams, phones = of.spec, of.streams, of.spec.population.handsets
    people = _there(of, shard)
    flowed = () if shard is None else shard.flowed
    people = with_flows(spec.population.flows, people, of.network.frame, of.land, streams, of.fault, flowed)
    sizes = NOT_KNOWN if shard is None else shard.sizes
    handsets, carried = make_handsets(phones, of.operators, people, streams, sizes)
    first_sims = len(handsets)
    handsets = equip(phones, handsets, of.network.operators, streams.from_row(people.first))
    if shard is not None:
        handsets = replace(handsets, number=shard.numbers(first_sims, len(handsets)))
    if (people.residence > 0).any():
        handsets = visitors_roam(phones, people, handsets, streams)
    people = together(people, handsets, carried)
    handsets = not_before(handsets, people)
    camping = camp(of.network, people, handsets, streams, spec.network.national_roaming, of.demand)
    notes = _notes(of.settlements, people)
    return Population(people, handsets, camping, notes, not_modelled(spec, people, of.zone_table))


@dataclass(frozen=True, slots=True)
class Census:
    """What is counted of a shard before it is made, for others: see `shard.Shard`.

    `first_owner` is the first row of the whole whose phone is their own, -1: nobody has one.
    """

    sizes: Sizes
    phones: int = 0
    second_sims: int = 0
    first_owner: int = -1
    flowed: tuple[int, ...] = ()


def counted(of: Origin, shard: Shard) -> Census:
    """What others must know of a shard, as far as what is known of all others allows.

    Without `shard.sizes.ownership` only that; without the sizes of owners only those and the phones.
    """
    phones, last = of.spec.population.handsets, shard.sizes.on is not None
    flows = of.spec.population.flows
    people = _there(of, shard, placed=last and bool(flows))
    if shard.sizes.ownership is None:
        return Census(owner_sizes(phones, people, None))
    rows = of.streams.country().from_row(people.first)
    if not last:
        owner = owners(phones, people, rows, shard.sizes)
        first = people.first + int(owner[0]) if owner.size else -1
        return Census(owner_sizes(phones, people, owner), owner.size, first_owner=first)
    flowed: list[int] = []
    with_flows(flows, people, of.network.frame, of.land, of.streams, of.fault, taken=flowed)
    handsets, _ = make_handsets(phones, of.operators, people, of.streams, shard.sizes)
    every = equip(phones, handsets, of.network.operators, rows)
    return Census(shard.sizes, len(handsets), len(every) - len(handsets), flowed=tuple(flowed))


def _there(of: Origin, shard: Shard | None, *, placed: bool = True) -> People:
    """Who is there at the decision, and who arrives."""
    spec, horizon_us, table = of.spec.population, to_us(of.spec.horizon_s), of.zone_table
    people = make_people(spec, of.settlements, of.land, of.streams, horizon_us, table, shard, placed=placed)
    frame = of.network.frame
    return with_arrivals(
        spec, people, of.settlements, frame, of.land, of.streams, horizon_us, of.fault, table, shard
    )


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


def _notes(settlements: Settlements, made: People) -> tuple[str, ...]:
    if made.arrives_us is None:
        return settlements.notes
    coming = int(made.weight[made.arrives_us > -NEVER].sum())
    note = f"{coming:,} people arrive during the run; maps show them from its beginning."
    return (*settlements.notes, note)
