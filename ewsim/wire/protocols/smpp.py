"""SMPP 3.4: an alert gateway and a message centre (TCP 2775), only what warnings need.

Bind, submit_sm with long texts in parts, deliver_sm with receipts, enquire_link, unbind, generic
negative answer.

References
----------
.. [1] SMPP Protocol Specification v3.4, Issue 1.2: 3.2 (header), 4.1 to 4.11 (messages), 5.2, 5.3,
   Appendix B (receipts).
.. [2] 3GPP TS 23.040 9.2.3.24.1 (parts of a long message).
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from ewsim import coding
from ewsim.errors import OtherMessage, WireError
from ewsim.units import SMS_GSM7_PART, SMS_UCS2_PART

PORT: Final = 2775
_HEADER_OCTETS: Final = 16
_MOST_OCTETS: Final = 1 << 16  # no message of these is longer: strings are bounded, a text has 254 octets
_RESPONSE: Final = 0x8000_0000

#: Fields: (name, most octets of a string that ends with 0), or (name, -octets of a number).
_Fields = tuple[tuple[str, int], ...]
_BIND: Final[_Fields] = (
    *(("system_id", 16), ("password", 9), ("system_type", 13), ("interface_version", -1)),
    *(("addr_ton", -1), ("addr_npi", -1), ("address_range", 41)),
)
_SHORT: Final[_Fields] = (
    *(("service_type", 6), ("source_addr_ton", -1), ("source_addr_npi", -1), ("source_addr", 21)),
    *(("dest_addr_ton", -1), ("dest_addr_npi", -1), ("destination_addr", 21), ("esm_class", -1)),
    *(("protocol_id", -1), ("priority_flag", -1), ("schedule_delivery_time", 17)),
    *(("validity_period", 17), ("registered_delivery", -1), ("replace_if_present_flag", -1)),
    *(("data_coding", -1), ("sm_default_msg_id", -1), ("short_message", 0)),
)
_MESSAGES: Final[dict[str, tuple[int, _Fields]]] = {
    "generic_nack": (_RESPONSE, ()),
    "bind_receiver": (1, _BIND),
    "bind_receiver_resp": (_RESPONSE | 1, (("system_id", 16),)),
    "bind_transmitter": (2, _BIND),
    "bind_transmitter_resp": (_RESPONSE | 2, (("system_id", 16),)),
    "submit_sm": (4, _SHORT),
    "submit_sm_resp": (_RESPONSE | 4, (("message_id", 65),)),
    "deliver_sm": (5, _SHORT),
    "deliver_sm_resp": (_RESPONSE | 5, (("message_id", 65),)),
    "unbind": (6, ()),
    "unbind_resp": (_RESPONSE | 6, ()),
    "bind_transceiver": (9, _BIND),
    "bind_transceiver_resp": (_RESPONSE | 9, (("system_id", 16),)),
    "enquire_link": (0x15, ()),
    "enquire_link_resp": (_RESPONSE | 0x15, ()),
}
_BY_COMMAND: Final = {command: (name, fields) for name, (command, fields) in _MESSAGES.items()}
#: Optional parameters: what a text is when it is longer than 254 octets, and those of receipts (5.3.2).
_PAYLOAD: Final = 0x0424
_OPTIONAL: Final = {0x001E: "receipted_message_id", 0x0427: "message_state", _PAYLOAD: "message_payload"}
_OPTIONAL_CODES: Final = {name: tag for tag, name in _OPTIONAL.items()}

_RECEIPT: Final = re.compile(rb"id:(?P<id>[^ ]{1,65}) .{0,60}?stat:(?P<stat>[A-Z]{1,7})", re.DOTALL)
_UDH: Final = 0x40  # esm_class: the text starts with a header
_PARTS: Final = (
    (0, 3),
    (8, 4),
)  # elements of that header that number parts, and their octets (23.040 9.2.3.24)
_SAR: Final = (0x020C, 0x020F, 0x020E)  # the same as parameters: reference, number, count (5.3.2)
RECEIPT: Final = 0x04  # esm_class: a receipt


def message_length(octets: bytes | bytearray) -> int:
    """How long the message at the start of a TCP stream is; 0: that cannot be said yet."""
    if len(octets) < 4:
        return 0
    length = int.from_bytes(octets[:4], "big")
    if not _HEADER_OCTETS <= length <= _MOST_OCTETS:
        raise WireError(f"SMPP: a message says that it has {length} octets, and 16 to 65536 are allowed")
    return length


def encode(name: str, values: dict[str, Any], *, sequence: int, status: int = 0) -> bytes:
    """A message as octets; fields that are not given are 0 or empty.

    Parameters
    ----------
    name
        The message.
    values
        Its fields by name.
    sequence
        Its sequence number; an answer has that of its request.
    status
        The command status; 0 is fine.
    """
    command, fields = _MESSAGES[name]
    if strange := set(values) - {n for n, _ in fields} - set(_OPTIONAL_CODES):
        raise WireError(f"SMPP {name} has no field {min(strange)!r}")
    body = b"" if status and command & _RESPONSE else b"".join(_put(n, most, values) for n, most in fields)
    for option in (o for o in _OPTIONAL_CODES if o in values):
        body += _OPTIONAL_CODES[option].to_bytes(2, "big")
        body += len(values[option]).to_bytes(2, "big") + values[option]
    head = (_HEADER_OCTETS + len(body), command, status, sequence)
    return b"".join(number.to_bytes(4, "big") for number in head) + body


def _put(name: str, most: int, values: dict[str, Any]) -> bytes:
    if most < 0:
        return int(values.get(name, 0)).to_bytes(-most, "big")
    if not most:
        text: bytes = values.get(name, b"")
        if len(text) > 254:
            raise WireError(f"SMPP {name} has {len(text)} octets, and 254 are allowed")
        return bytes([len(text)]) + text
    string = str(values.get(name, "")).encode("ascii", "replace")
    if len(string) >= most:
        raise WireError(f"SMPP {name} has {len(string)} characters, and {most - 1} are allowed")
    return string + b"\0"


def decode(octets: bytes) -> tuple[str, dict[str, Any]]:
    """A message's name and its fields, `sequence` and `status` among them."""
    try:
        return _decode(octets)
    except WireError as error:
        raise type(error)(f"SMPP: {str(error).removeprefix('SMPP: ')}") from None


def _decode(octets: bytes) -> tuple[str, dict[str, Any]]:
    length = message_length(octets)
    if length != len(octets):
        raise WireError(f"the message has {len(octets)} octets, and its header says {length or 'nothing'}")
    command, status, sequence = (int.from_bytes(octets[n : n + 4], "big") for n in (4, 8, 12))
    if command not in _BY_COMMAND:
        raise OtherMessage(f"command {command:#010x} has nothing to do with warnings")
    name, fields = _BY_COMMAND[command]
    found: dict[str, Any] = {"sequence": sequence, "status": status}
    at = _HEADER_OCTETS
    if command & _RESPONSE and at == length:
        return name, found  # an answer that refuses has no body
    for field, most in fields:
        found[field], at = _get(octets, at, field, most)
    while at < length:
        tag, size = (int.from_bytes(octets[n : n + 2], "big") for n in (at, at + 2))
        if at + 4 + size > length:
            raise WireError(f"{name}: parameter {tag:#06x} has {size} octets, and {length - at - 4} are left")
        found[_OPTIONAL.get(tag, f"parameter {tag:#06x}")] = octets[at + 4 : at + 4 + size]
        at += 4 + size
    return name, found


def _get(octets: bytes, at: int, name: str, most: int) -> tuple[Any, int]:
    if most <= 0:
        size = -most if most else (octets[at] if at < len(octets) else 0)
        at += not most
        if at + size > len(octets):
            raise WireError(f"{name} has {size} octets, and {max(len(octets) - at, 0)} are left")
        value = octets[at : at + size]
        return (int.from_bytes(value, "big") if most else value), at + size
    end = octets.find(b"\0", at, at + most)
    if end < 0:
        raise WireError(f"{name} does not end within {most} octets")
    return octets[at:end].decode("ascii", "replace"), end + 1


# --- texts ----------------------------------------------------------------------------------------


def text_fields(text: str, *, reference: int) -> list[dict[str, Any]]:
    """The fields `data_coding`, `esm_class` and `short_message` of each part of a text.

    Septets are not packed between gateway and message centre. `reference` is what the parts of one
    text share, 0 to 255.
    """
    made = coding.sms_parts(text)
    gsm7 = made.alphabet == "gsm7"
    scheme = 0 if gsm7 else 8
    if made.parts == 1:
        return [{"data_coding": scheme, "esm_class": 0, "short_message": _octets(made.text, gsm7)}]
    pieces = coding.split(made.text, SMS_GSM7_PART if gsm7 else SMS_UCS2_PART)
    return [
        {
            "data_coding": scheme,
            "esm_class": _UDH,
            "short_message": bytes([5, 0, 3, reference & 0xFF, len(pieces), n]) + _octets(piece, gsm7),
        }
        for n, piece in enumerate(pieces, 1)
    ]


def _octets(text: str, gsm7: bool) -> bytes:
    return bytes(c for char in text for c in coding.septets(char)) if gsm7 else text.encode("utf-16-be")


def read_text(fields: dict[str, Any]) -> tuple[str, tuple[int, int, int]]:
    """The text of a submit_sm or deliver_sm, and which part it is: reference, number, count.

    The parts of a long text are numbered in a header of the text or in parameters (sar_msg_ref_num and
    others, 5.3.2). `joined` makes one text of them: a character may be cut in two.
    """
    octets: bytes = fields.get("message_payload") or fields["short_message"]
    named = [int.from_bytes(fields.get(f"parameter {tag:#06x}", b""), "big") for tag in _SAR]
    if fields["esm_class"] & _UDH:
        if not octets or octets[0] >= len(octets):
            raise WireError("SMPP: the header of a text is longer than the text")
        header, octets = octets[1 : 1 + octets[0]], octets[1 + octets[0] :]
        at = 0
        while at + 2 <= len(header):
            kind, value = header[at], header[at + 2 : at + 2 + header[at + 1]]
            if (kind, len(value)) in _PARTS:
                named = [int.from_bytes(value[:-2], "big"), value[-1], value[-2]]
            at += 2 + header[at + 1]
    reference, number, count = named if any(named) else (0, 1, 1)
    if not 1 <= number <= count:
        raise WireError(f"SMPP: a text is part {number} of {count}")
    part = (reference, number, count)
    if fields["data_coding"] == 8:
        return octets.decode("utf-16-be", "surrogatepass" if len(octets) % 2 == 0 else "replace"), part
    if fields["data_coding"] == 0:
        return coding.from_septets(octets), part
    return octets.decode("latin-1"), part


def joined(parts: Iterable[str]) -> str:
    """One text of its parts; half a character becomes a mark."""
    return "".join(parts).encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def receipt(message_id: str, state: str = "DELIVRD") -> bytes:
    """The text of a receipt (Appendix B)."""
    done = "001" if state == "DELIVRD" else "000"
    return f"id:{message_id} sub:001 dlvrd:{done} stat:{state} err:000 text:".encode("ascii")


def read_receipt(fields: dict[str, Any]) -> tuple[str, str] | None:
    """The message and the state that a deliver_sm reports; None where it is not a receipt."""
    if not fields["esm_class"] & RECEIPT:
        return None
    found = _RECEIPT.match(fields["short_message"])
    return (found["id"].decode("ascii", "replace"), found["stat"].decode("ascii")) if found else ("?", "?")
