"""SBc-AP: a cell broadcast centre and its MMEs (3GPP TS 29.168 4.4; SCTP, payload protocol 24).

Only the elements of 4G: 5G is served over HTTP/2 (TS 29.518), which is not modelled.
"""

from typing import Final

from ewsim.wire.per import Bits, Int, ListOf, Octets, Seq
from ewsim.wire.procedures import EXTENSIONS, Application, ElementTable, message_types
from ewsim.wire.protocols import areas

_TAI: Final = Seq((("plmn", areas.PLMN), ("tac", Octets(2)), ("extensions?", EXTENSIONS)), open=False)
_ITEM: Final = Seq((("tracking_area", _TAI),), open=False)
_SCHEDULED, _CANCELLED = (areas.reported_areas(areas.ECGI, _TAI, cancelled=c) for c in (False, True))

_ELEMENTS: Final[ElementTable] = {
    "cause": (1, "reject", Int(0, 255)),
    "diagnostics": (2, "ignore", areas.DIAGNOSTICS),
    "coding": (3, "ignore", Bits(8)),
    "message_identifier": (5, "reject", Bits(16)),
    "broadcasts": (7, "reject", areas.BROADCASTS),
    "repetition_period_s": (10, "reject", Int(0, 4096)),
    "serial_number": (11, "reject", Bits(16)),
    "tracking_areas": (14, "reject", ListOf(_ITEM)),
    "warning_area": (15, "ignore", areas.warning_area(_TAI)),
    "contents": (16, "ignore", areas.CONTENTS),
    "security": (17, "ignore", areas.SECURITY),
    "warning_type": (18, "ignore", areas.WARNING_TYPE),
    "omc": (19, "ignore", Octets(1, 20)),
    "concurrent": (20, "reject", areas.TRUE),
    "extended_repetition_period_s": (21, "reject", areas.LONG_PERIOD),
    "unknown_tracking_areas": (22, "ignore", ListOf(_ITEM)),
    "scheduled": (23, "reject", areas.optional(_SCHEDULED)),
    "send_indication": (24, "ignore", areas.TRUE),
    "cancelled": (25, "reject", areas.optional(_CANCELLED)),
    "send_stop_indication": (26, "ignore", areas.TRUE),
    "stop_all": (27, "reject", areas.TRUE),
    "node": (28, "reject", areas.GLOBAL_ENB),
    "empty_nodes": (29, "ignore", ListOf(areas.GLOBAL_ENB, 256)),
    "restarted_cells": (30, "reject", ListOf(areas.ECGI, 256)),
    "restarted_tracking_areas": (31, "reject", ListOf(_ITEM, 2048)),
    "restarted_areas": (32, "reject", ListOf(areas.EMERGENCY_AREA, 256)),
    "failed_cells": (33, "reject", ListOf(areas.ECGI, 256)),
    "coordinates": (46, "ignore", areas.COORDINATES),
}
_HEAD: Final = "message_identifier serial_number"
_AREA: Final = "tracking_areas? warning_area?"
_ANSWER: Final = f"{_HEAD} cause diagnostics? unknown_tracking_areas?"
_WRITE: Final = (
    f"{_HEAD} {_AREA} repetition_period_s extended_repetition_period_s? broadcasts warning_type? security? "
    "coding? contents? omc? concurrent? send_indication? ~node? coordinates?"
)
_RESTARTED: Final = "restarted_cells node restarted_tracking_areas restarted_areas?"

SBCAP: Final = Application(
    "SBc-AP",
    message_types(
        _ELEMENTS,
        {
            "Write-Replace-Warning-Request": (0, "request", _WRITE),
            "Write-Replace-Warning-Response": (0, "outcome", _ANSWER),
            "Stop-Warning-Request": (1, "request", f"{_HEAD} {_AREA} omc? send_stop_indication? stop_all?"),
            "Stop-Warning-Response": (1, "outcome", _ANSWER),
            "Error-Indication": (2, "indication", "~cause? diagnostics?"),
            "Write-Replace-Warning-Indication": (3, "indication", f"{_HEAD} scheduled?"),
            "Stop-Warning-Indication": (4, "indication", f"{_HEAD} cancelled? empty_nodes?"),
            "PWS-Restart-Indication": (5, "indication", _RESTARTED),
            "PWS-Failure-Indication": (6, "indication", "failed_cells node"),
        },
    ),
    extended=True,
)
