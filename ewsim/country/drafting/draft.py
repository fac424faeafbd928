"""A scenario from the files that a planner has: cells, coastline, where people live.

Operators, their technologies and codes come from the table of cells; each operator's share of the
subscribers is its share of the cells (assumption). Of outlines of many countries, those of the country with
the most cells are taken. The alert is a circle where the most people live near each other.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from ewsim.country.build import CheckedParts, ground_key
from ewsim.country.checking import check_country
from ewsim.country.drafting.borders import own_country
from ewsim.country.drafting.operators import operators_of
from ewsim.country.ground import BuiltGround, ground_of
from ewsim.country.survey import read_homes
from ewsim.errors import Diagnostic, ScenarioError, count_of
from ewsim.geography.formats import what_is
from ewsim.geography.plane import FloatArray
from ewsim.geography.table import HeadedTable
from ewsim.network.tables.assembly import CROWD_SOURCED
from ewsim.network.tables.formats import Rows
from ewsim.network.tables.reader import read_rows
from ewsim.scenario.load import load_scenario
from ewsim.scenario.presets import RUN, as_yaml
from ewsim.scenario.starting.starter import alert_text
from ewsim.settlement import places as gazetteer
from ewsim.settlement.homes import Homes
from ewsim.settlement.places import Places
from ewsim.settlement.rasters import people_at_points
from ewsim.streams import Streams

#: People to simulate one by one at most; a weight stands for more.
SIMULATED_MAX = 60_000
#: Circle of the alert: a fifth of the width of the land, between these [km].
RADIUS_KM = (5.0, 30.0)

_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a new scenario by name, and what a planner should know of them."""

    files: dict[str, bytes]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannersFiles:
    """What a planner has; each may be absent, but not all. `people_count` None: the sum of the file."""

    cells: Path | None
    land: Path | None
    homes: Path | None
    people_count: int | None = None


def people_stated(path: Path) -> int:
    """People that a file of places, zones, points or a raster has together.

    Raises
    ------
    DataError
        Every fault of the file.
    """
    return round(float(_homes(path)[1].people.sum()))


def draft_country(name: str, given: PlannersFiles, folder: Path, sent: datetime) -> Draft:
    """Scenario and message for a country, checked like any other scenario.

    Parameters
    ----------
    name
        Name of the scenario.
    given
        The planner's files.
    folder
        Where the scenario will be: its paths count from there.
    sent
        When the message is sent.

    Raises
    ------
    InputError
        Every fault of the files.
    """
    table = None if given.cells is None else read_rows(given.cells)
    key, homes = (None, None) if given.homes is None else _homes(given.homes)
    files: dict[str, bytes] = {}
    notes: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ewsim") as scratch:
        here = Path(scratch)
        paths = {"path": given.cells, "land": given.land, key or "": given.homes}
        where = {k: p.absolute() for k, p in paths.items() if p is not None}
        if given.land is not None and (table is not None or homes is not None):
            own = own_country(given.land, *_where(table, homes))
            if own is not None:
                files["land.geojson"], note = own
                (here / "land.geojson").write_bytes(files["land.geojson"])
                where["land"] = here / "land.geojson"
                notes.append(note)
        operators = [] if table is None else operators_of(table, where.get("land"), notes)
        people, said = _people(given.people_count, homes)
        notes += said
        data = _scenario(name, {k: str(p) for k, p in where.items()}, operators, people)
        (here / "alert.xml").write_bytes(b"")
        (here / "scenario.yaml").write_text(_text(data), encoding="utf-8")
        loaded = load_scenario(here / "scenario.yaml")
        ground = ground_of(loaded, Streams(loaded.spec.seed).country())
        data["population"]["weight"] = _weight(int(ground.settlements.people.sum()))
        place, centre, radius_km = _circle(ground, key)
        files["alert.xml"] = alert_text(name, place, centre, radius_km, sent).encode()
        (here / "alert.xml").write_bytes(files["alert.xml"])
        (here / "scenario.yaml").write_text(_text(data), encoding="utf-8")
        loaded = load_scenario(here / "scenario.yaml")
        parts = CheckedParts(grounds={ground_key(loaded): ground})
        try:
            notes += check_country(loaded, parts).notes
        except ScenarioError as error:  # without the name of the folder that is removed here
            found = error.diagnostics
            unwritten = f"the scenario for {folder.name}"
            raise ScenarioError(
                Diagnostic(unwritten, 0, 0, d.message, d.fix) if d.file == str(loaded.path) else d
                for d in found
            ) from None
    notes += ground.settlements.notes
    notes += [note for note in ground.network.notes if "dropped" in note or note == CROWD_SOURCED]
    there = {k: "land.geojson" if p.parent == here else os.path.relpath(p, folder) for k, p in where.items()}
    files["scenario.yaml"] = _text(_scenario(name, there, operators, data["population"])).encode()
    everyone, land_km2 = int(ground.settlements.people.sum()), ground.land.area / 1e6
    built = f"{count_of(len(ground.network.sites), 'sites')}, {count_of(len(ground.network.cells), 'cells')}"
    first = f"{everyone:,} people on {land_km2:,.0f} km2 of land; {built}."
    alert = f"The alert is for {radius_km:g} km around {centre[0]:g}, {centre[1]:g} ({place})."
    return Draft(files, (first, alert, *notes))


# --- people and land ------------------------------------------------------------------------------


def _homes(path: Path) -> tuple[str, Places | Homes]:
    """Where people live, and the key of `population` for such a file."""
    if what_is(path).read_as in ("text", "workbook"):
        table = HeadedTable(path, 2_000_000_000)
        if table.column("name", *gazetteer.ALIASES["name"]) < 0:
            return "points", people_at_points(path)
    homes = read_homes(path)
    if isinstance(homes, Places):
        return "places", homes
    return "zones" if homes.triangle else "raster", homes


def _where(table: Rows | None, homes: Places | Homes | None) -> tuple[FloatArray, FloatArray]:
    """Latitude and longitude [degree] of the cells, else of where people live."""
    if table is not None:
        return table.columns.lat_deg, table.columns.lon_deg
    assert homes is not None
    return homes.lat_lon()


def _people(asked: int | None, homes: Places | Homes | None) -> tuple[dict[str, Any], list[str]]:
    """Keys about the number of people: those that a gazetteer lacks live outside its places."""
    if asked is None:
        if not isinstance(homes, Places):
            return {}, []
        have = f"{homes.people.sum():,} people, those of the places"
        return {}, [f"The country has {have}; --people says how many there are in all."]
    if isinstance(homes, Places) and asked > homes.people.sum():
        rural = round(1 - float(homes.people.sum()) / asked, 3)
        return {"people_count": asked, "rural_share": rural}, []
    return {"people_count": asked}, []


def _weight(people: int) -> int:
    """A round number of people for each that is simulated."""
    round_ones: Iterator[int] = (w * 10**n for n in range(5) for w in (1, 2, 5))
    return next(weight for weight in round_ones if weight >= people / SIMULATED_MAX)


def _circle(ground: BuiltGround, key: str | None) -> tuple[str, tuple[float, float], float]:
    """Where the most people live near each other: its name, its middle [degree] and a radius [km].

    Without a file of people it is where the most sites are: the settlements are invented.
    """
    low, high = RADIUS_KM
    radius_km = min(high, max(low, round((ground.land.area / 1e6) ** 0.5 / 5)))
    demand, sites = ground.demand, ground.network.sites
    points, people = np.column_stack([demand.x_m, demand.y_m]), demand.people
    dense = points[np.argsort(-demand.density_per_km2, kind="stable")[:_CANDIDATES]]
    if key is None:
        points, people = np.column_stack([sites.x_m, sites.y_m]), np.ones(len(sites))
        dense = points[:: max(1, len(points) // _CANDIDATES)]
    near = cKDTree(points).query_ball_point(dense, 1000 * low)
    at = dense[int(np.argmax([people[rows].sum() for rows in near]))]
    lat, lon = ground.frame.to_latlon(*at)
    centre = (round(float(lat), 4), round(float(lon), 4))
    made = ground.settlements
    centres = cKDTree(np.column_stack([made.x_m, made.y_m])[: len(made.name)])
    largest = min(centres.query_ball_point(at, 1000 * radius_km), default=int(centres.query(at)[1]))
    place = "Where the most sites are" if key is None else "Where the most people live"
    return f"Around {made.name[largest]}" if key in ("places", "zones") else place, centre, radius_km


# --- the text -------------------------------------------------------------------------------------


def _scenario(
    name: str, paths: dict[str, str], operators: list[dict[str, Any]], people: dict[str, Any]
) -> dict[str, Any]:
    network: dict[str, Any] = {k: paths[k] for k in ("path", "land") if k in paths}
    if operators:
        network["operators"] = operators
    homes = {k: p for k, p in paths.items() if k in ("places", "raster", "zones", "points")}
    return {
        "format": "ewsim.scenario/1",
        "name": re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:60] or "country",
        "title": name.replace("_", " ").strip().capitalize() or "Country",
        "seed": 1,
        "horizon_s": 7200,
        "alert": {"path": "alert.xml", "authoring_delay_s": 300},
        "network": network,
        "population": {**people, **homes},
        **RUN,
    }


_SAYS = {
    "horizon_s": "Two hours from the decision to warn.",
    "alert": "The CAP message beside this file: an exercise; put your own there. Five minutes are assumed.",
    "network": "share: of the cells (assumption). Write the operators' shares of subscribers instead.",
    "population": "weight: people that each simulated person stands for. people_count: the country's.",
    "channels": "The message is an exercise, which few phones show; 4371 sends it as it would be in earnest.",
    "disturbances": "Half of the grid is lost two hours before the decision. [] is a day without a fault.",
}


def _text(data: dict[str, Any]) -> str:
    head = "# All keys with their defaults: docs/guides/scenario_keys.md; check with ewsim scenario check\n"
    text = as_yaml(data)
    for key, words in _SAYS.items():
        text = text.replace(f"\n{key}:", f"\n\n# {words}\n{key}:", 1)
    return head + text
