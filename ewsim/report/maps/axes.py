"""Axes of maps: kilometres on the plane, labelled in round degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, Locator

from ewsim.geography.plane import LocalFrame


def degree_ticks(ax: Axes, frame: LocalFrame, across: int) -> None:
    """Ticks at round degrees, about `across` of them along; the plane is linear in degrees."""
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
        """A tick's degree with its side; longitudes beyond 180 degrees begin anew."""
        degree = self.zero_deg + km / self.km_per_degree
        if sides == "EW":
            degree = (degree + 180.0) % 360.0 - 180.0
        said = f"{abs(degree):.{self.decimals}f}"
        side = sides[0] if degree > 0 else sides[1]
        return f"{said}°" + (side if float(said) not in (0.0, 180.0) else "")


def _label(axis: Axis, ticks: _RoundDegrees, sides: str) -> None:
    axis.set_major_locator(ticks)
    axis.set_major_formatter(FuncFormatter(lambda km, _: ticks.text(km, sides)))
