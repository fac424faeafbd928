"""TOML files that a user writes (profiles, policies): read, and every fault at its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ewsim.errors import Diagnostic, InputError, UsageError

_MAX_OCTETS: Final = 1_000_000
_AT: Final = re.compile(r"\s*\((?:at|from) line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what is wrong, at which key, of which `[table]` or `[[table]]` (from 1).

    `entry` is a key of the table that is the key's value.
    """

    message: str
    key: str = ""
    table: str = ""
    number: int = 1
    entry: str = ""


def head_faults(
    data: Mapping[str, Any], keys: Collection[str], file_format: str, texts: Iterable[str]
) -> Iterator[Fault]:
    """What is wrong with what every such file has: known keys, its format, its name, its texts."""
    for key in data:
        if key not in keys:
            known = ", ".join(sorted(keys))
            yield Fault(f"The key {key!r} is not known; there are {known}.", key)
    if data.get("format") != file_format:
        found = data.get("format")
        yield Fault(f'format is {found!r}; write format = "{file_format}".', "format")
    if not isinstance(data.get("name"), str) or not data["name"]:
        yield Fault("name is missing.", "name")
    for key in texts:
        if not isinstance(data.get(key, ""), str):
            yield Fault(f"{key} must be text.", key)


def bad_pattern(pattern: object) -> str:
    """Why something is no regular expression; '' when it is one."""
    if not isinstance(pattern, str):
        return f"{pattern!r} is not text."
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{pattern!r} is no regular expression ({error})."
    return ""


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file: its name, its text and what it says."""

    file: str
    text: str
    data: dict[str, Any]

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Raise an `InputError` with every fault, if there is any."""
        told = [Diagnostic(self.file, *self._place(fault), fault.message) for fault in faults]
        if told:
            raise InputError(sorted(told, key=lambda found: (found.line, found.column)))

    def _place(self, fault: Fault) -> tuple[int, int]:
        """Line and column of an entry or a key, else of its table, else the first line."""
        lines = self.text.splitlines()
        start, stop = 0, len(lines)
        if fault.table:
            heads = [n for n, line in enumerate(lines) if _is_head(line, fault.table)]
            if len(heads) < fault.number:
                return 1, 1
            start = heads[fault.number - 1]
            stop = next((n for n in heads if n > start), stop)
        end = _end(lines, start + bool(fault.table), stop)
        row = _line_of(fault.key, lines, start, end)
        if row is None and fault.entry:  # in a table of its own: [table.key]
            inner = f"{fault.table}.{fault.key}"
            row = next((n for n in range(start, stop) if _is_head(lines[n], inner)), None)
            if row is not None:
                entry = _line_of(fault.entry, lines, row + 1, _end(lines, row + 1, stop))
                row = row if entry is None else entry
        row = start if row is None else row
        line = lines[row] if lines else ""
        within = re.search(rf"(?<!\w){_named(fault.entry)}\s*=", line) if fault.entry else None
        return row + 1, (within.start() if within else len(line) - len(line.lstrip())) + 1


def _named(key: str) -> str:
    """The pattern of a key as it may be written."""
    return rf"""["']?{re.escape(key)}["']?"""


def _is_head(line: str, table: str) -> bool:
    """Whether a line begins the table of this name, or one of its rows."""
    return bool(re.match(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?", line))


def _end(lines: Sequence[str], first: int, stop: int) -> int:
    """The line behind the keys that stand from `first` on: the next head."""
    return next((n for n in range(first, stop) if lines[n].lstrip()[:1] == "["), stop)


def _line_of(key: str, lines: Sequence[str], first: int, end: int) -> int | None:
    """The line that gives a key its value."""
    given = re.compile(rf"\s*{_named(key)}\s*[=.]")
    return next((n for n in range(first, end) if key and given.match(lines[n])), None)


def parse_toml(text: str, file: str) -> TomlFile:
    """A TOML text; an `InputError` says where it is none."""
    try:
        return TomlFile(file, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        match = _AT.search(str(error))
        line, column = (int(match[1]), int(match[2])) if match else (0, 0)
        reason = _AT.sub("", str(error))
        message = f"This is no TOML: {reason[:1].lower()}{reason[1:]}."
        raise InputError([Diagnostic(file, line, column, message)]) from None
    except RecursionError:
        raise InputError([Diagnostic(file, 0, 0, "This is nested too deeply.")]) from None


def read_toml(path: str) -> TomlFile:
    """A TOML file of at most 1 MB."""
    try:
        with Path(path).open("rb") as file:
            octets = file.read(_MAX_OCTETS + 1)
        if len(octets) > _MAX_OCTETS:
            raise UsageError(f"{path} is larger than 1 MB.")
        return parse_toml(octets.decode("utf-8"), path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
