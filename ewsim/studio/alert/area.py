"""The area that somebody draws: corners and circles as they come from a page, and what is wrong with them.

Each fault is a sentence that names the shape and the corner and says what to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.cap.alert import Alert, Area, Circle, Polygon
from ewsim.country.disturbed import swapped
from ewsim.geography.plane import LocalFrame
from ewsim.network.topology import Network
from ewsim.scenario.spec import AreaSpec
from ewsim.targeting.areas import polygon_faults
from ewsim.targeting.footprints import cell_footprints

#: More cannot be drawn by hand or shown in a list.
MOST_CORNERS: Final = 1_000
MOST_SHAPES: Final = 50
#: Half of the way around the Earth is 20,015 km.
MOST_RADIUS_M: Final = 20_100_000.0
#: Decimals of a degree that are kept: 0.1 m.
_DECIMALS: Final = 6

Corner = tuple[float, float]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Drawing:
    """Polygons as rings of corners (latitude, longitude) [degree], not closed; circles with a radius [m]."""

    polygons: tuple[tuple[Corner, ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()
    holes: tuple[tuple[Corner, ...], ...] = ()

    @property
    def corner_count(self) -> int:
        """Corners of all rings, and a middle for each circle."""
        return sum(map(len, (*self.polygons, *self.holes))) + len(self.circles)

    def thinned(self) -> Drawing:
        """The same with so few corners that a page can show them; for looking at only."""
        step = -(-self.corner_count // MOST_CORNERS)
        return Drawing(tuple(ring[::step] for ring in self.polygons), self.circles[:MOST_CORNERS])

    def as_json(self) -> dict[str, Any]:
        """The same for a page."""
        return {
            "polygons": [list(map(list, ring)) for ring in self.polygons],
            "circles": [{"centre": [lat, lon], "radius_m": radius} for lat, lon, radius in self.circles],
        }

    def as_spec(self) -> dict[str, Any]:
        """The same for `alert.area_override` of a scenario."""
        rings = {"polygons": self.polygons, "holes": self.holes}
        found: dict[str, Any] = {k: [list(map(list, r)) for r in v] for k, v in rings.items() if v}
        circles = self.as_json()["circles"]
        return {**found, "circles": circles} if circles else found

    def as_cap(self, name: str) -> Area:
        """The same as an <area> of a message; CAP has no holes."""
        polygons = tuple(Polygon((*ring, ring[0])) for ring in self.polygons)
        circles = tuple(Circle(lat, lon, radius / 1000) for lat, lon, radius in self.circles)
        return Area(name, polygons, circles)

    def shape(self, frame: LocalFrame) -> BaseGeometry:
        """The same in metres; of a drawing without faults."""
        return frame.area(self.polygons, self.circles, self.holes)


def of_message(alert: Alert) -> Drawing:
    """What is drawn in a message; its geocodes are not."""
    rings = (polygon.points for area in alert.areas for polygon in area.polygons)
    discs = (circle for area in alert.areas for circle in area.circles)
    return Drawing(
        tuple(tuple(_open(ring)) for ring in rings),
        tuple((disc.lat, disc.lon, disc.radius_km * 1000) for disc in discs),
    )


def of_scenario(spec: AreaSpec) -> Drawing:
    """The area that a scenario gives in place of the message's."""
    return Drawing(
        tuple(tuple(_open(ring)) for ring in spec.polygons),
        tuple((*circle.centre, circle.radius_m) for circle in spec.circles),
        tuple(tuple(_open(ring)) for ring in spec.holes),
    )


def _open(ring: Sequence[_T]) -> Sequence[_T]:
    return ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring


# --- what comes from a page ---------------------------------------------------------------------------


def read_drawing(given: Mapping[str, Any]) -> tuple[Drawing, list[str]]:
    """A drawing as a page sends it, and every fault of it in a sentence.

    `given` has `polygons`, a list of lists of [latitude, longitude], and `circles`, a list of objects with
    `centre` and `radius_m`. With faults, the drawing is what could be read of it.
    """
    faults: list[str] = []
    rings, discs = (_list(given.get(key), key, faults) for key in ("polygons", "circles"))
    corners = sum(len(ring) for ring in rings if isinstance(ring, list)) + len(discs)
    if len(rings) + len(discs) > MOST_SHAPES:
        what = (
            f"The area has {len(rings) + len(discs):,} polygons and circles, and {MOST_SHAPES} are allowed."
        )
        return Drawing(), [*faults, f"{what} Draw fewer."]
    if corners > MOST_CORNERS:
        what = f"The area has {corners:,} corners, and {MOST_CORNERS:,} are allowed."
        return Drawing(), [*faults, f"{what} Leave out corners, or open the outline as a CAP file."]
    polygons = [_ring(ring, f"Polygon {n}", faults) for n, ring in enumerate(rings, 1)]
    circles = [_disc(disc, f"Circle {n}", faults) for n, disc in enumerate(discs, 1)]
    drawing = Drawing(tuple(polygons), tuple(disc for disc in circles if disc is not None))
    if not faults:
        faults += faults_of(drawing)
    return drawing, faults


def _list(value: Any, key: str, faults: list[str]) -> list[Any]:
    if isinstance(value, list) or value is None:
        return value or []
    faults.append(f"The page sent {key} that are not a list. Reload the page.")
    return []


def _ring(ring: Any, name: str, faults: list[str]) -> tuple[Corner, ...]:
    if not isinstance(ring, list):
        faults.append(f"{name} is not a list of corners. Reload the page.")
        return ()
    found = [_place(corner, f"{name}, corner {n}", faults) for n, corner in enumerate(ring, 1)]
    return tuple(corner for corner in _open(found) if corner is not None)


def _disc(disc: Any, name: str, faults: list[str]) -> tuple[float, float, float] | None:
    if not isinstance(disc, Mapping):
        faults.append(f"{name} has no middle and no radius. Reload the page.")
        return None
    middle, radius = _place(disc.get("centre"), name, faults), _number(disc.get("radius_m"))
    if radius is None or not 0 < radius <= MOST_RADIUS_M:
        shown = "no number" if radius is None else f"{radius:,.10g} m"
        faults.append(
            f"{name} has a radius of {shown}. Write more than 0 and at most {MOST_RADIUS_M:,.0f} m."
        )
        return None
    return None if middle is None else (*middle, max(round(radius, 1), 1.0))


def _place(pair: Any, name: str, faults: list[str]) -> Corner | None:
    numbers = [_number(value) for value in pair] if isinstance(pair, list) else []
    if len(numbers) != 2 or None in numbers:
        faults.append(f"{name} is not a place. Write its latitude and its longitude as numbers.")
        return None
    lat, lon = (float(number or 0) for number in numbers)
    if -90 <= lat <= 90 and -180 <= lon <= 180:
        return round(lat, _DECIMALS), round(lon, _DECIMALS)
    what = f"{name} has latitude {lat:.10g} and longitude {lon:.10g}."
    fix = "Latitude is from -90 to 90, longitude from -180 to 180."
    if -90 <= lon <= 90 and 90 < abs(lat) <= 180:
        fix += f" Are the two exchanged? Then write {lon:.10g}, {lat:.10g}: latitude comes first."
    faults.append(f"{what} {fix}")
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


# --- what is wrong with it ----------------------------------------------------------------------------


def faults_of(drawing: Drawing) -> list[str]:
    """What keeps a drawing from being an area, whatever the country is."""
    if not drawing.polygons and not drawing.circles:
        return ["The area is empty. Draw a polygon or a circle."]
    return [
        fault for n, ring in enumerate(drawing.polygons, 1) for fault in _ring_faults(ring, f"Polygon {n}")
    ]


def _ring_faults(ring: tuple[Corner, ...], name: str) -> Iterator[str]:
    if len(set(ring)) < 3:
        count = f"{len(set(ring))} corner" + ("" if len(set(ring)) == 1 else "s")
        yield f"{name} has {count}. Give it at least three different ones, or draw a circle."
        return
    east = np.cumsum(np.mod(np.diff([lon for _, lon in ring], append=ring[0][1]) + 180, 360) - 180)
    if np.ptp(east) > 180 or abs(east[-1]) > 1:
        yield f"{name} is wider than half of the Earth. Draw its parts as polygons of their own."
        return
    frame = LocalFrame.around(*zip(*ring, strict=True))
    for fault in polygon_faults("", Polygon((*ring, ring[0])), frame):
        if "crosses" not in fault.message:
            yield f"{name} encloses nothing: its corners lie on one line. Move one of them off it."
            continue
        sides = " and ".join(f"from corner {a} to {b}" for a, b in _crossing(ring, frame))
        where = f": its sides {sides} meet" if sides else ""
        yield f"{name} crosses itself{where}. Move a corner, or put the corners in order around the area."


def _crossing(ring: tuple[Corner, ...], frame: LocalFrame) -> list[tuple[int, int]]:
    """The first two sides that cross, each by the numbers of its corners; none where corners touch only."""
    lat, lon = np.array(ring).T
    points = np.column_stack(frame.to_xy(lat, lon))
    sides = np.asarray(shapely.linestrings(np.stack([points, np.roll(points, -1, axis=0)], axis=1)))
    first, second = shapely.STRtree(sides).query(sides, predicate="crosses")
    pairs = sorted((int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b)
    return [(side + 1, (side + 1) % len(ring) + 1) for side in pairs[0]] if pairs else []


def off_network(drawing: Drawing, network: Network) -> list[str]:
    """A sentence where no cell of a network is heard in the area, and what may be wrong then.

    Of a drawing without other faults.
    """
    area, footprints = drawing.shape(network.frame), cell_footprints(network)
    shapely.prepare(area)
    if shapely.intersects(area, footprints).any():
        return []
    masts = shapely.points(network.sites.x_m, network.sites.y_m)
    away_km = float(np.min(shapely.distance(area, masts), initial=np.inf)) / 1000
    what = "No cell of the network is heard in the area"
    if math.isfinite(away_km):
        what += f": the nearest mast is {away_km:,.0f} km away"
    turned = swapped(area, network.frame)
    if turned is not None and shapely.intersects(turned, footprints).any():
        return [f"{what}. Latitude and longitude seem to be exchanged: latitude comes first."]
    return [f"{what}. Draw it where the masts are, or check the signs of its coordinates."]
