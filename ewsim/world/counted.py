"""Details of events that count people or phones: those of shards add up before they are written."""

from __future__ import annotations

from typing import NamedTuple


class Counted(NamedTuple):
    """A detail with whole numbers in it: `text` has a place for each, as `str.format` knows it."""

    text: str
    counts: tuple[int, ...]

    def __str__(self) -> str:
        return self.text.format(*self.counts)

    def plus(self, other: Counted) -> Counted:
        """The same detail of both."""
        return Counted(self.text, tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)))


def plain(text: str) -> str:
    """A name as part of `Counted.text`."""
    return text.replace("{", "{{").replace("}", "}}")
