"""What commands share: reading standard input, and writing files whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from ewsim.errors import RunError, UsageError


def read_input(most: int) -> bytes:
    """Read at most this many bytes of standard input."""
    try:
        return sys.stdin.buffer.read(most)
    except (AttributeError, OSError):  # closed by whoever called us
        raise UsageError("Standard input cannot be read: it is closed.") from None


def write_file(path: Path, content: bytes, *, force: bool = False) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path
        The file; a link stays, and what it leads to is replaced.
    content
        Its bytes.
    force
        Replace an existing file.
    """
    if str(path) == "-":
        raise UsageError("-o needs the name of a file.")
    if path.exists() and not force:
        raise UsageError(f"{path} exists already. Name another file, or add --force.")
    path = path.resolve()
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunError(f"{path} cannot be written: {error.strerror or error}.") from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder with these files, whole or not at all."""
    if folder.exists():
        raise UsageError(f"{folder} exists already. Name a new folder.")
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        for name, content in files.items():
            (part / name).write_bytes(content)
        part.replace(folder)
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror or error}.") from None
