"""`ewsim run`, from the shipped scenario to the ledger: what it promises, and what it refuses."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import called

ROOT = Path(__file__).parents[2]
ISLAND = ROOT / "scenarios" / "island_cyclone.yaml"

#: A smaller island, so that a run takes a second or two; the shipped size is run elsewhere.
SMALL = ["--set", "population.people_count=20000"]


def ewsim(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ewsim", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=300,
    )


def summary(*arguments: str | Path) -> dict:
    done = called("run", ISLAND, *SMALL, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def plain() -> dict:
    return summary()


def test_the_document_has_every_key_and_adds_up(plain: dict) -> None:
    assert plain["format"] == "ewsim.run/1"
    assert set(plain) >= {
        "format",
        "scenario",
        "seed",
        "version",
        "population",
        "handsets",
        "in_area",
        "reach",
        "time_to_share_s",
        "latency_s",
        "accuracy",
        "causes",
        "timing_s",
        "outputs",
    }
    assert plain["population"] == 20_000
    assert 0 < plain["in_area"] <= plain["population"]
    reach = plain["reach"]
    assert sum(plain["causes"].values()) + reach["people"] == plain["in_area"]
    assert reach["share"] == pytest.approx(reach["people"] / plain["in_area"])
    assert set(reach["by_channel"]) == {"cell_broadcast", "location_based_sms"}
    assert reach["by_group"]
    assert set(plain["time_to_share_s"]) == {"0.5", "0.9", "0.95"}
    assert plain["latency_s"]["p50"] <= plain["latency_s"]["p90"] <= plain["latency_s"]["p99"]
    assert set(plain["accuracy"]) == {
        "undershoot_share",
        "overshoot_share",
        "recall_share",
        "overshoot_p50_m",
        "overshoot_p95_m",
    }
    assert set(plain["targeting"]) == {
        "cell_count",
        "recall_share",
        "overshoot_share",
        "false_alert_share",
        "overshoot_p50_m",
        "overshoot_p95_m",
        "area_ratio",
        "by_operator",
    }
    assert plain["accuracy"]["undershoot_share"] == pytest.approx(1 - reach["share"])


def test_without_the_disaster_more_people_are_reached(plain: dict) -> None:
    calm = summary("--set", "disturbances=[]")
    assert calm["reach"]["people"] > plain["reach"]["people"]
    assert calm["in_area"] == plain["in_area"], "the same people"
    assert not any(cause.startswith("site_") for cause in calm["causes"] if calm["causes"][cause])


def test_a_second_channel_never_lowers_reach(plain: dict) -> None:
    alone = summary("--set", "channels.location_based_sms=null")
    assert plain["reach"]["people"] >= alone["reach"]["people"]
    assert plain["reach"]["by_channel"]["cell_broadcast"] == pytest.approx(
        alone["reach"]["by_channel"]["cell_broadcast"]
    ), "the same luck"


def test_two_runs_and_any_number_of_workers_leave_the_same_bytes(tmp_path: Path) -> None:
    for name, workers, program in (("a", 1, ewsim), ("b", 1, called), ("c", 2, called)):
        done = program("run", ISLAND, *SMALL, "-o", tmp_path / name, "--workers", str(workers), "--no-report")
        assert done.returncode == 0, done.stderr
    for file in ("people.parquet", "events.parquet", "cells.csv", "run.json"):
        first = (tmp_path / "a" / file).read_bytes()
        assert first == (tmp_path / "b" / file).read_bytes(), file
        assert first == (tmp_path / "c" / file).read_bytes(), file


def test_replications_share_the_people_and_differ_in_luck() -> None:
    one = summary("--replications", "3", "--workers", "1")
    two = summary("--replications", "3", "--workers", "2")
    assert one["replications"] == two["replications"]
    people = one["replications"]["reach_people"]
    assert one["replications"]["count"] == 3
    assert people["low"] < people["mean"] < people["high"]


def test_another_seed_is_another_run(plain: dict) -> None:
    other = summary("--seed", "7")
    assert other["seed"] == 7
    assert other["reach"]["people"] != plain["reach"]["people"]


def test_pages_are_written_and_an_existing_folder_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ewsim("run", ISLAND, *SMALL, "-o", out)
    assert done.returncode == 0, done.stderr
    assert (out / "report.html").stat().st_size > 10_000
    assert (out / "replay.html").stat().st_size > 10_000
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    again = called("run", ISLAND, *SMALL, "-o", out)
    assert again.returncode == 2 or again.returncode == 5
    assert "--force" in again.stderr
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    forced = called("run", ISLAND, *SMALL, "-o", out, "--force", "--no-report", "--seed", "9")
    assert forced.returncode == 0, forced.stderr
    assert not (out / "report.html").exists(), "nothing of the old run is left"


# --- bad input ----------------------------------------------------------------------------------

CAP = (ROOT / "scenarios" / "island_cyclone.xml").read_text(encoding="utf-8")


def scenario(folder: Path, alert: str = "a.xml", extra: str = "") -> Path:
    path = folder / "s.yaml"
    path.write_text(
        "format: ewsim.scenario/1\nname: s\n"
        f"alert:\n  path: {alert}\n"
        "population:\n  people_count: 5000\n  island: {centre: [15.5, -45.0], area_km2: 300}\n" + extra,
        encoding="utf-8",
    )
    return path


def refused(path: Path, code: int, *words: str, arguments: tuple[str, ...] = ()) -> str:
    out = path.parent / "out"
    done = called("run", path, "-o", out, *arguments)
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert not out.exists(), "no half result"
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr, done.stderr
    return done.stderr


def test_unknown_keys_and_wrong_units_are_all_reported_at_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(CAP, encoding="utf-8")
    path = scenario(
        tmp_path, extra="horizon_min: 60\nchannels:\n  cell_broadcast:\n    repetition_period: 30\n"
    )
    refused(path, 3, "s.yaml:8:", "horizon_s", "s.yaml:11:", "repetition_period_s")


def test_zero_people(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(CAP, encoding="utf-8")
    refused(scenario(tmp_path), 3, "people_count", arguments=("--set", "population.people_count=0"))


def test_a_missing_cap_file(tmp_path: Path) -> None:
    refused(scenario(tmp_path, alert="none.xml"), 3, "s.yaml:4:", "none.xml")


def test_an_area_outside_the_network(tmp_path: Path) -> None:
    far = CAP.replace("<polygon>", "<polygon>60.0,10.0 60.0,11.0 61.0,11.0 60.0,10.0</polygon><!--")
    far = far.replace("</polygon>", "</polygon>-->").replace("</polygon>--><!--", "</polygon><!--")
    (tmp_path / "a.xml").write_text(far, encoding="utf-8")
    refused(scenario(tmp_path), 3, "s.yaml:", "area")


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ("not xml at all", "a.xml:1:"),
        (CAP.replace("<alert", "<!DOCTYPE alert [<!ENTITY x 'y'>]>\n<alert", 1), "DOCTYPE"),
        ("", "empty"),
    ],
)
def test_a_cap_file_that_is_no_cap(tmp_path: Path, broken: str, word: str) -> None:
    (tmp_path / "a.xml").write_text(broken, encoding="utf-8")
    refused(scenario(tmp_path), 4, "a.xml", word)


def polygon_replaced(by: str) -> str:
    start = CAP.index("<polygon>")
    end = CAP.index("</polygon>")
    return CAP[:start] + "<polygon>" + by + CAP[end:]


def test_an_open_polygon_and_latitude_95(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(polygon_replaced("15.3,-45.1 15.3,-44.9 15.6,-44.9"), "utf-8")
    assert "a.xml:" in refused(scenario(tmp_path), 4, "polygon")
    (tmp_path / "a.xml").write_text(polygon_replaced("95,-45.1 15.3,-44.9 15.6,-44.9 95,-45.1"), "utf-8")
    refused(scenario(tmp_path), 4, "95")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("site_id,lat\nA,15.5\n", ("lon",)),
        ("site_id,lat,lon\nA,15.5,-45.0\nA,15.6,-45.0\n", ("c.csv:3", "A")),
        ("site_id,lat,lon\nA,north,-45.0\nB,15.5,west\n", ("c.csv:2", "c.csv:3", "north", "west")),
        ("", ("empty",)),
    ],
)
def test_a_broken_site_table(tmp_path: Path, table: str, words: tuple[str, ...]) -> None:
    (tmp_path / "a.xml").write_text(CAP, encoding="utf-8")
    (tmp_path / "c.csv").write_text(table, encoding="utf-8")
    refused(scenario(tmp_path), 3, *words, arguments=("--set", f"network.path={tmp_path / 'c.csv'}"))


def test_an_unwritable_output_folder(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")
    done = called("run", ISLAND, *SMALL, "-o", in_the_way / "out")
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert str(in_the_way) in done.stderr


def test_a_full_disk_ends_a_run_by_shards_with_what_to_do(tmp_path: Path, monkeypatch) -> None:
    def full(*_, **__) -> None:
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28]")  # as pyarrow says it

    monkeypatch.setattr("ewsim.experiments.nation.running.run_by_shards", full)
    done = called("run", ISLAND, *SMALL, "--shards", "2", "-o", tmp_path / "out")
    assert done.returncode == 5
    assert f"{tmp_path / 'out'} cannot be written: No space left on device. Make room" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_half_way_leaves_nothing(tmp_path: Path) -> None:
    program = (  # whoever starts the tests in the background has them ignore the signal
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from ewsim.cli import main; print('begun', flush=True); main(sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "run", str(ISLAND), "-o", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"  # python itself dies of the signal before
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []
