"""Many runs of one scenario: kept as they come, resumed after a kill, stopped by precision."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from command import called

import ewsim
from ewsim.errors import DataError, RunError, UsageError
from ewsim.experiments import crew
from ewsim.experiments.journal import Journal, identity, unfinished
from ewsim.experiments.precision import BATCH, precision_of
from ewsim.scenario.load import load_scenario
from ewsim.scenario.starting.starter import write_starter

FIGURES = ("reach_people", "reach_share", "time_to_0.5_s")


@pytest.fixture
def starter(tmp_path):
    write_starter(tmp_path / "a.yaml")
    return tmp_path / "a.yaml"


def add(shared, call):
    return shared + call


def end_once(shared, call):
    """A worker that is killed at its first call; this process goes on when it has happened."""
    path, this = shared
    if os.getpid() == this:
        until = time.monotonic() + 60
        while time.monotonic() < until and not path.exists():
            time.sleep(0.01)
        return call
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return call
    return os.kill(os.getpid(), signal.SIGKILL)


def kept_in(out, about, rows):
    """A journal as a kill leaves it."""
    journal = Journal(out, about)
    for name, row in rows.items():
        journal.add(name, row)
    journal.close(done=False)


def end_always(shared, call):
    return os.kill(os.getpid(), signal.SIGKILL)


# --- the journal ----------------------------------------------------------------------------------


def test_a_journal_keeps_what_is_finished_and_goes_when_all_is(tmp_path):
    out, about = tmp_path / "out", {"of": "this"}
    kept_in(out, about, {"1": {"reach_share": 0.1 + 0.2, "time_to_0.5_s": None}})
    with (tmp_path / "out.unfinished" / "finished.jsonl").open("a") as lines:
        lines.write('["2", {"reach_sh')  # as a kill leaves it
    with unfinished(out, about) as journal:
        assert journal.finished == {"1": {"reach_share": 0.1 + 0.2, "time_to_0.5_s": None}}
        journal.add("2", 5)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_of_something_else_is_refused_or_begun_again_by_force(tmp_path):
    out = tmp_path / "out"
    kept_in(out, {"of": "this"}, {"1": 1})
    with pytest.raises(RunError, match="another scenario"), unfinished(out, {"of": "that"}):
        pass
    with unfinished(out, {"of": "that"}, force=True) as journal:
        assert not journal.finished


def test_two_programs_do_not_write_one_journal(tmp_path):
    out = tmp_path / "out"
    with unfinished(out, {}) as journal:
        with pytest.raises(RunError, match="another ewsim is writing"), unfinished(out, {}):
            pass  # before a run is finished, too
        journal.add("1", 1)
        with pytest.raises(RunError, match="another ewsim is writing"), unfinished(out, {}):
            pass
        journal.add("2", 2)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "out.unfinished").mkdir()
    (tmp_path / "out.unfinished" / "thesis.txt").touch()
    with pytest.raises(RunError, match="not a journal"), unfinished(tmp_path / "out", {}):
        pass
    assert (tmp_path / "out.unfinished" / "thesis.txt").exists()


def test_a_full_disk_is_said_and_what_is_finished_stays(tmp_path):
    folder = tmp_path / "out.unfinished"
    kept_in(tmp_path / "out", {}, {"1": 1})
    (folder / "finished.jsonl").unlink()
    (folder / "finished.jsonl").symlink_to("/dev/full")
    journal = Journal(tmp_path / "out", {})
    with pytest.raises(RunError, match=r"No space left on device. 0 finished runs are kept: make room"):
        journal.add("2", 2)
    journal.close(done=False)


def test_a_changed_input_makes_another_identity(starter):
    before = identity(load_scenario(starter))
    alert = starter.parent / load_scenario(starter).spec.alert.path
    alert.write_text(alert.read_text() + "\n")
    assert identity(load_scenario(starter)) != before


# --- precision ------------------------------------------------------------------------------------


def test_the_interval_is_that_of_the_mean():
    rows = [{"reach_share": value} for value in (0.4, 0.5, 0.6)]
    precise = precision_of("reach ± 1 point", FIGURES)
    assert (precise.metric, precise.half) == ("reach_share", 0.01)
    assert precise.width(rows) == pytest.approx(4.302653 * 0.1 / 3**0.5)
    assert not precise.enough(rows)
    assert precise.enough([{"reach_share": 0.5}] * 2)
    assert precision_of("time_to_0.5 +-2 min", FIGURES).half == 120
    assert precision_of("reach_people +/-50", FIGURES).half == 50


def test_a_figure_that_some_runs_never_attain_is_not_known():
    precise = precision_of("time_to_0.5 +-30 s", FIGURES)
    rows = [{"time_to_0.5_s": 5.0}, {"time_to_0.5_s": None}]
    assert not precise.enough(rows)
    assert "no value in some of 2 runs" in precise.said(rows)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reach",
        "reach +-1",
        "reach +-0 points",
        "rich +-1 point",
        "time_to_0.5 +-1 point",
        "reach +-nan points",
    ],
)
def test_a_precision_that_means_nothing_is_refused(text):
    with pytest.raises(UsageError, match="--until"):
        precision_of(text, FIGURES)


def test_runs_end_at_a_fixed_batch(starter):
    loaded = load_scenario(starter, ["population.people_count=300"])
    result = ewsim.run_scenario(loaded, replications=1000, until="reach +-40 points")
    assert len(result.replications) == BATCH
    assert any("attained after 20 runs" in note for note in result.notes)


# --- a run that is resumed ------------------------------------------------------------------------


def test_finished_runs_are_taken_and_not_made_again(starter, tmp_path):
    def run(out):
        few = ("--set", "population.people_count=300", "--replications", "4", "--no-report", "--json")
        return called("run", "a.yaml", "-o", out, *few, cwd=tmp_path)

    whole = json.loads(run("whole").stdout)["replications"]
    loaded = load_scenario(starter, ["population.people_count=300"])
    journal = Journal(tmp_path / "out", identity(loaded))
    ewsim.run_scenario(loaded, replications=3, journal=journal)
    journal.add("2", {**journal.finished["2"], "reach_people": 7})
    journal.close(done=False)
    again = run("out")
    assert "note: 2 finished runs are taken from out.unfinished." in again.stderr
    table = (tmp_path / "out" / "replications.csv").read_text().splitlines()
    assert [row.split(",")[1] == "7" for row in table[1:]] == [False, False, True, False]
    assert json.loads(again.stdout)["replications"]["count"] == whole["count"] == 4
    assert not (tmp_path / "out.unfinished").exists()


@pytest.mark.heavy
def test_killed_half_way_and_resumed_the_answer_is_the_same(starter, tmp_path):
    words = [sys.executable, "-m", "ewsim", "run", "a.yaml", "--replications", "60", "--no-report"]
    words += ["--set", "population.people_count=3000"]
    subprocess.run([*words, "-o", "one", "--workers", "1"], cwd=tmp_path, check=True, capture_output=True)
    lines = tmp_path / "out.unfinished" / "finished.jsonl"
    with subprocess.Popen(
        [*words, "-o", "out", "--workers", "2"], cwd=tmp_path, stderr=subprocess.DEVNULL
    ) as run:
        until = time.monotonic() + 60
        while time.monotonic() < until and not (lines.is_file() and lines.read_text().count("\n") > 20):
            time.sleep(0.02)
        run.kill()
    kept = lines.read_text().count("\n")
    assert 20 < kept < 59
    done = subprocess.run(
        [*words, "-o", "out", "--workers", "2"], cwd=tmp_path, capture_output=True, text=True
    )
    assert f"{kept} finished runs are taken" in done.stderr
    one, out = (tmp_path / name / "replications.csv" for name in ("one", "out"))
    assert one.read_bytes() == out.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir() if "out" in p.name) == ["out"]


@pytest.mark.heavy
def test_what_is_shared_is_that_of_each_time():
    for shared in (10, 20):
        found = dict(crew.each_done(shared, add, list(range(4)), 2))
        assert found == {number: shared + number for number in range(4)}


@pytest.mark.heavy
def test_calls_of_a_killed_worker_are_made_again(tmp_path):
    shared = (tmp_path / "once", os.getpid())
    found = dict(crew.each_done(shared, end_once, list(range(30)), 2))
    assert found == {number: number for number in range(30)}
    assert shared[0].exists()
    with pytest.raises(RunError, match="killed 3 times; 5 runs are missing"):
        list(crew.each_done(0, end_always, list(range(5)), 2, here=False))


def where(shared, call):
    """Which process makes a call; the others have one before this one has its second."""
    if os.getpid() == shared[1] and call:
        until = time.monotonic() + 60
        while time.monotonic() < until and not shared[0].exists():
            time.sleep(0.01)
    elif os.getpid() != shared[1]:
        shared[0].touch()
    return os.getpid()


@pytest.mark.heavy
@pytest.mark.parametrize(("here", "count"), [(True, 2), (False, 1)])
def test_this_process_is_one_of_the_workers_unless_it_has_others_to_answer(here, count, tmp_path):
    shared = (tmp_path / "once", os.getpid())
    calls = crew.each_done(shared, where, list(range(8)), 2 if here else 1, here=here)
    made = {process for _, process in calls}
    assert (os.getpid() in made, len(made)) == (here, count)


def test_calls_in_this_process_come_in_order():
    assert list(crew.each_done(10, add, [1, 2], 1)) == [(0, 11), (1, 12)]


def test_a_fault_keeps_its_findings_between_processes():
    import pickle

    fault = DataError.at("cells.csv", "is wrong.", "Write it.", 3, 4)
    assert pickle.loads(pickle.dumps(fault)).diagnostics == fault.diagnostics
