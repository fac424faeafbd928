"""Arms and single changes: a partial scenario laid over a scenario."""

import copy
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ewsim.errors import ScenarioError, UsageError
from ewsim.scenario.document import Document, Key, read
from ewsim.scenario.words import number_meant

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


def with_arm_file(document: Document, file: Path) -> tuple[Document, str]:
    """A scenario with an arm from a file of its own, and what the arm is called: the file's name.

    Paths in it count from the scenario's folder. Faults in it have the lines of that file.
    """
    name = re.sub(r"[^a-z0-9_]+", "_", file.stem.lower())[:60] or "arm"
    arm = read(file, replace(document.sort, noun="arm", start="Write it with `ewsim optimise -o`."))
    named = document.data.get("arms")
    data = {**document.data, "arms": {**(named if isinstance(named, dict) else {}), name: arm.data}}
    return replace(document, data=data, arm_files={name: arm}), name


def parse_change(text: str) -> Change:
    """A `--set KEY=VALUE`: dotted keys, a number or a name chooses from a list, the value is YAML.

    Values of keys with a unit may have units: 8h, 30min, 5km, 55%.
    """
    name, equals, value = text.partition("=")
    parts = name.strip().split(".")
    if not equals or not all(parts):
        fix = "Write for example channels.location_based_sms.rate_per_s=200"
        raise UsageError(f"the change {text!r} is not KEY=VALUE. {fix}")
    try:
        parsed = YAML(typ="safe", pure=True).load(value) if value.strip() else None
    except (YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"the value of the change {text!r} is not YAML. Quote it.") from error
    keys = tuple(int(p) if p.isdigit() else p for p in parts)
    return Change(text, keys, _in_units(parts[-1], parsed))


def _in_units(name: str, value: Any) -> Any:
    """A value with its units carried out; what is no number in the unit of its key stays as it is."""
    if isinstance(value, dict):
        return {key: _in_units(name if name.endswith("_shares") else str(key), v) for key, v in value.items()}
    if isinstance(value, list):
        return [_in_units(name, item) for item in value]
    meant = number_meant(name, value) if isinstance(value, str) else None
    return value if meant is None else meant


def applied(data: dict[str, Any], change: Change, arm: str | None) -> tuple[dict[str, Any], Change]:
    """The data of an arm with one change, and the change with its items by number.

    Missing mappings on the way are made.

    Parameters
    ----------
    data
        The data.
    change
        What to change.
    arm
        The arm, for messages.
    """
    data, keys = copy.deepcopy(data), list(change.keys)
    node: Any = data
    for place, here in enumerate(keys[:-1]):
        if isinstance(node, list):
            keys[place] = number = _item(node, here, change, arm)
            node = node[number]
        elif isinstance(node, dict):
            if not isinstance(node.get(str(here)), dict | list):
                node[str(here)] = {}
            node = node[str(here)]
    if isinstance(node, list):
        keys[-1] = number = _item(node, keys[-1], change, arm)
        node[number] = change.value
    else:
        node[str(keys[-1])] = change.value
    return data, replace(change, keys=tuple(keys))


#: What an item of a list is called by.
_NAMES = ("id", "name", "tag", "kind", "label")


def _called(one: Any) -> set[str]:
    return {str(one[n]) for n in _NAMES if one.get(n)} if isinstance(one, dict) else {str(one)}


def _item(node: list[Any], key: Key, change: Change, arm: str | None) -> int:
    """The number of an item, by its number or by what it is called."""
    if isinstance(key, int) and key < len(node):
        return key
    named = [_called(one) for one in node]
    found = [number for number, names in enumerate(named) if str(key) in names]
    found = found or [n for n, names in enumerate(named) if str(key).lower() in map(str.lower, names)]
    if len(found) == 1:
        return found[0]
    have = ", ".join(f"{number}: {'/'.join(sorted(names)) or '…'}" for number, names in enumerate(named[:8]))
    if len(found) > 1:
        which = ", ".join(map(str, found))
        message, fix = f"{len(found)} items are called {key!r}.", f"Choose one by its number: {which}."
    else:
        message = f"there is no item {key!r} in this list{f' of the arm {arm}' if arm else ''}."
        fix = f"It has {len(node)}, from 0 on ({have})." if node else "It is empty."
    raise ScenarioError.at(f"--set {change.text}", message, fix)
