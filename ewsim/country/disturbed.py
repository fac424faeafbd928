"""What a scenario names and where its areas lie, held against the country that is there.

Every key of a type that holds coordinates is found in the scenario's own models, those of channels and
disturbances from packages too.
"""

import difflib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel
from shapely.geometry.base import BaseGeometry

from ewsim.country.ground import BuiltGround
from ewsim.disturbances.elements import named
from ewsim.disturbances.hazards.doubts import astray, untouched
from ewsim.disturbances.hazards.footprint import arrivals_us, footprint_of
from ewsim.disturbances.hazards.spec import HazardSpec
from ewsim.disturbances.observed.reading import rows_and_faults
from ewsim.disturbances.observed.spans import matched
from ewsim.disturbances.observed.spans import untouched as unmatched
from ewsim.disturbances.observed.spec import OutageTableSpec
from ewsim.disturbances.outages import matching
from ewsim.disturbances.recovery.spec import DeployableSpec, RepairCrewsSpec, RepairTimesSpec
from ewsim.disturbances.spec import ElementLossSpec, OutageSpec, WhereSpec
from ewsim.errors import DataError, KeyFault, ScenarioError
from ewsim.geography.plane import EARTH_RADIUS_M, LocalFrame, near
from ewsim.network.topology import Network
from ewsim.population.people import Population
from ewsim.scenario.document import Key
from ewsim.scenario.load import LoadedScenario, most_of
from ewsim.scenario.spec import AreaSpec, DisturbanceSpec, IslandSpec, LatLon, PowerSpec
from ewsim.targeting import shape_of

LATITUDE_FIRST = "Latitude and longitude seem swapped: latitude comes first in scenario files."

#: Names whose nearest is looked for; the search through a national table takes time.
_MOST_NEAREST = 20
#: Names of the network that a message lists where none is near.
_MOST_LISTED = 5
#: A place further than this from every site and every home is off the country [m]; assumption.
OFF_M: Final = 10_000.0
#: Assumption: more people than twice so many are hit by a hazard square by square, about so many squares.
_SQUARES: Final = 4_000
_LEAST_M: Final = 200.0  # a square's side


def check_disturbances(
    loaded: LoadedScenario, network: Network | None, skip: Container[Key] = ()
) -> tuple[str, ...]:
    """Notes on disturbances that do nothing, each with its line.

    Parameters
    ----------
    loaded
        The scenario.
    network
        Its network as built; None where there is none: only the files of disturbances are looked at.
    skip
        Numbers of disturbances that are not looked at.

    Raises
    ------
    ScenarioError
        A disturbance names sites or feeders that the network does not have, or a hazard's file is wrong.
    """
    notes: list[str] = []
    faults = list(loaded.waiting)
    if network is not None:
        faults += [loaded.placed(fault) for fault in _unknown_to_power(loaded.spec.network.power, network)]
    for index, spec in enumerate(disturbances_of(loaded)):
        if index in skip:
            continue
        try:
            if network is None:
                _read_file(spec)
                continue
            wrong, idle = _looked_at(spec, network, loaded.spec.horizon_s)
        except DataError as error:
            faults += error.diagnostics
            continue
        faults += [loaded.placed(fault.below("disturbances", index)) for fault in wrong]
        found = (loaded.placed(note.below("disturbances", index), "warning") for note in idle)
        notes += [str(replace(note, file=loaded.path.name)) for note in found]
    if faults:
        raise ScenarioError(most_of(faults))
    return tuple(notes)


def _unknown_to_power(power: PowerSpec, network: Network) -> Iterator[KeyFault]:
    keys = ("network", "power")
    yield from _not_there("site", power.independent_sites, network.sites.name, (*keys, "independent_sites"))
    for number, more in enumerate(power.added):
        for fault in _not_there("site", more.sites, network.sites.name, (*keys, "added")):
            yield replace(fault, keys=(*fault.keys[:-1], number, "sites", fault.keys[-1]))


def _read_file(spec: DisturbanceSpec) -> None:
    """Raise what is wrong with a disturbance's own file."""
    if isinstance(spec, HazardSpec):
        footprint_of(spec)
    elif isinstance(spec, OutageTableSpec) and (faults := rows_and_faults(spec)[-1]):
        raise faults.error()


def _looked_at(
    spec: DisturbanceSpec, network: Network, horizon_s: float
) -> tuple[list[KeyFault], Iterable[KeyFault]]:
    """What of a disturbance is wrong, and why it does nothing."""
    if isinstance(spec, OutageSpec):
        unknown = list(_unknown(spec.where, network))
        return unknown, () if unknown else _idle(spec, network, horizon_s)
    if isinstance(spec, ElementLossSpec):
        unknown = list(_not_there("element", spec.elements, named(network), ("elements",)))
        return unknown, _too_late(spec, horizon_s)
    if isinstance(spec, DeployableSpec | RepairCrewsSpec):
        return list(_unknown_to_recovery(spec, network)), _too_late(spec, horizon_s)
    if isinstance(spec, HazardSpec):
        wrong = astray(spec, network)
        return wrong, () if wrong else list(untouched(spec, network, horizon_s))
    if isinstance(spec, OutageTableSpec):
        return [], _idle_table(spec, network, horizon_s)
    return [], ()


def disturbances_of(loaded: LoadedScenario) -> tuple[DisturbanceSpec, ...]:
    """The scenario's disturbances, their files found from the current folder.

    What crews repair does not come back by luck after a hazard, unless the scenario writes restoration.
    """
    found = tuple(spec.from_folder(loaded.path.parent) for spec in loaded.spec.disturbances)
    crews = [spec.repair for spec in found if isinstance(spec, RepairCrewsSpec)]
    return tuple(_left_to_crews(spec, crews) for spec in found) if crews else found


def _left_to_crews(spec: DisturbanceSpec, crews: list[RepairTimesSpec]) -> DisturbanceSpec:
    if not isinstance(spec, HazardSpec) or spec.restoration is None or "restoration" in spec.model_fields_set:
        return spec
    repaired = {key for one in crews for key, time in one.model_dump().items() if time is not None}
    wanted = {
        "feeder_mean_s": {"feeder_s", "substation_s"},
        "link_mean_s": {"link_s"},
        "site_mean_s": {"site_s"},
    }
    by_luck = spec.restoration.model_copy(
        update={mean: float("inf") for mean, keys in wanted.items() if keys <= repaired}
    )
    return spec.model_copy(update={"restoration": by_luck})


def hazards_reach(
    loaded: LoadedScenario, ground: BuiltGround, population: Population
) -> NDArray[np.int64] | None:
    """When a hazard first reaches each person's home [us], NEVER where none does; None without hazards.

    Parameters
    ----------
    loaded
        The scenario.
    ground
        The country, which decides how large the squares are that stand for many people: they are the same
        for a part of the people.
    population
        The people.
    """
    hazards = [spec for spec in disturbances_of(loaded) if isinstance(spec, HazardSpec)]
    if not hazards:
        return None
    people, places, frame = population.people, ground.settlements, ground.network.frame
    squares = None
    if int(places.people.sum()) > 2 * _SQUARES * loaded.spec.population.weight:
        width_m, height_m = np.ptp(places.x_m), np.ptp(places.y_m)
        side_m = max(np.sqrt(width_m * height_m / _SQUARES), max(width_m, height_m) / _SQUARES, _LEAST_M)
        high = float(np.degrees(side_m / EARTH_RADIUS_M))
        squares = high, high / float(np.cos(np.radians(frame.lat0_deg)))
    return arrivals_us(hazards, *frame.to_latlon(people.x_m, people.y_m), squares)


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


def _unknown_to_recovery(spec: DeployableSpec | RepairCrewsSpec, network: Network) -> Iterator[KeyFault]:
    if isinstance(spec.depot, str):
        for fault in _not_there("site", [spec.depot], network.sites.name, ("depot",)):
            yield replace(fault, keys=("depot",), of_value=True)
    if isinstance(spec, RepairCrewsSpec):
        yield from _not_there("element", spec.order, named(network), ("order",))
    else:
        yield from _not_there("site", spec.sites, network.sites.name, ("sites",))


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


def _idle_table(spec: OutageTableSpec, network: Network, horizon_s: float) -> list[KeyFault]:
    """What of an outage table does nothing in this run."""
    rows, notes = matched(spec, network), []
    if said := unmatched(rows):
        notes.append(KeyFault(("path",), said, "Check its areas, or leave these rows out."))
    first_s = min(row.from_s for row, _ in rows)
    if first_s >= horizon_s:
        message = f"its first outage is at {first_s:g} s, and the run ends after {horizon_s:g} s."
        fix = "Check at_s and decided_at, or give a longer horizon_s."
        notes.append(KeyFault(("path",), message, fix))
    return notes


def _too_late(spec: DisturbanceSpec, horizon_s: float) -> Iterator[KeyFault]:
    if spec.at_s >= horizon_s:
        message = f"this comes {spec.at_s:g} s after the decision, and the run ends after {horizon_s:g} s."
        yield KeyFault(("at_s",), message, "Give an earlier time, or a longer horizon_s.")


def _idle(spec: OutageSpec, network: Network, horizon_s: float) -> Iterator[KeyFault]:
    """Why a disturbance does nothing in this run."""
    yield from _too_late(spec, horizon_s)
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


class _Place(NamedTuple):
    """A polygon, circle or point [m] and its keys in the scenario."""

    keys: tuple[Key, ...]
    noun: str
    shape: BaseGeometry


def misplaced_notes(
    loaded: LoadedScenario, ground: BuiltGround, said: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """A note with its line for every area and point that lies off the country.

    Parameters
    ----------
    loaded
        The scenario.
    ground
        Its country.
    said
        Notes that are there; parts of an area that has one get none of their own.
    """
    notes = []
    sites, homes = ground.network.sites, ground.demand
    here = np.concatenate([sites.x_m, homes.x_m]), np.concatenate([sites.y_m, homes.y_m])
    for place in _places(loaded.spec, (), ground.frame):
        if near(place.shape, *here, OFF_M):
            continue
        turned = swapped(place.shape, ground.frame)
        fix = "Check the coordinates: [latitude, longitude]."
        if turned is not None and near(turned, *here, OFF_M):
            fix = LATITUDE_FIRST
        message = f"this {place.noun} is more than {OFF_M / 1000:g} km from every site and every home."
        area, note = (_note(loaded, keys, message, fix) for keys in (place.keys[:-2], place.keys))
        if not any(one.startswith(area.partition(": ")[0]) for one in said):
            notes.append(note)
    return tuple(notes)


def _note(loaded: LoadedScenario, keys: tuple[Key, ...], message: str, fix: str) -> str:
    return str(replace(loaded.placed(KeyFault(keys, message, fix), "warning"), file=loaded.path.name))


def _places(value: Any, keys: tuple[Key, ...], frame: LocalFrame) -> Iterator[_Place]:
    """Everything with coordinates under a value.

    An island makes the country; a hazard may come from far away, and has notes of its own.
    """
    if isinstance(value, AreaSpec):
        for number, ring in enumerate(value.polygons):
            yield _Place((*keys, "polygons", number), "polygon", shape_of(AreaSpec(polygons=(ring,)), frame))
        for number, circle in enumerate(value.circles):
            yield _Place((*keys, "circles", number), "circle", shape_of(AreaSpec(circles=(circle,)), frame))
    elif isinstance(value, BaseModel) and not isinstance(value, IslandSpec | HazardSpec):
        for name, below in value:
            field = type(value).model_fields.get(name)
            if below is not None and field is not None and _holds_points(field.annotation):
                yield from _points(below, (*keys, name), frame)
            elif name not in ("arms", "format"):
                yield from _places(below, (*keys, name), frame)
    elif isinstance(value, Mapping):
        for name, below in value.items():
            yield from _places(below, (*keys, str(name)), frame)
    elif isinstance(value, tuple | list):
        for number, below in enumerate(value):
            yield from _places(below, (*keys, number), frame)


def _holds_points(annotation: Any) -> bool:
    return annotation == LatLon or any(_holds_points(inner) for inner in get_args(annotation))


def _points(value: Any, keys: tuple[Key, ...], frame: LocalFrame) -> Iterator[_Place]:
    """A point, or each of several; the name of a site, where one may stand in its place, is none."""
    if isinstance(value, str):
        return
    if value and isinstance(value[0], float):
        x_m, y_m = frame.to_xy(*value)
        yield _Place(keys, "point", shapely.Point(float(x_m), float(y_m)))
    else:
        for number, below in enumerate(value):
            yield from _points(below, (*keys, number), frame)
