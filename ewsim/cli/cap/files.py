"""What the commands on CAP files share: reading, writing whole or not at all, times."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ewsim.errors import RunError, UsageError

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
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None


def read_input(most: int) -> bytes:
    """At most so many bytes of standard input."""
    try:
        return sys.stdin.buffer.read(most)
    except (AttributeError, OSError):  # closed by whoever called us
        raise UsageError("Standard input cannot be read: it is closed.") from None


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
    return alert, signature_of(source, name) if alert.signed else "unsigned"


def write_file(path: Path, content: bytes, *, force: bool = False) -> None:
    """Write beside, then rename; an existing file is only replaced when told to."""
    if str(path) == "-":
        raise UsageError("-o needs the name of a file.")
    if path.exists() and not force:
        raise UsageError(f"{path} is there already; name another file, or add --force.")
    path = path.resolve()  # what a link leads to is replaced, not the link
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunError(f"{path} cannot be written: {error.strerror or error}.") from None


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


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """A new folder with some files: written beside, then renamed; never over another one."""
    if folder.exists():
        raise UsageError(f"{folder} is there already; name a new folder.")
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        for name, content in files.items():
            (part / name).write_bytes(content)
        part.replace(folder)
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror or error}.") from None
