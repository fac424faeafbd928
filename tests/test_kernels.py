"""The cache of compiled functions: it knows every source, so that nobody runs an old model."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ewsim import kernels

PACKAGE = Path(kernels.__file__).parent


@pytest.fixture
def copy(tmp_path):
    """A small package: a constant in one file, the kernel that uses it in another."""
    shutil.copy(PACKAGE / "kernels.py", tmp_path / "kernels.py")
    (tmp_path / "constant.py").write_text("VALUE = 1\n")
    (tmp_path / "adds.py").write_text(
        "from constant import VALUE\nfrom kernels import kernel\n\n"
        "@kernel\ndef adds(x):\n    return x + VALUE\n"
    )
    return tmp_path


def run(folder):
    done = subprocess.run(
        [sys.executable, "-c", "from adds import adds; print(adds(1))"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_constant_of_another_file_is_never_an_old_one(copy):
    assert run(copy) == 2
    (copy / "constant.py").write_text("VALUE = 10\n")
    assert run(copy) == 11, "numba's own cache would say 2"
    assert len(list((copy / "__pycache__").glob("kernels-*"))) == 1, "the old folder is gone"


def test_the_same_sources_are_compiled_once(copy):
    run(copy)
    (kept,) = (copy / "__pycache__").glob("kernels-*")
    stamps = {p: p.stat().st_mtime_ns for p in kept.rglob("*.nbc")}
    assert stamps
    run(copy)
    assert {p: p.stat().st_mtime_ns for p in kept.rglob("*.nbc")} == stamps


def test_a_word_of_the_command_line_compiles_nothing_anew(tmp_path):
    for name in ("model.py", "cli/word.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("X = 1\n")
    before = kernels.digest(tmp_path)
    (tmp_path / "cli" / "word.py").write_text("X = 2\n")
    assert kernels.digest(tmp_path) == before
    (tmp_path / "model.py").write_text("X = 2\n")
    assert kernels.digest(tmp_path) != before


def test_every_compiled_function_of_ours_is_kept_this_way():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert path.name == "kernels.py" or "njit" not in text, path


def test_calls_side_by_side_keep_their_order_and_one_thread_makes_no_other():
    import threading

    import numba

    before = numba.get_num_threads()
    try:
        for threads in {1, before}:
            numba.set_num_threads(threads)
            found = kernels.side_by_side(lambda n: (n, threading.get_ident()), range(50))
            assert [n for n, _ in found] == list(range(50))
            assert threads > 1 or {who for _, who in found} == {threading.get_ident()}
    finally:
        numba.set_num_threads(before)
