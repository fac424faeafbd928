"""The small languages inside CAP's elements: dates, lists, coordinates, numbers.

Each reader takes the text of an element. The `is_...` functions are the lexical types of the
schemas (XML Schema 1.0 part 2); the others read what section 3 of CAP 1.2 describes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_DATE_TIME: Final = re.compile(
    r"(-?(?:[1-9][0-9]{4,}|[0-9]{4}))-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DATE_TIME_12: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}"
)
#: Every third character of such a time, from the fifth on.
_MARKS: Final = ("--T::+:", "--T::-:")
LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
INTEGER: Final = re.compile(r"[+-]?[0-9]+")
DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_PCT: Final = "%[0-9A-Fa-f]{2}"
_PATH: Final = r"[\w.~!$&'()*+,;=:@/-]"
_URI: Final = re.compile(
    rf"""(?:[A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))          # scheme, or no colon in the first step
    (?://(?:(?:[\w.~!$&'()*+,;=:-]|{_PCT})*@)?               # user
      (?:\[[^]]*\]|(?:[\w.~!$&'()*+,;=-]|{_PCT})*)  # host
      (?::[0-9]{{1,9}})?(?=[/?#]|$)|(?!//))
    (?:{_PATH}|{_PCT})*
    (?:\?(?:[?]|{_PATH}|{_PCT})*)?
    (?:\#(?:[][?]|{_PATH}|{_PCT})*)?""",
    re.VERBOSE | re.ASCII,
)
#: What most URIs are.
PLAIN_URI: Final = re.compile(r"https?://[\w.-]+(?:[/?][\w.~!$&'()*+,;=:@/?-]*+)?", re.ASCII)
_TO_ESCAPE: Final = re.compile(r"[\x00-\x20\x7f-\U0010ffff<>\"{}|\\^`]")
_LIST_ITEM: Final = re.compile(r'"([^"]*)"|(\S+)')
_NUMBER: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_OF_POINTS: Final = b"0123456789.,+-"
_POINT: Final = re.compile(rf"({_NUMBER}),({_NUMBER})")
#: What is written in place of a pair: more numbers, half a pair (a space after the comma).
_HIGH_POINT: Final = re.compile(rf"({_NUMBER})(?:,{_NUMBER}){{2,}}")
_HALF_POINT: Final = re.compile(rf",?(?:{_NUMBER})?,?")
#: What to do about a third number, about four, and about other ways to write a point.
HEIGHT: Final = "CAP points have two numbers; write a height into <altitude>, in feet."
_ADVICE: Final = (
    (re.compile(rf"{_NUMBER},{_NUMBER},{_NUMBER}"), HEIGHT),
    (
        re.compile(rf"{_NUMBER}(?:,{_NUMBER}){{3,}}"),
        "Write points with a decimal point and a space between: 50.5,8.25 50.5,9.",
    ),
    (
        re.compile(_NUMBER),
        "Write a comma between latitude and longitude, and a space between points: 50.5,8.25 50.5,9.",
    ),
    (re.compile(r".*[;|/:].*"), "Write a comma between latitude and longitude: 50.5,8.25."),
    (
        re.compile(r".*[^\x00-\x7f°′″].*"),
        "Write numbers with the digits 0 to 9 and a plain minus: 50.5,-8.25.",
    ),
    (
        re.compile(r".*[°′″'\"NSEWOnsewo].*"),
        "Write degrees as decimal numbers, south and west with a minus: 50.5,-8.25.",
    ),
)
_CIRCLE: Final = re.compile(rf"\s*({_NUMBER}),({_NUMBER})\s+({_NUMBER})\s*")
SPACE: Final = " \t\r\n"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TextFault:
    """What is wrong in a text, at which of its characters, and what to do if it is special."""

    offset: int
    message: str
    fix: str = ""


# --- lexical types of the schemas -----------------------------------------------------------------


def is_date_time(text: str) -> bool:
    """`xs:dateTime`: any offset, `Z` or none; fractions; years beyond 9999."""
    match = _DATE_TIME.fullmatch(text.strip(SPACE))
    if match is None:
        return False
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    number = abs(int(year[-8:]))
    if number == 0:
        return False
    leap = number % 4 == 0 and (number % 100 != 0 or number % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    midnight = (hour, minute, second) == ("24", "00", "00") and not (fraction or "").strip(".0")
    return (
        1 <= int(month) <= 12
        and 1 <= int(day) <= days[int(month) - 1]
        and (midnight or int(hour) < 24)
        and int(minute) < 60
        and int(second) < 60
        and _is_zone(zone)
    )


def _is_zone(zone: str | None) -> bool:
    if zone is None or zone == "Z":
        return True
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    return minutes < 60 and hours * 60 + minutes <= 14 * 60


def is_date_time_12(text: str) -> bool:
    """CAP 1.2's dateTime: whole seconds and a numeric offset."""
    if plain_time(text) is not None:
        return True
    text = text.strip(SPACE)
    return _DATE_TIME_12.fullmatch(text) is not None and is_date_time(text)


@lru_cache(maxsize=8)  # the schema's rules read each time of a message, and so do those of its content
def plain_time(text: str) -> datetime | None:
    """The moment of a time as CAP 1.2 wants it, when nothing at all is special about it."""
    if len(text) != 25 or text[4::3] not in _MARKS or text[20:22] > "13" or text[23] > "5":
        return None
    try:  # which wants digits everywhere else
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def is_language(text: str) -> bool:
    """`xs:language`."""
    return LANGUAGE.fullmatch(text.strip(SPACE)) is not None


def is_integer(text: str) -> bool:
    """`xs:integer`."""
    return INTEGER.fullmatch(text.strip(SPACE)) is not None


def is_decimal(text: str) -> bool:
    """`xs:decimal`."""
    return DECIMAL.fullmatch(text.strip(SPACE)) is not None


def is_uri(text: str) -> bool:
    """`xs:anyURI`: RFC 3986 after escaping what a URI may not hold; empty is a reference too."""
    return _URI.fullmatch(_TO_ESCAPE.sub("_", text.strip(SPACE))) is not None


# --- what CAP says in them ------------------------------------------------------------------------


def read_time(text: str) -> datetime | None:
    """A moment, or None. A time without an offset (1.0 and 1.1) is taken as UTC: assumption."""
    plain = plain_time(text)
    if plain is not None:
        return plain
    text = text.strip(SPACE)
    if not is_date_time(text):
        return None
    midnight = text[11:13] == "24"
    try:
        moment = datetime.fromisoformat(text.replace("T24", "T00", 1) if midnight else text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment + timedelta(days=1) if midnight else moment
    except (ValueError, OverflowError):  # a year beyond 9999
        return None


def read_list(text: str) -> tuple[str, ...]:
    """Items between spaces; an item with spaces is in double quotes (3.2.1)."""
    return tuple(quoted or plain for quoted, plain in _LIST_ITEM.findall(text))


def read_points(text: str) -> list[Point] | None:
    """The `lat,lon` pairs of a polygon, or None where the syntax is wrong."""
    pairs = text.split()
    joined = ",".join(pairs)
    # `float` takes more: 1e5, nan, digits of other scripts
    if not pairs or joined.encode("ascii", "replace").translate(None, _OF_POINTS):
        return None
    parts = joined.split(",")
    if [pair.count(",") for pair in pairs].count(1) < len(pairs):
        return None
    try:
        numbers = [*map(float, parts)]
    except ValueError:
        return None
    return [*zip(numbers[::2], numbers[1::2], strict=True)]


def point_faults(text: str) -> Iterator[TextFault]:
    """What keeps `read_points` from reading a polygon: each mistake once, where it is made first."""
    first: dict[str, re.Match[str]] = {}
    count: dict[str, int] = {}
    for match in re.finditer(r"\S+", text):
        if _POINT.fullmatch(match[0]) is None:
            what = _mistake(match[0])
            first.setdefault(what, match)
            count[what] = count.get(what, 0) + 1
    for what, match in first.items():
        shown = match[0] if len(match[0]) <= 40 else match[0][:37] + "..."
        fix = next((fix for form, fix in _ADVICE if form.fullmatch(match[0])), "")
        yield TextFault(match.start(), f"{shown!r} {what}{repeats(count[what] - 1)}", fix)


_MORE_NUMBERS: Final = "has more than two numbers"


def _mistake(point: str) -> str:
    """What is wrong with something that is not a pair of numbers."""
    if _HIGH_POINT.fullmatch(point):
        return _MORE_NUMBERS
    return "is half of a pair" if _HALF_POINT.fullmatch(point) else "is not a pair latitude,longitude"


def repeats(more: int) -> str:
    """That a mistake is made again in the same text."""
    return f" (and {more} more like it)" if more else ""


def read_circle(text: str) -> tuple[float, float, float] | None:
    """Latitude, longitude [deg] and radius [km], or None where the syntax is wrong."""
    match = _CIRCLE.fullmatch(text)
    return (float(match[1]), float(match[2]), float(match[3])) if match else None


def is_high_circle(text: str) -> bool:
    """Whether the centre of a circle has more than two numbers."""
    centre, _, radius = text.strip().partition(" ")
    return _HIGH_POINT.fullmatch(centre) is not None and DECIMAL.fullmatch(radius.strip()) is not None


def read_number(text: str) -> float | None:
    """A decimal number, or None."""
    text = text.strip(SPACE)
    return float(text) if DECIMAL.fullmatch(text) else None


def read_pair(text: str) -> tuple[str, str]:
    """A name and a value as CAP 1.0 writes them: `name=value`."""
    name, _, value = text.strip().partition("=")
    return name.strip(), value.strip()
