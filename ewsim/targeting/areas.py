"""The alert area: from a CAP message, or from the scenario in its place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.cap.alert import Alert, Polygon, Position
from ewsim.errors import CapError, Diagnostic, ScenarioError
from ewsim.geo import LocalFrame, union
from ewsim.scenario.spec import AreaSpec

_OVERRIDE = "give the area in the scenario, as alert.area_override."


def area_of(alert: Alert, frame: LocalFrame, override: AreaSpec | None = None) -> BaseGeometry:
    """The alert area in metres: the union of all polygons and circles, or the override.

    Geocodes beside polygons or circles are not needed and not read (CAP 1.2, 3.2.4: they are
    other ways to say the same); geocodes alone cannot be resolved without a gazetteer.

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
            found = list(_polygon_faults(alert.file, polygon, frame))
            faults += found
            if not found:
                shapes.append(frame.polygon(polygon.points))
        shapes += [frame.circle(c.lat, c.lon, c.radius_km * 1000.0) for c in area.circles]
    if not shapes and not faults:
        faults.append(_no_shape(alert))
    if faults:
        raise CapError(faults)
    return union(shapes)


def _overriding(spec: AreaSpec, frame: LocalFrame) -> BaseGeometry:
    area = union(
        [frame.polygon(ring) for ring in spec.polygons]
        + [frame.circle(*circle.centre, circle.radius_m) for circle in spec.circles]
    )
    if area.area == 0:
        raise ScenarioError(
            [
                Diagnostic(
                    "alert.area_override", 0, 0, "the area encloses nothing.",
                    "Give a ring of [latitude, longitude] that encloses land, or a circle.",
                )
            ]
        )  # fmt: skip
    return area


def _polygon_faults(file: str, polygon: Polygon, frame: LocalFrame) -> Iterator[Diagnostic]:
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
    if shapely.make_valid(ring).area == 0:
        yield fault(
            "the polygon encloses nothing: its points lie on one line.",
            "Give the corners of an area.",
        )
    else:
        yield fault("the polygon crosses itself.", "List its points in order along the outline.")


def _no_shape(alert: Alert) -> Diagnostic:
    coded = [code for area in alert.areas for code in area.geocodes]
    at: Position
    if coded:
        names = ", ".join(dict.fromkeys(code.name for code in coded))
        at = coded[0].position
        message = f"the area is given by geocodes alone ({names}), which need a gazetteer."
    else:
        first = next(iter(alert.areas), None) or next(iter(alert.infos), None) or alert
        at = first.position
        message = "the message has no polygon and no circle, so nobody is in its area."
    return Diagnostic(
        alert.file, at.line, at.column, message,
        f"Add a <polygon> or <circle>, or {_OVERRIDE}",
    )  # fmt: skip
