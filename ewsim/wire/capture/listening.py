"""From packets to messages: what a capture of any network says about warnings, put together again.

TCP streams are put in order and cut into messages, SCTP chunks and blocks of the 2G broadcast channel
are joined. What is not of these protocols is passed over. Memory is bounded: a stream keeps at most
one message and a few segments that came early.

References
----------
.. [1] RFC 9293 (TCP), RFC 9260 (SCTP), RFC 8200 (IPv6); tcpdump's registry of link types.
.. [2] 3GPP TS 44.012 3.3.1 (blocks of the 2G broadcast channel).
"""

import ipaddress
import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from ewsim.errors import WireError
from ewsim.wire.capture.file import NAMED, Packet
from ewsim.wire.capture.writing import (
    GSMTAP_CBCH,
    GSMTAP_PORT,
    GSMTAP_UM,
    RADIO,
    SCTP,
    SCTP_PORTS,
    TCP,
    TCP_PORTS,
    UDP,
    Spoken,
)
from ewsim.wire.protocols import cbsp, sabp, smpp

_LENGTHS: Final[dict[str, Callable[[bytearray], int]]] = {
    "CBSP": cbsp.message_length,
    "SABP": sabp.message_length,
    "SMPP": smpp.message_length,
}
_BY_PORT: Final = {port: protocol for protocol, port in TCP_PORTS.items()}
_BY_PAYLOAD: Final = {payload: protocol for protocol, (_, payload) in SCTP_PORTS.items()}
_BY_DISSECTOR: Final = {name.encode(): rat for rat, name in RADIO.items()}
#: Octets of a link's header, and where its type is; a link that only carries IP has none.
_LINKS: Final = {1: (14, 12), 113: (16, 14), 276: (20, 0)}
_BARE: Final = {101: 0, 228: 0, 229: 0, 12: 0, 0: 4, 108: 4}
_VLAN: Final = (0x8100, 0x88A8)
_GSMTAP_CBCH52, _GSMTAP_LTE, _LTE_BCCH = 12, 13, 5
_MOST_OCTETS: Final = 1 << 20  # of one message
_LAST_BLOCK: Final = 0x10  # a short page has fewer than four blocks (TS 44.012 3.3.1)
_MOST_EARLY: Final = 64  # segments that wait for an earlier one


class _Ends(NamedTuple):
    """Who sends to whom."""

    sender: str
    receiver: str
    ports: tuple[int, int]


class _Stream:
    """One direction of a TCP connection."""

    def __init__(self) -> None:
        self.next: int | None = None
        self.ready = bytearray()
        self.early: dict[int, bytes] = {}


class Listener:
    """Takes packets in their order and says the messages in them; `faults` are what it could not read."""

    def __init__(self) -> None:
        self.faults: list[tuple[int, str]] = []
        self._streams: dict[_Ends, _Stream] = {}
        self._chunks: dict[tuple[_Ends, int], tuple[int, bytearray]] = {}  # by stream: last TSN, so far
        self._heard: dict[_Ends, set[int]] = {}  # TSNs
        self._blocks: dict[_Ends, list[bytes]] = {}

    def hear(self, packet: Packet) -> Iterator[Spoken]:
        """The messages that end with this packet."""
        if packet.link == NAMED:
            yield from _named(packet)
            return
        found = _network(packet)
        if found is None:
            return
        protocol, sender, receiver, payload = found
        least = {TCP: 20, UDP: 8, SCTP: 12}.get(protocol)
        if least is None or len(payload) < least:
            return
        ports = struct.unpack_from("!HH", payload)
        ends = _Ends(sender, receiver, ports)
        if protocol == TCP:
            yield from self._tcp(packet.time_us, ends, payload)
        elif protocol == SCTP:
            yield from self._sctp(packet.time_us, ends, payload)
        elif GSMTAP_PORT in ports:
            yield from self._gsmtap(packet.time_us, ends, payload[8:])

    # --- TCP --------------------------------------------------------------------------------------

    def _tcp(self, at_us: int, ends: _Ends, segment: bytes) -> Iterator[Spoken]:
        port = next((port for port in ends.ports if port in _BY_PORT), None)
        head = (segment[12] >> 4) * 4
        if port is None or not 20 <= head <= len(segment):
            return
        number, flags, data = struct.unpack_from("!I", segment, 4)[0], segment[13], segment[head:]
        stream = self._streams.setdefault(ends, _Stream())
        if flags & 2:  # SYN
            stream.next, number = (number + 1) & 0xFFFFFFFF, (number + 1) & 0xFFFFFFFF
            stream.ready.clear()
            stream.early.clear()
        if not data:
            return
        if stream.next is None:
            stream.next = number
        stream.early[number] = data
        if len(stream.early) > _MOST_EARLY:
            self.faults.append(
                (at_us, f"{ends.sender} to {ends.receiver}: octets are missing in the capture")
            )
            stream.next = min(stream.early)
            stream.ready.clear()
        self._join(stream)
        protocol = _BY_PORT[port]
        for octets in self._cut(at_us, ends, stream, protocol):
            yield Spoken(at_us, ends.sender, ends.receiver, protocol, octets, ends.ports[1] == port)

    def _join(self, stream: _Stream) -> None:
        """Append the segments whose turn it is; what came before is cut off or dropped."""
        again = True
        while again and stream.next is not None:
            again = False
            for number in list(stream.early):
                behind = (stream.next - number) & 0xFFFFFFFF
                if behind >= 1 << 31:
                    continue  # it is still ahead
                data = stream.early.pop(number)[behind:]
                stream.ready += data
                stream.next = (stream.next + len(data)) & 0xFFFFFFFF
                again = again or bool(data)

    def _cut(self, at_us: int, ends: _Ends, stream: _Stream, protocol: str) -> Iterator[bytes]:
        """The whole messages of what is ready."""
        while stream.ready:
            fault, length = "", 0
            try:
                length = _LENGTHS[protocol](stream.ready)
            except WireError as error:
                fault = str(error)
            if not fault and max(length, len(stream.ready)) > _MOST_OCTETS:
                fault = f"{protocol}: a message says that it has {length} octets; 1048576 are read"
            if fault:
                self.faults.append((at_us, f"{ends.sender} to {ends.receiver}: {fault}"))
                stream.ready.clear()
                return
            if not length or length > len(stream.ready):
                return
            yield bytes(stream.ready[:length])
            del stream.ready[:length]

    # --- SCTP -------------------------------------------------------------------------------------

    def _sctp(self, at_us: int, ends: _Ends, packet: bytes) -> Iterator[Spoken]:
        at = 12
        while at + 4 <= len(packet):
            kind, flags, size = struct.unpack_from("!BBH", packet, at)
            if size < 4 or at + size > len(packet):
                return
            if kind == 0 and size > 16:
                number, stream, _, payload = struct.unpack_from("!IHHI", packet, at + 4)
                by_port = next((p for p, (port, _) in SCTP_PORTS.items() if port in ends.ports), None)
                protocol = _BY_PAYLOAD.get(payload) or (None if payload else by_port)
                seen = self._heard.setdefault(ends, set())
                if protocol is not None and number not in seen:
                    seen.add(number)
                    whole = self._chunk((ends, stream), number, flags, packet[at + 16 : at + size])
                    if whole is not None:
                        called = SCTP_PORTS[protocol][0] == ends.ports[1]
                        yield Spoken(at_us, ends.sender, ends.receiver, protocol, whole, called)
            at += size + -size % 4

    def _chunk(self, key: tuple[_Ends, int], number: int, flags: int, data: bytes) -> bytes | None:
        """The message that ends with a chunk; None while there is none."""
        if flags & 2:  # it begins
            self._chunks[key] = number, bytearray(data)
        else:
            last, before = self._chunks.get(key, (-2, bytearray()))
            if number != (last + 1) & 0xFFFFFFFF or len(before) > _MOST_OCTETS:
                self._chunks.pop(key, None)
                return None
            before += data
            self._chunks[key] = number, before
        return bytes(self._chunks.pop(key)[1]) if flags & 1 else None

    # --- 2G and 4G radio --------------------------------------------------------------------------

    def _gsmtap(self, at_us: int, ends: _Ends, packet: bytes) -> Iterator[Spoken]:
        head = packet[1] * 4 if len(packet) >= 16 else 0
        if not 16 <= head < len(packet):
            return
        kind, channel, block = packet[2], packet[12], packet[head:]
        if (kind, channel) == (_GSMTAP_LTE, _LTE_BCCH):
            yield Spoken(at_us, ends.sender, ends.receiver, "4G", block)
        elif kind == GSMTAP_UM and channel in (GSMTAP_CBCH, _GSMTAP_CBCH52) and block[0] >> 5 == 1:
            blocks = self._blocks.setdefault(ends, [])
            if block[0] & 0xF != len(blocks):
                blocks.clear()
            if block[0] & 0xF != len(blocks) or len(block) < 23:
                return
            blocks.append(block[1:23])
            if len(blocks) == 4 or block[0] & _LAST_BLOCK:
                yield Spoken(at_us, ends.sender, ends.receiver, "2G", b"".join(blocks))
                blocks.clear()


def _named(packet: Packet) -> Iterator[Spoken]:
    """A message whose dissector the capture names."""
    at, octets, rat = 0, packet.octets, ""
    while at + 4 <= len(octets):
        tag, size = struct.unpack_from("!HH", octets, at)
        value, at = octets[at + 4 : at + 4 + size], at + 4 + size
        if tag == 0:
            break
        if tag == 12:
            rat = _BY_DISSECTOR.get(value.rstrip(b"\0"), "")
    if rat:
        yield Spoken(packet.time_us, "radio", "phones", rat, octets[at:])


def _network(packet: Packet) -> tuple[int, str, str, bytes] | None:
    """The transport protocol, the addresses and the payload; None for all that is not IP."""
    octets = packet.octets
    if packet.link in _LINKS:
        head, where = _LINKS[packet.link]
        kind = int.from_bytes(octets[where : where + 2], "big")
        while kind in _VLAN and packet.link == 1:
            where, head = where + 4, head + 4
            kind = int.from_bytes(octets[where : where + 2], "big")
        octets = octets[head:]
        if kind not in (0x0800, 0x86DD):
            return None
    elif packet.link in _BARE:
        octets = octets[_BARE[packet.link] :]
    else:
        return None
    version = octets[0] >> 4 if octets else 0
    if version == 4 and len(octets) >= 20:
        head, length, part = (octets[0] & 0xF) * 4, *struct.unpack_from("!H2xH", octets, 2)
        if head < 20 or part & 0x3FFF:  # a fragment of a packet
            return None
        ends = octets[12:16], octets[16:20]
        return octets[9], *_addresses(*ends), octets[head : length or None]
    if version == 6 and len(octets) >= 40:
        length, following = struct.unpack_from("!HB", octets, 4)
        return following, *_addresses(octets[8:24], octets[24:40]), octets[40 : 40 + length]
    return None


def _addresses(sender: bytes, receiver: bytes) -> tuple[str, str]:
    return str(ipaddress.ip_address(sender)), str(ipaddress.ip_address(receiver))
