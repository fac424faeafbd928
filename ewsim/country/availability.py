"""Planned coverage and availability of a network, by operator and technology, and its sites.

*Planned coverage* is the median signal outdoors at the planning threshold: what operators build for and
maps show. *Availability* is people who can camp on a network that their phone may use, where they are,
with the shadows and walls that are drawn there. `docs/nomenclature.md` has both.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.network.signal.maps import Signals, signals
from ewsim.network.topology import Network
from ewsim.population.camping.choice import camp
from ewsim.population.handsets import make_handsets
from ewsim.population.journeys import Journeys
from ewsim.population.people import LACKS, WIFI_ONLY, People, Population
from ewsim.scenario.spec import HandsetSpec, OperatorSpec
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams
from ewsim.units import RATS

#: People whose places stand for everybody's where planned coverage is counted for a run.
_SAMPLE = 2_000
#: A table of cells that leaves more than this share of phones without a signal outdoors is probably
#: incomplete: networks that are on air cover 95 % of the world's people (ITU Facts and Figures 2024).
INCOMPLETE = 0.05


def network_rows(
    network: Network, population: Population, planned: Signals | None = None, people: Any = None
) -> list[dict[str, Any]]:
    """Sites, planned coverage and availability: a row for all, each operator and each technology.

    Availability counts phones with their owners' weight, at the places of the beginning. Outdoors of all
    technologies counts every phone, as if all were outdoors; a technology's row those that are, and whose
    newest technology it is.

    Parameters
    ----------
    network
        The network.
    population
        The people, with phones that camp on it.
    planned, people
        The signals where people live, and how many live there, shape (points,); None: at the places of a
        sample of the population.
    """
    if planned is None:
        some = _sample(population.people)
        planned = signals(network, population.people.x_m[some], population.people.y_m[some])
        people = np.full(some.size, population.people.weight.sum(dtype=np.int64) / some.size)
    everybody = float(people.sum())
    phones = _Phones(network, population)
    rows = []
    for operator, rat in _kinds(network):
        sites = np.unique(network.cells.site[_mine(network, operator, rat)]).size
        each = round(everybody / sites) if sites and rat is None and operator is not None else None
        outdoors, indoors = phones.available(operator, rat)
        rows.append(
            {
                "operator": "any" if operator is None else network.operators[operator],
                "rat": "any" if rat is None else RATS[rat],
                "sites": sites,
                "people_per_site": each,
                "planned_coverage_share": float(people[planned.covered(operator, rat)].sum() / people.sum()),
                "outdoors_share": outdoors,
                "indoors_share": indoors,
            }
        )
    return rows


def signal_outdoors(population: Population) -> tuple[int, int]:
    """People with a phone without a signal outdoors that it can use, and all with a phone."""
    camping, handsets = population.camping, population.handsets
    nothing = (camping.cell[:, 0] < 0) & (camping.lack != LACKS.index("no_coverage_indoors"))
    weight, who = population.people.weight[handsets.owner], handsets.sim != WIFI_ONLY
    return int(weight[who & nothing].sum()), int(weight[who].sum())


def incomplete_table(population: Population) -> tuple[str, ...]:
    """What to say of a table of cells that leaves too many people without a signal."""
    return incomplete(*signal_outdoors(population))


def incomplete(without: int, people: int) -> tuple[str, ...]:
    """What to say where so many of the people with a phone are without a signal."""
    share = without / people if people else 0.0
    if share <= INCOMPLETE:
        return ()
    note = f"The table of cells leaves {share:.0%} of people with a phone without a signal outdoors that "
    return (note + "it can use: it is probably incomplete. Do not read its gaps as the country's.",)


def default_phones(network: Network, demand: Demand, streams: Streams) -> Population:
    """People at points of demand with ewsim's default phones, where nobody says who lives there.

    Operators share them by their number of cells (assumption); every second is indoors.

    Parameters
    ----------
    network
        What they camp on.
    demand
        Where people live.
    streams
        The random numbers.
    """
    count = _SAMPLE * 5
    cumulated = np.cumsum(demand.people)
    at = np.searchsorted(cumulated, (np.arange(count) + 0.5) / count * cumulated[-1])
    none = np.zeros(count, dtype=np.int8)
    people = People(
        weight=np.full(count, max(1, round(cumulated[-1] / count)), dtype=np.int32),
        x_m=demand.x_m[at],
        y_m=demand.y_m[at],
        journeys=Journeys.of(count, []),
        indoors=np.arange(count) % 2 == 0,
        age_band=none + 3,
        sex=none,
        disability=none,
        settlement=none,
        language=none,
        zone=none.astype(np.int32),
        handset=np.full(count, -1, dtype=np.int32),
        languages=("en",),
        zone_names=("",),
    )
    cells = network.cells
    operators = tuple(
        OperatorSpec(
            name=name,
            share=float((cells.operator == number).mean()),
            rats=tuple(RATS[rat] for rat in np.unique(cells.rat[cells.operator == number])),
        )
        for number, name in enumerate(network.operators)
    )
    handsets, _ = make_handsets(HandsetSpec(ownership_share=1.0, ratios=()), operators, people, streams)
    return Population(people, handsets, camp(network, people, handsets, streams, False, demand))


class _Phones:
    """Phones that may use a network: what each camps on at the beginning, and what it could at best."""

    def __init__(self, network: Network, population: Population) -> None:
        handsets, camping = population.handsets, population.camping
        cell = camping.cell[:, 0]
        self.weight = population.people.weight[handsets.owner].astype(np.float64)
        self.indoors = population.people.indoors[handsets.owner]
        self.operator, self.counts = handsets.operator, handsets.sim != WIFI_ONLY
        self.served = cell >= 0
        self.outside = self.served | (camping.lack == LACKS.index("no_coverage_indoors"))
        on_air = np.zeros(len(network.operators), dtype=np.uint8)
        np.bitwise_or.at(on_air, network.cells.operator, (1 << network.cells.rat).astype(np.uint8))
        may_use = handsets.rats & on_air[handsets.operator]
        self.newest = np.where(may_use > 0, np.log2(np.maximum(may_use, 1)).astype(np.int8), np.int8(-1))
        self.rat = np.where(self.served, network.cells.rat[np.maximum(cell, 0)], -1)
        # A second SIM is a row of its own; its phone is available by either.
        self.first = np.ones(len(handsets), dtype=np.bool_)
        self.first[handsets.second[handsets.second >= 0]] = False
        self.second = handsets.second

    def available(self, operator: int | None, rat: int | None) -> tuple[float | None, float | None]:
        """Shares of phones that can camp outdoors and indoors; None without such phones."""
        if operator is None and rat is None:
            who = self.counts & self.first
            served, outside = self._either(self.served), self._either(self.outside)
        else:
            who = self.counts if operator is None else self.counts & (self.operator == operator)
            served, outside = self.served, self.outside
        if rat is not None:
            who = who & (self.newest == rat)
            served = self.rat == rat
            return (
                _share(served, who & ~self.indoors, self.weight),
                _share(served, who & self.indoors, self.weight),
            )
        return _share(outside, who, self.weight), _share(served, who & self.indoors, self.weight)

    def _either(self, by_row: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of each phone: by its row, or that of its second SIM."""
        return by_row | np.where(self.second >= 0, by_row[self.second], False)


def _share(hit: NDArray[np.bool_], who: NDArray[np.bool_], weight: NDArray[Any]) -> float | None:
    total = float(weight[who].sum())
    return float(weight[who & hit].sum()) / total if total else None


def _kinds(network: Network) -> Iterator[tuple[int | None, int | None]]:
    """All together, then each operator: all technologies, and each that is on air."""
    for operator in (None, *range(len(network.operators))):
        mine = _mine(network, operator, None)
        if mine.any():
            yield operator, None
            for rat in np.unique(network.cells.rat[mine]).tolist():
                yield operator, rat


def _mine(network: Network, operator: int | None, rat: int | None) -> NDArray[np.bool_]:
    cells = network.cells
    mine = np.ones(len(cells), dtype=np.bool_) if operator is None else cells.operator == operator
    return mine if rat is None else mine & (cells.rat == rat)


def _sample(people: People) -> NDArray[np.intp]:
    """People whose places stand for everybody's, by their weight."""
    cumulated = np.cumsum(people.weight, dtype=np.int64)
    count = min(_SAMPLE, len(people))
    wanted = (np.arange(count) + 0.5) / count * cumulated[-1]
    return np.asarray(np.searchsorted(cumulated, wanted), dtype=np.intp)
