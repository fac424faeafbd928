"""A cyclone's track: fixes in time, and the storm between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ewsim.disturbances.hazards.cyclone import wind
from ewsim.disturbances.hazards.exposure import Exposure
from ewsim.disturbances.hazards.spec import KNOT_M_S, CycloneSpec
from ewsim.geography.plane import EARTH_RADIUS_M, FloatArray

#: Between two moments that are looked at [s]; a storm moves some kilometres meanwhile.
STEP_S = 600.0
#: Farther away there is no wind to speak of [m].
REACH_M = 600_000.0
#: A storm is followed from the first to the last fix with this wind [m/s]; weaker ones break nothing.
WEAKEST_M_S = 34 * KNOT_M_S
#: Steps that are looked at most; a longer track has longer steps.
_STEPS_MAX = 2000
#: Assumption: Holland's b where the track gives no pressure (1 to 2.2).
_USUAL_B = 1.5


@dataclass(frozen=True, slots=True)
class Track:
    """Fixes; arrays of one length. NaN is what is not known, and is filled in here.

    `radii_m` are of 64, 50 and 34 kt by quadrant (north-east, south-east, south-west, north-west),
    shape (fixes, 3, 4).
    """

    times_s: FloatArray
    lat_deg: FloatArray
    lon_deg: FloatArray
    max_wind_m_s: FloatArray
    pressure_hpa: FloatArray
    radius_m: FloatArray
    radii_m: FloatArray

    def completed(self, spec: CycloneSpec) -> Track:
        """The same with winds, pressures and radii where they are missing, decayed inland if asked."""
        lat, outside = self.lat_deg, spec.environment_pressure_hpa
        deficit = np.maximum(outside - self.pressure_hpa, 1.0)
        top = np.where(np.isnan(self.max_wind_m_s), wind.wind_of_pressure(deficit, lat), self.max_wind_m_s)
        if spec.landfall_s is not None:
            first = np.interp(spec.landfall_s, self.times_s, top)
            hours = (self.times_s - spec.landfall_s) / 3600
            top = np.where(hours > 0, np.minimum(top, wind.inland(np.full(top.shape, first), hours)), top)
        radius = np.where(np.isnan(self.radius_m), wind.radius_of_wind(top, lat), self.radius_m)
        usual = outside - wind.AIR_KG_M3 * np.e * top**2 / (100 * _USUAL_B)
        pressure = np.where(np.isnan(self.pressure_hpa), usual, np.minimum(self.pressure_hpa, outside - 1))
        lon = np.unwrap(self.lon_deg, period=360)
        return Track(self.times_s, lat, lon, top, pressure, radius, self.radii_m)

    def steps_s(self, spec: CycloneSpec) -> FloatArray:
        """The moments to look at: every step while it is a storm, and every fix."""
        strong = np.flatnonzero(self.max_wind_m_s >= min(WEAKEST_M_S, spec.arrival_wind_m_s))
        if not strong.size:
            return np.empty(0)
        first, last = max(strong[0] - 1, 0), min(strong[-1] + 1, len(self.times_s) - 1)
        begin, end = self.times_s[first], self.times_s[last]
        step = max(STEP_S, (end - begin) / _STEPS_MAX)
        return np.union1d(np.arange(begin, end, step), self.times_s[first : last + 1])


def winds_and_rain(
    track: Track, spec: CycloneSpec, lat_deg: FloatArray, lon_deg: FloatArray
) -> dict[str, Exposure]:
    """Gusts [m/s] and the rain so far [mm] at places, by time.

    Parameters
    ----------
    track
        The fixes.
    spec
        The cyclone's keys.
    lat_deg, lon_deg
        The places [degree], shape (points,).
    """
    full = track.completed(spec)
    steps = full.steps_s(spec)
    gust = np.zeros((steps.size, lat_deg.size), dtype=np.float32)
    rain = np.zeros((steps.size, lat_deg.size), dtype=np.float32)
    if not steps.size:
        none = Exposure(np.zeros((0, 1)), gust, smooth=True)
        return {"gust_m_s": none, "rain_mm": none}
    names = ("lat_deg", "lon_deg", "max_wind_m_s", "pressure_hpa", "radius_m")
    at = {name: np.interp(steps, full.times_s, getattr(full, name)) for name in names}
    radii = _radii_at(full, steps)
    half = np.minimum(STEP_S, np.ptp(full.times_s) or 1.0)
    ahead, behind = (np.clip(steps + d, full.times_s[0], full.times_s[-1]) for d in (half, -half))
    over = np.maximum(ahead - behind, 1.0)
    metres = np.radians(1.0) * EARTH_RADIUS_M

    def speed(degrees: FloatArray) -> FloatArray:
        ends = (np.interp(moments, full.times_s, degrees) for moments in (ahead, behind))
        return np.asarray(np.subtract(*ends) / over)

    north, east = speed(full.lat_deg), speed(full.lon_deg)
    deficit = spec.environment_pressure_hpa - at["pressure_hpa"]
    b = np.clip(wind.holland_b(at["max_wind_m_s"], deficit), 1, 2.5)
    fallen = np.zeros(lat_deg.size)
    for n in range(steps.size):
        lat, top = at["lat_deg"][n], at["max_wind_m_s"][n]
        x = np.mod(lon_deg - at["lon_deg"][n] + 180, 360) - 180
        x = x * (metres * np.cos(np.radians((lat_deg + lat) / 2)))
        y = (lat_deg - lat) * metres
        near = np.flatnonzero(np.hypot(x, y) < REACH_M)
        if near.size:
            x, y, storm = x[near], y[near], (float(top), float(at["radius_m"][n]), float(b[n]))
            if np.isnan(radii[n]).any():
                motion = float(east[n] * metres * np.cos(np.radians(lat))), float(north[n] * metres)
                blows = wind.moving(x, y, storm, motion, southern=bool(lat < 0))
            else:
                blows = wind.through_radii(x, y, storm, radii[n])
            gust[n, near] = blows * spec.gust_factor
            hours = (steps[n] - steps[n - 1]) / 3600 if n else 0.0
            fallen[near] += wind.rain_mm_h(np.hypot(x, y), float(top)) * hours * spec.rain_factor
        rain[n] = fallen
    times = steps[:, None]
    return {"gust_m_s": Exposure(times, gust, smooth=True), "rain_mm": Exposure(times, rain, smooth=True)}


def _radii_at(track: Track, steps: FloatArray) -> FloatArray:
    """The radii at moments [m], shape (steps, 3, 4); NaN where a fix around has none."""
    flat = track.radii_m.reshape(len(track.times_s), -1)
    return np.column_stack([np.interp(steps, track.times_s, column) for column in flat.T]).reshape(-1, 3, 4)
