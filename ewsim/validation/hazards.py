"""Hazards against formulas worked out here again, and against the radii of a best track."""

from collections.abc import Iterator

import numpy as np

from ewsim.disturbances.hazards.cyclone import wind
from ewsim.disturbances.hazards.shaking import intensity_of
from ewsim.disturbances.hazards.spec import KNOT_M_S
from ewsim.validation.rows import Row

#: Maria at her landfall in Puerto Rico, 2017-09-20 10:15 UTC (HURDAT2, AL152017): the largest wind [kt], and
#: the radii of 64, 50 and 34 kt by quadrant [nautical miles].
_MARIA_KT = 135.0
_MARIA_NM = np.array([[50, 45, 35, 40], [70, 80, 60, 70], [130, 110, 100, 110]], dtype=np.float64)


def wind_profile() -> Iterator[Row]:
    """Holland 1980: from the pressure gradient, with air that turns around the centre alone."""
    top, radius_m, deficit_pa = 60.0, 30_000.0, 8_000.0
    b = 1.15 * np.e * top**2 / deficit_pa
    for km in (15, 30, 60, 120):
        ratio = (radius_m / (km * 1000)) ** b
        exact = float(np.sqrt(b * deficit_pa / 1.15 * ratio * np.exp(-ratio)))
        found = float(wind.holland(np.array([km * 1000.0]), top, radius_m, b)[0])
        yield _row(f"holland_{km}", "Holland 1980", f"wind {km} km from a centre", "m/s", exact, found, 0.01)


def best_track() -> Iterator[Row]:
    """Winds at the radii that a best track gives."""
    storm = (_MARIA_KT * KNOT_M_S, float(wind.radius_of_wind(np.array(70.0), np.array(18.0))), 1.7)
    for name, bearing, nm in zip(("NE", "SE", "SW", "NW"), (45, 135, 225, 315), _MARIA_NM[0], strict=True):
        far, at = nm * 1852, np.radians(bearing)
        place = np.array([far * np.sin(at)]), np.array([far * np.cos(at)])
        found = float(wind.through_radii(*place, storm, _MARIA_NM * 1852)[0]) / KNOT_M_S
        metric = f"Maria's wind {nm:.0f} nautical miles {name} at landfall"
        yield _row(f"maria_64kt_{name.lower()}", "HURDAT2 best track", metric, "kt", 64.0, found, 0.5)


def intensities() -> Iterator[Row]:
    """Allen, Wald and Worden 2012, by the formula."""
    for magnitude, km in ((6.5, 20.0), (7.2, 40.0), (7.2, 150.0)):
        near = 2.042 * np.exp(magnitude - 5) - 0.209
        exact = 2.085 + 1.428 * magnitude - 0.701 * np.log(km**2 + near**2)
        exact += 0.078 * np.log(km / 50) if km > 50 else 0.0
        found = float(intensity_of(magnitude, np.array([km * 1000]))[0])
        metric = f"intensity of M {magnitude} at {km:.0f} km"
        yield _row(f"mmi_{magnitude}_{km:.0f}", "Allen et al. 2012", metric, "MMI", float(exact), found, 0.01)


def _row(
    name: str, authority: str, metric: str, unit: str, exact: float, found: float, tolerance: float
) -> Row:
    return Row(name, authority, metric, unit, exact, found, found, found, tolerance, "closed_form")
