"""What the machines of a finished run say to each other, with the run's own times.

From the events table: a centre writes to its controllers, MME and AMF, these to base stations; base
stations answer, fail and return; the radio of one cell broadcasts each message once; a message
centre takes texts and gives receipts. Time 0 is when the CAP message was sent.

Assumptions: answers come at the moment that the model decides them; where nobody received from a base
station, it was asked its median time before it was on air; the centre of 5G speaks HTTP/2
(TS 29.518), and base stations of 2G and 3G have links of their own: neither is said here.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from ewsim.result.record import Result
from ewsim.units import RATS, US, to_us
from ewsim.wire.capture.writing import Spoken
from ewsim.wire.cast import Cast, RunEvent, events_of
from ewsim.wire.places import WireCell, cell_list, tracking_areas
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.speaking import CBCH_SLOT_S, Utterance, WireWarning, indication, said
from ewsim.wire.texting import texts_spoken

_PEERS: Final = dict(zip(RATS, ("BSC", "RNC", "MME", "AMF"), strict=True))
_LINKS: Final = {"2G": "CBSP", "3G": "SABP", "4G": "SBc-AP"}
_STATIONS: Final = {"4G": ("S1AP", "eNB"), "5G": ("NGAP", "gNB")}
#: Why cells refuse, in the model's words, as causes of CBSP and SABP.
REFUSALS: Final = {
    "not operational": ("cell broadcast not operational", "service area broadcast not operational"),
    "warning broadcast not supported": (
        "cell broadcast not supported",
        "service area broadcast not supported",
    ),
    "concurrent messages not supported": ("BSC capacity exceeded", "RNC capacity exceeded"),
    "cell memory exceeded": ("cell memory exceeded", "RNC memory exceeded"),
}


def spoken_in(result: Result, *, phones: int = 100) -> list[Spoken]:
    """Every message of a run in the order of time; SMS of at most so many phones of each operator."""
    start_us = round(datetime.fromisoformat(result.alert.sent).timestamp() * US)
    heard = [*_CellBroadcast(result).spoken(), *texts_spoken(result, phones)]
    heard.sort(key=lambda each: each.time_us)
    return [each._replace(time_us=each.time_us + start_us) for each in heard]


class _CellBroadcast(Cast):
    """The centres, their peers, base stations and the radio."""

    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self.by_area = result.scenario.targeting.policy == "tracking_areas"
        self.accepted_us: dict[tuple[str, str, str], int] = {}  # operator, message, peer
        self.stops: set[tuple[str, str]] = set()  # operator, message: it was stopped last
        self.concurrent: set[tuple[str, str]] = set()
        self.waiting: list[tuple[str, str, str]] = []  # operator, message, generation: to be confirmed
        self.refused: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)  # (operator, message): why
        self.seen: set[tuple[str, ...]] = set()
        self.heard: dict[tuple[str, str], tuple[int, list[WireWarning]]] = {}  # (generation, message)

    def spoken(self) -> Iterator[Spoken]:
        """All messages; the caller sorts them."""
        if not self.sent or self.spec is None:
            return
        events = events_of(self.result)
        operator, rat = self.result.cells["operator"].tolist(), self.result.cells["rat"].tolist()
        #: What base stations are asked at one moment: (time, kind, operator, rat, site, message): cells.
        asked: dict[tuple[int, str, str, str, int, str], dict[int, str]] = defaultdict(dict)
        failed: set[tuple[int, int]] = set()
        reloaded: set[tuple[int, str]] = set()
        reload_us = to_us(self.spec.reload_delay_s)
        accepted: tuple[int, str] = (-1, "")
        for event in events:
            label = event.message
            if label and label not in self.warnings:
                continue
            match event.element, event.kind:
                case "cbc", "accepted" | "stopped" as kind:
                    key = (event.operator, label)
                    (self.stops.discard if kind == "accepted" else self.stops.add)(key)
                    if kind == "accepted" and accepted == (event.at_us, event.operator):
                        self.concurrent.add(key)
                    accepted = (event.at_us, event.operator)
                case "peer", "accepted":
                    self.accepted_us.setdefault((event.operator, label, event.detail), event.at_us)
                    yield from self._asked(event)
                case "peer", "confirmed":
                    yield from self._confirmed(event)
                case "cell", "on_air" | "rejected" | "off_air" | "failure_indicated" | "reloaded" as kind:
                    who = (operator[event.cell], rat[event.cell], self.cells[event.cell].site)
                    if kind == "rejected":
                        self.refused[who[0], label][event.cell] = event.detail
                        asked[event.at_us, "write", *who, label][event.cell] = event.detail
                    elif kind == "on_air":
                        if self._again(event):  # one request carries both notifications of ETWS
                            pass
                        elif (event.cell, label) in reloaded:
                            reloaded.remove((event.cell, label))
                        else:
                            asked[self._written(event, *who[:2]), "write", *who, label][event.cell] = ""
                        yield from self._radio(event, who[1], who[0])
                    elif kind == "failure_indicated":
                        failed.add((event.cell, event.at_us + reload_us))
                        asked[event.at_us, "failed", *who, ""][event.cell] = ""
                    elif kind == "reloaded":
                        if (event.cell, event.at_us) not in failed:
                            asked[event.at_us - reload_us, "restarted", *who, ""][event.cell] = ""
                        reloaded.add((event.cell, label))
                        for what in ("reload", "write"):
                            asked[event.at_us, what, *who, label][event.cell] = ""
                    elif event.detail == "stopped" and not self._again(event):
                        asked[event.at_us, "stop", *who, label][event.cell] = ""
        for (at_us, what, name, generation, _, label), found in asked.items():
            yield from self._station(at_us, what, name, generation, label, found)

    def _again(self, event: RunEvent) -> bool:
        """Whether this is the second of the two notifications of ETWS that share their numbers."""
        key = (event.kind, event.operator, event.message, str(event.cell), str(event.detail))
        second = key in self.seen and len(self.warnings[event.message].notifications()) > 1
        (self.seen.discard if second else self.seen.add)(key)
        return second

    def _written(self, event: RunEvent, operator: str, rat: str) -> int:
        """When a base station that is on air was asked.

        Where nobody received from it, the results do not say when: it takes the median time then.
        """
        at_us = self.written_us.get(event.at_us, event.at_us - to_us(self.spec.cell_rebuild_s))
        return max(at_us, self.accepted_us.get((operator, event.message, _PEERS[rat]), at_us))

    # --- the centre and its peers -----------------------------------------------------------------

    def _asked(self, event: RunEvent) -> Iterator[Spoken]:
        """A centre's request, and the answer of an MME, which comes at once."""
        rat = next(r for r, peer in _PEERS.items() if peer == event.detail)
        key = ("asked", event.operator, event.message, rat, str(event.at_us))
        stops = (event.operator, event.message) in self.stops
        warning = self._warning(event.operator, event.message)
        if rat == "2G":  # CBSP has a message for each notification of ETWS
            warning = warning.notifications()[-1 if key in self.seen else 0]
        elif rat not in _LINKS or key in self.seen:
            return
        self.seen.add(key)
        protocol, cells = _LINKS[rat], self.of(self.targeted[event.operator, rat])
        request = warning.stop(protocol, cells) if stops else self._write(warning, rat, cells)
        round_trip_us = to_us(self.spec.peer_round_trip_s)
        yield self._down(event.at_us - round_trip_us, event.operator, rat, request)
        if rat == "4G":
            name = f"{'Stop' if stops else 'Write-Replace'}-Warning-Response"
            answer = said(protocol, name, {**warning.head, "cause": 0})
        elif stops:
            old = {
                "message_identifier": warning.message_identifier,
                "old_serial_number": warning.serial_number,
            }
            answer = _complete("KILL COMPLETE" if rat == "2G" else "Kill-Complete", old, cells)
        else:
            self.waiting.append((event.operator, event.message, rat))
            return
        if not stops:
            self.waiting.append((event.operator, event.message, rat))
        yield self._up(event.at_us, event.operator, rat, answer)

    def _confirmed(self, event: RunEvent) -> Iterator[Spoken]:
        """What a peer's base stations have taken up: a controller's answer, an MME's indication.

        The event does not say which peer: it is the first that waits and has as many cells.
        """
        size = int(event.detail.split()[2])
        for operator, label, rat in self.waiting:
            cells = self.targeted[operator, rat]
            if (operator, label, len(cells)) == (event.operator, event.message, size):
                break
        else:
            return
        self.waiting.remove((operator, label, rat))
        refused = self.refused[operator, label]
        taken = self.of([cell for cell in cells if cell not in refused])
        why = [(self.cells[cell], refused[cell]) for cell in cells if cell in refused]
        warning = self._warning(operator, label)
        if rat == "4G":
            scheduled = {"cells": [{"cell": cell.ecgi} for cell in taken]} if taken else {}
            values = {**warning.head, "scheduled": scheduled}
            answer = said("SBc-AP", "Write-Replace-Warning-Indication", values)
        elif not why:
            answer = _complete(
                "WRITE-REPLACE COMPLETE" if rat == "2G" else "Write-Replace-Complete", warning.head, taken
            )
        elif rat == "2G":
            failures = [cell.listed(CAUSES["CBSP"].index(REFUSALS[cause][0])) for cell, cause in why]
            some = {"cells": cell_list(taken)} if taken else {}
            answer = said("CBSP", "WRITE-REPLACE FAILURE", warning.head | {"failures": failures} | some)
        else:
            areas = [{"area": c.sai, "cause": CAUSES["SABP"].index(REFUSALS[cause][1])} for c, cause in why]
            done = {"completed": [{"area": c.sai, "broadcasts": 0} for c in taken]} if taken else {}
            answer = said("SABP", "Write-Replace-Failure", warning.head | {"failures": areas} | done)
        yield self._up(event.at_us, operator, rat, answer)

    def _write(self, warning: WireWarning, rat: str, cells: list[WireCell]) -> Utterance:
        if rat == "4G":
            return warning.sbcap(cells, by_area=self.by_area)
        return warning.cbsp(cells) if rat == "2G" else warning.sabp(cells)

    def _warning(self, operator: str, label: str) -> WireWarning:
        warning = self.warnings[label]
        return warning.beside() if (operator, label) in self.concurrent else warning

    def _down(self, at_us: int, operator: str, rat: str, message: Utterance) -> Spoken:
        """From a centre to its peer. A base station controller has called; an MME was called."""
        names = f"{operator} CBC", f"{operator} {_PEERS[rat]}"
        return Spoken(at_us, *names, message.protocol, message.octets)

    def _up(self, at_us: int, operator: str, rat: str, message: Utterance) -> Spoken:
        """From a peer to its centre."""
        names = f"{operator} {_PEERS[rat]}", f"{operator} CBC"
        return Spoken(at_us, *names, message.protocol, message.octets, caller=False)

    # --- base stations ----------------------------------------------------------------------------

    def _station(
        self, at_us: int, kind: str, operator: str, rat: str, label: str, found: dict[int, str]
    ) -> Iterator[Spoken]:
        """What is asked of a base station, or what it says by itself."""
        cells = self.of(list(found))
        if kind == "reload":
            again = self.warnings[label].beside()
            if rat in _LINKS:
                yield self._down(at_us, operator, rat, self._write(again, rat, cells))
            return
        if kind in ("failed", "restarted"):
            yield from self._indicated(at_us, operator, rat, kind, cells)
            return
        if rat not in _STATIONS:
            return
        warning = self._warning(operator, label)
        taken = self.of([cell for cell, why in found.items() if not why])
        own = [cell.ecgi if rat == "4G" else cell.ncgi for cell in taken]
        protocol, station = _STATIONS[rat]
        names = f"{operator} {_PEERS[rat]}", f"{operator} {station} {cells[0].site}"
        if kind == "write":
            asks = warning.s1ap(cells) if rat == "4G" else warning.ngap(cells)
            done = {"completed": ("cells", [{"cell": cell} for cell in own])} if own else {}
            answer = said(protocol, "WriteReplaceWarningResponse", warning.head | done)
        else:
            asks = warning.stop(protocol, cells)
            made = [{"cell": cell, "broadcasts": 0} for cell in own]
            name = "KillResponse" if rat == "4G" else "PWSCancelResponse"
            answer = said(protocol, name, warning.head | {"cancelled": ("cells", made)})
        yield Spoken(at_us, *names, protocol, asks.octets, caller=False)
        yield Spoken(at_us, names[1], names[0], protocol, answer.octets)

    def _indicated(
        self, at_us: int, operator: str, rat: str, kind: str, cells: list[WireCell]
    ) -> Iterator[Spoken]:
        """A base station has failed, or has returned and lost its messages; the peer tells the centre."""
        fails = kind == "failed"
        if rat in _STATIONS:
            protocol, station = _STATIONS[rat]
            name = "PWSFailureIndication" if fails else "PWSRestartIndication"
            list_of = [cell.ecgi if rat == "4G" else cell.ncgi for cell in cells]
            node = cells[0].enb if rat == "4G" else cells[0].gnb
            listed = list_of if rat == "4G" else ("cells", list_of)
            values: dict[str, Any] = {f"{kind}_cells": listed, "node": node}
            areas = tracking_areas(cells, 2 if rat == "4G" else 3)
            back = {} if fails else {"restarted_tracking_areas": areas}
            names = f"{operator} {station} {cells[0].site}", f"{operator} {_PEERS[rat]}"
            yield Spoken(at_us, *names, protocol, said(protocol, name, values | back).octets)
        if rat in _LINKS:
            yield self._up(at_us, operator, rat, indication(_LINKS[rat], cells, failed=fails))

    def _radio(self, event: RunEvent, rat: str, operator: str) -> Iterator[Spoken]:
        """What one cell broadcasts of a message, once, from the moment it is on air."""
        all_of = list(self.warnings[event.message].notifications())
        cell, left = self.heard.setdefault((rat, event.message), (event.cell, all_of))
        if event.cell != cell or not left:
            return
        warning, names = left.pop(0), (f"{operator} cell", "phones")
        if rat == "2G":
            for n, (_, blocks) in enumerate(warning.cbs()):
                at_us = event.at_us + n * to_us(CBCH_SLOT_S)
                yield from (Spoken(at_us, *names, "2G", block) for block in blocks)
        elif rat in ("4G", "5G"):
            for n, block in enumerate(warning.radio("4G" if rat == "4G" else "5G")):
                yield Spoken(event.at_us + n * to_us(self.spec.si_period_s), *names, rat, block.octets)


def _complete(name: str, head: dict[str, int], cells: list[WireCell]) -> Utterance:
    """A controller's answer that all is done."""
    if name.isupper():
        return said("CBSP", name, {**head, "cells": cell_list(cells)})
    return said("SABP", name, {**head, "completed": [{"area": c.sai, "broadcasts": 0} for c in cells]})
