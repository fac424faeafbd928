"""What a base station controller (CBSP) and a radio network controller (SABP) answer a centre.

A controller answers a write when its base stations have taken it up, with those that did not and why.

References
----------
.. [1] 3GPP TS 48.049 7 (CBSP procedures), TS 25.419 8 (SABP).
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np

from ewsim.channels.cell_broadcast.plan import Order
from ewsim.peers.answering import Peer, Request
from ewsim.peers.directory import Named
from ewsim.wire.places import cell_list
from ewsim.wire.protocols.cbsp import Cell
from ewsim.wire.transcript import REFUSALS

_UNKNOWN_MESSAGE: Final = {"CBSP": "message reference not identified", "SABP": "valid message not identified"}
_UNKNOWN_CELL: Final = {"CBSP": "cell identity not valid", "SABP": "service area identity not valid"}
_USED: Final = "message reference already used"


class _Outcome(NamedTuple):
    """The cells that did it, why others refused, and how often each broadcast what it gives up."""

    taken: Sequence[int] = ()
    refused: Mapping[int, str] = {}
    counts: Mapping[int, int] = {}


class _Controller(Peer):
    """What BSC and RNC have in common: they answer when their cells have."""

    #: Requests by what they ask, and the word before Complete and Failure in the answer.
    words: ClassVar[Mapping[str, str]]

    def methods(self) -> dict[str, Callable[[Request], None]]:
        """What answers each request."""
        asks = {"write": self._write, "stop": self._stop, "query": self._query, "load": self._load}
        asks |= {"reset": self._reset, "alive": self._alive}
        return {self.words[ask]: method for ask, method in asks.items() if ask in self.words}

    def _alive(self, request: Request) -> None:
        self.send(f"{request.name} COMPLETE", {})

    def _write(self, request: Request) -> None:
        fields, air = request.fields, self.air
        head = {k: fields[k] for k in ("message_identifier", "serial_number")}
        replaces = None
        if "old_serial_number" in fields:
            head["old_serial_number"] = fields["old_serial_number"]
            replaces = air.number_of(fields["message_identifier"], fields["old_serial_number"])
            if replaces is None:
                self._refuse(request, head, _UNKNOWN_MESSAGE[self.protocol])
                return
        message = air.message(self.protocol, fields)
        if isinstance(message, str):
            self._refuse(request, head, message)
            return
        used = {cell: _USED for cell in request.cells.tolist() if message in air.on_air(cell)}
        fresh = np.array([cell for cell in request.cells.tolist() if cell not in used], dtype=np.int64)
        gone = air.counts(fresh, replaces) if replaces is not None else {}
        asked = air.ask(fresh, Order(message, concurrent=True), replaces)

        def done(_: object) -> None:
            column = 0 if self.protocol == "CBSP" else 1
            refused = {cell: REFUSALS[why][column] for cell, why in asked.refused.items()} | used
            taken = [cell for cell in fresh.tolist() if cell not in asked.refused]
            self._answer(request, head, _Outcome(taken, refused, gone))

        air.when(asked, done)

    def _stop(self, request: Request) -> None:
        head, message = self._asked_of(request)
        if message is None:
            self._refuse(request, head, _UNKNOWN_MESSAGE[self.protocol])
            return
        done = _Outcome(request.cells.tolist(), counts=self.air.counts(request.cells, message))
        asked = self.air.ask(request.cells, Order(message, writes=False))
        self.air.when(asked, lambda _: self._answer(request, head, done))

    def _query(self, request: Request) -> None:
        head, message = self._asked_of(request)
        has = [c for c in request.cells.tolist() if message is not None and message in self.air.on_air(c)]
        why = _UNKNOWN_MESSAGE[self.protocol]
        lacks = {cell: why for cell in request.cells.tolist() if cell not in has}
        counts = self.air.counts(np.array(has, dtype=np.int64), message)
        self._answer(request, head, _Outcome(has, lacks, counts))

    def _asked_of(self, request: Request) -> tuple[dict[str, int], int | None]:
        """What names a message on air, and its number; None where it is not known."""
        head = {k: request.fields[k] for k in ("message_identifier", "old_serial_number")}
        return head, self.air.number_of(*head.values())

    def _load(self, request: Request) -> None:
        self._answer(request, {}, _Outcome(request.cells.tolist()))

    def _reset(self, request: Request) -> None:
        for message in sorted({m for cell in request.cells.tolist() for m in self.air.on_air(cell)}):
            self.air.ask(request.cells, Order(message, writes=False))
        self._load(request)

    def _refuse(self, request: Request, head: dict[str, int], why: str) -> None:
        """Failure in every cell, for one cause."""
        self._answer(request, head, _Outcome(refused=dict.fromkeys(request.cells.tolist(), why)))

    @abstractmethod
    def _answer(self, request: Request, head: dict[str, int], outcome: _Outcome) -> None:
        """Complete, or Failure where a cell refused or an entry names none."""


class Bsc(_Controller):
    """CBSP."""

    protocol = "CBSP"
    words: ClassVar = {
        "write": "WRITE-REPLACE",
        "stop": "KILL",
        "query": "MESSAGE STATUS QUERY",
        "load": "LOAD QUERY",
        "reset": "RESET",
        "alive": "KEEP-ALIVE",
    }

    def named(self, fields: dict[str, Any]) -> Named:
        """The cells that a message names."""
        return self.air.directory.cbsp(fields.get("cells", ()))

    def _answer(self, request: Request, head: dict[str, int], outcome: _Outcome) -> None:
        names, (taken, refused, counts) = self.air.directory.cells, outcome
        failures = [names[c].listed(self.cause_code(why)) for c, why in refused.items()]
        unknown = self.cause_code(_UNKNOWN_CELL["CBSP"])
        failures += [Cell(cell.kind, cell.octets, unknown) for cell in request.unknown]
        values: dict[str, Any] = dict(head)
        done = cell_list([names[c] for c in taken])
        if "channel" in request.fields:
            values["channel"] = request.fields["channel"]
        if request.name == "LOAD QUERY":
            loads = ((c, self.air.load_percent(c)) for c in taken)
            done = tuple(names[c].listed(load << 8 | load) for c, load in loads)
            values |= {"loads": done} if done else {}
        else:
            if counts:
                values["completed"] = tuple(
                    names[c].listed(min(count, 0xFFFF) << 8) for c, count in counts.items()
                )
            if done and request.name != "MESSAGE STATUS QUERY":
                values["cells"] = done
        if failures:
            values["failures"] = tuple(failures)
        self.send(f"{request.name} {'FAILURE' if failures else 'COMPLETE'}", values)


class Rnc(_Controller):
    """SABP."""

    protocol = "SABP"
    words: ClassVar = {
        "write": "Write-Replace",
        "stop": "Kill",
        "query": "Message-Status-Query",
        "load": "Load-Query",
        "reset": "Reset",
    }

    def named(self, fields: dict[str, Any]) -> Named:
        """The cells that a message names."""
        return self.air.directory.sabp(fields.get("areas", ()))

    def _answer(self, request: Request, head: dict[str, int], outcome: _Outcome) -> None:
        names, (taken, refused, counts) = self.air.directory.cells, outcome
        failures = [{"area": names[c].sai, "cause": self.cause_code(why)} for c, why in refused.items()]
        unknown = self.cause_code(_UNKNOWN_CELL["SABP"])
        failures += [{"area": area, "cause": unknown} for area in request.unknown]
        values: dict[str, Any] = dict(head)
        if request.name == "Load-Query":
            done = [{"area": names[c].sai, "bandwidth_bps": self.air.free_bps(c)} for c in taken]
            values |= {"loads": done} if done else {}
        elif request.name == "Reset":
            values |= {"areas": [names[c].sai for c in taken]} if taken else {}
        elif taken:
            values["completed"] = [{"area": names[c].sai, "broadcasts": counts.get(c, 0)} for c in taken]
        if failures:
            values["failures"] = failures
        self.send(f"{request.name}-{'Failure' if failures else 'Complete'}", values)
