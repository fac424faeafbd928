"""The same alert under several policies on one network: which cells each chooses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim import targeting
from ewsim.country.survey import Survey
from ewsim.scenario.spec import CellChoiceSpec
from ewsim.targeting.fit import Fit, measure_fit
from ewsim.targeting.footprints import cell_footprints


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one policy chooses, and how well it fits."""

    name: str
    targeted: NDArray[np.bool_]
    footprints: NDArray[np.object_]
    fit: Fit


def own_choice(survey: Survey) -> list[Chosen]:
    """What the scenario's own rules choose, by operator; none for a bare network."""
    if survey.targeted is None or survey.area is None:
        return []
    where = cell_footprints(survey.network)
    fitted = measure_fit(survey.area, survey.targeted, where, survey.camped)
    return [Chosen("the scenario's", survey.targeted, where, fitted)]


def compare_policies(
    survey: Survey,
    area: BaseGeometry,
    policies: Sequence[tuple[str, CellChoiceSpec]],
    admin_areas: Sequence[BaseGeometry] = (),
) -> list[Chosen]:
    """The same alert under several policies on one network, in their order.

    Parameters
    ----------
    survey
        The network and its people.
    area
        The alert area [m].
    policies
        Each with its name.
    admin_areas
        Areas of the policy `county` [m].
    """
    ground = targeting.PolicyInputs(survey.demand, admin_areas, survey.camped)
    drawn = {kind: cell_footprints(survey.network, kind) for kind in {p.footprint for _, p in policies}}
    people = survey.camped.about(area)
    out = []
    for name, policy in policies:
        targeted = targeting.chosen_cells(survey.network, area, policy, ground)
        where = drawn[policy.footprint]
        out.append(Chosen(name, targeted, where, measure_fit(area, targeted, where, people)))
    return out
