"""The streams of the command line: always there, and without signs that steer a terminal.

Help and usage errors have colours. From the start of a command on, only what goes through `own` has them:
a text of others could steer the terminal with a colour as with any other sequence.
"""

import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from ewsim.errors import UsageError

#: Control characters but for tab and line ends, and those that turn the direction of what follows; and
#: colours, which only our own help writes.
_CONTROL = re.compile(r"\x1b\[[\d;]*m|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]")
_MARK = "\N{REPLACEMENT CHARACTER}"


#: Whether a command has begun.
_begun: list[bool] = []


class CleanStream(io.TextIOWrapper):
    """Text of others may hold sequences that a terminal obeys; they are replaced in everything said."""

    def write(self, text: str, /) -> int:
        """Write a text without control characters; a terminal gets the colours of the help."""
        colours = self.isatty() and not _begun
        return super().write(
            _CONTROL.sub(lambda found: found[0] if colours and len(found[0]) > 1 else _MARK, text)
        )


class _Own:
    def __init__(self, stream: CleanStream) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return io.TextIOWrapper.write(self._stream, text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def own(stream: TextIO) -> TextIO:
    """The same stream for what we make ourselves: colours, and the bar of progress."""
    return cast("TextIO", _Own(stream)) if isinstance(stream, CleanStream) else stream


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """A function to call with a phase and the share that is done; it shows a bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda phase, share: None  # noqa: ARG005 - nobody is looking
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=own(sys.stderr)), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda phase, share: bar.update(task, description=phase, completed=share)


def begin() -> None:
    """A command begins: it says texts of others."""
    _begun.append(True)


def open_streams() -> None:
    """Make standard output and standard error clean, and make those that a caller has closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes this number, which no file may have
    sys.stdout, sys.stderr = _clean(sys.stdout, 1), _clean(sys.stderr, 2)


def read_input(most: int) -> bytes:
    """Read at most this many bytes of standard input."""
    try:
        return sys.stdin.buffer.read(most)
    except (AttributeError, OSError):  # closed by whoever called us
        raise UsageError("Standard input cannot be read: it is closed.") from None


def drop_output() -> None:
    """Drop what standard output does not take, so that the end of Python does not try it again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _clean(stream: TextIO | None, number: int) -> CleanStream:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    raw = os.fdopen(number, "wb", buffering=-1, closefd=False) if stream is None else stream.buffer
    lines = number == 2 or raw.isatty()
    return CleanStream(raw, encoding, "backslashreplace", line_buffering=lines)
