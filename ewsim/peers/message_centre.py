"""A message centre for a real SMPP client: it takes texts and gives the receipts of a run.

Each number that a client writes to takes the fate of one phone of the run, in the order in which the
run's list has them: its receipt comes as long after the text as that phone had it after the list, or
the text expires when its validity ends. After the last phone the first comes again.
"""

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from ewsim.errors import OtherMessage, RunError, WireError
from ewsim.peers.connection import Address
from ewsim.peers.serving import Endpoints, Link, Report, run_whole, serve, silent
from ewsim.result.record import Result
from ewsim.units import to_us
from ewsim.wire.cast import events_of
from ewsim.wire.protocols import smpp

_SYSTEM_FULL: Final = 0x14  # ESME_RMSGQFUL
_NOT_BOUND: Final = 0x04  # ESME_RINVBNDSTS
_UNKNOWN_COMMAND: Final = 0x03  # ESME_RINVCMDID
_BROKEN: Final = 0x02  # ESME_RINVCMDLEN
#: Receipts that wait at the same time.
MOST_RECEIPTS: Final = 200_000


def fates(result: Result) -> list[float | None]:
    """How long each text of a run took from the list to the phone [s]; None: it never came.

    Raises
    ------
    RunError
        The run sent no location-based SMS.
    """
    people = result.people
    listed = {e.operator: e.at_us for e in events_of(result) if e.kind == "list_submitted"}
    if not listed or "location_based_sms_sent_s" not in people.columns:
        raise RunError("The scenario sends no location-based SMS. Add channels.location_based_sms.")
    tried = people[people["location_based_sms_sent_s"].notna()]
    got = np.rint(tried["location_based_sms_received_s"].to_numpy(np.float64) * to_us(1))
    start = np.array([listed.get(name, 0) for name in tried["operator"]], dtype=np.float64)
    took = np.maximum(got - start, 0) / to_us(1)
    return [None if np.isnan(value) else float(value) for value in took.tolist()]


class MessageCentre:
    """The centre, with the fates of a run's phones.

    Parameters
    ----------
    took_s
        How long each text takes [s]; None: it expires.
    validity_s
        When a text that never comes expires [s].
    speed
        Seconds of the run in one real second.
    report
        Called with a line for each thing that happens.
    """

    def __init__(
        self, took_s: Sequence[float | None], validity_s: float, speed: float = 1.0, report: Report = silent
    ) -> None:
        self.took_s, self.validity_s, self.speed, self.report = took_s, validity_s, speed, report
        self.texts: dict[str, int] = {}  # how often each text, or part, was sent
        self.states: dict[str, int] = {}
        self.acknowledged = 0  # receipts that a client has taken
        self._fate_of: dict[str, float | None] = {}
        self._bound: set[Link] = set()
        self._due: list[tuple[float, int, Link, dict[str, Any]]] = []
        self._number = 0
        self._served = False

    def take(self, link: Link, octets: bytes) -> None:
        """Answer a message of a client."""
        try:
            name, fields = smpp.decode(octets)
        except WireError as error:
            status = _UNKNOWN_COMMAND if isinstance(error, OtherMessage) else _BROKEN
            sequence = int.from_bytes(octets[12:16], "big")
            link.say(smpp.encode("generic_nack", {}, sequence=sequence, status=status))
            self.report(f"{link.name}: {error}")
            return
        sequence = fields["sequence"]
        if name.startswith("bind_") and not name.endswith("_resp"):
            self._bound.add(link)
            self._served = True
            self._say(link, name, {"system_id": "ewsim"}, sequence)
            self.report(f"{link.name}: {name} as {fields['system_id'] or 'nobody'}")
        elif name == "submit_sm":
            self._submit(link, fields)
        elif name in ("enquire_link", "unbind"):
            self._say(link, name, {}, sequence)
        elif name == "deliver_sm_resp":
            self.acknowledged += 1
        elif not name.endswith("_resp") and name != "generic_nack":
            link.say(smpp.encode("generic_nack", {}, sequence=sequence, status=_UNKNOWN_COMMAND))

    def _say(self, link: Link, name: str, values: dict[str, Any], sequence: int, status: int = 0) -> None:
        link.say(smpp.encode(f"{name}_resp", values, sequence=sequence, status=status))

    def _submit(self, link: Link, fields: dict[str, Any]) -> None:
        sequence, to = fields["sequence"], fields["destination_addr"]
        wrong = 0 if link in self._bound else _NOT_BOUND
        if len(self._due) >= MOST_RECEIPTS or (
            to not in self._fate_of and len(self._fate_of) >= MOST_RECEIPTS
        ):
            wrong = _SYSTEM_FULL
        if wrong:
            self._say(link, "submit_sm", {}, sequence, wrong)
            return
        if to not in self._fate_of:
            self._fate_of[to] = self.took_s[len(self._fate_of) % len(self.took_s)]
        self._note(fields)
        self._number += 1
        identity = f"{self._number:010d}"
        self._say(link, "submit_sm", {"message_id": identity}, sequence)
        took_s = self._fate_of[to]
        state = "EXPIRED" if took_s is None or took_s > self.validity_s else "DELIVRD"
        self.states[state] = self.states.get(state, 0) + 1
        if not fields["registered_delivery"] & 1:
            return
        waits_s = self.validity_s if took_s is None else min(took_s, self.validity_s)
        receipt = {
            "esm_class": smpp.RECEIPT,
            "source_addr": to,
            "destination_addr": fields["source_addr"],
            "short_message": smpp.receipt(identity, state),
            "receipted_message_id": identity.encode() + b"\0",
        }
        heapq.heappush(self._due, (time.monotonic() + waits_s / self.speed, self._number, link, receipt))

    def _note(self, fields: dict[str, Any]) -> None:
        try:
            text, (_, number, count) = smpp.read_text(fields)
            text = smpp.joined([text])
        except WireError as error:
            text, number, count = f"({error})", 1, 1
        key = text if count == 1 else f"part {number} of {count}: {text}"
        if key not in self.texts and len(self.texts) < 100:
            self.texts[key] = 0
            self.report(f"a text: {key}")
        if key in self.texts:
            self.texts[key] += 1

    def tick(self, links: Sequence[Link]) -> bool:
        """Send the receipts that are due; whether a client is there, or none has come yet."""
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            _, number, link, receipt = heapq.heappop(self._due)
            if link in links:
                link.say(smpp.encode("deliver_sm", receipt, sequence=number & 0x7FFF_FFFF or 1))
        self._bound.intersection_update(links)
        return bool(links) or not self._served

    @property
    def waiting(self) -> int:
        """Receipts that are not due yet."""
        return len(self._due)

    def lines(self) -> Iterator[str]:
        """What it has done."""
        phones = len(self._fate_of)
        yield f"{phones} {'number' if phones == 1 else 'numbers'}, {self._number} texts or parts"
        yield from (f"  {count} {state}" for state, count in sorted(self.states.items()))
        yield f"  {self.acknowledged} receipts taken by the client, {self.waiting} not due yet"

    def run(
        self, address: Address, seconds: float, opened: Callable[[str, Address], None] | None = None
    ) -> None:
        """Serve clients.

        Parameters
        ----------
        address
            Where to listen.
        seconds
            At most so long [s]; it ends before when the last client has gone.
        opened
            Called with the protocol and the address that is listened on.
        """
        run_whole(serve(self, Endpoints(listen=[("SMPP", address)]), seconds, self.report, opened))
