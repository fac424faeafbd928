"""The keys of a policy file."""

from string import Formatter
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ewsim.cap.yaml_files import PatternText
from ewsim.errors import InputError
from ewsim.scenario.document import Sort
from ewsim.scenario.spec.base import Model

SORT: Final = Sort("policy", "docs/guides/cap_profiles.md shows one.", "format: ewsim.policy/1", InputError)
_PLACES: Final = ("event", "expires", "response", "sender")


def _template(text: str) -> str:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"a bracket is not closed ({error})") from None
    if strange := names - set(_PLACES):
        allowed = ", ".join(f"{{{name}}}" for name in _PLACES)
        raise ValueError(f"there is no {{{min(strange)}}}; allowed are {allowed}")
    return text


def _digits(key: object) -> object:
    if not isinstance(key, int) and not (isinstance(key, str) and key.isascii() and key.isdigit()):
        raise ValueError("a message identifier is a whole number")
    return key


#: A message identifier; 0 is none.
Identifier = Annotated[int, Field(ge=0, le=0xFFFF, strict=True)]
#: The same as a key, which is text.
IdentifierKey = Annotated[int, BeforeValidator(_digits), Field(ge=0, le=0xFFFF)]
Words = Annotated[str, Field(min_length=1)]


class TemplateTextSpec(Model):
    """What a gateway writes where the sender has written no text for phones."""

    text: Annotated[str, AfterValidator(_template)]
    clock: str = "%H:%M"
    responses: dict[str, str] = Field(default_factory=dict)


class PolicySpec(Model):
    """The keys of a policy file; what it leaves out is that of the policy it extends."""

    format: Literal["ewsim.policy/1"]
    name: Words
    title: str = ""
    source: str = ""
    extends: Words | None = None
    text: tuple[Literal["event", "headline", "description", "instruction"], ...] = ()
    text_parameters: tuple[str, ...] = ()
    status: tuple[Literal["Actual", "Exercise", "System", "Test", "Draft"], ...] = ()
    scope: tuple[Literal["Public", "Restricted", "Private"], ...] = ()
    otherwise: Identifier = 0
    threshold: str = ""
    characters: Annotated[int, Field(ge=0, le=10_000, strict=True)] = 0
    templates: dict[str, TemplateTextSpec] = Field(default_factory=dict)
    blocked: dict[PatternText, str] = Field(default_factory=dict)
    codes: dict[PatternText, Identifier] = Field(default_factory=dict)
    remap: dict[IdentifierKey, Identifier] = Field(default_factory=dict)
    names: dict[IdentifierKey, str] = Field(default_factory=dict)
