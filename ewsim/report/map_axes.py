"""Axes of maps: kilometres on the plane, labelled in degrees."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ewsim.geo import LocalFrame


def degree_ticks(ax: Axes, frame: LocalFrame, across: int) -> None:
    """Ticks in degrees, about `across` of them along; on this plane they are equally far apart."""

    def longitude(x_km: float, _: int) -> str:
        lon = float(frame.to_latlon(x_km * 1000, 0.0)[1])
        return f"{abs(lon):.2f}°{'E' if lon >= 0 else 'W'}"

    def latitude(y_km: float, _: int) -> str:
        lat = float(frame.to_latlon(0.0, y_km * 1000)[0])
        return f"{abs(lat):.2f}°{'N' if lat >= 0 else 'S'}"

    ax.xaxis.set_major_locator(MaxNLocator(across))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(FuncFormatter(longitude))
    ax.yaxis.set_major_formatter(FuncFormatter(latitude))
    ax.tick_params(labelsize=7)
