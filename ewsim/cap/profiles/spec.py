"""The keys of a profile file, and what can be wrong between them."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from ewsim.cap.catalogue import RULES, Rule
from ewsim.cap.profiles.paths import ends, path_fault
from ewsim.cap.yaml_files import Pattern
from ewsim.errors import InputError, KeyFault, Severity
from ewsim.scenario.document import Key, Sort
from ewsim.scenario.spec.base import Model

SORT: Final = Sort("profile", "docs/guides/cap_profiles.md shows one.", "format: ewsim.profile/1", InputError)
_ID: Final = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")

Words = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(strict=True)]
CheckKind = Literal[
    "present", "absent", "every", "some", "count", "length", "pages", "gsm7", "same", "hours", "keeps"
]
_WITH_PATTERN: Final = ("every", "some", "keeps")
_WITH_LIMITS: Final = ("count", "length", "pages", "hours")


class RuleSpec(Model):
    """One rule of a profile, applied where all of `when` and none of `unless` hold."""

    id: str
    severity: Severity
    requires: Words
    check: CheckKind
    path: Words
    at: Words = "/"
    when: dict[str, Pattern] = Field(default_factory=dict)
    unless: dict[str, Pattern] = Field(default_factory=dict)
    pattern: Pattern | None = None
    min: Number = float("-inf")
    max: Number = float("inf")
    section: Words = "-"
    fix: Words = ""

    @cached_property
    def rule(self) -> Rule:
        """The same as a rule of CAP, for findings."""
        return Rule(self.id, "profiles", self.severity, self.section, self.requires, self.fix)


class ProfileSpec(Model):
    """A named set of rules; a message that matches `recognise` follows the profile."""

    format: Literal["ewsim.profile/1"]
    name: Words
    title: str = ""
    source: str = ""
    recognise: dict[str, Pattern] = Field(default_factory=dict)
    rules: tuple[RuleSpec, ...] = ()


def faults(data: Mapping[str, Any]) -> Iterator[KeyFault]:
    """What a model cannot say: paths that lead nowhere, ids that are taken, what a check needs."""
    yield from _table_faults(("recognise",), data.get("recognise"), ("alert",))
    rows = data.get("rules")
    seen: dict[str, int] = {}
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict):
            continue
        where: tuple[Key, ...] = ("rules", number)
        name = row.get("id")
        if isinstance(name, str):
            if not _ID.fullmatch(name):
                fix = "Write capitals, digits and dashes, like MINE-EXPIRES."
                yield KeyFault((*where, "id"), f"id is {name!r}.", fix)
            elif name in RULES:
                yield KeyFault((*where, "id"), f"{name} is a rule of CAP itself.", "Take another id.")
            elif name in seen:
                message = f"rule {seen[name]} has the id {name} too."
                yield KeyFault((*where, "id"), message, "Take another id.")
            seen.setdefault(name, number + 1)
        yield from _check_faults(where, row)
        yield from _path_faults(where, row)


def _check_faults(where: tuple[Key, ...], row: Mapping[str, Any]) -> Iterator[KeyFault]:
    """What a check needs and does not have."""
    kind, pattern = row.get("check"), row.get("pattern")
    if kind in _WITH_PATTERN and pattern is None:
        yield KeyFault((*where, "pattern"), f"the check {kind} has no pattern.", "Add pattern: ...")
    if kind == "keeps" and isinstance(pattern, str) and not _matches_a_rule(pattern):
        message = f"pattern {pattern!r} matches the id of no rule of CAP's schema or specification."
        yield KeyFault((*where, "pattern"), message, "`ewsim cap check` shows the ids.")
    if kind in _WITH_LIMITS and not {"min", "max"} & row.keys():
        yield KeyFault((*where, "check"), f"the check {kind} has no limit.", "Add min: or max:.")


def _matches_a_rule(pattern: str) -> bool:
    """Whether a rule that is judged before the profiles has an id like that."""
    ids = (rule.id for rule in RULES.values() if rule.layer in ("schema", "spec"))
    try:
        return any(re.fullmatch(pattern, name) for name in ids)
    except (re.error, OverflowError, RecursionError):  # the model says so
        return True


def _path_faults(where: tuple[Key, ...], row: Mapping[str, Any]) -> Iterator[KeyFault]:
    """What is wrong with `at`, and with the paths from there."""
    at, path = row.get("at", "/"), row.get("path")
    known = isinstance(at, str) and not path_fault(at)
    start = ends(at) if known else ()
    if isinstance(at, str) and not known:
        yield _path((*where, "at"), "at", path_fault(at))
    from_here = ("info",) if row.get("check") == "same" else start
    if isinstance(path, str) and (fault := path_fault(path, from_here)):
        yield _path((*where, "path"), "path", fault)
    for key in ("when", "unless"):
        yield from _table_faults((*where, key), row.get(key), start)


def _table_faults(where: tuple[Key, ...], table: object, start: Collection[str]) -> Iterator[KeyFault]:
    """What is wrong with the paths of a table of path: pattern, each from the elements `start`."""
    for path in table if isinstance(table, dict) else ():
        if fault := path_fault(path, start):
            yield _path((*where, path), path, fault)


def _path(keys: tuple[Key, ...], name: str, fault: str) -> KeyFault:
    message, mark, hint = fault.partition("; did you mean ")
    return KeyFault(keys, f"{name}: {message}.", f"Did you mean {hint}" if mark else "")
