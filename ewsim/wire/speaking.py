"""One warning as every protocol says it: what to write, and what stops it again.

References
----------
.. [1] 3GPP TS 23.041 9.1.3 (procedures), 9.3.24 (warning type), 9.4.1.2.2 (message identifiers).
.. [2] 3GPP TS 48.049 8.2.8 (repetition period, in units of 1.883 s).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from ewsim.wire.protocols import cbsp, rrc, smpp
from ewsim.wire.protocols.ngap import NGAP
from ewsim.wire.protocols.pages import CbsMessage, Page, pages_of, put_blocks, put_cbs, put_contents
from ewsim.wire.protocols.s1ap import S1AP
from ewsim.wire.protocols.sabp import SABP
from ewsim.wire.protocols.sbcap import SBCAP

#: A page takes one slot of the 2G broadcast channel: 8 x 51 TDMA frames [s].
CBCH_SLOT_S: Final = 1.883
#: The test network (TS 23.003), which every example is in: MCC 001, MNC 01.
TEST_PLMN: Final = b"\x00\xf1\x10"
#: Protocols between network elements; 2G, 4G and 5G are what the radio broadcasts.
BETWEEN_ELEMENTS: Final = ("CBSP", "SABP", "SBc-AP", "S1AP", "NGAP")
PROTOCOLS: Final = (*BETWEEN_ELEMENTS, "2G", "4G", "5G", "SMPP")
_Values: TypeAlias = list[dict[str, Any]]
_EMERGENCIES: Final = {4352: 0, 4353: 1, 4354: 2, 4355: 3, 4356: 4}
_LONGEST_SHORT_S: Final = 4095  # TS 36.413 9.2.1.48: longer periods have an element of their own


class WireCell(NamedTuple):
    """A cell as lists name it: its number, its site's (base station's), its tracking area's."""

    number: int
    site: int
    tracking_area: int
    plmn: bytes = TEST_PLMN

    @property
    def ecgi(self) -> dict[str, Any]:
        """In 4G: 20 bits of base station, 8 of cell."""
        return {"plmn": self.plmn, "cell": (self.site & 0xFFFFF) << 8 | self.number & 0xFF}

    @property
    def ncgi(self) -> dict[str, Any]:
        """In 5G: here 24 bits of base station, 12 of cell."""
        return {"plmn": self.plmn, "cell": (self.site & 0xFFFFFF) << 12 | self.number & 0xFFF}

    def tai(self, octets: int) -> dict[str, Any]:
        """Its tracking area; its code has 2 octets in 4G and 3 in 5G."""
        return {"plmn": self.plmn, "tac": (self.tracking_area + 1 & 0xFFFF).to_bytes(octets, "big")}

    @property
    def sai(self) -> dict[str, Any]:
        """In 3G: a service area."""
        lac = self.tracking_area + 1 & 0xFFFF
        return {"plmn": self.plmn, "lac": lac.to_bytes(2, "big"), "sac": self._short}

    @property
    def cgi(self) -> bytes:
        """In 2G: location area and cell identity."""
        return cbsp.lac_ci(self.tracking_area + 1, int.from_bytes(self._short, "big"))

    @property
    def _short(self) -> bytes:
        return (self.site << 4 & 0xFFF0 | self.number & 0xF).to_bytes(2, "big")

    @property
    def enb(self) -> dict[str, Any]:
        """Its base station in 4G."""
        return {"plmn": self.plmn, "node": ("macro", self.site & 0xFFFFF)}

    @property
    def gnb(self) -> tuple[str, dict[str, Any]]:
        """Its base station in 5G."""
        return "gnb", {"plmn": self.plmn, "node": ("gnb", (self.site & 0xFFFFFF, 24))}


class Utterance(NamedTuple):
    """A message of a protocol: its name, its elements, its octets."""

    protocol: str
    name: str
    values: dict[str, Any]
    octets: bytes


@dataclass(frozen=True)
class WireWarning:
    """A warning: its numbers and its text.

    `broadcasts` 0: until it is stopped. `old` is the serial number that it replaces.
    """

    message_identifier: int
    serial_number: int
    text: str
    repetition_period_s: float = 30
    broadcasts: int = 0
    concurrent: bool = False
    old: int | None = None
    segment_octets: int = 140

    @cached_property
    def _pages(self) -> tuple[int, tuple[Page, ...]]:
        return pages_of(self.text)

    @property
    def head(self) -> dict[str, int]:
        """What names it everywhere."""
        return {"message_identifier": self.message_identifier, "serial_number": self.serial_number}

    @property
    def warning_type(self) -> bytes | None:
        """What a primary notification of ETWS says; None where it is none."""
        kind = _EMERGENCIES.get(self.message_identifier)
        return None if kind is None else (kind << 9 | 0x0180).to_bytes(2, "big")  # alert and popup

    @cached_property
    def contents(self) -> bytes:
        """Its pages as 3G to 5G carry them."""
        return put_contents(self._pages[1])

    # --- write ------------------------------------------------------------------------------------

    def cbsp(self, cells: Sequence[WireCell]) -> Utterance:
        """WRITE-REPLACE to a base station controller."""
        coding, pages = self._pages
        period = min(max(round(self.repetition_period_s / CBCH_SLOT_S), 1), 4095)
        values: dict[str, Any] = {
            **self.head,
            "cells": cell_list(cells),
            "channel": 0,
            "category": 0,
            "repetition_period": period,
            "broadcasts": self.broadcasts,
            "page_count": len(pages),
            "coding": coding,
            "pages": pages,
        }
        if self.old is not None:
            values["old_serial_number"] = self.old
        return said("CBSP", "WRITE-REPLACE", values)

    def sabp(self, cells: Sequence[WireCell]) -> Utterance:
        """Write-Replace to a radio network controller."""
        values = {
            **self.head,
            "areas": [cell.sai for cell in cells],
            "category": "high",
            "repetition_period_s": min(max(round(self.repetition_period_s), 1), 4096),
            "broadcasts": self.broadcasts,
            "coding": self._pages[0],
            "contents": (int.from_bytes(self.contents, "big"), 8 * len(self.contents)),
        }
        if self.old is not None:
            values["old_serial_number"] = self.old
        return said("SABP", "Write-Replace", values)

    def _warning(self) -> dict[str, Any]:
        """The elements that SBc-AP, S1AP and NGAP have in common."""
        period = round(self.repetition_period_s)
        values: dict[str, Any] = {
            **self.head,
            "repetition_period_s": period,
            "broadcasts": self.broadcasts,
            "coding": self._pages[0],
            "contents": self.contents,
        }
        if self.warning_type is not None:
            values["warning_type"] = self.warning_type
        if self.concurrent:
            values["concurrent"] = "true"
        return values

    def sbcap(self, cells: Sequence[WireCell], *, by_area: bool = False) -> Utterance:
        """Write-Replace-Warning-Request to an MME; the list holds cells, or their tracking areas."""
        values = {
            **_long_period(self._warning()),
            "tracking_areas": [{"tracking_area": tai} for tai in tracking_areas(cells, 2)],
            "warning_area": _lte_area(cells, by_area=by_area),
            "send_indication": "true",
        }
        return said("SBc-AP", "Write-Replace-Warning-Request", values)

    def s1ap(self, cells: Sequence[WireCell], *, by_area: bool = False) -> Utterance:
        """WriteReplaceWarningRequest to a base station of 4G."""
        area = {"warning_area": _lte_area(cells, by_area=by_area)}
        return said("S1AP", "WriteReplaceWarningRequest", _long_period(self._warning()) | area)

    def ngap(self, cells: Sequence[WireCell], *, by_area: bool = False) -> Utterance:
        """WriteReplaceWarningRequest to a base station of 5G."""
        area = {"warning_area": _nr_area(cells, by_area=by_area)}
        return said("NGAP", "WriteReplaceWarningRequest", self._warning() | area)

    # --- stop -------------------------------------------------------------------------------------

    def stop(self, protocol: str, cells: Sequence[WireCell]) -> Utterance:
        """What stops it, in one of the protocols between network elements."""
        old = {"message_identifier": self.message_identifier, "old_serial_number": self.serial_number}
        match protocol:
            case "CBSP":
                return said("CBSP", "KILL", {**old, "cells": cell_list(cells), "channel": 0})
            case "SABP":
                return said("SABP", "Kill", {**old, "areas": [cell.sai for cell in cells]})
            case "SBc-AP":
                tais = [{"tracking_area": tai} for tai in tracking_areas(cells, 2)]
                values = {"tracking_areas": tais, "warning_area": _lte_area(cells), "send_indication": "true"}
                return said("SBc-AP", "Stop-Warning-Request", self.head | values)
            case "S1AP":
                return said("S1AP", "KillRequest", {**self.head, "warning_area": _lte_area(cells)})
        return said("NGAP", "PWSCancelRequest", {**self.head, "warning_area": _nr_area(cells)})

    # --- on the radio, and as SMS -----------------------------------------------------------------

    def everywhere(self, cells: Sequence[WireCell], to: str, *, stops: bool = False) -> list[Utterance]:
        """The message of every protocol.

        Parameters
        ----------
        cells
            What lists name.
        to
            The number that the SMS goes to.
        stops
            Say what stops it; on the radio and in SMS there is no such thing.
        """
        if stops:
            return [self.stop(protocol, cells) for protocol in BETWEEN_ELEMENTS]
        makers = (self.cbsp, self.sabp, self.sbcap, self.s1ap, self.ngap)
        pages = [page for page, _ in self.cbs()]
        radio = [*pages, *self.radio("4G"), *self.radio("5G")]
        return [*(make(cells) for make in makers), *radio, *sms(self.text, to)]

    def radio(self, rat: rrc.Rat) -> list[Utterance]:
        """The blocks of 4G or 5G: the primary notification where it is one, then each segment."""
        primary = self.warning_type
        name = rrc.BLOCKS[rat][0]
        blocks = [] if primary is None else [rrc.Block(name, {**self.head, "warning_type": primary})]
        if self.text:
            coding, contents, etws = self._pages[0], self.contents, primary is not None
            blocks += rrc.warning_blocks(rat, self.head, coding, contents, self.segment_octets, etws=etws)
        return [Utterance(rat, b.name, b.fields, rrc.encode_information(rat, b)) for b in blocks]

    def cbs(self) -> list[tuple[Utterance, tuple[bytes, ...]]]:
        """The pages of 2G, and each one's four blocks on the radio."""
        coding, pages = self._pages
        made = []
        for n, page in enumerate(pages, 1):
            message = CbsMessage(
                self.serial_number, self.message_identifier, coding, n, len(pages), page.octets
            )
            octets = put_cbs(message)
            values = {**self.head, "coding": coding, "page": n, "page_count": len(pages), "pages": (page,)}
            made.append((Utterance("2G", "page", values, octets), put_blocks(octets)))
        return made


def sms(text: str, to: str, *, sequence: int = 1, sender: str = "ALERT") -> list[Utterance]:
    """A text as submit_sm, one for each part.

    Parameters
    ----------
    text
        The text.
    to
        The number it goes to.
    sequence
        The first sequence number; the parts share its last octet as their reference.
    sender
        What phones show as the sender.
    """
    made = []
    for n, part in enumerate(smpp.text_fields(text, reference=sequence), sequence):
        values = {
            "source_addr_ton": 5,
            "source_addr": sender,
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": to,
            "registered_delivery": 1,
            **part,
        }
        made.append(Utterance("SMPP", "submit_sm", values, smpp.encode("submit_sm", values, sequence=n)))
    return made


def said(protocol: str, name: str, values: dict[str, Any]) -> Utterance:
    """A message between network elements, encoded.

    Parameters
    ----------
    protocol, name
        Which one.
    values
        Its elements.
    """
    octets = cbsp.encode(name, values) if protocol == "CBSP" else _APPLICATIONS[protocol].encode(name, values)
    return Utterance(protocol, name, values, octets)


_APPLICATIONS: Final = {each.name: each for each in (SABP, SBCAP, S1AP, NGAP)}


def cell_list(cells: Sequence[WireCell], said_of_each: int = 0) -> tuple[cbsp.Cell, ...]:
    """Cells as CBSP lists them, the same said of each."""
    return tuple(cbsp.Cell(cbsp.LAC_CI, cell.cgi, said_of_each) for cell in cells)


def tracking_areas(cells: Sequence[WireCell], octets: int) -> _Values:
    """The tracking areas of cells, each once, with codes of so many octets."""
    each = {(cell.plmn, cell.tracking_area): cell for cell in cells}
    return [cell.tai(octets) for cell in each.values()]


def _lte_area(cells: Sequence[WireCell], *, by_area: bool = False) -> tuple[str, _Values]:
    return _area([cell.ecgi for cell in cells], cells, 2 * by_area)


def _nr_area(cells: Sequence[WireCell], *, by_area: bool = False) -> tuple[str, _Values]:
    return _area([cell.ncgi for cell in cells], cells, 3 * by_area)


def _area(own: list[dict[str, Any]], cells: Sequence[WireCell], octets: int) -> tuple[str, _Values]:
    """A warning area list: of cells, or of tracking areas with codes of so many octets."""
    return ("tracking_areas", tracking_areas(cells, octets)) if octets else ("cells", own)


def _long_period(values: dict[str, Any]) -> dict[str, Any]:
    """With the extended repetition period where the plain one is too short for it."""
    period = values["repetition_period_s"]
    if period <= _LONGEST_SHORT_S:
        return values
    return values | {"repetition_period_s": _LONGEST_SHORT_S, "extended_repetition_period_s": period}
