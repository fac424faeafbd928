"""The first run after installation: a process of its own compiles what delivers.

Most of that run is compilation, and numba compiles one function at a time. What builds a country is compiled
by the run itself while it builds; `python -m ewsim.engine.compiling` compiles the rest at the same time, on
a world of a thousand phones, into the same cache.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from ewsim import kernels


def _mark() -> Path:
    """A file that is there once all that delivers was compiled."""
    return kernels.folder() / "delivery"


@contextmanager
def compiled_beside(*, wanted: bool) -> Iterator[Callable[[], Any]]:
    """Compile what delivers beside what is inside, where that is wanted and was never done; gives a wait.

    Where the process fails, whoever needs a function compiles it as before.
    """
    if not wanted or _mark().exists():
        yield lambda: None
        return
    command = [sys.executable, "-m", "ewsim.engine.compiling"]
    with Popen(command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL) as process:  # noqa: S603 - our own
        try:
            yield process.wait
        finally:
            process.kill()


def main() -> None:
    """Compile what delivers: run both channels once."""
    from ewsim.engine import benchmark_world, simulation
    from ewsim.streams import Streams

    small = benchmark_world.setup(1000, 60)
    simulation.simulate(small, benchmark_world.channels(small), Streams(1))
    _mark().touch()


if __name__ == "__main__":
    main()
