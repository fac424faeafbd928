"""The alert area of a scenario, and the cells that are chosen for it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim import targeting
from ewsim.cap.alert import Alert
from ewsim.country.disturbed import swapped
from ewsim.country.ground import BuiltGround
from ewsim.country.people import camped
from ewsim.disturbances.recovery.units import deployables
from ewsim.geography.features import Features, read_features
from ewsim.geography.plane import LocalFrame
from ewsim.network.deployed import with_deployables
from ewsim.network.rollout.backup import with_added_power
from ewsim.network.topology import Network
from ewsim.population.people import Population
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec import TargetingSpec

OVERRIDDEN = "The alert area is the scenario's (alert.area_override), not the message's own."


@dataclass(frozen=True, slots=True)
class Targets:
    """The alert area [m] and the cells of the warning area list, shape (cells,); `notes` are on its files."""

    area: BaseGeometry
    targeted: NDArray[np.bool_]
    notes: tuple[str, ...] = ()


def needs_people(spec: TargetingSpec) -> bool:
    """Whether cells are chosen by the people on them."""
    return any(rule.policy in ("population", "greedy") for rule in (spec, *spec.by_operator.values()))


def targets_of(
    loaded: LoadedScenario, alert: Alert, ground: BuiltGround, population: Population | None
) -> Targets:
    """The area of the message and the cells that the scenario's rules choose for it.

    Parameters
    ----------
    loaded
        The scenario.
    alert
        Its message.
    ground
        The network.
    population
        The people, whom some rules weigh; None where no rule does (`needs_people`).

    Raises
    ------
    ScenarioError
        No cell is chosen.
    """
    spec, notes = loaded.spec, list[str]()
    area = targeting.area_of(alert, ground.frame, spec.alert.area_override, gazetteer(loaded, notes))
    people = None if population is None else camped(population)
    where = targeting.PolicyInputs(ground.demand, admin_areas(loaded, ground.frame, notes), people)
    targeted = targeting.broadcast_cells(ground.network, area, spec.targeting, where)
    if not targeted.any():
        fix = "Check the area's coordinates (latitude, longitude), or set alert.area_override."
        turned = swapped(area, ground.frame)
        if (
            turned is not None
            and targeting.broadcast_cells(ground.network, turned, spec.targeting, where).any()
        ):
            fix = (
                "They would meet if latitude and longitude of one of the two were swapped: latitude comes "
                "first in scenario files and CAP, longitude in GeoJSON."
            )
        what = "no cell of the network carries this alert: its area does not touch the network"
        key = "alert" if spec.alert.area_override is None else "alert.area_override"
        raise loaded.fault(key, what, fix)
    return Targets(area, targeted, tuple(dict.fromkeys(notes)))


def with_brought(loaded: LoadedScenario, built: Network) -> Network:
    """A network with the backup that a scenario adds, and the deployable cells that it brings."""
    added = loaded.spec.network.power.added
    powered = with_added_power(built, added) if added else built
    units = deployables(loaded.spec.disturbances, powered)
    return with_deployables(powered, units) if units else powered


def listed_on(loaded: LoadedScenario, network: Network, targets: Targets) -> NDArray[np.bool_]:
    """Which cells of a network with deployables carry the alert, shape (cells,).

    Assumption: a deployable's cells are on the list where a phone in its range can be in the alert area,
    whatever the rule for the other cells.

    Parameters
    ----------
    loaded
        The scenario.
    network
        The network, its deployable cells after all others.
    targets
        The alert area and the network's own cells on the list.
    """
    built = network.built
    sites = network.sites
    x_m, y_m = sites.x_m[len(built.sites) :], sites.y_m[len(built.sites) :]
    if not x_m.size:
        return targets.targeted
    area = targets.area.buffer(loaded.spec.targeting.buffer_m)
    near = shapely.distance(area, np.asarray(shapely.points(x_m, y_m))) <= network.range_m
    new = network.cells.site[len(built.cells) :] - len(built.sites)
    return np.append(targets.targeted, near[new])


def gazetteer(loaded: LoadedScenario, notes: list[str] | None = None) -> targeting.Gazetteer | None:
    """What the scenario looks geocodes up in; `notes` get what was left out of it."""
    alert = loaded.spec.alert
    if alert.gazetteer is None:
        return None
    return targeting.Gazetteer.of(_districts(loaded, alert.gazetteer, notes), alert.geocodes)


def admin_areas(
    loaded: LoadedScenario, frame: LocalFrame, notes: list[str] | None = None
) -> list[BaseGeometry]:
    """The admin areas of the policy `county` [m]; none where no operator uses it.

    Parameters
    ----------
    loaded
        The scenario.
    frame
        The plane.
    notes
        Where to say what was left out of their file.
    """
    spec = loaded.spec.targeting
    path = spec.admin_areas or loaded.spec.alert.gazetteer
    used = {spec.policy, *(own.policy for own in spec.by_operator.values())}
    if path is None or "county" not in used:
        return []
    return [row.within(frame) for row in _districts(loaded, path, notes).rows]


def _districts(loaded: LoadedScenario, path: str, notes: list[str] | None) -> Features:
    found = read_features(loaded.resolve(path))
    if notes is not None:
        notes += [f"{note[:-1]}: {Path(path).name}." for note in found.notes]
    return found
