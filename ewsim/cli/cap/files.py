"""What the commands on CAP files share: reading messages, times, clean text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ewsim.cli.terminal import read_input
from ewsim.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from ewsim.cap.alert import Alert

#: Control characters but tab and line feed; marks of direction are part of many scripts.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_OFFSET = re.compile(r"(?:Z|[+-]\d\d:\d\d)\s*$")


def read_file(path: Path) -> bytes:
    """The bytes of a file; `-` is standard input; never more than CAP allows."""
    from ewsim.cap.xml.text import MAX_OCTETS

    if str(path) == "-":
        return read_input(MAX_OCTETS + 1)
    try:
        with path.open("rb") as file:
            return file.read(MAX_OCTETS + 1)
    except OSError as error:
        raise UnreadableError.of(path, error) from None


def name_of(path: Path) -> str:
    """What a file is called in messages."""
    return "<stdin>" if str(path) == "-" else str(path)


def read_message(path: Path, trust: tuple[Path, ...]) -> tuple[Alert, str]:
    """The message in a file, and what its signature is worth (`ewsim.cap.signature.judge.State`).

    Where `trust` is given, what one of those signed, or an error.
    """
    from ewsim.cap.acceptance import read_trusted, signature_of
    from ewsim.cap.reader import parse_alert

    source, name = read_file(path), name_of(path)
    if trust:
        return read_trusted(source, name, trust), "trusted"
    alert = parse_alert(source, name)
    signature = signature_of(source, name) if alert.signed else "unsigned"
    return replace(alert, broken=signature == "broken"), signature


def moment(text: str | None) -> datetime | None:
    """A time from the command line; `now` is now."""
    from ewsim.cap.xml.values import read_time

    if text is None:
        return None
    if text == "now":
        return datetime.now(UTC)
    read = read_time(text)
    if read is None:
        raise UsageError(f"{text!r} is not a time. Write for example 2026-01-31T18:49:00+02:00, or now.")
    if not _OFFSET.search(text):
        raise UsageError(f"{text!r} has no offset. Write for example {text}+02:00, or now.")
    return read


def number(count: int, one: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def clean(words: str) -> str:
    """Text of a message for a terminal: without control characters, which could steer it."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", words)
