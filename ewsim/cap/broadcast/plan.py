"""What would be sent: whether a message may be broadcast at all, how, and what the phone shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from ewsim import coding
from ewsim.cap.alert import Alert, Info
from ewsim.cap.broadcast.policy import SECOND_LANGUAGE, BroadcastPolicy, read_policy
from ewsim.cap.findings import Rule
from ewsim.cap.marks import Marks
from ewsim.cap.reader import outline
from ewsim.cap.rules import area as rules_area
from ewsim.cap.rules import message
from ewsim.cap.xml.node import Node

PlanAction = Literal["broadcast", "replace", "stop", "none"]

_ACTIONS: Final[dict[str, PlanAction]] = {"Alert": "broadcast", "Update": "replace", "Cancel": "stop"}
_SAYS: Final[dict[PlanAction, str]] = {
    "broadcast": "A new message code; the message is on air until it expires.",
    "replace": "Write-Replace: the message code of the message it refers to, the update number one "
    "up; phones show it again.",
    "stop": "Stop-Warning for the message it refers to: cells stop sending it. Phones that have "
    "shown it do not change; send a new message to say that the danger is over.",
    "none": "Nothing goes on air.",
}

GATE: Final = Rule(
    "DELIVER-GATE",
    "deliverable",
    "info",
    "3.2.1",
    "A message that is to be broadcast is public, actual (or a test, an exercise), and an alert, "
    "update or cancel.",
    "Nothing to do if the message is not meant for broadcast.",
)
EXPIRED: Final = Rule(
    "DELIVER-EXPIRED",
    "deliverable",
    "info",
    "3.2.2",
    "A message that is to be broadcast has not expired.",
    "Send an update with a later <expires>.",
)
NO_TEXT: Final = Rule(
    "DELIVER-TEXT",
    "deliverable",
    "warning",
    "3.2.2",
    "Each <info> that is to be broadcast has a text to show.",
    "Write a <headline> and an <instruction>.",
)
TRUNCATED: Final = Rule(
    "DELIVER-TRUNCATED",
    "deliverable",
    "warning",
    "3GPP TS 23.041 9.4.1.2",
    "The text fits 15 pages: 1395 characters of the GSM alphabet, 615 of UCS-2.",
    "Shorten the text; the rest is cut off.",
)
UCS2: Final = Rule(
    "DELIVER-UCS2",
    "deliverable",
    "info",
    "3GPP TS 23.038 6.2.1",
    "A text that is almost all of the GSM alphabet is not sent as UCS-2 for a few characters.",
    "Replace those characters; the text then takes less than half the pages.",
)
NO_AREA: Final = Rule(
    "DELIVER-AREA",
    "deliverable",
    "warning",
    "3.2.4",
    "Each <info> that is to be broadcast has an area that is drawn: a polygon or a circle.",
    "Add a <polygon> or <circle>; codes and names alone choose no cells.",
)


@dataclass(frozen=True, slots=True)
class PlannedText:
    """One language of a plan; `forcing` are the characters that force UCS-2."""

    language: str
    message_identifier: int
    level: str
    text: str
    sent: str
    characters: int
    alphabet: str
    pages: int
    sms_parts: int
    forcing: tuple[str, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class BroadcastPlan:
    """What a message becomes on the air; `reasons` say why nothing does, `notes` what to know."""

    broadcast: bool
    action: PlanAction
    does: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    refers_to: tuple[str, ...]
    policy: str
    policy_file: str
    policy_source: str
    texts: tuple[PlannedText, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of `ewsim cap plan --json`."""
        return {"format": "ewsim.cap_plan/1", **asdict(self)}


def plan_broadcast(
    alert: Alert, *, policy: BroadcastPolicy | None = None, at: datetime | None = None, broken: bool = False
) -> BroadcastPlan:
    """What a message becomes on the air under a policy.

    Parameters
    ----------
    alert
        The message.
    policy
        What the country does; `default` when None.
    at
        The time of the broadcast; whether the message has expired is judged only when given.
    broken
        Whether its signature is, as the validator says.
    """
    policy = policy or read_policy("default")
    asks = _Asks(
        alert.msg_type,
        alert.status,
        alert.scope,
        bool(alert.references),
        [info.expires for info in alert.infos],
        (policy.message_identifier(alert.status, info) for info in alert.infos),
    )
    action, reasons = _decide(asks, policy, at)
    if broken:
        reasons.insert(0, "Its signature is broken: this is not what was signed.")
    texts = tuple(t for i in alert.infos if (t := _text(alert, i, policy)))
    done: PlanAction = "none" if reasons else action
    return BroadcastPlan(
        broadcast=not reasons,
        action=done,
        does=_SAYS[done],
        reasons=tuple(reasons),
        notes=tuple(_notes(alert, done)),
        refers_to=alert.references,
        policy=policy.name,
        policy_file=policy.file,
        policy_source=policy.source,
        texts=texts,
    )


class _Asks(NamedTuple):
    """What decides whether a message is broadcast.

    Of each <info>: when it expires, and the message identifier that it would have.
    """

    msg_type: str
    status: str
    scope: str
    refers: bool
    expires: Sequence[datetime | None]
    numbers: Iterable[int | None]


def _decide(asks: _Asks, policy: BroadcastPolicy, at: datetime | None) -> tuple[PlanAction, list[str]]:
    """What a message asks for, and every reason against doing it."""
    action: PlanAction = _ACTIONS.get(asks.msg_type, "none")
    reasons = []
    if asks.status not in policy.status:
        reasons.append(f"Its status is {asks.status}, not {' or '.join(policy.status)}.")
    if asks.scope not in policy.scope:
        reasons.append(f"Its scope is {asks.scope}, not {' or '.join(policy.scope)}.")
    if asks.msg_type not in _ACTIONS:
        reasons.append(f"Its message type is {asks.msg_type}, an answer between systems.")
    if at is not None:
        times = [time for time in asks.expires if time is not None]
        if times and len(times) == len(asks.expires) and max(times) <= at:
            reasons.append(f"It expired on {max(times).isoformat()}.")
    if action != "stop" and not asks.expires:
        reasons.append("It has no <info>: there is nothing to say.")
    elif action == "stop" and not asks.refers:
        reasons.append("It refers to no message: there is nothing to stop.")
    elif not (action == "stop" or reasons) and policy.may_refuse and not any(asks.numbers):
        reasons.append(
            f"The policy {policy.name} does not broadcast its severity, urgency, certainty and "
            "codes; send location-based SMS or use information channels."
        )
    return action, reasons


def _notes(alert: Alert, done: PlanAction) -> Iterator[str]:
    """What keeps a broadcast from doing what its sender means."""
    if done == "replace" and not alert.references:
        yield "It refers to no message: nothing is replaced, and what it is about stays on air."
    if done in ("broadcast", "replace"):
        for info in alert.infos:
            if not any(area.polygons or area.circles for area in info.areas):
                place = f"No polygon or circle in the <info> for {info.language}"
                yield f"{place}: codes and names alone choose no cells."


def _text(alert: Alert, info: Info, policy: BroadcastPolicy) -> PlannedText | None:
    identifier = policy.message_identifier(alert.status, info)
    if identifier is None:
        return None
    if info.language.casefold() != alert.infos[0].language.casefold():
        identifier += 1 if identifier in (4396, 4398) else SECOND_LANGUAGE
    text = policy.message_text(info)
    cb = coding.encode_cb(text)
    return PlannedText(
        language=info.language,
        message_identifier=identifier,
        level=policy.level(identifier),
        text=text,
        sent=cb.text,
        characters=len(text),
        alphabet=cb.alphabet,
        pages=len(cb.pages),
        sms_parts=coding.sms_parts(text).parts,
        forcing=coding.not_in_gsm7(text),
        truncated=cb.truncated,
    )


def _parameter(info: Node, name: str) -> str | None:
    return outline(info).parameter(name)


def _fits(text: str, language: str, info: Node, marks: Marks) -> bool:
    """Whether all of a text is sent; and whether it is sent in the alphabet that most of it is."""
    fits = coding.fits_cb(text)
    if not fits:
        cb = coding.encode_cb(text)
        marks.add(
            TRUNCATED,
            info,
            f"The text in {language} has {len(text)} characters; "
            f"{len(text) - len(cb.text)} of them are cut off after 15 pages ({cb.alphabet}).",
        )
    forcing = coding.outside_gsm7(text)
    if forcing and len(forcing) * 20 <= len(text):
        each = list(dict.fromkeys(forcing))[:8]
        shown = " ".join(f"{c} (U+{ord(c):04X})" for c in each)
        marks.add(UCS2, info, f"The text in {language} is sent as UCS-2 for {shown}.")
    return fits


def deliverable(
    node: Node, marks: Marks, *, policy: BroadcastPolicy | None = None, at: datetime | None = None
) -> str:
    """Judge a message for broadcast: `pass`, `warn` or `fail`, with the reasons in `marks`.

    Parameters
    ----------
    node
        An <alert> that the rules have judged before and that can be read.
    marks
        Gets the reasons.
    policy
        What the country does; `default` when None.
    at
        The time of the broadcast; whether the message has expired is judged only when given.
    """
    policy = policy or read_policy("default")
    infos, status = node.every("info"), node.value("status")
    asks = _Asks(
        node.value("msgType"),
        status,
        node.value("scope") or "Public",
        bool(node.value("references")),
        [message.moment(info.first("expires")) for info in infos],
        (policy.message_identifier(status, outline(info)) for info in infos),
    )
    action, reasons = _decide(asks, policy, at)
    for reason in reasons:
        marks.add(EXPIRED if reason.startswith("It expired") else GATE, node, reason)
    if reasons:
        return "fail"
    if action == "stop":
        return "pass"
    worst = "pass"
    for info in infos:
        language = info.value("language") or "en-US"
        own = policy.own_text(partial(_parameter, info))
        text = own or policy.elements(info.value)
        if not text.strip():
            marks.add(NO_TEXT, info, f"There is nothing to show in {language}.")
            worst = "warn"
        elif not (
            coding.fits_plainly(text)  # so it does with less white space
            or _fits(own or " ".join(text.split()), language, info, marks)
        ):
            worst = "warn"
        if not rules_area.drawn(info):
            marks.add(NO_AREA, info, f"No polygon or circle in the <info> for {language}.")
            worst = "warn"
    return worst
