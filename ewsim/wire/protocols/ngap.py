"""NGAP: an AMF and its base stations (3GPP TS 38.413 9.2.8, 9.4; SCTP, payload protocol 60)."""

from typing import Final

from ewsim.wire.per import Bits, Choice, Enum, Int, ListOf, Octets, Seq, Type
from ewsim.wire.procedures import CRITICALITY, Application, ElementTable, message_types, open_seq
from ewsim.wire.protocols import areas

_TAI: Final = open_seq(("plmn", areas.PLMN), ("tac", Octets(3)))
_TRUE: Final = Enum(("true",), open=True)
_LATER: Final = (
    "extension",
    Seq((("id", Int(0, 65_535)), ("criticality", CRITICALITY), ("value", Octets())), open=False),
)


def _choice(*options: tuple[str, Type]) -> Choice:
    """A choice, which in NGAP grows by an element of its own (TS 38.413 9.3.5.2)."""
    return Choice((*options, _LATER), open=False)


def _reported(*, cancelled: bool) -> Choice:
    """Where a message is broadcast or was cancelled, of 4G cells and of 5G cells."""
    both = (("lte_", areas.ECGI), ("", areas.NCGI))
    return _choice(
        *(
            (f"{rat}{name}", kind)
            for rat, cell in both
            for name, kind in areas.reported_areas(cell, _TAI, cancelled=cancelled)
        )
    )


def _cells(limit: int) -> Choice:
    return _choice(("lte_cells", ListOf(areas.ECGI, 256)), ("cells", ListOf(areas.NCGI, limit)))


_NODE: Final = _choice(
    ("gnb", open_seq(("plmn", areas.PLMN), ("node", _choice(("gnb", Bits(22, 32)))))),
    (
        "ng_enb",
        open_seq(
            ("plmn", areas.PLMN),
            ("node", _choice(("macro", Bits(20)), ("short_macro", Bits(18)), ("long_macro", Bits(21)))),
        ),
    ),
    ("n3iwf", open_seq(("plmn", areas.PLMN), ("node", _choice(("n3iwf", Bits(16)))))),
)
_AREA: Final = _choice(
    ("lte_cells", ListOf(areas.ECGI)),
    ("cells", ListOf(areas.NCGI)),
    ("tracking_areas", ListOf(_TAI)),
    ("areas", ListOf(areas.EMERGENCY_AREA)),
)
_ELEMENTS: Final[ElementTable] = {
    "cancelled": (12, "ignore", _reported(cancelled=True)),
    "completed": (13, "ignore", _reported(cancelled=False)),
    "cancel_all": (14, "reject", _TRUE),
    "restarted_cells": (16, "reject", _cells(16_384)),
    "concurrent": (17, "reject", _TRUE),
    "diagnostics": (19, "ignore", areas.DIAGNOSTICS),
    "coding": (20, "ignore", Bits(8)),
    "restarted_areas": (23, "reject", ListOf(areas.EMERGENCY_AREA, 256)),
    "node": (27, "reject", _NODE),
    "message_identifier": (35, "reject", Bits(16)),
    "broadcasts": (47, "reject", areas.BROADCASTS),
    "failed_cells": (81, "reject", _cells(16_384)),
    "repetition_period_s": (87, "reject", Int(0, 131_071)),
    "serial_number": (95, "reject", Bits(16)),
    "restarted_tracking_areas": (104, "reject", ListOf(_TAI, 2048)),
    "warning_area": (122, "ignore", _AREA),
    "contents": (123, "ignore", areas.CONTENTS),
    "security": (124, "ignore", areas.SECURITY),
    "warning_type": (125, "ignore", areas.WARNING_TYPE),
    "coordinates": (141, "ignore", areas.COORDINATES),
}
_HEAD: Final = "message_identifier serial_number"
_WRITE: Final = (
    f"{_HEAD} warning_area? repetition_period_s broadcasts warning_type? security? coding? contents? "
    "concurrent? coordinates?"
)
_RESTARTED: Final = "restarted_cells node restarted_tracking_areas restarted_areas?"

NGAP: Final = Application(
    "NGAP",
    message_types(
        _ELEMENTS,
        {
            "WriteReplaceWarningRequest": (51, "request", _WRITE),
            "WriteReplaceWarningResponse": (51, "outcome", f"{_HEAD} completed? diagnostics?"),
            "PWSCancelRequest": (32, "request", f"{_HEAD} warning_area? cancel_all?"),
            "PWSCancelResponse": (32, "outcome", f"{_HEAD} cancelled? diagnostics?"),
            "PWSRestartIndication": (34, "indication", _RESTARTED),
            "PWSFailureIndication": (33, "indication", "failed_cells node"),
        },
    ),
)
