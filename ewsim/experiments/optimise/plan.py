"""The whole of `ewsim optimise`: a run without help, the choice, and a run with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from ewsim import pipeline
from ewsim.channels.wiring import make_channels
from ewsim.country.build import CheckedParts, Country, build_country
from ewsim.disturbances.recovery.spec import DeployableSpec
from ewsim.engine import simulation
from ewsim.engine.simulation import Setup
from ewsim.errors import UsageError
from ewsim.experiments.optimise import trials
from ewsim.experiments.optimise.losses import Losses, losses_of
from ewsim.experiments.optimise.places import CandidatePlaces, arrival_us, candidates, ranges_m, square_m
from ewsim.experiments.optimise.request import PlanRequest, added_of, arm_of, as_sets, crews_of, unit_of
from ewsim.experiments.replications import Progress
from ewsim.geography.plane import FloatArray
from ewsim.ledger import REACHED, Ledger
from ewsim.metrics.comparison.plan import FORMAT, HelpPlan
from ewsim.network.rollout.backup import with_added_power
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, RATS, US, to_us
from ewsim.version import __version__

#: Candidates among which the exact choice is looked for, those with most to win.
EXACT_PLACES = 60
#: Sites or bundles that are tried in the first round, and in each round after it.
TRIED_FIRST, TRIED_AGAIN = 40, 8

PLACEMENT = (
    "Greedy: never below 63.2 % (1 - 1/e) of the best choice among these candidates. What a unit covers is "
    "estimated from its range outdoors and indoors."
)
NO_GUARANTEE = (
    "Greedy, each choice tried in the model: no guarantee, because a site needs power and its link, and one "
    "may win nothing without the other."
)


_NOTHING = "No choice changes anything: what it brings comes too late, or other failures remain."


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what a map of it shows: the country, and what was lost where (None: not counted)."""

    plan: HelpPlan
    country: Country
    lost: Losses | None
    ranges_m: tuple[float, float] = (0.0, 0.0)

    @property
    def lost_at(self) -> tuple[FloatArray, FloatArray, FloatArray, tuple[float, float]] | None:
        """Places [m] with what is lost there in all, and the ranges of a unit [m]."""
        lost = self.lost
        return None if lost is None else (lost.x_m, lost.y_m, lost.weight.sum(axis=1), self.ranges_m)


def optimise(
    path: Path | str,
    asked: PlanRequest,
    *,
    arm: str | None = None,
    sets: Sequence[str] = (),
    parts: CheckedParts | None = None,
    progress: Progress | None = None,
) -> Planned:
    """Choose what wins most on a scenario.

    Parameters
    ----------
    path
        The scenario file.
    asked
        What to choose.
    arm
        Its arm to begin from.
    sets
        Changes `KEY=VALUE` to begin from.
    parts
        What was made for the scenario before.
    progress
        Called with a phase and the share that is done.

    Raises
    ------
    UsageError
        The number asked for makes no sense.
    """
    if asked.count < 1:
        raise UsageError("The budget buys none. Give a larger one, or a lower cost.")
    try:
        _ = (
            crews_of(asked, ()) if asked.what == "repairs" else unit_of(asked.unit, 1),
            added_of(asked, ["any"]),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(key) for key in first["loc"][:1])
        raise UsageError(f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}.") from None
    say = progress or (lambda _phase, _share: None)
    parts, loaded = parts or CheckedParts(), load_scenario(path, sets, arm)
    say("building the country", 0.0)
    country = build_country(loaded, parts)
    depot = (asked.unit or {}).get("depot")
    if isinstance(depot, str) and depot not in country.network.built.sites.name:
        raise UsageError(f"The network has no site {depot!r}. Give LATITUDE,LONGITUDE or the name of a site.")
    say("running without help", 0.3)
    channels = [made.channel for made in make_channels(pipeline.wiring_of(country))]
    setup = pipeline.setup_of(country)
    run = simulation.simulate(setup, channels, Streams(loaded.spec.seed))
    ledger = simulation.ledger(setup, run)
    say("choosing", 0.5)
    lost = None
    if asked.what == "deployables":
        lost, choices, more = _places(country, run, channels, ledger, asked)
    else:
        choices, more = _trials(country, run.world, asked)
    document = {
        "format": FORMAT,
        "scenario": loaded.spec.name,
        "title": loaded.spec.title,
        "arm": arm,
        "seed": loaded.spec.seed,
        "version": __version__,
        "what": asked.what,
        "goal": asked.goal,
        "in_area": _people(country),
        "lost": None if lost is None else float(lost.weight.sum()),
        "choices": choices,
        "reached_before_people": _reached(country, ledger),
        "reached_people": None,
        "ratio": None,
        "proved": None,
        "problem_ratio": None,
        "problem_solved": None,
        "reason": "",
        "method": PLACEMENT if asked.what == "deployables" else NO_GUARANTEE,
        **more,
    }
    changes = arm_of(loaded, asked, choices)
    if asked.check and choices:
        say("running with it", 0.8)
        text = [f"{key}={json.dumps(value)}" for key, value in as_sets(changes)]
        after = build_country(load_scenario(path, [*sets, *text], arm), parts)
        document["reached_people"] = _reached(after, pipeline.run(after).ledger)
    ranges = (0.0, 0.0) if lost is None else ranges_m(unit_of(asked.unit, 1))
    return Planned(HelpPlan(document, changes), country, lost, ranges)


def _people(country: Country) -> int:
    return int(country.population.people.weight[country.in_area].sum(dtype=np.int64))


def _reached(country: Country, ledger: Ledger) -> int:
    got = country.in_area & (ledger.cause == REACHED)
    return int(country.population.people.weight[got].sum(dtype=np.int64))


# --- deployables ----------------------------------------------------------------------------------


def _places(
    country: Country, run: simulation.Run, channels: list[Any], ledger: Ledger, asked: PlanRequest
) -> tuple[Losses, list[dict[str, Any]], dict[str, Any]]:
    network, spec = country.network.built, unit_of(asked.unit, 1)
    lost = _lost(country, run, channels, ledger, spec, asked.goal)
    found = candidates(lost, spec, network, asked.candidates)
    chosen = found.cover.greedy(asked.count)
    more: dict[str, Any] = {"candidates": int(found.x_m.size)}
    if not chosen:
        more["reason"] = "Nothing is lost where and when a unit could serve."
    elif asked.exact:
        best = _the_best(found, asked.count, [place for place, _ in chosen])
        places, proved = best.exact(asked.count)
        few = best.greedy(asked.count)
        worth, most = sum(gain for _, gain in few), best.value(places)
        more |= {
            "ratio": worth / most if most else 1.0,
            "proved": proved,
            "exact_candidates": len(best.points),
        }
    lat, lon = network.frame.to_latlon(found.x_m, found.y_m)
    rows, total = [], 0.0
    for rank, (place, gain) in enumerate(chosen, start=1):
        total += gain
        when = arrival_us(spec, network, float(found.x_m[place]), float(found.y_m[place])) / US
        rows.append(
            {
                "rank": rank,
                "lat": round(float(lat[place]), 5),
                "lon": round(float(lon[place]), 5),
                "in_service_s": when,
                "gain": gain,
                "total": total,
            }
        )
    return lost, rows, more


def _lost(
    country: Country,
    run: simulation.Run,
    channels: list[Any],
    ledger: Ledger,
    spec: DeployableSpec,
    goal: str,
) -> Losses:
    network = country.network.built
    names = spec.operators or network.operators
    operators = np.array([network.operators.index(name) for name in names if name in network.operators])
    rats = sum(1 << RATS.index(rat) for rat in spec.rats or (RATS[LTE], RATS[GSM]))
    return losses_of(country, run, channels, ledger.cause, goal, operators, rats, square_m(spec))


def _the_best(found: CandidatePlaces, count: int, chosen: list[int]) -> Any:
    """The candidates that win most alone, and those chosen, as a problem small enough for an exact choice."""
    cover = found.cover
    alone = np.array([cover.value([place]) for place in range(len(cover.points))])
    few = list(dict.fromkeys([*chosen, *np.argsort(-alone, kind="stable")[:EXACT_PLACES].tolist()]))
    few = few[: max(EXACT_PLACES, count)]
    return replace(cover, points=[cover.points[n] for n in few], first=cover.first[few], end=cover.end[few])


# --- sites and repairs ----------------------------------------------------------------------------


def _trials(country: Country, world: Any, asked: PlanRequest) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    who = trials.audience(country, asked.goal)
    off: dict[tuple[str, ...], float] = {}
    if asked.what == "repairs":
        failed = trials.broken(world)
        way = trials.bundles(world, failed)
        for names, sites in way.items():
            off[names] = sum(_people_of(who, world, site) for site in sites)
        spec = crews_of(asked, ())

        def changed(setup: Setup, chosen: tuple[str, ...]) -> Setup:
            if not chosen:
                return setup
            return trials.with_more(setup, crews_of(asked, chosen))

        kinds = {name: element.kind for element, name in failed.items()}
        takes = {"feeder": spec.repair.feeder_s, "link": spec.repair.link_s, "site": spec.repair.site_s}

        def cost(name: str) -> float:
            return spec.setup_s + (takes[kinds[name]] or 0.0) + 1.0

        off = {names: v for names, v in off.items() if all(takes[kinds[name]] is not None for name in names)}
    else:
        without = {row[0] for row in world.grid_windows().tolist()}
        off = {(world.network.sites.name[site],): _people_of(who, world, site) for site in without}

        def changed(setup: Setup, chosen: tuple[str, ...]) -> Setup:
            return _equipped(setup, asked, chosen)

        def cost(name: str) -> float:  # noqa: ARG001 - all cost the same
            return 1.0

    options = sorted((names for names, worth in off.items() if worth > 0), key=lambda n: (-off[n], n))
    if not options:
        nothing = "lose the grid" if asked.what != "repairs" else "can be repaired"
        return [], {"reason": f"No sites that people use {nothing} in this run."}
    value = trials.trial(country, who, changed)
    found = trials.greedy(options[:TRIED_FIRST], value, asked.count, TRIED_AGAIN, cost)
    before, rows, last = value(()), list[dict[str, Any]](), value(())
    for rank, (names, then) in enumerate(found, start=1):
        won = {"gain": then - last, "total": then - before}
        rows.append({"rank": rank, "names": list(names), **won})
        last = then
    more: dict[str, Any] = {"candidates": len(options)} | ({} if rows else {"reason": _NOTHING})
    if rows and asked.exact:
        every = list(dict.fromkeys(name for option in options for name in option))
        ordered = asked.what == "repairs"
        best, proved = trials.exhaustive(every, value, asked.count, ordered=ordered)
        if ordered:
            problem = trials.as_problem(
                who, world, every, way, trials.CrewWork(spec.count, to_us(spec.at_s), cost)
            )
            order, worth, solved = problem.exact(asked.count)
            best = max(best, value(tuple(every[n] for n in order)))
            mine = problem.value([every.index(name) for row in rows for name in row["names"]])
            more |= {"problem_ratio": mine / worth if worth else 1.0, "problem_solved": solved}
        most = max(best, last) - before
        more |= {"ratio": (last - before) / most, "proved": proved}
    return rows, more


def _people_of(who: trials.Audience, world: Any, site: int) -> float:
    """People who can camp on a site, and lose it."""
    cells = np.array(world.cells_of[site], dtype=np.int64)
    return float(who.people[np.isin(who.cells, cells).any(axis=1)].sum())


def _equipped(setup: Setup, asked: PlanRequest, sites: tuple[str, ...]) -> Setup:
    if not sites:
        return setup
    return replace(setup, network=with_added_power(setup.network, [added_of(asked, sites)]))
