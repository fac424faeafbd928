"""The defaults without a published source: the values a scenario gives them, and their ranges.

A description says its range in words that are read here: `range 0.2 to 2`, `range 24 h to 72 h`, of items
`range 2G 0.02 to 0.3, 5G 0.05 to 0.4`, of words `range per_repetition or continuous`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel

from ewsim.scenario.variants import parse_change
from ewsim.scenario.words import number_meant

_RANGE = re.compile(r"(?:item )?(?:(\w+) )?(-?[\d.]+(?: [a-z]+)?) to (-?[\d.]+(?: [a-z]+)?)(?=$|:| )")


class Assumed(NamedTuple):
    """The key in the scenario file, its value, what it stands for, and whether the file gives it."""

    key: str
    value: Any
    text: str
    given: bool


@dataclass(frozen=True, slots=True)
class AssumedRange:
    """How far an assumption may be off: the ends of its range, or the values it may have.

    `item` is the part of the value that is meant, where the value is a mapping or a list.
    """

    key: str
    item: str | None
    ends: tuple[Any, ...]
    numeric: bool

    @property
    def name(self) -> str:
        """The dotted key, as `--set` takes it."""
        return self.path if self.item is None else f"{self.path}.{self.item}"

    @property
    def path(self) -> str:
        """The dotted key of the whole value."""
        return re.sub(r"\[(\d+)\]", r".\1", self.key)

    def within(self, whole: Any, value: Any) -> Any:
        """The whole value of the key with this one in its place."""
        if self.item is None:
            return value
        if isinstance(whole, Mapping):
            return {**whole, self.item: value}
        return [value if str(place) == self.item else one for place, one in enumerate(whole)]

    def of(self, whole: Any) -> Any:
        """This value in the whole value of the key."""
        if self.item is None or whole is None:
            return whole
        return whole[self.item] if isinstance(whole, Mapping) else whole[int(self.item)]


def assumed_values(spec: BaseModel) -> list[Assumed]:
    """Every value of a scenario that rests on an assumption, in the order of the file."""
    return list(_walk(spec, ""))


def assumed_ranges(assumed: Assumed) -> list[AssumedRange]:
    """The ranges that the description of an assumption states; several where items have their own."""
    said = re.search(r"\brange ([^;)]+)", assumed.text)
    if said is None:
        return []
    if " or " in said[1]:
        words = [_read(one) for one in said[1].split(" or ") if one != "default"]
        return [AssumedRange(assumed.key, None, tuple(words), numeric=False)]
    found = []
    for part in said[1].split(", "):
        form = _RANGE.match(part)
        if form is None:
            return []
        ends = (_number(assumed.key, form[2]), _number(assumed.key, form[3]))
        found.append(AssumedRange(assumed.key, form[1], ends, numeric=True))
    return found


def _read(text: str) -> Any:
    return parse_change(f"value={text}").value


def _number(key: str, text: str) -> float:
    meant = number_meant(key, text)
    return float(text) if meant is None else meant


def _walk(spec: BaseModel, prefix: str) -> Iterator[Assumed]:
    for name, field in type(spec).model_fields.items():
        key, value = prefix + name, getattr(spec, name)
        text = field.description or ""
        if "assumption" in text.lower():
            yield Assumed(key, _plain(value), text, name in spec.model_fields_set)
        if isinstance(value, BaseModel):
            yield from _walk(value, f"{key}.")
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from _walk(item, f"{key}[{index}].")


def _plain(value: Any) -> Any:
    """A value that JSON can hold: models in a list are said in words."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return tuple(str(item) if isinstance(item, BaseModel) else item for item in value)
    return value
