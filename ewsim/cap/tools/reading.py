"""All that a message says, as rows of a label and a text: what people read, in a terminal or on a page.

Nothing of the message is left out; a test goes through every element of the schema.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeAlias

from ewsim.cap.alert import Alert, Area, Info, Resource

Row: TypeAlias = tuple[str, str]
Time: TypeAlias = Callable[[datetime], str]

_M_A_FOOT: Final = 0.3048
_MOST_CONTENT: Final = 80  # characters of a file inside the message that are shown


def alert_rows(alert: Alert) -> Iterator[Row]:
    """What <alert> says besides who sent which kind of message to whom, and when."""
    yield from _filled(
        ("restricted to", alert.restriction),
        ("addressed to", ", ".join(alert.addresses)),
        ("source", alert.source),
        ("code", ", ".join(alert.codes)),
        ("note", alert.note),
        ("refers to", " ".join(alert.references)),
        ("incidents", ", ".join(alert.incidents)),
    )


def info_rows(info: Info, time: Time) -> Iterator[Row]:
    """What an <info> says besides its texts, areas and files; `time` writes a time."""
    times = {"effective": info.effective, "onset": info.onset, "expires": info.expires}
    yield from _filled(
        ("do", ", ".join(info.response_types)),
        ("times", " · ".join(f"{name} {time(when)}" for name, when in times.items() if when) or "none"),
        ("category", ", ".join(info.categories)),
        ("for", info.audience),
        *(("event code", f"{name} = {value}") for name, value in info.event_codes),
        *(("parameter", f"{name} = {value}") for name, value in info.parameters),
        ("web", info.web),
        ("contact", info.contact),
    )


def area_rows(area: Area, most_points: int | None = None) -> Iterator[Row]:
    """The shapes, codes and heights of an <area>; the first points of each polygon, or all."""
    for ring in area.polygons:
        points = [f"{lat:.10g},{lon:.10g}" for lat, lon in ring.points]
        left = len(points) - len(points[:most_points])
        yield "polygon", " ".join(points[:most_points]) + (f" and {left:,} more points" if left else "")
    for disc in area.circles:
        yield "circle", f"{disc.radius_km:.10g} km around {disc.lat:.10g},{disc.lon:.10g}"
    for code in area.geocodes:
        yield "code", f"{code.name} = {code.value}"
    for name, feet in (("altitude", area.altitude_ft), ("ceiling", area.ceiling_ft)):
        if feet is not None:
            yield name, f"{feet:.10g} ft ({feet * _M_A_FOOT:,.0f} m) above sea level"


def resource_rows(resource: Resource) -> Iterator[Row]:
    """What a <resource> says besides its description; of its content the beginning."""
    content = "".join((resource.deref_uri or "").split())
    if len(content) > _MOST_CONTENT:
        content = f"{content[:_MOST_CONTENT]}… ({len(content):,} characters of base64)"
    yield from _filled(
        ("type", resource.mime_type),
        ("size", "" if resource.size is None else f"{resource.size} bytes"),
        ("address", resource.uri),
        ("inside the message", content),
        ("digest", resource.digest),
    )


def _filled(*rows: tuple[str, str | None]) -> Iterator[Row]:
    yield from ((label, text) for label, text in rows if text)
