"""Calls shared out to processes of this machine, which all read the same things from one file.

This process is one of the workers: it has loaded the program and has what is shared. For the others that
(a country of many megabytes) is written once, uncompressed; each maps the file into its memory, so it is
there once for all of them and travels with no call. A worker that is killed takes nothing with it but the
calls it had, and those are made again.
"""

import os
import tempfile
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import lru_cache
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import numba

from ewsim import files
from ewsim.errors import RunError, count_of
from ewsim.experiments.cluster import each_done_at

#: How often lost workers are replaced before the calls are given up: the calls themselves end them.
ATTEMPTS = 3
#: Calls that each other worker has been given: one that it makes, and one so that it does not wait for us.
_AHEAD = 2
#: A worker ends when it had nothing to do for so long [s]; it has one core.
_IDLE_S = 300
_ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
_times = count()

S = TypeVar("S")
C = TypeVar("C")
R = TypeVar("R")


def begin(workers: int | str) -> None:
    """Start the processes of `each_done`, which load the program while this one goes on."""
    if isinstance(workers, int) and workers > 1:
        _processes(workers - 1).submit(_ready)


def each_done(
    shared: S, work: Callable[[S, C], R], calls: Sequence[C], workers: int | str, *, here: bool = True
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
        Processes, this one and others; or the address of a dask scheduler, whose workers make the calls.
    here
        Whether this process makes calls, too: one that answers others leaves them to the workers.
    """
    if isinstance(workers, str):
        yield from each_done_at(workers, shared, work, calls)
        return
    if workers == 1 and here:
        for number, call in enumerate(calls):
            yield number, work(shared, call)
        return
    left = dict(enumerate(calls))
    # workers live on and keep what they mapped by its name, so each time has its own
    with files.beside(Path(tempfile.gettempdir()) / f"ewsim_shared_{next(_times)}") as path:
        import joblib  # a tenth of a second that one run need not wait for

        joblib.dump(shared, path)
        lost = joblib.externals.loky.process_executor.TerminatedWorkerError
        for _ in range(ATTEMPTS):
            try:
                for number, result in _of_processes(path, shared, work, left, workers, here=here):
                    del left[number]
                    yield number, result
            except lost:
                continue
            return
    raise RunError(
        f"workers were killed {ATTEMPTS} times; {count_of(len(left), 'runs are')} missing. "
        "If memory ran out, use fewer --workers or a larger population.weight."
    )


def _of_processes(
    path: Path, shared: S, work: Callable[[S, C], R], calls: dict[int, C], workers: int, *, here: bool
) -> Iterator[tuple[int, R]]:
    others = workers - here
    pool, waiting, given = _processes(others), deque(calls.items()), dict[Future[R], int]()
    with warnings.catch_warnings():
        # a worker that keeps a nation's schedule grows by it once, and is replaced
        warnings.filterwarnings("ignore", "A worker stopped while some jobs")
        try:
            while waiting or given:
                while len(waiting) > here and len(given) < _AHEAD * others:
                    number, call = waiting.popleft()
                    given[pool.submit(_at_worker, path, work, call)] = number
                if waiting and here:
                    number, call = waiting.popleft()
                    yield number, _on_one_core(work, shared, call)
                    done = {future for future in given if future.done()}
                else:
                    done = wait(given, return_when=FIRST_COMPLETED).done
                for future in done:
                    yield given.pop(future), future.result()
        finally:
            if given:  # nobody waits for them any more
                pool.shutdown(kill_workers=True)


def _processes(workers: int) -> Any:
    from joblib.externals.loky import get_reusable_executor

    # Where a signal ends us, joblib's own process removes what the workers shared, without more words.
    quiet = "ignore:resource_tracker"
    if quiet not in (known := os.environ.get("PYTHONWARNINGS", "")):
        os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (known, quiet)))
    return get_reusable_executor(workers, timeout=_IDLE_S, initializer=_ready, env=_ONE_CORE)


def _ready() -> None:
    """Load what runs need."""
    import_module("ewsim.pipeline")


def _on_one_core(work: Callable[[S, C], R], shared: S, call: C) -> R:
    """A call here; the other cores have workers of their own."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        return work(shared, call)
    finally:
        numba.set_num_threads(threads)


def _at_worker(path: Path, work: Callable[[Any, C], R], call: C) -> R:
    return _on_one_core(work, _mapped(path), call)


@lru_cache(maxsize=1)
def _mapped(path: Path) -> Any:
    """What is shared; its arrays are read from the file as they are needed, and changes stay here."""
    import joblib

    return joblib.load(path, mmap_mode="c")
