"""A small coder of ASN.1's packed encoding rules, aligned and unaligned, for the types warnings use.

A message type is a value made of the classes below; `encode` and `decode` walk it. Integers, lists
and strings are bounded as the specifications bound them. Decoding is strict: what does not fit its
bounds, ends early or leaves octets over is a WireError.

References
----------
.. [1] ITU-T X.691, Packed Encoding Rules (PER), 13 to 23 (types).
"""

from dataclasses import dataclass
from typing import Any, Protocol

from ewsim.errors import WireError
from ewsim.wire.bits import Reader, Writer


class Type(Protocol):
    """What every type does: put a value, get a value."""

    def put(self, to: Writer, value: Any) -> None:
        """Append a value."""

    def get(self, of: Reader) -> Any:
        """Take a value."""


@dataclass(frozen=True)
class Int:
    """A whole number within bounds."""

    low: int
    high: int

    def put(self, to: Writer, value: int) -> None:
        """Append a value."""
        if not self.low <= value <= self.high:
            raise WireError(f"{value} is not in {self.low} to {self.high}")
        to.whole(value - self.low, self.high - self.low)

    def get(self, of: Reader) -> int:
        """Take a value."""
        return self.low + of.whole(self.high - self.low)


@dataclass(frozen=True)
class Enum:
    """One of some names; `open`: later versions may add some."""

    names: tuple[str, ...]
    open: bool = False

    def put(self, to: Writer, value: str) -> None:
        """Append a value."""
        if self.open:
            to.put(0, 1)
        to.whole(self.names.index(value), len(self.names) - 1)

    def get(self, of: Reader) -> str:
        """Take a value."""
        if self.open and of.take(1):
            return f"later value {_small(of)}"
        return self.names[of.whole(len(self.names) - 1)]


@dataclass(frozen=True)
class Bits:
    """A bit string. Of one width its value is a number, else (number, width)."""

    low: int
    high: int = 0

    def put(self, to: Writer, value: Any) -> None:
        """Append a value."""
        number, width = value if self.high else (value, self.low)
        if not (self.low <= width <= (self.high or self.low) and 0 <= number < 1 << width):
            raise WireError(f"{number} does not fit {width} bits of {self.low} to {self.high or self.low}")
        if self.high:
            to.whole(width - self.low, self.high - self.low)
        if (self.high or self.low) > 16:
            to.align()
        to.put(number, width)

    def get(self, of: Reader) -> Any:
        """Take a value."""
        width = self.low + (of.whole(self.high - self.low) if self.high else 0)
        if (self.high or self.low) > 16:
            of.align()
        number = of.take(width)
        return (number, width) if self.high else number


@dataclass(frozen=True)
class Octets:
    """Octets: so many, between so many and so many, or without bounds (0)."""

    low: int = 0
    high: int = 0

    def put(self, to: Writer, value: bytes) -> None:
        """Append a value."""
        if not self.low:
            to.string(value)
            return
        if not self.low <= len(value) <= (self.high or self.low):
            raise WireError(f"{len(value)} octets, and {self.low} to {self.high or self.low} are allowed")
        if self.high:
            to.whole(len(value) - self.low, self.high - self.low)
        if (self.high or self.low) > 2:
            to.align()
        to.raw(value)

    def get(self, of: Reader) -> bytes:
        """Take a value."""
        if not self.low:
            return of.string()
        count = self.low + (of.whole(self.high - self.low) if self.high else 0)
        if (self.high or self.low) > 2:
            of.align()
        return of.raw(count)


@dataclass(frozen=True)
class ListOf:
    """One to `high` values of one type."""

    item: Type
    high: int = 65_535
    low: int = 1

    def put(self, to: Writer, value: list[Any]) -> None:
        """Append a value."""
        Int(self.low, self.high).put(to, len(value))
        for each in value:
            self.item.put(to, each)

    def get(self, of: Reader) -> list[Any]:
        """Take a value."""
        return [self.item.get(of) for _ in range(Int(self.low, self.high).get(of))]


@dataclass(frozen=True)
class Seq:
    """Named fields in order, as a dict; a name that ends with ? is optional. `open`: may grow."""

    fields: tuple[tuple[str, Type], ...]
    open: bool = True

    def put(self, to: Writer, value: dict[str, Any]) -> None:
        """Append a value; what later versions add is never written."""
        if self.open:
            to.put(0, 1)
        for name, _ in self.fields:
            if name.endswith("?"):
                to.put(name[:-1] in value, 1)
        for name, kind in self.fields:
            if (bare := name.rstrip("?")) in value or bare == name:
                kind.put(to, value[bare])

    def get(self, of: Reader) -> dict[str, Any]:
        """Take a value; what later versions added is passed over."""
        more = of.take(1) if self.open else 0
        here = {name[:-1]: of.take(1) for name, _ in self.fields if name.endswith("?")}
        found = {
            bare: kind.get(of)
            for name, kind in self.fields
            if here.get(bare := name.rstrip("?"), bare == name)
        }
        if more:
            count = 1 + _small(of)
            for _ in range(of.take(count).bit_count()):
                of.string()
        return found


@dataclass(frozen=True)
class Choice:
    """One of some named types, as (name, value); `more` are those a later version added."""

    options: tuple[tuple[str, Type], ...]
    more: tuple[tuple[str, Type], ...] = ()
    open: bool = True

    def put(self, to: Writer, value: tuple[str, Any]) -> None:
        """Append a value."""
        name, content = value
        known = [*self.options, *self.more]
        number = [each for each, _ in known].index(name)
        kind, later = known[number][1], number - len(self.options)
        if self.open:
            to.put(later >= 0, 1)
        if later < 0:
            to.whole(number, len(self.options) - 1)
            kind.put(to, content)
        else:
            to.put(later, 7)  # normally small, below 64
            to.string(encode(kind, content, aligned=to.aligned))

    def get(self, of: Reader) -> tuple[str, Any]:
        """Take a value."""
        if not (self.open and of.take(1)):
            name, kind = self.options[of.whole(len(self.options) - 1)]
            return name, kind.get(of)
        number = _small(of)
        content = of.string()
        if number >= len(self.more):
            return f"later choice {number}", content
        name, kind = self.more[number]
        return name, decode(kind, content, aligned=of.aligned)


def _small(of: Reader) -> int:
    """A normally small whole number (X.691 11.6); above 63 there is none in these protocols."""
    if of.take(1):
        raise WireError("a count of later additions is above 64")
    return of.take(6)


def encode(kind: Type, value: Any, *, aligned: bool) -> bytes:
    """A value as octets.

    Parameters
    ----------
    kind
        Its type.
    value
        What the type takes.
    aligned
        The variant of the rules: aligned between network elements, unaligned in RRC.
    """
    to = Writer(aligned=aligned)
    kind.put(to, value)
    return to.finish()


def decode(kind: Type, octets: bytes, *, aligned: bool) -> Any:
    """The value that octets hold; WireError for any that hold none.

    Parameters
    ----------
    kind
        Its type.
    octets
        The whole of it.
    aligned
        The variant of the rules.
    """
    of = Reader(octets, aligned=aligned)
    found = kind.get(of)
    of.finish()
    return found
