"""Runs on a dask scheduler with real worker processes: the same bytes as on this machine."""

import os
import signal
from pathlib import Path

import pytest
from command import called

from ewsim.errors import RunError
from ewsim.experiments import cluster
from ewsim.scenario.starting.starter import write_starter

distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")
#: distributed leaves sockets and loops to the end of the process.
pytestmark = pytest.mark.filterwarnings("ignore")


def end_once(shared, call):
    """A worker that is killed at its first call."""
    try:
        Path(shared).touch(exist_ok=False)
    except FileExistsError:
        return call
    return os.kill(os.getpid(), signal.SIGKILL)


def fail(shared, call):
    raise RunError(f"{shared} {call}")


def local(workers):
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    )


def test_an_address_that_is_none_and_a_scheduler_that_is_gone_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.2)
    write_starter(tmp_path / "a.yaml")
    words = ("run", tmp_path / "a.yaml", "--replications", "20", "--scheduler")
    assert called(*words, "localhost").returncode == 2
    with pytest.raises(RunError, match="no dask scheduler answers at tcp"):
        list(cluster.each_done_at("tcp://127.0.0.1:9", 0, fail, [1]))


@pytest.mark.heavy
def test_the_same_bytes_from_here_and_from_two_and_three_workers(tmp_path):
    write_starter(tmp_path / "a.yaml")
    few = ("a.yaml", "--set", "population.people_count=300", "--force")
    runs = ("run", *few, "--replications", "25", "--no-report", "-o")
    swept = ("sweep", *few, "--over", "population.handsets.on_share=0.6..0.9", "--design", "lhs", "-o")

    def made(folder, *how):
        for words in (runs, swept):
            done = called(*words, folder, *how, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            name = "replications.csv" if words is runs else "sweep.parquet"
            yield (tmp_path / folder / name).read_bytes()
            if words is runs:
                (tmp_path / folder).rename(tmp_path / f"{folder}_runs{len(how)}{how[-1].rpartition(':')[2]}")

    here = list(made("one", "--workers", "1"))
    assert list(made("two", "--workers", "2")) == here
    for workers in (2, 3):
        with local(workers) as there:
            assert list(made(f"dask{workers}", "--scheduler", there.scheduler_address)) == here


@pytest.mark.heavy
def test_a_lost_worker_a_fault_and_another_version(tmp_path, monkeypatch):
    with local(2) as there:
        address = there.scheduler_address
        found = dict(cluster.each_done_at(address, str(tmp_path / "once"), end_once, list(range(20))))
        assert found == {number: number for number in range(20)}
        with pytest.raises(RunError, match=r"^fault 1$"):
            list(cluster.each_done_at(address, "fault", fail, [1]))
        monkeypatch.setattr(cluster, "__version__", "9.9")
        with pytest.raises(RunError, match="have another ewsim"):
            list(cluster.each_done_at(address, 0, fail, [1]))
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as there,
        pytest.raises(RunError, match="--nthreads 1"),
    ):
        list(cluster.each_done_at(there.scheduler_address, 0, fail, [1]))
