"""Arms and single changes: a partial scenario laid over a scenario."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ewsim.errors import ScenarioError
from ewsim.scenario.document import Document, Key, read

#: Keys whose value is a path; given with --set it counts from the current folder. A policy is one
#: where it ends like a YAML file (or in .toml, which is refused with what to write), else a name.
PATH_KEYS = (
    ("alert", "path"),
    ("alert", "policy"),
    ("alert", "gazetteer"),
    ("network", "path"),
    ("network", "land"),
    ("network", "backhaul"),
    ("population", "places"),
    ("population", "raster"),
    ("population", "zones"),
    ("population", "zone_people"),
    ("population", "points"),
    ("population", "zone_shares"),
    ("targeting", "admin_areas"),
)


def paths_in(data: Mapping[str, Any]) -> Iterator[tuple[tuple[Key, ...], Any]]:
    """Every path that a scenario's data may give, with its keys; the value may be anything or None."""
    for room_name, key in PATH_KEYS:
        room = data.get(room_name)
        yield (room_name, key), room.get(key) if isinstance(room, dict) else None
    disturbances = data.get("disturbances")
    for index, one in enumerate(disturbances if isinstance(disturbances, list) else ()):
        if isinstance(one, dict) and "path" in one:
            yield ("disturbances", index, "path"), one["path"]


def is_path(keys: tuple[Key, ...], value: str) -> bool:
    """Whether the value of one of `PATH_KEYS` is a path."""
    return keys != ("alert", "policy") or value.endswith((".yaml", ".yml", ".toml"))


@dataclass(frozen=True, slots=True)
class Change:
    """One `--set KEY=VALUE`."""

    text: str
    keys: tuple[Key, ...]
    value: Any


def arms(path: Path) -> tuple[str, ...]:
    """The names of a scenario's arms."""
    named = read(path).data.get("arms")
    return tuple(named) if isinstance(named, dict) else ()


def overlay(base: Any, over: Any) -> Any:
    """`over` laid over `base`: mappings merge, everything else (null too) replaces."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        merged = dict(base)
        for key, value in over.items():
            merged[key] = overlay(base.get(key), value)
        return merged
    return copy.deepcopy(over)


def with_arm(document: Document, arm: str) -> dict[str, Any]:
    """The scenario's data with an arm laid over it."""
    named = document.data.get("arms")
    named = named if isinstance(named, dict) else {}
    if arm not in named:
        have = ", ".join(named) or "none"
        near = difflib.get_close_matches(arm, named, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"It has: {have}."
        raise ScenarioError.at(document.file, f"there is no arm {arm!r}.", hint, *document.place(("arms",)))
    if not isinstance(named[arm] or {}, dict):
        message, fix = f"the arm {arm} must be a mapping of keys to values.", "Write its keys below it."
        raise ScenarioError.at(document.file, message, fix, *document.place(("arms", arm)))
    data: dict[str, Any] = overlay(document.data, named[arm] or {})
    return data


def parse_change(text: str) -> Change:
    """A `--set KEY=VALUE`: dotted keys, a number counts into a list, the value is YAML."""
    name, equals, value = text.partition("=")
    parts = name.strip().split(".")
    if not equals or not all(parts):
        fix = "For example: --set channels.location_based_sms.rate_per_s=200"
        raise ScenarioError.at(f"--set {text}", "is not KEY=VALUE.", fix)
    try:
        parsed = YAML(typ="safe", pure=True).load(value) if value.strip() else None
    except (YAMLError, ValueError, RecursionError) as error:
        raise ScenarioError.at(f"--set {text}", "the value is not YAML.", "Quote it.") from error
    return Change(text, tuple(int(p) if p.isdigit() else p for p in parts), parsed)


def applied(data: dict[str, Any], change: Change) -> dict[str, Any]:
    """The data with one change; missing mappings on the way are made."""
    data = copy.deepcopy(data)
    node: Any = data
    for here in change.keys[:-1]:
        if isinstance(node, list):
            node = _item(node, here, change)
        elif isinstance(node, dict):
            if not isinstance(node.get(str(here)), dict | list):
                node[str(here)] = {}
            node = node[str(here)]
    last = change.keys[-1]
    if isinstance(node, list):
        _item(node, last, change)
        node[int(last)] = change.value
    else:
        node[str(last)] = change.value
    return data


def _item(node: list[Any], key: Key, change: Change) -> Any:
    if not isinstance(key, int) or key >= len(node):
        message, fix = f"there is no item {key!r} in this list.", f"It has {len(node)}; count from 0."
        raise ScenarioError.at(f"--set {change.text}", message, fix)
    return node[key]
