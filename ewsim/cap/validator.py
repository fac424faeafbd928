"""The validator: one file, every finding, a verdict in layers.

The way of a file: bytes -> `XmlDocument` (well-formed) -> `structure` (schema) -> `rules_*` (spec)
-> `profiles` -> `signature` -> `plan` (deliverable). A layer is judged as far as the layers below
let it be read.

    report = validate(Path("a.xml").read_bytes(), "a.xml", profiles=("auto",))
    report.verdict["schema"]       # pass, warn, fail or not_checked: the worst of the messages
    report.findings                # every Finding, in the order of the file
    report.messages[0].alert       # the frozen Alert, or None where it cannot be read
    report.messages[0].node        # its <alert>, which knows its places: what was signed, if it is
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, cast

from ewsim.cap.alert import Alert
from ewsim.cap.broadcast import plan
from ewsim.cap.catalogue import LAYERS, Layer
from ewsim.cap.findings import Finding
from ewsim.cap.marks import Effort, Marks
from ewsim.cap.profiles import files as profile_rules
from ewsim.cap.reader import build, no_alert
from ewsim.cap.rules import area, structure
from ewsim.cap.rules import info as rules_info
from ewsim.cap.rules import message as rules_message
from ewsim.cap.rules import resource as rules_resource
from ewsim.cap.xml.document import XmlDocument, open_document
from ewsim.cap.xml.node import SIGNATURE, Node
from ewsim.errors import Diagnostic, expect

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from ewsim.cap.broadcast.policy import BroadcastPolicy

Verdict = Literal["pass", "warn", "fail", "not_checked"]
_WORST: Final[tuple[Verdict, ...]] = ("not_checked", "pass", "warn", "fail")
_OF_STATE: Final[dict[str, Verdict]] = {"unsigned": "not_checked", "trusted": "pass", "broken": "fail"}


@dataclass(frozen=True)
class Message:
    """One message of a file; `number` counts from 1.

    `node` is what was signed, and no other part of the file, where a signature verified.
    """

    number: int
    node: Node
    document: XmlDocument = field(repr=False)
    readable: bool
    verdict: Mapping[Layer, Verdict]
    signature: str  # unsigned, trusted, intact, expired, unverified or broken

    @cached_property
    def alert(self) -> Alert | None:
        """What the message says; None when it cannot be read."""
        return self.read(places=False)

    def read(self, *, places: bool = True) -> Alert | None:
        """The same, with the places in the file (in twice the time)."""
        if not self.readable:
            return None
        alert = build(self.document, self.node, Marks(), places=places)
        return replace(alert, broken=True) if alert and self.signature == "broken" else alert


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be said of one file."""

    file: str
    document: XmlDocument | None
    findings: tuple[Finding, ...]
    verdict: Mapping[Layer, Verdict]
    messages: tuple[Message, ...] = ()
    source: bytes = field(default=b"", repr=False)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The messages that can be read."""
        return tuple(message.alert for message in self.messages if message.alert is not None)

    @property
    def failed(self) -> bool:
        """Whether anything is an error."""
        return any(found.severity == "error" for found in self.findings)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings in the form that all rooms share."""
        return tuple(found.diagnostic(self.file) for found in self.findings)


def validate(
    source: bytes,
    file: str,
    *,
    profiles: Sequence[str] = ("core",),
    lenient: bool = False,
    trust: Sequence[Certificate] = (),
    at: datetime | None = None,
    policy: BroadcastPolicy | None = None,
) -> Report:
    """Judge a file: one alert, or the alerts that a feed or an envelope holds.

    Parameters
    ----------
    source
        The bytes as they were read; a signature is judged on them.
    file
        What messages call it.
    profiles
        Names, or paths of files; `auto` takes those that the message shows it follows.
    lenient
        What real feeds commonly get wrong is a warning.
    trust
        Certificates of signers and authorities; nothing inside the message is ever trusted.
    at
        When the message is looked at: for what has expired, and for certificates (else `sent`).
    policy
        What the country broadcasts; `default` when None.
    """
    expect(source, bytes, "validate takes the bytes of a file, as Path.read_bytes gives them")
    document, problems = open_document(source, file)
    if document is None:
        return _unread(file, source, None, problems)
    if not document.alerts:
        return _unread(file, source, document, [*problems, no_alert(document)])
    several = len(document.alerts) > 1
    core = set(profiles) <= {"core"}
    findings, messages = list(problems), []
    effort = Effort()
    for number, node in enumerate(document.alerts, 1):
        marks = Marks(effort=effort)
        used, state, delivery = _judge(document, node, marks, () if core else profiles, trust, at, policy)
        found = list(marks.findings(document, lenient=lenient, alert=number if several else 0))
        findings += found
        verdict = _by_layer([*problems, *found])
        of_state = _OF_STATE.get(state, "warn")
        judged = (of_state, verdict["signature"]) if state != "unsigned" else (of_state,)
        verdict["signature"] = _worst(judged)
        verdict["deliverable"] = delivery
        if core:
            verdict["profiles"] = "not_checked"
        readable = not marks.stopping()
        messages.append(Message(number, used, document, readable, verdict, state))
    whole: Mapping[Layer, Verdict] = messages[0].verdict
    if several:
        whole = {layer: _worst(m.verdict[layer] for m in messages) for layer in LAYERS}
    return Report(file, document, tuple(findings), whole, tuple(messages), source)


def _judge(
    document: XmlDocument,
    node: Node,
    marks: Marks,
    profiles: Sequence[str],
    trust: Sequence[Certificate],
    at: datetime | None,
    policy: BroadcastPolicy | None,
) -> tuple[Node, str, Verdict]:
    """All layers of one message: what of it is used, its signature's state, can it be sent."""
    structure.check(node, marks)
    used, state, of_signature = node, "unsigned", None
    if any(child.namespace == SIGNATURE for child in node.children):
        from ewsim.cap.signature.judge import judge_signatures

        of_signature = Marks(effort=marks.effort)
        found = judge_signatures(document, node, of_signature, trust=trust, at=at)
        used, state = found.alert or node, found.state
    _spec(used, marks)
    if profiles:
        profile_rules.check(used, profiles, marks)
    if of_signature is not None:
        marks.extend(of_signature)
    if marks.stopping():
        return used, state, "not_checked"
    delivery = cast("Verdict", plan.deliverable(used, marks, policy=policy, at=at))
    return used, state, "fail" if state == "broken" else delivery  # as `ewsim cap plan` says


def _spec(alert: Node, marks: Marks) -> None:
    """The rules beyond the schema."""
    rules_message.check(alert, marks)
    sent = rules_message.moment(alert.first("sent"))
    infos, first = alert.every("info"), alert.value("msgType") == "Alert"
    rings: area.Sound = {}
    for info in infos:
        inner = info.table
        rules_info.check(info, sent, marks, first=first)
        for resource in inner.get("resource", ()):
            rules_resource.check(resource, marks)
        if "area" in inner:
            area.check(inner["area"], marks, rings)
    rules_info.duplicates(infos, marks)


def _unread(file: str, source: bytes, document: XmlDocument | None, problems: Sequence[Finding]) -> Report:
    """A file without a message: the layers that could be judged."""
    verdict: dict[Layer, Verdict] = dict.fromkeys(LAYERS, "not_checked")
    by_layer = _by_layer(problems)
    verdict["well_formed"] = by_layer["well_formed"]
    if document is not None and by_layer["schema"] != "pass":  # an empty feed has no schema to hold
        verdict["schema"] = by_layer["schema"]
    return Report(file, document, tuple(problems), verdict, source=source)


def _by_layer(findings: Iterable[Finding]) -> dict[Layer, Verdict]:
    verdict: dict[Layer, Verdict] = dict.fromkeys(LAYERS, "pass")
    for found in findings:
        if found.severity == "error":
            verdict[found.layer] = "fail"
        elif found.severity == "warning" and verdict[found.layer] == "pass":
            verdict[found.layer] = "warn"
    return verdict


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=_WORST.index)
