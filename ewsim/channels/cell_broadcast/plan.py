"""What a broadcast centre sends: its messages, and when it writes and stops which.

References
----------
.. [1] 3GPP TS 23.041, Technical realization of Cell Broadcast Service, 9.1.3, 9.2, 9.4.1.
.. [2] 3GPP TS 29.168, Cell Broadcast Centre interfaces, 4.3.4 (repetitions and broadcasts).
.. [3] 3GPP TS 36.413, S1 Application Protocol, 8.12 (Write-Replace Warning, Kill).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.cell_broadcast.reception import RatTiming
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.units import GSM, LTE, NR, RATS, UMTS, to_us

#: One page on the 2G broadcast channel every 8 x 51 x 120/26 ms; its airtime is half of that.
CBCH_SLOT_US = 8 * 51 * 120_000 // 26
#: Assumption: one page on the 3G common traffic channel [us] (0.16 to 2 s).
CTCH_PAGE_US = 320_000

#: `warning` and `etws_primary` inform of the danger; `all_clear` ends it; `trigger` has no text and
#: makes phones compare their place with an earlier message's area again.
MessageKind = Literal["warning", "etws_primary", "all_clear", "trigger"]
INFORMS: tuple[MessageKind, ...] = ("warning", "etws_primary")


@dataclass(frozen=True, slots=True)
class CbMessage:
    """A message; `broadcast_count` None: until the centre stops it, `duration_us` after."""

    message_identifier: int
    serial_number: int
    page_count: int
    contents_octets: int
    level: str  # of population.people.CB_LEVELS
    duration_us: int
    kind: MessageKind = "warning"
    broadcast_count: int | None = None

    @property
    def label(self) -> str:
        """Message identifier and serial number, as events name the message."""
        return f"{self.message_identifier}/{self.serial_number:#06x}"


@dataclass(frozen=True, slots=True)
class Order:
    """A Write-Replace-Warning, or a Stop-Warning (Kill), for one message of the plan.

    `concurrent`: the Concurrent-Warning-Message-Indicator; without it a write replaces all that the
    cell broadcasts.
    """

    message: int
    writes: bool = True
    concurrent: bool = False

    def ends(self, messages: Iterable[int]) -> list[int]:
        """Which of the messages that are sent it ends."""
        return [m for m in messages if (not self.concurrent if self.writes else m == self.message)]


@dataclass(frozen=True, slots=True)
class Action:
    """Orders that travel together; `at_us` when the authority sends them, None: with the alert."""

    orders: tuple[Order, ...]
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Messages by number, and the actions of the centre; the first action is the alert's own."""

    messages: tuple[CbMessage, ...]
    actions: tuple[Action, ...]


def single(message: CbMessage) -> Plan:
    """The plan of one message that is sent once."""
    return Plan((message,), (Action((Order(0),)),))


def broadcasts(
    number: int, period_s: float, *, etws_secondary: bool = False
) -> int | Literal["none", "until_stopped"]:
    """How many times a base station sends a message with these two elements [2]_.

    Parameters
    ----------
    number
        Number of broadcasts requested.
    period_s
        Repetition period [s].
    etws_secondary
        Whether it is a secondary notification of ETWS.

    Raises
    ------
    ValueError
        A combination that the standard does not define.
    """
    if number == 0:
        return "none" if period_s == 0 or etws_secondary else "until_stopped"
    if period_s == 0 and number > 1:
        raise ValueError("a number of broadcasts above 1 needs a repetition period")
    return number


def sharing(plan: Plan) -> list[tuple[int, ...]]:
    """For each message, those in force with it at the busiest moment, in the order of writing.

    ETWS primary notifications have a block of their own (SIB10, SIB6) and share with none.
    """
    found = Sharing([(m,) for m in range(len(plan.messages))])
    for action in plan.actions:
        found.take(plan, action)
    return found.largest


@dataclass
class Sharing:
    """For each message those in force with it at the busiest moment so far; `in_force` now."""

    largest: list[tuple[int, ...]] = field(default_factory=list)
    in_force: list[int] = field(default_factory=list)

    def take(self, plan: Plan, action: Action) -> set[int]:
        """One action more; the messages that share with more than before."""
        self.largest += [(m,) for m in range(len(self.largest), len(plan.messages))]
        changed = set()
        for order in action.orders:
            if plan.messages[order.message].kind == "etws_primary":
                continue
            if not order.writes:
                self.in_force = [m for m in self.in_force if m != order.message]
                continue
            before = self.in_force if order.concurrent else []
            self.in_force = before if order.message in before else [*before, order.message]
            for m in self.in_force:
                if len(self.in_force) > len(self.largest[m]):
                    self.largest[m] = tuple(self.in_force)
                    changed.add(m)
        return changed


def timings(spec: CellBroadcastSpec, plan: Plan) -> tuple[RatTiming, ...]:
    """How each technology sends each message (docs/channels/cell_broadcast.md).

    Assumption: messages that a cell broadcasts together take turns, one whole message after
    another in `per_repetition`, one segment after another in `continuous`; a schedule is made for
    the most that the plan ever has in force together.
    """
    together = sharing(plan)
    return tuple(timing_of(spec, plan, m, together[m]) for m in range(len(plan.messages)))


def timing_of(spec: CellBroadcastSpec, plan: Plan, number: int, together: tuple[int, ...]) -> RatTiming:
    """How each technology sends one message.

    Parameters
    ----------
    spec
        The delays of the radio, and the repetition period.
    plan
        The messages.
    number
        Which of them.
    together
        The messages that share the radio with it, in the order of writing.
    """
    message = plan.messages[number]
    unit = np.zeros(len(RATS), dtype=np.int64)
    unit[GSM], unit[UMTS] = CBCH_SLOT_US, CTCH_PAGE_US
    unit[[LTE, NR]] = to_us(spec.si_period_s)
    airtime = np.zeros(len(RATS), dtype=np.int64)
    airtime[GSM] = CBCH_SLOT_US // 2
    paging = np.full(len(RATS), to_us(spec.paging_cycle_s), dtype=np.int64)
    late, late_mean = _late(spec)
    if message.kind == "etws_primary":
        unit[:] = to_us(spec.etws_si_period_s)
        one = np.ones(len(RATS), dtype=np.int64)
        return RatTiming(one, unit, unit * 0, unit, paging, unit * 0, late, late_mean, True)
    paging[[GSM, UMTS]] = 0
    segments = {m: _segments(spec, plan.messages[m]) for m in together}
    bursts = {m: segments[m] * unit for m in together}
    total = np.sum(list(bursts.values()), axis=0)
    mine = segments[number]
    if spec.broadcast_mode == "continuous":
        step = unit * len(together)
        return RatTiming(mine, step, airtime, mine * step, paging, unit * 0, late, late_mean, True)
    # The period is a whole number of slots on 2G, and never shorter than the messages.
    wanted = np.full(len(RATS), to_us(spec.repetition_period_s))
    wanted[GSM] = -(-wanted[GSM] // CBCH_SLOT_US) * CBCH_SLOT_US
    before = [bursts[m] for m in together[: together.index(number)]]
    offset = np.sum([unit * 0, *before], axis=0)
    period = np.maximum(total, wanted)
    return RatTiming(mine, unit, airtime, period, unit * 0, offset, late, late_mean, False)


def _segments(spec: CellBroadcastSpec, message: CbMessage) -> NDArray[np.int64]:
    segments = np.full(len(RATS), message.page_count, dtype=np.int64)
    segments[[LTE, NR]] = -(-message.contents_octets // spec.segment_octets)
    return segments


def _late(spec: CellBroadcastSpec) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Chance (in 2**-32) and mean [us] of attending late: in a call, or the page was missed."""
    shares = np.full(len(RATS), spec.missed_page_share)
    shares[GSM] = spec.connected_shares.get("2G", 0.0)
    shares[UMTS] = spec.connected_shares.get("3G", 0.0)
    mean = np.full(len(RATS), to_us(spec.connected_mean_s), dtype=np.int64)
    mean[[LTE, NR]] = to_us(spec.missed_page_mean_s)
    return np.rint(np.minimum(shares, 1 - 2.0**-32) * 2**32).astype(np.int64), mean
