"""Measures the engine and the reference on the same world, one process each.

Ratios, not times, are worth keeping: the machines are shared. The boundary of the ratio: all
delivery phases of the engine, warm, against the whole simulation of the reference with the garbage
collector off; neither is charged for building the world.
"""

import gc
import math
import multiprocessing
import re
import resource
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ewsim.benchmark.limits import array_bytes
from ewsim.engine import benchmark_world, simulation
from ewsim.engine.reference import run as reference
from ewsim.metrics.replications import headline
from ewsim.streams import Streams

#: Phases of the engine that deliver (the others build or measure).
DELIVERY = ("infrastructure", "presence", "cell_broadcast", "location_based_sms")

#: The engine is measured this often; the fastest counts, for the machine is shared.
ROUNDS = 5


def measure(handset_count: int, cell_count: int, *, with_reference: bool = True) -> dict[str, Any]:
    """The document of `ewsim bench --json`.

    Parameters
    ----------
    handset_count, cell_count
        The size of the world.
    with_reference
        Whether to run the reference engine too, which takes hundreds of times as long.
    """
    engine = in_process(engine_alone, handset_count, cell_count)
    report: dict[str, Any] = {
        "format": "ewsim.bench/1",
        "handsets": handset_count,
        "cells": engine["cells"],
        "reference_s": None,
        "engine_s": engine["engine_s"],
        "delivery_s": engine["delivery_s"],
        "processor_s": engine["processor_s"],
        "compile_s": engine["compile_s"],
        "peak_mb": engine["peak_mb"],
        "reference_peak_mb": None,
        "ratio": None,
    }
    if with_reference:
        slow = in_process(reference_alone, handset_count, cell_count)
        report["reference_s"] = slow["reference_s"]
        report["reference_peak_mb"] = slow["peak_mb"]
        report["ratio"] = slow["reference_s"] / engine["delivery_s"]
    return report


def engine_alone(handset_count: int, cell_count: int, rounds: int = ROUNDS) -> dict[str, Any]:
    """The engine on a world, warm: seconds by phase, of the processor, of compilation; peak memory.

    Parameters
    ----------
    handset_count, cell_count
        The size of the world.
    rounds
        How often it is measured; the fastest counts.
    """
    small = benchmark_world.setup(1000, 60)
    began = time.perf_counter()
    simulation.simulate(small, benchmark_world.channels(small), Streams(1))
    first = time.perf_counter() - began
    began = time.perf_counter()
    simulation.simulate(small, benchmark_world.channels(small), Streams(1))
    compile_s = first - (time.perf_counter() - began)

    world = benchmark_world.setup(handset_count, cell_count)
    best: dict[str, float] = {}
    processor_s = math.inf
    for _ in range(rounds):
        began = time.process_time()
        run = simulation.simulate(world, benchmark_world.channels(world), Streams(1))
        processor_s = min(processor_s, time.process_time() - began)
        if not best or sum(run.timing_s.values()) < sum(best.values()):
            best = dict(run.timing_s)
    began = time.process_time()
    simulation.started(world, benchmark_world.channels(world), Streams(1)).run()
    infrastructure_s = time.process_time() - began
    began = time.perf_counter()
    headline(simulation.ledger(world, run))
    delivery_s = sum(best[phase] for phase in DELIVERY)
    return {
        "cells": len(world.network.cells),
        "engine_s": {**best, "metrics": time.perf_counter() - began},
        "delivery_s": delivery_s,
        "processor_s": processor_s,
        "infrastructure_s": infrastructure_s,
        "compile_s": compile_s,
        "peak_mb": _peak_mb(),
        "array_bytes": array_bytes((world.population, run.outcomes)),
    }


def reference_alone(handset_count: int, cell_count: int) -> dict[str, Any]:
    """The reference engine on the same world, once, collector off: seconds and peak memory."""
    world = benchmark_world.setup(handset_count, cell_count)
    gc.collect()
    gc.disable()
    began, worked = time.perf_counter(), time.process_time()
    reference.simulate(world, benchmark_world.channels(world), Streams(1))
    spent, worked = time.perf_counter() - began, time.process_time() - worked
    gc.enable()
    return {"reference_s": spent, "processor_s": worked, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """Peak resident memory of this process [MB] (kilobytes on Linux, bytes on macOS).

    On Linux `ru_maxrss` begins at the size of the parent, and VmHWM with the program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024 / 1e6  # type: ignore[index]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def in_process(function: Any, *arguments: int) -> dict[str, Any]:
    """The answer of a function in a process of its own, so that peaks and caches are its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, function, arguments))
    process.start()
    there.close()
    try:
        answer: dict[str, Any] = here.recv()
    finally:
        process.join()
    return answer


def _answer(pipe: Connection, function: Any, arguments: tuple[int, ...]) -> None:
    pipe.send(function(*arguments))
    pipe.close()
