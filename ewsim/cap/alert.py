"""A CAP message as frozen values, with the place in the file that each came from.

Common Alerting Protocol 1.2, OASIS Standard, 1 July 2010, section 3; 1.0 and 1.1 differ only in
which elements exist and read into the same model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file, counted from 1; 0 means not known."""

    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc: degrees (WGS 84) and kilometres, as CAP writes it."""

    lat: float
    lon: float
    radius_km: float
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed ring of (lat, lon) degrees (WGS 84), as CAP writes it: first point == last."""

    points: tuple[tuple[float, float], ...]
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Geocode:
    """A code for a place in a named system (SAME, UGC, EMMA_ID, ...)."""

    name: str
    value: str
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Area:
    """One <area>: the union of its polygons, circles and geocodes."""

    description: str
    polygons: tuple[Polygon, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Geocode, ...] = ()
    altitude_ft: float | None = None
    ceiling_ft: float | None = None
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Resource:
    """One <resource>; `deref_uri` keeps the base64 text as it stands."""

    description: str
    mime_type: str | None = None
    size: int | None = None
    uri: str | None = None
    deref_uri: str | None = None
    digest: str | None = None
    position: Position = field(default=Position(), compare=False)


@dataclass(frozen=True, slots=True)
class Info:
    """One <info>: the message in one language (RFC 3066; en-US where absent)."""

    language: str
    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    response_types: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[tuple[str, str], ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()
    position: Position = field(default=Position(), compare=False)

    def parameter(self, name: str) -> str | None:
        """The first value of a parameter, by its name (case-insensitive), or None."""
        wanted = name.casefold()
        return next((value for key, value in self.parameters if key.casefold() == wanted), None)


@dataclass(frozen=True, slots=True)
class Alert:
    """One CAP message."""

    version: str  # "1.0", "1.1" or "1.2"
    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    source: str | None = None
    restriction: str | None = None
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[str, ...] = ()  # each "sender,identifier,sent"
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
    file: str = ""
    position: Position = field(default=Position(), compare=False)
    positions: Mapping[str, Position] = field(default_factory=dict, compare=False)
    signed: bool = False
    broken: bool = False  # a signature does not match; known where the validator has looked

    @property
    def areas(self) -> tuple[Area, ...]:
        """Every area of every info, without repeats (languages usually repeat the areas)."""
        seen: dict[object, Area] = {}
        for info in self.infos:
            for area in info.areas:
                key = (
                    tuple(p.points for p in area.polygons),
                    tuple((c.lat, c.lon, c.radius_km) for c in area.circles),
                    tuple((g.name, g.value) for g in area.geocodes),
                )
                seen.setdefault(key, area)
        return tuple(seen.values())
