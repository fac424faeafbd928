"""The compiled loop of camping: near masts, their sectors, their signal, and the cells to keep.

Handsets go in blocks, which share scratch space; nothing passes between handsets.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import acos, pi, sqrt
from typing import Any, Final, NamedTuple

import numba
import numpy as np
from numba import uint32
from numpy.typing import NDArray

from ewsim.kernels import kernel
from ewsim.network.signal import nearest, propagation, radio, shadowing
from ewsim.network.signal.shadowing import COMMON
from ewsim.streams import philox, purpose_code

#: Share of buildings that take little (old glass), by `kinds.SETTLEMENTS`; the rest have coated
#: glass. TR 38.901 7.4.3.1 leaves it open for cities, has low-loss buildings only in rural macro.
#: Assumption: 0.65 in cities.
LOW_LOSS_SHARE: Final = (0.65, 1.0, 1.0)
#: Deepest place indoors [m], by `kinds.SETTLEMENTS`; depth is the lesser of two uniform draws
#: (TR 38.901 7.4.3.1: 25 m, rural macro 10 m).
DEPTH_M: Final = (25.0, 10.0, 10.0)
#: Loss a metre indoors [dB/m], and spread of the loss of low-loss and high-loss buildings [dB]
#: (TR 38.901 table 7.4.3-2).
DEPTH_DB_PER_M: Final = 0.5
BUILDING_SIGMA_DB: Final = (4.4, 6.5)

_BLOCK: Final = 256
_BUILDING: Final = purpose_code("camping.building")
_UNIT: Final = 2.0**-32
_SIGMA_LOS = np.array(shadowing.SIGMA_LOS_DB)
_SIGMA_NLOS = np.array(shadowing.SIGMA_NLOS_DB)
_SIGMA_INDOORS = np.array(shadowing.SIGMA_INDOORS_DB)
_LOW_LOSS = np.array(LOW_LOSS_SHARE)
_DEPTH = np.array(DEPTH_M)
_THRESHOLD_DBM = np.array(radio.THRESHOLD_DBM)


class Masts(NamedTuple):
    """The masts of some operators as the compiled loop wants them.

    Mast m has number `site[m]` in the network, and the cells `begin[m]` to `begin[m + 1]` of the
    arrays below, those of one `layer` (operator, technology, carrier and
    power) together. (`east`, `north`) is a sector's boresight, in even steps where none is known
    (`omni`); `row` the row of `rows`, coefficients of the path loss; `margin_db` the signal above
    the threshold before path loss, antenna and building; `shell_db` what low-loss and high-loss
    buildings take; `floors_db` as `propagation.floors_db` has them.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    site: NDArray[np.int32]
    environment: NDArray[np.int8]
    begin: NDArray[np.int64]
    cell: NDArray[np.int32]
    operator: NDArray[np.int16]
    rat: NDArray[np.int8]
    layer: NDArray[np.int64]
    east: NDArray[np.float64]
    north: NDArray[np.float64]
    omni: NDArray[np.bool_]
    row: NDArray[np.int64]
    margin_db: NDArray[np.float64]
    shell_db: NDArray[np.float64]
    rows: NDArray[np.float64]
    floors_db: NDArray[np.float64]


class Crowd(NamedTuple):
    """What the loop reads of people (by person) and handsets (by handset)."""

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    indoors: NDArray[np.bool_]
    settlement: NDArray[np.int8]
    owner: NDArray[np.int32]
    rats: NDArray[np.uint8]


class Rasters(NamedTuple):
    """Signals that replace the model's: `signal_dbm[person, column[operator, technology]]`."""

    column: NDArray[np.int32]
    signal_dbm: NDArray[np.float32]


class Found(NamedTuple):
    """Candidates of a block of handsets, `size` of them in each row of the others.

    `inside_db` is what the building takes of `level_db`.
    """

    size: NDArray[np.int64]
    cell: NDArray[np.int32]
    site: NDArray[np.int32]
    operator: NDArray[np.int16]
    rat: NDArray[np.int8]
    level_db: NDArray[np.float64]
    inside_db: NDArray[np.float64]


def fill(
    out_cell: NDArray[np.int32], out_level: NDArray[np.float32], mine: NDArray[np.int32], *rest: Any
) -> None:
    """Rows of the handsets `who[mine]`: the cells to keep of own masts, then of other masts.

    Spans of handsets go to threads of ours: numba's own parallel loop takes seconds more to
    compile. `rest` is that of `_span`.
    """
    threads = numba.get_num_threads()
    spans = np.array_split(mine, min(4 * threads, -(-mine.size // _BLOCK)) or 1)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda span: _span(out_cell, out_level, span, *rest), spans))


@kernel(nogil=True)
def _span(
    out_cell,
    out_level,
    mine,
    who,
    crowd,
    own,
    own_tree,
    other,
    other_tree,
    own_sites,
    other_sites,
    own_limit,
    fields,
    rasters,
):
    width = own_sites * _widest(own) + other_sites * _widest(other)
    for begin in range(0, mine.size, _BLOCK):
        _block(
            out_cell,
            out_level,
            mine[begin : begin + _BLOCK],
            who,
            crowd,
            own,
            own_tree,
            other,
            other_tree,
            own_sites,
            other_sites,
            own_limit,
            fields,
            rasters,
            width,
        )


@kernel
def _block(
    out_cell,
    out_level,
    mine,
    who,
    crowd,
    own,
    own_tree,
    other,
    other_tree,
    own_sites,
    other_sites,
    own_limit,
    fields,
    rasters,
    width,
):
    shape = (mine.size, width)
    found = Found(
        np.zeros(mine.size, np.int64),
        np.empty(shape, np.int32),
        np.empty(shape, np.int32),
        np.empty(shape, np.int16),
        np.empty(shape, np.int8),
        np.empty(shape),
        np.empty(shape),
    )
    replaced = rasters.signal_dbm.shape[1] > 0
    crowd = _these(mine, who, crowd)
    _score(found, mine, crowd, own, own_tree, own_sites, replaced, fields)
    of_own = found.size.copy()
    if other_sites:
        _score(found, mine, crowd, other, other_tree, other_sites, replaced, fields)
    if replaced:
        _replace(found, mine, crowd, rasters)
    _choose(out_cell, out_level, mine, found, of_own, own_limit)


@kernel
def _these(mine, who, crowd):
    """A block's part of the crowd, by its own numbers; fetched together, for it lies scattered."""
    count = mine.size
    owner, rats = np.empty(count, np.int32), np.empty(count, np.uint8)
    x_m, y_m = np.empty(count), np.empty(count)
    indoors, settlement = np.empty(count, np.bool_), np.empty(count, np.int8)
    for i in range(count):
        handset = who[mine[i]]
        owner[i], rats[i] = crowd.owner[handset], crowd.rats[handset]
    for i in range(count):
        x_m[i], y_m[i] = crowd.x_m[owner[i]], crowd.y_m[owner[i]]
        indoors[i], settlement[i] = crowd.indoors[owner[i]], crowd.settlement[owner[i]]
    return Crowd(x_m, y_m, indoors, settlement, owner, rats)


@kernel
def _widest(masts):
    """Layers on the mast with the most."""
    most = 0
    for m in range(masts.site.size):
        first, last = masts.begin[m], masts.begin[m + 1]
        layers = 1
        for c in range(first + 1, last):
            layers += masts.layer[c] != masts.layer[c - 1]
        most = max(most, layers)
    return most


@kernel
def _building(kind_of, person, seed):
    """Kind of shell (0 low-loss, 1 high-loss) around a person, and the loss beside its median."""
    a, b, c, d = philox(uint32(person), uint32(0), uint32(_BUILDING), uint32(0), uint32(seed), uint32(0))
    high = 1 if (a + 0.5) * _UNIT >= _LOW_LOSS[kind_of] else 0
    depth = min(b, c) * _UNIT * _DEPTH[kind_of]
    spread = BUILDING_SIGMA_DB[0] if high == 0 else BUILDING_SIGMA_DB[1]
    return high, DEPTH_DB_PER_M * depth + spread * shadowing.normal_of((d + 0.5) * _UNIT)


@kernel
def _score(found, mine, crowd, masts, tree, sites, replaced, fields):
    """Append the sectors of near masts that each handset supports, with their level."""
    near = nearest.room_for(sites)
    for i in range(mine.size):
        x, y = crowd.x_m[i], crowd.y_m[i]
        supported = crowd.rats[i]
        shell, inside_db = -1, 0.0
        if crowd.indoors[i]:
            shell, inside_db = _building(crowd.settlement[i], crowd.owner[i], fields.seed)
        common_of, common = -1, 0.0
        for n in range(nearest.query(tree, x, y, near)):
            m = near.number[n]
            first, last = masts.begin[m], masts.begin[m + 1]
            environment = masts.environment[m]
            d = sqrt(near.away2[n])
            if d > masts.rows[masts.row[first], propagation.HORIZON]:
                continue
            if common_of != environment:  # masts of one environment share the common field
                common_of = environment
                common, _ = shadowing.field(fields, 0, environment, x, y)
            single, luck = shadowing.field(fields, masts.site[m] + 1, environment, x, y)
            seen = luck < propagation.line_of_sight_share(environment, d)
            if shell >= 0:
                sigma = _SIGMA_INDOORS[environment]
            else:
                sigma = _SIGMA_LOS[environment] if seen else _SIGMA_NLOS[environment]
            shadow = sigma * (sqrt(COMMON) * common + sqrt(1.0 - COMMON) * single)
            dx, dy = x - masts.x_m[m], y - masts.y_m[m]
            end = first
            while end < last:
                c, layer = end, masts.layer[end]
                while end < last and masts.layer[end] == layer:
                    end += 1
                if not (supported >> masts.rat[c]) & 1:
                    continue
                indoors_db = masts.shell_db[c, shell] + inside_db if shell >= 0 else 0.0
                signal = masts.margin_db[c] + shadow - indoors_db
                row = masts.row[c]
                if not (seen or replaced) and signal < masts.floors_db[row, int(sqrt(d))]:
                    continue
                signal -= propagation.loss_db(masts.rows, row, d, seen)
                if signal < 0 and not replaced:  # a raster may lift it above the threshold
                    continue
                best, along_best = c, -np.inf
                for sector in range(c, end):
                    along = dx * masts.east[sector] + dy * masts.north[sector]
                    if along > along_best:
                        along_best, best = along, sector
                if not masts.omni[best] and d > 0:
                    off = acos(min(max(along_best / d, -1.0), 1.0)) * (180.0 / pi)
                    signal -= min(12.0 * (off / radio.BEAMWIDTH_DEG) ** 2, radio.FRONT_TO_BACK_DB)
                at = found.size[i]
                found.cell[i, at], found.site[i, at] = masts.cell[best], masts.site[m]
                found.operator[i, at], found.rat[i, at] = masts.operator[best], masts.rat[best]
                found.level_db[i, at], found.inside_db[i, at] = signal, indoors_db
                found.size[i] += 1


@kernel
def _replace(found, mine, crowd, rasters):
    """Lift or lower an operator's cells of a technology so that the best is what rasters say."""
    best = np.empty(rasters.column.shape)
    for i in range(mine.size):
        person = crowd.owner[i]
        best[:] = -np.inf
        for c in range(found.size[i]):
            o, r = found.operator[i, c], found.rat[i, c]
            best[o, r] = max(best[o, r], found.level_db[i, c] + found.inside_db[i, c])
        for c in range(found.size[i]):
            o, r = found.operator[i, c], found.rat[i, c]
            column = rasters.column[o, r]
            if column >= 0:
                signal = rasters.signal_dbm[person, column] - _THRESHOLD_DBM[r]
                found.level_db[i, c] += signal - best[o, r]


@kernel
def _choose(out_cell, out_level, mine, found, of_own, own_limit):
    """The candidates to keep of those with a signal, in the order of preference.

    The own operator's take at most `own_limit` places while others have cells. One cell a site
    first, so that the places stand on as many sites as can be: a site's cells mostly fail together.
    Further technologies of a site fill the rest.
    """
    width = found.cell.shape[1]
    order, kept = np.empty(width, np.int64), np.empty(out_cell.shape[1], np.int64)
    taken = np.empty(width, np.bool_)
    for i in range(mine.size):
        n, own = 0, of_own[i]
        for c in range(found.size[i]):
            if not found.level_db[i, c] >= 0:
                continue
            at = n
            while at > 0 and _before(c, order[at - 1], i, found, own):
                order[at] = order[at - 1]
                at -= 1
            order[at] = c
            n += 1
        places = min(out_cell.shape[1], n)
        taken[:n] = False
        count = 0
        # Own cells at new sites, others' at new sites, any at new sites, any of a new technology.
        for turn in range(4):
            if count == places:
                break
            limit = min(own_limit, places) if turn == 0 else places
            for a in range(n):
                if count >= limit:
                    break
                c = order[a]
                if taken[a] or (turn == 0 and c >= own) or (turn == 1 and c < own):
                    continue
                fresh = True
                for b in range(count):
                    d = kept[b]
                    if found.site[i, d] == found.site[i, c] and (
                        turn < 3 or (found.rat[i, d] == found.rat[i, c] and (d < own) == (c < own))
                    ):
                        fresh = False
                        break
                if fresh:
                    taken[a], kept[count] = True, c
                    count += 1
        at, into = 0, mine[i]
        for a in range(n):
            if taken[a]:
                out_cell[into, at] = found.cell[i, order[a]]
                out_level[into, at] = found.level_db[i, order[a]]
                at += 1


@kernel
def _before(c, d, i, found, own):
    """Whether candidate c is preferred to d: own operator, newer technology, stronger signal."""
    if (c < own) != (d < own):
        return c < own
    if found.rat[i, c] != found.rat[i, d]:
        return found.rat[i, c] > found.rat[i, d]
    return found.level_db[i, c] > found.level_db[i, d]
