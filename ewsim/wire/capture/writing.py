"""From messages to packets: IPv4 with TCP, SCTP or UDP, as the protocols of warnings travel.

Connections are open when the capture begins: no handshakes and no acknowledgements of their own.

References
----------
.. [1] RFC 791 (IP), RFC 9293 (TCP), RFC 9260 (SCTP: DATA chunks, CRC32c), RFC 768 (UDP).
"""

import struct
from functools import cache
from typing import Final, NamedTuple

from ewsim.wire.capture.file import NAMED, RAW_IP, Packet
from ewsim.wire.protocols import cbsp, sabp, smpp

TCP, UDP, SCTP = 6, 17, 132
#: TCP: the port of the side that is called. SCTP: that port, and the payload protocol (IANA).
TCP_PORTS: Final = {"CBSP": cbsp.PORT, "SABP": sabp.PORT, "SMPP": smpp.PORT}
SCTP_PORTS: Final = {"SBc-AP": (29168, 24), "S1AP": (36412, 18), "NGAP": (38412, 60)}
#: Blocks on the radio: the dissector of Wireshark that reads them.
RADIO: Final = {"4G": "lte_rrc.bcch_dl_sch", "5G": "nr-rrc.bcch.dl.sch"}
#: GSMTAP: its port, and the 2G broadcast channel (libosmocore, gsmtap.h).
GSMTAP_PORT: Final = 4729
GSMTAP_UM, GSMTAP_CBCH = 1, 15

_CALLER_PORT: Final = 40000
#: Of a message in one packet: as captures on the sending machine show it, before it is cut for the wire.
_PIECE_OCTETS: Final = 60_000


class Spoken(NamedTuple):
    """A message that one element sends to another, by their names; `caller`: the connection is its own."""

    time_us: int
    sender: str
    receiver: str
    protocol: str
    octets: bytes
    caller: bool = True


def _step(crc: int, bits: int) -> int:
    """The remainder after so many more bits of zeros."""
    for _ in range(bits):
        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc


@cache
def _crc_table() -> tuple[int, ...]:
    """What two octets do to the checksum, for each of their values."""
    one = [_step(n, 8) for n in range(256)]
    return tuple(one[(first := one[n & 0xFF] ^ n >> 8) & 0xFF] ^ first >> 8 for n in range(1 << 16))


def crc32c(octets: bytes) -> int:
    """The checksum of SCTP (RFC 9260, Appendix A), two octets at a step."""
    crc, table = 0xFFFFFFFF, _crc_table()
    for pair in struct.unpack(f"<{len(octets) // 2}H", octets[: len(octets) & ~1]):
        crc = table[(crc ^ pair) & 0xFFFF] ^ crc >> 16
    if len(octets) % 2:
        crc = _step((crc ^ octets[-1]) & 0xFF, 8) ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def internet_sum(octets: bytes) -> int:
    """The checksum of IP, TCP and UDP (RFC 1071)."""
    octets += bytes(len(octets) % 2)
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packer:
    """Makes packets of messages; remembers addresses, and how far each connection is."""

    def __init__(self) -> None:
        self.addresses: dict[str, str] = {}
        self._sent: dict[tuple[str, str, str], int] = {}  # sender, receiver, protocol: octets or chunks
        self._connections: dict[tuple[str, str, str], int] = {}  # caller, other, protocol
        self._packets = 0

    @property
    def names(self) -> dict[str, str]:
        """The names of the addresses, for Wireshark."""
        return {address: name for name, address in self.addresses.items()}

    def address(self, name: str) -> str:
        """The address of an element; 10.0.0.1 is the first that speaks."""
        number = self.addresses.setdefault(name, "")
        if not number:
            n = len(self.addresses)
            self.addresses[name] = number = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        return number

    def pack(self, said: Spoken) -> list[Packet]:
        """The packets that carry a message."""
        if said.protocol in RADIO:
            return [Packet(said.time_us, NAMED, _named(RADIO[said.protocol], said.octets))]
        if said.protocol == "2G":
            head = bytes([2, 4, GSMTAP_UM, 0, *bytes(8), GSMTAP_CBCH, 0, 0, 0])
            data = struct.pack("!4H", GSMTAP_PORT, GSMTAP_PORT, 24 + len(said.octets), 0)
            return [self._ip(said, UDP, data + head + said.octets)]
        pieces = [said.octets[n : n + _PIECE_OCTETS] for n in range(0, len(said.octets), _PIECE_OCTETS)]
        make = self._tcp if said.protocol in TCP_PORTS else self._sctp
        return [make(said, piece, n == 0, n == len(pieces) - 1) for n, piece in enumerate(pieces)]

    def _connection(self, said: Spoken) -> int:
        """The number of the connection that a message belongs to."""
        ends = (said.sender, said.receiver) if said.caller else (said.receiver, said.sender)
        return self._connections.setdefault((*ends, said.protocol), len(self._connections))

    def _ports(self, said: Spoken, port: int) -> tuple[int, int]:
        caller = _CALLER_PORT + self._connection(said) % 20_000
        return (caller, port) if said.caller else (port, caller)

    def _tcp(self, said: Spoken, piece: bytes, first: bool, last: bool) -> Packet:  # noqa: ARG002
        ports = self._ports(said, TCP_PORTS[said.protocol])
        key = (said.sender, said.receiver, said.protocol)
        done = self._sent.get(key, 1)
        other = self._sent.get((said.receiver, said.sender, said.protocol), 1)
        self._sent[key] = done + len(piece)
        flags = 0x5010 | last << 3
        head = struct.pack("!HHIIHHHH", *ports, done & 0xFFFFFFFF, other & 0xFFFFFFFF, flags, 65535, 0, 0)
        pseudo = self._pair(said) + struct.pack("!HH", TCP, len(head) + len(piece))
        check = internet_sum(pseudo + head + piece)
        return self._ip(said, TCP, head[:16] + check.to_bytes(2, "big") + head[18:] + piece)

    def _sctp(self, said: Spoken, piece: bytes, first: bool, last: bool) -> Packet:
        port, payload = SCTP_PORTS[said.protocol]
        ports = self._ports(said, port)
        key = (said.sender, said.receiver, said.protocol)
        messages = (*key[:2], f"{said.protocol} messages")
        tsn, number = self._sent.get(key, 1), self._sent.get(messages, 0)
        self._sent[key], self._sent[messages] = tsn + 1, number + last
        flags = first << 1 | last
        head = (0, flags, 16 + len(piece), tsn & 0xFFFFFFFF, 0, number & 0xFFFF, payload)
        chunk = struct.pack("!BBHIHHI", *head) + piece + bytes(-len(piece) % 4)
        common = struct.pack("!HHI", *ports, 2 * self._connection(said) + said.caller + 1)
        check = crc32c(common + bytes(4) + chunk)
        return self._ip(said, SCTP, common + check.to_bytes(4, "little") + chunk)

    def _pair(self, said: Spoken) -> bytes:
        each = (self.address(said.sender), self.address(said.receiver))
        return bytes(int(part) for address in each for part in address.split("."))

    def _ip(self, said: Spoken, protocol: int, payload: bytes) -> Packet:
        self._packets += 1
        length = 20 + len(payload)
        head = struct.pack("!BBHHHBBH", 0x45, 0, length, self._packets & 0xFFFF, 0x4000, 64, protocol, 0)
        head += self._pair(said)
        check = internet_sum(head).to_bytes(2, "big")
        return Packet(said.time_us, RAW_IP, head[:10] + check + head[12:] + payload)


def _named(dissector: str, octets: bytes) -> bytes:
    """A message with the name of its dissector (Wireshark, wsutil/exported_pdu_tlvs.h: tag 12)."""
    name = dissector.encode()
    name += bytes(-len(name) % 4)
    return struct.pack("!HH", 12, len(name)) + name + bytes(4) + octets
