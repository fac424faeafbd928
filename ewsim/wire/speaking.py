"""One warning as every protocol says it: what to write, and what stops it again.

References
----------
.. [1] 3GPP TS 23.041 9.1.3 (procedures), 9.3.24 (warning type), 9.4.1.2.2 (message identifiers).
.. [2] 3GPP TS 48.049 8.2.8 (repetition period, in units of 1.883 s).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

from ewsim.wire.places import WireCell, cell_list, lte_area, nr_area, tracking_areas
from ewsim.wire.protocols import cbsp, rrc, smpp
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.protocols.ngap import NGAP
from ewsim.wire.protocols.pages import CbsMessage, Page, pages_of, put_blocks, put_cbs, put_contents
from ewsim.wire.protocols.s1ap import S1AP
from ewsim.wire.protocols.sabp import SABP
from ewsim.wire.protocols.sbcap import SBCAP

#: A page takes one slot of the 2G broadcast channel: 8 x 51 TDMA frames [s].
CBCH_SLOT_S: Final = 1.883
#: Protocols between network elements; 2G, 4G and 5G are what the radio broadcasts.
BETWEEN_ELEMENTS: Final = ("CBSP", "SABP", "SBc-AP", "S1AP", "NGAP")
PROTOCOLS: Final = (*BETWEEN_ELEMENTS, "2G", "4G", "5G", "SMPP")
#: Message identifiers of ETWS, with the warning type of each (TS 23.041 9.3.24).
EMERGENCIES: Final = {4352: 0, 4353: 1, 4354: 2, 4355: 3, 4356: 4}
_MOST_BROADCASTS: Final = 0xFFFF
_LONGEST_SHORT_S: Final = 4095  # TS 36.413 9.2.1.48: longer periods have an element of their own


class Utterance(NamedTuple):
    """A message of a protocol: its name, its elements, its octets."""

    protocol: str
    name: str
    values: dict[str, Any]
    octets: bytes


@dataclass(frozen=True)
class WireWarning:
    """A warning: its numbers and its text.

    `broadcasts` 0: until it is stopped. `old` is the serial number that it replaces. `etws`: which of
    the two notifications it is where its number is one of earthquakes and tsunamis.
    """

    message_identifier: int
    serial_number: int
    text: str
    repetition_period_s: float = 30
    broadcasts: int = 0
    concurrent: bool = False
    old: int | None = None
    segment_octets: int = 140
    etws: Literal["both", "primary", "secondary"] = "both"

    @cached_property
    def _pages(self) -> tuple[int, tuple[Page, ...]]:
        return pages_of(self.text)

    def beside(self) -> WireWarning:
        """The same, beside what is on air already: the concurrent indicator."""
        return replace(self, concurrent=True)

    @property
    def head(self) -> dict[str, int]:
        """What names it everywhere."""
        return {"message_identifier": self.message_identifier, "serial_number": self.serial_number}

    @property
    def old_head(self) -> dict[str, int]:
        """What names it to a controller that stops it."""
        return {"message_identifier": self.message_identifier, "old_serial_number": self.serial_number}

    @property
    def warning_type(self) -> bytes | None:
        """What a primary notification of ETWS says, with alert and popup; None where it is none."""
        kind = None if self.etws == "secondary" else EMERGENCIES.get(self.message_identifier)
        return None if kind is None else (kind << 9 | 0x0180).to_bytes(2, "big")

    @property
    def only_primary(self) -> bool:
        """Whether it is a primary notification and nothing else: it has no text."""
        return self.etws == "primary" and self.warning_type is not None

    def notifications(self) -> tuple[WireWarning, ...]:
        """Its primary and its secondary notification, each alone; itself where it is not both."""
        if self.etws != "both" or self.warning_type is None:
            return (self,)
        return replace(self, etws="primary", old=None), replace(self, etws="secondary")

    @cached_property
    def contents(self) -> bytes:
        """Its pages as 3G to 5G carry them."""
        return put_contents(self._pages[1])

    # --- write ------------------------------------------------------------------------------------

    def cbsp(self, cells: Sequence[WireCell]) -> Utterance:
        """WRITE-REPLACE to a base station controller."""
        coding, pages = self._pages
        period = min(max(round(self.repetition_period_s / CBCH_SLOT_S), 1), 4095)
        if self.only_primary:
            emergency = {"emergency": 1, "warning_type": self.warning_type, "security": bytes(50)}
            listed = {"cells": cell_list(cells), "warning_period": 0}
            return said("CBSP", "WRITE-REPLACE", self.head | emergency | listed)
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
        if self.warning_type is not None:
            values |= {"paging": "paging", "warning_type": self.warning_type}
        if self.only_primary:  # these must be there, and say nothing (Validity Indicator)
            values |= {"coding": 0, "contents": (0, 8), "contents_not_valid": "not_valid"}
        if self.old is not None:
            values["old_serial_number"] = self.old
        return said("SABP", "Write-Replace", values)

    def _warning(self) -> dict[str, Any]:
        """The elements that SBc-AP, S1AP and NGAP have in common."""
        period = round(self.repetition_period_s)
        times = self.broadcasts
        if self.message_identifier in EMERGENCIES and period and not times:
            times = _MOST_BROADCASTS  # 0 is no broadcast of a secondary notification (TS 29.168 4.4.5)
        values: dict[str, Any] = {**self.head, "repetition_period_s": period, "broadcasts": times}
        if not self.only_primary:
            values |= {"coding": self._pages[0], "contents": self.contents}
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
            "warning_area": lte_area(cells, by_area=by_area),
            "send_indication": "true",
        }
        return said("SBc-AP", "Write-Replace-Warning-Request", values)

    def s1ap(self, cells: Sequence[WireCell], *, by_area: bool = False) -> Utterance:
        """WriteReplaceWarningRequest to a base station of 4G."""
        area = {"warning_area": lte_area(cells, by_area=by_area)}
        return said("S1AP", "WriteReplaceWarningRequest", _long_period(self._warning()) | area)

    def ngap(self, cells: Sequence[WireCell], *, by_area: bool = False) -> Utterance:
        """WriteReplaceWarningRequest to a base station of 5G."""
        area = {"warning_area": nr_area(cells, by_area=by_area)}
        return said("NGAP", "WriteReplaceWarningRequest", self._warning() | area)

    # --- stop -------------------------------------------------------------------------------------

    def stop(self, protocol: str, cells: Sequence[WireCell]) -> Utterance:
        """What stops it, in one of the protocols between network elements."""
        old = self.old_head
        match protocol:
            case "CBSP":
                channel = {} if self.only_primary else {"channel": 0}
                return said("CBSP", "KILL", {**old, "cells": cell_list(cells), **channel})
            case "SABP":
                return said("SABP", "Kill", {**old, "areas": [cell.sai for cell in cells]})
            case "SBc-AP":
                tais = [{"tracking_area": tai} for tai in tracking_areas(cells, 2)]
                values = {
                    "tracking_areas": tais,
                    "warning_area": lte_area(cells),
                    "send_stop_indication": "true",
                }
                return said("SBc-AP", "Stop-Warning-Request", self.head | values)
            case "S1AP":
                return said("S1AP", "KillRequest", {**self.head, "warning_area": lte_area(cells)})
        return said("NGAP", "PWSCancelRequest", {**self.head, "warning_area": nr_area(cells)})

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
        makers = (*(one.cbsp for one in self.notifications()), self.sabp, self.sbcap, self.s1ap, self.ngap)
        pages = [page for page, _ in self.cbs()]
        radio = [*pages, *self.radio("4G"), *self.radio("5G")]
        return [*(make(cells) for make in makers), *radio, *sms(self.text, to)]

    def radio(self, rat: rrc.Rat) -> list[Utterance]:
        """The blocks of 4G or 5G: the primary notification where it is one, then each segment."""
        primary = self.warning_type
        name = rrc.BLOCKS[rat][0]
        blocks = [] if primary is None else [rrc.Block(name, {**self.head, "warning_type": primary})]
        if not self.only_primary:
            coding, contents, etws = self._pages[0], self.contents, self.message_identifier in EMERGENCIES
            blocks += rrc.warning_blocks(rat, self.head, coding, contents, self.segment_octets, etws=etws)
        return [Utterance(rat, b.name, b.fields, rrc.encode_information(rat, b)) for b in blocks]

    def cbs(self) -> list[tuple[Utterance, tuple[bytes, ...]]]:
        """The pages of 2G, and each one's four blocks on the radio."""
        coding, pages = self._pages if not self.only_primary else (0, ())
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


def indication(protocol: str, cells: Sequence[WireCell], *, failed: bool) -> Utterance:
    """What a controller, or the MME for one base station, tells its centre of cells by itself.

    Parameters
    ----------
    protocol
        CBSP, SABP or SBc-AP.
    cells
        The cells; for SBc-AP all of one base station.
    failed
        They have failed; else they are back and have lost their messages.
    """
    if protocol == "CBSP":
        cause = CAUSES["CBSP"].index("cell broadcast not operational")
        lists = (
            {"failures": cell_list(cells, cause)} if failed else {"cells": cell_list(cells), "recovery": 1}
        )
        return said("CBSP", "FAILURE" if failed else "RESTART", {**lists, "broadcast_type": 0})
    if protocol == "SABP":
        back = {} if failed else {"recovery": "data_lost"}
        areas = {"areas": [cell.sai for cell in cells]}
        return said("SABP", "Failure" if failed else "Restart", areas | back)
    values: dict[str, Any] = {"node": cells[0].enb}
    listed = [cell.ecgi for cell in cells]
    if failed:
        return said("SBc-AP", "PWS-Failure-Indication", {**values, "failed_cells": listed})
    areas_of = [{"tracking_area": area} for area in tracking_areas(cells, 2)]
    values |= {"restarted_cells": listed, "restarted_tracking_areas": areas_of}
    return said("SBc-AP", "PWS-Restart-Indication", values)


_APPLICATIONS: Final = {each.name: each for each in (SABP, SBCAP, S1AP, NGAP)}


def _long_period(values: dict[str, Any]) -> dict[str, Any]:
    """With the extended repetition period where the plain one is too short for it."""
    period = values["repetition_period_s"]
    if period <= _LONGEST_SHORT_S:
        return values
    return values | {"repetition_period_s": _LONGEST_SHORT_S, "extended_repetition_period_s": period}
