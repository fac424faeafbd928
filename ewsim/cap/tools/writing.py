"""A message as CAP 1.2, written from what it says.

What CAP has no element for (extensions, comments, a signature) is not written.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from ewsim.cap.alert import Alert, Info, Resource
from ewsim.cap.tools.follow_up import Where, quoted, where_of
from ewsim.cap.xml.node import NAMESPACES

HEAD: Final = ('<?xml version="1.0" encoding="UTF-8"?>', f'<alert xmlns="{NAMESPACES["1.2"]}">')


def write_alert(alert: Alert) -> bytes:
    """A message as CAP 1.2 in UTF-8; it reads back as the same message."""
    head: list[tuple[str, str | Sequence[str]]] = [
        ("identifier", alert.identifier),
        ("sender", alert.sender),
        ("sent", cap_time(alert.sent)),
        ("status", alert.status),
        ("msgType", alert.msg_type),
        ("source", alert.source or ""),
        ("scope", alert.scope),
        ("restriction", alert.restriction or ""),
        ("addresses", " ".join(map(quoted, alert.addresses))),
        ("code", alert.codes),
        ("note", alert.note or ""),
        ("references", " ".join(alert.references)),
        ("incidents", " ".join(map(quoted, alert.incidents))),
    ]
    lines = [*HEAD, *elements(head, 1)]
    for info in alert.infos:
        lines += ["  <info>", *_info(info), "  </info>"]
    return ("\n".join([*lines, "</alert>"]) + "\n").encode()


def _info(info: Info) -> Iterator[str]:
    times = {name: getattr(info, name) for name in ("effective", "onset", "expires")}
    written = {name: cap_time(time) if time else "" for name, time in times.items()}
    yield from elements(
        [
            ("language", info.language),
            ("category", info.categories),
            ("event", info.event),
            ("responseType", info.response_types),
            ("urgency", info.urgency),
            ("severity", info.severity),
            ("certainty", info.certainty),
            ("audience", info.audience or ""),
        ],
        2,
    )
    yield from _pairs("eventCode", info.event_codes, 2)
    yield from elements(written.items(), 2)
    yield from elements(
        [
            ("senderName", info.sender_name or ""),
            ("headline", info.headline or ""),
            ("description", info.description or ""),
            ("instruction", info.instruction or ""),
            ("web", info.web or ""),
            ("contact", info.contact or ""),
        ],
        2,
    )
    yield from _pairs("parameter", info.parameters, 2)
    for resource in info.resources:
        yield from _resource(resource)
    for area in info.areas:
        yield from area_lines(where_of(area))


def _resource(resource: Resource) -> Iterator[str]:
    yield "    <resource>"
    yield from elements(
        [
            ("resourceDesc", resource.description),
            ("mimeType", resource.mime_type or ""),
            ("size", "" if resource.size is None else str(resource.size)),
            ("uri", resource.uri or ""),
            ("derefUri", resource.deref_uri or ""),
            ("digest", resource.digest or ""),
        ],
        3,
    )
    yield "    </resource>"


def area_lines(where: Where) -> Iterator[str]:
    """The lines of one <area>."""
    yield "    <area>"
    yield from elements([("areaDesc", where.name), ("polygon", where.polygons), ("circle", where.circles)], 3)
    yield from _pairs("geocode", where.geocodes, 3)
    yield from elements([("altitude", where.altitude), ("ceiling", where.ceiling)], 3)
    yield "    </area>"


def _pairs(name: str, pairs: Iterable[tuple[str, str]], depth: int) -> Iterator[str]:
    for pair in pairs:
        inner = "".join(elements(zip(("valueName", "value"), pair, strict=True), 0))
        yield f"{'  ' * depth}<{name}>{inner}</{name}>"


def elements(pairs: Iterable[tuple[str, str | Sequence[str]]], depth: int) -> Iterator[str]:
    """A line for each value, `depth` steps of two spaces in; an element without a value is left out."""
    for name, values in pairs:
        for value in (values,) if isinstance(values, str) else values:
            if value:
                yield f"{'  ' * depth}<{name}>{escape(value)}</{name}>"


def cap_time(moment: datetime) -> str:
    """A time as CAP 1.2 wants it: whole seconds, a numeric offset, UTC as -00:00 (3.3.2)."""
    text = moment.replace(microsecond=0).isoformat()
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text
