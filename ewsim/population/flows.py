"""People who leave one area for another during the run, in the scenario's order.

Each goes once: a flow takes the place of a journey to work, and an earlier flow that of a later.
They leave evenly between two moments and arrive at once, anywhere on the land of the destination
alike (assumption).
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim import geo
from ewsim.errors import DataError, Diagnostic
from ewsim.geo import LocalFrame
from ewsim.population.people import People
from ewsim.population.placing import on_land
from ewsim.scenario.spec import AreaSpec, FlowSpec
from ewsim.streams import Streams
from ewsim.units import US


def apply_flows(
    flows: tuple[FlowSpec, ...],
    people: People,
    frame: LocalFrame,
    land: BaseGeometry,
    streams: Streams,
) -> None:
    """Set where and when those who flow move; columns of the people are written in place.

    Raises
    ------
    DataError
        A destination has no land.
    """
    streams = streams.country()
    gone = np.zeros(len(people), dtype=np.bool_)
    for number, flow in enumerate(flows):
        inside = geo.contains(_area(flow.origin, frame), people.x_m, people.y_m) & ~gone
        who = np.flatnonzero(inside)
        who = who[streams.uniform("population.flow", who, number) < flow.share]
        ground = shapely.intersection(_area(flow.destination, frame), land)
        if ground.is_empty or ground.area == 0:
            where = f"population.flows[{number}].destination"
            fix = "Give latitude first, then longitude."
            raise DataError([Diagnostic(where, 0, 0, "there is no land in it.", fix)])
        gone[who] = True
        if not who.size:
            continue
        u = streams.uniform("population.flow_time", who, number)
        leaves = flow.start_s + u * (flow.end_s - flow.start_s)
        x, y = on_land(who.size, ground, streams, f"population.flow_{number}")
        people.later_x_m[who], people.later_y_m[who] = x, y
        people.moves_us[who] = np.rint(leaves * US).astype(np.int64)


def _area(area: AreaSpec, frame: LocalFrame) -> BaseGeometry:
    return geo.union(
        [frame.polygon(ring) for ring in area.polygons]
        + [frame.circle(*circle.centre, circle.radius_m) for circle in area.circles]
    )
