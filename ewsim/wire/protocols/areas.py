"""Cells, tracking areas and lists of them: types that SBc-AP, S1AP and NGAP share.

References
----------
.. [1] 3GPP TS 29.168 4.4.5, TS 36.413 9.3.4, TS 38.413 9.4.5.
"""

from typing import Final

from ewsim.wire.per import Bits, Choice, Enum, Int, ListOf, Octets, Seq, Type
from ewsim.wire.procedures import CRITICALITY, open_seq

PLMN: Final = Octets(3)
EMERGENCY_AREA: Final = Octets(3)
ECGI: Final = open_seq(("plmn", PLMN), ("cell", Bits(28)))
NCGI: Final = open_seq(("plmn", PLMN), ("cell", Bits(36)))
BROADCASTS: Final = Int(0, 65_535)
WARNING_TYPE, SECURITY = Octets(2), Octets(50)
CONTENTS, COORDINATES = Octets(1, 9600), Octets(1, 1024)
TRUE: Final = Enum(("true",))
LONG_PERIOD: Final = Int(4096, 131_071)

_MACRO, _HOME, _SHORT, _LONG = Bits(20), Bits(28), Bits(18), Bits(21)
GLOBAL_ENB: Final = open_seq(
    ("plmn", PLMN),
    ("node", Choice((("macro", _MACRO), ("home", _HOME)), (("short_macro", _SHORT), ("long_macro", _LONG)))),
)
_ERROR: Final = open_seq(
    ("criticality", CRITICALITY),
    ("element", Int(0, 65_535)),
    ("error", Enum(("not_understood", "missing"), open=True)),
)
DIAGNOSTICS: Final = open_seq(
    ("procedure?", Int(0, 255)),
    ("triggered_by?", Enum(("request", "outcome", "failure"))),
    ("criticality?", CRITICALITY),
    ("elements?", ListOf(_ERROR, 256)),
)


def warning_area(tracking_area: Type) -> Choice:
    """The Warning-Area-List of 4G."""
    return Choice(
        (
            ("cells", ListOf(ECGI)),
            ("tracking_areas", ListOf(tracking_area)),
            ("areas", ListOf(EMERGENCY_AREA)),
        )
    )


def reported_areas(cell: Type, tracking_area: Type, *, cancelled: bool) -> tuple[tuple[str, Type], ...]:
    """Where a message is broadcast or was cancelled: by cell, by tracking area, by emergency area.

    Parameters
    ----------
    cell, tracking_area
        Their types.
    cancelled
        Whether each cell has the number of broadcasts it made.
    """
    count = (("broadcasts", BROADCASTS),) if cancelled else ()
    cells = ListOf(open_seq(("cell", cell), *count))
    return (
        ("cells", cells),
        ("tracking_areas", ListOf(open_seq(("tracking_area", tracking_area), ("cells", cells)))),
        ("areas", ListOf(open_seq(("area", EMERGENCY_AREA), ("cells", cells)))),
    )


def optional(fields: tuple[tuple[str, Type], ...]) -> Seq:
    """A sequence of these fields, each of them optional."""
    return open_seq(*((f"{name}?", kind) for name, kind in fields))
