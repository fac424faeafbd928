"""Which cells each handset can camp on, in the order it prefers them.

A phone takes the newest technology that it and the cell support and whose median signal, with this
path's shadowing, is above the technology's threshold; of those the strongest. Cells of other
operators come after its own, and only with national roaming.

A row is a pure function of the handset: where it is, what it supports, and shadowing drawn by
(owner, site). Assumptions: shadowing is the same for all cells of a site (the same obstacles) and
independent between sites; a phone looks at the nearest sites of an operator; of a site's sectors it
takes the one that points at it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ewsim.network import radio
from ewsim.network.topology import Network
from ewsim.population.people import Camping, Handsets, People
from ewsim.streams import Streams
from ewsim.units import NEVER

#: Cells a handset remembers.
CANDIDATES = 6
#: With national roaming, places kept for cells of other operators.
ROAMING_CANDIDATES = 2
#: Sites of one operator that a handset looks at.
SITES = 8

#: Shadowing by `people.SETTLEMENTS` [dB]: TR 38.901 table 7.4.1-1, NLOS, UMa and RMa.
SHADOWING_DB = (6.0, 8.0, 8.0)

_CHUNK = 100_000


@dataclass(frozen=True, slots=True)
class _Layers:
    """The cells of one operator by site and layer (technology, frequency and power).

    `site` are the numbers of its sites and `xy_m` their positions; `rat` is the technology of a
    layer; `cell` and `azimuth_deg` are the sectors of a site's layer, shape (sites, layers,
    sectors), -1 padded. Sectors without a known azimuth share the circle evenly.
    """

    site: NDArray[np.int64]
    xy_m: NDArray[np.float64]
    rat: NDArray[np.int8]
    cell: NDArray[np.int32]
    azimuth_deg: NDArray[np.float64]


def camp(
    network: Network, people: People, handsets: Handsets, streams: Streams, roaming: bool
) -> Camping:
    """Candidate cells of every handset, at first and, for movers, from the move on.

    Parameters
    ----------
    streams
        Shadowing is a property of the country: it is the same in every replication.
    roaming
        National roaming: cells of other operators follow its own.
    """
    streams = streams.country()
    rows = _Rows(
        network,
        [_layers(network, operator) for operator in range(len(network.operators))],
        people,
        handsets,
        streams,
        roaming,
    )
    everyone = np.arange(len(handsets), dtype=np.int64)
    movers = np.flatnonzero(people.moves_us[handsets.owner] < NEVER)
    moved_row = np.full(everyone.size, -1, dtype=np.int32)
    moved_row[movers] = np.arange(movers.size, dtype=np.int32)
    cell, level = rows.of(everyone, later=False)
    later_cell, later_level = rows.of(movers, later=True)
    return Camping(cell, level, moved_row, later_cell, later_level)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Makes candidate rows, a chunk of handsets at a time."""

    network: Network
    layers: list[_Layers]
    people: People
    handsets: Handsets
    streams: Streams
    roaming: bool

    def of(
        self, who: NDArray[np.int64], *, later: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Rows of some handsets, where they are at first or later."""
        cell = np.full((who.size, CANDIDATES), -1, dtype=np.int32)
        level = np.zeros((who.size, CANDIDATES), dtype=np.float32)
        operator = self.handsets.operator[who]
        cells = self.network.cells
        for own in range(len(self.layers)):
            subscribers = np.flatnonzero(operator == own)
            others = [o for o in range(len(self.layers)) if o != own] if self.roaming else []
            for begin in range(0, subscribers.size, _CHUNK):
                rows = subscribers[begin : begin + _CHUNK]
                scored = [self._scored(o, who[rows], later) for o in (own, *others)]
                near = np.concatenate([c for c, _ in scored], axis=1)
                near_level = np.concatenate([v for _, v in scored], axis=1)
                own_limit = CANDIDATES - ROAMING_CANDIDATES if others else CANDIDATES
                chosen, chosen_level = cell[rows], level[rows]
                _choose(
                    chosen, chosen_level, near, near_level, scored[0][0].shape[1], own_limit,
                    cells.rat, cells.site,
                )  # fmt: skip
                cell[rows], level[rows] = chosen, chosen_level
        return cell, level

    def _scored(
        self, operator: int, who: NDArray[np.int64], later: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The operator's cells near each handset and their levels, -1 where it has none."""
        layers = self.layers[operator]
        owner = self.handsets.owner[who]
        people, sites = self.people, layers.site.size
        x = (people.later_x_m if later else people.x_m)[owner]
        y = (people.later_y_m if later else people.y_m)[owner]
        k = min(SITES, sites)
        if not k:
            return np.empty((who.size, 0), dtype=np.int32), np.empty((who.size, 0), np.float32)
        _, near = cKDTree(layers.xy_m).query(np.column_stack([x, y]), k=range(1, k + 1))
        cell = np.full((who.size, k, layers.rat.size), -1, dtype=np.int32)
        _sectors(
            cell, near, x, y, self.handsets.rats[who],
            layers.xy_m, layers.rat, layers.cell, layers.azimuth_deg,
        )  # fmt: skip
        handset, site, _ = np.nonzero(cell >= 0)
        found = cell[cell >= 0]
        shadow = self.streams.normal(
            "camping.shadowing",
            owner[:, None].astype(np.int64) * len(self.network.sites) + layers.site[near],
            k=int(later),
        ).reshape(near.shape)
        shadow *= np.asarray(SHADOWING_DB)[people.settlement[owner]][:, None]
        median = radio.level_db(
            self.network, found, x[handset], y[handset], people.indoors[owner][handset]
        )
        level = np.full(cell.shape, -1.0, dtype=np.float32)
        level[cell >= 0] = median + shadow[handset, site]
        return cell.reshape(who.size, -1), level.reshape(who.size, -1)


def _layers(network: Network, operator: int) -> _Layers:
    cells = network.cells
    mine = np.flatnonzero(cells.operator == operator)
    site, at = np.unique(cells.site[mine], return_inverse=True)
    kind = np.column_stack([cells.rat[mine], cells.frequency_mhz[mine], cells.eirp_dbm[mine]])
    kinds, layer = np.unique(kind, axis=0, return_inverse=True)
    group = at * len(kinds) + layer.ravel()
    order = np.argsort(group, kind="stable")
    _, first, sectors = np.unique(group[order], return_index=True, return_counts=True)
    number = np.arange(mine.size) - np.repeat(first, sectors)
    width = int(sectors.max(initial=0))
    cell = np.full((site.size * len(kinds), width), -1, dtype=np.int32)
    azimuth = np.zeros(cell.shape)
    cell[group[order], number] = mine[order]
    even = 360.0 * number / np.repeat(sectors, sectors)
    known = cells.azimuth_deg[mine[order]]
    azimuth[group[order], number] = np.where(np.isnan(known), even, known)
    shape = (site.size, len(kinds), width)
    return _Layers(
        site.astype(np.int64),
        np.column_stack([network.sites.x_m[site], network.sites.y_m[site]]),
        kinds[:, 0].astype(np.int8),
        cell.reshape(shape),
        azimuth.reshape(shape),
    )


@njit(cache=True, parallel=True)
def _sectors(  # type: ignore[no-untyped-def]
    out, near, x, y, rats, site_xy, layer_rat, cell, azimuth_deg
):
    """For each handset, near site and supported layer the sector that points at the handset."""
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            site = near[i, j]
            bearing = np.degrees(np.arctan2(x[i] - site_xy[site, 0], y[i] - site_xy[site, 1]))
            for k in range(out.shape[2]):
                if not (rats[i] >> layer_rat[k]) & 1:
                    continue
                best = 400.0
                for s in range(cell.shape[2]):
                    if cell[site, k, s] < 0:
                        break
                    off = abs((bearing - azimuth_deg[site, k, s] + 540.0) % 360.0 - 180.0)
                    if off < best:
                        best = off
                        out[i, j, k] = cell[site, k, s]


@njit(cache=True, parallel=True)
def _choose(  # type: ignore[no-untyped-def]
    out_cell, out_level, cell, level, own, own_limit, rat, site
):
    """The candidates to keep of those with a signal, in the order of preference.

    The first `own` columns are the own operator's, which take at most `own_limit` places while
    others have cells. One cell a site first, so that the six stand on as many sites as can be:
    a site's cells mostly fail together. Further technologies of a site fill the rest.
    """
    for i in prange(cell.shape[0]):
        width = cell.shape[1]
        order = np.empty(width, dtype=np.int64)
        n = 0
        for c in range(width):
            if cell[i, c] < 0 or level[i, c] < 0:
                continue
            at = n
            while at > 0 and _before(i, c, order[at - 1], cell, level, own, rat):
                order[at] = order[at - 1]
                at -= 1
            order[at] = c
            n += 1
        kept = np.zeros(n, dtype=np.bool_)
        count = 0
        # Own cells at new sites, others' at new sites, any at new sites, any of a new technology.
        for turn in range(4):
            limit = own_limit if turn == 0 else out_cell.shape[1]
            for a in range(n):
                if count >= limit:
                    break
                c = order[a]
                if kept[a] or (turn == 0 and c >= own) or (turn == 1 and c < own):
                    continue
                fresh = True
                for b in range(n):
                    d = order[b]
                    if kept[b] and site[cell[i, d]] == site[cell[i, c]]:
                        same = rat[cell[i, d]] == rat[cell[i, c]] and (d < own) == (c < own)
                        if turn < 3 or same:
                            fresh = False
                            break
                if fresh:
                    kept[a] = True
                    count += 1
        at = 0
        for a in range(n):
            if kept[a]:
                out_cell[i, at] = cell[i, order[a]]
                out_level[i, at] = level[i, order[a]]
                at += 1


@njit(cache=True, inline="always")
def _before(i, c, d, cell, level, own, rat):  # type: ignore[no-untyped-def]
    """Whether candidate c is preferred to d: own operator, newer technology, stronger signal."""
    if (c < own) != (d < own):
        return c < own
    if rat[cell[i, c]] != rat[cell[i, d]]:
        return rat[cell[i, c]] > rat[cell[i, d]]
    return level[i, c] > level[i, d]
