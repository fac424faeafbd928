"""What phones do with warnings beyond the plain shares: systems, levels, SIMs, and batteries.

Everything here is drawn after the handsets are, with purposes of its own, so a scenario that says
nothing about it keeps the same handsets.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from ewsim.population.people import CB_LEVELS, NO_SIM, ROAMS, ROAMS_SILENT, WIFI_ONLY, Handsets, Population
from ewsim.scenario.spec import HandsetSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, to_us

#: Assumption: how full phone batteries are when the grid fails, uniform between these shares.
CHARGE_FROM, CHARGE_TO = 0.2, 1.0


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
        The random numbers.
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
    battery_life_s: float,
    streams: Streams,
) -> Handsets:
    """The handsets, switched off where the grid is out for longer than their batteries last.

    Parameters
    ----------
    population
        People, handsets, and the cells they camp on.
    site_of
        The site of each cell, shape (cells,).
    grid_windows
        Rows (site, from, to) sorted [us]: when the grid is out there, shape (windows, 3).
    battery_life_s
        How long a full battery lasts [s].
    streams
        The random numbers.

    Notes
    -----
    Assumptions: people have the grid's supply of the mast that their phone first prefers; charge at
    the grid's failure, or on arrival after it, is uniform (`CHARGE_FROM`, `CHARGE_TO`); while there
    is a supply batteries stay as they are; a phone that has run empty stays off.
    """
    handsets, camping, people = population.handsets, population.camping, population.people
    if not len(grid_windows):
        return handsets
    there = np.full(len(handsets), -NEVER)
    if people.arrives_us is not None:
        there = people.arrives_us[handsets.owner]
    at = np.where(camping.cell[:, 0] >= 0, site_of[camping.cell[:, 0]], -1).astype(np.int64)
    luck = streams.uniform("phones.charge", handsets.owner.astype(np.int64))
    lasts = (CHARGE_FROM + (CHARGE_TO - CHARGE_FROM) * luck) * to_us(battery_life_s)
    empty = np.full(len(handsets), NEVER, dtype=np.int64)
    sites = np.arange(-1, int(site_of.max(initial=-1)) + 1)
    first_of, last_of = (np.searchsorted(grid_windows[:, 0], sites, side) for side in ("left", "right"))
    first, count = first_of[at + 1], (last_of - first_of)[at + 1]
    for k in range(int(count.max(initial=0))):
        who = np.flatnonzero((k < count) & (empty >= NEVER))
        row = first[who] + k
        end = np.maximum(grid_windows[row, 1], there[who]) + np.rint(lasts[who]).astype(np.int64)
        runs_out = end < grid_windows[row, 2]
        empty[who[runs_out]] = end[runs_out]
    return replace(handsets, on_to_us=np.minimum(handsets.on_to_us, empty))
