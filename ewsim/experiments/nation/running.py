"""One run of a country whose people do not fit into memory: a shard of them at a time.

1. `shards_of` counts what people must know of everybody, and cuts the country;
2. the infrastructure runs, once in each process;
3. each shard says who waits in queues, and the queues are served;
4. each shard is delivered to: its counts, and its part of the table of people where that is kept.

People are made again in 1, 3 and 4: they are a function of their numbers, and memory holds one shard.
"""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ewsim import pipeline
from ewsim.channels.base import Queueing
from ewsim.channels.wiring import Made, make_channels
from ewsim.country.availability import incomplete, signal_outdoors
from ewsim.engine import simulation
from ewsim.engine.shards import Noted, Schedule
from ewsim.experiments.crew import each_done
from ewsim.experiments.nation.built import Nation, nation_of
from ewsim.ledger import Ledger
from ewsim.metrics.reach import merged
from ewsim.metrics.summary import counts_of
from ewsim.population.shard import Shard, Sizes
from ewsim.response.chain import asked_of, with_response
from ewsim.result import folder
from ewsim.result.partitions import write_part
from ewsim.result.record import Result
from ewsim.result.tables import StoredLedger
from ewsim.scenario.load import LoadedScenario
from ewsim.streams import Streams

#: Somebody, where a country must have people and it does not matter whom.
_SOMEBODY = Shard(0, 1, last=False)
#: Called with a phase and the share that is done.
Progress = Callable[[str, float], None]
R = TypeVar("R")


class ShardWork:
    """What every shard needs; a process that delivers runs the infrastructure once.

    Parameters
    ----------
    nation
        The country without its people.
    kept
        The folder that takes the table of people; None: it is not kept.
    """

    def __init__(self, nation: Nation, kept: Path | None) -> None:
        self.nation, self.kept = nation, kept
        self.streams = Streams(nation.loaded.spec.seed)

    def __getstate__(self) -> dict[str, Any]:
        """What travels to other processes: they run the infrastructure themselves."""
        return {name: value for name, value in self.__dict__.items() if name not in ("made", "schedule")}

    @cached_property
    def made(self) -> list[Made]:
        """The channels of the run."""
        return make_channels(pipeline.wiring_of(self.nation.country(_SOMEBODY)))

    @cached_property
    def schedule(self) -> Schedule:
        """What the infrastructure does."""
        setup = pipeline.setup_of(self.nation.country(_SOMEBODY))
        found = Schedule.of(setup, [made.channel for made in self.made], self.streams)
        gc.freeze()  # it lives until the end, and the collector would go through it for every shard
        return found


@dataclass(frozen=True, slots=True)
class Done:
    """What is left of a shard when it was delivered to."""

    noted: Noted
    timing_s: Mapping[str, float]
    not_modelled: tuple[str, ...]
    notes: tuple[str, ...]
    signal: tuple[int, int]
    counts: Mapping[str, Any]


def run_by_shards(
    loaded: LoadedScenario,
    count: int,
    into: Path,
    *,
    workers: int | str = 1,
    people: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario a shard of people at a time; the answer is that of `run_scenario`, to the last person.

    Parameters
    ----------
    loaded
        The scenario.
    count
        How many shards, about.
    into
        A folder for the tables, which the result reads.
    workers
        Processes, or the address of a dask scheduler.
    people
        Whether the table of people is kept.
    progress
        Called with a phase and the share that is done.

    Raises
    ------
    ScenarioError
        Something in the scenario needs everybody at once.
    """
    say = progress or (lambda _phase, _share: None)
    say("building the country", 0.0)
    work = ShardWork(nation_of(loaded), into.absolute() if people else None)
    say("counting", 0.05)
    shards = shards_of(work, count, workers)
    served: list[dict[str, Any]] = [{} for _ in shards]
    written: dict[str, Any] = {}
    queues_s = 0.0
    if any(isinstance(made.channel, Queueing) for made in work.made):
        waiting = _each(
            work, _waiting, shards, workers, lambda done: say("finding who waits", 0.1 + 0.4 * done)
        )
        began = time.perf_counter()
        served, written = work.schedule.serve([found for found, _ in waiting])
        queues_s = time.perf_counter() - began + sum(took_s for _, took_s in waiting)
    calls = list(zip(range(len(shards)), shards, served, strict=True))
    every = _each(work, _delivered, calls, workers, lambda done: say("delivering", 0.5 + 0.4 * done))
    say("writing down", 0.9)
    events = work.schedule.events([done.noted for done in every], written)
    into.mkdir(parents=True, exist_ok=True)
    folder.write_parquet(simulation.events_frame(events), into / "events.parquet")
    return _result(work, every, into, queues_s)


def shards_of(work: ShardWork, count: int, workers: int | str) -> list[Shard]:
    """The country in about so many shards, each with what its people must know of everybody.

    A shard begins with somebody who has a phone of their own: whoever shares one shares that of the last
    owner before them, so nobody shares across a border.

    Parameters
    ----------
    work
        The country.
    count
        Shards.
    workers
        Processes, or the address of a dask scheduler.
    """
    nation, spec = work.nation, work.nation.loaded.spec.population
    rows = nation.rows
    edges = sorted({rows * k // count for k in range(count + 1)})
    shards = [Shard(begin, end, last=end == rows) for begin, end in pairwise(edges)]

    ownership = sum(one.sizes.ownership for one in _each(work, _census, shards, workers))
    shards = [replace(shard, sizes=Sizes(ownership)) for shard in shards]
    found = _each(work, _census, shards, workers)
    smartphone, on = (sum(getattr(one.sizes, name) for one in found) for name in ("smartphone", "on"))
    sizes, phones = Sizes(ownership, smartphone, on), [one.phones for one in found]
    begins = [rows] * (len(found) + 1)
    for at in range(len(found) - 1, 0, -1):
        first = found[at].first_owner
        begins[at] = begins[at + 1] if first < 0 else min(first, rows)
    begins[0] = 0
    before = [0, *accumulate(phones)]
    shards = [
        Shard(begin, end, last=False, sizes=sizes, phones=earlier, all_phones=before[-1])
        for (begin, end), earlier in zip(pairwise(begins), before, strict=False)
        if end > begin
    ]
    if spec.arrivals and not begins[-2] < rows:
        shards.append(Shard(rows, rows, last=True, sizes=sizes, phones=before[-2], all_phones=before[-1]))
    shards[-1] = replace(shards[-1], last=True)
    if spec.handsets.dual_sim_share > 0 or spec.flows:
        found = _each(work, _census, shards, workers)
        second = [0, *accumulate(one.second_sims for one in found)]
        flowed = np.cumsum([[0] * len(spec.flows), *(one.flowed for one in found)], axis=0).tolist()
        shards = [
            replace(shard, second_sims=s, flowed=tuple(f))
            for shard, s, f in zip(shards, second, flowed, strict=False)
        ]
    return shards


def _each(
    work: ShardWork,
    function: Callable[[ShardWork, Any], R],
    calls: Sequence[Any],
    workers: int | str,
    say: Callable[[float], None] | None = None,
) -> list[R]:
    """The result of each call, in their order."""
    found: dict[int, R] = {}
    processes = min(workers, len(calls)) if isinstance(workers, int) else workers
    for number, result in each_done(work, function, calls, processes):
        found[number] = result
        if say is not None:
            say(len(found) / len(calls))
    return [found[number] for number in range(len(calls))]


def _census(work: ShardWork, shard: Shard) -> Any:
    return work.nation.census(shard)


def _waiting(work: ShardWork, shard: Shard) -> tuple[dict[str, Any], float]:
    return work.schedule.waiting(pipeline.setup_of(work.nation.country(shard)))


def _delivered(work: ShardWork, call: tuple[int, Shard, Mapping[str, Any]]) -> Done:
    number, shard, served = call
    country, spec = work.nation.country(shard), work.nation.loaded.spec
    setup = pipeline.setup_of(country)
    run, noted = work.schedule.deliver(setup, served)
    asked = asked_of(spec, {made.channel.name: made.languages for made in work.made})
    ledger = simulation.ledger(setup, run, ())
    ledger = with_response(ledger, country.population.people, asked, work.streams)
    if work.kept is not None:
        write_part(work.kept, "people", number, ledger.people_frame())
    population = country.population
    signal, counts = signal_outdoors(population), counts_of(ledger)
    return Done(noted, run.timing_s, population.not_modelled, population.notes, signal, counts)


def _result(work: ShardWork, every: Sequence[Done], into: Path, queues_s: float) -> Result:
    country, spec = work.nation.country(_SOMEBODY), work.nation.loaded.spec
    notes = every[-1].notes
    if spec.network.path is not None:
        without, everybody = (sum(numbers) for numbers in zip(*(done.signal for done in every), strict=True))
        country = replace(country, notes=(*country.notes, *incomplete(without, everybody)))
    same = [name for name in every[0].not_modelled if all(name in done.not_modelled for done in every)]
    population = replace(country.population, notes=notes, not_modelled=tuple(same))
    timing = {"infrastructure": work.schedule.took_s, "queues": queues_s}
    for done in every:
        for phase, took_s in done.timing_s.items():
            timing[phase] = timing.get(phase, 0.0) + took_s
    stored = StoredLedger.at(into, len(country.network.cells))
    nobody = Ledger(stored.events().iloc[:0], {}, stored.events(), np.zeros(0, dtype=np.int8))
    finished = pipeline.Finished(work.made, nobody, timing)
    result = pipeline.result_of(replace(country, population=population), finished, whole=False)
    figures = result.document_of(merged([done.counts for done in every]))
    return replace(result, ledger=stored, figures=figures)
