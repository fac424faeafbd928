"""Who decides what a message becomes on the air: a policy file, ours or the user's.

The format is TOML; `default.toml` explains every key. A policy may extend another one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from ewsim import coding
from ewsim.cap.alert import Info
from ewsim.errors import Diagnostic, InputError, UsageError

FORMAT: Final = "ewsim.policy/1"
_TEXTS: Final = ("event", "headline", "description", "instruction")
#: Offset of the message identifiers for a second language (TS 23.041 9.4.1.2.2).
SECOND_LANGUAGE: Final = 13
_LIST_KEYS: Final = ("text", "text_parameters", "status", "scope")
_KEYS: Final = {
    "format", "name", "title", "source", "extends", *_LIST_KEYS, "otherwise", "remap", "names",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
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
    remap: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    def message_identifier(self, status: str, info: Info) -> int | None:
        """The identifier of a message in its first language; None: it is not broadcast."""
        number = coding.message_identifier(status, info.severity, info.urgency, info.certainty)
        if number == coding.message_identifier("Actual", "", "", ""):
            number = self.otherwise
        return self.remap.get(number, number) or None

    def level(self, message_identifier: int) -> str:
        """What the country calls a message identifier; that of the first language."""
        second = message_identifier - SECOND_LANGUAGE
        fallback = coding.level_of(message_identifier).replace("_", " ")
        return self.names.get(message_identifier) or self.names.get(second) or fallback

    def message_text(self, info: Info) -> str:
        """What the phone shows: a parameter made for it, or the elements the policy names."""
        for name in self.text_parameters:
            if value := info.parameter(name):
                return value
        parts = [getattr(info, name) or "" for name in self.text]
        if "headline" in self.text and not info.headline:
            parts[self.text.index("headline")] = info.event
        said = [" ".join(part.split()) for part in parts]
        return " ".join(part for part in said if part)


@cache
def policies() -> tuple[str, ...]:
    """The names of the policies that come with the program."""
    folder = resources.files("ewsim.cap") / "policy_data"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def read_policy(name: str) -> Policy:
    """A policy by its name, or from a TOML file by its path; every fault of the file at once."""
    return _shipped(name) if name in policies() else _read(name, ())


@cache
def _shipped(name: str) -> Policy:
    return _read(name, ())


def _read(name: str, above: tuple[str, ...]) -> Policy:
    if name in above:
        raise UsageError(f"The policies {' → '.join((*above, name))} extend each other.")
    if name in policies():
        text = (resources.files("ewsim.cap") / "policy_data" / f"{name}.toml").read_text("utf-8")
        file = f"{name}.toml"
    elif Path(name).suffix == ".toml":
        file = name
        try:
            text = Path(name).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{name}: cannot be read: {error}") from None
    else:
        raise UsageError(f"There is no policy {name!r}; there are {', '.join(policies())}.")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Diagnostic(file, 0, 0, f"This is no TOML: {error}.")]) from None
    faults = list(_faults(data))
    if faults:
        raise InputError(Diagnostic(file, 0, 0, fault) for fault in faults)
    base = _read(str(data["extends"]), (*above, name)) if "extends" in data else Policy(name, file)
    return replace(
        base,
        name=str(data["name"]),
        file=file,
        title=str(data.get("title", "")),
        source=str(data.get("source", "")),
        otherwise=data.get("otherwise", base.otherwise),
        remap=dict(base.remap) | _numbers(data.get("remap", {})),
        names=dict(base.names) | _numbers(data.get("names", {})),
        **{key: tuple(data[key]) for key in _LIST_KEYS if key in data},
    )


def _numbers(table: Mapping[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in table.items()}


def _faults(data: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a policy file."""
    faults = [f"The key {key!r} is not known." for key in data if key not in _KEYS]
    if data.get("format") != FORMAT:
        faults.append(f'format is {data.get("format")!r}; write format = "{FORMAT}".')
    if not data.get("name"):
        faults.append("name is missing.")
    for key in _LIST_KEYS:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            faults.append(f"{key} must be a list of texts.")
        elif key == "text":
            faults += [f"text names {t!r}; it can be {', '.join(_TEXTS)}."
                       for t in value if t not in _TEXTS]  # fmt: skip
    if not _identifier(data.get("otherwise", 0)):
        faults.append("otherwise must be a message identifier (0 to 65535).")
    for table, kind in (("remap", int), ("names", str)):
        rows = data.get(table, {})
        if not isinstance(rows, dict):
            faults.append(f"[{table}] must be a table.")
            continue
        for key, value in rows.items():
            if not (key.isascii() and key.isdigit() and _identifier(int(key))):
                faults.append(f"[{table}] {key!r} is no message identifier (0 to 65535).")
            if not isinstance(value, kind) or (kind is int and not _identifier(value)):
                faults.append(f"[{table}] {key} has the value {value!r}.")
    return faults


def _identifier(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 0xFFFF
