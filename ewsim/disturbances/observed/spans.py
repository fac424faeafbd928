"""From what somebody saw to when each site of a network is off, and why.

Which sites are off at a share is drawn: each area's sites (or feeders) stand in one order, the same at all
times, in all tables and in all arms of a comparison. A share takes that part of the order from its beginning.
So a site that is off at 60 % is off at 80 %, and those that are back first stay back.

Assumptions: between two times of a series the share changes evenly; before the first nothing is off; after
the last it stays. Where shares have causes, damage takes the beginning of the order, then transport, then
power: what is repaired last is off longest.
"""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ewsim.disturbances.observed.mask import inside_mask, is_mask
from ewsim.disturbances.observed.reading import Observation, rows_and_faults
from ewsim.disturbances.observed.spec import OutageTableSpec
from ewsim.errors import DataError, count_of
from ewsim.geography import plane
from ewsim.geography.faults import Faults
from ewsim.geography.features import read_features
from ewsim.geography.plane import FloatArray
from ewsim.network.topology import Network
from ewsim.streams import Streams
from ewsim.units import NEVER, to_us

#: Causes in the order of the sites that they take.
_ORDER = ("damage", "transport", "power", "unknown")
#: Names that are compared with those of the network to find the nearest.
_MOST_NEAREST = 20


class ObservedSpan(NamedTuple):
    """A site is off from one time until another [us], NEVER for the end of the run, by a cause."""

    site: int
    from_us: int
    until_us: int
    cause: str


def matched(spec: OutageTableSpec, network: Network) -> list[tuple[Observation, NDArray[np.int64]]]:
    """The rows of a table and the sites that each means.

    Raises
    ------
    DataError
        The table, or the outlines of its areas, are at fault, or name what the network does not have.
    """
    rows, every_row, faults = rows_and_faults(spec)
    sites = network.sites
    by_name = {name: number for number, name in enumerate(sites.name)}
    feeders = {name: number for number, name in enumerate(network.feeder_names)}
    operators = {name: number for number, name in enumerate(network.operators)}
    try:
        areas = _areas(spec, network, every_row, faults)
    except DataError as error:  # the outlines are at fault too
        raise DataError([*faults.listed(), *error.diagnostics]) from None
    for noun, asked, known in (
        ("site", {row.site: row for row in reversed(every_row)}, by_name),
        ("feeder", {row.feeder: row for row in reversed(every_row)}, feeders),
        ("operator", {row.operator: row for row in reversed(every_row)}, operators),
    ):
        _unknown(noun, asked, known, "the network", faults)
    if faults:
        raise faults.error()
    theirs = {
        name: np.unique(network.cells.site[network.cells.operator == number])
        for name, number in operators.items()
    }
    found = []
    every = inside_mask(spec, network) if is_mask(spec) else np.arange(len(sites))
    for row in rows:
        mine = every
        if row.site:
            mine = np.array([by_name[row.site]])
        elif row.feeder:
            mine = np.flatnonzero(sites.feeder == feeders[row.feeder])
        elif row.shape is not None:
            shape = network.frame.geometry(row.shape)
            mine = np.flatnonzero(plane.contains(shape, sites.x_m, sites.y_m))
        elif row.area:
            mine = areas[row.area.casefold()]
        if row.operator:
            mine = np.intersect1d(mine, theirs[row.operator])
        found.append((row, mine))
    return found


def _areas(
    spec: OutageTableSpec, network: Network, rows: Sequence[Observation], faults: Faults
) -> dict[str, NDArray[np.int64]]:
    """The sites in each area that the rows name; a site in no outline belongs to the nearest."""
    asked = {row.area: row for row in reversed(rows) if row.area and row.shape is None}
    if spec.districts is None or not asked:
        return {}
    outlines = read_features(Path(spec.districts))
    outlines.require(spec.district_name)
    names = [row.text(spec.district_name) for row in outlines.rows]
    folded = {name.casefold(): name for name in names if name}
    there = [name for name in asked if name.casefold() in folded]
    _unknown("area", asked, [*folded.values(), *there], spec.districts, faults)
    shapes = [row.within(network.frame) for row in outlines.rows]
    tree = shapely.STRtree(np.array(shapes, dtype=np.object_))
    points = np.asarray(shapely.points(network.sites.x_m, network.sites.y_m), dtype=np.object_)
    of = tree.nearest(points)
    keys = np.array([name.casefold() for name in names], dtype=np.object_)[of]
    return {key: np.flatnonzero(keys == key) for key in folded}


def _unknown(
    noun: str, asked: dict[str, Observation], known: Iterable[str], where: str, faults: Faults
) -> None:
    """Note names that are not there; one fault where none of many is."""
    have = list(known)
    wrong = {name: row for name, row in asked.items() if name and name not in set(have)}
    there = len([name for name in asked if name]) - len(wrong)
    some = ", ".join(repr(name) for name in have[:3]) or f"no {noun}"
    if wrong and not there and len(wrong) > 2:
        name, row = next(reversed(wrong.items()))
        what = f"{where} has none of the {len(wrong):,} {noun}s of the table (this one is {name[:40]!r})."
        fix = f"Take the table of this network, or its names: it has {some}."
        faults.add(row.line, row.column, what, fix)
        return
    for count, (name, row) in enumerate(wrong.items()):
        near = difflib.get_close_matches(name, have, n=1) if count < _MOST_NEAREST else []
        fix = f"Did you mean {near[0]!r}?" if near else f"There are: {some}."
        faults.add(row.line, row.column, f"{where} has no {noun} {name[:40]!r}.", fix)


def untouched(rows: Sequence[tuple[Observation, NDArray[np.int64]]]) -> str:
    """What of a table no site of the network is in; else nothing."""
    empty = dict.fromkeys(row.area or f"line {row.line}" for row, sites in rows if not sites.size)
    if not empty:
        return ""
    if all(not sites.size for _, sites in rows):
        return "no site of the network is in the areas of the table."
    named = ", ".join(list(empty)[:5])
    more = f" and {len(empty) - 5:,} more" if len(empty) > 5 else ""
    return f"{count_of(len(empty), 'areas')} of the table have no site of the network: {named}{more}."


def spans_of(
    rows: Sequence[tuple[Observation, NDArray[np.int64]]],
    spec: OutageTableSpec,
    network: Network,
    streams: Streams,
) -> list[ObservedSpan]:
    """When each site is off; the spans of one site neither overlap nor touch with one cause.

    Parameters
    ----------
    rows
        What `matched` gives, each with its sites, shape (sites,).
    spec
        The disturbance's keys.
    network
        The network as built.
    streams
        This replication's randomness.
    """
    order = _order(spec, network, streams)
    found: list[ObservedSpan] = []
    series: dict[object, list[tuple[Observation, NDArray[np.int64]]]] = defaultdict(list)
    for row, sites in rows:
        if row.is_moment:
            series[row.subject].append((row, sites))
            continue
        hit = sites[_rank(order[sites]) < row.share] if row.share < 1 else sites
        until = NEVER if np.isinf(row.until_s) else to_us(row.until_s)
        found += [ObservedSpan(site, to_us(row.from_s), until, row.cause) for site in hit.tolist()]
    for group in series.values():
        sites = group[0][1]
        found += _of_series([row for row, _ in group], sites, _rank(order[sites]))
    return list(_apart(found))


def _order(spec: OutageTableSpec, network: Network, streams: Streams) -> NDArray[np.int64]:
    """The place of every site in the order of going off."""
    number = np.arange(len(network.sites))
    keys = [streams.uniform("outage_table.site", number)]
    if spec.by == "feeder":
        keys.append(streams.uniform("outage_table.feeder", np.maximum(network.sites.feeder, 0)))
    place = np.empty(number.size, dtype=np.int64)
    place[np.lexsort(keys)] = number
    return place


def _rank(place: NDArray[np.int64]) -> FloatArray:
    """Each site's part of an area's order: the middle of its own step between 0 and 1."""
    rank = np.empty(place.size)
    rank[np.argsort(place)] = (np.arange(place.size) + 0.5) / max(place.size, 1)
    return rank


def _of_series(
    rows: Sequence[Observation], sites: NDArray[np.int64], rank: FloatArray
) -> Iterator[ObservedSpan]:
    """Spans from shares by time: a site is off by a cause while its rank is in the cause's part."""
    causes = [cause for cause in _ORDER if any(row.cause == cause for row in rows)]
    knots = np.unique([row.from_s for row in rows])
    ends = np.append(knots[1:], knots[-1] + 1.0)
    quarter = np.stack([knots + (ends - knots) * part for part in (0.25, 0.75)])
    tops = np.cumsum([_shares(rows, cause, quarter) for cause in causes], axis=0)  # (causes, 2, knots)
    slope = (tops[:, 1] - tops[:, 0]) / (0.5 * (ends - knots))
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = quarter[0] + (rank[:, None, None] - tops[:, 0]) / slope  # (sites, causes, knots)
    inside = (slope != 0) & (cross > knots) & (cross < ends)
    for n, site in enumerate(sites.tolist()):
        times = np.unique(np.concatenate([knots, cross[n][inside[n]]]))
        middles = np.append((times[1:] + times[:-1]) / 2, times[-1] + 0.5)
        below = np.cumsum([_shares(rows, cause, middles) for cause in causes], axis=0) <= rank[n]
        state = below.sum(axis=0)  # the number of the cause; as many as there are: on
        for k, cause in enumerate(state.tolist()):
            if cause < len(causes):
                until = to_us(float(times[k + 1])) if k + 1 < times.size else NEVER
                yield ObservedSpan(site, to_us(float(times[k])), until, causes[cause])


def _shares(rows: Sequence[Observation], cause: str, at_s: FloatArray) -> FloatArray:
    """The share that is off by a cause at times [s]."""
    mine = sorted((row.from_s, row.share) for row in rows if row.cause == cause)
    times, shares = np.array(mine).T
    return np.asarray(np.interp(at_s, times, shares, left=0.0))


def _apart(spans: Sequence[ObservedSpan]) -> Iterator[ObservedSpan]:
    """The spans of each site in order, each cut where another has begun before it, touching ones as one."""
    last: ObservedSpan | None = None
    for span in sorted(spans, key=lambda one: (one.site, one.from_us, -one.until_us)):
        if last is None or last.site != span.site or last.until_us < span.from_us:
            if last is not None:
                yield last
            last = span
        elif span.cause == last.cause:
            last = last._replace(until_us=max(last.until_us, span.until_us))
        elif span.until_us > last.until_us:
            yield last
            last = span._replace(from_us=last.until_us)
    if last is not None:
        yield last
