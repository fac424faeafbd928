"""The kernel of cell broadcast against a C++ loop that does the identical job with the same draws.

Compiled with the system's compiler; skipped without one. The ratio is one thread against one, both
warm, the fastest of several turns each, for the machine may be shared.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import time
from pathlib import Path

import numba
import numpy as np
import pytest

from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.reception import CbReception
from ewsim.engine import benchmark_world
from ewsim.engine.simulation import Run, Setup, simulate
from ewsim.streams import Streams, purpose_code
from ewsim.units import NEVER

COMPILER = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
SOURCE = Path(__file__).with_name("broadcast.cpp")

#: How many times the C++ loop's time the kernel may take.
MOST = 2.0

pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler")


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> ctypes.CDLL:
    built = tmp_path_factory.mktemp("cpp") / "broadcast.so"
    options = ["-O3", "-march=native", "-ffp-contract=off", "-std=c++17", "-shared", "-fPIC"]
    subprocess.run([COMPILER, *options, str(SOURCE), "-o", str(built)], check=True)
    return ctypes.CDLL(str(built))


def delivered(handsets: int, cells: int, mode: str) -> tuple[Setup, Run, CellBroadcast]:
    world = benchmark_world.setup(handsets, cells)
    channel = benchmark_world.channels(world, mode)[0]
    assert isinstance(channel, CellBroadcast)
    return world, simulate(world, [channel], Streams(1)), channel


def in_cpp(library: ctypes.CDLL, run: Run, channel: CellBroadcast) -> tuple[CbReception, float]:
    """The same inputs as `CellBroadcast.receive` gives the kernel; the answer and its seconds."""
    world, crowd = run.world, run.crowd
    handsets, cells, at = crowd.population.handsets, world.network.cells, crowd.presence
    windows = channel.infrastructure.windows(world)
    tried = channel._tried(world, 0)
    count = len(handsets)
    out = CbReception(
        np.full(count, -1, np.int32),
        np.full(count, NEVER, np.int64),
        np.zeros(count, np.int16),
        np.zeros(count, np.int16),
        np.zeros(count, np.uint8),
    )
    arrays = [
        np.ascontiguousarray(array)
        for array in (
            handsets.number,
            channel.eligible(handsets),
            handsets.on_from_us,
            handsets.on_to_us,
            at.first,
            at.cell,
            at.level_db,
            at.from_us,
            at.to_us,
            np.searchsorted(windows[:, 1], np.arange(len(cells) + 1)),
            windows[:, 2],
            windows[:, 3],
            channel.targeted,
            cells.rat,
            channel.zones(world),
            tried[:, 0],
            tried[:, 1],
            cells.operator,
            channel.timing[0].table(),
        )
    ]
    pointers = [
        array.ctypes.data_as(ctypes.c_void_p)
        for array in (out.window, out.received_us, out.copies, out.displays, out.seen, *arrays)
    ]
    keys = (1, 0, purpose_code("cb.reception"), 0)
    began = time.perf_counter()
    library.receive(ctypes.c_int64(count), *pointers, *(ctypes.c_uint32(k) for k in keys))
    return out, time.perf_counter() - began


@pytest.mark.parametrize("mode", ["per_repetition", "continuous"])
def test_both_give_every_handset_the_same(library: ctypes.CDLL, mode: str) -> None:
    _, run, channel = delivered(20_000, 300, mode)
    windows = channel.infrastructure.windows(run.world)
    ours, theirs = channel.receive(run.world, run.crowd, 0, windows), in_cpp(library, run, channel)
    for name in CbReception._fields:
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs[0], name))
    assert (ours.received_us < NEVER).mean() > 0.5


@pytest.mark.heavy
@pytest.mark.parametrize("mode", ["per_repetition", "continuous"])
def test_the_kernel_takes_at_most_twice_the_time_of_the_loop(library: ctypes.CDLL, mode: str) -> None:
    _, run, channel = delivered(1_000_000, 2_000, mode)
    windows = channel.infrastructure.windows(run.world)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        ours, theirs = [], []
        for _ in range(7):
            began = time.perf_counter()
            channel.receive(run.world, run.crowd, 0, windows)
            ours.append(time.perf_counter() - began)
            theirs.append(in_cpp(library, run, channel)[1])
    finally:
        numba.set_num_threads(before)
    print(f"{mode}: kernel {min(ours):.3f} s, loop {min(theirs):.3f} s")
    assert min(ours) <= MOST * min(theirs)
