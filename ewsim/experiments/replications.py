"""A scenario run once, or many times with the same country and new luck."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numba
import pandas as pd

from ewsim import pipeline
from ewsim.country.build import Country, build_country
from ewsim.metrics.replications import headline
from ewsim.result.record import Result
from ewsim.scenario.load import LoadedScenario

#: Called with a phase and the share that is done.
Progress = Callable[[str, float], None]


def run_scenario(
    loaded: LoadedScenario, *, replications: int = 1, workers: int = 1, progress: Progress | None = None
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    loaded
        From `ewsim.load_scenario`.
    replications
        How many runs with their own faults and luck; the people and the network are the same. The
        result's ledger is that of the first.
    workers
        Processes for replications, threads for the crowd. Changes no result.
    progress
        Called with a phase and the share that is done.
    """
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
        import joblib  # a tenth of a second that one run need not wait for

        jobs = (joblib.delayed(_headline)(country, r) for r in range(1, replications))
        rows = [headline(first.ledger)]
        for row in joblib.Parallel(n_jobs=workers, return_as="generator")(jobs):
            rows.append(row)
            say("replications", 0.3 + 0.6 * len(rows) / replications)
        table = pd.DataFrame(rows)
    say("writing down", 0.9)
    result = pipeline.result_of(country, first)
    return replace(result, replications=table, timing_s={"country": built_s, **first.timing_s})


def _headline(country: Country, replication: int) -> dict[str, Any]:
    return headline(pipeline.run(country, replication).ledger)
