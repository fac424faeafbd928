"""Messages of every protocol: each element of each message, with values of every kind."""

from ewsim.wire import per
from ewsim.wire.protocols import cbsp, rrc, smpp
from ewsim.wire.protocols.ngap import NGAP
from ewsim.wire.protocols.pages import Page, pages_of, put_contents
from ewsim.wire.protocols.s1ap import S1AP
from ewsim.wire.protocols.sabp import SABP
from ewsim.wire.protocols.sbcap import SBCAP

APPLICATIONS = (SABP, SBCAP, S1AP, NGAP)
PLMN = b"\x00\xf1\x10"  # 001-01, the test network
TEXT = "Dam break {now}: go uphill at once, 20 €. " * 6
CODING, PAGES = pages_of(TEXT)
CONTENTS = put_contents(PAGES)
HEAD = {"message_identifier": 4371, "serial_number": 0x4010}

#: Values that a decoder other than ours looks into.
FIXED = {
    "contents": CONTENTS,
    "coding": CODING,
    "plmn": PLMN,
    "broadcasts": 12,
    "warning_type": b"\x05\x80",
    **HEAD,
}


def example(kind, name="", number=1):
    """A value of a type; of choices the option that `number` picks."""
    fixed = FIXED.get(name)
    match kind:
        case per.Bits() if name == "contents":
            return int.from_bytes(CONTENTS, "big"), 8 * len(CONTENTS)
        case _ if fixed is not None:
            return fixed
        case per.Int():
            return (kind.low + kind.high) // 2
        case per.Enum():
            return kind.names[number % len(kind.names)]
        case per.Bits():
            return (5 * number, kind.high) if kind.high else 5 * number % (1 << kind.low)
        case per.Octets():
            return bytes(range(number, number + (kind.low or 6)))
        case per.ListOf():
            return [example(kind.item, name, number + n) for n in range(min(3, kind.high))]
        case per.Seq():
            fields = [
                (n.rstrip("?"), k) for n, k in kind.fields if n.rstrip("?") not in ("extensions", "late")
            ]
            return {n: example(k, n, number) for n, k in fields}
        case per.Choice():
            options = [o for o in (*kind.options, *kind.more) if o[0] != "extension"]
            name, option = options[number % len(options)]
            return name, example(option, name, number)
    raise AssertionError(kind)


def applications():
    """(protocol, message, values, octets) of each, with every element, and with every choice."""
    for protocol in APPLICATIONS:
        for message in protocol.messages:
            for number in range(6):
                values = {
                    e.name.rstrip("?"): example(e.type, e.name.rstrip("?"), number)
                    for e in (*message.elements, *message.extensions)
                }
                yield protocol, message, values, protocol.encode(message.name, values)


def _cells(said=0):
    return tuple(cbsp.Cell(cbsp.LAC_CI, cbsp.lac_ci(7, n), said) for n in (1, 2, 70000))


_CBSP = {
    **HEAD,
    "old_serial_number": 0x4000,
    "cells": _cells(),
    "completed": _cells(0x000300),
    "failures": (cbsp.Cell(0, PLMN + cbsp.lac_ci(1, 2), 9), cbsp.Cell(cbsp.ALL_CELLS, b"", 10)),
    "loads": _cells(0x1632),
    "pages": PAGES,
    "page_count": len(PAGES),
    "coding": CODING,
    "repetition_period": 16,
    "security": bytes(50),
}


def cbsp_messages():
    """(name, values, octets) of each message with every element."""
    for name, (_, elements) in cbsp._MESSAGES.items():
        values = {e.rstrip("?"): _CBSP.get(e.rstrip("?"), 1) for e in elements}
        yield name, values, cbsp.encode(name, values)


def smpp_messages():
    """(name, values, octets) of each message, and the parts of a long text."""
    receipt = {
        "esm_class": smpp.RECEIPT,
        "short_message": smpp.receipt("a17"),
        "receipted_message_id": b"a17\0",
    }
    addresses = {
        "source_addr": "ALERT",
        "source_addr_ton": 5,
        "destination_addr": "15551234",
        "dest_addr_ton": 1,
    }
    for name, (_, fields) in smpp._MESSAGES.items():
        known = {field for field, _ in fields}
        values = {k: v for k, v in addresses.items() if k in known}
        values |= {k: v for k, v in {"system_id": "gateway", "message_id": "a17"}.items() if k in known}
        if name == "deliver_sm":
            values |= receipt
        elif name == "submit_sm":
            for number, part in enumerate(smpp.text_fields(TEXT, reference=9), 1):
                yield name, values | part, smpp.encode(name, values | part, sequence=number)
            continue
        yield name, values, smpp.encode(name, values, sequence=3)


def radio_blocks():
    """(rat, block, octets) of every block of warnings."""
    for rat in ("4G", "5G"):
        primary = rrc.Block(rrc.BLOCKS[rat][0], {**HEAD, "warning_type": b"\x05\x80"})
        blocks = [primary] + [
            block
            for etws in (True, False)
            for block in rrc.warning_blocks(rat, HEAD, CODING, CONTENTS, 120, etws=etws)
        ]
        for block in blocks:
            yield rat, block, rrc.encode_information(rat, block)


def page(used=82):
    """A page of zeros."""
    return Page(bytes(82), used)
