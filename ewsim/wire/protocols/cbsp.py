"""CBSP: a cell broadcast centre and its base station controllers (3GPP TS 48.049; TCP 48049).

A message is its type, three octets of length, and elements: an identifier each, then a value of
fixed length, or two octets of length and a list. SET-DRX, which nobody uses, is not modelled.

References
----------
.. [1] 3GPP TS 48.049 8.1.3 (messages), 8.2 (elements).
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ewsim.errors import WireError
from ewsim.wire.protocols.pages import Page, page_of

PORT: Final = 48049
HEADER_OCTETS: Final = 4

#: Octets of a cell in a list, by its discriminator (TS 48.049 8.2.6): CGI, LAC and CI, CI, LAI, LAC, all.
CELL_OCTETS: Final = {0: 7, 1: 4, 2: 2, 4: 5, 5: 2, 6: 0}
LAC_CI, ALL_CELLS = 1, 6


class Cell(NamedTuple):
    """A cell of a list: how it is written, its octets, and what is said of it.

    What is said: of a cell list nothing, of a failure list the cause, of a list of completed
    broadcasts their count and information in three octets, of a load list two loads.
    """

    kind: int
    octets: bytes = b""
    said: int = 0


class CbspElement(NamedTuple):
    """An element: its identifier; its octets, 0 for a list; of a list the octets said of each cell."""

    number: int
    octets: int
    said: int = 0


_ELEMENTS: Final = {
    "pages": CbspElement(1, 83),
    "old_serial_number": CbspElement(2, 2),
    "serial_number": CbspElement(3, 2),
    "cells": CbspElement(4, 0, 0),
    "category": CbspElement(5, 1),
    "repetition_period": CbspElement(6, 2),
    "broadcasts": CbspElement(7, 2),
    "completed": CbspElement(8, 0, 3),
    "failures": CbspElement(9, 0, 1),
    "loads": CbspElement(10, 0, 2),
    "cause": CbspElement(11, 1),
    "coding": CbspElement(12, 1),
    "recovery": CbspElement(13, 1),
    "message_identifier": CbspElement(14, 2),
    "emergency": CbspElement(15, 1),
    "warning_type": CbspElement(16, 2),
    "security": CbspElement(17, 50),
    "channel": CbspElement(18, 1),
    "page_count": CbspElement(19, 1),
    "schedule_period": CbspElement(20, 1),
    "reserved_slots": CbspElement(21, 1),
    "broadcast_type": CbspElement(22, 1),
    "warning_period": CbspElement(23, 1),
    "keep_alive_period": CbspElement(24, 1),
}
_NAMES: Final = {element.number: name for name, element in _ELEMENTS.items()}

_ID, _NEW, _OLD = "message_identifier", "serial_number", "old_serial_number"
_ANSWER: Final = (_ID, _NEW, "old_serial_number?", "completed?", "cells?", "channel?")
_KILLED: Final = (_ID, _OLD, "completed?", "cells?", "channel?")
#: Messages by name: their type, and their elements in order; a name that ends with ? is optional.
_MESSAGES: Final = {
    "WRITE-REPLACE": (
        1,
        (
            *(_ID, _NEW, "old_serial_number?", "cells", "channel?", "category?", "repetition_period?"),
            *("broadcasts?", "page_count?", "coding?", "pages?", "emergency?", "warning_type?"),
            *("security?", "warning_period?"),
        ),
    ),
    "WRITE-REPLACE COMPLETE": (2, _ANSWER),
    "WRITE-REPLACE FAILURE": (3, (_ID, _NEW, "old_serial_number?", "failures", *_ANSWER[3:])),
    "KILL": (4, (_ID, _OLD, "cells", "channel?")),
    "KILL COMPLETE": (5, _KILLED),
    "KILL FAILURE": (6, (_ID, _OLD, "failures", *_KILLED[2:])),
    "LOAD QUERY": (7, ("cells", "channel")),
    "LOAD QUERY COMPLETE": (8, ("loads", "channel")),
    "LOAD QUERY FAILURE": (9, ("failures", "channel", "loads?")),
    "MESSAGE STATUS QUERY": (10, (_ID, _OLD, "cells", "channel")),
    "MESSAGE STATUS QUERY COMPLETE": (11, (_ID, _OLD, "completed", "channel")),
    "MESSAGE STATUS QUERY FAILURE": (12, (_ID, _OLD, "failures", "channel", "completed?")),
    "RESET": (16, ("cells",)),
    "RESET COMPLETE": (17, ("cells",)),
    "RESET FAILURE": (18, ("failures", "cells?")),
    "RESTART": (19, ("cells", "broadcast_type", "recovery")),
    "FAILURE": (20, ("failures", "broadcast_type")),
    "ERROR INDICATION": (21, ("cause", f"{_ID}?", f"{_NEW}?", f"{_OLD}?", "channel?")),
    "KEEP-ALIVE": (22, ("keep_alive_period",)),
    "KEEP-ALIVE COMPLETE": (23, ()),
}
_BY_TYPE: Final = {number: (name, elements) for name, (number, elements) in _MESSAGES.items()}


def message_length(octets: bytes | bytearray) -> int:
    """How long the message at the start of a TCP stream is; 0: that cannot be said yet."""
    return HEADER_OCTETS + int.from_bytes(octets[1:4], "big") if len(octets) >= HEADER_OCTETS else 0


def encode(name: str, values: dict[str, Any]) -> bytes:
    """A message as octets; its elements by name, pages and cells as tuples."""
    number, elements = _MESSAGES[name]
    if strange := set(values) - {e.rstrip("?") for e in elements}:
        raise WireError(f"CBSP {name} has no element {min(strange)!r}")
    body = b""
    for element in elements:
        bare = element.rstrip("?")
        if bare in values:
            body += b"".join(_put(bare, each) for each in _each(bare, values[bare]))
        elif bare == element:
            raise WireError(f"CBSP {name} needs {bare}")
    return bytes([number]) + len(body).to_bytes(3, "big") + body


def _each(name: str, value: Any) -> tuple[Any, ...]:
    return tuple(value) if name == "pages" else (value,)


def _put(name: str, value: Any) -> bytes:
    number, octets, said = _ELEMENTS[name]
    if isinstance(value, Page):
        return bytes([number, value.used]) + value.octets
    if not octets:
        own = name == "failures"  # its cells have a discriminator each (8.2.11)
        head = b"" if own else bytes([value[0].kind])
        items = (bytes([c.kind] if own else []) + c.octets + c.said.to_bytes(said, "big") for c in value)
        content = head + b"".join(items)
        if len(content) >= 1 << 16:
            raise WireError(f"CBSP {name}: {len(value)} cells do not fit 65535 octets")
        return bytes([number]) + len(content).to_bytes(2, "big") + content
    return bytes([number]) + (value if isinstance(value, bytes) else value.to_bytes(octets, "big"))


def decode(octets: bytes) -> tuple[str, dict[str, Any]]:
    """A message's name and its elements; WireError for anything else."""
    try:
        return _decode(octets)
    except WireError as error:
        raise WireError(f"CBSP: {error}") from None


def _decode(octets: bytes) -> tuple[str, dict[str, Any]]:
    wanted = message_length(octets)
    if not wanted or wanted != len(octets):
        raise WireError(f"the message has {len(octets)} octets, and its header says {wanted or 'nothing'}")
    if octets[0] not in _BY_TYPE:
        raise WireError(f"message type {octets[0]} is not known")
    name, elements = _BY_TYPE[octets[0]]
    found: dict[str, Any] = {}
    for element, value in _elements(octets[HEADER_OCTETS:]):
        if element not in elements and f"{element}?" not in elements:
            raise WireError(f"{name} may not have {element}")
        if element == "pages":
            found[element] = (*found.get(element, ()), value)
        elif element in found:
            raise WireError(f"{name} has {element} twice")
        else:
            found[element] = value
    if missing := [e for e in elements if not e.endswith("?") and e not in found]:
        raise WireError(f"{name} has no {', '.join(missing)}")
    return name, found


def _elements(body: bytes) -> Iterator[tuple[str, Any]]:
    at = 0
    while at < len(body):
        if body[at] not in _NAMES:
            raise WireError(f"element {body[at]} is not known")
        name = _NAMES[body[at]]
        _, count, said = _ELEMENTS[name]
        at += 1
        if not count:
            count = int.from_bytes(body[at : at + 2], "big")
            at += 2
        value = body[at : at + count]
        if len(value) < count or at > len(body):
            raise WireError(f"{name} has {count} octets, and {len(value)} are left")
        at += count
        if name == "pages":
            yield name, page_of(value[1:], value[0])
        elif not _ELEMENTS[name].octets:
            yield name, _cells(name, value, said)
        else:
            yield name, value if count > 2 else int.from_bytes(value, "big")


def _cells(name: str, octets: bytes, said: int) -> tuple[Cell, ...]:
    """A list of cells; a failure list says of each how it is written (8.2.11)."""
    found: list[Cell] = []
    kind, at = -1, 0
    while at < len(octets):
        if name == "failures" or kind < 0:
            kind, at = octets[at] & 0xF, at + 1
        if kind not in CELL_OCTETS:
            raise WireError(f"{name} has cells of kind {kind}, and {list(CELL_OCTETS)} are allowed")
        middle = at + CELL_OCTETS[kind]
        end = middle + said
        if end > len(octets) or (end == at and end < len(octets)):
            raise WireError(f"{name} does not end with a whole cell")
        found.append(Cell(kind, octets[at:middle], int.from_bytes(octets[middle:end], "big")))
        at = end
    if not found:
        raise WireError(f"{name} has no cells")
    return tuple(found)


def lac_ci(tracking_area: int, cell: int) -> bytes:
    """A cell as location area and cell identity (discriminator 1)."""
    return (tracking_area & 0xFFFF).to_bytes(2, "big") + (cell & 0xFFFF).to_bytes(2, "big")
