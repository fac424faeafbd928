"""What an update or a cancel takes over from the messages that it is about.

The area above all: a follow-up with another area leaves people warned for ever. Then the languages, who
sends it, who may see it, and whether it is real: an exercise is not cancelled by an actual message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ewsim.cap.alert import Alert, Area, Info


@dataclass(frozen=True, slots=True)
class Where:
    """An area as CAP writes it: its name, shapes, codes (name, value), and heights in feet."""

    name: str
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()
    altitude: str = ""
    ceiling: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The messages that a follow-up is about; the first one decides where they differ.

    `head` are elements of <alert> by their names, `infos` the first <info> in each language, `areas` every
    area of a language.
    """

    sender: str = ""
    head: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    infos: Mapping[str, Info] = field(default_factory=dict)
    areas: Mapping[str, tuple[Where, ...]] = field(default_factory=dict)


def earlier(alerts: Sequence[Alert]) -> Earlier:
    """What a follow-up of these messages takes over."""
    if not alerts:
        return Earlier()
    first = alerts[0]
    infos: dict[str, Info] = {}
    areas: dict[str, tuple[Where, ...]] = {}
    for info in (info for alert in alerts for info in alert.infos):
        infos.setdefault(info.language, info)
        found = (*areas.get(info.language, ()), *map(where_of, info.areas))
        areas[info.language] = tuple(dict.fromkeys(found))
    head = {
        "status": first.status,
        "scope": first.scope,
        "restriction": first.restriction or "",
        "addresses": " ".join(map(quoted, first.addresses)),
        "code": first.codes,
        "incidents": " ".join(map(quoted, first.incidents)),
    }
    if first.status == "Exercise":
        head["note"] = first.note or ""
    return Earlier(first.sender, head, infos, areas)


def where_of(area: Area) -> Where:
    """An area of a message as it is written."""
    return Where(
        area.description,
        tuple(" ".join(f"{_plain(a)},{_plain(b)}" for a, b in ring.points) for ring in area.polygons),
        tuple(f"{_plain(c.lat)},{_plain(c.lon)} {_plain(c.radius_km)}" for c in area.circles),
        tuple((code.name, code.value) for code in area.geocodes),
        "" if area.altitude_ft is None else _plain(area.altitude_ft),
        "" if area.ceiling_ft is None else _plain(area.ceiling_ft),
    )


_DECIMALS: Final = 10  # far below a millimetre


def _plain(number: float) -> str:
    """A number without an exponent and without zeros at its end."""
    text = f"{number:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def quoted(item: str) -> str:
    """An item of a list (CAP 1.2, 3.2.1): in quotes when it has spaces."""
    return f'"{item}"' if " " in item else item
