"""A scenario run once, or many times with the same country and new luck."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numba

from ewsim import pipeline
from ewsim.country.build import Country, build_country
from ewsim.ledger import Ledger
from ewsim.metrics.replications import headline, replications_frame
from ewsim.result.record import Result
from ewsim.scenario.load import LoadedScenario, load_scenario

#: Fewer runs than this are quicker in this process than in workers.
FEW_RUNS = 10
#: Pieces of work for each worker, so that none waits long for the last.
CHUNKS = 2
#: Called with a phase and the share that is done.
Progress = Callable[[str, float], None]
T = TypeVar("T")


def run_scenario(
    scenario: LoadedScenario | Path | str,
    *,
    arm: str | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the word of the command line
    replications: int = 1,
    workers: int = 1,
    progress: Progress | None = None,
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
    workers
        Processes for replications, threads for the crowd. Changes no result.
    progress
        Called with a phase and the share that is done.
    """
    loaded = _loaded(scenario, arm, set)
    say = progress or (lambda _phase, _share: None)
    clock = time.perf_counter()
    say("building the country", 0.0)
    country = build_country(loaded)
    built_s = time.perf_counter() - clock
    say("delivering", 0.3)
    numba.set_num_threads(max(1, min(workers, numba.config.NUMBA_NUM_THREADS)))
    first = pipeline.run(country)
    table = None
    if replications > 1:
        rows = [headline(first.ledger)]
        for some in each_run(country, range(1, replications), workers, headline):
            rows += some
            say("replications", 0.3 + 0.6 * len(rows) / replications)
        table = replications_frame(rows)
    say("writing down", 0.9)
    result = pipeline.result_of(country, first)
    return replace(result, replications=table, timing_s={"country": built_s, **first.timing_s})


def _loaded(
    scenario: LoadedScenario | Path | str, arm: str | None, changes: Mapping[str, Any] | None
) -> LoadedScenario:
    if changes is not None and not isinstance(changes, Mapping):
        raise TypeError(f"set takes a mapping of keys to values, not {type(changes).__name__}")
    if isinstance(scenario, LoadedScenario):
        if arm is not None or changes:
            raise TypeError("arm and set are for a scenario file; give them to load_scenario")
        return scenario
    if not isinstance(scenario, Path | str):
        raise TypeError(f"run_scenario takes a scenario file, not {type(scenario).__name__}")
    return load_scenario(
        scenario, [f"{key}={json.dumps(value)}" for key, value in (changes or {}).items()], arm
    )


def each_run(
    country: Country, replications: range, workers: int, measure: Callable[[Ledger], T]
) -> Iterator[list[T]]:
    """What is measured of each run, in order, some at a time.

    A worker costs seconds (it imports, loads the kernels and reads the country), so it gets many runs
    at once, and a few runs need none.

    Parameters
    ----------
    country
        What stands before the runs.
    replications
        Their numbers.
    workers
        Processes.
    measure
        Takes a run's ledger; a function of a module, so that workers can have it.
    """
    if workers == 1 or len(replications) < FEW_RUNS:
        for replication in replications:
            yield _measured(country, [replication], measure)
        return
    import joblib  # a tenth of a second that one run need not wait for

    # Where a signal ends us, joblib's own process removes what the workers shared, without more words.
    quiet = "ignore:resource_tracker"
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (os.environ.get("PYTHONWARNINGS"), quiet)))
    each = max(FEW_RUNS // 2, -(-len(replications) // (workers * CHUNKS)))
    jobs = (
        joblib.delayed(_measured)(country, replications[at : at + each], measure)
        for at in range(0, len(replications), each)
    )
    yield from joblib.Parallel(n_jobs=workers, pre_dispatch="n_jobs", return_as="generator")(jobs)


def _measured(country: Country, replications: Sequence[int], measure: Callable[[Ledger], T]) -> list[T]:
    return [measure(pipeline.run(country, replication).ledger) for replication in replications]
