"""A plain world of a stated size for benchmarks and for tests against the reference engine.

Sites on a square grid, three cells each, handsets uniform over it, each with six candidate cells at
the three nearest sites. It is no country; it has outages, movers, phones that are off and come on,
and both channels.

The purposes of its draws begin with `yardstick.`, the first name of this world: another name would
be other luck, and other numbers on the pages that are computed with it.
"""

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Channel
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import CbMessage
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.channels.location_based_sms.channel import LocationBasedSms
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.disturbances.spec import BackhaulCutSpec, PowerLossSpec, WhereSpec
from ewsim.engine.simulation import Setup
from ewsim.geography.plane import LocalFrame
from ewsim.network.topology import CORE, Cells, Network, Sites
from ewsim.population.journeys import BACK, Journeys, Moves
from ewsim.population.movement.arrivals import not_before
from ewsim.population.people import CB_LEVELS, Camping, Handsets, People, Population
from ewsim.scenario.spec import AlertSpec, DisturbanceSpec
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, NR, UMTS, US, to_us

SPACING_M = 2000.0
CANDIDATES = 6

DISTURBANCES: tuple[DisturbanceSpec, ...] = (
    PowerLossSpec(kind="power_loss", at_s=300, restored_at_s=2400, where=WhereSpec(share=0.2)),
    BackhaulCutSpec(kind="backhaul_cut", at_s=-60, restored_at_s=900, where=WhereSpec(share=0.05)),
)


def setup(
    handset_count: int,
    cell_count: int,
    seed: int = 1,
    *,
    horizon_s: float = 3600,
    movers_share: float = 0.05,
    moves_count: int = 1,
    arrivals_share: float = 0.0,
    disturbances: tuple[DisturbanceSpec, ...] = DISTURBANCES,
) -> Setup:
    """A world of so many handsets and about so many cells.

    Parameters
    ----------
    handset_count, cell_count
        How many handsets, and about how many cells.
    seed
        Of all its draws.
    horizon_s
        Length of the run [s].
    movers_share
        People who move [share].
    moves_count
        Moves of each mover; every second one leads back to where they first were.
    arrivals_share
        People who arrive within the run [share].
    disturbances
        What goes wrong.
    """
    streams = Streams(seed)
    network = _network(max(2, round(cell_count / 3)), streams)
    population = _population(
        handset_count, network, streams, horizon_s, movers_share, moves_count, arrivals_share
    )
    return Setup(
        network=network,
        population=population,
        in_area=np.ones(handset_count, dtype=np.bool_),
        alert=AlertSpec(path="benchmark"),
        disturbances=disturbances,
        horizon_us=to_us(horizon_s),
    )


def channels(world: Setup, mode: str = "per_repetition", rate_per_s: float = 500) -> list[Channel]:
    """Both channels, the broadcast two pages long, aimed at seven sites of eight.

    Parameters
    ----------
    world
        Its cells.
    mode
        The broadcast mode of cell broadcast.
    rate_per_s
        Message parts that an SMS centre sends [1/s].
    """
    cells = world.network.cells
    targeted = (cells.site % 8 != 7).astype(np.bool_)
    spec = CellBroadcastSpec.model_validate({"broadcast_mode": mode})
    message = CbMessage(4371, 0x4010, 2, 167, "level_2", to_us(1200))
    sms = LocationBasedSmsSpec(rate_per_s=rate_per_s)
    return [CellBroadcast(spec, message, targeted), LocationBasedSms(sms, 1, targeted)]


def _network(site_count: int, streams: Streams) -> Network:
    ids = np.arange(site_count)
    side = int(np.ceil(np.sqrt(site_count)))
    site = np.repeat(ids, 3)
    sites = Sites(
        name=tuple(f"S{i}" for i in range(site_count)),
        x_m=(ids % side).astype(np.float64) * SPACING_M,
        y_m=(ids // side).astype(np.float64) * SPACING_M,
        height_m=np.full(site_count, 30.0),
        # A chain of three sites hangs on each aggregation site.
        parent=np.where(ids % 4 == 0, CORE, ids - 1).astype(np.int32),
        feeder=(ids * 8 // site_count).astype(np.int32),
        battery_s=streams.lognormal("yardstick.battery", ids, 900, 0.5),
        generator_s=np.zeros(site_count),
    )
    operator = (site % 2).astype(np.int16)
    cells = Cells(
        name=tuple(f"S{i // 3}-{i % 3}" for i in range(site.size)),
        site=site.astype(np.int32),
        operator=operator,
        rat=np.array([LTE, LTE, LTE, NR, GSM, UMTS], dtype=np.int8)[np.arange(site.size) % 6],
        azimuth_deg=np.tile([0.0, 120.0, 240.0], site_count),
        frequency_mhz=np.full(site.size, 800.0),
        eirp_dbm=np.full(site.size, 32.0),
        tracking_area=(site // 30 * 2 + operator).astype(np.int32),
    )
    return Network(
        frame=LocalFrame(0.0, 0.0),
        operators=("A", "B"),
        sites=sites,
        cells=cells,
        feeder_names=tuple(f"feeder_{i}" for i in range(8)),
        tracking_area_count=int(cells.tracking_area.max()) + 1,
    )


def _population(
    count: int,
    network: Network,
    streams: Streams,
    horizon_s: float,
    movers_share: float,
    moves_count: int,
    arrivals_share: float,
) -> Population:
    ids = np.arange(count)
    xmax, ymax = network.sites.x_m.max() + SPACING_M, network.sites.y_m.max() + SPACING_M
    x = streams.uniform("yardstick.x", ids) * xmax - SPACING_M / 2
    y = streams.uniform("yardstick.y", ids) * ymax - SPACING_M / 2
    movers = np.flatnonzero(streams.uniform("yardstick.moves", ids) < movers_share)
    turns = range(1, moves_count + 1)
    at = [streams.uniform("yardstick.moves", movers, k) * horizon_s * US for k in turns]
    at_us = np.sort(np.array(at).reshape(moves_count, movers.size).astype(np.int64), axis=0)
    away = range(1, moves_count + 1, 2)
    stop_x, stop_y = (
        np.concatenate([streams.uniform(f"yardstick.{axis}", movers, k) for k in away] or [x[:0]]) * most
        - SPACING_M / 2
        for axis, most in (("x", xmax), ("y", ymax))
    )
    mine = np.arange(movers.size, dtype=np.int32)
    stop = [mine + k // 2 * movers.size if k % 2 else np.full_like(mine, BACK) for k in turns]
    moves = Moves(
        np.tile(movers, moves_count), at_us.ravel(), np.concatenate([*stop, mine[:0]]), stop_x, stop_y
    )
    journeys = Journeys.of(count, [moves])
    arrives = None
    if arrivals_share:
        comes = streams.uniform("yardstick.arrives", ids) < arrivals_share
        when = (streams.uniform("yardstick.arrives", ids, 1) * horizon_s * US).astype(np.int64)
        arrives = np.where(comes, when, -NEVER)
    zero = np.zeros(count, dtype=np.int8)
    people = People(
        weight=np.ones(count, dtype=np.int32),
        x_m=x,
        y_m=y,
        journeys=journeys,
        arrives_us=arrives,
        indoors=np.zeros(count, dtype=np.bool_),
        age_band=zero + 2,
        sex=zero,
        disability=zero,
        settlement=zero,
        language=zero,
        zone=zero.astype(np.int32),
        handset=ids.astype(np.int32),
        languages=("en",),
        zone_names=("grid",),
    )
    off = streams.uniform("yardstick.off", ids) < 0.05
    on_from = np.full(count, -NEVER, dtype=np.int64)
    late = streams.uniform("yardstick.off", ids, 1) * horizon_s * US
    on_from[off] = late[off].astype(np.int64)
    handsets = Handsets(
        owner=ids.astype(np.int32),
        operator=(ids % 2).astype(np.int16),
        rats=np.full(count, 0b1111, dtype=np.uint8),
        smartphone=np.ones(count, dtype=np.bool_),
        cb_capable=streams.uniform("yardstick.capable", ids) < 0.95,
        channels=np.full(count, (1 << len(CB_LEVELS)) - 1, dtype=np.uint16),
        on_from_us=on_from,
        on_to_us=np.full(count, NEVER, dtype=np.int64),
    )
    cell, level = _candidates(network, ids % 2, x, y, streams, 0)
    later = [
        _candidates(network, movers % 2, x, y, streams, k)
        for k, x, y in zip(away, *(at.reshape(len(away), -1) for at in (stop_x, stop_y)), strict=True)
    ]
    none = np.empty((0, CANDIDATES))
    camping = Camping(
        cell,
        level,
        journeys.first,
        journeys.at_us,
        journeys.stop,
        np.concatenate([none.astype(np.int32), *(part[0] for part in later)]),
        np.concatenate([none.astype(np.float32), *(part[1] for part in later)]),
        np.zeros(len(cell), dtype=np.int8),
        np.zeros(sum(len(part[0]) for part in later), dtype=np.int8),
    )
    return Population(people, not_before(handsets, people), camping)


def _candidates(
    network: Network,
    operator: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    streams: Streams,
    k: int,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Two cells at each of three sites of its operator: the nearest, the next, the one above."""
    sites = len(network.sites)
    even = sites // 2 * 2
    side = int(np.ceil(np.sqrt(sites)))
    column = np.clip(np.rint(x / SPACING_M), 0, side - 1).astype(np.int64)
    row = np.clip(np.rint(y / SPACING_M), 0, (sites - 1) // side).astype(np.int64)
    own = np.minimum(row * side + column, sites - 1)
    own = np.minimum(own // 2 * 2 + operator, (sites - 2) // 2 * 2 + operator)
    near = np.stack([own, (own + 2) % even, (own + 2 * side) % even], axis=1)
    sector = (streams.uniform("yardstick.sector", np.arange(x.size), k) * 3).astype(np.int64)
    first = near * 3 + sector[:, None]
    second = near * 3 + (sector[:, None] + 1) % 3
    cell = np.stack([first, second], axis=2).reshape(x.size, CANDIDATES).astype(np.int32)
    level = streams.uniform("yardstick.level", np.arange(x.size), k) * 12.0
    fall = np.arange(CANDIDATES) * 2.0
    return cell, np.maximum(level[:, None] - fall, 0.0).astype(np.float32)
