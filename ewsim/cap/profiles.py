"""Profiles: what a country or a service asks of a message, written as data.

A profile is a TOML file, ours (`profile_data/`) or the user's; `docs/cap/profiles.md` explains the
format. Each rule looks at some elements (`at`), perhaps only under a condition (`when`), follows
a `path` from there and makes one `check` of what it finds.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from ewsim import coding
from ewsim.cap.document import Node
from ewsim.cap.findings import Marks, Rule
from ewsim.cap.values import read_time
from ewsim.errors import Diagnostic, InputError, UsageError

FORMAT: Final = "ewsim.profile/1"
_KEYS: Final = {"format", "name", "title", "source", "recognise", "rule"}
_RULE_KEYS: Final = {
    "id", "severity", "section", "requires", "fix", "at", "when", "check", "path", "pattern",
    "min", "max",
}  # fmt: skip
_STEP: Final = re.compile(r"(?P<name>[A-Za-z]+)(?:\[(?P<pair>[^\]]+)\])?")
_ID: Final = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of a profile, ready to be applied."""

    rule: Rule
    at: str
    when: tuple[tuple[str, re.Pattern[str]], ...]
    kind: str
    path: str
    pattern: re.Pattern[str] | None
    least: int
    most: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of rules; `recognise` tells its messages from others."""

    name: str
    title: str
    source: str
    recognise: tuple[tuple[str, re.Pattern[str]], ...]
    checks: tuple[Check, ...]


def profiles() -> tuple[str, ...]:
    """The names of the profiles that come with the program; `core` adds nothing to CAP itself."""
    return _shipped_names()


@cache
def _shipped_names() -> tuple[str, ...]:
    folder = resources.files("ewsim.cap") / "profile_data"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def check(alert: Node, names: Sequence[str], marks: Marks) -> dict[str, str]:
    """Check a message against profiles; `auto` stands for those that recognise it.

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
            for node, message in _apply(each, alert):
                marks.add(each.rule, node, message)
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
        pattern.search(value)
        for path, pattern in profile.recognise
        for _, value in find(alert, alert, path)
    )


# --- paths and checks -----------------------------------------------------------------------------


def find(alert: Node, node: Node, path: str) -> Iterator[tuple[Node, str]]:
    """The elements a path leads to, with their values.

    `/` in front starts at the alert. `eventCode[SAME]` is the value of the eventCode whose
    valueName is SAME (a regular expression, upper and lower case alike).
    """
    steps = path.strip("/").split("/") if path.strip("/") else []
    nodes = [alert if path.startswith("/") else node]
    pair = ""
    for step in steps:
        match = _STEP.fullmatch(step)
        name, pair = (match["name"], match["pair"] or "") if match else (step, "")
        nodes = [child for parent in nodes for child in parent.every(name)]
        if pair:
            nodes = [n for n in nodes if re.fullmatch(pair, n.value("valueName"), re.IGNORECASE)]
    for each in nodes:
        yield each, each.value("value") if each.first("valueName") else each.text.strip()


def _apply(check: Check, alert: Node) -> Iterator[tuple[Node, str]]:
    for node, _ in find(alert, alert, check.at):
        if all(
            any(pattern.fullmatch(value) for _, value in find(alert, node, path))
            for path, pattern in check.when
        ):
            yield from _CHECKS[check.kind](check, alert, node)


def _present(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    if not any(value or found.children for found, value in find(alert, node, check.path)):
        yield node, f"There is no {check.path}."


def _absent(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    for found, _ in find(alert, node, check.path):
        yield found, f"There is {check.path}."


def _every(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    assert check.pattern
    for found, value in find(alert, node, check.path):
        if not check.pattern.fullmatch(value):
            yield found, f"{check.path} is {value[:80]!r}."


def _some(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    assert check.pattern
    values = [value for _, value in find(alert, node, check.path)]
    if not any(check.pattern.fullmatch(value) for value in values):
        shown = ", ".join(repr(v[:60]) for v in values[:5]) or "nothing"
        yield node, f"{check.path} is {shown}."


def _count(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    number = sum(1 for _ in find(alert, node, check.path))
    if not check.least <= number <= check.most:
        yield node, f"There are {number} of {check.path}."


def _length(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    for found, value in find(alert, node, check.path):
        if not check.least <= len(value) <= check.most:
            yield found, f"{check.path} has {len(value)} characters."


def _gsm7(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    for found, value in find(alert, node, check.path):
        if forcing := coding.not_in_gsm7(value):
            shown = " ".join(f"{c} (U+{ord(c):04X})" for c in forcing[:8])
            yield found, f"{check.path} has characters outside the GSM 7-bit alphabet: {shown}."


def _same(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    infos = node.every("info")
    sets = [sorted(value for _, value in find(alert, info, check.path)) for info in infos]
    for info, values in zip(infos, sets, strict=True):
        if values != sets[0]:
            yield info, f"{check.path} differs from the first <info>: {values} and {sets[0]}."


def _hours(check: Check, alert: Node, node: Node) -> Iterator[tuple[Node, str]]:
    sent = read_time(alert.value("sent"))
    for found, value in find(alert, node, check.path):
        until = read_time(value)
        if sent and until and (until - sent).total_seconds() > check.most * 3600:
            hours = (until - sent).total_seconds() / 3600
            yield found, f"{check.path} is {hours:.1f} h after sent."


_CHECKS: Final[dict[str, Callable[[Check, Node, Node], Iterator[tuple[Node, str]]]]] = {
    "present": _present, "absent": _absent, "every": _every, "some": _some, "count": _count,
    "length": _length, "gsm7": _gsm7, "same": _same, "hours": _hours,
}  # fmt: skip


# --- files ----------------------------------------------------------------------------------------


def read_profile(name: str) -> Profile:
    """A profile by its name, or from a TOML file by its path; every fault of the file at once."""
    if name in profiles():
        return _shipped(name)
    if Path(name).suffix != ".toml":
        raise UsageError(f"There is no profile {name!r}; there are auto, {', '.join(profiles())}.")
    try:
        text = Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: cannot be read: {error}") from None
    return _parse(text, name)


@cache
def _shipped(name: str) -> Profile:
    file = resources.files("ewsim.cap") / "profile_data" / f"{name}.toml"
    return _parse(file.read_text("utf-8"), f"{name}.toml")


def _parse(text: str, file: str) -> Profile:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Diagnostic(file, 0, 0, f"This is no TOML: {error}.")]) from None
    faults = list(_faults(data))
    if faults:
        raise InputError(Diagnostic(file, 0, 0, fault) for fault in faults)
    return Profile(
        name=data["name"],
        title=data.get("title", ""),
        source=data.get("source", ""),
        recognise=tuple((p, re.compile(r)) for p, r in data.get("recognise", {}).items()),
        checks=tuple(_check(row) for row in data.get("rule", [])),
    )


def _check(row: Mapping[str, Any]) -> Check:
    rule = Rule(
        row["id"], "profiles", row["severity"], row.get("section", "-"), row["requires"],
        row.get("fix", ""),
    )  # fmt: skip
    return Check(
        rule=rule,
        at=row.get("at", "/"),
        when=tuple((path, re.compile(p)) for path, p in row.get("when", {}).items()),
        kind=row["check"],
        path=row["path"],
        pattern=re.compile(row["pattern"]) if "pattern" in row else None,
        least=row.get("min", 0),
        most=row.get("max", float("inf")),
    )


def _faults(data: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with a profile file."""
    for key in data:
        if key not in _KEYS:
            yield f"The key {key!r} is not known; there are {', '.join(sorted(_KEYS))}."
    if data.get("format") != FORMAT:
        yield f'format is {data.get("format")!r}; write format = "{FORMAT}".'
    if not isinstance(data.get("name"), str) or not data["name"]:
        yield "name is missing."
    yield from _bad_patterns("recognise", data.get("recognise", {}))
    rows = data.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        yield "Rules are written [[rule]]."
        return
    seen: dict[object, int] = {}
    for number, row in enumerate(rows, 1):
        where = f"rule {number} ({row.get('id', 'without id')})"
        if row.get("id") in seen:
            yield f"{where}: rule {seen[row['id']]} has the same id."
        seen.setdefault(row.get("id"), number)
        yield from (f"{where}: {fault}" for fault in _rule_faults(row))


def _rule_faults(row: Mapping[str, Any]) -> Iterator[str]:
    for key in row:
        if key not in _RULE_KEYS:
            yield f"the key {key!r} is not known; there are {', '.join(sorted(_RULE_KEYS))}."
    if not isinstance(row.get("id"), str) or not _ID.fullmatch(row["id"]):
        yield "id must be like MINE-EXPIRES."
    if row.get("severity") not in ("error", "warning", "info"):
        yield "severity must be error, warning or info."
    if row.get("check") not in _CHECKS:
        yield f"check must be one of {', '.join(_CHECKS)}."
    for key in ("requires", "path"):
        if not isinstance(row.get(key), str) or not row[key]:
            yield f"{key} is missing."
    if row.get("check") in ("every", "some") and "pattern" not in row:
        yield "pattern is missing."
    if row.get("check") in ("count", "length", "hours") and not {"min", "max"} & row.keys():
        yield "min or max is missing."
    for key in ("min", "max"):
        if not isinstance(row.get(key, 0), int | float):
            yield f"{key} must be a number."
    yield from _bad_patterns("when", row.get("when", {}))
    yield from _bad_patterns("pattern", {"pattern": row.get("pattern", "")})


def _bad_patterns(where: str, table: object) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{where} must be a table of path = pattern."
        return
    for path, pattern in table.items():
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            yield f"{where}: {path} is no regular expression ({error})."
