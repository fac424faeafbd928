"""NGAP: an AMF and its base stations (3GPP TS 38.413 9.2.8, 9.4; SCTP, payload protocol 60)."""

from __future__ import annotations

from typing import Final

from ewsim.wire.per import Bits, Choice, Enum, Int, ListOf, Octets, Seq, Type
from ewsim.wire.procedures import CRITICALITY, Application, ElementType, MessageType, open_seq
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
_ID: Final = ElementType("message_identifier", 35, "reject", Bits(16))
_SERIAL: Final = ElementType("serial_number", 95, "reject", Bits(16))
_AREA: Final = ElementType(
    "warning_area?",
    122,
    "ignore",
    _choice(
        ("lte_cells", ListOf(areas.ECGI)),
        ("cells", ListOf(areas.NCGI)),
        ("tracking_areas", ListOf(_TAI)),
        ("areas", ListOf(areas.EMERGENCY_AREA)),
    ),
)
_DIAGNOSTICS: Final = ElementType("diagnostics?", 19, "ignore", areas.DIAGNOSTICS)
_GNB: Final = ElementType("node", 27, "reject", _NODE)

NGAP: Final = Application(
    "NGAP",
    (
        MessageType(
            "WriteReplaceWarningRequest",
            51,
            "request",
            "reject",
            (
                _ID,
                _SERIAL,
                _AREA,
                ElementType("repetition_period_s", 87, "reject", Int(0, 131_071)),
                ElementType("broadcasts", 47, "reject", areas.BROADCASTS),
                ElementType("warning_type?", 125, "ignore", areas.WARNING_TYPE),
                ElementType("security?", 124, "ignore", areas.SECURITY),
                ElementType("coding?", 20, "ignore", Bits(8)),
                ElementType("contents?", 123, "ignore", areas.CONTENTS),
                ElementType("concurrent?", 17, "reject", _TRUE),
                ElementType("coordinates?", 141, "ignore", areas.COORDINATES),
            ),
        ),
        MessageType(
            "WriteReplaceWarningResponse",
            51,
            "outcome",
            "reject",
            (_ID, _SERIAL, ElementType("completed?", 13, "ignore", _reported(cancelled=False)), _DIAGNOSTICS),
        ),
        MessageType(
            "PWSCancelRequest",
            32,
            "request",
            "reject",
            (_ID, _SERIAL, _AREA, ElementType("cancel_all?", 14, "reject", _TRUE)),
        ),
        MessageType(
            "PWSCancelResponse",
            32,
            "outcome",
            "reject",
            (_ID, _SERIAL, ElementType("cancelled?", 12, "ignore", _reported(cancelled=True)), _DIAGNOSTICS),
        ),
        MessageType(
            "PWSRestartIndication",
            34,
            "request",
            "ignore",
            (
                ElementType("cells", 16, "reject", _cells(16_384)),
                _GNB,
                ElementType("tracking_areas", 104, "reject", ListOf(_TAI, 2048)),
                ElementType("areas?", 23, "reject", ListOf(areas.EMERGENCY_AREA, 256)),
            ),
        ),
        MessageType(
            "PWSFailureIndication",
            33,
            "request",
            "ignore",
            (ElementType("cells", 81, "reject", _cells(16_384)), _GNB),
        ),
    ),
)
