"""Runs on a dask scheduler with real worker processes: the same bytes as on this machine."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import rich_click as click
from command import called

from ewsim.cli.options import many_runs
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


def echo(shared, call):
    return shared, call


def wait_for_ever(shared, call):
    """The first call answers, the others end with their worker."""
    if call:
        time.sleep(3600)
    return call


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


def test_one_run_has_no_use_for_a_scheduler(tmp_path):
    done = called("compare", tmp_path, tmp_path, "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "--scheduler are for a scenario" in done.stderr
    assert many_runs(3, None, 1) == 3
    assert many_runs(3, "tcp://127.0.0.1:9", 2) == "tcp://127.0.0.1:9"
    with pytest.raises(click.UsageError, match=r"^--scheduler is for several runs. Give --replications"):
        many_runs(3, "tcp://127.0.0.1:9", 1)


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


@pytest.fixture
def start(tmp_path):
    """Starts a program of dask's as a process of its own, as on another machine."""
    running = []

    def begin(kind, *words, path=()):
        here = [str(part) for part in (*path, Path(__file__).parent, Path(__file__).parents[1])]
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", *map(str, words)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*here, os.environ.get("PYTHONPATH", "")])},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


def begun(start, folder):
    """A scheduler on any free port, and its address, which it writes into a file once it listens."""
    file = folder / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    process = start("scheduler", *words, "--scheduler-file", file)
    for _ in range(600):
        if file.is_file() and file.stat().st_size:
            return process, json.loads(file.read_text())["address"]
        time.sleep(0.1)
    raise TimeoutError(file)


@pytest.mark.heavy
def test_a_scheduler_that_is_killed_on_the_way_is_said(start, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE_S", 20)
    scheduler, address = begun(start, tmp_path)
    start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
    found = cluster.each_done_at(address, 0, wait_for_ever, [0, 1, 2])
    assert next(found) == (0, 0)
    scheduler.kill()
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.5)
    with pytest.raises(RunError, match=rf"the scheduler at {re.escape(address)} is gone.*go on from what is"):
        list(found)


@pytest.mark.heavy
def test_a_worker_with_another_version_is_refused(start, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE_S", 60)
    other = tmp_path / "other" / "ewsim"
    shutil.copytree(Path(cluster.__file__).parents[1], other, ignore=shutil.ignore_patterns("__pycache__"))
    version = other / "version.py"
    version.write_text(re.sub(r'"\d[^"]*"', '"9.8.7"', version.read_text()))
    _, address = begun(start, tmp_path)
    start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", path=[other.parent])
    with pytest.raises(RunError, match=r"have another ewsim \(9\.8\.7, .*Install the same version"):
        list(cluster.each_done_at(address, 0, echo, [1]))
