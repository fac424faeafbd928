"""Where each element of a text begins and ends, so that a change touches nothing else.

For texts that a parser has read before: they are well-formed, and have no document type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: Comments, CDATA sections and instructions have no group; an end tag has `/` in it.
_MARKUP: Final = re.compile(
    r"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>
    |<(/?)[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(slots=True)
class Span:
    """The characters of one element: `start` to `end`, what is in it from `inner` to `close`."""

    start: int
    inner: int
    close: int
    end: int


def spans(text: str, start: int = 0, *, first: bool = False) -> list[Span]:
    """The spans of all elements from a start tag on, in document order.

    Parameters
    ----------
    first
        End with the element that begins at `start`.
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
