"""Profiles: what a country or a service asks of a message, written as data.

A profile is a TOML file, ours (`profile_data/`) or the user's; docs/guides/cap_profiles.md explains
the format. Each rule looks at some elements (`at`), perhaps only under conditions (`when`,
`unless`), follows a `path` from there and makes one `check` of what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from ewsim.cap.catalogue import RULES
from ewsim.cap.findings import Rule
from ewsim.cap.marks import Marks
from ewsim.cap.profiles.checks import CHECKS, Check, Conditions, apply, ends, find, path_fault
from ewsim.cap.toml_file import Fault, TomlFile, bad_pattern, head_faults, parse_toml, read_toml
from ewsim.cap.xml.node import Node
from ewsim.errors import UsageError

FORMAT: Final = "ewsim.profile/1"
_KEYS: Final = {"format", "name", "title", "source", "recognise", "rule"}
_RULE_KEYS: Final = {
    "id",
    "severity",
    "section",
    "requires",
    "fix",
    "at",
    "when",
    "unless",
    "check",
    "path",
    "pattern",
    "min",
    "max",
}
_ID: Final = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of rules; `recognise` tells its messages from others."""

    name: str
    title: str
    source: str
    recognise: Conditions
    checks: tuple[Check, ...]


def profiles() -> tuple[str, ...]:
    """The names of the profiles that come with the program; `core` adds nothing to CAP itself."""
    return _shipped_names()


@cache
def _shipped_names() -> tuple[str, ...]:
    folder = resources.files("ewsim.cap.profiles") / "data"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def check(alert: Node, names: Sequence[str], marks: Marks) -> dict[str, str]:
    """Check a message against profiles; `auto` stands for those that recognise it.

    `marks` has what the rules of CAP itself found, and gets what the profiles find.

    Returns
    -------
    The verdict (`pass`, `warn`, `fail`) of each profile, by its name.
    """
    chosen: dict[str, Profile] = {}
    for name in names:
        found = recognised(alert) if name == "auto" else (name,)
        chosen |= {p.name: p for p in map(read_profile, found)}
    verdicts: dict[str, str] = {}
    for profile in chosen.values():
        worst = "pass"
        for each in profile.checks:
            for node, text in apply(each, alert, marks):
                marks.add(each.rule, node, text)
                if each.rule.severity == "error":
                    worst = "fail"
                elif each.rule.severity == "warning" and worst == "pass":
                    worst = "warn"
        verdicts[profile.name] = worst
    return verdicts


def recognised(alert: Node) -> tuple[str, ...]:
    """The shipped profiles that a message says or shows it follows; `core` when there is none."""
    found = [name for name in profiles() if _recognises(read_profile(name), alert)]
    return tuple(found) or ("core",)


def _recognises(profile: Profile, alert: Node) -> bool:
    return any(
        pattern.search(value) for path, pattern in profile.recognise for _, value in find(alert, alert, path)
    )


# --- files ----------------------------------------------------------------------------------------


def read_profile(name: str) -> Profile:
    """A profile by its name, or from a TOML file by its path; every fault of the file at once."""
    if name in profiles():
        return _shipped(name)
    if Path(name).suffix != ".toml":
        raise UsageError(f"There is no profile {name!r}; there are auto, {', '.join(profiles())}.")
    return _profile(read_toml(name))


@cache
def _shipped(name: str) -> Profile:
    file = resources.files("ewsim.cap.profiles") / "data" / f"{name}.toml"
    return _profile(parse_toml(file.read_text("utf-8"), f"{name}.toml"))


def _profile(toml: TomlFile) -> Profile:
    data = toml.data
    toml.refuse(_faults(data))
    return Profile(
        name=data["name"],
        title=data.get("title", ""),
        source=data.get("source", ""),
        recognise=_conditions(data.get("recognise", {})),
        checks=tuple(_check(row) for row in data.get("rule", [])),
    )


def _check(row: Mapping[str, Any]) -> Check:
    rule = Rule(
        row["id"], "profiles", row["severity"], row.get("section", "-"), row["requires"], row.get("fix", "")
    )
    return Check(
        rule=rule,
        at=row.get("at", "/"),
        when=_conditions(row.get("when", {})),
        unless=_conditions(row.get("unless", {})),
        kind=row["check"],
        path=row["path"],
        pattern=re.compile(row["pattern"]) if "pattern" in row else None,
        least=row.get("min", float("-inf")),
        most=row.get("max", float("inf")),
    )


def _conditions(table: Mapping[str, str]) -> Conditions:
    return tuple((path, re.compile(pattern)) for path, pattern in table.items())


# --- what can be wrong with a file ----------------------------------------------------------------


def _faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with a profile file."""
    yield from head_faults(data, _KEYS, FORMAT, ("title", "source"))
    for path, fault in _bad_table(data.get("recognise", {})):
        yield Fault(f"recognise: {fault}", path, "recognise")
    rows = data.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield Fault("Rules are written [[rule]].", "rule")
        return
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        name = str(row.get("id", "without id"))
        where = f"rule {number} ({name})"
        if name in seen and "id" in row:
            yield Fault(f"{where}: rule {seen[name]} has the same id.", "id", "rule", number)
        seen.setdefault(name, number)
        for key, fault in _rule_faults(row):
            yield Fault(f"{where}: {fault}", key, "rule", number)
        for key, entry, fault in _path_faults(row):
            yield Fault(f"{where}: {key}: {fault}", key, "rule", number, entry)


def _rule_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The key and what is wrong with it, of one rule."""
    for key in row:
        if key not in _RULE_KEYS:
            known = ", ".join(sorted(_RULE_KEYS))
            yield key, f"the key {key!r} is not known; there are {known}."
    name = row.get("id")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        yield "id", "id must be like MINE-EXPIRES."
    elif name in RULES:
        yield "id", f"{name} is a rule of CAP itself; take another id."
    kind = row.get("check")
    if row.get("severity") not in ("error", "warning", "info"):
        yield "severity", "severity must be error, warning or info."
    if not isinstance(kind, str) or kind not in CHECKS:
        yield "check", f"check must be one of {', '.join(CHECKS)}."
    for key in ("requires", "path", "fix", "section", "at"):
        value = row.get(key, "" if key in ("requires", "path") else "/")
        if not isinstance(value, str) or not value:
            yield key, f"{key} is missing." if value == "" else f"{key} must be text."
    if kind in ("every", "some", "keeps") and "pattern" not in row:
        yield "pattern", "pattern is missing."
    if kind == "keeps" and not _matches_a_rule(row.get("pattern")):
        yield "pattern", "pattern matches the id of no rule of CAP's schema or specification."
    if kind in ("count", "length", "pages", "hours") and not {"min", "max"} & row.keys():
        yield "check", "min or max is missing."
    for key in ("min", "max"):
        if type(row.get(key, 0)) not in (int, float):
            yield key, f"{key} must be a number."
    if "pattern" in row and (fault := bad_pattern(row["pattern"])):
        yield "pattern", f"pattern: {fault}"


def _path_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The key, the entry of its table, and what is wrong: with `at`, and the paths from there."""
    at, path = row.get("at", "/"), row.get("path")
    known = isinstance(at, str) and not path_fault(at)
    start = ends(at) if known else ()
    if isinstance(at, str) and not known:
        yield "at", "", _stop(path_fault(at))
    from_here = ("info",) if row.get("check") == "same" else start
    if isinstance(path, str) and (fault := path_fault(path, from_here)):
        yield "path", "", _stop(fault)
    for key in ("when", "unless"):
        yield from ((key, *found) for found in _bad_table(row.get(key, {}), start))


def _stop(fault: str) -> str:
    return fault if fault.endswith("?") else f"{fault}."


def _matches_a_rule(pattern: object) -> bool:
    """Whether a rule that is judged before the profiles has an id like that; else it is told."""
    if not isinstance(pattern, str) or bad_pattern(pattern):
        return True
    ids = (rule.id for rule in RULES.values() if rule.layer in ("schema", "spec"))
    return any(re.fullmatch(pattern, name) for name in ids)


def _bad_table(table: object, start: Collection[str] = ("alert",)) -> Iterator[tuple[str, str]]:
    """The path and what is wrong with it, in a table path = pattern that begins at `start`."""
    if not isinstance(table, dict):
        yield "", "it must be a table of path = pattern."
        return
    for path, pattern in table.items():
        if fault := path_fault(path, start):
            yield path, f"{path}: {_stop(fault)}"
        if fault := bad_pattern(pattern):
            yield path, f"{path}: {fault}"
