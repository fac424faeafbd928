"""An invented country, whole: ground, settlements, roads, schools, hospitals, network; as files.

The files are those that a real country would come with, so that a scenario reads them back and a
trainer can change them: a table of sites with the columns of the ITU, a table of places, outlines.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography import plane
from ewsim.geography.land import read_land
from ewsim.geography.plane import LocalFrame
from ewsim.geography.terrain import TERRAIN, Terrain, draw
from ewsim.network.rollout.backhaul import BACKHAUL, BackhaulAndPower, backhaul_and_power
from ewsim.network.rollout.links import CORE_NAME
from ewsim.network.rollout.synthesis import synthesise
from ewsim.network.tables.assembly import REFERENCE_DB
from ewsim.network.topology import CORE, Network
from ewsim.scenario.spec import Scenario
from ewsim.settlement.amenities import KINDS, PointsOfInterest, points_of_interest
from ewsim.settlement.pattern import Settlements, demand, frame_and_places, settle
from ewsim.settlement.roads import Road, join
from ewsim.streams import Streams
from ewsim.units import RATS

#: Classes of settlements by people, largest first; hamlets lie between them.
CLASSES = ((50_000, "city"), (5_000, "town"), (0, "village"))


@dataclass(frozen=True, slots=True)
class InventedCountry:
    """What there is; `hung` says what the network's sites hang from."""

    frame: LocalFrame
    land: BaseGeometry
    terrain: Terrain | None
    settlements: Settlements
    roads: list[Road]
    points: PointsOfInterest
    network: Network
    hung: BackhaulAndPower


def invent(spec: Scenario, resolve: Callable[[str], Path]) -> InventedCountry:
    """The country of a scenario, its network synthesised whatever the scenario names.

    Raises
    ------
    DataError
        The scenario's own coastline or places are wrong.
    """
    streams = Streams(spec.seed).country()
    frame, places = frame_and_places(spec, resolve)
    ground = None
    if spec.network.land is not None:
        land = read_land(resolve(spec.network.land), frame)
    else:
        land, ground = draw(spec.population.island, frame, streams)
    settlements = settle(spec.population, places, land, frame, streams, ground)
    people = demand(settlements, land, streams)
    network = synthesise(spec.network, streams, frame, land, people)
    return InventedCountry(
        frame,
        land,
        ground,
        settlements,
        join(settlements, land, ground),
        points_of_interest(settlements, land, streams),
        network,
        backhaul_and_power(network.sites.x_m, network.sites.y_m, people, spec.network, streams),
    )


def files(country: InventedCountry) -> dict[str, bytes]:
    """The tables and outlines by file name; the same country gives the same bytes."""
    shore = plane.to_geojson(country.frame, country.land)
    ways = [
        _feature(
            plane.to_geojson(country.frame, road.line),
            a=country.settlements.name[road.a],
            b=country.settlements.name[road.b],
        )
        for road in country.roads
    ]
    return {
        "sites.csv": _csv(_site_rows(country)),
        "places.csv": _csv(_place_rows(country)),
        "points-of-interest.csv": _csv(_point_rows(country)),
        "land.geojson": _json([_feature(shore)]),
        "roads.geojson": _json(ways),
        "backhaul.geojson": _json(_links(country)),
        "backhaul.csv": _csv(_link_rows(country)),
    }


def _site_rows(country: InventedCountry) -> list[list[Any]]:
    """A row for each cell, in the columns of the ITU and with its tracking area."""
    network, hung = country.network, country.hung
    sites, cells = network.sites, network.cells
    lat, lon = _degrees(country, sites.x_m, sites.y_m)
    rows: list[list[Any]] = [
        [
            "ict_id",
            "lat",
            "lon",
            "radio_type",
            "operator_name",
            "downlink_frequency_mhz",
            "eirp_dbm",
            "antenna_height",
            "azimuth_degrees",
            "backhaul_type",
            "power_source",
            "battery_s",
            "generator_s",
            "tracking_area",
        ]
    ]
    kinds = zip(cells.site.tolist(), cells.operator.tolist(), cells.rat.tolist(), strict=True)
    for at, (site, operator, rat) in enumerate(kinds):
        azimuth = float(cells.azimuth_deg[at])
        generator = float(sites.generator_s[site])
        rows.append(
            [
                sites.name[site],
                lat[site],
                lon[site],
                RATS[rat],
                network.operators[operator],
                f"{cells.frequency_mhz[at]:g}",
                f"{cells.eirp_dbm[at] - REFERENCE_DB[rat]:.2f}",
                f"{sites.height_m[site]:g}",
                "" if np.isnan(azimuth) else f"{azimuth:g}",
                BACKHAUL[hung.kind[site]],
                "grid",
                f"{sites.battery_s[site]:.0f}",
                f"{generator:.0f}",
                int(cells.tracking_area[at]),
            ]
        )
    return rows


def _place_rows(country: InventedCountry) -> list[list[Any]]:
    made = country.settlements
    lat, lon = _degrees(country, made.x_m, made.y_m)
    ground = country.terrain
    terrain = None if ground is None else ground.at(made.x_m, made.y_m)
    rows: list[list[Any]] = [["name", "latitude", "longitude", "population", "class", "terrain"]]
    for at, people in enumerate(made.people.tolist()):
        named = at < len(made.name)
        kind = next(word for least, word in CLASSES if people >= least) if named else "hamlet"
        name = made.name[at] if named else f"hamlet_{at - len(made.name) + 1}"
        rows.append(
            [
                name,
                lat[at],
                lon[at],
                people,
                "capital" if at == 0 and kind == "city" else kind,
                "" if terrain is None else TERRAIN[terrain[at]],
            ]
        )
    return rows


def _point_rows(country: InventedCountry) -> list[list[Any]]:
    points, made = country.points, country.settlements
    lat, lon = _degrees(country, points.x_m, points.y_m)
    rows: list[list[Any]] = [["poi_id", "lat", "lon", "poi_type", "admin1"]]
    for at, kind in enumerate(points.kind.tolist()):
        place = made.name[made.zone[points.settlement[at]]]
        rows.append([f"{KINDS[kind]}_{at + 1}", lat[at], lon[at], KINDS[kind], place])
    return rows


def _link_rows(country: InventedCountry) -> list[list[Any]]:
    """Each site and what it hangs on: another site, or the core."""
    name, parent = country.network.sites.name, country.hung.parent.tolist()
    ends = [[name[at], CORE_NAME if on == CORE else name[on]] for at, on in enumerate(parent)]
    return [["from", "to"], *ends]


def _links(country: InventedCountry) -> list[dict[str, Any]]:
    """Microwave links one by one; sites with fibre in rings, each a closed line."""
    sites, hung = country.network.sites, country.hung
    out = []
    for site in np.flatnonzero(hung.parent >= 0).tolist():
        parent = int(hung.parent[site])
        line = shapely.LineString(
            [(sites.x_m[site], sites.y_m[site]), (sites.x_m[parent], sites.y_m[parent])]
        )
        out.append(
            _feature(
                plane.to_geojson(country.frame, line),
                kind=BACKHAUL[hung.kind[site]],
                a=sites.name[site],
                b=sites.name[parent],
            )
        )
    for number, ring in enumerate(rings(country)):
        if len(ring) > 1:
            points = np.column_stack([sites.x_m[ring], sites.y_m[ring]])
            line = shapely.LineString(np.vstack([points, points[:1]]))
            names = [sites.name[site] for site in ring]
            geometry = plane.to_geojson(country.frame, line)
            out.append(_feature(geometry, kind="fibre_ring", ring=number + 1, sites=names))
    return out


def rings(country: InventedCountry) -> list[list[int]]:
    """Sites with fibre by feeder district, each ring in the order of the compass around its middle.

    Assumption: a ring serves the fibre sites of one grid feeder's district.
    """
    sites, hung = country.network.sites, country.hung
    out = []
    for feeder in range(len(hung.feeder_names)):
        mine = np.flatnonzero((hung.kind == BACKHAUL.index("fibre")) & (hung.feeder == feeder))
        dx = sites.x_m[mine] - sites.x_m[mine].mean() if mine.size else sites.x_m[mine]
        dy = sites.y_m[mine] - sites.y_m[mine].mean() if mine.size else sites.y_m[mine]
        out.append(mine[np.argsort(np.arctan2(dx, dy), kind="stable")].tolist())
    return out


def _degrees(
    country: InventedCountry, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> tuple[list[str], list[str]]:
    lat, lon = country.frame.to_latlon(x_m, y_m)
    return [f"{v:.6f}" for v in lat], [f"{v:.6f}" for v in lon]


def _csv(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _json(features: list[dict[str, Any]]) -> bytes:
    document = {"type": "FeatureCollection", "features": features}
    return (json.dumps(document, default=float) + "\n").encode()
