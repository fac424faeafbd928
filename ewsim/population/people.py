"""People and the handsets they carry, as arrays; never a Python object a person."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ewsim.population.journeys import BACK, Journeys, last_move

#: Age bands, youngest first; the index is the code used in arrays.
AGE_BANDS = ("0-9", "10-17", "18-34", "35-49", "50-64", "65-74", "75+")
SEXES = ("female", "male")
DISABILITIES = ("none", "hearing", "sight", "mobility")
POVERTIES = ("not_poor", "poor")
RESIDENCES = ("resident", "visitor")

#: Cell broadcast levels a phone's owner can switch off, in the order of `Handsets.channels` bits.
#: Level 1 (national, message identifier 4370) cannot be switched off (TS 23.041, EU-Alert).
CB_LEVELS = ("level_1", "level_2", "level_3", "level_4", "amber", "test", "exercise", "info")


#: Codes of `Handsets.sim`; 0 is a SIM of the operator whose cells the phone uses. A phone without a
#: SIM hears broadcasts (limited service); one on Wi-Fi only is in flight mode to the network.
ROAMS, ROAMS_SILENT, NO_SIM, WIFI_ONLY = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class People:
    """People; arrays of one length, the index is the person's number.

    `weight` is how many people a row stands for (1 unless the country is sampled). `x_m`, `y_m`
    is where the person first is: at the decision, or on arrival; `journeys` says where later.
    `arrives_us` is when those come who are not there yet (-NEVER: there from the beginning; None:
    everybody is). `handset` is the handset the person carries, -1 for none; several people may
    share one. `language` indexes `languages`. `zone` indexes `zone_names` (the nearest place).
    `poverty` and `residence` are 0 for everyone where not given. Rows of a shard begin at the number
    `first` of the whole country, to which their draws belong.
    """

    weight: NDArray[np.int32]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    journeys: Journeys
    indoors: NDArray[np.bool_]
    age_band: NDArray[np.int8]
    sex: NDArray[np.int8]
    disability: NDArray[np.int8]
    settlement: NDArray[np.int8]
    language: NDArray[np.int8]
    zone: NDArray[np.int32]
    handset: NDArray[np.int32]
    languages: tuple[str, ...]
    zone_names: tuple[str, ...]
    poverty: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8))
    residence: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8))
    arrives_us: NDArray[np.int64] | None = None
    first: int = 0

    def __post_init__(self) -> None:
        for name in ("poverty", "residence"):
            if getattr(self, name).size != self.weight.size:
                object.__setattr__(self, name, np.zeros(self.weight.size, dtype=np.int8))

    def __len__(self) -> int:
        return int(self.weight.size)

    def at(
        self, moment_us: ArrayLike, who: NDArray[np.integer] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where people `who` (None: all) are at their moments [m]: their last stop by then."""
        everyone = np.arange(len(self)) if who is None else who
        x, y = self.x_m[everyone], self.y_m[everyone]
        move = last_move(self.journeys.first, self.journeys.at_us, everyone, moment_us)
        stop = np.where(move >= 0, np.append(self.journeys.stop, BACK)[move], BACK)
        away = np.flatnonzero(stop >= 0)
        x[away], y[away] = self.journeys.x_m[stop[away]], self.journeys.y_m[stop[away]]
        return x, y

    def there(self, moment_us: ArrayLike, who: NDArray[np.integer] | None = None) -> NDArray[np.bool_]:
        """Whether people `who` (None: all) have arrived by their moments."""
        if self.arrives_us is None:
            return np.ones(len(self) if who is None else who.size, dtype=np.bool_)
        arrives = self.arrives_us if who is None else self.arrives_us[who]
        return np.asarray(arrives <= np.asarray(moment_us))


@dataclass(frozen=True, slots=True)
class Handsets:
    """Handsets; arrays of one length, the index is the handset's number.

    `owner` is the person it moves with; it is off until they arrive. `rats` has bit r set when it
    can use `units.RATS[r]`. `cb_capable`: operating system and operator profile show cell broadcast
    warnings. `channels` has bit n set when level n of `CB_LEVELS` is switched on. On from
    `on_from_us` until `on_to_us` (`units.NEVER`: until the end; both NEVER: off throughout).
    `smartphone`: has an operating system with apps. `sim`: whose SIM it has (ROAMS_SILENT: abroad,
    and set to show no warnings). `second`: the row of the phone's second SIM, -1 for none; that row
    is nobody's `People.handset`. `number`: what the phone's draws belong to, the row where nothing
    is said, so that the order of rows does not matter.
    """

    owner: NDArray[np.int32]
    operator: NDArray[np.int16]
    rats: NDArray[np.uint8]
    smartphone: NDArray[np.bool_]
    cb_capable: NDArray[np.bool_]
    channels: NDArray[np.uint16]
    on_from_us: NDArray[np.int64]
    on_to_us: NDArray[np.int64]
    sim: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8))
    second: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    number: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def __post_init__(self) -> None:
        """One SIM of the home operator, where nothing else is said."""
        if self.sim.size != self.owner.size:
            object.__setattr__(self, "sim", np.zeros(self.owner.size, dtype=np.int8))
        if self.second.size != self.owner.size:
            object.__setattr__(self, "second", np.full(self.owner.size, -1, dtype=np.int32))
        if self.number.size != self.owner.size:
            object.__setattr__(self, "number", np.arange(self.owner.size, dtype=np.int32))

    def __len__(self) -> int:
        return int(self.owner.size)


#: Why a row of `Camping` is empty: no signal even outside; a signal outside, not inside; a signal that
#: only a newer phone can use. The names are causes; the index is the code in `Camping.lack`.
LACKS = ("no_coverage", "no_coverage_indoors", "network_generation_unsupported")


class Camping(NamedTuple):
    """Where handsets can camp: up to K cells each, in the order the phone prefers them.

    A phone uses the first of its cells that is up, so when cells fail and return, re-selection is
    a scan of this row. `cell` is (handsets, K), -1 padded; `level_db` is each cell's signal above
    the camping threshold of its technology [dB]. When its owner moves the phone goes on with another row:
    moves `move_first[h]` to `move_first[h + 1]` are handset h's, in the order of `move_us`; each
    names the row `move_row` of `later_cell`, `later_level_db`, or `journeys.BACK` its own of
    `cell`. Empty rows are people without any signal; `lack` and `later_lack` index LACKS for them.
    """

    cell: NDArray[np.int32]
    level_db: NDArray[np.float32]
    move_first: NDArray[np.int64]
    move_us: NDArray[np.int64]
    move_row: NDArray[np.int32]
    later_cell: NDArray[np.int32]
    later_level_db: NDArray[np.float32]
    lack: NDArray[np.int8]
    later_lack: NDArray[np.int8]

    def preferred(self, who: NDArray[np.integer], moment_us: ArrayLike) -> NDArray[np.int64]:
        """The cell that each of `who` prefers at its moment, -1: no signal."""
        row = self._row(who, moment_us)
        away = np.flatnonzero(row >= 0)
        cell: NDArray[np.int64] = self.cell[who, 0].astype(np.int64)
        cell[away] = self.later_cell[row[away], 0]
        return cell

    def lacking(self, who: NDArray[np.integer], moment_us: ArrayLike) -> NDArray[np.int8]:
        """What each of `who` lacks at its moment, an index into LACKS; for those without a signal."""
        row = self._row(who, moment_us)
        away = np.flatnonzero(row >= 0)
        lack: NDArray[np.int8] = self.lack[who]
        lack[away] = self.later_lack[row[away]]
        return lack

    def first_preferred(
        self, who: NDArray[np.integer], from_us: NDArray[np.int64], to_us: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
        """The cell that each of `who` prefers first within a time, since when, and what it lacks before.

        Parameters
        ----------
        who
            Handsets, shape (some,).
        from_us, to_us
            The time of each [us], shape (some,).

        Returns
        -------
        tuple
            The cell, -1: no signal all the time; the moment [us], `from_us` where there is none; an index
            into LACKS for the beginning.
        """
        cell, moment = self.preferred(who, from_us), from_us.copy()
        lack = np.where(cell < 0, self.lacking(who, from_us), 0).astype(np.int8)
        move = last_move(self.move_first, self.move_us, who, from_us)
        move = np.where(move < 0, self.move_first[who], move + 1)
        some = np.flatnonzero(cell < 0)
        while some.size:
            some = some[move[some] < self.move_first[who[some] + 1]]
            some = some[self.move_us[move[some]] < to_us[some]]
            found = self.preferred(who[some], self.move_us[move[some]])
            there = some[found >= 0]
            cell[there], moment[there] = found[found >= 0], self.move_us[move[there]]
            some = some[found < 0]
            move[some] += 1
        return cell, moment, lack

    def _row(self, who: NDArray[np.integer], moment_us: ArrayLike) -> NDArray[np.int64]:
        """The row of `later_cell` that each of `who` goes by at its moment, or BACK."""
        move = last_move(self.move_first, self.move_us, who, moment_us)
        return np.where(move >= 0, np.append(self.move_row, BACK)[move], BACK)


@dataclass(frozen=True, slots=True)
class Population:
    """People, their handsets, and where those can camp.

    `not_modelled` names the columns of people that change nothing (`differences.not_modelled`). `empty` has
    rows (handset, from, to) sorted [us]: when batteries were empty until they were charged again.
    """

    people: People
    handsets: Handsets
    camping: Camping
    notes: tuple[str, ...] = ()
    not_modelled: tuple[str, ...] = ()
    empty: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))
