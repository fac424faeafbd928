"""The warnings in a capture: what each says, who said it when, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ewsim.coding import GEOFENCING_TRIGGER
from ewsim.errors import OtherMessage, WireError
from ewsim.wire.capture.file import Packet
from ewsim.wire.capture.listening import Listener
from ewsim.wire.capture.writing import Spoken
from ewsim.wire.protocols import rrc, smpp
from ewsim.wire.protocols.pages import Page, charset, get_contents
from ewsim.wire.reading import pages_in, read_message, scheme_of, text_of
from ewsim.wire.speaking import EMERGENCIES


@dataclass
class Said:
    """A kind of message: how often, from when to when [us], between whom."""

    count: int = 0
    first_us: int = 0
    last_us: int = 0
    ends: set[tuple[str, str]] = field(default_factory=set)

    def add(self, spoken: Spoken) -> None:
        """Count a message."""
        self.first_us = self.first_us if self.count else spoken.time_us
        self.count, self.last_us = self.count + 1, spoken.time_us
        self.ends.add((spoken.sender, spoken.receiver))


@dataclass
class FoundWarning:
    """A warning: the texts that were said under its numbers, in which protocols, by which messages."""

    message_identifier: int
    serial_number: int
    texts: dict[str, set[str]] = field(default_factory=dict)  # text: protocols
    schemes: set[int] = field(default_factory=set)
    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)  # fault: when it was seen first [us]


@dataclass
class FoundSms:
    """A text that was sent as SMS: to how many, and the states of the receipts."""

    text: str
    numbers: set[str] = field(default_factory=set)
    receipts: Counter[str] = field(default_factory=Counter)


class Findings:
    """Everything about warnings in a capture."""

    def __init__(self) -> None:
        self.packets = self.messages = self.others = 0
        self.warnings: dict[tuple[int, int], FoundWarning] = {}
        self.sms: dict[str, FoundSms] = {}
        self.general: dict[tuple[str, str], Said] = {}  # messages about no warning: restarts, links
        self.faults: list[tuple[int, str]] = []
        self._assemblies: dict[tuple[str, int, int], rrc.Assembly] = {}
        self._pages: dict[tuple[int, int], dict[int, Page]] = {}
        self._parts: dict[tuple[str, str, int], dict[int, str]] = {}
        self._texts: dict[str, FoundSms] = {}  # by message of the centre
        self._submitted: dict[tuple[str, str, int], FoundSms] = {}  # by gateway, centre and sequence

    def read(
        self,
        packets: Iterable[Packet],
        names: Mapping[str, str] | None = None,
        ports: Mapping[int, str] | None = None,
    ) -> None:
        """Take all packets; where the file is damaged, what comes before.

        Parameters
        ----------
        packets
            The packets.
        names
            Of addresses.
        ports
            Protocols that use other ports than the standard ones.
        """
        known, at_us = {} if names is None else names, 0
        listener = Listener(ports)
        try:
            for packet in packets:
                self.packets, at_us = self.packets + 1, packet.time_us
                for each in listener.hear(packet):
                    self._take(each, known)
        except WireError as error:
            self.faults.append((0, f"the file is damaged after packet {self.packets}: {error}"))
        for each in listener.finish(at_us):
            self._take(each, known)
        self.faults += listener.faults

    def _take(self, heard: Spoken, known: Mapping[str, str]) -> None:
        ends = [known.get(end, end) for end in (heard.sender, heard.receiver)]
        spoken = heard._replace(sender=ends[0], receiver=ends[1])
        try:
            for name, fields in read_message(spoken.protocol, spoken.octets):
                self._note(spoken, name, fields)
                self.messages += 1
        except OtherMessage:
            self.others += 1
        except WireError as error:
            self.faults.append((spoken.time_us, f"{spoken.sender} to {spoken.receiver}: {error}"))

    def _note(self, spoken: Spoken, name: str, fields: dict[str, Any]) -> None:
        kind = spoken.protocol, name
        if spoken.protocol == "SMPP":
            self._sms(spoken, name, fields)
        serial = fields.get("serial_number", fields.get("old_serial_number"))
        if "message_identifier" not in fields or serial is None:
            self.general.setdefault(kind, Said()).add(spoken)
            return
        number = fields["message_identifier"], serial
        new = number not in self.warnings
        warning = self.warnings.setdefault(number, FoundWarning(*number))
        warning.said.setdefault(kind, Said()).add(spoken)
        writes = "coding" in fields or "contents" in fields or "segment" in fields
        faults = list(
            _faults(spoken.protocol, fields, stops=new and not writes and "old_serial_number" in fields)
        )
        try:
            for scheme, text in self._text(spoken.protocol, number, fields):
                warning.texts.setdefault(text, set()).add(spoken.protocol)
                warning.schemes.add(scheme)
                if number[0] != GEOFENCING_TRIGGER:  # what it says is not for people
                    faults += _text_faults(scheme, text)
        except WireError as error:
            faults.append(str(error))
        if len(warning.texts) > 1:
            faults.append("two different texts have the same numbers: phones show only one of them")
        for fault in faults:
            warning.faults.setdefault(f"{' '.join(kind)}: {fault}", spoken.time_us)

    def _text(
        self, protocol: str, number: tuple[int, int], fields: dict[str, Any]
    ) -> Iterator[tuple[int, str]]:
        """The text of a message, once it is whole."""
        scheme = scheme_of(fields)
        if "segment" in fields:
            assembly = self._assemblies.setdefault((protocol, *number), rrc.Assembly())
            contents = assembly.add(rrc.Block(protocol, fields))
            if contents is not None and assembly.coding is not None:
                yield assembly.coding, text_of(assembly.coding, get_contents(contents))
        elif protocol == "2G" and scheme is not None:
            pages = self._pages.setdefault(number, {})
            pages[fields["page"]] = fields["pages"][0]
            if len(pages) == fields["page_count"]:
                whole = text_of(scheme, tuple(pages[n] for n in sorted(pages)))
                yield scheme, whole
        elif scheme is not None and (pages_found := pages_in(fields)):
            yield scheme, text_of(scheme, pages_found)

    def _sms(self, spoken: Spoken, name: str, fields: dict[str, Any]) -> None:
        ends = spoken.sender, spoken.receiver
        if name == "submit_sm":
            text, (reference, number, count) = smpp.read_text(fields)
            to = fields["destination_addr"]
            key = (*ends, hash((to, reference)))
            parts = self._parts.setdefault(key, {})
            parts[number] = text
            whole = smpp.joined(parts[n] for n in sorted(parts)) if len(parts) == count else ""
            found = self.sms.setdefault(whole, FoundSms(whole)) if whole else FoundSms("")
            if whole:
                found.numbers.add(to)
                del self._parts[key]  # another text may have the same reference
            self._submitted[*ends, fields["sequence"]] = found
        elif name == "submit_sm_resp" and "message_id" in fields:
            answered = self._submitted.pop((ends[1], ends[0], fields["sequence"]), None)
            if answered is not None:
                self._texts[fields["message_id"]] = answered
        elif name == "deliver_sm" and (receipt := smpp.read_receipt(fields)) and receipt[0] in self._texts:
            self._texts[receipt[0]].receipts[receipt[1]] += 1


def _faults(protocol: str, fields: dict[str, Any], *, stops: bool) -> Iterator[str]:
    """What contradicts itself in the fields of a message."""
    pages, count = fields.get("pages", ()), fields.get("page_count")
    if count is not None and "page" not in fields and len(pages) != count:
        yield f"it says that it has {count} pages, and it has {len(pages)}"
    for number, page in enumerate(pages_in(fields)[:-1], 1):
        if page.used < 70 and "page" not in fields:
            yield f"page {number} says only {page.used} of its 82 octets, and more pages follow"
    if fields.get("old_serial_number") == fields.get("serial_number", -1):
        yield "the old serial number is the new one: phones take the message for one they have shown"
    if protocol in ("SBc-AP", "S1AP", "NGAP") and "contents" in fields:
        number, period_s = fields["broadcasts"], fields["repetition_period_s"]
        if number > 1 and period_s == 0:
            yield "more than one broadcast needs a repetition period (TS 29.168)"
        if number == 0 and (period_s == 0 or fields["message_identifier"] in EMERGENCIES):
            yield "the number of broadcasts is 0: base stations do not broadcast the text (TS 29.168)"
    for name in ("cells", "areas", "tracking_areas", "warning_area"):
        value = fields.get(name, ())
        entries = value[1] if value and isinstance(value[0], str) else value
        if isinstance(entries, list | tuple) and len(set(map(repr, entries))) < len(entries):
            yield f"{name.replace('_', ' ')}: the list names some of its {len(entries)} entries twice"
    if stops:
        yield "it stops a warning that the capture does not have"


def _text_faults(scheme: int, text: str) -> Iterator[str]:
    """What is wrong with a text."""
    if not text.strip():
        yield "the text is empty"
    if "\ufffd" in text:
        yield f"the text has octets that the alphabet {charset(scheme)[0]} has no characters for"
    if any(ord(c) < 0x20 and c not in "\n\r\f" for c in text):
        yield "the text has control characters: it may be in another alphabet than it says"
