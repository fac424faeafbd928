"""What the radio gave each handset of one message: the arrays around `kernel.receive`.

The model and its assumptions are in `ewsim.channels.cell_broadcast.kernel`.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.cell_broadcast import kernel
from ewsim.kernels import in_spans
from ewsim.population.presence.windows import Presence, by_cell
from ewsim.streams import DrawKey
from ewsim.units import NEVER


@dataclass(frozen=True, slots=True)
class RatTiming:
    """How each technology sends a message; arrays indexed like `units.RATS`.

    `segments` N, `unit_us` from one segment to the next, `airtime_us` of the last one,
    `period_us` from one burst to the next (`unit_us * segments` when continuous), `paging_us` the
    paging cycle a phone waits in (0 where the mode pages ahead), `offset_us` from the beginning to
    the first burst (other messages go before). `late` is the chance that a phone attends late, in
    2**-32, `late_mean_us` how late on average.
    """

    segments: NDArray[np.int64]
    unit_us: NDArray[np.int64]
    airtime_us: NDArray[np.int64]
    period_us: NDArray[np.int64]
    paging_us: NDArray[np.int64]
    offset_us: NDArray[np.int64]
    late: NDArray[np.int64]
    late_mean_us: NDArray[np.int64]
    continuous: bool

    def table(self) -> NDArray[np.void]:
        """All of it for the kernel: a record a technology, with these names."""
        names = [field.name for field in fields(self)]
        table = np.empty(self.segments.size, dtype=[(name, np.int64) for name in names])
        for name in names:
            table[name] = getattr(self, name)
        return table


class Listeners(NamedTuple):
    """By handset: the number that its draws belong to, and whether it can show the message."""

    number: NDArray[np.int32]
    eligible: NDArray[np.bool_]


class CellTable(NamedTuple):
    """By cell: whether it is in the warning area list, its technology and operator, and its zone.

    Within a zone the serial number is one message.
    """

    targeted: NDArray[np.bool_]
    rat: NDArray[np.int8]
    operator: NDArray[np.int16]
    zone: NDArray[np.int64]


class CbReception(NamedTuple):
    """What the radio gave each handset; arrays of one length.

    `window`: the row of the window it was first received in, -1 for none; `received_us`; `copies`
    complete copies, one at most for each stay on a cell with the message; `displays` how many of
    them the phone shows; `seen` bits: camped while its operator tried, on a targeted cell, on a
    cell with the message on air, there long enough to have it without losses, and long enough had
    it not been late (in a call, or the page missed).
    """

    window: NDArray[np.int32]
    received_us: NDArray[np.int64]
    copies: NDArray[np.int16]
    displays: NDArray[np.int16]
    seen: NDArray[np.uint8]


def receive(
    listeners: Listeners,
    presence: Presence,
    windows: NDArray[np.int64],
    cells: CellTable,
    tried_us: NDArray[np.int64],
    timing: RatTiming,
    message: int,
    key: DrawKey,
) -> CbReception:
    """Reception of one message by every handset.

    Parameters
    ----------
    listeners
        The handsets. Those that cannot show the message are only looked at for the causes.
    presence
        Where they camped, and when.
    windows
        On-air windows, rows (cell, from, to) sorted [us], shape (windows, 3).
    cells
        The cells of the network.
    tried_us
        For each operator, from when to when it tried to broadcast [us], shape (operators, 2).
    timing
        How the message is sent.
    message
        The message's number; each has its own luck.
    key
        The draws of this replication.
    """
    count = listeners.eligible.size
    out = CbReception(
        np.full(count, -1, dtype=np.int32),
        np.full(count, NEVER, dtype=np.int64),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=np.uint8),
    )
    on_air = by_cell(windows, cells.rat.size)
    rows = timing.table()
    in_spans(
        lambda span: kernel.receive(
            out, listeners, presence, on_air, cells, tried_us, rows, message, key, span
        ),
        count,
    )
    return out
