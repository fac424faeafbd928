"""From the CAP message's words to what the broadcast centres send: texts, numbers, actions.

What the standard cuts or a cell refuses is a note; what it cannot carry at all is a fault.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from ewsim import coding
from ewsim.cap.alert import Info
from ewsim.channels.cell_broadcast import withheld
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.plan import Action, CbMessage, MessageKind, Order, Plan, sharing, timings
from ewsim.channels.cell_broadcast.spec import CbActionSpec, CellBroadcastSpec
from ewsim.channels.wiring import Made, Wiring, message_text
from ewsim.errors import count_of
from ewsim.targeting import Geofence
from ewsim.units import RATS, US, to_us

#: Message identifiers of ETWS (TS 23.041 9.4.1.2.2).
ETWS = {"earthquake": 4352, "tsunami": 4353, "earthquake_and_tsunami": 4354, "other": 4356}

#: A primary notification carries no text, only 2 octets that say what to do (TS 23.041 9.3.24).
ETWS_PRIMARY_OCTETS = 56

#: What one list of cells or tracking areas holds: BSC, RNC, MME, AMF. CBSP counts octets in 16 bits
#: (TS 48.049 8.2.6: 4 a cell); the others are bounded by 65535 (TS 25.419, 36.413, 38.413).
LIST_LIMITS = ((2**16 - 2) // 4, 65_535, 65_535, 65_535)


def make(wiring: Wiring, spec: CellBroadcastSpec) -> Made:
    """The channel of a scenario, with its message summary and its notes."""
    _check_lists(wiring)
    why, infos = withheld.reasons(wiring), list(withheld.sent_infos(wiring, spec))
    asked = spec.etws is not None or any(identifier is not None for _, _, identifier in infos)
    if not infos and not why:
        why = (withheld.kept_back(wiring, wiring.info(spec.language)),)
    if why and not asked:
        said = " ".join(why)
        return Made(withheld.Withheld(), {"not_sent": said}, (f"Cell broadcast sends nothing. {said}",))
    writer = _Writer(wiring, spec, infos)
    if why:
        key = "message_identifier" if spec.etws is None else "etws"
        reason = " ".join(why)
        writer.notes.append(f"channels.cell_broadcast.{key} still sends the message. {reason}")
    plan = writer.plan()
    fence = wiring.scenario.targeting.geofence
    geofence = None if fence is None else Geofence(fence, wiring.area)
    channel = CellBroadcast(spec, plan, wiring.targeted, geofence, wiring.scenario.alert)
    languages = tuple(dict.fromkeys(info.language for info, _, _ in infos))
    sent = {**writer.sent, "messages": writer.texts}
    return Made(channel, sent, (*writer.notes, *_schedule_notes(spec, plan)), languages)


class _Writer:
    """Writes the messages of a plan, one after another, and remembers what to tell."""

    def __init__(
        self, wiring: Wiring, spec: CellBroadcastSpec, infos: list[tuple[Info, str, int | None]]
    ) -> None:
        self.wiring, self.spec, self.infos = wiring, spec, infos
        self.notes: list[str] = []
        refused, expired = withheld.kept_infos(wiring, spec)
        if refused:
            versions = "1 version" if refused == 1 else f"{refused} versions"
            self.notes.append(
                f"Policy {wiring.policy.name} keeps {versions} of the message off cell broadcast."
            )
        for info, at in expired:
            when = at.isoformat()
            self.notes.append(f"In {info.language} cell broadcast sends nothing: its text expired on {when}.")
        self.messages: list[CbMessage] = []
        self.sent: dict[str, Any] = {}
        self.texts: list[dict[str, str]] = []  # of each message, as it is sent
        self.updates = 0  # so far
        self.code = spec.message_code

    def plan(self) -> Plan:
        """The alert, then what the scenario says under `then`."""
        spec, info = self.spec, self.infos[0][0]
        duration_s = self._duration_s(info.expires)
        first = list(self._versions(duration_s, None))
        if spec.etws is not None:
            identifier, level = ETWS[spec.etws], coding.level_of(ETWS[spec.etws])
            octets, us = ETWS_PRIMARY_OCTETS, to_us(duration_s)
            primary = CbMessage(identifier, self._serial(), 1, octets, level, us, "etws_primary")
            self.messages.append(primary)
            self.texts.append({"message": primary.label, "kind": primary.kind, "text": ""})
            first.insert(0, Order(len(self.messages) - 1))
            first[1] = Order(first[1].message, concurrent=True)
        actions, in_force = [Action(tuple(first))], [o.message for o in first]
        for action in sorted(spec.then, key=lambda a: a.at_s):
            orders = tuple(self._action(action, in_force, duration_s))
            actions.append(Action(orders, to_us(action.at_s)))
            for order in orders:
                if order.writes:
                    in_force = [*(in_force if order.concurrent else []), order.message]
                else:
                    in_force = [m for m in in_force if m != order.message]
        return Plan(tuple(self.messages), tuple(actions))

    def _action(self, action: CbActionSpec, in_force: list[int], duration_s: float) -> Iterator[Order]:
        if action.do == "update":
            self.updates += 1
            yield from self._versions(max(duration_s - action.at_s, 1.0), action.text)
        elif action.do == "geofencing_trigger":
            yield Order(self._add(coding.GEOFENCING_TRIGGER, "", duration_s, "trigger"), concurrent=True)
        else:
            for message in in_force:
                yield Order(message, writes=False)
            if action.do == "cancel":
                self.code, self.updates = (self.code + 1) % 1024, 0
                info = self.infos[0][0]
                text = action.text or f"All clear: {info.headline or info.event}"
                yield Order(self._add(self._identifier(), text, duration_s, "all_clear"))

    def _versions(self, duration_s: float, text: str | None) -> Iterator[Order]:
        """The message in all its versions; a text of the scenario's own replaces the first's."""
        main = self.infos[0][0].language.casefold()
        for number, (info, what, identifier) in enumerate(self.infos):
            own = text if number == 0 and text else self._words(info, what)
            if identifier is None:
                first = self._identifier()
                other = info.language.casefold() != main
                identifier = coding.additional_language(first) if other else first
            yield Order(self._add(identifier, own, duration_s), concurrent=number > 0)

    def _words(self, info: Info, what: str) -> str:
        """The text that is broadcast; a headline where the policy finds nothing to show."""
        own = self.wiring.policy.message_text(info) if what == "policy" else ""
        return own or message_text(info, "headline" if what == "policy" else what)

    def _identifier(self) -> int:
        if self.spec.message_identifier is not None:
            return self.spec.message_identifier
        if self.spec.etws is not None:
            return ETWS[self.spec.etws]
        info, status = self.infos[0][0], self.wiring.alert.status
        words = (info.severity, info.urgency, info.certainty)
        return self.wiring.policy.message_identifier(status, info) or coding.message_identifier(
            status, *words
        )

    def _serial(self) -> int:
        number = self.spec.update_number + self.updates
        return coding.serial_number(self.spec.geographical_scope, self.code, number)

    def _add(self, identifier: int, text: str, duration_s: float, kind: MessageKind = "warning") -> int:
        """A message with its text encoded; its number in the plan."""
        spec, encoded = self.spec, coding.encode_cb(text)
        serial = self._serial()
        while any(
            (m.message_identifier, m.serial_number) == (identifier, serial)
            for m in self.messages
            if m.kind != "etws_primary"
        ):
            serial += 1 << 4  # two texts of one identifier need two message codes
        count = spec.number_of_broadcasts
        if count is None and spec.repetition_period_s == 0:
            count = 1
        if count is not None:
            duration_s = max(count * spec.repetition_period_s, 1.0)
        pages = len(encoded.pages)
        message = CbMessage(
            message_identifier=identifier,
            serial_number=serial,
            page_count=pages,
            contents_octets=coding.warning_contents_octets(pages),
            level="level_1" if kind == "trigger" else coding.level_of(identifier),
            duration_us=to_us(duration_s),
            kind=kind,
            broadcast_count=count,
        )
        self._tell(message, encoded, text)
        self.messages.append(message)
        self.texts.append({"message": message.label, "kind": kind, "text": encoded.text})
        if not self.sent:
            policy = self.wiring.policy
            self.sent = {
                "message_identifier": identifier,
                "level": f"{policy.level(identifier)}, policy {policy.name}",
                "serial_number": serial,
                "page_count": pages,
                "alphabet": encoded.alphabet,
                "text": encoded.text,
            }
        return len(self.messages) - 1

    def _tell(self, message: CbMessage, encoded: coding.CbText, text: str) -> None:
        if self.messages:
            self.notes.append(
                f"Also broadcast: {message.label} ({message.kind}, {count_of(message.page_count, 'pages')})."
            )
        if encoded.truncated:
            self.notes.append(
                f"The text of {message.label} was cut after {len(encoded.text)} of {len(text)} "
                "characters: a message has 15 pages (TS 23.041, 9.4.1.2.4)."
            )
        strange = coding.outside_ucs2(text)
        if strange:
            self.notes.append(
                f"The text of {message.label} has characters that no alphabet of cell broadcast "
                f"has ({' '.join(strange[:10])}): they go out as surrogate pairs, which phones "
                "may show as boxes (TS 23.038, 6.2.3)."
            )

    def _duration_s(self, expires: datetime | None) -> float:
        if not isinstance(self.spec.duration_s, str):
            return self.spec.duration_s
        if expires is None:
            raise self.wiring.fault(
                "alert",
                "the broadcast lasts until the message expires, and the message does not say when",
                "Add <expires> to its <info>, or give channels.cell_broadcast.duration_s in seconds.",
            )
        return max((expires - self.wiring.alert.sent).total_seconds(), 1.0)


def _schedule_notes(spec: CellBroadcastSpec, plan: Plan) -> Iterator[str]:
    """What the cells cannot do as the scenario wants it."""
    longest = max(len(together) for together in sharing(plan))
    if longest > spec.concurrent_message_count:
        yield (
            f"{longest} messages are in force together and a cell carries "
            f"{spec.concurrent_message_count}: cells refuse the others (cell memory exceeded; "
            "channels.cell_broadcast.concurrent_message_count)."
        )
    wanted = to_us(spec.repetition_period_s)
    if spec.broadcast_mode == "continuous" or not wanted:
        return
    slower: dict[str, int] = {}
    for message, timing in zip(plan.messages, timings(spec, plan), strict=True):
        if message.kind == "etws_primary":
            continue
        for rat, name in enumerate(RATS):
            # On 2G a period is a whole number of slots: up to one slot longer is expected.
            if timing.period_us[rat] > wanted + timing.unit_us[rat] * (rat == 0):
                slower[name] = max(slower.get(name, 0), int(timing.period_us[rat]))
    if slower:
        listed = ", ".join(f"{name} {period / US:.1f} s" for name, period in slower.items())
        yield (
            f"The repetition period of {spec.repetition_period_s:g} s is shorter than the messages "
            f"take: they are repeated as fast as they fit ({listed})."
        )


def _check_lists(wiring: Wiring) -> None:
    """A peer's list of cells, or of tracking areas, that is longer than its protocol allows."""
    cells, by_area = wiring.network.cells, wiring.scenario.targeting.policy == "tracking_areas"
    for operator, name in enumerate(wiring.network.operators):
        for rat, limit in enumerate(LIST_LIMITS):
            mine = wiring.targeted & (cells.operator == operator) & (cells.rat == rat)
            entries = np.unique(cells.tracking_area[mine]) if by_area else np.flatnonzero(mine)
            if entries.size > limit:
                raise wiring.fault(
                    "targeting",
                    f"the warning area list of {name}'s {RATS[rat]} network has {entries.size} "
                    f"entries, and the protocol's list holds {limit}",
                    "Take a smaller area, or targeting.policy: tracking_areas.",
                )
