"""Which sites to equip, and in which order to repair: tried in the model itself, one choice after another.

Every trial runs the infrastructure with the choice, the same faults and luck, and counts what people win who
can camp on the cells that are up. A site needs power and its link, so two repairs may win only together: the
value is not submodular, and greedy has no guarantee here. Bundles that bring back one site are tried whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, permutations
from math import comb, perm
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim import pipeline
from ewsim.channels.wiring import make_channels
from ewsim.country.build import Country
from ewsim.disturbances.elements import named
from ewsim.engine import simulation
from ewsim.engine.simulation import Setup
from ewsim.experiments.optimise.losses import ENOUGH_US, STEPS, window_us
from ewsim.experiments.optimise.repairs import Repairs
from ewsim.population.people import Camping, Handsets
from ewsim.population.presence.windows import presence_of
from ewsim.scenario.spec import DisturbanceSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US
from ewsim.world import Element, World

#: Choices that are tried at most where the best of all is asked for.
MOST_TRIALS = 800


class CrewWork(NamedTuple):
    """Crews: how many, when they set out [us], and how long each element takes them [s]."""

    crews: int
    begins_us: int
    takes_s: Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Audience:
    """Rows of candidate cells with how many people have them, and the time that counts [us].

    Assumptions: people at the places of the beginning, their phones on all the time.
    """

    cells: NDArray[np.int32]
    people: NDArray[np.float64]
    begin_us: int
    end_us: int
    goal: str

    def value(self, world: World) -> float:
        """What a run gives them: person-hours of service, or people who can be warned."""
        served = self.served_us(world, self.begin_us, self.end_us)[:, 0]
        if self.goal == "people":
            return float(self.people[served >= ENOUGH_US].sum())
        return float((self.people * served).sum()) / (3600 * US)

    def served_us(self, world: World, *edges_us: int) -> NDArray[np.float64]:
        """How long each row is served between edges of time [us], shape (rows, steps)."""
        count = len(self.cells)
        where = presence_of(
            _unmoved(self.cells),
            _always_on(count),
            world.down_windows(),
            len(world.network.cells),
            world.start_us,
            world.horizon_us,
        )
        row = np.repeat(np.arange(count), np.diff(where.first))
        steps = [
            np.bincount(
                row, np.maximum(np.minimum(where.to_us, end) - np.maximum(where.from_us, begin), 0), count
            )
            for begin, end in pairwise(edges_us)
        ]
        return np.column_stack(steps).astype(np.float64)


def _unmoved(cells: NDArray[np.int32]) -> Camping:
    """Rows of candidate cells as those of phones that never move."""
    count, width = cells.shape
    none = np.empty((0, width))
    zero = np.zeros(count + 1, dtype=np.int64)
    level = np.zeros(cells.shape, dtype=np.float32)
    lack = np.zeros(count, dtype=np.int8)
    return Camping(
        np.ascontiguousarray(cells),
        level,
        zero,
        zero[:0],
        zero[:0].astype(np.int32),
        none.astype(np.int32),
        none.astype(np.float32),
        lack,
        lack[:0],
    )


def _always_on(count: int) -> Handsets:
    zero, never = np.zeros(count, dtype=np.int8), np.full(count, NEVER)
    return Handsets(
        zero.astype(np.int32),
        zero.astype(np.int16),
        zero.astype(np.uint8),
        zero > 0,
        zero > 0,
        zero.astype(np.uint16),
        -never,
        never,
    )


def audience(country: Country, goal: str) -> Audience:
    """Those for whom the alert is and who have a phone, by the cells that they can camp on."""
    people, camping = country.population.people, country.population.camping
    who = np.flatnonzero(country.in_area & (people.handset >= 0))
    handset = people.handset[who]
    off = country.population.handsets.on_from_us[handset] >= NEVER
    rows, of = np.unique(camping.cell[handset[~off]], axis=0, return_inverse=True)
    weight = np.bincount(of.ravel(), people.weight[who[~off]], len(rows)).astype(np.float64)
    begin, end = 0, pipeline.setup_of(country).horizon_us
    if goal == "people":
        channels = [made.channel for made in make_channels(pipeline.wiring_of(country))]
        setup = replace(pipeline.setup_of(country), disturbances=())
        world = simulation.started(setup, channels, Streams(country.loaded.spec.seed))
        world.run()
        begin, end = window_us(world, channels)
    return Audience(rows, weight, begin, end, goal)


def infrastructure(setup: Setup, seed: int) -> World:
    """The world of a setup after a run without channels."""
    world = simulation.started(setup, (), Streams(seed))
    world.run()
    return world


def broken(world: World) -> dict[Element, str]:
    """Elements that failed in a run and that crews can repair, with their names: feeders, links, sites."""
    names = {element: name for name, element in named(world.network.built).items()}
    feeder, found = world.network.sites.feeder, dict[Element, str]()
    for site, _, _ in world.grid_windows().tolist():
        element = Element("feeder", int(feeder[site]))
        found[element] = names[element]
    for row in world.events:
        kinds = {("site", "destroyed"): "site", ("link", "cut"): "link"}
        if (kind := kinds.get((row[1], row[2]))) is not None:
            element = Element("site" if kind == "site" else "link", row[5])
            found[element] = names[element]
    return found


def bundles(world: World, failed: dict[Element, str]) -> dict[tuple[str, ...], list[int]]:
    """For each site that was off, what has to be repaired on its way; by bundle the sites it brings back."""
    sites, made = world.network.built.sites, dict[tuple[str, ...], list[int]]()
    for site in range(len(sites)):
        needed, at = list[str](), site
        while at >= 0:
            for element in (
                Element("site", at),
                Element("link", at),
                Element("feeder", int(sites.feeder[at])),
            ):
                if element in failed and failed[element] not in needed:
                    needed.append(failed[element])
            at = int(sites.parent[at])
        if needed:
            made.setdefault(tuple(needed), []).append(site)
    return made


def greedy(
    options: Sequence[tuple[str, ...]],
    value: Callable[[tuple[str, ...]], float],
    count: int,
    tries: int,
    cost: Callable[[str], float] = lambda _: 1.0,
) -> list[tuple[tuple[str, ...], float]]:
    """Choose options one after another, each that with the largest gain for its cost.

    Gains of earlier rounds rank the options, and only the first `tries` are tried again in each round.

    Parameters
    ----------
    options
        What can be chosen: names, alone or in bundles.
    value
        What the names chosen, in their order, are worth [person-hours or people].
    count
        How many names at most.
    tries
        Trials in each round after the first.
    cost
        What a name costs [any].

    Returns
    -------
    list
        The options chosen, less what was chosen before, and the value after each.
    """
    chosen: tuple[str, ...] = ()
    now, found, rank = value(()), list[tuple[tuple[str, ...], float]](), dict[tuple[str, ...], float]()
    left = list(options)
    while left and len(chosen) < count:
        left.sort(key=lambda option: -rank.get(option, np.inf))
        best, best_ratio, best_value = None, 0.0, now
        for option in left if not found else left[:tries]:
            new = tuple(name for name in option if name not in chosen)
            if not new or len(chosen) + len(new) > count:
                rank[option] = 0.0
                continue
            then = value((*chosen, *new))
            rank[option] = (then - now) / sum(cost(name) for name in new)
            if rank[option] > best_ratio * (1 + 1e-12):
                best, best_ratio, best_value = option, rank[option], then
        if best is None:
            break
        new = tuple(name for name in best if name not in chosen)
        chosen, now = (*chosen, *new), best_value
        found.append((new, now))
        left.remove(best)
    return found


def exhaustive(
    names: Sequence[str], value: Callable[[tuple[str, ...]], float], count: int, *, ordered: bool
) -> tuple[float, bool]:
    """The best value of so many of some names, every choice tried, and whether all names were in.

    Parameters
    ----------
    names
        The names, the most promising first; as many are tried as make no more than MOST_TRIALS choices.
    value
        What the names chosen, in their order, are worth [person-hours or people].
    count
        How many names.
    ordered
        Whether their order matters.
    """
    many = len(names)
    while (perm if ordered else comb)(many, min(count, many)) > MOST_TRIALS and many > 1:
        many -= 1
    choose = permutations if ordered else combinations
    best = max(value(chosen) for chosen in choose(names[:many], min(count, many)))
    return best, many == len(names)


def as_problem(
    who: Audience, world: World, names: Sequence[str], way: dict[tuple[str, ...], list[int]], work: CrewWork
) -> Repairs:
    """The order of repairs as a problem that can be solved exactly (`optimise.repairs`).

    Parameters
    ----------
    who
        Whose service counts.
    world
        A run without help.
    names
        Elements that may be repaired.
    way
        What has to be repaired for sites, as `bundles` gives it.
    work
        The crews and their time for an element.
    """
    number = {name: n for n, name in enumerate(names)}
    known = {needed: sites for needed, sites in way.items() if all(name in number for name in needed)}
    edges = np.linspace(who.begin_us, max(who.end_us, who.begin_us + STEPS), STEPS + 1).astype(np.int64)
    lost = np.diff(edges) - who.served_us(world, *edges.tolist())
    if who.goal == "people":
        short = lost.sum(axis=1) > edges[-1] - edges[0] - ENOUGH_US
        lost = np.column_stack([np.zeros((len(lost), STEPS - 1)), np.where(short, 3600 * US, 0)])
    row_of = {site: row for row, sites in enumerate(known.values()) for site in sites}
    site_of = world.network.cells.site
    groups: dict[tuple[int, ...], NDArray[np.float64]] = {}
    for cells, people, each in zip(who.cells, who.people, lost / (3600 * US), strict=True):
        mine = {row_of.get(int(site_of[cell]), -1) for cell in cells[cells >= 0]} - {-1}
        if mine and each.any():
            key = tuple(sorted(mine))
            groups[key] = groups.get(key, np.zeros(STEPS)) + people * each
    return Repairs(
        np.array([work.takes_s(name) for name in names]),
        [[number[name] for name in needed] for needed in known],
        list(groups),
        np.array(list(groups.values())).reshape(-1, STEPS),
        (edges[1:] - work.begins_us) / US,
        work.crews,
    )


def trial(
    country: Country, who: Audience, changed: Callable[[Setup, tuple[str, ...]], Setup]
) -> Callable[[tuple[str, ...]], float]:
    """What choices are worth, by running the infrastructure with them.

    Parameters
    ----------
    country
        The country.
    who
        Whose service counts.
    changed
        The setup with a choice.
    """
    setup, seed = pipeline.setup_of(country), country.loaded.spec.seed
    known: dict[tuple[str, ...], float] = {}

    def value(chosen: tuple[str, ...]) -> float:
        if chosen not in known:
            known[chosen] = who.value(infrastructure(changed(setup, chosen), seed))
        return known[chosen]

    return value


def with_more(setup: Setup, spec: DisturbanceSpec) -> Setup:
    """A setup with one disturbance more."""
    return replace(setup, disturbances=(*setup.disturbances, spec))
