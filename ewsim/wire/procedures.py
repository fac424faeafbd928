"""Messages made of numbered information elements: what SABP, SBc-AP, S1AP and NGAP have in common.

A message is a procedure's request, its outcome or its failure; inside are elements, each with its
number, what to do when it is not understood, and its value. A protocol is a table of messages.

References
----------
.. [1] 3GPP TS 25.419 9.3, TS 29.168 4.4, TS 36.413 9.3, TS 38.413 9.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from ewsim.errors import OtherMessage, WireError
from ewsim.wire.bits import Reader, Writer
from ewsim.wire.per import Enum, Int, ListOf, Octets, Seq, Type, decode, encode

CRITICALITY: Final = Enum(("reject", "ignore", "notify"))
_KINDS: Final = ("request", "outcome", "failure")
_ROWS_KEPT: Final = 1000
_NUMBER: Final = Int(0, 65_535)
_ANY: Final = Octets()
_ELEMENT: Final = Seq((("id", _NUMBER), ("criticality", CRITICALITY), ("value", _ANY)), open=False)
#: iE-Extensions: passed through as they are.
EXTENSIONS: Final = ListOf(_ELEMENT)


def open_seq(*fields: tuple[str, Type]) -> Seq:
    """A sequence that ends with optional iE-Extensions and may grow, as nearly all do."""
    return Seq((*fields, ("extensions?", EXTENSIONS)))


class ElementType(NamedTuple):
    """An information element of a message: a name that ends with ? is optional."""

    name: str
    number: int
    criticality: str
    type: Type


class MessageType(NamedTuple):
    """A message: its procedure, whether it is a request, an outcome or a failure, its elements."""

    name: str
    procedure: int
    kind: str
    criticality: str
    elements: tuple[ElementType, ...]
    extensions: tuple[ElementType, ...] = ()


#: The elements of a protocol by name: number, what to do where it is not understood, type.
ElementTable: TypeAlias = dict[str, tuple[int, str, Type]]


def message_types(elements: ElementTable, table: dict[str, tuple[int, str, str]]) -> tuple[MessageType, ...]:
    """The messages of a table: each its procedure, its kind, and the names of its elements.

    A name that ends with ? is optional; ~ before a name: here it may be ignored; + before a name: it is
    one of the protocolExtensions. The kind `indication` is a request without an answer.
    """
    made = []
    for name, (procedure, kind, names) in table.items():
        rows: list[ElementType] = []
        more: list[ElementType] = []
        for each in names.split():
            number, criticality, type_ = elements[each.strip("+~?")]
            criticality = "ignore" if each[0] == "~" else criticality
            into = more if each[0] == "+" else rows
            into.append(ElementType(each.strip("+~"), number, criticality, type_))
        ends = kind == "indication"
        criticality, kind = ("ignore", "request") if ends else ("reject", kind)
        made.append(MessageType(name, procedure, kind, criticality, tuple(rows), tuple(more)))
    return tuple(made)


@dataclass(frozen=True)
class Application:
    """A protocol of such messages; `extended`: its messages may have protocolExtensions."""

    name: str
    messages: tuple[MessageType, ...]
    extended: bool = False
    _rows: dict[tuple[int, int | str | bytes], bytes] = field(default_factory=dict, repr=False, compare=False)

    def encode(self, name: str, values: dict[str, Any]) -> bytes:
        """A message as octets; its elements by name."""
        message = next(m for m in self.messages if m.name == name)
        known, added = (
            [(e, e.name.rstrip("?")) for e in each] for each in (message.elements, message.extensions)
        )
        if strange := set(values) - {bare for _, bare in (*known, *added)}:
            raise WireError(f"{self.name} {name} has no element {min(strange)!r}")
        if missing := [bare for e, bare in known if bare == e.name and bare not in values]:
            raise WireError(f"{self.name} {name} needs {', '.join(missing)}")
        rows = [self._row(e, values[bare]) for e, bare in known if bare in values]
        more = [self._row(e, values[bare]) for e, bare in added if bare in values]
        inner = Writer(aligned=True)
        inner.put(bool(more), 2 if self.extended else 1)
        inner.whole(len(rows), 65_535)
        inner.raw(b"".join(rows))
        if more:
            Int(1, 65_535).put(inner, len(more))
            inner.align()
            inner.raw(b"".join(more))
        outer = Writer(aligned=True)
        outer.put(0, 1)
        outer.whole(_KINDS.index(message.kind), 2)
        outer.whole(message.procedure, 255)
        CRITICALITY.put(outer, message.criticality)
        outer.string(inner.finish())
        return outer.finish()

    def _row(self, element: ElementType, value: Any) -> bytes:
        """An element in its frame; plain values are kept, because a burst repeats most of them."""
        plain = isinstance(value, int | str | bytes)
        key = (element.number, value) if plain else None
        if key is None or key not in self._rows:
            octets = encode(element.type, value, aligned=True)
            row = {"id": element.number, "criticality": element.criticality, "value": octets}
            made = encode(_ELEMENT, row, aligned=True)
            if key is None:
                return made
            if len(self._rows) > _ROWS_KEPT:
                self._rows.clear()
            self._rows[key] = made
        return self._rows[key]

    def decode(self, octets: bytes) -> tuple[str, dict[str, Any]]:
        """A message's name and its elements; WireError for anything else."""
        try:
            return self._decode(octets)
        except WireError as error:
            raise type(error)(f"{self.name}: {error}") from None

    def _decode(self, octets: bytes) -> tuple[str, dict[str, Any]]:
        outer = Reader(octets, aligned=True)
        if outer.take(1):
            raise WireError("it is a kind of message that only later versions know")
        kind, procedure = _KINDS[outer.whole(2)], outer.whole(255)
        CRITICALITY.get(outer)
        content = outer.string()
        outer.finish()
        for message in self.messages:
            if (message.procedure, message.kind) == (procedure, kind):
                return message.name, dict(self._elements(message, content))
        raise OtherMessage(f"the {kind} of procedure {procedure} is not about warnings")

    def _elements(self, message: MessageType, content: bytes) -> Iterator[tuple[str, Any]]:
        inner = Reader(content, aligned=True)
        more, extensions = inner.take(1), inner.take(1) if self.extended else 0
        expected = {element.number: element for element in (*message.elements, *message.extensions)}
        seen = set()
        rows = [_ELEMENT.get(inner) for _ in range(inner.whole(65_535))]
        if extensions:
            rows += EXTENSIONS.get(inner)
        if not more:
            inner.finish()
        for row in rows:
            number = row["id"]
            if number in seen:
                raise WireError(f"{message.name} has element {number} twice")
            seen.add(number)
            if number not in expected:
                if row["criticality"] == "reject":
                    raise WireError(f"{message.name} has element {number}, which is not known and must be")
                yield f"unknown element {number}", row["value"]
                continue
            name = expected[number].name.rstrip("?")
            try:
                yield name, decode(expected[number].type, row["value"], aligned=True)
            except WireError as error:
                raise WireError(f"{message.name}, {name}: {error}") from None
        missing = [e.name for e in message.elements if e.number not in seen and not e.name.endswith("?")]
        if missing:
            raise WireError(f"{message.name} has no {', '.join(missing)}")
