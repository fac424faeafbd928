"""Lines of text files, plain or packed with gzip, with what is not text noted at its line; places in JSON."""

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from ewsim.geography.faults import Faults

_LINE_MAX = 2**20
_GAP, _COLON = re.compile(r"[\s,]*"), re.compile(r"\s*:\s*")
#: Tables are packed to a tenth or so; one that unpacks to so many times its size, and to more than
#: `_ANYWAY`, is no table [octets].
_PACKED_MOST, _ANYWAY = 50, 20_000_000


def lines_of(path: Path, faults: Faults, octets_max: int) -> Iterator[str]:
    """Lines of text; a line that is not text is noted and given as blank, so that lines count.

    Parameters
    ----------
    path
        The file.
    faults
        Where faults are noted.
    octets_max
        A larger file, unpacked, is refused [octets].
    """
    number, octets = 0, 0
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            if packed and raw.seekable():
                _check_size(raw, faults, octets_max)
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            # A wrong octet becomes a lone surrogate, so its line is known.
            text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
            while line := text.readline(_LINE_MAX):
                number += 1
                octets += len(line)
                if octets > octets_max or len(line) == _LINE_MAX:
                    what = f"the table is larger than {octets_max / 1e6:,.0f} MB."
                    if octets <= octets_max:
                        what = f"the line is longer than {_LINE_MAX:,} characters."
                    fix = "Keep the rows of one country, one row a line."
                    raise faults.fail(number, 1, what, fix)
                if "\0" in line:
                    faults.add(number, 1, "the line has a NUL character.", "Save it as plain text.")
                    line = "\n"
                elif not line.isascii() and any("\udc80" <= c <= "\udcff" for c in line):
                    faults.add(number, 1, "the line is not UTF-8.", "Save the table as UTF-8.")
                    line = "\n"
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise faults.fail(
            0, 0, f"the table cannot be unpacked: {error}.", "Pack it again with gzip."
        ) from None
    except OSError as error:
        raise faults.fail(
            0, 0, f"the table cannot be read: {error.strerror or error}.", "Check the path."
        ) from None


def _check_size(packed: BinaryIO, faults: Faults, octets_max: int) -> None:
    """Refuse a file that unpacks to too much, before anything of it is read as a table."""
    most = min(octets_max, max(_PACKED_MOST * os.fstat(packed.fileno()).st_size, _ANYWAY))
    stream, octets = gzip.GzipFile(fileobj=packed), 0
    while part := stream.read(2**20):
        octets += len(part)
        if octets > most:
            what = f"the table is larger than {octets_max / 1e6:,.0f} MB."
            if most < octets_max:
                what = f"the table unpacks to more than {_PACKED_MOST} times its size."
            raise faults.fail(0, 0, what, "Keep the rows of one country, one row a line.")
    packed.seek(0)


def place_in(path: Path, begin: tuple[int, int], keys: Sequence[str | int]) -> tuple[int, int]:
    """Line and column of a value in a feature of a GeoJSON file, or of what is nearest above it.

    Parameters
    ----------
    path
        The file, which was read as GeoJSON.
    begin
        Where its feature begins, line and column; zeros where that is not known, or it is not a text.
    keys
        The way to the value: names of members, and numbers of items from 0.
    """
    if not all(begin):
        return begin
    text = _text_of(path, path.stat().st_mtime_ns)
    at = 0
    for _ in range(begin[0] - 1):
        at = text.index("\n", at) + 1
    at += begin[1] - 1
    try:
        for key in keys:
            at = _member(text, _GAP.match(text, at).end(), key)  # type: ignore[union-attr]
    except (LookupError, ValueError, RecursionError):
        pass  # the value is not there: what is above it is said
    return 1 + text.count("\n", 0, at), at - text.rfind("\n", 0, at)


@lru_cache(maxsize=1)
def _text_of(path: Path, changed: int) -> str:  # noqa: ARG001 - a changed file
    return path.read_text(encoding="utf-8-sig")


def _member(text: str, at: int, key: str | int) -> int:
    """Where a member of an object or an item of a list begins."""
    decoder, number, at = json.JSONDecoder(), 0, at + 1
    is_object = text[at - 1] == "{"
    if is_object != isinstance(key, str) or text[at - 1] not in "{[":
        raise LookupError(key)
    while text[at := _GAP.match(text, at).end()] not in "}]":  # type: ignore[union-attr]
        name: str | int = number
        if is_object:
            name, at = decoder.raw_decode(text, at)
            at = _COLON.match(text, at).end()  # type: ignore[union-attr]
        if name == key:
            return at
        _, at = decoder.raw_decode(text, at)
        number += 1
    raise LookupError(key)
