"""Invented ground: the outline and the terrain of a country that does not exist.

One field of fractal noise gives both, so that mountains stand inland and islands are mountain tops;
the outline is where the field crosses a level. Assumptions: the spectrum of heights falls as a
power of the wave number (a Hurst exponent of about 0.8, as measured on real ground [1]_), islands
of an archipelago lie along an arc and their sizes follow their rank, and terrain is classed by
height alone.

References
----------
.. [1] B. B. Mandelbrot, "Stochastic models for the Earth's relief", PNAS 72(10), 1975,
   doi:10.1073/pnas.72.10.3825.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography import plane
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.scenario.spec import IslandSpec
from ewsim.streams import Streams

#: Classes of terrain, the index is the code in `Terrain.kind`.
TERRAIN = ("plain", "hill", "mountain")

#: Assumption: how fast the amplitude of the ground's waves falls with the wave number.
_ROUGHNESS = 1.8
#: Assumption: the same for ridges and valleys, which are closer together.
_RIDGES = 1.3
#: Points of the grid a side, and the share of it that is land before it is scaled.
_POINTS, _LAND_SHARE, _LAND_SHARE_OF_ISLANDS = 160, 0.3, 0.085
#: Assumption: an island smaller than this share of the land is left out, an archipelago's aside.
_ISLET_SHARE = 0.004
#: Assumption: waves that bend a border, across the grid (lakes are left out).
_WAVES_OF_BORDER = 6


@dataclass(frozen=True, slots=True)
class Terrain:
    """Terrain on a grid: `kind[row, column]` indexes TERRAIN; rows go north, columns east.

    `coastal`: the outline is a shore, not a border.
    """

    x0_m: float
    y0_m: float
    step_m: float
    kind: NDArray[np.int8]
    coastal: bool

    def at(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.int8]:
        """Class of terrain at places, the nearest on the grid."""
        column = np.rint((np.asarray(x_m) - self.x0_m) / self.step_m).astype(np.int64)
        row = np.rint((np.asarray(y_m) - self.y0_m) / self.step_m).astype(np.int64)
        rows, columns = self.kind.shape
        return self.kind[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]


def draw(spec: IslandSpec, frame: LocalFrame, streams: Streams) -> tuple[BaseGeometry, Terrain]:
    """The land of the stated area around its centre [m], and its terrain.

    Parameters
    ----------
    spec
        `shape`: one island, an archipelago, a country with one coast, or one without; `area_km2` is met
        exactly.
    frame
        The plane.
    streams
        Random numbers; the country is the same in every replication.
    """
    streams = streams.country()
    side = np.linspace(-1.0, 1.0, _POINTS)
    x, y = np.meshgrid(side, side)
    noise = _noise(streams, "land.relief")
    field = _field(spec, x, y, noise, streams)
    land_share = _LAND_SHARE_OF_ISLANDS if spec.shape == "archipelago" else _LAND_SHARE
    level = float(np.quantile(field, 1 - land_share))
    outline = _outline(side, field, level, spec)
    scale = np.sqrt(spec.area_km2 * 1e6 / outline.area)
    x0, y0 = (float(v) for v in frame.to_xy(*spec.centre))
    middle = np.array([(b + a) / 2 for a, b in zip(outline.bounds[:2], outline.bounds[2:], strict=True)])
    land = shapely.transform(outline, lambda p: (p - middle) * scale + (x0, y0))
    terrain = Terrain(
        x0_m=float((-1.0 - middle[0]) * scale + x0),
        y0_m=float((-1.0 - middle[1]) * scale + y0),
        step_m=float(scale * (side[1] - side[0])),
        kind=_kind(spec, field - level, _noise(streams, "land.ridges", _RIDGES)),
        coastal=spec.shape != "inland",
    )
    return land, terrain


def _noise(streams: Streams, purpose: str, roughness: float = _ROUGHNESS) -> FloatArray:
    """Fractal noise of mean 0 and standard deviation 1 on the grid."""
    white = streams.normal(purpose, np.arange(_POINTS * _POINTS)).reshape(_POINTS, _POINTS)
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(_POINTS), np.fft.fftfreq(_POINTS)))
    k[0, 0] = np.inf
    smooth = np.fft.ifft2(np.fft.fft2(white) * k**-roughness).real
    return np.asarray(smooth / smooth.std())


def _field(spec: IslandSpec, x: FloatArray, y: FloatArray, noise: FloatArray, streams: Streams) -> FloatArray:
    """Higher is further inland; the land is where it is highest. Low along the grid's edge."""
    edge = np.maximum(np.abs(x), np.abs(y))
    rim = -6.0 * np.maximum(edge - 0.88, 0.0) / 0.12
    if spec.shape == "archipelago":
        return _arc(spec.island_count, x, y, streams) + 0.8 * noise + rim
    if spec.shape == "island":
        return 1.0 - np.hypot(x / 0.95, y / 0.72) + 0.22 * noise + rim
    # A border wanders less than a coast: only the longest waves bend it.
    spectrum = np.fft.fft2(noise)
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(_POINTS), np.fft.fftfreq(_POINTS))) * _POINTS
    long_waves = np.fft.ifft2(np.where(k <= _WAVES_OF_BORDER, spectrum, 0)).real
    border = 1.0 - (np.abs(x / 0.92) ** 3 + np.abs(y / 0.74) ** 3) ** (1 / 3) + 0.12 * long_waves
    if spec.shape == "inland":
        return np.asarray(border + rim)
    coast = 0.9 * (y + 0.35) + 0.2 * noise
    return np.asarray(np.minimum(border, coast) + rim)


def _arc(count: int, x: FloatArray, y: FloatArray, streams: Streams) -> FloatArray:
    """Domes along an arc, the largest somewhere in it."""
    ids = np.arange(count)
    luck = streams.uniform("land.islands", ids)
    along = (ids + 0.5 + 0.6 * (luck - 0.5)) / count
    angle = np.pi * (0.15 + 0.7 * along)
    cx = -0.78 * np.cos(angle)
    cy = 1.1 * np.sin(angle) - 0.75 + 0.3 * (streams.uniform("land.islands", ids, 1) - 0.5)
    rank = np.argsort(np.argsort(streams.uniform("land.islands", ids, 2))) + 1.0
    radius = 0.34 * rank**-0.45 * min(1.0, (8 / count) ** 0.5)
    domes = [1 - np.hypot(x - a, y - b) / r for a, b, r in zip(cx, cy, radius, strict=True)]
    # Far from every dome only the nearest counts, so that the sea stays deep.
    return np.asarray(np.maximum(np.max(domes, axis=0), -2.0))


def _outline(side: FloatArray, field: FloatArray, level: float, spec: IslandSpec) -> BaseGeometry:
    """Where the field is above the level: the largest parts, without lakes."""
    lines = contour_generator(side, side, field, fill_type=FillType.OuterOffset)
    filled: Any = lines.filled(level, float(field.max()) + 1.0)
    rings = [p[: int(o[1])] for p, o in zip(filled[0], filled[1], strict=True)]
    step = side[1] - side[0]
    drawn = [shapely.make_valid(shapely.Polygon(ring).simplify(step / 5)) for ring in rings]
    parts = sorted((p for p in drawn if p.area > 0), key=lambda p: -p.area)
    if spec.shape in ("coast", "inland"):
        parts = parts[:1]
    elif spec.shape == "archipelago":
        parts = parts[: spec.island_count]
    else:
        parts = [p for p in parts if p.area >= _ISLET_SHARE * parts[0].area]
    return plane.union(parts)


def _kind(spec: IslandSpec, height: FloatArray, ridges: FloatArray) -> NDArray[np.int8]:
    """The highest ground is mountain, the next is hill, in the stated shares of the land."""
    land = height > 0
    # Ridges run along the zero lines of another noise; the shore is low.
    ground = np.minimum(height / max(float(np.quantile(height[land], 0.7)), 1e-9), 1.0)
    inland = spec.shape == "inland"  # nowhere near a shore, ridges and valleys alone count
    ground = (0.2 if inland else 1.0) * ground - 0.8 * np.minimum(np.abs(ridges), 1.5)
    order = np.sort(ground[land])[::-1]
    terrain = np.zeros(height.shape, dtype=np.int8)
    for code, share in ((1, spec.mountain_share + spec.hill_share), (2, spec.mountain_share)):
        if share > 0:
            limit = order[min(round(share * order.size), order.size - 1)]
            terrain[land & (ground >= limit)] = code
    return terrain
