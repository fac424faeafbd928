"""Cell broadcast (3GPP TS 23.041): centre, peers, cells, and what the phones heard.

Processes: one broadcast centre (CBC) an operator; one peer (BSC, RNC, MME, AMF) a generation, which
writes to its base stations one after another; one process a cell on air. A cell that fails stops; a
cell that returns sends a restart indication and is reloaded while the message lasts (TS 23.041
9.2.1). Cells emit windows on air, never an event a repetition.

Assumptions: delays as in the scenario; the message ends for all cells at the same moment, its
duration after the centre accepted it; between a cell's return and its reload it is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import simpy
from numpy.typing import NDArray

from ewsim.channels import reception
from ewsim.channels.base import Crowd, absence, for_people
from ewsim.channels.reception import (
    SEEN_CAMPED,
    SEEN_IN_TIME,
    SEEN_ON_AIR,
    SEEN_TARGETED,
    RatTiming,
)
from ewsim.ledger import CAUSE_CODE, ChannelOutcome
from ewsim.population.people import CB_LEVELS, Handsets
from ewsim.scenario.spec import CellBroadcastSpec
from ewsim.streams import Streams, purpose_code
from ewsim.targeting import Geofence
from ewsim.units import GSM, LTE, NEVER, NR, RATS, UMTS, to_us
from ewsim.world import World

Process: TypeAlias = Generator[simpy.Event, Any, None]

PEERS = ("BSC", "RNC", "MME", "AMF")

#: One page on the 2G broadcast channel every 8 x 51 x 120/26 ms; its airtime is half of that.
CBCH_SLOT_US = 8 * 51 * 120_000 // 26
#: Assumption: one page on the 3G common traffic channel [us] (0.16 to 2 s).
CTCH_PAGE_US = 320_000


@dataclass(frozen=True, slots=True)
class CbMessage:
    """What the centre broadcasts."""

    message_identifier: int
    serial_number: int
    page_count: int
    contents_octets: int
    level: str  # of population.people.CB_LEVELS
    duration_us: int


def rat_timing(spec: CellBroadcastSpec, message: CbMessage) -> RatTiming:
    """How each technology sends the message (docs/background/model.md)."""
    segments = np.full(len(RATS), message.page_count, dtype=np.int64)
    segments[[LTE, NR]] = -(-message.contents_octets // spec.segment_octets)
    unit = np.zeros(len(RATS), dtype=np.int64)
    unit[GSM], unit[UMTS] = CBCH_SLOT_US, CTCH_PAGE_US
    unit[[LTE, NR]] = to_us(spec.si_period_s)
    airtime = np.zeros(len(RATS), dtype=np.int64)
    airtime[GSM] = CBCH_SLOT_US // 2
    period = segments * unit
    paging = np.zeros(len(RATS), dtype=np.int64)
    continuous = spec.broadcast_mode == "continuous"
    if continuous:
        paging[[LTE, NR]] = to_us(spec.paging_cycle_s)
    else:
        # The period is a whole number of slots on 2G, and never shorter than the message.
        wanted = np.full(len(RATS), to_us(spec.repetition_period_s))
        wanted[GSM] = -(-wanted[GSM] // CBCH_SLOT_US) * CBCH_SLOT_US
        period = np.maximum(period, wanted)
    return RatTiming(segments, unit, airtime, period, paging, continuous)


class CellBroadcast:
    """The channel.

    Parameters
    ----------
    targeted
        Cells in the warning area list, shape (cells,).
    geofence
        What phones compare their position with; None: they show all they receive.
    """

    name = "cell_broadcast"

    def __init__(
        self,
        spec: CellBroadcastSpec,
        message: CbMessage,
        targeted: NDArray[np.bool_],
        geofence: Geofence | None = None,
    ) -> None:
        self.spec = spec
        self.message = message
        self.targeted = targeted
        self.geofence = geofence
        self.timing = rat_timing(spec, message)
        self.label = f"{message.message_identifier}/{message.serial_number:#06x}"
        self._windows: list[tuple[int, int, int]] = []  # closed
        self._on_air: dict[int, int] = {}  # cell: since
        self._sending: dict[int, simpy.Process] = {}
        self._ends_us: dict[int, int] = {}  # by operator, once accepted
        self._accepted_us: dict[int, int] = {}
        #: Called with a cell number when it starts or stops to broadcast.
        self.when_on_air: list[Callable[[int], None]] = []
        self.when_off_air: list[Callable[[int], None]] = []

    # --- processes ------------------------------------------------------------------------------

    def start(self, world: World) -> None:
        """Start a centre for every operator, and listen for cells that fail and return."""
        for operator in range(len(world.network.operators)):
            world.env.process(self._centre(world, operator))
        world.when_cell_down.append(self._cell_down)
        world.when_cell_up.append(lambda cell: self._cell_up(world, cell))

    def _centre(self, world: World, operator: int) -> Process:
        """A CBC: takes the alert, selects cells, writes to its peers one after another."""
        env, cells = world.env, world.network.cells
        yield world.alert_released
        mine = np.flatnonzero(self.targeted & (cells.operator == operator))
        name = world.network.operators[operator]
        yield env.timeout(to_us(self.spec.cbc_processing_s + self.spec.cbc_per_cell_s * mine.size))
        self._accepted_us[operator] = env.now
        self._ends_us[operator] = env.now + self.message.duration_us
        world.log("cbc", "accepted", operator=name, message=self.label, detail=f"{mine.size} cells")
        for rat in range(len(RATS)):
            theirs = mine[cells.rat[mine] == rat]
            if theirs.size:
                yield env.timeout(to_us(self.spec.peer_round_trip_s))
                world.log("peer", "accepted", operator=name, message=self.label, detail=PEERS[rat])
                env.process(self._peer(world, theirs))

    def _peer(self, world: World, cells: NDArray[np.int64]) -> Process:
        """A peer: writes to its base stations, one after another."""
        sites = world.network.cells.site[cells]
        fanout_us = to_us(self.spec.cell_fanout_s)
        for site in np.unique(sites).tolist():
            yield world.env.timeout(fanout_us)
            for cell in cells[sites == site].tolist():
                if world.cell_serves(cell):
                    self._send(world, cell)
                else:
                    world.log("cell", "rejected", cell=cell, message=self.label)

    def _send(self, world: World, cell: int) -> None:
        if cell not in self._sending or not self._sending[cell].is_alive:
            self._sending[cell] = world.env.process(self._cell(world, cell))

    def _cell(self, world: World, cell: int) -> Process:
        """A cell with the message: rebuilds its system information, is on air, stops."""
        env = world.env
        end = self._ends_us[int(world.network.cells.operator[cell])]
        why = ""
        try:
            yield env.timeout(to_us(self.spec.cell_rebuild_s))
            if env.now >= end:
                return
            self._on_air[cell] = env.now
            world.log("cell", "on_air", cell=cell, message=self.label)
            for hook in self.when_on_air:
                hook(cell)
            yield env.timeout(end - env.now)
        except simpy.Interrupt:
            why = "cell down"
        if cell in self._on_air:
            self._windows.append((cell, self._on_air.pop(cell), env.now))
            world.log("cell", "off_air", cell=cell, message=self.label, detail=why)
            for hook in self.when_off_air:
                hook(cell)

    def _cell_down(self, cell: int) -> None:
        sending = self._sending.get(cell)
        if sending is not None and sending.is_alive:
            sending.interrupt()

    def _cell_up(self, world: World, cell: int) -> None:
        operator = int(world.network.cells.operator[cell])
        if self.targeted[cell] and operator in self._accepted_us:
            world.env.process(self._reload(world, cell))

    def _reload(self, world: World, cell: int) -> Process:
        """PWS-Restart-Indication: the centre sends a returned cell what is still in force."""
        yield world.env.timeout(to_us(self.spec.reload_delay_s))
        operator = int(world.network.cells.operator[cell])
        if world.cell_serves(cell) and world.env.now < self._ends_us[operator]:
            world.log("cell", "reloaded", cell=cell, message=self.label)
            self._send(world, cell)

    # --- the crowd ------------------------------------------------------------------------------

    def windows(self, world: World) -> NDArray[np.int64]:
        """On-air windows, rows (cell, from, to) sorted [us]; open ones end after the horizon."""
        still_open = [(c, since, world.horizon_us + 1) for c, since in self._on_air.items()]
        rows = sorted(w for w in self._windows + still_open if w[2] > w[1])
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    def eligible(self, handsets: Handsets) -> NDArray[np.bool_]:
        """Handsets that would show this message."""
        return handsets.cb_capable & self._switched_on(handsets)

    def _switched_on(self, handsets: Handsets) -> NDArray[np.bool_]:
        bit = np.uint16(1 << CB_LEVELS.index(self.message.level))
        return np.asarray((handsets.channels & bit) != 0)

    def zones(self, world: World) -> NDArray[np.int64]:
        """For each cell, the zone within which the serial number is one message to a phone."""
        cells = world.network.cells
        scope = self.spec.geographical_scope
        if scope == "plmn":
            return cells.operator.astype(np.int64)
        if scope == "tracking_area":
            return cells.tracking_area.astype(np.int64)
        return np.arange(len(cells), dtype=np.int64)

    def period(self, world: World) -> NDArray[np.int64]:
        """For each operator, from when to when it tried to broadcast, shape (operators, 2) [us]."""
        rows = [
            (self._accepted_us.get(o, NEVER), min(self._ends_us.get(o, NEVER), world.horizon_us))
            for o in range(len(world.network.operators))
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 2)

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Receptions, displays and causes of every person."""
        handsets, cells = crowd.population.handsets, world.network.cells
        period = self.period(world)
        streams = world.streams
        heard = reception.receive(
            self.eligible(handsets), handsets.on_from_us, handsets.on_to_us, crowd.presence,
            self.windows(world), self.targeted, cells.rat, cells.operator, self.zones(world),
            period, self.timing, streams.seed, streams.replication, purpose_code("cb.reception"),
        )  # fmt: skip
        displayed = heard.received_us.copy()
        displayed[displayed < NEVER] += to_us(self.spec.display_delay_s)
        silent = self._fenced(crowd, streams, heard.received_us, displayed)
        displayed[displayed > world.horizon_us] = NEVER
        missed = displayed >= NEVER
        displays = np.where(missed, 0, heard.displays).astype(np.int16)
        cause = np.zeros(len(handsets), dtype=np.int8)
        who = np.flatnonzero(missed)
        cause[who] = self._causes(crowd, who, heard.seen[who], period)
        cause[silent] = CAUSE_CODE["outside_polygon_filtered"]
        return for_people(
            crowd.population, heard.on_air_us, heard.received_us, displayed,
            heard.copies, displays, cause,
        )  # fmt: skip

    def _fenced(
        self,
        crowd: Crowd,
        streams: Streams,
        received_us: NDArray[np.int64],
        displayed_us: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Phones that find themselves outside the fence; others wait for a position first."""
        if self.geofence is None:
            return np.empty(0, dtype=np.int64)
        people, got = crowd.population.people, np.flatnonzero(received_us < NEVER)
        owner = crowd.population.handsets.owner[got]
        moved = received_us[got] >= people.moves_us[owner]
        silent, wait_us = self.geofence.judge(
            streams,
            got,
            np.where(moved, people.later_x_m[owner], people.x_m[owner]),
            np.where(moved, people.later_y_m[owner], people.y_m[owner]),
            people.indoors[owner],
        )
        displayed_us[got] += wait_us
        displayed_us[got[silent]] = NEVER
        return got[silent]

    def _causes(
        self,
        crowd: Crowd,
        who: NDArray[np.int64],
        seen: NDArray[np.uint8],
        period: NDArray[np.int64],
    ) -> NDArray[np.int8]:
        """Why handsets `who` were missed; the first that applies."""
        handsets = crowd.population.handsets
        modern = (handsets.rats[who] & np.uint8((1 << LTE) | (1 << NR))) != 0
        capable = handsets.cb_capable[who]
        cause = np.select(
            [
                ~capable & ~modern,
                ~capable,
                ~self._switched_on(handsets)[who],
                (seen & SEEN_TARGETED) == 0,
                (seen & SEEN_ON_AIR) == 0,
                (seen & SEEN_IN_TIME) == 0,
            ],
            [
                CAUSE_CODE["network_generation_unsupported"],
                CAUSE_CODE["handset_unsupported"],
                CAUSE_CODE["opted_out"],
                CAUSE_CODE["cell_not_targeted"],
                CAUSE_CODE["operator_failure"],
                CAUSE_CODE["after_last_broadcast"],
            ],
            default=CAUSE_CODE["radio_loss"],
        ).astype(np.int8)
        nowhere = (seen & SEEN_CAMPED) == 0
        lost, tried = who[nowhere], period[handsets.operator[who[nowhere]]]
        cause[nowhere] = absence(crowd, lost, tried[:, 0], tried[:, 1])
        return cause
