"""Rules of the shape of an area: rings that cross, lie in each other, are huge, tiny or swapped.

CAP 1.2 says nothing of them (3.2.4 and 3.3.1 only give the form), yet what draws or broadcasts an
area stumbles over every one.
"""

import math
import struct
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

import numpy as np
import shapely

from ewsim.cap.marks import Marks
from ewsim.cap.xml.node import Node
from ewsim.cap.xml.values import Point

MOST_VERTICES: Final = 1_000
#: Above this the shape is not judged; nothing real is so long.
_JUDGED: Final = 50_000
_KM_A_DEGREE: Final = 111.195  # mean radius of WGS 84
_LARGE_KM2: Final = 20e6
_TINY_KM2: Final = 0.001
#: A thousandth of a square metre: what the rounding of points on a line encloses.
_FLAT_KM2: Final = 1e-9
_FAR_DEG: Final = 30.0


class Shape(NamedTuple):
    """A ring that is worth comparing with others: in (longitude, latitude), and its middle."""

    node: Node
    polygon: shapely.Polygon
    middle: Point


def polygon(node: Node, points: tuple[Point, ...], marks: Marks) -> Shape | None:
    """Judge one ring; None when it is not worth comparing.

    Parameters
    ----------
    node
        The <polygon>.
    points
        Its closed ring as (latitude, longitude) [deg].
    marks
        Gets what is found.
    """
    if len(points) > MOST_VERTICES:
        marks.add("POLY-VERTICES", node, f"<polygon> has {len(points):,} points")
        if len(points) > _JUDGED:
            return None
    if marks.effort.crossing <= 0:
        return None
    lats, lons = zip(*points, strict=True)
    west, east = min(lons), max(lons)
    if east - west > 180.0 and any(abs(b - a) > 180.0 for a, b in pairwise(lons)):
        marks.add("POLY-ANTIMERIDIAN", node, "<polygon> crosses 180 degrees of longitude")
        lons = tuple(lon % 360.0 for lon in lons)
        west, east = min(lons), max(lons)
    shape = _ring(lons, lats)
    middle = ((min(lats) + max(lats)) / 2, (west + east) / 2)
    # on a sphere, with one cosine for the whole shape: for limits, not for maps
    km2 = _KM_A_DEGREE**2 * math.cos(math.radians(middle[0]))
    area_km2 = shape.area * km2
    # The area of a bow tie is that of its halves, one of them counted negative: ask the hull.
    if area_km2 < _TINY_KM2 and shape.convex_hull.area * km2 < _FLAT_KM2:
        marks.add("POLY-FLAT", node, "<polygon> encloses nothing")
        return None
    if not shape.is_valid:
        marks.effort.crossing -= len(points)
        reason = shapely.is_valid_reason(shape)
        where = reason.partition("[")[2].rstrip("]").split()
        at = f" near {float(where[1]):.10g},{float(where[0]):.10g}" if len(where) == 2 else ""
        rest = "" if marks.effort.crossing > 0 else "; further polygons are not judged"
        marks.add("POLY-CROSSING", node, f"the sides of <polygon> cross or touch{at}{rest}")
        return None
    if area_km2 < _TINY_KM2:
        marks.add("AREA-TINY", node, f"<polygon> encloses {area_km2 * 1e6:.3g} square metres")
    _large(node, area_km2, marks)
    return Shape(node, shape, middle)


def _ring(lons: tuple[float, ...], lats: tuple[float, ...]) -> shapely.Polygon:
    """A polygon of one closed ring, through well-known binary: four times as fast as from pairs."""
    numbers = [0.0] * (2 * len(lons))
    numbers[::2], numbers[1::2] = lons, lats
    head = struct.pack("<BIII", 1, 3, 1, len(lons))
    shape = shapely.from_wkb(head + struct.pack(f"<{len(numbers)}d", *numbers))
    assert isinstance(shape, shapely.Polygon)
    return shape


def circle(node: Node, radius_km: float, marks: Marks) -> None:
    """Judge the size of a circle; a radius of 0 is a place, as in the standard's own example.

    Parameters
    ----------
    node
        The <circle>.
    radius_km
        Its radius [km].
    marks
        Gets what is found.
    """
    across = min(math.radians(radius_km / _KM_A_DEGREE), math.pi)  # a cap of a sphere
    _large(node, 2 * math.pi * math.degrees(_KM_A_DEGREE) ** 2 * (1 - math.cos(across)), marks)


def _large(node: Node, area_km2: float, marks: Marks) -> None:
    if area_km2 > _LARGE_KM2:
        millions = area_km2 / 1e6
        marks.add("AREA-LARGE", node, f"<{node.name}> encloses {millions:,.0f} million square kilometres")


def nested(shapes: list[Shape], marks: Marks) -> None:
    """Name every polygon of one area that lies inside another."""
    if len(shapes) < 2 or len(shapes) > MOST_VERTICES or marks.effort.nested <= 0:
        return
    rings = np.array([shape.polygon for shape in shapes], dtype=object)
    inner, outer = shapely.STRtree(rings).query(rings, predicate="within")
    marks.effort.nested -= len(inner) + len(outer)
    for n in sorted({int(i) for i, o in zip(inner, outer, strict=True) if i != o}):
        marks.add("POLY-NESTED", shapes[n].node, "<polygon> lies inside another polygon of its area")


def swapped(shapes: list[Shape], centres: list[Point], marks: Marks) -> None:
    """Name polygons that would lie with the rest of the message if their numbers were swapped.

    Assumption: shapes of one message lie within 30 degrees of each other.

    Parameters
    ----------
    shapes
        The polygons of one <info>.
    centres
        The centres of its circles as (latitude, longitude) [deg].
    marks
        Gets what is found.
    """
    if len(shapes) + len(centres) < 2 or len(shapes) > MOST_VERTICES:
        return
    everything = [*(shape.middle for shape in shapes), *centres]
    lats, lons = zip(*everything, strict=True)
    if max(lats) - min(lats) <= _FAR_DEG and max(lons) - min(lons) <= _FAR_DEG:
        return
    middle = (median(lats), median(lons)) if len(shapes) > len(centres) else centres[0]
    for shape in shapes:
        lat, lon = shape.middle
        here = max(abs(lat - middle[0]), abs(lon - middle[1]))
        there = max(abs(lon - middle[0]), abs(lat - middle[1]))
        if here > _FAR_DEG and there < _FAR_DEG / 3:
            message = "<polygon> lies far from the rest of the message, and near it when swapped"
            marks.add("POLY-SWAPPED", shape.node, message)
