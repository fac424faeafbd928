"""A network with its people, for questions that need no run: who is alerted, who is not heard.

From a scenario, whose people camp as they do in a run; or from a table of cells with a coastline
and perhaps a file of people, whose people are points, each on the strongest cell of the newest
technology, the operators sharing them by their number of cells.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim import targeting
from ewsim.cap.reader import read_alert
from ewsim.country.availability import default_phones, incomplete_table, network_rows
from ewsim.country.build import build_country
from ewsim.country.gaps import Districts
from ewsim.country.people import camped
from ewsim.errors import DataError, UsageError, count_of
from ewsim.geography.faults import Faults
from ewsim.geography.features import AREAS, read_features, read_shapes
from ewsim.geography.formats import what_is
from ewsim.geography.plane import FloatArray, LocalFrame, contains, union
from ewsim.geography.points import Points
from ewsim.network.signal.maps import Signals, signals
from ewsim.network.tables.assembly import FLAT
from ewsim.network.tables.standalone import NO_COASTLINE, demand_of, open_network
from ewsim.network.topology import Network
from ewsim.population.people import Population
from ewsim.scenario.load import load_scenario
from ewsim.scenario.spec import GeocodeSpec, PopulationSpec
from ewsim.settlement import offshore, pattern, rasters
from ewsim.settlement.demand import Demand
from ewsim.settlement.homes import Homes
from ewsim.settlement.places import Places, read_places
from ewsim.settlement.placing import scatter, to_land
from ewsim.settlement.zones import read_zones
from ewsim.streams import Streams
from ewsim.targeting.fit import Camped

#: People of a scenario are joined on squares of this size where a policy weighs them [m].
_SQUARE_M = 250.0
#: Assumption: an alert area further than this from every site is meant for elsewhere [m].
ELSEWHERE_M = 100_000.0
#: Points that the people around one site are spread over, where no table says where they live.
_POINTS = 24


@dataclass(frozen=True, slots=True)
class Survey:
    """A network, where people live, and the cell that each phone camps on.

    `area` is the scenario's alert area [m], `targeted` the cells it chooses for it and `population` its
    people, None for a bare network; `notes` say where the people are from. `from_table`: the cells are
    a table's; `peopled`: somebody says where people live.
    """

    network: Network
    demand: Demand
    camped: Camped
    area: BaseGeometry | None
    targeted: NDArray[np.bool_] | None
    notes: tuple[str, ...]
    population: Population | None = None
    from_table: bool = True
    peopled: bool = True


def open_survey(
    path: Path, land: Path | None = None, places: Path | None = None, alert: Path | None = None
) -> Survey:
    """A scenario (`.yaml`, `.yml`) or a table of cells or sites, ready for questions.

    Parameters
    ----------
    path
        The scenario or the table.
    land, places
        Coastline, and where people live (places, raster or zones), for a table of cells.
    alert
        Instead of the scenario's message.

    Raises
    ------
    InputError
        Every fault of the files, with its place.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        if land is not None or places is not None:
            raise UsageError("--land and --places are for a table of cells: a scenario names its own.")
        return _of_scenario(path, alert)
    return _of_table(path, land, places)


def _of_scenario(path: Path, alert: Path | None) -> Survey:
    sets = [] if alert is None else [f"alert.path={alert}", "alert.area_override=null"]
    country = build_country(load_scenario(path, sets=sets))
    people = camped(country.population)
    return Survey(
        country.network,
        _joined(people.x_m, people.y_m, people.weight),
        people,
        country.area,
        country.targeted,
        ("People, phones and cells are the scenario's.",),
        country.population,
        from_table=country.loaded.spec.network.path is not None,
    )


def _of_table(path: Path, land: Path | None, places: Path | None) -> Survey:
    network = open_network(path, land)
    streams = Streams(1).country()
    assert network.land is not None
    shore = network.land
    notes = [note for note in network.notes if note.startswith(NO_COASTLINE) or FLAT in note]
    if places is None:
        demand = _around_sites(network, shore, streams)
        notes.append("No file says where people live: the same number live around each site (assumption).")
    else:
        spec = PopulationSpec()
        homes = read_homes(places)
        if land is None:
            shore = _with_room(shore, homes, network.frame)
            network = replace(network, land=shore)
        settled = pattern.settle(spec, homes, shore, network.frame, streams)
        demand = pattern.demand(settled, shore, streams)
        hamlets = (
            ""
            if isinstance(homes, Homes)
            else f"; {spec.rural_share:.0%} of them live in hamlets between the places (assumption)"
        )
        notes.append(f"People are those of {places.name}{hamlets}.")
        notes += settled.notes
    camping = _camped(network, demand)
    return Survey(network, demand, camping, None, None, tuple(notes), peopled=places is not None)


def network_figures(
    survey: Survey, planned: Signals | None = None
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Sites, planned coverage and availability (`availability.network_rows`), and what to say of them."""
    network, demand = survey.network, survey.demand
    population = survey.population or default_phones(network, demand, Streams(1))
    planned = signals(network, demand.x_m, demand.y_m) if planned is None else planned
    rows = network_rows(network, population, planned, demand.people)
    if not survey.peopled:
        rows = [{**row, "people_per_site": None} for row in rows]
    return rows, incomplete_table(population) if survey.from_table else ()


def _with_room(shore: BaseGeometry, homes: Places | Homes, frame: LocalFrame) -> BaseGeometry:
    """A box around the ground and everybody's home."""
    x, y = frame.to_xy(*homes.lat_lon())
    west, south, east, north = shore.bounds
    box: BaseGeometry = shapely.box(
        min(west, x.min()), min(south, y.min()), max(east, x.max()), max(north, y.max())
    )
    return box


def read_homes(path: Path) -> Places | Homes:
    """Where people live, by what the file is: a raster, zones, or else a table of places."""
    kind = what_is(path).read_as
    if kind == "raster":
        return rasters.people_of_raster(path)
    if kind in ("features", "geojson"):
        found = read_shapes(path, Faults(str(path)))
        if not found.rows or any(row.shape.geom_type in AREAS for row in found.rows):
            return read_zones(path)
    return read_places(path)


def _around_sites(network: Network, land: BaseGeometry, streams: Streams) -> Demand:
    near = demand_of(network.sites.x_m, network.sites.y_m)
    home = np.repeat(np.arange(len(near)), _POINTS)
    # A disc with the density's people: what is around a site until its neighbours.
    radius = 1000 * np.sqrt(near.people / (np.pi * near.density_per_km2))
    x, y = scatter(
        near.x_m[home],
        near.y_m[home],
        radius[home] / 2,
        land,
        streams,
        "planning.people",
        np.arange(home.size),
    )
    x, y = to_land(x, y, land)
    return Demand(x, y, near.people[home] / _POINTS, near.density_per_km2[home])


def _camped(network: Network, demand: Demand) -> Camped:
    """Every point once for each operator, its people shared by the operators' cells."""
    cell = signals(network, demand.x_m, demand.y_m).serving()
    share = np.bincount(network.cells.operator, minlength=len(network.operators))
    part = share / share.sum()
    return Camped(
        np.tile(demand.x_m, part.size),
        np.tile(demand.y_m, part.size),
        (part[:, None] * demand.people).ravel(),
        cell.ravel().astype(np.int64),
    )


def _joined(x: FloatArray, y: FloatArray, weight: FloatArray) -> Demand:
    """People joined on small squares, each at the middle of its people."""
    key = np.column_stack([np.floor(x / _SQUARE_M), np.floor(y / _SQUARE_M)]).astype(np.int64)
    _, square = np.unique(key, axis=0, return_inverse=True)
    square = square.ravel()
    people = np.asarray(np.bincount(square, weight), dtype=np.float64)
    return Demand(
        np.bincount(square, x * weight) / people,
        np.bincount(square, y * weight) / people,
        people,
        people / (_SQUARE_M / 1000) ** 2,
    )


# --- districts and alert areas --------------------------------------------------------------------


def districts_of(path: Path, key: str, survey: Survey) -> Districts:
    """The districts of a GeoJSON file, named by a property.

    Parameters
    ----------
    path
        The file.
    key
        The property.
    survey
        The network and its people.

    Raises
    ------
    DataError
        Its faults; or nobody lives in any of them.
    """
    features = read_features(path)
    features.require(key)
    names = [row.text(key) or f"feature {n}" for n, row in enumerate(features.rows, 1)]
    shapes = [row.within(survey.network.frame) for row in features.rows]
    if not contains(union(shapes), survey.demand.x_m, survey.demand.y_m).any():
        fix = "Give districts of the network's country, longitude first."
        raise DataError.at(path, "nobody lives in any of these areas.", fix)
    return Districts(tuple(names), shapes)


def must_be_near(alert: Path, area: BaseGeometry, network: Network) -> None:
    """Refuse an alert area that is far from every site.

    Parameters
    ----------
    alert
        The message's file, for the error.
    area
        Its area [m].
    network
        The network.

    Raises
    ------
    DataError
        It lies elsewhere.
    """
    sites = shapely.multipoints(np.column_stack([network.sites.x_m, network.sites.y_m]))
    away_m = float(shapely.distance(area, sites))
    if away_m > ELSEWHERE_M:
        what = f"the alert area lies {away_m / 1000:,.0f} km from the nearest site."
        fix = "Check that it has latitude before longitude, and that it is the network of that place."
        raise DataError.at(alert, what, fix)


def far_points(points: Points, network: Network) -> list[str]:
    """A sentence about points of interest far off the land, if there are any.

    Raises
    ------
    DataError
        All of them lie elsewhere.
    """
    if network.land is None:
        return []
    x, y = network.frame.to_xy(points.lat_deg, points.lon_deg)
    limit_m = offshore.OFFSHORE_M
    far = ~np.asarray(shapely.dwithin(network.land, shapely.points(x, y), limit_m))
    if far.all():
        what = f"every point ({len(points):,}) lies more than {limit_m / 1000:g} km off the land."
        raise DataError.at(points.file, what, "Check lat and lon.", int(points.line[0]))
    if not far.any():
        return []
    lines = ", ".join(str(n) for n in points.line[far][:5]) + ", ..." * bool(far.sum() > 5)
    what = f"{count_of(int(far.sum()), 'points lie')} more than {limit_m / 1000:g} km off the land"
    return [f"{what} ({points.file}: line {lines})."]


def shapes_of(path: Path | None, network: Network) -> list[BaseGeometry]:
    """The areas of a GeoJSON file [m], none without a file."""
    if path is None:
        return []
    return [row.within(network.frame) for row in read_features(path).rows]


def alert_area(
    alert: Path, network: Network, gazetteer: Path | None, geocodes: dict[str, GeocodeSpec]
) -> BaseGeometry:
    """The area of a message [m], on a network's plane.

    Parameters
    ----------
    alert
        The message's file.
    network
        The network.
    gazetteer
        A GeoJSON file to look geocodes up in.
    geocodes
        For each scheme of geocodes where the gazetteer holds its values.
    """
    known = None
    if gazetteer is not None:
        known = targeting.Gazetteer.of(read_features(gazetteer), geocodes)
    return targeting.area_of(read_alert(alert), network.frame, None, known)
