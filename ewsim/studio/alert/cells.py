"""The cells that each policy would use for an area, and whom they reach, while the area is dragged.

People are counted by the cell they camp on, as `targeting.fit` does: phones that cannot show a warning,
outages and time are no part of it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.country.build import people_key
from ewsim.country.ground import BuiltGround
from ewsim.country.people import camped
from ewsim.country.targets import admin_areas
from ewsim.geography.plane import FloatArray
from ewsim.population.people import Population
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec import TargetingSpec
from ewsim.scenario.spec.targeting import POLICIES
from ewsim.targeting import PolicyInputs, broadcast_cells
from ewsim.targeting.footprints import cell_footprints
from ewsim.targeting.standing import Standing
from ewsim.units import RATS


@dataclass(frozen=True, slots=True)
class Choosing:
    """A country in which cells are chosen for one area after another; `key` is what it depends on."""

    key: str
    ground: BuiltGround
    standing: Standing
    admin: list[BaseGeometry]

    @classmethod
    def of(cls, loaded: LoadedScenario, ground: BuiltGround, population: Population) -> Choosing:
        """Of a scenario on its ground and with its people; what no area changes is found out now.

        Parameters
        ----------
        loaded
            The scenario.
        ground, population
            Its ground and its people.
        """
        targeting = loaded.spec.targeting
        county = targeting.model_copy(update={"policy": "county"})
        spec = loaded.spec.model_copy(update={"targeting": county})
        admin = admin_areas(replace(loaded, spec=spec), ground.frame)
        standing = Standing(ground.network, ground.demand, camped(population))
        cell_footprints(ground.network, targeting.footprint)
        standing.under(targeting.footprint)
        assert standing.by_cell.rows.size
        assert standing.strongest.size
        return cls(choosing_key(loaded), ground, standing, admin)

    def masts(self) -> dict[str, Any]:
        """The cells for a map: places of the sites [degree], and site and direction of each cell."""
        network = self.ground.network
        lat, lon = network.frame.to_latlon(network.sites.x_m, network.sites.y_m)
        azimuth = network.cells.azimuth_deg
        return {
            "lat": [round(float(v), 5) for v in lat],
            "lon": [round(float(v), 5) for v in lon],
            "site": network.cells.site.tolist(),
            "azimuth": [None if np.isnan(v) else round(float(v), 1) for v in azimuth],
            "rat": [RATS[r] for r in network.cells.rat],
        }

    def rows(self, area: BaseGeometry, targeting: TargetingSpec) -> list[dict[str, Any]]:
        """What each policy does with an area: its cells, and the people whom they reach and miss.

        The first row is what the scenario does, each operator by its own rule; its `policy` is empty.

        Parameters
        ----------
        area
            The alert area [m].
        targeting
            The rules of the scenario; the other rows differ in their policy alone.
        """
        inside = self.standing.by_cell.inside(area)
        inputs = PolicyInputs(self.standing.demand, self.admin, self.standing.camped, self.standing)
        network = self.ground.network
        found = [self._row("", broadcast_cells(network, area, targeting, inputs), inside)]
        for policy in POLICIES:
            if policy == "county" and not self.admin:
                continue
            one = targeting.model_copy(update={"policy": policy, "by_operator": {}})
            found.append(self._row(policy, broadcast_cells(network, area, one, inputs), inside))
        return found

    def _row(self, policy: str, targeted: NDArray[np.bool_], inside: FloatArray) -> dict[str, Any]:
        everybody = self.standing.by_cell.people[:-1]
        reached = float(inside[:-1][targeted].sum())
        beyond = float((everybody - inside[:-1])[targeted].sum())
        served = float(inside[:-1].sum())
        return {
            "policy": policy,
            "cells": int(targeted.sum()),
            "in_area": float(inside.sum()),
            "with_signal": served,
            "inside": reached,
            "missed": served - reached,
            "outside": beyond,
            "undershoot_share": (served - reached) / served if served else None,
            "overshoot_share": beyond / (reached + beyond) if reached + beyond else None,
            "chosen": base64.b64encode(np.packbits(targeted, bitorder="little").tobytes()).decode(),
        }

    def area_km2(self, area: BaseGeometry) -> float:
        """How large an area is [km2]."""
        return float(shapely.area(area)) / 1e6


def choosing_key(loaded: LoadedScenario) -> str:
    """What the choice of cells depends on besides the area and the policy, as text."""
    spec = loaded.spec
    files = f"{loaded.path} {spec.targeting.admin_areas} {spec.alert.gazetteer} {spec.targeting.footprint}"
    return f"{files} {people_key(loaded)}"
