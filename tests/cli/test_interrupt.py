"""An interruption during a compilation waits for its end, and is not lost."""

import signal

import numba
from numba.core import event
from numba.core.compiler_lock import global_compiler_lock

from ewsim.cli.interrupt import not_while_compiling


def interrupted(work):
    """Whether a piece of work ends with an interruption."""
    try:
        with not_while_compiling():
            work()
    except KeyboardInterrupt:
        return True
    return False


def test_an_interruption_is_at_once_where_nothing_compiles():
    assert interrupted(lambda: signal.raise_signal(signal.SIGINT))
    assert not interrupted(lambda: None)


def test_interruptions_wait_for_the_end_of_the_outermost_compilation():
    done = []

    def work():
        with global_compiler_lock:
            with global_compiler_lock:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
                done.append("inner")
            done.append("outer")
        done.append("too late")

    assert interrupted(work)
    assert done == ["inner", "outer"]
    with global_compiler_lock:  # it interrupts once
        pass


def test_a_function_whose_compilation_was_interrupted_can_be_compiled_again():
    class Interrupting(event.Listener):
        def on_start(self, event):
            signal.raise_signal(signal.SIGINT)

        def on_end(self, event):
            pass

    function = numba.njit(lambda x: x + 1)
    with event.install_listener("numba:run_pass", Interrupting()):
        assert interrupted(lambda: function(1))
    assert not interrupted(lambda: function(1))
    assert function(1) == 2


def test_another_handler_stays():
    def own(number, frame):
        pass

    before = signal.signal(signal.SIGINT, own)
    try:
        with not_while_compiling():
            assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)
