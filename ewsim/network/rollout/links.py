"""Backhaul links of a file: a tree from the core to the sites.

The file is a table (CSV, XLSX, Parquet) with the columns `from` and `to`, names of sites or `core`; or
lines on a map (GeoJSON, Shapefile, GeoPackage, KML, GeoParquet), with the properties `from` and `to`, else
by their ends: the nearest site within 1 km, or the core (an exchange). Links go both ways; each site reaches
the core by the shortest way over them. Sites that no link connects keep the link that was assumed for them.

Assumption: traffic takes the shortest way by length. Any other link takes over at once when that is cut.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from ewsim.errors import DataError, count_of
from ewsim.geography import table
from ewsim.geography.faults import Faults
from ewsim.geography.features import Features, read_shapes
from ewsim.geography.formats import what_is
from ewsim.network.topology import CORE, Network

#: Assumption: a line that ends within this distance of a site ends at it [m].
AT_SITE_M = 1000.0
#: The word for the core among the names of sites.
CORE_NAME = "core"

_OCTETS_MAX = 64_000_000
FROM = ("from", "source", "site_a", "a_end")
TO = ("to", "target", "site_b", "b_end")


@dataclass(frozen=True, slots=True)
class _Link:
    line: int
    ends: tuple[str, str]
    column: int = 1


def with_links(network: Network, path: Path) -> Network:
    """The network with the links of a file.

    Raises
    ------
    DataError
        Every fault of the file, with its line.
    """
    faults = Faults(str(path))
    links = list(_read(path, faults, network))
    number = {name: i for i, name in enumerate(network.sites.name)}
    number[CORE_NAME] = core = len(network.sites)
    ends = []
    for link in links:
        unknown = [name for name in link.ends if name not in number]
        for name in unknown:
            faults.add(link.line, link.column, f"there is no site {name!r}.", "Name sites of the network.")
        if not unknown:
            ends.append([number[name] for name in link.ends])
    if not faults and not any(core in pair for pair in ends):
        faults.add(0, 0, "no link leads to the core.", f"Name one end {CORE_NAME!r}.")
    if faults:
        raise faults.error()
    a, b = np.array(ends).T
    x, y = np.append(network.sites.x_m, 0.0), np.append(network.sites.y_m, 0.0)
    # The core is nowhere: a link to it has no length, and each link counts a metre.
    length = np.where((a == core) | (b == core), 0.0, np.hypot(x[a] - x[b], y[a] - y[b])) + 1.0
    # Of two links between the same ends the matrix would add the lengths: keep the first.
    _, first = np.unique(np.sort(np.column_stack([a, b]), axis=1), axis=0, return_index=True)
    shape = (core + 1, core + 1)
    graph = coo_array((length[first], (a[first], b[first])), shape=shape).tocsr()
    found: Any = dijkstra(graph, directed=False, indices=core, return_predecessors=True)  # type: ignore[call-overload]
    before = np.asarray(found[1][:core])
    linked = before >= 0
    line_of = np.array([link.line for link in links])
    _no_circle(np.array(ends)[first], line_of[first], network.sites.name, linked, faults)
    parent = np.where(linked, np.where(before == core, CORE, before), network.sites.parent)
    notes = [f"{count_of(len(ends), 'links of backhaul were')} read."]
    if not linked.all():
        some = count_of(int((~linked).sum()), "sites without a way to the core keep")
        notes.append(f"{some} an assumed link.")
    pairs = np.sort(np.column_stack([a[first], b[first]]), axis=1)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    pairs = pairs[linked[pairs[:, 0]]]  # the core, which has the highest number, comes second
    lower, upper = pairs[:, 0], pairs[:, 1]
    up = np.append(before, core)
    second = np.column_stack([lower, np.where(upper == core, CORE, upper)])[
        (before[lower] != upper) & (up[upper] != lower)
    ]
    if len(second):
        notes.append(f"Second ways, which take over when a first is cut: {len(second):,} of them.")
    sites = replace(network.sites, parent=parent.astype(np.int32), ways=second.astype(np.int32))
    return replace(network, sites=sites, notes=(*network.notes, *notes), links_assumed=False)


def _no_circle(
    pairs: NDArray[np.int64],
    lines: NDArray[np.int64],
    names: tuple[str, ...],
    linked: NDArray[np.bool_],
    faults: Faults,
) -> None:
    """Refuse sites that hang on each other in a circle, and on nothing else."""
    count = linked.size
    alone = np.append(~linked, False)
    inside = alone[pairs[:, 0]] & alone[pairs[:, 1]] & (pairs[:, 0] != pairs[:, 1])
    a, b = pairs[inside].T
    _, group = connected_components(
        coo_array((np.ones(a.size), (a, b)), shape=(count, count)), directed=False
    )
    members = np.bincount(group)
    for number in np.flatnonzero(np.bincount(group[a], minlength=members.size) >= members).tolist():
        mine = [names[site] for site in np.flatnonzero(group == number)]
        some = f"{', '.join(mine[:-1])} and {mine[-1]}" if len(mine) <= 5 else f"{len(mine):,} sites"
        line = int(lines[inside][group[a] == number].min())
        what = f"the links between {some} form a circle, and none of them leads to the core."
        faults.add(line, 1, what, "Add the link from one of them to the core, or to a site that has one.")
    if faults:
        raise faults.error()


def _read(path: Path, faults: Faults, network: Network) -> Iterator[_Link]:
    kind = what_is(path).read_as
    try:
        found = read_shapes(path, faults, math.inf) if kind in ("features", "geojson", "parquet") else None
    except DataError:
        if kind != "parquet":
            raise
        found = None  # a table
    return _rows(path, faults) if found is None else _lines(found, faults, network)


def _rows(path: Path, faults: Faults) -> Iterator[_Link]:
    rows = table.rows(path, faults, _OCTETS_MAX)
    line, first = next(rows, (0, [""]))
    header = [name.strip().casefold() for name in first]
    found = [next((n for n in names if n in header), "") for names in (FROM, TO)]
    if not all(found):
        table.missing(header, (FROM[0], TO[0]), line, faults)
        raise faults.error()
    at = [header.index(name) for name in found]
    for number, row in rows:
        if len(row) != len(header):
            table.wrong_length(number, row, len(header), faults)
        else:
            yield _Link(number, (row[at[0]].strip(), row[at[1]].strip()))


def _lines(found: Features, faults: Faults, network: Network) -> Iterator[_Link]:
    if not found.placed:
        raise DataError.at(found.file, "the file is not a FeatureCollection.", "Export links as lines.")
    sites = network.sites
    tree = cKDTree(np.column_stack([sites.x_m, sites.y_m]))
    for properties in found.without_shape:
        if named := _named(properties):
            yield _Link(0, named)
        else:
            faults.add(0, 0, "a feature has no geometry, and no from and to.", "Give it a LineString.")
    for row in found.rows:
        place, lines = (row.line, row.column), shapely.get_parts(shapely.get_parts(row.shape)).tolist()
        if named := _named(row.properties):
            yield _Link(place[0], named, place[1])
            continue
        if not lines or any(line.geom_type != "LineString" for line in lines):
            what = f"feature {row.number} is a {row.shape.geom_type}, not a line."
            faults.add(*place, what, "Give it a LineString, or from and to.")
            continue
        for line in lines:
            lon, lat = shapely.get_coordinates(line)[[0, -1]].T
            away, near = (np.asarray(v) for v in tree.query(np.column_stack(network.frame.to_xy(lat, lon))))
            ends = [
                sites.name[n] if d <= AT_SITE_M else CORE_NAME
                for d, n in zip(away.tolist(), near.tolist(), strict=True)
            ]
            if ends[0] == ends[1]:
                what = f"both ends of feature {row.number} are at {ends[0]}."
                faults.add(*place, what, "End it at two different sites, or name them in from and to.")
            else:
                yield _Link(place[0], (ends[0], ends[1]), place[1])


def _named(properties: Mapping[str, Any]) -> tuple[str, str] | None:
    """The ends that a feature names."""
    folded = {str(key).casefold(): value for key, value in properties.items() if value is not None}
    ends = [next((str(folded[n]).strip() for n in names if n in folded), "") for names in (FROM, TO)]
    return (ends[0], ends[1]) if all(ends) else None
