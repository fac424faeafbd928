"""Who decides what a message becomes on the air: a policy file, ours or the user's.

The format is TOML; `default.toml` explains every key. A policy may extend another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from ewsim import coding
from ewsim.cap.alert import Info
from ewsim.cap.toml_file import Fault, TomlFile, bad_pattern, head_faults, parse_toml, read_toml
from ewsim.errors import UsageError

FORMAT: Final = "ewsim.policy/1"
#: Policies that extend each other, one after the other.
_DEEPEST: Final = 8
#: What the lists may hold.
_WORDS: Final = {
    "text": ("event", "headline", "description", "instruction"),
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "scope": ("Public", "Restricted", "Private"),
}
#: Offset of the message identifiers for a second language (TS 23.041 9.4.1.2.2).
SECOND_LANGUAGE: Final = 13
_LIST_KEYS: Final = ("text", "text_parameters", "status", "scope")
_KEYS: Final = {
    "format",
    "name",
    "title",
    "source",
    "extends",
    *_LIST_KEYS,
    "otherwise",
    "codes",
    "remap",
    "names",
}


@dataclass(frozen=True, slots=True)
class BroadcastPolicy:
    """What may be broadcast, under which message identifier, saying what."""

    name: str
    file: str
    title: str = ""
    source: str = ""
    text: tuple[str, ...] = ("headline", "description", "instruction")
    text_parameters: tuple[str, ...] = ()
    status: tuple[str, ...] = ("Actual", "Exercise", "Test")
    scope: tuple[str, ...] = ("Public",)
    otherwise: int = 4396
    codes: Mapping[str, int] = field(default_factory=dict)
    remap: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    def message_identifier(self, status: str, info: Info) -> int | None:
        """The identifier of a message in its first language; None: it is not broadcast."""
        number = self._by_code(info) if status == "Actual" else None
        if number is None:
            number = coding.message_identifier(status, info.severity, info.urgency, info.certainty)
            if number == coding.message_identifier("Actual", "", "", ""):
                number = self.otherwise
        return self.remap.get(number, number) or None

    def _by_code(self, info: Info) -> int | None:
        """The identifier that an event code or a parameter asks for, if one does."""
        said = [f"{name}={value}" for name, value in (*info.event_codes, *info.parameters)]
        for pattern, number in self.codes.items():
            if any(re.fullmatch(pattern, each, re.IGNORECASE) for each in said):
                return number
        return None

    @property
    def may_refuse(self) -> bool:
        """Whether there are words or codes for which nothing is broadcast."""
        return 0 in (self.otherwise, *self.remap.values(), *self.codes.values())

    def level(self, message_identifier: int) -> str:
        """What the country calls a message identifier; that of the first language."""
        step = 1 if message_identifier in (4397, 4399) else SECOND_LANGUAGE
        second = message_identifier - step
        fallback = coding.level_of(message_identifier).replace("_", " ")
        return self.names.get(message_identifier) or self.names.get(second) or fallback

    def message_text(self, info: Info) -> str:
        """What the phone shows: a parameter made for it, or the elements the policy names."""
        own = self.own_text(info.parameter)
        return own or " ".join(self.elements(lambda name: getattr(info, name) or "").split())

    def own_text(self, parameter: Callable[[str], str | None]) -> str:
        """The parameter that was made for phones, or ''."""
        for name in self.text_parameters:
            if said := parameter(name):
                return said
        return ""

    def elements(self, value: Callable[[str], str]) -> str:
        """The texts of the elements, with the white space in them."""
        parts = [value(name) for name in self.text]
        if "headline" in self.text and not value("headline"):
            parts[self.text.index("headline")] = value("event")
        return " ".join(parts)


@cache
def policies() -> tuple[str, ...]:
    """The names of the policies that come with the program."""
    folder = resources.files("ewsim.cap.broadcast") / "policies"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def read_policy(name: str) -> BroadcastPolicy:
    """A policy by its name, or from a TOML file by its path; every fault of the file at once."""
    return _shipped(name) if name in policies() else _read(name, ())


@cache
def _shipped(name: str) -> BroadcastPolicy:
    return _read(name, ())


def _read(name: str, above: tuple[str, ...]) -> BroadcastPolicy:
    if name in above or len(above) > _DEEPEST:
        raise UsageError(f"The policies {' → '.join((*above, name))} extend each other.")
    if name in policies():
        shipped = resources.files("ewsim.cap.broadcast") / "policies" / f"{name}.toml"
        toml = parse_toml(shipped.read_text("utf-8"), f"{name}.toml")
    elif Path(name).suffix == ".toml":
        toml = read_toml(name)
    else:
        raise UsageError(f"There is no policy {name!r}; there are {', '.join(policies())}.")
    data = toml.data
    toml.refuse(_faults(data))
    base = _base(toml, (*above, name)) if "extends" in data else BroadcastPolicy(name, toml.file)
    own = data.get("codes", {})  # first, so that they win
    return replace(
        base,
        name=data["name"],
        file=toml.file,
        title=data.get("title", ""),
        source=data.get("source", ""),
        otherwise=data.get("otherwise", base.otherwise),
        codes=own | {key: base.codes[key] for key in base.codes if key not in own},
        remap=dict(base.remap) | _numbers(data.get("remap", {})),
        names=dict(base.names) | _numbers(data.get("names", {})),
        **{key: tuple(data[key]) for key in _LIST_KEYS if key in data},
    )


def _base(toml: TomlFile, above: tuple[str, ...]) -> BroadcastPolicy:
    """The policy that a file extends: a shipped one, or a file beside it."""
    name = toml.data["extends"]
    if name not in policies() and Path(name).suffix == ".toml":
        name = str(Path(toml.file).parent / name)
    return _read(name, above)


def _numbers(table: Mapping[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in table.items()}


def _faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with a policy file."""
    yield from head_faults(data, _KEYS, FORMAT, ("title", "source", "extends"))
    for key in _LIST_KEYS:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield Fault(f"{key} must be a list of texts.", key)
        else:
            words = _WORDS.get(key)
            for item in value:
                if words and item not in words:
                    yield Fault(f"{key} names {item!r}; it can be {', '.join(words)}.", key)
    if not _identifier(data.get("otherwise", 0)):
        yield Fault("otherwise must be a message identifier (0 to 65535).", "otherwise")
    codes = data.get("codes", {})
    if not isinstance(codes, dict):
        yield Fault("[codes] must be a table.", "codes")
        codes = {}
    for key, value in codes.items():
        if fault := bad_pattern(key):
            yield Fault(f"[codes] {fault}", key, "codes")
        if not _identifier(value):
            yield Fault(f"[codes] {key} has the value {value!r}.", key, "codes")
    for table, kind in (("remap", int), ("names", str)):
        rows = data.get(table, {})
        if not isinstance(rows, dict):
            yield Fault(f"[{table}] must be a table.", table)
            continue
        for key, value in rows.items():
            if not (key.isascii() and key.isdigit() and _identifier(int(key[:9]))):
                message = f"[{table}] {key!r} is no message identifier (0 to 65535)."
                yield Fault(message, key, table)
            if not isinstance(value, kind) or (kind is int and not _identifier(value)):
                yield Fault(f"[{table}] {key} has the value {value!r}.", key, table)


def _identifier(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0xFFFF
