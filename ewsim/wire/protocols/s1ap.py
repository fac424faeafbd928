"""S1AP: an MME and its base stations (3GPP TS 36.413 9.1.13, 9.3; SCTP, payload protocol 18)."""

from typing import Final

from ewsim.wire.per import Bits, Choice, Int, ListOf, Octets
from ewsim.wire.procedures import Application, ElementTable, message_types, open_seq
from ewsim.wire.protocols import areas

_TAI: Final = open_seq(("plmn", areas.PLMN), ("tac", Octets(2)))
_COMPLETED, _CANCELLED = (
    Choice(areas.reported_areas(areas.ECGI, _TAI, cancelled=cancelled)) for cancelled in (False, True)
)
_ELEMENTS: Final[ElementTable] = {
    "diagnostics": (58, "ignore", areas.DIAGNOSTICS),
    "node": (59, "reject", areas.GLOBAL_ENB),
    "message_identifier": (111, "reject", Bits(16)),
    "serial_number": (112, "reject", Bits(16)),
    "warning_area": (113, "ignore", areas.warning_area(_TAI)),
    "repetition_period_s": (114, "reject", Int(0, 4095)),
    "broadcasts": (115, "reject", areas.BROADCASTS),
    "warning_type": (116, "ignore", areas.WARNING_TYPE),
    "security": (117, "ignore", areas.SECURITY),
    "coding": (118, "ignore", Bits(8)),
    "contents": (119, "ignore", areas.CONTENTS),
    "completed": (120, "ignore", _COMPLETED),
    "cancelled": (141, "ignore", _CANCELLED),
    "concurrent": (142, "reject", areas.TRUE),
    "extended_repetition_period_s": (144, "reject", areas.LONG_PERIOD),
    "restarted_cells": (182, "reject", ListOf(areas.ECGI, 256)),
    "restarted_tracking_areas": (188, "reject", ListOf(_TAI, 2048)),
    "restarted_areas": (190, "reject", ListOf(areas.EMERGENCY_AREA, 256)),
    "kill_all": (191, "reject", areas.TRUE),
    "failed_cells": (222, "reject", ListOf(areas.ECGI, 256)),
    "coordinates": (286, "ignore", areas.COORDINATES),
}
_HEAD: Final = "message_identifier serial_number"
_WRITE: Final = (
    f"{_HEAD} warning_area? repetition_period_s extended_repetition_period_s? broadcasts warning_type? "
    "security? coding? contents? concurrent? coordinates?"
)
_RESTARTED: Final = "restarted_cells node restarted_tracking_areas restarted_areas?"

S1AP: Final = Application(
    "S1AP",
    message_types(
        _ELEMENTS,
        {
            "WriteReplaceWarningRequest": (36, "request", _WRITE),
            "WriteReplaceWarningResponse": (36, "outcome", f"{_HEAD} completed? diagnostics?"),
            "KillRequest": (43, "request", f"{_HEAD} warning_area? kill_all?"),
            "KillResponse": (43, "outcome", f"{_HEAD} cancelled? diagnostics?"),
            "PWSRestartIndication": (49, "indication", _RESTARTED),
            "PWSFailureIndication": (51, "indication", "failed_cells node"),
        },
    ),
)
