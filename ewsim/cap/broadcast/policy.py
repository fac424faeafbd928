"""Who decides what a message becomes on the air: a policy file, ours or the user's.

The format is YAML; `policies/default.yaml` explains every key. A policy may extend another one.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from ewsim import coding
from ewsim.cap.alert import Info
from ewsim.cap.broadcast.spec import SORT, PolicySpec, TemplateTextSpec
from ewsim.cap.yaml_files import Shelf, is_file
from ewsim.errors import UsageError
from ewsim.scenario.faults import model_of

_T = TypeVar("_T")
_SHELF: Final = Shelf(SORT, "ewsim.cap.broadcast", "policies")
#: Policies that extend each other, one after the other.
_DEEPEST: Final = 8
#: Keys whose value replaces that of the policy that is extended; the tables are laid over it.
_REPLACED: Final = frozenset(
    ("text", "text_parameters", "status", "scope", "otherwise", "threshold", "characters", "templates")
)
#: What stands for "below the table of CMAS".
_BELOW: Final = coding.message_identifier("Actual", "", "", "")
#: Offset of the message identifiers for a second language (TS 23.041 9.4.1.2.2).
SECOND_LANGUAGE: Final = 13


class Refusal(NamedTuple):
    """Why an <info> is not sent by cell broadcast: its sender's own switch, or the country's rules."""

    reason: str
    by_sender: bool = False


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
    threshold: str = ""
    characters: int = 0
    templates: Mapping[str, TemplateTextSpec] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    remap: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    _patterns: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_patterns", (*self.blocked, *self.codes))

    def message_identifier(self, status: str, info: Info) -> int | None:
        """The identifier of a message in its first language; None: it is not broadcast."""
        return None if self._switched_off(info) else self._number(status, info) or None

    def _switched_off(self, info: Info) -> tuple[str, str] | None:
        """The switch with which the sender keeps a message off cell broadcast, and where it is written."""
        switch = _first(self.blocked, info)
        return switch if switch and switch[1] else None

    def _names_none(self, info: Info) -> bool:
        """Whether no event code and no parameter is in the tables, as is mostly so."""
        if not (info.event_codes or info.parameters):
            return True
        some, _ = _compiled(self._patterns)
        return some is not None and not any(map(some.fullmatch, _said(info)))

    def refusal(self, status: str, info: Info) -> Refusal | None:
        """Why an <info> is not sent by cell broadcast; None when it is."""
        if self._names_none(info):
            number = self._by_words(status, info)
            if self.remap.get(number, number):
                return None
        if switch := self._switched_off(info):
            said, why = switch
            reason = f"Not sent by cell broadcast: the sender has switched it off with {said} ({why})."
            return Refusal(reason, by_sender=True)
        if self._number(status, info):
            return None
        words = f"{info.severity}, {info.urgency}, {info.certainty}"
        if status == "Actual" and not _first(self.codes, info) and self._by_words(status, info) == 0:
            rule = self.threshold or "Send location-based SMS or use information channels."
            reason = f"{words} is below the threshold of policy {self.name}. {rule}"
        else:
            reason = f"policy {self.name} has no message identifier for it ({words})."
        return Refusal(f"Not sent by cell broadcast: {reason}")

    def _number(self, status: str, info: Info) -> int:
        """The message identifier, 0 for none, whatever the sender switches off."""
        if status == "Actual" and (asked := _first(self.codes, info)):
            return asked[1]
        number = self._by_words(status, info)
        return self.remap.get(number, number)

    def _by_words(self, status: str, info: Info) -> int:
        number = coding.message_identifier(status, info.severity, info.urgency, info.certainty)
        return self.otherwise if number == _BELOW else number

    @property
    def may_refuse(self) -> bool:
        """Whether there are words or codes for which nothing is broadcast."""
        return bool(self.blocked) or 0 in (self.otherwise, *self.remap.values(), *self.codes.values())

    def level(self, message_identifier: int) -> str:
        """What the country calls a message identifier; that of the first language."""
        step = 1 if message_identifier in (4397, 4399) else SECOND_LANGUAGE
        second = message_identifier - step
        fallback = coding.level_of(message_identifier).replace("_", " ")
        return self.names.get(message_identifier) or self.names.get(second) or fallback

    def message_text(self, info: Info) -> str:
        """What phones show: `full_text`, cut at the country's length."""
        return self.full_text(info)[: self.characters or None]

    def full_text(self, info: Info) -> str:
        """The parameter made for phones, else the gateway's template, else elements of the message."""
        return self.own_text(info) or self.template_text(info) or self.elements(info)

    def own_text(self, info: Info) -> str:
        """The parameter that was made for phones; empty without one."""
        return next((said for name in self.text_parameters if (said := info.parameter(name))), "")

    def template_text(self, info: Info) -> str:
        """What the gateway writes by itself; empty where it does not write in the language."""
        template = self.templates.get(info.language.partition("-")[0].lower())
        if template is None:
            return ""
        until = info.expires.strftime(template.clock).lstrip("0") if info.expires else "further notice"
        responses = (template.responses.get(word, "") for word in info.response_types)
        made = template.text.format(
            event=info.event,
            expires=until,
            response=next(filter(None, responses), ""),
            sender=info.sender_name or "",
        )
        return " ".join(made.split())

    def surely_fits(self, info: Info) -> bool:
        """Whether the text is so plain and short that nothing is to be said of it; False: look closer."""
        if self.text_parameters or self.templates or not info.headline:
            return False
        said = ". ".join([getattr(info, name) or "" for name in self.text])  # no shorter than as sent
        longest = self.characters or len(said)
        plain = len(said) <= longest and coding.fits_plainly(said)
        return plain and bool(said.strip(". \n"))

    def elements(self, info: Info) -> str:
        """The elements that the country shows, as sentences; the event for a missing headline."""
        parts = {name: getattr(info, name) or "" for name in self.text}
        if "headline" in parts:
            parts["headline"] = parts["headline"] or info.event
        said = [plain for text in parts.values() if (plain := " ".join(text.split()))]
        return " ".join([*map(_sentence, said[:-1]), *said[-1:]])


def _before(table: Mapping[str, _T], base: Mapping[str, _T]) -> dict[str, _T]:
    """The patterns of a policy, and after them those of the policy that it extends."""
    return dict(table) | {key: value for key, value in base.items() if key not in table}


def _sentence(text: str) -> str:
    """A text that ends like a sentence, because another one follows."""
    return text if unicodedata.category(text[-1]) in ("Po", "Pe", "Pf") else f"{text}."


def _first(table: Mapping[str, _T], info: Info) -> tuple[str, _T] | None:
    """The first event code or parameter that a table of patterns names, and what it says of it."""
    if not (table and (info.event_codes or info.parameters)):
        return None
    some, patterns = _compiled(tuple(table))
    said = _said(info)
    if some is not None and not any(map(some.fullmatch, said)):  # which is what most messages have
        return None
    for pattern, value in zip(patterns, table.values(), strict=True):
        for each in said:
            if pattern.fullmatch(each):
                return each, value
    return None


def _said(info: Info) -> list[str]:
    """Event codes and parameters as the patterns of the tables have them."""
    return [f"{name}={value}" for name, value in (*info.event_codes, *info.parameters)]


@cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str] | None, tuple[re.Pattern[str], ...]]:
    """One pattern for all, where they can be joined, and each by itself."""
    each = tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
    if any(re.search(r"\\\d|\(\?P=", pattern) for pattern in patterns):  # a group's number would change
        return None, each
    try:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE), each
    except re.error:  # a group is named twice, or a flag stands inside
        return None, each


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
        codes=_before(spec.codes, {key: spec.remap.get(n, n) for key, n in base.codes.items()}),
        blocked=_before(spec.blocked, base.blocked),
        remap=dict(base.remap) | spec.remap,
        names=dict(base.names) | spec.names,
        **given,
    )
