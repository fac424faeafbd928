"""Hazards of areas with times: floods, tsunamis and fires, in the scenario or in a file of outlines.

A feature of a file is an area (Polygon, MultiPolygon) with the time from which it is covered, perhaps until
when, and of water how deep. A tsunami may also have pieces of coast (lines) with the wave's height: behind
them it floods X = 0.06 h**(4/3) / n**2 metres of ground with Manning's roughness n [1]_; assumption: its
depth falls evenly to 0 there, whatever the ground's height.

References
----------
.. [1] J. G. Hills, C. L. Mader, Ann. N. Y. Acad. Sci. 822, 381-394 (1997).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.disturbances.hazards.exposure import Exposure
from ewsim.disturbances.hazards.spec import (
    AreasSpec,
    CoveredAreaSpec,
    FloodSpec,
    TsunamiSpec,
    WetAreaSpec,
    WildfireSpec,
)
from ewsim.disturbances.outlook.values import moment_of
from ewsim.errors import DataError
from ewsim.geography import plane
from ewsim.geography.faults import Faults
from ewsim.geography.features import AREAS, Feature, must_be_placed, read_shapes
from ewsim.geography.formats import what_is
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.network.coverage import read_values

#: Properties that may hold the time from which an area is covered, and until when: seconds in one.
_FROM = {"from_s": 1, "arrival_s": 1, "time_s": 1, "arrival_min": 60, "arrival_h": 3600}
_UNTIL = {"until_s": 1, "to_s": 1, "until_min": 60, "until_h": 3600}
_FROM_DATES = ("from", "arrival", "time", "datetime", "begin", "timestamp")  # the last two in KML
_UNTIL_DATES = ("until", "to", "end")
_DEPTH = ("depth_m", "height_m")
_FEATURES_MAX = 5_000
_DEEPEST_M = 100.0
_LINES = ("LineString", "MultiLineString")


@dataclass(frozen=True, slots=True)
class Stage:
    """An area or line in (longitude, latitude) degrees, from when until when [s], and how deep [m]."""

    shape: BaseGeometry
    from_s: float
    until_s: float
    depth_m: float = 1.0


def stages_of(spec: AreasSpec) -> list[Stage]:
    """The areas of a hazard in order of time, its path from the current folder; a raster has none.

    Raises
    ------
    DataError
        Every fault of its file, with its line.
    """
    written = [_written(stage) for stage in spec.areas]
    found = written if spec.path is None else _read(Path(spec.path), spec)
    stays_s = spec.stays_s if isinstance(spec, TsunamiSpec) else math.inf
    moved = [
        replace(
            one,
            from_s=one.from_s + spec.at_s,
            until_s=(one.until_s if math.isfinite(one.until_s) else one.from_s + stays_s) + spec.at_s,
        )
        for one in found
    ]
    return sorted(moved, key=lambda one: one.from_s)


def is_raster(spec: AreasSpec) -> bool:
    """Whether the file is a raster of depths."""
    return (
        isinstance(spec, FloodSpec) and spec.path is not None and what_is(Path(spec.path)).read_as == "raster"
    )


def depths_of_raster(spec: FloodSpec) -> Callable[[FloatArray, FloatArray], Exposure]:
    """From places [degree] to the water of a raster of depths there [m], which comes and goes at once.

    Raises
    ------
    DataError
        It cannot be read, its values are no depths, or nothing says when the water comes.
    """
    path = Path(spec.path or "")
    if spec.from_s is None:
        fix = "Give from_s beside its path."
        raise DataError.at(path, "a raster has no times, and nothing says when the water comes.", fix)
    raster = read_values(path, 0.0, _DEEPEST_M, "depths in metres")
    times = spec.at_s + np.array([spec.from_s, *([] if spec.until_s is None else [spec.until_s])])

    def depths(lat_deg: FloatArray, lon_deg: FloatArray) -> Exposure:
        depth = np.maximum(raster.at(lat_deg, lon_deg), 0)
        return Exposure(times[:, None], np.array([depth, np.zeros_like(depth)][: times.size]))

    return depths


def covered(
    stages: Sequence[Stage], lat_deg: FloatArray, lon_deg: FloatArray, roughness: float = 0.03
) -> Exposure:
    """How deep each place is covered [m], 1 for fire, by time.

    Parameters
    ----------
    stages
        In order of time.
    lat_deg, lon_deg
        The places [degree], shape (points,).
    roughness
        Manning's n behind coasts [s m^-1/3].
    """
    frame = _frame(stages)
    x, y = frame.to_xy(lat_deg, lon_deg)
    ends = [stage.until_s for stage in stages if math.isfinite(stage.until_s)]
    times = np.unique([*(stage.from_s for stage in stages), *ends])
    values = np.zeros((times.size, x.size), dtype=np.float32)
    for stage in stages:
        depth = _depth(stage, frame, x, y, roughness)
        hit = np.flatnonzero(depth > 0)
        steps = slice(*np.searchsorted(times, [stage.from_s, stage.until_s]))
        values[steps, hit] = np.maximum(values[steps, hit], depth[hit])
    return Exposure(times[:, None], values)


def first_covered_s(
    stages: Sequence[Stage], level: float, lat_deg: FloatArray, lon_deg: FloatArray, roughness: float = 0.03
) -> FloatArray:
    """When each place is first covered by a level or more [s], inf for never, shape (points,).

    Parameters
    ----------
    stages
        In order of time.
    level
        How deep [m].
    lat_deg, lon_deg
        The places [degree], shape (points,).
    roughness
        Manning's n behind coasts [s m^-1/3].
    """
    frame = _frame(stages)
    x, y = frame.to_xy(lat_deg, lon_deg)
    first = np.full(x.size, np.inf)
    for stage in stages:
        left = np.flatnonzero(np.isinf(first))
        hit = _depth(stage, frame, x[left], y[left], roughness) >= level
        first[left[hit]] = stage.from_s
    return first


def _frame(stages: Sequence[Stage]) -> LocalFrame:
    points = np.concatenate([shapely.get_coordinates(stage.shape) for stage in stages])
    return LocalFrame.around(points[:, 1], points[:, 0])


def _depth(stage: Stage, frame: LocalFrame, x: FloatArray, y: FloatArray, roughness: float) -> FloatArray:
    if stage.shape.geom_type not in _LINES:
        return np.where(plane.contains(frame.geometry(stage.shape), x, y), stage.depth_m, 0.0)
    line = frame.flat(stage.shape)
    reach = 0.06 * stage.depth_m ** (4 / 3) / roughness**2
    far = np.full(x.size, np.inf)
    x0, y0, x1, y1 = line.bounds
    near = (x > x0 - reach) & (x < x1 + reach) & (y > y0 - reach) & (y < y1 + reach)
    far[near] = shapely.distance(line, shapely.points(x[near], y[near]))
    return np.asarray(stage.depth_m * np.maximum(1 - far / reach, 0))


def _written(stage: CoveredAreaSpec) -> Stage:
    """A stage that the scenario writes out."""
    corner = next((ring[0] for ring in stage.area.polygons), None) or stage.area.circles[0].centre
    frame = LocalFrame(*corner)
    discs = [(*circle.centre, circle.radius_m) for circle in stage.area.circles]
    area = frame.area(stage.area.polygons, discs, stage.area.holes)

    def move(points: FloatArray) -> FloatArray:
        lat, lon = frame.to_latlon(points[:, 0], points[:, 1])
        return np.column_stack([corner[1] + np.mod(lon - corner[1] + 180, 360) - 180, lat])

    depth = stage.depth_m if isinstance(stage, WetAreaSpec) else 1.0
    until = math.inf if stage.until_s is None else stage.until_s
    return Stage(shapely.transform(area, move), stage.from_s, until, depth)


# --- files ----------------------------------------------------------------------------------------


def _read(path: Path, spec: AreasSpec) -> list[Stage]:
    faults = Faults(str(path))
    found = read_shapes(path, faults)
    must_be_placed(found, faults)
    if len(found.rows) > _FEATURES_MAX:
        message = f"the file has {len(found.rows):,} features, and {_FEATURES_MAX:,} are read at most."
        raise faults.fail(0, 0, message, "Simplify it.")
    stages = [_stage(row, spec, faults) for row in found.rows]
    if not faults and not stages:
        faults.add(0, 0, "no feature has a shape.", "Give areas with their times.")
    if faults:
        raise faults.error()
    return [stage for stage in stages if stage is not None]


def _stage(row: Feature, spec: AreasSpec, faults: Faults) -> Stage | None:
    before = len(faults.found) + faults.more

    def wrong(what: str, fix: str, key: str = "") -> None:
        faults.add(*row.place(Path(faults.file), key), f"feature {row.number}: {what}", fix)

    kinds = (*AREAS, *_LINES) if isinstance(spec, TsunamiSpec) else AREAS
    if row.shape.geom_type not in kinds or row.shape.is_empty:
        what = "it is empty." if row.shape.is_empty else f"it is a {row.shape.geom_type}, not an area."
        wrong(what, "Give Polygons in degrees, longitude first.")
        return None
    begins = _time(row, spec, wrong, (_FROM, _FROM_DATES))
    if begins is None and len(faults.found) + faults.more == before:
        fix = f"Give one of {', '.join(_FROM)} (numbers), or {', '.join(_FROM_DATES)} (dates)."
        wrong("it has no time.", fix)
    ends = _time(row, spec, wrong, (_UNTIL, _UNTIL_DATES))
    if begins is not None and ends is not None and ends <= begins:
        key = next(key for key in (*_UNTIL, *_UNTIL_DATES) if row.properties.get(key) is not None)
        wrong("it ends before it begins.", "Give a later end.", key)
    depth = 1.0
    if not isinstance(spec, WildfireSpec):
        depth = _depth_of(row, wrong)
    if len(faults.found) + faults.more > before or begins is None:
        return None
    return Stage(row.shape, begins, math.inf if ends is None else ends, depth)


def _time(
    row: Feature, spec: AreasSpec, wrong: Callable[..., None], names: tuple[dict[str, int], tuple[str, ...]]
) -> float | None:
    """A time of a feature [s], None where it has none or a fault was noted."""
    for name, seconds in names[0].items():
        value = row.properties.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value * seconds) <= 1e9:
            wrong(f"{name} {str(value)[:40]!r} is not a time.", "Give a number.", name)
            return None
        return float(value) * seconds
    for name in names[1]:
        value = row.properties.get(name)
        if value is None:
            continue
        when = moment_of(str(value))
        if isinstance(when, str) and isinstance(value, str):
            wrong(f"{name} {when}", "", name)
        elif isinstance(when, str) or when.tzinfo is None:
            fix = "Write it like 2017-09-20T10:15:00Z, with its zone; for seconds say from_s."
            wrong(f"{name} {str(value)[:40]!r} is not a date and time with a zone.", fix, name)
        elif spec.decided_at is None:
            what = f"{name} is a date, and nothing says when the decision is."
            wrong(what, "Give decided_at in the scenario.", name)
        else:
            return (when - spec.decided_at).total_seconds()
        return None
    return None


def _depth_of(row: Feature, wrong: Callable[..., None]) -> float:
    name = next((name for name in _DEPTH if row.properties.get(name) is not None), "")
    value = row.properties.get(name)
    if not name:
        wrong("it has no depth.", f"Give one of {', '.join(_DEPTH)} [m].")
    elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _DEEPEST_M:
        fix = f"Give metres, above 0 and up to {_DEEPEST_M:g}."
        wrong(f"{name} {str(value)[:40]!r} is not a depth.", fix, name)
    else:
        return float(value)
    return 1.0
