"""One replication: SimPy moves the infrastructure, kernels move the crowd.

The order of a replication:

1. the world: sites, links and cells as built, the clock at the first disturbance or 0;
2. processes, always in this order: the authority, each channel, the disturbances;
3. the clock runs to the horizon; processes leave windows and events;
4. presence: where every handset camped, and when;
5. each channel delivers to the crowd, in its order;
6. the ledger.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.channels import chain
from ewsim.channels.base import Channel, Crowd
from ewsim.channels.cell_broadcast.false import Deceived, FalseBroadcast
from ewsim.disturbances import timeline
from ewsim.engine import deceit
from ewsim.errors import EwsimError
from ewsim.ledger import EVENT_COLUMNS, REACHED, ChannelOutcome, Ledger, combined_cause, seconds
from ewsim.network.topology import Network
from ewsim.population.build import switched_on
from ewsim.population.people import AGE_BANDS, DISABILITIES, POVERTIES, RESIDENCES, SEXES, Population
from ewsim.population.phones import drained
from ewsim.population.presence.windows import Presence, presence_of, without
from ewsim.scenario.spec import AlertSpec, DisturbanceSpec, HandsetSpec, PowerSpec
from ewsim.settlement.kinds import SETTLEMENTS
from ewsim.streams import Streams
from ewsim.targeting.fit import Outside
from ewsim.units import RATS, US
from ewsim.world import Counted, EventRow, World, collector_waits, plain


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a replication needs, none of which it changes (each run has new channels)."""

    network: Network
    population: Population
    in_area: NDArray[np.bool_]  # people who count (see `population.arrivals.counted`)
    alert: AlertSpec
    disturbances: Sequence[DisturbanceSpec]
    horizon_us: int
    outside: Outside | None = None  # of the alert area; without it no overshoot is measured
    power: PowerSpec | None = None  # how much of the sites' supplies works; None: all of it
    phones: HandsetSpec | None = None  # who has one on, and its battery; None: on as they are, and for ever
    hazard_us: NDArray[np.int64] | None = None  # when a hazard reaches each person; None: there is none
    false: Sequence[FalseBroadcast] = ()  # false messages, new for a run


@dataclass(frozen=True, slots=True)
class Run:
    """What a replication leaves: outcomes by channel, the world as it ended, seconds by phase."""

    world: World
    crowd: Crowd
    outcomes: dict[str, ChannelOutcome]
    timing_s: dict[str, float]
    deceived: Deceived | None = None


def simulate(
    setup: Setup,
    channels: Sequence[Channel],
    streams: Streams,
    clock_runs: Callable[[World], None] = World.run,
) -> Run:
    """Run one replication.

    Parameters
    ----------
    setup
        What the run needs; it stays as it is.
    channels
        New ones for this run, in the order in which they start.
    streams
        The random numbers of this replication.
    clock_runs
        Runs the world to its horizon.
    """
    timing: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(phase: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        timing[phase] = now - clock
        clock = now

    with collector_waits():
        setup = of_this_run(setup, streams)
        world = started(setup, channels, streams)
        clock_runs(world)
        lap("infrastructure")
        crowd, held, shown = deceit.captured(world, gather(setup, world))
        lap("presence")
        outcomes = {}
        for channel in channels:
            outcomes[channel.name] = channel.deliver(world, crowd)
            lap(channel.name)
        deceit.explain(outcomes, held)
        deceived = deceit.deceived(setup.false, world, crowd, shown)
    return Run(world, crowd, outcomes, timing, deceived)


def started(setup: Setup, channels: Sequence[Channel], streams: Streams) -> World:
    """The world with its processes, which start in the order above.

    Parameters
    ----------
    setup, channels, streams
        As in `simulate`.
    """
    world = World(setup.network, streams, setup.horizon_us, timeline.starts_us(setup.disturbances))
    chain.start(world, setup.alert)
    for channel in channels:
        channel.start(world)
    for false in setup.false:
        false.start(world)
    timeline.start(world, setup.disturbances, setup.power)
    return world


def of_this_run(setup: Setup, streams: Streams, out: NDArray[np.int64] | None = None) -> Setup:
    """The setup with the phones of this run: who has one on, and whose battery runs empty.

    Phones go off where the grid is out for too long, until they are charged again.

    Parameters
    ----------
    setup
        As the country gives it.
    streams
        The random numbers of this replication.
    out
        What `grid_windows` gives, where it is known, shape (windows, 3) [us].
    """
    if setup.phones is not None and streams.replication > 0:
        handsets = switched_on(setup.phones, setup.population, streams)
        setup = replace(setup, population=replace(setup.population, handsets=handsets))
    if setup.phones is None or setup.phones.battery_life_s is None:
        return setup
    out = grid_windows(setup, streams) if out is None else out
    site_of = setup.network.cells.site
    population = drained(setup.population, site_of, out, setup.phones, streams, setup.horizon_us)
    return replace(setup, population=population)


def grid_windows(setup: Setup, streams: Streams) -> NDArray[np.int64]:
    """When the grid is out at each site, as `World.grid_windows`."""
    world = World(setup.network, streams, setup.horizon_us, timeline.starts_us(setup.disturbances))
    timeline.start(world, setup.disturbances)
    world.run()
    return world.grid_windows()


def gather(setup: Setup, world: World) -> Crowd:
    """Where every handset camped, from the world's outages."""
    down = world.down_windows()
    population = setup.population
    where = presence_of(
        population.camping,
        population.handsets,
        down,
        len(setup.network.cells),
        world.start_us,
        setup.horizon_us,
    )
    _say_who_camped(setup, world, where)
    return Crowd(population, without(where, population.empty), down)


def _say_who_camped(setup: Setup, world: World, where: Presence) -> None:
    """How many people camped on each deployable, as an event at the end of the run."""
    network, people = setup.network, setup.population.people
    if not network.deployables:
        return
    first = len(network.built.sites)
    row = np.flatnonzero(where.cell >= len(network.built.cells))
    handset = np.searchsorted(where.first, row, side="right") - 1
    since = np.maximum(where.from_us[row], where.on_from_us[handset])
    on = since < np.minimum(where.to_us[row], where.on_to_us[handset])
    row, handset = row[on], handset[on]
    site = network.cells.site[where.cell[row]] - first
    person = setup.population.handsets.owner[handset]
    pairs = np.unique(np.column_stack([site, person]), axis=0)
    count = np.bincount(pairs[:, 0], people.weight[pairs[:, 1]], len(network.deployables))
    for number, unit in enumerate(network.deployables):
        text = f"{plain(unit.name)}: {{:,}} people, room for {unit.capacity_count:,} phones at once"
        detail = Counted(text, (int(count[number]),))
        by = world.brought.get(first + number, "")
        world.log("deployable", "camped_on", detail=detail, inject=by, at_us=world.horizon_us)


def ledger(setup: Setup, run: Run, events: Sequence[EventRow] | None = None) -> Ledger:
    """The record of a finished replication.

    Parameters
    ----------
    setup
        What the run was made from.
    run
        What it left.
    events
        Its events; None: all that were written down.

    Raises
    ------
    EwsimError
        A channel has reached people before they arrived: a defect of that channel.
    """
    for name, outcome in run.outcomes.items():
        before = ~setup.population.people.there(outcome.displayed_us)
        if before.any():
            raise EwsimError(f"{name} has reached {before.sum()} people before they arrived")
    cause = combined_cause(run.outcomes, len(setup.population.people))
    people = _people(setup, run.crowd.presence)
    beyond = _overshoot_m(setup, cause == REACHED)
    people.insert(list(people.columns).index("in_area") + 1, "overshoot_m", beyond)
    if run.deceived is not None:
        people["false_alert_s"] = seconds(run.deceived.seen_us)
        people["corrected_s"] = seconds(run.deceived.corrected_us)
    return Ledger(people, run.outcomes, events_frame(run.world.events if events is None else events), cause)


def _overshoot_m(setup: Setup, reached: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far outside the area each is who was alerted there [m]; NaN for everyone else."""
    out = np.full(reached.size, np.nan)
    if setup.outside is not None:
        who = np.flatnonzero(reached & ~setup.in_area)
        out[who] = setup.outside.distance_m(who)
    return out


def events_frame(events: Sequence[EventRow]) -> pd.DataFrame:
    """The events table, in the order of time."""
    rows = sorted(events, key=lambda row: row[0])  # stable: ties keep their order
    frame = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    frame["detail"] = frame["detail"].map(str)
    frame["time_s"] = frame["time_s"].astype(np.int64) / US
    return frame


def _people(setup: Setup, where: Presence) -> pd.DataFrame:
    """The columns that describe a person (see `ewsim.ledger.Ledger`)."""
    people, handsets = setup.population.people, setup.population.handsets
    cells, network = setup.network.cells, setup.network
    lat, lon = network.frame.to_latlon(people.x_m, people.y_m)
    carried = people.handset
    has = carried >= 0
    at_decision = np.full(len(handsets), -1, dtype=np.int32)
    starts = np.flatnonzero((where.from_us <= 0) & (where.to_us > 0))
    owner = np.searchsorted(where.first, starts, side="right") - 1
    at_decision[owner] = where.cell[starts]
    camped = np.full(len(people), -1, dtype=np.int32)
    camped[has] = at_decision[carried[has]]
    operator = np.zeros(len(people), dtype=np.int64)
    operator[has] = handsets.operator[carried[has]] + 1
    rat = np.where(camped >= 0, cells.rat[camped] + 1, 0)
    arrived = {}
    if people.arrives_us is not None:
        arrived["arrived_s"] = np.maximum(people.arrives_us, 0) / US
    if setup.hazard_us is not None:
        arrived["hazard_arrival_s"] = seconds(setup.hazard_us)
    return pd.DataFrame(
        {
            "person_id": people.first + np.arange(len(people)),
            "weight": people.weight,
            "lat": lat,
            "lon": lon,
            "in_area": setup.in_area,
            **arrived,
            "camped_cell": camped,
            "sex": _labels(people.sex, SEXES),
            "age_band": _labels(people.age_band, AGE_BANDS),
            "disability": _labels(people.disability, DISABILITIES),
            "language": _labels(people.language, people.languages),
            "settlement": _labels(people.settlement, SETTLEMENTS),
            "poverty": _labels(people.poverty, POVERTIES),
            "residence": _labels(people.residence, RESIDENCES),
            "zone": _labels(people.zone, people.zone_names),
            "operator": _labels(operator, ("none", *network.operators)),
            "rat": _labels(rat, ("none", *RATS)),
        },
        copy=False,
    )


def _labels(codes: NDArray[np.integer], names: Sequence[str]) -> Any:
    return pd.Categorical.from_codes(codes.astype(np.int64), dtype=pd.CategoricalDtype(list(names)))
