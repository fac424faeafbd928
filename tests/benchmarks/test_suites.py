"""`ewsim bench --suite`: a record with versions, machine, seconds and ratios, and a plot of growth."""

import json

import numpy as np
import pytest
from command import called

from ewsim.benchmark import limits, suite
from ewsim.benchmark.suite import SIZES, Measured, exponent
from ewsim.cli.machine.bench import SUITES
from ewsim.errors import RunError
from ewsim.report import growth


def test_the_command_knows_every_suite_and_size():
    assert tuple(suite.SUITES) == SUITES
    assert set(SIZES) == {"quick", "usual", "full"}


def test_a_row_says_what_against_what():
    row = Measured("cap", "this", "3 bytes", 6.0, "that", 2.0).document()
    assert (row["what"], row["against"], row["ratio"]) == ("this", "that", 3.0)


def test_the_exponent_is_that_of_a_power():
    assert exponent([1e3, 1e4, 1e6], [2.0, 20.0, 2000.0]) == 1.0
    assert exponent([10, 1000], [1.0, 10_000.0]) == 2.0


def test_arrays_are_counted_once_each_wherever_they_stand():
    assert limits.array_bytes({"a": (np.zeros(10), [np.zeros(4, dtype=np.int8)]), "b": "text"}) == 84


def test_a_suite_leaves_a_record_and_a_plot_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "_STEPS", 1000)
    monkeypatch.setattr(limits, "_COPY_MB", 1)
    words = ("--suite", "growth", "--suite", "delivery", "--suite", "cap", "--size", "quick")
    done = called("bench", *words, "-o", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr.split("\n")[:3] == ["measuring delivery", "measuring growth", "measuring cap"]
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"bench.json", "growth.svg"}
    record = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert json.loads(done.stdout) == {**record, "outputs": json.loads(done.stdout)["outputs"]}
    assert record["format"] == "ewsim.bench_suite/1"
    assert {"ewsim", "python", "numpy", "numba"} <= set(record["versions"])
    assert {"processor", "cores", "clock_hz", "copy_bytes_per_s"} <= set(record["machine"])
    for row in record["rows"]:
        assert row["ratio"] == pytest.approx(row["seconds"] / row["against_seconds"])
        assert row["seconds"] > 0
    assert {row["suite"] for row in record["rows"]} == {"delivery", "growth", "cap"}
    against = [row["against"] for row in record["rows"] if row["suite"] == "delivery"]
    assert any("memory" in words for words in against)
    assert any("cycle" in words for words in against)
    assert set(record["growth"]) == {"handsets", "cells"}
    svg = (tmp_path / "out" / "growth.svg").read_text()
    assert "exponent" in svg
    again = called("bench", *words, "-o", tmp_path / "out")
    assert (again.returncode, "--force" in again.stderr) == (5, True)


def test_the_plot_is_the_same_for_the_same_record(tmp_path):
    row = {"delivery_s": [1.0, 2.0], "infrastructure_s": [1.0, 3.0], "exponent": 1.0, "peak_mb": [1, 2]}
    record = {"growth": {"handsets": {"handsets": [10, 20], **row}, "cells": {"cells": [10, 20], **row}}}
    for name in ("one", "two"):
        growth.write(record, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("words", [("-o", "out"), ("--size", "quick")])
def test_options_of_suites_need_a_suite(words):
    done = called("bench", *words)
    assert (done.returncode, "--suite all" in done.stderr) == (2, True)


def test_a_suite_that_there_is_not_is_refused():
    done = called("bench", "--suite", "everything")
    assert done.returncode == 2
    assert "'delivery'" in done.stderr


def test_commands_are_held_against_each_other(monkeypatch):
    took = {"run": (6.0, 300.0), "scenario": (1.0, 90.0), "sweep": (2.0, 200.0)}
    asked = []
    monkeypatch.setattr(suite, "command", lambda words: asked.append(words) or took[str(words[0])])
    run = [row.document() for row in suite.SUITES["run"](SIZES["quick"], {}, {})]
    assert [row["ratio"] for row in run] == [1.0, 6.0]
    assert run[0]["peak_mb"] == 300.0
    (point,) = suite.SUITES["sweep"](SIZES["quick"], {}, {})
    assert point.against_seconds == 6.0
    samples = [words[-1] for words in asked if words[0] == "sweep"]
    assert samples == [2, 2 + SIZES["quick"].points]


@pytest.mark.heavy
def test_the_replay_suite_and_a_command_that_fails():
    (row,) = suite.SUITES["replay"](SIZES["quick"], {}, {})
    assert row.seconds > 0
    with pytest.raises(RunError, match="ewsim scenario failed with code 3"):
        suite.command(["scenario", "check", "none.yaml"])
