"""People who leave one area for another during the run, in the scenario's order.

They leave evenly between two moments and arrive at once, anywhere on the land of the destination
with equal chance (assumption). Whom a flow takes is counted at the decision, or when it begins.
Counted at the decision, it replaces everything else a person would do, and an earlier flow replaces
a later one. Counted when it begins, it keeps what they did before: a commuter is evacuated from
work.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, EwsimError
from ewsim.geography import plane
from ewsim.geography.plane import LocalFrame
from ewsim.population.journeys import Moves
from ewsim.population.people import People
from ewsim.scenario.spec import AreaSpec, FlowSpec
from ewsim.settlement.placing import on_land
from ewsim.streams import Streams
from ewsim.units import US, to_us

#: Makes an error at a dotted key of the scenario: (key, what is wrong, how to fix it).
Fault = Callable[[str, str, str], EwsimError]

LATITUDE_FIRST = "Give latitude first, then longitude."


def with_flows(
    flows: tuple[FlowSpec, ...],
    people: People,
    frame: LocalFrame,
    land: BaseGeometry,
    streams: Streams,
    fault: Fault,
    before: Sequence[int] = (),
    taken: list[int] | None = None,
) -> People:
    """The people, with the journeys of those who flow; a fault where they lead into the sea.

    Parameters
    ----------
    flows
        Who goes from where to where, in order.
    people
        All of them.
    frame
        The plane.
    land
        Where people can be [m].
    streams
        The random numbers.
    fault
        Makes the error of a key of the scenario.
    before
        How many of earlier shards each flow takes [1]; empty: none.
    taken
        Gets how many each flow takes of these people.
    """
    streams = streams.country().from_row(people.first)
    gone = np.zeros(len(people), dtype=np.bool_)
    journeys = people.journeys
    for number, flow in enumerate(flows):
        from_us = to_us(flow.start_s) if flow.counted == "at_start" else None
        x, y = (people.x_m, people.y_m) if from_us is None else people.at(from_us)
        inside = plane.contains(area(flow.origin, frame), x, y)
        inside &= ~gone & people.there(0) if from_us is None else people.there(from_us)
        who = np.flatnonzero(inside)
        who = who[streams.uniform("population.flow", who, number) < flow.share]
        key = f"population.flows.{number}.destination"
        ground = ashore(flow.destination, frame, land, key, fault)
        gone[who] = True
        if taken is not None:
            taken.append(who.size)
        if not who.size:
            continue
        others = before[number] if before else 0
        u = streams.uniform("population.flow_time", who, number)
        leaves = flow.start_s + u * (flow.end_s - flow.start_s)
        x, y = on_land(others + who.size, ground, streams, f"population.flow_{number}")
        moves = Moves.away(who, np.rint(leaves * US).astype(np.int64), x[others:], y[others:])
        journeys = journeys.with_moves(moves, from_us)
        people = replace(people, journeys=journeys)
    return people


def area(spec: AreaSpec, frame: LocalFrame) -> BaseGeometry:
    """An area of a scenario in the frame's metres."""
    return frame.area(
        spec.polygons, [(*circle.centre, circle.radius_m) for circle in spec.circles], spec.holes
    )


def ashore(spec: AreaSpec, frame: LocalFrame, land: BaseGeometry, key: str, fault: Fault) -> BaseGeometry:
    """The land of an area; raises a fault where there is none.

    Parameters
    ----------
    spec
        The area.
    frame
        The plane.
    land
        Where people can be [m].
    key
        The area's key in the scenario.
    fault
        Makes the error where it has no land.
    """
    ground = shapely.intersection(area(spec, frame), land)
    if ground.is_empty or ground.area == 0:
        raise fault(key, f"{key}: there is no land in it", LATITUDE_FIRST)
    return ground


def at_key(key: str, message: str, fix: str) -> EwsimError:
    """A fault of a scenario without a file.

    Parameters
    ----------
    key
        The key of the scenario.
    message, fix
        What is wrong, and what to write.
    """
    return DataError.at(key, f"{message}.", fix)
