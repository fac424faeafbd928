"""The kinds of hazards."""

import math
from collections.abc import Iterator

from ewsim.disturbances.hazards.cyclone.wind import implausible
from ewsim.disturbances.hazards.spec import (
    AreasSpec,
    CycloneSpec,
    EarthquakeSpec,
    FixSpec,
    FloodSpec,
    TsunamiSpec,
    WildfireSpec,
)
from ewsim.errors import KeyFault
from ewsim.kinds import Kind, lazily
from ewsim.scenario.spec import Scenario

_STRIKE = lazily("ewsim.disturbances.hazards.strike:Strike")


def check_cyclone(spec: CycloneSpec, scenario: Scenario) -> Iterator[KeyFault]:  # noqa: ARG001
    """Faults of a track that the scenario writes out, and a track that is missing or there twice."""
    if spec.path is None and not spec.track:
        yield KeyFault(("kind",), "the cyclone has no track.", "Name a file with path, or give track.")
    elif spec.path is not None and spec.track:
        yield KeyFault(("track",), "the cyclone has a file and a track.", "Leave one of them out.")
    elif spec.track and len(spec.track) < 2:
        yield KeyFault(("track",), "the track has one fix.", "Give where the storm goes: two fixes or more.")
    before = -math.inf
    for n, fix in enumerate(spec.track):
        for fault in _fix(fix, spec, before):
            yield fault.below("track", n)
        before = max(before, _seconds(fix, spec))


def _seconds(fix: FixSpec, spec: CycloneSpec) -> float:
    if fix.time is not None and spec.decided_at is not None:
        return (fix.time - spec.decided_at).total_seconds()
    return -math.inf if fix.time_s is None else fix.time_s


def _fix(fix: FixSpec, spec: CycloneSpec, before: float) -> Iterator[KeyFault]:
    if (fix.time_s is None) == (fix.time is None):
        few = "no time" if fix.time is None else "two times"
        yield KeyFault(("centre",), f"this fix has {few}.", "Give time_s, or time with its zone.")
    elif fix.time is not None and spec.decided_at is None:
        message = "the track has dates, and nothing says when the decision is."
        yield KeyFault(("time",), message, "Give decided_at beside track, e.g. 2017-09-20T12:15:00Z.")
    elif _seconds(fix, spec) <= before:
        key = "time" if fix.time_s is None else "time_s"
        yield KeyFault((key,), "this is not later than the fix before.", "Give fixes in order of time.")
    wind, pressure = fix.max_wind_m_s, fix.central_pressure_hpa
    if wind is None and pressure is None:
        fault = "this fix has neither wind nor pressure."
        yield KeyFault(("centre",), fault, "Give max_wind_m_s, central_pressure_hpa or both.")
    elif wind is not None:
        inside = math.nan if pressure is None else pressure
        if said := implausible(wind, inside, spec.environment_pressure_hpa):
            yield KeyFault(("max_wind_m_s",), *said, of_value=True)


def check_areas(spec: AreasSpec, scenario: Scenario) -> Iterator[KeyFault]:  # noqa: ARG001
    """Faults of areas that the scenario writes out, and areas that are missing or there twice."""
    if spec.path is None and not spec.areas:
        yield KeyFault(("kind",), f"the {spec.kind} has no areas.", "Name a file with path, or give areas.")
    elif spec.path is not None and spec.areas:
        yield KeyFault(("areas",), f"the {spec.kind} has a file and areas.", "Leave one of them out.")
    for n, stage in enumerate(spec.areas):
        if stage.until_s is not None and stage.until_s <= stage.from_s:
            message = f"until_s ({stage.until_s:g}) is not after from_s ({stage.from_s:g})."
            yield KeyFault(("areas", n, "until_s"), message, "Give a later time, or leave it out.")
    if (
        isinstance(spec, FloodSpec)
        and spec.until_s is not None
        and spec.until_s <= (spec.from_s or -math.inf)
    ):
        message = "until_s is not after from_s: the water goes before it comes."
        yield KeyFault(("until_s",), message, "Give a later time, or leave it out.")


def check_earthquake(spec: EarthquakeSpec, scenario: Scenario) -> Iterator[KeyFault]:  # noqa: ARG001
    """An earthquake without a source, or with two."""
    if spec.path is not None:
        if spec.magnitude is not None:
            yield KeyFault(
                ("magnitude",), "the earthquake has a file and a magnitude.", "Leave one of them out."
            )
    elif spec.magnitude is None or spec.epicentre is None:
        fix = "Name a ShakeMap's file with path, or give magnitude and epicentre."
        yield KeyFault(("kind",), "nothing says how strong the earthquake is and where.", fix)


EARTHQUAKE = Kind("earthquake", "disturbance", "earthquake", EarthquakeSpec, _STRIKE, check_earthquake)
FLOOD = Kind("flood", "disturbance", "flood", FloodSpec, _STRIKE, check_areas)
TSUNAMI = Kind("tsunami", "disturbance", "tsunami", TsunamiSpec, _STRIKE, check_areas)
WILDFIRE = Kind("wildfire", "disturbance", "wildfire", WildfireSpec, _STRIKE, check_areas)
CYCLONE = Kind("cyclone", "disturbance", "tropical cyclone", CycloneSpec, _STRIKE, check_cyclone)
