"""Captures as other people's tools and networks make them: files, links, IP, streams in pieces and holes."""

import random
import struct

import pytest
from packets import NOW, SAID, SPOKEN, listened, packed

from ewsim.wire.capture.file import RAW_IP, Packet, read_capture
from ewsim.wire.capture.writing import Packer, Spoken
from ewsim.wire.findings import Findings
from ewsim.wire.protocols.pages import CbsMessage, put_blocks, put_cbs

BASE = packed(SPOKEN, 60_000)
RAW = [packet.octets for packet in BASE]


def block(order, kind, body):
    size = struct.pack(f"{order}I", 12 + len(body) + -len(body) % 4)
    return struct.pack(f"{order}I", kind) + size + body + bytes(-len(body) % 4) + size


def options(order, *given):
    made = b"".join(struct.pack(f"{order}HH", code, len(v)) + v + bytes(-len(v) % 4) for code, v in given)
    return made + bytes(4)


def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order, link, *given):
    return block(order, 1, struct.pack(f"{order}HHI", link, 0, 0) + options(order, *given))


def enhanced(order, number, time, octets):
    head = struct.pack(f"{order}5I", number, time >> 32, time & 0xFFFFFFFF, len(octets), len(octets))
    return block(order, 6, head + octets + bytes(-len(octets) % 4) + options(order, (1, b"a comment")))


def ethernet(octets):
    return bytes(12) + b"\x08\0" + octets


@pytest.mark.parametrize("order", "<>")
def test_a_file_has_interfaces_of_several_links_and_clocks(order):
    """Nanoseconds, microseconds with an offset, parts of two; blocks that say nothing about packets."""
    late = struct.pack(f"{order}q", 1000)
    octets = section(order) + interface(order, 1, (2, b"eth0"), (9, b"\x09"))
    octets += interface(order, 113, (9, b"\x06"), (14, late)) + interface(order, 101, (9, b"\x94"))
    octets += block(order, 0x0BAD, b"\0\0\0\1custom")
    for n, packet in enumerate(RAW[:30]):
        made = (
            (0, NOW * 1000, ethernet(packet)),
            (1, NOW - 10**9, bytes(14) + b"\x08\0" + packet),
            (2, -(-NOW * 2**20 // 10**6), packet),
        )
        octets += enhanced(order, *made[n % 3])
    old = struct.pack(f"{order}HH4I", 2, 0, 0, 0, len(RAW[30]), len(RAW[30])) + RAW[30]
    packets = list(read_capture(octets + block(order, 2, old)))
    assert {packet.time_us for packet in packets} == {NOW, 0}
    assert listened(packets)[0] == [(s.protocol, s.octets) for s in SPOKEN[:31]]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "parts"), [(0xA1B2C3D4, 1), (0xA1B23C4D, 1000), (0xA1B2CD34, 1)])
def test_every_kind_of_pcap_is_read(order, magic, parts):
    octets = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65_535, 101)
    for packet in RAW[:9]:
        size = (len(packet), len(packet))
        octets += struct.pack(f"{order}4I", NOW // 10**6, NOW % 10**6 * parts, *size)
        octets += (bytes(8) if magic == 0xA1B2CD34 else b"") + packet
    packets = list(read_capture(octets))
    assert {packet.time_us for packet in packets} == {NOW}
    assert len(listened(packets)[0]) == 9


LINKS = {
    "cooked with VLAN": (113, bytes(14) + b"\x81\0\0\x07\x08\0"),
    "cooked 2 with VLAN": (276, b"\x81\0" + bytes(18) + b"\0\x07\x08\0"),
    "two VLANs": (1, bytes(12) + b"\x91\0\0\x01\x81\0\0\x07\x08\0"),
    "MPLS": (1, bytes(12) + b"\x88\x47\0\x01\0\x40\0\x02\x01\x40"),
    "PPPoE": (1, bytes(12) + b"\x88\x64\x11\0\0\x01\0\0\0\x21"),
    "PPP": (9, b"\xff\x03\0\x21"),
    "raw": (14, b""),
}


@pytest.mark.parametrize("name", LINKS)
def test_links_have_labels(name):
    kind, head = LINKS[name]
    assert sorted(listened([Packet(NOW, kind, head + packet) for packet in RAW])[0]) == SAID


def six(packet, following=None, extra=b""):
    """The packet in IPv6."""
    payload = extra + packet[20:]
    kind = packet[9] if following is None else following
    return struct.pack("!IHBB", 6 << 28, len(payload), kind, 64) + bytes(31) + b"\1" + payload


def in_fragments(packet, size=64):
    """The packet in fragments."""
    payload, made = packet[20:], []
    for at in range(0, len(payload), size):
        piece = payload[at : at + size]
        part = (0x2000 if at + size < len(payload) else 0) | at // 8
        head = packet[:2] + struct.pack("!H", 20 + len(piece)) + packet[4:6] + struct.pack("!H", part)
        made.append(head + packet[8:20] + piece)
    return made


def six_fragments(packet):
    protocol, at = packet[9], len(packet[20:]) // 16 * 8
    rest = (packet[:20] + packet[20 + at :], packet[: 20 + at])  # the second one first
    return [
        six(piece, 44, struct.pack("!BBHI", protocol, 0, offset, 7) + b"")
        for piece, offset in zip(rest, (at, 1), strict=True)
    ]


WAYS = {
    "options": lambda p: [six(p, 0, bytes([60, 0]) + bytes(6) + bytes([p[9], 1]) + bytes(14))],
    "a fragment that is whole": lambda p: [six(p, 44, bytes([p[9], 0, 0, 0, 0, 0, 0, 9]))],
    "two fragments": six_fragments,
    "IPv4 fragments": in_fragments,
    "IPv4 fragments in disorder": lambda p: in_fragments(p)[::-1],
}


@pytest.mark.parametrize("way", WAYS)
def test_packets_come_in_parts_and_with_options(way):
    packets = [Packet(NOW, RAW_IP, piece) for packet in RAW for piece in WAYS[way](packet)]
    assert sorted(listened(packets)[0]) == SAID


def test_chunks_come_in_disorder_and_again_and_one_is_missing():
    over_sctp = [s for s in SPOKEN if s.protocol in ("S1AP", "NGAP", "SBc-AP")]
    said, packets, luck = (
        sorted((s.protocol, s.octets) for s in over_sctp),
        packed(over_sctp, 60),
        random.Random(4),
    )
    mixed = list(packets)
    for at in range(0, len(mixed), 5):
        some = mixed[at : at + 5]
        luck.shuffle(some)
        mixed[at : at + 5] = some
    heard, faults = listened(mixed + mixed[:9])
    assert (sorted(heard), faults) == (said, [])
    first_of_two = next(n for n, packet in enumerate(packets) if packet.octets[33] & 3 == 2)
    heard, faults = listened(packets[:first_of_two] + packets[first_of_two + 1 :])
    assert len(heard) == len(said) - 1
    assert "octets are missing in the capture" in faults[0][1]


# --- TCP --------------------------------------------------------------------------------------------

OVER_TCP = [s.octets for s in SPOKEN if s.protocol == "CBSP"]
STREAM = b"".join(OVER_TCP)


def tcp(number, data, flags=0x10, port=48049):
    head = struct.pack("!HHIIHHHH", 40_000, port, number % 2**32, 1, 0x5000 | flags, 65_535, 0, 0)
    length = 20 + len(head) + len(data)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, length, 1, 0x4000, 64, 6, 0) + b"\x0a\0\0\x01\x0a\0\0\x02"
    return Packet(NOW, RAW_IP, ip + head + data)


def segments(size, first=1, step=None):
    return [tcp(first + at, STREAM[at : at + size]) for at in range(0, len(STREAM), step or size)]


def heard_of(packets, ports=None):
    heard, faults = listened(packets, ports)
    return [octets for _, octets in heard], [fault for _, fault in faults]


SYN = tcp(0, b"", 2)
STREAMS = {
    "numbers begin again": segments(100, 2**32 - 250),
    "segments overlap": segments(150, step=100),
    "the handshake twice": [SYN, *segments(90)[:5], SYN, *segments(90)],
    "tens the other way round": [
        SYN,
        *(p for n in range(0, 999, 10) for p in segments(50)[n : n + 10][::-1]),
    ],
    "the first two, without a handshake": [*segments(100)[:2][::-1], *segments(100)[2:]],
    "a shorter one again": [SYN, tcp(101, STREAM[100:]), tcp(101, STREAM[100:150]), tcp(1, STREAM[:100])],
    "data with the handshake": [tcp(0, STREAM[:100], 2), tcp(101, STREAM[100:])],
    "keep-alives": [SYN, *(p for n, each in enumerate(segments(100)) for p in (tcp(100 * n, b"\0"), each))],
}


@pytest.mark.parametrize("what", STREAMS)
def test_a_stream_is_put_in_order(what):
    assert heard_of(STREAMS[what]) == (OVER_TCP, [])


def test_what_a_stream_says_after_a_gap_is_read():
    """A capture begins inside a message, misses a segment, ends inside a message."""
    heard, faults = heard_of(segments(70)[1:])
    assert heard == OVER_TCP[1:]
    assert faults == ["10.0.0.1 to 10.0.0.2: the capture begins inside a message"]
    for lost in (4, 9):
        pieces = [p for n, p in enumerate(segments(70)) if n != lost]
        at = next(n for n in range(len(OVER_TCP)) if sum(map(len, OVER_TCP[: n + 1])) > 70 * lost)
        heard, faults = heard_of([SYN, *pieces])
        assert heard[:at] == OVER_TCP[:at]
        assert len(heard) > at
        assert set(heard) <= set(OVER_TCP)
        assert "octets are missing" in faults[0]
    [fault] = heard_of([SYN, *segments(70)[:1]])[1]
    assert "ends inside a message" in fault


@pytest.mark.parametrize("size", [54, 80, 120, 200])
def test_packets_that_were_cut_short_are_counted_and_the_others_read(size):
    heard, faults = listened([packet._replace(octets=packet.octets[:size]) for packet in BASE])
    whole = [s for s, octets in zip(SPOKEN, RAW, strict=True) if len(octets) <= size]
    assert sorted(heard) == sorted((s.protocol, s.octets) for s in whole)
    assert any("only the first octets are in the capture" in fault for _, fault in faults)


def test_a_protocol_may_have_another_port():
    packets = [tcp(1, STREAM, port=48_050)]
    assert heard_of(packets) == ([], [])
    assert heard_of(packets, {48_050: "CBSP"}) == (OVER_TCP, [])


def test_two_carriers_send_their_blocks_at_once():
    """GSMTAP of two cells, whose blocks come in turns."""
    blocks = [put_blocks(put_cbs(CbsMessage(0x4010, 4371, 0x0F, 1, 1, bytes([n]) * 82))) for n in (1, 2)]
    packets = []
    for pair in zip(*blocks, strict=True):
        for carrier, octets in enumerate(pair):
            [packet] = Packer().pack(Spoken(NOW, "cell", "phones", "2G", octets))
            at = 20 + 8 + 4  # the frequency, after IP, UDP and four octets
            packet = packet._replace(
                octets=packet.octets[:at] + bytes([0, carrier]) + packet.octets[at + 2 :]
            )
            packets.append(packet)
    assert len(listened(packets)[0]) == 2


def test_nothing_of_a_capture_is_trusted():
    """Octets of packets and of headers changed at random; no error but a fault, no endless memory."""
    luck, packets = random.Random(6), segments(300) + BASE[:60]
    for _ in range(12):
        changed = []
        for packet in packets:
            octets = bytearray(packet.octets[: luck.choice([len(packet.octets), luck.randrange(1, 90)])])
            octets[luck.randrange(min(len(octets), 48))] = luck.randrange(256)
            changed.append(packet._replace(octets=bytes(octets)))
        found = Findings()
        found.read(changed)
        assert found.packets == len(packets)
