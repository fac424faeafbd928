"""Rules of <area>: what polygons, circles and heights must be (CAP 1.2, 3.2.4 and 3.3.1)."""

from collections.abc import Sequence
from typing import TypeAlias, cast

import shapely

from ewsim.cap.marks import Marks
from ewsim.cap.rules import info as rules_info
from ewsim.cap.rules import shape as rules_shape
from ewsim.cap.xml import values
from ewsim.cap.xml.node import VERSIONS, Node, Table
from ewsim.cap.xml.values import Point

#: A ring, its shape and its middle.
Sound: TypeAlias = dict[str, tuple[tuple[Point, ...], shapely.Polygon, Point]]


def polygon(node: Node, marks: Marks) -> tuple[Point, ...]:
    """The ring of a <polygon>; empty when it is not one. Read and judged once."""
    if node.meaning is None:
        node.meaning = _polygon(node, marks)
    return cast("tuple[Point, ...]", node.meaning)


def _polygon(node: Node, marks: Marks) -> tuple[Point, ...]:
    text = node.text
    if not text.strip():
        marks.add("POLY-EMPTY", node, "<polygon> is empty")
        return ()
    points = values.read_points(text)
    if points is None:
        for fault in values.point_faults(text):
            marks.add("POLY-SYNTAX", node, fault.message, fault.fix, offset=fault.offset)
        return ()
    sound = _in_range(node, points, marks)
    if len(points) < 4:
        count = f"{len(points)} point" + ("s" if len(points) > 1 else "")
        marks.add("POLY-4", node, f"<polygon> has {count}, not at least four", offset=0)
        sound = False
    elif points[0] != points[-1]:
        first, last = (f"{lat:.10g},{lon:.10g}" for lat, lon in (points[0], points[-1]))
        message = f"<polygon> is open: it begins at {first} and ends at {last}"
        marks.add("POLY-CLOSED", node, message, offset=len(text.rstrip()) - 1)
        sound = False
    return tuple(points) if sound else ()


def _in_range(node: Node, points: list[Point], marks: Marks) -> bool:
    lats, lons = zip(*points, strict=True)
    if min(lats) >= -90.0 and max(lats) <= 90.0 and min(lons) >= -180.0 and max(lons) <= 180.0:
        return True
    offset = 0
    first: dict[str, tuple[str, int]] = {}  # latitude or longitude: what is said, and where
    count: dict[str, int] = {}
    for pair, (lat, lon) in zip(node.text.split(), points, strict=True):
        offset = node.text.index(pair, offset)
        if message := _range(lat, lon):
            which = message.partition(" ")[0]
            first.setdefault(which, (message, offset))
            count[which] = count.get(which, 0) + 1
        offset += len(pair)
    for which, (message, offset) in first.items():
        more = values.repeats(count[which] - 1)
        marks.add("POLY-RANGE", node, f"{message}{more}", _around(lats, lons), offset)
    return False


def _range(lat: float, lon: float) -> str:
    if not -90.0 <= lat <= 90.0:
        return f"latitude {lat:.10g} is not between -90 and 90"
    if not -180.0 <= lon <= 180.0:
        return f"longitude {lon:.10g} is not between -180 and 180"
    return ""


def _around(lats: Sequence[float], lons: Sequence[float]) -> str:
    """The advice where longitudes are counted around the globe; nothing where something else is wrong."""
    beyond = next((lon for lon in lons if not -180.0 <= lon <= 180.0), None)
    if beyond is None or max(map(abs, lons)) > 360.0 or max(map(abs, lats)) > 90.0:
        return ""
    return f"Write {(beyond + 180.0) % 360.0 - 180.0:.10g} for {beyond:.10g}: longitudes go from -180 to 180."


def circle(node: Node, marks: Marks) -> tuple[float, float, float] | None:
    """Latitude, longitude [deg] and radius [km] of a <circle>, or None. Read and judged once."""
    if node.meaning is None:
        node.meaning = _circle(node, marks) or ()
    return cast("tuple[float, float, float] | tuple[()]", node.meaning) or None


def _circle(node: Node, marks: Marks) -> tuple[float, float, float] | None:
    found = values.read_circle(node.text)
    if found is None:
        shown = " ".join(node.text.split())[:60]
        what = f"is {shown!r}" if shown else "is empty"
        fix = values.HEIGHT if values.is_high_circle(node.text) else ""
        marks.add("CIRCLE-SYNTAX", node, f"<circle> {what}, not latitude,longitude radius", fix, offset=0)
        return None
    lat, lon, radius_km = found
    message = _range(lat, lon) or (f"the radius {radius_km:.10g} km is negative" if radius_km < 0 else "")
    if message:
        fix = _around([lat], [lon]) if message.startswith("longitude") else ""
        marks.add("CIRCLE-RANGE", node, message, fix, offset=0)
        return None
    return found


def drawn(info: Node) -> bool:
    """Whether an <info> that was judged has an area to draw; a circle of radius 0 is a place, and none."""
    areas = info.every("area")
    rings = any(shape.meaning for area in areas for shape in area.every("polygon"))
    discs = (cast("tuple[float, ...]", disc.meaning) for area in areas for disc in area.every("circle"))
    return rings or any(disc and disc[2] > 0 for disc in discs)


def check(areas: Sequence[Node], marks: Marks, sound: Sound) -> None:
    """Judge all <area> of one <info>.

    Parameters
    ----------
    areas
        The <area> elements, one or more.
    marks
        Gets what is found.
    sound
        The faultless rings of the message by their text; gets more. The <info> of other languages
        mostly repeat the area.
    """
    version = VERSIONS[areas[0].namespace]
    shapes: list[rules_shape.Shape] = []
    centres: list[Point] = []
    for area in areas:
        table = area.table
        own: list[rules_shape.Shape] = []
        discs = []
        for node in table.get("polygon", ()):
            known = sound.get(node.text)
            if known is not None:
                node.meaning = known[0]
                own.append(rules_shape.Shape(node, *known[1:]))
                continue
            found = len(marks.items)
            ring = polygon(node, marks)
            shape = rules_shape.polygon(node, ring, marks) if ring else None
            if shape is not None:
                own.append(shape)
                if len(marks.items) == found:
                    sound[node.text] = ring, shape.polygon, shape.middle
        for node in table.get("circle", ()):
            disc = circle(node, marks)
            if disc is not None:
                discs.append(disc)
                rules_shape.circle(node, disc[2], marks)
        rules_shape.nested(own, marks)
        shapes += own
        centres += [disc[:2] for disc in discs]
        if "polygon" not in table and "circle" not in table:
            what = "codes only" if "geocode" in table else "a name only"
            marks.add("AREA-SHAPE", area, f"<area> has {what}, no <polygon> and no <circle>")
        _heights(table, marks)
        if version == "1.0":
            rules_info.pairs(table.get("geocode", ()), marks)
    for area, _ in rules_info.repeated(areas, ("areaDesc",)):
        marks.add("AREA-DUPLICATE", area, "<area> repeats an earlier one")
    rules_shape.swapped(shapes, centres, marks)


def _heights(table: Table, marks: Marks) -> None:
    heights: dict[str, float] = {}
    for name in ("altitude", "ceiling"):
        for node in table.get(name, ()):
            height = values.read_number(node.text)
            if height is not None:
                heights[name] = height
            elif node.text.strip():
                shown = node.text.strip()[:60]
                marks.add("HEIGHT-FORM", node, f"<{name}> is {shown!r}, not a number", offset=0)
    if "ceiling" in heights:
        where = table["ceiling"][0]
        if "altitude" not in table:
            marks.add("CEILING-ALONE", where, "<ceiling> is there without <altitude>")
        elif "altitude" in heights and heights["ceiling"] < heights["altitude"]:
            low, high = heights["ceiling"], heights["altitude"]
            message = f"<ceiling> {low:.10g} is below <altitude> {high:.10g}"
            marks.add("CEILING-BELOW", where, message, offset=0)
