"""An invented country, whole: ground, settlements, roads, schools, hospitals, network; as files.

The files are those that a real country would come with, so that a scenario reads them back and a
trainer can change them: a table of sites with the columns of the ITU, a table of places, outlines.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography import plane
from ewsim.geography.land import read_land
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.geography.terrain import TERRAIN, Terrain, draw
from ewsim.network.rollout.backhaul import BACKHAUL, BackhaulAndPower, backhaul_and_power
from ewsim.network.rollout.links import CORE_NAME
from ewsim.network.rollout.synthesis import synthesise
from ewsim.network.tables.assembly import REFERENCE_DB
from ewsim.network.topology import CORE, Network
from ewsim.scenario.spec import Scenario
from ewsim.scenario.starting.starter import alert_text
from ewsim.settlement.amenities import KINDS, PointsOfInterest, points_of_interest
from ewsim.settlement.pattern import Settlements, demand, frame_and_places, settle
from ewsim.settlement.roads import Road, join
from ewsim.streams import Streams
from ewsim.units import RATS

TextArray = NDArray[np.str_]

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


def alert_around(country: InventedCountry, name: str) -> str:
    """A message around the largest place; its time is fixed: a seed gives the same files."""
    made = country.settlements
    lat, lon = country.frame.to_latlon(made.x_m[:1], made.y_m[:1])
    radius_km = max(5.0, round((country.land.area / 1e6) ** 0.5 / 5))
    centre = (round(float(lat[0]), 4), round(float(lon[0]), 4))
    sent = datetime(2026, 1, 1, 12, tzinfo=UTC)
    return alert_text(name, f"Around {made.name[0]}", centre, radius_km, sent)


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
        "sites.csv": _csv(_sites(country)),
        "places.csv": _csv(_places(country)),
        "points-of-interest.csv": _csv(_points(country)),
        "land.geojson": _json([_feature(shore)]),
        "roads.geojson": _json(ways),
        "backhaul.geojson": _json(_links(country)),
        "backhaul.csv": _csv(_hangs_on(country)),
    }


def _sites(country: InventedCountry) -> pd.DataFrame:
    """A row for each cell, in the columns of the ITU and with its tracking area."""
    network, hung = country.network, country.hung
    sites, cells = network.sites, network.cells
    lat, lon = _degrees(country, sites.x_m, sites.y_m)
    at = cells.site
    return pd.DataFrame(
        {
            "ict_id": np.array(sites.name)[at],
            "lat": lat[at],
            "lon": lon[at],
            "radio_type": np.array(RATS)[cells.rat],
            "operator_name": np.array(network.operators)[cells.operator],
            "downlink_frequency_mhz": _texts(cells.frequency_mhz, "g"),
            "eirp_dbm": _texts(cells.eirp_dbm - np.array(REFERENCE_DB)[cells.rat], ".2f"),
            "antenna_height": _texts(sites.height_m, "g")[at],
            "azimuth_degrees": np.where(np.isnan(cells.azimuth_deg), "", _texts(cells.azimuth_deg, "g")),
            "backhaul_type": np.array(BACKHAUL)[hung.kind[at]],
            "power_source": "grid",
            "battery_s": _texts(sites.battery_s, ".0f")[at],
            "generator_s": _texts(sites.generator_s, ".0f")[at],
            "tracking_area": cells.tracking_area,
        }
    )


def _places(country: InventedCountry) -> pd.DataFrame:
    made, ground = country.settlements, country.terrain
    lat, lon = _degrees(country, made.x_m, made.y_m)
    named, least = len(made.name), [people for people, _ in CLASSES]
    kind = np.select([made.people >= people for people in least], [word for _, word in CLASSES], "")
    kind[named:] = "hamlet"
    if kind[0] == "city":
        kind[0] = "capital"
    return pd.DataFrame(
        {
            "name": [*made.name, *(f"hamlet_{n}" for n in range(1, len(made) - named + 1))],
            "latitude": lat,
            "longitude": lon,
            "population": made.people,
            "class": kind,
            "terrain": "" if ground is None else np.array(TERRAIN)[ground.at(made.x_m, made.y_m)],
        }
    )


def _points(country: InventedCountry) -> pd.DataFrame:
    points, made = country.points, country.settlements
    lat, lon = _degrees(country, points.x_m, points.y_m)
    kind = np.array(KINDS)[points.kind]
    names = [f"{word}_{number}" for number, word in enumerate(kind, 1)]
    place = np.array(made.name)[made.zone[points.settlement]]
    return pd.DataFrame({"poi_id": names, "lat": lat, "lon": lon, "poi_type": kind, "admin1": place})


def _hangs_on(country: InventedCountry) -> pd.DataFrame:
    """Each site and what it hangs on: another site, or the core."""
    name, parent = np.array(country.network.sites.name), country.hung.parent
    return pd.DataFrame({"from": name, "to": np.where(parent == CORE, CORE_NAME, name[parent])})


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


def _degrees(country: InventedCountry, x_m: FloatArray, y_m: FloatArray) -> tuple[TextArray, TextArray]:
    lat, lon = country.frame.to_latlon(x_m, y_m)
    return _texts(lat, ".6f"), _texts(lon, ".6f")


def _texts(values: FloatArray, form: str) -> TextArray:
    return np.array([f"{value:{form}}" for value in values.tolist()], dtype=np.str_)


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _json(features: list[dict[str, Any]]) -> bytes:
    document = {"type": "FeatureCollection", "features": features}
    return (json.dumps(document, default=float) + "\n").encode()
