"""What the disturbances of a scenario name, held against the network that is there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.disturbances.elements import named
from ewsim.disturbances.hazards.doubts import astray, untouched
from ewsim.disturbances.hazards.footprint import arrivals_us
from ewsim.disturbances.hazards.spec import HazardSpec
from ewsim.disturbances.outages import matching
from ewsim.disturbances.spec import ElementLossSpec, OutageSpec, WhereSpec
from ewsim.errors import DataError, KeyFault, ScenarioError
from ewsim.geography.plane import LocalFrame
from ewsim.network.topology import Network
from ewsim.population.people import Population
from ewsim.scenario.load import LoadedScenario, most_of
from ewsim.scenario.spec import DisturbanceSpec
from ewsim.targeting import shape_of

LATITUDE_FIRST = "Latitude and longitude seem swapped: latitude comes first in scenario files."

#: Names whose nearest is looked for; the search through a national table takes time.
_MOST_NEAREST = 20
#: Names of the network that a message lists where none is near.
_MOST_LISTED = 5


def check_disturbances(loaded: LoadedScenario, network: Network) -> tuple[str, ...]:
    """Notes on disturbances that do nothing, each with its line.

    Raises
    ------
    ScenarioError
        A disturbance names sites or feeders that the network does not have, or a hazard's file is wrong.
    """
    notes: list[str] = []
    given = _not_there("site", loaded.spec.network.power.independent_sites, network.sites.name)
    keys = ("network", "power", "independent_sites")
    faults = [loaded.placed(replace(fault, keys=(*keys, fault.keys[-1]))) for fault in given]
    for index, spec in enumerate(disturbances_of(loaded)):
        idle: Iterator[KeyFault] = iter(())
        if isinstance(spec, OutageSpec):
            unknown = list(_unknown(spec.where, network))
            faults += [loaded.placed(fault.below("disturbances", index)) for fault in unknown]
            idle = idle if unknown else _idle(spec, network, loaded.spec.horizon_s)
        elif isinstance(spec, ElementLossSpec):
            wanted = _not_there("element", spec.elements, named(network), ("elements",))
            faults += [loaded.placed(fault.below("disturbances", index)) for fault in wanted]
        elif isinstance(spec, HazardSpec):
            try:
                wrong, idle = astray(spec, network), untouched(spec, network, loaded.spec.horizon_s)
                faults += [loaded.placed(fault.below("disturbances", index)) for fault in wrong]
            except DataError as error:
                faults += error.diagnostics
                continue
            idle = iter(()) if wrong else idle
        found = (loaded.placed(note.below("disturbances", index), "warning") for note in idle)
        notes += [str(replace(note, file=loaded.path.name)) for note in found]
    if faults:
        raise ScenarioError(most_of(faults))
    return tuple(notes)


def disturbances_of(loaded: LoadedScenario) -> tuple[DisturbanceSpec, ...]:
    """The scenario's disturbances, their files found from the current folder."""
    return tuple(spec.from_folder(loaded.path.parent) for spec in loaded.spec.disturbances)


def hazards_reach(
    loaded: LoadedScenario, network: Network, population: Population
) -> NDArray[np.int64] | None:
    """When a hazard first reaches each person's home [us], NEVER where none does; None without hazards.

    Parameters
    ----------
    loaded
        The scenario.
    network
        The network, for its plane.
    population
        The people.
    """
    hazards = [spec for spec in disturbances_of(loaded) if isinstance(spec, HazardSpec)]
    people = population.people
    return arrivals_us(hazards, *network.frame.to_latlon(people.x_m, people.y_m))


def swapped(area: BaseGeometry, frame: LocalFrame) -> BaseGeometry | None:
    """An area [m] with latitude and longitude exchanged; None where that is not on the Earth."""
    lat, lon = frame.to_latlon(*shapely.get_coordinates(area).T)
    if not lat.size or np.abs(lon).max() > 90:
        return None
    x, y = frame.to_xy(lon, lat)
    return shapely.make_valid(
        shapely.set_coordinates(shapely.from_wkb(shapely.to_wkb(area)), np.array([x, y]).T)
    )


def _unknown(where: WhereSpec, network: Network) -> Iterator[KeyFault]:
    yield from _not_there("site", where.sites or (), network.sites.name)
    yield from _not_there("feeder", where.feeders or (), network.feeder_names)
    yield from _not_there("substation", where.substations or (), network.substation_names)


def _not_there(
    noun: str, wanted: Iterable[str], have: Iterable[str], keys: tuple[str, ...] = ()
) -> Iterator[KeyFault]:
    have = list(have)
    known, searched = set(have), 0
    for number, name in enumerate(wanted):
        if name not in known:
            searched += 1
            near = difflib.get_close_matches(name, have, n=1) if searched <= _MOST_NEAREST else []
            more = f" and {len(have) - _MOST_LISTED:,} more" if len(have) > _MOST_LISTED else ""
            listed = f"There are: {', '.join(have[:_MOST_LISTED])}{more}."
            fix = f"Did you mean {near[0]!r}?" if near else listed
            message = f"the network has no {noun} {name!r}."
            yield KeyFault((*(keys or ("where", f"{noun}s")), number), message, fix)


def _idle(spec: OutageSpec, network: Network, horizon_s: float) -> Iterator[KeyFault]:
    """Why a disturbance does nothing in this run."""
    if spec.at_s >= horizon_s:
        message = f"this comes {spec.at_s:g} s after the decision, and the run ends after {horizon_s:g} s."
        yield KeyFault(("at_s",), message, "Give an earlier time, or a longer horizon_s.")
    where = spec.where
    if where.share == 0:
        yield KeyFault(("where", "share"), "this hits no site: share is 0.", "Give a share up to 1.")
    elif not matching(where, network).any():
        key = ("where", "area") if where.area is not None else ("where",)
        yield KeyFault(key, "this hits no site of the network.", _why_none(where, network))


def _why_none(where: WhereSpec, network: Network) -> str:
    if where.area is None:
        return "No site meets all of its conditions."
    alone = where.model_copy(update={"feeders": None, "substations": None, "sites": None, "operators": None})
    if matching(alone, network).any():
        return "There are sites in its area, but none that meets its other conditions."
    turned = swapped(shape_of(where.area, network.frame), network.frame)
    if turned is not None and matching(alone, network, turned).any():
        return LATITUDE_FIRST
    return "No site is in its area. Check the coordinates: [latitude, longitude]."
