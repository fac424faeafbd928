"""Compiled functions, kept between runs in a cache that knows every source they are made of.

numba's own cache looks at the file of a function alone, so a function that uses a constant or an
inlined function of another module would go on with the old one after an update: a wrong number
that nobody sees. Here the cache is a folder named after a digest of all sources of the models.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import config

#: Rooms whose sources no compiled function is made of.
_OTHER_ROOMS = {"benchmark", "cap", "cli", "experiments", "report", "scenario", "studio", "validation"}
_PACKAGE = Path(__file__).parent

#: Rows for which a thread is worth its start.
_FEWEST_ROWS = 4096

C = TypeVar("C")
R = TypeVar("R")


def kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """`numba.njit` with that cache; the options are njit's."""
    if function is None:
        return lambda f: kernel(f, **options)
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder())
    try:
        return numba.njit(cache=True, no_cfunc_wrapper=True, **options)(function)
    finally:
        config.CACHE_DIR = before


def inner(function: Callable[..., Any]) -> Any:
    """A kernel that only kernels call; without a way in from Python it compiles sooner."""
    return kernel(function, no_cpython_wrapper=True)


def side_by_side(work: Callable[[C], R], calls: Sequence[C]) -> list[R]:
    """The result of each call, in as many threads as kernels may use: one makes no other thread."""
    threads = min(numba.get_num_threads(), len(calls))
    if threads < 2:
        return [work(call) for call in calls]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, calls))


def in_spans(work: Callable[[tuple[int, int]], object], count: int) -> None:
    """Call `work` with the spans (begin, end) of so many rows, side by side.

    numba's own parallel loop does the same, and takes a second more to compile for each function.
    """
    threads = numba.get_num_threads()
    spans = 1 if threads == 1 else max(1, min(4 * threads, count // _FEWEST_ROWS))
    edges = [count * n // spans for n in range(spans + 1)]
    side_by_side(work, list(pairwise(edges)))


def digest(package: Path = _PACKAGE) -> str:
    """What the sources of the models are, in a word."""
    whole = blake2b(numba.__version__.encode(), digest_size=8)
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] not in _OTHER_ROOMS:
            whole.update(str(place).encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


@cache
def folder() -> Path:
    """Where compiled functions of these sources are kept: beside them, else in the user's cache."""
    name = f"kernels-{digest()}"
    for parent in (_PACKAGE / "__pycache__", Path("~/.cache/ewsim").expanduser()):
        try:
            if not (parent / name).is_dir():
                (parent / name).mkdir(parents=True)
                for old in parent.glob("kernels-*"):
                    if old.name != name:
                        shutil.rmtree(old, ignore_errors=True)
            with tempfile.TemporaryFile(dir=parent / name):
                return parent / name
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="ewsim-"))
