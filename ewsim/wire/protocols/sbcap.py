"""SBc-AP: a cell broadcast centre and its MMEs (3GPP TS 29.168 4.4; SCTP, payload protocol 24).

Only the elements of 4G: 5G is served over HTTP/2 (TS 29.518), which is not modelled.
"""

from __future__ import annotations

from typing import Final

from ewsim.wire.per import Bits, Int, ListOf, Octets, Seq
from ewsim.wire.procedures import EXTENSIONS, Application, ElementType, MessageType
from ewsim.wire.protocols import areas

CAUSES: Final = (
    "message accepted",
    "parameter not recognised",
    "parameter value invalid",
    "valid message not identified",
    "tracking area not valid",
    "unrecognised message",
    "missing mandatory element",
    "MME capacity exceeded",
    "MME memory exceeded",
    "warning broadcast not supported",
    "warning broadcast not operational",
    "message reference already used",
    "unspecified error",
    "transfer syntax error",
    "semantic error",
    "message not compatible with receiver state",
    "abstract syntax error (reject)",
    "abstract syntax error (ignore and notify)",
    "abstract syntax error (falsely constructed message)",
)
_TAI: Final = Seq((("plmn", areas.PLMN), ("tac", Octets(2)), ("extensions?", EXTENSIONS)), open=False)
_ITEM: Final = Seq((("tracking_area", _TAI),), open=False)
_SCHEDULED, _CANCELLED = (areas.reported_areas(areas.ECGI, _TAI, cancelled=c) for c in (False, True))

_ID: Final = ElementType("message_identifier", 5, "reject", Bits(16))
_SERIAL: Final = ElementType("serial_number", 11, "reject", Bits(16))
_TAIS: Final = ElementType("tracking_areas?", 14, "reject", ListOf(_ITEM))
_AREA: Final = ElementType("warning_area?", 15, "ignore", areas.warning_area(_TAI))
_OMC: Final = ElementType("omc?", 19, "ignore", Octets(1, 20))
_CAUSE: Final = ElementType("cause", 1, "reject", Int(0, 255))
_DIAGNOSTICS: Final = ElementType("diagnostics?", 2, "ignore", areas.DIAGNOSTICS)
_UNKNOWN: Final = ElementType("unknown_tracking_areas?", 22, "ignore", ListOf(_ITEM))
_ENB: Final = ElementType("node", 28, "reject", areas.GLOBAL_ENB)
_ANSWER: Final = (_ID, _SERIAL, _CAUSE, _DIAGNOSTICS, _UNKNOWN)

SBCAP: Final = Application(
    "SBc-AP",
    (
        MessageType(
            "Write-Replace-Warning-Request",
            0,
            "request",
            "reject",
            (
                _ID,
                _SERIAL,
                _TAIS,
                _AREA,
                ElementType("repetition_period_s", 10, "reject", Int(0, 4096)),
                ElementType("extended_repetition_period_s?", 21, "reject", areas.LONG_PERIOD),
                ElementType("broadcasts", 7, "reject", areas.BROADCASTS),
                ElementType("warning_type?", 18, "ignore", areas.WARNING_TYPE),
                ElementType("security?", 17, "ignore", areas.SECURITY),
                ElementType("coding?", 3, "ignore", Bits(8)),
                ElementType("contents?", 16, "ignore", areas.CONTENTS),
                _OMC,
                ElementType("concurrent?", 20, "reject", areas.TRUE),
                ElementType("send_indication?", 24, "ignore", areas.TRUE),
                ElementType("node?", 28, "ignore", areas.GLOBAL_ENB),
                ElementType("coordinates?", 46, "ignore", areas.COORDINATES),
            ),
        ),
        MessageType("Write-Replace-Warning-Response", 0, "outcome", "reject", _ANSWER),
        MessageType(
            "Stop-Warning-Request",
            1,
            "request",
            "reject",
            (
                _ID,
                _SERIAL,
                _TAIS,
                _AREA,
                _OMC,
                ElementType("send_indication?", 26, "ignore", areas.TRUE),
                ElementType("stop_all?", 27, "reject", areas.TRUE),
            ),
        ),
        MessageType("Stop-Warning-Response", 1, "outcome", "reject", _ANSWER),
        MessageType(
            "Error-Indication",
            2,
            "request",
            "ignore",
            (ElementType("cause?", 1, "ignore", Int(0, 255)), _DIAGNOSTICS),
        ),
        MessageType(
            "Write-Replace-Warning-Indication",
            3,
            "request",
            "ignore",
            (_ID, _SERIAL, ElementType("scheduled?", 23, "reject", areas.optional(_SCHEDULED))),
        ),
        MessageType(
            "Stop-Warning-Indication",
            4,
            "request",
            "ignore",
            (
                _ID,
                _SERIAL,
                ElementType("cancelled?", 25, "reject", areas.optional(_CANCELLED)),
                ElementType("empty_nodes?", 29, "ignore", ListOf(areas.GLOBAL_ENB, 256)),
            ),
        ),
        MessageType(
            "PWS-Restart-Indication",
            5,
            "request",
            "ignore",
            (
                ElementType("cells", 30, "reject", ListOf(areas.ECGI, 256)),
                _ENB,
                ElementType("tracking_areas", 31, "reject", ListOf(_ITEM, 2048)),
                ElementType("areas?", 32, "reject", ListOf(areas.EMERGENCY_AREA, 256)),
            ),
        ),
        MessageType(
            "PWS-Failure-Indication",
            6,
            "request",
            "ignore",
            (ElementType("cells", 33, "reject", ListOf(areas.ECGI, 256)), _ENB),
        ),
    ),
    extended=True,
)
