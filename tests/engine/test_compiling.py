"""The first run: what delivers is compiled beside the building of the country."""

from __future__ import annotations

import numba
import pytest

from ewsim import kernels
from ewsim.engine import compiling


@pytest.fixture
def commands(monkeypatch, tmp_path):
    """The commands that are started, of a cache that is new."""
    started = []

    class Process:
        def __init__(self, command, **_):
            started.append(command)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

        def wait(self):
            compiling._mark().touch()

        def kill(self):
            started.append("killed")

    monkeypatch.setattr(kernels, "folder", lambda: tmp_path)
    monkeypatch.setattr(compiling, "Popen", Process)
    return started


def test_the_first_run_has_help_and_the_second_needs_none(commands):
    for _ in range(2):
        with compiling.compiled_beside(wanted=True) as wait:
            wait()
    assert [command[1:] for command in commands if command != "killed"] == [["-m", "ewsim.engine.compiling"]]


def test_one_worker_has_no_second_process(commands):
    with compiling.compiled_beside(wanted=False) as wait:
        wait()
    assert commands == []


def test_a_country_that_cannot_be_built_leaves_no_process(commands):
    with pytest.raises(ValueError, match="no country"), compiling.compiled_beside(wanted=True):
        raise ValueError("no country")
    assert commands[-1] == "killed"


def test_it_compiles_what_both_channels_need():
    """As the process does it; here all is compiled, so it is quick."""
    from ewsim.channels.cell_broadcast.kernel import receive
    from ewsim.channels.location_based_sms.kernel import drain

    before = numba.get_num_threads()
    compiling.main()
    assert numba.get_num_threads() == before
    assert receive.signatures
    assert drain.signatures
    assert compiling._mark().exists()
