"""The tags of a text: where each element begins and ends, so that places and changes are exact.

The one place that splits XML source by itself. libxml2 keeps no columns and no offsets, so the
places of elements come from here. Except for `prolog_end`, the texts have been parsed before: they
are well-formed and have no document type declaration.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_COMMENT: Final = "<!--.*?-->"
_CDATA: Final = r"<!\[CDATA\[.*?\]\]>"
_INSTRUCTION: Final = r"<\?.*?\?>"
_TAG: Final = re.compile(r"""<(/?)[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
#: Comments, CDATA sections and instructions have no group; an end tag has `/` in it.
_MARKUP: Final = re.compile(f"{_COMMENT}|{_CDATA}|{_INSTRUCTION}|{_TAG.pattern}", re.DOTALL)
#: The same for start tags alone, up to the first letter of the name: no attribute holds a `<`.
_STARTS: Final = re.compile(f"{_COMMENT}|{_CDATA}|{_INSTRUCTION}|<([^/!?])", re.DOTALL)
#: The same where nothing can hide a `<`.
_PLAIN_STARTS: Final = re.compile("<[^/?]")
#: White space, instructions and comments; never tried twice, whatever the text is.
_PROLOG: Final = re.compile(rf"(?:\s+|<\?[^?]*+(?:\?(?!>)[^?]*+)*\?>|{_COMMENT})*", re.DOTALL)


@dataclass(slots=True)
class Span:
    """The characters of one element: `start` to `end`, its content from `inner` to `close`."""

    start: int
    inner: int
    close: int
    end: int


def prolog_end(text: str) -> int:
    """Where the root element, or a document type declaration, begins in any text."""
    match = _PROLOG.match(text)
    return match.end() if match else 0


def starts(text: str) -> Iterator[int]:
    """Where each start tag begins, in document order."""
    declared = text.find("?>") + 2 if text.startswith("<?xml ") else 0
    # a search for one character costs nothing, and most texts hold neither
    instructed = text.find("?", declared) >= 0 and text.find("<?", declared) >= 0
    hidden = instructed or ("!" in text and "<!" in text)
    if hidden:
        return (match.start() for match in _STARTS.finditer(text) if match.lastindex)
    return map(re.Match.start, _PLAIN_STARTS.finditer(text))


def tag_end(text: str, start: int) -> int:
    """Where the tag ends that begins at `start`."""
    end = text.find(">", start) + 1
    if "=" not in text[start:end]:  # no attribute, so no quotes that could hold a >
        return end
    match = _TAG.match(text, start)
    return match.end() if match else start


def spans(text: str, start: int = 0, *, first: bool = False) -> list[Span]:
    """The spans of all elements from a start tag on, in document order.

    Parameters
    ----------
    text
        A well-formed document.
    start
        Number of the character to begin at.
    first
        Whether to stop at the end of the element that begins at `start`.
    """
    found: list[Span] = []
    open_: list[Span] = []
    for match in _MARKUP.finditer(text, start):
        slash = match[1]
        if slash is None:
            continue
        if slash:
            span = open_.pop()
            span.close, span.end = match.span()
        else:
            end = match.end()
            span = Span(match.start(), end, end, end)
            found.append(span)
            if not match[0].endswith("/>"):
                open_.append(span)
        if first and not open_:
            break
    return found


def cut(text: str, start: int) -> str:
    """The element that begins at a start tag, as it is written."""
    span = spans(text, start, first=True)[0]
    return text[span.start : span.end]
