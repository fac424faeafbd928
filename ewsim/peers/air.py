"""The cells of a scenario, for peers that speak to a real centre: what to ask of them, what they do.

The model's clock follows the real one. It stands at 0, with the disaster as it is by then, until the
first warning arrives.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ewsim import coding
from ewsim.channels.cell_broadcast.commanded import Command, CommandedInfrastructure
from ewsim.channels.cell_broadcast.plan import CBCH_SLOT_US, CTCH_PAGE_US, CbMessage, Order, broadcasts
from ewsim.channels.cell_broadcast.writing import ETWS
from ewsim.errors import WireError
from ewsim.peers.directory import Directory
from ewsim.units import US, to_us
from ewsim.wire.reading import pages_in, scheme_of, text_of
from ewsim.wire.speaking import CBCH_SLOT_S
from ewsim.world import World

#: Warnings of one session; a centre has at most some dozens in force.
MOST_WARNINGS: Final = 500
_PAGE_BITS: Final = 88 * 8


@dataclass
class Air:
    """The cells and their clock.

    Parameters
    ----------
    world
        The world of the run, whose clock this moves.
    infrastructure
        Its peers and cells.
    directory
        What lists call the cells.
    speed
        Seconds of the model in one real second.
    new_radio
        5G cells get what the 4G cells of their site get.
    """

    world: World
    infrastructure: CommandedInfrastructure
    directory: Directory
    speed: float = 1.0
    new_radio: bool = False
    texts: list[dict[str, str]] = field(default_factory=list)
    _began: float | None = None

    def __post_init__(self) -> None:
        if self.world.env.now < 0:
            self.world.env.run(until=0)

    # --- the clock --------------------------------------------------------------------------------

    def advance(self) -> None:
        """Let the model's clock catch up with the real one."""
        if self._began is None:
            return
        now = min(round((time.monotonic() - self._began) * self.speed * US), self.world.horizon_us)
        if now > self.world.env.now:
            self.world.env.run(until=now)

    @property
    def ended(self) -> bool:
        """Whether the horizon is reached."""
        return bool(self.world.env.now >= self.world.horizon_us)

    # --- messages ---------------------------------------------------------------------------------

    def number_of(self, message_identifier: int, serial_number: int) -> int | None:
        """The number of a message that was written before; None: none was."""
        return self.infrastructure.number_of(message_identifier, serial_number)

    def message(self, protocol: str, fields: dict[str, Any]) -> int | str:
        """The number of the message that a request writes, or the cause why it cannot be written."""
        if self._began is None:
            self._began = time.monotonic()
        known = self.number_of(fields["message_identifier"], fields["serial_number"])
        if known is not None:
            return known
        if len(self.texts) >= MOST_WARNINGS:
            return {"CBSP": "BSC memory exceeded", "SABP": "RNC memory exceeded"}.get(
                protocol, "MME memory exceeded"
            )
        try:
            pages = pages_in(fields)
            text = text_of(scheme_of(fields) or 0x0F, pages)
        except WireError:
            return "parameter value invalid"
        identifier = fields["message_identifier"]
        primary = not pages and identifier in ETWS.values()
        period_s = self._period_s(protocol, fields)
        try:
            count = broadcasts(
                fields.get("broadcasts", 0),
                period_s,
                etws_secondary=identifier in ETWS.values() and not primary,
            )
        except ValueError:
            return "parameter value invalid"
        trigger = identifier == coding.GEOFENCING_TRIGGER
        if count == "none" or not (pages or primary or trigger):
            return "parameter value invalid"
        for_ever = count == "until_stopped"
        left_us = self.world.horizon_us + 1 - self.world.env.now
        message = CbMessage(
            message_identifier=identifier,
            serial_number=fields["serial_number"],
            page_count=max(len(pages), 1),
            contents_octets=coding.warning_contents_octets(max(len(pages), 1)),
            level=coding.level_of(identifier),
            duration_us=left_us if for_ever else max(to_us(int(count) * period_s), US),
            kind="etws_primary" if primary else "trigger" if trigger else "warning",
            broadcast_count=None if for_ever else int(count),
        )
        self.texts.append({"message": message.label, "kind": message.kind, "text": text})
        return self.infrastructure.add(self.world, message, period_s)

    def _period_s(self, protocol: str, fields: dict[str, Any]) -> float:
        if protocol == "CBSP":
            return float(fields.get("repetition_period", 1) * CBCH_SLOT_S)
        return float(fields.get("extended_repetition_period_s", fields["repetition_period_s"]))

    def ask(self, cells: NDArray[np.int64], order: Order, replaces: int | None = None) -> Command:
        """Ask the peers of these cells to write or stop a message, now.

        Parameters
        ----------
        cells
            Their indices, shape (cells,).
        order
            What to do.
        replaces
            The number of the message that a new one takes the place of.
        """
        return self.infrastructure.ask(self.world, cells, order, replaces)

    def when(self, asked: Command, then: Callable[[object], None]) -> None:
        """Call a function when a command has been done."""
        if asked.done.callbacks is None:
            then(asked.done)
        else:
            asked.done.callbacks.append(then)

    # --- what cells do ------------------------------------------------------------------------------

    def on_air(self, cell: int) -> list[int]:
        """The messages that a cell has taken and not ended."""
        return self.infrastructure.on_air(cell)

    def counts(self, cells: NDArray[np.int64], message: int | None) -> dict[int, int]:
        """How often each cell has broadcast a message that it has now."""
        if message is None:
            return {}
        infrastructure, world = self.infrastructure, self.world
        return {c: infrastructure.broadcasts(world, c, message) for c in cells.tolist()}

    def load_percent(self, cell: int) -> int:
        """How much of a 2G cell's broadcast channel its messages take [%]."""
        infrastructure = self.infrastructure
        rat = int(self.world.network.cells.rat[cell])
        taken: float = sum(
            infrastructure.plan.messages[m].page_count * CBCH_SLOT_US / infrastructure.periods_us[m][rat]
            for m in self.on_air(cell)
        )
        return min(round(100 * taken), 100)

    def free_bps(self, cell: int) -> int:
        """How much of a 3G cell's broadcast channel is free [bit/s]."""
        return round(_PAGE_BITS / (CTCH_PAGE_US / US) * (100 - self.load_percent(cell)) / 100)

    def with_new_radio(self, cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """4G cells, with the 5G cells of their sites where these follow them."""
        if not self.new_radio:
            return cells
        sites: Iterable[int] = dict.fromkeys(self.directory.cells[c].site for c in cells.tolist())
        more = [c for site in sites for c in self.directory.new_radio.get(site, ())]
        return np.unique(np.concatenate([cells, np.array(more, dtype=np.int64)]))
