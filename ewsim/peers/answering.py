"""What every peer does with a request: find its cells, do it or refuse it, answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ewsim.peers.air import Air
from ewsim.peers.directory import Named
from ewsim.wire.protocols.causes import CAUSES
from ewsim.wire.speaking import Utterance, said

#: Sends an answer on the connection that the request came on.
Say: TypeAlias = Callable[[Utterance], None]

UNRECOGNISED: Final = "unrecognised message"


class Request(NamedTuple):
    """A request with the cells that it names, shape (cells,), and the entries that name none."""

    name: str
    fields: dict[str, Any]
    cells: NDArray[np.int64]
    unknown: list[Any]


def error_name(protocol: str) -> str:
    """What a protocol calls the report of an error."""
    return "ERROR INDICATION" if protocol == "CBSP" else "Error-Indication"


class Peer(ABC):
    """What the peers have in common."""

    protocol = ""

    def __init__(self, air: Air, say: Say) -> None:
        self.air, self.say = air, say

    def take(self, name: str, fields: dict[str, Any]) -> str:
        """Do what a message asks; what it was."""
        method = self.methods().get(name)
        if method is None:
            if not name.casefold().endswith(("complete", "response", "indication", "failure")):
                self.send(error_name(self.protocol), {"cause": self.cause_code(UNRECOGNISED)})
            return name
        found = self.named(fields)
        method(Request(name, fields, found.cells, found.unknown))
        missing = f", {len(found.unknown)} unknown entries" if found.unknown else ""
        return f"{name}: {found.cells.size} cells{missing}"

    @abstractmethod
    def methods(self) -> dict[str, Callable[[Request], None]]:
        """What answers each request."""

    @abstractmethod
    def named(self, fields: dict[str, Any]) -> Named:
        """The cells that a message names."""

    def cause_code(self, text: str) -> int:
        """The number of a cause."""
        return CAUSES[self.protocol].index(text)

    def send(self, name: str, values: dict[str, Any]) -> None:
        """Send an answer."""
        self.say(said(self.protocol, name, values))
