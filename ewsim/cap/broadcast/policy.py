"""Who decides what a message becomes on the air: a policy file, ours or the user's.

The format is YAML; `policies/default.yaml` explains every key. A policy may extend another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from ewsim import coding
from ewsim.cap.alert import Info
from ewsim.cap.yaml_files import PatternText, Shelf, is_file
from ewsim.errors import InputError, UsageError
from ewsim.scenario.document import Sort
from ewsim.scenario.faults import model_of
from ewsim.scenario.spec.base import Model

_SORT: Final = Sort("policy", "docs/guides/cap_profiles.md shows one.", "format: ewsim.policy/1", InputError)
_SHELF: Final = Shelf(_SORT, "ewsim.cap.broadcast", "policies")
#: Policies that extend each other, one after the other.
_DEEPEST: Final = 8
#: Keys whose value replaces that of the policy that is extended; the tables are laid over it.
_REPLACED: Final = frozenset(("text", "text_parameters", "status", "scope", "otherwise"))
#: Offset of the message identifiers for a second language (TS 23.041 9.4.1.2.2).
SECOND_LANGUAGE: Final = 13


def _digits(key: object) -> object:
    if not isinstance(key, int) and not (isinstance(key, str) and key.isascii() and key.isdigit()):
        raise ValueError("a message identifier is a whole number")
    return key


#: A message identifier; 0 is none.
Identifier = Annotated[int, Field(ge=0, le=0xFFFF, strict=True)]
#: The same as a key, which is text.
IdentifierKey = Annotated[int, BeforeValidator(_digits), Field(ge=0, le=0xFFFF)]
Words = Annotated[str, Field(min_length=1)]


class PolicySpec(Model):
    """The keys of a policy file; what it leaves out is that of the policy it extends."""

    format: Literal["ewsim.policy/1"]
    name: Words
    title: str = ""
    source: str = ""
    extends: Words | None = None
    text: tuple[Literal["event", "headline", "description", "instruction"], ...] = ()
    text_parameters: tuple[str, ...] = ()
    status: tuple[Literal["Actual", "Exercise", "System", "Test", "Draft"], ...] = ()
    scope: tuple[Literal["Public", "Restricted", "Private"], ...] = ()
    otherwise: Identifier = 0
    codes: dict[PatternText, Identifier] = Field(default_factory=dict)
    remap: dict[IdentifierKey, Identifier] = Field(default_factory=dict)
    names: dict[IdentifierKey, str] = Field(default_factory=dict)


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
    return _SHELF.names()


def read_policy(name: str) -> BroadcastPolicy:
    """A policy by its name, or from a YAML file by its path; every fault of the file at once."""
    return _shipped(name) if name in policies() else _read(name, ())


@cache
def _shipped(name: str) -> BroadcastPolicy:
    return _read(name, ())


def _read(name: str, above: tuple[str, ...]) -> BroadcastPolicy:
    if name in above or len(above) > _DEEPEST:
        raise UsageError(f"The policies {' → '.join((*above, name))} extend each other.")
    document = _SHELF.document(name)
    spec = model_of(PolicySpec, document)
    base = BroadcastPolicy(name, document.file)
    if spec.extends is not None:
        beside = spec.extends not in policies() and is_file(spec.extends)
        other = str(Path(document.file).parent / spec.extends) if beside else spec.extends
        base = _read(other, (*above, name))
    given = {key: getattr(spec, key) for key in _REPLACED & spec.model_fields_set}
    return replace(
        base,
        name=spec.name,
        file=document.file,
        title=spec.title,
        source=spec.source,
        codes=spec.codes | {key: base.codes[key] for key in base.codes if key not in spec.codes},
        remap=dict(base.remap) | spec.remap,
        names=dict(base.names) | spec.names,
        **given,
    )
