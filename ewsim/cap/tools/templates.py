"""New messages from templates: right by construction, in several languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from ewsim.cap.xml.node import NAMESPACES
from ewsim.errors import UsageError
from ewsim.scenario import document as documents
from ewsim.scenario.faults import model_of
from ewsim.scenario.spec.base import Model

#: A small island, so that a template draws something; replaced with --area, --polygon, --circle.
_RING: Final = "15.20,-61.40 15.40,-61.40 15.40,-61.20 15.20,-61.20 15.20,-61.40"


@dataclass(frozen=True, slots=True)
class Where:
    """An area: its name, polygons and circles as CAP writes them."""

    name: str = "Example Bay"
    polygons: tuple[str, ...] = (_RING,)
    circles: tuple[str, ...] = ()


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


def _tag(kind: str, wanted: str) -> str:
    """A language of a template by its tag, in any case, or by its first part: en for en-US."""
    low = wanted.lower()
    have = languages(kind)
    same = [tag for tag in have if tag.lower() == low]
    return (same or [tag for tag in have if tag.lower().partition("-")[0] == low] or [wanted])[0]


def new(
    kind: str,
    *,
    sent: datetime,
    identifier: str,
    sender: str = "warnings@example.org",
    sender_name: str = "Example Warning Service",
    tags: Sequence[str] = ("en-US",),
    where: Where | None = None,
    references: Sequence[str] = (),
    hours: float | None = None,
) -> bytes:
    """A CAP 1.2 message from a template, as UTF-8.

    Parameters
    ----------
    kind
        The template.
    sent
        With its offset; whole seconds are written.
    identifier, sender, sender_name
        As CAP's elements of these names.
    tags
        Languages, each of which the template must have; en takes the first English there is.
    where
        The area; a small island when None.
    references
        `sender,identifier,sent` of earlier messages; an update or cancel needs one.
    hours
        Until it expires [h]; the template's own when None.
    """
    template = _template(kind)
    tags = [_tag(kind, tag) for tag in tags]
    missing = [tag for tag in tags if tag not in languages(kind)]
    if missing:
        have = ", ".join(languages(kind))
        raise UsageError(f"The template {kind} is not in {', '.join(missing)}; it is in {have}.")
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
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<alert xmlns="{NAMESPACES["1.2"]}">']
    head = {
        "identifier": identifier,
        "sender": sender,
        "sent": cap_time(sent),
        "status": template.status,
        "msgType": template.msg_type,
        "scope": "Public",
        "note": template.note,
        "references": " ".join(references),
    }
    lines += _elements(head.items(), 1)
    for tag in dict.fromkeys(tags):
        said = template.texts[tag]
        info = {
            "language": tag,
            "category": template.category,
            "event": said.event,
            "responseType": template.response,
            "urgency": template.urgency,
            "severity": template.severity,
            "certainty": template.certainty,
            "effective": cap_time(sent),
            "expires": cap_time(expires),
            "senderName": sender_name,
            "headline": said.headline,
            "description": said.description,
            "instruction": said.instruction,
        }
        lines += ["  <info>", *_elements(info.items(), 2), *_area(where or Where()), "  </info>"]
    try:
        return ("\n".join([*lines, "</alert>"]) + "\n").encode()
    except UnicodeEncodeError as error:
        name = error.object[: error.start].rpartition("<")[2].partition(">")[0]
        raise UsageError(f"The text for <{name}> is not UTF-8.") from None


def cap_time(moment: datetime) -> str:
    """A time as CAP 1.2 wants it: whole seconds, a numeric offset, UTC as -00:00 (3.3.2)."""
    text = moment.replace(microsecond=0).isoformat()
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text


def _area(where: Where) -> Iterator[str]:
    yield "    <area>"
    yield from _elements([("areaDesc", where.name)], 3)
    yield from _elements((("polygon", ring) for ring in where.polygons), 3)
    yield from _elements((("circle", disc) for disc in where.circles), 3)
    yield "    </area>"


def _elements(pairs: Any, depth: int) -> Iterator[str]:
    for name, value in pairs:
        if value:
            yield f"{'  ' * depth}<{name}>{escape(str(value))}</{name}>"
