"""Calls shared out to processes of this machine, which all read the same things from one file.

What all calls need (a country of many megabytes) is written once, uncompressed; each worker maps the file
into its memory, so it is there once for all of them and travels with no call. A worker that is killed takes
nothing with it but the calls it had, and those are made again.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from importlib import import_module
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import numba

from ewsim import files
from ewsim.errors import RunError, count_of
from ewsim.experiments.cluster import each_done_at

#: How often lost workers are replaced before the calls are given up: the calls themselves end them.
ATTEMPTS = 3
#: Processes that `begin` started and nobody has waited for.
_starting: list[Thread] = []
_times = count()

S = TypeVar("S")
C = TypeVar("C")
R = TypeVar("R")


def begin(workers: int | str) -> None:
    """Start the processes, which load the program while this one goes on."""
    if isinstance(workers, int) and workers > 1 and not _starting:
        pool, calls = _pool(workers), [_delayed(_ready)() for _ in range(workers)]
        _starting.append(Thread(target=lambda: list(pool(calls)), daemon=True))
        _starting[0].start()


def each_done(
    shared: S, work: Callable[[S, C], R], calls: Sequence[C], workers: int | str
) -> Iterator[tuple[int, R]]:
    """The result of each call with its number, as they come.

    Parameters
    ----------
    shared
        What all calls need.
    work
        Makes one call; a function of a module, so that workers can have it.
    calls
        What each call is about.
    workers
        Processes, 1: this one; or the address of a dask scheduler, whose workers make the calls.
    """
    if isinstance(workers, str):
        yield from each_done_at(workers, shared, work, calls)
        return
    if workers == 1:
        for number, call in enumerate(calls):
            yield number, work(shared, call)
        return
    left = dict(enumerate(calls))
    # workers live on and keep what they mapped by its name, so each time has its own
    with files.beside(Path(tempfile.gettempdir()) / f"ewsim_shared_{next(_times)}") as path:
        import joblib

        joblib.dump(shared, path)
        for _ in range(ATTEMPTS):
            try:
                for number, result in _of_processes(path, work, left, workers):
                    del left[number]
                    yield number, result
            except joblib.externals.loky.process_executor.TerminatedWorkerError:
                continue
            return
    raise RunError(
        f"workers were killed {ATTEMPTS} times; {count_of(len(left), 'runs are')} missing. "
        "If memory ran out, use fewer --workers or a larger population.weight."
    )


def _of_processes(
    path: Path, work: Callable[[Any, C], R], calls: dict[int, C], workers: int
) -> Iterator[tuple[int, R]]:
    while _starting:
        _starting.pop().join()
    jobs = (_delayed(_at_worker)(path, work, number, call) for number, call in list(calls.items()))
    with closing(_pool(workers)(jobs)) as done, warnings.catch_warnings():
        # a worker that keeps a nation's schedule grows by it once, and joblib replaces it
        warnings.filterwarnings("ignore", "A worker stopped while some jobs")
        yield from done


def _pool(workers: int) -> Any:
    from joblib import Parallel

    # Where a signal ends us, joblib's own process removes what the workers shared, without more words.
    quiet = "ignore:resource_tracker"
    if quiet not in (known := os.environ.get("PYTHONWARNINGS", "")):
        os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (known, quiet)))
    return Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="4 * n_jobs")


def _delayed(work: Callable[..., Any]) -> Any:
    from joblib import delayed  # with joblib, a tenth of a second that one run need not wait for

    return delayed(work)


def _ready() -> None:
    """Load what runs need."""
    import_module("ewsim.pipeline")


def _at_worker(path: Path, work: Callable[[Any, C], R], number: int, call: C) -> tuple[int, R]:
    numba.set_num_threads(1)  # the other cores have workers of their own
    return number, work(_mapped(path), call)


@lru_cache(maxsize=1)
def _mapped(path: Path) -> Any:
    """What is shared; its arrays are read from the file as they are needed, and changes stay here."""
    import joblib

    return joblib.load(path, mmap_mode="c")
