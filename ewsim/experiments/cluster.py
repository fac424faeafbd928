"""Calls shared out to the workers of a dask scheduler, on this machine or on others.

What all calls need travels once, as bytes, to every worker; a worker that joins later fetches it from
another. Workers of another version are refused: they would give other answers. dask makes the calls of a
lost worker again; when everything is lost, they are sent out again from here.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numba

from ewsim.errors import RunError, UsageError, count_of
from ewsim.kernels import digest
from ewsim.version import __version__

#: Seconds until a scheduler must have answered, and until there must be a worker.
PATIENCE_S = 10.0
#: How often calls are sent out again after workers took them along.
ATTEMPTS = 3

S = TypeVar("S")
C = TypeVar("C")
R = TypeVar("R")


def each_done_at(
    address: str, shared: S, work: Callable[[S, C], R], calls: Sequence[C]
) -> Iterator[tuple[int, R]]:
    """The result of each call with its number, as they come from the workers of a scheduler.

    Parameters
    ----------
    address
        The scheduler's, `tcp://HOST:PORT`.
    shared
        What all calls need.
    work
        Makes one call; a function of a module that workers have.
    calls
        What each call is about.

    Raises
    ------
    RunError
        The scheduler does not answer, has no workers, or goes away; or workers are lost again and again.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise UsageError("--scheduler needs dask: pip install 'ewsim[cluster]'.") from None
    try:
        client = Client(address, timeout=PATIENCE_S)
    except (OSError, ValueError) as error:
        raise RunError(f"no dask scheduler answers at {address}: {error}.") from None
    left = dict(enumerate(calls))
    content = pickle.dumps(shared, protocol=5)
    with client:
        for _ in range(ATTEMPTS):
            _check_workers(client, address)
            if not left:
                return
            there = client.scatter(content, broadcast=True, hash=False)
            made = {
                client.submit(_at_worker, there, work, call, pure=False): number
                for number, call in left.items()
            }
            for future in as_completed(made):
                if future.status == "error":
                    fault = future.exception()
                    if _lost(fault):
                        continue
                    raise fault
                if future.status == "finished":
                    number = made[future]
                    result = future.result()
                    del left[number]
                    yield number, result
            if not left:
                return
    raise RunError(
        f"the workers of {address} were lost {ATTEMPTS} times; {count_of(len(left), 'calls are')} missing."
    )


def _lost(error: BaseException) -> bool:
    """Whether a call failed because workers died under it."""
    return type(error).__name__ in ("KilledWorker", "FutureCancelledError", "CancelledError")


def _check_workers(client: Any, address: str) -> None:
    """Refuse workers of another version, and a scheduler that is gone or has none."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
        theirs = client.run(_identity)
    except (OSError, TimeoutError) as error:
        what = "has no workers" if client.status == "running" else "is gone"
        raise RunError(
            f"the scheduler at {address} {what}. Run the same command again: ewsim run and ewsim sweep "
            "with -o go on from what is finished."
        ) from error
    except Exception as error:  # noqa: BLE001 - what a worker without ewsim raises is not ours to know
        raise RunError(f"a worker of {address} cannot run ewsim: {error}.") from None
    if any(one["nthreads"] > 1 for one in client.scheduler_info(n_workers=-1)["workers"].values()):
        raise RunError(f"workers of {address} have several threads. Start each with --nthreads 1.")
    mine = _identity()
    other = sorted({found for found in theirs.values() if found != mine})
    if other:
        raise RunError(
            f"workers of {address} have another ewsim ({', '.join(other)}) than this one ({mine}). "
            "Install the same version everywhere."
        )


def _identity() -> str:
    return f"{__version__}, models {digest()}"


def _at_worker(content: bytes, work: Callable[[Any, C], R], call: C) -> R:
    numba.set_num_threads(1)  # the other cores have workers of their own
    return work(_unpacked(content), call)


@lru_cache(maxsize=1)
def _unpacked(content: bytes) -> Any:
    return pickle.loads(content)  # noqa: S301 - our own, from the scheduler that the user named
