"""How the suite is shared out: a worker for each core, whole files, the slowest first.

Each file goes to one worker (`--dist loadfile`), so fixtures of a module are computed once. Files
that take longest start first, so that no core waits for the other at the end. The very first
compiles nothing: meanwhile the other worker fills the cache of compiled functions for both.
`pytest -n 0` runs everything in one process, in the same order.
"""

import os
from pathlib import Path

from hypothesis import settings

TESTS = Path(__file__).parent

#: Files and folders with the most processor time first. Everything else follows in its usual order.
SLOWEST_FIRST = (
    "architecture/test_tools",
    "docs/test_docs_run",
    "cli/test_run",
    "reference/test_against_field_latency",
    "docs/test_validation_page",
    "country/test_gaps_on_real_data",
    "engine/test_against_reference",
    "engine/test_order",
    "scenarios/test_shipped",
    "property/test_cap_hostile",
    "cli/test_network",
    "browser/test_a_real_run",
    "country/test_invented",
    "engine/test_cb_against_reference",
    "docs/test_own_channel",
    "docs/test_channel_pages",
    "network/rollout/test_synthesis",
    "population/test_synthesis",
)

# A busy machine is no fault of the code: limits on time are in the tests that are about time. The
# same examples each time: a check says the same twice. EWSIM_EXPLORE=1 looks for new ones.
settings.register_profile("ewsim", deadline=None, derandomize="EWSIM_EXPLORE" not in os.environ)
settings.load_profile("ewsim")


def pytest_configure():
    """Share what is compiled, and the cores.

    Hundreds of programs are started: each would compile ewsim's modules again without the compiled
    files. Workers share the cores: a second thread in each would only take turns with the first.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if "PYTEST_XDIST_WORKER" in os.environ:
        import numba

        numba.set_num_threads(1)


def place(item):
    """The place of a test's file in the list above, or after all of those."""
    path = item.path.relative_to(TESTS).as_posix()
    ranks = (rank for rank, start in enumerate(SLOWEST_FIRST) if path.startswith(start))
    return next(ranks, len(SLOWEST_FIRST))


def pytest_collection_modifyitems(items):
    """Sort by file; the order of tests within a file stays."""
    items.sort(key=place)
