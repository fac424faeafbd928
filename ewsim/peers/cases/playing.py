"""A case played: what the centre says to the peers of the model, and what these answer, in model time.

Assumptions: a centre asks another MME of a pool after 30 s without an answer; it stops and writes again
to change a text or a timing by SBc-AP, where the concurrent indicator keeps the old one, and names the
old serial number in CBSP; it loads again a cell that has returned 5 s after it heard of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ewsim import coding
from ewsim.channels.cell_broadcast.commanded import CommandedBroadcast
from ewsim.country.build import Country, cells_table
from ewsim.engine import simulation
from ewsim.peers.air import Air
from ewsim.peers.answering import Conduct
from ewsim.peers.cases.catalogue import AREAS, LOCAL, AreaName, Case, Step
from ewsim.peers.dialogue import answer, indications
from ewsim.peers.directory import Directory
from ewsim.pipeline import setup_of
from ewsim.streams import Streams
from ewsim.units import to_us
from ewsim.wire.capture.writing import Spoken
from ewsim.wire.places import WireCell
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.speaking import Utterance, WireWarning, said

#: How long a centre waits for an answer before it asks the next MME [s].
TIMER_S: Final = 30
_RELOAD_S, _AFTER_S, _PERIOD_S = 5, 420, 20
#: The area code that a centre has in place of the right one.
WRONG_AREA: Final = 998
_PLAIN: Final = Conduct()


@dataclass
class _Warning:
    """What the centre has on air: in one language, with its cells."""

    wire: WireWarning
    cells: list[int]


@dataclass
class Played:
    """A case in one protocol; what was said is in `spoken`."""

    case: Case
    protocol: str
    country: Country
    texts: Sequence[dict[str, str]]  # of each step, by language
    identifier: int
    spoken: list[Spoken] = field(default_factory=list)
    _warnings: list[dict[str, _Warning]] = field(default_factory=list)  # of each start, by language
    _changed: list[tuple[int, bool]] = field(default_factory=list)
    _answered: int = 0

    def play(self) -> list[Spoken]:
        """Everything that is said, in the order of time; time 0 is when the first CAP message came."""
        country, spec = self.country, self.country.loaded.spec
        own: Any = spec.channels.cell_broadcast  # type: ignore[attr-defined]
        channel = CommandedBroadcast(own, len(country.network.cells), None, spec.alert)
        self.table = cells_table(country.network, country.targeted)
        self.world = simulation.started(setup_of(country), [channel], Streams(spec.seed))
        areas = sorted(set(self.table["tracking_area"][self.table["rat"] == "4G"]))
        split = self.case.mmes > 1 and not self.case.pool
        only = [[area] for area in areas] if split else [[]] * self.case.mmes
        self.airs = [Air(self.world, channel.infrastructure, Directory(self.table, o)) for o in only]
        channel.infrastructure.when_indicated = self._when_indicated
        for number, step in enumerate(self.case.steps):
            self._until(step.at_s)
            self._take(step, self.texts[number])
        self._until(self.case.steps[-1].at_s + _AFTER_S)
        self.spoken.sort(key=lambda each: each.time_us)
        return self.spoken

    def _until(self, at_s: float) -> None:
        if to_us(at_s) > self.world.env.now:
            self.world.env.run(until=to_us(at_s))

    # --- the centre -------------------------------------------------------------------------------

    def _take(self, step: Step, texts: dict[str, str]) -> None:
        """A CAP message has come."""
        cells = self._inside(step.area)
        if step.does == "start":
            self._warnings.append({})
            for tag in step.tags:
                own = _Warning(self._new(tag, texts[tag]), cells)
                self._warnings[-1][tag] = own
                self._write(own.wire, cells, everywhere=step.everywhere)
            return
        for tag in step.tags:
            one = self._warnings[step.about][tag]
            match step.does:
                case "stop":
                    self._stop(one.wire, [c for c in one.cells if c in cells])
                    one.cells = [c for c in one.cells if c not in cells]
                case "area":
                    self._write(one.wire, [c for c in cells if c not in one.cells])
                    self._stop(one.wire, [c for c in one.cells if c not in cells])
                    one.cells = cells
                case "timing":
                    self._stop(one.wire, one.cells)
                    one.wire = replace(one.wire, repetition_period_s=2 * _PERIOD_S, broadcasts=9)
                    self._write(one.wire, one.cells)
                case "text":
                    new = replace(one.wire, serial_number=one.wire.serial_number + 1, text=texts[tag])
                    if self.protocol == "CBSP":
                        self._write(replace(new, old=one.wire.serial_number), one.cells)
                    else:
                        self._stop(one.wire, one.cells)
                        self._write(new, one.cells)
                    one.wire = new

    def _inside(self, name: AreaName) -> list[int]:
        """The cells whose site is in an area."""
        south, west, north, east = AREAS[name]
        lat, lon = self.table["lat"], self.table["lon"]
        inside = (south <= lat) & (lat <= north) & (west <= lon) & (lon <= east)
        rat = self.table["rat"] == ("2G" if self.protocol == "CBSP" else "4G")
        return [int(cell) for cell in (inside & rat).to_numpy().nonzero()[0]]

    def _new(self, tag: str, text: str) -> WireWarning:
        identifier = self.identifier if tag == LOCAL else coding.additional_language(self.identifier)
        serial = coding.serial_number("plmn", sum(map(len, self._warnings)) + 1, 0)
        broadcasts = self.case.broadcasts
        return WireWarning(identifier, serial, text, _PERIOD_S, broadcasts, concurrent=True)

    def _write(self, warning: WireWarning, cells: list[int], *, everywhere: bool = False) -> None:
        def request(named: list[WireCell]) -> Utterance:
            if self.protocol == "CBSP":
                return warning.cbsp(named)
            values = warning.sbcap(named).values
            gone = {"tracking_areas", "warning_area"} if everywhere else set()
            return self._without(values, gone if self.case.indication else gone | {"send_indication"})

        self._ask(request, cells)

    def _stop(self, warning: WireWarning, cells: list[int]) -> None:
        def request(named: list[WireCell]) -> Utterance:
            stop = warning.stop(self.protocol, named)
            return (
                stop
                if self.case.indication or self.protocol == "CBSP"
                else self._without(stop.values, {"send_stop_indication"}, stop.name)
            )

        self._ask(request, cells)

    def _without(
        self, values: dict[str, Any], gone: set[str], name: str = "Write-Replace-Warning-Request"
    ) -> Utterance:
        return said(self.protocol, name, {key: each for key, each in values.items() if key not in gone})

    def _ask(self, request: Callable[[list[WireCell]], Utterance], cells: list[int]) -> None:
        """Ask every peer whose cells these are; the next one of a pool where the first says nothing."""
        if not cells:
            return
        for number, air in enumerate(self.airs):
            known = set(air.directory.by_protocol[self.protocol])
            mine = [cell for cell in cells if cell in known]
            if mine:
                self._send(number, request([self._named(air.directory.cells[c]) for c in mine]))
            if self.case.pool and self._answered:
                return
            if self.case.pool:
                self._until(self.world.env.now / to_us(1) + TIMER_S)

    def _named(self, cell: WireCell) -> WireCell:
        """A cell as the centre has it: perhaps in a wrong area."""
        areas = sorted({each.tracking_area for each in self.airs[0].directory.cells})
        # 2G and 4G areas are numbered one after another: the first half of them is that of 2G.
        place = areas.index(cell.tracking_area) % (len(areas) // 2) + 1
        return cell._replace(tracking_area=WRONG_AREA) if place in self.case.wrong else cell

    def _send(self, number: int, request: Utterance) -> None:
        centre, peer = self._ends(number)
        caller = self.protocol != "CBSP"  # an MME is called; a base station controller has called
        self._said(centre, peer, request, 0, caller=caller)
        first = number == 0 or not self.case.pool
        conduct = self.case.conduct if first else _PLAIN
        before = len(self.spoken)
        answer(self.airs[number], self.protocol, request.octets, self._sayer(number, conduct), conduct)
        self._answered = len(self.spoken) - before

    def _ends(self, number: int) -> tuple[str, str]:
        if self.protocol == "CBSP":
            return "CBC", "BSC"
        return "CBC", f"MME {number + 1}" if self.case.mmes > 1 else "MME"

    def _said(self, sender: str, receiver: str, what: Utterance, late_s: float, *, caller: bool) -> None:
        at_us = int(self.world.env.now) + to_us(late_s)
        self.spoken.append(Spoken(at_us, sender, receiver, self.protocol, what.octets, caller))

    # --- the peers --------------------------------------------------------------------------------

    def _sayer(self, number: int, conduct: Conduct, centre: str = "CBC") -> Callable[[Utterance], None]:
        _, peer = self._ends(number)
        calls = self.protocol == "CBSP"

        def say(utterance: Utterance) -> None:
            late_s, really = conduct.spoken(utterance)
            self._said(peer, centre, really, late_s, caller=calls)
            name, element = self.case.complains
            if utterance.name == name:
                fault = {"criticality": "reject", "element": element, "error": "not_understood"}
                values = {
                    "cause": CAUSES["SBc-AP"].index("parameter value invalid"),
                    "diagnostics": {"elements": [fault]},
                }
                complaint = said(self.protocol, "Error-Indication", values)
                self._said(centre, peer, complaint, 0.05, caller=not calls)

        return say

    def _when_indicated(self, cell: int, failed: bool) -> None:
        if not self._changed:
            self.world.env.process(self._indicate())
        self._changed.append((cell, failed))

    def _indicate(self) -> Iterator[Any]:
        """Report cells to every centre, and load again those that are back."""
        yield self.world.env.timeout(to_us(0.1))
        changed, self._changed = self._changed, []
        centres = ["CBC", "CBC 2"][: self.case.centres]
        for number, air in enumerate(self.airs):
            for failed in (True, False):
                cells = [cell for cell, how in changed if how == failed]
                for message in indications(air, self.protocol, cells, failed=failed):
                    for centre in centres:
                        self._sayer(number, self.case.conduct, centre)(message)
        back = {cell for cell, failed in changed if not failed}
        yield self.world.env.timeout(to_us(_RELOAD_S))
        for one in (one for each in self._warnings for one in each.values()):
            self._write(one.wire, [cell for cell in one.cells if cell in back])
