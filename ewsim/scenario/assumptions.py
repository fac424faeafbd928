"""The defaults without a published source, with the values a scenario gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel


class Assumed(NamedTuple):
    """The key in the scenario file, its value, and what it stands for."""

    key: str
    value: Any
    text: str


def assumed_values(spec: BaseModel) -> list[Assumed]:
    """Every value of a scenario that rests on an assumption, in the order of the file."""
    return list(_walk(spec, ""))


def _walk(spec: BaseModel, prefix: str) -> Iterator[Assumed]:
    for name, field in type(spec).model_fields.items():
        key, value = prefix + name, getattr(spec, name)
        text = field.description or ""
        if "assumption" in text.lower():
            yield Assumed(key, _plain(value), text)
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
