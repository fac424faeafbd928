"""Wireshark's dissectors read every message without a malformed mark, with the fields we meant."""

import os
import shutil
import subprocess
from collections import Counter

import pytest
from messages import CODING, PAGES, TEXT, applications, cbsp_messages, radio_blocks, smpp_messages

from ewsim.wire.capture.file import write_capture
from ewsim.wire.capture.writing import Packer, Spoken
from ewsim.wire.protocols.pages import CbsMessage, put_blocks, put_cbs

TSHARK = shutil.which("tshark")
REQUIRED = os.environ.get("EWSIM_REQUIRE_TSHARK") == "1"
pytestmark = pytest.mark.skipif(
    not (TSHARK or REQUIRED), reason="tshark is not installed: apt-get install tshark"
)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """A file with every message of every protocol."""
    packer, packets = Packer(), []

    def say(protocol, octets):
        spoken = Spoken(1_700_000_000_000_000 + 1000 * len(packets), "a", "b", protocol, octets)
        packets.extend(packer.pack(spoken))

    for protocol, _, _, octets in applications():
        say(protocol.name, octets)
    for _, _, octets in cbsp_messages():
        say("CBSP", octets)
    for _, _, octets in smpp_messages():
        say("SMPP", octets)
    for rat, _, octets in radio_blocks():
        say(rat, octets)
    for number, page in enumerate(PAGES, 1):
        message = CbsMessage(0x4010, 4371, CODING, number, len(PAGES), page.octets)
        for block in put_blocks(put_cbs(message)):
            say("2G", block)
    path = tmp_path_factory.mktemp("wire") / "all.pcap"
    path.write_bytes(write_capture(packets, packer.names))
    return path


def tshark(*arguments):
    assert TSHARK, "EWSIM_REQUIRE_TSHARK=1, and there is no tshark"
    done = subprocess.run([TSHARK, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fields(capture, which, *names):
    """The fields of the packets that a filter chooses, a row each."""
    asked = [word for name in names for word in ("-e", name)]
    rows = tshark("-r", capture, "-Y", which, "-T", "fields", *asked).splitlines()
    return [row.split("\t") for row in rows]


def test_nothing_is_malformed(capture):
    assert tshark("-r", capture, "-Y", "_ws.malformed") == ""
    for protocol, setting in (("sctp", "checksum"), ("tcp", "check_checksum"), ("ip", "check_checksum")):
        value = "CRC-32c" if protocol == "sctp" else "TRUE"
        options = ("-o", f"{protocol}.{setting}:{value}", "-T", "fields", "-e", f"{protocol}.checksum.status")
        found = tshark("-r", capture, "-Y", protocol, *options).split()
        assert set(found) == {"1"}, protocol  # good


def test_every_message_is_read_as_its_protocol(capture):
    wanted = Counter(protocol.name for protocol, *_ in applications())
    for name, dissector in {"SABP": "sabp", "SBc-AP": "sbcap", "S1AP": "s1ap", "NGAP": "ngap"}.items():
        rows = fields(capture, dissector, "frame.number")
        assert len(rows) == wanted[name], name
    assert len(fields(capture, "cbsp", "frame.number")) == len(list(cbsp_messages()))
    assert len(fields(capture, "smpp", "frame.number")) == len(list(smpp_messages()))
    blocks = Counter(rat for rat, _, _ in radio_blocks())
    assert len(fields(capture, "lte_rrc", "frame.number")) == blocks["4G"]
    assert len(fields(capture, "nr-rrc", "frame.number")) == blocks["5G"]


def test_the_text_is_what_we_meant(capture):
    text = "".join(TEXT.split()).replace(",", "")
    for which, name in (
        ("cbsp.cb_page_content", "cbsp.cb_page_content"),
        ("sabp.cb_page_content", "sabp.cb_page_content"),
        ("gsm_cbs.page_content", "gsm_cbs.page_content"),
    ):
        rows = fields(capture, which, name)
        assert rows
        found = "".join(rows[-1][0].replace("\\r", "").replace("\\n", "").split()).replace(",", "")
        assert len(found) > 50, which
        assert found in text, which


def test_numbers_are_what_we_meant(capture):
    for which, name in (
        ("ngap.SerialNumber", "ngap.SerialNumber"),
        ("s1ap.SerialNumber", "s1ap.SerialNumber"),
        ("sbc-ap.Serial_Number", "sbc-ap.Serial_Number"),
        ("sabp.New_Serial_Number", "sabp.New_Serial_Number"),
        ("lte-rrc.serialNumber", "lte-rrc.serialNumber"),
        ("nr-rrc.serialNumber", "nr-rrc.serialNumber"),
        ("cbsp.new_serial_nr", "cbsp.new_serial_nr"),
    ):
        rows = fields(capture, which, name)
        assert {row[0].replace(":", "").removeprefix("0x") for row in rows} == {"4010"}, which
    codes = fields(capture, "ngap.SerialNumber", "ngap.SerialNumber.msg_code", "ngap.SerialNumber.gs")
    assert {(int(code), int(scope)) for code, scope in codes} == {(1, 1)}
