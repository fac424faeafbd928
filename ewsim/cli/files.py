"""What commands share: reading standard input."""

from __future__ import annotations

import sys

from ewsim.errors import UsageError


def read_input(most: int) -> bytes:
    """Read at most this many bytes of standard input."""
    try:
        return sys.stdin.buffer.read(most)
    except (AttributeError, OSError):  # closed by whoever called us
        raise UsageError("Standard input cannot be read: it is closed.") from None
