"""What a hazard's keys and files say about where, when and how strong it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ewsim.disturbances.hazards import outlines
from ewsim.disturbances.hazards.cyclone.best_track import read_track, track_of_spec
from ewsim.disturbances.hazards.cyclone.track import winds_and_rain
from ewsim.disturbances.hazards.exposure import Exposure
from ewsim.disturbances.hazards.shaking import shaken_at
from ewsim.disturbances.hazards.spec import (
    KNOT_M_S,
    AreasSpec,
    CycloneSpec,
    EarthquakeSpec,
    FloodSpec,
    HazardSpec,
    TsunamiSpec,
    WaterSpec,
    WildfireSpec,
)
from ewsim.geography.plane import FloatArray
from ewsim.units import NEVER, US

#: From places (latitude, longitude [degree]) to each measure of the hazard there.
Strength: TypeAlias = Callable[[FloatArray, FloatArray], dict[str, Exposure]]
_COLUMNS = 1 << 32  # more than squares around the Earth


@dataclass(frozen=True, slots=True)
class Footprint:
    """A hazard over the ground.

    `measure` is the one that people are hit by from `arrival` on; `begins_s` is the first moment at which
    it can break anything [s]. `first_s` gives its arrival at places where it has sharp edges; without, it
    changes so evenly that one place stands for many around it. `stays`: where it is at its last moment it
    remains. Crews work when no site has `calm` or more of it.
    """

    strength: Strength
    measure: str
    arrival: float
    begins_s: float
    first_s: Callable[[FloatArray, FloatArray], FloatArray] | None = None
    stays: bool = False
    calm: float = np.inf
    last: dict[tuple[bytes, bytes], dict[str, Exposure]] = field(default_factory=dict, repr=False)

    def at(self, lat_deg: FloatArray, lon_deg: FloatArray) -> dict[str, Exposure]:
        """How strong it is at places [degree], by measure; that of the last places is kept."""
        key = (lat_deg.tobytes(), lon_deg.tobytes())
        if key not in self.last:
            self.last.clear()
            self.last[key] = self.strength(lat_deg, lon_deg)
        return self.last[key]

    def arrives_s(
        self, lat_deg: FloatArray, lon_deg: FloatArray, square_deg: tuple[float, float] | None = None
    ) -> FloatArray:
        """When it reaches places [degree], inf where it does not [s].

        Parameters
        ----------
        lat_deg, lon_deg
            The places [degree], shape (places,).
        square_deg
            Height and width of squares [degree] whose middle stands for all places in one; None: none does.
        """
        if self.first_s is not None:
            return self.first_s(lat_deg, lon_deg)
        if square_deg is None:
            return self.strength(lat_deg, lon_deg)[self.measure].reached_s(self.arrival)
        high, wide = square_deg
        rows, columns = np.floor(lat_deg / high).astype(np.int64), np.floor(lon_deg / wide).astype(np.int64)
        squares, whose = np.unique(rows * _COLUMNS + columns, return_inverse=True)
        south, west = np.divmod(squares + _COLUMNS // 2, _COLUMNS)
        middle = (south + 0.5) * high, (west - _COLUMNS // 2 + 0.5) * wide
        return np.asarray(self.strength(*middle)[self.measure].reached_s(self.arrival)[whose])


def footprint_of(spec: HazardSpec) -> Footprint:
    """The footprint of a hazard whose path counts from the current folder; files are read once.

    Raises
    ------
    DataError
        Every fault of its file, with its line.
    """
    changed = Path(spec.path).stat().st_mtime_ns if spec.path and Path(spec.path).is_file() else 0
    return _read(spec, changed)


@lru_cache(maxsize=4)
def _read(spec: HazardSpec, changed: int) -> Footprint:  # noqa: ARG001 - a changed file is read again
    if isinstance(spec, AreasSpec):
        return _areas(spec)
    if isinstance(spec, EarthquakeSpec):
        return Footprint(shaken_at(spec), "mmi", spec.arrival_mmi, spec.at_s)
    assert isinstance(spec, CycloneSpec)
    return _cyclone(spec)


def _areas(spec: AreasSpec) -> Footprint:
    measure = "burnt" if isinstance(spec, WildfireSpec) else "depth_m"
    level = spec.arrival_depth_m if isinstance(spec, WaterSpec) else 0.5
    stays = measure == "depth_m"
    if isinstance(spec, FloodSpec) and outlines.is_raster(spec):
        water = outlines.depths_of_raster(spec)
        begins = spec.at_s + (spec.from_s or 0.0)

        def comes_s(lat: FloatArray, lon: FloatArray) -> FloatArray:
            return water(lat, lon).reached_s(level)

        return Footprint(
            lambda lat, lon: {measure: water(lat, lon)}, measure, level, begins, first_s=comes_s, stays=stays
        )
    stages = outlines.stages_of(spec)
    rough = spec.roughness if isinstance(spec, TsunamiSpec) else 0.03
    return Footprint(
        lambda lat, lon: {measure: outlines.covered(stages, lat, lon, rough)},
        measure,
        level,
        stages[0].from_s,
        first_s=lambda lat, lon: outlines.first_covered_s(stages, level, lat, lon, rough),
        stays=stays,
    )


def _cyclone(spec: CycloneSpec) -> Footprint:
    track = track_of_spec(spec) if spec.path is None else read_track(Path(spec.path), spec)
    steps = track.completed(spec).steps_s(spec)
    begins = float(steps[0]) if steps.size else float(track.times_s[0])
    return Footprint(
        lambda lat, lon: winds_and_rain(track, spec, lat, lon),
        "gust_m_s",
        spec.arrival_wind_m_s * spec.gust_factor,
        begins,
        calm=34 * KNOT_M_S * spec.gust_factor,
    )


def arrivals_us(
    hazards: list[HazardSpec],
    lat_deg: FloatArray,
    lon_deg: FloatArray,
    square_deg: tuple[float, float] | None = None,
) -> NDArray[np.int64] | None:
    """When the first of the hazards reaches places [us], NEVER where none does; None without hazards.

    Parameters
    ----------
    hazards
        Their paths count from the current folder.
    lat_deg, lon_deg
        The places [degree], shape (places,).
    square_deg
        As in `Footprint.arrives_s` [degree].
    """
    if not hazards:
        return None
    first = np.minimum.reduce(
        [footprint_of(spec).arrives_s(lat_deg, lon_deg, square_deg) for spec in hazards]
    )
    out = np.full(first.size, NEVER, dtype=np.int64)
    hit = np.isfinite(first)
    out[hit] = np.rint(first[hit] * US).astype(np.int64)
    return out
