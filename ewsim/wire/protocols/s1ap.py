"""S1AP: an MME and its base stations (3GPP TS 36.413 9.1.13, 9.3; SCTP, payload protocol 18)."""

from __future__ import annotations

from typing import Final

from ewsim.wire.per import Bits, Choice, Int, ListOf, Octets
from ewsim.wire.procedures import Application, ElementType, MessageType, open_seq
from ewsim.wire.protocols import areas

_TAI: Final = open_seq(("plmn", areas.PLMN), ("tac", Octets(2)))
_COMPLETED, _CANCELLED = (
    Choice(areas.reported_areas(areas.ECGI, _TAI, cancelled=cancelled)) for cancelled in (False, True)
)
_ID: Final = ElementType("message_identifier", 111, "reject", Bits(16))
_SERIAL: Final = ElementType("serial_number", 112, "reject", Bits(16))
_AREA: Final = ElementType("warning_area?", 113, "ignore", areas.warning_area(_TAI))
_DIAGNOSTICS: Final = ElementType("diagnostics?", 58, "ignore", areas.DIAGNOSTICS)
_ENB: Final = ElementType("node", 59, "reject", areas.GLOBAL_ENB)

S1AP: Final = Application(
    "S1AP",
    (
        MessageType(
            "WriteReplaceWarningRequest",
            36,
            "request",
            "reject",
            (
                _ID,
                _SERIAL,
                _AREA,
                ElementType("repetition_period_s", 114, "reject", Int(0, 4095)),
                ElementType("extended_repetition_period_s?", 144, "reject", areas.LONG_PERIOD),
                ElementType("broadcasts", 115, "reject", areas.BROADCASTS),
                ElementType("warning_type?", 116, "ignore", areas.WARNING_TYPE),
                ElementType("security?", 117, "ignore", areas.SECURITY),
                ElementType("coding?", 118, "ignore", Bits(8)),
                ElementType("contents?", 119, "ignore", areas.CONTENTS),
                ElementType("concurrent?", 142, "reject", areas.TRUE),
                ElementType("coordinates?", 286, "ignore", areas.COORDINATES),
            ),
        ),
        MessageType(
            "WriteReplaceWarningResponse",
            36,
            "outcome",
            "reject",
            (_ID, _SERIAL, ElementType("completed?", 120, "ignore", _COMPLETED), _DIAGNOSTICS),
        ),
        MessageType(
            "KillRequest",
            43,
            "request",
            "reject",
            (_ID, _SERIAL, _AREA, ElementType("kill_all?", 191, "reject", areas.TRUE)),
        ),
        MessageType(
            "KillResponse",
            43,
            "outcome",
            "reject",
            (_ID, _SERIAL, ElementType("cancelled?", 141, "ignore", _CANCELLED), _DIAGNOSTICS),
        ),
        MessageType(
            "PWSRestartIndication",
            49,
            "request",
            "ignore",
            (
                ElementType("cells", 182, "reject", ListOf(areas.ECGI, 256)),
                _ENB,
                ElementType("tracking_areas", 188, "reject", ListOf(_TAI, 2048)),
                ElementType("areas?", 190, "reject", ListOf(areas.EMERGENCY_AREA, 256)),
            ),
        ),
        MessageType(
            "PWSFailureIndication",
            51,
            "request",
            "ignore",
            (ElementType("cells", 222, "reject", ListOf(areas.ECGI, 256)), _ENB),
        ),
    ),
)
