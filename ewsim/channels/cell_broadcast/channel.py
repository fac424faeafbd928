"""Cell broadcast (3GPP TS 23.041) as a channel: what the phones heard of what the cells sent.

The centres, peers and cells are in `infrastructure`, the messages and orders in `plan`, the closed
form of the radio in `kernel`; this file joins them with the people.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Crowd, absence, for_people
from ewsim.channels.cell_broadcast.infrastructure import MILESTONES, Infrastructure
from ewsim.channels.cell_broadcast.kernel import (
    SEEN_CAMPED,
    SEEN_IN_TIME,
    SEEN_LATE,
    SEEN_ON_AIR,
    SEEN_TARGETED,
)
from ewsim.channels.cell_broadcast.plan import INFORMS, CbMessage, Plan, single, timings
from ewsim.channels.cell_broadcast.reception import CbReception, CellTable, Listeners, receive
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.ledger import CAUSE_CODE, Chain, ChannelOutcome
from ewsim.population.people import CB_LEVELS, ROAMS_SILENT, Handsets
from ewsim.population.presence.kernel import camped_between
from ewsim.scenario.spec import AlertSpec
from ewsim.streams import Streams
from ewsim.targeting import Geofence
from ewsim.units import LTE, NEVER, NR, US
from ewsim.world import Counted, World


class CellBroadcast:
    """The channel; new for each replication.

    Parameters
    ----------
    plan
        The messages and actions; a single message is sent once.
    targeted
        Cells in the warning area list, shape (cells,).
    geofence
        What phones compare their position with; None: they show all they receive.
    alert
        The way that later messages take to the centre.
    """

    name = "cell_broadcast"

    def __init__(
        self,
        spec: CellBroadcastSpec,
        plan: Plan | CbMessage,
        targeted: NDArray[np.bool_],
        geofence: Geofence | None = None,
        alert: AlertSpec | None = None,
    ) -> None:
        self.spec = spec
        self.geofence = geofence
        self.plan = single(plan) if isinstance(plan, CbMessage) else plan
        self.targeted = targeted
        self.timing = timings(spec, self.plan)
        self.infrastructure = Infrastructure(
            spec, self.plan, targeted, self.timing, alert or AlertSpec(path="")
        )
        self._windows: tuple[int, NDArray[np.int64]] | None = None  # at a moment of the clock
        #: Numbers of the messages that inform of the danger: to be reached is to be shown one.
        self.informing = tuple(m for m, message in enumerate(self.plan.messages) if message.kind in INFORMS)

    def start(self, world: World) -> None:
        """Start the centres; peers and cells follow."""
        self.infrastructure.start(world)

    # --- the crowd ------------------------------------------------------------------------------

    def eligible(self, handsets: Handsets, message: int = 0) -> NDArray[np.bool_]:
        """Handsets that would show a message."""
        able = handsets.cb_capable & (handsets.sim != ROAMS_SILENT)
        return np.asarray(able & self._switched_on(handsets, message))

    def _switched_on(self, handsets: Handsets, message: int) -> NDArray[np.bool_]:
        level = self.plan.messages[message].level
        bit = np.uint16(1 << CB_LEVELS.index(level))
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

    def receive(self, world: World, crowd: Crowd, message: int, windows: NDArray[np.int64]) -> CbReception:
        """What every handset received of one message; `window` is a row of the windows of all messages.

        Parameters
        ----------
        world
            The world as it ended.
        crowd
            Everyone, and where their handsets camp.
        message
            Its number in the plan.
        windows
            What `infrastructure.windows` gives for all messages [us], shape (windows, columns).
        """
        handsets, cells = crowd.population.handsets, world.network.cells
        first, last = np.searchsorted(windows[:, 0], [message, message + 1])
        heard = receive(
            Listeners(handsets.number, self.eligible(handsets, message)),
            crowd.presence,
            windows[first:last, 1:4],
            CellTable(self.targeted, cells.rat, cells.operator, self.zones(world)),
            self._tried(world, message),
            self.timing[message],
            message,
            world.streams.key("cb.reception"),
        )
        if first:
            heard.window[heard.window >= 0] += first
        return heard

    def deliver(self, world: World, crowd: Crowd) -> ChannelOutcome:
        """Receptions, displays and causes of every person."""
        if self._windows is None or self._windows[0] != world.env.now:
            self._windows = world.env.now, self.infrastructure.windows(world)
        windows = self._windows[1]
        heard, triggers = [], []
        for number, message in enumerate(self.plan.messages):
            one = self.receive(world, crowd, number, windows)
            if len(self.plan.messages) > 1:
                world.log(
                    "phones",
                    "received",
                    message=message.label,
                    detail=Counted(
                        "{} phones, {} of them showed it",
                        (int(np.count_nonzero(one.copies)), int(np.count_nonzero(one.displays))),
                    ),
                    at_us=world.horizon_us,
                )
            if number in self.informing:
                heard.append(one)
            elif message.kind == "trigger":
                triggers.append(one.received_us)
        first = _first_of(heard)
        displayed = self._shown_us(crowd, world.streams, first.received_us, 0)
        silent = self._fenced(crowd, world.streams, first.received_us, displayed)
        for triggered_us in triggers:
            triggered_us[triggered_us < first.received_us] = NEVER
            silent = self._triggered(crowd, world.streams, silent, triggered_us, displayed)
        displayed[displayed > world.horizon_us] = NEVER
        missed = displayed >= NEVER
        displays = np.where(missed, 0, first.displays).astype(np.int16)
        cause = np.zeros(missed.size, dtype=np.int8)
        who = np.flatnonzero(missed)
        cause[who] = self._causes(world, crowd, who, first.seen[who], windows)
        cause[silent] = CAUSE_CODE["outside_polygon_filtered"]
        on_air = np.append(windows[:, 2], NEVER)[first.window]
        return for_people(
            crowd.population,
            on_air,
            first.received_us,
            displayed,
            first.copies,
            displays,
            cause,
            Chain(MILESTONES, windows[:, 4:], first.window),
            same_text_once=True,
        )

    def _shown_us(
        self, crowd: Crowd, streams: Streams, asked_us: NDArray[np.int64], k: int
    ) -> NDArray[np.int64]:
        """When phones that are to show a message do so, NEVER for others; the k-th time they do."""
        shown, who = asked_us.copy(), np.flatnonzero(asked_us < NEVER)
        number, spec = crowd.population.handsets.number[who], self.spec
        takes_s = streams.lognormal("cb.display", number, spec.display_delay_s, spec.display_delay_sigma, k)
        shown[who] += np.rint(takes_s * US).astype(np.int64)
        return shown

    def _fenced(
        self, crowd: Crowd, streams: Streams, received_us: NDArray[np.int64], displayed_us: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Phones that find themselves outside the fence; others wait for a position first."""
        if self.geofence is None:
            return np.empty(0, dtype=np.int64)
        people, got = crowd.population.people, np.flatnonzero(received_us < NEVER)
        owner = crowd.population.handsets.owner[got]
        silent, wait_us = self.geofence.judge(
            streams,
            crowd.population.handsets.number[got].astype(np.int64),
            *people.at(received_us[got], owner),
            people.indoors[owner],
        )
        displayed_us[got] += wait_us
        displayed_us[got[silent]] = NEVER
        return got[silent]

    def _triggered(
        self,
        crowd: Crowd,
        streams: Streams,
        silent: NDArray[np.int64],
        triggered_us: NDArray[np.int64],
        displayed_us: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Of the phones that kept silent, those still outside after a geofencing trigger.

        The trigger reaches a phone that has the message already (assumption: one that has not yet
        is not asked again), which then compares its place again.
        """
        asked = np.full(triggered_us.size, NEVER, dtype=np.int64)
        asked[silent] = triggered_us[silent]
        shown = self._shown_us(crowd, streams, asked, 1)
        still = self._fenced(crowd, streams, asked, shown)
        inside = np.setdiff1d(np.flatnonzero(asked < NEVER), still, assume_unique=True)
        displayed_us[inside] = shown[inside]
        return np.setdiff1d(silent, inside, assume_unique=True)

    def _tried(self, world: World, message: int) -> NDArray[np.int64]:
        """When each operator tried to broadcast a message, within the run, shape (operators, 2)."""
        tried = self.infrastructure.tried_us(world, message)
        tried[:, 1] = np.minimum(tried[:, 1], world.horizon_us)
        return tried

    def _causes(
        self,
        world: World,
        crowd: Crowd,
        who: NDArray[np.int64],
        seen: NDArray[np.uint8],
        windows: NDArray[np.int64],
    ) -> NDArray[np.int8]:
        """Why handsets `who` were missed; the first that applies."""
        handsets = crowd.population.handsets
        modern = (handsets.rats[who] & np.uint8((1 << LTE) | (1 << NR))) != 0
        capable = handsets.cb_capable[who]
        on = np.zeros(who.size, dtype=np.bool_)
        for message in self.informing:
            on |= self._switched_on(handsets, message)[who]
        silent = (seen & SEEN_ON_AIR) == 0
        applies = {
            "network_generation_unsupported": ~capable & ~modern,
            "handset_unsupported": ~capable,
            "opted_out": ~on,
            "roaming_not_supported": handsets.sim[who] == ROAMS_SILENT,
            **{
                name: np.isin(handsets.operator[who], [o for o, why in world.withheld.items() if why == name])
                for name in sorted(set(world.withheld.values()))
            },
            "cell_not_targeted": (seen & SEEN_TARGETED) == 0,
            "not_arrived": silent & _came_after(crowd, who, windows),
            "operator_failure": silent,
            "in_call_or_busy": (seen & SEEN_LATE) != 0,
            "after_last_broadcast": (seen & SEEN_IN_TIME) == 0,
        }
        codes = [CAUSE_CODE[name] for name in applies]
        cause = np.select(list(applies.values()), codes, default=CAUSE_CODE["radio_loss"]).astype(np.int8)
        nowhere = (seen & SEEN_CAMPED) == 0
        tried = np.stack([self._tried(world, m) for m in self.informing])
        span = np.stack([tried[:, :, 0].min(axis=0), tried[:, :, 1].max(axis=0)], axis=1)
        if waits := list(world.withheld):  # nobody tried, so the whole run counts
            span[waits] = 0, world.horizon_us
            theirs = np.flatnonzero(np.isin(handsets.operator[who], waits))
            begin = np.zeros(theirs.size, dtype=np.int64)
            there = camped_between(who[theirs], begin, begin + world.horizon_us, crowd.presence)
            nowhere[theirs] = ~there
        lost = who[nowhere]
        theirs = span[handsets.operator[lost]]
        cause[nowhere] = absence(crowd, lost, theirs[:, 0], theirs[:, 1])
        return cause


def _came_after(crowd: Crowd, who: NDArray[np.int64], windows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whose owner arrived when the cell they first camped on had been on air and was silent."""
    people, where = crowd.population.people, crowd.presence
    late = np.zeros(who.size, dtype=np.bool_)
    if people.arrives_us is None or not where.cell.size:
        return late
    arrives = people.arrives_us[crowd.population.handsets.owner[who]]
    some = np.flatnonzero((arrives > -NEVER) & (where.first[who + 1] > where.first[who]))
    ended = np.full(int(max(where.cell.max(), windows[:, 1].max(initial=0))) + 1, NEVER)
    np.minimum.at(ended, windows[:, 1], windows[:, 3])
    late[some] = ended[where.cell[where.first[who[some]]]] <= arrives[some]
    return late


def _first_of(heard: Sequence[CbReception]) -> CbReception:
    """Of several messages whichever came first; copies and displays of all of them."""
    first = heard[0]
    for other in heard[1:]:
        earlier = other.received_us < first.received_us
        first = CbReception(
            np.where(earlier, other.window, first.window),
            np.minimum(other.received_us, first.received_us),
            first.copies + other.copies,
            first.displays + other.displays,
            first.seen | other.seen,
        )
    return first
