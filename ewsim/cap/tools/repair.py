"""Safe fixes: what can be put right without asking what the author meant.

Nothing here changes what a message says: elements go into the schema's order, empty optional
elements go away, rings are closed, times get the numeric offset CAP wants, words get their case.
What needs a decision (a missing offset, swapped coordinates, a crossing ring) is left alone, and so
is every character that no fix is about.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from ewsim.cap.reader import must_hold_alert
from ewsim.cap.xml import content, values
from ewsim.cap.xml.document import XmlDocument, read_document
from ewsim.cap.xml.markup import Span, spans
from ewsim.cap.xml.node import SIGNATURE, VERSIONS, Node
from ewsim.errors import Diagnostic

_TIMES: Final = ("sent", "effective", "onset", "expires")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|z|[+-]\d\d:?\d\d)")
_LINE_END: Final = re.compile(r"[^\n\r]*(?:\r\n|\n|\r)|[^\n\r]+")
_ENCODING: Final = re.compile(r"(<\?xml\b[^>]*?encoding\s*=\s*[\"'])([^\"']*)")
#: What stands before an element alone on its line, and that a line ends here.
_LINE_ENDS: Final = re.compile(r"\s*[\n\r]")
_LAST_LINE: Final = re.compile(r"(?:\r\n|\n|\r)?[ \t]*$")


@dataclass(frozen=True, slots=True)
class Repair:
    """A fixed message: its text, each fix with the line it was made at, and whether signed."""

    file: str
    before: str
    after: str
    fixes: tuple[Diagnostic, ...]
    signed: bool

    def diff(self) -> str:
        """The fixes as a unified diff; empty when there is nothing to fix."""
        lines = difflib.unified_diff(
            _LINE_END.findall(self.before), _LINE_END.findall(self.after), self.file, f"{self.file} (fixed)"
        )
        whole = (line if line[-1:] in "\n\r" else f"{line}\n\\ No newline at end of file\n" for line in lines)
        return "".join(whole)


def repair_message(source: bytes, file: str) -> Repair:
    """Fix one message, or every message of a feed or envelope.

    Raises
    ------
    CapError
        The file is no XML, or holds no alert.
    """
    document = read_document(source, file)
    must_hold_alert(document)
    fixer = _Fixer(document, spans(document.text))
    after, done = "", 0
    for node in document.alerts:
        span = fixer.spans[node.index]
        version = VERSIONS[node.namespace]
        fixed = fixer.element(node, content.ALERT[version], version)
        after += document.text[done : span.start] + fixed
        done = span.end
    after += document.text[done:]
    fixes = sorted(fixer.fixes, key=lambda fix: (fix.line, fix.column))
    signed = any(c.namespace == SIGNATURE for node in document.alerts for c in node.children)
    return Repair(file, document.text, _utf8(after) if fixes else after, tuple(fixes), signed)


def _utf8(text: str) -> str:
    """The declaration says what is written."""
    match = _ENCODING.match(text)
    if match is None or match[2].lower() in ("utf-8", "utf8"):
        return text
    return f"{match[1]}UTF-8{text[match.end() :]}"


@dataclass
class _Fixer:
    """Writes elements again; what needs no fix is copied, character by character."""

    document: XmlDocument
    spans: list[Span]
    fixes: list[Diagnostic] = field(default_factory=list)

    def element(self, node: Node, model: content.Children, version: str) -> str:
        """An element with children: those, fixed, without the empty ones, in order."""
        text, span = self.document.text, self.spans[node.index]
        gaps, chunks, kept = [""], [], []
        at = span.inner
        for child in node.children:
            place = self.spans[child.index]
            gaps[-1] += text[at : place.start]
            at = place.end
            slot = _slot(child, node, model)
            chunk = text[place.start : place.end]
            if slot is not None and isinstance(slot.content, content.Children):
                chunk = self.element(child, slot.content, version)
            elif slot is not None and self.is_empty(child) and slot.least == 0:
                self.note(child, "empty, and optional: taken out")
                if _LINE_ENDS.match(text, at):
                    gaps[-1] = _LAST_LINE.sub("", gaps[-1])
                continue
            elif slot is not None:
                chunk = self.value(child, slot, version, chunk)
            gaps.append("")
            chunks.append(chunk)
            kept.append(child)
        gaps[-1] += text[at : span.close]
        chunks = self.sorted(kept, chunks, gaps, node, model)
        inner = "".join(gap + chunk for gap, chunk in zip(gaps, [*chunks, ""], strict=True))
        return text[span.start : span.inner] + inner + text[span.close : span.end]

    def is_empty(self, node: Node) -> bool:
        """Whether an element says nothing, not even in a comment."""
        span = self.spans[node.index]
        inner = self.document.text[span.inner : span.close]
        return not node.children and not node.text.strip() and "<!--" not in inner

    def value(self, node: Node, slot: content.Slot, version: str, chunk: str) -> str:
        """An element of text, with its text fixed."""
        new, said = _value(node.text, slot, version)
        if new == node.text:
            return chunk
        self.note(node, said)
        span = self.spans[node.index]
        head, tail = span.inner - span.start, span.close - span.start
        raw = chunk[head:tail]
        plain = raw.replace("\r\n", "\n").replace("\r", "\n")
        if slot.name == "polygon" and plain == node.text:  # keep the lines of the ring
            cut = len(raw.rstrip())
            added = new[len(plain.rstrip()) : len(new) - len(plain) + len(plain.rstrip())]
            return chunk[: head + cut] + added + chunk[head + cut :]
        return chunk[:head] + escape(new) + chunk[tail:]

    def sorted(
        self,
        children: Sequence[Node],
        chunks: list[str],
        gaps: Sequence[str],
        parent: Node,
        model: content.Children,
    ) -> list[str]:
        """The children in the schema's order; the white space between them stays where it is."""
        places = [_place(child, parent, model) for child in children]
        if None in places or any("<" in gap for gap in gaps):
            return chunks  # a comment belongs to what stands after it: nobody knows where to
        order = sorted(range(len(children)), key=lambda n: places[n] or 0)
        if order == list(range(len(children))):
            return chunks
        first = next(n for n in range(1, len(places)) if (places[n] or 0) < (places[n - 1] or 0))
        self.note(children[first], "put where the schema wants it")
        return [chunks[n] for n in order]

    def note(self, node: Node, said: str) -> None:
        place = self.document.place(node)
        message = f"<{node.name}>: {said}"
        self.fixes.append(Diagnostic(self.document.file, place.line, place.column, message, "", "info"))


def _slot(child: Node, parent: Node, model: content.Children) -> content.Slot | None:
    if child.namespace != parent.namespace or child.name not in model.place:
        return None
    return model.slots[model.place[child.name]]


def _value(text: str, slot: content.Slot, version: str) -> tuple[str, str]:
    """The text of an element, fixed, and what was done."""
    new, said = text, ""
    if isinstance(slot.content, content.Word) and text not in slot.content.words:
        folded = {word.casefold(): word for word in slot.content.words}
        if version != "1.0":
            folded["very likely"] = "Likely"
        new = folded.get(" ".join(text.split()).casefold(), text)
        said = f"{text!r} is written {new!r}"
    elif slot.name in _TIMES and version == "1.2":
        new = _time(text)
        said = f"{text.strip()!r} is written {new!r}"
    elif slot.name == "polygon":
        points = values.read_points(text)
        if points and len(points) >= 3 and points[0] != points[-1]:
            new = f"{text.rstrip()} {text.split(maxsplit=1)[0]}" + text[len(text.rstrip()) :]
            said = "the ring is closed"
    return new, said


def _time(text: str) -> str:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return text
    day, clock, offset = match.groups()
    if offset in "Zz":
        offset = "-00:00"
    if ":" not in offset:
        offset = f"{offset[:3]}:{offset[3:]}"
    new = f"{day}T{clock}{'-00:00' if offset == '+00:00' else offset}"
    return new if values.is_date_time_12(new) else text


def _place(child: Node, parent: Node, model: content.Children) -> int | None:
    if child.namespace == SIGNATURE:
        return len(model.slots)
    if child.namespace != parent.namespace:
        return None
    return model.place.get(child.name)
