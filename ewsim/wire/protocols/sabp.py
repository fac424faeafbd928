"""SABP: a cell broadcast centre and its radio network controllers (3GPP TS 25.419 9; TCP 3452)."""

from typing import Final

from ewsim.errors import WireError
from ewsim.wire.per import Bits, Enum, Int, ListOf, Octets, Seq
from ewsim.wire.procedures import CRITICALITY, Application, ElementTable, message_types, open_seq

PORT: Final = 3452
_SAI: Final = Seq((("plmn", Octets(3)), ("lac", Octets(2)), ("sac", Octets(2))), open=False)
_DONE: Final = open_seq(
    ("area", _SAI), ("broadcasts", Int(0, 65_535)), ("info?", Enum(("overflow", "unknown"), open=True))
)
_FAILED: Final = open_seq(("area", _SAI), ("cause", Int(0, 255)))
_LOAD: Final = open_seq(("area", _SAI), ("bandwidth_bps", Int(0, 20_480)))
_ERROR: Final = open_seq(
    ("criticality", CRITICALITY), ("element", Int(0, 65_535)), ("repetition?", Int(0, 255))
)

_DIAGNOSTICS: Final = open_seq(
    ("procedure?", Int(0, 255)),
    ("triggered_by?", Enum(("request", "outcome", "failure"))),
    ("criticality?", CRITICALITY),
    ("elements?", ListOf(_ERROR, 256)),
)
_CATEGORY: Final = Enum(("high", "background", "normal", "default"), open=True)
_ELEMENTS: Final[ElementTable] = {
    "contents": (0, "reject", Bits(1, 9968)),
    "category": (1, "ignore", _CATEGORY),
    "cause": (2, "ignore", Int(0, 255)),
    "diagnostics": (3, "ignore", _DIAGNOSTICS),
    "coding": (4, "reject", Bits(8)),
    "failures": (5, "reject", ListOf(_FAILED)),
    "message_identifier": (6, "reject", Bits(16)),
    "serial_number": (7, "reject", Bits(16)),
    "completed": (8, "reject", ListOf(_DONE)),
    "broadcasts": (9, "reject", Int(0, 65_535)),
    "old_serial_number": (10, "reject", Bits(16)),
    "loads": (11, "reject", ListOf(_LOAD)),
    "recovery": (12, "ignore", Enum(("data_lost", "data_available"))),
    "repetition_period_s": (13, "reject", Int(1, 4096)),
    "any_serial_number": (14, "ignore", Bits(16)),
    "areas": (15, "reject", ListOf(_SAI)),
    "paging": (18, "ignore", Enum(("paging",), open=True)),
    "warning_type": (19, "ignore", Octets(2)),
    "security": (20, "ignore", Octets(50)),
    "contents_not_valid": (21, "ignore", Enum(("not_valid",), open=True)),
}
_NEW: Final = "message_identifier serial_number"
_OLD: Final = "message_identifier old_serial_number"
_DONE_ALL: Final = "completed diagnostics?"
_DONE_SOME: Final = "failures ~completed? diagnostics?"
_STATUS_FAILED: Final = "message_identifier failures old_serial_number ~completed? diagnostics?"
_WRITE: Final = (
    f"{_NEW} ~old_serial_number? areas category? repetition_period_s broadcasts coding contents "
    "+security? +paging? +warning_type? +contents_not_valid?"
)

SABP: Final = Application(
    "SABP",
    message_types(
        _ELEMENTS,
        {
            "Write-Replace": (0, "request", _WRITE),
            "Write-Replace-Complete": (0, "outcome", f"{_NEW} {_DONE_ALL}"),
            "Write-Replace-Failure": (0, "failure", f"{_NEW} {_DONE_SOME}"),
            "Kill": (1, "request", f"{_OLD} areas"),
            "Kill-Complete": (1, "outcome", f"{_OLD} {_DONE_ALL}"),
            "Kill-Failure": (1, "failure", f"{_OLD} {_DONE_SOME}"),
            "Load-Query": (2, "request", "areas"),
            "Load-Query-Complete": (2, "outcome", "loads diagnostics?"),
            "Load-Query-Failure": (2, "failure", "failures ~loads? diagnostics?"),
            "Message-Status-Query": (3, "request", f"{_OLD} areas"),
            "Message-Status-Query-Complete": (3, "outcome", f"{_OLD} {_DONE_ALL}"),
            "Message-Status-Query-Failure": (3, "failure", _STATUS_FAILED),
            "Reset": (5, "request", "areas"),
            "Reset-Complete": (5, "outcome", "areas diagnostics?"),
            "Reset-Failure": (5, "failure", "failures areas? diagnostics?"),
            "Restart": (4, "indication", "~areas recovery?"),
            "Failure": (6, "indication", "~areas"),
            "Error-Indication": (
                7,
                "indication",
                "~message_identifier? any_serial_number? cause? diagnostics?",
            ),
        },
    ),
    extended=True,
)


def message_length(octets: bytes | bytearray) -> int:
    """How long the message at the start of a TCP stream is; 0: that cannot be said yet.

    A message has no length of its own before it: the length of its content says it.
    """
    at, length = 3, 0
    while len(octets) > at:
        first = octets[at]
        if first & 0xC0 == 0xC0:
            if not 1 <= first & 0x3F <= 4:
                raise WireError(f"SABP: a fragment has {first & 0x3F} units, and 1 to 4 are allowed")
            at += 1 + ((first & 0x3F) << 14)
            continue
        if not first & 0x80:
            length = at + 1 + first
        elif len(octets) > at + 1:
            length = at + 2 + ((first & 0x3F) << 8 | octets[at + 1])
        break
    return length
