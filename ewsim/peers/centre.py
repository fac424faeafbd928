"""A scenario's broadcast centre, or its alert gateway, for a real peer: a run's messages at their times.

The messages are those of `ewsim.wire.transcript`: what the run's centre says to its controllers and
MME, or its gateway to a message centre. The answers that come back are read and compared.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ewsim.errors import WireError
from ewsim.peers.connection import Address, call, next_message
from ewsim.peers.serving import Report, run_whole, silent
from ewsim.units import US
from ewsim.wire.capture.writing import Spoken
from ewsim.wire.protocols import cbsp, smpp
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.reading import lines, read_message

#: How long answers are waited for after the last message [s].
ANSWERS_S: Final = 30.0
#: What comes after an answer, when the peer has done what was asked.
_LATER: Final = ("Write-Replace-Warning-Indication", "Stop-Warning-Indication", "deliver_sm")


@dataclass
class Replies:
    """What came back: messages by name, what refuses, and what some cells refuse."""

    names: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)

    @property
    def later(self) -> int:
        """How many of these came after an answer: indications, receipts."""
        return sum(self.names[name] for name in _LATER)

    @property
    def answers(self) -> int:
        """How many answers to requests came; not what a peer says by itself."""
        ends = (
            "complete",
            "response",
            "_resp",
            "-failure",
            " failure",
            "error indication",
            "error-indication",
        )
        return sum(count for name, count in self.names.items() if name.casefold().endswith(ends))


def said_to(
    spoken: Sequence[Spoken], protocol: str, *, cells: Sequence[bytes] = (), operator: str = ""
) -> list[Spoken]:
    """The requests of a run in one protocol.

    Parameters
    ----------
    spoken
        Every message of the run.
    protocol
        CBSP, SABP, SBc-AP or SMPP.
    cells
        For CBSP: what every list names in place of the run's cells, as location area and cell identity.
    operator
        Only this operator's; empty: every operator's.
    """
    mine = []
    for each in spoken:
        asks = each.sender.endswith(" CBC") or each.sender == "alert gateway"
        if each.protocol != protocol or not asks:
            continue
        if operator and not (
            each.sender.startswith(f"{operator} ") or each.receiver.startswith(f"{operator} ")
        ):
            continue
        if protocol == "SMPP" and smpp.decode(each.octets)[0] == "deliver_sm_resp":
            continue
        mine.append(each._replace(octets=_with_cells(each.octets, cells)) if cells else each)
    return mine


def _with_cells(octets: bytes, cells: Sequence[bytes]) -> bytes:
    name, fields = cbsp.decode(octets)
    if "cells" not in fields:
        return octets
    return cbsp.encode(name, {**fields, "cells": tuple(cbsp.Cell(cbsp.LAC_CI, cell) for cell in cells)})


def speak(
    requests: Sequence[Spoken],
    address: Address,
    *,
    speed: float = 1.0,
    report: Report = silent,
    answers_s: float = ANSWERS_S,
) -> Replies:
    """Send requests at their times to a real peer and read what it answers.

    Parameters
    ----------
    requests
        In the order of time, all of one protocol.
    address
        The peer's.
    speed
        Seconds of the run in one real second [s/s].
    report
        Called with a line for each message.
    answers_s
        How long to wait after the last request for what is not answered by then [s].

    Raises
    ------
    RunError
        Nobody answers at the address.
    """
    return run_whole(_speak(requests, address, speed, report, answers_s))


async def _speak(
    requests: Sequence[Spoken], address: Address, speed: float, report: Report, answers_s: float
) -> Replies:
    protocol, heard = requests[0].protocol, Replies()
    reader, writer = await call(address, protocol)
    loop = asyncio.get_running_loop()
    began, first = loop.time(), requests[0].time_us
    listening = asyncio.ensure_future(_listen(protocol, reader, writer, heard, report))
    try:
        for request in requests:
            wait_s = (request.time_us - first) / US / speed - (loop.time() - began)
            if wait_s > 0:
                await asyncio.wait([listening], timeout=wait_s)
            if listening.done():
                break
            writer.write(request.octets)
            await writer.drain()
            report(f"-> {read_message(protocol, request.octets)[0][0]}")
        wanted, ends = _wanted(requests), loop.time() + answers_s
        while not listening.done() and loop.time() < ends:
            if heard.answers + heard.later >= wanted:
                break
            await asyncio.wait([listening], timeout=0.05)
    except OSError as error:
        report(f"the connection was lost: {error.strerror or error}")
    finally:
        listening.cancel()
        writer.close()
    return heard


def _wanted(requests: Sequence[Spoken]) -> int:
    """How many answers, and later messages, are expected of a peer that does all that it is asked."""
    later = 0
    for request in requests:
        name, fields = read_message(request.protocol, request.octets)[0]
        asks = ("send_indication", "send_stop_indication")
        later += name == "submit_sm" and bool(fields["registered_delivery"])
        later += any(ask in fields for ask in asks)
    return len(requests) + later


async def _listen(
    protocol: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Replies, report: Report
) -> None:
    try:
        while octets := await next_message(reader, protocol):
            try:
                [(name, fields)] = read_message(protocol, octets)
            except WireError as error:
                name, fields = "ERROR", {}
                heard.refusals.append(str(error))
            heard.names[name] += 1
            report(f"<- {name}")
            if refusal := _refusal(protocol, name, fields):
                some = "cells" in fields or "completed" in fields
                (heard.partial if some else heard.refusals).append(refusal)
            if protocol == "SMPP":
                _answer(writer, name, fields)
    except (WireError, OSError) as error:
        heard.refusals.append(str(error))


def _refusal(protocol: str, name: str, fields: dict[str, Any]) -> str:
    """Why an answer is not what was asked for; empty: it is."""
    if protocol == "SMPP":
        return f"{name} with status {fields['status']:#x}" if fields.get("status") else ""
    if failures := fields.get("failures"):
        done = len(fields.get("cells", fields.get("completed", ())))
        return f"{name}: {len(failures)} of {len(failures) + done} cells, {_causes(protocol, failures)}"
    if name.casefold().startswith("error") or fields.get("cause", 0):
        return f"{name}: " + "; ".join(f"{what} {value}" for what, value in lines(protocol, fields))
    return ""


def _causes(protocol: str, failures: Sequence[Any]) -> str:
    """How many cells failed for which cause."""
    codes = Counter(f.said if isinstance(f, cbsp.Cell) else f["cause"] for f in failures)
    known = CAUSES[protocol]
    return ", ".join(
        f"{count} {known[code] if code < len(known) else code}" for code, count in codes.most_common()
    )


def _answer(writer: asyncio.StreamWriter, name: str, fields: dict[str, Any]) -> None:
    """A gateway takes receipts and answers whether it is there."""
    if name in ("deliver_sm", "enquire_link", "unbind"):
        writer.write(smpp.encode(f"{name}_resp", {}, sequence=fields["sequence"]))
