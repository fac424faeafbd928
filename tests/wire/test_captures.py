"""Capture files and packets: checksums by their published vectors, files there and back."""

import struct

import pytest

from ewsim.errors import WireError
from ewsim.wire.capture.file import NAMED, RAW_IP, Packet, read_capture, write_capture
from ewsim.wire.capture.writing import crc32c, internet_sum

PACKETS = [Packet(1_700_000_000_123_456, RAW_IP, b"abc"), Packet(1_700_000_001_000_000, NAMED, b"")]


def test_checksums_against_published_vectors():
    assert crc32c(b"123456789") == 0xE3069283  # RFC 3720 B.4
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert internet_sum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D  # RFC 1071 3


def test_a_capture_is_read_as_it_was_written():
    names = {"10.0.0.1": "A CBC", "10.0.0.20": "gNB 7"}
    found = {}
    assert list(read_capture(write_capture(PACKETS, names), found)) == PACKETS
    assert found == names


@pytest.mark.parametrize(("order", "magic", "parts"), [("<", 0xA1B2C3D4, 1), (">", 0xA1B23C4D, 1000)])
def test_the_older_format_is_read(order, magic, parts):
    head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, RAW_IP)
    packet = struct.pack(f"{order}IIII", 1_700_000_000, 123_456 * parts, 3, 3) + b"abc"
    assert list(read_capture(head + packet)) == PACKETS[:1]
    with pytest.raises(WireError, match="inside the header"):
        list(read_capture(head + packet + packet[:9]))
    with pytest.raises(WireError, match="says that it has 3 octets, and 2 are left"):
        list(read_capture(head + packet[:-1]))


@pytest.mark.parametrize("octets", [b"", b"%PDF", bytes(40), b"\x0a\x0d\x0d\x0a"])
def test_what_is_no_capture_is_refused(octets):
    with pytest.raises(WireError):
        list(read_capture(octets))
