"""What an MME answers a centre (SBc-AP): at once, with an indication when base stations have done it.

References
----------
.. [1] 3GPP TS 29.168 4.3.4; TS 23.041 9.1.3.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ewsim.channels.cell_broadcast.plan import Order
from ewsim.peers.answering import Peer, Request
from ewsim.peers.directory import Named


class Mme(Peer):
    """SBc-AP."""

    protocol = "SBc-AP"

    def methods(self) -> dict[str, Callable[[Request], None]]:
        """What answers each request."""
        return {"Write-Replace-Warning-Request": self._write, "Stop-Warning-Request": self._stop}

    def named(self, fields: dict[str, Any]) -> Named:
        """The cells that a message names: its warning area, else its tracking areas, else all."""
        directory = self.air.directory
        areas = [item["tracking_area"] for item in fields.get("tracking_areas", ())]
        every = Named(np.array(directory.by_protocol["SBc-AP"], dtype=np.int64), [])
        asked = directory.lte_areas(areas) if areas else every
        if "warning_area" not in fields:
            return asked
        kind, entries = fields["warning_area"]
        if kind == "cells":
            found = directory.lte_cells(entries)
        elif kind == "tracking_areas":
            found = directory.lte_areas(entries)
        else:  # emergency areas are configured in a network; this one has none
            return Named(np.empty(0, dtype=np.int64), [])
        # It asks the base stations of the tracking areas, and these look for their cells in the list.
        return Named(np.intersect1d(found.cells, asked.cells), asked.unknown)

    def _respond(self, request: Request, cause: str) -> dict[str, int]:
        head = {k: request.fields[k] for k in ("message_identifier", "serial_number")}
        values: dict[str, Any] = {**head, "cause": self.cause_code(cause)}
        unknown = [{"tracking_area": area} for area in request.unknown if "tac" in area]
        if unknown:
            values["unknown_tracking_areas"] = unknown
        self.send(request.name.replace("Request", "Response"), values)
        return head

    def _nowhere(self, request: Request) -> bool:
        """Whether the request names tracking areas, and none that is known; then it is refused."""
        nowhere = 0 < len(request.fields.get("tracking_areas", ())) == len(request.unknown)
        if nowhere:
            self._respond(request, "tracking area not valid")
        return nowhere

    def _write(self, request: Request) -> None:
        if self._nowhere(request):
            return
        message = self.air.message(self.protocol, request.fields)
        if isinstance(message, str):
            self._respond(request, message)
            return
        head = self._respond(request, "message accepted")
        cells = self.air.with_new_radio(request.cells)
        asked = self.air.ask(cells, Order(message, concurrent="concurrent" in request.fields))
        if "send_indication" in request.fields:
            self.air.when(asked, lambda _: self._scheduled(head, request, asked.refused))

    def _scheduled(self, head: dict[str, int], request: Request, refused: dict[int, str]) -> None:
        names = self.air.directory.cells
        taken = [names[c].ecgi for c in request.cells.tolist() if c not in refused]
        for some in _portions(taken):
            scheduled = {"scheduled": {"cells": [{"cell": cell} for cell in some]}}
            self.send("Write-Replace-Warning-Indication", {**head, **(scheduled if some else {})})

    def _stop(self, request: Request) -> None:
        fields, air = request.fields, self.air
        message = air.number_of(fields["message_identifier"], fields["serial_number"])
        every = "stop_all" in fields
        if self._nowhere(request):
            return
        if message is None and not every:
            self._respond(request, "valid message not identified")
            return
        head = self._respond(request, "message accepted")
        cells = air.with_new_radio(request.cells)
        messages = {m for c in cells.tolist() for m in air.on_air(c)} if every else {message}
        counts = air.counts(request.cells, message)
        for one in sorted(m for m in messages if m is not None):
            asked = air.ask(cells, Order(one, writes=False))
        if "send_stop_indication" in fields and messages:
            air.when(asked, lambda _: self._cancelled(head, counts))

    def _cancelled(self, head: dict[str, int], counts: dict[int, int]) -> None:
        names = self.air.directory.cells
        for some in _portions(list(counts.items())):
            made = [{"cell": names[c].ecgi, "broadcasts": min(count, 0xFFFF)} for c, count in some]
            cancelled = {"cancelled": {"cells": made}} if made else {}
            self.send("Stop-Warning-Indication", {**head, **cancelled})


def _portions(items: list[Any], size: int = 20_000) -> Iterator[list[Any]]:
    """A list in parts that a message holds; one empty part where it is empty."""
    yield from (items[at : at + size] for at in range(0, max(len(items), 1), size))
