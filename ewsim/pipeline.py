"""The program, from a scenario to a result: the one place that wires everything."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim import targeting
from ewsim.cap.acceptance import scenario_alert, scenario_policy
from ewsim.cap.alert import Alert
from ewsim.cap.broadcast.policy import BroadcastPolicy
from ewsim.channels import wiring as channel_wiring
from ewsim.channels.wiring import Made, Wiring
from ewsim.engine import simulation
from ewsim.engine.simulation import Setup
from ewsim.errors import Diagnostic, ScenarioError
from ewsim.geography import land as land_module
from ewsim.geography import plane
from ewsim.geography.features import read_features
from ewsim.geography.plane import LocalFrame
from ewsim.geography.terrain import draw as draw_land
from ewsim.ledger import Ledger
from ewsim.metrics.replications import headline
from ewsim.network.rollout import synthesis
from ewsim.network.tables import assembly
from ewsim.network.topology import Network
from ewsim.population import build as population_build
from ewsim.population.movement.arrivals import counted
from ewsim.population.people import Population
from ewsim.result.record import AlertSummary, Assumption, Identity, Result
from ewsim.scenario.assumptions import assumptions
from ewsim.scenario.load import LoadedScenario
from ewsim.scenario.spec import Scenario
from ewsim.settlement import pattern
from ewsim.streams import Streams
from ewsim.targeting.fit import Camped, fit
from ewsim.targeting.footprints import footprints, outermost
from ewsim.units import RATS, to_us
from ewsim.version import __version__

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Country:
    """A scenario's country and alert, ready to be run any number of times."""

    loaded: LoadedScenario
    alert: Alert
    alert_notes: tuple[str, ...]
    area: BaseGeometry
    network: Network
    population: Population
    setup: Setup
    targeted: NDArray[np.bool_]
    policy: BroadcastPolicy


def run_scenario(
    loaded: LoadedScenario, *, replications: int = 1, workers: int = 1, progress: Progress | None = None
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    loaded
        From `ewsim.load_scenario`.
    replications
        How many runs with their own faults and luck; the people and the network are the same. The
        result's ledger is that of the first.
    workers
        Processes for replications, threads for the crowd. Changes no result.
    progress
        Called with a phase and the share that is done.
    """
    say = progress or _silent
    clock = time.perf_counter()
    say("building the country", 0.0)
    country = build_country(loaded)
    built_s = time.perf_counter() - clock
    say("delivering", 0.3)
    numba.set_num_threads(max(1, min(workers, numba.config.NUMBA_NUM_THREADS)))
    ledger, timing_s = _replicate(country, 0)
    table = None
    if replications > 1:
        import joblib  # a tenth of a second that one run need not wait for

        jobs = (joblib.delayed(_headline)(country, r) for r in range(1, replications))
        parallel = joblib.Parallel(n_jobs=workers, return_as="generator")
        rows = [headline(ledger)]
        for row in parallel(jobs):
            rows.append(row)
            say("replications", 0.3 + 0.6 * len(rows) / replications)
        table = pd.DataFrame(rows)
    say("writing down", 0.9)
    return _result(country, ledger, table, {"country": built_s, **timing_s})


def _silent(phase: str, share: float) -> None:
    """Progress that nobody asked for."""
    del phase, share


# --- the country --------------------------------------------------------------------------------


def build_country(loaded: LoadedScenario) -> Country:
    """Alert, network, people and targets of a scenario; raises every fault it finds in them."""
    spec = loaded.spec
    streams = Streams(spec.seed).country()
    alert, alert_notes = scenario_alert(loaded)
    policy = scenario_policy(loaded)
    frame, places = pattern.frame_and_places(spec, loaded.resolve)
    if spec.network.land is not None:
        land, terrain = land_module.read_land(loaded.resolve(spec.network.land), frame), None
    else:
        land, terrain = draw_land(spec.population.island, frame, streams)
    settlements = pattern.settle(spec.population, places, land, frame, streams, terrain)
    demand = pattern.demand(settlements, land, streams)
    network = (
        assembly.read_network(loaded.resolve(spec.network.path), spec.network, frame, land, streams, demand)
        if spec.network.path is not None
        else synthesis.synthesise(spec.network, streams, frame, land, demand)
    )
    network = assembly.completed(network, spec.network, loaded.resolve)
    population = population_build.build(
        spec,
        land,
        settlements,
        network,
        streams,
        loaded.resolve,
        lambda key, message, fix: _at(loaded, key, message, fix),
    )
    area = targeting.area_of(alert, frame, spec.alert.area_override, gazetteer(loaded))
    ground = targeting.Ground(demand, admin_areas(loaded, frame), camped(population))
    targeted = targeting.broadcast_cells(network, area, spec.targeting, ground)
    if not targeted.any():
        raise _at(
            loaded,
            "alert",
            "no cell of the network carries this alert: its area does not touch the network",
            "Check the area's coordinates (latitude, longitude), or set alert.area_override.",
        )
    in_area = counted(population.people, area, to_us(spec.horizon_s))
    if not in_area.any():
        raise _at(
            loaded,
            "alert",
            "nobody lives in the alert area",
            "Check the area's coordinates (latitude, longitude), or the places table.",
        )
    setup = Setup(
        network,
        population,
        in_area,
        spec.alert,
        spec.disturbances,
        to_us(spec.horizon_s),
        spec.population.handsets.battery_life_s,
        area,
    )
    return Country(loaded, alert, alert_notes, area, network, population, setup, targeted, policy)


def gazetteer(loaded: LoadedScenario) -> targeting.Gazetteer | None:
    """What the scenario looks geocodes up in."""
    alert = loaded.spec.alert
    if alert.gazetteer is None:
        return None
    return targeting.Gazetteer.of(read_features(loaded.resolve(alert.gazetteer)), alert.geocodes)


def admin_areas(loaded: LoadedScenario, frame: LocalFrame) -> list[BaseGeometry]:
    """The admin areas of the policy `county` [m]; none where no operator uses it."""
    spec = loaded.spec.targeting
    path = spec.admin_areas or loaded.spec.alert.gazetteer
    used = {spec.policy, *(own.policy for own in spec.by_operator.values())}
    if path is None or "county" not in used:
        return []
    return [row.within(frame) for row in read_features(loaded.resolve(path)).rows]


def camped(population: Population) -> Camped:
    """Everyone with the cell they prefer."""
    people = population.people
    cell = np.where(people.handset >= 0, population.camping.cell[np.maximum(people.handset, 0), 0], -1)
    weight = people.weight.astype(np.float64)
    return Camped(people.x_m, people.y_m, weight, cell.astype(np.int64))


def _at(loaded: LoadedScenario, key: str, message: str, fix: str) -> ScenarioError:
    line, column = loaded.position(key)
    return ScenarioError([Diagnostic(str(loaded.path), line, column, f"{message}.", fix)])


# --- the channels -------------------------------------------------------------------------------


def wiring(country: Country) -> Wiring:
    """What every channel of a run is made from."""
    return Wiring(
        country.loaded.spec,
        country.alert,
        country.area,
        country.network,
        country.population,
        country.targeted,
        lambda key, message, fix: _at(country.loaded, key, message, fix),
        country.policy,
    )


def make_channels(country: Country) -> list[Made]:
    """The channels of a scenario, made anew, in their order."""
    return channel_wiring.make_channels(wiring(country))


# --- running ------------------------------------------------------------------------------------


def _replicate(country: Country, replication: int) -> tuple[Ledger, dict[str, float]]:
    streams = Streams(country.loaded.spec.seed, replication)
    channels = [made.channel for made in make_channels(country)]
    run = simulation.simulate(country.setup, channels, streams)
    return simulation.ledger(country.setup, run), run.timing_s


def _headline(country: Country, replication: int) -> dict[str, Any]:
    return headline(_replicate(country, replication)[0])


def _result(
    country: Country, ledger: Ledger, replications: pd.DataFrame | None, timing_s: dict[str, float]
) -> Result:
    loaded, spec, alert = country.loaded, country.loaded.spec, country.alert
    first = alert.infos[0]
    made = make_channels(country)
    frame = country.network.frame
    land = country.network.land
    return Result(
        scenario=spec,
        identity=Identity(
            name=spec.name,
            arm=loaded.arm,
            scenario_sha256=loaded.sha256,
            seed=spec.seed,
            version=__version__,
            replication=0,
        ),
        ledger=ledger,
        cells=cells_table(country.network, country.targeted),
        alert=AlertSummary(
            identifier=alert.identifier,
            sender=alert.sender,
            sent=alert.sent.isoformat(),
            event=first.event,
            headline=first.headline or first.event,
            severity=first.severity,
            urgency=first.urgency,
            certainty=first.certainty,
            language=first.language,
        ),
        area=plane.to_geojson(frame, country.area),
        land=None if land is None else plane.to_geojson(frame, land),
        notes=(
            *country.alert_notes,
            *country.network.notes,
            *country.population.notes,
            *_notes(spec),
            *(note for one in made for note in one.notes),
        ),
        assumptions=tuple(Assumption(*row) for row in assumptions(spec)),
        timing_s=timing_s,
        replications=replications,
        horizon_s=spec.horizon_s,
        targeting=targeting_figures(country),
        sent={one.channel.name: dict(one.sent) for one in made if one.sent},
    )


def targeting_figures(country: Country) -> dict[str, Any]:
    """What the choice of cells does by itself, whatever becomes of cells, phones and time.

    The figures of `targeting.fit` for all operators together and, by name, for the people on the
    cells of each.
    """
    network, people = country.network, camped(country.population)
    kind = country.loaded.spec.targeting.footprint
    ground = footprints(network, kind)

    def figures(targeted: NDArray[np.bool_], some: Camped) -> dict[str, float | int | None]:
        spread = outermost(network, targeted) if kind == "nominal" else None
        return fit(country.area, targeted, ground, some, spread).figures()

    whose = np.where(people.cell >= 0, network.cells.operator[people.cell], -1)
    each = {
        name: figures(country.targeted & (network.cells.operator == n), people.of(whose == n))
        for n, name in enumerate(network.operators)
    }
    return {**figures(country.targeted, people), "by_operator": each}


def _notes(spec: Scenario) -> list[str]:
    if spec.alert.area_override is not None:
        return ["The alert area is the scenario's (alert.area_override), not the message's own."]
    return []


def cells_table(network: Network, targeted: NDArray[np.bool_]) -> pd.DataFrame:
    """The cells as a table; row numbers are the `cell_id` of events, sites those of `site_id`."""
    cells, sites = network.cells, network.sites
    lat, lon = network.frame.to_latlon(sites.x_m, sites.y_m)
    names = np.array(sites.name)
    return pd.DataFrame(
        {
            "cell_id": list(cells.name),
            "site_id": names[cells.site],
            "operator": np.array(network.operators)[cells.operator],
            "rat": np.array(RATS)[cells.rat],
            "lat": lat[cells.site],
            "lon": lon[cells.site],
            "azimuth_deg": cells.azimuth_deg,
            "tracking_area": cells.tracking_area,
            "targeted": targeted,
        }
    )
