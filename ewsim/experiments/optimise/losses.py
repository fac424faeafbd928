"""What people lose without help: time without service, or the alert, by place and step of time.

Of people whom the alert is for, with a phone that is on and that the deployables could serve, at the places
of the beginning (assumption: those who move later count where they first are).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Channel
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.country.build import Country
from ewsim.engine.simulation import Run
from ewsim.geography.plane import FloatArray
from ewsim.ledger import REACHED
from ewsim.population.presence.windows import Presence, beside
from ewsim.units import NEVER, US
from ewsim.world import World

#: Steps of time that a run is divided into.
STEPS = 24
#: Who counts where their last time without service is at least so long: a cell that comes up is loaded and
#: sends its pages first; assumption [us].
ENOUGH_US = 60 * US


@dataclass(frozen=True, slots=True)
class Losses:
    """Points [m], whether they are indoors, and what is lost there, shape (points, steps).

    `edges_us` are where the steps begin, and the end of the last, shape (steps + 1,). The weight is
    person-hours, or people by the last step in which they have no service.
    """

    x_m: FloatArray
    y_m: FloatArray
    indoors: NDArray[np.bool_]
    weight: NDArray[np.float64]
    edges_us: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spells:
    """When phones were on and served: of person `who`, on from `on` to `off`, rows of presence `row`."""

    who: NDArray[np.int64]
    on_us: NDArray[np.int64]
    off_us: NDArray[np.int64]
    person: NDArray[np.int64]  # of each row, an index into `who`
    from_us: NDArray[np.int64]
    to_us: NDArray[np.int64]


def losses_of(
    country: Country,
    run: Run,
    channels: Sequence[Channel],
    cause: NDArray[np.int8],
    goal: str,
    operators: NDArray[np.integer],
    rats: int,
    side_m: float,
) -> Losses:
    """What is lost in a run.

    Parameters
    ----------
    country
        The country.
    run
        The run without help.
    channels
        Its channels.
    cause
        Why each person was missed, shape (people,).
    goal
        `hours` or `people`.
    operators
        Those whose phones count, shape (some,).
    rats
        Technologies that a phone needs one of, a bit each.
    side_m
        The side of the squares whose people count together [m].
    """
    people, handsets = country.population.people, run.crowd.population.handsets
    begin, end = (0, run.world.horizon_us) if goal == "hours" else window_us(run.world, channels)
    who = np.flatnonzero(country.in_area & (people.handset >= 0))
    handset = people.handset[who]
    able = np.isin(handsets.operator[handset], operators) & ((handsets.rats[handset] & rats) > 0)
    if goal == "people":
        able &= (cause[who] != REACHED) & handsets.cb_capable[handset]
    where = beside(run.crowd.presence, run.crowd.population.empty)  # nobody can serve an empty phone
    spells = _spells(who[able], handset[able], where, begin, end)
    square = np.floor(np.column_stack([people.x_m, people.y_m])[spells.who] / side_m).astype(np.int64)
    key = np.column_stack([square, people.indoors[spells.who]])
    places, point = np.unique(key, axis=0, return_inverse=True)
    point, count = point.ravel(), len(places)
    edges = np.linspace(begin, max(end, begin + STEPS), STEPS + 1).astype(np.int64)
    each = people.weight[spells.who].astype(np.float64)
    weight = np.zeros((count, STEPS))
    if goal == "hours":
        for step in range(STEPS):
            low, high = edges[step], edges[step + 1]
            here = _overlap(spells.on_us, spells.off_us, low, high) * each
            row = _overlap(spells.from_us, spells.to_us, low, high) * each[spells.person]
            served = np.bincount(point[spells.person], row, count)
            weight[:, step] = np.maximum(np.bincount(point, here, count) - served, 0) / (3600 * US)
    else:
        last = _last_without(spells)
        some = np.flatnonzero(last > begin + ENOUGH_US)
        at = np.clip(np.searchsorted(edges, last[some] - ENOUGH_US, side="right") - 1, 0, STEPS - 1)
        np.add.at(weight, (point[some], at), each[some])
    middle = (places[:, :2] + 0.5) * side_m
    return Losses(middle[:, 0], middle[:, 1], places[:, 2] > 0, weight, edges)


def window_us(world: World, channels: Sequence[Channel]) -> tuple[int, int]:
    """From when to when a phone that finds a cell hears the alert by cell broadcast [us]."""
    tried = [
        channel.infrastructure.tried_us(world, message)
        for channel in channels
        if isinstance(channel, CellBroadcast)
        for message in channel.informing
    ]
    rows = np.concatenate([np.empty((0, 2), dtype=np.int64), *tried])
    rows = rows[rows[:, 0] < NEVER]
    end = world.horizon_us
    if not len(rows):
        return (0 if not tried else end), end
    return int(rows[:, 0].min()), min(int(rows[:, 1].max()), end)


def _spells(
    who: NDArray[np.int64], handset: NDArray[np.integer], where: Presence, begin: int, end: int
) -> Spells:
    """When phones were on and served within a time; only of those who were not served all the time."""
    on = np.clip(where.on_from_us[handset], begin, end)
    off = np.clip(where.on_to_us[handset], begin, end)
    size = where.first[handset + 1] - where.first[handset]
    person = np.repeat(np.arange(who.size), size)
    row = np.arange(size.sum()) + np.repeat(where.first[handset] - np.append(0, np.cumsum(size)[:-1]), size)
    since = np.maximum(where.from_us[row], on[person])
    until = np.minimum(where.to_us[row], off[person])
    served = np.bincount(person, np.maximum(until - since, 0), who.size)
    lacking = served < off - on
    number = np.cumsum(lacking) - 1
    kept = lacking[person] & (until > since)
    return Spells(who[lacking], on[lacking], off[lacking], number[person[kept]], since[kept], until[kept])


def _overlap(
    since: NDArray[np.int64], until: NDArray[np.int64], low: np.int64, high: np.int64
) -> NDArray[np.int64]:
    return np.asarray(np.maximum(np.minimum(until, high) - np.maximum(since, low), 0))


def _last_without(spells: Spells) -> NDArray[np.int64]:
    """The last moment at which each was on and not served [us]; -NEVER: none."""
    last = np.where(spells.off_us > spells.on_us, spells.off_us, -NEVER)
    ends = np.full(spells.who.size, -NEVER)
    np.maximum.at(ends, spells.person, spells.to_us)
    held = ends >= spells.off_us  # served to the end: the gap before the last row, or an earlier one
    found = np.full(spells.who.size, -NEVER)
    first = np.append(True, spells.person[1:] != spells.person[:-1])
    before = np.where(first, spells.on_us[spells.person], np.append(0, spells.to_us[:-1]))
    gap = spells.from_us > before
    np.maximum.at(found, spells.person[gap], spells.from_us[gap])
    return np.where(held, found, last)
