"""What a map needs: everything in kilometres on one plane, sites, and people in squares."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import LocalFrame
from ewsim.metrics.reach import in_area, weights
from ewsim.result.record import Result

FloatArray = NDArray[np.float64]

#: Details smaller than this part of the map's width are not drawn.
_DETAIL = 1 / 2000


@dataclass(frozen=True, slots=True)
class MapGround:
    """A result's geography; kilometres east and north of the frame's reference.

    `site_of_cell` gives each row of the cells table its row of `sites` (columns site_id, x_km,
    y_km). `bounds_km` is west, south, east, north of what a map shows.
    """

    frame: LocalFrame
    area: BaseGeometry
    land: BaseGeometry | None
    sites: pd.DataFrame
    site_of_cell: NDArray[np.int64]
    people_x_km: FloatArray
    people_y_km: FloatArray
    bounds_km: tuple[float, float, float, float]


def map_ground(result: Result) -> MapGround:
    """The geography of a result."""
    people, cells = result.ledger.people, result.cells
    lat = np.concatenate([people["lat"].to_numpy(), cells["lat"].to_numpy()])
    lon = np.concatenate([people["lon"].to_numpy(), cells["lon"].to_numpy()])
    area_deg = shapely.geometry.shape(result.area)
    if not lat.size:
        lon, lat = shapely.get_coordinates(area_deg).T
    frame = LocalFrame.around(lat, lon)

    codes, site_ids = pd.factorize(cells["site_id"])
    first = np.unique(codes, return_index=True)[1]
    site_x, site_y = _km(frame, cells["lat"].to_numpy()[first], cells["lon"].to_numpy()[first])
    people_x, people_y = _km(frame, people["lat"].to_numpy(), people["lon"].to_numpy())
    area = _shape_km(frame, area_deg)
    bounds = _bounds(np.concatenate([people_x, site_x]), np.concatenate([people_y, site_y]), area)
    detail = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) * _DETAIL
    land = None
    if result.land is not None:
        land = _shape_km(frame, shapely.geometry.shape(result.land)).simplify(detail)
        land = shapely.clip_by_rect(shapely.make_valid(land), *_wider(bounds, 0.5))
    return MapGround(
        frame=frame,
        area=area.simplify(detail),
        land=land,
        sites=pd.DataFrame({"site_id": site_ids, "x_km": site_x, "y_km": site_y}),
        site_of_cell=np.asarray(codes, dtype=np.int64),
        people_x_km=people_x,
        people_y_km=people_y,
        bounds_km=bounds,
    )


def _km(frame: LocalFrame, lat: Any, lon: Any) -> tuple[FloatArray, FloatArray]:
    x, y = frame.to_xy(lat, lon)
    return x / 1000, y / 1000


def _shape_km(frame: LocalFrame, shape: BaseGeometry) -> BaseGeometry:
    metres = frame.geometry(shape)
    return shapely.transform(metres, lambda points: points / 1000)


def _bounds(x: FloatArray, y: FloatArray, area: BaseGeometry) -> tuple[float, float, float, float]:
    """People and sites, and as much of the area around them as leaves them well visible."""
    if not x.size:
        return _wider(area.bounds, 0.05)
    inner = _wider((x.min(), y.min(), x.max(), y.max()), 0.0, at_least=1.0)
    room = _wider(inner, 0.25)
    if area.is_empty:
        return _wider(inner, 0.05)
    west, south, east, north = area.bounds
    return _wider(
        (
            min(inner[0], max(west, room[0])),
            min(inner[1], max(south, room[1])),
            max(inner[2], min(east, room[2])),
            max(inner[3], min(north, room[3])),
        ),
        0.04,
    )


def _wider(
    bounds: tuple[float, float, float, float], part: float, at_least: float = 0.0
) -> tuple[float, float, float, float]:
    west, south, east, north = (float(b) for b in bounds)
    margin = max(east - west, north - south) * part + at_least
    return west - margin, south - margin, east + margin, north + margin


@dataclass(frozen=True, slots=True)
class PeopleSquares:
    """People put together into squares of the map; arrays of one length, a square each.

    `side_km` is the side; `column`, `row` count from the south-west corner of the map. `outside`:
    these people are outside the alert area (a place on its edge has a square of either kind).
    `people` are people, not rows. `of_person` gives each row of the people table its square.
    """

    side_km: float
    column: NDArray[np.int64]
    row: NDArray[np.int64]
    outside: NDArray[np.bool_]
    people: NDArray[np.int64]
    of_person: NDArray[np.int64]

    @property
    def size(self) -> FloatArray:
        """How much of its place a square fills, along a side: its area goes with its people.

        The most crowded tenth fill theirs; the emptiest stay visible.
        """
        if not self.people.size:
            return np.empty(0)
        many = max(float(np.quantile(self.people, 0.9)), 1.0)
        return np.clip(np.sqrt(self.people / many), 0.4, 1.0)


def boxes(
    land: MapGround, made: PeopleSquares, size: FloatArray, filled: FloatArray | float = 1.0
) -> FloatArray:
    """Corners of squares in the middle of their places, filled from below, shape (squares, 4, 2) [km].

    Parameters
    ----------
    land, made
        A map, and its squares.
    size
        How much of its place each square fills, along a side [1], shape (squares,).
    filled
        How much of each square is filled [1], shape (squares,).
    """
    west, south, *_ = land.bounds_km
    wide = size * made.side_km
    left = west + (made.column + 0.5) * made.side_km - wide / 2
    foot = south + (made.row + 0.5) * made.side_km - wide / 2
    right, top = left + wide, foot + wide * filled
    return np.stack([np.stack([left, right, right, left], 1), np.stack([foot, foot, top, top], 1)], axis=2)


def squares(result: Result, land: MapGround, across: int = 150) -> PeopleSquares:
    """Put the people of a result into squares of the map.

    Parameters
    ----------
    result, land
        A run, and its geography.
    across
        Number of squares along the longer side of the map. People beyond the map have squares there.
    """
    west, south, east, north = land.bounds_km
    side = max(east - west, north - south) / across
    column = np.floor((land.people_x_km - west) / side).astype(np.int64)
    row = np.floor((land.people_y_km - south) / side).astype(np.int64)
    outside = (~in_area(result.ledger)).astype(np.int64)
    west_most, south_most = (int(line.min(initial=0)) for line in (column, row))
    stride = int(column.max(initial=0)) - west_most + 1
    found, of_person = np.unique(
        ((row - south_most) * stride + column - west_most) * 2 + outside, return_inverse=True
    )
    people = np.bincount(of_person, weights=weights(result.ledger), minlength=found.size)
    return PeopleSquares(
        side_km=side,
        column=found // 2 % stride + west_most,
        row=found // 2 // stride + south_most,
        outside=found % 2 == 1,
        people=people.astype(np.int64),
        of_person=of_person,
    )
