"""The suites of `ewsim bench --suite`: what against what, in ratios, on this machine.

A row of the record names what was measured, what it is held against, the seconds of both and the
ratio. Times are those of the processor, of all threads: other programs on the machine hardly change
them. What stands in one row was measured in one suite, one after the other.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np

from ewsim.benchmark.engines import engine_alone, in_process, reference_alone
from ewsim.benchmark.limits import limits_of_machine
from ewsim.cap.validator import validate
from ewsim.errors import RunError
from ewsim.report.replay import page as replay
from ewsim.result.record import Result
from ewsim.scenario.starting.starter import write_starter
from ewsim.version import __version__

FORMAT = "ewsim.bench_suite/1"
_PACKAGES = ("numpy", "numba", "scipy", "pandas", "pyarrow", "simpy", "lxml", "matplotlib")
#: Cells in the growth of handsets: one for so many, as in `ewsim bench`.
_HANDSETS_A_CELL = 500
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    handsets: int
    growth_handsets: tuple[int, ...]
    growth_cells: tuple[int, ...]
    growth_cells_handsets: int
    people: int
    points: int
    passes: int
    #: Each engine in a process of its own, so that peaks and caches are its own.
    apart: bool = True


SIZES = {
    "quick": Size(2_000, (1_000, 4_000), (60, 240), 1_000, 300, 2, 3, apart=False),
    "usual": Size(200_000, (100_000, 300_000, 1_000_000), (2_000, 10_000, 50_000), 200_000, 250_000, 12, 200),
    "full": Size(
        *(1_000_000, (100_000, 1_000_000, 10_000_000), (2_000, 20_000, 200_000), 200_000, 250_000, 20, 400)
    ),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, and what against; times of the processor [s], the most memory [MB]."""

    suite: str
    what: str
    size: str
    seconds: float
    against: str
    against_seconds: float
    peak_mb: float | None = None

    def document(self) -> dict[str, Any]:
        """The row in the record."""
        return {**asdict(self), "ratio": self.seconds / self.against_seconds}


def measure_suites(names: Sequence[str], size: str, say: Say = lambda _: None) -> dict[str, Any]:
    """The record of `ewsim bench --suite`.

    Parameters
    ----------
    names
        Suites of `SUITES`.
    size
        One of `SIZES`.
    say
        Called with what is measured next.
    """
    began = time.perf_counter()
    machine, rows, growth = _machine(SIZES[size]), list[Measured](), dict[str, Any]()
    for name in names:
        say(name)
        rows += SUITES[name](SIZES[size], machine, growth)
    return {
        "format": FORMAT,
        "size": size,
        "versions": {"ewsim": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _PACKAGES},
        "machine": machine,
        "rows": [row.document() for row in rows],
        "growth": growth,
        "seconds": time.perf_counter() - began,
    }


def _machine(size: Size) -> dict[str, Any]:
    # in a process of its own: commands begin with the memory of the program that starts them
    limits = in_process(limits_of_machine) if size.apart else limits_of_machine()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else None
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": memory,
        **limits,
        "load_before": load,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "not known")


# --- the engine -----------------------------------------------------------------------------------


def _delivery(size: Size, machine: dict[str, Any], _: dict[str, Any]) -> Iterator[Measured]:
    """The engine against the reference, and against what memory and clock allow."""
    call = in_process if size.apart else _here
    cells = max(60, size.handsets // _HANDSETS_A_CELL)
    fast, slow = call(engine_alone, size.handsets, cells), call(reference_alone, size.handsets, cells)
    of = f"{size.handsets:,} handsets, {fast['cells']:,} cells"
    mine, worked = "delivery, all phases of both channels", fast["processor_s"]
    yield Measured(
        *("delivery", "the reference: a SimPy process a handset", of, slow["processor_s"]),
        *(mine, worked, slow["peak_mb"]),
    )
    once = fast["array_bytes"] / machine["copy_bytes_per_s"]
    bytes_each = fast["array_bytes"] / size.handsets
    moved = f"all its arrays through memory once, {bytes_each:.0f} bytes a handset"
    yield Measured("delivery", mine, of, worked, moved, once, fast["peak_mb"])
    cycle = size.handsets / machine["clock_hz"]
    yield Measured("delivery", mine, of, worked, "one cycle of one core a handset", cycle, fast["peak_mb"])


def _growth(size: Size, _: dict[str, Any], growth: dict[str, Any]) -> Iterator[Measured]:
    """The same against size: handsets with their cells, and cells alone."""
    call = in_process if size.apart else _here
    worlds = {
        "handsets": [(n, max(60, n // _HANDSETS_A_CELL)) for n in size.growth_handsets],
        "cells": [(size.growth_cells_handsets, n) for n in size.growth_cells],
    }
    for along, pairs in worlds.items():
        found = [call(engine_alone, handsets, cells, 3) for handsets, cells in pairs]
        counts = [pair[along == "cells"] for pair in pairs]
        measured = {
            along: counts,
            "delivery_s": [one["processor_s"] for one in found],
            "infrastructure_s": [one["infrastructure_s"] for one in found],
            "peak_mb": [one["peak_mb"] for one in found],
        }
        spent = measured["delivery_s" if along == "handsets" else "infrastructure_s"]
        growth[along] = {**measured, "exponent": exponent(counts, spent)}
        what = "delivery" if along == "handsets" else "infrastructure (the SimPy part)"
        for count, seconds, peak_mb in zip(counts[1:], spent[1:], measured["peak_mb"][1:], strict=True):
            less = f"the same with {counts[0]:,}"
            yield Measured("growth", what, f"{count:,} {along}", seconds, less, spent[0], peak_mb)


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of its size with which a time grows: the slope of a line through the logarithms.

    Examples
    --------
    >>> exponent([10, 100, 1000], [1.0, 10.0, 100.0])
    1.0
    """
    slope = np.polyfit(np.log(np.asarray(sizes, float)), np.log(np.asarray(seconds, float)), 1)[0]
    return round(float(slope), 4)


def _here(function: Any, *arguments: int) -> dict[str, Any]:
    found: dict[str, Any] = function(*arguments)
    return found


# --- commands -------------------------------------------------------------------------------------


@contextmanager
def _starter(people: int) -> Iterator[tuple[Path, list[str]]]:
    """A starting scenario in a folder of its own, and how it is made so large."""
    with tempfile.TemporaryDirectory(prefix="ewsim-bench-") as place:
        file = Path(place) / "bench.yaml"
        write_starter(file)
        yield file, ["--set", f"population.people_count={people}"]


def command(words: Iterable[object]) -> tuple[float, float]:
    """Processor time [s] and most memory [MB] of an `ewsim` command, with its workers; raises RunError."""
    said = [sys.executable, "-m", "ewsim", *map(str, words)]
    with tempfile.TemporaryFile() as errors:
        done = subprocess.Popen(said, stdout=subprocess.DEVNULL, stderr=errors)  # noqa: S603 - ours
        _, status, used = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        if done.returncode:
            errors.seek(0)
            why = errors.read().decode(errors="replace").strip().splitlines()
            raise RunError(f"ewsim {said[3]} failed with code {done.returncode}: {''.join(why[-1:])[:300]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _run(size: Size, _: dict[str, Any], __: dict[str, Any]) -> Iterator[Measured]:
    """A whole run as a command, against the same without pages and against a run that does nothing."""
    with _starter(size.people) as (file, sets):
        of = f"{size.people:,} people"
        command(["run", file, *sets, "--no-report"])  # compiles where nothing is compiled yet
        whole, peak_mb = command(["run", file, *sets, "-o", file.parent / "out"])
        plain, _peak = command(["run", file, *sets, "--no-report"])
        start, _peak = command(["scenario", "check", file])
    yield Measured(
        "run", "ewsim run -o, report and replay", of, whole, "ewsim run --no-report", plain, peak_mb
    )
    yield Measured("run", "ewsim run --no-report", of, plain, "ewsim scenario check", start)


def _sweep(size: Size, _: dict[str, Any], __: dict[str, Any]) -> Iterator[Measured]:
    """A point more of a sweep, by what its key touches, against a run as a command of its own."""
    keys = {
        "of a channel": "channels.cell_broadcast.repetition_period_s=5..60",
        "of phones": "population.handsets.on_share=0.8..0.99",
    }
    with _starter(size.people) as (file, sets):
        words = [*sets, "--workers", 1, "--design", "lhs", "--samples"]
        single, _peak = command(["run", file, *sets, "--no-report"])
        for key, over in list(keys.items())[: 2 if size.apart else 1]:
            few, many = (
                command(["sweep", file, "--over", over, *words, count]) for count in (2, 2 + size.points)
            )
            each = max(many[0] - few[0], 1e-6) / size.points
            what = f"a point of a sweep, key {key}"
            yield Measured(
                "sweep", what, f"{size.people:,} people", each, "ewsim run --no-report", single, many[1]
            )


# --- pages and messages ---------------------------------------------------------------------------


def _cap(size: Size, _: dict[str, Any], __: dict[str, Any]) -> Iterator[Measured]:
    """The check of a message against a bare parser, which reads it and does nothing."""
    with _starter(1000) as (file, _sets):
        source = file.with_suffix(".xml").read_bytes()
    full, bare = _best(size.passes, lambda: validate(source, "bench.xml"), lambda: _parse(source))
    of = f"{len(source):,} bytes"
    yield Measured(
        "cap", "the check of a CAP message, all layers", of, full, "expat reads the same bytes", bare
    )


def _parse(source: bytes) -> None:
    expat.ParserCreate(namespace_separator=" ").Parse(source, True)


def _replay(size: Size, _: dict[str, Any], __: dict[str, Any]) -> Iterator[Measured]:
    """The replay of a finished run against reading the run."""
    with _starter(size.people) as (file, sets):
        out = file.parent / "out"
        command(["run", file, *sets, "-o", out, "--no-report"])
        passes = max(1, size.passes // 100)
        result = Result.load(out)
        drawn, read = _best(passes, lambda: replay.render(result), lambda: Result.load(out).summary())
        octets = len(replay.render(result).encode())
    of = f"{size.people:,} people, {octets / 1e6:.2f} MB"
    yield Measured("replay", "the replay of a run", of, drawn, "reading the run and its summary", read)


def _best(passes: int, *acts: Callable[[], object]) -> list[float]:
    """The least processor time of each act [s], taken in turn after one pass to warm up."""
    best = [float("inf")] * len(acts)
    for number in range(passes + 1):
        for place, act in enumerate(acts):
            began = time.process_time()
            act()
            if number:
                best[place] = min(best[place], time.process_time() - began)
    return [max(one, 1e-9) for one in best]


#: What `--suite` takes, in the order in which it is measured.
SUITES: Mapping[str, Callable[[Size, dict[str, Any], dict[str, Any]], Iterable[Measured]]] = {
    "delivery": _delivery,
    "run": _run,
    "growth": _growth,
    "cap": _cap,
    "replay": _replay,
    "sweep": _sweep,
}
