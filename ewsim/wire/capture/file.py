"""Capture files: pcapng written, pcap and pcapng read.

References
----------
.. [1] draft-ietf-opsawg-pcapng, PCAP Next Generation (pcapng) Capture File Format, 4.
.. [2] draft-ietf-opsawg-pcap, PCAP Capture File Format.
"""

import ipaddress
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ewsim.errors import WireError

#: Link types: raw IP, and a message whose dissector is named (tcpdump's registry of link types).
RAW_IP: Final = 101
NAMED: Final = 252

_SECTION, _INTERFACE, _OLD, _SIMPLE, _NAMES, _PACKET = 0x0A0D0D0A, 1, 2, 3, 4, 6
_MOST_OCTETS: Final = 1 << 18  # the longest packet that tcpdump writes
#: Magic numbers of pcap: byte order, and the parts of a second of its times.
_PCAP: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 10**6),
    b"\xa1\xb2\xc3\xd4": (">", 10**6),
    b"\x4d\x3c\xb2\xa1": ("<", 10**9),
    b"\xa1\xb2\x3c\x4d": (">", 10**9),
    b"\x34\xcd\xb2\xa1": ("<", 10**6),
    b"\xa1\xb2\xcd\x34": (">", 10**6),
}
#: Those whose packets have 8 octets more before them (an old patch of libpcap, "modified").
_MODIFIED: Final = (b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34")


class Packet(NamedTuple):
    """A packet: its time since 1970 [us], its link type, its octets."""

    time_us: int
    link: int
    octets: bytes


def write_capture(packets: Iterable[Packet], names: Mapping[str, str]) -> bytes:
    """A pcapng file; `names` are those of IPv4 addresses, which Wireshark shows for them."""
    links = (RAW_IP, NAMED)
    parts = [_block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    parts += [_block(_INTERFACE, struct.pack("<HHI", link, 0, 0)) for link in links]
    records = b"".join(_name(address, name) for address, name in names.items())
    parts.append(_block(_NAMES, records + bytes(4)))
    for time_us, link, octets in packets:
        head = (links.index(link), time_us >> 32, time_us & 0xFFFFFFFF, len(octets), len(octets))
        parts.append(_block(_PACKET, struct.pack("<5I", *head) + octets))
    return b"".join(parts)


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body) + -len(body) % 4
    size = struct.pack("<I", length)
    return struct.pack("<I", kind) + size + body + bytes(-len(body) % 4) + size


def _name(address: str, name: str) -> bytes:
    value = bytes(map(int, address.split("."))) + name.encode() + b"\0"
    return struct.pack("<HH", 1, len(value)) + value + bytes(-len(value) % 4)


def read_capture(octets: bytes, names: dict[str, str] | None = None) -> Iterator[Packet]:
    """The packets of a pcap or pcapng file; WireError where it ends inside one, or is neither.

    `names` gets the names of addresses that the file has, as they are read.
    """
    if octets[:4] in _PCAP:
        return _pcap(octets, *_PCAP[octets[:4]])
    if octets[:4] == struct.pack("<I", _SECTION):
        return _pcapng(octets, {} if names is None else names)
    raise WireError("it is not a capture file; pcap and pcapng are read")


def _pcap(octets: bytes, order: str, parts: int) -> Iterator[Packet]:
    if len(octets) < 24:
        raise WireError("the file ends inside its header")
    link = struct.unpack_from(f"{order}I", octets, 20)[0] & 0xFFFF
    at, head = 24, 24 if octets[:4] in _MODIFIED else 16
    while at < len(octets):
        if at + head > len(octets):
            raise WireError("the file ends inside the header of a packet")
        seconds, part, size, _ = struct.unpack_from(f"{order}4I", octets, at)
        at += head
        if size > _MOST_OCTETS or at + size > len(octets):
            raise WireError(f"a packet says that it has {size} octets, and {len(octets) - at} are left")
        yield Packet(seconds * 10**6 + part * 10**6 // parts, link, octets[at : at + size])
        at += size


def _pcapng(octets: bytes, names: dict[str, str]) -> Iterator[Packet]:
    order, at = "<", 0
    interfaces: list[tuple[int, int, int]] = []  # link type, parts of a second, offset [s]
    while at < len(octets):
        if at + 12 > len(octets):
            raise WireError("the file ends inside a block")
        if octets[at : at + 4] == struct.pack("<I", _SECTION):
            order = "<" if octets[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = struct.unpack_from(f"{order}II", octets, at)
        if size < 12 or size % 4 or at + size > len(octets):
            raise WireError(f"a block says that it has {size} octets, and {len(octets) - at} are left")
        body = octets[at + 8 : at + size - 4]
        at += size
        if kind == _INTERFACE and len(body) >= 8:
            link = struct.unpack_from(f"{order}H", body)[0]
            interfaces.append((link, *_clock(body[8:], order)))
        elif kind in (_PACKET, _OLD) and len(body) >= 20:
            number, high, low, kept, _ = struct.unpack_from(f"{order}5I", body)
            if kind == _OLD:  # with a count of drops behind the number
                number = struct.unpack_from(f"{order}H", body)[0]
            if number >= len(interfaces) or kept > len(body) - 20:
                raise WireError("a packet names an interface that is not there, or is cut short")
            link, parts, offset_s = interfaces[number]
            time_us = (high << 32 | low) * 10**6 // parts + offset_s * 10**6
            yield Packet(max(time_us, 0), link, body[20 : 20 + kept])
        elif kind == _NAMES:
            names.update(_names(body, order))
        elif kind == _SIMPLE and len(body) >= 4 and interfaces:
            kept = min(struct.unpack_from(f"{order}I", body)[0], len(body) - 4)
            yield Packet(0, interfaces[0][0], body[4 : 4 + kept])


def _names(records: bytes, order: str) -> Iterator[tuple[str, str]]:
    """The addresses of a block of names, each with its first name."""
    at = 0
    while at + 4 <= len(records):
        kind, size = struct.unpack_from(f"{order}HH", records, at)
        value = records[at + 4 : at + 4 + size]
        if (octets_of := {1: 4, 2: 16}.get(kind, len(value))) < len(value):
            name = value[octets_of:].split(b"\0")[0].decode("utf-8", "replace")
            yield str(ipaddress.ip_address(value[:octets_of])), name
        at += 4 + size + -size % 4


def _clock(options: bytes, order: str) -> tuple[int, int]:
    """The parts of a second of an interface's times, and what is added to them [s]: two options."""
    at, parts, offset_s = 0, 10**6, 0
    while at + 4 <= len(options):
        code, size = struct.unpack_from(f"{order}HH", options, at)
        value = options[at + 4 : at + 4 + size]
        if code == 0:
            break
        if code == 9 and len(value) == 1:
            parts = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** (value[0] & 0x7F)
        elif code == 14 and len(value) == 8:
            offset_s = struct.unpack(f"{order}q", value)[0]
        at += 4 + size + -size % 4
    return parts, offset_s
