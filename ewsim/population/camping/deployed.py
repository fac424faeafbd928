"""Deployable cells as further candidates of phones, after all the cells of the network.

A phone uses a deployable only while none of its other cells serves. So it takes nobody from a cell that
works, and what it adds never lowers who can be reached (assumption: operators give deployables the lowest
priority of re-selection). It hears one as it hears a mast (`choice`), no further than its range. Platforms
in the stratosphere are in sight: free space by slant distance, from an elevation of MIN_ELEVATION_DEG on,
and the shell of a building of low loss.

References
----------
.. [1] Recommendation ITU-R P.525-4, free space.
.. [2] 3GPP TR 38.811, "Study on New Radio (NR) to support non-terrestrial networks", 6.6: S-band, line of
   sight, shadowing below 2 dB; elevation from 10 degrees.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.network.signal import radio
from ewsim.network.signal.propagation import entry_loss_db
from ewsim.network.topology import Network
from ewsim.population.camping.choice import camp
from ewsim.population.camping.kernel import DEPTH_DB_PER_M, DEPTH_M
from ewsim.population.people import Handsets, Population
from ewsim.settlement.demand import Demand
from ewsim.streams import Streams

#: Antennas from this height on are platforms in the stratosphere [m].
ALOFT_M: Final = 5_000.0
#: Least elevation at which a platform serves phones [degree] (TR 38.811).
MIN_ELEVATION_DEG: Final = 10.0
#: Free space at 1 m and 1 MHz [dB] (P.525).
_SPACE_DB: Final = -27.55
#: Mean of the depth indoors, the lesser of two even draws: a third of the deepest place [dB].
_DEPTH_DB: Final = DEPTH_DB_PER_M * DEPTH_M[0] / 3


def with_deployable_cells(
    population: Population, network: Network, streams: Streams, roaming: bool, demand: Demand
) -> Population:
    """The population with the deployable cells of a network behind the other candidates.

    Parameters
    ----------
    population
        Everyone, camped on the network without deployables.
    network
        The network with deployables; without any, nothing changes.
    streams
        The country's randomness.
    roaming
        National roaming.
    demand
        Where people live, for the buildings.
    """
    if network.fixed is None:
        return population
    people, handsets, camping = population.people, population.handsets, population.camping
    first = len(network.built.cells)
    aloft = network.sites.height_m[network.cells.site] >= ALOFT_M
    plain = replace(network, coverage=None)  # rasters know nothing of them
    found = camp(
        plain, people, handsets, streams, roaming, demand, only=(np.arange(aloft.size) >= first) & ~aloft
    )
    places = _places(population)
    up = np.flatnonzero(aloft & (np.arange(aloft.size) >= first))
    parts = []
    for who, x_m, y_m, cell, level in (
        (np.arange(len(handsets)), *places[0], found.cell, found.level_db),
        (*places[1], found.later_cell, found.later_level_db),
    ):
        away = _too_far(network, cell, x_m, y_m)
        cell[away], level[away] = -1, 0.0
        indoors = people.indoors[handsets.owner[who]]
        more = [_from_above(network, int(one), handsets, who, indoors, x_m, y_m) for one in up]
        cell = np.column_stack([cell, *(c for c, _ in more)])
        level = np.column_stack([level, *(db for _, db in more)])
        parts.append(_to_the_left(cell, level))
    width = max(_used(cell) for cell, _ in parts)
    joined = camping._replace(
        cell=np.column_stack([camping.cell, parts[0][0][:, :width]]),
        level_db=np.column_stack([camping.level_db, parts[0][1][:, :width]]),
        later_cell=np.column_stack([camping.later_cell, parts[1][0][:, :width]]),
        later_level_db=np.column_stack([camping.later_level_db, parts[1][1][:, :width]]),
    )
    return replace(population, camping=joined)


def _places(
    population: Population,
) -> tuple[tuple[FloatArray, FloatArray], tuple[NDArray[np.int64], FloatArray, FloatArray]]:
    """Where handsets first are, and the handset and place of each later row of candidates [m]."""
    people, handsets, camping = population.people, population.handsets, population.camping
    count = len(camping.later_cell)
    who, x, y = np.zeros(count, dtype=np.int64), np.zeros(count), np.zeros(count)
    handset = np.repeat(np.arange(len(handsets)), np.diff(camping.move_first))
    moved = np.flatnonzero(camping.move_row >= 0)
    row = camping.move_row[moved]
    who[row] = handset[moved]
    x[row], y[row] = people.at(camping.move_us[moved], handsets.owner[handset[moved]])
    return (people.x_m[handsets.owner], people.y_m[handsets.owner]), (who, x, y)


def _too_far(
    network: Network, cell: NDArray[np.int32], x_m: FloatArray, y_m: FloatArray
) -> NDArray[np.bool_]:
    """Candidates beyond the range of their deployable, or none."""
    site = network.cells.site[np.maximum(cell, 0)]
    away = np.hypot(network.sites.x_m[site] - x_m[:, None], network.sites.y_m[site] - y_m[:, None])
    most = np.append(network.range_m, np.inf)[np.maximum(site - len(network.built.sites), -1)]
    return np.asarray((cell < 0) | (away > most))


def _from_above(
    network: Network,
    cell: int,
    handsets: Handsets,
    who: NDArray[np.int64],
    indoors: NDArray[np.bool_],
    x_m: FloatArray,
    y_m: FloatArray,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """A platform's cell as a candidate of handsets at places, -1 where they do not hear it, and its level."""
    cells, site = network.cells, int(network.cells.site[cell])
    rat, frequency = int(cells.rat[cell]), float(cells.frequency_mhz[cell])
    height = float(network.sites.height_m[site])
    away = np.hypot(network.sites.x_m[site] - x_m, network.sites.y_m[site] - y_m)
    most = min(
        float(network.range_m[site - len(network.built.sites)]),
        height / np.tan(np.radians(MIN_ELEVATION_DEG)),
    )
    loss = _SPACE_DB + 20 * np.log10(np.hypot(away, height)) + 20 * np.log10(frequency) + radio.BODY_LOSS_DB
    loss = loss + np.where(indoors, float(entry_loss_db(frequency)) + _DEPTH_DB, 0.0)
    level = float(cells.eirp_dbm[cell]) - loss - radio.CAMPING_DBM[rat]
    hears = (away <= most) & (level >= 0) & (handsets.operator[who] == cells.operator[cell])
    hears &= (handsets.rats[who] >> rat) & 1 > 0
    return np.where(hears, cell, -1).astype(np.int32), np.where(hears, level, 0.0).astype(np.float32)


def _to_the_left(
    cell: NDArray[np.int32], level: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The candidates of each row without gaps, in their order."""
    order = np.argsort(cell < 0, axis=1, kind="stable")
    return np.take_along_axis(cell, order, axis=1), np.take_along_axis(level, order, axis=1)


def _used(cell: NDArray[np.int32]) -> int:
    """How many columns have a candidate."""
    return int((cell >= 0).any(axis=0).sum()) if cell.size else 0
