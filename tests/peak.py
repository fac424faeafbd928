"""The peak memory of a program in an interpreter of its own.

`ru_maxrss` of a child starts at its parent's size, because Linux keeps it from fork through exec.
VmHWM in /proc belongs to the program's own memory, so it starts at zero with the interpreter.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

STATUS = Path("/proc/self/status")
_AT_EXIT = f"""
import atexit, os, re
def _write_peak():
    with open({str(STATUS)!r}) as status, open(os.environ["EWSIM_TEST_PEAK"], "w") as out:
        out.write(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1])
atexit.register(_write_peak)
"""
COMMAND = "import sys; from ewsim.cli import run; sys.exit(run(sys.argv[1:]))"


def peak_mb():
    """The most memory that this process has held since it began, or since `forget_peak` [MB]."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())[1]) * 1024 / 1e6


def forget_peak():
    """Count the peak of this process from what it holds now."""
    Path("/proc/self/clear_refs").write_text("5")


def run_measured(program, *arguments, timeout, **options):
    """Run Python source with arguments; the completed process and its peak memory [MB].

    `COMMAND` is the source of an `ewsim` command. Output is captured as text.
    """
    if not STATUS.exists():
        pytest.skip("peak memory is read from /proc, which this system does not have")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peak"
        done = subprocess.run(
            [sys.executable, "-c", _AT_EXIT + program, *map(str, arguments)],
            env={**os.environ, "EWSIM_TEST_PEAK": str(out)},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            **options,
        )
        assert out.exists(), done.stderr
        return done, int(out.read_text()) * 1024 / 1e6
