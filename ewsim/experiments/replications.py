"""A scenario run once, or many times with the same country and new luck."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np

from ewsim import pipeline
from ewsim.country.build import Country, build_country
from ewsim.engine.compiling import compiled_beside
from ewsim.errors import UsageError, expect
from ewsim.experiments.crew import begin, each_done
from ewsim.experiments.journal import Journal
from ewsim.experiments.precision import BATCH, precision_of
from ewsim.ledger import Ledger
from ewsim.metrics.replications import headline, replications_frame
from ewsim.result.record import Result
from ewsim.scenario.load import LoadedScenario, load_scenario

#: Fewer runs than this are quicker in this process than in workers.
FEW_RUNS = 10
#: Called with a phase and the share that is done.
Progress = Callable[[str, float], None]
T = TypeVar("T")


def run_scenario(
    scenario: LoadedScenario | Path | str,
    *,
    arm: str | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the word of the command line
    replications: int = 1,
    until: str | None = None,
    workers: int | str = 1,
    progress: Progress | None = None,
    journal: Journal | None = None,
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    scenario
        A scenario file, or what `ewsim.load_scenario` gave.
    arm
        The arm of the file to run.
    set
        Changes by dotted key, as `--set`: `{"population.people_count": 3000, "horizon_s": "2h"}`.
    replications
        How many runs with their own faults and luck; the people and the network are the same. The
        result's ledger is that of the first.
    until
        Make no more runs once a figure is known so well, as in `reach +-1 point`; `replications` is then
        the most.
    workers
        Processes for replications, threads for the crowd; or the address of a dask scheduler, whose workers
        make the replications. Changes no result.
    progress
        Called with a phase and the share that is done.
    journal
        Keeps what is finished, and has what was finished before.

    Examples
    --------
    >>> small = {"population.people_count": 500, "horizon_s": "10min"}
    >>> result = run_scenario("scenarios/island_cyclone.yaml", arm="cb_only", set=small)
    >>> result.summary()["population"]
    500
    """
    here = 1 if isinstance(workers, str) else workers
    for name, number in (("replications", replications), ("workers", here)):
        expect(number, int, f"{name} takes a whole number")
        if number < 1:
            raise UsageError(f"{name} is {number}. Write 1 or more.")
    loaded = _loaded(scenario, arm, set)
    say = progress or (lambda _phase, _share: None)
    clock = time.perf_counter()
    say("building the country", 0.0)
    if replications > FEW_RUNS:
        begin(workers)
    threads = workers if isinstance(workers, int) else numba.config.NUMBA_NUM_THREADS
    numba.set_num_threads(max(1, min(threads, numba.config.NUMBA_NUM_THREADS)))
    with compiled_beside(wanted=threads > 1) as wait:
        country = build_country(loaded)
        wait()
    built_s = time.perf_counter() - clock
    say("delivering", 0.3)
    first = pipeline.run(country)
    notes: tuple[str, ...] = ()
    table = None
    if replications > 1:
        rows = [_headline(country)(first.ledger)]
        figures = [name for name in rows[0] if not name.startswith("cause_")]
        precise = None if until is None else precision_of(until, figures)
        started = time.perf_counter()
        while len(rows) < replications and not (precise and precise.enough(rows)):
            end = replications if precise is None else min(replications, len(rows) // BATCH * BATCH + BATCH)
            for done, of in _further(country, rows, end, workers, journal):
                rate = done / (time.perf_counter() - started)
                say(f"run {of} of {end}, {rate:.1f}/s", 0.3 + 0.6 * of / replications)
        notes = () if precise is None else (precise.said(rows),)
        table = replications_frame(rows)
    say("writing down", 0.9)
    result = pipeline.result_of(country, first)
    return replace(
        result,
        notes=(*result.notes, *notes),
        replications=table,
        timing_s={"country": built_s, **first.timing_s},
    )


def _headline(country: Country) -> Callable[[Ledger], dict[str, Any]]:
    """The row of one run, with the scenario's age of an own phone."""
    age = country.loaded.spec.population.handsets.own_phone_age_years
    return partial(headline, own_phone_age_years=age)


def _further(
    country: Country, rows: list[dict[str, Any]], end: int, workers: int | str, journal: Journal | None
) -> Iterator[tuple[int, int]]:
    """Add further replications in their order; after each how many were made, and how many there are."""
    start, found = len(rows), {}
    if journal is not None:
        found = {r: journal.finished[str(r)] for r in range(start, end) if str(r) in journal.finished}
    missing = [r for r in range(start, end) if r not in found]
    for made, (replication, row) in enumerate(
        each_run(country, missing, workers, _headline(country)), start=1
    ):
        found[replication] = row
        if journal is not None:
            journal.add(str(replication), row)
        yield made, start + len(found)
    rows += [found[replication] for replication in range(start, end)]


def _loaded(
    scenario: LoadedScenario | Path | str, arm: str | None, changes: Mapping[str, Any] | None
) -> LoadedScenario:
    expect(changes, Mapping | None, "set takes a mapping of keys to values")
    if isinstance(scenario, LoadedScenario):
        if arm is not None or changes:
            raise TypeError("arm and set are for a scenario file; give them to load_scenario")
        return scenario
    expect(scenario, Path | str, "run_scenario takes a scenario file")
    return load_scenario(scenario, [_change(key, value) for key, value in (changes or {}).items()], arm)


def _change(key: str, value: Any) -> str:
    """A change as the command line has it."""
    expect(key, str, "set takes keys as text")
    try:
        return f"{key}={json.dumps(value, default=_plain)}"
    except TypeError:
        known = "a number, a text, true or false, a list or a mapping"
        raise TypeError(f"set takes {known} for {key}, not {type(value).__name__}") from None


def _plain(value: Any) -> Any:
    """A value of NumPy, or a path, as JSON has it."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError


def each_run(
    country: Country, replications: Sequence[int], workers: int | str, measure: Callable[[Ledger], T]
) -> Iterator[tuple[int, T]]:
    """What is measured of each run, with its number, as they come.

    Parameters
    ----------
    country
        What stands before the runs.
    replications
        Their numbers.
    workers
        Processes (a few runs are quicker in this one), or the address of a dask scheduler.
    measure
        Takes a run's ledger; a function of a module, so that workers can have it.
    """
    few = isinstance(workers, int) and len(replications) < FEW_RUNS
    for number, found in each_done((country, measure), _measured, replications, 1 if few else workers):
        yield replications[number], found


def _measured(shared: tuple[Country, Callable[[Ledger], T]], replication: int) -> T:
    country, measure = shared
    return measure(pipeline.run(country, replication).ledger)
