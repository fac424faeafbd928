"""Messages out of packets: streams cut anywhere, other links, damage, other people's traffic."""

import random
import struct
import time

import pytest
from messages import CODING, HEAD, PAGES, TEXT
from packets import NOW, SAID, SPOKEN, listened, packed

from ewsim.wire.capture.file import RAW_IP, Packet, read_capture, write_capture
from ewsim.wire.capture.writing import Packer, Spoken
from ewsim.wire.findings import Findings
from ewsim.wire.places import WireCell
from ewsim.wire.protocols import cbsp
from ewsim.wire.protocols.pages import Page
from ewsim.wire.speaking import WireWarning


@pytest.mark.parametrize("size", [3, 100, 60_000])
def test_messages_are_joined_from_pieces(size):
    heard, faults = listened(packed(SPOKEN, size))
    assert sorted(heard) == SAID
    assert not faults


def test_segments_that_come_twice_and_in_disorder_are_put_in_order():
    packets = packed([s for s in SPOKEN if s.protocol in ("CBSP", "SMPP", "SABP")], 200)
    luck = random.Random(1)
    for at in range(1, len(packets) - 3, 3):
        some = packets[at : at + 3]
        luck.shuffle(some)
        packets[at : at + 3] = some
    heard, faults = listened([p for packet in packets for p in (packet, packet)])
    assert sorted(heard) == sorted(s for s in SAID if s[0] in ("CBSP", "SMPP", "SABP"))
    assert not faults


def test_a_hole_in_the_capture_is_said_and_left_behind():
    cbsp_only = [s for s in SPOKEN if s.protocol == "CBSP"] * 20
    packets = packed(cbsp_only, 60_000)
    heard, faults = listened(packets[:3] + packets[4:])
    assert len(heard) == len(cbsp_only) - 1
    assert "octets are missing" in faults[0][1]


def link(packet, kind):
    """The packet on another link."""
    head = {
        1: bytes(12) + b"\x08\x00",
        113: bytes(14) + b"\x08\x00",
        276: b"\x08\x00" + bytes(18),
        0: b"\x02\0\0\0",
    }
    if kind == "vlan":
        return Packet(packet.time_us, 1, bytes(12) + b"\x81\x00\x00\x07\x08\x00" + packet.octets)
    return Packet(packet.time_us, kind, head[kind] + packet.octets)


@pytest.mark.parametrize("kind", [1, 113, 276, 0, "vlan"])
def test_messages_are_heard_on_every_link(kind):
    packets = packed(SPOKEN[:3], 60_000)
    assert len(listened([link(p, kind) for p in packets])[0]) == 3


def test_messages_are_heard_over_ipv6():
    [packet] = packed([s for s in SPOKEN if s.protocol == "S1AP"][:1], 60_000)
    payload = packet.octets[20:]
    six = struct.pack("!IHBB", 6 << 28, len(payload), 132, 64) + bytes(15) + b"\1" + bytes(16) + payload
    heard, _ = listened([Packet(NOW, RAW_IP, six)])
    assert len(heard) == 1


def test_other_traffic_is_passed_over():
    luck = random.Random(2)
    noise = [Packet(NOW, luck.choice([0, 1, 101, 113, 147, 252, 276]), luck.randbytes(n)) for n in range(400)]
    found = Findings()
    found.read(noise)
    assert (found.packets, found.messages, found.faults) == (400, 0, [])


def test_damaged_captures_are_read_as_far_as_they_go():
    packer = Packer()
    whole = write_capture(packed(SPOKEN, 300)[:200], packer.names)
    luck = random.Random(3)
    for _ in range(50):
        octets = bytearray(whole)
        for _ in range(luck.randrange(1, 40)):
            octets[luck.randrange(28, len(octets))] = luck.randrange(256)
        found = Findings()
        found.read(read_capture(bytes(octets[: luck.randrange(40, len(octets))])))
        assert all("\n" not in fault for _, fault in found.faults)


def found_in(*octets, protocol="CBSP"):
    found = Findings()
    found.read(packed([Spoken(NOW + n, "a", "b", protocol, o) for n, o in enumerate(octets)], 60_000))
    assert not found.faults
    return found


def test_two_texts_under_one_number_are_a_fault():
    cells = [WireCell(1, 1, 0)]
    found = found_in(*(WireWarning(4371, 0x4010, text).cbsp(cells).octets for text in ("Go.", "Stay.")))
    [warning] = found.warnings.values()
    assert list(warning.texts) == ["Go.", "Stay."]
    assert any("two different texts" in fault for fault in warning.faults)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"page_count": 9}, "says that it has 9 pages"),
        ({"pages": (Page(PAGES[0].octets, 20), *PAGES[1:])}, "page 1 says only 20 of its 82 octets"),
        ({"old_serial_number": 0x4010}, "the old serial number is the new one"),
        ({"cells": (cbsp.Cell(cbsp.ALL_CELLS),)}, ""),
        ({"cells": (cbsp.Cell(1, b"\0\1\0\1"),) * 2}, "names some of its 2 entries twice"),
        ({"coding": 0x48, "pages": (Page(b"\xd8\x00" * 41, 82),), "page_count": 1}, "no characters for"),
        ({"pages": (Page(bytes(82), 0),), "page_count": 1}, "the text is empty"),
    ],
)
def test_faults_of_a_warning_are_found(change, says):
    values = {**HEAD, "cells": (cbsp.Cell(1, b"\0\1\0\1"),), "page_count": len(PAGES), "coding": CODING}
    octets = cbsp.encode("WRITE-REPLACE", values | {"pages": PAGES} | change)
    [warning] = found_in(octets).warnings.values()
    assert any(says in fault for fault in warning.faults) if says else not warning.faults


def test_a_stop_of_nothing_is_a_fault():
    warning = WireWarning(4371, 0x4010, TEXT)
    cells = [WireCell(1, 1, 0)]
    [alone] = found_in(warning.stop("CBSP", cells).octets).warnings.values()
    assert any("stops a warning that the capture does not have" in fault for fault in alone.faults)
    [both] = found_in(warning.cbsp(cells).octets, warning.stop("CBSP", cells).octets).warnings.values()
    assert not both.faults


@pytest.mark.parametrize(
    ("identifier", "number", "period_s", "says"),
    [
        (4371, 0, 0, "the number of broadcasts is 0"),
        (4371, 3, 0, "needs a repetition period"),
        (4371, 1, 0, ""),
    ],
)
def test_numbers_of_broadcasts_that_mean_nothing_are_faults(identifier, number, period_s, says):
    asked = WireWarning(identifier, 0x4010, TEXT, period_s, broadcasts=number).s1ap([WireCell(1, 1, 0)])
    [warning] = found_in(asked.octets, protocol="S1AP").warnings.values()
    assert any(says in fault for fault in warning.faults) if says else not warning.faults


def test_the_text_of_a_tsunami_warning_is_asked_for_so_often_as_base_stations_broadcast_it():
    """0 would mean no broadcast of a secondary notification (TS 29.168)."""
    cells = [WireCell(1, 1, 0)]
    for etws in ("both", "secondary"):
        warning = WireWarning(4353, 0x4010, TEXT, etws=etws)
        assert warning.sbcap(cells).values["broadcasts"] == 65_535
        assert warning.cbsp(cells).values["broadcasts"] == 0
    [found] = found_in(warning.ngap(cells).octets, protocol="NGAP").warnings.values()
    assert not found.faults


def test_a_geofencing_trigger_has_no_text_and_that_is_no_fault():
    [found] = found_in(WireWarning(4400, 0x4010, "").cbsp([WireCell(1, 1, 0)]).octets).warnings.values()
    assert not found.faults


def test_a_primary_notification_has_no_text():
    cells = [WireCell(1, 1, 0)]
    primary = WireWarning(4353, 0x4010, "", etws="primary")
    for said in (primary.cbsp(cells), primary.sabp(cells), primary.s1ap(cells)):
        [warning] = found_in(said.octets, protocol=said.protocol).warnings.values()
        assert not warning.texts
        assert not warning.faults
    assert [block.name for block in primary.radio("4G")] == ["SIB10"]
    secondary = WireWarning(4353, 0x4020, TEXT, etws="secondary")
    assert {block.name for block in secondary.radio("5G")} == {"SIB7"}
    assert "warning_type" not in secondary.s1ap(cells).values
    assert "warning_type" not in secondary.sabp(cells).values
    both = WireWarning(4353, 0x4020, TEXT).sabp(cells)
    assert (both.values["paging"], both.values["warning_type"]) == ("paging", b"\x03\x80")


def test_a_long_message_in_many_pieces_takes_no_time():
    octets = b"\x01" + (60_000).to_bytes(3, "big") + b"\x0e" + bytes(39_999)
    start = time.perf_counter()
    heard, faults = listened(packed([Spoken(NOW, "a", "b", "CBSP", octets)], 8))
    assert (heard, [fault for _, fault in faults]) == (
        [],
        ["10.0.0.1 to 10.0.0.2: the capture ends inside a message"],
    )
    assert time.perf_counter() - start < 20
