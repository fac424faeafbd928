"""Hazards that a page moves or brings: new fixes of a track, new areas, new floods and fires."""

import math
from datetime import timedelta
from typing import Any, Final, NamedTuple

import numpy as np

from ewsim.disturbances.hazards.spec import AreasSpec, CycloneSpec, FixSpec, HazardSpec
from ewsim.errors import UsageError
from ewsim.geography.plane import LocalFrame

#: Hazards that can be brought, with the keys of their area.
NEW: Final[dict[str, dict[str, float]]] = {"flood": {"depth_m": 1.5}, "wildfire": {}}
#: Assumption: no storm moves faster [m/s]; the fastest over the North Atlantic reach 30 (range 25 to 40).
FASTEST_M_S: Final = 40.0
#: Fixes and areas of one hazard at most.
_MOST = 200


class Aim(NamedTuple):
    """Where a hazard goes: latitude and longitude [degree], when [s after the decision], its size [m]."""

    place: tuple[float, float]
    at_s: float
    radius_m: float


def circle(place: tuple[float, float], radius_m: float) -> dict[str, Any]:
    """A circle of a scenario's area, around a place [degree], with its radius [m]."""
    return {"centre": [round(part, 5) for part in place], "radius_m": radius_m}


def new_hazard(kind: str, place: tuple[float, float], radius_m: float) -> dict[str, Any]:
    """A hazard that covers a circle from its beginning.

    Parameters
    ----------
    kind
        One of `NEW`.
    place
        The middle [degree].
    radius_m
        The radius [m].
    """
    area = {"area": {"circles": [circle(place, radius_m)]}, "from_s": 0, **NEW[kind]}
    return {"kind": kind, "areas": [area]}


def move(entry: dict[str, Any], spec: HazardSpec, aim: Aim, now_s: float) -> None:
    """Let a hazard of the scenario go somewhere; what it did before the moment that is shown stays.

    Parameters
    ----------
    entry
        Its data, which are changed.
    spec
        Its keys.
    aim
        Where to, and when.
    now_s
        The moment that is shown [s after the decision].
    """
    name = entry["id"]
    if spec.path is not None:
        raise UsageError(
            f"{name} comes from a file, and cannot be moved here. Choose a new flood or wildfire."
        )
    if isinstance(spec, CycloneSpec):
        _move_storm(entry, spec, aim, now_s)
    elif isinstance(spec, AreasSpec):
        if len(spec.areas) >= _MOST:
            raise UsageError(f"{name} has {_MOST} areas, the most that there may be. Undo some.")
        depth_m = getattr(spec.areas[-1], "depth_m", None) if spec.areas else None
        keys = {} if depth_m is None else {"depth_m": depth_m}
        area = {"circles": [circle(aim.place, aim.radius_m)]}
        entry["areas"] = [*entry["areas"], {"area": area, "from_s": aim.at_s - spec.at_s, **keys}]
    else:
        raise UsageError(f"{name} does not move. Choose a new flood or wildfire.")


# --- storms -------------------------------------------------------------------------------------------


def _move_storm(entry: dict[str, Any], spec: CycloneSpec, aim: Aim, now_s: float) -> None:
    """A fix at the place; later fixes move by as much as it is from where the storm would have been."""
    if len(spec.track) >= _MOST:
        raise UsageError(f"{entry['id']} has {_MOST} fixes, the most that there may be. Undo some.")
    times = [_since_s(fix, spec) for fix in spec.track]
    at, now = aim.at_s - spec.at_s, now_s - spec.at_s
    if times[0] < at and times[0] < now < at:
        _check_speed(_between(spec.track, times, now)["centre"], aim.place, at - now)
    was = _between(spec.track, times, at)
    shift = [new - old for new, old in zip(aim.place, was["centre"], strict=True)]
    kept = dict(zip(times, entry["track"], strict=True))
    if times[0] < now < min(at, times[-1]):
        kept.setdefault(now, _dated(_between(spec.track, times, now), now, spec))
    track = {time: fix for time, fix in kept.items() if time < at}
    track[at] = _dated({**was, "centre": list(aim.place)}, at, spec)
    for time, fix in kept.items():
        if time > at:
            lat, lon = (part + by for part, by in zip(fix["centre"], shift, strict=True))
            track[time] = {**fix, "centre": [max(-90.0, min(90.0, lat)), (lon + 180) % 360 - 180]}
    entry["track"] = [_rounded(track[time]) for time in sorted(track)]


def _check_speed(here: list[float], place: tuple[float, float], over_s: float) -> None:
    x_m, y_m = LocalFrame(here[0], here[1]).to_xy(*place)
    speed = math.hypot(float(x_m), float(y_m)) / over_s
    if speed > FASTEST_M_S:
        raise UsageError(
            f"The storm would have to move at {speed:,.0f} m/s; no storm is faster than {FASTEST_M_S:g}. "
            "Choose a later moment, or a nearer place."
        )


def _since_s(fix: FixSpec, spec: CycloneSpec) -> float:
    """When a fix is, from the hazard's own 0 [s]."""
    if fix.time is not None and spec.decided_at is not None:
        return (fix.time - spec.decided_at).total_seconds()
    return fix.time_s or 0.0


def _between(track: tuple[FixSpec, ...], times: list[float], at: float) -> dict[str, Any]:
    """The storm at a moment: what both fixes around it say, in between."""
    after = int(np.clip(np.searchsorted(times, at), 1, len(times) - 1))
    one, other = track[after - 1], track[after]
    part = float(np.clip((at - times[after - 1]) / (times[after] - times[after - 1]), 0, 1))

    def mixed(low: float, high: float) -> float:
        return low + part * (high - low)

    turn = (other.centre[1] - one.centre[1] + 180) % 360 - 180
    found: dict[str, Any] = {
        "centre": [mixed(one.centre[0], other.centre[0]), (one.centre[1] + part * turn + 180) % 360 - 180]
    }
    for key in ("max_wind_m_s", "central_pressure_hpa", "radius_max_wind_m"):
        ends = getattr(one, key), getattr(other, key)
        if None not in ends:
            found[key] = mixed(*ends)
    if "max_wind_m_s" not in found and "central_pressure_hpa" not in found:
        found.update(one.model_dump(exclude_none=True, exclude={"time", "time_s", "centre"}))
    return found


def _dated(fix: dict[str, Any], at: float, spec: CycloneSpec) -> dict[str, Any]:
    """A fix with its time as the track has it: a date, or seconds."""
    if spec.decided_at is not None and spec.track[0].time is not None:
        return {"time": (spec.decided_at + timedelta(seconds=at)).isoformat(), **fix}
    return {"time_s": at, **fix}


def _rounded(fix: dict[str, Any]) -> dict[str, Any]:
    centre = [round(part, 5) for part in fix["centre"]]
    figures = {key: round(value, 3) for key, value in fix.items() if isinstance(value, float)}
    return {**fix, **figures, "centre": centre}
