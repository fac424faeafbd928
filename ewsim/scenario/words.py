"""The words of faults: what is wrong with a key or value, and what to write."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ewsim.scenario.document import Key

_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
_PER_SECOND = {f"/{unit}": 1 / seconds for unit, seconds in _SECONDS.items()}
_METRES = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1000),
}
_SPEEDS = {"m/s": 1, "km/h": 1 / 3.6, **dict.fromkeys(("kt", "kn", "knot", "knots"), 1852 / 3600)}
_AREAS = {"km2": 1, "km\u00b2": 1}
_PARTS = dict.fromkeys(("%", "percent"), 0.01)
#: The unit of a key in words, and what to write in a file and with `--set`.
_WRITTEN = (
    (_SECONDS, "the unit is seconds", "Write seconds, 5400; with --set also 1h30, 90min, 1.5 hours."),
    (_METRES, "the unit is metres", "Write metres, 10000; with --set also 10km."),
    (_PARTS, "a share of 1", "Write a share of 1, 0.55; with --set also 55%."),
    (_PER_SECOND, "the unit is one a second", "Write how many a second, 200; with --set also 200/s."),
    (_SPEEDS, "the unit is metres a second", "Write metres a second, 25; with --set also 90km/h."),
    (_AREAS, "the unit is square kilometres", "Write square kilometres, 1200; with --set also 1200km2."),
)
_UNITS = {"_min": 60, "_minutes": 60, "_h": 3600, "_hours": 3600, "_ms": 0.001, "_km": 1000}
#: Other names of channels and technologies that people write.
ALIASES = {
    **dict.fromkeys(("cb", "cbs", "wea"), "cell_broadcast"),
    **dict.fromkeys(("gsm", "gprs", "edge"), "2G"),
    **dict.fromkeys(("umts", "hspa", "wcdma"), "3G"),
    "lte": "4G",
    "nr": "5G",
}


def _unknown_key(
    key: Key, known: Iterable[str], far: Sequence[str] = (), *, guess: bool = True
) -> tuple[str, str]:
    """What is wrong with an unknown key, and what to write; `far` are full names of keys elsewhere.

    Without `guess` the key that is meant is not looked for, which takes a third of a millisecond.
    """
    known = sorted(known)
    name = str(key)
    if not guess:
        return f"there is no key {name!r} here.", f"Allowed: {', '.join(known) or 'none'}."
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
    if far:
        names = " or ".join(filter(None, (", ".join(far[:-1]), far[-1])))
        of_items = " (N: the number of an item)" if ".N." in names else ""
        return f"there is no key {name!r} here.", f"Write its full name: {names}{of_items}."
    near = [key for key in known if ALIASES.get(name) == key or name in key.split("_")[-1:]][:1]
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    near = near or [k for k in known if k.startswith(f"{name}_")][:1]
    if near:
        return f"there is no key {name!r}.", f"Did you mean {near[0]!r}?"
    return f"there is no key {name!r} here.", f"Allowed: {', '.join(known) or 'none'}."


def fault(
    error: dict[str, Any], name: Key, known: Iterable[str], far: Sequence[str] = (), *, guess: bool = True
) -> tuple[str, str]:
    """What is wrong and what to write, for one of pydantic's errors.

    Parameters
    ----------
    error
        One of `ValidationError.errors()`.
    name
        The last key of its place.
    known
        The keys that are allowed there, for an unknown key.
    far
        The full names of keys elsewhere that may be meant by it.
    guess
        Whether to look for the key that is meant by an unknown one.
    """
    kind, got, context = error["type"], error.get("input"), error.get("ctx", {})
    text_of = shown(got)
    if kind == "extra_forbidden":
        return _unknown_key(name, known, far, guess=guess)
    if kind == "missing":
        return f"the key {name!r} is missing.", f"Add {name}: ..."
    if kind in ("float_parsing", "float_type", "int_parsing", "int_type", "int_from_float"):
        hint = _number_hint(str(name), got, whole=kind.startswith("int"))
        if hint:
            return f"{name} is {text_of}.", hint
        whole = kind.startswith("int")
        message = f"{name} must be {'a whole number' if whole else 'a number'}, not {text_of}."
        if whole:
            digits = isinstance(got, str) and re.search(r"\d", got)
            return message, "Write digits alone, 250000." if digits else ""
        return message, next((how for units, _, how in _WRITTEN if units is _units_of(str(name))), "")
    if kind in _BOUNDS:
        relation, bound = _BOUNDS[kind]
        return f"{name} must be {relation} {context[bound]:.10g}, not {text_of}.", _percent(
            got, context[bound]
        )
    if kind in ("literal_error", "enum"):
        return _not_allowed(str(name), got, str(context["expected"]))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = str(context.get("discriminator", "kind")).strip("'")
        tags = str(context.get("expected_tags", "")).replace("'", "")
        if kind == "union_tag_not_found":
            return f"the key {tag!r} is missing.", f"Add {tag}: {tags}."
        return _not_allowed(tag, context.get("tag"), tags)
    if kind in _TYPES:
        what, fix = _TYPES[kind]
        if what.startswith("a mapping") and str(got).lower() in ("off", "none", "no", "false", "0"):
            fix = "To leave it out write null."
        return f"{name} must be {what}, not {text_of}.", fix
    if kind in ("too_short", "too_long") and "actual_length" in context:
        bound = (
            f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        )
        return f"{name} must have {bound} items, not {context['actual_length']}.", ""
    if kind == "string_too_long":
        return f"{name} must have at most {context['max_length']} characters, not {len(str(got))}.", ""
    if kind == "string_too_short":
        return f"{name} is empty.", "Write it."
    if kind == "string_pattern_mismatch":
        return f"{name} is {text_of}, which has the wrong form.", f"It must match {context.get('pattern')}."
    text = str(error["msg"]).removeprefix("Value error, ")
    if isinstance(got, dict | list | tuple):
        return f"{name}: {text[:1].lower()}{text[1:]}.", ""
    return f"{name} is {text_of}: {text[:1].lower()}{text[1:]}.", ""


_BOUNDS = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_TYPES = {
    "string_type": ("text", "Put it in quotes."),
    **dict.fromkeys(
        ("model_type", "dict_type", "model_attributes_type"),
        ("a mapping of keys to values", "Write its keys below it, indented."),
    ),
    **dict.fromkeys(("tuple_type", "list_type"), ("a list", "Write [a, b] or one item a line with '-'.")),
    **dict.fromkeys(("bool_parsing", "bool_type"), ("true or false", "")),
}


def _percent(got: Any, bound: float) -> str:
    """The share that was meant by a percentage."""
    if not isinstance(got, int | float) or not bound == 1 < got <= 100:
        return ""
    return f"A share is of 1: {f'for {got:g} % write {got / 100:g}' if got >= 2 else '1 is 100 %'}."


def _not_allowed(name: str, got: Any, expected: str) -> tuple[str, str]:
    """A value that is not one of a list."""
    allowed = [a for a in (a.strip("' ") for a in re.split(r",| or ", expected)) if a]
    if name == "format" and _later(str(got), allowed):
        return (
            "this file needs a newer ewsim.",
            f"This version reads {', '.join(allowed)}. Update ewsim, or write that.",
        )
    same = {value.casefold(): value for value in allowed}
    written = str(got).casefold()
    meant = same.get(ALIASES.get(written, written).casefold())
    near = difflib.get_close_matches(str(got), allowed, n=1)
    hint = f"Write {meant}. " if meant else f"Did you mean {near[0]!r}? " if near else ""
    return f"{name} is {shown(got)}, which is not an allowed value.", f"{hint}Allowed: {', '.join(allowed)}."


def _later(got: str, allowed: Sequence[str]) -> bool:
    """Whether a format is a later version of an allowed one: ewsim.scenario/2 of ewsim.scenario/1."""
    noun, _, version = got.partition("/")
    known = [a.partition("/")[2] for a in allowed if a.partition("/")[0] == noun]
    return bool(known) and version.isdecimal() and int(version) > max(map(int, known))


def shown(value: Any) -> str:
    """A value as the file has it, shortened."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    text = repr(value) if not isinstance(value, dict | list | tuple) else type(value).__name__
    return text if len(text) <= 40 else text[:37] + "..."


def number_meant(name: str, text: str) -> float | None:
    """The number of a key whose name has a unit, from a text with units: 8h, 1h30min, 5 km, 55%.

    None where the text is no such thing, or the key has another unit.
    """
    units = _units_of(name)
    text = text.strip().replace(" per ", "/").lower()
    sign, written = text[:1], text.lstrip("+-\u2212")
    if not units or len(text) > 60 or len(text) - len(written) > 1 or not _WITH_UNITS.fullmatch(written):
        return None
    found = _WITH_UNIT.findall(written)
    if units is _SECONDS and not found[-1][1] and len(found) == 2:  # 1h30, 2min30
        smaller = {3600: "min", 60: "s"}.get(_SECONDS.get(found[0][1], 0), "")
        found[-1] = (found[-1][0], smaller)
    if any(unit not in units or re.search(r",\d{3}$", value) for value, unit in found):
        return None
    number: float = sum(float(value.replace(",", ".")) * units[unit] for value, unit in found)
    return -number if sign in "-\u2212" else number


#: A number with its unit, and a text of such; the last may have none after hours or minutes.
_WITH_UNIT = re.compile(r"(\d+(?:[.,]\d+)?|\.\d+)\s*(%|/?[a-z]+(?:/[a-z]+)?(?:2(?![\d.a-z])|\u00b2)?|)\s*")
_WITH_UNITS = re.compile(rf"(?:{_WITH_UNIT.pattern})+")


def _units_of(name: str) -> Mapping[str, float]:
    """The units that a text for a key may have, as multiples of the key's own."""
    if name == "share" or name.endswith(("_share", "_shares", "_target", "_ratio")):
        return _PARTS
    ends: Mapping[str, Mapping[str, float]]
    ends = {"_per_s": _PER_SECOND, "_m_s": _SPEEDS, "_s": _SECONDS, "_km2": _AREAS, "_m": _METRES}
    return next((units for end, units in ends.items() if name.endswith(end)), {})


def _number_hint(name: str, got: Any, *, whole: bool) -> str:
    """The number that was meant, where the text shows it: a unit, a comma."""
    text = str(got).strip()
    meant = number_meant(name, text)
    if meant is not None:
        unit = next(words for units, words, _ in _WRITTEN if units is _units_of(name))
        if unit == "a share of 1" and meant > 1:
            return "A share is of 1: 1 is 100 %."
        return f"Write {meant:.10g}: {unit}."
    if found := re.fullmatch(r"(\d+):([0-5]\d)(?::([0-5]\d))?", text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        if _units_of(name) is _SECONDS:
            return f"Write {hours * 3600 + minutes * 60 + seconds}: the unit is seconds."
    if found := re.fullmatch(r"(\d+(?:\.\d+)?) ?([kM]|million|thousand)", text):
        return f"Write {float(found[1]) * (1000 if found[2] in ('k', 'thousand') else 1_000_000):.10g}."
    if re.fullmatch(r"\d{1,3}([, \u00a0\u202f]\d{3})+", text):
        plain = re.sub(r"\D", "", text)
        return (
            f"Write {plain}."
            if whole or text.count(",") > 1
            else f"Write {plain}, or {text.replace(',', '.')}."
        )
    if not whole and re.fullmatch(r"-?\d+,\d+", text):
        return f"Write {text.replace(',', '.')}."
    return ""
