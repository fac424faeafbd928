"""SABP: a cell broadcast centre and its radio network controllers (3GPP TS 25.419 9; TCP 3452)."""

from __future__ import annotations

from typing import Final

from ewsim.errors import WireError
from ewsim.wire.per import Bits, Enum, Int, ListOf, Octets, Seq
from ewsim.wire.procedures import CRITICALITY, Application, ElementType, MessageType, open_seq

PORT: Final = 3452
CAUSES: Final = (
    "parameter not recognised",
    "parameter value invalid",
    "valid message not identified",
    "service area identity not valid",
    "unrecognised message",
    "missing mandatory element",
    "RNC capacity exceeded",
    "RNC memory exceeded",
    "service area broadcast not supported",
    "service area broadcast not operational",
    "message reference already used",
    "unspecified error",
    "transfer syntax error",
    "semantic error",
    "message not compatible with receiver state",
    "abstract syntax error (reject)",
    "abstract syntax error (ignore and notify)",
    "abstract syntax error (falsely constructed message)",
)
_SAI: Final = Seq((("plmn", Octets(3)), ("lac", Octets(2)), ("sac", Octets(2))), open=False)
_DONE: Final = open_seq(
    ("area", _SAI), ("broadcasts", Int(0, 65_535)), ("info?", Enum(("overflow", "unknown"), open=True))
)
_FAILED: Final = open_seq(("area", _SAI), ("cause", Int(0, 255)))
_LOAD: Final = open_seq(("area", _SAI), ("bandwidth_bps", Int(0, 20_480)))
_ERROR: Final = open_seq(
    ("criticality", CRITICALITY), ("element", Int(0, 65_535)), ("repetition?", Int(0, 255))
)

_ID: Final = ElementType("message_identifier", 6, "reject", Bits(16))
_NEW: Final = ElementType("serial_number", 7, "reject", Bits(16))
_OLD: Final = ElementType("old_serial_number", 10, "reject", Bits(16))
_AREAS: Final = ElementType("areas", 15, "reject", ListOf(_SAI))
_COMPLETED: Final = ElementType("completed", 8, "reject", ListOf(_DONE))
_SOME_COMPLETED: Final = ElementType("completed?", 8, "ignore", ListOf(_DONE))
_FAILURES: Final = ElementType("failures", 5, "reject", ListOf(_FAILED))
_DIAGNOSTICS: Final = ElementType(
    "diagnostics?",
    3,
    "ignore",
    open_seq(
        ("procedure?", Int(0, 255)),
        ("triggered_by?", Enum(("request", "outcome", "failure"))),
        ("criticality?", CRITICALITY),
        ("elements?", ListOf(_ERROR, 256)),
    ),
)
_LOADS: Final = ElementType("loads", 11, "reject", ListOf(_LOAD))

SABP: Final = Application(
    "SABP",
    (
        MessageType(
            "Write-Replace",
            0,
            "request",
            "reject",
            (
                _ID,
                _NEW,
                ElementType("old_serial_number?", 10, "ignore", Bits(16)),
                _AREAS,
                ElementType(
                    "category?", 1, "ignore", Enum(("high", "background", "normal", "default"), open=True)
                ),
                ElementType("repetition_period_s", 13, "reject", Int(1, 4096)),
                ElementType("broadcasts", 9, "reject", Int(0, 65_535)),
                ElementType("coding", 4, "reject", Bits(8)),
                ElementType("contents", 0, "reject", Bits(1, 9968)),
            ),
        ),
        MessageType("Write-Replace-Complete", 0, "outcome", "reject", (_ID, _NEW, _COMPLETED, _DIAGNOSTICS)),
        MessageType(
            "Write-Replace-Failure",
            0,
            "failure",
            "reject",
            (_ID, _NEW, _FAILURES, _SOME_COMPLETED, _DIAGNOSTICS),
        ),
        MessageType("Kill", 1, "request", "reject", (_ID, _OLD, _AREAS)),
        MessageType("Kill-Complete", 1, "outcome", "reject", (_ID, _OLD, _COMPLETED, _DIAGNOSTICS)),
        MessageType(
            "Kill-Failure", 1, "failure", "reject", (_ID, _OLD, _FAILURES, _SOME_COMPLETED, _DIAGNOSTICS)
        ),
        MessageType("Load-Query", 2, "request", "reject", (_AREAS,)),
        MessageType("Load-Query-Complete", 2, "outcome", "reject", (_LOADS, _DIAGNOSTICS)),
        MessageType(
            "Load-Query-Failure",
            2,
            "failure",
            "reject",
            (_FAILURES, ElementType("loads?", 11, "ignore", ListOf(_LOAD)), _DIAGNOSTICS),
        ),
        MessageType("Message-Status-Query", 3, "request", "reject", (_ID, _OLD, _AREAS)),
        MessageType(
            "Message-Status-Query-Complete", 3, "outcome", "reject", (_ID, _OLD, _COMPLETED, _DIAGNOSTICS)
        ),
        MessageType(
            "Message-Status-Query-Failure",
            3,
            "failure",
            "reject",
            (_ID, _FAILURES, _OLD, _SOME_COMPLETED, _DIAGNOSTICS),
        ),
        MessageType("Reset", 5, "request", "reject", (_AREAS,)),
        MessageType("Reset-Complete", 5, "outcome", "reject", (_AREAS, _DIAGNOSTICS)),
        MessageType(
            "Reset-Failure",
            5,
            "failure",
            "reject",
            (_FAILURES, ElementType("areas?", 15, "reject", ListOf(_SAI)), _DIAGNOSTICS),
        ),
        MessageType(
            "Restart",
            4,
            "request",
            "ignore",
            (
                ElementType("areas", 15, "ignore", ListOf(_SAI)),
                ElementType("recovery?", 12, "ignore", Enum(("data_lost", "data_available"))),
            ),
        ),
        MessageType("Failure", 6, "request", "ignore", (ElementType("areas", 15, "ignore", ListOf(_SAI)),)),
        MessageType(
            "Error-Indication",
            7,
            "request",
            "ignore",
            (
                ElementType("message_identifier?", 6, "ignore", Bits(16)),
                ElementType("serial_number?", 14, "ignore", Bits(16)),
                ElementType("cause?", 2, "ignore", Int(0, 255)),
                _DIAGNOSTICS,
            ),
        ),
    ),
    extended=True,
)


def message_length(octets: bytes) -> int:
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
