"""The message of a studio: opened, begun from a template, edited field by field, and followed up.

An edit keeps what it is not about: other elements, codes, parameters, resources and areas of the message.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from ewsim.cap.alert import Alert, Area, Info
from ewsim.cap.reader import parse_alert
from ewsim.cap.tools import templates
from ewsim.cap.tools.follow_up import earlier, where_of
from ewsim.cap.tools.writing import cap_time
from ewsim.cap.xml import values
from ewsim.cap.xml.content import ALERT, Children, Word
from ewsim.cap.xml.document import open_document
from ewsim.cap.xml.node import SIGNATURE
from ewsim.cap.xml.text import NOT_XML
from ewsim.errors import UsageError

#: A larger file is no warning that somebody wrote.
MOST_OCTETS: Final = 2_000_000
MOST_CHARACTERS: Final = 5_000
MOST_LANGUAGES: Final = 20
#: The longest validity that can be typed [h]: a month.
MOST_HOURS: Final = 744.0
#: The texts of one language, by the names that a page sends.
TEXTS: Final = ("event", "headline", "description", "instruction", "sender_name")
#: CAP's words that are one for the whole message, by the names that a page sends.
WORDS: Final = {
    "status": "status",
    "category": "category",
    "response": "responseType",
    "urgency": "urgency",
    "severity": "severity",
    "certainty": "certainty",
}

_CDATA: Final = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)


def choices() -> dict[str, list[str]]:
    """The words that CAP 1.2 allows, by the names of `WORDS`, and the templates with their languages."""
    top = ALERT["1.2"]
    inner = top.slots[top.place["info"]].content
    found = {}
    for name, element in WORDS.items():
        model = top if name == "status" else inner
        assert isinstance(model, Children)
        word = model.slots[model.place[element]].content
        assert isinstance(word, Word)
        found[name] = list(word.words)
    return found


def kinds() -> dict[str, list[str]]:
    """The templates of first messages, with their languages."""
    return {k: list(templates.languages(k)) for k in templates.kinds() if not templates.is_follow_up(k)}


def as_json(alert: Alert) -> dict[str, Any]:
    """What a page shows of a message, in the fields that it may send back."""
    first = alert.infos[0] if alert.infos else None
    hours = first.expires and (first.expires - alert.sent).total_seconds() / 3600 if first else None
    return {
        "identifier": alert.identifier,
        "sender": alert.sender,
        "sent": cap_time(alert.sent),
        "msg_type": alert.msg_type,
        "signed": alert.signed,
        "words": {
            "status": alert.status,
            "category": first.categories[0] if first and first.categories else "",
            "response": first.response_types[0] if first and first.response_types else "",
            "urgency": first.urgency if first else "",
            "severity": first.severity if first else "",
            "certainty": first.certainty if first else "",
        },
        "hours": hours,
        "texts": [
            {"of": n, "language": info.language, **{name: getattr(info, name) or "" for name in TEXTS}}
            for n, info in enumerate(alert.infos)
        ],
        "area_name": next((area.description for area in alert.areas), ""),
        "geocodes": sum(len(area.geocodes) for area in alert.areas),
    }


def open_message(source: bytes, name: str) -> Alert:
    """The message of a file that somebody brings; raises CapError or UsageError with what is wrong."""
    plain = re.sub(r"[^\w .()-]", "_", name.replace("\\", "/").rpartition("/")[2])[:80] or "the file"
    if len(source) > MOST_OCTETS:
        size = f"{len(source) / 1e6:,.1f} MB"
        raise UsageError(f"{plain} has {size}, and a message has at most 2 MB. Open one CAP message.")
    return parse_alert(source, plain)


def unwritten(source: bytes) -> list[str]:
    """What a message has that an edit does not keep: signature, extensions, comments, envelope."""
    document, _ = open_document(source, "alert.xml")
    if document is None or not document.alerts:
        return []
    top, foreign = document.alerts[0], set()
    nodes = [top]
    while nodes:
        node = nodes.pop()
        if node.namespace == top.namespace:
            nodes += node.children
        else:
            foreign.add("signature" if node.namespace == SIGNATURE else "extensions")
    found = {
        "signature": "signature" in foreign,
        "extensions": "extensions" in foreign,
        "comments": "<!--" in _CDATA.sub("", document.text),
        "envelope": document.root is not top,
    }
    return [name for name, there in found.items() if there]


# --- edits ------------------------------------------------------------------------------------------


def edited(alert: Alert, given: Mapping[str, Any]) -> tuple[Alert, list[str]]:
    """A message with what a page has typed, and every fault of that in a sentence.

    `given` may have `texts`, a list of the texts of each language (`of` is the number of the <info> that
    they change, nothing for a new one); `words`, CAP's words by the names of `WORDS`; `hours` until it
    expires; `area_name`.
    """
    faults: list[str] = []
    if "texts" in given:
        alert = replace(alert, infos=tuple(_texts(alert, given["texts"], faults)))
    if "words" in given:
        alert = _worded(alert, given["words"], faults)
    if "hours" in given:
        alert = _valid_for(alert, given["hours"], faults)
    if "area_name" in given:
        named = _text(given["area_name"], "The name of the area", faults) or "Alert area"
        infos = (replace(i, areas=tuple(replace(a, description=named) for a in i.areas)) for i in alert.infos)
        alert = replace(alert, infos=tuple(infos))
    return alert, faults


def _valid_for(alert: Alert, hours: Any, faults: list[str]) -> Alert:
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= MOST_HOURS:
        faults.append(f"The hours until it expires are not a number up to {MOST_HOURS:g}. Write one above 0.")
        return alert
    try:
        until = alert.sent + timedelta(hours=float(hours))
    except OverflowError:
        faults.append(f"The message was sent in {alert.sent.year}: there is no later year. Open another.")
        return alert
    return replace(alert, infos=tuple(replace(info, expires=until) for info in alert.infos))


def _texts(alert: Alert, rows: Any, faults: list[str]) -> Iterator[Info]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows) or not rows:
        faults.append("A message needs a text in one language at least. Add one.")
        return
    if len(rows) > MOST_LANGUAGES:
        faults.append(
            f"The message has {len(rows)} languages, and {MOST_LANGUAGES} are allowed. Take some out."
        )
        return
    for number, row in enumerate(rows, 1):
        language = row.get("language")
        if not isinstance(language, str) or len(language) > 35 or not values.is_language(language):
            shown = repr(language[:40]) if isinstance(language, str) else "missing"
            faults.append(f"Text {number}: the language is {shown}. Write a code such as en, fr or pt-BR.")
            continue
        said = {n: _text(row.get(n, ""), f"The {n.replace('_', ' ')} in {language}", faults) for n in TEXTS}
        of = row.get("of")
        base = _base(alert, of)
        if base is None:
            faults.append(f"Text {number} belongs to no text of the message. Reload the page.")
            continue
        texts: dict[str, Any] = {name: said[name] or None for name in TEXTS[1:]}
        yield replace(base, language=language, event=said["event"] or base.event, **texts)


def _base(alert: Alert, of: Any) -> Info | None:
    """The <info> that texts change; for new ones, the first without what is in its language."""
    if of is None:
        first = alert.infos[0] if alert.infos else None
        if first is None:
            return Info("en-US", ("Other",), "Warning", "Unknown", "Unknown", "Unknown")
        return replace(first, parameters=(), resources=(), audience=None, web=None)
    known = isinstance(of, int) and not isinstance(of, bool) and 0 <= of < len(alert.infos)
    return alert.infos[of] if known else None


def _text(value: Any, name: str, faults: list[str]) -> str:
    if not isinstance(value, str):
        faults.append(f"{name} is not a text. Write it again.")
    elif len(value) > MOST_CHARACTERS:
        most = f"at most {MOST_CHARACTERS:,} are kept. Cell broadcast carries 1,395. Shorten it."
        faults.append(f"{name} has {len(value):,} characters; {most}")
    elif wrong := NOT_XML.search(value):
        faults.append(f"{name} has a character that CAP cannot hold (U+{ord(wrong[0]):04X}). Delete it.")
    else:
        return "\n".join(value.splitlines()).strip()
    return ""


def _worded(alert: Alert, words: Any, faults: list[str]) -> Alert:
    allowed = choices()
    if not isinstance(words, Mapping) or not set(words) <= set(allowed):
        faults.append(f"The page sent other words than {', '.join(allowed)}. Reload the page.")
        return alert
    for name, word in words.items():
        if not (word in allowed[name] or (name == "response" and word == "")):
            faults.append(f"The {name} is not a word of CAP. Choose from {', '.join(allowed[name])}.")
        elif name == "status":
            alert = replace(alert, status=word)
        else:
            field = {"category": "categories", "response": "response_types"}.get(name, name)
            value: dict[str, Any] = {str(field): word if field == name else (word,) if word else ()}
            alert = replace(alert, infos=tuple(replace(info, **value) for info in alert.infos))
    return alert


def with_area(alert: Alert, area: Area) -> Alert:
    """A message for an area, in all its languages."""
    return replace(alert, infos=tuple(replace(info, areas=(area,)) for info in alert.infos))


# --- templates --------------------------------------------------------------------------------------


def from_template(
    kind: str, tags: Sequence[str], *, sent: datetime, identifier: str, area: Area | None = None
) -> bytes:
    """A first message from a template, for an area.

    Parameters
    ----------
    kind
        The template.
    tags
        Its languages; those that the template has no text in are left out, unless it has none of them.
    sent
        When it is sent, with its offset.
    identifier
        The identifier of the message.
    area
        The alert area; a small island where it is None.
    """
    have = templates.languages(kind)
    near = [
        tag for tag in tags if any(h.partition("-")[0].lower() == tag.partition("-")[0].lower() for h in have)
    ]
    where = None if area is None else where_of(area)
    chosen = near or list(tags)
    return templates.new(kind, sent=sent, identifier=identifier, tags=chosen, where=where)


def follow_up(alert: Alert, kind: str, *, sent: datetime, identifier: str) -> bytes:
    """The CAP message that updates or cancels another one, with its area, languages and sender.

    Parameters
    ----------
    alert
        The message that it is about.
    kind
        update or cancel.
    sent
        When it is sent, with its offset.
    identifier
        The identifier of the new message.
    """
    refers = f"{alert.sender},{alert.identifier},{cap_time(alert.sent)}"
    before = earlier([alert])
    return templates.new(kind, sent=sent, identifier=identifier, references=[refers], before=before)
