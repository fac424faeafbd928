"""Shares that belong together: of ages, phones, disabilities and languages."""

import re
import tomllib
from importlib import resources
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from ewsim.scenario.spec.base import Model, Rat, RelativeShare

#: Names of languages that people write in place of their tags.
_TAGS = tomllib.loads((resources.files("ewsim.scenario.spec") / "languages.toml").read_text("utf-8"))


def _tag(text: str) -> str:
    """Refuse what is no tag of a language: ISO 639 has codes of two and three letters."""
    if re.fullmatch(r"(?:[A-Za-z]{2,3}|[iIxX](?=-))(?:-[A-Za-z0-9]{1,8})*", text) is None:
        known = _TAGS.get(text.casefold())
        raise ValueError(f"write {known}" if known else "write a tag such as es, en-US or zh-Hant")
    return text


Tag = Annotated[str, Field(min_length=2, max_length=35), AfterValidator(_tag)]
Shares = TypeVar("Shares", tuple[float, ...], dict[Rat, float])


def someone(shares: Shares) -> Shares:
    """Refuse shares that are all 0."""
    if not sum(shares.values() if isinstance(shares, dict) else shares):
        raise ValueError("all shares are 0; give at least one that is not")
    return shares


def at_most_everyone(shares: dict[str, float]) -> dict[str, float]:
    """Refuse shares of groups without common members that are more than everyone."""
    if sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"the shares add up to {sum(shares.values()):g}; together they are at most 1")
    return shares


class LanguageSpec(Model):
    """People who read a language."""

    tag: Tag = Field(description="RFC 3066 tag, e.g. es or en-US")
    share: RelativeShare = Field(1, description="share of people, relative to the others")


def once(languages: tuple[LanguageSpec, ...]) -> tuple[LanguageSpec, ...]:
    """Refuse a language that stands twice."""
    tags = [language.tag.casefold() for language in languages]
    twice = next((tag for tag in tags if tags.count(tag) > 1), None)
    if twice is not None:
        raise ValueError(f"the language {twice} stands twice; add its shares up")
    return languages
