"""New messages from templates: right by construction, in several languages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Final, Literal

from ewsim.cap.tools.follow_up import Earlier, Where
from ewsim.cap.tools.writing import HEAD, area_lines, cap_time, elements
from ewsim.errors import UsageError
from ewsim.scenario import document as documents
from ewsim.scenario.faults import model_of
from ewsim.scenario.spec.base import Model

#: A small island, so that a template draws something; replaced with --area, --polygon, --circle.
ISLAND: Final = Where("Example Bay", ("15.20,-61.40 15.40,-61.40 15.40,-61.20 15.20,-61.20 15.20,-61.40",))
SENDER: Final = "warnings@example.org"
SENDER_NAME: Final = "Example Warning Service"


class TextSpec(Model):
    """What a template says in one language."""

    event: str
    headline: str
    description: str
    instruction: str


class TemplateSpec(Model):
    """A kind of message: CAP's own words once, and a text in each language."""

    category: str
    response: str
    urgency: str
    severity: str
    certainty: str
    hours: float
    status: str = "Actual"
    msg_type: str = "Alert"
    note: str = ""
    texts: dict[str, TextSpec]


class TemplatesSpec(Model):
    """The file of templates."""

    format: Literal["ewsim.templates/1"]
    templates: dict[str, TemplateSpec]


@cache
def _templates() -> dict[str, TemplateSpec]:
    file = resources.files("ewsim.cap.tools") / "templates.yaml"
    return model_of(TemplatesSpec, documents.parse(file.read_text("utf-8"), file.name)).templates


def kinds() -> tuple[str, ...]:
    """The templates there are."""
    return tuple(_templates())


def languages(kind: str) -> tuple[str, ...]:
    """The languages of a template."""
    return tuple(_template(kind).texts)


def _template(kind: str) -> TemplateSpec:
    if kind not in _templates():
        raise UsageError(f"There is no template {kind!r}; there are {', '.join(kinds())}.")
    return _templates()[kind]


def _tag(kind: str, wanted: str, *, near: bool = False) -> str:
    """A language of a template by its tag, in any case, or by its first part: en for en-US.

    `near`: en-US for en-GB too; Chinese is written in two ways, so not for zh.
    """
    low, have = wanted.lower(), languages(kind)
    first = low.partition("-")[0]
    same = [tag for tag in have if tag.lower() == low]
    wide = [first] if near and first != "zh" else [low]
    return (same or [tag for tag in have if tag.lower().partition("-")[0] in wide] or [wanted])[0]


def unwritten(kind: str, tags: Iterable[str]) -> tuple[str, ...]:
    """Of the languages of an earlier message, those that a template has no text in."""
    return tuple(tag for tag in tags if _tag(kind, tag, near=True) not in languages(kind))


def is_follow_up(kind: str) -> bool:
    """Whether a template is about an earlier message."""
    return _template(kind).msg_type != "Alert"


def new(
    kind: str,
    *,
    sent: datetime,
    identifier: str,
    sender: str = "",
    sender_name: str = "",
    tags: Sequence[str] = (),
    where: Where | None = None,
    references: Sequence[str] = (),
    hours: float | None = None,
    before: Earlier | None = None,
) -> bytes:
    """A CAP 1.2 message from a template, as UTF-8.

    Parameters
    ----------
    kind
        The template.
    sent
        With its offset; whole seconds are written.
    identifier, sender, sender_name
        As CAP's elements of these names; those of the earlier message, or an example, when empty.
    tags
        Languages, each of which the template must have; en takes the first English there is. Those of the
        earlier message when empty, and en-US without one.
    where
        The area; those of the earlier message when None, and a small island for a first message.
    references
        `sender,identifier,sent` of earlier messages; an update or cancel needs one.
    hours
        Until it expires [h]; the template's own when None.
    before
        What an update or cancel takes over.
    """
    template, before = _template(kind), before or Earlier()
    texts = _texts(kind, tags, before)
    if template.msg_type != "Alert" and not references:
        raise UsageError(
            f"The template {kind} refers to an earlier message: --references "
            "SENDER,IDENTIFIER,SENT (or the file of that message)."
        )
    if sent.tzinfo is None:
        raise UsageError("The time needs its offset, as in 2026-05-01T10:00:00+02:00.")
    try:
        expires = sent + timedelta(hours=template.hours if hours is None else hours)
    except (OverflowError, ValueError):  # not a number, or beyond the year 9999
        raise UsageError(f"{hours:g} hours after {cap_time(sent)} is not a time; give fewer.") from None
    areas = _areas(kind, where, before)
    head = {
        "identifier": identifier,
        "sender": sender or before.sender or SENDER,
        "sent": cap_time(sent),
        "status": template.status,
        "msgType": template.msg_type,
        "scope": "Public",
        "restriction": "",
        "addresses": "",
        "code": (),
        "note": template.note,
        "references": " ".join(references),
        "incidents": "",
    } | {name: value for name, value in before.head.items() if value}
    lines = [*HEAD, *elements(head.items(), 1)]
    for tag, said in texts.items():
        old = before.infos.get(tag)
        info: dict[str, str | Sequence[str]] = {
            "language": tag,
            "category": template.category,
            "event": said.event,
            "responseType": template.response,
            "urgency": template.urgency,
            "severity": template.severity,
            "certainty": template.certainty,
            "effective": cap_time(sent),
            "expires": cap_time(expires),
            "senderName": sender_name or (old and old.sender_name) or SENDER_NAME,
            "headline": said.headline,
            "description": said.description,
            "instruction": said.instruction,
        }
        if old and template.msg_type == "Update":  # of the same danger
            info |= {"category": old.categories, "event": old.event}
            info |= {"responseType": old.response_types} if old.response_types else {}
        lines += ["  <info>", *elements(info.items(), 2)]
        for area in areas.get(tag) or next(iter(areas.values())):
            lines += area_lines(area)
        lines += ["  </info>"]
    try:
        return ("\n".join([*lines, "</alert>"]) + "\n").encode()
    except UnicodeEncodeError as error:
        name = error.object[: error.start].rpartition("<")[2].partition(">")[0]
        raise UsageError(f"The text for <{name}> is not UTF-8.") from None


def _texts(kind: str, tags: Sequence[str], before: Earlier) -> dict[str, TextSpec]:
    """What is said in each language, by the tag that is written."""
    said = _template(kind).texts
    if not tags and before.infos:
        inherited = {tag: _tag(kind, tag, near=True) for tag in before.infos}
        found = {tag: said[own] for tag, own in inherited.items() if own in said}
        missing = [] if found else list(before.infos)
    else:
        wanted = [_tag(kind, tag) for tag in tags or ("en-US",)]
        found = {tag: said[tag] for tag in wanted if tag in said}
        missing = [tag for tag in wanted if tag not in said]
    if missing:
        have = f"it is in {', '.join(said)}"
        fix = "Name one of these with --language, or write that <info> yourself."
        raise UsageError(f"The template {kind} is not in {', '.join(missing)}; {have}. {fix}")
    return found


def _areas(kind: str, where: Where | None, before: Earlier) -> Mapping[str, Sequence[Where]]:
    """The areas of each language; where a language has none, those of another."""
    if where is not None:
        return {"": (where,)}
    found = {tag: areas for tag, areas in before.areas.items() if areas}
    if not found and is_follow_up(kind):
        raise UsageError(
            f"The template {kind} takes its area from the message it is about, and there is none. Give "
            "--references the file of that message, or --area with --polygon or --circle."
        )
    return found or {"": (ISLAND,)}
