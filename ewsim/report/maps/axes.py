"""What every map has: axes in kilometres with round degrees, a scale bar, areas and rasters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import ListedColormap
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, Locator
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import LocalFrame
from ewsim.report import style

Bounds = tuple[float, float, float, float]


def prepare(ax: Axes, title: str, bounds_km: Bounds, frame: LocalFrame, across: int = 4) -> None:
    """Set up a map: its title and limits, round degrees, a scale bar.

    Parameters
    ----------
    ax
        The axes of the map [km].
    title
        The line above it.
    bounds_km
        West, south, east and north of what it shows [km].
    frame
        The plane of the map.
    across
        About this many ticks from west to east.
    """
    west, south, east, north = bounds_km
    ax.set_title(title, fontsize=9.5, loc="left")
    ax.set_aspect("equal")
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(True)
    degree_ticks(ax, frame, across)
    length = nice_length_km(east - west)
    x, y = west + (east - west) * 0.04, south + (north - south) * 0.04
    ax.plot([x, x + length], [y, y], color=style.INK, linewidth=3, solid_capstyle="butt", zorder=9)
    ax.annotate(
        f"{length:g} km",
        (x + length / 2, y),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        fontsize=7.5,
        zorder=9,
    )


def fill(ax: Axes, shape: BaseGeometry, **look: Any) -> None:
    """Draw an area in kilometres."""
    for rings in polygons(shape):
        vertices = np.concatenate(rings)
        codes = np.full(len(vertices), Path.LINETO, dtype=np.uint8)
        codes[np.cumsum([0, *(len(r) for r in rings[:-1])])] = Path.MOVETO
        ax.add_patch(PathPatch(Path(vertices, codes), **look))


def land_and_area(ax: Axes, land: BaseGeometry | None, area: BaseGeometry) -> None:
    """Draw the land, and the outline of the alert area above everything on it.

    Parameters
    ----------
    ax
        Where.
    land
        In kilometres; None where it is not known.
    area
        The alert area, in kilometres.
    """
    if land is not None:
        fill(ax, land, facecolor=style.LAND, edgecolor=style.GREY, linewidth=0.7, zorder=1)
    fill(ax, area, facecolor="none", edgecolor=style.EDGE, linewidth=1.6, linestyle="--", zorder=5)


def fill_m(ax: Axes, shape: BaseGeometry, **look: Any) -> None:
    """Draw an area in metres on axes in kilometres."""
    fill(ax, in_km(shape), **look)


def in_km(shape: BaseGeometry) -> BaseGeometry:
    """A shape in metres, in kilometres."""
    return shapely.transform(shape, lambda points: points / 1000)


def classes(ax: Axes, values: NDArray[np.float32], extent_km: Bounds, colours: Sequence[str]) -> None:
    """Draw a raster of class numbers, each in its colour; NaN stays empty.

    Parameters
    ----------
    ax
        The axes of the map [km].
    values
        Numbers of classes [1], shape (rows, columns), southernmost row first.
    extent_km
        West, east, south and north edge of the raster [km].
    colours
        The colour of each class.
    """
    ax.imshow(
        values,
        origin="lower",
        extent=extent_km,
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=len(colours) - 0.5,
        interpolation="nearest",
        zorder=2,
        aspect="equal",
    )


def polygons(shape: BaseGeometry | None) -> list[list[NDArray[np.float64]]]:
    """The polygons of a shape as rings, the outer one first; lines and points are left out."""
    if shape is None:
        return []
    parts = shapely.get_parts(shape)
    return [
        [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
        for part in parts
        if part.geom_type == "Polygon" and not part.is_empty
    ]


def nice_length_km(width_km: float) -> float:
    """A round length of about a fifth of a map's width, for its scale bar."""
    raw = width_km / 5
    power = 10.0 ** np.floor(np.log10(raw))
    return float(max(step * power for step in (1, 2, 5) if step * power <= raw))


def degree_ticks(ax: Axes, frame: LocalFrame, across: int) -> None:
    """Put ticks at round degrees; the plane is linear in degrees.

    Parameters
    ----------
    ax, frame, across
        As in `prepare`.
    """
    east_km, north_km = (float(v) / 1000 for v in frame.to_xy(frame.lat0_deg + 1.0, frame.lon0_deg + 1.0))
    _label(ax.xaxis, _RoundDegrees(frame.lon0_deg, east_km, across), "EW")
    _label(ax.yaxis, _RoundDegrees(frame.lat0_deg, north_km, 4), "NS")
    ax.tick_params(labelsize=7)


class _RoundDegrees(Locator):
    """Round degrees within the limits of an axis in kilometres, at least two if it can be."""

    def __init__(self, zero_deg: float, km_per_degree: float, across: int) -> None:
        self.zero_deg, self.km_per_degree, self.across = zero_deg, km_per_degree, across
        self.decimals = 0

    def __call__(self) -> Sequence[float]:
        return self.tick_values(*self.axis.get_view_interval())  # type: ignore[union-attr]

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Places of the ticks [km]."""
        low, high = (self.zero_deg + v / self.km_per_degree for v in sorted((vmin, vmax)))
        raw = max((high - low) / self.across, 1e-6)
        power = 10.0 ** np.floor(np.log10(raw))
        step = min((s * power for s in (1, 2, 5, 10)), key=lambda s: abs(np.log(s / raw)))
        degrees = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
        self.decimals = max(0, -int(np.floor(np.log10(step * 1.001))))
        return [float(v) for v in (degrees - self.zero_deg) * self.km_per_degree]

    def text(self, km: float, sides: str) -> str:
        """A tick's degree with its side; longitudes beyond 180 degrees start again at -180."""
        degree = self.zero_deg + km / self.km_per_degree
        if sides == "EW":
            degree = (degree + 180.0) % 360.0 - 180.0
        said = f"{abs(degree):.{self.decimals}f}"
        side = sides[0] if degree > 0 else sides[1]
        return f"{said}°" + (side if float(said) not in (0.0, 180.0) else "")


def _label(axis: Axis, ticks: _RoundDegrees, sides: str) -> None:
    axis.set_major_locator(ticks)
    axis.set_major_formatter(FuncFormatter(lambda km, _: ticks.text(km, sides)))
