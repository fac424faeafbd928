"""The order and content of the elements of CAP: one table for each version, from the official schemas.

A model is a sequence of slots; every name appears once in it, so a child's place is its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ewsim.cap.xml import values

#: Unbounded: as many as one likes.
MANY: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class AnyText:
    """Any text (`xs:string`)."""


@dataclass(frozen=True, slots=True)
class Word:
    """One of a list of words, exactly."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexical:
    """A text of a certain form, which a function checks; `default`: what an empty text means.

    `quick` is a test that lets pass only such texts, though perhaps not all.
    """

    form: str
    accepts: Callable[[str], bool]
    quick: Callable[[str], object]
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Children:
    """Children in a fixed order; `place` has each name's number in it."""

    slots: tuple[Slot, ...]
    place: dict[str, int] = field(init=False, compare=False)
    required: frozenset[str] = field(init=False, compare=False)
    sound: tuple[Callable[[str], object] | None, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        places = {slot.name: n for n, slot in enumerate(self.slots)}
        object.__setattr__(self, "place", places)
        needed = frozenset(slot.name for slot in self.slots if slot.least)
        object.__setattr__(self, "required", needed)
        object.__setattr__(self, "sound", tuple(_sound(slot.content) for slot in self.slots))


def _sound(content: Content) -> Callable[[str], object] | None:
    """A quick test that lets pass only texts without any fault; None for a model."""
    if isinstance(content, Children):
        return None
    if isinstance(content, Word):
        return frozenset(content.words).__contains__
    return content.quick if isinstance(content, Lexical) else str.strip


Content: TypeAlias = AnyText | Word | Lexical | Children


@dataclass(frozen=True, slots=True)
class Slot:
    """One element of a sequence: how often, and what is in it."""

    name: str
    content: Content
    least: int = 0
    most: int = 1


_TEXT: Final = AnyText()
_LANGUAGE: Final = Lexical(
    "a language code such as en or pt-BR", values.is_language, values.LANGUAGE.fullmatch, "en-US"
)
_INTEGER: Final = Lexical("a whole number", values.is_integer, values.INTEGER.fullmatch)
_DECIMAL: Final = Lexical("a decimal number", values.is_decimal, values.DECIMAL.fullmatch)
_URI: Final = Lexical("a URI", values.is_uri, values.PLAIN_URI.fullmatch)
_TIME: Final = Lexical(
    "a date and time such as 2026-01-31T16:49:00-00:00", values.is_date_time, values.plain_time
)
_TIME_12: Final = Lexical(
    "a date and time in whole seconds with a numeric offset, such as 2026-01-31T16:49:00-00:00",
    values.is_date_time_12,
    values.plain_time,
)

_STATUS: Final = ("Actual", "Exercise", "System", "Test")
_MSG_TYPE: Final = ("Alert", "Update", "Cancel", "Ack", "Error")
_SCOPE: Final = ("Public", "Restricted", "Private")
_CATEGORY: Final = (
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
)
_RESPONSE: Final = ("Shelter", "Evacuate", "Prepare", "Execute")
_URGENCY: Final = ("Immediate", "Expected", "Future", "Past", "Unknown")
_SEVERITY: Final = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
_CERTAINTY: Final = ("Likely", "Possible", "Unlikely", "Unknown")


def _alert(version: str) -> Children:
    v10, v12 = version == "1.0", version == "1.2"
    time = _TIME_12 if v12 else _TIME
    slots = [
        Slot("identifier", _TEXT, 1),
        Slot("sender", _TEXT, 1),
        Slot("sent", time, 1),
        Slot("status", Word(_STATUS if v10 else (*_STATUS, "Draft")), 1),
        Slot("msgType", Word(_MSG_TYPE), 1),
        *([Slot("password", _TEXT)] if v10 else []),
        Slot("source", _TEXT),
        Slot("scope", Word(_SCOPE), 0 if v10 else 1),
        Slot("restriction", _TEXT),
        Slot("addresses", _TEXT),
        Slot("code", _TEXT, most=MANY),
        Slot("note", _TEXT),
        Slot("references", _TEXT),
        Slot("incidents", _TEXT),
        Slot("info", _info(version, time), most=MANY),
    ]
    return Children(tuple(slots))


def _info(version: str, time: Lexical) -> Children:
    v10, v12 = version == "1.0", version == "1.2"
    pair = _TEXT if v10 else Children((Slot("valueName", _TEXT, 1), Slot("value", _TEXT, 1)))
    category = (*_CATEGORY, *(() if v10 else ("CBRNE",)), "Other")
    response = (
        *_RESPONSE,
        *(("Avoid",) if v12 else ()),
        "Monitor",
        "Assess",
        *(("AllClear",) if v12 else ()),
        "None",
    )
    certainty = ("Very Likely" if v10 else "Observed", *_CERTAINTY)
    slots = [
        Slot("language", _LANGUAGE),
        Slot("category", Word(category), 0 if v10 else 1, MANY),
        Slot("event", _TEXT, 1),
        *([] if v10 else [Slot("responseType", Word(response), most=MANY)]),
        Slot("urgency", Word(_URGENCY), 1),
        Slot("severity", Word(_SEVERITY), 1),
        Slot("certainty", Word(certainty), 1),
        Slot("audience", _TEXT),
        Slot("eventCode", pair, most=MANY),
        Slot("effective", time),
        Slot("onset", time),
        Slot("expires", time),
        Slot("senderName", _TEXT),
        Slot("headline", _TEXT),
        Slot("description", _TEXT),
        Slot("instruction", _TEXT),
        Slot("web", _URI),
        Slot("contact", _TEXT),
        Slot("parameter", pair, most=MANY),
        Slot("resource", _resource(version), most=MANY),
        Slot("area", _area(version, pair), most=MANY),
    ]
    return Children(tuple(slots))


def _resource(version: str) -> Children:
    slots = [
        Slot("resourceDesc", _TEXT, 1),
        Slot("mimeType", _TEXT, 1 if version == "1.2" else 0),
        Slot("size", _INTEGER),
        Slot("uri", _URI),
        *([] if version == "1.0" else [Slot("derefUri", _TEXT)]),
        Slot("digest", _TEXT),
    ]
    return Children(tuple(slots))


def _area(version: str, pair: Content) -> Children:
    height: Content = _DECIMAL if version == "1.2" else _TEXT
    slots = [
        Slot("areaDesc", _TEXT, 1),
        Slot("polygon", _TEXT, most=MANY),
        Slot("circle", _TEXT, most=MANY),
        Slot("geocode", pair, most=MANY),
        Slot("altitude", height),
        Slot("ceiling", height),
    ]
    return Children(tuple(slots))


#: The content of <alert> in each version.
ALERT: Final = {version: _alert(version) for version in ("1.0", "1.1", "1.2")}


def names_of(model: Children) -> Iterator[str]:
    """Every name in a model and in the models of its children."""
    for slot in model.slots:
        yield slot.name
        if isinstance(slot.content, Children):
            yield from names_of(slot.content)


#: Where an element of CAP belongs, for those found elsewhere.
PARENT: Final = {
    slot.name: parent
    for parent, model in (
        ("area", _area("1.2", _TEXT)),
        ("resource", _resource("1.2")),
        ("info", _info("1.2", _TIME_12)),
        ("alert", ALERT["1.2"]),
    )
    for slot in model.slots
}
