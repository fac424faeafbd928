"""How the suite is shared out: a worker for each core, whole files, the slowest first.

Each file goes to one worker (`--dist loadfile`), so fixtures of a module are computed once. Files
that take longest start first, so that no core waits for the other at the end. The first of all
compiles nothing: meanwhile the other worker fills the cache of compiled kernels for both.
`pytest -n 0` runs everything in one process, in the same order.
"""

import os
from pathlib import Path

TESTS = Path(__file__).parent

# Workers share the cores: a second thread in each would only take turns.
if "PYTEST_XDIST_WORKER" in os.environ:
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")

#: Files and folders, those that take most processor time first.
SLOWEST_FIRST = ("architecture", "docs")


def place(item):
    """Where a test stands in the order: its file's place in the list, else after all of those."""
    path = item.path.relative_to(TESTS).as_posix()
    ranks = (rank for rank, start in enumerate(SLOWEST_FIRST) if path.startswith(start))
    return next(ranks, len(SLOWEST_FIRST))


def pytest_collection_modifyitems(items):
    """Sort by file; the order of tests within a file stays."""
    items.sort(key=place)
