"""Where phones have lost their signal, for the map of a replay."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.metrics.protection import signal as connectivity
from ewsim.report.maps.ground import MapGround
from ewsim.report.replay.map import packed
from ewsim.result.record import Result
from ewsim.units import US


def lost_signal(result: Result, land: MapGround, times_us: NDArray[np.int64]) -> dict[str, Any] | None:
    """Squares that lose their signal, every change of it, and how many people have lost it at each moment.

    None where no cell failed.

    Parameters
    ----------
    result, land
        A run, and its geography.
    times_us
        The moments of the slider [us], ascending, shape (moments,).
    """
    squares = result.squares
    if squares is None:
        return None
    series = connectivity.series_of(squares, result.cells, result.events, times_us / US)
    lost = series.lost
    some = np.flatnonzero(lost.any(axis=0))
    before = np.vstack([np.zeros((1, some.size), dtype=np.bool_), lost[:, some]])
    moment, square = np.nonzero(before[1:] != before[:-1])
    row, column = divmod(squares.number[some], squares.columns)
    west, south, *_ = land.bounds_km
    x, y = land.frame.to_xy(
        squares.south_deg + row * squares.high_deg, squares.west_deg + column * squares.wide_deg
    )
    wide, high = land.frame.to_xy(
        land.frame.lat0_deg + squares.high_deg, land.frame.lon0_deg + squares.wide_deg
    )
    return {
        "x": packed(np.rint((x / 1000 - west) * 100), "<i4"),
        "y": packed(np.rint((y / 1000 - south) * 100), "<i4"),
        "wide": round(float(wide) / 1000, 4),
        "high": round(float(high) / 1000, 4),
        "square": packed(square, "<u4"),
        "moment": packed(moment, "<u2"),
        "people": (lost @ squares.people).tolist(),
    }
