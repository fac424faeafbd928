"""Winds and rain around a cyclone's centre.

Winds are 1-minute means at 10 m over open ground. The profile is that of Holland [1]_ at the surface
(the same as Holland, Belanger and Fritz [2]_ with an exponent of 0.5): the pressure gradient and the
centrifugal force balance. Forward motion makes one side stronger: 0.55 of it, turned 20 degrees
against the sense of the compass, is added as a vector [3]_. Where a best track gives radii by
quadrant the winds pass through them instead, and the asymmetry is that of the radii.

Assumptions: air flows in at 20 degrees; beyond the outermost radius wind falls as r**-0.6; no
mountains, no friction but that of the track's own winds.

References
----------
.. [1] G. J. Holland, Mon. Weather Rev. 108, 1212-1218 (1980), eq. 5 without the Coriolis force.
.. [2] G. J. Holland, J. I. Belanger, A. Fritz, Mon. Weather Rev. 138, 4393-4401 (2010), eqs. 6 and 7.
.. [3] N. Lin, D. Chavas, J. Geophys. Res. 117, D09120 (2012).
.. [4] G. J. Holland, Mon. Weather Rev. 136, 3432-3445 (2008), eqs. 11 and 12.
.. [5] H. E. Willoughby, R. W. R. Darling, M. E. Rahn, Mon. Weather Rev. 134, 1102-1120 (2006), eq. 7a.
.. [6] R. E. Tuleya, M. DeMaria, R. J. Kuligowski, Weather Forecast. 22, 56-70 (2007), R-CLIPER.
.. [7] J. Kaplan, M. DeMaria, J. Appl. Meteorol. 34, 2499-2512 (1995), eq. 2.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ewsim.disturbances.hazards.spec import KNOT_M_S
from ewsim.geography.plane import FloatArray

AIR_KG_M3 = 1.15
#: Winds whose radii a best track gives, strongest first [m/s].
RADII_M_S = tuple(kt * KNOT_M_S for kt in (64, 50, 34))
_MOTION, _TURN_DEG, _INFLOW_DEG, _TAIL = 0.55, 20.0, 20.0, 0.6
_INCH_A_DAY = 25.4 / 24  # [mm/h]
#: Stronger 1-minute winds were never seen (Patricia 2015: 185 kt) [m/s].
STRONGEST_M_S = 96.0
#: Holland's b of all storms lies below 2.5; winds in knots for m/s make it four times as large.
_B_MAX = 4.0


def holland_b(max_wind_m_s: ArrayLike, deficit_hpa: ArrayLike) -> FloatArray:
    """Holland's b from the largest surface wind [m/s] and the pressure deficit [hPa]: rho e v**2 / dp."""
    wind = np.asarray(max_wind_m_s, dtype=np.float64)
    return np.asarray(AIR_KG_M3 * np.e * wind**2 / (100 * np.maximum(deficit_hpa, 0.1)))


def implausible(wind_m_s: float, pressure_hpa: float, outside_hpa: float) -> tuple[str, str] | None:
    """What is wrong with a wind [m/s], and what to write; None where it can be.

    Parameters
    ----------
    wind_m_s
        The largest wind [m/s].
    pressure_hpa, outside_hpa
        The pressure in the centre, NaN if not known, and around it [hPa].
    """
    in_knots = f"If it is in knots, write {wind_m_s * KNOT_M_S:.1f}."
    if wind_m_s > STRONGEST_M_S:
        return f"no storm has had {wind_m_s:g} m/s (the strongest: 95 m/s, Patricia 2015).", in_knots
    deficit = outside_hpa - pressure_hpa
    if wind_m_s > 25 and holland_b(wind_m_s, max(deficit, 5.0)) > _B_MAX:
        return f"{wind_m_s:g} m/s is too much for a centre of {pressure_hpa:g} hPa.", in_knots
    return None


def wind_of_pressure(deficit_hpa: FloatArray, latitude_deg: FloatArray) -> FloatArray:
    """The largest surface wind [m/s] of a pressure deficit [hPa]: Holland 2008 [4]_, steady and at rest."""
    deficit = np.maximum(deficit_hpa, 0.1)
    b = -4.4e-5 * deficit**2 + 0.01 * deficit - 0.014 * np.abs(latitude_deg) + 1.0
    return np.sqrt(100 * np.clip(b, 0.8, 2.5) * deficit / (AIR_KG_M3 * np.e))


def radius_of_wind(max_wind_m_s: FloatArray, latitude_deg: FloatArray) -> FloatArray:
    """The radius of the largest wind [m] from it [m/s] and the latitude [degree]: Willoughby 2006 [5]_."""
    return 1000 * 46.4 * np.exp(-0.0155 * max_wind_m_s + 0.0169 * np.abs(latitude_deg))


def inland(max_wind_m_s: FloatArray, hours: FloatArray) -> FloatArray:
    """The largest wind [m/s] so many hours after landfall, from that at landfall: Kaplan and DeMaria [7]_."""
    background = 26.7 * KNOT_M_S
    decayed = background + (0.9 * max_wind_m_s - background) * np.exp(-0.095 * np.maximum(hours, 0))
    return np.asarray(np.where(hours > 0, np.minimum(decayed, max_wind_m_s), max_wind_m_s))


def holland(distance_m: FloatArray, max_wind_m_s: float, radius_m: float, b: float) -> FloatArray:
    """Surface wind [m/s] at distances from the centre, the Holland profile.

    Parameters
    ----------
    distance_m
        From the centre [m], shape (points,).
    max_wind_m_s
        The largest wind [m/s].
    radius_m
        Where it blows [m].
    b
        Holland's shape [1].
    """
    ratio = (radius_m / np.maximum(distance_m, 1.0)) ** b
    return np.asarray(max_wind_m_s * np.sqrt(ratio * np.exp(1.0 - ratio)))


def moving(
    east_m: FloatArray,
    north_m: FloatArray,
    storm: tuple[float, float, float],
    motion_m_s: tuple[float, float],
    *,
    southern: bool = False,
) -> FloatArray:
    """Wind [m/s] around a storm in motion, whose largest wind includes the motion.

    Parameters
    ----------
    east_m, north_m
        From the centre [m], shape (points,).
    storm
        Its largest wind [m/s], the radius of it [m], and Holland's b [1].
    motion_m_s
        Of the centre, to the east and north [m/s].
    southern
        Whether it turns with the clock.
    """
    top, radius, b = storm
    sense = -1.0 if southern else 1.0
    turn = sense * np.radians(_TURN_DEG)
    u, v = motion_m_s
    add = _MOTION * (complex(u, v) * np.exp(1j * turn))
    still = max(top - abs(add), 0.3 * top)
    share = holland(np.hypot(east_m, north_m), 1.0, radius, b)
    inwards = np.exp(1j * sense * (np.pi / 2 + np.radians(_INFLOW_DEG)))
    around = np.exp(1j * np.arctan2(north_m, east_m)) * inwards
    return np.asarray(np.abs(share * (still * around + add)))


def through_radii(
    east_m: FloatArray, north_m: FloatArray, storm: tuple[float, float, float], radii_m: FloatArray
) -> FloatArray:
    """Wind [m/s] that passes through the radii of a best track.

    Between the largest wind and the radii it is a power of the distance; between the middles of two
    quadrants radii change evenly with direction. A quadrant without a radius has no such wind.

    Parameters
    ----------
    east_m, north_m
        From the centre [m], shape (points,).
    storm
        Its largest wind [m/s], the radius of it [m], and Holland's b [1], which holds inside that radius.
    radii_m
        Of 64, 50 and 34 kt in the north-east, south-east, south-west and north-west [m], shape (3, 4).
    """
    top, radius, b = storm
    distance = np.maximum(np.hypot(east_m, north_m), 1.0)
    bearing = np.degrees(np.arctan2(east_m, north_m))

    def towards(quadrants: NDArray[np.floating]) -> FloatArray:
        return np.asarray(np.interp(bearing, [45, 135, 225, 315], quadrants, period=360))

    absent = (radii_m <= 0) & (np.array(RADII_M_S)[:, None] < top)
    strongest = np.where(absent, np.array(RADII_M_S)[:, None], top).min(axis=0)
    wind, at = towards(strongest), np.full(distance.shape, radius)
    innermost = np.where(radii_m > 0, radii_m, np.inf).min(initial=np.inf)
    at = np.minimum(at, 0.8 * innermost)
    found = wind * holland(distance, 1.0, float(at.min(initial=radius)), b)
    for speed, quadrants in zip(RADII_M_S, radii_m, strict=True):
        beyond = np.maximum(towards(quadrants), at * 1.02)
        next_wind = np.minimum(speed, wind)
        power = np.log(next_wind / wind) / np.log(beyond / at)
        found = np.where(distance > at, wind * (distance / at) ** power, found)
        at, wind = beyond, next_wind
    return np.asarray(np.where(distance > at, wind * (distance / at) ** -_TAIL, found))


def rain_mm_h(distance_m: FloatArray, max_wind_m_s: float) -> FloatArray:
    """Rain [mm/h] at distances [m] from a centre with this largest wind [m/s]: R-CLIPER [6]_."""
    u = 1 + (max_wind_m_s / KNOT_M_S - 35) / 33
    centre, top = -1.10 + 3.96 * u, -1.60 + 4.80 * u
    peak_km, fall_km = max(64.5 - 13.0 * u, 5.0), max(150 - 16.0 * u, 50.0)
    far = distance_m / 1000
    inside = centre + (top - centre) * far / peak_km
    outside = top * np.exp(-(far - peak_km) / fall_km)
    return np.asarray(np.maximum(np.where(far < peak_km, inside, outside), 0) * _INCH_A_DAY)
