"""People who come during the run: visitors who land, people who return, relief workers.

They are rows like everybody, after those who are there at the decision. Before they arrive they are
nowhere: no phone of theirs is on a cell, no siren reaches them. They count as in the alert area if
they come into it within the run, at the entry or after it, so that reached and causes add up over
everybody who was there to be warned; who would come after the end of the run is left out.

Assumptions: they come evenly between two moments, with equal chance by every entry; they resemble
the people of the place nearest to where they go, and are indoors as often; their phones are on as
others' are.
"""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from ewsim.geography import plane
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.population.journeys import Journeys, Moves
from ewsim.population.movement.flows import LATITUDE_FIRST, Fault, ashore
from ewsim.population.movement.moves import Days
from ewsim.population.people import RESIDENCES, Handsets, People
from ewsim.population.shard import Shard
from ewsim.population.shares import drawn_groups, zone_shares
from ewsim.scenario.spec import ArrivalSpec, PopulationSpec
from ewsim.settlement.offshore import OFFSHORE_M
from ewsim.settlement.pattern import Settlements
from ewsim.settlement.placing import on_land
from ewsim.streams import Streams
from ewsim.units import NEVER, US, to_us


def with_arrivals(
    spec: PopulationSpec,
    people: People,
    settlements: Settlements,
    frame: LocalFrame,
    land: BaseGeometry,
    streams: Streams,
    horizon_us: int,
    fault: Fault,
    zone_table: Path | None = None,
    shard: Shard | None = None,
) -> People:
    """The people, and after them those who arrive within the run; all of these are of the last shard.

    Raises a fault where an entry or a destination has no land, or an entry point is far off it, and
    what `shares.zone_shares` raises.

    Parameters
    ----------
    spec
        The arrivals, and the groups of people.
    people
        Those who are there at the decision.
    settlements
        Where arrivals can stay.
    frame
        The plane.
    land
        Where people can be [m].
    streams
        The random numbers.
    horizon_us
        The end of the run [us].
    fault
        Makes the error of a key of the scenario.
    zone_table
        The table that `spec.zone_shares` names.
    shard
        Whose people they are; None: everyone's.
    """
    if not spec.arrivals:
        return people
    if shard is not None and not shard.last:
        return replace(people, arrives_us=np.full(len(people), -NEVER, dtype=np.int64))
    streams = streams.country().from_row(people.first)
    shares = zone_shares(spec, settlements.name, zone_table)
    indoors_share = Days(spec, settlements, land, streams, horizon_us).indoors_share()
    near = cKDTree(np.column_stack([settlements.x_m, settlements.y_m]))
    there = int(settlements.people.sum())
    parts, moves = [_columns(people)], [people.journeys.moves]
    rows = next_id = len(people)
    for number, flow in enumerate(spec.arrivals):
        total = flow.people_count or round((flow.share or 0) * there)
        count = -(-total // spec.weight)
        ids = np.arange(next_id, next_id + count, dtype=np.int64)
        next_id += count
        u = streams.uniform("population.arrival_time", ids)
        at = np.rint((flow.start_s + u * (flow.end_s - flow.start_s)) * US).astype(np.int64)
        x, y = goes_x, goes_y = _entries(flow, ids, frame, land, streams, number, fault)
        if flow.destination is not None:
            key = f"population.arrivals.{number}.destination"
            ground = ashore(flow.destination, frame, land, key, fault)
            goes_x, goes_y = on_land(count, ground, streams, f"population.arrival_{number}")
        _, home = near.query(np.column_stack([goes_x, goes_y]))
        zone = settlements.zone[home]
        groups = drawn_groups(shares, ids, zone, streams)
        groups["residence"][:] = RESIDENCES.index(flow.residence)
        made = {
            "weight": np.minimum(total - spec.weight * np.arange(count), spec.weight),
            "x_m": x,
            "y_m": y,
            "zone": zone,
            "settlement": settlements.kind[home],
            "indoors": streams.uniform("population.indoors", ids) < indoors_share,
            "handset": np.full(count, -1),
            "arrives_us": at,
            **groups,
        }
        comes = np.flatnonzero(at <= horizon_us)
        # Side by side with others of their zone, for those are who share a phone.
        comes = comes[np.argsort(zone[comes], kind="stable")]
        parts.append({name: values[comes] for name, values in made.items()})
        if flow.destination is not None:
            leaves, row = at[comes] + to_us(flow.transfer_s), rows + np.arange(comes.size)
            moves.append(Moves.away(row, leaves, goes_x[comes], goes_y[comes]))
        rows += comes.size
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]).astype(parts[0][name].dtype) for name in parts[0]
    }
    return replace(people, journeys=Journeys.of(rows, moves), **columns)


def counted(people: People, area: BaseGeometry, horizon_us: int) -> NDArray[np.bool_]:
    """Who counts as in an area: is there at the decision, or arrives and comes there in the run.

    Parameters
    ----------
    people
        All of them.
    area
        The alert area [m].
    horizon_us
        The end of the run [us].
    """
    inside = plane.contains(area, people.x_m, people.y_m)
    if people.arrives_us is not None:
        journeys = people.journeys
        who = journeys.who
        comes = (people.arrives_us[who] > -NEVER) & (journeys.at_us <= horizon_us)
        comes &= journeys.stop >= 0
        stop = journeys.stop[comes]
        there = plane.contains(area, journeys.x_m[stop], journeys.y_m[stop])
        inside[who[comes][there]] = True
    return inside


def not_before(handsets: Handsets, people: People) -> Handsets:
    """The handsets, off until their owners arrive."""
    if people.arrives_us is None:
        return handsets
    since = np.maximum(handsets.on_from_us, people.arrives_us[handsets.owner])
    return replace(handsets, on_from_us=since)


def _columns(people: People) -> dict[str, NDArray[np.generic]]:
    """The columns of those who are there, with when they came."""
    every = {field.name: getattr(people, field.name) for field in fields(people)}
    columns = {name: values for name, values in every.items() if isinstance(values, np.ndarray)}
    return {**columns, "arrives_us": np.full(len(people), -NEVER, dtype=np.int64)}


def _entries(
    flow: ArrivalSpec,
    ids: NDArray[np.int64],
    frame: LocalFrame,
    land: BaseGeometry,
    streams: Streams,
    number: int,
    fault: Fault,
) -> tuple[FloatArray, FloatArray]:
    """Where each comes in: at points, in an area, or anywhere on the border of the land."""
    if flow.entry is not None:
        ground = ashore(flow.entry, frame, land, f"population.arrivals.{number}.entry", fault)
        return on_land(ids.size, ground, streams, f"population.entry_{number}")
    if flow.entry_points:
        lat, lon = np.array(flow.entry_points, dtype=np.float64).T
        x, y = frame.to_xy(lat, lon)
        away_m = shapely.distance(shapely.points(x, y), land)
        if away_m.max() > OFFSHORE_M:
            key = f"population.arrivals.{number}.entry_points.{int(away_m.argmax())}"
            what = f"{key}: it is {away_m.max() / 1000:,.0f} km off the land"
            raise fault(key, what, LATITUDE_FIRST)
        luck = streams.uniform("population.entry", ids)
        point = (luck * lat.size).astype(np.int64)
        return x[point], y[point]
    rings = np.asarray(shapely.get_exterior_ring(shapely.get_parts(land)))
    length = shapely.length(rings)
    end = np.cumsum(length)
    along = streams.uniform("population.entry", ids) * end[-1]
    ring = np.searchsorted(end, along, side="right")
    points = shapely.line_interpolate_point(rings[ring], along - (end - length)[ring])
    return shapely.get_x(points), shapely.get_y(points)
