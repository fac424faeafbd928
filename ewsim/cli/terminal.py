"""The streams of the command line: always there, and without signs that steer a terminal."""

from __future__ import annotations

import io
import os
import re
import sys
from typing import TextIO

#: Control characters but for tab and line ends; and colours, which only our own help writes.
_CONTROL = re.compile(r"\x1b\[[\d;]*m|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARK = "\N{REPLACEMENT CHARACTER}"


class CleanStream(io.TextIOWrapper):
    """Text of others may hold sequences that a terminal obeys; they are replaced in everything said."""

    def write(self, text: str, /) -> int:
        """Write a text without control characters; a terminal gets the colours of the help."""
        colours = self.isatty()
        return super().write(
            _CONTROL.sub(lambda found: found[0] if colours and len(found[0]) > 1 else _MARK, text)
        )


def open_streams() -> None:
    """Make standard output and standard error clean, and make those that a caller has closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes this number, which no file may have
    sys.stdout, sys.stderr = _clean(sys.stdout, 1), _clean(sys.stderr, 2)


def _clean(stream: TextIO | None, number: int) -> CleanStream:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    raw = os.fdopen(number, "wb", buffering=-1, closefd=False) if stream is None else stream.buffer
    lines = number == 2 or raw.isatty()
    return CleanStream(raw, encoding, "backslashreplace", line_buffering=lines)
