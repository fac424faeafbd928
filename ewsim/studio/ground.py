"""The country on the map before anything runs, in the shape of a replay's scene."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from shapely import affinity

from ewsim import pipeline
from ewsim.country.build import Country
from ewsim.country.targets import admin_areas
from ewsim.engine import simulation
from ewsim.errors import EwsimError
from ewsim.report.replay.map import rings
from ewsim.report.replay.scene import make_scene, milestones
from ewsim.result.record import Result
from ewsim.streams import Streams
from ewsim.studio.actions import follower, greeter
from ewsim.studio.session import Asker, StudioSession
from ewsim.studio.work import Work


def quiet_result(country: Country) -> Result:
    """The result of a run in which nothing is sent and nothing fails: where people and masts are."""
    setup = replace(pipeline.setup_of(country), disturbances=(), false=())
    done = simulation.simulate(setup, [], Streams(country.loaded.spec.seed))
    finished = pipeline.Finished([], simulation.ledger(setup, done), done.timing_s)
    return pipeline.result_of(country, finished, whole=False)


def country_scene(country: Country) -> Mapping[str, Any]:
    """What the map draws of a country on which nothing was sent."""
    result = quiet_result(country)
    marks = milestones(result)
    scene = make_scene(result, marks, np.array([m.time_us for m in marks]))
    return with_districts(scene, districts_of(country, scene))


def districts_of(country: Country, scene: Mapping[str, Any]) -> list[list[list[float]]]:
    """The outlines of the scenario's districts on a scene's map; none where it names none.

    A file that cannot be read is no fault here: whatever uses it says so.
    """
    loaded, (_, _, west_km, south_km) = country.loaded, scene["map"]["frame"]
    targeting = loaded.spec.targeting.model_copy(update={"policy": "county"})
    spec = loaded.spec.model_copy(update={"targeting": targeting})
    try:
        areas = admin_areas(replace(loaded, spec=spec), country.network.frame)
    except EwsimError:
        return []
    seen_km = scene["map"]["width"] / 2000  # no pixel of a map shows less
    outlines = (shapely.simplify(affinity.scale(area, 1e-3, 1e-3, origin=(0, 0)), seen_km) for area in areas)
    return [ring for outline in outlines for ring in rings(outline, west_km, south_km)]


def with_districts(scene: Mapping[str, Any], outlines: list[list[list[float]]]) -> Mapping[str, Any]:
    """A scene with outlines on its map."""
    return {**scene, "map": {**scene["map"], "districts": outlines}} if outlines else scene


#: The work whose country is on the map.
_shown: WeakKeyDictionary[StudioSession, Work] = WeakKeyDictionary()


@follower
def show_country(session: StudioSession) -> None:
    """Build the country of a new version, and send its map to all pages.

    Where it cannot be built, the map of the version before stays, and its faults are said.
    """
    if session.work is not None and session.view.get("sent"):
        return  # the run has the map
    if session.work is None or _shown.get(session) is not session.work:
        session.scene = None
    if session.work is None:
        return
    session.loaded()
    work = session.work

    def show(scene: Mapping[str, Any]) -> None:
        if session.work is work:
            _shown[session] = work
            session.show(scene)

    session.later("country", lambda: country_scene(session.country()), show)


@greeter
def show_newcomer(session: StudioSession, asker: Asker) -> None:
    """Send the map to a page that has come; where there is none, build it, so that its faults are said."""
    if session.scene is not None:
        session.news("scene", session.scene, (asker.id,))
    elif session.work is not None:
        show_country(session)
