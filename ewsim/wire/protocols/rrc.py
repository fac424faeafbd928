"""System information on the radio: SIB10 to 12 of LTE and SIB6 to 8 of NR, in segments.

Unaligned PER. Only messages that hold nothing but warnings are read: base stations send them in
system information of their own.

References
----------
.. [1] 3GPP TS 36.331 5.2.2.17 to 19, 6.2.2, 6.3.1 (SystemInformationBlockType10, 11, 12).
.. [2] 3GPP TS 38.331 5.2.2.4.7 to 9, 6.2.2, 6.3.1 (SIB6, SIB7, SIB8).
"""

from typing import Any, Final, Literal, NamedTuple

from ewsim.errors import OtherMessage, WireError
from ewsim.wire.per import Bits, Choice, Enum, Int, ListOf, Octets, Seq, Type, decode, encode

Rat = Literal["4G", "5G"]
#: Segments of one message (warningMessageSegmentNumber).
MAX_SEGMENTS: Final = 64

_ANY: Final = Octets()
_HEAD: Final = (("message_identifier", Bits(16)), ("serial_number", Bits(16)))
_SEGMENT: Final = (
    *_HEAD,
    ("type", Enum(("not_last", "last"))),
    ("number", Int(0, MAX_SEGMENTS - 1)),
    ("segment", _ANY),
    ("coding?", Octets(1)),
)
_LATE: Final = ("late?", _ANY)
_NOTHING: Final = Seq((), open=False)


def _other(name: str) -> tuple[str, Type]:
    return name, _NOTHING


_LTE_BLOCKS: Final = Choice(
    (
        *(_other(f"SIB{n}") for n in range(2, 10)),
        ("SIB10", Seq((*_HEAD, ("warning_type", Octets(2)), ("security?", Octets(50))))),
        ("SIB11", Seq(_SEGMENT)),
    ),
    more=(("SIB12", Seq((*_SEGMENT, _LATE))),),
)
_NR_BLOCKS: Final = Choice(
    (
        *(_other(f"SIB{n}") for n in range(2, 6)),
        ("SIB6", Seq((*_HEAD, ("warning_type", Octets(2)), _LATE))),
        ("SIB7", Seq((*_SEGMENT, _LATE))),
        ("SIB8", Seq((*_SEGMENT, ("coordinates?", _ANY), _LATE))),
        _other("SIB9"),
    )
)


def _message(blocks: Choice, *later: tuple[str, Type]) -> Type:
    """BCCH-DL-SCH-Message with a SystemInformation of these blocks."""
    inside = Seq((("blocks", ListOf(blocks, 32)), *later, _other("more?")), open=False)
    versions = Choice((("first", inside), _other("later")), open=False)
    information = Seq((("version", versions),), open=False)
    kinds = Choice((("information", information), _other("SIB1")), open=False)
    return Choice((("known", kinds), _other("later")), open=False)


_MESSAGES: Final[dict[Rat, Type]] = {"4G": _message(_LTE_BLOCKS), "5G": _message(_NR_BLOCKS, _LATE)}
#: Each block's name: ETWS primary, ETWS secondary, all other warnings.
BLOCKS: Final[dict[Rat, tuple[str, str, str]]] = {
    "4G": ("SIB10", "SIB11", "SIB12"),
    "5G": ("SIB6", "SIB7", "SIB8"),
}


class Block(NamedTuple):
    """A block of system information: its name, and its fields."""

    name: str
    fields: dict[str, Any]


def encode_information(rat: Rat, block: Block) -> bytes:
    """A broadcast message of system information with one block."""
    inside = ("information", {"version": ("first", {"blocks": [tuple(block)]})})
    return encode(_MESSAGES[rat], ("known", inside), aligned=False)


def decode_information(rat: Rat, octets: bytes) -> list[Block]:
    """The blocks of a broadcast message; WireError where it is not about warnings."""
    try:
        message = decode(_MESSAGES[rat], octets, aligned=False)[1]
    except WireError as error:
        raise WireError(f"{rat} system information: {error}") from None
    version = message[1].get("version") if message else None
    blocks = version[1].get("blocks", ()) if version else ()
    if not blocks or any(name not in BLOCKS[rat] for name, _ in blocks):
        raise OtherMessage(f"{rat} system information: it is not about warnings")
    return [Block(*each) for each in blocks]


def segments(contents: bytes, size: int) -> list[bytes]:
    """What is broadcast, in pieces of at most `size` octets."""
    pieces = [contents[n : n + size] for n in range(0, len(contents), size)]
    if len(pieces) > MAX_SEGMENTS:
        raise WireError(f"{len(contents)} octets make {len(pieces)} segments of {size}; 64 are allowed")
    return pieces


def warning_blocks(
    rat: Rat, head: dict[str, int], coding: int, contents: bytes, size: int, *, etws: bool = False
) -> list[Block]:
    """The blocks of a message, a segment each; the first says the data coding scheme.

    Parameters
    ----------
    rat
        LTE or NR.
    head
        `message_identifier` and `serial_number`.
    coding
        The data coding scheme.
    contents
        The pages as CB data.
    size
        The most octets of a segment [octets].
    etws
        Whether it is a secondary notification of ETWS.
    """
    name = BLOCKS[rat][1 if etws else 2]
    pieces = segments(contents, size)
    return [
        Block(
            name,
            {**head, "type": "last" if n == len(pieces) - 1 else "not_last", "number": n, "segment": piece}
            | ({} if n else {"coding": bytes([coding])}),
        )
        for n, piece in enumerate(pieces)
    ]


class Assembly:
    """Segments of one message as they come; complete once each number up to the last one is there."""

    def __init__(self) -> None:
        self.pieces: dict[int, bytes] = {}
        self.count = 0
        self.coding: int | None = None

    def add(self, block: Block) -> bytes | None:
        """Take a segment; the contents once all are there. Segments that disagree are a WireError."""
        fields, number = block.fields, block.fields["number"]
        if self.pieces.setdefault(number, fields["segment"]) != fields["segment"]:
            raise WireError(f"{block.name} has two different segments {number}")
        if fields["type"] == "last":
            if self.count not in (0, number + 1):
                raise WireError(f"{block.name} has two last segments, {self.count - 1} and {number}")
            self.count = number + 1
        if "coding" in fields:
            self.coding = fields["coding"][0]
        if self.count and max(self.pieces) >= self.count:
            raise WireError(f"{block.name} has segment {max(self.pieces)} after its last, {self.count - 1}")
        if len(self.pieces) != self.count:
            return None
        return b"".join(self.pieces[n] for n in range(self.count))
