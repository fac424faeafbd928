"""Every message of every protocol: there and back, and what is wrong is one clear error."""

import random

import pytest
from messages import (
    APPLICATIONS,
    CONTENTS,
    HEAD,
    PAGES,
    TEXT,
    applications,
    cbsp_messages,
    page,
    radio_blocks,
    smpp_messages,
)

from ewsim import coding
from ewsim.errors import WireError
from ewsim.wire import per
from ewsim.wire.protocols import cbsp, rrc, smpp
from ewsim.wire.protocols.ngap import NGAP
from ewsim.wire.protocols.pages import (
    CbsMessage,
    get_cbs,
    get_contents,
    pages_of,
    put_blocks,
    put_cbs,
    put_contents,
    read_page,
    unpack,
)
from ewsim.wire.protocols.s1ap import S1AP
from ewsim.wire.protocols.sabp import SABP, message_length
from ewsim.wire.reading import read_message, text_of


def pack(text):
    """The septets of a text of the default alphabet, packed."""
    codes = [code for c in text for code in coding.septets(c)]
    number = sum(code << 7 * n for n, code in enumerate(codes))
    return number.to_bytes(-(-7 * len(codes) // 8), "little")


def test_application_messages_come_back():
    count = 0
    for protocol, message, values, octets in applications():
        assert protocol.decode(octets) == (message.name, values)
        count += 1
    assert count == 6 * sum(len(protocol.messages) for protocol in APPLICATIONS)


def test_application_messages_against_pycrate():
    theirs = {}
    for name in ("S1AP", "NGAP", "SABP"):
        module = pytest.importorskip(f"pycrate_asn1dir.{name}", reason="pycrate is not installed")
        theirs[name] = getattr(getattr(module, f"{name}_PDU_Descriptions"), f"{name}_PDU")
    for protocol, message, _, octets in applications():
        if pdu := theirs.get(protocol.name):
            pdu.from_aper(octets)
            assert pdu.to_aper() == octets, (protocol.name, message.name)


def test_radio_blocks_come_back_and_agree_with_pycrate():
    for rat, block, octets in radio_blocks():
        assert rrc.decode_information(rat, octets) == [block]
    pytest.importorskip("pycrate_asn1dir", reason="pycrate is not installed")
    from pycrate_asn1dir import RRCLTE, RRCNR

    theirs = {"4G": RRCLTE.EUTRA_RRC_Definitions, "5G": RRCNR.NR_RRC_Definitions}
    for rat, block, octets in radio_blocks():
        message = theirs[rat].BCCH_DL_SCH_Message
        message.from_uper(octets)
        assert message.to_uper() == octets, (rat, block.name)


def test_cbsp_messages_come_back():
    for name, values, octets in cbsp_messages():
        assert cbsp.decode(octets) == (name, values)


def test_smpp_messages_come_back():
    for name, values, octets in smpp_messages():
        read, fields = smpp.decode(octets)
        assert read == name
        assert fields.items() >= values.items()


def test_long_texts_are_read_from_their_parts():
    for text in (TEXT, TEXT.replace("€", "Ж"), "short", ""):
        parts = [smpp.read_text(fields) for fields in smpp.text_fields(text, reference=3)]
        assert "".join(part for part, _ in parts) == text
        assert [where for _, where in parts] == [
            (3 if len(parts) > 1 else 0, n, len(parts)) for n in range(1, len(parts) + 1)
        ]


def test_a_receipt_names_its_message_and_state():
    fields = {"esm_class": smpp.RECEIPT, "short_message": smpp.receipt("b2", "UNDELIV")}
    assert smpp.read_receipt(fields) == ("b2", "UNDELIV")
    assert smpp.read_receipt({"esm_class": 0, "short_message": b""}) is None


@pytest.mark.parametrize("text", [TEXT, "Ж" * 100, "{[€]}", "x" * 93, ""])
def test_pages_are_read_as_they_were_written(text):
    made = coding.encode_cb(text)
    scheme, pages = pages_of(text)
    assert get_contents(put_contents(pages)) == pages
    assert "".join(read_page(scheme, p.octets[: p.used])[0] for p in pages) == made.text


def test_a_text_may_start_with_its_language():
    assert read_page(0x10, pack("fr\rBonjour")) == ("Bonjour", "fr")
    assert read_page(0x11, pack("el") + "Νερό".encode("utf-16-be")) == ("Νερό", "el")
    assert read_page(0x44, b"\1\2")[0] == "01 02"


@pytest.mark.parametrize(("packed", "text"), [("c8329bfd06", "Hello"), ("e8329bfd06", "hello")])
def test_septets_as_ts_23_038_packs_them(packed, text):
    assert pack(text).hex() == packed
    assert unpack(bytes.fromhex(packed)) == text


def test_a_page_on_2g_is_four_blocks():
    message = CbsMessage(0x4010, 4371, 0x0F, 2, 3, PAGES[0].octets)
    octets = put_cbs(message)
    assert get_cbs(octets) == message
    blocks = put_blocks(octets)
    assert [b[0] for b in blocks] == [0x20, 0x21, 0x22, 0x33]  # TS 44.012 3.3.1: the last says so
    assert b"".join(b[1:] for b in blocks) == octets


def test_a_short_page_takes_fewer_blocks():
    """As Osmocom's controller sends it: the last block says that it is the last (TS 44.012 3.3.1)."""
    whole = put_cbs(CbsMessage(0x4010, 4371, 0x0F, 1, 1, pack("Go up.").ljust(82, b"\0")))
    [(name, fields)] = read_message("2G", whole[:22])
    assert (name, fields["serial_number"]) == ("page", 0x4010)
    assert text_of(0x0F, fields["pages"]).rstrip("@") == "Go up."
    for octets in (b"", whole[:21], whole[:23], whole + bytes(22)):
        with pytest.raises(WireError, match="22, 44, 66 or 88"):
            get_cbs(octets)


def test_segments_come_in_any_order_and_twice():
    blocks = rrc.warning_blocks("4G", HEAD, 15, CONTENTS, 100)
    random.Random(4).shuffle(blocks)
    assembly = rrc.Assembly()
    got = [assembly.add(block) for block in [*blocks[:2], *blocks]]
    assert got[-1] == CONTENTS
    assert got[:-1] == [None] * (len(got) - 1)


def test_segments_that_disagree_are_refused():
    first, *_, last = rrc.warning_blocks("4G", HEAD, 15, CONTENTS, 100)
    other = rrc.Block(first.name, {**first.fields, "segment": b"other"})
    assembly = rrc.Assembly()
    assembly.add(first)
    with pytest.raises(WireError, match="two different segments 0"):
        assembly.add(other)
    early = rrc.Block(last.name, {**last.fields, "number": 1})
    assembly.add(last)
    with pytest.raises(WireError, match="two last segments"):
        assembly.add(early)


def test_lists_of_many_cells_are_fragmented():
    cells = [{"plmn": b"\x00\xf1\x10", "cell": n} for n in range(20_000)]
    values = {**HEAD, "warning_area": ("cells", cells), "repetition_period_s": 30, "broadcasts": 1}
    octets = S1AP.encode("WriteReplaceWarningRequest", values)
    assert S1AP.decode(octets) == ("WriteReplaceWarningRequest", values)


def test_a_sabp_message_says_its_length_by_its_content():
    areas = [{"plmn": b"\x00\xf1\x10", "lac": b"\0\1", "sac": n.to_bytes(2, "big")} for n in range(9000)]
    for some in (areas[:1], areas[:40], areas):
        octets = SABP.encode("Reset", {"areas": some})
        assert message_length(octets + b"next") == len(octets)
    assert message_length(b"\0\5") == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda o: o[:-5], "header says"),
        (lambda o: o + b"\0", "header says"),
        (lambda o: b"\x63" + o[1:], "message type 99"),
        (lambda o: o[:4] + b"\x63" + o[5:], "element 99 is not known"),
        (lambda o: o[:1] + (len(o) - 1).to_bytes(3, "big") + o[4:] + b"\x0e\0\1", "twice"),
        (lambda o: o[:1] + b"\0\0\3" + o[4:7], "has no serial_number, cells"),
        (lambda o: o[:1] + b"\0\0\3" + b"\x04\xff\xff", "65535 octets, and 0 are left"),
        (lambda o: o[:1] + b"\0\0\4" + b"\x04\0\1\x03", "cells of kind 3"),
    ],
)
def test_cbsp_faults_are_named(change, says):
    octets = next(octets for name, _, octets in cbsp_messages() if name == "WRITE-REPLACE")
    with pytest.raises(WireError, match=says):
        cbsp.decode(change(octets))


def test_contents_that_contradict_themselves_are_refused():
    with pytest.raises(WireError, match="83 of its 82"):
        get_contents(b"\1" + bytes(82) + b"\x53")
    with pytest.raises(WireError, match="2 pages take 167 octets, and there are 84"):
        get_contents(b"\2" + bytes(83))
    with pytest.raises(WireError, match="it has 16 pages"):
        get_contents(b"\x10" + bytes(83 * 16))
    with pytest.raises(WireError, match="page 3 of 2"):
        put_cbs(CbsMessage(1, 2, 3, 3, 2, page().octets))


def test_values_that_do_not_fit_are_refused():
    values = {**HEAD, "repetition_period_s": 4097, "broadcasts": 1}
    with pytest.raises(WireError, match="4097 is not in 0 to 4095"):
        S1AP.encode("WriteReplaceWarningRequest", values)
    with pytest.raises(WireError, match="needs repetition_period_s"):
        NGAP.encode("WriteReplaceWarningRequest", dict(HEAD))
    with pytest.raises(WireError, match="has no element 'txt'"):
        NGAP.encode("PWSCancelRequest", {**HEAD, "txt": ""})
    with pytest.raises(WireError, match="64 are allowed"):
        rrc.segments(bytes(1300), 20)


@pytest.mark.parametrize(
    ("kind", "value", "aligned", "octets"),
    [  # X.691 11.5.7 and 11.9, by hand
        (per.Int(4096, 131_071), 4096, True, "00 00"),
        (per.Int(4096, 131_071), 131_071, True, "80 01 ef ff"),
        (per.Int(0, 255), 7, True, "07"),
        (per.Int(0, 256), 7, True, "00 07"),
        (per.Int(1, 3), 3, True, "80"),
        (per.Octets(), bytes(200), False, "80 c8" + "00" * 200),
        (per.ListOf(per.Int(0, 7), 4), [1, 2, 3], False, "8a 60"),
    ],
)
def test_packed_values_by_hand(kind, value, aligned, octets):
    assert per.encode(kind, value, aligned=aligned) == bytes.fromhex(octets)
    assert per.decode(kind, bytes.fromhex(octets), aligned=aligned) == value


def submitted(octets, scheme=8, esm_class=0, **parameters):
    values = {
        "destination_addr": "999",
        "data_coding": scheme,
        "esm_class": esm_class,
        "short_message": octets,
    }
    made = smpp.encode("submit_sm", values, sequence=1)
    more = b"".join(
        int(tag[1:], 16).to_bytes(2, "big") + len(v).to_bytes(2, "big") + v for tag, v in parameters.items()
    )
    return smpp.decode((len(made) + len(more)).to_bytes(4, "big") + made[4:] + more)[1]


def test_parts_are_numbered_in_headers_with_others_and_in_parameters():
    assert smpp.read_text(submitted(b"a", 0, t020C=b"\0\x4d", t020E=b"\3", t020F=b"\2")) == ("a", (77, 2, 3))
    wide = b"\x0b\x05\x04\x0b\x84\x23\xf0\x08\x04\x12\x34\x02\x01"  # ports, then a reference of two octets
    assert wide[0] == len(wide) - 2
    octets = b"\x0c" + wide[1:]
    assert smpp.read_text(submitted(octets + b"a", 0, 0x40)) == ("a", (0x1234, 1, 2))
    assert smpp.read_text(submitted(b"a", 0)) == ("a", (0, 1, 1))
    with pytest.raises(WireError, match="part 4 of 3"):
        smpp.read_text(submitted(b"a", 0, t020C=b"\0\1", t020E=b"\3", t020F=b"\4"))


def test_a_character_that_parts_cut_in_two_is_whole_again():
    octets = "Up \U0001f30a now".encode("utf-16-be")
    parts = [smpp.read_text(submitted(each))[0] for each in (octets[:8], octets[8:])]
    assert smpp.joined(parts) == "Up \U0001f30a now"
    assert smpp.joined(parts[:1]) == "Up \ufffd"
    assert smpp.read_text(submitted(octets[:7]))[0] == "Up \ufffd"
