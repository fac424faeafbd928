"""The compiled loop of camping: near masts, their sectors, their signal, and the cells to keep.

Handsets go in blocks, which share scratch space; nothing passes between handsets.
"""

from math import acos, pi, sqrt
from typing import Final, NamedTuple

import numba
import numpy as np
from numba import uint32
from numpy.typing import NDArray

from ewsim.kernels import inner, kernel, side_by_side
from ewsim.network.signal import nearest, propagation, radio, shadowing
from ewsim.network.signal.shadowing import COMMON
from ewsim.population.camping.choose_kernel import choose
from ewsim.streams import philox, purpose_code

#: Buildings are a city's where so many people live [people/km2]. Assumption: the density from which
#: synthesised masts are 25 m (urban macro); range 1,000 to 5,000.
CITY_DENSITY: Final = 1500.0
#: Share of buildings that take little (old glass), outside cities and in them; the rest have coated
#: glass. TR 38.901 7.4.3.1 leaves it open for cities, has low-loss buildings only in rural macro.
#: Assumption: 0.65 in cities.
LOW_LOSS_SHARE: Final = (1.0, 0.65)
#: Deepest place indoors outside cities and in them [m]; depth is the lesser of two uniform draws
#: (TR 38.901 7.4.3.1: rural macro 10 m, else 25 m).
DEPTH_M: Final = (10.0, 25.0)
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
_CAMPING_DBM = np.array(radio.CAMPING_DBM)


class Masts(NamedTuple):
    """The masts of some operators as the compiled loop wants them.

    Mast m has number `site[m]` in the network, and the cells `begin[m]` to `begin[m + 1]` of the
    arrays below, those of one `layer` (operator, technology, carrier and
    power) together. (`east`, `north`) is a sector's boresight, in even steps where none is known
    (`omni`); `row` the row of `rows`, coefficients of the path loss; `margin_db` the signal above
    the threshold before path loss, antenna and building; `shell_db` what low-loss and high-loss
    buildings take; `floors_db` as `propagation.floors_db` has them; `tree` finds the
    nearest masts.
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
    tree: nearest.Tree


class Users(NamedTuple):
    """What the loop reads of people (by person) and handsets (by handset)."""

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    indoors: NDArray[np.bool_]
    owner: NDArray[np.int32]
    rats: NDArray[np.uint8]


class Rasters(NamedTuple):
    """Signals that replace the model's: `signal_dbm[person, column[operator, technology]]`."""

    column: NDArray[np.int32]
    signal_dbm: NDArray[np.float32]


class Search(NamedTuple):
    """Which masts a handset looks at, how many, and how many cells it keeps of its own operator."""

    own: Masts
    other: Masts
    own_sites: int
    other_sites: int
    own_limit: int


class Buildings(NamedTuple):
    """Where buildings are a city's: points where people live, and `city` (0 or 1) by point."""

    tree: nearest.Tree
    city: NDArray[np.int8]


class Surroundings(NamedTuple):
    """What changes the signal at a place: the fields of shadowing, rasters, and buildings."""

    fields: shadowing.Fields
    rasters: Rasters
    buildings: Buildings


class Candidates(NamedTuple):
    """The candidates to keep, in the order of preference: cells, and levels [dB]."""

    cell: NDArray[np.int32]
    level_db: NDArray[np.float32]


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
    kept: Candidates,
    mine: NDArray[np.int32],
    who: NDArray[np.int32],
    users: Users,
    search: Search,
    surroundings: Surroundings,
) -> None:
    """Rows of some handsets: the cells to keep of own masts, then of other masts.

    Spans of handsets go to threads of ours: numba's own parallel loop takes seconds more to
    compile.

    Parameters
    ----------
    kept
        Takes the rows, one for each of `who`.
    mine
        The rows to fill, indices into `who`, shape (rows,).
    who
        Numbers of handsets, shape (some,).
    users
        All people and handsets.
    search
        Masts to look at, and how many.
    surroundings
        What changes the signal at a place.
    """
    threads = numba.get_num_threads()
    spans = np.array_split(mine, min(4 * threads, -(-mine.size // _BLOCK)) or 1)
    side_by_side(lambda span: _span(kept, span, who, users, search, surroundings), spans)


@kernel(nogil=True)
def _span(kept, mine, who, users, search, surroundings):
    """A span of handsets, a block at a time, with other masts only where some are looked for."""
    own, other = search.own, search.other
    width = search.own_sites * _widest(own) + search.other_sites * _widest(other)
    for begin in range(0, mine.size, _BLOCK):
        block = mine[begin : begin + _BLOCK]
        shape = (block.size, width)
        found = Found(
            np.zeros(block.size, np.int64),
            np.empty(shape, np.int32),
            np.empty(shape, np.int32),
            np.empty(shape, np.int16),
            np.empty(shape, np.int8),
            np.empty(shape),
            np.empty(shape),
        )
        these = _these(block, who, users)
        _score(found, these, own, search.own_sites, surroundings)
        of_own = found.size.copy()
        if search.other_sites:
            _score(found, these, other, search.other_sites, surroundings)
        if surroundings.rasters.signal_dbm.shape[1] > 0:
            _replace(found, these, surroundings.rasters)
        choose(kept, block, found, of_own, search.own_limit)


@inner
def _these(mine, who, users):
    """A block's part of the users, by its own numbers; fetched together, for it lies scattered."""
    count = mine.size
    owner, rats = np.empty(count, np.int32), np.empty(count, np.uint8)
    x_m, y_m = np.empty(count), np.empty(count)
    indoors = np.empty(count, np.bool_)
    for i in range(count):
        handset = who[mine[i]]
        owner[i], rats[i] = users.owner[handset], users.rats[handset]
    for i in range(count):
        x_m[i], y_m[i] = users.x_m[owner[i]], users.y_m[owner[i]]
        indoors[i] = users.indoors[owner[i]]
    return Users(x_m, y_m, indoors, owner, rats)


@inner
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


@inner
def _building(city, person, seed):
    """Kind of shell (0 low-loss, 1 high-loss) around a person, and the loss beside its median."""
    a, b, c, d = philox(uint32(person), uint32(0), uint32(_BUILDING), uint32(0), uint32(seed), uint32(0))
    high = 1 if (a + 0.5) * _UNIT >= _LOW_LOSS[city] else 0
    depth = min(b, c) * _UNIT * _DEPTH[city]
    spread = BUILDING_SIGMA_DB[0] if high == 0 else BUILDING_SIGMA_DB[1]
    return high, DEPTH_DB_PER_M * depth + spread * shadowing.normal_of((d + 0.5) * _UNIT)


@inner
def _score(found, users, masts, sites, surroundings):
    """Append the sectors of near masts that each handset supports, with their level."""
    fields, rasters, buildings = surroundings
    replaced = rasters.signal_dbm.shape[1] > 0
    near, home = nearest.room_for(sites), nearest.room_for(np.int64(1))
    for i in range(users.owner.size):
        x, y = users.x_m[i], users.y_m[i]
        supported = users.rats[i]
        shell, inside_db = -1, 0.0
        if users.indoors[i]:
            city = 0
            if nearest.query(buildings.tree, x, y, home):
                city = buildings.city[home.number[0]]
            shell, inside_db = _building(city, users.owner[i] + fields.first, fields.seed)
        common_of, common = -1, 0.0
        for n in range(nearest.query(masts.tree, x, y, near)):
            m = near.number[n]
            first, last = masts.begin[m], masts.begin[m + 1]
            environment = masts.environment[m]
            d = sqrt(near.away2[n])
            if d > masts.rows[masts.row[first], propagation.HORIZON]:
                continue
            if common_of != environment:  # masts of one environment share the common field
                common_of = environment
                common, _ = shadowing.field(fields, np.int64(0), environment, x, y)
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


@inner
def _replace(found, users, rasters):
    """Lift or lower an operator's cells of a technology so that the best is what rasters say."""
    best = np.empty(rasters.column.shape)
    for i in range(users.owner.size):
        person = users.owner[i]
        best[:] = -np.inf
        for c in range(found.size[i]):
            o, r = found.operator[i, c], found.rat[i, c]
            best[o, r] = max(best[o, r], found.level_db[i, c] + found.inside_db[i, c])
        for c in range(found.size[i]):
            o, r = found.operator[i, c], found.rat[i, c]
            column = rasters.column[o, r]
            if column >= 0:
                signal = rasters.signal_dbm[person, column] - _CAMPING_DBM[r]
                found.level_db[i, c] += signal - best[o, r]
