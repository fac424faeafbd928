"""From a packet to what IP carries in it: links, labels, headers, fragments.

References
----------
.. [1] tcpdump's registry of link types; IEEE 802.1Q; RFC 3032 (MPLS); RFC 2516 (PPPoE).
.. [2] RFC 791 (IPv4); RFC 8200 (IPv6), 4 (extension headers), 4.5 (fragments).
"""

import ipaddress
import struct
from typing import Final, NamedTuple

from ewsim.wire.capture.file import Packet

#: Octets of a link's header, and where its type is; a link that only carries IP has none.
_LINKS: Final = {1: (14, 12), 113: (16, 14), 276: (20, 0)}
_BARE: Final = {101: 0, 228: 0, 229: 0, 12: 0, 14: 0, 0: 4, 108: 4, 9: 4}
_VLAN, _MPLS, _PPPOE, _IP = (0x8100, 0x88A8, 0x9100), 0x8847, 0x8864, (0x0800, 0x86DD)
_OPTIONS, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
_HEADERS: Final = (_OPTIONS, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION)
_MOST_WAITING: Final = 64  # packets of which fragments are missing


class Carried(NamedTuple):
    """A transport protocol, who sends to whom, the payload, and how many octets of it were not captured."""

    protocol: int
    sender: str
    receiver: str
    payload: bytes
    missing: int


class Links:
    """Opens packets; remembers fragments."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, dict[int, bytes]] = {}

    def carried(self, packet: Packet) -> Carried | None:
        """What a packet carries; None for all that is not IP, and for a fragment while others are missing."""
        octets = _ip(packet)
        version = octets[0] >> 4 if octets else 0
        if version == 4 and len(octets) >= 20:
            return self._four(octets)
        return self._six(octets) if version == 6 and len(octets) >= 40 else None

    def _four(self, octets: bytes) -> Carried | None:
        head, (length, number, part) = (octets[0] & 0xF) * 4, struct.unpack_from("!3H", octets, 2)
        end = length or len(octets)  # 0: the sender's network card cuts it into packets
        if head < 20 or end < head:
            return None
        missing = max(end - len(octets), 0)
        payload, ends = octets[head:end], (octets[12:16], octets[16:20])
        if part & 0x3FFF:
            key = b"".join(ends) + bytes([octets[9]]) + number.to_bytes(2, "big")
            whole = None if missing else self._joined(key, 8 * (part & 0x1FFF), part & 0x2000, payload)
            if whole is None:
                return None
            payload = whole
        return Carried(octets[9], *_addresses(*ends), payload, missing)

    def _six(self, octets: bytes) -> Carried | None:
        length, following = struct.unpack_from("!HB", octets, 4)
        end, at, ends = 40 + length if length else len(octets), 40, (octets[8:24], octets[24:40])
        missing = max(end - len(octets), 0)
        key, part = b"", 0
        while following in _HEADERS and at + 8 <= len(octets):
            kind, following, size = following, octets[at], octets[at + 1]
            if kind == _FRAGMENT:
                part = int.from_bytes(octets[at + 2 : at + 4], "big")
                key = b"".join(ends) + octets[at + 4 : at + 8]
                size = 0
            at += (size + 2) * 4 if kind == _AUTHENTICATION else (size + 1) * 8
        payload = octets[at:end]
        if part & 0xFFF9:
            whole = None if missing else self._joined(key, part & 0xFFF8, part & 1, payload)
            if whole is None:
                return None
            payload = whole
        return Carried(following, *_addresses(*ends), payload, missing)

    def _joined(self, key: bytes, at: int, more: int, data: bytes) -> bytes | None:
        """The payload that a fragment makes whole."""
        parts = self._waiting.setdefault(key, {})
        parts[at] = data
        if not more:
            parts[-1] = b""  # its last fragment is there
        whole = b""
        while parts.get(len(whole)):
            whole += parts[len(whole)]
        if -1 in parts and len(whole) >= max(n + len(part) for n, part in parts.items()):
            del self._waiting[key]
            return whole
        if len(self._waiting) > _MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        return None


def _ip(packet: Packet) -> bytes:
    """The IP packet in a packet of any link; empty where there is none."""
    octets = packet.octets
    if packet.link in _BARE:
        return octets[_BARE[packet.link] :]
    if packet.link not in _LINKS:
        return b""
    head, where = _LINKS[packet.link]
    kind = int.from_bytes(octets[where : where + 2], "big")
    while kind in _VLAN:
        kind, head = int.from_bytes(octets[head + 2 : head + 4], "big"), head + 4
    if kind == _MPLS:
        while head + 4 <= len(octets) and not octets[head + 2] & 1:  # the last label says so
            head += 4
        return octets[head + 4 :]
    if kind == _PPPOE:
        return octets[head + 8 :]
    return octets[head:] if kind in _IP else b""


def _addresses(sender: bytes, receiver: bytes) -> tuple[str, str]:
    return str(ipaddress.ip_address(sender)), str(ipaddress.ip_address(receiver))
