"""A command line run inside the test's own process: the program's start is not paid for each time."""

import contextlib
import io
import subprocess

from ewsim.cli import run


def called(*arguments, cwd="."):
    """What `ewsim` with these arguments leaves: its exit code and both its outputs."""
    out, err = io.StringIO(), io.StringIO()
    words = [str(argument) for argument in arguments]
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(words)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())
