"""What phones do with warnings beyond the plain shares: systems, levels, SIMs, and batteries.

Everything here is drawn after the handsets are, with purposes of its own, so a scenario that says
nothing about it keeps the same handsets.
"""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from ewsim.population.people import CB_LEVELS, NO_SIM, ROAMS, ROAMS_SILENT, WIFI_ONLY, Handsets, Population
from ewsim.scenario.spec import HandsetSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, to_us

#: Assumption: how full phone batteries are when the grid fails, uniform between these shares.
CHARGE_FROM, CHARGE_TO = 0.2, 1.0
#: Assumption: how full an empty phone is when it comes on again.
ON_AGAIN = 0.05


def equip(spec: HandsetSpec, handsets: Handsets, operators: tuple[str, ...], streams: Streams) -> Handsets:
    """The handsets with their systems, levels and SIMs.

    A second SIM is a row of its own after all others, with another operator and everything else
    the same; `Handsets.second` of the first row names it. Roaming, no SIM and Wi-Fi only exclude
    each other (assumption), and such a phone has one SIM at most.

    Parameters
    ----------
    spec
        The shares.
    handsets
        As they were drawn first.
    operators
        Their names.
    streams
        The random numbers, of the rows of these people.
    """
    streams = streams.country()
    owner = handsets.owner.astype(np.int64)
    handsets = replace(
        handsets,
        cb_capable=_capable(spec, handsets, owner, operators, streams),
        channels=_levels(spec, handsets, owner, streams),
    )
    if spec.roaming_share or spec.no_sim_share or spec.wifi_only_share:
        handsets = _sims(spec, handsets, owner, streams)
    if spec.dual_sim_share > 0 and len(operators) > 1:
        handsets = _second_sims(spec, handsets, owner, len(operators), streams)
    return handsets


def _capable(
    spec: HandsetSpec,
    handsets: Handsets,
    owner: NDArray[np.int64],
    operators: tuple[str, ...],
    streams: Streams,
) -> NDArray[np.bool_]:
    capable = handsets.cb_capable.copy()
    if spec.systems:
        kinds = list(spec.systems.values())
        system = streams.choice("population.system", owner, [kind.share for kind in kinds])
        share = np.array([kind.cb_capable_share for kind in kinds])[system]
        able = streams.uniform("population.cb_capable", owner) < share
        capable[handsets.smartphone] = able[handsets.smartphone]
    if spec.operator_profile_shares:
        share = np.array([spec.operator_profile_shares.get(name, 1.0) for name in operators])
        luck = streams.uniform("population.cb_profile", owner)
        capable &= luck < share[handsets.operator]
    return capable


def _levels(
    spec: HandsetSpec, handsets: Handsets, owner: NDArray[np.int64], streams: Streams
) -> NDArray[np.uint16]:
    """Levels with a share of their own; who switches off the rarer switches off first."""
    channels = handsets.channels.copy()
    if not spec.level_enabled_shares:
        return channels
    luck = streams.uniform("population.enabled", owner)
    for level, share in spec.level_enabled_shares.items():
        bit = np.uint16(1 << CB_LEVELS.index(level))
        channels = np.where(luck < share, channels | bit, channels & ~bit)
    return channels


def _sims(spec: HandsetSpec, handsets: Handsets, owner: NDArray[np.int64], streams: Streams) -> Handsets:
    shares = [spec.roaming_share, spec.no_sim_share, spec.wifi_only_share]
    kind = np.searchsorted(np.cumsum(shares), streams.uniform("population.sim", owner), "right")
    sim = np.array([ROAMS, NO_SIM, WIFI_ONLY, 0], dtype=np.int8)[kind]
    served = streams.uniform("population.roaming", owner) < spec.roaming_received_share
    sim[(sim == ROAMS) & ~served] = ROAMS_SILENT
    away = sim == WIFI_ONLY
    return replace(
        handsets,
        sim=sim,
        on_from_us=np.where(away, NEVER, handsets.on_from_us),
        on_to_us=np.where(away, NEVER, handsets.on_to_us),
    )


def _second_sims(
    spec: HandsetSpec, handsets: Handsets, owner: NDArray[np.int64], operator_count: int, streams: Streams
) -> Handsets:
    two = np.flatnonzero(
        (streams.uniform("population.dual_sim", owner) < spec.dual_sim_share)
        & (handsets.sim == 0)
        & handsets.smartphone
    )
    step = 1 + streams.uniform("population.second_operator", owner[two]) * (operator_count - 1)
    other = (handsets.operator[two] + step.astype(np.int64)) % operator_count
    second = handsets.second.copy()
    second[two] = len(handsets) + np.arange(two.size)
    columns = {
        f.name: np.concatenate([getattr(handsets, f.name), getattr(handsets, f.name)[two]])
        for f in fields(Handsets)
    }
    columns["operator"][len(handsets) :] = other
    columns["number"] = np.arange(len(handsets) + two.size, dtype=np.int32)
    columns["second"] = np.concatenate([second, np.full(two.size, -1, dtype=np.int32)])
    return Handsets(**columns)


def drained(
    population: Population,
    site_of: NDArray[np.int32],
    grid_windows: NDArray[np.int64],
    spec: HandsetSpec,
    streams: Streams,
    horizon_us: int,
) -> Population:
    """The people with phones that run empty where the grid is out for long, and are charged again.

    Parameters
    ----------
    population
        People, handsets, and the cells they camp on.
    site_of
        The site of each cell, shape (cells,).
    grid_windows
        Rows (site, from, to) sorted [us]: when the grid is out there, shape (windows, 3).
    spec
        How long a full battery lasts, how long it charges, and who can charge elsewhere.
    streams
        The random numbers.
    horizon_us
        The end of the run [us].

    Notes
    -----
    Assumptions: people have the grid's supply of the mast that their phone first prefers (with two SIMs,
    the first one's); a phone is as full at the first failure of the grid, or on arrival after it, as its
    owner usually keeps it, uniform (`CHARGE_FROM`, `CHARGE_TO`), and is charged at a constant rate to that
    again when there is a supply; an empty phone comes on at `ON_AGAIN`; who charges elsewhere has a supply
    from `charging_points_from_s` on, whatever the grid does.
    """
    handsets, people = population.handsets, population.people
    if spec.battery_life_s is None or not len(grid_windows):
        return population
    streams = streams.from_row(people.first)
    owner = handsets.owner.astype(np.int64)
    there = np.full(len(handsets), -NEVER)
    if people.arrives_us is not None:
        there = people.arrives_us[owner]
    cell = population.camping.cell[:, 0].copy()
    two = np.flatnonzero(handsets.second >= 0)
    cell[handsets.second[two]] = cell[two]
    at = np.where(cell >= 0, site_of[cell], -1).astype(np.int64)
    life_us = to_us(spec.battery_life_s)
    usual = CHARGE_FROM + (CHARGE_TO - CHARGE_FROM) * streams.uniform("phones.charge", owner)
    elsewhere = streams.uniform("phones.charging_point", owner) < spec.charging_points_share
    supplied = np.where(elsewhere, to_us(spec.charging_points_from_s), NEVER)
    phones = _Batteries(np.rint(usual * life_us).astype(np.int64), life_us, to_us(spec.charge_s))
    sites = np.arange(-1, int(site_of.max(initial=-1)) + 1)
    first_of, last_of = (np.searchsorted(grid_windows[:, 0], sites, side) for side in ("left", "right"))
    first, count = first_of[at + 1], (last_of - first_of)[at + 1]
    for k in range(int(count.max(initial=0))):
        who = np.flatnonzero(k < count)
        window = grid_windows[first[who] + k]
        begin, end = np.maximum(window[:, 1], there[who]), np.minimum(window[:, 2], supplied[who])
        phones.off_grid(who[begin < end], begin[begin < end], end[begin < end])
    empty, empty_from = phones.finish(horizon_us)
    handsets = replace(handsets, on_to_us=np.minimum(handsets.on_to_us, empty_from))
    return replace(population, handsets=handsets, empty=empty)


class _Batteries:
    """What is in phones' batteries, as the time that it lasts, and when they were empty [us]."""

    def __init__(self, usual_us: NDArray[np.int64], life_us: int, charge_us: int) -> None:
        self._usual, self._left = usual_us, usual_us.copy()
        self._rate = life_us / charge_us
        self._on_again = round(ON_AGAIN * life_us)
        self._since = np.full(usual_us.size, -NEVER)  # with a supply since
        self._off = np.full(usual_us.size, NEVER)  # empty since
        self._spans: list[NDArray[np.int64]] = []

    def off_grid(self, who: NDArray[np.int64], begin: NDArray[np.int64], end: NDArray[np.int64]) -> None:
        """The next time without a supply of each of `who`, from `begin` to `end` [us]."""
        self._comes_on(who, begin)
        gained = np.minimum((begin - self._since[who]) * self._rate, self._usual[who])
        left = np.minimum(self._left[who] + np.rint(gained).astype(np.int64), self._usual[who])
        runs_out = (self._off[who] == NEVER) & (begin + left < end)
        self._off[who[runs_out]] = (begin + left)[runs_out]
        self._left[who] = np.maximum(left - (end - begin), 0)
        self._since[who] = end

    def _comes_on(self, who: NDArray[np.int64], until: NDArray[np.int64]) -> None:
        """Empty phones come on where they are charged enough by a time [us]."""
        lacks = np.maximum(self._on_again - self._left[who], 0)
        on = self._since[who] + np.ceil(lacks / self._rate).astype(np.int64)
        back = (self._off[who] < NEVER) & (on <= until)
        some = who[back]
        self._spans.append(np.column_stack([some, self._off[some], on[back]]))
        self._off[some] = NEVER

    def finish(self, horizon_us: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows (handset, empty from, charged at) sorted [us], and from when each stays empty, NEVER: not."""
        everyone = np.arange(self._off.size)
        self._comes_on(everyone, np.full(everyone.size, horizon_us))
        spans = np.concatenate(self._spans)
        return spans[np.lexsort((spans[:, 1], spans[:, 0]))], self._off
