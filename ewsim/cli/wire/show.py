"""`ewsim wire show`: the warnings in a capture, as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from ewsim.cli.options import json_option

if TYPE_CHECKING:
    from ewsim.wire.findings import Findings, Said


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--port",
    "ports",
    metavar="PROTOCOL=PORT",
    multiple=True,
    help="A protocol that does not use its standard port.",
)
@json_option
def show(file: Path, ports: tuple[str, ...], as_json: bool) -> None:
    """Show the warnings in a capture (pcap, pcapng), and their faults.

    \b
    ewsim wire show dam_break.pcap
    ewsim wire show centre.pcapng --json
    ewsim wire show bench.pcap --port CBSP=48050 --port SMPP=2776
    """
    from ewsim.cli.cap.files import clean
    from ewsim.errors import DataError, UnreadableError, WireError
    from ewsim.wire.capture.file import read_capture
    from ewsim.wire.findings import Findings

    try:
        octets = file.read_bytes()
    except OSError as error:
        raise UnreadableError.of(file, error) from None
    found, names = Findings(), dict[str, str]()
    try:
        packets = read_capture(octets, names)
    except WireError as error:
        raise DataError.at(file, f"{error}.", "Save the capture as pcap or pcapng.") from None
    found.read(packets, names, dict(map(_port, ports)))
    if as_json:
        click.echo(json.dumps(_document(file, found), indent=2, ensure_ascii=False))
    else:
        click.echo(clean("\n".join(_lines(file, found))))


def _port(given: str) -> tuple[int, str]:
    """A port and its protocol."""
    from ewsim.errors import UsageError
    from ewsim.wire.capture.writing import SCTP_PORTS, TCP_PORTS

    name, _, number = given.partition("=")
    protocol = {each.lower(): each for each in (*TCP_PORTS, *SCTP_PORTS)}.get(name.lower())
    if protocol is None or not (number.isascii() and number.isdigit() and 0 < int(number[:6]) < 1 << 16):
        known = ", ".join((*TCP_PORTS, *SCTP_PORTS))
        raise UsageError(f"--port {given}: write a protocol ({known}) and a port, such as CBSP=48050.")
    return int(number), protocol


def _lines(file: Path, found: Findings) -> Iterator[str]:
    from ewsim import coding
    from ewsim.cli.cap.files import number
    from ewsim.wire.protocols.pages import charset
    from ewsim.wire.reading import serial_words

    counted = f"{number(found.packets, 'packet')}, {number(found.messages, 'message')} of warning protocols"
    yield f"{file}: {counted}, {found.others} passed over"
    if not found.messages:
        yield "There is no warning in it."
    for warning in found.warnings.values():
        identifier = warning.message_identifier
        yield f"\nWarning {identifier} ({identifier:#06x}), {coding.level_of(identifier).replace('_', ' ')}"
        yield f"  serial number {serial_words(warning.serial_number)}"
        for text, protocols in warning.texts.items():
            alphabets = " and ".join(sorted({charset(scheme)[0].upper() for scheme in warning.schemes}))
            yield f"  text ({alphabets}; {', '.join(sorted(protocols))}): {text}"
        yield from (f"  {row}" for row in _said(warning.said))
        yield from (f"  FAULT {_clock(at_us)} {fault}" for fault, at_us in warning.faults.items())
    for sms in found.sms.values():
        states = ", ".join(f"{count} {state}" for state, count in sms.receipts.items()) or "none"
        yield f"\nSMS to {number(len(sms.numbers), 'phone')}, receipts: {states}"
        yield f"  text: {sms.text}"
    if found.general:
        yield "\nAbout no single warning"
        yield from (f"  {row}" for row in _said(found.general))
    if found.faults:
        yield "\nNot readable"
        yield from (f"  FAULT {_clock(at_us)} {fault}" for at_us, fault in found.faults[:20])
        if len(found.faults) > 20:
            yield f"  and {len(found.faults) - 20} more"


def _said(said: dict[tuple[str, str], Said]) -> Iterator[str]:
    """Each kind of message in the order of its first: when, how often, what, between whom."""
    from ewsim.cli.cap.files import number

    for (protocol, name), each in sorted(said.items(), key=lambda item: item[1].first_us):
        last = f" to {_clock(each.last_us)}" if each.last_us != each.first_us else ""
        if len(each.ends) == 1:
            [(sender, receiver)] = each.ends
            ends = f"{sender} to {receiver}"
        else:
            senders, receivers = ({end[n] for end in each.ends} for n in (0, 1))
            ends = f"{number(len(senders), 'sender')} to {number(len(receivers), 'receiver')}"
        times = f"{each.count} times, " if each.count > 1 else ""
        yield f"{_clock(each.first_us)}{last}  {protocol} {name}: {times}{ends}"


def _clock(at_us: int) -> str:
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(at_us, 1 << 57))
    return moment.strftime("%H:%M:%S.%f")[:-3] + "Z"


def _document(file: Path, found: Findings) -> dict[str, Any]:
    def kinds(said: dict[tuple[str, str], Said]) -> list[dict[str, Any]]:
        return [
            {
                "protocol": protocol,
                "message": name,
                "count": each.count,
                "first_s": each.first_us / 1e6,
                "last_s": each.last_us / 1e6,
                "between": sorted(map(list, each.ends)),
            }
            for (protocol, name), each in said.items()
        ]

    return {
        "format": "ewsim.wire_show/1",
        "path": str(file),
        "packets": found.packets,
        "messages": found.messages,
        "other_messages": found.others,
        "warnings": [
            {
                "message_identifier": warning.message_identifier,
                "serial_number": warning.serial_number,
                "texts": [{"text": t, "protocols": sorted(p)} for t, p in warning.texts.items()],
                "coding": sorted(warning.schemes),
                "said": kinds(warning.said),
                "faults": [{"at_s": at_us / 1e6, "fault": f} for f, at_us in warning.faults.items()],
            }
            for warning in found.warnings.values()
        ],
        "sms": [
            {"text": sms.text, "phones": len(sms.numbers), "receipts": dict(sms.receipts)}
            for sms in found.sms.values()
        ],
        "general": kinds(found.general),
        "faults": [{"at_s": at_us / 1e6, "fault": fault} for at_us, fault in found.faults],
    }
