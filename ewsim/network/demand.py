"""Demand: the points where people live, which networks are planned for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Demand:
    """Points with people; arrays of one length.

    `x_m`, `y_m` [m]; `people` living around the point; `density_per_km2` [1/km2] there.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    people: NDArray[np.float64]
    density_per_km2: NDArray[np.float64]

    def __len__(self) -> int:
        return self.x_m.size
