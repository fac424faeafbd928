"""A set of messages as threads: what refers to what, in which order, and what is in force.

Messages are known by sender, identifier and sent (CAP 1.2, 3.2.1 references). What is in force at
a time is what was sent by then, has not expired, and was neither replaced nor cancelled by then.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any, Final, Literal, TypeAlias

from ewsim.cap.alert import Alert
from ewsim.cap.catalogue import THREAD_RULES
from ewsim.cap.xml.values import read_time
from ewsim.errors import Diagnostic
from ewsim.metrics.protection.proxies import silence_s

Key: TypeAlias = tuple[str, str, datetime | None]
ThreadState = Literal[
    "in force",
    "not yet sent",
    "not yet effective",
    "expired",
    "replaced",
    "cancelled",
    "ended",
    "answer",
    "not actual",
    "duplicate",
]
#: References of one message that are looked at.
_MOST_REFERENCES: Final = 1_000
_REPLACES = ("Update", "Cancel")


@dataclass(frozen=True, slots=True)
class Member:
    """One message of a thread, with its state at the time that was asked for."""

    alert: Alert
    state: ThreadState
    refers_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """Messages that refer to each other, in the order they were sent."""

    members: tuple[Member, ...]

    @property
    def in_force(self) -> tuple[Alert, ...]:
        """Those that people should act on at the time that was asked for."""
        return tuple(m.alert for m in self.members if m.state == "in force")

    def silence(self, at: datetime) -> dict[str, Any]:
        """How long nothing followed the first message, until `at` where nothing has (docs/metrics.md)."""
        silent = ("answer", "duplicate", "not yet sent")
        since = [(m.alert.sent - at).total_seconds() for m in self.members if m.state not in silent]
        if not since:
            return {"silence_s": None, "ended": False}
        return dict(zip(("silence_s", "ended"), silence_s(since, 0.0), strict=True))


@dataclass(frozen=True, slots=True)
class Threads:
    """Every thread of a set of messages, and what is wrong between them."""

    at: datetime
    threads: tuple[Thread, ...]
    findings: tuple[Diagnostic, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of `ewsim cap thread --json`."""
        return {
            "format": "ewsim.cap_threads/1",
            "at": self.at.isoformat(),
            "threads": [
                [
                    {
                        "path": m.alert.file,
                        "identifier": m.alert.identifier,
                        "sender": m.alert.sender,
                        "sent": m.alert.sent.isoformat(),
                        "message_type": m.alert.msg_type,
                        "state": m.state,
                        "refers_to": list(m.refers_to),
                    }
                    for m in thread.members
                ]
                for thread in self.threads
            ],
            "silence": [thread.silence(self.at) for thread in self.threads],
            "findings": [
                {
                    "path": f.file,
                    "line": f.line,
                    "column": f.column,
                    "rule": f.rule,
                    "severity": f.severity,
                    "message": f.message,
                    "fix": f.fix,
                }
                for f in self.findings
            ],
        }


def references_of(alert: Alert) -> Iterator[tuple[str, Key | None]]:
    """Each reference as written, and its key: None when it cannot be read."""
    for text in alert.references:
        if alert.version == "1.0" and text.count(",") != 2:
            identifier, slash, sender = text.partition("/")
            yield text, ((sender, identifier, None) if slash else None)
            continue
        parts = text.split(",")
        sent = read_time(parts[2]) if len(parts) == 3 else None
        yield text, ((parts[0], parts[1], sent) if sent else None)


def sort_threads(alerts: Sequence[Alert], at: datetime | None = None) -> Threads:
    """Sort messages into threads, as they stand at a time; without one, when the newest was sent."""
    ordered = sorted(alerts, key=lambda a: (a.sent, a.sender, a.identifier, a.file))
    at = at or max((a.sent for a in ordered), default=datetime.now(UTC).replace(microsecond=0))
    return _Sorter(_referred_first(ordered), at).result()


def _referred_first(alerts: list[Alert]) -> list[Alert]:
    """Messages in order of time; those of one moment after the messages they refer to."""
    made: list[Alert] = []
    for _, group in groupby(alerts, key=lambda a: a.sent):
        same = list(group)
        named = {(a.sender, a.identifier): a for a in reversed(same)}
        seen: set[int] = set()
        ahead = [(alert, False) for alert in reversed(same)]
        while ahead:
            alert, ready = ahead.pop()
            if ready:
                made.append(alert)
            elif id(alert) not in seen:
                seen.add(id(alert))
                ahead.append((alert, True))
                keys = [key for _, key in islice(references_of(alert), _MOST_REFERENCES) if key]
                ahead += [(named[key[:2]], False) for key in keys if key[:2] in named]
    return made


class _Sorter:
    def __init__(self, alerts: list[Alert], at: datetime) -> None:
        self.alerts = alerts
        self.at = at
        self.findings: list[Diagnostic] = []
        self.first: dict[tuple[str, str], list[int]] = {}
        self.duplicates: set[int] = set()
        self.targets: list[list[int]] = [[] for _ in alerts]
        self.ended: dict[int, int] = {}  # message -> what replaced or cancelled it first

    def result(self) -> Threads:
        self._index()
        for number in range(len(self.alerts)):
            self._refer(number)
        states = [self._state(n) for n in range(len(self.alerts))]
        groups: dict[int, list[int]] = {}
        roots = self._roots()
        for number, root in enumerate(roots):
            groups.setdefault(root, []).append(number)
        threads = tuple(Thread(tuple(self._member(n, states[n]) for n in group)) for group in groups.values())
        return Threads(self.at, threads, tuple(self.findings))

    def _member(self, number: int, state: ThreadState) -> Member:
        names = tuple(self.alerts[target].identifier for target in self.targets[number])
        return Member(self.alerts[number], state, names)

    def _index(self) -> None:
        for number, alert in enumerate(self.alerts):
            same = self.first.setdefault((alert.sender, alert.identifier), [])
            twin = next((self.alerts[n] for n in same if self.alerts[n].sent == alert.sent), None)
            if twin is not None:
                self.duplicates.add(number)
            before = twin or (self.alerts[same[0]] if same else None)
            if before is not None:
                file = before.file or "an earlier message"
                used = f"The identifier {_short(alert.identifier)} was used before, by {file}"
                if twin is None:
                    self._say(alert, "THREAD-IDENTIFIER", "identifier", f"{used}.")
                elif _say_the_same(alert, twin):
                    self._say(alert, "THREAD-DUPLICATE", "identifier", f"This is the same message as {file}.")
                else:
                    said = f"{used}, with the same time and another content."
                    self._say(alert, "THREAD-IDENTIFIER", "identifier", said)
            same.append(number)

    def _find(self, key: Key) -> int | None:
        for number in self.first.get((key[0], key[1]), []):
            if key[2] is None or self.alerts[number].sent == key[2]:
                return number
        return None

    def _refer(self, number: int) -> None:
        alert = self.alerts[number]
        if alert.msg_type != "Alert" and not alert.references:
            self._say(alert, "THREAD-NO-REFERENCE", "msgType", f"This {alert.msg_type} refers to no message.")
        if len(alert.references) > _MOST_REFERENCES:
            self._say(
                alert,
                "THREAD-FORMAT",
                "references",
                f"The message has {len(alert.references):,} references; those after the first "
                f"{_MOST_REFERENCES:,} are not looked at.",
            )
        for text, key in islice(references_of(alert), _MOST_REFERENCES):
            target = self._find(key) if key else None
            if key is None:
                self._say(
                    alert,
                    "THREAD-FORMAT",
                    "references",
                    f"The reference {_short(text)} is not sender,identifier,sent.",
                )
            elif target is None:
                self._say(
                    alert,
                    "THREAD-UNRESOLVED",
                    "references",
                    f"The message {_short(text)} is not in this set.",
                )
            elif target == number:
                self._say(alert, "THREAD-SELF", "references", "The message refers to itself.")
            else:
                self._resolve(number, target)

    def _resolve(self, number: int, target: int) -> None:
        alert, other = self.alerts[number], self.alerts[target]
        self.targets[number].append(target)
        if other.sent > alert.sent:
            self._say(
                alert, "THREAD-ORDER", "references", f"It refers to {_short(other.identifier)}, sent later."
            )
            return
        if other.sent == alert.sent and self._names(other, number):
            said = f"It refers to {_short(other.identifier)} of the same moment, which refers to it."
            self._say(alert, "THREAD-ORDER", "references", said)
            return
        if alert.msg_type not in _REPLACES or number in self.duplicates:
            return
        if other.status == "Actual" != alert.status:
            said = f"It is {alert.status}, and {_short(other.identifier)} is Actual: that one stays as it is."
            self._say(alert, "THREAD-STATUS", "status", said)
            return
        if alert.sender.casefold() != other.sender.casefold():
            done = "cancels" if alert.msg_type == "Cancel" else "replaces"
            self._say(
                alert,
                "THREAD-SENDER",
                "sender",
                f"{_short(alert.sender)} {done} {_short(other.identifier)}, a message of "
                f"{_short(other.sender)}.",
            )
        by = self.ended.get(target)
        if by is not None and by not in self.targets[number] and not self._names(alert, by):
            after = self.alerts[by]
            done = "cancelled" if after.msg_type == "Cancel" else "replaced"
            self._say(
                alert,
                "THREAD-STALE",
                "references",
                f"It refers to {_short(other.identifier)}, which {_short(after.identifier)} has "
                f"{done} before.",
            )
        expires = _expires(other)
        if expires and expires <= alert.sent and alert.msg_type == "Cancel":
            self._say(
                alert,
                "THREAD-LATE",
                "references",
                f"It cancels {_short(other.identifier)}, which has already expired.",
            )
        self.ended.setdefault(target, number)

    def _names(self, alert: Alert, number: int) -> bool:
        keys = [key for _, key in islice(references_of(alert), _MOST_REFERENCES) if key]
        return any(self._find(key) == number for key in keys)

    def _state(self, number: int) -> ThreadState:
        alert = self.alerts[number]
        expires = _expires(alert)
        by = self.ended.get(number)
        effective = [info.effective for info in alert.infos if info.effective]
        if number in self.duplicates:
            return "duplicate"
        if alert.msg_type in ("Ack", "Error"):
            return "answer"
        if alert.status != "Actual":
            return "not actual"
        if alert.sent > self.at:
            return "not yet sent"
        if by is not None and self.alerts[by].sent <= self.at:
            return "cancelled" if self.alerts[by].msg_type == "Cancel" else "replaced"
        if alert.msg_type == "Cancel":
            return "ended"
        if expires and expires <= self.at:
            return "expired"
        if effective and min(effective) > self.at:
            return "not yet effective"
        return "in force"

    def _roots(self) -> list[int]:
        """The first message of the thread that each belongs to (union of references)."""
        parent = list(range(len(self.alerts)))

        def root(number: int) -> int:
            while parent[number] != number:
                parent[number] = parent[parent[number]]
                number = parent[number]
            return number

        links = [(n, t) for n, targets in enumerate(self.targets) for t in targets]
        links += [(n, same[0]) for same in self.first.values() for n in same[1:]]
        for one, other in links:
            a, b = sorted((root(one), root(other)))
            parent[b] = a
        return [root(number) for number in range(len(parent))]

    def _say(self, alert: Alert, name: str, where: str, message: str) -> None:
        place, rule = alert.positions.get(where, alert.position), THREAD_RULES[name]
        self.findings.append(
            Diagnostic(alert.file, place.line, place.column, message, rule.fix, rule.severity, rule.id)
        )


def _expires(alert: Alert) -> datetime | None:
    """When the last of its <info> blocks ends; None when one has no end."""
    times = [info.expires for info in alert.infos]
    return max(t for t in times if t) if times and all(times) else None


def _say_the_same(one: Alert, other: Alert) -> bool:
    """Whether two messages are one, wherever they stand and whoever has signed them."""
    return replace(one, file="", signed=False, broken=False) == replace(
        other, file="", signed=False, broken=False
    )


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return repr(text if len(text) <= 80 else text[:77] + "...")
