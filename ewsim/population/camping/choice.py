"""Which cells each handset can camp on, in the order it prefers them.

A phone takes the newest technology that it and the cell support and whose signal where it is, with
that place's shadowing, is above the technology's camping threshold; of those the strongest. Cells of other
operators come after its own, and only with national roaming.

The signal is the median of `ewsim.network.signal.propagation`, with or without line of sight as drawn with
the probability of TR 38.901 7.4.2, the mast's shadow at the place (`ewsim.network.signal.shadowing`), the
sector's antenna and, indoors, the building: shell, depth and spread of TR 38.901 7.4.3, drawn by
person; of a city's mix where at least CITY_DENSITY people live on a km2. A row is a pure function of
the handset and the country.

Assumptions: a phone looks at the nearest SITES sites of an operator; of a site's sectors it takes
the one that points at it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.network.signal import nearest, propagation, radio, shadowing
from ewsim.network.signal.propagation import entry_loss_db
from ewsim.network.topology import Network
from ewsim.population.camping.kernel import (
    CITY_DENSITY,
    Buildings,
    Candidates,
    Masts,
    Rasters,
    Search,
    Surroundings,
    Users,
    fill,
)
from ewsim.population.journeys import BACK, ranges
from ewsim.population.people import Camping, Handsets, People
from ewsim.settlement.demand import NOWHERE, Demand
from ewsim.streams import Streams
from ewsim.units import RATS

#: Cells a handset remembers.
CANDIDATES = 6
#: With national roaming, places kept for cells of other operators.
ROAMING_CANDIDATES = 2
#: Sites of one operator that a handset looks at.
SITES = 8

_RATS: Final = len(RATS)


def camp(
    network: Network,
    people: People,
    handsets: Handsets,
    streams: Streams,
    roaming: bool,
    demand: Demand = NOWHERE,
    only: NDArray[np.bool_] | None = None,
) -> Camping:
    """Candidate cells of every handset, at first and, for movers, at each stop.

    Parameters
    ----------
    network
        Cells, and the model of the signal.
    people
        Where they are, and their journeys.
    handsets
        Their operators and technologies.
    streams
        Shadowing is a property of the country: it is the same in every replication.
    roaming
        National roaming: cells of other operators follow its own.
    demand
        Where people live, for the buildings: those of the nearest point; without any, no city's.
    only
        The cells to look at, shape (cells,); None: all. With some, nobody asks what empty rows lack.

    Notes
    -----
    Where the network has rasters of the signal (`Network.coverage`), they replace the model's level
    of the best cell of their operator and technology, and its other cells move with it.
    """
    everyone = np.arange(len(handsets), dtype=np.int32)
    country = streams.country().from_row(people.first)
    rows = _Rows(network, people, handsets, country, roaming, demand, only)
    (cell, level), lack = rows.of(everyone, people.x_m, people.y_m)
    journeys = people.journeys
    move_first, move = ranges(journeys.first, handsets.owner)
    handset = np.repeat(everyone, np.diff(move_first))
    stop = journeys.stop[move]
    away = stop >= 0
    # A row for each stop of each handset, however often it is there.
    stops = journeys.x_m.size
    pair, row = np.unique(handset[away] * np.int64(stops) + stop[away], return_inverse=True)
    who, where = np.divmod(pair, max(stops, 1))
    later_cell = np.empty((pair.size, CANDIDATES), dtype=np.int32)
    later_level = np.empty((pair.size, CANDIDATES), dtype=np.float32)
    later_lack = np.empty(pair.size, dtype=np.int8)
    # All first stops, all second ones ...: a person is at one place at a time.
    turn = np.arange(pair.size) - np.searchsorted(who, who)
    for number in range(int(turn.max(initial=-1)) + 1):
        batch = np.flatnonzero(turn == number)
        x, y = people.x_m.copy(), people.y_m.copy()
        owner = handsets.owner[who[batch]]
        x[owner], y[owner] = journeys.x_m[where[batch]], journeys.y_m[where[batch]]
        (later_cell[batch], later_level[batch]), later_lack[batch] = rows.of(
            who[batch].astype(np.int32), x, y
        )
    move_row = np.full(move.size, BACK, dtype=np.int32)
    move_row[away] = row
    return Camping(
        cell, level, move_first, journeys.at_us[move], move_row, later_cell, later_level, lack, later_lack
    )


class _Rows:
    """Makes candidate rows for handsets whose owners are somewhere."""

    def __init__(
        self,
        network: Network,
        people: People,
        handsets: Handsets,
        streams: Streams,
        roaming: bool,
        demand: Demand,
        only: NDArray[np.bool_] | None,
    ) -> None:
        self.network, self.people, self.handsets = network, people, handsets
        self.partly = only is not None
        seen = np.ones(len(network.cells), dtype=np.bool_) if only is None else only
        every = set(range(len(network.operators)))
        self.own = [_masts(network, {operator}, seen) for operator in sorted(every)]
        self.other = (
            [_masts(network, every - {operator}, seen) for operator in sorted(every)]
            if roaming and len(every) > 1
            else [None] * len(every)
        )
        self.fields = shadowing.fields(streams, len(network.sites))
        self.buildings = Buildings(
            nearest.build(demand.x_m, demand.y_m), (demand.density_per_km2 >= CITY_DENSITY).astype(np.int8)
        )

    def of(
        self, who: NDArray[np.int32], x_m: FloatArray, y_m: FloatArray
    ) -> tuple[Candidates, NDArray[np.int8]]:
        """Rows of some handsets with their owners at these places, and what empty ones lack."""
        people, handsets = self.people, self.handsets
        users = Users(x_m, y_m, people.indoors, handsets.owner, handsets.rats)
        kept = self._kept(who, users)
        lack = np.zeros(who.size, dtype=np.int8)
        empty = np.flatnonzero(kept.cell[:, 0] < 0)
        if empty.size and not self.partly:
            outside = users._replace(indoors=np.zeros_like(users.indoors))
            newer = np.full_like(users.rats, (1 << _RATS) - 1)
            for way, code in ((outside._replace(rats=newer), 2), (outside, 1)):
                found = self._kept(who[empty], way).cell[:, 0] >= 0
                lack[empty[found]] = code
        return kept, lack

    def _kept(self, who: NDArray[np.int32], users: Users) -> Candidates:
        x_m, y_m, handsets = users.x_m, users.y_m, self.handsets
        shape = (who.size, CANDIDATES)
        kept = Candidates(np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=np.float32))
        surroundings = Surroundings(self.fields, self._rasters(x_m, y_m), self.buildings)
        for number, own in enumerate(self.own):
            other = self.other[number]
            mine = np.flatnonzero(handsets.operator[who] == number).astype(np.int32)
            owner = handsets.owner[who[mine]]
            mine = mine[_neighbours_together(x_m[owner], y_m[owner])]
            limit = CANDIDATES if other is None else CANDIDATES - ROAMING_CANDIDATES
            search = Search(own, other or own, SITES, 0 if other is None else SITES, limit)
            fill(kept, mine, who, users, search, surroundings)
        return kept

    def _rasters(self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> Rasters:
        coverage = self.network.coverage
        if coverage is None or not x_m.size:
            shape = (len(self.network.operators), _RATS)
            column = np.full(shape, -1, dtype=np.int32)
            return Rasters(column, np.empty((1, 0), dtype=np.float32))
        signals = coverage.signals_dbm(self.network.frame, x_m, y_m)
        return Rasters(coverage.column, signals)


def _neighbours_together(x_m: FloatArray, y_m: FloatArray) -> NDArray[np.intp]:
    """An order in which neighbours follow each other, so that what they need is still at hand."""
    key = np.zeros(x_m.size, dtype=np.uint16)
    for along in (y_m, x_m):
        if along.size:
            step = max(float(np.ptp(along)), 1.0) / 255
            key = key * np.uint16(256) + ((along - along.min()) / step).astype(np.uint16)
    return np.argsort(key, kind="stable")


def _masts(network: Network, operators: set[int], seen: NDArray[np.bool_]) -> Masts:
    """The masts of some operators with cells that are seen, with the tree of their places."""
    cells, sites = network.cells, network.sites
    mine = np.flatnonzero(np.isin(cells.operator, sorted(operators)) & seen)
    kind = np.column_stack(
        [cells.operator[mine], cells.rat[mine], cells.frequency_mhz[mine], cells.eirp_dbm[mine]]
    )
    _, layer = np.unique(kind, axis=0, return_inverse=True)
    layer = layer.ravel()
    order = np.lexsort((mine, layer, cells.site[mine]))
    mine, layer = mine[order], layer[order]
    site, begin = np.unique(cells.site[mine], return_index=True)
    # Sectors of one layer of a mast, counted: where directions are not known they share the circle.
    group = np.column_stack([cells.site[mine], layer])
    _, first, at, size = np.unique(group, axis=0, return_index=True, return_inverse=True, return_counts=True)
    at = at.ravel()
    even = 360.0 * (np.arange(mine.size) - first[at]) / size[at]
    azimuth = cells.azimuth_deg[mine]
    turn = np.radians(np.where(np.isnan(azimuth), even, azimuth))
    link, row = np.unique(
        np.column_stack([cells.frequency_mhz[mine], sites.height_m[cells.site[mine]]]),
        axis=0,
        return_inverse=True,
    )
    rat = cells.rat[mine]
    threshold = np.asarray(radio.CAMPING_DBM)[rat]
    rows = propagation.coefficient_rows(link[:, 0], link[:, 1])
    frequency = cells.frequency_mhz[mine]
    x_m, y_m = sites.x_m[site], sites.y_m[site]
    return Masts(
        x_m=x_m,
        y_m=y_m,
        site=site.astype(np.int32),
        environment=np.array(
            [propagation.environment_of(h) for h in sites.height_m[site].tolist()], dtype=np.int8
        ),
        begin=np.append(begin, mine.size).astype(np.int64),
        cell=mine.astype(np.int32),
        operator=cells.operator[mine].astype(np.int16),
        rat=rat.astype(np.int8),
        layer=layer.astype(np.int64),
        east=np.sin(turn),
        north=np.cos(turn),
        omni=np.isnan(azimuth),
        row=row.ravel().astype(np.int64),
        margin_db=cells.eirp_dbm[mine] - radio.BODY_LOSS_DB - threshold,
        shell_db=np.column_stack([entry_loss_db(frequency), entry_loss_db(frequency, high=True)]),
        rows=rows,
        floors_db=propagation.floors_db(rows),
        tree=nearest.build(x_m, y_m),
    )
