"""Ctrl-C and SIGTERM end the command line at any moment: one line, nothing half written.

No exception travels: one that is raised while modules load, while LLVM compiles or in a callback of a
library is lost there or becomes another error. So the handler itself tidies up and leaves.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

_SAID = {
    signal.SIGINT: "ewsim: interrupted; nothing is left half written.\n",
    signal.SIGTERM: "ewsim: terminated; nothing is left half written.\n",
}
if hasattr(signal, "SIGHUP"):  # the terminal was closed; Windows has no such signal
    _SAID[signal.SIGHUP] = _SAID[signal.SIGTERM]
#: The code of the command line once it is done: what comes after changes it no more.
_done: list[int] = []


def stop_at_once() -> None:
    """From here on these signals end the program, where nobody else handles or ignores them."""
    for number in _SAID:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _stop)


def done(code: int) -> None:
    """The command line is done, with this exit code; while Python ends, signals are too late."""
    _done.append(code)
    for number in _SAID:
        if signal.getsignal(number) is _stop:  # Python would put the default back
            signal.signal(number, signal.SIG_IGN)


def _stop(number: int, _frame: FrameType | None) -> None:
    held = _of_files("held")
    if held is None or not held(lambda: _leave(number)):
        _leave(number)


def _of_files(name: str) -> Callable[..., object] | None:
    """A function of `ewsim.files`, unless nothing is written yet: it loads after this module."""
    return getattr(sys.modules.get("ewsim.files"), name, None)


def _leave(number: int) -> None:
    for end in _SAID:
        signal.signal(end, signal.SIG_IGN)
    _kill_workers()
    if _done:
        os._exit(_done[0])
    remove_parts = _of_files("remove_parts")
    if remove_parts is not None:
        remove_parts()
    with contextlib.suppress(OSError):  # nobody reads it
        start = "\r\x1b[K\x1b[?25h" if os.isatty(2) else ""  # in place of the bar of progress
        kept = getattr(sys.modules.get("ewsim.files"), "kept", {})
        said = " ".join([_SAID[signal.Signals(number)].strip(), *kept.values()])
        os.write(2, f"{start}{said}\n".encode())
    os._exit(128 + number)


def _kill_workers() -> None:
    """The processes of joblib, which would end with a traceback each."""
    module = sys.modules.get("joblib.externals.loky.reusable_executor")
    executor = getattr(module, "_executor", None)
    for process in list(getattr(executor, "_processes", None) or ()):
        with contextlib.suppress(OSError):  # it has ended
            os.kill(process, signal.SIGKILL)
