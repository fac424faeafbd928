"""What would be sent: whether a message may be broadcast at all, how, and what the phone shows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, Final, Literal, NamedTuple

from ewsim import coding
from ewsim.cap.alert import Alert, Info
from ewsim.cap.broadcast.policy import SECOND_LANGUAGE, BroadcastPolicy, Refusal, read_policy
from ewsim.cap.marks import Marks
from ewsim.cap.reader import outline
from ewsim.cap.rules import area as rules_area
from ewsim.cap.rules import message as rules_message
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
    policy_title: str
    policy_source: str
    texts: tuple[PlannedText, ...]

    def as_json(self) -> dict[str, Any]:
        """The document of `ewsim cap plan --json`."""
        return {"format": "ewsim.cap_plan/1", **asdict(self)}


def plan_broadcast(
    alert: Alert, *, policy: BroadcastPolicy | None = None, at: datetime | None = None
) -> BroadcastPlan:
    """What a message becomes on the air under a policy.

    Parameters
    ----------
    alert
        The message.
    policy
        What the country does; `default` when None.
    at
        The time of the broadcast, for whether the message has expired; when it was sent if None.
    """
    policy = policy or read_policy("default")
    asks = _Asks(
        alert.msg_type,
        alert.status,
        alert.scope,
        alert.sent,
        bool(alert.references),
        [info.expires for info in alert.infos],
        (policy.refusal(alert.status, info) for info in alert.infos),
    )
    action, decided = _decide(asks, policy, at)
    reasons = [reason for _, reason in decided]
    if alert.broken:
        reasons.insert(0, "Its signature is broken: this is not what was signed.")
    done: PlanAction = "none" if reasons else action
    over = _over(alert.infos, _later(alert.sent, at)) if done in ("broadcast", "replace") else {}
    texts = tuple(t for n, i in enumerate(alert.infos) if n not in over and (t := _text(alert, i, policy)))
    return BroadcastPlan(
        broadcast=not reasons,
        action=done,
        does=_SAYS[done],
        reasons=tuple(reasons),
        notes=(*over.values(), *_notes(alert, policy, done)),
        refers_to=alert.references,
        policy=policy.name,
        policy_file=policy.file,
        policy_title=policy.title,
        policy_source=policy.source,
        texts=texts,
    )


class _Asks(NamedTuple):
    """What decides whether a message is broadcast.

    Of each <info>: when it expires, and why the policy does not broadcast it, or None.
    """

    msg_type: str
    status: str
    scope: str
    sent: datetime | None
    refers: bool
    expires: Sequence[datetime | None]
    refusals: Iterable[Refusal | None]


def _decide(
    asks: _Asks, policy: BroadcastPolicy, at: datetime | None
) -> tuple[PlanAction, list[tuple[str, str]]]:
    """What a message asks for, and every reason against doing it, each with its rule."""
    action: PlanAction = _ACTIONS.get(asks.msg_type, "none")
    reasons = []
    if asks.status not in policy.status:
        reasons.append(("DELIVER-GATE", f"Its status is {asks.status}, not {' or '.join(policy.status)}."))
    if asks.scope not in policy.scope:
        reasons.append(("DELIVER-GATE", f"Its scope is {asks.scope}, not {' or '.join(policy.scope)}."))
    if asks.msg_type not in _ACTIONS:
        reasons.append(("DELIVER-GATE", f"Its message type is {asks.msg_type}, an answer between systems."))
    when = _later(asks.sent, at)
    if when is not None and (at is not None or action != "stop"):
        times = [time for time in asks.expires if time is not None]
        if times and len(times) == len(asks.expires) and max(times) <= when:
            early = asks.sent is not None and max(times) <= asks.sent
            before = ", before it was sent" if early else ""
            reasons.append(("DELIVER-EXPIRED", f"It expired on {max(times).isoformat()}{before}."))
    if action != "stop" and not asks.expires:
        reasons.append(("DELIVER-GATE", "It has no <info>: there is nothing to say."))
    elif action == "stop" and not asks.refers:
        reasons.append(("DELIVER-GATE", "It refers to no message: there is nothing to stop."))
    elif not (action == "stop" or reasons) and policy.may_refuse:
        refusals = list(takewhile(lambda refusal: refusal is not None, asks.refusals))
        if len(refusals) == len(asks.expires):  # none of them is broadcast
            found = dict.fromkeys(refusal for refusal in refusals if refusal is not None)
            reasons += [
                ("DELIVER-SWITCH" if each.by_sender else "DELIVER-THRESHOLD", each.reason) for each in found
            ]
    return action, reasons


def _later(sent: datetime | None, at: datetime | None) -> datetime | None:
    """When a message is broadcast: not before it is sent."""
    return max(at, sent) if at and sent else at or sent


def says_expired(info: Info, when: datetime | None) -> str:
    """What to say of an <info> that has expired at a time; empty while it has not."""
    if when is None or info.expires is None or info.expires > when:
        return ""
    return f"In {info.language} nothing is sent: it expired on {info.expires.isoformat()}."


def _over(infos: Sequence[Info], when: datetime | None) -> dict[int, str]:
    """Each <info> by its number that has expired though the message has not, with what to say of it."""
    return {n: said for n, info in enumerate(infos) if (said := says_expired(info, when))}


def _notes(alert: Alert, policy: BroadcastPolicy, done: PlanAction) -> Iterator[str]:
    """What keeps a broadcast from doing what its sender means."""
    if done == "replace" and not alert.references:
        yield "It refers to no message: nothing is replaced, and the earlier message stays on air."
    if done in ("broadcast", "replace"):
        for info in alert.infos:
            if refusal := policy.refusal(alert.status, info):
                yield f"In {info.language}: {refusal.reason}"
                continue
            yield from _written(info, policy)
            if not any(area.polygons or any(c.radius_km > 0 for c in area.circles) for area in info.areas):
                place = f"No polygon or circle in the <info> for {info.language}"
                only = (
                    "a circle of radius 0 chooses"
                    if any(area.circles for area in info.areas)
                    else "codes and names alone choose"
                )
                yield f"{place}: {only} no cells."


def _text(alert: Alert, info: Info, policy: BroadcastPolicy) -> PlannedText | None:
    identifier = policy.message_identifier(alert.status, info)
    if identifier is None:
        return None
    if info.language.casefold() != alert.infos[0].language.casefold():
        identifier += 1 if identifier in (4396, 4398) else SECOND_LANGUAGE
    text = policy.full_text(info)
    cb = coding.encode_cb(policy.message_text(info))
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
        truncated=len(cb.text) < len(text),
    )


def _written(info: Info, policy: BroadcastPolicy) -> Iterator[str]:
    """That the gateway writes the text by itself, or cannot; nothing where its sender has written one."""
    if policy.templates and not policy.own_text(info):
        names = " or ".join(policy.text_parameters)
        gateway = f"the gateway of policy {policy.name}"
        if policy.template_text(info):
            yield f"There is no {names} in {info.language}: {gateway} writes its own text."
        else:
            yield (
                f"There is no {names} in {info.language}, and {gateway} writes text only in "
                f"{', '.join(policy.templates)}: the message's own is taken (assumption)."
            )


def _fits(text: str, info: Info, node: Node, policy: BroadcastPolicy, marks: Marks) -> bool:
    """Whether all of a text is sent; and whether it is sent in the alphabet that most of it is."""
    limit = policy.characters
    short = bool(limit) and len(text) > limit
    fits = not short and coding.fits_cb(text)
    if short:
        cut = len(text) - limit
        said = f"has {len(text)} characters; {cut} of them are cut off after {limit} (policy {policy.name})"
        marks.add("DELIVER-TRUNCATED", node, f"The text in {info.language} {said}.")
    elif not fits:
        cb = coding.encode_cb(text)
        cut = len(text) - len(cb.text)
        said = f"has {len(text)} characters; {cut} of them are cut off after 15 pages ({cb.alphabet})"
        marks.add("DELIVER-TRUNCATED", node, f"The text in {info.language} {said}.")
    forcing = coding.outside_gsm7(text)
    if forcing and len(forcing) * 20 <= len(text):
        each = list(dict.fromkeys(forcing))[:8]
        shown = " ".join(f"{c} (U+{ord(c):04X})" for c in each)
        marks.add("DELIVER-UCS2", node, f"The text in {info.language} is sent as UCS-2 for {shown}.")
    return fits


#: How a reason ends that a rule of the specification has noted as a fault.
_SAID: Final = {
    "before it was sent.": "TIME-EXPIRED",
    "there is nothing to say.": "INFO-MISSING",
    "there is nothing to stop.": "REF-REQUIRED",
}


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
    policy, at
        As in `plan_broadcast`.
    """
    policy = policy or read_policy("default")
    nodes, status = node.every("info"), node.value("status")
    infos = [outline(each) for each in nodes]
    refusals = [policy.refusal(status, info) for info in infos]
    asks = _Asks(
        node.value("msgType"),
        status,
        node.value("scope") or "Public",
        rules_message.moment(node.first("sent")),
        bool(node.value("references")),
        [info.expires for info in infos],
        refusals,
    )
    action, reasons = _decide(asks, policy, at)
    for rule, reason in reasons:
        if not any(reason.endswith(end) and marks.counts.get(by) for end, by in _SAID.items()):
            marks.add(rule, node, reason)
    if reasons:
        return "fail"
    if action == "stop":
        return "pass"
    over = _over(infos, _later(asks.sent, at))
    worst = "warn" if over else "pass"
    for n, (info, where, refusal) in enumerate(zip(infos, nodes, refusals, strict=True)):
        if said := over.get(n):
            marks.add("DELIVER-EXPIRED", where, said)
        if refusal or said:
            continue
        if policy.surely_fits(info):
            worst = worst if _drawn(where, info, marks) else "warn"
            continue
        text = policy.full_text(info)
        if not text:
            marks.add("DELIVER-TEXT", where, f"There is nothing to show in {info.language}.")
            worst = "warn"
        elif not (_is_short(text, policy) or _fits(text, info, where, policy, marks)):
            worst = "warn"
        for written in _written(info, policy):
            marks.add("DELIVER-TEMPLATE", where, written)
        worst = worst if _drawn(where, info, marks) else "warn"
    return worst


def _drawn(node: Node, info: Info, marks: Marks) -> bool:
    """Whether an <info> has an area that is drawn; it is noted where it has no <area>.

    The rules of <area> have noted one that is not drawn.
    """
    if rules_area.drawn(node):
        return True
    circles = any(area.every("circle") for area in node.every("area"))
    if not node.every("area") or circles:
        place = ", but a circle of radius 0" * circles
        marks.add("DELIVER-AREA", node, f"No polygon or circle in the <info> for {info.language}{place}.")
    return False


def _is_short(text: str, policy: BroadcastPolicy) -> bool:
    """Whether nothing at all is special about a text."""
    return coding.fits_plainly(text) and len(text) <= (policy.characters or len(text))
