"""Validation faults in a planner's words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from ewsim.scenario.document import Key
from ewsim.scenario.plugins import scenario_model

_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "m": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
}
_METRES = {"m": 1, "km": 1000}
_UNITS = {"_min": 60, "_minutes": 60, "_h": 3600, "_hours": 3600, "_ms": 0.001, "_km": 1000}


def unknown_key(key: Key, known: Iterable[str]) -> tuple[str, str]:
    """What is wrong with a key nobody knows, and how to mend it."""
    known = sorted(known)
    name = str(key)
    stem = name
    scale = 1.0
    for suffix, factor in _UNITS.items():
        if name.endswith(suffix):
            stem, scale = name.removesuffix(suffix), factor
    for candidate in known:
        if candidate in (f"{stem}_s", f"{stem}_m", f"{stem}_share", f"{stem}_count"):
            unit = {"_s": "seconds", "_m": "metres"}.get(candidate[-2:], "the unit in its name")
            much = f" (times {scale:g})" if scale != 1 else ""
            return f"there is no key {name!r}.", f"Write {candidate!r}, in {unit}{much}."
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    near = near or [k for k in known if k.startswith(f"{name}_")][:1]
    if near:
        return f"there is no key {name!r}.", f"Did you mean {near[0]!r}?"
    return f"there is no key {name!r} here.", f"Possible: {', '.join(known) or 'none'}."


def fault(error: dict[str, Any], name: Key, known: Iterable[str]) -> tuple[str, str]:
    """Message and mend of one of pydantic's errors about the key `name`."""
    kind, got, context = error["type"], error.get("input"), error.get("ctx", {})
    shown = _shown(got)
    if kind == "extra_forbidden":
        return unknown_key(name, known)
    if kind == "missing":
        return f"the key {name!r} is missing.", f"Add {name}: ..."
    if kind in ("float_parsing", "float_type", "int_parsing", "int_type", "int_from_float"):
        whole = "a whole number" if kind.startswith("int") else "a number"
        return f"{name} must be {whole} (got {shown}).", _number_hint(str(name), got)
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        relation = {
            "greater_than": ("greater than", "gt"),
            "greater_than_equal": ("at least", "ge"),
            "less_than": ("less than", "lt"),
            "less_than_equal": ("at most", "le"),
        }[kind]
        bound = context[relation[1]]
        return f"{name} must be {relation[0]} {bound:g} (got {shown}).", ""
    if kind in ("literal_error", "enum"):
        allowed = [a.strip("' ") for a in re.split(r",| or ", str(context["expected"]))]
        near = difflib.get_close_matches(str(got), allowed, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        return f"{name} must be one of {', '.join(a for a in allowed if a)} (got {shown}).", hint
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tags = str(context.get("expected_tags", "")).replace("'", "")
        near = difflib.get_close_matches(str(context.get("tag")), tags.split(", "), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        if kind == "union_tag_not_found":
            return "the key 'kind' is missing.", f"Add kind: {tags or 'one of the disturbances'}."
        return f"kind must be one of {tags} (got {context.get('tag')!r}).", hint
    if kind in ("string_type",):
        return f"{name} must be text (got {shown}).", "Put it in quotes."
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"{name} must be a mapping of keys to values (got {shown}).", ""
    if kind in ("tuple_type", "list_type"):
        return f"{name} must be a list (got {shown}).", "Write [a, b] or one item a line with '-'."
    if kind == "bool_parsing":
        return f"{name} must be true or false (got {shown}).", ""
    if kind == "string_pattern_mismatch":
        return f"{name} is not of the form it needs (got {shown}).", (
            f"It must match {context.get('pattern')}."
        )
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {text[:1].lower()}{text[1:]} (got {shown}).", ""


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, dict | list | tuple) else type(value).__name__
    return text if len(text) <= 40 else text[:37] + "..."


def _number_hint(name: str, got: Any) -> str:
    match = re.fullmatch(r"\s*([\d.]+)\s*([a-zA-Z%]+)\s*", str(got))
    if match:
        number, unit = float(match[1]), match[2].lower()
        if name.endswith("_s") and unit in _SECONDS:
            return f"Write {number * _SECONDS[unit]:g}: the unit is seconds."
        if name.endswith("_m") and unit in _METRES:
            return f"Write {number * _METRES[unit]:g}: the unit is metres."
        if name.endswith("_share") and unit == "%":
            return f"Write {number / 100:g}: a share of 1."
    if re.fullmatch(r"\s*\d+,\d+\s*", str(got)):
        return "Write a decimal point, not a comma."
    return ""


@cache
def _schema() -> dict[str, Any]:
    return scenario_model().model_json_schema()


def known_keys(keys: Sequence[Key], data: Any) -> list[str]:
    """The keys a scenario may have at a path; `data` tells which kind of disturbance it is."""
    node: Any = _schema()
    for key in keys:
        data = _step(data, key)
        node = _object(node, None)
        if isinstance(key, int):
            node = node.get("items") or next(iter(node.get("prefixItems", [])), {})
        else:
            node = node.get("properties", {}).get(key, node.get("additionalProperties") or {})
            node = node if isinstance(node, dict) else {}
        node = _object(node, data)
    return list(_object(node, data).get("properties", {}))


def _step(data: Any, key: Key) -> Any:
    try:
        return data[key]
    except (KeyError, IndexError, TypeError):
        return None


def _object(node: Any, data: Any) -> dict[str, Any]:
    """A schema with references and choices followed."""
    while isinstance(node, dict):
        if "$ref" in node:
            node = _schema()["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        elif "discriminator" in node:
            mapping = node["discriminator"]["mapping"]
            kind = data.get("kind") if isinstance(data, dict) else None
            if kind not in mapping:
                return node
            node = {"$ref": mapping[kind]}
        elif "anyOf" in node:
            options = [o for o in node["anyOf"] if "$ref" in o or "properties" in o or "items" in o]
            if not options:
                return node
            node = options[0]
        else:
            return node
    return {}
