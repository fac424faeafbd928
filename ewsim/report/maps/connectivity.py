"""The disaster connectivity map: where the signal was lost, and when it came back, as small multiples."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from ewsim.metrics.protection import signal as connectivity
from ewsim.metrics.protection.signal import SignalSeries
from ewsim.metrics.words import capital
from ewsim.report import style
from ewsim.report.maps.axes import Bounds, classes, fill, prepare
from ewsim.report.maps.ground import MapGround, map_ground
from ewsim.report.speech import ENGLISH, Speech
from ewsim.result.record import Result

#: Never a signal, a signal, lost.
_COLOURS = ("#e6e6e6", "#7db4d8", "#a33c00")
_STATES = ("never had a signal", "signal", "lost")
#: A country that is wider than this, in its heights, has its maps in two columns, not three.
_WIDE = 1.6
#: Room above a map for its title, and below for its degrees [inch].
_AROUND_IN = 0.4
_LEGEND_IN = 0.35
#: From a map of times down to the bar of its colours, and room for the bar and its words [inch].
_BAR_IN, _BAR_ROOM_IN = 0.4, 0.5


def series_of(result: Result, operator: str = "any", rat: str = "any") -> SignalSeries | None:
    """The signal over time of a result; None where no cell failed.

    Parameters
    ----------
    result
        A run.
    operator, rat
        Whose cells and of which technology count; `any` for all.
    """
    if result.squares is None:
        return None
    moments = connectivity.moments_of(result.events, result.horizon_s)
    return connectivity.series_of(result.squares, result.cells, result.events, moments, operator, rat)


def figure(result: Result, series: SignalSeries, say: Speech = ENGLISH) -> Markup:
    """The maps for a page.

    Parameters
    ----------
    result, series
        A run, and its signal over time.
    say
        The language.
    """
    alt = "Maps of where phones have a signal. " + " ".join(connectivity.in_words(series))
    return style.svg("connectivity", alt, *_drawing(result, series), say=say)


def png(result: Result, series: SignalSeries) -> bytes:
    """The maps as a picture."""
    height_in, draw = _drawing(result, series)
    with style.looks("connectivity"):
        canvas = Figure(figsize=(style.WIDTH_IN, height_in), layout="constrained")
        FigureCanvasAgg(canvas)
        draw(canvas)
        target = io.BytesIO()
        canvas.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def _drawing(result: Result, series: SignalSeries) -> tuple[float, Callable[[Figure], None]]:
    """The height of the maps [inch], and what draws them."""
    land = map_ground(result)
    land = replace(land, bounds_km=_bounds(land, series))
    moments = [-1, *connectivity.panels_of(series)]
    lost = bool(series.lost.any())
    west, south, east, north = land.bounds_km
    upright = (north - south) / (east - west)
    columns = 2 if upright < 1 / _WIDE else 3
    rows, span = -(-len(moments) // columns), 6 // columns
    small_in = float(np.clip(style.WIDTH_IN / columns * 0.8 * upright, 0.7, 3.2))
    large_in = float(np.clip(style.WIDTH_IN / 2 * 0.72 * upright, 0.9, 4.5)) if lost else 0.0
    heights = [small_in] * rows + [large_in] * lost
    bottom_in = _LEGEND_IN + _AROUND_IN + _BAR_ROOM_IN * lost
    total_in = sum(heights) + bottom_in + _AROUND_IN * (rows + lost)

    def draw(canvas: Figure) -> None:
        canvas.set_layout_engine("none")
        grid = canvas.add_gridspec(
            rows + lost,
            6,
            height_ratios=heights,
            left=0.07,
            right=0.97,
            bottom=bottom_in / total_in,
            top=1 - _AROUND_IN / total_in,
            hspace=_AROUND_IN * (rows + lost) / sum(heights),
            wspace=0.7,
        )
        for n, moment in enumerate(moments):
            row, column = divmod(n, columns)
            _state(canvas.add_subplot(grid[row, span * column : span * column + span]), land, series, moment)
        if lost:
            _times(canvas.add_subplot(grid[rows, :3]), land, series, series.lost_s(), "lost")
            _times(canvas.add_subplot(grid[rows, 3:]), land, series, series.back_s(), "back")
        there = [k for k in range(3) if any((connectivity.state_of(series, m) == k).any() for m in moments)]
        handles: list[Artist] = [
            Patch(facecolor=_COLOURS[k], edgecolor=style.GREY, label=_STATES[k]) for k in there
        ]
        canvas.legend(handles=handles, loc="lower center", ncols=3, fontsize=7.5)

    return total_in, draw


def _base(ax: Axes, land: MapGround, title: str) -> None:
    prepare(ax, title, land.bounds_km, land.frame, across=2)
    ax.title.set_fontsize(8)
    ax.set_facecolor("#eaf2f8" if land.land is not None else "white")
    if land.land is not None:
        fill(ax, land.land, facecolor="none", edgecolor=style.GREY, linewidth=0.7, zorder=4)
    fill(ax, land.area, facecolor="none", edgecolor=style.EDGE, linewidth=1, linestyle="--", zorder=5)


def _bounds(land: MapGround, series: SignalSeries) -> Bounds:
    """West, south, east and north of what the maps show: the squares, and a little around them [km]."""
    west, east, south, north = _extent(land, series)
    margin = 0.04 * max(east - west, north - south)
    return west - margin, south - margin, east + margin, north + margin


def _extent(land: MapGround, series: SignalSeries) -> Bounds:
    """West, east, south and north of the squares on the map [km]."""
    s = series.squares
    west, south = (float(v) / 1000 for v in land.frame.to_xy(s.south_deg, s.west_deg))
    x, y = land.frame.to_xy(land.frame.lat0_deg + s.high_deg, land.frame.lon0_deg + s.wide_deg)
    return west, west + s.columns * float(x) / 1000, south, south + s.rows * float(y) / 1000


def _state(ax: Axes, land: MapGround, series: SignalSeries, moment: int) -> None:
    if moment < 0:
        title = "Before anything failed"
    else:
        when = connectivity.when_of(float(series.time_s[moment]))
        when = when.removesuffix(" the decision") if series.time_s[moment] else when
        title = f"{capital(when)}: {series.people(series.lost[moment]):,} lost it"
    _base(ax, land, title)
    ax.set_xticks([])
    ax.set_yticks([])
    values = series.squares.raster(connectivity.state_of(series, moment).astype(np.float32), np.nan)
    classes(ax, values, _extent(land, series), _COLOURS)


def _times(ax: Axes, land: MapGround, series: SignalSeries, time_s: NDArray[np.float64], what: str) -> None:
    """When the signal was lost (dark: early), or came back (dark: late); where it is not back, black."""
    unit = style.time_unit(float(np.abs(series.time_s).max()))
    black = " (black: not at the end)" if np.isinf(time_s).any() else ""
    _base(ax, land, {"lost": "When the signal was lost", "back": f"When it came back{black}"}[what])
    if what == "back":
        ax.set_yticks([])
    west, east, south, north = _extent(land, series)
    never = series.squares.raster(np.where(np.isinf(time_s), 0.0, np.nan).astype(np.float32), np.nan)
    classes(ax, never, (west, east, south, north), ("#333333",))
    finite = time_s[np.isfinite(time_s)] / unit.seconds
    if not finite.size:
        return
    step = float(np.diff(series.time_s[-2:])[0]) if series.time_s.size > 1 else 1.0
    image = ax.imshow(
        series.squares.raster(np.where(np.isfinite(time_s), time_s / unit.seconds, np.nan), np.nan),
        cmap="viridis" if what == "lost" else "viridis_r",
        vmin=finite.min(),
        vmax=max(finite.max(), finite.min() + step / unit.seconds),
        extent=(west, east, south, north),
        origin="lower",
        interpolation="nearest",
        aspect="equal",
        zorder=3,
    )
    high_in = ax.get_position().height * ax.figure.get_figheight()  # type: ignore[union-attr]
    below = ax.inset_axes((0.0, -_BAR_IN / high_in, 1.0, 0.1 / high_in))  # both maps keep their size
    bar = cast("Figure", ax.figure).colorbar(image, cax=below, orientation="horizontal")
    bar.set_label(f"After the decision to warn [{unit.name}]", fontsize=7.5)
    bar.ax.tick_params(labelsize=7)
