"""Slips in a message that can be read: it goes out, and reaches other people, or nobody.

A fault (`ewsim.cap.tools.faults`) breaks a rule. A slip may break none: the message is valid, and wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: How long a message with the slip `ends_at_once` is valid.
_SHORT: Final = timedelta(minutes=5)
_POLYGON: Final = re.compile(r"(<polygon>)([^<]*)(</polygon>)")
_CIRCLE: Final = re.compile(r"(<circle>)([^<]*)(</circle>)")
_INFO: Final = re.compile(r"\s*<info>.*?</info>", re.DOTALL)

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Slip:
    """A change of a message's text; `make` gives the text as it was where there is no place for it.

    `effect` is what comes of it on the way to the phone.
    """

    name: str
    title: str
    effect: str
    make: Callable[[str], str]


def slipped(text: str) -> list[tuple[Slip, str]]:
    """Every slip for which a message has a place, with the message that has it."""
    made = [(slip, slip.make(text)) for slip in SLIPS]
    return [(slip, wrong) for slip, wrong in made if wrong != text]


def _exchanged(text: str) -> str:
    return _moved(text, lambda points: [(lon, lat) for lat, lon in points])


def _mirrored(text: str) -> str:
    return _moved(text, lambda points: [(lat, -lon) for lat, lon in points])


def _shrunk(text: str) -> str:
    def half(points: Points) -> Points:
        lat = sum(p[0] for p in points) / len(points)
        lon = sum(p[1] for p in points) / len(points)
        return [(lat + (a - lat) / 2, lon + (b - lon) / 2) for a, b in points]

    return _CIRCLE.sub(_half_radius, _moved(text, half))


def _half_radius(found: re.Match[str]) -> str:
    centre, radius_km = found[2].split()
    return f"{found[1]}{centre} {float(radius_km) / 2:g}{found[3]}"


def _moved(text: str, move: Callable[[Points], Points]) -> str:
    """The message with the points of its polygons and circles moved."""

    def polygon(found: re.Match[str]) -> str:
        points = [(float(a), float(b)) for a, b in (pair.split(",") for pair in found[2].split())]
        return found[1] + " ".join(f"{a:.6f},{b:.6f}" for a, b in move(points)) + found[3]

    def circle(found: re.Match[str]) -> str:
        centre, radius_km = found[2].split()
        ((lat, lon),) = move([(float(centre.split(",")[0]), float(centre.split(",")[1]))])
        return f"{found[1]}{lat:.5g},{lon:.5g} {radius_km}{found[3]}"

    return _CIRCLE.sub(circle, _POLYGON.sub(polygon, text))


def _word(element: str, value: str) -> Callable[[str], str]:
    """The first element of a name with another value."""
    return lambda text: re.sub(rf"<{element}>[^<]*</{element}>", f"<{element}>{value}</{element}>", text)


def _short(text: str) -> str:
    sent = re.search(r"<sent>\s*([^<]+?)\s*</sent>", text)
    if sent is None:
        return text
    until = (datetime.fromisoformat(sent[1]) + _SHORT).isoformat()
    return _word("expires", until)(text)


def _one_language(text: str) -> str:
    """Without every <info> after the first."""
    first = _INFO.search(text)
    return text if first is None else text[: first.end()] + _INFO.sub("", text[first.end() :])


SLIPS: Final = (
    Slip(
        "lat_lon_exchanged",
        "Latitude and longitude are exchanged.",
        "The area is elsewhere on Earth: no cell near the hazard is chosen.",
        _exchanged,
    ),
    Slip(
        "wrong_hemisphere",
        "The longitude has the wrong sign.",
        "The area is on the other side of the meridian of Greenwich: no cell near the hazard is chosen.",
        _mirrored,
    ),
    Slip(
        "area_too_small",
        "The area is drawn half as wide and half as high.",
        "People at its edge hear nothing, except on cells that also serve the smaller area.",
        _shrunk,
    ),
    Slip(
        "status_exercise",
        "The status is Exercise in place of Actual.",
        "It goes out as an exercise: most phones do not show those, and who sees it does not act.",
        _word("status", "Exercise"),
    ),
    Slip(
        "severity_minor",
        "The severity is Minor.",
        "It goes out on a lower level: people may have switched that off, and a policy may not send it.",
        _word("severity", "Minor"),
    ),
    Slip(
        "ends_at_once",
        "It ends five minutes after it is sent.",
        "A broadcast that ends with the message misses phones that come into coverage later.",
        _short,
    ),
    Slip(
        "one_language",
        "The other languages are missing.",
        "Phones show it to everybody; who does not read its language does not understand it.",
        _one_language,
    ),
)
