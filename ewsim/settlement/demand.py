"""Demand: the points where people live, which networks are planned for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: What kind of region a point lies in; the index is the code in `Demand.region`.
REGIONS = ("urban", "rural", "remote")
#: Without a stated region, from this density on a point is urban [people/km2] (UN Degree of
#: Urbanisation: urban clusters).
URBAN_DENSITY_PER_KM2 = 300.0


@dataclass(frozen=True, slots=True)
class Demand:
    """Points with people; arrays of one length.

    `x_m`, `y_m` [m]; `people` living around the point; `density_per_km2` [1/km2] there; `region`
    indexes REGIONS (by density where not given).
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    people: NDArray[np.float64]
    density_per_km2: NDArray[np.float64]
    region: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))

    def __post_init__(self) -> None:
        if self.region.size != self.x_m.size:
            rural = np.asarray(self.density_per_km2) < URBAN_DENSITY_PER_KM2
            object.__setattr__(self, "region", rural.astype(np.int8))

    def __len__(self) -> int:
        return self.x_m.size


_NONE = np.empty(0)
#: No points.
NOWHERE = Demand(_NONE, _NONE, _NONE, _NONE)
