"""From packets to messages: what a capture of any network says about warnings, put together again.

TCP streams are put in order and cut into messages, SCTP chunks and blocks of the 2G broadcast channel
are joined. What is not of these protocols is passed over. Where octets are missing, reading goes on with
the next message that can be read. Memory is bounded: a stream keeps at most one message and a few
segments that came early.

References
----------
.. [1] RFC 9293 (TCP), RFC 9260 (SCTP).
.. [2] 3GPP TS 44.012 3.3.1 (blocks of the 2G broadcast channel).
"""

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from ewsim.errors import OtherMessage, WireError, count_of
from ewsim.wire.capture.file import NAMED, Packet
from ewsim.wire.capture.links import Links
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
from ewsim.wire.reading import read_message

_LENGTHS: Final[dict[str, Callable[[bytes | bytearray], int]]] = {
    "CBSP": cbsp.message_length,
    "SABP": sabp.message_length,
    "SMPP": smpp.message_length,
}
_PORTS: Final = {port: protocol for protocol, port in TCP_PORTS.items()} | {
    port: protocol for protocol, (port, _) in SCTP_PORTS.items()
}
_BY_PAYLOAD: Final = {payload: protocol for protocol, (_, payload) in SCTP_PORTS.items()}
_BY_DISSECTOR: Final = {name.encode(): rat for rat, name in RADIO.items()}
_GSMTAP_CBCH52, _GSMTAP_LTE, _LTE_BCCH = 12, 13, 5
_MOST_OCTETS: Final = 1 << 20  # of one message
_LAST_BLOCK: Final = 0x10  # a short page has fewer than four blocks (TS 44.012 3.3.1)
_MOST_EARLY: Final = 64  # segments that wait for an earlier one
_MOST_CHUNKS: Final = 1024  # that wait for others of their message
_MOST_HEARD: Final = 1 << 16  # chunks that are remembered
_MOST_SEARCHED: Final = 1 << 14  # octets in which the next message is looked for,
_MOST_FOUND: Final = 1 << 12  # of that one,
_MOST_GUESSED: Final = 1 << 16  # and of one that goes on
_INSIDE: Final = "the capture begins inside a message"
_MOD: Final = 1 << 32


class _Ends(NamedTuple):
    """Who sends to whom."""

    sender: str
    receiver: str
    ports: tuple[int, int]

    @property
    def words(self) -> str:
        return f"{self.sender} to {self.receiver}"


class _Stream:
    """One direction of a TCP connection; `inside`: it may be inside a message."""

    def __init__(self, following: int | None = None) -> None:
        self.begin = self.next = following
        self.inside = following is None
        self.ready = bytearray()
        self.searched = 0  # octets in which no message begins
        self.early: dict[int, bytes] = {}

    def lose(self, following: int) -> None:
        """Go on after octets that are missing."""
        self.next, self.inside = following % _MOD, True
        self.ready.clear()


class Listener:
    """Takes packets in their order and says the messages in them; `faults` are what it could not read.

    `ports` are those of protocols that use others than the standard ones.
    """

    def __init__(self, ports: Mapping[int, str] | None = None) -> None:
        self.faults: list[tuple[int, str]] = []
        self._ports = _PORTS | dict(ports or {})
        self._links = Links()
        self._streams: dict[_Ends, _Stream] = {}
        self._chunks: dict[_Ends, dict[int, tuple[int, str, bytes]]] = {}  # by TSN: flags, protocol, data
        self._heard: dict[_Ends, set[tuple[int, bytes]]] = {}  # TSNs and data
        self._blocks: dict[tuple[_Ends, bytes], list[bytes]] = {}
        self._short: Counter[str] = Counter()  # packets that were captured in part

    def hear(self, packet: Packet) -> Iterator[Spoken]:
        """The messages that end with this packet."""
        if packet.link == NAMED:
            yield from _named(packet)
            return
        found = self._links.carried(packet)
        if found is None:
            return
        least = {TCP: 20, UDP: 8, SCTP: 12}.get(found.protocol)
        if least is None or len(found.payload) < 4:
            return
        ports = struct.unpack_from("!HH", found.payload)
        ends = _Ends(found.sender, found.receiver, ports)
        if found.missing and (GSMTAP_PORT in ports or any(port in self._ports for port in ports)):
            self._short[ends.words] += 1
        if len(found.payload) < least:
            return
        if found.protocol == TCP:
            yield from self._tcp(packet.time_us, ends, found.payload, found.missing)
        elif found.protocol == SCTP:
            yield from self._sctp(packet.time_us, ends, found.payload)
        elif GSMTAP_PORT in ports and not found.missing:
            yield from self._gsmtap(packet.time_us, ends, found.payload[8:])

    def finish(self, at_us: int) -> Iterator[Spoken]:
        """The messages behind what was still waited for when the capture ended, and what that was."""
        for words, count in self._short.items():
            what = f"{words}: of {count_of(count, 'packets')} only the first octets are in the capture"
            self.faults.append((at_us, f"{what}; capture whole packets (tcpdump -s 0)"))
        for ends, stream in self._streams.items():
            while stream.early:
                yield from self._go_on(at_us, ends, stream)
            if stream.ready:
                begins = stream.inside and stream.begin is None
                what = _INSIDE if begins else "the capture ends inside a message"
                self.faults.append((at_us, f"{ends.words}: {what}"))
        for ends in (ends for ends, chunks in self._chunks.items() if chunks):
            self._miss(at_us, ends)

    def _miss(self, at_us: int, ends: _Ends) -> None:
        self.faults.append((at_us, f"{ends.words}: octets are missing in the capture"))

    # --- TCP --------------------------------------------------------------------------------------

    def _tcp(self, at_us: int, ends: _Ends, segment: bytes, missing: int) -> Iterator[Spoken]:
        port = next((port for port in reversed(ends.ports) if port in self._ports), None)
        head = (segment[12] >> 4) * 4
        if port is None or self._ports[port] not in _LENGTHS or not 20 <= head <= len(segment):
            return
        number, flags, data = struct.unpack_from("!I", segment, 4)[0], segment[13], segment[head:]
        stream = self._streams.setdefault(ends, _Stream())
        if flags & 2:  # SYN
            number = (number + 1) % _MOD
            if stream.begin != number:  # it is not the same one again
                stream = self._streams[ends] = _Stream(number)
        if missing:
            stream.lose(number + len(data) + missing)
            return
        if not data:
            return
        if stream.next is None:
            stream.next = number
        start = stream.next - len(stream.ready)
        if stream.inside and (number + len(data) - start) % _MOD == 0:  # it comes late, and belongs before
            stream.ready[:0], stream.searched, start = data, 0, number
        elif len(data) > len(stream.early.get(number, b"")):
            stream.early[number] = data
        if len(stream.early) > _MOST_EARLY:
            yield from self._go_on(at_us, ends, stream)
        else:
            yield from self._said(at_us, ends, stream, (number - start) % _MOD)

    def _go_on(self, at_us: int, ends: _Ends, stream: _Stream) -> Iterator[Spoken]:
        """The messages behind a hole."""
        self._miss(at_us, ends)
        since = stream.next or 0
        stream.lose(min(stream.early, key=lambda n: (n - since) % _MOD))
        yield from self._said(at_us, ends, stream, 0)

    def _said(self, at_us: int, ends: _Ends, stream: _Stream, before: int) -> Iterator[Spoken]:
        """The whole messages of a stream; a segment begins at `before`."""
        port = next(port for port in reversed(ends.ports) if port in self._ports)
        protocol = self._ports[port]
        self._join(stream)
        for octets in self._cut(at_us, ends, stream, protocol, before):
            yield Spoken(at_us, ends.sender, ends.receiver, protocol, octets, ends.ports[1] == port)

    def _join(self, stream: _Stream) -> None:
        """Append the segments whose turn it is; what came before is cut off or dropped."""
        again = True
        while again and stream.next is not None:
            again = False
            for number in list(stream.early):
                behind = (stream.next - number) % _MOD
                if behind >= 1 << 31:
                    continue  # it is still ahead
                data = stream.early.pop(number)[behind:]
                stream.ready += data
                stream.next = (stream.next + len(data)) % _MOD
                again = again or bool(data)

    def _cut(self, at_us: int, ends: _Ends, stream: _Stream, protocol: str, before: int) -> Iterator[bytes]:
        """The whole messages of what is ready; a segment begins at `before`."""
        if stream.inside and not self._finds(at_us, ends, stream, protocol, before):
            return
        while stream.ready:
            fault, length = "", 0
            try:
                length = _LENGTHS[protocol](stream.ready)
            except WireError as error:
                fault = str(error)
            if not fault and max(length, len(stream.ready)) > _MOST_OCTETS:
                fault = f"{protocol}: a message says that it has {length} octets; 1048576 are read"
            if fault:
                self.faults.append((at_us, f"{ends.words}: {fault}"))
                stream.ready.clear()
                stream.inside = True
                return
            if not length or length > len(stream.ready):
                return
            yield bytes(stream.ready[:length])
            del stream.ready[:length]

    def _finds(self, at_us: int, ends: _Ends, stream: _Stream, protocol: str, before: int) -> bool:
        """Go to where a message begins; what is before it cannot be read."""
        if len(stream.ready) - stream.searched < stream.searched // 2:  # not the same octets again and again
            return False
        every = range(min(len(stream.ready), _MOST_SEARCHED))
        at = next((at for at in every if _begins(protocol, stream.ready, at)), None)
        if at is None and before < len(stream.ready) and _begins(protocol, stream.ready, before, whole=False):
            at = before
        if at and stream.begin is None:
            self.faults.append((at_us, f"{ends.words}: {_INSIDE}"))
        if at is not None and stream.begin is None:
            stream.begin = -1
        stream.inside = at is None
        del stream.ready[: -_MOST_FOUND if at is None else at]
        stream.searched = len(stream.ready) if at is None else 0
        return at is not None

    # --- SCTP -------------------------------------------------------------------------------------

    def _sctp(self, at_us: int, ends: _Ends, packet: bytes) -> Iterator[Spoken]:
        at = 12
        while at + 4 <= len(packet):
            kind, flags, size = struct.unpack_from("!BBH", packet, at)
            if size < 4 or at + size > len(packet):
                return
            if kind == 1:  # INIT: its numbers begin again
                self._heard.pop(ends, None)
            if kind == 0 and size > 16:
                number, _, _, payload = struct.unpack_from("!IHHI", packet, at + 4)
                by_port = next((self._ports[p] for p in ends.ports if p in self._ports), None)
                protocol = _BY_PAYLOAD.get(payload) or (None if payload else by_port)
                if protocol is not None and protocol not in _LENGTHS:
                    data = packet[at + 16 : at + size]
                    whole = self._chunk(at_us, ends, number, (flags, protocol, data))
                    if whole is not None:
                        called = self._ports.get(ends.ports[1]) == protocol
                        yield Spoken(at_us, ends.sender, ends.receiver, protocol, whole, called)
            at += size + -size % 4

    def _chunk(self, at_us: int, ends: _Ends, number: int, chunk: tuple[int, str, bytes]) -> bytes | None:
        """The message that a chunk makes whole; None while chunks of it are missing."""
        heard, waiting = self._heard.setdefault(ends, set()), self._chunks.setdefault(ends, {})
        if (number, chunk[2]) in heard:
            return None
        if len(heard) >= _MOST_HEARD:
            heard.clear()
        heard.add((number, chunk[2]))
        waiting[number] = chunk
        first = number
        while first in waiting and not waiting[first][0] & 2:
            first = (first - 1) % _MOD
        every = [first]
        while every[-1] in waiting and not waiting[every[-1]][0] & 1:
            every.append((every[-1] + 1) % _MOD)
        if every[0] in waiting and every[-1] in waiting:
            return b"".join(waiting.pop(n)[2] for n in every)
        if len(waiting) > _MOST_CHUNKS:
            self._miss(at_us, ends)
            waiting.clear()
        return None

    # --- 2G and 4G radio --------------------------------------------------------------------------

    def _gsmtap(self, at_us: int, ends: _Ends, packet: bytes) -> Iterator[Spoken]:
        head = packet[1] * 4 if len(packet) >= 16 else 0
        if not 16 <= head < len(packet):
            return
        kind, channel, block = packet[2], packet[12], packet[head:]
        if (kind, channel) == (_GSMTAP_LTE, _LTE_BCCH):
            yield Spoken(at_us, ends.sender, ends.receiver, "4G", block)
        elif kind == GSMTAP_UM and channel in (GSMTAP_CBCH, _GSMTAP_CBCH52) and block[0] >> 5 == 1:
            carrier = packet[3:6]  # time slot and frequency
            blocks = self._blocks.setdefault((ends, carrier), [])
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


def _begins(protocol: str, octets: bytearray, at: int, *, whole: bool = True) -> bool:
    """Whether a message begins there that can be read, or if not `whole`, one that may go on."""
    head = octets[at : at + 16]
    try:
        length = _LENGTHS[protocol](head)
        if not _LIKELY[protocol](head) or length > (_MOST_FOUND if whole else _MOST_GUESSED):
            return False
        if not length or at + length > len(octets):
            return not whole
        read_message(protocol, bytes(octets[at : at + length]))
    except OtherMessage:
        return not whole
    except WireError:
        return False
    return True


#: What the first octets of a message look like, as far as its length does not say it.
_LIKELY: Final[dict[str, Callable[[bytearray], bool]]] = {
    "CBSP": lambda head: 0 < head[0] < 0x20 and (len(head) < 5 or 0 < head[4] < 0x20),
    "SABP": lambda head: head[0] & 0x9F == 0 and (len(head) < 2 or head[1] < 16),
    "SMPP": lambda head: len(head) < 8 or head[4] & 0x7F == 0,
}
