"""The alert area: from a CAP message, or from the scenario in its place."""

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.cap.alert import Alert, Area, Polygon, Position
from ewsim.errors import CapError, Diagnostic, ScenarioError
from ewsim.geography.plane import FloatArray, LocalFrame, union
from ewsim.scenario.spec import AreaSpec
from ewsim.targeting.gazetteer import Gazetteer

_OVERRIDE = "give the area itself, as alert.area_override."


def area_of(
    alert: Alert, frame: LocalFrame, override: AreaSpec | None = None, gazetteer: Gazetteer | None = None
) -> BaseGeometry:
    """The alert area in metres: the union of all areas of the message, or the override.

    Geocodes beside polygons or circles of the same area are not needed and not read (CAP 1.2,
    3.2.4: they are other ways to say the same); geocodes alone are looked up in the gazetteer.
    Longitudes are unwrapped around the frame, so areas across the antimeridian are whole. A ring
    that walks a bridge to an inner ring and back leaves the inside out: that is how CAP says a
    hole.

    Parameters
    ----------
    alert
        The message.
    frame
        The plane of the country.
    override
        An area of the scenario that takes the place of the message's.
    gazetteer
        Where geocodes are; None: geocodes alone are a fault.

    Raises
    ------
    CapError
        No usable area; every fault with its line and column in the message.
    ScenarioError
        The override encloses nothing.
    """
    if override is not None:
        return _overriding(override, frame)
    faults: list[Diagnostic] = []
    shapes: list[BaseGeometry] = []
    for area in alert.areas:
        for polygon in area.polygons:
            found = list(polygon_faults(alert.file, polygon, frame))
            faults += found
            if not found:
                shapes.append(frame.polygon(polygon.points))
        shapes += [frame.circle(c.lat, c.lon, c.radius_km * 1000.0) for c in area.circles if c.radius_km > 0]
        if area.geocodes and not area.polygons and not area.circles:
            if gazetteer is None:
                faults.append(_codes_alone(alert, area))
            else:
                place = gazetteer.area(area, frame, alert.file, faults)
                shapes += [] if place is None else [place]
    if not shapes and not faults:
        faults.append(_no_shape(alert))
    if faults:
        raise CapError(faults)
    return union(shapes)


def shape_of(spec: AreaSpec, frame: LocalFrame) -> BaseGeometry:
    """An area of a scenario in the frame's metres."""
    discs = [(*circle.centre, circle.radius_m) for circle in spec.circles]
    return frame.area(spec.polygons, discs, spec.holes)


def _overriding(spec: AreaSpec, frame: LocalFrame) -> BaseGeometry:
    area = shape_of(spec, frame)
    if area.area == 0:
        fix = "Give a ring of [latitude, longitude] that encloses land, or a circle."
        raise ScenarioError.at("alert.area_override", "the area encloses nothing.", fix)
    return area


def polygon_faults(file: str, polygon: Polygon, frame: LocalFrame) -> Iterator[Diagnostic]:
    """What keeps a ring from being an area.

    Parameters
    ----------
    file
        What messages call the file that it stands in.
    polygon
        The ring [degree].
    frame
        The plane of the country.
    """

    def fault(message: str, fix: str) -> Diagnostic:
        return Diagnostic(file, polygon.position.line, polygon.position.column, message, fix)

    points = np.array(polygon.points, dtype=np.float64).reshape(-1, 2)
    if not (np.isfinite(points).all() and (np.abs(points) <= (90.0, 180.0)).all()):
        yield fault(
            "the polygon has a point that is not a place on the Earth.",
            "Write latitude,longitude in degrees, latitude first.",
        )
        return
    if len(np.unique(points, axis=0)) < 3:
        yield fault(
            "the polygon has fewer than three different points and encloses nothing.",
            "Give at least four pairs, the last equal to the first, or use a circle.",
        )
        return
    x, y = frame.to_xy(points[:, 0], points[:, 1])
    ring = shapely.Polygon(np.column_stack([x, y]))
    if ring.is_valid:
        return
    whole, signed = shapely.make_valid(ring).area, _signed_area(x, y)
    if whole > 0 and abs(whole - abs(signed)) <= 1e-9 * whole:
        return  # it only touches itself: a bridge to a hole
    if whole == 0:
        yield fault(
            "the polygon encloses nothing: its points lie on one line.", "Give the corners of an area."
        )
    else:
        yield fault("the polygon crosses itself.", "List its points in order along the outline.")


def _signed_area(x: FloatArray, y: FloatArray) -> float:
    """The area a ring winds around: less than it covers where it winds both ways or twice."""
    x, y = x - x.mean(), y - y.mean()
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def _codes_alone(alert: Alert, area: Area) -> Diagnostic:
    names = ", ".join(dict.fromkeys(code.name for code in area.geocodes))
    at = area.geocodes[0].position
    return Diagnostic(
        alert.file,
        at.line,
        at.column,
        f"the area is given by geocodes alone ({names}), which need a gazetteer.",
        f"Add a <polygon> or <circle>, or give the scenario alert.gazetteer, or {_OVERRIDE}",
    )


def _no_shape(alert: Alert) -> Diagnostic:
    circle = next((circle for area in alert.areas for circle in area.circles), None)
    if circle is not None:
        what = "the circle has a radius of 0: it is a place, and nobody is in it."
        fix = f"Give it a radius in kilometres, or {_OVERRIDE}"
        return Diagnostic(alert.file, circle.position.line, circle.position.column, what, fix)
    first = next(iter(alert.areas), None) or next(iter(alert.infos), None) or alert
    at: Position = first.position
    return Diagnostic(
        alert.file,
        at.line,
        at.column,
        "the message has no polygon and no circle, so nobody is in its area.",
        f"Add a <polygon> or <circle>, or {_OVERRIDE}",
    )
