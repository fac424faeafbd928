"""Ctrl-C stops at once, except in the middle of a compilation.

LLVM calls back into Python; an exception that is raised there is lost, and the run goes on, or the
process breaks. So an interruption waits until numba lets go of its lock.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: An interruption waits for the end of a compilation.
_waiting = threading.Event()


@contextmanager
def not_while_compiling() -> Iterator[None]:
    """Hold interruptions back during compilations, where Python's own handler is in place."""
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    module = sys.modules.get("numba.core.compiler_lock")  # a command without kernels has none
    lock = getattr(module, "global_compiler_lock", None)
    if lock is None or not lock.is_locked():
        raise KeyboardInterrupt
    if not _waiting.is_set():
        _waiting.set()
        _after_compiling()


def _after_compiling() -> None:
    """Interrupt the main thread, which compiles, as soon as it has done so."""
    from numba.core import event
    from numba.core.compiler_lock import global_compiler_lock

    class Compiled(event.Listener):  # type: ignore[misc]
        def on_start(self, _event: object) -> None:
            """Another compilation within the one."""

        def on_end(self, _event: object) -> None:
            """A compilation has ended: of this thread, and the outermost?"""
            mine = threading.current_thread() is threading.main_thread()
            if mine and not global_compiler_lock.is_locked():
                _waiting.clear()
                event.unregister("numba:compiler_lock", self)
                raise KeyboardInterrupt

    event.register("numba:compiler_lock", Compiled())
